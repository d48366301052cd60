/* limit/main.c - runs one limit over one file: the limit itself, or the limit
 * next to which the engine is measured by bench/run.
 *   limits NAME FILE [--arg TEXT] [--memory] [--batch BYTES] [--interval MS]
 *          [--plain] [--out FILE] [--repeat N] [--no-print]
 * NAME: words, words-user, grep, paths, intsum, intsum-csv, yahoo, fraud,
 * nexmark-q0 ... FILE may be tcp://ADDRESS:PORT. Writes the result (with --batch:
 * distinct,records of each batch; with --interval: the result of each) and one
 * line of JSON with the time of the work to standard error. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "key.h"
#include "limit.h"
#include "memory.h"
#include "read.h"

bool limit_huge = true;

struct args {
    const struct limit_ops *ops;
    const char *path, *out;
    size_t batch_bytes;
    int64_t batch_ns;
    long repeat;
    bool memory, no_print;
    struct limit_run run;
};

struct job {
    const struct limit_ops *ops;
    void *self;
    FILE *out; /* of batches; NULL in all runs but the last */
};

static const struct limit_ops *const limits[] = {
    &limit_words,      &limit_words_user, &limit_grep,       &limit_paths,
    &limit_paths_top,  &limit_intsum,     &limit_intsum_csv, &limit_yahoo,
    &limit_fraud,      &limit_nexmark_q0, &limit_nexmark_q1, &limit_nexmark_q2,
    &limit_nexmark_q3, &limit_nexmark_q4, &limit_nexmark_q5, &limit_nexmark_q6,
    &limit_nexmark_q7, &limit_nexmark_q8,
};

bool limit_has_avx2(void)
{
#if LIMIT_X86
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void job_piece(void *ctx, const char *data, size_t n)
{
    const struct job *job = ctx;
    job->ops->feed(job->self, data, n);
}

static void job_interval(void *ctx)
{
    const struct job *job = ctx;
    int64_t keys = 0;
    job->ops->print(job->self, job->out);
    job->ops->reset(job->self, &keys);
}

static void job_batch(void *ctx)
{
    const struct job *job = ctx;
    int64_t keys = 0, records = job->ops->reset(job->self, &keys);
    if (job->out)
        fprintf(job->out, "%lld,%lld\n", (long long)keys, (long long)records);
}

/* One run, with its times in JSON. The result is written within the time. */
static void run_once(const struct args *args, const struct limit_text *text,
                     FILE *out)
{
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t wall = now_ns(CLOCK_MONOTONIC);
    struct limit_run run = args->run;
    run.out = out;
    struct job job = { args->ops, args->ops->new (&run), out };
    struct limit_feed feed = { .piece = job_piece,
                               .ctx = &job,
                               .batch = args->batch_ns      ? job_interval
                                        : args->batch_bytes ? job_batch
                                                            : NULL,
                               .batch_bytes = args->batch_bytes,
                               .batch_ns = args->batch_ns };
    if (args->ops == &limit_intsum)
        feed.row_bytes = 16;
    if (text)
        limit_walk(text, &feed);
    else
        limit_read(args->path, &feed);
    int64_t records = args->ops->records(job.self);
    if (!feed.batch)
        args->ops->print(job.self, out);
    if (out)
        fflush(out);
    cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = now_ns(CLOCK_MONOTONIC) - wall;
    args->ops->free(job.self);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr,
            "{\"limit\":\"%s\",\"records\":%lld,\"cpu_ns\":%lld,"
            "\"wall_ns\":%lld,\"rss_kib\":%ld}\n",
            args->ops->name, (long long)records, (long long)cpu,
            (long long)wall, usage.ru_maxrss);
}

static int usage(void)
{
    fprintf(stderr,
            "usage: limits NAME FILE [--arg TEXT] [--memory] [--batch "
            "BYTES] [--interval MS] [--plain] [--out FILE] [--repeat N] "
            "[--no-print]\nNAME:");
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        fprintf(stderr, " %s", limits[i]->name);
    fprintf(stderr, "\n");
    return 64;
}

/* An option without or with a value; how many words it took, 0: unknown. */
static int parse_option(struct args *args, char **word, int left)
{
    if (strcmp(word[0], "--memory") == 0)
        return args->memory = true;
    if (strcmp(word[0], "--plain") == 0)
        return args->run.plain = true;
    if (strcmp(word[0], "--no-print") == 0)
        return args->no_print = true;
    if (left < 2)
        return 0;
    if (strcmp(word[0], "--arg") == 0)
        args->run.arg = word[1];
    else if (strcmp(word[0], "--out") == 0)
        args->out = word[1];
    else if (strcmp(word[0], "--batch") == 0)
        args->batch_bytes = strtoull(word[1], NULL, 10);
    else if (strcmp(word[0], "--interval") == 0)
        args->batch_ns = strtoll(word[1], NULL, 10) * 1000000;
    else if (strcmp(word[0], "--repeat") == 0)
        args->repeat = strtol(word[1], NULL, 10);
    else
        return 0;
    return 2;
}

static bool parse(struct args *args, int argc, char **argv)
{
    if (argc < 3)
        return false;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (strcmp(limits[i]->name, argv[1]) == 0)
            args->ops = limits[i];
    args->path = argv[2];
    for (int i = 3; i < argc;) {
        int n = parse_option(args, argv + i, argc - i);
        if (n == 0)
            return false;
        i += n;
    }
    args->run.batches = args->batch_bytes > 0;
    const bool is_cut = args->batch_bytes || args->batch_ns;
    return args->ops && (!is_cut || args->ops->reset) &&
           !(args->batch_ns && args->memory);
}

int main(int argc, char **argv)
{
    struct args args = { .repeat = 1 };
    if (!parse(&args, argc, argv))
        return usage();
    FILE *out = args.out ? fopen(args.out, "w") : stdout;
    if (!out) {
        perror(args.out);
        return 73;
    }
    static char buffer[1 << 18];
    setvbuf(out, buffer, _IOFBF, sizeof buffer);
    struct limit_text text = { 0 };
    if (args.memory)
        text = limit_load(args.path);
    for (long i = 1; i <= args.repeat; i++)
        run_once(&args, args.memory ? &text : NULL,
                 i == args.repeat && !args.no_print ? out : NULL);
    limit_unmap(text.p, text.n + LIMIT_SLACK);
    return fclose(out) == 0 ? 0 : 74;
}
