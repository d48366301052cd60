/* sim/main.c - runs seeds on several processes, and reports. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cuts.h"
#include "sim/errors.h"
#include "sim/life.h"
#include "sim/lives.h"

enum { HEAP_BYTES = 256 << 20, TWICE_EVERY = 100 };

struct options {
    uint64_t cuts;           /* states to be run, in all */
    struct cut_place cut_at; /* n 0: all */
    uint64_t from, until;
    int64_t batches;
    unsigned faults;
    unsigned canary;
    int jobs;
    bool show, replay, errors;
};

/* What the workers report, shared. */
struct totals {
    uint64_t states, distinct;
    uint64_t passed, failed, batches, records, points, calls, twice;
    uint64_t fired, ended, lives;
    double virtual_s;
};

struct result {
    uint64_t hash, batches, records, points, calls;
    uint64_t lives;
    uint64_t fired, ended; /* errors that fired; jobs that ended by one */
    double virtual_s;
    char failure[4096];
    char about[512];
};

static struct job *job_new(struct heap *heap, const struct options *o,
                           uint64_t seed, unsigned faults)
{
    heap_reset(heap);
    struct world *w = world_new(heap, seed, faults);
    struct job *job = heap_take(heap, sizeof *job);
    w->show = o->show;
    *job = (struct job){ .w = w, .conf = heap_take(heap, sizeof *job->conf) };
    job_conf_draw(job->conf, w, o->batches);
    job->conf->check.canary = o->canary;
    return job;
}

static void result_take(const struct job *job, struct result *ret)
{
    const struct world *w = job->w;
    ret->hash = w->hash;
    ret->batches += job->batches;
    ret->records += job->records;
    ret->points += w->points;
    ret->calls += w->calls;
    ret->virtual_s += (double)w->now_ns / 1e9;
    snprintf(ret->failure, sizeof ret->failure, "%s", w->failure);
    job_conf_say(job->conf, ret->about, sizeof ret->about);
}

/* All faults, or a part of them: some bugs hide when too much goes wrong. */
static unsigned faults_draw(const struct options *o, uint64_t seed)
{
    struct rng rng = rng_of(seed, 'f');
    const unsigned some = (unsigned)rng_next(&rng);
    return rng_one_in(&rng, 2) ? o->faults & some : o->faults;
}

static void run_seed(struct heap *heap, const struct options *o, uint64_t seed,
                     struct result *ret)
{
    struct job *job = job_new(heap, o, seed, faults_draw(o, seed));
    *ret = (struct result){ .lives = 1 };
    if (job->conf->check.durable)
        ret->lives = lives_run(job);
    else
        life_run(job);
    result_take(job, ret);
}

/* Jobs with little to do, one after the other, until enough states were run. */
static void run_cuts(struct heap *heap, const struct options *o, int index,
                     struct totals *totals)
{
    struct cuts *cuts = cuts_new();
    cuts->only = o->cut_at;
    cuts->wanted = o->cuts / (uint64_t)o->jobs;
    uint64_t seed = o->from + (uint64_t)index;
    for (;
         seed <= o->until && cuts->distinct < cuts->wanted && cuts->failed == 0;
         seed += (uint64_t)o->jobs) {
        char about[512];
        struct job *job = job_new(heap, o, seed, o->faults | FAULT_POWER);
        cuts_run(cuts, job);
        job_conf_say(job->conf, about, sizeof about);
        totals->batches += job->batches;
        if (job->w->failure[0] && cuts->failed++ == 0)
            snprintf(cuts->failure, sizeof cuts->failure, "%s",
                     job->w->failure);
        if (cuts->failed)
            printf("seed %" PRIu64 ": %s\n  (%s)\n  replay: --replay %" PRIu64
                   " --batches %" PRId64 " --cut %" PRIu64 ":%d:%u\n",
                   seed, cuts->failure, about, seed, o->batches, cuts->first.n,
                   (int)cuts->first.how, cuts->first.k);
    }
    totals->states = cuts->states;
    totals->distinct = cuts->distinct;
    totals->failed = cuts->failed;
    totals->passed = cuts->distinct - cuts->failed;
}

/* What Linux does: it stays readable, and counts as clean. */
static void lose(struct failing *f, int fd)
{
    struct world *w = f->arg;
    disk_sync_lose(w->disk, fd, &w->rng);
}

static struct failing *failing_new(struct heap *heap, struct job *job)
{
    struct failing *f = heap_take(heap, sizeof *f);
    failing_init(f, &job->w->sys);
    f->sync_failed = lose;
    f->arg = job->w;
    job->failing = f;
    job->last = true;
    return f;
}

/* A durable job that an error has ended goes on with the error gone, on what
 * the disk has kept. */
