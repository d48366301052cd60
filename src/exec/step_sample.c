/* exec/step_sample.c - random samples. Nothing random is kept: the draw for a
 * record is a hash of seed, batch, partition and place, so a task that is run
 * again draws the same, on any number of threads. A partition is named by the
 * input it comes from, its number there, and its way through unions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "exec/chain.h"
#include "exec/step.h"
#include "graph/ops.h"

enum { POISSON_PIECE = 16 }; /* exp(-mean) must not vanish */

static uint64_t task_seed(const struct riv_step *step)
{
    const struct riv_sample_param *param = step->ds->param;
    const struct riv_stage *stage = step->chain->stage;
    const riv_ds *top = riv__stage_input(stage);
    uint64_t h = riv__hash_mix(param->seed, (uint64_t)step->t.time);
    h = riv__hash_mix(riv__hash_mix(h, top->id), step->chain->partition);
    return step->way ? riv__hash_mix(h, step->way) : h;
}

/* The place of the next record in its partition. */
static uint64_t *place_of(riv_task *t)
{
    return riv_local(t, sizeof(uint64_t), NULL);
}

static double unit(uint64_t draw)
{
    return (double)(draw >> 11) * 0x1p-53;
}

/* Knuth's way, in pieces: how often a record is drawn. */
static uint64_t poisson(double mean, uint64_t seed)
{
    uint64_t times = 0, draws = 0;
    while (mean > 0) {
        double piece = RIV__MIN(mean, (double)POISSON_PIECE);
        double limit = exp(-piece), product = 1;
        for (;;) {
            product *= unit(riv__hash_mix(seed, ++draws));
            if (product <= limit)
                break;
            times++;
        }
        mean -= piece;
    }
    return times;
}

int riv__step_sample(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_sample_param *param = step->ds->param;
    const size_t size = step->row_bytes;
    const uint64_t seed = task_seed(step);
    uint64_t *place = place_of(t);
    const char *from = rows;
    char *to = t->cur;
    for (size_t i = 0; i < n; i++, from += size) {
        double draw = unit(riv__hash_mix(seed, (*place)++));
        memcpy(to, from, size);
        to += draw >= param->from && draw < param->until ? size : 0;
    }
    t->cur = to;
    return 0;
}

static void put_times(riv_task *t, const char *row, uint64_t times)
{
    for (; times > 0; times--)
        riv_put(t, row, 1);
}

int riv__step_sample_again(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_sample_param *param = step->ds->param;
    const uint64_t seed = task_seed(step);
    uint64_t *place = place_of(t);
    const char *at = rows;
    for (size_t i = 0; i < n; i++, at += step->row_bytes)
        put_times(t, at, poisson(param->mean, riv__hash_mix(seed, (*place)++)));
    return 0;
}

/* ----------------------------------------------------------------- by key */

/* The fraction of a key; below 0: none was given. */
static double fraction_of(const struct riv_sample_param *param, const void *key)
{
    size_t lo = 0, hi = param->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const char *at = param->fraction + mid * param->stride;
        int rc = riv__row_compare(param->key, at, key);
        if (rc == 0)
            return RIV__LOAD(double, at + param->val_offset);
        if (rc < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return -1;
}

static int no_fraction(riv_task *t, const void *row)
{
    return riv_task_bad(t, row,
                        riv_fail(t, "its key has no fraction to sample by"));
}

int riv__step_sample_by_key(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_sample_param *param = step->ds->param;
    const uint64_t seed = task_seed(step);
    uint64_t *place = place_of(t);
    const char *at = rows;
    for (size_t i = 0; i < n; i++, at += step->row_bytes) {
        double fraction = fraction_of(param, at);
        uint64_t draw = riv__hash_mix(seed, (*place)++);
        if (fraction < 0) {
            RIV__TRY(no_fraction(t, at));
            continue;
        }
        if (step->ds->number == RIV_SAMPLE_AGAIN)
            put_times(t, at, poisson(fraction, draw));
        else
            put_times(t, at, unit(draw) < fraction);
    }
    return 0;
}

/* Exactly ceil(n * fraction) of a key's values, each set of them as likely:
 * while k of the m that are left are wanted, the next is taken with k / m
 * (Knuth's selection sampling). Values come in a fixed order. */
static void sample_group(riv_task *t, const riv_group *g, double fraction)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_sample_param *param = step->ds->param;
    const riv_type *pair = step->ds->layout->type;
    const uint32_t key = pair->fields[0].type->size;
    const uint32_t val = pair->fields[1].type->size;
    uint64_t seed = riv__hash_mix(param->seed, (uint64_t)t->time);
    double want = ceil((double)g->na * RIV__MIN(fraction, 1.0));
    char *row = riv_alloc(t, pair->size);
    seed = riv__hash_mix(seed, riv__hash_row(param->key, g->key));
    memset(row, 0, pair->size);
    memcpy(row, g->key, key);
    for (size_t i = 0; i < g->na && want > 0; i++) {
        double left = (double)(g->na - i);
        if (unit(riv__hash_mix(seed, i)) * left >= want)
            continue;
        memcpy(row + pair->fields[1].offset, (const char *)g->a + i * val, val);
        riv_put(t, row, 1);
        want -= 1;
    }
}

int riv__step_sample_exact(const void *rows, size_t n, riv_task *t)
{
    const struct riv_sample_param *param = riv__step_of(t)->ds->param;
    const riv_group *g = rows;
    for (size_t i = 0; i < n; i++) {
        double fraction = fraction_of(param, g[i].key);
        t->mark = t->cur;
        if (fraction < 0)
            RIV__TRY(no_fraction(t, NULL));
        else
            sample_group(t, &g[i], fraction);
    }
    return 0;
}
