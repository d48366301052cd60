/* stream/leftover.c - the last steps of a file, by a sink that lives for this
 * one file: cut to what was committed, synced, closed in the journal, renamed,
 * and marked. The order is that of a batch's own files. */
#include "stream/leftover.h"

#include <string.h>

#include "base/point.h"

int riv__leftover_put(struct riv_journal *journal,
                      const struct riv_file_row *row, struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(journal, err));
    const int rc = riv__journal_put_file(journal, row, err);
    return riv__journal_end(journal, rc, err);
}

/* A file that is open becomes a closed one. */
static int close_file(struct riv_durable *d, struct riv_sink *sink,
                      struct riv_file_row *row, struct riv_err *err)
{
    struct riv_commit one = { .file = row, .nfile = 1 };
    RIV__TRY(riv__sink_resume(sink, row, err));
    RIV__TRY(riv__sink_sync(sink, row->output, &one, err));
    row->status = RIV__FILE_CLOSED;
    RIV_POINT("leftover.before_closed");
    return riv__leftover_put(d->journal, row, err);
}

int riv__leftover_sink(struct riv_durable *d, riv_str uri,
                       struct riv_sink **ret, struct riv_err *err)
{
    char *copy = riv__arena_alloc(&d->arena, uri.n + 1);
    if (!copy)
        return riv__err_set(err, RIV_ENOMEM,
                            "no memory to complete what is left of %.*s",
                            (int)uri.n, uri.p);
    memcpy(copy, uri.p, uri.n);
    copy[uri.n] = '\0';
    const struct riv_sink_spec spec = {
        .kinds = d->exec->sinks,
        .sys = d->exec->sys,
        .conf = d->exec->conf,
        .owner = d->exec->app,
        .format = "",
        .uri = copy,
        .live = true,
    };
    return riv__sink_new(&spec, ret, err);
}

/* Another sink, because the first one still holds the file as one that is open:
 * resuming a closed file shows it. */
static int with_sink(struct riv_durable *d, struct riv_file_row *row,
                     int (*step)(struct riv_durable *, struct riv_sink *,
                                 struct riv_file_row *, struct riv_err *),
                     struct riv_err *err)
{
    struct riv_sink *sink = NULL;
    RIV__TRY(riv__leftover_sink(d, row->folder, &sink, err));
    int rc = riv__sink_is_exact(sink)
                 ? step(d, sink, row, err)
                 : riv__err_set(err, RIV_ECHECKPOINT,
                                "the folder of a file, %.*s, is no folder",
                                (int)row->folder.n, row->folder.p);
    riv__sink_free(sink);
    return rc;
}

static int show_file(struct riv_durable *d, struct riv_sink *sink,
                     struct riv_file_row *row, struct riv_err *err)
{
    RIV__TRY(riv__sink_resume(sink, row, err));
    RIV_POINT("leftover.before_shown");
    return riv__leftover_put(d->journal, row, err);
}

int riv__leftover_finish(struct riv_durable *d, struct riv_file_row *row,
                         struct riv_err *err)
{
    if (row->status == RIV__FILE_OPEN)
        RIV__TRY(with_sink(d, row, close_file, err));
    if (row->status == RIV__FILE_CLOSED)
        RIV__TRY(with_sink(d, row, show_file, err));
    return 0;
}
