/* Actions: a job that runs now, for its result.
 * prints in this order
 * count 6, empty 0, partitions 3
 * first 5, least 1, greatest 9
 * sum 25, mean 4.16667, variance 9.5
 * take: 5 1
 * take_ordered: 1 1 2
 * top: 9 7 5
 * by distance from 5: 5 7 2
 * partition: 5 1
 * partition: 9 2
 * partition: 7 1
 * reduced 25, in a tree 25
 * folded from 100: 425
 * 6 numbers, 161 the sum of squares; in a tree 161
 * below 5, and from 5 to 9: 3 3
 * two equal buckets from 1 to 9: 3 3
 * 1 occurs 2 times
 * about 5 different
 * 2 of them at random, 9 with replacement
 * foreach saw 6, foreach_partition 3 ends
 */
#include <rivulet.h>
#include <stdio.h>

typedef struct {
    int64_t n, squares;
} moments;
RIV_STRUCT(moments, n, squares);

RIV_FOLD(add, int64_t, moments);
static void add(moments *acc, const int64_t *x, riv_task *t)
{
    (void)t;
    acc->n++;
    acc->squares += *x * *x;
}
static void add_merge(moments *acc, const moments *other, riv_task *t)
{
    (void)t;
    acc->n += other->n;
    acc->squares += other->squares;
}

RIV_MAP(from_five, int64_t, int64_t);
static int from_five(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x < 5 ? 5 - *x : *x - 5;
    return 0;
}

RIV_FOREACH(see, int64_t);
static int see(const int64_t *x, riv_task *t)
{
    (void)x;
    riv_counter_add(t, *riv_arg(t, riv_counter *), 1);
    return 0;
}

RIV_FOREACH_PARTITION(see_end, int64_t);
static int see_end(const int64_t *rows, size_t n, riv_task *t)
{
    (void)rows;
    if (n == 0)
        riv_counter_add(t, *riv_arg(t, riv_counter *), 1);
    return 0;
}

static void say(const char *what, riv_result *res)
{
    printf("%s:", what);
    for (size_t i = 0; i < res->n; i++)
        printf(" %lld", (long long)((const int64_t *)res->rows)[i]);
    printf("\n");
    riv_result_free(res);
}

static int numbers(riv_ds *in)
{
    int64_t n = 0, parts = 0, first = 0, least = 0, greatest = 0;
    bool empty = true;
    double sum = 0, mean = 0;
    riv_statistics s = RIV_STATISTICS;
    riv_count_now(in, &n);
    riv_is_empty(in, &empty);
    riv_partitions_now(in, &parts);
    printf("count %lld, empty %d, partitions %lld\n", (long long)n, empty,
           (long long)parts);
    riv_first(in, &first);
    riv_min(in, NULL, &least);
    riv_max(in, NULL, &greatest);
    printf("first %lld, least %lld, greatest %lld\n", (long long)first,
           (long long)least, (long long)greatest);
    riv_sum(in, &sum);
    riv_mean(in, &mean);
    if (riv_stats(in, &s) == 0)
        printf("sum %g, mean %g, variance %.1f\n", sum, mean, s.variance);
    return 0;
}

static void records(riv_ds *in)
{
    riv_result res = { .struct_size = sizeof res };
    riv_local_iterator it;
    if (riv_take(in, 2, &res) == 0)
        say("take", &res);
    if (riv_take_ordered(in, 3, NULL, &res) == 0)
        say("take_ordered", &res);
    if (riv_top(in, 3, NULL, &res) == 0)
        say("top", &res);
    if (riv_take_ordered(in, 3, from_five_fn, &res) == 0)
        say("by distance from 5", &res);
    riv_to_local_iterator(in, &it);
    while (riv_next(&it, &res) == 1)
        say("partition", &res);
}

static void folds(riv_ds *in)
{
    const int64_t hundred = 100;
    int64_t sum = 0, tree = 0;
    moments m = { 0 }, same = { 0 };
    riv_reduce_now(in, riv_sum_i64, &sum);
    riv_tree_reduce(in, riv_sum_i64, 2, &tree);
    printf("reduced %lld, in a tree %lld\n", (long long)sum, (long long)tree);
    riv_fold(in, &hundred, riv_sum_i64, &sum); /* 3 partitions, and once more */
    printf("folded from 100: %lld\n", (long long)sum);
    riv_aggregate(in, NULL, add_fn, &m);
    riv_tree_aggregate(in, NULL, add_fn, 2, &same);
    printf("%lld numbers, %lld the sum of squares; in a tree %lld\n",
           (long long)m.n, (long long)m.squares, (long long)same.squares);
}

static void counts(riv_ds *in)
{
    const double bound[] = { 0, 5, 9 };
    double even[3];
    int64_t count[2], about = 0;
    size_t made = 0;
    riv_result res = { .struct_size = sizeof res };
    if (riv_histogram(in, bound, 3, count) == 0)
        printf("below 5, and from 5 to 9: %lld %lld\n", (long long)count[0],
               (long long)count[1]);
    if (riv_histogram_even(in, 2, even, count, &made) == 0)
        printf("two equal buckets from %g to %g: %lld %lld\n", even[0], even[2],
               (long long)count[0], (long long)count[1]);
    if (riv_count_by_value_now(in, &res) == 0) {
        const struct {
            int64_t key, val;
        } *row = res.rows;
        for (size_t i = 0; i < res.n; i++)
            if (row[i].key == 1)
                printf("1 occurs %lld times\n", (long long)row[i].val);
        riv_result_free(&res);
    }
    riv_count_approx_distinct(in, 0.05, &about);
    printf("about %lld different\n", (long long)about);
}

static void samples(riv_ds *in)
{
    riv_result once = { .struct_size = sizeof once }, again = once;
    riv_take_sample(in, RIV_WITHOUT_REPLACEMENT, 2, 7, &once);
    riv_take_sample(in, RIV_WITH_REPLACEMENT, 9, 7, &again);
    printf("%zu of them at random, %zu with replacement\n", once.n, again.n);
    riv_result_free(&once);
    riv_result_free(&again);
}

int main(void)
{
    const int64_t rows[] = { 5, 1, 9, 2, 7, 1 };
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *in = riv_parallelize(r, &riv_type_int64_t, rows, 6,
                                 RIV_OPT(.partitions = 3));
    riv_counter *seen = riv_counter_new(r, "seen");
    riv_counter *ends = riv_counter_new(r, "ends");
    numbers(in);
    records(in);
    folds(in);
    counts(in);
    samples(in);
    riv_foreach_now(in, see_fn, RIV_OPT(.arg = RIV_COPY(seen)));
    riv_foreach_partition(in, see_end_fn, RIV_OPT(.arg = RIV_COPY(ends)));
    printf("foreach saw %lld, foreach_partition %lld ends\n",
           (long long)riv_counter_value(seen),
           (long long)riv_counter_value(ends));
    const int rc = riv_error(r);
    if (rc != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r);
    return rc != 0;
}
