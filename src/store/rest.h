/* store/rest.h - where the storage thread rests while a batch is at work: a commit
 * with pieces of a snapshot copies ten MiB, moving the log into the database reads
 * and writes tens of them, and a batch beside it takes half as long again, for
 * both want memory. Between two batches nobody is in its way. It rests for a bounded
 * time only: a driver that is always at work must not hold up what it has sent. */
#ifndef RIV_STORE_REST_H
#define RIV_STORE_REST_H

#include "sys/sys.h"
#include "sys/thread.h"

struct riv_rest {
    struct riv_sys *sys;
    struct riv_lock lock;
    struct riv_cond over;
    bool at_work;    /* protected by lock */
    bool rests;      /* protected by lock: somebody waits for the end of it */
    int64_t left_ns; /* of this piece of work. @thread storage */
};

void riv__rest_init(struct riv_rest *rest, struct riv_sys *sys);
void riv__rest_fini(struct riv_rest *rest);

/* Whether a batch is at work. One that waits for storage is not. Returns what was
 * said before. @thread driver */
bool riv__rest_work(struct riv_rest *rest, bool at_work);

/* The most that one piece of work rests: one that nobody waits for, and a commit,
 * which outputs and sources wait for. */
enum { RIV__REST_MS = 50, RIV__REST_COMMIT_MS = 5 };

/* A piece of work begins; then, as often as it can pause: waits until no batch is
 * at work, or it has rested `most_ms` in all. @thread storage */
void riv__rest_begin(struct riv_rest *rest, int64_t most_ms);
void riv__rest_take(struct riv_rest *rest);

#endif
