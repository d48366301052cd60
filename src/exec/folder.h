/* exec/folder.h - values into accumulators: the built-in folds as loops, the
 * user's through its kernel. What an accumulator points to is copied into the
 * tally that holds it. One folder per part or partition; one thread at a time.
 */
#ifndef RIV_EXEC_FOLDER_H
#define RIV_EXEC_FOLDER_H

#include "data/tally.h"
#include "exec/chain.h"
#include "graph/ops.h"

struct riv_folder {
    struct riv_step step; /* what the user's reducer sees */
    const struct riv_reduce_param *param;
    char *old;                /* an accumulator's strings before a fold */
    char *gathered;           /* accumulators of another tally, side by side */
    void *acc[RIV__KEYS_MAX]; /* of each row */
    uint64_t fresh[RIV__KEYS_MAX / 64];
    void *to[RIV__KEYS_MAX]; /* of the rows of `sel` */
    uint32_t sel[RIV__KEYS_MAX];
};

int riv__folder_init(struct riv_folder *folder, const riv_ds *ds) RIV__MUST_USE;
void riv__folder_fini(struct riv_folder *folder);

/* A batch begins: its time, for the user's reducer, and the task in which it
 * folds; NULL: in none. */
void riv__folder_begin(struct riv_folder *folder, int64_t time,
                       struct riv_chain *chain);

/* Folds n <= RIV__KEYS_MAX values, `stride` apart, into the accumulators of the
 * keys, which are those of their rows. */
int riv__folder_rows(struct riv_folder *folder, struct riv_tally *tab,
                     struct riv_keys *keys, size_t n, const void *val,
                     size_t stride, struct riv_err *err) RIV__MUST_USE;

/* The same with the accumulators of n slots of another tally. */
int riv__folder_merge(struct riv_folder *folder, struct riv_tally *tab,
                      struct riv_keys *keys, const struct riv_tally *from,
                      const uint32_t *slot, size_t n, struct riv_err *err)
    RIV__MUST_USE;

/* The same with accumulators that lie in rows. */
int riv__folder_merge_rows(struct riv_folder *folder, struct riv_tally *tab,
                           struct riv_keys *keys, size_t n, const void *accs,
                           size_t stride, struct riv_err *err) RIV__MUST_USE;

/* One value into one accumulator, strings owned by `arena`. first: the
 * accumulator is empty. */
int riv__folder_one(struct riv_folder *folder, void *acc, const void *val,
                    bool first, riv_fold_fn *fn, struct riv_arena *arena)
    RIV__MUST_USE;

#endif
