/* stream/wheel.h - when keys are to be looked at again: a ring of lists of
 * slots, one for each of the next batches. A key is in one list at a time,
 * however often it is touched; when its turn comes and it was touched meanwhile,
 * it is put off. So a touch costs nothing, and a key is looked at once per
 * timeout, or once per turn of the ring. The owner of the slots knows which are
 * on the wheel. */
#ifndef RIV_STREAM_WHEEL_H
#define RIV_STREAM_WHEEL_H

#include <stdbool.h>

#include "base/err.h"

enum { RIV__WHEEL_SPOKES_MAX = 4096 };

struct riv_spoke {
    uint32_t *slot;
    size_t n, cap;
};

struct riv_wheel {
    struct riv_spoke *spoke;
    uint32_t nspoke; /* 0: no timeouts */
    int64_t step_ms, timeout_ms;
    int64_t tick;           /* the last that was turned to */
    struct riv_spoke taken; /* what the last turn gave */
};

int riv__wheel_init(struct riv_wheel *wheel, int64_t timeout_ms,
                    int64_t step_ms) RIV__MUST_USE;
void riv__wheel_fini(struct riv_wheel *wheel);
void riv__wheel_reset(struct riv_wheel *wheel);

/* Puts a slot that was touched at `touched` where it will be found in the first
 * batch in which it is too old. 0 or RIV_ENOMEM. */
int riv__wheel_put(struct riv_wheel *wheel, uint32_t slot, int64_t touched)
    RIV__MUST_USE;

/* Takes the next list whose turn has come by `now` off the wheel; it is lent
 * until the next turn. NULL: none is left. */
const struct riv_spoke *riv__wheel_turn(struct riv_wheel *wheel, int64_t now);

/* Strictly older than the timeout. */
static inline bool riv__wheel_is_late(const struct riv_wheel *wheel,
                                      int64_t touched, int64_t now)
{
    return touched < now - wheel->timeout_ms;
}

#endif
