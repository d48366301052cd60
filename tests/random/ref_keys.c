/* tests/random/ref_keys.c - operators that look at all rows of a batch, by key or
 * as one. */
#include "random/ref.h"

#include <string.h>

/* -------------------------------------------------------------- whole bags */

int ref_sort_by(struct step *s)
{
    if (ref_bag(s) < 0)
        return -1;
    ref_modulus = s->node->a;
    s->out->row =
        ref_sorted(s->ref, s->in[0], ref_by_modulo, s->node->b % 2 != 0);
    s->out->ordered = s->in[0]->ordered;
    return 0;
}

int ref_sort_by_key(struct step *s)
{
    if (ref_bag(s) < 0)
        return -1;
    s->out->row = ref_sorted(s->ref, s->in[0],
                             s->node->type == WORDS ? ref_by_text : ref_by_key,
                             s->node->b % 2 != 0);
    s->out->ordered = s->in[0]->ordered;
    return 0;
}

int ref_count(struct step *s)
{
    if (ref_rows(s, 1) < 0)
        return -1;
    ref_add(s, 0, (int64_t)s->in[0]->n);
    s->out->ordered = true;
    return 0;
}

static int64_t fold(int64_t how, const struct rec *row, size_t from,
                    size_t until)
{
    int64_t acc = row[from].v;
    for (size_t i = from + 1; i < until; i++) {
        const int64_t v = row[i].v;
        if (how == FOLD_SUM)
            acc = wrap_add(acc, v);
        else if (how == FOLD_MIN)
            acc = v < acc ? v : acc;
        else
            acc = v > acc ? v : acc;
    }
    return acc;
}

int ref_reduce(struct step *s)
{
    if (ref_rows(s, 1) < 0)
        return -1;
    if (s->in[0]->n > 0)
        ref_add(s, 0, fold(s->node->a % FOLDS, s->in[0]->row, 0, s->in[0]->n));
    s->out->ordered = true;
    return 0;
}

