/* tests/random/laws_test.c - algebraic laws: two ways to write the same, over
 * random batches, must give the same records in every batch, on any number of
 * threads. What the reference of random graphs does not show: that the planner,
 * which fuses, shares and folds early, takes no way that means something else. */
#include "rows/fixture.h"

enum { SEEDS = 20, BATCHES = 10, ROWS_MAX = 9, KEYS = 5, WORLD = 24 };

struct world {
    riv_ds *a, *b; /* of numbers */
    riv_ds *p, *q; /* of pairs of numbers */
};

struct law {
    const char *name;
    riv_ds *(*left)(const struct world *w);
    riv_ds *(*right)(const struct world *w);
};

/* ------------------------------------------------------------- functions */

RIV_MAP(plus3, int64_t, int64_t);
static int plus3(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x + 3;
    return 0;
}

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * *x;
    return 0;
}

RIV_MAP(plus3_twice, int64_t, int64_t);
static int plus3_twice(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * (*x + 3);
    return 0;
}

RIV_FILTER(even, int64_t);
static int even(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x % 2 == 0;
}

RIV_FILTER(small, int64_t);
static int small(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x < 12;
}

RIV_FILTER(even_and_small, int64_t);
static int even_and_small(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x % 2 == 0 && *x < 12;
}

RIV_FLAT_MAP(below, int64_t, int64_t);
static int below(const int64_t *x, below_out *out, riv_task *t)
{
    (void)t;
    for (int64_t i = 0; i < *x % 4; i++)
        riv_emit(out, i);
    return 0;
}

RIV_FLAT_MAP(below_twice, int64_t, int64_t);
static int below_twice(const int64_t *x, below_twice_out *out, riv_task *t)
{
    (void)t;
    for (int64_t i = 0; i < 2 * *x % 4; i++)
        riv_emit(out, i);
    return 0;
}

RIV_MAP(with_one, int64_t, int_int);
static int with_one(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x, 1 };
    return 0;
}

RIV_MAP_VALUES(value_twice, int_int, int_int);
static int value_twice(const int64_t *key, const int64_t *v, int64_t *out,
                       riv_task *t)
{
    (void)key, (void)t;
    *out = 2 * *v;
    return 0;
}

RIV_FILTER(low_key, int_int);
static int low_key(const int_int *p, riv_task *t)
{
    (void)t;
    return p->key < KEYS / 2;
}

RIV_GROUP(group_sum, int_int, int_int);
static int group_sum(const int64_t *key, const int64_t *v, size_t n,
                     group_sum_out *out, riv_task *t)
{
    int64_t sum = 0;
    (void)t;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    riv_emit(out, (int_int){ *key, sum });
    return 0;
}

RIV_JOIN(sides, int_int, int_int, int_int);
static int sides(const int64_t *key, const int64_t *l, const int64_t *r,
                 sides_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (int_int){ *key, 100 * *l + *r });
    return 0;
}

RIV_JOIN(sides_turned, int_int, int_int, int_int);
static int sides_turned(const int64_t *key, const int64_t *l, const int64_t *r,
                        sides_turned_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (int_int){ *key, 100 * *r + *l });
    return 0;
}

/* ------------------------------------------------------------------ laws */

/* Each is its name and two ways to write the same. A batch is a second: windows
 * of 3 and 2 of them are together one of 4. */
