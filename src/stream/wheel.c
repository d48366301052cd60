/* stream/wheel.c - the ring of lists behind timeouts of keys. A tick is a batch
 * time in steps of the batch interval; a batch that was merged into a later one
 * leaves its spoke to that. Lists are vectors, not links through the slots, so
 * that whoever walks one can ask for the next slots in time. */
#include "stream/wheel.h"

#include <stdlib.h>

#include "base/vec.h"

int riv__wheel_init(struct riv_wheel *wheel, int64_t timeout_ms,
                    int64_t step_ms)
{
    const int64_t steps = timeout_ms / step_ms + 2;
    *wheel = (struct riv_wheel){
        .nspoke = (uint32_t)RIV__MIN(steps, (int64_t)RIV__WHEEL_SPOKES_MAX),
        .step_ms = step_ms,
        .timeout_ms = timeout_ms,
    };
    wheel->spoke = calloc(wheel->nspoke, sizeof *wheel->spoke);
    return wheel->spoke ? 0 : RIV_ENOMEM;
}

void riv__wheel_fini(struct riv_wheel *wheel)
{
    for (uint32_t i = 0; wheel->spoke && i < wheel->nspoke; i++)
        free(wheel->spoke[i].slot);
    free(wheel->spoke);
    free(wheel->taken.slot);
    *wheel = (struct riv_wheel){ .nspoke = 0 };
}

void riv__wheel_reset(struct riv_wheel *wheel)
{
    for (uint32_t i = 0; i < wheel->nspoke; i++)
        wheel->spoke[i].n = 0;
}

int riv__wheel_put(struct riv_wheel *wheel, uint32_t slot, int64_t touched)
{
    const int64_t tick = (touched + wheel->timeout_ms) / wheel->step_ms + 1;
    struct riv_spoke *spoke = &wheel->spoke[tick % wheel->nspoke];
    RIV__TRY(RIV__VEC_ROOM(spoke->slot, spoke->cap, spoke->n + 1));
    spoke->slot[spoke->n++] = slot;
    return 0;
}

/* What is put off onto a spoke that was turned to already stays there for the
 * next turn of the ring; it is not due before. The memory of the list that was
 * taken last goes to the spoke. */
const struct riv_spoke *riv__wheel_turn(struct riv_wheel *wheel, int64_t now)
{
    const int64_t tick = now / wheel->step_ms;
    wheel->tick = RIV__MAX(wheel->tick, tick - (int64_t)wheel->nspoke);
    while (wheel->tick < tick) {
        wheel->tick++;
        struct riv_spoke *spoke = &wheel->spoke[wheel->tick % wheel->nspoke];
        if (spoke->n == 0)
            continue;
        const struct riv_spoke list = *spoke;
        *spoke = wheel->taken;
        spoke->n = 0;
        wheel->taken = list;
        return &wheel->taken;
    }
    return NULL;
}
