/* sim/check_op.c - what the operators must have given for a batch. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/check_parts.h"

static void want(struct check *c, unsigned key, int64_t val)
{
    rows_add(&c->want, (int)key, val);
}

static bool is_due(const struct check *c)
{
    return (c->batch[0].time - c->zero_ms) % c->conf.slide_ms == 0;
}

/* Batches of the window that ends now: the first n of c->batch. */
static size_t window_batches(const struct check *c)
{
    const int64_t left = c->batch[0].time - c->conf.length_ms;
    size_t n = 0;
    while (n < RIV__LEN(c->batch) && n <= c->batches && c->batch[n].time > left)
        n++;
    return n;
}

static void want_sum(struct check *c)
{
    const struct batch *b = &c->batch[0];
    for (unsigned k = 0; k < KEYS; k++)
        if (b->count[k] > 0)
            want(c, k, b->sum[k]);
}

static void want_max(struct check *c)
{
    const struct batch *b = &c->batch[0];
    for (unsigned k = 0; k < KEYS; k++)
        if (b->count[k] > 0)
            want(c, k, b->max[k]);
}

static void want_count(struct check *c)
{
    want(c, 0, (int64_t)c->batch[0].n);
}

static void want_total(struct check *c)
{
    const struct batch *b = &c->batch[0];
    for (unsigned k = 0; k < KEYS; k++) {
        if (b->count[k] > 0) {
            c->total[k] = (c->has_total[k] ? c->total[k] : 0) + b->sum[k];
            c->has_total[k] = true;
            c->idle[k] = 0;
        } else if (c->has_total[k] && ++c->idle[k] >= c->conf.idle_max) {
            c->has_total[k] = false;
        }
        if (c->has_total[k])
            want(c, k, c->total[k]);
    }
}

/* A key that times out gives its state, negative. */
static void want_state(struct check *c)
{
    const struct batch *b = &c->batch[0];
    for (unsigned k = 0; k < KEYS; k++) {
        for (uint64_t i = 0; i < b->count[k]; i++) {
            c->state[k] = (c->has_state[k] ? c->state[k] : 0) + 1;
            c->has_state[k] = true;
            c->touched_ms[k] = b->time;
            want(c, k, c->state[k]);
        }
        if (c->has_state[k] &&
            b->time - c->touched_ms[k] > c->conf.timeout_ms) {
            c->has_state[k] = false;
            want(c, k, -c->state[k]);
        }
    }
}

/* Behind want_state. */
static void want_snaps(struct check *c)
{
    for (unsigned k = 0; k < KEYS; k++)
        if (c->has_state[k])
            want(c, k, c->state[k]);
}

static void want_wsum(struct check *c)
{
    const size_t n = window_batches(c);
    for (unsigned k = 0; k < KEYS; k++) {
        uint64_t count = 0;
        int64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            count += c->batch[i].count[k];
            sum += c->batch[i].sum[k];
        }
        if (count > 0)
            want(c, k, sum);
    }
}

static void want_wmax(struct check *c)
{
    const size_t n = window_batches(c);
    for (unsigned k = 0; k < KEYS; k++) {
        uint64_t count = 0;
        int64_t max = INT64_MIN;
        for (size_t i = 0; i < n; i++) {
            count += c->batch[i].count[k];
            if (c->batch[i].count[k] > 0)
                max = RIV__MAX(max, c->batch[i].max[k]);
        }
        if (count > 0)
            want(c, k, max);
    }
}

static void want_wcount(struct check *c)
{
    const size_t n = window_batches(c);
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += c->batch[i].n;
    if (count > 0)
        want(c, 0, (int64_t)count);
}

static void want_join(struct check *c)
{
    const struct batch *b = &c->batch[0];
    for (unsigned k = 0; k < KEYS; k++)
        if (b->count[k] > 0)
            want(c, k, 10000 * b->sum[k] + b->max[k]);
}

