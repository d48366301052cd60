/* store/shortage.h - what the storage thread does where room is short. Before the
 * disk, or disk.limit, is full nothing more is taken in (is_short). When it is
 * full all the same, old state is dropped and then it is waited for (is_stuck);
 * where nobody waits any more the ballast is given. */
#ifndef RIV_STORE_SHORTAGE_H
#define RIV_STORE_SHORTAGE_H

#include <stdatomic.h>

#include "store/tidy.h"

struct riv_shortage {
    /* the owner's, set before init; borrowed until fini */
    struct riv_sys *sys;
    struct riv_journal *journal;
    struct riv_tidy *tidy;     /* what may go first */
    struct riv_wake *driver;   /* raised at each change; NULL: nobody waits */
    const _Atomic int *leaves; /* not 0: told to stop; NULL: it never is */
    void (*say)(void *arg, int level, const char *text); /* NULL: silent */
    void *arg;
    struct riv_wake pause; /* ends one */
    bool gave_ballast;     /* @thread storage */
    struct riv_lock lock;
    uint64_t need; /* bytes that have to be free; protected by lock, as is: */
    bool give_up;
    /* protected by lock, changed by the storage thread */
    bool is_short, is_stuck;
};

/* After a failure fini() still comes. */
int riv__shortage_init(struct riv_shortage *shortage, struct riv_err *err)
    RIV__MUST_USE;
void riv__shortage_fini(struct riv_shortage *shortage);

/* So many bytes have to be free, or room is short. With the first measure; 0:
 * never. @thread any, these */
void riv__shortage_need(struct riv_shortage *shortage, uint64_t bytes);
/* False while the program leaves: what it has is finished, as far as it fits. */
bool riv__shortage_is_short(struct riv_shortage *shortage);
bool riv__shortage_is_stuck(struct riv_shortage *shortage);
/* A pause ends. give_up: there is none any more. */
void riv__shortage_stop(struct riv_shortage *shortage, bool give_up);

/* Whether what is free is what is needed. @thread storage, these */
void riv__shortage_measure(struct riv_shortage *shortage);
/* A transaction did not fit, `tries` times before, and err is why. 0: try it
 * again. First the WAL is emptied and old state dropped; then it waits, or gives
 * the ballast; then RIV_ESTOPPED, or what err was. */
int riv__shortage_make_room(struct riv_shortage *shortage, unsigned tries,
                            struct riv_err *err) RIV__MUST_USE;
/* It did fit. */
void riv__shortage_over(struct riv_shortage *shortage);

#endif
