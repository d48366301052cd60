/* data/fold_test.c - the reducers, with keys that come several times in a
 * group and a first value that a zeroed entry would beat. */
#include "data/fold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N = 8 };

typedef struct whole {
    int64_t key, val;
} whole;
typedef struct real {
    int64_t key;
    double val;
} real;

static const whole rows[N] = {
    { 7, 5 },  { 8, -5 }, { 7, 9 }, { 9, 1 },
    { 8, -9 }, { 7, 6 },  { 9, 1 }, { 7, -3 },
};
static const real reals[N] = {
    { 7, 5 },  { 8, -5 },  { 7, 9 }, { 9, NAN },
    { 8, -9 }, { 7, 6.5 }, { 9, 1 }, { 7, -3 },
};

struct fixture {
    struct riv_arena arena;
    struct riv_table tab;
};

static int setup(void **state)
{
    static struct fixture fix;
    const struct riv_layout *key;
    riv__arena_init(&fix.arena, 256);
    *state = &fix;
    if (riv__layout_make(&fix.arena, &riv_type_int64_t, &key, NULL) < 0)
        return -1;
    return riv__table_init(&fix.tab, key, sizeof(int64_t), NULL);
}

static int teardown(void **state)
{
    struct fixture *fix = *state;
    riv__table_fini(&fix->tab);
    riv__arena_fini(&fix->arena);
    return 0;
}

/* Finds the slots of n rows; returns what nslot was. */
static uint32_t find(struct riv_table *tab, const void *row, size_t n,
                     uint32_t *slot)
{
    uint32_t next = tab->nslot;
    assert_int_equal(riv__table_slots(tab, row, sizeof(rows[0]), n, slot), 0);
    return next;
}

static int64_t i64_at(struct riv_table *tab, uint32_t slot)
{
    return *(int64_t *)riv__table_val(tab, slot);
}

static double f64_at(struct riv_table *tab, uint32_t slot)
{
    return *(double *)riv__table_val(tab, slot);
}

static void counts_and_sums_begin_with_zero(void **state)
{
    struct fixture *fix = *state;
    struct riv_table *tab = &fix->tab;
    uint32_t slot[N];
    (void)find(tab, rows, N, slot);
    riv__fold_count(tab, slot, N);
    assert_int_equal(i64_at(tab, 0), 4);
    assert_int_equal(i64_at(tab, 1), 2);
    assert_int_equal(i64_at(tab, 2), 2);
    riv__table_reset(tab);
    (void)find(tab, rows, N, slot);
    riv__fold_add_i64(tab, slot, N, &rows[0].val, sizeof rows[0]);
    assert_int_equal(i64_at(tab, 0), 17);
    assert_int_equal(i64_at(tab, 1), -14);
    riv__table_reset(tab);
    (void)find(tab, reals, N, slot);
    riv__fold_add_f64(tab, slot, N, &reals[0].val, sizeof reals[0]);
    assert_true(f64_at(tab, 0) == 17.5);
    assert_true(f64_at(tab, 1) == -14);
    assert_true(isnan(f64_at(tab, 2)));
}

static void sums_wrap_around(void **state)
{
    struct fixture *fix = *state;
    const whole big[2] = { { 1, INT64_MAX }, { 1, 1 } };
    uint32_t slot[2];
    (void)find(&fix->tab, big, 2, slot);
    riv__fold_add_i64(&fix->tab, slot, 2, &big[0].val, sizeof big[0]);
    assert_int_equal(i64_at(&fix->tab, 0), INT64_MIN);
}

/* One group at once, then one row at a time. */
static void least_and_greatest_begin_with_the_first_value(void **state)
{
    struct fixture *fix = *state;
    struct riv_table *tab = &fix->tab;
    uint32_t slot[N];
    for (size_t step = 1; step <= N; step += N - 1) {
        riv__table_reset(tab);
        for (size_t i = 0; i < N; i += step) {
            uint32_t next = find(tab, rows + i, step, slot);
            riv__fold_min_i64(tab, slot, step, &rows[i].val, sizeof rows[0],
                              next);
        }
        assert_int_equal(i64_at(tab, 0), -3);
        assert_int_equal(i64_at(tab, 1), -9);
        assert_int_equal(i64_at(tab, 2), 1);
        riv__table_reset(tab);
        for (size_t i = 0; i < N; i += step) {
            uint32_t next = find(tab, rows + i, step, slot);
            riv__fold_max_i64(tab, slot, step, &rows[i].val, sizeof rows[0],
                              next);
        }
        assert_int_equal(i64_at(tab, 0), 9);
        assert_int_equal(i64_at(tab, 1), -5);
        assert_int_equal(i64_at(tab, 2), 1);
    }
}

static void a_nan_loses_against_every_number(void **state)
{
    struct fixture *fix = *state;
    struct riv_table *tab = &fix->tab;
    uint32_t slot[N];
    uint32_t next = find(tab, reals, N, slot);
    riv__fold_min_f64(tab, slot, N, &reals[0].val, sizeof reals[0], next);
    assert_true(f64_at(tab, 0) == -3);
    assert_true(f64_at(tab, 1) == -9);
    assert_true(f64_at(tab, 2) == 1);
    riv__table_reset(tab);
    next = find(tab, reals, N, slot);
    riv__fold_max_f64(tab, slot, N, &reals[0].val, sizeof reals[0], next);
    assert_true(f64_at(tab, 0) == 9);
    assert_true(f64_at(tab, 1) == -5);
    assert_true(f64_at(tab, 2) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_and_sums_begin_with_zero, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sums_wrap_around, setup, teardown),
        cmocka_unit_test_setup_teardown(
            least_and_greatest_begin_with_the_first_value, setup, teardown),
        cmocka_unit_test_setup_teardown(a_nan_loses_against_every_number, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
