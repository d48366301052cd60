/* io/sink.c - finds the kind of a sink, and is the only caller of its table:
 * what holds for all kinds (names in messages, counting) stands here once. */
#include "io/sink.h"

#include <stdlib.h>
#include <string.h>

/* NULL: there is none. */
static const struct riv_sink_ops *kind_of(
    const struct riv_sink_ops *const *kinds, const char *uri)
{
    const char *colon = strstr(uri, "://");
    const size_t length = strlen(uri);
    if (!colon)
        return kinds[length > 0 && uri[length - 1] == '/'];
    size_t n = (size_t)(colon - uri);
    for (size_t i = 0; kinds[i]; i++)
        if (strlen(kinds[i]->name) == n && memcmp(kinds[i]->name, uri, n) == 0)
            return kinds[i];
    return NULL;
}

int riv__sink_new(const struct riv_sink_spec *spec, struct riv_sink **ret,
                  struct riv_err *err)
{
    const struct riv_sink_ops *ops = kind_of(spec->kinds, spec->uri);
    if (!ops)
        return riv__err_set(
            err, RIV_EINVAL,
            "sink \"%s\": there is no sink \"%.*s\" in this version; give "
            "a file's path, or \"-\" for the standard output",
            spec->uri, (int)strcspn(spec->uri, ":"), spec->uri);
    struct riv_sink *sink = calloc(1, ops->sink_size);
    if (!sink)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a sink");
    *sink = (struct riv_sink){ .ops = ops,
                               .sys = spec->sys,
                               .conf = spec->conf,
                               .owner = spec->owner,
                               .format = spec->format,
                               .live = spec->live,
                               .out = spec->out,
                               .out_arg = spec->out_arg,
                               .board = spec->board,
                               .id = spec->id };
    char *uri = strdup(spec->uri);
    sink->uri = uri;
    int rc = uri ? ops->open(sink, err)
                 : riv__err_set(err, RIV_ENOMEM, "no memory for a sink");
    if (rc < 0) {
        riv__sink_free(sink);
        return riv__err_prefix(err, "sink \"%s\"", spec->uri);
    }
    *ret = sink;
    return 0;
}

int riv__sink_apart(const struct riv_sink *sink, const struct riv_sink *other,
                    struct riv_err *err)
{
    const char *what = sink->name ? "file" : "folder";
    if (sink->inode == 0 || sink->inode != other->inode ||
        sink->device != other->device || !sink->name != !other->name ||
        (sink->name && strcmp(sink->name, other->name) != 0))
        return 0;
    return riv__err_set(err, RIV_EINVAL,
                        "sink \"%s\": it is the %s of another output, \"%s\"; "
                        "give each a %s of its own",
                        other->uri, what, sink->uri, what);
}

void riv__sink_trouble(struct riv_sink *sink, const struct riv_err *err)
{
    riv__board_trouble(sink->board, sink->id, err ? err->text : "");
}

void riv__sink_free(struct riv_sink *sink)
{
    if (!sink)
        return;
    sink->ops->close(sink);
    union {
        const char *in;
        char *out;
    } uri = { sink->uri };
    free(uri.out);
    free(sink);
}

static int named(struct riv_sink *sink, int rc, struct riv_err *err)
{
    return rc < 0 ? riv__err_prefix(err, "sink \"%s\"", sink->uri) : rc;
}

int riv__sink_write(struct riv_sink *sink, const char *p, size_t n,
                    struct riv_err *err)
{
    sink->bytes += n;
    return n ? named(sink, sink->ops->write(sink, p, n, err), err) : 0;
}

int riv__sink_batch(struct riv_sink *sink, struct riv_err *err)
{
    return sink->ops->batch ? named(sink, sink->ops->batch(sink, err), err) : 0;
}

int riv__sink_publish(struct riv_sink *sink, struct riv_err *err)
{
    return sink->ops->publish ? named(sink, sink->ops->publish(sink, err), err)
                              : 0;
}

/* ------------------------------------------------------------ with a journal */

static bool is_exact(const struct riv_sink_ops *ops,
                     const struct riv_settings *conf)
{
    return ops->commit && (!ops->exact || ops->exact(conf));
}

bool riv__sink_is_exact(const struct riv_sink *sink)
{
    return is_exact(sink->ops, sink->conf);
}

bool riv__sink_would_be_exact(const struct riv_sink_ops *const *kinds,
                              const struct riv_settings *conf, const char *uri)
{
    const struct riv_sink_ops *ops = kind_of(kinds, uri);
    return ops && is_exact(ops, conf);
}

int riv__sink_commit(struct riv_sink *sink, uint32_t output,
                     struct riv_commit *commit, struct riv_err *err)
{
    return named(sink, sink->ops->commit(sink, output, commit, err), err);
}

int riv__sink_complete(struct riv_sink *sink, uint32_t output,
                       struct riv_commit *commit, struct riv_err *err)
{
    return named(sink, sink->ops->complete(sink, output, commit, err), err);
}

int riv__sink_sync(struct riv_sink *sink, uint32_t output,
                   const struct riv_commit *commit, struct riv_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < commit->nfile; i++)
        if (commit->file[i].output == output)
            rc = sink->ops->sync(sink, &commit->file[i], err);
    return named(sink, rc, err);
}

int riv__sink_show(struct riv_sink *sink, uint32_t output,
                   const struct riv_commit *commit, struct riv_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < commit->nfile; i++)
        if (commit->file[i].output == output &&
            commit->file[i].status == RIV__FILE_CLOSED)
            rc = sink->ops->show(sink, &commit->file[i], err);
    return named(sink, rc, err);
}

int riv__sink_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                   riv_str bytes, struct riv_err *err)
{
    int rc = sink->ops->send
                 ? sink->ops->send(sink, output, batch, bytes, err)
                 : riv__err_set(err, RIV_ECHECKPOINT,
                                "the journal has something to send, and it "
                                "sends nothing");
    return named(sink, rc, err);
}

int riv__sink_send_all(struct riv_sink *sink, uint32_t output,
                       const struct riv_commit *commit, struct riv_err *err)
{
    int rc = 0;
    sink->sends_own = true;
    for (size_t i = 0; rc == 0 && i < commit->nblob; i++) {
        const struct riv_commit_blob *blob = &commit->blob[i];
        if (blob->kind == RIV__BLOB_OUTBOX && blob->op == output)
            rc = riv__sink_send(sink, output, commit->batch.number,
                                (riv_str){ blob->bytes.p, blob->bytes.n }, err);
    }
    return rc;
}

int riv__sink_resume(struct riv_sink *sink, struct riv_file_row *row,
                     struct riv_err *err)
{
    return named(sink, sink->ops->resume(sink, row, err), err);
}
