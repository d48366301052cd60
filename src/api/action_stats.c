/* api/action_stats.c - figures of numbers: sum, mean, variance, histograms, and
 * how many different records there are. Each task folds its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/action.h"
#include "data/hash.h"
#include "data/sketch.h"
#include "graph/ops.h"

static double number_of(const struct riv_leaf *leaf, const char *row)
{
    const char *at = row + leaf->offset;
    switch (leaf->kind) {
    case RIV_K_I64: return (double)RIV__LOAD(int64_t, at);
    case RIV_K_U64: return (double)RIV__LOAD(uint64_t, at);
    case RIV_K_I32: return RIV__LOAD(int32_t, at);
    case RIV_K_U32: return RIV__LOAD(uint32_t, at);
    case RIV_K_F32: return (double)RIV__LOAD(float, at);
    default: return RIV__LOAD(double, at);
    }
}

static int numbers_only(struct riv_action *act)
{
    char show[160];
    const struct riv_layout *layout = act->rdd->layout;
    if (layout->nleaf == 1 && layout->leaf[0].kind <= RIV_K_F32)
        return 0;
    return riv__action_fail(act, RIV_ETYPE,
                            "takes records of one number, but its input gives "
                            "%s; riv_map can pick the number",
                            riv__type_show(layout->type, show, sizeof show));
}

/* ------------------------------------------------------------- moments */

static int moments_init(void *cell, const struct riv_gather *g)
{
    (void)g;
    riv__moments_init(cell);
    return 0;
}

static void moments_reset(void *cell, const struct riv_gather *g)
{
    (void)g;
    riv__moments_init(cell);
}

static int moments_take(void *cell, const struct riv_gather *g, uint64_t part,
                        const void *rows, size_t n)
{
    const char *at = rows;
    (void)part;
    for (size_t i = 0; i < n; i++, at += g->in->size)
        riv__moments_add(cell, number_of(&g->in->leaf[0], at));
    return 0;
}

static int moments_merge(void *total, const struct riv_gather *g, void *cell)
{
    (void)g;
    riv__moments_merge(total, cell);
    return 0;
}

static const struct riv_gather_ops moments_ops = {
    .bytes = sizeof(struct riv_moments),
    .init = moments_init,
    .reset = moments_reset,
    .take = moments_take,
    .merge = moments_merge,
};

static int moments_of(struct riv_action *act, struct riv_moments *m)
{
    struct riv_gather g = { .ops = &moments_ops, .total = m };
    riv__moments_init(m);
    RIV__TRY(numbers_only(act));
    return riv__action_gather(act, act->rdd, &g);
}

static int moments_now(riv_ds *rdd, const char *name, const void *out,
                       struct riv_moments *m)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, name));
    return riv__action_end(&act, moments_of(&act, m));
}

int riv_stats(riv_ds *rdd, riv_statistics *out)
{
    struct riv_moments m;
    const riv_statistics *room = out && out->struct_size > 0 ? out : NULL;
    RIV__TRY(moments_now(rdd, "riv_stats", room, &m));
    const double n = (double)m.n;
    riv_statistics all = {
        .struct_size = out->struct_size,
        .count = (int64_t)m.n,
        .sum = m.sum,
        .mean = m.mean,
        .variance = m.n > 0 ? m.m2 / n : NAN,
        .sample_variance = m.n > 1 ? m.m2 / (n - 1) : NAN,
        .min = m.least,
        .max = m.greatest,
    };
    all.stdev = sqrt(all.variance);
    all.sample_stdev = sqrt(all.sample_variance);
    memcpy(out, &all, RIV__MIN(out->struct_size, sizeof all));
    return 0;
}

int riv_sum(riv_ds *rdd, double *sum)
{
    struct riv_moments m;
    RIV__TRY(moments_now(rdd, "riv_sum", sum, &m));
    *sum = m.sum;
    return 0;
}

