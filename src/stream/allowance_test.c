/* stream/allowance_test.c - what batches may take in while windows keep them, in a
 * world whose memory follows from what stands: no clock, no rows. */
#include "stream/allowance.h"

#include "base/test.h"
#include "conf/settings.h"
#include "exec/memory.h"
#include "exec/standing.h"

enum { MIB = 1 << 20, BATCHES_MAX = 4000, LIMIT = 64 * MIB };

/* A window over `batches` ones, each result of `slide` of them. */
struct kind {
    int batches, slide;
    double per_byte; /* rows for a byte of input */
    double keeps;    /* memory for a byte that stands */
    double shows;    /* and more of it for a byte that a result is made of */
    int64_t base;
    int64_t freed; /* goes back only when it is asked for */
};

struct world {
    struct riv_op op;
    struct riv_op_ops ops;
    riv_ds ds;
    struct riv_op *list[1];
    struct riv_plan plan;
    struct riv_exec exec;
    struct riv_sys sys;
    struct riv_settings conf;
    struct riv_allowance allow;
    struct kind kind;
    uint64_t added[BATCHES_MAX + 1];
    int64_t n; /* batches that have run */
    int64_t has, most, unneeded;
};

static struct world *world_of(const struct riv_op *op)
{
    return (struct world *)(uintptr_t)op;
}

static int64_t reach(const struct riv_op *op)
{
    return world_of(op)->kind.batches * 1000;
}

static uint64_t stands(const struct riv_op *op, int64_t since_ms)
{
    const struct world *w = world_of(op);
    uint64_t sum = 0;
    for (int64_t i = RIV__MAX(since_ms / 1000 + 1, 1); i <= w->n; i++)
        sum += w->added[i];
    return sum;
}

static const struct riv_standing_ops standing = { reach, stands };

static struct world *now; /* whose memory is asked for */

static int64_t memory(struct riv_sys *sys, bool gives_back)
{
    (void)sys;
    if (gives_back)
        now->unneeded = 0;
    return now->has + now->unneeded;
}

static void world_init(struct world *w, const struct kind *kind)
{
    *w = (struct world){ .kind = *kind, .ops = { .standing = &standing } };
    w->ds.slide_ms = kind->slide * 1000;
    w->op = (struct riv_op){ .ops = &w->ops, .ds = &w->ds };
    w->list[0] = &w->op;
    w->sys.memory = memory;
    w->conf.interval_ms = 1000;
    w->conf.memory_bytes_max = LIMIT;
    w->exec.sys = &w->sys;
    w->exec.conf = &w->conf;
    w->plan.exec = &w->exec;
    w->plan.op = w->list;
    w->plan.nop = 1;
    w->has = kind->base;
    now = w;
}

/* One batch of at most so many bytes. What it took. */
static uint64_t batch(struct world *w, uint64_t offered)
{
    const struct kind *kind = &w->kind;
    struct riv_err err = { 0 };
    const int64_t time = (w->n + 1) * 1000;
    assert_int_equal(riv__allowance_open(&w->allow, &w->plan, time, &err), 0);
    const uint64_t took = RIV__MIN(offered, riv__allowance_left(&w->allow));
    riv__allowance_took(&w->allow, took);
    w->n++;
    w->plan.time = time;
    w->plan.stats.bytes = took;
    w->added[w->n] = (uint64_t)((double)took * kind->per_byte);
    const double all = (double)stands(&w->op, time - reach(&w->op));
    const bool due = w->n % kind->slide == 0;
    const int64_t had = w->has;
    w->has =
        kind->base + (int64_t)(all * (kind->keeps + (due ? kind->shows : 0)));
    if (w->has < had)
        w->unneeded = RIV__MIN(w->unneeded + had - w->has, kind->freed);
    w->most = RIV__MAX(w->most, riv__memory_now(&w->exec));
    riv__allowance_done(&w->allow);
    return took;
}

/* An input that is cut after another gets what that has left. */
static void what_one_input_took_the_next_does_not_get(void **state)
{
    static struct world w;
    const struct kind kind = { 3, 1, 1.2, 1.1, 0, 6 * MIB, 0 };
    struct riv_err err = { 0 };
    (void)state;
    world_init(&w, &kind);
    assert_int_equal(riv__allowance_open(&w.allow, &w.plan, 1000, &err), 0);
    const uint64_t all = riv__allowance_left(&w.allow);
    assert_in_range(all, 1000, LIMIT);
    riv__allowance_took(&w.allow, all / 4);
    assert_int_equal(riv__allowance_left(&w.allow), all - all / 4);
    riv__allowance_took(&w.allow, all);
    assert_int_equal(riv__allowance_left(&w.allow), 0);
    riv__allowance_fini(&w.allow);
}

