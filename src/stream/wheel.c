/* stream/wheel.c - the ring of lists behind timeouts of keys. A tick is a batch
 * time in steps of the batch interval; a batch that was merged into a later one
 * leaves its spoke to that. */
#include "stream/wheel.h"

#include <stdlib.h>
#include <string.h>

int riv__wheel_init(struct riv_wheel *wheel, int64_t timeout_ms,
                    int64_t step_ms)
{
    const int64_t steps = timeout_ms / step_ms + 2;
    *wheel = (struct riv_wheel){
        .nspoke = (uint32_t)RIV__MIN(steps, (int64_t)RIV__WHEEL_SPOKES_MAX),
        .step_ms = step_ms,
        .timeout_ms = timeout_ms,
    };
    wheel->head = calloc(wheel->nspoke, sizeof *wheel->head);
    return wheel->head ? 0 : RIV_ENOMEM;
}

void riv__wheel_fini(struct riv_wheel *wheel)
{
    free(wheel->head);
    *wheel = (struct riv_wheel){ .nspoke = 0 };
}

void riv__wheel_reset(struct riv_wheel *wheel)
{
    memset(wheel->head, 0, wheel->nspoke * sizeof *wheel->head);
}

void riv__wheel_put(struct riv_wheel *wheel, uint32_t slot, int64_t touched,
                    uint32_t *link)
{
    int64_t tick = (touched + wheel->timeout_ms) / wheel->step_ms + 1;
    uint32_t *head = &wheel->head[tick % wheel->nspoke];
    *link = *head ? *head : RIV__WHEEL_LAST;
    *head = slot + 1;
}

/* What is put off onto a spoke that was turned to already stays there for the
 * next turn of the ring; it is not due before. */
uint32_t riv__wheel_turn(struct riv_wheel *wheel, int64_t now)
{
    const int64_t tick = now / wheel->step_ms;
    wheel->tick = RIV__MAX(wheel->tick, tick - (int64_t)wheel->nspoke);
    while (wheel->tick < tick) {
        wheel->tick++;
        uint32_t *head = &wheel->head[wheel->tick % wheel->nspoke];
        uint32_t first = *head;
        *head = 0;
        if (first)
            return first;
    }
    return 0;
}
