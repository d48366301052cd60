/* base/test.h - what every unit test needs of cmocka: its headers in their
 * order, a test as a sentence, slices compared with both values shown. Only
 * for *_test.c files. */
#ifndef RIV_BASE_TEST_H
#define RIV_BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rivulet.h>

/* RIV_TEST(a_last_line_without_newline_counts) { ... } */
#define RIV_TEST(sentence) \
    static void sentence(void **riv_state __attribute__((unused)))

#define RIV_CASE(sentence) cmocka_unit_test(sentence)

/* return RIV_RUN(tests); in main, over an array of cases. */
#define RIV_RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

/* Leaves a test that this machine cannot run, and says why. cmocka's skip()
 * prints "not ok", which test runners count as a failure. */
#define RIV_TEST_SKIP(why) \
    do { \
        print_message("# skipped: %s\n", (why)); \
        return; \
    } while (0)

/* How many times slower a test is here: sweeps take so many fewer steps. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { RIV_TEST_SLOWNESS = 7 };
#else
enum { RIV_TEST_SLOWNESS = 1 };
#endif

/* The n bytes at p are exactly the text. */
#define assert_text_n(p, n, text) \
    do { \
        char riv_have[512]; \
        assert_in_range((n), 0, sizeof riv_have - 1); \
        memcpy(riv_have, (p), (n)); \
        riv_have[(n)] = '\0'; \
        assert_string_equal(riv_have, (text)); \
    } while (0)

#endif
