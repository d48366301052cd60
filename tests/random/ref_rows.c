/* tests/random/ref_rows.c - operators that look at one record at a time. */
#include "random/ref.h"

/* Emits the rows of one record. */
typedef void each_fn(struct step *s, const struct rec *rec);

static void each_map(struct step *s, const struct rec *rec)
{
    ref_add(s, 0, affine(rec->v, s->node->a, s->node->b));
}

static void each_filter(struct step *s, const struct rec *rec)
{
    if (mix(rec->k, rec->v, s->node->a) % (2 + s->node->b % 4) != 0)
        ref_add(s, rec->k, rec->v);
}

static void each_flat_map(struct step *s, const struct rec *rec)
{
    const int64_t n = mix(rec->k, rec->v, s->node->a) % 3;
    for (int64_t i = 0; i < n; i++)
        ref_add(s, rec->k, wrap_add(rec->v, i));
}

static void each_to_pair(struct step *s, const struct rec *rec)
{
    ref_add(s, modulo(rec->v, s->node->a), rec->v);
}

static void each_same(struct step *s, const struct rec *rec)
{
    ref_add(s, rec->k, rec->v);
}

static void each_swap(struct step *s, const struct rec *rec)
{
    ref_add(s, modulo(rec->v, 50), rec->k);
}

static void each_key(struct step *s, const struct rec *rec)
{
    ref_add(s, 0, rec->k);
}

static void each_value(struct step *s, const struct rec *rec)
{
    ref_add(s, 0, rec->v);
}

static void each_map_values(struct step *s, const struct rec *rec)
{
    ref_add(s, rec->k,
            affine(wrap_add(rec->v, rec->k), s->node->a, s->node->b));
}

static void each_flat_map_values(struct step *s, const struct rec *rec)
{
    ref_add(s, rec->k, rec->v);
    if (mix(rec->k, rec->v, s->node->a) % 2)
        ref_add(s, rec->k, wrap_add(rec->v, 1));
}

static void each_in_range(struct step *s, const struct rec *rec)
{
    if (rec->k >= s->node->b - 3 && rec->k <= s->node->b + 3)
        ref_add(s, rec->k, rec->v);
}

/* Order and partitions stay. */
static int ref_each(struct step *s, each_fn *each)
{
    const struct bag *in = s->in[0];
    struct bag *out = s->out;
    if (ref_rows(s, 2 * in->n) < 0)
        return -1;
    out->ordered = in->ordered;
    out->shaped = in->shaped;
    out->united = in->united;
    out->nparts = in->nparts;
    out->end = ref_room(s->ref, in->nparts, sizeof *out->end);
    size_t part = 0;
    for (size_t i = 0; i <= in->n; i++) {
        for (; part < in->nparts && in->end[part] == i; part++)
            out->end[part] = out->n;
        if (i < in->n)
            each(s, &in->row[i]);
    }
    return 0;
}

#define EACH(op, each) \
    int ref_##op(struct step *s) \
    { \
        return ref_each(s, each); \
    }

EACH(map, each_map)
EACH(filter, each_filter)
EACH(flat_map, each_flat_map)
EACH(to_pairs, each_to_pair)
EACH(same, each_same)
EACH(swap, each_swap)
EACH(keys, each_key)
EACH(values, each_value)
EACH(map_values, each_map_values)
EACH(flat_map_values, each_flat_map_values)
EACH(filter_by_range, each_in_range)

/* The same rows, and nothing is promised of their order. */
int ref_bag(struct step *s)
{
    if (ref_same(s) < 0)
        return -1;
    s->out->ordered = s->out->shaped = false;
    return 0;
}

int ref_transform_with(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (ref_rows(s, a->n + b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        ref_add(s, 0, affine(a->row[i].v, s->node->a, s->node->b));
    for (size_t i = 0; i < b->n; i++)
        ref_add(s, 0, b->row[i].v);
    return 0;
}

int ref_transform(struct step *s)
{
    if (ref_each(s, each_map) < 0)
        return -1;
    s->out->ordered = s->out->shaped = false;
    return 0;
}
