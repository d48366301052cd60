/* stream/allowance.h - what a batch may take in under memory.limit, when windows and
 * riv_remember keep whole batches: what comes now must fit as long as it stands.
 * README.md has the design. Of the generator; without the limit, or without such
 * operators, nothing is bounded and nothing is measured. @thread driver */
#ifndef RIV_STREAM_ALLOWANCE_H
#define RIV_STREAM_ALLOWANCE_H

#include "exec/plan.h"

/* A batch may always take so many bytes in, or nothing would go on. */
enum { RIV__ALLOWANCE_BYTES_MIN = 4096 };

/* An operator that keeps batches. */
struct riv_allowance_op {
    const struct riv_op *op;
    double batches;  /* for so many */
    double per_byte; /* bytes of rows for a byte of input, lately */
    bool is_known;   /* that was seen, and is no guess */
    uint64_t stays;  /* of earlier batches, when the open one has run */
};

/* What the process had at most, and what stood then. */
struct riv_allowance_peak {
    int64_t has, stands;
};

struct riv_allowance {
    struct riv_plan *plan;
    bool begun;
    struct riv_allowance_op *op;
    size_t nop;
    int64_t most;                    /* what the process should have at most */
    int64_t found;                   /* stood when the first batch began */
    struct riv_allowance_peak first; /* of the first batch with input */
    struct riv_allowance_peak last, now; /* of periods */
    int64_t period, left; /* batches of a period; to come of the running one */
    uint64_t bytes, room; /* of the open batch: may take in all; still */
};

/* A batch of this time begins. */
int riv__allowance_open(struct riv_allowance *allow, struct riv_plan *plan,
                        int64_t time_ms, struct riv_err *err) RIV__MUST_USE;
void riv__allowance_fini(struct riv_allowance *allow);

/* What it may still take in; UINT64_MAX: there is no bound. */
uint64_t riv__allowance_left(const struct riv_allowance *allow);
void riv__allowance_took(struct riv_allowance *allow, uint64_t bytes);

/* It is done, and was measured: the next one may take in what that shows. */
void riv__allowance_done(struct riv_allowance *allow);

/* There was not enough memory: adds to the message what stands, and what can be
 * done. */
void riv__allowance_explain(const struct riv_allowance *allow,
                            struct riv_err *err);

#endif
