/* journal.c - what a commit of the journal costs: a batch row, one range and
 * one delta of so many bytes, at several page sizes; how fast what was written
 * is read again, and how long opening takes. Uses the library's insides.
 * Prints one line of JSON for each page and size, times in microseconds.
 *   journal DIR [PAGE ...] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "conf/conf.h"
#include "store/journal.h"

static struct riv_conf conf;
static struct riv_err err;
static struct riv_sys sys;
static int64_t written, writes, syncs;

static int64_t count_pwrite(struct riv_sys *s, int fd, const void *p, size_t n,
                            uint64_t at)
{
    int64_t rc = riv__sys_real()->pwrite(s, fd, p, n, at);
    written += rc;
    writes++;
    return rc;
}

static int count_sync(struct riv_sys *s, int fd)
{
    syncs++;
    return riv__sys_real()->datasync(s, fd);
}

static double now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* What the process computed, whatever others did to the clock. */
static double cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void need(int rc)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "journal: %s\n", err.text);
    exit(74);
}

static void open_it(const char *dir, unsigned page, bool fresh,
                    struct riv_journal **ret)
{
    struct riv_journal_spec spec = {
        .sys = &sys,
        .conf = &conf.settings,
        .dir = dir,
        .app = "bench",
        .fresh = fresh,
        .page_bytes = page,
    };
    need(riv__journal_open(&spec, ret, &err));
}

static double one_commit(struct riv_journal *journal, uint64_t n, riv_str delta)
{
    struct riv_range_row range = { .batch = n,
                                   .source = 1,
                                   .from = riv_cstr("1234567890"),
                                   .until = riv_cstr("1234567999") };
    struct riv_batch_row batch = { .number = n,
                                   .time_ms = (int64_t)n * 1000,
                                   .status = RIV__BATCH_DONE,
                                   .body = riv_cstr("rates and counters") };
    double from = now_us();
    need(riv__journal_begin(journal, &err));
    need(riv__journal_put_range(journal, &range, &err));
    need(riv__journal_put_delta(journal, n, 2, delta, &err));
    need(riv__journal_put_batch(journal, &batch, &err));
    need(riv__journal_commit(journal, &err));
    return now_us() - from;
}

static int see(void *arg, uint64_t batch, riv_str bytes, struct riv_err *e)
{
    (void)batch, (void)e;
    *(uint64_t *)arg += bytes.n;
    return 0;
}

static void measure(const char *dir, unsigned page, size_t size, int n)
{
    struct riv_journal *journal = NULL;
    char *delta = malloc(size);
    double *each = malloc((size_t)n * sizeof *each), commits = 0;
    uint64_t seen = 0;
    for (size_t i = 0; delta && i < size; i++)
        delta[i] = (char)rand_r(&(unsigned){ (unsigned)i });
    open_it(dir, page, true, &journal);
    written = writes = syncs = 0;
    double cpu = cpu_us(), from = now_us();
    for (int i = 0; i < n; i++) {
        each[i] = one_commit(journal, (uint64_t)i + 1, riv__str(delta, size));
        commits += each[i];
        need(riv__journal_checkpoint(journal, &err));
    }
    double all = now_us() - from;
    cpu = cpu_us() - cpu;
    int64_t per_commit = written / n;
    riv__journal_abandon(journal);
    from = now_us();
    open_it(dir, 0, false, &journal);
    double opening = now_us() - from;
    from = now_us();
    need(riv__journal_each_delta(journal, 2, 0, see, &seen, &err));
    double reading = now_us() - from;
    need(riv__journal_close(journal, &err));
    qsort(each, (size_t)n, sizeof *each, by_size);
    printf("{\"page\": %u, \"delta\": %zu, \"p50_us\": %.0f, \"p99_us\": %.0f, "
           "\"cpu_us\": %.0f, "
           "\"written\": %lld, \"writes\": %.1f, \"syncs\": %.2f, "
           "\"commit_mb_s\": %.1f, \"all_mb_s\": %.1f, \"open_us\": %.0f, "
           "\"read_mb_s\": %.0f}\n",
           page, size, each[n / 2], each[n * 99 / 100], cpu / n,
           (long long)per_commit, (double)writes / n, (double)syncs / n,
           (double)size * n / commits, (double)size * n / all, opening,
           (double)seen / reading);
    fflush(stdout);
    free(delta);
    free(each);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = { "4096", "8192", "16384", "32768",
                                         "65536" };
    if (argc < 2)
        return 64;
    int n = argc > 2 ? argc - 2 : (int)RIV__LEN(usual);
    riv__conf_init(&conf);
    sys = *riv__sys_real();
    sys.pwrite = count_pwrite;
    sys.datasync = count_sync;
    for (int i = 0; i < n; i++) {
        unsigned page =
            (unsigned)strtoul(argc > 2 ? argv[i + 2] : usual[i], NULL, 10);
        measure(argv[1], page, 100, 2000);
        measure(argv[1], page, 10000, 1000);
        measure(argv[1], page, 1000000, 200);
    }
    return 0;
}
