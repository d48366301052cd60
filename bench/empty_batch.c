/* empty_batch.c - what a batch without records costs: a queue, a map, a reduce
 * by key and an output, stepped by hand under the manual clock. Prints one line
 * of JSON, times in microseconds.
 *   empty_batch [BATCHES] [THREADS] */
#include <rivulet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

RIV_PAIR(count, int64_t, int64_t);

RIV_MAP(tenth, int64_t, count);
static int tenth(const int64_t *in, count *out, riv_task *t)
{
    (void)t;
    *out = (count){ *in / 10, 1 };
    return 0;
}

static atomic_llong seen; /* records behind the pairs of all batches */

RIV_FOREACH(see, count);
static int see(const count *in, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&seen, in->val);
    return 0;
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    (void)info;
    ++*(size_t *)arg;
}

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int fail(riv *r)
{
    fprintf(stderr, "empty_batch: %s\n", riv_errmsg(r));
    riv_free(r);
    return 70;
}

enum { WARM_UP = 100, ROWS = 1000 };

/* One batch with records, so that tables and buffers are there, then others;
 * and the same at the end: what did nothing would be quick, too. */
static bool run_full(riv *r, riv_ds *in)
{
    int64_t rows[ROWS];
    for (int i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_push(in, rows, ROWS) == RIV_OK && riv_step(r, WARM_UP) == RIV_OK;
}

static bool run_empty(riv *r, int64_t *ns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t start = now_ns();
        if (riv_step(r, 1) != RIV_OK)
            return false;
        ns[i] = now_ns() - start;
    }
    return true;
}

static void report(int threads, int64_t *ns, size_t n)
{
    qsort(ns, n, sizeof *ns, by_size);
    printf("{\"bench\":\"empty-batch\",\"threads\":%d,\"batches\":%zu,"
           "\"min_us\":%.3f,\"median_us\":%.3f,\"p99_us\":%.3f,"
           "\"max_us\":%.3f}\n",
           threads, n, (double)ns[0] / 1e3, (double)ns[n / 2] / 1e3,
           (double)ns[n * 99 / 100] / 1e3, (double)ns[n - 1] / 1e3);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000, batches = 0;
    int threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
    int64_t *ns = calloc(n + 1, sizeof *ns);
    if (!ns || n == 0)
        return 71;
    riv_listener listener = { .struct_size = sizeof listener,
                              .arg = &batches,
                              .batch_completed = on_batch };
    riv *r = riv_new(
        RIV_CONFIG(.threads = threads, .batch_ms = 10, .listener = &listener));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *pairs = riv_map(in, tenth_fn, NULL);
    riv_foreach(riv_reduce_by_key(pairs, riv_sum_i64, NULL), see_fn, NULL);
    if (!run_full(r, in) || !run_empty(r, ns, n) || !run_full(r, in))
        return fail(r);
    riv_free(r);
    if (batches != n + 2 * WARM_UP || seen != 2 * ROWS) {
        fprintf(stderr, "empty_batch: %zu batches, %lld records seen\n",
                batches, (long long)seen);
        return 70;
    }
    report(threads, ns, n);
    free(ns);
    return 0;
}
