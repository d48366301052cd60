/* exec/step.h - the engine's own kernels of narrow operators: called with a
 * chunk like those of users' functions, they find what they need in their
 * node's param. The list api/builtin.c names them; chain.c calls them. */
#ifndef RIV_EXEC_STEP_H
#define RIV_EXEC_STEP_H

#include "exec/op.h"

struct riv_step;

/* emitter.c */
riv_rows_fn riv__step_emit;
/* step_decode.c */
riv_rows_fn riv__step_decode;
/* A line of JSON to a row of the type, its strings in the step's arena. */
int riv__step_json(struct riv_step *step, const riv_type *type, riv_str line,
                   void *row, struct riv_err *err) RIV__MUST_USE;
/* step_approx.c */
riv_rows_fn riv__step_estimate; /* pairs of key and sketch to key and number */
/* step_key.c */
riv_rows_fn riv__step_by;    /* pairs of a function's result and row */
riv_rows_fn riv__step_unkey; /* the values of pairs */
riv_rows_fn riv__step_filter_by_range; /* pairs whose key is in a range */
/* step_sample.c */
riv_rows_fn riv__step_sample; /* sample, random_split */
riv_rows_fn riv__step_sample_again;
riv_rows_fn riv__step_sample_by_key;
riv_rows_fn riv__step_sample_exact; /* over groups */

#endif