static void error_mended(struct job *job, uint64_t seed)
{
    struct rng rng = rng_of(seed, 'm');
    if (job->w->failure[0] || job->rc == 0 || !job->conf->check.durable)
        return;
    lives_between(job, &rng);
    job->failing = NULL;
    life_run(job);
}

/* Once to count the calls, once with an error at one of them. */
static void run_error(struct heap *heap, const struct options *o, uint64_t seed,
                      struct result *ret)
{
    struct error_plan plan;
    struct rng rng = rng_of(seed, 'e');
    struct job *job = job_new(heap, o, seed, o->faults);
    struct failing *f = failing_new(heap, job);
    *ret = (struct result){ .batches = 0 };
    life_run(job);
    result_take(job, ret);
    if (ret->failure[0] || !error_draw(&plan, f, &rng))
        return;
    job = job_new(heap, o, seed, o->faults);
    f = failing_new(heap, job);
    error_set(&plan, f);
    life_run(job);
    ret->ended = job->rc < 0;
    ret->fired = (uint64_t)f->fired;
    error_mended(job, seed);
    result_take(job, ret);
    const size_t n = strlen(ret->about);
    snprintf(ret->about + n, sizeof ret->about - n, "; ");
    error_say(&plan, ret->about + n + 2, sizeof ret->about - n - 2);
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
    printf("%s%s\n", sep == ' ' ? " none" : "", o->errors ? " --errors" : "");
    fflush(stdout);
}

static void worker(const struct options *o, int index, struct totals *totals)
{
    struct heap *heap = heap_new(HEAP_BYTES);
    sched_stacks();
    if (o->cuts) {
        run_cuts(heap, o, index, totals);
        return;
    }
    for (uint64_t seed = o->from + (uint64_t)index; seed <= o->until;
         seed += (uint64_t)o->jobs) {
        static struct result result, again;
        if (o->errors)
            run_error(heap, o, seed, &result);
        else
            run_seed(heap, o, seed, &result);
        if (!o->errors && seed % TWICE_EVERY == 0 && !result.failure[0]) {
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
        totals->lives += result.lives;
        totals->fired += result.fired > 0;
        totals->ended += result.ended;
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

/* "N:HOW:K", as a failure prints it. */
static bool read_cut(const char *text, struct options *o)
{
    char *end;
    o->cuts = 1;
    o->cut_at.n = strtoull(text, &end, 10);
    if (*end++ != ':')
        return false;
    o->cut_at.how = (enum disk_cut)(strtoul(end, &end, 10) % DISK_CUTS);
    if (*end++ != ':')
        return false;
    o->cut_at.k = (unsigned)strtoul(end, &end, 10);
    return o->cut_at.n > 0 && !*end;
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: sim [--seeds A..B] [--batches N] [--faults LIST] [--jobs N]"
        "\n           [--errors] [--cuts STATES] [--cut N:HOW:K] [--replay SEED] [--show] [--canary N]\n"
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
    if (strcmp(name, "--cuts") == 0)
        return (o->cuts = strtoull(value, NULL, 10)) > 0;
    if (strcmp(name, "--cut") == 0)
        return read_cut(value, o);
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
        if (strcmp(argv[i], "--show") == 0 ||
            strcmp(argv[i], "--errors") == 0) {
            *(argv[i][2] == 's' ? &o->show : &o->errors) = true;
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
    printf("%" PRIu64 " lives, %" PRIu64 " batches, %" PRIu64
           " records, %" PRIu64 " points, %" PRIu64 " calls, %" PRIu64
           " run twice; %.0f virtual seconds in %.1f: %.0f times\n",
           sum->lives, sum->batches, sum->records, sum->points, sum->calls,
           sum->twice, sum->virtual_s, took_s, sum->virtual_s / took_s);
    if (sum->fired > 0)
        printf("%" PRIu64 " errors fired, %" PRIu64 " ended the job\n",
               sum->fired, sum->ended);
    if (sum->states > 0)
        printf("%" PRIu64 " power cuts, %" PRIu64 " distinct states run\n",
               sum->states, sum->distinct);
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
        sum.states += totals[i].states;
        sum.distinct += totals[i].distinct;
        sum.failed += totals[i].failed;
        sum.batches += totals[i].batches;
        sum.records += totals[i].records;
        sum.points += totals[i].points;
        sum.calls += totals[i].calls;
        sum.lives += totals[i].lives;
        sum.twice += totals[i].twice;
        sum.fired += totals[i].fired;
        sum.ended += totals[i].ended;
        sum.virtual_s += totals[i].virtual_s;
    }
    report(&sum, seconds() - began);
    return sum.failed > 0 || sum.passed == 0;
}
