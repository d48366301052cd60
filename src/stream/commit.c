/* stream/commit.c - a batch goes into the journal: where its sources stand,
 * what it changed in state, which files it wrote into. The message is filled
 * while those before may still be on their way. When there are too many of them
 * the next batch waits for all: so sources, which are told once nothing is on
 * its way, are told in time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/point.h"
#include "base/vec.h"
#include "exec/watch.h"
#include "stream/durable.h"
#include "stream/replay.h"
#include "stream/segment.h"

enum {
    BATCHES_KEPT = 1000, /* rows of history, for people */
    BLOB_BYTES = 4096,   /* then the next partition begins another blob */
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to write a batch down");
}

/* -------------------------------------------------------------- the parts */

static int open_message(struct riv_durable *d, struct riv_err *err)
{
    if (!d->open)
        d->open = riv__writer_take(d->writer, err);
    if (!d->open)
        return err ? err->code : RIV_EIO;
    return 0;
}

static int put_notes(struct riv_durable *d, const struct riv_durable_input *in)
{
    for (size_t i = 0; i < in->stand.nnote; i++) {
        const struct riv_note note = riv__stand_note_at(&in->stand, i);
        RIV__TRY(riv__commit_note(
            d->open, &(struct riv_commit_note){ .source = in->id,
                                                .key = note.key,
                                                .value = note.value,
                                                .drop = note.drop }));
    }
    return 0;
}

/* Where an input stands behind what was cut; `batch` reads from where it stood
 * after the last one. */
static int put_input(struct riv_durable *d, struct riv_durable_input *in,
                     uint64_t batch, struct riv_err *err)
{
    const uint64_t bytes = in->input->batch_bytes;
    riv__stand_reset(&in->stand);
    RIV__TRY(riv__input_stand(in->input, &in->stand, err));
    const struct riv_range_row row = {
        .batch = batch,
        .source = in->id,
        .from = { in->words.p, in->words.n },
        .until = { in->stand.words.p, in->stand.words.n },
        .bytes = bytes,
    };
    if (riv__commit_range(d->open, &row) < 0 || put_notes(d, in) < 0)
        return no_memory(err);
    return 0;
}

/* The batch is done: the next one begins where this one ends, and what it
 * received may go. */
static int take_words(struct riv_durable *d, struct riv_durable_input *in,
                      struct riv_err *err)
{
    uint64_t until;
    const riv_str words = { in->stand.words.p, in->stand.words.n };
    if (riv__input_receives(in->input) &&
        riv__stand_get(words, "received", &until) &&
        riv__commit_used(d->open, in->id, until) < 0)
        return no_memory(err);
    riv__buf_reset(&in->words);
    riv__buf_add(&in->words, in->stand.words.p, in->stand.words.n);
    return in->words.failed ? no_memory(err) : 0;
}

/* What the batch changed in one partition, behind what the blob has already. */
static int put_changes(struct riv_durable *d, struct riv_op *op, uint32_t k,
                       struct riv_buf *to, struct riv_err *err)
{
    const struct riv_kept_ops *ops = op->ops->kept;
    const size_t begin = riv__segment_begin(to, k, ops->parts(op), d->time_ms);
    RIV__TRY(ops->delta(op, k, to, err));
    riv__segment_end(to, begin, false);
    return to->failed ? no_memory(err) : 0;
}

/* Partition by partition, a blob of so many bytes and more: a large partition
 * gives the memory that it has filled, instead of a copy. */
static int put_delta(struct riv_durable *d, struct riv_durable_op *kept,
                     struct riv_err *err)
{
    const uint32_t n = kept->op->ops->kept->parts(kept->op);
    struct riv_commit_blob *blob = NULL;
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (!blob || blob->bytes.n >= BLOB_BYTES)
            blob = riv__commit_blob(d->open, RIV__BLOB_DELTA, kept->id);
        if (!blob)
            return no_memory(err);
        const size_t was = blob->bytes.n;
        RIV__TRY(put_changes(d, kept->op, k, &blob->bytes, err));
        bytes += blob->bytes.n - was;
    }
    if (blob && blob->bytes.n == 0)
        riv__commit_blob_drop(d->open);
    riv__durable_grew(d, kept, bytes);
    return 0;
}

static int put_outputs(struct riv_durable *d, struct riv_err *err)
{
    for (size_t i = 0; i < d->noutput; i++)
        RIV__TRY(
            riv__sink_commit(d->output[i].sink, d->output[i].id, d->open, err));
    return 0;
}

/* ---------------------------------------------------- on the storage thread */

static int sync_outputs(void *arg, struct riv_commit *commit,
                        struct riv_err *err)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->noutput; i++)
        RIV__TRY(
            riv__sink_sync(d->output[i].sink, d->output[i].id, commit, err));
    return 0;
}

static void used(void *arg, const struct riv_commit *commit)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < commit->nused; i++)
        for (size_t k = 0; k < d->ninput; k++)
            if (d->input[k].id == commit->used[i].source)
                atomic_store(&d->input[k].done, commit->used[i].until);
}

