/* api/action_sample.c - take_sample: exactly n random records. Without
 * replacement every record gets a random number from seed, partition and place,
 * and the n least are taken: one job, in random order already. With replacement
 * places are drawn after a first job has counted. */
#include <stdlib.h>
#include <string.h>

#include "api/action.h"
#include "base/vec.h"
#include "data/hash.h"
#include "data/rows.h"
#include "graph/ops.h"

/* How many rows each partition has, in the order of the dataset; then the place
 * of its first row. */
struct size {
    uint64_t part;
    int64_t n;
};

struct sizes {
    struct size *size;
    size_t count, cap;
};

struct draw {
    uint64_t number;
    size_t row; /* in the cell's rows */
};

struct sample_param {
    uint64_t seed;
    size_t most;
    const int64_t *wanted; /* places in the dataset, ascending; or NULL */
    size_t nwanted;
    const struct sizes *first; /* place of each partition's first row */
};

struct sample_cell {
    struct riv_rows rows, spare;
    struct draw *draw;
    size_t n, cap;
    uint64_t place; /* rows seen */
    size_t at;      /* in wanted */
    uint64_t limit; /* draws above it are none of the n least */
};

static int sample_init(void *cell, const struct riv_gather *g)
{
    struct sample_cell *c = cell;
    riv__rows_init(&c->rows, g->in);
    riv__rows_init(&c->spare, g->in);
    c->limit = UINT64_MAX;
    return 0;
}

static void sample_fini(void *cell)
{
    struct sample_cell *c = cell;
    riv__rows_fini(&c->rows);
    riv__rows_fini(&c->spare);
    free(c->draw);
}

static void sample_reset(void *cell, const struct riv_gather *g)
{
    struct sample_cell *c = cell;
    (void)g;
    riv__rows_reset(&c->rows);
    c->n = c->place = c->at = 0;
    c->limit = UINT64_MAX;
}

static int draw_order(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Keeps the `most` least draws; the others' rows are forgotten. */
static int sample_thin(struct sample_cell *c, size_t most)
{
    qsort(c->draw, c->n, sizeof *c->draw, draw_order);
    c->n = RIV__MIN(c->n, most);
    riv__rows_reset(&c->spare);
    for (size_t i = 0; i < c->n; i++) {
        RIV__TRY(riv__rows_append(&c->spare,
                                  riv__rows_at(&c->rows, c->draw[i].row), 1));
        c->draw[i].row = i;
    }
    struct riv_rows was = c->rows;
    c->rows = c->spare;
    c->spare = was;
    if (c->n == most)
        c->limit = c->draw[c->n - 1].number;
    return 0;
}

static int sample_add(struct sample_cell *c, size_t most, uint64_t number,
                      const void *row)
{
    enum { SPARE_ROWS = 1024 };
    if (number > c->limit)
        return 0;
    RIV__TRY(RIV__VEC_ROOM(c->draw, c->cap, c->n + 1));
    c->draw[c->n] = (struct draw){ number, c->rows.n };
    RIV__TRY(riv__rows_append(&c->rows, row, 1));
    c->n++;
    if (c->n > SPARE_ROWS && (c->n - SPARE_ROWS) / 2 >= most)
        return sample_thin(c, most);
    return 0;
}

static int sample_take(void *cell, const struct riv_gather *g, uint64_t part,
                       const void *rows, size_t n)
{
    const struct sample_param *param = g->param;
    struct sample_cell *c = cell;
    uint64_t seed = riv__hash_mix(param->seed, part);
    const char *at = rows;
    for (size_t i = 0; i < n; i++, at += g->in->size)
        RIV__TRY(
            sample_add(c, param->most, riv__hash_mix(seed, c->place++), at));
    return 0;
}

static int sample_merge(void *total, const struct riv_gather *g, void *cell)
{
    const struct sample_param *param = g->param;
    struct sample_cell *from = cell;
    for (size_t i = 0; i < from->n; i++)
        RIV__TRY(sample_add(total, param->most, from->draw[i].number,
                            riv__rows_at(&from->rows, from->draw[i].row)));
    return 0;
}

static const struct riv_gather_ops sample_ops = {
    .bytes = sizeof(struct sample_cell),
    .init = sample_init,
    .fini = sample_fini,
    .reset = sample_reset,
    .take = sample_take,
    .merge = sample_merge,
};

/* ------------------------------------------------------ with replacement */

static int sizes_init(void *cell, const struct riv_gather *g)
{
    (void)cell, (void)g;
    return 0;
}

static void sizes_fini(void *cell)
{
    free(((struct sizes *)cell)->size);
}

static void sizes_reset(void *cell, const struct riv_gather *g)
{
    struct sizes *s = cell;
    (void)g;
    s->count = 0;
}

static int sizes_add(struct sizes *s, struct size size)
{
    RIV__TRY(RIV__VEC_ROOM(s->size, s->cap, s->count + 1));
    s->size[s->count++] = size;
    return 0;
}

static int sizes_take(void *cell, const struct riv_gather *g, uint64_t part,
                      const void *rows, size_t n)
{
    struct sizes *s = cell;
    (void)g, (void)rows;
    if (s->count == 0)
        RIV__TRY(sizes_add(s, (struct size){ .part = part }));
    s->size[0].n += (int64_t)n;
    return 0;
}

static int sizes_merge(void *total, const struct riv_gather *g, void *cell)
{
    const struct sizes *s = cell;
    (void)g;
    for (size_t i = 0; i < s->count; i++)
        RIV__TRY(sizes_add(total, s->size[i]));
    return 0;
}

static const struct riv_gather_ops sizes_ops = {
    .bytes = sizeof(struct sizes),
    .init = sizes_init,
    .fini = sizes_fini,
    .reset = sizes_reset,
    .take = sizes_take,
    .merge = sizes_merge,
};

/* The place of a partition's first row; one that had no rows has none: it comes
 * with rows only if its input has changed meanwhile. */
static int64_t first_of(const struct sizes *s, uint64_t part)
{
    size_t lo = 0, hi = s->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->size[mid].part < part)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->count && s->size[lo].part == part ? s->size[lo].n : -1;
}

