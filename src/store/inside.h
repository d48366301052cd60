/* store/inside.h - what the files of the journal share: the open journal, and
 * what every put and every read begin with. Only for src/store. */
#ifndef RIV_STORE_INSIDE_H
#define RIV_STORE_INSIDE_H

#include "store/head.h"
#include "store/journal.h"
#include "store/ledger.h"
#include "store/place.h"

/* How far the journal has come: the one row of table tip. */
struct riv_tip {
    uint64_t commits; /* transactions, ever */
    uint64_t batch;   /* the last one done, and its time */
    int64_t time_ms;
    uint64_t deltas_from; /* from this batch on all deltas are still there */
    uint32_t nodes;       /* the highest number of a node, ever */
    uint64_t letters;     /* of a dead letter */
};

struct riv_journal {
    struct riv_sys *sys;
    struct riv_place place;
    struct riv_head head;
    struct riv_db db;
    struct riv_ledger ledger;
    struct riv_tip tip;      /* with the changes of the open transaction */
    struct riv_tip tip_was;  /* as committed */
    bool deltas_are_checked; /* against the sums in their batches' rows */
    struct riv_changes {     /* deltas of the open transaction */
        uint64_t batch, pieces, bytes, sums;
        bool has_batch; /* its batch was put as done: nothing may follow */
    } changes;
    struct riv_buf join; /* pieces put together, one put at a time */
    uint64_t ballast_bytes, disk_bytes_max, wal_bytes_max;
    uint64_t limit_room; /* what disk.limit left when it was last looked at */
    struct riv_journal_info info;
};

/* For what changes the journal: RIV_EFATAL outside a transaction; and for what
 * belongs to the next batch, when that has been put already. */
int riv__journal_may_put(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_may_add(struct riv_journal *journal, uint64_t batch,
                         struct riv_err *err) RIV__MUST_USE;

/* Up to where the WAL is in use: it is written from its start again once all
 * of it is in the database. */
uint64_t riv__journal_wal_end(const struct riv_journal *journal);

/* How much disk.limit leaves to the next transactions; after each commit and
 * whatever else changes what is on disk. Outside of a transaction. */
void riv__journal_set_limit(struct riv_journal *journal);

/* Bytes as rows of at most RIV__PIECE_BYTES_MAX. `cells` has the key's first
 * two columns; `last` gives the highest piece number there. Tables delta, piece
 * and outbox have the same columns. */
int riv__pieces_put(struct riv_journal *journal, enum riv_jtable table,
                    const int64_t key[2], enum riv_sql last,
                    struct riv_parts parts, struct riv_err *err) RIV__MUST_USE;
/* Gives what is left of an opened cursor, and closes it. `number` is the second
 * argument of `each`; below 0: the key's second column. */
int riv__pieces_each(struct riv_journal *journal, struct riv_cursor *cursor,
                     riv__bytes_fn *each, void *arg, int64_t number,
                     struct riv_err *err) RIV__MUST_USE;

/* Deltas against the sums in their batches' rows; done once in the life of an
 * open journal, for what is written later is ours. */
int riv__deltas_check(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
/* The pieces of a complete snapshot against its head row. */
int riv__snapshot_check(struct riv_journal *journal, uint32_t op,
                        uint64_t snapshot, struct riv_err *err) RIV__MUST_USE;

/* A number that is written as an INTEGER: below 2^63. */
static inline bool riv__is_number(uint64_t n)
{
    return n <= INT64_MAX;
}

#endif
