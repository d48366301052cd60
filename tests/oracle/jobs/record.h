/* record.h - what the oracle's jobs have in common: the record, the arguments
 *
 *   JOB INPUT OUTDIR INTERVAL_MS [INPUT2]
 *
 * and the three outputs that say which batch took what, from which the oracle
 * computes all others again: echo (every line, unchanged), seen ("batch_ms,
 * source,seq" for each record), batches ("batch_ms,records" for each batch,
 * also an empty one). Outputs are folders of files that appear whole. Each job
 * is a file that also is a part of all.c, which defines ORACLE_PART. */
#ifndef ORACLE_RECORD_H
#define ORACLE_RECORD_H

#include <rivulet.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    riv_str source;
    int64_t seq;
    riv_str key;
    int64_t value;
} record;
RIV_STRUCT(record, source, seq, key, value);

typedef struct {
    int64_t n, sum;
} tally;
RIV_STRUCT(tally, n, sum);
RIV_PAIR(key_tally, riv_str, tally);
RIV_PAIR(key_value, riv_str, int64_t);

struct job { /* what its arguments say */
    const char *dir;
    int64_t interval_ms;
    riv_ds *records;      /* of all inputs */
    riv_ds *left, *right; /* of the first, of the second; else NULL */
    riv_ds *tallies;      /* of the batch, by key */
};

/* ------------------------------------------------------------------ shapes */

typedef struct {
    int64_t batch_ms;
    riv_str source;
    int64_t seq;
} seen_row;
RIV_STRUCT(seen_row, batch_ms, source, seq);

RIV_MAP(seen, record, seen_row);
static int seen(const record *in, seen_row *out, riv_task *t)
{
    *out = (seen_row){ t->time, in->source, in->seq };
    return 0;
}

typedef struct {
    int64_t batch_ms, records;
} batch_row;
RIV_STRUCT(batch_row, batch_ms, records);

RIV_MAP(stamp, int64_t, batch_row);
static int stamp(const int64_t *n, batch_row *out, riv_task *t)
{
    *out = (batch_row){ t->time, *n };
    return 0;
}

RIV_MAP(by_key, record, key_tally);
static int by_key(const record *in, key_tally *out, riv_task *t)
{
    (void)t;
    *out = (key_tally){ in->key, { 1, in->value } };
    return 0;
}

RIV_REDUCE(tally_add, tally);
static void tally_add(tally *acc, const tally *v, riv_task *t)
{
    (void)t;
    acc->n += v->n;
    acc->sum += v->sum;
}

/* "batch_ms,key,n,sum", of several jobs. */
typedef struct {
    int64_t batch_ms;
    riv_str key;
    int64_t n, sum;
} tally_row;
RIV_STRUCT(tally_row, batch_ms, key, n, sum);

RIV_MAP(tally_show, key_tally, tally_row);
static int tally_show(const key_tally *in, tally_row *out, riv_task *t)
{
    *out = (tally_row){ t->time, in->key, in->val.n, in->val.sum };
    return 0;
}

/* ----------------------------------------------------------------- building */

static void save(const struct job *job, riv_ds *ds, const char *name)
{
    char path[4096], uid[64];
    snprintf(path, sizeof path, "%.4000s/%s/", job->dir, name);
    snprintf(uid, sizeof uid, "out-%s", name);
    riv_save_text(ds, path, RIV_OPT(.uid = uid));
}

static riv_ds *decode(riv_ds *lines, const char *uid)
{
    return riv_decode(lines, &riv_type_record, "csv",
                      RIV_OPT(.uid = uid, .on_error = RIV_SKIP));
}

/* Reads the arguments, makes the inputs and the outputs that all jobs have. */
static int job_begin(struct job *job, riv *r, int argc, char **argv)
{
    if (argc < 4)
        return riv_invalid(r, "usage: JOB INPUT OUTDIR INTERVAL_MS [INPUT2]");
    *job = (struct job){ .dir = argv[2] };
    job->interval_ms = strtoll(argv[3], NULL, 10);
    riv_ds *lines = riv_text(r, argv[1], RIV_OPT(.uid = "lines"));
    job->records = job->left = decode(lines, "records");
    if (argc > 4) {
        riv_ds *more = riv_text(r, argv[4], RIV_OPT(.uid = "lines2"));
        job->right = decode(more, "records2");
        lines = riv_union(lines, more);
        job->records = riv_union(job->left, job->right);
    }
    job->tallies = riv_reduce_by_key(riv_map(job->records, by_key_fn, NULL),
                                     tally_add_fn, NULL);
    save(job, lines, "echo");
    save(job, riv_map(job->records, seen_fn, NULL), "seen");
    save(job, riv_map(riv_count(job->records), stamp_fn, NULL), "batches");
    return 0;
}

/* A job of its own: the three outputs, and what `build` adds. */
RIV_UNUSED static int job_only(void (*build)(const struct job *), riv *r,
                               int argc, char **argv)
{
    struct job job = { .dir = NULL };
    int rc = job_begin(&job, r, argc, argv);
    if (rc == 0 && build)
        build(&job);
    return rc;
}

#endif