int riv_mean(riv_ds *rdd, double *mean)
{
    struct riv_moments m;
    RIV__TRY(moments_now(rdd, "riv_mean", mean, &m));
    *mean = m.mean;
    return 0;
}

/* ----------------------------------------------------------- histograms */

struct buckets {
    const double *bound;
    size_t n; /* bounds: one more than buckets */
};

static int buckets_init(void *cell, const struct riv_gather *g)
{
    const struct buckets *b = g->param;
    *(int64_t **)cell = calloc(b->n, sizeof(int64_t));
    return *(int64_t **)cell ? 0 : RIV_ENOMEM;
}

static void buckets_fini(void *cell)
{
    free(*(int64_t **)cell);
}

static void buckets_reset(void *cell, const struct riv_gather *g)
{
    const struct buckets *b = g->param;
    memset(*(int64_t **)cell, 0, b->n * sizeof(int64_t));
}

/* NaN stands above all numbers, so a last bound of NaN takes everything. */
static bool above(double a, double b)
{
    return isnan(a) ? !isnan(b) : a > b;
}

static int buckets_take(void *cell, const struct riv_gather *g, uint64_t part,
                        const void *rows, size_t n)
{
    const struct buckets *b = g->param;
    int64_t *count = *(int64_t **)cell;
    const char *at = rows;
    (void)part;
    for (size_t i = 0; i < n; i++, at += g->in->size) {
        double v = number_of(&g->in->leaf[0], at);
        size_t lo = 0, hi = b->n; /* the first bound that is above v */
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (above(b->bound[mid], v))
                hi = mid;
            else
                lo = mid + 1;
        }
        if (lo == b->n && !above(v, b->bound[b->n - 1]))
            lo--; /* on the last bound */
        if (lo > 0 && lo < b->n)
            count[lo - 1]++;
    }
    return 0;
}

static int buckets_merge(void *total, const struct riv_gather *g, void *cell)
{
    const struct buckets *b = g->param;
    for (size_t i = 0; i + 1 < b->n; i++)
        (*(int64_t **)total)[i] += (*(int64_t **)cell)[i];
    return 0;
}

static const struct riv_gather_ops buckets_ops = {
    .bytes = sizeof(int64_t *),
    .init = buckets_init,
    .fini = buckets_fini,
    .reset = buckets_reset,
    .take = buckets_take,
    .merge = buckets_merge,
};

static int buckets_count(struct riv_action *act, const double *bound, size_t n,
                         int64_t *count)
{
    struct buckets b = { bound, n };
    int64_t *total = calloc(n, sizeof *total);
    struct riv_gather g = { .ops = &buckets_ops, .param = &b, .total = &total };
    if (!total)
        return riv__action_fail(act, RIV_ENOMEM, "no memory for %zu buckets",
                                n - 1);
    int rc = riv__action_gather(act, act->rdd, &g);
    if (rc == 0)
        memcpy(count, total, (n - 1) * sizeof *count);
    free(total);
    return rc;
}

static int bounds_check(struct riv_action *act, const double *bound, size_t n)
{
    if (n < 2 || !bound)
        return riv__action_fail(act, RIV_EINVAL,
                                "%zu bounds; a bucket lies between two", n);
    for (size_t i = 1; i < n; i++)
        if (!above(bound[i], bound[i - 1]))
            return riv__action_fail(act, RIV_EINVAL,
                                    "bound %zu, %g, is not above the one "
                                    "before, %g",
                                    i, bound[i], bound[i - 1]);
    return 0;
}

int riv_histogram(riv_ds *rdd, const double *bound, size_t n, int64_t *count)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, count, "riv_histogram"));
    int rc = bounds_check(&act, bound, n);
    if (rc == 0)
        rc = numbers_only(&act);
    if (rc == 0)
        rc = buckets_count(&act, bound, n, count);
    return riv__action_end(&act, rc);
}

