/* data/sort.c - order of rows by a key at an offset: references with a prefix
 * of the key, their sort, bounds of ranges, and the merge of sorted lists. */
#include "data/sort.h"

#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "data/radix.h"

enum { INSERTION_ROWS = 12 };

/* ------------------------------------------------------------- prefixes */

static uint64_t bytes_prefix(const char *p, size_t n)
{
    unsigned char head[8] = { 0 };
    uint64_t prefix = 0;
    if (n > 0)
        memcpy(head, p, RIV__MIN(n, sizeof head));
    for (size_t i = 0; i < sizeof head; i++)
        prefix = prefix << 8 | head[i];
    return prefix;
}

static uint64_t i64_prefix(int64_t v)
{
    return (uint64_t)v ^ UINT64_C(1) << 63;
}

/* The bits of a double in its order: negative numbers turned round, one NaN
 * above all, one zero. */
static uint64_t f64_prefix(double v)
{
    uint64_t bits = riv__hash_f64_bits(v);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static uint64_t leaf_prefix(const struct riv_leaf *leaf, const char *at)
{
    switch (leaf->kind) {
    case RIV_K_I64: return i64_prefix(RIV__LOAD(int64_t, at));
    case RIV_K_I32: return i64_prefix(RIV__LOAD(int32_t, at));
    case RIV_K_U64: return RIV__LOAD(uint64_t, at);
    case RIV_K_U32: return RIV__LOAD(uint32_t, at);
    case RIV_K_F64: return f64_prefix(RIV__LOAD(double, at));
    case RIV_K_F32: return f64_prefix((double)RIV__LOAD(float, at));
    case RIV_K_BOOL: return *at != 0;
    case RIV_K_STR: {
        riv_str s = RIV__LOAD(riv_str, at);
        return bytes_prefix(s.p, s.n);
    }
    default: return bytes_prefix(at, leaf->length);
    }
}

void riv__order_init(struct riv_order *order, const struct riv_layout *key,
                     uint32_t offset, bool descending)
{
    uint32_t kind = key->nleaf == 1 ? key->leaf[0].kind : RIV_K_STR;
    *order =
        (struct riv_order){ .key = key,
                            .offset = offset,
                            .descending = descending,
                            .exact = kind != RIV_K_STR && kind != RIV_K_CHARS };
}

uint64_t riv__order_prefix(const struct riv_order *order, const char *row)
{
    const struct riv_leaf *leaf = &order->key->leaf[0];
    uint64_t prefix = leaf_prefix(leaf, row + order->offset + leaf->offset);
    return order->descending ? ~prefix : prefix;
}

int riv__order_compare(const struct riv_order *order, const struct riv_ref *a,
                       const struct riv_ref *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    if (order->exact)
        return 0;
    int rc = riv__row_compare(order->key, a->row + order->offset,
                              b->row + order->offset);
    return order->descending ? -rc : rc;
}

/* -------------------------------------------------------------- sorting */

void riv__run_fini(struct riv_run *run)
{
    free(run->ref);
    *run = (struct riv_run){ 0 };
}

int riv__run_list(struct riv_run *run, const struct riv_order *order,
                  const struct riv_rows *rows)
{
    const size_t size = rows->layout->size;
    run->n = 0;
    if (rows->n > run->cap || !run->ref) {
        free(run->ref);
        run->cap = rows->n + rows->n / 8 + 64;
        run->ref = malloc(run->cap * sizeof *run->ref);
        if (!run->ref) {
            run->cap = 0;
            return RIV_ENOMEM;
        }
    }
    for (size_t k = 0; k < rows->npiece; k++) {
        size_t n;
        const char *row = riv__rows_chunk(rows, k, &n);
        for (size_t i = 0; i < n; i++, row += size)
            run->ref[run->n++] =
                (struct riv_ref){ order ? riv__order_prefix(order, row) : 0,
                                  row };
    }
    return 0;
}

static void insertion_sort(const struct riv_order *order, struct riv_ref *ref,
                           size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct riv_ref moved = ref[i];
        size_t k = i;
        for (; k > 0 && riv__order_compare(order, &ref[k - 1], &moved) > 0; k--)
            ref[k] = ref[k - 1];
        ref[k] = moved;
    }
}

/* Two sorted neighbours, [0, half) and [half, n), into `to`. */
static void merge_halves(const struct riv_order *order,
                         const struct riv_ref *from, size_t half, size_t n,
                         struct riv_ref *to)
{
    size_t a = 0, b = half;
    if (half >= n ||
        riv__order_compare(order, &from[half - 1], &from[half]) <= 0) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    while (a < half && b < n)
        *to++ = riv__order_compare(order, &from[a], &from[b]) <= 0 ? from[a++]
                                                                   : from[b++];
    memcpy(to, from + a, (half - a) * sizeof *to);
    memcpy(to + (half - a), from + b, (n - b) * sizeof *to);
}

