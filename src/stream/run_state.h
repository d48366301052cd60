/* stream/run_state.h - the op of map_with_state and update_state_by_key, for
 * the two files that know it: run_state.c runs it, kept_state.c writes down and
 * restores what it keeps. */
#ifndef RIV_STREAM_RUN_STATE_H
#define RIV_STREAM_RUN_STATE_H

#include "exec/op.h"
#include "stream/state.h"

/* The values of one partition: for updates. */
struct riv_state_values {
    uint32_t *slot; /* of each row, in order of arrival */
    size_t slot_cap;
    struct riv_state_value *value; /* call by call */
    size_t value_cap;
    uint32_t *start; /* of each call's values; two more */
    size_t start_cap;
    char *side; /* those of a call side by side, key by key */
    size_t side_cap;
};

struct riv_state_part {
    struct riv_state state;
    struct riv_state_values values;
    int64_t ran; /* the last batch that went through it */
};

struct riv_state_op {
    struct riv_op base;
    const struct riv_state_param *param;
    struct riv_state_part *part;
    uint32_t npart;
    bool loaded; /* the initial states are in */
};

static inline struct riv_state_op *riv__state_op(struct riv_op *op)
{
    return (struct riv_state_op *)op;
}

#endif
