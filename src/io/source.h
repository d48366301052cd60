/* io/source.h - the contract of sources, and running inputs. io/source.c and
 * io/receiver.c are the only callers of the table, and hold no lock while they
 * call. A kind of source is one file in connect/ with one const table at its
 * end. */
#ifndef RIV_IO_SOURCE_H
#define RIV_IO_SOURCE_H

#include <stdatomic.h>

#include "conf/settings.h"
#include "io/feed.h"
#include "io/range.h"
#include "io/rate.h"
#include "io/stand.h"

struct riv_input;

enum { RIV__URI_SHOWN = 128 };

enum { RIV__READ_MORE = 0, RIV__READ_IDLE = 1, RIV__READ_END = 2 };

enum {
    RIV__SOURCE_FINITE = 1, /* an RDD: cut() once gives all there is */
    RIV__SOURCE_ROWS = 2,   /* gives rows of input->type, not lines */
    RIV__SOURCE_FILES = 4,  /* gives ranges of files that are there, whole */
    RIV__SOURCE_KAFKA = 8,  /* lines, or, if that is input->type, rows of
                               riv_kafka_record */
    RIV__SOURCE_WHOLE = 16, /* what has come by a tick is of one batch, whatever
                               that costs: rate.max and memory.limit divide it,
                               rate.control does not */
    RIV__SOURCE_RECORDED = 32, /* what is of a batch stands in the recording: no
                                  batch of it is late, or merged */
};

/* A partition of an input, as people are shown it. Borrowed until each()
 * returns. */
struct riv_input_part {
    const char *name;      /* "clicks/3"; "": the only one */
    int64_t position, end; /* end below 0: not known */
};
typedef void riv__part_fn(void *arg, const struct riv_input_part *part);

struct riv_source_ops {
    const char *name;  /* the word before the colon of a URI; "file" for none */
    size_t input_size; /* io/source.c allocates it zeroed, and frees */
    unsigned flags;    /* RIV__SOURCE_* */
    /* Reads what stands in the URI (input->rest: after "name:") and checks what
     * can be known before the start: files exist and can be read, addresses
     * are well-formed. Listening sockets are bound here, so that a port in use
     * is a clear error at the start. Must not wait for the network. After a
     * failure close() still comes. @thread builder */
    int (*open)(struct riv_input *input, struct riv_err *err);
    /* Puts what has arrived into input->feed (through io/lines.h); waits at
     * most input->wait_ms, and returns early when input->wake is raised.
     * MORE: call again at once. IDLE: nothing now. END: nothing will come.
     * A retriable error (riv__err_class) is tried again with growing pauses by
     * io/receiver.c; another error ends the job. NULL: this kind has no thread.
     * @thread source */
    int (*read)(struct riv_input *input, struct riv_err *err);
    /* Adds to the cut what belongs to this batch; must not wait for anything
     * slow. RIV__READ_END with the last of a finite or replayed input, else
     * RIV__READ_MORE. NULL: everything in the feed. @thread driver */
    int (*cut)(struct riv_input *input, struct riv_cut *cut,
               struct riv_err *err);
    void (*close)(struct riv_input *input); /* accepts a half-open one */
    /* All that was cut so far is done with. NULL: nobody needs to know.
     * @thread driver */
    void (*release)(struct riv_input *input);
    /* The batch has run well; with a journal ack() says more. NULL: nobody needs
     * to know. @thread driver */
    void (*done)(struct riv_input *input);
    /* Bytes that are in no batch yet, of a kind that has them elsewhere than in
     * the feed. NULL: in the feed. @thread any, from open() to close() */
    size_t (*waiting)(struct riv_input *input);
    /* The last cut left something for want of room, or so much waits by now: the
     * next should not wait for the tick. NULL: a feed says it by how full it is,
     * others never do. @thread driver */
    bool (*presses)(struct riv_input *input);
    /* ---- for the journal, so that another run can go on. @thread driver; of
     * seek and recall builder: after open, before the thread starts.
     * Where the input stands behind all that was cut, and what it has to
     * remember since the last call. NULL: this kind cannot go back; what it
     * received has to be kept. */
    int (*stand)(struct riv_input *input, struct riv_stand *to,
                 struct riv_err *err);
    /* A row that an earlier run had it remember. NULL: it has none. */
    int (*recall)(struct riv_input *input, riv_str key, riv_str value,
                  struct riv_err *err);
    /* Go on behind these words of an earlier run's stand. RIV_ENOINPUT when the
     * world outside has changed so that this is not possible: what, where. */
    int (*seek)(struct riv_input *input, riv_str words, struct riv_err *err);
    /* A batch that had begun is run again, up to where these words say it stood
     * at its end: 1: the next cut gives exactly that, 0: it has not all come
     * yet; an error: it cannot come any more. NULL: the first cut after seek()
     * is that. @thread driver, after the start */
    int (*reach)(struct riv_input *input, riv_str words, struct riv_err *err);
    /* What the last stand said is durable: a peer may be told. NULL: nobody
     * waits for it. */
    void (*ack)(struct riv_input *input);
    /* Of a kind whose lines are kept as they come: these go into the journal,
     * with what this adds to `to`: what peers have to be told when that is
     * durable, which ack() then says. NULL: nothing. @thread storage, both */
    int (*kept)(struct riv_input *input, const struct riv_news *news,
                struct riv_stand *to);
    /* For people: calls each() for every partition with where batches stand in
     * it and where it ends, counted in `unit` ("records"). NULL: this kind knows
     * no end. Takes its own locks for no longer than copying takes. @thread any,
     * from open() to close() */
    void (*parts)(struct riv_input *input, riv__part_fn *each, void *arg);
    const char *unit;
    /* Chooses between kinds by a look at the world: a path may be a file or a
     * pipe. NULL: this one. @thread builder */
    const struct riv_source_ops *(*pick)(struct riv_sys *sys, const char *rest);
};

