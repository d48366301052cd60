/* stream/time.h - the only arithmetic on batch times: milliseconds since the
 * epoch, always a multiple of the interval, only growing. */
#ifndef RIV_STREAM_TIME_H
#define RIV_STREAM_TIME_H

#include <stdint.h>

/* The first batch time after `now`. */
static inline int64_t riv__time_next(int64_t now_ms, int64_t interval_ms)
{
    return (now_ms / interval_ms + 1) * interval_ms;
}

/* How many whole intervals have passed beside the one that is due. */
static inline int64_t riv__time_missed(int64_t late_ns, int64_t interval_ms)
{
    return late_ns > 0 ? late_ns / (interval_ms * 1000000) : 0;
}

#endif