static int show_outputs(void *arg, struct riv_commit *commit,
                        struct riv_err *err)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->noutput; i++)
        RIV__TRY(
            riv__sink_show(d->output[i].sink, d->output[i].id, commit, err));
    for (size_t i = 0; i < d->noutput; i++)
        RIV__TRY(riv__sink_send_all(d->output[i].sink, d->output[i].id, commit,
                                    err));
    return 0;
}

/* -------------------------------------------------------------- the whole */

/* What belongs to no node: from which time windows count; and to inputs, but is
 * not where they stand: how much batches could take of them. */
static int put_body(struct riv_durable *d)
{
    riv__buf_reset(&d->body);
    riv__buf_printf(&d->body, "zero=%lld interval=%lld",
                    (long long)d->plan->zero,
                    (long long)d->exec->conf->interval_ms);
    for (size_t i = 0; i < d->ninput; i++) {
        const uint64_t rate = riv__rate_learned(&d->input[i].input->rate);
        if (rate > 0)
            riv__buf_printf(&d->body, " rate.%u=%llu", d->input[i].id,
                            (unsigned long long)rate);
    }
    if (d->body.failed)
        return RIV_ENOMEM;
    d->open->batch.body.p =
        riv__arena_copy(&d->open->arena, d->body.p, d->body.n);
    d->open->batch.body.n = d->body.n;
    return d->open->batch.body.p ? 0 : RIV_ENOMEM;
}

static int remember_time(struct riv_durable *d)
{
    if (d->first > d->ntime / 2) {
        d->ntime -= d->first;
        memmove(d->time, d->time + d->first, d->ntime * sizeof *d->time);
        d->first = 0;
    }
    RIV__TRY(RIV__VEC_ROOM(d->time, d->time_cap, d->ntime + 1));
    d->time[d->ntime++] = (struct riv_durable_time){ d->batch, d->time_ms };
    return 0;
}

/* History is kept for people, and for those whose recovery goes over it. */
static uint64_t prune_before(const struct riv_durable *d)
{
    uint64_t before = d->batch > BATCHES_KEPT ? d->batch - BATCHES_KEPT : 0;
    for (size_t i = 0; i < d->nop; i++)
        before = RIV__MIN(before, d->op[i].oldest_base);
    return before;
}

/* What was refused is written down with the batch, or not at all. */
static int put_letters(struct riv_durable *d, struct riv_err *err)
{
    struct riv_letters *letters = &d->exec->letters;
    for (const struct riv_letter_note *at = letters->first; at; at = at->next) {
        const struct riv_letter_row row = {
            .batch = d->batch,
            .time_ms = d->time_ms,
            .op = riv_cstr(at->ds ? riv__ds_name(at->ds) : RIV__LETTER_CRASH),
            .source = at->source,
            .offset = at->offset,
            .reason = riv_cstr(at->why),
            .raw = at->raw,
        };
        if (riv__commit_letter(d->open, &row) < 0)
            return no_memory(err);
    }
    d->exec->letter_bytes += letters->bytes;
    riv__letters_fini(letters);
    return 0;
}

static int fill(struct riv_durable *d, struct riv_err *err)
{
    const struct riv_job_stats *stats = &d->plan->stats;
    for (size_t i = 0; i < d->ninput; i++) {
        if (!d->begun)
            RIV__TRY(put_input(d, &d->input[i], d->batch, err));
        RIV__TRY(take_words(d, &d->input[i], err));
    }
    for (size_t i = 0; i < d->nop; i++)
        RIV__TRY(put_delta(d, &d->op[i], err));
    RIV__TRY(put_outputs(d, err));
    RIV__TRY(riv__replay_commit(d, err));
    RIV__TRY(put_letters(d, err));
    if (d->more)
        RIV__TRY(d->more(d->arg, d->open, err));
    if (put_body(d) < 0 || remember_time(d) < 0)
        return no_memory(err);
    struct riv_batch_row *row = &d->open->batch;
    row->number = d->batch;
    row->time_ms = d->time_ms;
    row->status = d->open->publishes ? RIV__BATCH_DONE : RIV__BATCH_PUBLISHED;
    row->records_in = stats->records_in;
    row->records_bad = stats->records_bad;
    row->records_out = stats->records_out;
    if (d->batch % 64 == 0)
        d->open->prune_before = prune_before(d);
    return riv__durable_trim(d, err);
}

static void send(struct riv_durable *d)
{
    struct riv_commit *commit = d->open;
    d->open = NULL;
    commit->arg = d;
    commit->sync = sync_outputs;
    commit->publish = show_outputs;
    commit->done = used;
    d->sent = riv__writer_send(d->writer, commit);
}

/* Those before, when there are too many of them. */
static int keep_up(struct riv_durable *d, struct riv_err *err)
{
    if (riv__writer_is_behind(d->writer))
        return riv__durable_wait(d, err);
    return riv__durable_look(d, err);
}

bool riv__durable_is_short(const struct riv_durable *d)
{
    return !d->redoes && riv__writer_is_short(d->writer);
}

void riv__durable_at_work(struct riv_durable *d, bool at_work)
{
    (void)riv__writer_at_work(d->writer, at_work);
}

