/* graph/op_sample.c - random parts of a dataset: sample, with and without
 * replacement, by key, and random_split. A draw depends on the seed, the batch,
 * the partition and the record's place in it, so that the same job gives the
 * same records. Run by exec/step_sample.c; exact samples by run_group.c. */
#include <math.h>
#include <stdlib.h>

#include "data/hash.h"
#include "data/rows.h"
#include "data/sort.h"
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_sample = {
    .name = "riv_sample",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
};
const struct riv_kind riv__kind_sample_again = {
    .name = "riv_sample_with_replacement",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
    .traits = RIV__NESTS,
};
const struct riv_kind riv__kind_random_split = {
    .name = "riv_random_split",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
};
const struct riv_kind riv__kind_sample_by_key = {
    .name = "riv_sample_by_key",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
    .traits = RIV__NESTS,
};
const struct riv_kind riv__kind_sample_by_key_exact = {
    .name = "riv_sample_by_key", .role = RIV__ROLE_GROUPS
};

static riv_ds *sampler(riv_ds *in, const struct riv_kind *kind,
                       const struct riv_sample_param *param)
{
    riv_ds *ds = riv__graph_add(
        in->graph,
        &(struct riv_node_spec){
            .kind = kind, .in = &in, .nin = 1, .out = in->layout->type });
    if (!riv__ds_usable(ds))
        return ds;
    ds->param = riv__arena_copy(ds->graph->arena, param, sizeof *param);
    if (!ds->param)
        riv__graph_fail(ds->graph, RIV_ENOMEM, "%s: no memory", kind->name);
    return ds;
}

riv_ds *riv_sample(riv_ds *in, double fraction, uint64_t seed)
{
    if (!riv__ds_usable(in))
        return in;
    if (!(fraction >= 0 && fraction <= 1 + 1e-6)) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_sample: a fraction of %g; without replacement it "
                        "is 0 to 1",
                        fraction);
        return in;
    }
    return sampler(
        in, &riv__kind_sample,
        &(struct riv_sample_param){ .seed = seed, .until = fraction });
}

riv_ds *riv_sample_with_replacement(riv_ds *in, double fraction, uint64_t seed)
{
    if (!riv__ds_usable(in))
        return in;
    if (!(fraction >= 0 && fraction <= RIV__SAMPLE_MEAN_MAX)) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_sample_with_replacement: a fraction of %g; it is "
                        "0 to %d",
                        fraction, RIV__SAMPLE_MEAN_MAX);
        return in;
    }
    return sampler(
        in, &riv__kind_sample_again,
        &(struct riv_sample_param){ .seed = seed, .mean = fraction });
}

static bool weights_are_good(const double *weight, size_t n, double *ret_sum)
{
    *ret_sum = 0;
    for (size_t i = 0; weight && i < n; i++) {
        if (!(weight[i] >= 0))
            return false;
        *ret_sum += weight[i];
    }
    return *ret_sum > 0 && isfinite(*ret_sum);
}

int riv_random_split(riv_ds *in, const double *weight, size_t n, uint64_t seed,
                     riv_ds **out)
{
    double sum, before = 0;
    if (!in || !in->graph)
        return RIV_EINVAL;
    if (!out)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_random_split: no place for its datasets is "
                               "given");
    for (size_t i = 0; i < n; i++)
        out[i] = in;
    if (in->graph->err.code == 0 && !weights_are_good(weight, n, &sum))
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_random_split: weights must be 0 or more, and "
                        "their sum above 0");
    for (size_t i = 0; in->graph->err.code == 0 && i < n; i++) {
        double until = before + weight[i];
        struct riv_sample_param param = { .seed = seed,
                                          .from = before / sum,
                                          .until = until / sum };
        if (i + 1 == n)
            param.until = 2; /* whatever was rounded away */
        out[i] = sampler(in, &riv__kind_random_split, &param);
        before = until;
    }
    return in->graph->err.code;
}

/* ----------------------------------------------------------------- by key */

static int fractions_check(riv_ds *in, const char *name, const riv_type *type,
                           const void *rows, size_t n)
{
    char have[160], want[160];
    struct riv_graph *graph = in->graph;
    RIV__TRY(riv__check_pairs(in, name, NULL));
    const riv_type *key = riv__pair_key(in->layout->type);
    if (!type || type->kind != RIV_K_PAIR || (n > 0 && !rows) ||
        !riv__type_equal(riv__pair_key(type), key) ||
        riv__pair_val(type)->kind != RIV_K_F64)
        return riv__graph_fail(
            graph, RIV_ETYPE,
            "%s: fractions are pairs of the key, %s, and a double; given is %s",
            name, riv__type_show(key, want, sizeof want),
            type ? riv__type_show(type, have, sizeof have) : "no type");
    for (size_t i = 0; i < n; i++) {
        double f = RIV__LOAD(double, (const char *)rows + i * type->size +
                                         type->fields[1].offset);
        if (!(f >= 0 && f <= RIV__SAMPLE_MEAN_MAX))
            return riv__graph_fail(graph, RIV_EINVAL,
                                   "%s: a fraction of %g; it is 0 or more",
                                   name, f);
    }
    return 0;
}

/* A copy of the pairs in the order of their keys: samplers search there. */
static int fractions_keep(struct riv_graph *graph, const riv_type *type,
                          const void *rows, size_t n,
                          struct riv_sample_param *param)
{
    const struct riv_layout *pair;
    struct riv_order order;
    struct riv_ref *ref = calloc(2 * n + 1, sizeof *ref);
    char *copy = riv__arena_alloc(graph->arena, n * type->size + 1);
    if (!ref || !copy ||
        riv__layout_make(graph->arena, type, &pair, NULL) < 0 ||
        riv__layout_make(graph->arena, riv__pair_key(type), &param->key, NULL) <
            0) {
        free(ref);
        return RIV_ENOMEM;
    }
    riv__order_init(&order, param->key, 0, false);
    for (size_t i = 0; i < n; i++) {
        ref[i].row = (const char *)rows + i * type->size;
        ref[i].prefix = riv__order_prefix(&order, ref[i].row);
    }
    riv__sort_refs(&order, ref, n, ref + n);
    for (size_t i = 0; i < n; i++)
        memcpy(copy + i * type->size, ref[i].row, type->size);
    free(ref);
    param->fraction = copy;
    param->n = n;
    param->stride = type->size;
    param->val_offset = type->fields[1].offset;
    return riv__rows_own(pair, copy, n, graph->arena);
}

riv_ds *riv_sample_by_key(riv_ds *in, const riv_type *type,
                          const void *fractions, size_t n, int how,
                          uint64_t seed)
{
    const char *name = riv__kind_sample_by_key.name;
    struct riv_sample_param param = { .seed = seed };
    if (!riv__ds_usable(in) ||
        fractions_check(in, name, type, fractions, n) < 0)
        return in;
    if (how < RIV_SAMPLE_ONCE || how > RIV_SAMPLE_EXACT) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "%s: %d is none of RIV_SAMPLE_ONCE, RIV_SAMPLE_AGAIN, "
                        "RIV_SAMPLE_EXACT",
                        name, how);
        return in;
    }
    if (fractions_keep(in->graph, type, fractions, n, &param) < 0) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "%s: no memory", name);
        return in;
    }
    riv_ds *ds =
        sampler(in,
                how == RIV_SAMPLE_EXACT ? &riv__kind_sample_by_key_exact
                                        : &riv__kind_sample_by_key,
                &param);
    ds->number = how;
    return ds;
}
