/* graph/op_state.c - state for each key of a stream: map_with_state,
 * update_state_by_key, and the view of all states. Run by stream/run_state.c;
 * their functions run as a step behind it, exec/chain.c. */
#include "data/upgrade.h"
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_map_with_state = {
    .name = "riv_map_with_state",
    .role = RIV__ROLE_GROUPS,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_update_state = {
    .name = "riv_update_state_by_key",
    .role = RIV__ROLE_GROUPS,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_snapshots = { .name = "riv_state_snapshots",
                                              .role = RIV__ROLE_OP };

static int no_memory(struct riv_graph *graph)
{
    return riv__graph_fail(graph, RIV_ENOMEM, "no memory for the graph");
}

static int live_check(riv_ds *in, const char *name)
{
    char show[256];
    if (in->live)
        return 0;
    return riv__graph_fail(
        in->graph, RIV_EINVAL,
        "%s: its input (%s) is an RDD; state is kept over the batches of a "
        "stream: inputs such as tail:, dir:, replay:, riv_queue",
        name, riv__ds_show(in, show, sizeof show));
}

/* The first states: pairs of this stream's key and the function's state, all of
 * them there when the first batch begins. */
static int initial_check(riv_ds *in, const char *name, const riv_type *state,
                         const riv_ds *initial)
{
    char want[160], have[160], key[160];
    struct riv_graph *graph = in->graph;
    const riv_type *in_key = riv__pair_key(in->layout->type);
    if (!initial)
        return 0;
    if (initial->graph != graph || !initial->layout)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: .initial is no dataset of this context",
                               name);
    if (initial->live)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: .initial is a stream; the first states are "
                               "an RDD, which is whole when the job starts",
                               name);
    const riv_type *type = initial->layout->type;
    if (type->kind == RIV_K_PAIR &&
        riv__type_equal(riv__pair_key(type), in_key) &&
        riv__type_equal(riv__pair_val(type), state))
        return 0;
    return riv__graph_fail(
        graph, RIV_ETYPE,
        "%s: .initial gives %s; it takes pairs of the key %s and the state %s",
        name, riv__type_show(type, have, sizeof have),
        riv__type_show(in_key, key, sizeof key),
        riv__type_show(state, want, sizeof want));
}

static int opt_check(riv_ds *in, const char *name, const riv_opt *opt,
                     bool may_time_out)
{
    if (opt->timeout_ms == 0)
        return 0;
    if (!may_time_out)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "%s: .timeout_ms is for riv_map_with_state; "
                               "this function is called in every batch and "
                               "can count them",
                               name);
    if (opt->timeout_ms > 0)
        return 0;
    return riv__graph_fail(in->graph, RIV_EINVAL,
                           "%s: .timeout_ms is %lld; it is above 0, or 0 for "
                           "no timeout",
                           name, (long long)opt->timeout_ms);
}

static int param_keep(riv_ds *ds, const riv_type *state, const riv_opt *opt)
{
    struct riv_graph *graph = ds->graph;
    struct riv_err err = { 0 };
    RIV__TRY(graph->err.code);
    struct riv_state_param *param =
        riv__arena_zalloc(graph->arena, sizeof *param);
    if (!param)
        return no_memory(graph);
    const riv_type *pair = ds->parent[0]->layout->type;
    int rc =
        riv__layout_make(graph->arena, riv__pair_key(pair), &param->key, &err);
    if (rc == 0)
        rc = riv__layout_make(graph->arena, state, &param->state, &err);
    if (rc == 0)
        rc = riv__upgrade_check(state, &err);
    if (rc < 0)
        return riv__graph_fail(graph, rc, "%s: %s", ds->kind->name, err.text);
    param->val_offset = pair->fields[1].offset;
    param->timeout_ms = opt->timeout_ms;
    param->initial = opt->initial;
    ds->param = param;
    return 0;
}

static riv_ds *state_add(riv_ds *in, const struct riv_kind *kind,
                         const riv_fn *f, unsigned fn_op, const riv_opt *o)
{
    const char *name = kind->name;
    const bool maps = fn_op == RIV_OP_MAP_WITH_STATE;
    const riv_opt opt = riv__opt_read(o);
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, fn_op) < 0 ||
        riv__check_pairs(in, name, f) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    const riv_type *state = maps ? f->state : riv__pair_val(f->out);
    if (live_check(in, name) < 0 || opt_check(in, name, &opt, maps) < 0 ||
        initial_check(in, name, state, opt.initial) < 0)
        return in;
    riv_ds *ds =
        riv__graph_add(in->graph, &(struct riv_node_spec){ .kind = kind,
                                                           .in = &in,
                                                           .nin = 1,
                                                           .out = f->out,
                                                           .fn = f,
                                                           .opt = o });
    (void)param_keep(ds, state, &opt);
    return ds;
}

riv_ds *riv_map_with_state(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return state_add(in, &riv__kind_map_with_state, f, RIV_OP_MAP_WITH_STATE,
                     o);
}

riv_ds *riv_update_state_by_key(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return state_add(in, &riv__kind_update_state, f, RIV_OP_UPDATE_STATE, o);
}

riv_ds *riv_state_snapshots(riv_ds *of)
{
    char show[256];
    if (!riv__ds_usable(of))
        return of;
    struct riv_graph *graph = of->graph;
    if (of->kind != &riv__kind_map_with_state) {
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_state_snapshots: %s keeps no state to be seen; "
                        "give it what riv_map_with_state returned",
                        riv__ds_show(of, show, sizeof show));
        return of;
    }
    const struct riv_state_param *param = of->param;
    const riv_type *pair =
        riv__type_pair(graph->arena, param->key->type, param->state->type);
    if (!pair) {
        no_memory(graph);
        return of;
    }
    riv_ds *ds = riv__graph_add(
        graph,
        &(struct riv_node_spec){
            .kind = &riv__kind_snapshots, .in = &of, .nin = 1, .out = pair });
    ds->param = of; /* also when what is persisted stands in between */
    return ds;
}