struct riv_input {
    const struct riv_source_ops *ops;
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *uri, *rest;     /* owned; rest points into uri */
    char shown[RIV__URI_SHOWN]; /* the URI for messages: printable */
    const riv_type *type;       /* of the records: riv_str, or what the program
                                   says for a kind with RIV__SOURCE_ROWS */
    uint32_t index;             /* in its context */
    struct riv_feed feed;
    struct riv_wake wake;    /* ends the waits of read() */
    struct riv_wake *driver; /* tells the driver: data or the end */
    int wait_ms;             /* below 0: no limit */
    atomic_bool stopping;    /* the engine wants no more */
    atomic_bool ended;       /* the thread reads no more */
    atomic_bool failed;      /* and that because of `status` */
    atomic_bool gives_up;    /* `status` is the last: nothing is tried again */
    struct riv_thread thread;
    bool has_thread; /* @thread driver */
    bool has_feed;
    struct riv_lock status_lock; /* protects the four below */
    struct riv_err status;       /* last error; code 0: none */
    char note[128];              /* "listening on port 9999", "3 connections" */
    char event[256];             /* the last thing that was worth a warning */
    uint64_t events;             /* since riv__input_events asked */
    uint64_t cut_bytes;          /* held by the running batch. @thread driver */
    uint64_t batch_bytes;        /* cut since the last stand. @thread driver */
    struct riv_rate rate;        /* of those with a feed. @thread driver */
    uint64_t cut_most;   /* the next cut takes so many bytes of the feed.. */
    bool cut_is_limited; /* if this is set. @thread driver */
    size_t cut_held;     /* of these in the feed. @thread driver */
    bool cut_ended;      /* cut() said END. @thread driver */
};

/* Finds the kind for the URI among `kinds` (NULL-terminated), allocates, opens.
 * On failure nothing remains. *ret is owned by the caller. */
int riv__input_new(const struct riv_source_ops *const *kinds,
                   struct riv_sys *sys, const struct riv_settings *conf,
                   struct riv_wake *driver, const char *uri, uint32_t index,
                   struct riv_input **ret, struct riv_err *err) RIV__MUST_USE;
void riv__input_free(struct riv_input *input); /* stops and joins first */

/* The kind a URI names, or an error that lists the kinds (with the nearest).
 * "word:..." names the kind `word`; what does not begin with a word and a colon
 * is a path, for the kind "file". *ret_rest points into uri. */
