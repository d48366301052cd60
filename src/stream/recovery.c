/* stream/recovery.c - from a journal to a run that goes on. The order: compare
 * the program, load state, finish files, write down what is new, seek sources.
 * All of it can be killed at any point and begun again: loading changes
 * nothing, finishing a file twice is finishing it once, and the rest is one
 * transaction. */
#include "stream/recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/point.h"
#include "base/vec.h"
#include "stream/finishing.h"
#include "stream/loading.h"
#include "stream/received.h"
#include "stream/replay.h"

struct recovery {
    struct riv_recovering base;
    struct riv_generator *gen;
    struct riv_wants wants;
    int64_t zero, interval_ms; /* of the last batch */
    struct riv_buf body;       /* its words */
};

/* ------------------------------------------------------------ the journal */

int riv__durable_open(struct riv_durable *d,
                      const struct riv_recovery_spec *spec, struct riv_err *err)
{
    const struct riv_settings *conf = spec->exec->conf;
    const struct riv_journal_spec journal = {
        .sys = spec->exec->sys,
        .conf = conf,
        .dir = conf->state_dir,
        .app = conf->name[0] ? conf->name : "job",
        .fresh = conf->state_fresh,
    };
    *d = (struct riv_durable){ .exec = spec->exec };
    riv__arena_init(&d->arena, 4096);
    RIV__TRY(riv__journal_open(&journal, &d->journal, err)); /* names it */
    const unsigned char *id = riv__journal_info(d->journal)->id;
    char *app = riv__arena_alloc(&d->arena, 17);
    if (!app)
        return riv__recovering_no_memory(err);
    for (int i = 0; i < 8; i++)
        snprintf(app + (size_t)(2 * i), 3, "%02x", id[i]);
    spec->exec->app = app;
    spec->exec->journaled = true;
    return 0;
}

/* ---------------------------------------------------------- what there is */

static struct riv_sink *exact_sink(const struct riv_op *op)
{
    struct riv_sink *sink =
        op->ops->sink ? op->ops->sink((struct riv_op *)(uintptr_t)op) : NULL;
    return sink && riv__sink_is_exact(sink) ? sink : NULL;
}

/* Rows of new and changed nodes; in the open transaction. */
static int put_nodes(struct recovery *rec, struct riv_err *err)
{
    struct riv_journal *journal = rec->base.durable->journal;
    for (size_t i = 0; i < rec->base.matches.n; i++) {
        struct riv_match *match = &rec->base.matches.match[i];
        if (match->verdict == RIV__MATCH_NEW) {
            RIV__TRY(riv__journal_put_node(journal, &match->row, &match->row.id,
                                           err));
        } else if (match->verdict == RIV__MATCH_DROPPED) {
            RIV__TRY(riv__journal_drop_node(journal, match->row.id, err));
        } else if (match->verdict != RIV__MATCH_CHANGED) {
            match->row.gone = match->verdict == RIV__MATCH_GONE;
            RIV__TRY(riv__journal_set_node(journal, &match->row, err));
        }
    }
    return 0;
}

/* Lines for people, the last one without its end. */
static size_t without_end(const char *lines)
{
    const size_t n = strlen(lines);
    return n - (n > 0 && lines[n - 1] == '\n');
}

static void say_matches(const struct recovery *rec)
{
    for (size_t i = 0; i < rec->base.matches.n; i++) {
        const struct riv_match *match = &rec->base.matches.match[i];
        if (match->verdict == RIV__MATCH_CHANGED)
            riv__recovering_say(
                &rec->base, RIV_LOG_WARN, "the state of %s is converted: %.*s",
                match->identity, (int)without_end(match->note), match->note);
        if (match->verdict == RIV__MATCH_GONE &&
            match->role == RIV__NODE_SOURCE && !match->row.gone)
            riv__recovering_say(
                &rec->base, RIV_LOG_WARN,
                "the input %.*s is no longer part of the job; where it stood is "
                "kept",
                (int)match->row.name.n, match->row.name.p);
        if (match->verdict == RIV__MATCH_GONE &&
            match->role == RIV__NODE_OUTPUT && !match->row.gone)
            riv__recovering_say(
                &rec->base, RIV_LOG_WARN,
                "the output %.*s is no longer part of the job; its files are "
                "completed",
                (int)match->row.name.n, match->row.name.p);
        if (match->verdict == RIV__MATCH_NEW && rec->base.durable->found)
            riv__recovering_say(&rec->base, RIV_LOG_INFO,
                                "%s %s is new and begins empty",
                                match->ds->kind->name, match->identity);
        if (match->verdict == RIV__MATCH_DROPPED)
            riv__recovering_say(&rec->base, RIV_LOG_WARN,
                                "the state of %.*s is deleted",
                                (int)match->row.uid.n, match->row.uid.p);
    }
}

