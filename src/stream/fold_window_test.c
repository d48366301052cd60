/* stream/fold_window_test.c - panes that enter and leave, below the operator:
 * what batches on a steady clock cannot show. Times jump, as when late batches
 * are merged; keys die by the thousand; and no slide does the work of all. */
#include "stream/fold_window.h"

#include <stdlib.h>

#include "base/test.h"
#include "stream/keyed.h"

enum { PANES = 24, PARTS = 4, PARTS_MAX = 16, KEYS = 3000, TIMES = 400 };
enum { ALL_KEYS = 100000 };

RIV_PAIR(pair, int64_t, int64_t);

static uint64_t folds; /* calls of the reducers */

RIV_REDUCE(add, int64_t);
static void add(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += *v;
    folds++;
}

RIV_REDUCE(subtract, int64_t);
static void subtract(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
    folds++;
}

struct world {
    struct riv_graph graph;
    struct riv_settings conf;
    struct riv_exec exec;
    struct riv_plan plan;
    struct riv_op op;
    struct riv_keyed_part part;
    struct riv_part *parts[1];
    struct riv_window window;
    struct riv_fold_window fw[PARTS_MAX];
    uint32_t nfw;
    int64_t value[TIMES][KEYS]; /* 0: the key is not in the batch */
    int64_t base[TIMES];        /* of the keys of the batch */
    int64_t time[TIMES];
    int n;
};

static struct world *world_new(const riv_fn *inverse)
{
    struct world *w = calloc(1, sizeof *w);
    struct riv_err err = { 0 };
    assert_non_null(w);
    riv__graph_init(&w->graph, NULL);
    w->conf.interval_ms = 1000;
    w->exec.conf = &w->conf;
    riv_ds *in = riv__op_queue(&w->graph, &riv_type_pair, NULL);
    riv_ds *ds = riv_reduce_by_key_and_window(in, add_fn, RIV_SEC(PANES), 0,
                                              RIV_OPT(.subtract = inverse));
    assert_int_equal(w->graph.err.code, 0);
    w->parts[0] = &w->part.base;
    w->op = (struct riv_op){ .exec = &w->exec,
                             .plan = &w->plan,
                             .ds = ds,
                             .part = w->parts,
                             .npart = 1 };
    w->part.base.op = &w->op;
    const struct riv_window_param *param = ds->param;
    assert_int_equal(
        riv__keyed_open(&w->part.base, param->reduce.key, PARTS, &err), 0);
    assert_int_equal(riv__window_init(&w->window, &w->op, &err), 0);
    w->nfw = PARTS;
    for (uint32_t k = 0; k < PARTS; k++)
        assert_int_equal(
            riv__fold_window_init(&w->fw[k], ds, &w->window, k, PARTS, &err),
            0);
    return w;
}

static void world_free(struct world *w)
{
    for (uint32_t k = 0; k < w->nfw; k++)
        riv__fold_window_fini(&w->fw[k]);
    riv__keyed_close(&w->part.base);
    riv__graph_fini(&w->graph);
    free(w);
}

/* A batch with what is in w->value[w->n] at this time. */
static void slide(struct world *w, int64_t time)
{
    struct riv_err err = { 0 };
    w->op.time = w->time[w->n] = time;
    assert_int_equal(riv__keyed_begin(&w->part.base, &err), 0);
    for (int64_t k = 0; k < KEYS; k++) {
        const pair row = { w->base[w->n] + k, w->value[w->n][k] };
        if (row.val != 0)
            assert_int_equal(riv__keyed_take(&w->part.base, 0, &row, 1, &err),
                             0);
    }
    for (uint32_t k = 0; k < w->nfw; k++) {
        const struct riv_fold_rows rows = {
            .run = riv__keyed_rows(&w->op, 0, k),
            .nrun = 1,
            .size = sizeof(pair),
            .time = time,
        };
        assert_int_equal(riv__fold_window_slide(&w->fw[k], &rows, &err), 0);
    }
    w->n++;
}

/* Every living key has the sum over the window, and no other lives. */
static void check(struct world *w)
{
    static int64_t sum[ALL_KEYS];
    struct riv_err err = { 0 };
    size_t want = 0, have = 0;
    memset(sum, 0, sizeof sum);
    for (int i = 0; i < w->n; i++)
        for (int64_t k = 0; k < KEYS; k++)
            if (w->time[i] > w->op.time - RIV_SEC(PANES))
                sum[w->base[i] + k] += w->value[i][k];
    for (int64_t k = 0; k < ALL_KEYS; k++)
        want += sum[k] != 0;
    for (uint32_t p = 0; p < w->nfw; p++) {
        struct riv_fold_window *fw = &w->fw[p];
        for (uint32_t slot = 0; slot < fw->slots.tab.nslot; slot++) {
            int64_t key, val;
            if (*riv__slots_life(&fw->slots, slot) == 0)
                continue;
            assert_int_equal(
                riv__table_keys(&fw->slots.tab, slot, 1, &key, 8, &err), 0);
            fw->ops->results(fw, &slot, 1, (char *)&val, 8);
            assert_int_equal(val, sum[key]);
            have++;
        }
    }
    assert_int_equal(have, want);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *seed >> 33;
}

