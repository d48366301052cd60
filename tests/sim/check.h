/* sim/check.h - the small model that says what is right. A batch is what the
 * job wrote of it to /out/all; from that, and from the batches before, follows
 * what every operator must have given. Which records came, in which order, and
 * that none is missing at the end, follows from the streams. */
#ifndef RIV_SIM_CHECK_H
#define RIV_SIM_CHECK_H

#include <rivulet.h>

#include "sim/world.h"

/* Operators of the job; bits of a mask. */
enum {
    OP_SUM = 1 << 0,     /* reduce_by_key: a sum */
    OP_MAX = 1 << 1,     /* reduce_by_key: the greatest */
    OP_COUNT = 1 << 2,   /* count */
    OP_TOTAL = 1 << 3,   /* update_state_by_key, removed when idle */
    OP_STATE = 1 << 4,   /* map_with_state with a time-out */
    OP_SNAPS = 1 << 5,   /* state_snapshots of that */
    OP_WSUM = 1 << 6,    /* a window with an inverse */
    OP_WMAX = 1 << 7,    /* a window without */
    OP_WCOUNT = 1 << 8,  /* count_by_window */
    OP_WROWS = 1 << 9,   /* window, then sums */
    OP_JOIN = 1 << 10,   /* sums joined with greatest */
    OP_ACTION = 1 << 11, /* an action inside foreach_rdd */
    OPS_OF_WINDOWS = OP_WSUM | OP_WMAX | OP_WCOUNT | OP_WROWS,
    OPS = 12,
    OP_ALL = (1 << OPS) - 1
};

enum { INPUTS_MAX = 5, WINDOW_MAX = 8 };

struct check_conf {
    int64_t interval_ms;
    unsigned ops;
    int64_t length_ms, slide_ms; /* of windows */
    int64_t timeout_ms;          /* of OP_STATE */
    int idle_max;                /* of OP_TOTAL: batches */
    unsigned ninput;
    bool lines[INPUTS_MAX]; /* input i is lines, not rows ... */
    bool raw[INPUTS_MAX];   /* ... and is echoed to /out/raw.i */
    size_t line_max;        /* longer lines are left out ... */
    bool cuts;              /* ... or cut */
    bool durable;    /* with a state directory: outputs are folders of files */
    unsigned canary; /* what the check is to notice; 0: nothing */
};

/* Ways to tamper with what was seen, so that the check can show that it bites. */
enum canary {
    CANARY_NONE,
    CANARY_LOSE,   /* a record is not seen */
    CANARY_DOUBLE, /* or twice */
    CANARY_ALTER,  /* or with another value */
    CANARY_SWAP,   /* two come in the wrong order */
    CANARY_LATE,   /* one comes a batch later */
    CANARY_STATE,  /* a result is off by one */
    CANARY_TIME,   /* a batch has the time of the one before */
    CANARIES
};

/* The folder of an operator's output, of a durable job: "/out/sum/". */
const char *check_folder(unsigned index);

/* What an operator gave, noted by the job's functions. */
struct row {
    int key;
    int64_t val;
};

struct rows {
    struct row *row;
    size_t n, cap;
    bool run; /* the output ran for this batch */
};

struct check;

struct check *check_new(struct world *w, const struct check_conf *conf);
void check_free(struct check *c);
/* Where the rows of an operator (a bit) are noted. */
struct rows *check_rows(struct check *c, unsigned op);
void rows_add(struct rows *rows, int key, int64_t val);

/* The batch is over: all its outputs have run. Fails the test when something is
 * wrong. */
void check_batch(struct check *c, const riv_batch_info *info);
/* Everything that was made has been seen. */
bool check_has_all(struct check *c);
/* The job has ended: nothing is missing. early: it was stopped before the
 * streams had ended. lax: it was not even drained: what is there is in order,
 * that is all. */
void check_end(struct check *c, bool early, bool lax);
/* A durable batch: it is only counted, the files are looked at afterwards. */
void check_count_batch(struct check *c);
uint64_t check_batches(const struct check *c);
uint64_t check_records(const struct check *c);

#endif