int ref_distinct(struct step *s)
{
    const struct rec *row = ref_sorted(s->ref, s->in[0], ref_by_all, false);
    const size_t n = s->in[0]->n;
    if (ref_rows(s, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i = ref_run_end(row, n, i, ref_by_all))
        ref_add(s, row[i].k, row[i].v);
    return 0;
}

int ref_count_by_value(struct step *s)
{
    const struct rec *row = ref_sorted(s->ref, s->in[0], ref_by_value, false);
    const size_t n = s->in[0]->n;
    if (ref_rows(s, n) < 0)
        return -1;
    for (size_t i = 0, until; i < n; i = until) {
        until = ref_run_end(row, n, i, ref_by_value);
        ref_add(s, row[i].v, (int64_t)(until - i));
    }
    return 0;
}

static int without(struct step *s, compare_fn *compare)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    const struct rec *other = ref_sorted(s->ref, b, compare, false);
    if (ref_rows(s, a->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        if (!ref_has(other, b->n, &a->row[i], compare))
            ref_add(s, a->row[i].k, a->row[i].v);
    return 0;
}

int ref_subtract(struct step *s)
{
    return without(s, ref_by_all);
}

int ref_subtract_by_key(struct step *s)
{
    return without(s, ref_by_key);
}

int ref_intersection(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    const struct rec *l = ref_sorted(s->ref, a, ref_by_all, false);
    const struct rec *r = ref_sorted(s->ref, b, ref_by_all, false);
    if (ref_rows(s, a->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i = ref_run_end(l, a->n, i, ref_by_all))
        if (ref_has(r, b->n, &l[i], ref_by_all))
            ref_add(s, l[i].k, l[i].v);
    return 0;
}

/* ------------------------------------------------------------------ by key */

/* Emits the rows of a key's values. */
typedef void group_fn(struct step *s, const struct rec *row, size_t from,
                      size_t until);

static int by_groups(struct step *s, const struct bag *in, group_fn *each)
{
    const struct rec *row = ref_sorted(s->ref, in, ref_by_key, false);
    if (ref_rows(s, 2 * in->n) < 0)
        return -1;
    for (size_t i = 0, until; i < in->n; i = until) {
        until = ref_run_end(row, in->n, i, ref_by_key);
        each(s, row, i, until);
    }
    return 0;
}

static void group_fold(struct step *s, const struct rec *row, size_t from,
                       size_t until)
{
    ref_add(s, row[from].k, fold(s->node->a % FOLDS, row, from, until));
}

/* A fold that starts from a neutral value: a sum or a maximum. */
static void group_fold_zero(struct step *s, const struct rec *row, size_t from,
                            size_t until)
{
    ref_add(s, row[from].k,
            fold(s->node->a % 2 ? FOLD_OWN_MAX : FOLD_SUM, row, from, until));
}

static void group_aggregate(struct step *s, const struct rec *row, size_t from,
                            size_t until)
{
    ref_add(s, row[from].k, ref_weighed(row, from, until, 2, 1));
}

static void group_combine(struct step *s, const struct rec *row, size_t from,
                          size_t until)
{
    ref_add(s, row[from].k, ref_weighed(row, from, until, 3, 0));
}

static void group_all(struct step *s, const struct rec *row, size_t from,
                      size_t until)
{
    ref_add(s, row[from].k, ref_weighed(row, from, until, 1, 1009));
    if (until - from > 3)
        ref_add(s, row[from].k, (int64_t)(until - from));
}

#define GROUPS(op, each) \
    int ref_##op(struct step *s) \
    { \
        return by_groups(s, s->in[0], each); \
    }

GROUPS(reduce_by_key, group_fold)
GROUPS(fold_by_key, group_fold_zero)
GROUPS(aggregate_by_key, group_aggregate)
GROUPS(combine_by_key, group_combine)
GROUPS(group_by_key, group_all)

int ref_group_by(struct step *s)
{
    struct bag *keyed = ref_room(s->ref, 1, sizeof *keyed);
    const struct bag *in = s->in[0];
    keyed->row = ref_room(s->ref, in->n, sizeof *keyed->row);
    for (size_t i = 0; i < in->n; i++)
        keyed->row[keyed->n++] =
            (struct rec){ modulo(in->row[i].v, 7), in->row[i].v };
    return by_groups(s, keyed, group_all);
}

/* ---------------------------------------------------------------- meetings */

struct side {
    const struct rec *row;
    size_t n, from, until; /* the rows of the key at hand */
};

static void side_init(struct step *s, struct side *side, int i)
{
    *side =
        (struct side){ .row = ref_sorted(s->ref, s->in[i], ref_by_key, false),
                       .n = s->in[i]->n };
}

/* The next key of all sides, and its rows on each. */
static bool sides_next(struct side *side, int n, int64_t *k)
{
    bool any = false;
    for (int i = 0; i < n; i++) {
        side[i].from = side[i].until;
        if (side[i].from == side[i].n)
            continue;
        const int64_t key = side[i].row[side[i].from].k;
        if (!any || key < *k)
            *k = key;
        any = true;
    }
    for (int i = 0; any && i < n; i++)
        while (side[i].until < side[i].n && side[i].row[side[i].until].k == *k)
            side[i].until++;
    return any;
}

static int64_t joined(int64_t l, int64_t r)
{
    return (int64_t)((uint64_t)l * 31 + (uint64_t)r * 17);
}

int ref_join(struct step *s)
{
    const int how = (int)(s->node->b % 4);
    const bool outer_l = how == RIV_LEFT || how == RIV_FULL;
    const bool outer_r = how == RIV_RIGHT || how == RIV_FULL;
    struct side side[2];
    int64_t k = 0;
    side_init(s, &side[0], 0);
    side_init(s, &side[1], 1);
    if (ref_rows(s, ROWS_MAX) < 0)
        return -1;
    while (sides_next(side, 2, &k)) {
        const size_t nl = side[0].until - side[0].from;
        const size_t nr = side[1].until - side[1].from;
        if (s->out->n + nl * nr + nl + nr > ROWS_MAX)
            return -1;
        for (size_t i = side[0].from; i < side[0].until; i++) {
            for (size_t j = side[1].from; j < side[1].until; j++)
                ref_add(s, k, joined(side[0].row[i].v, side[1].row[j].v));
            if (nr == 0 && outer_l)
                ref_add(s, k, joined(side[0].row[i].v, -2));
        }
        for (size_t j = side[1].from; nl == 0 && outer_r && j < side[1].until;
             j++)
            ref_add(s, k, joined(-1, side[1].row[j].v));
    }
    return 0;
}

/* In their order where that is promised, else whatever it is. */
int ref_cogroup(struct step *s)
{
    struct side side[INPUTS_MAX];
    const bool ordered = reference_ordered(s->ref, s->at);
    size_t all = 0;
    int64_t k = 0;
    for (int i = 0; i < s->node->nin; i++) {
        side_init(s, &side[i], i);
        all += side[i].n;
    }
    if (ref_rows(s, all) < 0)
        return -1;
    while (sides_next(side, s->node->nin, &k)) {
        int64_t h = 1;
        for (int i = 0; i < s->node->nin; i++) {
            for (size_t j = side[i].from; ordered && j < side[i].until; j++)
                h = chained(h, side[i].row[j].v);
            if (!ordered)
                h = chained(h, ref_weighed(side[i].row, side[i].from,
                                           side[i].until, 1, 5));
            h = chained(h, -9);
        }
        ref_add(s, k, h);
    }
    return 0;
}
