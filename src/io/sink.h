/* io/sink.h - the contract of sinks that take text, and its only caller. A kind
 * is one file in connect/ with one const table. Rows become text in exec; a
 * sink sees bytes, in order, from one thread at a time. */
#ifndef RIV_IO_SINK_H
#define RIV_IO_SINK_H

#include "conf/settings.h"
#include "obs/board.h"
#include "store/commit.h"

struct riv_sink;

/* Where "-" goes: the program's choice (riv_cli_main: the standard output). */
typedef int riv__sink_out_fn(void *arg, const char *p, size_t n,
                             struct riv_err *err);

struct riv_sink_ops {
    const char *name; /* the word before "://"; "file" for a plain path */
    size_t sink_size; /* io/sink.c allocates it zeroed, and frees */
    /* Checks what can be checked and takes what it needs; nothing becomes
     * visible yet. After a failure close() still comes. */
    int (*open)(struct riv_sink *sink, struct riv_err *err);
    int (*write)(struct riv_sink *sink, const char *p, size_t n,
                 struct riv_err *err);
    /* All rows of a batch are written. NULL: nothing to do. */
    int (*batch)(struct riv_sink *sink, struct riv_err *err);
    /* The run ended well: show the result. NULL: it was shown as it came. */
    int (*publish)(struct riv_sink *sink, struct riv_err *err);
    /* Without publish() before: nothing of an unpublished result remains, but
     * with a journal what that knows of. */
    void (*close)(struct riv_sink *sink);
    /* With a journal it shows each batch exactly once, by these settings. NULL:
     * always, if it has what follows. */
    bool (*exact)(const struct riv_settings *conf);
    /* ---- with a journal. NULL, all of them: what it shows is at least once.
     * The batch is written: says what the journal must know of its files, as
     * rows of `output`. @thread driver */
    int (*commit)(struct riv_sink *sink, uint32_t output,
                  struct riv_commit *commit, struct riv_err *err);
    /* The run ended well: what is still open is complete. @thread driver */
    int (*complete)(struct riv_sink *sink, uint32_t output,
                    struct riv_commit *commit, struct riv_err *err);
    /* The files of these rows are to be durable; then, when the rows are, those
     * that are closed are to be seen. @thread storage, while the driver may
     * write on */
    int (*sync)(struct riv_sink *sink, const struct riv_file_row *row,
                struct riv_err *err);
    int (*show)(struct riv_sink *sink, const struct riv_file_row *row,
                struct riv_err *err);
    /* The bytes of a blob RIV__BLOB_OUTBOX that commit() has made, and that are
     * durable now, are to be shown: as one, and once, though another run may
     * have begun with it, or ended. NULL: it makes none. @thread storage; driver
     * before the first batch */
    int (*send)(struct riv_sink *sink, uint32_t output, uint64_t batch,
                riv_str bytes, struct riv_err *err);
    /* Another run left this row: finishes what it began; the row's status then
     * is what it is now. After the last row with NULL: unknown beginnings of
     * ours go, and what was shown after the last batch that the journal knows is
     * RIV_ECHECKPOINT. @thread driver, before the first batch */
    int (*resume)(struct riv_sink *sink, struct riv_file_row *row,
                  struct riv_err *err);
};

struct riv_sink {
    const struct riv_sink_ops *ops;
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *owner;  /* who is in the names of temporary files; NULL: there
                           is no journal. Borrowed */
    const char *format; /* the end of file names: "csv" */
    int64_t time_ms;    /* of the batch that is written; in resume() of the last
                           that the journal knows, INT64_MAX: of none */
    const char *uri;    /* owned */
    bool live;          /* written batch by batch, shown as it comes */
    riv__sink_out_fn *out;
    void *out_arg;
    struct riv_board *board; /* where trouble is shown; or NULL */
    uint32_t id;             /* of the output, there */
    /* What is sent is of this run; before, it was left by another.
     * @thread as send */
    bool sends_own;
    uint64_t bytes;         /* written so far */
    uint64_t had_bytes;     /* there before; what is written goes behind them */
    uint64_t device, inode; /* of a folder in which it makes names; inode 0:
                               there is none */
    const char *name;       /* the only one; NULL: many. Lives as the sink */
};

struct riv_sink_spec {
    const struct riv_sink_ops *const *kinds; /* NULL-terminated; the first is
                                                for plain paths, the
                                                second for those that end in
                                                a slash */
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *owner, *format;
    const char *uri;
    bool live;
    riv__sink_out_fn *out;
    void *out_arg;
    struct riv_board *board; /* or NULL */
    uint32_t id;
};

/* For kinds that go on by themselves when something fails: shown to people until
 * it is NULL. @thread any */
void riv__sink_trouble(struct riv_sink *sink, const struct riv_err *err);

int riv__sink_new(const struct riv_sink_spec *spec, struct riv_sink **ret,
                  struct riv_err *err) RIV__MUST_USE;
/* Refused when both make the same names in one folder. */
int riv__sink_apart(const struct riv_sink *sink, const struct riv_sink *other,
                    struct riv_err *err) RIV__MUST_USE;
void riv__sink_free(struct riv_sink *sink);
int riv__sink_write(struct riv_sink *sink, const char *p, size_t n,
                    struct riv_err *err) RIV__MUST_USE;
int riv__sink_batch(struct riv_sink *sink, struct riv_err *err) RIV__MUST_USE;
int riv__sink_publish(struct riv_sink *sink, struct riv_err *err) RIV__MUST_USE;

/* With a journal: shows each batch exactly once. The second says so of a URI
 * before there is a sink for it. */
bool riv__sink_is_exact(const struct riv_sink *sink);
bool riv__sink_would_be_exact(const struct riv_sink_ops *const *kinds,
                              const struct riv_settings *conf, const char *uri);
int riv__sink_commit(struct riv_sink *sink, uint32_t output,
                     struct riv_commit *commit, struct riv_err *err)
    RIV__MUST_USE;
int riv__sink_complete(struct riv_sink *sink, uint32_t output,
                       struct riv_commit *commit, struct riv_err *err)
    RIV__MUST_USE;
/* Of all rows of `output` in the message. */
int riv__sink_sync(struct riv_sink *sink, uint32_t output,
                   const struct riv_commit *commit, struct riv_err *err)
    RIV__MUST_USE;
int riv__sink_show(struct riv_sink *sink, uint32_t output,
                   const struct riv_commit *commit, struct riv_err *err)
    RIV__MUST_USE;
/* All boxes of `output` in the message; one that an earlier run has left. */
int riv__sink_send_all(struct riv_sink *sink, uint32_t output,
                       const struct riv_commit *commit, struct riv_err *err)
    RIV__MUST_USE;
int riv__sink_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                   riv_str bytes, struct riv_err *err) RIV__MUST_USE;
int riv__sink_resume(struct riv_sink *sink, struct riv_file_row *row,
                     struct riv_err *err) RIV__MUST_USE;

#endif
