/* data/rows_test.c - rows that own their strings. */
#include "data/rows.h"

#include <stdlib.h>

#include "data/fixture_arena.h"
#include "data/frame.h"
#include "data/hash.h"

/* Appends in uneven portions, spoils what the rows pointed into, compares. */
static void appended_rows_are_deep_copies(void **state)
{
    (void)state;
    enum { N = 3000 };
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_keyed);
    struct riv_arena theirs, kept;
    struct riv_rows rows;
    uint64_t seed = 7;
    keyed *src = calloc(N, sizeof *src), *want = calloc(N, sizeof *want);
    riv__arena_init(&theirs, 1 << 20);
    riv__arena_init(&kept, 1 << 20);
    for (int i = 0; i < N; i++)
        fixture_row(layout, &src[i], &theirs, &seed, "");
    memcpy(want, src, N * sizeof *src);
    assert_int_equal(riv__rows_own(layout, want, N, &kept), 0);
    riv__rows_init(&rows, layout);
    for (size_t i = 0, k; i < N; i += k) {
        k = fixture_next(&seed) % 1500;
        k = RIV__MIN(k, N - i);
        assert_int_equal(riv__rows_append(&rows, src + i, k), 0);
        assert_int_equal(rows.n, i + k);
    }
    riv__arena_fini(&theirs); /* a sanitizer sees who still points there */
    free(src);
    for (size_t i = 0; i < N; i++)
        assert_true(riv__row_equal(layout, riv__rows_at(&rows, i), &want[i]));
    riv__rows_fini(&rows);
    riv__arena_fini(&kept);
    free(want);
}

/* More rows than were expected come all the same; far fewer let memory go. */
static void rows_may_be_expected(void **state)
{
    (void)state;
    enum { N = 5000 };
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_keyed);
    static const size_t expected[] = { 3000, 0, N, 2 * N, 1 };
    keyed *src = calloc(N, sizeof *src);
    struct riv_rows rows;
    uint64_t seed = 9;
    riv__rows_init(&rows, layout);
    for (int i = 0; i < N; i++)
        fixture_row(layout, &src[i], &arena, &seed, "");
    for (size_t k = 0; k < RIV__LEN(expected); k++) {
        riv__rows_reset(&rows);
        riv__rows_expect(&rows, expected[k]);
        assert_true(rows.npiece > expected[k] / RIV__CHUNK_ROWS);
        assert_true(rows.npiece < 8 + 4 * expected[k] / RIV__CHUNK_ROWS);
        assert_int_equal(riv__rows_append(&rows, src, N), 0);
        for (size_t i = 0; i < N; i++)
            assert_true(
                riv__row_equal(layout, riv__rows_at(&rows, i), &src[i]));
    }
    riv__rows_fini(&rows);
    free(src);
}

static void chunks_cover_all_rows_once(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_i64);
    struct riv_rows rows;
    riv__rows_init(&rows, layout);
    for (int64_t i = 0; i < 2 * RIV__CHUNK_ROWS + 5; i++)
        assert_int_equal(riv__rows_append(&rows, &i, 1), 0);
    int64_t want = 0;
    size_t n = 0;
    for (size_t k = 0; k < 4; k++) {
        const int64_t *v = riv__rows_chunk(&rows, k, &n);
        assert_int_equal(n, k < 2 ? RIV__CHUNK_ROWS : k == 2 ? 5 : 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(v[i], want++);
    }
    riv__rows_fini(&rows);
}

static void rows_do_not_move_when_more_come(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_i64);
    struct riv_rows rows;
    riv__rows_init(&rows, layout);
    int64_t v = 42;
    assert_int_equal(riv__rows_append(&rows, &v, 1), 0);
    int64_t *first = riv__rows_at(&rows, 0);
    for (int i = 0; i < 100 * RIV__CHUNK_ROWS; i++)
        assert_int_equal(riv__rows_append(&rows, &v, 1), 0);
    assert_ptr_equal(riv__rows_at(&rows, 0), first);
    riv__rows_fini(&rows);
}

static void reset_keeps_the_pieces(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    struct riv_rows rows;
    riv__rows_init(&rows, layout);
    riv_str s = riv_cstr("a string of some length");
    for (int i = 0; i < 5000; i++)
        assert_int_equal(riv__rows_append(&rows, &s, 1), 0);
    size_t pieces = rows.npiece;
    void *first = riv__rows_at(&rows, 0);
    riv__rows_reset(&rows);
    assert_int_equal(rows.n, 0);
    assert_int_equal(riv__rows_append(&rows, &s, 1), 0);
    assert_int_equal(rows.npiece, pieces);
    assert_ptr_equal(riv__rows_at(&rows, 0), first);
    riv__rows_fini(&rows);
}

static void an_empty_string_needs_no_bytes(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_wc);
    struct riv_rows rows;
    riv__rows_init(&rows, layout);
    wc row = { { NULL, 0 }, 3 };
    assert_int_equal(riv__rows_append(&rows, &row, 1), 0);
    assert_int_equal(rows.strings.total_bytes, 0);
    assert_true(riv__row_equal(layout, riv__rows_at(&rows, 0), &row));
    riv__rows_fini(&rows);
}

/* Lengths that cannot be true must not become a small reservation. */
static void lengths_that_overflow_are_refused(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    riv_str two[2] = { { "x", SIZE_MAX / 2 + 1 }, { "x", SIZE_MAX / 2 + 1 } };
    assert_int_equal(riv__rows_own(layout, two, 2, &arena), RIV_ENOMEM);
    assert_string_equal(two[0].p, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_rows_are_deep_copies),
        cmocka_unit_test(rows_may_be_expected),
        cmocka_unit_test(chunks_cover_all_rows_once),
        cmocka_unit_test(rows_do_not_move_when_more_come),
        cmocka_unit_test(reset_keeps_the_pieces),
        cmocka_unit_test(an_empty_string_needs_no_bytes),
        cmocka_unit_test(lengths_that_overflow_are_refused),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
