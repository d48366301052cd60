/* stream/window.h - when a window begins and ends: the arithmetic that all
 * kinds of windows share. Times are those of batches. */
#ifndef RIV_STREAM_WINDOW_H
#define RIV_STREAM_WINDOW_H

#include "exec/plan.h"

struct riv_window {
    int64_t length_ms;
    int64_t slide_ms; /* between two results */
    int64_t step_ms;  /* between two batches of the input */
};

/* Of an op whose node has a riv_window_param. The batch interval is known only
 * when the plan is made: that length and slide are multiples of it is checked
 * here. */
int riv__window_init(struct riv_window *window, const struct riv_op *op,
                     struct riv_err *err) RIV__MUST_USE;

/* Batches up to this time have left the window that ends at `time`. */
static inline int64_t riv__window_left(const struct riv_window *window,
                                       int64_t time)
{
    return time - window->length_ms;
}

/* Is the batch at `time` part of any window? Not those between two windows when
 * the slide is longer than the window. */
static inline bool riv__window_needs(const struct riv_window *window,
                                     int64_t zero, int64_t time)
{
    int64_t behind = (time - zero) % window->slide_ms;
    int64_t ahead = behind > 0 ? window->slide_ms - behind : 0;
    return ahead < window->length_ms;
}

#endif
