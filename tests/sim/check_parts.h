/* sim/check_parts.h - what check.c and check_op.c share; for nobody else. */
#ifndef RIV_SIM_CHECK_PARTS_H
#define RIV_SIM_CHECK_PARTS_H

#include "sim/check.h"

/* A batch, summed up. */
struct batch {
    int64_t time;
    uint64_t n, count[KEYS];
    int64_t sum[KEYS], max[KEYS];
    bool shown; /* in a window that was given */
};

struct check {
    struct world *w;
    struct check_conf conf;
    struct rng rng;
    uint64_t batches, records;
    int64_t zero_ms;                    /* one interval before the first */
    struct batch batch[2 * WINDOW_MAX]; /* this one, and those before */
    size_t all_from, raw_from[INPUTS_MAX];
    uint32_t input;
    uint64_t fragments;
    struct rows rows[OPS], want;
    bool tampered, holds; /* by a canary */
    struct record held;
    /* state as it must be */
    int64_t total[KEYS];
    int idle[KEYS];
    bool has_total[KEYS];
    int64_t state[KEYS], touched_ms[KEYS];
    bool has_state[KEYS];
};

/* check.c: a batch begins; a record of it comes: the next of its stream. */
void check_begin(struct check *c, int64_t time);
void check_record(struct check *c, const struct record *rec);
/* "STREAM,SEQ,KEY,VAL", and the number before a comma. */
bool check_record_read(const char *p, const char *end, struct record *ret);
bool check_number(const char **p, const char *end, int64_t *ret);
/* check_op.c: the rows of all operators, then forgotten. */
void check_ops(struct check *c);

#endif
