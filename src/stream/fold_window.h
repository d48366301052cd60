/* stream/fold_window.h - a window of one partition's keys, kept up to date:
 * each batch is a pane, a vector of slots and values; what enters is folded in,
 * what leaves is taken out by its slots, and no record is looked at twice. How
 * that is done is a table of functions: with an inverse (fold_inverse.c) or by
 * two stacks (fold_stack.c). One thread at a time. */
#ifndef RIV_STREAM_FOLD_WINDOW_H
#define RIV_STREAM_FOLD_WINDOW_H

#include <string.h>

#include "base/buf.h"
#include "data/frame.h"
#include "exec/chain.h"
#include "graph/ops.h"
#include "stream/keyed.h"
#include "stream/slots.h"
#include "stream/window.h"

/* In riv_pane.slot, of two stacks: the entry has later ones of its key. */
#define RIV__PANE_MORE (UINT32_C(1) << 31)

/* One batch. A key is in it once. */
struct riv_pane {
    int64_t time;
    uint32_t n, cap;
    uint32_t *slot;
    char *val;                /* n accumulators */
    uint64_t bytes;           /* of all that, when it entered */
    struct riv_arena strings; /* of these */
};

/* The life of a slot: panes that have the key, and these. 0: it is gone. */
#define RIV__LIFE_PANES INT64_C(0xffffffff)
#define RIV__LIFE_KEPT (INT64_C(1) << 32)  /* stays without records */
#define RIV__LIFE_FRONT (INT64_C(1) << 33) /* two stacks: there is a front, */
#define RIV__LIFE_BACK (INT64_C(1) << 34)  /* a back */

/* What a batch brings to a partition: runs of rows, key first. */
struct riv_fold_rows {
    const struct riv_keyed_bucket *run;
    uint32_t nrun;
    size_t size;        /* of a row */
    int64_t time, zero; /* of the batch; before the first one */
};

struct riv_fold_window;

struct riv_fold_window_ops {
    const char *name;
    uint32_t accs; /* accumulators in a slot */
    /* The batch `pane` enters: counts it in the lives, folds its values. */
    int (*enter)(struct riv_fold_window *fw, struct riv_pane *pane);
    /* The oldest pane leaves. */
    int (*leave)(struct riv_fold_window *fw, struct riv_pane *pane);
    /* Work that is spread over the slides; `slide` is the number of this one.
     * NULL: none. */
    int (*turn)(struct riv_fold_window *fw, int64_t slide);
    /* Slots are about to be numbered anew; NULL: nothing to do. */
    int (*settle)(struct riv_fold_window *fw);
    /* The results of n <= RIV__CHUNK_ROWS living slots, `stride` apart from
     * `acc` on. Their strings are the window's, or the step's. */
    void (*results)(struct riv_fold_window *fw, const uint32_t *slot,
                    uint32_t n, char *acc, size_t stride);
    /* Where keys and accumulators are words of 64 bits, which most are: whether
     * it can give results out in one pass, and that: pairs of the living among
     * n slots from `at` on, densely. Returns their number. */
    bool (*has_pairs)(const struct riv_fold_window *fw);
    uint32_t (*pairs)(const struct riv_fold_window *fw, uint32_t at, uint32_t n,
                      char *rows);
};

struct riv_fold_window {
    const struct riv_fold_window_ops *ops;
    const riv_ds *ds;
    const struct riv_window_param *param;
    const struct riv_window *window;
    const struct riv_layout *acc;
    riv_fold_fn *fold;
    uint32_t index, of; /* this partition, of so many */
    uint32_t acc_bytes; /* of one accumulator in a slot: a multiple of 8 */
    struct riv_slots slots;
    bool has_slots, has_step;
    struct riv_pane *pane; /* in the order of time, from `first` on */
    size_t first, n, cap;
    uint64_t bytes;        /* of all of them */
    struct riv_pane spare; /* the memory of the last that left */
    uint32_t *slot;        /* of a batch's rows */
    size_t slot_cap;
    struct riv_keyed_bucket *run; /* of a batch's rows */
    size_t run_cap;
    struct riv_step step; /* what the user's reducers see */
    char *old;            /* an accumulator with strings before a fold */
    char *hold;           /* a chunk of accumulators */
    uint32_t *start;      /* of each unit in a pane that is being sorted */
    void *at[RIV__CHUNK_ROWS];
    uint32_t sel[RIV__CHUNK_ROWS];
    /* two stacks: keys in units by the low bits of their slots */
    uint32_t units;   /* a power of two; 1 otherwise */
    int64_t *flipped; /* of each unit: panes up to this time are the front */
};

extern const struct riv_fold_window_ops riv__fold_inverse, riv__fold_stack;

int riv__fold_window_init(struct riv_fold_window *fw, const riv_ds *ds,
                          const struct riv_window *window, uint32_t index,
                          uint32_t of, struct riv_err *err) RIV__MUST_USE;
void riv__fold_window_fini(struct riv_fold_window *fw);

/* The batch at rows->time: what has left goes, what it brings comes. */
int riv__fold_window_slide(struct riv_fold_window *fw,
                           const struct riv_fold_rows *rows,
                           struct riv_err *err) RIV__MUST_USE;