/* ---------------------------------------------------------------- batches */

static bool word_i64(riv_str words, const char *key, int64_t *ret)
{
    riv_str value;
    return riv__stand_get_text(words, key, &value) && riv__num_i64(value, ret);
}

static int see_batch(void *arg, const struct riv_batch_row *row,
                     struct riv_err *err)
{
    struct recovery *rec = arg;
    struct riv_durable *d = rec->base.durable;
    if (row->status == RIV__BATCH_BEGUN) {
        d->redoes = true;
        d->redo_ms = row->time_ms;
        return 0;
    }
    if (RIV__VEC_ROOM(d->time, d->time_cap, d->ntime + 1) < 0)
        return riv__recovering_no_memory(err);
    d->time[d->ntime++] =
        (struct riv_durable_time){ row->number, row->time_ms };
    d->batch = row->number;
    d->time_ms = row->time_ms;
    d->found = true;
    riv__buf_reset(&rec->body);
    riv__buf_add(&rec->body, row->body.p, row->body.n);
    if (!word_i64(row->body, "zero", &rec->zero) ||
        !word_i64(row->body, "interval", &rec->interval_ms))
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "batch %llu: what belongs to it is damaged",
                            (unsigned long long)row->number);
    return 0;
}

static int check_interval(const struct recovery *rec, struct riv_err *err)
{
    return rec->base.durable->found
               ? riv__match_interval(rec->gen->plan, rec->interval_ms, err)
               : 0;
}

/* ---------------------------------------------------------------- sources */

static int see_range(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->ninput; i++) {
        if (d->input[i].id != row->source)
            continue;
        riv__buf_reset(&d->input[i].words);
        riv__buf_add(&d->input[i].words, row->until.p, row->until.n);
        if (d->input[i].words.failed)
            return riv__recovering_no_memory(err);
    }
    return 0;
}

static int see_again(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->ninput; i++) {
        if (d->input[i].id != row->source)
            continue;
        riv__buf_add(&d->input[i].again, row->until.p, row->until.n);
        if (d->input[i].again.failed)
            return riv__recovering_no_memory(err);
    }
    return 0;
}

/* Before the first batch a source stands where it began, which is a note
 * without a key. */
static int see_note(void *arg, riv_str key, riv_str value, struct riv_err *err)
{
    struct riv_durable_input *in = arg;
    if (key.n > 0)
        return riv__input_recall(in->input, key, value, err);
    if (in->words.n == 0)
        riv__buf_add(&in->words, value.p, value.n);
    return in->words.failed ? riv__recovering_no_memory(err) : 0;
}

static int seek_one(struct recovery *rec, struct riv_durable_input *in,
                    struct riv_err *err)
{
    RIV__TRY(riv__journal_each_note(rec->base.durable->journal, in->id,
                                    see_note, in, err));
    if (in->words.n == 0)
        return 0;
    int rc =
        riv__input_seek(in->input, (riv_str){ in->words.p, in->words.n }, err);
    return rc < 0 ? riv__err_prefix(err, "cannot go on") : 0;
}

static int seek_all(struct recovery *rec, const riv_ds *const *source,
                    struct riv_err *err)
{
    struct riv_durable *d = rec->base.durable;
    if (d->found)
        RIV__TRY(
            riv__journal_each_range(d->journal, d->batch, see_range, d, err));
    if (d->redoes)
        RIV__TRY(riv__journal_each_range(d->journal, d->batch + 1, see_again, d,
                                         err));
    for (size_t i = 0; i < d->ninput; i++) {
        const struct riv_match *match =
            riv__recovering_match(&rec->base, RIV__NODE_SOURCE, source[i]);
        if (match->verdict != RIV__MATCH_KEPT)
            riv__buf_reset(&d->input[i].again);
        if (match->verdict == RIV__MATCH_KEPT)
            RIV__TRY(seek_one(rec, &d->input[i], err));
        else
            riv__buf_reset(&d->input[i].words);
        RIV__TRY(riv__received_restore(d, &d->input[i], err));
    }
    return 0;
}

