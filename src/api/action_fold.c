/* api/action_fold.c - actions that fold all records into one, or look at each:
 * reduce, fold, aggregate and their trees, foreach. */
#include <stdlib.h>

#include "api/action.h"
#include "graph/ops.h"

/* The single row of a dataset into *out; none is an error. */
static int one_row(struct riv_action *act, riv_ds *made, void *out)
{
    riv_result result = { 0 };
    const struct riv_layout *layout = made->layout;
    RIV__TRY(riv__action_collect(act, made, 1, RIV__WHOLE_ROW, &result));
    int rc = result.n == 0
                 ? riv__action_fail(act, RIV_EINVAL,
                                    "the dataset is empty; there is no record "
                                    "to give")
                 : riv__action_row(act, layout, result.rows, out);
    riv_result_free(&result);
    return rc;
}

static int reduce_now(riv_ds *rdd, const riv_fn *f, void *out, const char *name)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, name));
    return riv__action_end(&act, one_row(&act, riv_reduce(rdd, f, NULL), out));
}

int riv_reduce_now(riv_ds *rdd, const riv_fn *f, void *out)
{
    return reduce_now(rdd, f, out, "riv_reduce_now");
}

static int depth_refused(riv_ds *rdd, const char *name, int depth)
{
    if (depth >= 1 || !rdd || !rdd->graph)
        return 0;
    return riv__graph_fail(rdd->graph, RIV_EINVAL,
                           "%s: a depth of %d; it is 1 or more", name, depth);
}

int riv_tree_reduce(riv_ds *rdd, const riv_fn *f, int depth, void *out)
{
    RIV__TRY(depth_refused(rdd, "riv_tree_reduce", depth));
    return reduce_now(rdd, f, out, "riv_tree_reduce");
}

int riv_fold(riv_ds *rdd, const void *zero, const riv_fn *f, void *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_fold"));
    int rc = zero
                 ? one_row(&act, riv__op_fold(rdd, zero, f), out)
                 : riv__action_fail(&act, RIV_EINVAL, "no value to begin with");
    return riv__action_end(&act, rc);
}

static int aggregate(riv_ds *rdd, const void *zero, const riv_fn *f, void *out,
                     const char *name)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, name));
    if (!zero && f && f->out)
        zero = riv__arena_zalloc(&act.arena, f->out->size);
    int rc = one_row(&act, riv__op_aggregate(rdd, zero, f), out);
    return riv__action_end(&act, rc);
}

int riv_aggregate(riv_ds *rdd, const void *zero, const riv_fn *f, void *out)
{
    return aggregate(rdd, zero, f, out, "riv_aggregate");
}

int riv_tree_aggregate(riv_ds *rdd, const void *zero, const riv_fn *f,
                       int depth, void *out)
{
    RIV__TRY(depth_refused(rdd, "riv_tree_aggregate", depth));
    return aggregate(rdd, zero, f, out, "riv_tree_aggregate");
}

int riv_first(riv_ds *rdd, void *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_first"));
    return riv__action_end(&act, one_row(&act, rdd, out));
}

int riv_is_empty(riv_ds *rdd, bool *empty)
{
    struct riv_action act;
    riv_result result = { 0 };
    RIV__TRY(riv__action_begin(&act, rdd, empty, "riv_is_empty"));
    int rc = riv__action_collect(&act, rdd, 1, RIV__WHOLE_ROW, &result);
    if (rc == 0)
        *empty = result.n == 0;
    riv_result_free(&result);
    return riv__action_end(&act, rc);
}

/* -------------------------------------------------------------- foreach */

static int foreach(riv_ds *rdd, const riv_fn *f, const riv_opt *o,
                   bool of_partitions, const char *name)
{
    struct riv_action act;
    struct riv_plan *plan = NULL;
    RIV__TRY(riv__action_begin(&act, rdd, name, name));
    int rc =
        riv__action_run(&act, riv__op_foreach(rdd, f, o, of_partitions), &plan);
    if (rc == 0)
        riv__plan_free(plan);
    return riv__action_end(&act, rc);
}

int riv_foreach_now(riv_ds *rdd, const riv_fn *f, const riv_opt *o)
{
    return foreach(rdd, f, o, false, "riv_foreach_now");
}

int riv_foreach_partition(riv_ds *rdd, const riv_fn *f, const riv_opt *o)
{
    return foreach(rdd, f, o, true, "riv_foreach_partition");
}
