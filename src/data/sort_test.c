/* data/sort_test.c - references in the order of a key: of every kind of key,
 * few rows and many, up and down, with many equal ones and with none. */
#include "data/sort.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/fixture_arena.h"
#include "data/hash.h"
#include "data/radix.h"

enum { MOST = 3 * RIV__RADIX_ROWS };

static const size_t sizes[] = {
    0,    1, 2, 13, RIV__RADIX_ROWS - 1, RIV__RADIX_ROWS, RIV__RADIX_ROWS + 1,
    MOST,
};

/* Of equal keys the row that came first stands first; no row is lost, because
 * they stand in one array and addresses of equal ones rise. */
static void assert_order(const struct riv_order *order,
                         const struct riv_ref *ref, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        int rc = riv__row_compare(order->key, ref[i - 1].row, ref[i].row);
        rc = order->descending ? -rc : rc;
        assert_true(rc < 0 || (rc == 0 && ref[i - 1].row < ref[i].row));
    }
}

static void assert_all_there(const struct riv_ref *ref, const char *rows,
                             size_t size, size_t n)
{
    char *seen = calloc(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        seen[(size_t)(ref[i].row - rows) / size]++;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
}

static void sort_rows(const struct riv_layout *layout, const char *rows,
                      size_t n, bool descending)
{
    struct riv_order order;
    struct riv_ref *ref = calloc(2 * n + 1, sizeof *ref);
    riv__order_init(&order, layout, 0, descending);
    for (size_t i = 0; i < n; i++) {
        ref[i].row = rows + i * layout->size;
        ref[i].prefix = riv__order_prefix(&order, ref[i].row);
    }
    riv__sort_refs(&order, ref, n, ref + n);
    assert_order(&order, ref, n);
    assert_all_there(ref, rows, layout->size, n);
    riv__sort_refs(&order, ref, n, ref + n); /* and once more, as it is */
    assert_order(&order, ref, n);
    free(ref);
}

static void sort_type(const riv_type *type, const char *alphabet)
{
    const struct riv_layout *layout = fixture_layout(&arena, type);
    char *rows = calloc(MOST, layout->size);
    uint64_t seed = 11;
    for (size_t i = 0; i < MOST; i++)
        fixture_row(layout, rows + i * layout->size, &arena, &seed, alphabet);
    for (size_t k = 0; k < RIV__LEN(sizes); k++) {
        sort_rows(layout, rows, sizes[k], false);
        sort_rows(layout, rows, sizes[k], true);
    }
    free(rows);
}

static void keys_of_every_kind_are_sorted_up_and_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(fixture_types); i++)
        sort_type(fixture_types[i], "");
}

static void long_strings_that_begin_alike_are_sorted_behind_their_prefix(
    void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    char *text = calloc(MOST, 16);
    riv_str *rows = calloc(MOST, sizeof *rows);
    uint64_t seed = 5;
    for (size_t i = 0; i < MOST; i++) {
        const unsigned v = (unsigned)(fixture_next(&seed) % 700);
        const int n = snprintf(text + i * 16, 16, "the same%u", v);
        rows[i] = (riv_str){ text + i * 16, (size_t)n };
    }
    sort_rows(layout, (const char *)rows, MOST, false);
    sort_rows(layout, (const char *)rows, MOST, true);
    free(rows);
    free(text);
}

/* A byte that all prefixes share is left out; one that a single row has not is
 * what that row is sorted by. */
static void one_row_that_differs_in_one_byte_finds_its_place(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_i64);
    int64_t rows[MOST];
    for (int byte = 0; byte < 8; byte++) {
        for (size_t at = 0; at < MOST; at += MOST - 1) {
            for (size_t i = 0; i < MOST; i++)
                rows[i] = byte == 0 ? 0 : (int64_t)(i % 7);
            rows[at] = (int64_t)(UINT64_C(0x35) << (8 * byte));
            sort_rows(layout, (const char *)rows, MOST, false);
            sort_rows(layout, (const char *)rows, MOST, true);
        }
    }
}

static void numbers_of_one_value_and_of_few_bits_are_sorted(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_i64);
    int64_t rows[MOST];
    uint64_t seed = 3;
    for (int bits = 0; bits < 64; bits += 9) {
        for (size_t i = 0; i < MOST; i++)
            rows[i] =
                (int64_t)(fixture_next(&seed) & ((UINT64_C(1) << bits) - 1)) -
                (bits > 20 ? INT64_C(1) << (bits - 1) : 0);
        sort_rows(layout, (const char *)rows, MOST, bits % 2 == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_kind_are_sorted_up_and_down),
        cmocka_unit_test(
            long_strings_that_begin_alike_are_sorted_behind_their_prefix),
        cmocka_unit_test(one_row_that_differs_in_one_byte_finds_its_place),
        cmocka_unit_test(numbers_of_one_value_and_of_few_bits_are_sorted),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