/* Bounds from the least to the greatest number, which are the ends exactly. */
static int even_bounds(struct riv_action *act, size_t buckets, double *bound,
                       size_t *made)
{
    struct riv_moments m;
    if (buckets < 1 || buckets > SIZE_MAX / 32)
        return riv__action_fail(act, RIV_EINVAL,
                                "%zu buckets; at least 1 is needed", buckets);
    RIV__TRY(moments_of(act, &m));
    if (m.n == 0 || !isfinite(m.least) || !isfinite(m.greatest))
        return riv__action_fail(act, RIV_EINVAL, "%s",
                                m.n == 0
                                    ? "the dataset is empty; it has no range"
                                    : "a number is not finite; filter them "
                                      "out, or give bounds");
    *made = m.least == m.greatest ? 1 : buckets;
    double step = (m.greatest - m.least) / (double)*made;
    for (size_t i = 0; i < *made; i++)
        bound[i] = m.least + (double)i * step;
    bound[*made] = m.greatest;
    return 0;
}

int riv_histogram_even(riv_ds *rdd, size_t buckets, double *bound,
                       int64_t *count, size_t *made)
{
    struct riv_action act;
    const void *room = bound && count ? made : NULL;
    RIV__TRY(riv__action_begin(&act, rdd, room, "riv_histogram_even"));
    int rc = even_bounds(&act, buckets, bound, made);
    if (rc == 0)
        rc = buckets_count(&act, bound, *made + 1, count);
    return riv__action_end(&act, rc);
}

/* ------------------------------------------------------------- distinct */

static int distinct_init(void *cell, const struct riv_gather *g)
{
    return riv__distinct_init(cell, *(const unsigned *)g->param);
}

static void distinct_fini(void *cell)
{
    riv__distinct_fini(cell);
}

static void distinct_reset(void *cell, const struct riv_gather *g)
{
    (void)g;
    riv__distinct_reset(cell);
}

static int distinct_take(void *cell, const struct riv_gather *g, uint64_t part,
                         const void *rows, size_t n)
{
    const char *at = rows;
    (void)part;
    for (size_t i = 0; i < n; i++, at += g->in->size)
        riv__distinct_add(cell, riv__hash_row(g->in, at));
    return 0;
}

static int distinct_merge(void *total, const struct riv_gather *g, void *cell)
{
    (void)g;
    riv__distinct_merge(total, cell);
    return 0;
}

static const struct riv_gather_ops distinct_ops = {
    .bytes = sizeof(struct riv_distinct),
    .init = distinct_init,
    .fini = distinct_fini,
    .reset = distinct_reset,
    .take = distinct_take,
    .merge = distinct_merge,
};

int riv_count_approx_distinct(riv_ds *rdd, double accuracy, int64_t *n)
{
    struct riv_action act;
    struct riv_distinct total = { 0 };
    RIV__TRY(riv__action_begin(&act, rdd, n, "riv_count_approx_distinct"));
    unsigned bits = RIV__DISTINCT_BITS_MIN;
    if (accuracy > 0.000261 && accuracy <= 0.4)
        bits = (unsigned)RIV__MAX(ceil(2 * log2(1.054 / accuracy)), 4.0);
    else
        riv__action_fail(&act, RIV_EINVAL,
                         "an accuracy of %g; it is above 0.000261 and at most "
                         "0.4",
                         accuracy);
    int rc = act.graph->err.code;
    struct riv_gather g = { .ops = &distinct_ops,
                            .param = &bits,
                            .total = &total };
    if (rc == 0 && riv__distinct_init(&total, bits) < 0)
        rc = riv__action_fail(&act, RIV_ENOMEM, "no memory");
    if (rc == 0)
        rc = riv__action_gather(&act, rdd, &g);
    if (rc == 0)
        *n = (int64_t)floor(riv__distinct_estimate(&total) + 0.5);
    riv__distinct_fini(&total);
    return riv__action_end(&act, rc);
}
