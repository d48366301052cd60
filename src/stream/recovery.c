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
#include "stream/leftover.h"
#include "stream/match.h"
#include "stream/outbox.h"
#include "stream/received.h"
#include "stream/replay.h"
#include "stream/upgrade.h"

struct recovery {
    struct riv_durable *durable;
    const struct riv_recovery_spec *spec;
    struct riv_generator *gen;
    struct riv_matches matches;
    struct riv_wants wants;
    int64_t *asof; /* of the partitions of the snapshot that is loaded */
    size_t asof_cap;
    uint32_t nasof;
    int64_t zero, interval_ms; /* of the last batch */
    struct riv_buf body;       /* its words */
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to recover");
}

static void say(const struct recovery *rec, int level, const char *fmt, ...)
    RIV__FORMAT(3, 4);
static void say(const struct recovery *rec, int level, const char *fmt, ...)
{
    char text[RIV__ERR_TEXT_MAX];
    va_list ap;
    if (!rec->spec->say)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rec->spec->say(rec->spec->arg, level, text);
}

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
        return no_memory(err);
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

static struct riv_match *match_of(struct recovery *rec, enum riv_node_role role,
                                  const riv_ds *ds)
{
    for (size_t i = 0; i < rec->matches.n; i++)
        if (rec->matches.match[i].ds == ds &&
            rec->matches.match[i].role == role)
            return &rec->matches.match[i];
    return NULL;
}

