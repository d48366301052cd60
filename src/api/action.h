/* api/action.h - how actions run: a few nodes are built below a dataset, the
 * job is compiled and run at once, and the nodes are forgotten. Used by
 * action_*.c; what each action folds is in its own file. @thread driver */
#ifndef RIV_API_ACTION_H
#define RIV_API_ACTION_H

#include "api/context.h"
#include "exec/run_gather.h"
#include "graph/ops.h"

struct riv_action {
    const char *name; /* "riv_top" */
    riv_ds *rdd;
    struct riv_graph *graph;
    struct riv_arena arena; /* of its nodes */
    struct riv_arena *was;
    bool frozen;
    size_t mark;
};

/* Refuses streams, broken contexts and a result without a place (`out`; an
 * action without a result gives its name), else opens the graph for the action's
 * nodes. `end` must follow a success; it returns rc. */
int riv__action_begin(struct riv_action *act, riv_ds *rdd, const void *out,
                      const char *name) RIV__MUST_USE;
/* The same of any dataset. */
int riv__action_begin_any(struct riv_action *act, riv_ds *ds, const void *out,
                          const char *name) RIV__MUST_USE;
int riv__action_end(struct riv_action *act, int rc);

/* Runs a node that is an output; the plan lives until riv__plan_free. */
int riv__action_run(struct riv_action *act, riv_ds *output,
                    struct riv_plan **ret) RIV__MUST_USE;

/* The first `most` rows of a dataset (0: all), in the order of its partitions.
 * field: the whole row, the value of a pair, or the whole of a pair whose type
 * was made for the action: it then lives with the result. */
enum { RIV__WHOLE_ROW, RIV__ONLY_VALUE, RIV__MADE_PAIR };
int riv__action_collect(struct riv_action *act, riv_ds *ds, size_t most,
                        int field, riv_result *out) RIV__MUST_USE;

/* One partition: see graph/ops.h. */
int riv__action_pick(struct riv_action *act, riv_ds *ds, struct riv_pick *pick,
                     riv_result *out) RIV__MUST_USE;

/* Folds the rows of `ds` into g->total. g->in is set here. */
int riv__action_gather(struct riv_action *act, riv_ds *ds, struct riv_gather *g)
    RIV__MUST_USE;

/* n rows of a layout, lying anywhere, as a result; strings copied. */
int riv__action_result(struct riv_action *act, const struct riv_layout *layout,
                       const char *const *row, size_t n, riv_result *out)
    RIV__MUST_USE;

/* One row into the caller's `out`; its strings live with the context, or with
 * the batch inside riv_foreach_rdd. */
int riv__action_row(struct riv_action *act, const struct riv_layout *layout,
                    const void *row, void *out) RIV__MUST_USE;

/* A sentence about wrong use, in front of it the action's name. */
int riv__action_fail(struct riv_action *act, int code, const char *fmt, ...)
    RIV__FORMAT(3, 4);

#endif