/* Where new sources begin: durable before they have given anything. */
static int put_start(struct recovery *rec, struct riv_durable_input *in,
                     struct riv_err *err)
{
    struct riv_journal *journal = rec->base.durable->journal;
    riv__stand_reset(&in->stand);
    RIV__TRY(riv__input_stand(in->input, &in->stand, err));
    const riv_str words = { in->stand.words.p, in->stand.words.n };
    riv__buf_add(&in->words, words.p, words.n);
    RIV__TRY(
        riv__journal_put_note(journal, in->id, (riv_str){ "", 0 }, words, err));
    for (size_t i = 0; i < in->stand.nnote; i++) {
        const struct riv_note note = riv__stand_note_at(&in->stand, i);
        if (!note.drop)
            RIV__TRY(riv__journal_put_note(journal, in->id, note.key,
                                           note.value, err));
    }
    return 0;
}

static int put_starts(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->base.durable;
    for (size_t i = 0; i < d->ninput; i++)
        if (d->input[i].words.n == 0)
            RIV__TRY(put_start(rec, &d->input[i], err));
    return 0;
}

/* --------------------------------------------------------------- the whole */

static int tables_make(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->base.durable;
    const struct riv_plan *plan = rec->gen->plan;
    d->plan = rec->gen->plan;
    d->input = calloc(rec->gen->ninput + 1, sizeof *d->input);
    d->op = calloc(plan->nop + 1, sizeof *d->op);
    d->output = calloc(plan->nop + 1, sizeof *d->output);
    if (!d->input || !d->op || !d->output)
        return riv__recovering_no_memory(err);
    for (; d->ninput < rec->gen->ninput; d->ninput++) {
        struct riv_durable_input *in = &d->input[d->ninput];
        in->input = rec->gen->input[d->ninput];
        riv__buf_init(&in->words, RIV__STAND_BYTES_MAX);
        riv__buf_init(&in->again, RIV__STAND_BYTES_MAX);
        riv__stand_init(&in->kept);
        riv__stand_init(&in->stand);
    }
    for (uint32_t i = 0; i < plan->nop; i++) {
        struct riv_op *op = plan->op[i];
        if (op->ops->kept)
            d->op[d->nop++].op = op;
        if (exact_sink(op))
            d->output[d->noutput++].sink = exact_sink(op);
        else
            d->begins |= op->ds->output;
    }
    for (uint32_t i = 0; i < plan->nstage; i++)
        d->begins |= plan->stage[i].effects;
    return 0;
}

/* What put_nodes has given them. */
static void take_ids(struct recovery *rec, const riv_ds *const *source)
{
    struct riv_durable *d = rec->base.durable;
    size_t output = 0;
    for (size_t i = 0; i < d->ninput; i++)
        d->input[i].id =
            riv__recovering_match(&rec->base, RIV__NODE_SOURCE, source[i])
                ->row.id;
    for (size_t i = 0; i < d->nop; i++)
        d->op[i].id =
            riv__recovering_match(&rec->base, RIV__NODE_STATE, d->op[i].op->ds)
                ->row.id;
    for (uint32_t i = 0; i < d->plan->nop; i++) {
        if (!exact_sink(d->plan->op[i]))
            continue;
        const struct riv_match *match = riv__recovering_match(
            &rec->base, RIV__NODE_OUTPUT, d->plan->op[i]->ds);
        d->output[output].identity = match->identity;
        d->output[output].is_new = match->verdict != RIV__MATCH_KEPT;
        d->output[output++].id = match->row.id;
    }
}

/* Pieces of snapshots that a dead run did not complete, and old ones. */
static int drop_incomplete(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->base.durable;
    for (size_t i = 0; i < d->nop; i++) {
        struct riv_snapshot_row row;
        RIV__TRY(
            riv__journal_find_snapshot(d->journal, d->op[i].id, &row, err));
        for (uint64_t s = row.snapshot + 1; s <= row.last; s++)
            RIV__TRY(riv__journal_drop_pieces(d->journal, d->op[i].id, s, err));
    }
    return 0;
}

