/* io/sink.h - the contract of sinks that take text, and its only caller. A kind
 * is one file in connect/ with one const table. Rows become text in exec; a
 * sink sees bytes, in order, from one thread at a time. */
#ifndef RIV_IO_SINK_H
#define RIV_IO_SINK_H

#include "base/err.h"
#include "sys/sys.h"

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
    /* Without publish() before: nothing of an unpublished result remains. */
    void (*close)(struct riv_sink *sink);
};

struct riv_sink {
    const struct riv_sink_ops *ops;
    struct riv_sys *sys;
    const char *uri; /* owned */
    bool live;       /* written batch by batch, shown as it comes */
    riv__sink_out_fn *out;
    void *out_arg;
    uint64_t bytes; /* written so far */
};

struct riv_sink_spec {
    const struct riv_sink_ops *const *kinds; /* NULL-terminated; the first is
                                                for plain paths */
    struct riv_sys *sys;
    const char *uri;
    bool live;
    riv__sink_out_fn *out;
    void *out_arg;
};

int riv__sink_new(const struct riv_sink_spec *spec, struct riv_sink **ret,
                  struct riv_err *err) RIV__MUST_USE;
void riv__sink_free(struct riv_sink *sink);
int riv__sink_write(struct riv_sink *sink, const char *p, size_t n,
                    struct riv_err *err) RIV__MUST_USE;
int riv__sink_batch(struct riv_sink *sink, struct riv_err *err) RIV__MUST_USE;
int riv__sink_publish(struct riv_sink *sink, struct riv_err *err) RIV__MUST_USE;

#endif
