/* stream/finishing.c - goes through the files that the journal knows, output by
 * output: what each was when the last run ended, and what it is now. */
#include "stream/finishing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/point.h"
#include "base/vec.h"
#include "stream/leftover.h"
#include "stream/outbox.h"

struct finishing {
    struct riv_recovering *rec;
    riv_str uid, uri;      /* of the output */
    struct riv_sink *sink; /* NULL: of an output that is gone */
    int64_t
        time_ms; /* until when the journal knows what it has shown, INT64_MAX:
                        it was not there */
    struct riv_file_row *row;
    size_t n, cap;
};

static const char *copy(struct riv_arena *arena, riv_str s)
{
    return riv__arena_copy(arena, s.p, s.n);
}

/* Rows are read first and worked on afterwards: no statement stays open. */
static int see_file(void *arg, const struct riv_file_row *row,
                    struct riv_err *err)
{
    struct finishing *f = arg;
    struct riv_arena *arena = f->rec->matches.arena;
    if (RIV__VEC_ROOM(f->row, f->cap, f->n + 1) < 0)
        return riv__recovering_no_memory(err);
    struct riv_file_row *to = &f->row[f->n];
    *to = *row;
    to->temporary.p = copy(arena, row->temporary);
    to->name.p = copy(arena, row->name);
    to->folder.p = copy(arena, row->folder);
    if (!to->temporary.p || !to->name.p || !to->folder.p)
        return riv__recovering_no_memory(err);
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
    riv__recovering_say(f->rec, RIV_LOG_WARN,
                        "%s; what it held is given up (output.reset)",
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
    riv__recovering_say(f->rec, RIV_LOG_WARN,
                        "%s; its lines may come again (output.reset)",
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
        if (f->row[i].status != was)
            RIV__TRY(riv__leftover_put(journal, &f->row[i], err));
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
static int finish_gone(struct riv_recovering *rec, struct riv_err *err)
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

int riv__finishing_all(struct riv_recovering *rec, struct riv_err *err)
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
