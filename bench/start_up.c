/* start_up.c - from exec to the first batch: starts itself again and again; the
 * child makes a context with a stream of one word count and tells how long ago
 * it was started when its first batch is there. Prints one line of JSON, times
 * in milliseconds.
 *   start_up [RUNS] */
#include <rivulet.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

RIV_PAIR(wc, riv_str, int64_t);

RIV_MAP(one, riv_str, wc);
static int one(const riv_str *in, wc *out, riv_task *t)
{
    (void)t;
    *out = (wc){ *in, 1 };
    return 0;
}

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

struct first {
    int64_t start_ns, took_ns;
};

/* The captured argument is the program's own, and this is the driver alone. */
static int on_batch(riv *r, riv_ds *rdd, int64_t when, const void *arg)
{
    struct first *first = *(struct first *const *)arg;
    (void)rdd;
    (void)when;
    if (first->took_ns == 0)
        first->took_ns = now_ns() - first->start_ns;
    riv_stop(r, RIV_NOW);
    return 0;
}

static int child(const char *start)
{
    struct first first = { .start_ns = strtoll(start, NULL, 10) };
    struct first *where = &first;
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 1));
    riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
    riv_ds *count =
        riv_reduce_by_key(riv_map(in, one_fn, NULL), riv_sum_i64, NULL);
    riv_foreach_rdd(count, on_batch, RIV_OPT(.arg = RIV_COPY(where)));
    int rc = riv_run(r);
    if (rc != RIV_OK && rc != RIV_ESTOPPED)
        fprintf(stderr, "start_up: %s\n", riv_errmsg(r));
    riv_free(r);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld %ld\n", (long long)first.took_ns, usage.ru_maxrss);
    return first.took_ns > 0 ? 0 : 70;
}

/* Runs a child; its two numbers. Below 0 when it failed. */
static int run_child(char *self, int64_t *took_ns, long *rss_kib)
{
    char start[32], text[64] = "";
    int fd[2], status = 1;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe(fd) < 0 || posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, fd[0]);
    snprintf(start, sizeof start, "%lld", (long long)now_ns());
    char *argv[] = { self, "--child", start, NULL };
    int rc = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fd[1]);
    if (rc == 0 && (read(fd[0], text, sizeof text - 1) <= 0 ||
                    waitpid(pid, &status, 0) < 0 || status != 0))
        rc = -1;
    close(fd[0]);
    char *end;
    *took_ns = strtoll(text, &end, 10);
    *rss_kib = strtol(end, NULL, 10);
    return rc == 0 ? 0 : -1;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    enum { RUNS_MAX = 1000 };
    if (argc > 2 && strcmp(argv[1], "--child") == 0)
        return child(argv[2]);
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 51;
    static int64_t ns[RUNS_MAX];
    long rss_kib = 0;
    n = n < 1 ? 1 : n > RUNS_MAX ? RUNS_MAX : n;
    for (size_t i = 0; i < n; i++)
        if (run_child(argv[0], &ns[i], &rss_kib) < 0) {
            fprintf(stderr, "start_up: run %zu failed\n", i);
            return 70;
        }
    qsort(ns, n, sizeof *ns, by_size);
    printf("{\"bench\":\"start-up\",\"runs\":%zu,\"min_ms\":%.3f,"
           "\"median_ms\":%.3f,\"max_ms\":%.3f,\"rss_kib\":%ld}\n",
           n, (double)ns[0] / 1e6, (double)ns[n / 2] / 1e6,
           (double)ns[n - 1] / 1e6, rss_kib);
    return 0;
}
