/* keyed.c - W4 and W6: a window of 60 batches and a state by key beside what a
 * loop written by hand needs for the same, in one process, batch by batch in
 * turn, so that both meet the same machine. Rows of two integers lie in memory;
 * both sides walk over all they give out. Answers are compared in every batch.
 *   keyed window|window-max|state|update [BATCHES] [THREADS] [KEYS]
 *
 *   window      sums of 60 batches with inverse, 100 k rows a batch of 2^20 keys
 *               (KEYS), all keys given out each batch
 *   window-max  the greatest, without inverse
 *   state       map_with_state: a sum for each key, 30 k updates a batch, given
 *               out
 *   update      update_state_by_key: the same, all states given out each batch
 * Prints a line of JSON, times in milliseconds of CPU a batch. */
#include <rivulet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "limit/keyed.h"
#include "times.h"

bool limit_huge = true;

enum { BATCHES_MAX = 10000, STATE_ROWS = 30000, KEYS_MAX = 100000000 };

RIV_PAIR(row, int64_t, int64_t);

static atomic_ullong seen_n, seen_keys, seen_vals;
static row rows[ROWS_MAX]; /* which the limits read as struct limit_int */
static uint32_t keys = 1 << 20;
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
        const uint32_t k = all ? (first + (uint32_t)i) % keys : draw(keys);
        rows[i] = (row){ (int64_t)k * 2654435761, 1 + draw(1000) };
    }
}

/* -------------------------------------------------------------- the engine */

static int see_rows(const void *in, size_t n, riv_task *t)
{
    const row *at = in;
    uint64_t sum = 0, vals = 0;
    (void)t;
    for (size_t i = 0; i < n; i++) {
        sum += (uint64_t)at[i].key;
        vals += (uint64_t)at[i].val;
    }
    atomic_fetch_add(&seen_n, n);
    atomic_fetch_add(&seen_keys, sum);
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

RIV_UPDATE_STATE(add_all, row, row);
static int add_all(const int64_t *key, const int64_t *v, size_t n, int64_t *sum,
                   riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *sum += v[i];
    return 0;
}

enum what { WINDOW, WINDOW_MAX, STATE, UPDATE, NWHAT };
static const char *const names[NWHAT] = { "window", "window-max", "state",
                                          "update" };

static riv_ds *work(riv_ds *in, enum what what)
{
    switch (what) {
    case STATE: return riv_map_with_state(in, add_up_fn, NULL);
    case UPDATE: return riv_update_state_by_key(in, add_all_fn, NULL);
    default:
        return riv_reduce_by_key_and_window(
            in, what == WINDOW ? riv_sum_i64 : riv_max_i64, RIV_SEC(PANES),
            RIV_SEC(1), NULL);
    }
}

static void build(riv_ds *in, enum what what)
{
    const riv_fn see = { .struct_size = sizeof see,
                         .op = RIV_OP_FOREACH,
                         .name = "see",
                         .where = __FILE__,
                         .in = &riv_type_row,
                         .rows = see_rows };
    riv_foreach(work(in, what), &see, NULL);
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

/* ----------------------------------------------------------------- batches */

static void same(struct answer a, struct answer b, size_t batch)
{
    if (a.n == b.n && a.keys == b.keys && a.vals == b.vals)
        return;
    fprintf(stderr, "keyed: batch %zu: %llu rows, by hand %llu\n", batch,
            (unsigned long long)a.n, (unsigned long long)b.n);
    exit(70);
}

static struct answer by_hand(enum what what, void *self, size_t n)
{
    const struct limit_int *in = (const void *)rows;
    switch (what) {
    case WINDOW: return window_by_hand(self, in, n);
    case WINDOW_MAX: return stacks_by_hand(self, in, n);
    case UPDATE: return update_by_hand(self, in, n);
    default: return state_by_hand(self, in, n);
    }
}

static bool is_state(enum what what)
{
    return what == STATE || what == UPDATE;
}

/* A batch by hand and by the engine, into times of both. While states are filled
 * batches are as large as they may be. */
static void batch(enum what what, void *self, riv *r, riv_ds *in, size_t i,
                  double *ret_hand, double *ret_engine)
{
    const bool fills = is_state(what) && i * ROWS_MAX < keys;
    const size_t n = fills || !is_state(what) ? ROWS_MAX : STATE_ROWS;
    rows_make(n, (uint32_t)(i * n), fills);
    double start = now_ms();
    const struct answer want = by_hand(what, self, n);
    *ret_hand = now_ms() - start;
    start = now_ms();
    const struct answer got = engine(r, in, n);
    *ret_engine = now_ms() - start;
    same(got, want, i);
}

static struct keyed_size sizes(void)
{
    uint32_t places = 1;
    while (places < 4 * keys)
        places *= 2;
    return (struct keyed_size){ keys, places };
}

/* A number of the command line; what is not there is `usual`. */
static size_t number(int argc, char **argv, int i, size_t usual)
{
    return i < argc ? strtoul(argv[i], NULL, 10) : usual;
}

int main(int argc, char **argv)
{
    static double ms[2][BATCHES_MAX];
    const size_t batches = number(argc, argv, 2, 200);
    enum what what = WINDOW;
    while (what < NWHAT && (argc < 2 || strcmp(argv[1], names[what]) != 0))
        what++;
    keys = (uint32_t)number(argc, argv, 4, keys);
    if (what == NWHAT || batches == 0 || batches > BATCHES_MAX || keys == 0 ||
        keys > KEYS_MAX) {
        fprintf(stderr, "usage: keyed window|window-max|state|update [BATCHES] "
                        "[THREADS] [KEYS]\n");
        return 64;
    }
    riv *r = riv_new(RIV_CONFIG(.threads = (int)number(argc, argv, 3, 1)));
    riv_ds *in = riv_queue(r, &riv_type_row, NULL);
    void *self = what == WINDOW_MAX ? (void *)stacks_new(sizes())
                                    : (void *)by_hand_new(sizes());
    build(in, what);
    const size_t warm_up = 2 * PANES + keys / ROWS_MAX;
    for (size_t i = 0; i < warm_up + batches; i++) {
        const size_t to = i < warm_up ? 0 : i - warm_up;
        batch(what, self, r, in, i, &ms[0][to], &ms[1][to]);
    }
    printf("{\"bench\":\"%s\",\"batches\":%zu,\"rows\":%d,\"keys\":%u",
           names[what], batches, is_state(what) ? STATE_ROWS : ROWS_MAX,
           (unsigned)keys);
    times_print("limit", ms[0], batches);
    times_print("engine", ms[1], batches);
    printf("}\n");
    riv_free(r);
    return 0;
}