static int write_new(struct recovery *rec, const riv_ds *const *source,
                     struct riv_err *err)
{
    struct riv_journal *journal = rec->base.durable->journal;
    RIV__TRY(riv__journal_begin(journal, err));
    riv__journal_use_spare(journal);
    int rc = put_nodes(rec, err);
    if (rc == 0) {
        take_ids(rec, source);
        rc = drop_incomplete(rec, err);
    }
    if (rc == 0)
        rc = seek_all(rec, source, err);
    if (rc == 0)
        rc = put_starts(rec, err);
    RIV_POINT("recovery.before_commit");
    return riv__journal_end(journal, rc, err);
}

/* The first batches take what the last ones could. */
static void recall_rates(struct recovery *rec)
{
    const riv_str words = { rec->body.p, rec->body.n };
    for (size_t i = 0; i < rec->base.durable->ninput; i++) {
        const struct riv_durable_input *in = &rec->base.durable->input[i];
        char key[32];
        uint64_t rate;
        snprintf(key, sizeof key, "rate.%u", in->id);
        if (riv__stand_get(words, key, &rate))
            riv__rate_recall(&in->input->rate, rate);
    }
}

static int see_letter(void *arg, const struct riv_letter_row *row,
                      struct riv_err *err)
{
    struct riv_durable *d = arg;
    (void)err;
    d->exec->letter_bytes += row->raw.n;
    return 0;
}

static int recover(struct recovery *rec, const riv_ds *const *source,
                   struct riv_err *err)
{
    struct riv_durable *d = rec->base.durable;
    RIV__TRY(tables_make(rec, err));
    RIV__TRY(riv__wants_make(&rec->wants, d->plan, source, d->ninput, err));
    RIV__TRY(riv__journal_each_batch(d->journal, 0, see_batch, rec, err));
    RIV__TRY(check_interval(rec, err));
    RIV__TRY(riv__matches_make(&rec->base.matches, &d->arena, d->journal,
                               d->exec->conf, d->exec->graph, &rec->wants,
                               err));
    RIV__TRY(riv__matches_verdict(&rec->base.matches, err));
    say_matches(rec);
    RIV__TRY(write_new(rec, source, err));
    recall_rates(rec);
    if (d->found) {
        d->plan->zero = rec->zero;
        d->plan->begun = true;
        d->plan->time = d->time_ms;
    }
    RIV__TRY(riv__loading_all(&rec->base, err));
    RIV__TRY(riv__journal_each_letter(d->journal, 1, see_letter, d, err));
    RIV__TRY(riv__replay_load(d, source, rec->base.say, rec->base.arg, err));
    return riv__finishing_all(&rec->base, err);
}

static void say_end(const struct recovery *rec, int64_t began_ns)
{
    const struct riv_durable *d = rec->base.durable;
    struct riv_sys *sys = d->exec->sys;
    if (!d->found)
        riv__recovering_say(&rec->base, RIV_LOG_INFO, "state directory %s: new",
                            d->exec->conf->state_dir);
    else
        riv__recovering_say(
            &rec->base, RIV_LOG_INFO,
            "state directory %s: goes on behind batch %llu (recovered in %lld "
            "ms)",
            d->exec->conf->state_dir, (unsigned long long)d->batch,
            (long long)((sys->mono_ns(sys) - began_ns) / 1000000));
}

int riv__durable_recover(struct riv_durable *d,
                         const struct riv_recovery_spec *spec,
                         struct riv_generator *gen, struct riv_err *err)
{
    struct recovery rec = {
        .base = { .durable = d, .say = spec->say, .arg = spec->arg },
        .gen = gen,
    };
    riv__buf_init(&rec.body, 0);
    const int64_t began_ns = d->exec->sys->mono_ns(d->exec->sys);
    int rc = recover(&rec, gen->source, err);
    riv__matches_fini(&rec.base.matches);
    riv__wants_fini(&rec.wants);
    riv__buf_fini(&rec.body);
    if (rc < 0)
        return riv__err_prefix(err, "state directory %s",
                               d->exec->conf->state_dir);
    say_end(&rec, began_ns);
    if (d->redoes)
        riv__recovering_say(
            &rec.base, RIV_LOG_INFO,
            "batch %llu had begun: it is run again on the same input",
            (unsigned long long)d->batch + 1);
    gen->time = d->time_ms;
    const struct riv_writer_spec writer = {
        .sys = d->exec->sys,
        .driver = &gen->wake,
        .intake = riv__received_intake(d),
        .leaves = &gen->how,
        .say = spec->say,
        .arg = spec->arg,
    };
    return riv__writer_start(RIV__TAKE(d->journal), &writer, &d->writer, err);
}
