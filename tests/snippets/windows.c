/* Windows over a stream that the program feeds, one second a batch: 1; 2 and 3;
 * nothing; nothing; nothing.
 * prints in this order
 * 1 s: rows 1 | sum 1 | records 1 | different 1 | largest 1 | of b 1
 * 2 s: rows 1 2 3 | sum 6 | records 3 | different 3 | largest 3 | of b 1 2 3
 * 3 s: rows 2 3 | sum 5 | records 2 | different 2 | largest 3 | of b 2 3
 * 4 s: rows | sum | records | different 0 | largest | of b
 * 5 s: rows | sum | records | different 0 | largest | of b
 */
#include <rivulet.h>
#include <stdio.h>
#include <stdlib.h>

RIV_PAIR(member, riv_str, int64_t);

RIV_MAP(in_b, int64_t, member);
static int in_b(const int64_t *x, member *out, riv_task *t)
{
    (void)t;
    *out = (member){ riv_cstr("b"), *x };
    return 0;
}

RIV_GROUP(whole, member, int64_t);
static int whole(const riv_str *key, const int64_t *v, size_t n, whole_out *out,
                 riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        riv_emit(out, v[i]);
    return 0;
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int numbers(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    int rc = riv_collect(rdd, &res);
    int64_t row[8];
    (void)r, (void)time;
    printf("%s", (const char *)arg);
    for (size_t i = 0; rc == 0 && i < res.n && i < 8; i++)
        row[i] = ((const int64_t *)res.rows)[i];
    qsort(row, res.n, sizeof *row, by_value);
    for (size_t i = 0; i < res.n && i < 8; i++)
        printf(" %lld", (long long)row[i]);
    riv_result_free(&res);
    return rc;
}

static int how_many(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n = 0;
    int rc = riv_count_now(rdd, &n);
    (void)r, (void)time;
    printf("%s %lld", (const char *)arg, (long long)n);
    return rc;
}

static int begin(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)arg;
    printf("%lld s:", (long long)time / 1000);
    return 0;
}

static int end(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time, (void)arg;
    printf("\n");
    return 0;
}

int main(void)
{
    const int64_t rows[] = { 1, 2, 3 };
    const int64_t length = RIV_SEC(2), slide = RIV_MS(1000);
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = RIV_SEC(1)));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *pairs = riv_map(in, in_b_fn, NULL);
    riv_foreach_rdd(in, begin, NULL);
    riv_foreach_rdd(riv_window(in, length, slide), numbers,
                    RIV_OPT(.arg = RIV_BORROW(" rows")));
    riv_foreach_rdd(riv_reduce_by_window(in, riv_sum_i64, length, slide, NULL),
                    numbers, RIV_OPT(.arg = RIV_BORROW(" | sum")));
    riv_foreach_rdd(riv_count_by_window(in, length, slide, NULL), numbers,
                    RIV_OPT(.arg = RIV_BORROW(" | records")));
    riv_foreach_rdd(riv_count_by_value_and_window(in, length, slide, NULL),
                    how_many, RIV_OPT(.arg = RIV_BORROW(" | different")));
    riv_foreach_rdd(riv_reduce_by_window(in, riv_max_i64, length, slide, NULL),
                    numbers, RIV_OPT(.arg = RIV_BORROW(" | largest")));
    riv_foreach_rdd(
        riv_group_by_key_and_window(pairs, whole_fn, length, slide, NULL),
        numbers, RIV_OPT(.arg = RIV_BORROW(" | of b")));
    riv_foreach_rdd(in, end, NULL);
    riv_push(in, rows, 1);
    riv_step(r, 1);
    riv_push(in, rows + 1, 2);
    riv_step(r, 4);
    const int rc = riv_error(r);
    if (rc != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r);
    return rc != 0;
}
