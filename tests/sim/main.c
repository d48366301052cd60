/* sim/main.c - runs seeds: each life of the engine in a process of its own, so
 * that a crash drops its memory, descriptors and threads as a real one does,
 * and a fault of the engine costs one seed, not the campaign. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/job.h"

enum { HEAP_BYTES = 256 << 20, SECONDS_MAX = 120, TWICE_EVERY = 100 };

struct options {
    uint64_t from, until;
    int64_t batches;
    unsigned faults;
    unsigned canary;
    int jobs;
    bool show, replay;
};

/* What the workers report, shared. */
struct totals {
    uint64_t passed, failed, batches, records, points, calls, twice;
    double virtual_s;
};

struct result {
    uint64_t hash, batches, records, points, calls;
    double virtual_s;
    char failure[4096];
    char about[512];
};

/* There in sanitized builds only. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* A life that ends by itself leaves no memory behind. */
static void life(struct job *job)
{
    alarm(SECONDS_MAX);
    world_run(job->w, &job->conf->sched, job_main, job);
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
        snprintf(job->w->failure, sizeof job->w->failure, "memory has leaked");
    _exit(0);
}

static void death(int status, struct world *w)
{
    if (w->failure[0] || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return;
    if (WIFSIGNALED(status))
        snprintf(w->failure, sizeof w->failure,
                 "the process died of signal %d%s", WTERMSIG(status),
                 WTERMSIG(status) == SIGALRM ? " (it hung)" : "");
    else
        snprintf(w->failure, sizeof w->failure, "the process exited with %d",
                 WEXITSTATUS(status));
}

static void run_seed(struct heap *heap, const struct options *o, uint64_t seed,
                     struct result *ret)
{
    /* all faults, or a part of them: some bugs hide when too much goes wrong */
    struct rng rng = rng_of(seed, 'f');
    unsigned faults = o->faults;
    if (rng_one_in(&rng, 2))
        faults &= (unsigned)rng_next(&rng);
    heap_reset(heap);
    struct world *w = world_new(heap, seed, faults);
    struct job_conf *conf = heap_take(heap, sizeof *conf);
    struct job *job = heap_take(heap, sizeof *job);
    w->show = o->show;
    job_conf_draw(conf, w, o->batches);
    conf->check.canary = o->canary;
    *job = (struct job){ .w = w, .conf = conf };
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        life(job);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    death(status, w);
    *ret = (struct result){ .hash = w->hash,
                            .batches = job->batches,
                            .records = job->records,
                            .points = w->points,
                            .calls = w->calls,
                            .virtual_s = (double)w->now_ns / 1e9 };
    snprintf(ret->failure, sizeof ret->failure, "%s", w->failure);
    job_conf_say(conf, ret->about, sizeof ret->about);
}

static void seed_failed(const struct options *o, uint64_t seed,
                        const struct result *result)
{
    printf("seed %" PRIu64 ": %s\n  (%s)\n  replay: --replay %" PRIu64
           " --batches %" PRId64 " --faults",
           seed, result->failure, result->about, seed, o->batches);
    char sep = ' ';
    for (int bit = 1; bit <= FAULT_ALL; bit <<= 1) {
        if (o->faults & (unsigned)bit)
            printf("%c%s", sep, fault_name(bit));
        sep = o->faults & (unsigned)bit ? ',' : sep;
    }
    printf("%s\n", sep == ' ' ? " none" : "");
    fflush(stdout);
}

static void worker(const struct options *o, int index, struct totals *totals)
{
    struct heap *heap = heap_new(HEAP_BYTES);
    sched_stacks();
    for (uint64_t seed = o->from + (uint64_t)index; seed <= o->until;
         seed += (uint64_t)o->jobs) {
        static struct result result, again;
        run_seed(heap, o, seed, &result);
        if (seed % TWICE_EVERY == 0 && !result.failure[0]) {
            run_seed(heap, o, seed, &again);
            totals->twice++;
            if (again.hash != result.hash)
                snprintf(result.failure, sizeof result.failure,
                         "two runs differ: %016" PRIx64 " and %016" PRIx64,
                         result.hash, again.hash);
        }
        if (result.failure[0])
            seed_failed(o, seed, &result);
        totals->passed += !result.failure[0];
        totals->failed += result.failure[0] != 0;
        totals->batches += result.batches;
        totals->records += result.records;
        totals->points += result.points;
        totals->calls += result.calls;
        totals->virtual_s += result.virtual_s;
        if (o->replay)
            printf("seed %" PRIu64 ": %s; hash %016" PRIx64 "\n", seed,
                   result.about, result.hash);
    }
    heap_free(heap);
}

static bool read_range(const char *text, struct options *o)
{
    char *end;
    o->from = strtoull(text, &end, 10);
    o->until = o->from;
    if (end > text && strncmp(end, "..", 2) == 0)
        o->until = strtoull(end + 2, &end, 10);
    return end > text && !*end && o->until >= o->from;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: sim [--seeds A..B] [--batches N] [--faults LIST] [--jobs N]"
            "\n           [--replay SEED] [--show] [--canary N]\n"
            "faults: all, none, or of");
    for (int bit = 1; bit <= FAULT_ALL; bit <<= 1)
        fprintf(stderr, " %s", fault_name(bit));
    fprintf(stderr, "\n");
    return 64;
}

