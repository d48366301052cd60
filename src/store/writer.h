/* store/writer.h - the storage thread: the only one that touches the journal
 * once it runs. It takes messages in order, one transaction each: what outputs
 * prepared is synced, the rows are committed, the outputs are shown, and the
 * driver is woken. Between them it drops what is no longer needed and keeps
 * the WAL small. */
#ifndef RIV_STORE_WRITER_H
#define RIV_STORE_WRITER_H

#include <stdatomic.h>

#include "store/commit.h"

struct riv_writer;

/* What has been received and cannot be had again: looked for every group_ms,
 * and before each message, into whose transaction it goes. @thread storage */
struct riv_intake {
    void *arg;
    int64_t group_ms; /* 0: there are no such sources */
    bool (*has)(void *arg);
    /* Puts it into the open transaction; again the same after a full disk. */
    int (*put)(void *arg, struct riv_journal *journal, struct riv_err *err);
    void (*done)(void *arg); /* it is durable */
};

struct riv_writer_spec {
    struct riv_sys *sys;
    struct riv_wake *driver; /* raised when a message is done, or room came or
                                went; NULL: nobody waits */
    struct riv_intake intake;
    /* Not 0: the program was told to stop. A full disk is not waited for then;
     * the ballast is given first. NULL: it never is. Lives until the stop. */
    const _Atomic int *leaves;
    void (*say)(void *arg, int level, const char *text); /* NULL: silent */
    void *arg;
};

/* Takes the journal, also when it fails. */
int riv__writer_start(struct riv_journal *journal,
                      const struct riv_writer_spec *spec,
                      struct riv_writer **ret, struct riv_err *err)
    RIV__MUST_USE;

/* Whether the driver is at a batch: the storage thread moves its log when it is
 * not, as far as that waits. Returns what was said before. @thread driver */
bool riv__writer_at_work(struct riv_writer *writer, bool at_work);
/* An empty message: waits until one is free. NULL: storage has failed, and err
 * is why. @thread driver, all below */
struct riv_commit *riv__writer_take(struct riv_writer *writer,
                                    struct riv_err *err);
/* Hands it over. Returns its serial. */
uint64_t riv__writer_send(struct riv_writer *writer, struct riv_commit *commit);
/* Gives a message back that was not sent. */
void riv__writer_drop(struct riv_writer *writer, struct riv_commit *commit);
/* The serial of the last message that is durable and shown. Does not wait. */
uint64_t riv__writer_done(struct riv_writer *writer);
/* Waits until all that was sent is done. */
int riv__writer_wait(struct riv_writer *writer, struct riv_err *err)
    RIV__MUST_USE;
/* So much is on its way that the next batch should wait for all of it, in number
 * or in bytes (messages.h). */
bool riv__writer_is_behind(struct riv_writer *writer);
/* Bytes of state on their way. */
uint64_t riv__writer_backlog(struct riv_writer *writer);
/* The disk is full: it waits for room, and with it the driver. */
bool riv__writer_is_stuck(struct riv_writer *writer);
/* So many bytes have to be free, or room is short: then batches take nothing
 * in, and nothing received is put. With the first call; 0: never. */
void riv__writer_need(struct riv_writer *writer, uint64_t bytes);
/* False while the program leaves: what it has is finished, as far as it fits. */
bool riv__writer_is_short(struct riv_writer *writer);
/* Operators whose old deltas and snapshots are to go, when there is time. */
void riv__writer_tidy(struct riv_writer *writer, uint32_t op);

/* Finishes what was sent, closes the journal, frees the writer. give_up: does
 * not wait for a full disk. NULL is fine. */
int riv__writer_stop(struct riv_writer *writer, bool give_up,
                     struct riv_err *err);

#endif
