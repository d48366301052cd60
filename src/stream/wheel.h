/* stream/wheel.h - when keys are to be looked at again: a ring of lists, one
 * for each of the next batches. A key is in one list at a time, however often
 * it is touched; when its turn comes and it was touched meanwhile, it is put
 * off. So a touch costs nothing, and a key is looked at once per timeout, or
 * once per turn of the ring. Links are kept by the owner of the slots. */
#ifndef RIV_STREAM_WHEEL_H
#define RIV_STREAM_WHEEL_H

#include <stdbool.h>

#include "base/err.h"

enum { RIV__WHEEL_SPOKES_MAX = 4096 };
/* A link: 0: in no list; else the next slot + 1, or this at a list's end. */
#define RIV__WHEEL_LAST UINT32_MAX

struct riv_wheel {
    uint32_t *head; /* links; of each spoke */
    uint32_t nspoke;
    int64_t step_ms, timeout_ms;
    int64_t tick; /* the last that was turned to */
};

int riv__wheel_init(struct riv_wheel *wheel, int64_t timeout_ms,
                    int64_t step_ms) RIV__MUST_USE;
void riv__wheel_fini(struct riv_wheel *wheel);
void riv__wheel_reset(struct riv_wheel *wheel);

/* Puts a slot that was touched at `touched` where it will be found in the first
 * batch in which it is too old. */
void riv__wheel_put(struct riv_wheel *wheel, uint32_t slot, int64_t touched,
                    uint32_t *link);

/* Takes the next list whose turn has come by `now`; its first link, or 0: none
 * is left. The caller walks the list, sets its links to 0, and puts off what
 * is not too old. */
uint32_t riv__wheel_turn(struct riv_wheel *wheel, int64_t now);

/* Strictly older than the timeout. */
static inline bool riv__wheel_is_late(const struct riv_wheel *wheel,
                                      int64_t touched, int64_t now)
{
    return touched < now - wheel->timeout_ms;
}

#endif
