/* sum_rows.c - W5 with rows in memory: the sum of each integer key over rows of
 * 16 bytes that lie in memory, as a job over riv_parallelize, beside `limits
 * intsum --memory`. The clock runs while riv_take finds the first row of the
 * result, for which all sums must be made; loading is left out, as it is there.
 *   sum_rows FILE [THREADS [REPEAT [OUT]]]; a line of JSON for each time to
 *   standard error */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <rivulet.h>

RIV_PAIR(row, int64_t, int64_t);

static int64_t now_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void *load(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(66);
    }
    const size_t bytes = (size_t)ftell(f);
    rewind(f);
    void *p = malloc(bytes);
    if (!p || fread(p, 1, bytes, f) != bytes) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(74);
    }
    fclose(f);
    *n = bytes / sizeof(row);
    return p;
}

static int failed(riv *r)
{
    fprintf(stderr, "%s\n", riv_errmsg(r));
    return 70;
}

static int sum(riv_ds *sums, size_t n)
{
    riv_result first = { 0 };
    struct rusage usage;
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t wall = now_ns(CLOCK_MONOTONIC);
    int rc = riv_take(sums, 1, &first);
    cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = now_ns(CLOCK_MONOTONIC) - wall;
    riv_result_free(&first);
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr,
            "{\"records\":%zu,\"cpu_ns\":%lld,\"wall_ns\":%lld,"
            "\"rss_kib\":%ld}\n",
            n, (long long)cpu, (long long)wall, usage.ru_maxrss);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: sum_rows FILE [THREADS [REPEAT [OUT]]]\n");
        return 64;
    }
    size_t n;
    void *rows = load(argv[1], &n);
    riv *r = riv_new(
        RIV_CONFIG(.threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1));
    riv_ds *ds = riv_parallelize(r, &riv_type_row, rows, n, NULL);
    free(rows);
    riv_ds *sums = riv_reduce_by_key(ds, riv_sum_i64, NULL);
    for (int i = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1; i > 0; i--)
        if (sum(sums, n) < 0)
            return failed(r);
    if (argc > 4) {
        riv_save_text(sums, argv[4], NULL);
        if (riv_run(r) < 0)
            return failed(r);
    }
    riv_free(r);
    return 0;
}