int riv__durable_batch(struct riv_durable *d, int64_t processing_us,
                       struct riv_err *err)
{
    RIV__TRY(open_message(d, err));
    d->open->batch.processing_us = processing_us;
    d->batch++;
    d->time_ms = d->plan->time;
    RIV__TRY(fill(d, err));
    riv__writer_need(d->writer, riv__durable_need(d));
    RIV__TRY(keep_up(d, err));
    send(d);
    d->begun = false;
    return 0;
}

/* For whoever has to say which input killed the process. */
static void tell_reads(const struct riv_durable *d)
{
    struct riv_buf text;
    if (!d->exec->watch)
        return;
    riv__buf_init(&text, 0);
    for (size_t i = 0; i < d->ninput; i++) {
        const struct riv_durable_input *in = &d->input[i];
        const struct riv_buf *until = d->redoes ? &in->again : &in->stand.words;
        riv__buf_printf(&text, "%s%s from (%.*s) until (%.*s)",
                        i > 0 ? "; " : "", in->input->shown, (int)in->words.n,
                        in->words.p ? in->words.p : "", (int)until->n,
                        until->p ? until->p : "");
    }
    riv__buf_char(&text, '\0');
    riv__watch_reads(d->exec->watch, text.failed ? "" : text.p);
    riv__buf_fini(&text);
}

/* The process was killed lately: it may be again, and by the same records. */
static bool is_fixed(const struct riv_durable *d)
{
    const struct riv_watch *watch = d->exec->watch;
    return watch && (int64_t)d->batch + 1 <= watch->sieve.fixes;
}

int riv__durable_begin(struct riv_durable *d, int64_t time_ms,
                       struct riv_err *err)
{
    if (d->redoes)
        tell_reads(d);
    if (d->redoes || (!d->begins && !is_fixed(d)))
        return 0;
    RIV__TRY(open_message(d, err));
    for (size_t i = 0; i < d->ninput; i++)
        RIV__TRY(put_input(d, &d->input[i], d->batch + 1, err));
    tell_reads(d);
    d->open->batch = (struct riv_batch_row){ .number = d->batch + 1,
                                             .time_ms = time_ms,
                                             .status = RIV__BATCH_BEGUN };
    if (put_body(d) < 0)
        return no_memory(err);
    send(d);
    d->begun = true;
    RIV_POINT("durable.begun");
    return riv__writer_wait(d->writer, err);
}

int riv__durable_reach(struct riv_durable *d, struct riv_err *err)
{
    for (size_t i = 0; i < d->ninput; i++) {
        const struct riv_buf *again = &d->input[i].again;
        if (again->n == 0)
            continue;
        const int rc = riv__input_reach(d->input[i].input,
                                        (riv_str){ again->p, again->n }, err);
        if (rc <= 0)
            return rc;
    }
    return 1;
}

/* Sources are told once nothing is under way: then their last stand is what is
 * durable. Those that receive are told by the storage thread alone, behind each
 * commit: it may have counted lines that are in none yet. */
int riv__durable_look(struct riv_durable *d, struct riv_err *err)
{
    (void)err;
    if (d->told == d->sent || riv__writer_done(d->writer) != d->sent)
        return 0;
    d->told = d->sent;
    for (size_t i = 0; i < d->ninput; i++)
        if (!riv__input_receives(d->input[i].input))
            riv__input_ack(d->input[i].input);
    return 0;
}

int riv__durable_wait(struct riv_durable *d, struct riv_err *err)
{
    RIV__TRY(riv__writer_wait(d->writer, err));
    return riv__durable_look(d, err);
}

/* A message without a batch of its own: it completes the last one's files. */
int riv__durable_finish(struct riv_durable *d, struct riv_err *err)
{
    RIV__TRY(open_message(d, err));
    for (size_t i = 0; i < d->noutput; i++)
        RIV__TRY(riv__sink_complete(d->output[i].sink, d->output[i].id, d->open,
                                    err));
    if (d->open->nfile == 0)
        riv__writer_drop(d->writer, RIV__TAKE(d->open));
    else
        send(d);
    return riv__durable_wait(d, err);
}

int riv__durable_close(struct riv_durable *d, struct riv_err *err)
{
    int rc = 0;
    if (d->open)
        riv__writer_drop(d->writer, RIV__TAKE(d->open));
    riv__replay_fini(d);
    if (d->writer)
        rc = riv__writer_stop(RIV__TAKE(d->writer), true, err);
    riv__journal_abandon(RIV__TAKE(d->journal));
    for (size_t i = 0; i < d->ninput; i++) {
        riv__buf_fini(&d->input[i].words);
        riv__buf_fini(&d->input[i].again);
        riv__news_fini(&d->input[i].news);
        riv__stand_fini(&d->input[i].kept);
        riv__stand_fini(&d->input[i].stand);
    }
    riv__buf_fini(&d->body);
    free(d->input);
    free(d->op);
    free(d->output);
    free(d->time);
    riv__arena_fini(&d->arena);
    *d = (struct riv_durable){ .exec = NULL };
    return rc;
}