static bool read_option(const char *name, const char *value, struct options *o)
{
    if (strcmp(name, "--seeds") == 0)
        return read_range(value, o);
    if (strcmp(name, "--batches") == 0)
        return (o->batches = strtoll(value, NULL, 10)) > 0;
    if (strcmp(name, "--faults") == 0)
        return faults_read(value, &o->faults);
    if (strcmp(name, "--jobs") == 0)
        return (o->jobs = (int)strtol(value, NULL, 10)) > 0;
    if (strcmp(name, "--canary") == 0)
        return (o->canary = (unsigned)strtoul(value, NULL, 10)) < CANARIES;
    if (strcmp(name, "--replay") == 0) {
        o->replay = true;
        return read_range(value, o);
    }
    return false;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--show") == 0) {
            o->show = true;
            continue;
        }
        if (i + 1 == argc || !read_option(argv[i], argv[i + 1], o))
            return false;
        i++;
    }
    if (o->replay)
        o->jobs = 1;
    return true;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void report(const struct totals *sum, double took_s)
{
    printf("%" PRIu64 " batches, %" PRIu64 " records, %" PRIu64
           " points, %" PRIu64 " calls, %" PRIu64
           " run twice; %.0f virtual seconds in %.1f: %.0f times\n",
           sum->batches, sum->records, sum->points, sum->calls, sum->twice,
           sum->virtual_s, took_s, sum->virtual_s / took_s);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", sum->passed,
           sum->failed);
}

int main(int argc, char **argv)
{
    struct options o = {
        .from = 1, .until = 200, .batches = 200, .faults = FAULT_ALL, .jobs = 2
    };
    if (!read_options(argc, argv, &o))
        return usage();
    struct totals *totals =
        mmap(NULL, (size_t)o.jobs * sizeof *totals, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const double began = seconds();
    for (int i = 0; i < o.jobs; i++) {
        if (fork() == 0) {
            worker(&o, i, &totals[i]);
            fflush(stdout);
            _exit(0);
        }
    }
    int bad = 0, status;
    while (wait(&status) > 0)
        bad += status != 0;
    struct totals sum = { .failed = (uint64_t)bad };
    for (int i = 0; i < o.jobs; i++) {
        sum.passed += totals[i].passed;
        sum.failed += totals[i].failed;
        sum.batches += totals[i].batches;
        sum.records += totals[i].records;
        sum.points += totals[i].points;
        sum.calls += totals[i].calls;
        sum.twice += totals[i].twice;
        sum.virtual_s += totals[i].virtual_s;
    }
    report(&sum, seconds() - began);
    return sum.failed > 0 || sum.passed == 0;
}
