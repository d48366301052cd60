/* sys/clock.h - a manual clock: a riv_sys that is the real one but for time,
 * which stands still until it is moved. poll() with a time limit in the future
 * returns at once when nothing is ready. For tests and riv_step. */
#ifndef RIV_SYS_CLOCK_H
#define RIV_SYS_CLOCK_H

#include "sys/sys.h"

struct riv_manual_clock {
    struct riv_sys sys; /* give &clock->sys to the engine */
    struct riv_sys *real;
    int64_t now_ns; /* atomic access only */
    int64_t wall_offset_ms;
};

void riv__manual_clock_init(struct riv_manual_clock *clock,
                            struct riv_sys *real, int64_t wall_ms);
void riv__manual_clock_advance(struct riv_manual_clock *clock, int64_t ms);

#endif
