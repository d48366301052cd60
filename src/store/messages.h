/* store/messages.h - the messages of batches between the driver, which fills and
 * sends them, and the storage thread, which carries them out in order: those that
 * are free, those on their way, and the error that ended it all. Used by writer.c
 * alone. */
#ifndef RIV_STORE_MESSAGES_H
#define RIV_STORE_MESSAGES_H

#include "store/commit.h"
#include "store/rest.h"
#include "sys/thread.h"

/* One is filled, one is committed, and the rest queue up: moving the log into the
 * database takes as long as some batches. */
enum {
    RIV__COMMITS = 18,
    RIV__COMMITS_BEHIND = 16,
    RIV__COMMITS_BYTES = 32 << 20,
};

struct riv_messages {
    struct riv_rest *rest; /* a driver that waits for storage is not at work */
    struct riv_commit message[RIV__COMMITS];
    struct riv_spares spares[RIV__SPARES_OF_COMMITS]; /* of all messages */
    struct riv_lock lock;
    struct riv_cond changed;
    /* protected by lock, all below */
    struct riv_commit *idle, *first, *last;
    uint64_t sent, done, backlog; /* serials; bytes between them */
    bool nudged, stopping;
    struct riv_err err; /* code 0: none */
};

/* Borrows `rest` until fini. */
void riv__messages_init(struct riv_messages *messages, struct riv_rest *rest);
void riv__messages_fini(struct riv_messages *messages);

/* An empty message: waits until one is free. NULL: storage has failed, and err
 * is why. @thread driver, these */
struct riv_commit *riv__messages_take(struct riv_messages *messages,
                                      struct riv_err *err);
/* Hands it over. Returns its serial. */
uint64_t riv__messages_send(struct riv_messages *messages,
                            struct riv_commit *commit);
/* Gives a message back that was not sent. */
void riv__messages_drop(struct riv_messages *messages,
                        struct riv_commit *commit);
/* Waits until all that was sent is done. */
int riv__messages_wait(struct riv_messages *messages, struct riv_err *err)
    RIV__MUST_USE;
/* As many are on their way as RIV__COMMITS_BEHIND, or RIV__COMMITS_BYTES. */
bool riv__messages_are_behind(struct riv_messages *messages);
/* The storage thread has something else to look at. */
void riv__messages_nudge(struct riv_messages *messages);
/* What was sent is still carried out. */
void riv__messages_stop(struct riv_messages *messages);

/* The serial of the last one that is done; bytes of those on their way; the
 * error that ended it, or 0. @thread any, these */
uint64_t riv__messages_done(struct riv_messages *messages);
uint64_t riv__messages_backlog(struct riv_messages *messages);
int riv__messages_status(struct riv_messages *messages, struct riv_err *err)
    RIV__MUST_USE;

/* The first on its way, which stays there, or NULL: waits for one, for a nudge or
 * for a stop until then. @thread storage, these */
#define RIV__MESSAGES_NOW INT64_MIN
#define RIV__MESSAGES_EVER INT64_MAX
struct riv_commit *riv__messages_first(struct riv_messages *messages,
                                       int64_t until_ns);
/* Nothing waits behind it. */
bool riv__messages_is_last(struct riv_messages *messages,
                           const struct riv_commit *commit);
/* The first one is done, and free again. */
void riv__messages_finish(struct riv_messages *messages,
                          struct riv_commit *commit);
/* Nothing is carried out any more. */
void riv__messages_fail(struct riv_messages *messages,
                        const struct riv_err *err);
/* It was stopped, and all that was sent is done. */
bool riv__messages_are_over(struct riv_messages *messages);

#endif
