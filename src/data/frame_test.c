/* data/frame_test.c - lines out of bytes: the rules, and that the fast form
 * gives the same rows as the plain one. */
#include "data/frame.h"

#include <stdlib.h>

#include "data/fixture.h"

static riv_str rows[2 * RIV__CHUNK_ROWS];

/* A copy on the heap with exactly the 64 bytes behind it that are promised, so
 * that a sanitizer sees any read beyond. */
static char *heap(const char *bytes, size_t n)
{
    char *p = malloc(n + RIV__SLACK);
    assert_non_null(p);
    memcpy(p, bytes, n);
    memset(p + n, '\n', RIV__SLACK); /* newlines that must not count */
    return p;
}

static void is_row(size_t i, const char *bytes, size_t n)
{
    assert_int_equal(rows[i].n, n);
    assert_memory_equal(rows[i].p, bytes, n);
}

static void lines_come_without_their_newline(void **state)
{
    (void)state;
    char *bytes = heap("one\n\ntwo\r\nthree", 15);
    const char *p = bytes;
    assert_int_equal(riv__frame_lines(&p, bytes + 15, rows, 100), 3);
    is_row(0, "one", 3);
    is_row(1, "", 0);
    is_row(2, "two\r", 4);
    assert_ptr_equal(p, bytes + 10);
    assert_int_equal(riv__frame_lines(&p, bytes + 15, rows, 100), 0);
    assert_ptr_equal(p, bytes + 10);
    free(bytes);
}

static void any_byte_passes_unchanged(void **state)
{
    (void)state;
    char bytes[256 + RIV__SLACK] = { 0 };
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(i == '\n' ? 0 : i);
    bytes[255] = '\n';
    const char *p = bytes;
    assert_int_equal(riv__frame_lines(&p, bytes + 256, rows, 100), 1);
    is_row(0, bytes, 255);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    char *bytes = heap("", 0);
    const char *p = bytes;
    assert_int_equal(riv__frame_lines(&p, bytes, rows, 100), 0);
    assert_ptr_equal(p, bytes);
    free(bytes);
    bytes = heap("\n", 1);
    p = bytes;
    assert_int_equal(riv__frame_lines(&p, bytes + 1, rows, 0), 0);
    assert_ptr_equal(p, bytes);
    free(bytes);
}

static void a_chunk_ends_at_the_row_limit(void **state)
{
    (void)state;
    char bytes[4096 + RIV__SLACK];
    memset(bytes, '\n', sizeof bytes);
    const char *p = bytes;
    for (size_t max = 1; max < 200; max++) {
        p = bytes;
        assert_int_equal(riv__frame_lines(&p, bytes + 4096, rows, max), max);
        assert_ptr_equal(p, bytes + max);
    }
}

static void a_chunk_ends_by_bytes(void **state)
{
    (void)state;
    size_t n = 4 * RIV__CHUNK_BYTES;
    char *bytes = malloc(n + RIV__SLACK);
    memset(bytes, 'x', n + RIV__SLACK);
    for (size_t i = 99; i < n; i += 100)
        bytes[i] = '\n';
    const char *p = bytes;
    size_t k = riv__frame_lines(&p, bytes + n, rows, RIV__CHUNK_ROWS);
    assert_int_equal(k, (RIV__CHUNK_BYTES + 99) / 100);
    free(bytes);
}

static void a_line_longer_than_a_chunk_is_one_row(void **state)
{
    (void)state;
    size_t n = 3 * RIV__CHUNK_BYTES;
    char *bytes = malloc(n + RIV__SLACK);
    memset(bytes, 'x', n + RIV__SLACK);
    bytes[n - 10] = '\n';
    bytes[n - 1] = '\n';
    const char *p = bytes;
    assert_int_equal(riv__frame_lines(&p, bytes + n, rows, 100), 1);
    assert_int_equal(rows[0].n, n - 10);
    assert_int_equal(riv__frame_lines(&p, bytes + n, rows, 100), 1);
    assert_int_equal(rows[0].n, 8);
    assert_ptr_equal(p, bytes + n);
    free(bytes);
}

/* Random bytes in random pieces: each piece is framed by both forms, with the
 * unfinished line carried into the next. */
static void one_case(uint64_t *seed)
{
    static riv_str other[2 * RIV__CHUNK_ROWS];
    size_t n = fixture_next(seed) % 3000;
    unsigned rare = 1u << fixture_next(seed) % 9;
    char *bytes = heap("", 0);
    bytes = realloc(bytes, n + RIV__SLACK);
    for (size_t i = 0; i < n + RIV__SLACK; i++) {
        uint64_t r = fixture_next(seed);
        bytes[i] = (char)(r % rare ? r >> 32 : '\n');
    }
    const char *end = bytes, *p = bytes;
    while (end < bytes + n) {
        size_t more = fixture_next(seed) % 700;
        end += RIV__MIN((size_t)(bytes + n - end), more);
        size_t max = fixture_next(seed) % 300;
        const char *q = p;
        size_t a = riv__frame_lines(&p, end, rows, max);
        size_t b = riv__frame_plain(&q, end, other, max);
        assert_int_equal(a, b);
        assert_ptr_equal(p, q);
        for (size_t i = 0; i < a; i++) {
            assert_ptr_equal(rows[i].p, other[i].p);
            assert_int_equal(rows[i].n, other[i].n);
        }
    }
    free(bytes);
}

static void fast_and_plain_agree(void **state)
{
    (void)state;
    uint64_t seed = 20240607;
    if (!riv__frame_fast())
        skip();
    for (int i = 0; i < 3000; i++)
        one_case(&seed);
}

static void the_last_newline_is_found(void **state)
{
    (void)state;
    assert_int_equal(riv__frame_last("a\nb\nc", 5), 4);
    assert_int_equal(riv__frame_last("a\nb\n", 4), 4);
    assert_int_equal(riv__frame_last("abc", 3), 0);
    assert_int_equal(riv__frame_last(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_without_their_newline),
        cmocka_unit_test(any_byte_passes_unchanged),
        cmocka_unit_test(nothing_gives_nothing),
        cmocka_unit_test(a_chunk_ends_at_the_row_limit),
        cmocka_unit_test(a_chunk_ends_by_bytes),
        cmocka_unit_test(a_line_longer_than_a_chunk_is_one_row),
        cmocka_unit_test(fast_and_plain_agree),
        cmocka_unit_test(the_last_newline_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