/* clang-format off */
#define EACH_LAW(LAW) \
    LAW(maps_fuse, \
        riv_map(riv_map(w->a, plus3_fn, NULL), twice_fn, NULL), \
        riv_map(w->a, plus3_twice_fn, NULL)) \
    LAW(filters_fuse, \
        riv_filter(riv_filter(w->a, even_fn, NULL), small_fn, NULL), \
        riv_filter(w->a, even_and_small_fn, NULL)) \
    LAW(filters_commute, \
        riv_filter(riv_filter(w->a, even_fn, NULL), small_fn, NULL), \
        riv_filter(riv_filter(w->a, small_fn, NULL), even_fn, NULL)) \
    LAW(a_map_goes_into_a_flat_map, \
        riv_flat_map(riv_map(w->a, twice_fn, NULL), below_fn, NULL), \
        riv_flat_map(w->a, below_twice_fn, NULL)) \
    LAW(a_filter_goes_into_a_union, \
        riv_filter(riv_union(w->a, w->b), even_fn, NULL), \
        riv_union(riv_filter(w->a, even_fn, NULL), riv_filter(w->b, even_fn, NULL))) \
    LAW(a_map_goes_into_a_union, \
        riv_map(riv_union(w->a, w->b), plus3_fn, NULL), \
        riv_union(riv_map(w->a, plus3_fn, NULL), riv_map(w->b, plus3_fn, NULL))) \
    LAW(unions_commute, \
        riv_union(w->a, w->b), riv_union(w->b, w->a)) \
    LAW(unions_associate, \
        riv_union(riv_union(w->a, w->b), w->a), \
        riv_union(w->a, riv_union(w->b, w->a))) \
    LAW(distinct_twice_is_once, \
        riv_distinct(riv_distinct(w->a, NULL), NULL), \
        riv_distinct(w->a, NULL)) \
    LAW(a_filter_goes_below_distinct, \
        riv_filter(riv_distinct(w->a, NULL), even_fn, NULL), \
        riv_distinct(riv_filter(w->a, even_fn, NULL), NULL)) \
    LAW(intersections_commute, \
        riv_intersection(w->a, w->b, NULL), \
        riv_intersection(w->b, w->a, NULL)) \
    LAW(what_is_taken_away_may_come_before, \
        riv_subtract(riv_union(w->a, w->b), w->b, NULL), \
        riv_subtract(w->a, w->b, NULL)) \
    LAW(order_and_places_are_no_records, \
        riv_sort_by_key(riv_repartition(w->p, 3), RIV_DESCENDING, NULL), \
        riv_persist(riv_coalesce(w->p, 1, RIV_NO_SHUFFLE), RIV_MEMORY)) \
    LAW(values_are_counted_by_sums_of_ones, \
        riv_count_by_value(w->a, NULL), \
        riv_reduce_by_key(riv_map(w->a, with_one_fn, NULL), riv_sum_i64, NULL)) \
    LAW(sums_of_sums_are_sums, \
        riv_reduce_by_key(riv_union(w->p, w->q), riv_sum_i64, NULL), \
        riv_reduce_by_key(riv_union(riv_reduce_by_key(w->p, riv_sum_i64, NULL), \
                                    riv_reduce_by_key(w->q, riv_sum_i64, NULL)), \
                          riv_sum_i64, NULL)) \
    LAW(groups_are_reduced, \
        riv_group_by_key(w->p, group_sum_fn, NULL), \
        riv_reduce_by_key(w->p, riv_sum_i64, NULL)) \
    LAW(a_filter_of_keys_goes_below_a_reduce, \
        riv_filter(riv_reduce_by_key(w->p, riv_sum_i64, NULL), low_key_fn, NULL), \
        riv_reduce_by_key(riv_filter(w->p, low_key_fn, NULL), riv_sum_i64, NULL)) \
    LAW(a_linear_map_goes_below_a_sum, \
        riv_map_values(riv_reduce_by_key(w->p, riv_sum_i64, NULL), value_twice_fn, \
                       NULL), \
        riv_reduce_by_key(riv_map_values(w->p, value_twice_fn, NULL), riv_sum_i64, \
                          NULL)) \
    LAW(joins_commute, \
        riv_join(w->p, w->q, sides_fn, RIV_INNER, NULL), \
        riv_join(w->q, w->p, sides_turned_fn, RIV_INNER, NULL)) \
    LAW(a_union_goes_out_of_a_join, \
        riv_join(riv_union(w->p, w->q), w->q, sides_fn, RIV_INNER, NULL), \
        riv_union(riv_join(w->p, w->q, sides_fn, RIV_INNER, NULL), \
                  riv_join(w->q, w->q, sides_fn, RIV_INNER, NULL))) \
    LAW(a_window_of_windows_is_a_longer_one, \
        riv_distinct(riv_window(riv_window(w->a, 3000, 1000), 2000, 1000), NULL), \
        riv_distinct(riv_window(w->a, 4000, 1000), NULL)) \
    LAW(the_greatest_of_the_greatest, \
        riv_reduce_by_key_and_window( \
            riv_reduce_by_key_and_window(w->p, riv_max_i64, 3000, 1000, NULL), \
            riv_max_i64, 2000, 1000, NULL), \
        riv_reduce_by_key_and_window(w->p, riv_max_i64, 4000, 1000, NULL)) \
    LAW(sums_of_a_window_by_hand, \
        riv_reduce_by_key(riv_window(w->p, 3000, 2000), riv_sum_i64, NULL), \
        riv_reduce_by_key_and_window(w->p, riv_sum_i64, 3000, 2000, NULL)) \
    LAW(the_greatest_of_a_window_by_hand, \
        riv_reduce_by_key(riv_window(w->p, 5000, 1000), riv_max_i64, NULL), \
        riv_reduce_by_key_and_window(w->p, riv_max_i64, 5000, 1000, NULL)) \
    LAW(a_window_goes_into_a_union, \
        riv_window(riv_union(w->a, w->b), 3000, 1000), \
        riv_union(riv_window(w->a, 3000, 1000), riv_window(w->b, 3000, 1000))) \
    LAW(a_map_goes_into_a_window, \
        riv_map(riv_window(w->a, 2000, 1000), plus3_fn, NULL), \
        riv_window(riv_map(w->a, plus3_fn, NULL), 2000, 1000))
