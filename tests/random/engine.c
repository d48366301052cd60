/* tests/random/engine.c - a graph as a job on 1, 2 and 4 threads: actions and a run,
 * or a run batch by batch. */
#include "random/engine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random/engine_job.h"

struct seer { /* captured by an output */
    struct job *job;
    int output;
};

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct seer *seer = arg;
    struct job *job = seer->job;
    const int b = time > 0 ? (int)(time / BATCH_MS) - 1 : 0;
    struct bag *got = &job->got[seer->output][b];
    riv_result res = { .struct_size = sizeof res };
    (void)r;
    int rc = riv_collect(rdd, &res);
    if (rc < 0)
        return rc;
    if (got->due)
        job_wrong(job, "output %d in batch %d comes twice", seer->output,
                  b + 1);
    free(got->row);
    job_bag(&res, job->graph->node[job->graph->output[seer->output]].type, got);
    riv_result_free(&res);
    return 0;
}

static void watch(struct job *job)
{
    for (int i = 0; i < job->graph->noutput; i++) {
        const struct seer seer = { job, i };
        riv_foreach_rdd(job->ds[job->graph->output[i]], see,
                        RIV_OPT(.arg = RIV_COPY(seer)));
    }
}

/* Flips a bit in every second file of a kept partition. */
enum { DESCRIPTORS = 200 };

static void damage_files(void)
{
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        char path[64], to[256];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        const ssize_t n = readlink(path, to, sizeof to - 1);
        if (n <= 0)
            continue;
        to[n] = '\0';
        if (fd % 2 == 0 || !strstr(to, "/.rivulet-"))
            continue;
        const int own = open(path, O_RDWR);
        unsigned char byte = 0;
        if (own >= 0 && pread(own, &byte, 1, 0) == 1) {
            byte ^= 1;
            if (pwrite(own, &byte, 1, 0) != 1)
                abort();
        }
        close(own);
    }
}

static bool keeps_files(const struct graph *graph)
{
    for (int i = 0; i < graph->nnode; i++)
        if (graph->node[i].op == OP_PERSIST && graph->node[i].a % 4 >= 2)
            return true;
    return false;
}

static void push(struct job *job, int at, int batch)
{
    const struct source *source = &job->graph->source[at];
    size_t i = batch > 0 ? source->until[batch - 1] : 0;
    for (; i < source->until[batch]; i++) {
        const pair row = { source->row[i].k, source->row[i].v };
        const int rc =
            riv_push(job->ds[at],
                     job->graph->node[at].type == PAIRS ? (void *)&row
                                                        : (void *)&row.val,
                     1);
        if (rc < 0)
            job_wrong(job, "riv_push gives %d", rc);
    }
}

static void run_batches(struct job *job)
{
    for (int b = 0; b < job->graph->nbatch && riv_error(job->r) == 0; b++) {
        for (int at = 0; at < job->graph->nnode; at++)
            if (job->graph->node[at].op == OP_QUEUE ||
                job->graph->node[at].op == OP_QUEUE_PAIRS)
                push(job, at, b);
        riv_step(job->r, 1);
    }
}

static void run_one(struct job *job)
{
    char bytes[32];
    job->r = riv_new(RIV_CONFIG(.threads = job->threads, .batch_ms = BATCH_MS));
    snprintf(bytes, sizeof bytes, "%d", job->graph->shuffle_partitions);
    riv_set(job->r, "shuffle.partitions", bytes);
    snprintf(bytes, sizeof bytes, "%" PRId64, job->graph->cache_bytes);
    riv_set(job->r, "cache.memory", bytes);
    riv_set(job->r, "task.bytes", "64K");
    job_build(job, job->graph->faults);
    for (int round = 0; job->graph->nbatch == 0 && round < 2; round++) {
        for (int i = 0; i < job->graph->noutput; i++)
            job_act(job, i);
        if (job->graph->damage && keeps_files(job->graph))
            damage_files();
    }
    watch(job);
    if (job->graph->nbatch == 0)
        riv_run(job->r);
    else
        run_batches(job);
    if (riv_error(job->r) < 0)
        job_wrong(job, "error %d: %s", riv_error(job->r), riv_errmsg(job->r));
    else
        job_compare_all(job);
    riv_free(job->r);
    if (job->path[0])
        unlink(job->path);
}

static void job_fini(struct job *job)
{
    for (int i = 0; i < OUTPUTS_MAX; i++)
        for (int b = 0; b < BATCHES_MAX; b++)
            free(job->got[i][b].row);
    free(job);
}

int engine_check(const struct graph *graph, const struct reference *ref,
                 char *why, size_t room)
{
    static const int threads[] = { 1, 2, 4 };
    struct job *first = NULL;
    bool fine = true;
    for (size_t i = 0; fine && i < 3; i++) {
        struct job *job = calloc(1, sizeof *job);
        if (!job)
            abort();
        *job = (struct job){ .graph = graph,
                             .ref = ref,
                             .why = why,
                             .room = room,
                             .threads = threads[i] };
        run_one(job);
        if (!job->wrong && first)
            job_compare_threads(job, first);
        fine = !job->wrong;
        if (first)
            job_fini(job);
        else
            first = job;
    }
    job_fini(first);
    return fine ? 0 : -1;
}

/* A run that has an end, without pushes. */
static bool ends(const struct graph *graph)
{
    for (int i = 0; i < graph->noutput; i++)
        if (graph->node[graph->output[i]].live)
            return false;
    return graph->noutput > 0;
}

int engine_refuse(const struct graph *graph, char *why, size_t room)
{
    const struct reference none = { .graph = graph };
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        abort();
    *job = (struct job){
        .graph = graph, .ref = &none, .why = why, .room = room, .threads = 2
    };
    job->r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = BATCH_MS));
    job_build(job, 0);
    watch(job);
    if (graph->nbatch > 0)
        run_batches(job);
    else if (ends(graph))
        riv_run(job->r);
    const bool mute = riv_error(job->r) < 0 && riv_errmsg(job->r)[0] == '\0';
    if (mute)
        snprintf(why, room, "error %d without words", riv_error(job->r));
    riv_free(job->r);
    if (job->path[0])
        unlink(job->path);
    job_fini(job);
    return mute ? -1 : 0;
}