/* The rows at the wanted places, as often as they are wanted. */
static int places_take(void *cell, const struct riv_gather *g, uint64_t part,
                       const void *rows, size_t n)
{
    const struct sample_param *param = g->param;
    struct sample_cell *c = cell;
    int64_t from = first_of(param->first, part);
    if (from < 0)
        return 0;
    from += (int64_t)c->place;
    while (c->at < param->nwanted && param->wanted[c->at] < from)
        c->at++;
    for (; c->at < param->nwanted && param->wanted[c->at] < from + (int64_t)n;
         c->at++) {
        const char *row = (const char *)rows +
                          (size_t)(param->wanted[c->at] - from) * g->in->size;
        RIV__TRY(
            sample_add(c, SIZE_MAX, riv__hash_mix(param->seed, c->at), row));
    }
    c->place += n;
    return 0;
}

static const struct riv_gather_ops places_ops = {
    .bytes = sizeof(struct sample_cell),
    .init = sample_init,
    .fini = sample_fini,
    .reset = sample_reset,
    .take = places_take,
    .merge = sample_merge,
};

static int place_order(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* n places of a dataset of `all` rows, each as likely, in order. */
static int64_t *places_draw(int64_t all, size_t n, uint64_t seed)
{
    int64_t *place = n < SIZE_MAX / 16 ? malloc((n + 1) * sizeof *place) : NULL;
    for (size_t i = 0; place && i < n; i++) {
        uint64_t draw = riv__hash_mix(riv__hash_mix(seed, 1), i);
        place[i] = (int64_t)((double)(draw >> 11) * 0x1p-53 * (double)all);
    }
    if (place)
        qsort(place, n, sizeof *place, place_order);
    return place;
}

/* Sizes become the places of first rows; returns the number of all rows. */
static int64_t sizes_sum(struct sizes *s)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        int64_t n = s->size[i].n;
        s->size[i].n = sum;
        sum += n;
    }
    return sum;
}

static int sample_again(struct riv_action *act, struct sample_param *param,
                        struct sample_cell *total)
{
    struct sizes s = { 0 };
    struct riv_gather g = { .ops = &sizes_ops, .total = &s };
    int64_t *place = NULL;
    int rc = riv__action_gather(act, act->rdd, &g);
    int64_t all = rc == 0 ? sizes_sum(&s) : 0;
    if (all > 0) {
        place = places_draw(all, param->most, param->seed);
        if (!place)
            rc = riv__action_fail(act, RIV_ENOMEM, "no memory for %zu draws",
                                  param->most);
        param->wanted = place;
        param->nwanted = param->most;
        param->first = &s;
        g = (struct riv_gather){ .ops = &places_ops,
                                 .param = param,
                                 .total = total };
        if (rc == 0)
            rc = riv__action_gather(act, act->rdd, &g);
    }
    free(place);
    sizes_fini(&s);
    return rc;
}

static int sample_result(struct riv_action *act, struct sample_cell *total,
                         size_t most, riv_result *out)
{
    if (total->n > 0)
        qsort(total->draw, total->n, sizeof *total->draw, draw_order);
    size_t n = RIV__MIN(total->n, most);
    const char **row = malloc((n + 1) * sizeof *row);
    if (!row)
        return riv__action_fail(act, RIV_ENOMEM, "no memory for its rows");
    for (size_t i = 0; i < n; i++)
        row[i] = riv__rows_at(&total->rows, total->draw[i].row);
    int rc = riv__action_result(act, act->rdd->layout, row, n, out);
    free(row);
    return rc;
}

static int how_check(struct riv_action *act, int how)
{
    if (how == RIV_WITHOUT_REPLACEMENT || how == RIV_WITH_REPLACEMENT)
        return 0;
    return riv__action_fail(act, RIV_EINVAL,
                            "%d is neither RIV_WITHOUT_REPLACEMENT nor "
                            "RIV_WITH_REPLACEMENT",
                            how);
}

int riv_take_sample(riv_ds *rdd, int how, size_t n, uint64_t seed,
                    riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_take_sample"));
    struct sample_param param = { .seed = seed, .most = n };
    struct sample_cell total = { 0 };
    struct riv_gather g = {
        .ops = &sample_ops, .in = rdd->layout, .param = &param, .total = &total
    };
    sample_init(&total, &g);
    int rc = how_check(&act, how);
    if (rc == 0 && n > 0)
        rc = how == RIV_WITH_REPLACEMENT ? sample_again(&act, &param, &total)
                                         : riv__action_gather(&act, rdd, &g);
    if (rc == 0)
        rc = sample_result(&act, &total, n, out);
    sample_fini(&total);
    return riv__action_end(&act, rc);
}
