/* store/commit.h - all that one batch gives the journal: a message that the
 * driver fills and the storage thread commits in one transaction. Its memory is
 * its own and is used again. Filled by stream/commit.c, read by store/writer.c;
 * one thread at a time has it. */
#ifndef RIV_STORE_COMMIT_H
#define RIV_STORE_COMMIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/journal.h"
#include "store/spare.h"

struct riv_commit_note {
    uint32_t source;
    riv_str key, value;
    bool drop;
};

/* Bytes of an operator's state: a delta, a piece of a snapshot, or the end of
 * one; or what an output sends after the commit. A delta may be several blobs of
 * one operator, one behind the other. */
enum riv_blob_kind {
    RIV__BLOB_DELTA = 1,
    RIV__BLOB_PIECE,
    RIV__BLOB_SNAPSHOT,
    RIV__BLOB_OUTBOX
};

struct riv_commit_blob {
    enum riv_blob_kind kind;
    uint32_t op;             /* or the output */
    uint64_t snapshot, base; /* of a piece, of a snapshot */
    struct riv_buf bytes;
};

/* Received bytes of a source below `until` are part of the batch. */
struct riv_commit_used {
    uint32_t source;
    uint64_t until;
};

struct riv_commit_counter {
    riv_str name;
    int64_t value;
};

enum { RIV__SPARES_OF_COMMITS = 2 };

struct riv_commit {
    struct riv_batch_row batch; /* number 0: none */
    struct riv_arena arena;     /* what the rows point into */
    struct riv_range_row *range;
    size_t nrange, range_cap;
    struct riv_commit_note *note;
    size_t nnote, note_cap;
    struct riv_commit_blob *blob;
    size_t nblob, blob_cap;
    /* Memory of blobs: of deltas, which are many and small, and of others; NULL:
     * none is kept. */
    struct riv_spares *spares;
    struct riv_file_row *file;
    size_t nfile, file_cap;
    struct riv_letter_row *letter;
    size_t nletter, letter_cap;
    uint64_t *letter_drop; /* ids of letters that were given to the job again */
    size_t nletter_drop, letter_drop_cap;
    struct riv_commit_counter *counter;
    size_t ncounter, counter_cap;
    struct riv_commit_used *used;
    size_t nused, used_cap;
    uint64_t prune_before; /* batches that are no longer needed; 0: none */
    /* What outputs have prepared is made durable before the transaction, and
     * shown after it; NULL: nothing to do. @thread storage */
    void *arg;
    int (*sync)(void *arg, struct riv_commit *commit, struct riv_err *err);
    int (*publish)(void *arg, struct riv_commit *commit, struct riv_err *err);
    /* It is durable. NULL: nobody asks. @thread storage */
    void (*done)(void *arg, const struct riv_commit *commit);
    bool publishes;  /* there is something to show: its end is written down */
    uint64_t serial; /* of the messages sent, from 1 on */
    uint64_t bytes;  /* of its blobs, when it was sent */
    struct riv_commit *next;
};

void riv__commit_init(struct riv_commit *commit); /* without spares */
void riv__commit_fini(struct riv_commit *commit);
void riv__commit_reset(struct riv_commit *commit);
uint64_t riv__commit_bytes(const struct riv_commit *commit); /* of its blobs */

/* All: 0 or RIV_ENOMEM; what they point to is copied. */
int riv__commit_range(struct riv_commit *commit,
                      const struct riv_range_row *row) RIV__MUST_USE;
int riv__commit_note(struct riv_commit *commit,
                     const struct riv_commit_note *note) RIV__MUST_USE;
int riv__commit_file(struct riv_commit *commit, const struct riv_file_row *row)
    RIV__MUST_USE;
int riv__commit_letter(struct riv_commit *commit,
                       const struct riv_letter_row *row) RIV__MUST_USE;
int riv__commit_letter_drop(struct riv_commit *commit, uint64_t id)
    RIV__MUST_USE;
int riv__commit_counter(struct riv_commit *commit, riv_str name, int64_t value)
    RIV__MUST_USE;
int riv__commit_used(struct riv_commit *commit, uint32_t source, uint64_t until)
    RIV__MUST_USE;
/* An empty blob to append to; lent until the next call. NULL: no memory. */
struct riv_commit_blob *riv__commit_blob(struct riv_commit *commit,
                                         enum riv_blob_kind kind, uint32_t op);
/* The last one had nothing to say. */
void riv__commit_blob_drop(struct riv_commit *commit);

/* Puts all rows into the journal's open transaction. @thread storage */
int riv__commit_put(const struct riv_commit *commit,
                    struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;

#endif
