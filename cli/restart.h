/* cli/restart.h - when a worker that has ended is started again, and after which
 * pause: the rules, without a process or a clock. Used by supervise.c. */
#ifndef RESTART_H
#define RESTART_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RESTART_WINDOW_MS = 60 * 1000, /* in which crashes are counted */
    RESTART_PAUSE_MIN_MS = 100,
    RESTART_PAUSE_MAX_MS = 30 * 1000,
    RESTART_COUNTED = 1024 /* crashes remembered; a higher limit is this */
};

/* How a worker ended. */
struct restart_end {
    bool finished; /* it said that it had come to its end, with `code` */
    bool goes_on;  /* another start goes on where it was */
    bool asked;    /* somebody had asked it to stop */
    int code;
    int64_t at_ms; /* when, on a clock that only grows */
};

struct restart {
    int64_t crash_ms[RESTART_COUNTED]; /* a ring */
    unsigned n, limit;
    int64_t pause_ms; /* after the next crash */
    int64_t io_ms;    /* of the last restart after EXIT_IO */
    bool had_io;
};

/* What to do now. */
struct restart_step {
    bool again;
    bool too_often;   /* not again: there were too many crashes */
    int64_t pause_ms; /* before it is started again */
    int code;         /* else the exit code of the whole */
};

/* limit: crashes in a window that are answered by a restart. */
void restart_init(struct restart *restart, unsigned limit);

/* After a crash or EXIT_SYSTEM again, with growing pauses, until there have been
 * more than `limit` in a window: EXIT_PROGRAM (or EXIT_SYSTEM). After EXIT_IO
 * once in a window, since recovery is the remedy. After any other code never,
 * nor when it had been asked to stop: then a crash is EXIT_AGAIN. */
struct restart_step restart_after(struct restart *restart,
                                  const struct restart_end *end);

#endif