const struct riv_source_ops *riv__source_find(
    const struct riv_source_ops *const *kinds, struct riv_sys *sys,
    const char *uri, const char **ret_rest, struct riv_err *err);

/* Starts the thread, if the kind has one. */
int riv__input_start(struct riv_input *input, struct riv_err *err)
    RIV__MUST_USE;
/* Asks the source to take nothing new; returns at once. What is in the feed,
 * and what the source has in hand and waits to put there, can still be cut:
 * to drain, cut and release until RIV__READ_END. @thread any */
void riv__input_stop(struct riv_input *input);
/* Stops, ends the wait for room in the feed, waits for the thread. */
void riv__input_join(struct riv_input *input);

/* A batch opens, or is done, in which every cut takes at most what the rate
 * allows for the batch. busy_ns: what the batch took; late_ns: how long after
 * its tick it began. */
void riv__input_batch_open(struct riv_input *input, bool is_limited);
void riv__input_batch_done(struct riv_input *input, int64_t end_ns,
                           int64_t busy_ns, int64_t late_ns);
/* The batch that is open has been at work for busy_ns: the next cut takes what there
 * is time for. True: more waits (riv__rate_pace). */
bool riv__input_pace(struct riv_input *input, int64_t busy_ns);
/* Bytes that have come and are in no batch. */
size_t riv__input_waiting(struct riv_input *input);
/* So much waits that the batch should take it before its tick. */
bool riv__input_presses(struct riv_input *input);

/* The batch's share of this input. When the input has ended and nothing is
 * left, returns RIV__READ_END, else RIV__READ_MORE. An input that failed gives
 * first what it had received, and then its error. */
int riv__input_cut(struct riv_input *input, struct riv_cut *cut,
                   struct riv_err *err) RIV__MUST_USE;
/* Where it stands behind what was cut so far: see the table above. */
int riv__input_stand(struct riv_input *input, struct riv_stand *to,
                     struct riv_err *err) RIV__MUST_USE;
int riv__input_recall(struct riv_input *input, riv_str key, riv_str value,
                      struct riv_err *err) RIV__MUST_USE;
int riv__input_seek(struct riv_input *input, riv_str words, struct riv_err *err)
    RIV__MUST_USE;
int riv__input_reach(struct riv_input *input, riv_str words,
                     struct riv_err *err) RIV__MUST_USE;
void riv__input_ack(struct riv_input *input);
/* For kinds with a feed: riv_source_ops.reach, where `at` is the place. */
int riv__input_reach_feed(struct riv_input *input, const struct riv_mark *at);
/* It gives lines that cannot be had again from outside: they have to be kept. */
bool riv__input_receives(const struct riv_input *input);
/* The batch is done: blocks may go, the feed has room again. Call it after
 * riv__cut_reset. */
void riv__input_release(struct riv_input *input);

/* For kinds: sets the note shown to people; control bytes are escaped.
 * @thread any */
void riv__input_note(struct riv_input *input, const char *fmt, ...)
    RIV__FORMAT(2, 3);
/* For kinds: something happened that was dealt with and should be known, such as
 * a peer that was hung up on. Control bytes are escaped. @thread any */
void riv__input_event(struct riv_input *input, const char *fmt, ...)
    RIV__FORMAT(2, 3);
/* How many of them there were since the last call, and the last of them.
 * @thread any */
uint64_t riv__input_events(struct riv_input *input, char *text, size_t room);
/* For kinds that go on by themselves when something fails: shown to people as
 * what a failed read() leaves, until it is NULL. @thread source */
void riv__input_trouble(struct riv_input *input, const struct riv_err *err);
/* The note and the last error (empty: none), copied. @thread any */
void riv__input_look(struct riv_input *input, char *note, size_t room,
                     struct riv_err *status);

/* For kinds, on the source's thread: waits until one of n descriptors is ready,
 * `ms` have passed (at most input->wait_ms; below 0: no limit), or the input is
 * to stop. What poll returned, or RIV_EIO. */
int riv__input_wait(struct riv_input *input, struct riv_pollfd *fds, unsigned n,
                    int64_t ms, struct riv_err *err);

#endif