static const struct {
    const char *name;
    void (*want)(struct check *c);
    bool window;
} ops[OPS] = {
    { "reduce_by_key, sum", want_sum, false },
    { "reduce_by_key, max", want_max, false },
    { "count", want_count, false },
    { "update_state_by_key", want_total, false },
    { "map_with_state", want_state, false },
    { "state_snapshots", want_snaps, false },
    { "window with inverse", want_wsum, true },
    { "window without inverse", want_wmax, true },
    { "count_by_window", want_wcount, true },
    { "window of rows, sum", want_wsum, true },
    { "join", want_join, false },
    { "action in foreach_rdd", want_count, false },
};

/* A record must be in a result: late ticks may be merged, but not over the only
 * window that has it. */
static void windows_passed(struct check *c)
{
    const struct check_conf *conf = &c->conf;
    const bool due = is_due(c);
    for (size_t i = 0; i < RIV__LEN(c->batch) && i <= c->batches; i++) {
        struct batch *b = &c->batch[i];
        const int64_t behind = (b->time - c->zero_ms) % conf->slide_ms;
        const int64_t ahead = behind > 0 ? conf->slide_ms - behind : 0;
        const bool in = c->batch[0].time < b->time + conf->length_ms;
        b->shown |= due && in;
        if (b->n > 0 && !b->shown && !in && ahead < conf->length_ms)
            sched_fail(
                "%" PRIu64 " records of %" PRId64
                " are in no window that was given; the window of %" PRId64
                " should have them; it is %" PRId64,
                b->n, b->time, b->time + ahead, c->batch[0].time);
    }
}

const char *check_folder(unsigned index)
{
    static const char *const folder[OPS] = {
        "/out/sum/",    "/out/max/",   "/out/count/", "/out/total/",
        "/out/state/",  "/out/snaps/", "/out/wsum/",  "/out/wmax/",
        "/out/wcount/", "/out/wrows/", "/out/join/",  "/out/action/",
    };
    return folder[index];
}

static int by_row(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->val < y->val ? -1 : x->val > y->val;
}

static void rows_sort(struct rows *rows)
{
    if (rows->n > 1)
        qsort(rows->row, rows->n, sizeof *rows->row, by_row);
}

static void compare(struct check *c, const char *name, struct rows *got)
{
    struct rows *wanted = &c->want;
    rows_sort(got);
    rows_sort(wanted);
    size_t i = 0;
    while (i < got->n && i < wanted->n &&
           by_row(&got->row[i], &wanted->row[i]) == 0)
        i++;
    if (i == got->n && i == wanted->n)
        return;
    const struct row none = { -1, 0 };
    const struct row *g = i < got->n ? &got->row[i] : &none;
    const struct row *e = i < wanted->n ? &wanted->row[i] : &none;
    sched_fail("%s, batch %" PRIu64 " of %" PRId64
               ": %zu rows, %zu are right; row %zu is k%d %" PRId64
               ", k%d %" PRId64 " is right",
               name, c->batches + 1, c->batch[0].time, got->n, wanted->n, i,
               g->key, g->val, e->key, e->val);
}

void check_ops(struct check *c)
{
    if (c->conf.ops & OPS_OF_WINDOWS)
        windows_passed(c);
    for (unsigned k = 0; k < OPS; k++) {
        c->want.n = 0;
        if (!(c->conf.ops & 1u << k))
            continue;
        if (!ops[k].window || is_due(c))
            ops[k].want(c);
        if (c->conf.canary == CANARY_STATE && c->rows[k].n > 0)
            c->rows[k].row[0].val++;
        compare(c, ops[k].name, &c->rows[k]);
        for (size_t i = 0; i < c->rows[k].n; i++)
            sched_mix((uint64_t)c->rows[k].row[i].key,
                      (uint64_t)c->rows[k].row[i].val);
        c->rows[k].n = 0;
    }
}
