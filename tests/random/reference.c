/* tests/random/reference.c - every operator as a loop. Sorting and grouping are
 * done by an index sort; nothing here is clever. */
#include "random/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one operator sees in one batch. */
struct step {
    struct reference *ref;
    const struct node *node;
    int at, batch;
    const struct bag *in[INPUTS_MAX];
    struct bag *out;
};

/* ------------------------------------------------------------------ memory */

struct block {
    struct block *next;
    max_align_t bytes[];
};

static void *room(struct reference *ref, size_t n, size_t size)
{
    struct block *block = calloc(1, sizeof *block + n * size + 1);
    if (!block)
        abort();
    block->next = ref->memory;
    ref->memory = block;
    return block->bytes;
}

void reference_fini(struct reference *ref)
{
    for (struct block *block = ref->memory; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    ref->memory = NULL;
}

static int rows_room(struct step *s, size_t n)
{
    if (n > ROWS_MAX)
        return -1;
    s->out->row = room(s->ref, n, sizeof *s->out->row);
    return 0;
}

static void row_add(struct step *s, int64_t k, int64_t v)
{
    s->out->row[s->out->n++] = (struct rec){ k, v };
}

/* ------------------------------------------------------------ sorted copies */

struct entry {
    struct rec rec;
    size_t place; /* where it was: sorts are stable */
};

typedef int compare_fn(const struct rec *a, const struct rec *b);

static compare_fn *comparing;
static bool descending;

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_key(const struct rec *a, const struct rec *b)
{
    return sign(a->k, b->k);
}

static int by_all(const struct rec *a, const struct rec *b)
{
    return a->k != b->k ? sign(a->k, b->k) : sign(a->v, b->v);
}

static int by_value(const struct rec *a, const struct rec *b)
{
    return sign(a->v, b->v);
}

static int by_text(const struct rec *a, const struct rec *b)
{
    char x[64], y[64];
    key_text(x, sizeof x, a->k);
    key_text(y, sizeof y, b->k);
    return strcmp(x, y);
}

static int64_t modulus;

static int by_modulo(const struct rec *a, const struct rec *b)
{
    return sign(modulo(a->v, modulus), modulo(b->v, modulus));
}

static int by_entry(const void *a, const void *b)
{
    const struct entry *l = a, *r = b;
    int order = comparing(&l->rec, &r->rec);
    if (descending)
        order = -order;
    return order ? order : (l->place > r->place) - (l->place < r->place);
}

static struct rec *sorted(struct reference *ref, const struct bag *bag,
                          compare_fn *compare, bool down)
{
    struct entry *entry = calloc(bag->n + 1, sizeof *entry);
    struct rec *row = room(ref, bag->n, sizeof *row);
    if (!entry)
        abort();
    for (size_t i = 0; i < bag->n; i++)
        entry[i] = (struct entry){ bag->row[i], i };
    comparing = compare;
    descending = down;
    qsort(entry, bag->n, sizeof *entry, by_entry);
    for (size_t i = 0; i < bag->n; i++)
        row[i] = entry[i].rec;
    free(entry);
    return row;
}

/* Rows of one key: [from, until) of rows sorted by key. */
static size_t run_end(const struct rec *row, size_t n, size_t from,
                      compare_fn *compare)
{
    size_t until = from + 1;
    while (until < n && compare(&row[from], &row[until]) == 0)
        until++;
    return until;
}

/* ------------------------------------------------------------ row by row */

/* Emits the rows of one record. */
typedef void each_fn(struct step *s, const struct rec *rec);

static void each_map(struct step *s, const struct rec *rec)
{
    row_add(s, 0, affine(rec->v, s->node->a, s->node->b));
}

static void each_filter(struct step *s, const struct rec *rec)
{
    if (mix(rec->k, rec->v, s->node->a) % (2 + s->node->b % 4) != 0)
        row_add(s, rec->k, rec->v);
}

static void each_flat_map(struct step *s, const struct rec *rec)
{
    const int64_t n = mix(rec->k, rec->v, s->node->a) % 3;
    for (int64_t i = 0; i < n; i++)
        row_add(s, rec->k, wrap_add(rec->v, i));
}

static void each_to_pair(struct step *s, const struct rec *rec)
{
    row_add(s, modulo(rec->v, s->node->a), rec->v);
}

static void each_same(struct step *s, const struct rec *rec)
{
    row_add(s, rec->k, rec->v);
}

static void each_swap(struct step *s, const struct rec *rec)
{
    row_add(s, modulo(rec->v, 50), rec->k);
}

static void each_key(struct step *s, const struct rec *rec)
{
    row_add(s, 0, rec->k);
}

static void each_value(struct step *s, const struct rec *rec)
{
    row_add(s, 0, rec->v);
}

static void each_map_values(struct step *s, const struct rec *rec)
{
    row_add(s, rec->k,
            affine(wrap_add(rec->v, rec->k), s->node->a, s->node->b));
}

static void each_flat_map_values(struct step *s, const struct rec *rec)
{
    row_add(s, rec->k, rec->v);
    if (mix(rec->k, rec->v, s->node->a) % 2)
        row_add(s, rec->k, wrap_add(rec->v, 1));
}

static void each_in_range(struct step *s, const struct rec *rec)
{
    if (rec->k >= s->node->b - 3 && rec->k <= s->node->b + 3)
        row_add(s, rec->k, rec->v);
}

/* Order and partitions stay. */
static int ref_each(struct step *s, each_fn *each)
{
    const struct bag *in = s->in[0];
    struct bag *out = s->out;
    if (rows_room(s, 2 * in->n) < 0)
        return -1;
    out->ordered = in->ordered;
    out->shaped = in->shaped;
    out->united = in->united;
    out->nparts = in->nparts;
    out->end = room(s->ref, in->nparts, sizeof *out->end);
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
    static int ref_##op(struct step *s) \
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
static int ref_bag(struct step *s)
{
    if (ref_each(s, each_same) < 0)
        return -1;
    s->out->ordered = s->out->shaped = false;
    return 0;
}

static int ref_transform_with(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (rows_room(s, a->n + b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        row_add(s, 0, affine(a->row[i].v, s->node->a, s->node->b));
    for (size_t i = 0; i < b->n; i++)
        row_add(s, 0, b->row[i].v);
    return 0;
}

static int ref_transform(struct step *s)
{
    if (ref_each(s, each_map) < 0)
        return -1;
    s->out->ordered = s->out->shaped = false;
    return 0;
}

/* ----------------------------------------------------------- partitions */

static int ref_source(struct step *s)
{
    const struct source *source = &s->ref->graph->source[s->at];
    const int b = s->node->live ? s->batch : 0;
    const size_t from = b > 0 ? source->until[b - 1] : 0;
    const size_t n = source->until[b] - from;
    struct bag *out = s->out;
    if (rows_room(s, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        row_add(s, s->node->type == NUMBERS ? 0 : source->row[from + i].k,
                source->row[from + i].v);
    out->ordered = true;
    out->shaped = s->node->op != OP_TEXT;
    out->nparts = s->node->op == OP_EMPTY ? 0 : (size_t)s->node->parts;
    out->end = room(s->ref, out->nparts, sizeof *out->end);
    for (size_t k = 0; k < out->nparts; k++)
        out->end[k] = (k + 1) * n / out->nparts;
    return 0;
}

static int ref_union(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    struct bag *out = s->out;
    if (rows_room(s, a->n + b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        row_add(s, a->row[i].k, a->row[i].v);
    for (size_t i = 0; i < b->n; i++)
        row_add(s, b->row[i].k, b->row[i].v);
    out->ordered = a->ordered && b->ordered;
    out->united = true;
    out->shaped = a->shaped && b->shaped;
    out->nparts = a->nparts + b->nparts;
    out->end = room(s->ref, out->nparts, sizeof *out->end);
    for (size_t k = 0; k < out->nparts; k++)
        out->end[k] = k < a->nparts ? a->end[k] : a->n + b->end[k - a->nparts];
    return 0;
}

/* Without an exchange group k of n is the inputs from k * P / n on. */
static int ref_coalesce(struct step *s)
{
    const struct bag *in = s->in[0];
    struct bag *out = s->out;
    const bool shuffles = s->node->b % 2;
    if (ref_each(s, each_same) < 0)
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
    if (!in->shaped || rows_room(s, in->nparts) < 0)
        return -1;
    out->end = room(s->ref, in->nparts, sizeof *out->end);
    for (size_t k = 0; k < in->nparts; k++) {
        int64_t sum = 0;
        for (size_t i = part_start(in, k); i < in->end[k]; i++)
            sum = wrap_add(sum, in->row[i].v);
        row_add(s, 0, sums ? sum : (int64_t)(in->end[k] - part_start(in, k)));
        out->end[k] = k + 1;
    }
    out->nparts = in->nparts;
    out->ordered = out->shaped = true;
    return 0;
}

static int ref_map_partitions(struct step *s)
{
    return of_partitions(s, true);
}

static int ref_glom(struct step *s)
{
    return of_partitions(s, false);
}

static int ref_zip(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (!a->shaped || !b->shaped || a->nparts != b->nparts || a->n != b->n)
        return -1;
    for (size_t k = 0; k < a->nparts; k++)
        if (a->end[k] != b->end[k])
            return -1;
    if (ref_each(s, each_same) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        s->out->row[i] = (struct rec){ a->row[i].v, b->row[i].v };
    return 0;
}

/* A row for each two partitions, from the size of one and the sum of the other. */
static int ref_zip_partitions(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (!a->shaped || !b->shaped || a->nparts != b->nparts ||
        rows_room(s, a->nparts) < 0)
        return -1;
    s->out->end = room(s->ref, a->nparts, sizeof *s->out->end);
    for (size_t k = 0; k < a->nparts; k++) {
        int64_t sum = 0;
        for (size_t i = part_start(b, k); i < b->end[k]; i++)
            sum = wrap_add(sum, b->row[i].v);
        row_add(s, 0,
                wrap_add(sum, 31 * (int64_t)(a->end[k] - part_start(a, k))));
        s->out->end[k] = k + 1;
    }
    s->out->nparts = a->nparts;
    s->out->ordered = s->out->shaped = true;
    return 0;
}

static int ref_zip_with_index(struct step *s)
{
    if (!s->in[0]->ordered || ref_each(s, each_same) < 0)
        return -1;
    for (size_t i = 0; i < s->out->n; i++)
        s->out->row[i] = (struct rec){ s->in[0]->row[i].v, (int64_t)i };
    return 0;
}

static int ref_zip_with_unique_id(struct step *s)
{
    const struct bag *in = s->in[0];
    if (!in->shaped || ref_each(s, each_same) < 0)
        return -1;
    for (size_t k = 0; k < in->nparts; k++)
        for (size_t i = part_start(in, k); i < in->end[k]; i++)
            s->out->row[i] = (struct rec){
                in->row[i].v,
                (int64_t)((i - part_start(in, k)) * in->nparts + k)
            };
    return 0;
}

static int ref_cartesian(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    if (a->n * b->n > ROWS_MAX / 4 || rows_room(s, a->n * b->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            row_add(s, a->row[i].v, b->row[k].v);
    return 0;
}

/* -------------------------------------------------------------- whole bags */

static int ref_sort_by(struct step *s)
{
    if (ref_bag(s) < 0)
        return -1;
    modulus = s->node->a;
    s->out->row = sorted(s->ref, s->in[0], by_modulo, s->node->b % 2 != 0);
    s->out->ordered = s->in[0]->ordered;
    return 0;
}

static int ref_sort_by_key(struct step *s)
{
    if (ref_bag(s) < 0)
        return -1;
    s->out->row =
        sorted(s->ref, s->in[0], s->node->type == WORDS ? by_text : by_key,
               s->node->b % 2 != 0);
    s->out->ordered = s->in[0]->ordered;
    return 0;
}

static int ref_count(struct step *s)
{
    if (rows_room(s, 1) < 0)
        return -1;
    row_add(s, 0, (int64_t)s->in[0]->n);
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

static int ref_reduce(struct step *s)
{
    if (rows_room(s, 1) < 0)
        return -1;
    if (s->in[0]->n > 0)
        row_add(s, 0, fold(s->node->a % FOLDS, s->in[0]->row, 0, s->in[0]->n));
    s->out->ordered = true;
    return 0;
}

static int ref_distinct(struct step *s)
{
    const struct rec *row = sorted(s->ref, s->in[0], by_all, false);
    const size_t n = s->in[0]->n;
    if (rows_room(s, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i = run_end(row, n, i, by_all))
        row_add(s, row[i].k, row[i].v);
    return 0;
}

static int ref_count_by_value(struct step *s)
{
    const struct rec *row = sorted(s->ref, s->in[0], by_value, false);
    const size_t n = s->in[0]->n;
    if (rows_room(s, n) < 0)
        return -1;
    for (size_t i = 0, until; i < n; i = until) {
        until = run_end(row, n, i, by_value);
        row_add(s, row[i].v, (int64_t)(until - i));
    }
    return 0;
}

static bool has(const struct rec *row, size_t n, const struct rec *rec,
                compare_fn *compare)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (compare(&row[mid], rec) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && compare(&row[lo], rec) == 0;
}

static int without(struct step *s, compare_fn *compare)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    const struct rec *other = sorted(s->ref, b, compare, false);
    if (rows_room(s, a->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        if (!has(other, b->n, &a->row[i], compare))
            row_add(s, a->row[i].k, a->row[i].v);
    return 0;
}

static int ref_subtract(struct step *s)
{
    return without(s, by_all);
}

static int ref_subtract_by_key(struct step *s)
{
    return without(s, by_key);
}

static int ref_intersection(struct step *s)
{
    const struct bag *a = s->in[0], *b = s->in[1];
    const struct rec *l = sorted(s->ref, a, by_all, false);
    const struct rec *r = sorted(s->ref, b, by_all, false);
    if (rows_room(s, a->n) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i = run_end(l, a->n, i, by_all))
        if (has(r, b->n, &l[i], by_all))
            row_add(s, l[i].k, l[i].v);
    return 0;
}

/* ------------------------------------------------------------------ by key */

/* Emits the rows of a key's values. */
typedef void group_fn(struct step *s, const struct rec *row, size_t from,
                      size_t until);

static int by_groups(struct step *s, const struct bag *in, group_fn *each)
{
    const struct rec *row = sorted(s->ref, in, by_key, false);
    if (rows_room(s, 2 * in->n) < 0)
        return -1;
    for (size_t i = 0, until; i < in->n; i = until) {
        until = run_end(row, in->n, i, by_key);
        each(s, row, i, until);
    }
    return 0;
}

static void group_fold(struct step *s, const struct rec *row, size_t from,
                       size_t until)
{
    row_add(s, row[from].k, fold(s->node->a % FOLDS, row, from, until));
}

/* A fold that starts from a neutral value: a sum or a maximum. */
static void group_fold_zero(struct step *s, const struct rec *row, size_t from,
                            size_t until)
{
    row_add(s, row[from].k,
            fold(s->node->a % 2 ? FOLD_OWN_MAX : FOLD_SUM, row, from, until));
}

static int64_t weighed(const struct rec *row, size_t from, size_t until,
                       int64_t times, int64_t plus)
{
    int64_t sum = 0;
    for (size_t i = from; i < until; i++)
        sum = wrap_add(
            sum,
            wrap_add((int64_t)((uint64_t)row[i].v * (uint64_t)times), plus));
    return sum;
}

static void group_aggregate(struct step *s, const struct rec *row, size_t from,
                            size_t until)
{
    row_add(s, row[from].k, weighed(row, from, until, 2, 1));
}

static void group_combine(struct step *s, const struct rec *row, size_t from,
                          size_t until)
{
    row_add(s, row[from].k, weighed(row, from, until, 3, 0));
}

static void group_all(struct step *s, const struct rec *row, size_t from,
                      size_t until)
{
    row_add(s, row[from].k, weighed(row, from, until, 1, 1009));
    if (until - from > 3)
        row_add(s, row[from].k, (int64_t)(until - from));
}

#define GROUPS(op, each) \
    static int ref_##op(struct step *s) \
    { \
        return by_groups(s, s->in[0], each); \
    }

GROUPS(reduce_by_key, group_fold)
GROUPS(fold_by_key, group_fold_zero)
GROUPS(aggregate_by_key, group_aggregate)
GROUPS(combine_by_key, group_combine)
GROUPS(group_by_key, group_all)

static int ref_group_by(struct step *s)
{
    struct bag *keyed = room(s->ref, 1, sizeof *keyed);
    const struct bag *in = s->in[0];
    keyed->row = room(s->ref, in->n, sizeof *keyed->row);
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
    *side = (struct side){ .row = sorted(s->ref, s->in[i], by_key, false),
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

static int ref_join(struct step *s)
{
    const int how = (int)(s->node->b % 4);
    const bool outer_l = how == RIV_LEFT || how == RIV_FULL;
    const bool outer_r = how == RIV_RIGHT || how == RIV_FULL;
    struct side side[2];
    int64_t k = 0;
    side_init(s, &side[0], 0);
    side_init(s, &side[1], 1);
    if (rows_room(s, ROWS_MAX) < 0)
        return -1;
    while (sides_next(side, 2, &k)) {
        const size_t nl = side[0].until - side[0].from;
        const size_t nr = side[1].until - side[1].from;
        if (s->out->n + nl * nr + nl + nr > ROWS_MAX)
            return -1;
        for (size_t i = side[0].from; i < side[0].until; i++) {
            for (size_t j = side[1].from; j < side[1].until; j++)
                row_add(s, k, joined(side[0].row[i].v, side[1].row[j].v));
            if (nr == 0 && outer_l)
                row_add(s, k, joined(side[0].row[i].v, -2));
        }
        for (size_t j = side[1].from; nl == 0 && outer_r && j < side[1].until;
             j++)
            row_add(s, k, joined(-1, side[1].row[j].v));
    }
    return 0;
}

/* In their order where that is promised, else whatever it is. */
static int ref_cogroup(struct step *s)
{
    struct side side[INPUTS_MAX];
    const bool ordered = reference_ordered(s->ref, s->at);
    size_t all = 0;
    int64_t k = 0;
    for (int i = 0; i < s->node->nin; i++) {
        side_init(s, &side[i], i);
        all += side[i].n;
    }
    if (rows_room(s, all) < 0)
        return -1;
    while (sides_next(side, s->node->nin, &k)) {
        int64_t h = 1;
        for (int i = 0; i < s->node->nin; i++) {
            for (size_t j = side[i].from; ordered && j < side[i].until; j++)
                h = chained(h, side[i].row[j].v);
            if (!ordered)
                h = chained(
                    h, weighed(side[i].row, side[i].from, side[i].until, 1, 5));
            h = chained(h, -9);
        }
        row_add(s, k, h);
    }
    return 0;
}

/* ----------------------------------------------------------------- windows */

/* All rows of the parent's batches in the window. */
static int window_bag(struct step *s, struct bag *bag)
{
    const int in = s->node->in[0];
    const int first = s->batch - s->node->length + 1;
    *bag = (struct bag){ .n = 0 };
    size_t n = 0;
    for (int b = first > 0 ? first : 0; b <= s->batch; b++)
        n += s->ref->bag[in][b].due ? s->ref->bag[in][b].n : 0;
    if (n > ROWS_MAX)
        return -1;
    bag->row = room(s->ref, n, sizeof *bag->row);
    for (int b = first > 0 ? first : 0; b <= s->batch; b++) {
        const struct bag *from = &s->ref->bag[in][b];
        for (size_t i = 0; from->due && i < from->n; i++)
            bag->row[bag->n++] = from->row[i];
    }
    return 0;
}

/* The same operator over the window's rows, the order of which is free. */
static int over_window(struct step *s, int (*ref)(struct step *))
{
    struct bag *bag = room(s->ref, 1, sizeof *bag);
    if (window_bag(s, bag) < 0)
        return -1;
    s->in[0] = bag;
    return ref(s);
}

static int ref_window(struct step *s)
{
    return over_window(s, ref_bag);
}

static int ref_reduce_by_window(struct step *s)
{
    return over_window(s, ref_reduce);
}

static int ref_count_by_window(struct step *s)
{
    int rc = over_window(s, ref_count);
    if (rc == 0 && s->out->row[0].v == 0)
        s->out->n = 0;
    return rc;
}

static int ref_count_by_value_and_window(struct step *s)
{
    return over_window(s, ref_count_by_value);
}

static int ref_group_by_key_and_window(struct step *s)
{
    return over_window(s, ref_group_by_key);
}

/* With keep_empty (sums only) a key that was ever there stays, with 0. */
static int ref_reduce_by_key_and_window(struct step *s)
{
    int rc = over_window(s, ref_reduce_by_key);
    if (rc < 0 || s->node->a % FOLDS != FOLD_SUM || s->node->b % 3 != 0 ||
        s->node->slide > s->node->length)
        return rc;
    const struct rec *now = sorted(s->ref, s->out, by_key, false);
    const size_t nnow = s->out->n;
    struct step all = *s;
    struct node whole = *s->node;
    struct bag ever = { .n = 0 };
    whole.length = s->batch + 1;
    all.node = &whole;
    if (window_bag(&all, &ever) < 0)
        return -1;
    const struct rec *row = sorted(s->ref, &ever, by_key, false);
    s->out->n = 0;
    if (rows_room(s, nnow + ever.n) < 0)
        return -1;
    for (size_t i = 0; i < nnow; i++)
        row_add(s, now[i].k, now[i].v);
    for (size_t i = 0; i < ever.n; i = run_end(row, ever.n, i, by_key))
        if (!has(now, nnow, &row[i], by_key))
            row_add(s, row[i].k, 0);
    return 0;
}

/* ------------------------------------------------------------------- state */

static struct kept *kept_of(struct step *s, int64_t k)
{
    struct kept *kept = s->ref->kept[s->at];
    for (size_t i = 0; i < s->ref->nkept[s->at]; i++)
        if (kept[i].k == k)
            return &kept[i];
    return NULL;
}

static struct kept *kept_add(struct step *s, int64_t k)
{
    struct kept *found = kept_of(s, k);
    if (found)
        return found;
    if (!s->ref->kept[s->at])
        s->ref->kept[s->at] = room(s->ref, ROWS_MAX, sizeof *found);
    if (s->ref->nkept[s->at] == ROWS_MAX)
        return NULL;
    found = &s->ref->kept[s->at][s->ref->nkept[s->at]++];
    *found = (struct kept){ .k = k };
    return found;
}

static void kept_drop(struct step *s, struct kept *kept)
{
    struct kept *last = &s->ref->kept[s->at][--s->ref->nkept[s->at]];
    *kept = *last;
}

/* The keys of this batch and of the state, each with the rows it has. */
static int ref_update_state(struct step *s)
{
    const struct bag *in = s->in[0];
    const struct rec *row = sorted(s->ref, in, by_key, false);
    for (size_t i = 0; i < in->n; i = run_end(row, in->n, i, by_key))
        if (!kept_add(s, row[i].k))
            return -1;
    if (rows_room(s, s->ref->nkept[s->at]) < 0)
        return -1;
    for (size_t i = s->ref->nkept[s->at]; i-- > 0;) {
        struct kept *kept = &s->ref->kept[s->at][i];
        const bool came = has(row, in->n, &(struct rec){ kept->k, 0 }, by_key);
        kept->state = wrap_add(kept->state, came ? 0 : 1);
        for (size_t r = 0; came && r < in->n; r++)
            if (in->row[r].k == kept->k)
                kept->state = wrap_add(kept->state, in->row[r].v);
        if (modulo(kept->state, 5) == s->node->a % 5)
            kept_drop(s, kept);
        else
            row_add(s, kept->k, kept->state);
    }
    return 0;
}

/* Batches after which an idle key goes; 0: never. */
static int timeout_of(const struct node *node)
{
    return node->b % 2 ? node->length : 0;
}

static void time_out(struct step *s)
{
    const int timeout = timeout_of(s->node);
    for (size_t i = s->ref->nkept[s->at]; timeout > 0 && i-- > 0;) {
        struct kept *kept = &s->ref->kept[s->at][i];
        if (kept->touched >= s->batch - timeout)
            continue;
        row_add(s, kept->k, wrap_add(kept->state, -1));
        kept_drop(s, kept);
    }
}

/* Running sums where the order of records is promised, and then a key goes when
 * its sum says so. */
static int ref_map_with_state(struct step *s)
{
    const struct bag *in = s->in[0];
    const bool ordered = reference_ordered(s->ref, s->at);
    if (rows_room(s, in->n + s->ref->nkept[s->at]) < 0)
        return -1;
    for (size_t i = 0; i < in->n; i++) {
        struct kept *kept = kept_add(s, in->row[i].k);
        if (!kept)
            return -1;
        kept->state = wrap_add(kept->state, in->row[i].v);
        kept->touched = s->batch;
        row_add(s, kept->k, ordered ? kept->state : in->row[i].v);
        if (ordered && modulo(kept->state, 7) == s->node->a % 7)
            kept_drop(s, kept);
    }
    time_out(s);
    return 0;
}

static int ref_snapshots(struct step *s)
{
    const int of = s->node->in[0];
    if (rows_room(s, s->ref->nkept[of]) < 0)
        return -1;
    for (size_t i = 0; i < s->ref->nkept[of]; i++)
        row_add(s, s->ref->kept[of][i].k, s->ref->kept[of][i].state);
    return 0;
}

/* --------------------------------------------------------------- the whole */

static int (*const refs[OPS])(struct step *) = {
    [OP_ROWS] = ref_source,
    [OP_PAIRS] = ref_source,
    [OP_TEXT] = ref_source,
    [OP_EMPTY] = ref_source,
    [OP_QUEUE] = ref_source,
    [OP_QUEUE_PAIRS] = ref_source,
    [OP_MAP] = ref_map,
    [OP_FILTER] = ref_filter,
    [OP_FLAT_MAP] = ref_flat_map,
    [OP_TO_PAIRS] = ref_to_pairs,
    [OP_KEY_BY] = ref_to_pairs,
    [OP_TO_WORDS] = ref_same,
    [OP_TO_INTS] = ref_same,
    [OP_SWAP] = ref_swap,
    [OP_KEYS] = ref_keys,
    [OP_VALUES] = ref_values,
    [OP_MAP_VALUES] = ref_map_values,
    [OP_FLAT_MAP_VALUES] = ref_flat_map_values,
    [OP_UNION] = ref_union,
    [OP_DISTINCT] = ref_distinct,
    [OP_REPARTITION] = ref_bag,
    [OP_COALESCE] = ref_coalesce,
    [OP_SORT_BY] = ref_sort_by,
    [OP_SORT_BY_KEY] = ref_sort_by_key,
    [OP_COUNT] = ref_count,
    [OP_REDUCE] = ref_reduce,
    [OP_COUNT_BY_VALUE] = ref_count_by_value,
    [OP_SUBTRACT] = ref_subtract,
    [OP_INTERSECTION] = ref_intersection,
    [OP_CARTESIAN] = ref_cartesian,
    [OP_ZIP] = ref_zip,
    [OP_ZIP_PARTITIONS] = ref_zip_partitions,
    [OP_ZIP_WITH_INDEX] = ref_zip_with_index,
    [OP_ZIP_WITH_UNIQUE_ID] = ref_zip_with_unique_id,
    [OP_MAP_PARTITIONS] = ref_map_partitions,
    [OP_GLOM] = ref_glom,
    [OP_REDUCE_BY_KEY] = ref_reduce_by_key,
    [OP_AGGREGATE_BY_KEY] = ref_aggregate_by_key,
    [OP_FOLD_BY_KEY] = ref_fold_by_key,
    [OP_COMBINE_BY_KEY] = ref_combine_by_key,
    [OP_GROUP_BY_KEY] = ref_group_by_key,
    [OP_GROUP_BY] = ref_group_by,
    [OP_JOIN] = ref_join,
    [OP_COGROUP] = ref_cogroup,
    [OP_COGROUP3] = ref_cogroup,
    [OP_SUBTRACT_BY_KEY] = ref_subtract_by_key,
    [OP_PARTITION_BY] = ref_bag,
    [OP_REPARTITION_AND_SORT] = ref_bag,
    [OP_FILTER_BY_RANGE] = ref_filter_by_range,
    [OP_PERSIST] = ref_same,
    [OP_RANDOM_SPLIT] = ref_bag,
    [OP_SAMPLE] = ref_same,
    [OP_TRANSFORM] = ref_transform,
    [OP_TRANSFORM_WITH] = ref_transform_with,
    [OP_WINDOW] = ref_window,
    [OP_REDUCE_BY_WINDOW] = ref_reduce_by_window,
    [OP_COUNT_BY_WINDOW] = ref_count_by_window,
    [OP_COUNT_BY_VALUE_AND_WINDOW] = ref_count_by_value_and_window,
    [OP_REDUCE_BY_KEY_AND_WINDOW] = ref_reduce_by_key_and_window,
    [OP_GROUP_BY_KEY_AND_WINDOW] = ref_group_by_key_and_window,
    [OP_UPDATE_STATE] = ref_update_state,
    [OP_MAP_WITH_STATE] = ref_map_with_state,
    [OP_SNAPSHOTS] = ref_snapshots,
};

bool reference_ordered(const struct reference *ref, int at)
{
    const struct node *node = &ref->graph->node[at];
    bool ordered = true;
    for (int i = 0; i < node->nin; i++)
        for (int b = 0; b < ref->nbatch; b++) {
            const struct bag *bag = &ref->bag[node->in[i]][b];
            const bool state = node->op == OP_MAP_WITH_STATE;
            ordered &= (bag->ordered && !(state && bag->united)) || !bag->due;
        }
    return ordered;
}

static int node_make(struct reference *ref, int at, int batch)
{
    const struct node *node = &ref->graph->node[at];
    struct bag *out = &ref->bag[at][batch];
    struct step s = {
        .ref = ref, .node = node, .at = at, .batch = batch, .out = out
    };
    if (!node->live && batch > 0) { /* the same RDD in every batch */
        *out = ref->bag[at][0];
        return 0;
    }
    out->due = !node->live || (batch + 1) % node->every == 0;
    for (int i = 0; i < node->nin; i++)
        s.in[i] = &ref->bag[node->in[i]][batch];
    return out->due ? refs[node->op](&s) : 0;
}

/* Node by node: whether an order is promised is known of all batches of the
 * inputs before the node is looked at. But a snapshot is taken in its batch. */
int reference_make(struct reference *ref, const struct graph *graph)
{
    *ref = (struct reference){ .graph = graph,
                               .nbatch = graph->nbatch ? graph->nbatch : 1 };
    for (int at = 0; at < graph->nnode; at++) {
        if (graph->node[at].op == OP_SNAPSHOTS)
            continue;
        for (int b = 0; b < ref->nbatch; b++) {
            if (node_make(ref, at, b) < 0)
                return -1;
            for (int i = at + 1; i < graph->nnode; i++)
                if (graph->node[i].op == OP_SNAPSHOTS &&
                    graph->node[i].in[0] == at && node_make(ref, i, b) < 0)
                    return -1;
        }
    }
    return 0;
}