/* clang-format on */

#define FUNCTIONS(name, one, other) \
    static riv_ds *name##_left(const struct world *w) \
    { \
        return one; \
    } \
    static riv_ds *name##_right(const struct world *w) \
    { \
        return other; \
    }

#define ROW(name, one, other) { #name, name##_left, name##_right },

EACH_LAW(FUNCTIONS)

static const struct law laws[] = { EACH_LAW(ROW) };
enum { LAWS = sizeof laws / sizeof laws[0] };

/* ------------------------------------------------------------ random data */

static uint64_t state;

static int64_t draw(int64_t most)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (int64_t)(state >> 33) % (most + 1);
}

static void push_numbers(riv_ds *queue)
{
    int64_t row[ROWS_MAX];
    const size_t n = (size_t)draw(ROWS_MAX);
    for (size_t i = 0; i < n; i++)
        row[i] = draw(WORLD);
    if (n > 0)
        assert_int_equal(riv_push(queue, row, n), 0);
}

static void push_pairs(riv_ds *queue)
{
    int_int row[ROWS_MAX];
    const size_t n = (size_t)draw(ROWS_MAX);
    for (size_t i = 0; i < n; i++)
        row[i] = (int_int){ draw(KEYS - 1), draw(9) };
    if (n > 0)
        assert_int_equal(riv_push(queue, row, n), 0);
}

static struct text left[LAWS], right[LAWS];

static void compare(uint64_t seed, int batch)
{
    for (size_t i = 0; i < LAWS; i++) {
        if (strcmp(left[i].p, right[i].p) != 0)
            fail_msg("%s: seed %llu, batch %d:\n  \"%s\"\n  \"%s\"",
                     laws[i].name, (unsigned long long)seed, batch, left[i].p,
                     right[i].p);
        left[i] = right[i] = (struct text){ .n = 0 };
    }
}

static void run_laws(riv *r, uint64_t seed)
{
    const struct world w = { riv_queue(r, &riv_type_int64_t, NULL),
                             riv_queue(r, &riv_type_int64_t, NULL),
                             riv_queue(r, &riv_type_int_int, NULL),
                             riv_queue(r, &riv_type_int_int, NULL) };
    for (size_t i = 0; i < LAWS; i++) {
        watch_batches(laws[i].left(&w), &left[i]);
        watch_batches(laws[i].right(&w), &right[i]);
    }
    fine(r);
    state = seed;
    for (int batch = 0; batch < BATCHES; batch++) {
        push_numbers(w.a);
        push_numbers(w.b);
        push_pairs(w.p);
        push_pairs(w.q);
        riv_step(r, 1);
        fine(r);
        compare(seed, batch);
    }
}

RIV_TEST(both_ways_to_write_the_same_give_the_same)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        FOR_THREADS(r)
    run_laws(r, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(both_ways_to_write_the_same_give_the_same),
    };
    return RIV_RUN(tests);
}
