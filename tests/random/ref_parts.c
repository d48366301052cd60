/* tests/random/ref_parts.c - operators that depend on partitions, or make them. */
#include "random/ref.h"

int ref_source(struct step *s)
{
    const struct source *source = &s->ref->graph->source[s->at];
    const int b = s->node->live ? s->batch : 0;
    const size_t from = b > 0 ? source->until[b - 1] : 0;
    const size_t n = source->until[b] - from;
    struct bag *out = s->out;
    if (ref_rows(s, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        ref_add(s, s->node->type == NUMBERS ? 0 : source->row[from + i].k,
                source->row[from + i].v);
    out->ordered = true;
    out->shaped = s->node->op != OP_TEXT;
    out->nparts = s->node->op == OP_EMPTY ? 0 : (size_t)s->node->parts;
    out->end = ref_room(s->ref, out->nparts, sizeof *out->end);
    for (size_t k = 0; k < out->nparts; k++)
        out->end[k] = (k + 1) * n / out->nparts;
    return 0;
}

int ref_union(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    struct bag *out = s->out;
    if (ref_rows(s, a->n + b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        ref_add(s, a->row[i].k, a->row[i].v);
    for (size_t i = 0; i < b->n; i++)
        ref_add(s, b->row[i].k, b->row[i].v);
    out->ordered = a->ordered && b->ordered;
    out->united = true;
    out->shaped = a->shaped && b->shaped;
    out->nparts = a->nparts + b->nparts;
    out->end = ref_room(s->ref, out->nparts, sizeof *out->end);
    for (size_t k = 0; k < out->nparts; k++)
        out->end[k] = k < a->nparts ? a->end[k] : a->n + b->end[k - a->nparts];
    return 0;
}

/* Without an exchange group k of n is the inputs from k * P / n on. */
int ref_coalesce(struct step *s)
{
    const struct bag *in = s->in[0];
    struct bag *out = s->out;
    const bool shuffles = s->node->b % 2;
    if (ref_same(s) < 0)
        return -1;
    out->ordered = in->ordered && !shuffles;
    out->shaped = in->shaped && !shuffles;
    const size_t n = (size_t)s->node->parts;
    if (!out->shaped || in->nparts <= n)
        return 0;
    for (size_t k = 0; k < n; k++)
        out->end[k] = in->end[(k + 1) * in->nparts / n - 1];
    out->nparts = n;
    return 0;
}

static size_t part_start(const struct bag *bag, size_t k)
{
    return k > 0 ? bag->end[k - 1] : 0;
}

/* One row for each partition: a sum, or a size. */
static int of_partitions(struct step *s, bool sums)
{
    const struct bag *in = s->in[0];
    struct bag *out = s->out;
    if (!in->shaped || ref_rows(s, in->nparts) < 0)
        return -1;
    out->end = ref_room(s->ref, in->nparts, sizeof *out->end);
    for (size_t k = 0; k < in->nparts; k++) {
        int64_t sum = 0;
        for (size_t i = part_start(in, k); i < in->end[k]; i++)
            sum = wrap_add(sum, in->row[i].v);
        ref_add(s, 0, sums ? sum : (int64_t)(in->end[k] - part_start(in, k)));
        out->end[k] = k + 1;
    }
    out->nparts = in->nparts;
    out->ordered = out->shaped = true;
    return 0;
}

int ref_map_partitions(struct step *s)
{
    return of_partitions(s, true);
}

int ref_glom(struct step *s)
{
    return of_partitions(s, false);
}

int ref_zip(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (!a->shaped || !b->shaped || a->nparts != b->nparts || a->n != b->n)
        return -1;
    for (size_t k = 0; k < a->nparts; k++)
        if (a->end[k] != b->end[k])
            return -1;
    if (ref_same(s) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        s->out->row[i] = (struct rec){ a->row[i].v, b->row[i].v };
    return 0;
}

/* A row for each two partitions, from the size of one and the sum of the other. */
int ref_zip_partitions(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (!a->shaped || !b->shaped || a->nparts != b->nparts ||
        ref_rows(s, a->nparts) < 0)
        return -1;
    s->out->end = ref_room(s->ref, a->nparts, sizeof *s->out->end);
    for (size_t k = 0; k < a->nparts; k++) {
        int64_t sum = 0;
        for (size_t i = part_start(b, k); i < b->end[k]; i++)
            sum = wrap_add(sum, b->row[i].v);
        ref_add(s, 0,
                wrap_add(sum, 31 * (int64_t)(a->end[k] - part_start(a, k))));
        s->out->end[k] = k + 1;
    }
    s->out->nparts = a->nparts;
    s->out->ordered = s->out->shaped = true;
    return 0;
}

int ref_zip_with_index(struct step *s)
{
    if (!s->in[0]->ordered || ref_same(s) < 0)
        return -1;
    for (size_t i = 0; i < s->out->n; i++)
        s->out->row[i] = (struct rec){ s->in[0]->row[i].v, (int64_t)i };
    return 0;
}

int ref_zip_with_unique_id(struct step *s)
{
    const struct bag *in = s->in[0];
    if (!in->shaped || ref_same(s) < 0)
        return -1;
    for (size_t k = 0; k < in->nparts; k++)
        for (size_t i = part_start(in, k); i < in->end[k]; i++)
            s->out->row[i] = (struct rec){
                in->row[i].v,
                (int64_t)((i - part_start(in, k)) * in->nparts + k)
            };
    return 0;
}

int ref_cartesian(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (a->n * b->n > ROWS_MAX / 4 || ref_rows(s, a->n * b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            ref_add(s, a->row[i].v, b->row[k].v);
    return 0;
}