/* ---- as bytes (fold_bytes.c), so that another run goes on with the same
 * slots, panes and flips, and gives the same results to the last digit.
 * Appends all of the partition. */
int riv__fold_window_write(struct riv_fold_window *fw, struct riv_buf *to,
                           struct riv_err *err) RIV__MUST_USE;
/* Reads that into an empty partition. RIV_ECHECKPOINT: damaged. */
int riv__fold_window_read(struct riv_fold_window *fw, riv_str bytes,
                          struct riv_err *err) RIV__MUST_USE;
/* Flips all that is to be flipped: then keys may go to other partitions. */
int riv__fold_window_settle(struct riv_fold_window *fw) RIV__MUST_USE;
/* Moves the keys of a settled partition to those of `to` that they belong to;
 * `from` is of no use afterwards. */
int riv__fold_window_deal(struct riv_fold_window *from,
                          struct riv_fold_window *to, uint32_t nto,
                          struct riv_err *err) RIV__MUST_USE;

/* Pushes the results as rows of `size` bytes: key, and accumulator at
 * param->reduce.out_offset. */
int riv__fold_window_scan(struct riv_fold_window *fw, size_t size,
                          struct riv_chain *chain);

/* Bytes of the panes later than `since_ms`. */
uint64_t riv__fold_window_bytes(const struct riv_fold_window *fw,
                                int64_t since_ms);

/* ---- panes, for the files of this module
 * A pane with room for n entries and none yet, after those of its time. */
int riv__fold_pane_add(struct riv_fold_window *fw, int64_t time, size_t n,
                       struct riv_pane **ret) RIV__MUST_USE;
void riv__fold_pane_fini(struct riv_pane *pane);
/* Entries lie in the order of units: count those of n slots, then put each. */
void riv__fold_units_count(struct riv_fold_window *fw, const uint32_t *slot,
                           size_t n);
void riv__fold_put(struct riv_fold_window *fw, struct riv_pane *pane,
                   uint32_t slot, const char *val);
int riv__fold_units_set(struct riv_fold_window *fw, uint32_t units)
    RIV__MUST_USE;

/* ---- for the tables of functions */

static inline char *riv__fold_acc(const struct riv_fold_window *fw, char *val,
                                  uint32_t which)
{
    return val + sizeof(int64_t) + which * fw->acc_bytes;
}

static inline char *riv__fold_val(const struct riv_fold_window *fw,
                                  uint32_t slot)
{
    return riv__table_val(&fw->slots.tab, slot);
}

/* Most accumulators are one word: a copy of constant size. */
static inline void riv__fold_copy(void *to, const void *from, size_t bytes)
{
    if (RIV__LIKELY(bytes == sizeof(int64_t)))
        memcpy(to, from, sizeof(int64_t));
    else
        memcpy(to, from, bytes);
}

/* ---- reducers at work (fold_step.c)
 * Folds a value into an accumulator of the table, or makes it that; its strings
 * are then the table's. */
int riv__fold_one(struct riv_fold_window *fw, riv_fold_fn *fn, void *acc,
                  const void *val, bool first) RIV__MUST_USE;

/* Folds values `stride` apart into fw->at[0 .. n), entries fw->sel[]. Only for
 * accumulators without strings. */
void riv__fold_many(struct riv_fold_window *fw, riv_fold_fn *fn,
                    const void *val, size_t stride, size_t n);

/* Forgets what a reducer has allocated; its results have been copied. */
void riv__fold_step_reset(struct riv_fold_window *fw);

/* One pane less; the key goes with its last, unless it is kept. */
static inline void riv__fold_lose(struct riv_fold_window *fw, int64_t *life)
{
    *life -= 1;
    if ((*life & RIV__LIFE_PANES) != 0)
        return;
    *life = fw->param->keep_empty ? RIV__LIFE_KEPT : 0;
    fw->slots.live -= *life == 0;
}

static inline void riv__fold_gain(struct riv_fold_window *fw, int64_t *life)
{
    fw->slots.live += *life == 0;
    *life += 1;
}

/* Asks for the slot that comes up in a few rows. */
static inline void riv__fold_ask_of(struct riv_table_vals vals,
                                    const uint32_t *slot, uint32_t i,
                                    uint32_t n)
{
    enum { AHEAD = 40 };
    if (i + AHEAD < n)
        __builtin_prefetch(
            riv__table_val_of(vals, slot[i + AHEAD] & ~RIV__PANE_MORE), 1);
}

static inline void riv__fold_ask(const struct riv_fold_window *fw,
                                 const struct riv_pane *pane, uint32_t i)
{
    riv__fold_ask_of(riv__table_vals(&fw->slots.tab), pane->slot, i, pane->n);
}

/* Asks a page ahead in a walk over all slots, for what the processor asks for by
 * itself ends with the page. The address may lie behind the last. */
static inline void riv__fold_ask_on(const char *entry)
{
    enum { AHEAD_BYTES = 4096 };
    __builtin_prefetch(entry + AHEAD_BYTES);
}

#endif
