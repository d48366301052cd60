/* sys/sys_clock.c - the clocks of the real world. */
#include <time.h>

#include "sys/real.h"

int64_t riv__real_mono_ns(struct riv_sys *sys)
{
    struct timespec now;
    (void)sys;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t riv__real_wall_ms(struct riv_sys *sys)
{
    struct timespec now;
    (void)sys;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