/* Rows of new and changed nodes; in the open transaction. */
static int put_nodes(struct recovery *rec, struct riv_err *err)
{
    struct riv_journal *journal = rec->durable->journal;
    for (size_t i = 0; i < rec->matches.n; i++) {
        struct riv_match *match = &rec->matches.match[i];
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
    for (size_t i = 0; i < rec->matches.n; i++) {
        const struct riv_match *match = &rec->matches.match[i];
        if (match->verdict == RIV__MATCH_CHANGED)
            say(rec, RIV_LOG_WARN, "the state of %s is converted: %.*s",
                match->identity, (int)without_end(match->note), match->note);
        if (match->verdict == RIV__MATCH_GONE &&
            match->role == RIV__NODE_SOURCE && !match->row.gone)
            say(rec, RIV_LOG_WARN,
                "the input %.*s is no longer part of the job; where it stood is "
                "kept",
                (int)match->row.name.n, match->row.name.p);
        if (match->verdict == RIV__MATCH_GONE &&
            match->role == RIV__NODE_OUTPUT && !match->row.gone)
            say(rec, RIV_LOG_WARN,
                "the output %.*s is no longer part of the job; its files are "
                "completed",
                (int)match->row.name.n, match->row.name.p);
        if (match->verdict == RIV__MATCH_NEW && rec->durable->found)
            say(rec, RIV_LOG_INFO, "%s %s is new and begins empty",
                match->ds->kind->name, match->identity);
        if (match->verdict == RIV__MATCH_DROPPED)
            say(rec, RIV_LOG_WARN, "the state of %.*s is deleted",
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
    struct riv_durable *d = rec->durable;
    if (row->status == RIV__BATCH_BEGUN) {
        d->redoes = true;
        d->redo_ms = row->time_ms;
        return 0;
    }
    if (RIV__VEC_ROOM(d->time, d->time_cap, d->ntime + 1) < 0)
        return no_memory(err);
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
    return rec->durable->found
               ? riv__match_interval(rec->gen->plan, rec->interval_ms, err)
               : 0;
}

/* ------------------------------------------------------------------ state */

struct loading {
    struct recovery *rec;
    struct riv_durable_op *kept;
    const struct riv_convert *val;
    struct riv_upgrader upgrader;
    uint64_t next; /* the batch whose delta is to come; of REPLAYS */
};

static int load_segments(struct loading *load, riv_str bytes, bool is_piece,
                         struct riv_err *err)
{
    struct recovery *rec = load->rec;
    struct riv_op *op = load->kept->op;
    const struct riv_kept_ops *ops = op->ops->kept;
    struct riv_segment seg;
    int rc;
    while ((rc = riv__segment_next(&bytes, &seg, err)) > 0) {
        const struct riv_kept_from from = { .part = seg.part,
                                            .of = seg.of,
                                            .time = seg.time_ms,
                                            .val = load->val };
        const bool replays = ops->flags & RIV__KEPT_REPLAYS;
        if (is_piece) {
            if (RIV__VEC_ROOM(rec->asof, rec->asof_cap, seg.of) < 0)
                return no_memory(err);
            for (; rec->nasof < seg.of; rec->nasof++)
                rec->asof[rec->nasof] = INT64_MIN;
            rec->asof[seg.part] = seg.time_ms;
            rc = ops->load_piece(op, &from, seg.bytes, err);
        } else if (!replays || seg.of != rec->nasof ||
                   seg.time_ms > rec->asof[seg.part]) {
            rc = ops->load_delta(op, &from, seg.bytes, err);
        }
        riv__upgrader_reset(&load->upgrader);
        RIV__TRY(rc);
    }
    return rc;
}

static int see_piece(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    (void)batch;
    return load_segments(arg, bytes, true, err);
}

/* A batch in which the operator got nothing: a window slides all the same. Of a
 * partition that had something its own segment is. */
static int slide_empty(struct loading *load, int64_t time_ms,
                       const riv_str *had, struct riv_err *err)
{
    struct recovery *rec = load->rec;
    struct riv_op *op = load->kept->op;
    const struct riv_kept_ops *ops = op->ops->kept;
    const uint32_t of = ops->parts(op);
    for (uint32_t k = 0; k < of; k++) {
        struct riv_segment seg;
        riv_str rest = had ? *had : (riv_str){ "", 0 };
        bool has = rec->nasof == of && time_ms <= rec->asof[k];
        while (!has && riv__segment_next(&rest, &seg, err) > 0)
            has = seg.part == k && seg.of == of;
        if (!has)
            RIV__TRY(ops->load_delta(
                op,
                &(struct riv_kept_from){ .part = k, .of = of, .time = time_ms },
                (riv_str){ "", 0 }, err));
    }
    return 0;
}

/* Batches before `batch` that left no delta. */
static int slide_up_to(struct loading *load, uint64_t batch,
                       struct riv_err *err)
{
    const struct riv_durable *d = load->rec->durable;
    if (!(load->kept->op->ops->kept->flags & RIV__KEPT_REPLAYS))
        return 0;
    for (size_t i = 0; i < d->ntime; i++)
        if (d->time[i].number >= load->next && d->time[i].number < batch)
            RIV__TRY(slide_empty(load, d->time[i].time_ms, NULL, err));
    return 0;
}

static int see_delta(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    struct loading *load = arg;
    struct riv_segment seg;
    riv_str rest = bytes;
    RIV__TRY(slide_up_to(load, batch, err));
    load->next = batch + 1;
    load->kept->delta_bytes += bytes.n;
    RIV__TRY(load_segments(load, bytes, false, err));
    if (!(load->kept->op->ops->kept->flags & RIV__KEPT_REPLAYS) ||
        riv__segment_next(&rest, &seg, err) <= 0)
        return 0;
    return slide_empty(load, seg.time_ms, &bytes, err);
}

static int load_rows(struct loading *load, struct riv_err *err)
{
    struct riv_durable_op *kept = load->kept;
    struct riv_journal *journal = load->rec->durable->journal;
    struct riv_snapshot_row row;
    RIV__TRY(riv__journal_find_snapshot(journal, kept->id, &row, err));
    if (row.snapshot > 0)
        RIV__TRY(riv__journal_each_piece(journal, &row, see_piece, load, err));
    load->next = row.base + 1;
    RIV__TRY(riv__journal_each_delta(journal, kept->id, row.base, see_delta,
                                     load, err));
    RIV__TRY(slide_up_to(load, UINT64_MAX, err));
    kept->snapshot = row.last;
    kept->oldest_base = 0;
    kept->last_base = row.base;
    return 0;
}

static int load_op(struct recovery *rec, struct riv_durable_op *kept,
                   const struct riv_match *match, struct riv_err *err)
{
    const struct riv_kept_ops *ops = kept->op->ops->kept;
    struct loading load = { .rec = rec, .kept = kept, .val = match->val };
    rec->nasof = 0;
    riv__upgrader_init(&load.upgrader, kept->op->ds, match->val);
    int rc = load_rows(&load, err);
    riv__upgrader_fini(&load.upgrader);
    if (rc < 0 || !ops->loaded)
        return rc;
    return ops->loaded(kept->op, rec->durable->time_ms, err);
}

/* State of an older type was converted: all of it is written down anew,
 * together with the new schema. */
static int rewrite_pieces(struct recovery *rec, struct riv_durable_op *kept,
                          struct riv_buf *to, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    const struct riv_kept_ops *ops = kept->op->ops->kept;
    const uint32_t of = ops->parts(kept->op);
    for (uint32_t k = 0; k < of; k++) {
        int more = 1;
        for (uint64_t at = 0; more > 0;) {
            riv__buf_reset(to);
            const size_t begin = riv__segment_begin(to, k, of, d->time_ms);
            more = ops->piece(kept->op, k, &at, to, err);
            RIV__TRY(more);
            riv__segment_end(to, begin, true);
            if (to->failed)
                return no_memory(err);
            RIV__TRY(riv__journal_put_piece(d->journal, kept->id,
                                            kept->snapshot,
                                            (riv_str){ to->p, to->n }, err));
        }
    }
    return riv__journal_put_snapshot(d->journal, kept->id, kept->snapshot,
                                     d->batch, err);
}

static int rewrite(struct recovery *rec, struct riv_durable_op *kept,
                   const struct riv_match *match, struct riv_err *err)
{
    struct riv_journal *journal = rec->durable->journal;
    struct riv_buf bytes;
    riv__buf_init(&bytes, 0);
    kept->snapshot++;
    int rc = riv__journal_begin(journal, err);
    if (rc == 0)
        rc = rewrite_pieces(rec, kept, &bytes, err);
    if (rc == 0)
        rc = riv__journal_set_node(journal, &match->row, err);
    if (rc == 0)
        rc = riv__journal_commit(journal, err);
    if (rc < 0)
        riv__journal_rollback(journal);
    riv__buf_fini(&bytes);
    kept->last_base = rec->durable->batch;
    kept->delta_bytes = 0;
    return rc;
}

static int load_all(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    char show[256];
    for (size_t i = 0; i < d->nop; i++) {
        const struct riv_match *match =
            match_of(rec, RIV__NODE_STATE, d->op[i].op->ds);
        if (match->verdict == RIV__MATCH_NEW)
            continue;
        int rc = load_op(rec, &d->op[i], match, err);
        if (rc == 0 && match->verdict == RIV__MATCH_CHANGED)
            rc = rewrite(rec, &d->op[i], match, err);
        if (rc < 0)
            return riv__err_prefix(
                err, "state of %s",
                riv__ds_show(d->op[i].op->ds, show, sizeof show));
    }
    return 0;
}

/* ------------------------------------------------------------------ files */

struct finishing {
    struct recovery *rec;
    riv_str uid, uri;      /* of the output */
    struct riv_sink *sink; /* NULL: of an output that is gone */
    int64_t
        time_ms; /* until when the journal knows what it has shown, INT64_MAX:
                        it was not there */
    struct riv_file_row *row;
    size_t n, cap;
};

/* Rows are read first and worked on afterwards: no statement stays open. */
static int see_file(void *arg, const struct riv_file_row *row,
                    struct riv_err *err)
{
    struct finishing *f = arg;
    struct riv_arena *arena = f->rec->matches.arena;
    if (RIV__VEC_ROOM(f->row, f->cap, f->n + 1) < 0)
        return no_memory(err);
    f->row[f->n] = *row;
    f->row[f->n].temporary.p =
        riv__arena_copy(arena, row->temporary.p, row->temporary.n);
    f->row[f->n].name.p = riv__arena_copy(arena, row->name.p, row->name.n);
    f->row[f->n].folder.p =
        riv__arena_copy(arena, row->folder.p, row->folder.n);
    f->n++;
    return 0;
}

/* Does the output still write where this file is? */
static bool goes_on(const struct finishing *f, const struct riv_file_row *row)
{
    return f->sink && riv_eq(row->folder, riv_cstr(f->sink->uri));
}

static int finish_row(struct finishing *f, struct riv_file_row *row,
                      struct riv_err *err)
{
    RIV_POINT("recovery.before_file");
    if (!goes_on(f, row))
        RIV__TRY(riv__leftover_finish(f->rec->durable, row, err));
    return f->sink ? riv__sink_resume(f->sink, row, err) : 0;
}

/* Has the user said that it goes on all the same? If not, `way_out` becomes a
 * part of the message, with the output's name behind it. */
static int allow(struct finishing *f, const char *way_out, struct riv_err *err)
{
    const char *list = f->rec->durable->exec->conf->output_reset;
    char text[RIV__ERR_TEXT_MAX];
    if (riv__match_is_listed(list, f->uid) ||
        riv__match_is_listed(list, f->uri)) {
        err->code = 0;
        return 0;
    }
    snprintf(text, sizeof text, "%s", err->text);
    return riv__err_set(err, RIV_ECHECKPOINT, "%s; %s -c output.reset=%.*s",
                        text, way_out, (int)f->uid.n, f->uid.p);
}

/* Lines were promised in a file that somebody has taken away or changed. */
static int give_up_row(struct finishing *f, struct riv_file_row *row,
                       struct riv_err *err)
{
    RIV__TRY(allow(f, "put it back as it was, or lose what it held with", err));
    say(f->rec, RIV_LOG_WARN, "%s; what it held is given up (output.reset)",
        err->text);
    row->status = RIV__FILE_SHOWN;
    return f->sink ? riv__sink_resume(f->sink, row, err) : 0;
}

/* Lines were shown that this journal does not know of. */
static int end_rows(struct finishing *f, struct riv_err *err)
{
    f->sink->time_ms = f->time_ms;
    const int rc = riv__sink_resume(f->sink, NULL, err);
    if (rc != RIV_ECHECKPOINT)
        return rc;
    RIV__TRY(allow(f,
                   "put the newest state directory back, or move such files "
                   "away, or write their lines once more with",
                   err));
    say(f->rec, RIV_LOG_WARN, "%s; its lines may come again (output.reset)",
        err->text);
    f->sink->time_ms = INT64_MAX;
    return riv__sink_resume(f->sink, NULL, err);
}

static int finish_rows(struct finishing *f, struct riv_err *err)
{
    struct riv_journal *journal = f->rec->durable->journal;
    for (size_t i = 0; i < f->n; i++) {
        const enum riv_file_status was = f->row[i].status;
        int rc = finish_row(f, &f->row[i], err);
        if (rc == RIV_ECHECKPOINT)
            rc = give_up_row(f, &f->row[i], err);
        RIV__TRY(rc);
        if (f->row[i].status == was)
            continue;
        RIV__TRY(riv__journal_begin(journal, err));
        RIV__TRY(riv__journal_put_file(journal, &f->row[i], err));
        RIV__TRY(riv__journal_commit(journal, err));
    }
    return f->sink ? end_rows(f, err) : 0;
}

static int finish_output(struct finishing *f, uint32_t id, struct riv_err *err)
{
    struct riv_durable *d = f->rec->durable;
    int rc = riv__journal_each_file(d->journal, id, see_file, f, err);
    if (rc == 0)
        rc = finish_rows(f, err);
    free(f->row);
    return rc < 0 ? rc : riv__outbox_finish(d, id, f->sink, f->uri, err);
}

/* Those of outputs that are gone first: where another one writes into the same
 * folder now, what it does not know of is removed. */
static int finish_gone(struct recovery *rec, struct riv_err *err)
{
    for (size_t i = 0; i < rec->matches.n; i++) {
        const struct riv_match *match = &rec->matches.match[i];
        struct finishing f = { .rec = rec,
                               .uid = match->row.uid,
                               .uri = match->row.name };
        if (match->role == RIV__NODE_OUTPUT &&
            match->verdict == RIV__MATCH_GONE)
            RIV__TRY(finish_output(&f, match->row.id, err));
    }
    return 0;
}

static int finish_files(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    RIV__TRY(finish_gone(rec, err));
    for (size_t i = 0; i < d->noutput; i++) {
        struct riv_durable_output *out = &d->output[i];
        struct finishing f = {
            .rec = rec,
            .uid = riv_cstr(out->identity),
            .uri = riv_cstr(out->sink->uri),
            .sink = out->sink,
            .time_ms = d->found && !out->is_new ? d->time_ms : INT64_MAX,
        };
        RIV__TRY(finish_output(&f, out->id, err));
    }
    return 0;
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
            return no_memory(err);
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
            return no_memory(err);
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
    return in->words.failed ? no_memory(err) : 0;
}

static int seek_one(struct recovery *rec, struct riv_durable_input *in,
                    struct riv_err *err)
{
    RIV__TRY(riv__journal_each_note(rec->durable->journal, in->id, see_note, in,
                                    err));
    if (in->words.n == 0)
        return 0;
    int rc =
        riv__input_seek(in->input, (riv_str){ in->words.p, in->words.n }, err);
    return rc < 0 ? riv__err_prefix(err, "cannot go on") : 0;
}

static int seek_all(struct recovery *rec, const riv_ds *const *source,
                    struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    if (d->found)
        RIV__TRY(
            riv__journal_each_range(d->journal, d->batch, see_range, d, err));
    if (d->redoes)
        RIV__TRY(riv__journal_each_range(d->journal, d->batch + 1, see_again, d,
                                         err));
    for (size_t i = 0; i < d->ninput; i++) {
        const struct riv_match *match =
            match_of(rec, RIV__NODE_SOURCE, source[i]);
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
    struct riv_journal *journal = rec->durable->journal;
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
    struct riv_durable *d = rec->durable;
    for (size_t i = 0; i < d->ninput; i++)
        if (d->input[i].words.n == 0)
            RIV__TRY(put_start(rec, &d->input[i], err));
    return 0;
}

/* --------------------------------------------------------------- the whole */

static int tables_make(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    const struct riv_plan *plan = rec->gen->plan;
    d->plan = rec->gen->plan;
    d->input = calloc(rec->gen->ninput + 1, sizeof *d->input);
    d->op = calloc(plan->nop + 1, sizeof *d->op);
    d->output = calloc(plan->nop + 1, sizeof *d->output);
    if (!d->input || !d->op || !d->output)
        return no_memory(err);
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
    struct riv_durable *d = rec->durable;
    size_t output = 0;
    for (size_t i = 0; i < d->ninput; i++)
        d->input[i].id = match_of(rec, RIV__NODE_SOURCE, source[i])->row.id;
    for (size_t i = 0; i < d->nop; i++)
        d->op[i].id = match_of(rec, RIV__NODE_STATE, d->op[i].op->ds)->row.id;
    for (uint32_t i = 0; i < d->plan->nop; i++) {
        if (!exact_sink(d->plan->op[i]))
            continue;
        const struct riv_match *match =
            match_of(rec, RIV__NODE_OUTPUT, d->plan->op[i]->ds);
        d->output[output].identity = match->identity;
        d->output[output].is_new = match->verdict != RIV__MATCH_KEPT;
        d->output[output++].id = match->row.id;
    }
}

/* Pieces of snapshots that a dead run did not complete, and old ones. */
static int drop_incomplete(struct recovery *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
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
    struct riv_journal *journal = rec->durable->journal;
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
    if (rc == 0)
        rc = riv__journal_commit(journal, err);
    if (rc < 0)
        riv__journal_rollback(journal);
    return rc;
}

/* The first batches take what the last ones could. */
static void recall_rates(struct recovery *rec)
{
    const riv_str words = { rec->body.p, rec->body.n };
    for (size_t i = 0; i < rec->durable->ninput; i++) {
        const struct riv_durable_input *in = &rec->durable->input[i];
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
    struct riv_durable *d = rec->durable;
    RIV__TRY(tables_make(rec, err));
    RIV__TRY(riv__wants_make(&rec->wants, d->plan, source, d->ninput, err));
    RIV__TRY(riv__journal_each_batch(d->journal, 0, see_batch, rec, err));
    RIV__TRY(check_interval(rec, err));
    RIV__TRY(riv__matches_make(&rec->matches, &d->arena, d->journal,
                               d->exec->conf, d->exec->graph, &rec->wants,
                               err));
    RIV__TRY(riv__matches_verdict(&rec->matches, err));
    say_matches(rec);
    RIV__TRY(write_new(rec, source, err));
    recall_rates(rec);
    if (d->found) {
        d->plan->zero = rec->zero;
        d->plan->begun = true;
        d->plan->time = d->time_ms;
    }
    RIV__TRY(load_all(rec, err));
    RIV__TRY(riv__journal_each_letter(d->journal, 1, see_letter, d, err));
    RIV__TRY(riv__replay_load(d, source, rec->spec->say, rec->spec->arg, err));
    return finish_files(rec, err);
}

static void say_end(const struct recovery *rec, int64_t began_ns)
{
    const struct riv_durable *d = rec->durable;
    struct riv_sys *sys = d->exec->sys;
    if (!d->found)
        say(rec, RIV_LOG_INFO, "state directory %s: new",
            d->exec->conf->state_dir);
    else
        say(rec, RIV_LOG_INFO,
            "state directory %s: goes on behind batch %llu (recovered in %lld "
            "ms)",
            d->exec->conf->state_dir, (unsigned long long)d->batch,
            (long long)((sys->mono_ns(sys) - began_ns) / 1000000));
}

int riv__durable_recover(struct riv_durable *d,
                         const struct riv_recovery_spec *spec,
                         struct riv_generator *gen, struct riv_err *err)
{
    struct recovery rec = { .durable = d, .spec = spec, .gen = gen };
    riv__buf_init(&rec.body, 0);
    const int64_t began_ns = d->exec->sys->mono_ns(d->exec->sys);
    int rc = recover(&rec, gen->source, err);
    riv__matches_fini(&rec.matches);
    riv__wants_fini(&rec.wants);
    riv__buf_fini(&rec.body);
    free(rec.asof);
    if (rc < 0)
        return riv__err_prefix(err, "state directory %s",
                               d->exec->conf->state_dir);
    say_end(&rec, began_ns);
    if (d->redoes)
        say(&rec, RIV_LOG_INFO,
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