/* Values are above 0, so that a sum of 0 says that the key is gone. */
static void fill(struct world *w, uint64_t *seed, int64_t from, int64_t keys,
                 int n)
{
    for (int i = 0; i < n; i++)
        w->value[w->n][from + (int64_t)(next_random(seed) % (uint64_t)keys)] =
            1 + (int64_t)(next_random(seed) % 100);
}

static void jump_about(const riv_fn *inverse, uint64_t seed)
{
    struct world *w = world_new(inverse);
    int64_t time = 0;
    for (int i = 0; i < 200; i++) {
        uint64_t how = next_random(&seed) % 8;
        int64_t steps = how == 0 ? (int64_t)(next_random(&seed) % 40) : 0;
        time += RIV_SEC(1 + steps);
        if (how != 1)
            fill(w, &seed, 0, how == 2 ? 10 : 500, (int)(seed % 200));
        slide(w, time);
        check(w);
    }
    world_free(w);
}

RIV_TEST(times_that_jump_leave_the_window_right)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        jump_about(NULL, seed);
        jump_about(subtract_fn, seed);
    }
}

/* Keys come in waves and never again: slots are numbered anew many times while
 * panes hold them. In the window are at most 24 times 300 keys of the 72,000. */
static void die_in_waves(const riv_fn *inverse)
{
    struct world *w = world_new(inverse);
    uint64_t seed = 5;
    uint32_t most = 0;
    for (int i = 0; i < 300; i++) {
        w->base[w->n] = i * 240;
        fill(w, &seed, 0, 300, 400);
        slide(w, RIV_SEC(i + 1));
        check(w);
        for (uint32_t k = 0; k < PARTS; k++)
            most = RIV__MAX(most, w->fw[k].slots.tab.nslot);
    }
    assert_in_range(most, 1, 5 * PANES * 300 / PARTS + 1024);
    world_free(w);
}

RIV_TEST(keys_that_die_give_their_slots_back)
{
    die_in_waves(NULL);
    die_in_waves(subtract_fn);
}

/* 300 keys in every batch. Two stacks fold a value at most three times: into
 * the back, in the flip, and the front with the back of its key at the flip;
 * and no slide has more than twice the folds of the mean. */
RIV_TEST(no_slide_does_the_work_of_all)
{
    struct world *w = world_new(NULL);
    uint64_t most = 0, sum = 0;
    for (int i = 0; i < 3 * PANES; i++) {
        for (int64_t k = 0; k < 300; k++)
            w->value[w->n][k * 7] = 1 + k;
        folds = 0;
        slide(w, RIV_SEC(i + 1));
        if (i >= 2 * PANES) {
            sum += folds;
            most = folds > most ? folds : most;
        }
        check(w);
    }
    assert_in_range(sum, 1, 3 * 300 * PANES);
    assert_in_range(most, 1, 2 * sum / PANES);
    world_free(w);
}

RIV_TEST(an_empty_batch_makes_no_pane)
{
    struct world *w = world_new(NULL);
    w->value[0][1] = 5;
    slide(w, RIV_SEC(1));
    slide(w, RIV_SEC(2));
    size_t panes = 0;
    for (uint32_t k = 0; k < PARTS; k++)
        panes += w->fw[k].n;
    assert_int_equal(panes, 1);
    check(w);
    world_free(w);
}

/* ------------------------------------------------------------- as bytes */

static void write_down(struct riv_fold_window *fw, struct riv_buf *to)
{
    riv__buf_init(to, 0);
    assert_int_equal(riv__fold_window_write(fw, to, NULL), 0);
}

/* Each partition goes through bytes, which are those of what was read, too. */
static void restart(struct world *w)
{
    struct riv_err err = { 0 };
    for (uint32_t k = 0; k < w->nfw; k++) {
        struct riv_buf bytes, again;
        write_down(&w->fw[k], &bytes);
        riv__fold_window_fini(&w->fw[k]);
        assert_int_equal(riv__fold_window_init(&w->fw[k], w->op.ds, &w->window,
                                               k, w->nfw, &err),
                         0);
        assert_int_equal(riv__fold_window_read(
                             &w->fw[k], (riv_str){ bytes.p, bytes.n }, &err),
                         0);
        write_down(&w->fw[k], &again);
        assert_int_equal(bytes.n, again.n);
        assert_memory_equal(bytes.p, again.p, bytes.n);
        riv__buf_fini(&bytes);
        riv__buf_fini(&again);
    }
}

/* The same batches with and without restarts end in the same bytes: slots,
 * flips and folds are the same. */
