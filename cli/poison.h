/* cli/poison.h - which lines of a batch kill the job: the search, without a
 * process. A worker that dies tells what it had in hand; the next one is told
 * which part of the batch to try. Used by supervise.c. */
#ifndef POISON_H
#define POISON_H

#include <stdbool.h>
#include <stdint.h>

#include <rivulet/watch.h>

enum {
    POISON_CRASHES = 3,  /* of one batch before it is looked into */
    POISON_FIXED = 100,  /* batches behind one that crashed that are written
                                 down before they run */
    POISON_VAIN_MAX = 3, /* searches that end nowhere: it is chance */
    POISON_STARTS_MAX = 10000, /* of one search */
    POISON_WHY_MAX = 240
};

enum poison_phase {
    POISON_NONE,   /* there is no search */
    POISON_WHOLE,  /* all lines but those that were found; it counts */
    POISON_EMPTY,  /* none: does it need lines at all? */
    POISON_PREFIX, /* the shortest prefix that crashes ends with `end` */
    POISON_ALONE,  /* is that enough? */
    POISON_SUFFIX  /* else: with which line must it begin? */
};

struct poison {
    int64_t batch; /* that crashed last */
    unsigned crashes, vain, starts;
    enum poison_phase phase;
    uint64_t lo, hi, end; /* places of lines */
    riv_trial trial;      /* for the next start */
    riv_skip skip[RIV_SKIPS_MAX];
    char why[RIV_SKIPS_MAX][POISON_WHY_MAX];
    char last_why[POISON_WHY_MAX]; /* it crashed last */
};

/* How a worker ended. */
struct poison_end {
    bool died; /* of a fault, an exit, or because it hung: not by others */
    const char *why;
    const riv_watch_info *info;
};

enum poison_verdict {
    POISON_NOT,   /* the rules of restarts decide */
    POISON_AGAIN, /* start it at once, with the trial */
    POISON_BEGIN, /* the same; a search begins */
    POISON_FOUND, /* the same; a line more is left out */
    POISON_FAILS, /* the end: poison.policy is fail */
    POISON_HARD   /* the end: no lines were found that do it, or too many */
};

void poison_init(struct poison *poison);

/* poison->trial is what the next start is to try. */
enum poison_verdict poison_after(struct poison *poison,
                                 const struct poison_end *end);

#endif
