/* Functions over the RDDs of batches: 1, 2; then 3.
 * prints
 * transformed,10
 * transformed,20
 * transformed,30
 * both,1
 * both,2
 * both,7
 * both,3
 * both,7
 * all,3
 * all,5
 * all,3
 * all,5
 * sum of the last two batches at 1 s: 3
 * sum of the last two batches at 2 s: 6
 * between two steps: 3 records
 */
#include <rivulet.h>
#include <stdio.h>

typedef struct {
    riv_str what;
    int64_t n;
} told;
RIV_STRUCT(told, what, n);

RIV_MAP(tens, int64_t, int64_t);
static int tens(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 10 * *x;
    return 0;
}

RIV_MAP(tell, int64_t, told);
static int tell(const int64_t *x, told *out, riv_task *t)
{
    *out = (told){ riv_cstr(riv_arg(t, char)), *x };
    return 0;
}

static riv_ds *times_ten(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_map(rdd, tens_fn, NULL);
}

static riv_ds *together(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_union(a, b);
}

/* The number of datasets, and what they hold that is odd and above 3. */
static riv_ds *third(riv_ds *const *rdd, size_t n, int64_t time,
                     const void *arg)
{
    (void)time, (void)arg;
    return n == 3 ? rdd[2] : rdd[0];
}

static int last_two(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    double sum = 0;
    (void)r, (void)rdd;
    int rc = riv_sum(riv_slice((riv_ds *)arg, time - 1000, time), &sum);
    printf("sum of the last two batches at %lld s: %g\n",
           (long long)time / 1000, sum);
    fflush(stdout);
    return rc;
}

static void show(riv_ds *in, const char *what)
{
    riv_save_text(riv_map(in, tell_fn, RIV_OPT(.arg = RIV_BORROW(what))), "-",
                  NULL);
}

int main(void)
{
    const int64_t rows[] = { 1, 2, 3 }, seven = 7, odd[] = { 3, 5 };
    riv_result res = { .struct_size = sizeof res };
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_remember(riv_queue(r, &riv_type_int64_t, NULL), 5000);
    riv_ds *fixed = riv_parallelize(r, &riv_type_int64_t, &seven, 1, NULL);
    riv_ds *other = riv_parallelize(r, &riv_type_int64_t, odd, 2, NULL);
    riv_ds *const list[] = { in, fixed, other };
    show(riv_transform(in, times_ten, &riv_type_int64_t, NULL), "transformed");
    show(riv_transform_with(in, fixed, together, &riv_type_int64_t, NULL),
         "both");
    show(riv_transform_all(r, list, 3, third, &riv_type_int64_t, NULL), "all");
    riv_foreach_rdd(in, last_two, RIV_OPT(.arg = RIV_BORROW(in)));
    riv_push(in, rows, 2);
    riv_step(r, 1);
    riv_push(in, rows + 2, 1);
    riv_step(r, 1);
    if (riv_slice_now(in, 1000, 2000, &res) == 0)
        printf("between two steps: %zu records\n", res.n);
    riv_result_free(&res);
    const int rc = riv_error(r);
    if (rc != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r);
    return rc != 0;
}
