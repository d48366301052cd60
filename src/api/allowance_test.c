/* api/allowance_test.c - more lines than memory.limit has room for, for a job whose
 * windows keep them, in a process that says it has what its windows have and some
 * more: batches take in what fits, every line comes once, and what cannot fit is
 * said. Lines are put where a source would put them. */
#include "api/context.h"
#include "api/fixture.h"
#include "base/test.h"
#include "exec/standing.h"

enum { MIB = 1 << 20, LIMIT = 64 * MIB, LINE = 200, BASE = 20 * MIB };

static struct world {
    struct riv_sys sys;
    riv *r;
    double cost; /* memory for a byte of rows that stands */
    int64_t most;
    atomic_llong lines;
    int64_t bytes; /* of the last batch */
} w;

static uint64_t stands(const struct riv_plan *plan)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; plan && i < plan->nop; i++) {
        const struct riv_op *op = plan->op[i];
        if (op->ops->standing)
            sum += op->ops->standing->bytes(op, INT64_MIN);
    }
    return sum;
}

static int64_t memory(struct riv_sys *sys, bool gives_back)
{
    (void)sys, (void)gives_back;
    const struct riv_generator *gen = w.r->step_gen;
    const int64_t has =
        BASE + (int64_t)(w.cost * (double)stands(gen ? gen->plan : NULL));
    w.most = RIV__MAX(w.most, has);
    return has;
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    (void)arg;
    w.bytes = info->input_bytes;
}

RIV_FOREACH(see, riv_str);
static int see(const riv_str *line, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&w.lines, line->n > 0);
    return 0;
}

RIV_MAP(by_number, riv_str, wc);
static int by_number(const riv_str *line, wc *out, riv_task *t)
{
    (void)t;
    *out = (wc){ { line->p, 8 }, 1 };
    return 0;
}

RIV_FOREACH(ignore, wc);
static int ignore(const wc *row, riv_task *t)
{
    (void)row, (void)t;
    return 0;
}

/* Lines of two inputs; the second has a quarter of what the first has. */
static riv_ds *begin(double cost)
{
    static const riv_listener listener = { .struct_size = sizeof listener,
                                           .batch_completed = on_batch };
    memset(&w, 0, sizeof w);
    w.cost = cost;
    w.sys = *riv__sys_real();
    w.sys.memory = memory;
    w.r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = 1000, .listener = &listener));
    w.r->sys = &w.sys;
    riv_set(w.r, "memory.limit", "64M");
    riv_ds *in = riv_union(riv_text(w.r, "listen://127.0.0.1:0", NULL),
                           riv_text(w.r, "listen://127.0.0.1:0", NULL));
    riv_foreach(in, see_fn, NULL);
    return in;
}

/* Fills a feed up, with lines of numbers that go on. */
static int64_t fill(size_t input, size_t bytes, int64_t next)
{
    struct riv_input *in = w.r->step_gen->input[input];
    char line[LINE + 1];
    while (riv__input_waiting(in) + LINE <= bytes) {
        snprintf(line, sizeof line, "%08lld%*s\n", (long long)next, LINE - 9,
                 "x");
        assert_int_equal(riv__feed_append(&in->feed, line, LINE, NULL), 0);
        next++;
    }
    return next;
}

static void lines_come_until(int batches)
{
    int64_t next = 0;
    assert_int_equal(riv_step(w.r, 1), 0);
    for (int i = 0; i < batches && riv_error(w.r) == 0; i++) {
        next = fill(0, MIB, next);
        next = fill(1, MIB / 4, next);
        riv_step(w.r, 1);
    }
    if (riv_error(w.r) < 0)
        return;
    int left = 10 * batches;
    while (atomic_load(&w.lines) < next && left-- > 0)
        assert_int_equal(riv_step(w.r, 1), 0);
    assert_int_equal(atomic_load(&w.lines), next);
    assert_true(w.most <= LIMIT);
}

static void rows_of_a_window_fit_as_long_as_they_stand(void **state)
{
    (void)state;
    riv_foreach(riv_map(riv_window(begin(4), 20000, 1000), by_number_fn, NULL),
                ignore_fn, NULL);
    lines_come_until(60);
    no_error(w.r);
    assert_true(w.most > LIMIT / 2);
    riv_free(w.r);
}

static void so_do_the_panes_of_one_that_folds(void **state)
{
    (void)state;
    riv_ds *pairs = riv_map(begin(30), by_number_fn, NULL);
    riv_foreach(
        riv_reduce_by_key_and_window(pairs, riv_sum_i64, 20000, 1000, NULL),
        ignore_fn, NULL);
    lines_come_until(60);
    no_error(w.r);
    assert_true(w.most > LIMIT / 2);
    riv_free(w.r);
}

static void so_do_batches_that_are_remembered(void **state)
{
    (void)state;
    riv_remember(begin(4), 20000);
    lines_come_until(60);
    no_error(w.r);
    assert_true(w.most > LIMIT / 2);
    riv_free(w.r);
}

static void what_cannot_fit_is_named_with_the_way_out(void **state)
{
    (void)state;
    riv_foreach(
        riv_map(riv_window(begin(600), 20000, 1000), by_number_fn, NULL),
        ignore_fn, NULL);
    lines_come_until(60);
    error_has(w.r, RIV_ENOMEM, "memory.limit is 64 MiB");
    error_has(w.r, RIV_ENOMEM, "riv_window");
    error_has(w.r, RIV_ENOMEM, "for 20000 ms");
    error_has(w.r, RIV_ENOMEM, "raise memory.limit, or shorten that");
    riv_free(w.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_window_fit_as_long_as_they_stand),
        cmocka_unit_test(so_do_the_panes_of_one_that_folds),
        cmocka_unit_test(so_do_batches_that_are_remembered),
        cmocka_unit_test(what_cannot_fit_is_named_with_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
