/* state.c - what keeping state costs, with and without a state directory: a
 * queue, map_with_state over random keys, a folder of files. Prints one line of
 * JSON, times in microseconds.
 *   state batches KEYS UPDATES BATCHES INTERVAL_MS [DIR]
 *     fills the state with KEYS keys, then BATCHES batches with UPDATES records
 *     each (0: none), on a clock; DIR: with a journal there. "batch" is what the
 *     listener
 *     is told (processing_us), "cpu" the driver's share of a core for it,
 *     "late" how long after its tick it began (snapshots are written between
 *     batches), "all" the CPU time of all threads, a batch.
 *   state each KEYS UPDATES BATCHES INTERVAL_MS [DIR]
 *     the same; before the line of JSON one for each batch: its number, its
 *     tick, batch, cpu and late; how often the driver met a page that was not
 *     there, slept, and was taken off its core: to see which are slow, and why.
 *   state restart KEYS DIR [window]
 *     the same, killed when all is durable; then started again: from exec to the
 *     end of the first new batch. window: of sums over 60 batches, whose keys are
 *     counted, in place of the states. */
#include <rivulet.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

RIV_PAIR(hit, int64_t, int64_t);

/* Says something of one record in 1,024, so that the output is there and costs
 * next to nothing. */
RIV_MAP_WITH_STATE(add, hit, int64_t, hit);
static int add(const int64_t *key, const int64_t *v, int64_t *sum, add_out *out,
               riv_task *t)
{
    (void)t;
    if (v)
        *sum += *v;
    if ((*key * 2654435761 & 1023) == 0)
        riv_emit(out, (hit){ *key, *sum });
    return 0;
}

enum { FILL = 1 << 17, WARM_UP = 20 };