static void merge_sort(const struct riv_order *order, struct riv_ref *ref,
                       size_t n, struct riv_ref *spare)
{
    struct riv_ref *from = ref, *to = spare;
    for (size_t at = 0; at < n; at += INSERTION_ROWS)
        insertion_sort(order, ref + at,
                       RIV__MIN((size_t)INSERTION_ROWS, n - at));
    for (size_t width = INSERTION_ROWS; width < n; width *= 2) {
        for (size_t at = 0; at < n; at += 2 * width)
            merge_halves(order, from + at, RIV__MIN(width, n - at),
                         RIV__MIN(2 * width, n - at), to + at);
        struct riv_ref *was = from;
        from = to;
        to = was;
    }
    if (from != ref)
        memcpy(ref, from, n * sizeof *ref);
}

static bool is_sorted(const struct riv_order *order, const struct riv_ref *ref,
                      size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (riv__order_compare(order, &ref[i - 1], &ref[i]) > 0)
            return false;
    return true;
}

/* Rows with the same prefix stand together: what is left is their order. */
static void ties_sort(const struct riv_order *order, struct riv_ref *ref,
                      size_t n, struct riv_ref *spare)
{
    for (size_t at = 0, until; at < n; at = until) {
        until = at + 1;
        while (until < n && ref[until].prefix == ref[at].prefix)
            until++;
        if (until - at > 1)
            merge_sort(order, ref + at, until - at, spare);
    }
}

void riv__sort_refs(const struct riv_order *order, struct riv_ref *ref,
                    size_t n, struct riv_ref *spare)
{
    if (is_sorted(order, ref, n))
        return;
    if (n < RIV__RADIX_ROWS) {
        merge_sort(order, ref, n, spare);
        return;
    }
    riv__radix_sort(ref, n, spare);
    if (!order->exact)
        ties_sort(order, ref, n, spare);
}

int riv__run_sort(struct riv_run *run, const struct riv_order *order,
                  const struct riv_rows *rows)
{
    RIV__TRY(riv__run_list(run, order, rows));
    struct riv_ref *spare = malloc((run->n + 1) * sizeof *spare);
    if (!spare)
        return RIV_ENOMEM;
    riv__sort_refs(order, run->ref, run->n, spare);
    free(spare);
    return 0;
}

size_t riv__run_until(const struct riv_order *order, const struct riv_ref *ref,
                      size_t n, const struct riv_ref *key)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (riv__order_compare(order, &ref[mid], key) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t riv__range_bounds(const struct riv_order *order,
                         const struct riv_ref *candidate, const double *weight,
                         size_t n, size_t parts, size_t *bound)
{
    double total = 0, sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        total += weight[i];
    const double step = total / (double)parts;
    double target = step;
    for (size_t i = 0; i < n && found + 1 < parts; i++) {
        sum += weight[i];
        if (sum < target)
            continue;
        if (found > 0 && riv__order_compare(order, &candidate[i],
                                            &candidate[bound[found - 1]]) <= 0)
            continue;
        bound[found++] = i;
        target += step;
    }
    return found;
}

/* -------------------------------------------------------------- merging */

int riv__merge_init(struct riv_merge *merge, const struct riv_order *order,
                    size_t lists_max)
{
    *merge = (struct riv_merge){ .order = order, .cap = lists_max };
    merge->list = malloc((lists_max + 1) * sizeof *merge->list);
    return merge->list ? 0 : RIV_ENOMEM;
}

void riv__merge_fini(struct riv_merge *merge)
{
    free(merge->list);
    *merge = (struct riv_merge){ 0 };
}

static bool list_before(const struct riv_merge *merge, size_t a, size_t b)
{
    const struct riv_merge_list *x = &merge->list[a], *y = &merge->list[b];
    int rc = riv__order_compare(merge->order, x->at, y->at);
    return rc ? rc < 0 : x->index < y->index;
}

static void list_swap(struct riv_merge *merge, size_t a, size_t b)
{
    struct riv_merge_list was = merge->list[a];
    merge->list[a] = merge->list[b];
    merge->list[b] = was;
}

void riv__merge_add(struct riv_merge *merge, const struct riv_ref *ref,
                    size_t n)
{
    if (n == 0)
        return;
    RIV__ASSERT(merge->n < merge->cap);
    size_t k = merge->n++;
    merge->list[k] =
        (struct riv_merge_list){ ref, ref + n, (uint32_t)merge->n };
    for (; k > 0 && list_before(merge, k, (k - 1) / 2); k = (k - 1) / 2)
        list_swap(merge, k, (k - 1) / 2);
}

static void sift_down(struct riv_merge *merge)
{
    for (size_t k = 0;;) {
        size_t child = 2 * k + 1;
        if (child >= merge->n)
            return;
        if (child + 1 < merge->n && list_before(merge, child + 1, child))
            child++;
        if (!list_before(merge, child, k))
            return;
        list_swap(merge, k, child);
        k = child;
    }
}

const char *riv__merge_next(struct riv_merge *merge)
{
    if (merge->n == 0)
        return NULL;
    struct riv_merge_list *top = &merge->list[0];
    const char *row = top->at->row;
    if (++top->at == top->end)
        *top = merge->list[--merge->n];
    sift_down(merge);
    return row;
}
