/* keyed.c - W4 and W6: a window of 60 batches and a state by key beside what a
 * loop written by hand needs for the same, in one process, batch by batch in
 * turn, so that both meet the same machine. Rows of two integers lie in memory;
 * both sides walk over all they give out. Answers are compared in every batch.
 *   keyed window|window-max|state [BATCHES] [THREADS]
 *
 *   window      sums of 60 batches with inverse, 100 k rows a batch of 1 M keys,
 *               all keys given out each batch
 *   window-max  the greatest, without inverse; there is no loop beside it
 *   state       a sum for each of 1 M keys, 30 k updates a batch, given out
 * Prints a line of JSON, times in milliseconds of CPU a batch. */
#include <rivulet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "limit/table.h"

bool limit_huge = true;

enum { KEYS = 1 << 20, PANES = 60, ROWS_MAX = 100000, BATCHES_MAX = 10000 };
enum { WINDOW_ROWS = 100000, STATE_ROWS = 30000, PLACES = KEYS * 4 };

RIV_PAIR(row, int64_t, int64_t);

/* What came out of a batch: sums over keys and over values. */
struct answer {
    uint64_t n, keys, vals;
};

static atomic_ullong seen_n, seen_keys, seen_vals;
static row rows[ROWS_MAX];
static uint64_t seed = 1;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((seed >> 33) * below >> 31);
}

/* Keys are scattered; in the first batches of `all` every key comes once. */
static void rows_make(size_t n, uint32_t first, bool all)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t k = all ? (first + (uint32_t)i) % KEYS : draw(KEYS);
        rows[i] = (row){ (int64_t)k * 2654435761, 1 + draw(1000) };
    }
}

/* ------------------------------------------------------- a window by hand */

struct pane {
    uint32_t *slot;
    int64_t *val;
    size_t n;
};

struct by_hand {
    struct limit_iden tab; /* of the window */
    struct pane pane[PANES];
    size_t at;
    struct limit_int *state; /* of the state: entries in their places */
    struct limit_int *out;
};

/* The slot of each of a group of rows, whose values are added. */
static void window_group(struct limit_iden *tab, struct pane *pane,
                         const row *in, size_t n)
{
    uint32_t hash[LIMIT_GROUP];
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(in[i].key);
        __builtin_prefetch(&tab->cell[hash[i] & tab->mask]);
    }
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(
            &tab->entry[(uint32_t)tab->cell[hash[i] & tab->mask]], 1);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = hash[i];
        for (;; at++) {
            const uint64_t cell = tab->cell[at & tab->mask];
            if (cell >> 32 == hash[i] && cell != 0 &&
                tab->entry[(uint32_t)cell].key == in[i].key)
                break;
            if (cell == 0) {
                tab->entry[++tab->count] = (struct limit_int){ in[i].key, 0 };
                tab->cell[at & tab->mask] =
                    (uint64_t)hash[i] << 32 | tab->count;
                break;
            }
        }
        const uint32_t slot = (uint32_t)tab->cell[at & tab->mask];
        tab->entry[slot].sum += in[i].val;
        pane->slot[pane->n] = slot;
        pane->val[pane->n++] = in[i].val;
    }
}

static struct answer window_by_hand(struct by_hand *self, size_t n)
{
    struct pane *pane = &self->pane[self->at++ % PANES];
    struct limit_iden *tab = &self->tab;
    struct answer answer = { 0 };
    for (size_t i = 0; i < pane->n; i++)
        tab->entry[pane->slot[i]].sum -= pane->val[i];
    pane->n = 0;
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        window_group(tab, pane, rows + i,
                     n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    for (size_t slot = 1; slot <= tab->count; slot++) {
        const struct limit_int *e = &tab->entry[slot]; /* values are above 0 */
        const uint64_t in = 0 - (uint64_t)(e->sum != 0);
        answer.n -= in;
        answer.keys += in & (uint64_t)e->key;
        answer.vals += (uint64_t)e->sum;
    }
    return answer;
}

/* -------------------------------------------------------- a state by hand */

static void state_group(struct by_hand *self, const row *in,
                        struct limit_int *out, size_t n)
{
    uint32_t hash[LIMIT_GROUP];
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(in[i].key);
        __builtin_prefetch(&self->state[hash[i] % PLACES], 1);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = hash[i];
        while (self->state[at % PLACES].key != in[i].key &&
               self->state[at % PLACES].key != LIMIT_NO_KEY)
            at++;
        struct limit_int *e = &self->state[at % PLACES];
        *e = (struct limit_int){ in[i].key, e->sum + in[i].val };
        out[i] = *e;
    }
}