static void restart_about(const riv_fn *inverse, uint64_t seed)
{
    struct world *w = world_new(inverse), *twin = world_new(inverse);
    for (int i = 0; i < 150; i++) {
        uint64_t same = seed;
        w->base[i] = twin->base[i] = i * 100;
        fill(w, &seed, 0, 300, (int)(seed % 200));
        fill(twin, &same, 0, 300, (int)(same % 200));
        slide(w, RIV_SEC(i + 1));
        slide(twin, RIV_SEC(i + 1));
        if (next_random(&seed) % 8 == 0)
            restart(w);
        check(w);
    }
    for (uint32_t k = 0; k < PARTS; k++) {
        struct riv_buf one, two;
        write_down(&w->fw[k], &one);
        write_down(&twin->fw[k], &two);
        assert_int_equal(one.n, two.n);
        assert_memory_equal(one.p, two.p, one.n);
        riv__buf_fini(&one);
        riv__buf_fini(&two);
    }
    world_free(w);
    world_free(twin);
}

RIV_TEST(a_window_goes_on_from_its_bytes_as_if_nothing_had_been)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        restart_about(NULL, seed);
        restart_about(subtract_fn, seed);
    }
}

/* To n partitions. */
static void deal_out(struct world *w, uint32_t n)
{
    struct riv_fold_window to[PARTS_MAX];
    struct riv_err err = { 0 };
    for (uint32_t k = 0; k < n; k++)
        assert_int_equal(
            riv__fold_window_init(&to[k], w->op.ds, &w->window, k, n, &err), 0);
    for (uint32_t k = 0; k < w->nfw; k++) {
        assert_int_equal(riv__fold_window_settle(&w->fw[k]), 0);
        assert_int_equal(riv__fold_window_deal(&w->fw[k], to, n, &err), 0);
        riv__fold_window_fini(&w->fw[k]);
    }
    memcpy(w->fw, to, n * sizeof *to);
    w->nfw = n;
    riv__keyed_close(&w->part.base);
    w->part = (struct riv_keyed_part){ .base = { .op = &w->op } };
    const struct riv_window_param *param = w->op.ds->param;
    assert_int_equal(riv__keyed_open(&w->part.base, param->reduce.key, n, &err),
                     0);
}

static void deal_about(const riv_fn *inverse, uint64_t seed)
{
    static const uint32_t parts[] = { 3, 16, 1, 5, 4 };
    struct world *w = world_new(inverse);
    for (int i = 0; i < 200; i++) {
        w->base[i] = i * 50;
        fill(w, &seed, 0, 300, (int)(seed % 200));
        slide(w, RIV_SEC(i + 1));
        if (i % 20 == 7)
            deal_out(w, parts[i / 20 % 5]);
        check(w);
    }
    world_free(w);
}

RIV_TEST(a_window_may_be_dealt_out_to_other_partitions)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        deal_about(NULL, seed);
        deal_about(subtract_fn, seed);
    }
}

/* Cut anywhere, or with a byte changed: an error or another window, no crash. */
RIV_TEST(damaged_bytes_of_a_window_are_no_crash)
{
    struct world *w = world_new(NULL);
    struct riv_buf bytes;
    uint64_t seed = 3;
    for (int i = 0; i < 10; i++) {
        fill(w, &seed, 0, 20, 20);
        slide(w, RIV_SEC(i + 1));
    }
    write_down(&w->fw[0], &bytes);
    for (size_t i = 0; i < bytes.n; i++) {
        struct riv_fold_window fw;
        struct riv_err err = { 0 };
        riv_str cut = { bytes.p, i };
        assert_int_equal(
            riv__fold_window_init(&fw, w->op.ds, &w->window, 0, PARTS, &err),
            0);
        assert_int_equal(riv__fold_window_read(&fw, cut, &err),
                         RIV_ECHECKPOINT);
        riv__fold_window_fini(&fw);
        bytes.p[i] = (char)~bytes.p[i];
        assert_int_equal(
            riv__fold_window_init(&fw, w->op.ds, &w->window, 0, PARTS, &err),
            0);
        cut.n = bytes.n;
        int rc = riv__fold_window_read(&fw, cut, &err);
        assert_true(rc == 0 || rc == RIV_ECHECKPOINT);
        riv__fold_window_fini(&fw);
        bytes.p[i] = (char)~bytes.p[i];
    }
    riv__buf_fini(&bytes);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(times_that_jump_leave_the_window_right),
        RIV_CASE(keys_that_die_give_their_slots_back),
        RIV_CASE(no_slide_does_the_work_of_all),
        RIV_CASE(an_empty_batch_makes_no_pane),
        RIV_CASE(a_window_goes_on_from_its_bytes_as_if_nothing_had_been),
        RIV_CASE(a_window_may_be_dealt_out_to_other_partitions),
        RIV_CASE(damaged_bytes_of_a_window_are_no_crash),
    };
    return RIV_RUN(tests);
}
