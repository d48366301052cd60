/* exec/tap.h - what passes here: rows of a running job, for somebody who asks
 * from outside. Asking arms a tap for some seconds; while one is armed, the chunks
 * that leave its dataset are looked at, and the first rows of each batch are kept
 * as text until they are fetched. It is a sample. Without a tap that is armed a
 * chunk costs one relaxed load. */
#ifndef RIV_EXEC_TAP_H
#define RIV_EXEC_TAP_H

#include "base/buf.h"
#include "exec/chain.h"

enum {
    RIV__TAPS_MAX = 4,              /* armed at once */
    RIV__TAP_ROWS = 64,             /* of a batch; others are counted */
    RIV__TAP_BATCH_BYTES = 1 << 15, /* of their text */
    RIV__TAP_ROW_BYTES = 4096, /* of the text of one; longer ones are cut */
    RIV__TAP_BYTES = 1 << 16,  /* that wait to be fetched */
    RIV__TAP_LINES = 1024,     /* the same */
    RIV__TAP_ARMED_MS = 5000,  /* after the last question */
};

struct riv_tap_want {
    const riv_ds *ds;
    bool json;      /* rows as JSON; else CSV */
    bool begins;    /* what comes from now on; else: */
    uint64_t since; /* what the last answer said is next */
};

struct riv_tap *riv__tap_new(struct riv_exec *exec);
void riv__tap_free(struct riv_tap *tap); /* NULL is fine */

/* The plan's datasets can be tapped from now on, and no others. @thread driver */
int riv__tap_open(struct riv_tap *tap, const struct riv_plan *plan)
    RIV__MUST_USE;
/* A copy of their list, in the order of the graph; free(*ret). @thread any */
int riv__tap_list(struct riv_tap *tap, const riv_ds ***ret, size_t *ret_n)
    RIV__MUST_USE;

/* Arms the tap of a dataset of the list, and appends what came since, a line
 * each, with a letter in front: N the next `since`; G so many lines are lost; B a
 * batch, by its time; a blank a row, c the beginning of one that is too long for
 * JSON; M how many more rows the batch had. RIV_EBUSY: RIV__TAPS_MAX others are
 * armed. @thread any */
int riv__tap_ask(struct riv_tap *tap, const struct riv_tap_want *want,
                 struct riv_buf *to) RIV__MUST_USE;

/* n rows leave the dataset, and some tap is armed. @thread worker */
void riv__tap_take(const struct riv_chain *chain, const riv_ds *ds,
                   const void *rows, size_t n);
/* Is that one armed? @thread any */
bool riv__tap_wants(const struct riv_exec *exec, const riv_ds *ds);
/* A batch has ended, or begins: how many rows were not kept is known, and what
 * nobody asks for any more is disarmed. @thread driver */
void riv__tap_between(struct riv_exec *exec);

/* Are rows of any dataset wanted? */
static inline bool riv__tap_is_armed(const struct riv_exec *exec)
{
    return RIV__RARELY(
        atomic_load_explicit(&exec->tapped, memory_order_relaxed) != 0);
}

/* Rows leave a dataset. */
static inline void riv__tap_pass(const struct riv_chain *chain,
                                 const riv_ds *ds, const void *rows, size_t n)
{
    if (riv__tap_is_armed(chain->exec))
        riv__tap_take(chain, ds, rows, n);
}

#endif