static struct answer state_by_hand(struct by_hand *self, size_t n)
{
    struct answer answer = { .n = n };
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        state_group(self, rows + i, self->out + i,
                    n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    for (size_t i = 0; i < n; i++) {
        answer.keys += (uint64_t)self->out[i].key;
        answer.vals += (uint64_t)self->out[i].sum;
    }
    return answer;
}

static struct by_hand *by_hand_new(void)
{
    struct by_hand *self = limit_map(sizeof *self);
    limit_iden_init(&self->tab, PLACES, 4);
    for (size_t i = 0; i < PANES; i++)
        self->pane[i] =
            (struct pane){ limit_map(ROWS_MAX * sizeof(uint32_t)),
                           limit_map(ROWS_MAX * sizeof(int64_t)), 0 };
    self->state = limit_map(PLACES * sizeof *self->state);
    for (size_t i = 0; i < PLACES; i++)
        self->state[i].key = LIMIT_NO_KEY;
    self->out = limit_map(ROWS_MAX * sizeof *self->out);
    return self;
}

/* -------------------------------------------------------------- the engine */

static int see_rows(const void *in, size_t n, riv_task *t)
{
    const row *at = in;
    uint64_t keys = 0, vals = 0;
    (void)t;
    for (size_t i = 0; i < n; i++) {
        keys += (uint64_t)at[i].key;
        vals += (uint64_t)at[i].val;
    }
    atomic_fetch_add(&seen_n, n);
    atomic_fetch_add(&seen_keys, keys);
    atomic_fetch_add(&seen_vals, vals);
    return 0;
}

RIV_MAP_WITH_STATE(add_up, row, int64_t, row);
static int add_up(const int64_t *key, const int64_t *v, int64_t *sum,
                  add_up_out *out, riv_task *t)
{
    (void)t;
    *sum += *v;
    riv_emit(out, (row){ *key, *sum });
    return 0;
}

static void build(riv_ds *in, const char *what)
{
    const riv_fn see = { .struct_size = sizeof see,
                         .op = RIV_OP_FOREACH,
                         .name = "see",
                         .where = __FILE__,
                         .in = &riv_type_row,
                         .rows = see_rows };
    const riv_fn *fold =
        strcmp(what, "window") == 0 ? riv_sum_i64 : riv_max_i64;
    riv_ds *out = strcmp(what, "state") == 0
                      ? riv_map_with_state(in, add_up_fn, NULL)
                      : riv_reduce_by_key_and_window(in, fold, RIV_SEC(PANES),
                                                     RIV_SEC(1), NULL);
    riv_foreach(out, &see, NULL);
}

static struct answer engine(riv *r, riv_ds *in, size_t n)
{
    seen_n = seen_keys = seen_vals = 0;
    if (riv_push(in, rows, n) != RIV_OK || riv_step(r, 1) != RIV_OK) {
        fprintf(stderr, "keyed: %s\n", riv_errmsg(r));
        exit(70);
    }
    return (struct answer){ seen_n, seen_keys, seen_vals };
}

/* ------------------------------------------------------------------ times */

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void times_print(const char *name, double *ms, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ms[i];
    qsort(ms, n, sizeof *ms, by_size);
    printf(",\"%s_ms\":%.3f,\"%s_mean_ms\":%.3f,\"%s_p99_ms\":%.3f,"
           "\"%s_worst_ms\":%.3f",
           name, ms[n / 2], name, sum / (double)n, name, ms[n * 99 / 100], name,
           ms[n - 1]);
}

static void same(struct answer a, struct answer b, size_t batch)
{
    if (a.n == b.n && a.keys == b.keys && a.vals == b.vals)
        return;
    fprintf(stderr, "keyed: batch %zu: %llu rows, by hand %llu\n", batch,
            (unsigned long long)a.n, (unsigned long long)b.n);
    exit(70);
}

int main(int argc, char **argv)
{
    static double ms[2][BATCHES_MAX];
    const char *what = argc > 1 ? argv[1] : "";
    const size_t batches = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
    const bool state = strcmp(what, "state") == 0;
    const bool hand = state || strcmp(what, "window") == 0;
    if ((!hand && strcmp(what, "window-max") != 0) || batches > BATCHES_MAX) {
        fprintf(stderr, "usage: keyed window|window-max|state [BATCHES]\n");
        return 64;
    }
    const size_t n = state ? STATE_ROWS : WINDOW_ROWS;
    const size_t warm_up = 2 * PANES;
    riv *r = riv_new(
        RIV_CONFIG(.threads = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1));
    riv_ds *in = riv_queue(r, &riv_type_row, NULL);
    struct by_hand *self = by_hand_new();
    build(in, what);
    for (size_t i = 0; i < warm_up + batches; i++) {
        struct answer by_hand = { 0 };
        rows_make(n, (uint32_t)(i * n), state && i * n < KEYS);
        double *to = ms[0] + (i < warm_up ? 0 : i - warm_up);
        double start = now_ms();
        if (hand)
            by_hand = state ? state_by_hand(self, n) : window_by_hand(self, n);
        *to = now_ms() - start;
        start = now_ms();
        const struct answer got = engine(r, in, n);
        to[BATCHES_MAX] = now_ms() - start;
        if (hand)
            same(got, by_hand, i);
    }
    printf("{\"bench\":\"%s\",\"batches\":%zu,\"rows\":%zu", what, batches, n);
    if (hand)
        times_print("limit", ms[0], batches);
    times_print("engine", ms[1], batches);
    printf("}\n");
    riv_free(r);
    return 0;
}
