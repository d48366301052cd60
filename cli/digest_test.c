/* cli/digest_test.c - names of contents: equal for equal, else different. */
#include "digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void shown(const char *a, const char *b, char dst[DIGEST_TEXT])
{
    struct digest digest;
    digest_init(&digest);
    digest_text(&digest, a);
    digest_text(&digest, b);
    digest_show(digest, dst);
}

static void equal_contents_have_one_name(void **state)
{
    (void)state;
    char x[DIGEST_TEXT], y[DIGEST_TEXT];
    shown("ab", "c", x);
    shown("ab", "c", y);
    assert_string_equal(x, y);
    assert_int_equal(strlen(x), 32);
    assert_int_equal(strspn(x, "0123456789abcdef"), 32);
}

static void a_border_between_texts_counts(void **state)
{
    (void)state;
    char x[DIGEST_TEXT], y[DIGEST_TEXT];
    shown("ab", "c", x);
    shown("a", "bc", y);
    assert_string_not_equal(x, y);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void all_differ(char (*name)[DIGEST_TEXT], size_t n)
{
    qsort(name, n, DIGEST_TEXT, compare);
    for (size_t i = 1; i < n; i++)
        assert_string_not_equal(name[i - 1], name[i]);
}

static void a_hundred_thousand_near_texts_differ(void **state)
{
    (void)state;
    enum { N = 100000 };
    char(*name)[DIGEST_TEXT] = calloc(N, DIGEST_TEXT);
    char text[16];
    assert_non_null(name);
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "%d", i);
        shown(text, "", name[i]);
        name[i][16] = '\0'; /* the first half must do */
    }
    all_differ(name, N);
    free(name);
}

/* Any two bits of three words and of what is behind them, so that no bit takes
 * another one back. */
static void two_bits_make_another_name(void **state)
{
    (void)state;
    enum { BYTES = 27, BITS = 8 * BYTES, N = BITS * (BITS - 1) / 2 };
    char(*name)[DIGEST_TEXT] = calloc(N, DIGEST_TEXT);
    size_t n = 0;
    assert_non_null(name);
    for (int i = 0; i < BITS; i++)
        for (int k = 0; k < i; k++) {
            unsigned char bytes[BYTES] = { 0 };
            struct digest digest;
            bytes[i / 8] ^= (unsigned char)(1 << i % 8);
            bytes[k / 8] ^= (unsigned char)(1 << k % 8);
            digest_init(&digest);
            digest_add(&digest, bytes, sizeof bytes);
            digest_show(digest, name[n]);
            name[n++][16] = '\0';
        }
    assert_int_equal(n, N);
    all_differ(name, N);
    free(name);
}

static void a_missing_file_has_no_digest(void **state)
{
    (void)state;
    struct digest digest;
    digest_init(&digest);
    assert_int_equal(digest_file(&digest, "/nonexistent/x"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_contents_have_one_name),
        cmocka_unit_test(a_border_between_texts_counts),
        cmocka_unit_test(a_hundred_thousand_near_texts_differ),
        cmocka_unit_test(two_bits_make_another_name),
        cmocka_unit_test(a_missing_file_has_no_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
