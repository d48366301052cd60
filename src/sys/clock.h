/* sys/clock.h - a manual clock: a riv_sys that is the real one but for time,
 * which stands still until it is moved. poll() with a time limit in the future
 * returns at once when nothing is ready; without a limit it waits as the real
 * one does, for a descriptor or the wake. A thread that only waits for time in
 * a loop would spin: under this clock nothing but the driver should. For tests
 * and riv_step. */
#ifndef RIV_SYS_CLOCK_H
#define RIV_SYS_CLOCK_H

#include <stdatomic.h>

#include "sys/sys.h"

struct riv_manual_clock {
    struct riv_sys sys; /* give &clock->sys to the engine */
    struct riv_sys *real;
    _Atomic int64_t now_ns;
    int64_t wall_offset_ms; /* wall time when now_ns was 0 */
};

/* Starts at the monotonic time 0 and the given wall time. `real` is borrowed
 * until the clock's last use. */
void riv__manual_clock_init(struct riv_manual_clock *clock,
                            struct riv_sys *real, int64_t wall_ms);
/* ms: 0 or more. @thread any */
void riv__manual_clock_advance(struct riv_manual_clock *clock, int64_t ms);

#endif