struct run {
    int64_t keys, updates, batches, filled, done;
    riv *r;
    riv_ds *in;
    hit *rows; /* of a batch */
    uint64_t seed;
    int64_t cpu_ns, all_ns; /* at the start of the batch, of the figures */
    int64_t start_ns, took_ns;
    int64_t *batch_us, *late_us, *cpu_ns_of; /* of each batch */
    int64_t *tick_ms;
    struct rusage at_start, *used; /* by the driver, of each batch */
    bool kills, first_only, window;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t next_key(struct run *run)
{
    run->seed = run->seed * UINT64_C(6364136223846793005) + 1;
    return (int64_t)((run->seed >> 33) * (uint64_t)run->keys >> 31);
}

static void push(struct run *run)
{
    int64_t n = run->updates;
    if (run->filled < run->keys) {
        n = run->keys - run->filled < FILL ? run->keys - run->filled : FILL;
        for (int64_t i = 0; i < n; i++)
            run->rows[i] = (hit){ run->filled + i, 1 };
        run->filled += n;
    } else {
        for (int64_t i = 0; i < n; i++)
            run->rows[i] = (hit){ next_key(run), 1 };
    }
    if (n > 0 && riv_push(run->in, run->rows, (size_t)n) != RIV_OK)
        riv_stop(run->r, RIV_NOW);
}

static void on_start(void *arg, int64_t time)
{
    (void)time;
    struct run *run = arg;
    getrusage(RUSAGE_THREAD, &run->at_start);
    run->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Of batches that have other records than asked for nothing is kept: ticks that
 * were late merge. */
static void note(struct run *run, const riv_batch_info *info)
{
    const int64_t i = run->done++ - WARM_UP;
    if (i == 0)
        run->all_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (i < 0 || i >= run->batches)
        return;
    run->batch_us[i] = info->processing_us;
    run->late_us[i] = info->scheduling_us;
    run->tick_ms[i] = info->time;
    getrusage(RUSAGE_THREAD, &run->used[i]);
    run->used[i].ru_minflt -= run->at_start.ru_minflt;
    run->used[i].ru_nvcsw -= run->at_start.ru_nvcsw;
    run->used[i].ru_nivcsw -= run->at_start.ru_nivcsw;
    run->cpu_ns_of[i] = clock_ns(CLOCK_THREAD_CPUTIME_ID) - run->cpu_ns;
    if (i == run->batches - 1)
        run->all_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - run->all_ns;
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    struct run *run = arg;
    if (run->first_only) {
        if (info->records_in > 0 && run->took_ns == 0) {
            run->took_ns = clock_ns(CLOCK_MONOTONIC) - run->start_ns;
            run->all_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
            riv_stop(run->r, RIV_NOW);
        }
        return;
    }
    if (run->filled >= run->keys && info->records_in == run->updates)
        note(run, info);
    if (run->done < run->batches + WARM_UP)
        push(run);
    else if (run->kills) /* two batches later this one is durable for sure */
        raise(run->done++ > run->batches + WARM_UP + 2 ? SIGKILL : 0);
    else
        riv_stop(run->r, RIV_DRAIN);
    if (run->kills && run->done >= run->batches + WARM_UP)
        push(run);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void put(const char *name, int64_t *t, int64_t n, double unit)
{
    qsort(t, (size_t)n, sizeof *t, by_size);
    printf(",\"%s_median_us\":%.1f,\"%s_p99_us\":%.1f,\"%s_max_us\":%.1f", name,
           (double)t[n / 2] * unit, name, (double)t[n * 99 / 100] * unit, name,
           (double)t[n - 1] * unit);
}

static void show_each(const struct run *run)
{
    puts("batch tick_ms batch_us cpu_us late_us faults sleeps losses");
    for (int64_t i = 0; i < run->batches; i++)
        printf("%lld %lld %lld %lld %lld %ld %ld %ld\n", (long long)i,
               (long long)run->tick_ms[i], (long long)run->batch_us[i],
               (long long)(run->cpu_ns_of[i] / 1000),
               (long long)run->late_us[i], run->used[i].ru_minflt,
               run->used[i].ru_nvcsw, run->used[i].ru_nivcsw);
}

static void report(struct run *run, const char *dir)
{
    printf("{\"bench\":\"state\",\"keys\":%lld,\"updates\":%lld,"
           "\"batches\":%lld,\"journal\":%s",
           (long long)run->keys, (long long)run->updates,
           (long long)run->batches, dir ? "true" : "false");
    put("batch", run->batch_us, run->batches, 1);
    put("late", run->late_us, run->batches, 1);
    put("cpu", run->cpu_ns_of, run->batches, 1e-3);
    printf(",\"all_us\":%lld}\n",
           (long long)(run->all_ns / 1000 / run->batches));
}

static riv_ds *kept(const struct run *run, int64_t interval_ms)
{
    enum { PANES = 60 };
    if (run->window)
        return riv_count(riv_reduce_by_key_and_window(
            run->in, riv_sum_i64, PANES * interval_ms, interval_ms,
            RIV_OPT(.uid = "sums")));
    return riv_map_with_state(run->in, add_fn, RIV_OPT(.uid = "add"));
}

static int do_run(struct run *run, int64_t interval_ms, const char *dir)
{
    char out[4096];
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = run,
                                    .batch_started = on_start,
                                    .batch_completed = on_batch };
    const int64_t most = run->updates > FILL ? run->updates : FILL;
    run->rows = calloc((size_t)most, sizeof *run->rows);
    run->batch_us = calloc((size_t)run->batches, 4 * sizeof *run->batch_us);
    run->used = calloc((size_t)run->batches, sizeof *run->used);
    if (!run->rows || !run->batch_us || !run->used)
        return 71;
    run->late_us = run->batch_us + run->batches;
    run->cpu_ns_of = run->late_us + run->batches;
    run->tick_ms = run->cpu_ns_of + run->batches;
    snprintf(out, sizeof out, "%s.out/",
             dir ? dir : "/tmp/rivulet-bench-state");
    run->r = riv_new(RIV_CONFIG(.name = "bench-state", .threads = 1,
                                .batch_ms = interval_ms, .checkpoint = dir,
                                .listener = &listener));
    run->in = riv_queue(run->r, &riv_type_hit, RIV_OPT(.uid = "in"));
    riv_save_text(kept(run, interval_ms), out, RIV_OPT(.uid = "out"));
    push(run);
    const int rc = riv_run(run->r);
    if (rc != RIV_OK && rc != RIV_ESTOPPED)
        fprintf(stderr, "state: %s\n", riv_errmsg(run->r));
    riv_free(run->r);
    return rc == RIV_OK || rc == RIV_ESTOPPED ? 0 : 70;
}

static int batches(bool shows_each, char **arg, const char *dir)
{
    struct run run = { .keys = strtoll(arg[0], NULL, 10),
                       .updates = strtoll(arg[1], NULL, 10),
                       .batches = strtoll(arg[2], NULL, 10),
                       .seed = 1 };
    const int rc = do_run(&run, strtoll(arg[3], NULL, 10), dir);
    if (rc != 0 || run.done < run.batches)
        return rc ? rc : 70;
    if (shows_each)
        show_each(&run);
    report(&run, dir);
    return 0;
}

/* arg: keys, directory, and "window" or nothing. */
static int spawn(const char *self, const char *mode, char **arg)
{
    char start[32];
    int status = 1;
    pid_t pid;
    snprintf(start, sizeof start, "%lld", (long long)clock_ns(CLOCK_MONOTONIC));
    char *args[] = { (char *)self, (char *)mode, start, arg[0],
                     arg[1],       arg[2],       NULL };
    if (posix_spawn(&pid, self, NULL, NULL, args, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        return 71;
    return status;
}

/* arg: when it was started, then those of spawn. */
static int child(bool first_only, char **arg)
{
    struct run run = { .keys = strtoll(arg[1], NULL, 10),
                       .updates = 30000,
                       .batches = 20,
                       .seed = 2,
                       .kills = !first_only,
                       .first_only = first_only,
                       .window = arg[3] && strcmp(arg[3], "window") == 0,
                       .start_ns = strtoll(arg[0], NULL, 10) };
    if (first_only)
        run.filled = run.keys;
    const int rc = do_run(&run, 20, arg[2]);
    if (rc == 0)
        printf("{\"bench\":\"restart\",\"window\":%s,\"keys\":%lld,"
               "\"first_batch_ms\":%.1f,\"cpu_ms\":%.1f}\n",
               run.window ? "true" : "false", (long long)run.keys,
               (double)run.took_ns / 1e6, (double)run.all_ns / 1e6);
    return rc;
}

static int restart(const char *self, char **arg)
{
    const int status = spawn(self, "fill", arg);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
        fprintf(stderr, "state: the first run was not killed\n");
        return 70;
    }
    return spawn(self, "first", arg) == 0 ? 0 : 70;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    const bool each = strcmp(mode, "each") == 0;
    if ((each || strcmp(mode, "batches") == 0) && (argc == 6 || argc == 7))
        return batches(each, argv + 2, argv[6]);
    if (strcmp(mode, "restart") == 0 && (argc == 4 || argc == 5))
        return restart(argv[0], argv + 2);
    if (strcmp(mode, "fill") == 0 && (argc == 5 || argc == 6))
        return child(false, argv + 2);
    if (strcmp(mode, "first") == 0 && (argc == 5 || argc == 6))
        return child(true, argv + 2);
    fprintf(stderr, "usage: state batches|each KEYS UPDATES BATCHES MS [DIR]\n"
                    "       state restart KEYS DIR [window]\n");
    return 64;
}
