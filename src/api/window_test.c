/* api/window_test.c - windows by key whose values hold text, with an inverse and
 * without one: text is copied in and out of panes, and comes back from a state
 * directory. Against plain loops over all batches. */
#include "api/fixture.h"

typedef struct note {
    int64_t n;
    riv_str last;
} note;
RIV_STRUCT(note, n, last);
RIV_PAIR(keyed, int64_t, note);

enum { KEYS = 5, BATCHES = 24, PANES = 4, SECOND_MS = 1000 };

/* What has come last, which an inverse need not take out again. */
RIV_REDUCE(add, note);
static void add(note *acc, const note *v, riv_task *t)
{
    (void)t;
    acc->n += v->n;
    acc->last = v->last;
}

RIV_REDUCE(subtract, note);
static void subtract(note *acc, const note *v, riv_task *t)
{
    (void)t;
    acc->n -= v->n;
}

/* Without an inverse values are folded in any order. */
RIV_REDUCE(greatest, note);
static void greatest(note *acc, const note *v, riv_task *t)
{
    (void)t;
    acc->n += v->n;
    const size_t n = RIV__MIN(v->last.n, acc->last.n);
    const int order = memcmp(v->last.p, acc->last.p, n);
    if (order > 0 || (order == 0 && v->last.n > n))
        acc->last = v->last;
}

/* What a batch says of a key: short and long, and nothing for a while, so that
 * keys die and come again. */
static size_t text_of(char *text, size_t room, int64_t key, int batch)
{
    if ((batch + key) % 3 == 0 || (key == 4 && batch % 12 > 3))
        return 0;
    return (size_t)snprintf(text, room, "%s of key %d in batch %d",
                            (batch + key) % 2 ? "a much longer word" : "a",
                            (int)key, batch);
}

/* The window that ends with a batch, by a loop. */
static void want_make(struct riv_buf *want, int batch, bool inverse)
{
    char text[96], last[96];
    riv__buf_reset(want);
    for (int64_t k = 0; k < KEYS; k++) {
        int64_t n = 0;
        for (int b = RIV__MAX(batch - PANES + 1, 0); b <= batch; b++) {
            if (text_of(text, sizeof text, k, b) == 0)
                continue;
            if (n++ == 0 || inverse || strcmp(text, last) > 0)
                memcpy(last, text, sizeof last);
        }
        if (n > 0)
            riv__buf_printf(want, "%d: %d %s\n", (int)k, (int)n, last);
    }
    riv__buf_char(want, '\0');
}

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct riv_buf *got = *(struct riv_buf *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    RIV__TRY(riv_collect(rdd, &res));
    const keyed *row = res.rows;
    riv__buf_reset(got);
    for (int64_t k = 0; k < KEYS; k++)
        for (size_t i = 0; i < res.n; i++)
            if (row[i].key == k)
                riv__buf_printf(got, "%d: %d %.*s\n", (int)k, (int)row[i].val.n,
                                (int)row[i].val.last.n, row[i].val.last.p);
    riv__buf_char(got, '\0');
    riv_result_free(&res);
    return 0;
}

/* Some batches of the job, from a state directory if there is one. */
static void run(const riv_fn *inverse, bool durable, int from, int until)
{
    struct riv_buf got, want, *at = &got;
    char text[96];
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = SECOND_MS));
    riv__buf_init(&got, 0);
    riv__buf_init(&want, 0);
    riv_set(r, "state.dir", durable ? own_dir : "");
    riv_ds *in = riv_queue(r, &riv_type_keyed, RIV_OPT(.uid = "in"));
    riv_ds *out = riv_reduce_by_key_and_window(
        in, inverse ? add_fn : greatest_fn, PANES * SECOND_MS, 0,
        RIV_OPT(.uid = "window", .subtract = inverse));
    riv_foreach_rdd(out, see, RIV_OPT(.uid = "out", .arg = RIV_COPY(at)));
    for (int b = from; b < until; b++) {
        for (int64_t k = 0; k < KEYS; k++) {
            const size_t n = text_of(text, sizeof text, k, b);
            const keyed row = { k, { 1, { text, n } } };
            if (n > 0)
                assert_int_equal(riv_push(in, &row, 1), 0);
        }
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
        want_make(&want, b, inverse);
        assert_string_equal(got.p, want.p);
    }
    riv_free(r);
    riv__buf_fini(&got);
    riv__buf_fini(&want);
}

static void values_with_text_enter_and_leave_by_an_inverse(void **state)
{
    (void)state;
    run(subtract_fn, false, 0, BATCHES);
}

static void values_with_text_enter_and_leave_without_one(void **state)
{
    (void)state;
    run(NULL, false, 0, BATCHES);
}

/* Each run goes on in the middle of the windows of the last one. */
static void windows_with_text_come_back_from_the_state(void **state)
{
    (void)state;
    for (int from = 0; from < BATCHES; from += 3)
        run(subtract_fn, true, from, from + 3);
}

static void windows_with_text_come_back_without_an_inverse(void **state)
{
    (void)state;
    for (int from = 0; from < BATCHES; from += 3)
        run(NULL, true, from, from + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_OWN_DIR(values_with_text_enter_and_leave_by_an_inverse),
        IN_OWN_DIR(values_with_text_enter_and_leave_without_one),
        IN_OWN_DIR(windows_with_text_come_back_from_the_state),
        IN_OWN_DIR(windows_with_text_come_back_without_an_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
