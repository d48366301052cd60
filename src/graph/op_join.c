/* graph/op_join.c - operators over several inputs that meet by key: joins,
 * cogroup, subtract_by_key; and by whole record: subtract, intersection. Run by
 * exec/run_group.c and exec/run_subtract.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_join = {
    .name = "riv_join",
    .role = RIV__ROLE_GROUPS,
    .parts = RIV__PARTS_GROUPED,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_cogroup = {
    .name = "riv_cogroup",
    .role = RIV__ROLE_GROUPS,
    .parts = RIV__PARTS_GROUPED,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_subtract_by_key = {
    .name = "riv_subtract_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_LEFT,
    .traits = RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_subtract = {
    .name = "riv_subtract",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_GROUPED,
    .traits = RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_intersection = {
    .name = "riv_intersection",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_GROUPED,
    .traits = RIV__KEY_LIMITED,
};

static bool all_usable(riv_ds *const *in, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!riv__ds_usable(in[i]))
            return false;
    return true;
}

/* A missing or a foreign input is the program's mistake, and said as such. */
static bool all_given(riv_ds *const *in, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (in[i] && in[0]->graph && in[i]->graph != in[0]->graph)
            riv__graph_fail(in[0]->graph, RIV_EINVAL,
                            "%s: its input belongs to another context", name);
        if (in[i])
            continue;
        for (uint32_t k = 0; k < n; k++)
            if (in[k] && in[k]->graph)
                riv__graph_fail(in[k]->graph, RIV_EINVAL,
                                "%s: its input number %u is NULL", name, i + 1);
        return false;
    }
    return true;
}

/* Pairs, of one type of key. */
static int check_keyed(riv_ds *const *in, uint32_t n, const char *name,
                       const riv_fn *fn)
{
    for (uint32_t i = 0; i < n; i++)
        RIV__TRY(riv__check_pairs(in[i], name, fn));
    for (uint32_t i = 1; i < n; i++)
        RIV__TRY(riv__check_same_key(in[0], in[i], name));
    return 0;
}

/* A function over groups of up to four inputs. */
static riv_ds *grouped(riv_ds *const *in, uint32_t n,
                       const struct riv_kind *kind, unsigned op,
                       const riv_fn *f, const riv_opt *o)
{
    if (!all_given(in, n, kind->name) || !all_usable(in, n) ||
        riv__check_fn(in[0], kind->name, f, op) < 0 ||
        check_keyed(in, n, kind->name, f) < 0)
        return in[0];
    const riv_type *const takes[] = { f->in, f->in2, f->in3, f->in4 };
    for (uint32_t i = 0; i < n; i++)
        if (riv__check_takes(in[i], kind->name, f, takes[i]) < 0)
            return in[0];
    return riv__graph_add(in[0]->graph, &(struct riv_node_spec){ .kind = kind,
                                                                 .in = in,
                                                                 .nin = n,
                                                                 .out = f->out,
                                                                 .fn = f,
                                                                 .opt = o });
}

riv_ds *riv_join(riv_ds *l, riv_ds *r, const riv_fn *f, int how,
                 const riv_opt *o)
{
    riv_ds *const in[] = { l, r };
    if (riv__ds_usable(l) && (how < RIV_INNER || how > RIV_FULL))
        riv__graph_fail(l->graph, RIV_EINVAL,
                        "riv_join: how %d is none of RIV_INNER, RIV_LEFT, "
                        "RIV_RIGHT, RIV_FULL",
                        how);
    riv_ds *ds = grouped(in, 2, &riv__kind_join, RIV_OP_JOIN, f, o);
    if (riv__ds_usable(ds))
        ds->number = how;
    return ds;
}

riv_ds *riv_cogroup(riv_ds *l, riv_ds *r, const riv_fn *f, const riv_opt *o)
{
    riv_ds *const in[] = { l, r };
    return grouped(in, 2, &riv__kind_cogroup, RIV_OP_COGROUP, f, o);
}

riv_ds *riv_cogroup3(riv_ds *a, riv_ds *b, riv_ds *c, const riv_fn *f,
                     const riv_opt *o)
{
    riv_ds *const in[] = { a, b, c };
    return grouped(in, 3, &riv__kind_cogroup, RIV_OP_COGROUP3, f, o);
}

riv_ds *riv_cogroup4(riv_ds *a, riv_ds *b, riv_ds *c, riv_ds *d,
                     const riv_fn *f, const riv_opt *o)
{
    riv_ds *const in[] = { a, b, c, d };
    return grouped(in, 4, &riv__kind_cogroup, RIV_OP_COGROUP4, f, o);
}

/* What remains of `a` when `b` is known. */
static riv_ds *compared(riv_ds *a, riv_ds *b, const struct riv_kind *kind,
                        const riv_opt *o)
{
    riv_ds *const in[] = { a, b };
    return riv__graph_add(a->graph,
                          &(struct riv_node_spec){ .kind = kind,
                                                   .in = in,
                                                   .nin = 2,
                                                   .out = a->layout->type,
                                                   .opt = o });
}

riv_ds *riv_subtract_by_key(riv_ds *a, riv_ds *b, const riv_opt *o)
{
    riv_ds *const in[] = { a, b };
    const char *name = riv__kind_subtract_by_key.name;
    if (!all_given(in, 2, name) || !all_usable(in, 2) ||
        check_keyed(in, 2, name, NULL) < 0)
        return a;
    return compared(a, b, &riv__kind_subtract_by_key, o);
}

static riv_ds *compared_alike(riv_ds *a, riv_ds *b, const struct riv_kind *kind,
                              const riv_opt *o)
{
    riv_ds *const in[] = { a, b };
    if (!all_given(in, 2, kind->name) || !all_usable(in, 2) ||
        riv__check_same_type(a, b, kind->name) < 0)
        return a;
    return compared(a, b, kind, o);
}

riv_ds *riv_subtract(riv_ds *a, riv_ds *b, const riv_opt *o)
{
    return compared_alike(a, b, &riv__kind_subtract, o);
}

riv_ds *riv_intersection(riv_ds *a, riv_ds *b, const riv_opt *o)
{
    return compared_alike(a, b, &riv__kind_intersection, o);
}