static const struct kind kinds[] = {
    { 3, 1, 1.2, 1.1, 0, 6 * MIB, 0 },
    { 3, 1, 1.2, 1.2, 2.5, 20 * MIB, 4 * MIB },
    { 3, 1, 4, 2, 5, 20 * MIB, 8 * MIB },
    { 2, 1, 2, 1.2, 4, 10 * MIB, 0 },
    { 1, 1, 3, 1.2, 2, 20 * MIB, 8 * MIB },
    { 10, 10, 1.2, 1.1, 2, 20 * MIB, 4 * MIB },
    { 60, 1, 0.5, 1.1, 1.5, 20 * MIB, 4 * MIB },
    { 60, 60, 3, 1.1, 2, 10 * MIB, 0 },
    { 600, 1, 1.2, 1.1, 2, 20 * MIB, 4 * MIB },
};

/* More comes than there is room for, for ever: nothing is over the limit, from the
 * first batch on, and most of the room is used. */
static void what_is_let_in_fits_as_long_as_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(kinds); i++) {
        static struct world w;
        const struct kind *kind = &kinds[i];
        uint64_t took = 0;
        world_init(&w, kind);
        for (int n = 0; n < BATCHES_MAX; n++) {
            const uint64_t bytes = batch(&w, 1 << 30);
            took += n >= BATCHES_MAX / 2 ? bytes : 0;
        }
        const double fits = (0.8 * LIMIT - (double)kind->base) /
                            (kind->keeps + kind->shows) / kind->per_byte;
        const double used = (double)took / (BATCHES_MAX / 2.0) * kind->batches;
        if (w.most > LIMIT || used < 0.6 * fits || used > 1.1 * fits)
            fail_msg("kind %zu: had %lld of %d, took %.0f of %.0f", i,
                     (long long)w.most, LIMIT, used, fits);
        riv__allowance_fini(&w.allow);
    }
}

/* A window of little that is full, and then much comes. */
static void a_burst_into_a_window_of_little_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(kinds); i++) {
        static struct world w;
        world_init(&w, &kinds[i]);
        for (int n = 0; n < BATCHES_MAX / 2; n++)
            batch(&w, 1000);
        for (int n = 0; n < BATCHES_MAX / 4; n++)
            batch(&w, n % 100 < 30 ? 1 << 30 : 1000);
        if (w.most > LIMIT)
            fail_msg("kind %zu: had %lld of %d", i, (long long)w.most, LIMIT);
        riv__allowance_fini(&w.allow);
    }
}

/* Another run had filled the window with what just fits; this one knows nothing
 * but that. */
static void a_full_window_of_an_earlier_run_is_gone_on_with(void **state)
{
    static struct world w;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(kinds); i++) {
        const struct kind *kind = &kinds[i];
        world_init(&w, kind);
        const double fits =
            (0.8 * LIMIT - (double)kind->base) / (kind->keeps + kind->shows);
        for (; w.n < kind->batches; w.n++)
            w.added[w.n + 1] = (uint64_t)(fits / kind->batches);
        w.has = kind->base + (int64_t)(fits * kind->keeps);
        for (int n = 0; n < BATCHES_MAX / 2; n++)
            batch(&w, 1 << 30);
        if (w.most > LIMIT)
            fail_msg("kind %zu: had %lld of %d", i, (long long)w.most, LIMIT);
        riv__allowance_fini(&w.allow);
    }
}

/* What else the process has leaves no room: every batch takes the least, so that
 * nothing hangs, and takes more when there is room again. */
static void without_room_the_least_is_taken(void **state)
{
    static struct world w;
    (void)state;
    world_init(&w, &kinds[0]);
    w.kind.base = 60 * MIB;
    w.has = w.kind.base;
    for (int n = 0; n < 20; n++)
        assert_int_equal(batch(&w, 1 << 30), RIV__ALLOWANCE_BYTES_MIN);
    w.kind.base = 6 * MIB;
    uint64_t last = 0;
    for (int n = 0; n < 20; n++)
        last = batch(&w, 1 << 30);
    assert_true(last > MIB);
    riv__allowance_fini(&w.allow);
}

static void without_a_limit_or_windows_there_is_no_bound(void **state)
{
    static struct world w;
    (void)state;
    world_init(&w, &kinds[0]);
    w.conf.memory_bytes_max = 0;
    assert_int_equal(batch(&w, 1 << 30), 1 << 30);
    riv__allowance_fini(&w.allow);
    world_init(&w, &kinds[0]);
    w.ops.standing = NULL;
    assert_int_equal(batch(&w, 1 << 30), 1 << 30);
    riv__allowance_fini(&w.allow);
    world_init(&w, &kinds[0]);
    w.sys.memory = NULL; /* a world that does not know */
    assert_int_equal(batch(&w, 1 << 30), 1 << 30);
    riv__allowance_fini(&w.allow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_into_a_window_of_little_fits),
        cmocka_unit_test(a_full_window_of_an_earlier_run_is_gone_on_with),
        cmocka_unit_test(without_room_the_least_is_taken),
        cmocka_unit_test(without_a_limit_or_windows_there_is_no_bound),
        cmocka_unit_test(what_is_let_in_fits_as_long_as_it_stands),
        cmocka_unit_test(what_one_input_took_the_next_does_not_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
