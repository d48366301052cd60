/* graph/op_pair.c - between records and pairs: keys, values, key_by, group_by.
 * Their kernels need no more than a description of the rows, so they stand here
 * as ready-made functions, as the built-in reducers do in op_reduce.c; a task's
 * captured argument is that description. */
#include <string.h>

#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_keys = {
    .name = "riv_keys",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__ONE_TO_ONE,
};
const struct riv_kind riv__kind_values = {
    .name = "riv_values",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__ONE_TO_ONE,
};
const struct riv_kind riv__kind_key_by = {
    .name = "riv_key_by",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__ONE_TO_ONE,
};

/* ---------------------------------------------------------- keys, values */

struct part_of_row {
    uint32_t stride, offset, size;
};

static int project(const void *rows, size_t n, riv_task *t)
{
    const struct part_of_row *part = t->arg;
    const char *at = (const char *)rows + part->offset;
    char *out = t->cur;
    for (size_t i = 0; i < n; i++) {
        memcpy(out, at, part->size);
        out += part->size;
        at += part->stride;
    }
    t->cur = out;
    return 0;
}

static riv_ds *projected(riv_ds *in, const struct riv_kind *kind, int field)
{
    if (!riv__ds_usable(in) || riv__check_pairs(in, kind->name, NULL) < 0)
        return in;
    const riv_type *pair = in->layout->type;
    const riv_type *out = pair->fields[field].type;
    const riv_fn fn = { .struct_size = sizeof fn,
                        .op = RIV_OP_MAP,
                        .in = pair,
                        .out = out,
                        .rows = project };
    const struct part_of_row part = { .stride = pair->size,
                                      .offset = pair->fields[field].offset,
                                      .size = out->size };
    return riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = kind,
                                 .in = &in,
                                 .nin = 1,
                                 .out = out,
                                 .fn = &fn,
                                 .opt = RIV_OPT(.arg = RIV_COPY(part)) });
}

riv_ds *riv_keys(riv_ds *in)
{
    return projected(in, &riv__kind_keys, 0);
}

riv_ds *riv_values(riv_ds *in)
{
    return projected(in, &riv__kind_values, 1);
}

/* ---------------------------------------------------------------- key_by */

struct keying {
    riv_rows_fn *key; /* the user's: records to keys */
    const void *arg;  /* for it */
    uint32_t in_bytes, key_bytes, row_bytes, val_offset;
    bool one_by_one; /* a refused record leaves a gap among the keys */
};

/* n keys lie dense at `out`, where n pairs are to be: from the last one on each
 * moves behind all that are still to be moved. */
static void spread(const struct keying *by, char *out, const char *rows,
                   size_t n)
{
    for (size_t i = n; i-- > 0;) {
        char *row = out + i * by->row_bytes;
        memmove(row, out + i * by->key_bytes, by->key_bytes);
        memcpy(row + by->val_offset, rows + i * by->in_bytes, by->in_bytes);
    }
}

static int key_rows(const void *rows, size_t n, riv_task *t)
{
    const struct keying *by = t->arg;
    const size_t step = by->one_by_one ? 1 : n;
    const char *at = rows;
    char *out = t->cur;
    int rc = 0;
    t->arg = by->arg;
    for (size_t i = 0; rc == 0 && i < n; i += step) {
        t->cur = out;
        rc = by->key(at, step, t);
        size_t got = (size_t)((char *)t->cur - out) / by->key_bytes;
        if (rc == 0)
            spread(by, out, at, got);
        out += got * by->row_bytes;
        at += step * by->in_bytes;
    }
    t->arg = by;
    t->cur = out;
    return rc;
}

/* The type of the result: the given one, when it is what comes out. */
static const riv_type *keyed_type(riv_ds *in, const riv_fn *f,
                                  const riv_type *given)
{
    char want[160], have[160];
    const riv_type *pair =
        riv__type_pair(in->graph->arena, f->out, in->layout->type);
    if (!pair) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
        return NULL;
    }
    if (!given || riv__type_equal(given, pair))
        return given ? given : pair;
    riv__graph_fail(in->graph, RIV_ETYPE,
                    "riv_key_by(%s, %s): gives %s, but the type asked for is "
                    "%s",
                    f->name, f->where ? f->where : "?",
                    riv__type_show(pair, have, sizeof have),
                    riv__type_show(given, want, sizeof want));
    return NULL;
}

static struct keying keying_of(const riv_ds *ds, const riv_fn *f)
{
    const riv_type *pair = ds->layout->type;
    return (struct keying){ .key = f->rows,
                            .arg = ds->arg,
                            .in_bytes = f->in->size,
                            .key_bytes = f->out->size,
                            .row_bytes = pair->size,
                            .val_offset = pair->fields[1].offset,
                            .one_by_one = ds->on_error != RIV_FAIL_JOB };
}

riv_ds *riv_key_by(riv_ds *in, const riv_fn *f, const riv_type *pair,
                   const riv_opt *o)
{
    const char *name = riv__kind_key_by.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_MAP) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    const riv_type *out = keyed_type(in, f, pair);
    if (!out)
        return in;
    riv_fn fn = { .struct_size = sizeof fn,
                  .op = RIV_OP_MAP,
                  .name = f->name,
                  .where = f->where,
                  .in = f->in,
                  .out = out,
                  .rows = key_rows };
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_key_by,
                                            .in = &in,
                                            .nin = 1,
                                            .out = out,
                                            .fn = &fn,
                                            .opt = o });
    if (!riv__ds_usable(ds))
        return ds;
    const struct keying by = keying_of(ds, f);
    ds->arg = riv__arena_copy(in->graph->arena, &by, sizeof by);
    if (!ds->arg)
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
    return ds;
}

riv_ds *riv_group_by(riv_ds *in, const riv_fn *key, const riv_fn *f,
                     const riv_opt *o)
{
    if (!riv__ds_usable(in))
        return in;
    riv_ds *pairs = riv_key_by(in, key, f ? f->in : NULL, NULL);
    return riv__ds_usable(pairs) ? riv_group_by_key(pairs, f, o) : in;
}
