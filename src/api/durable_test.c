/* api/durable_test.c - what a program has of its own goes on with its state: its
 * counters; and much state, shown to people. */
#include "api/fixture.h"

struct counters {
    riv_counter *sum, *even; /* even may be NULL: this program has none */
};

/* Numbers below 0 are refused. */
RIV_MAP(tell, int64_t, int64_t);
static int tell(const int64_t *in, int64_t *out, riv_task *t)
{
    const struct counters *c = riv_arg(t, struct counters);
    riv_counter_add(t, c->sum, *in);
    if (c->even && *in % 2 == 0)
        riv_counter_add(t, c->even, 1);
    *out = *in;
    return *in < 0 ? riv_fail(t, "below 0") : 0;
}

struct job {
    riv *r;
    riv_ds *in;
    struct counters c;
};

static void job_begin(struct job *job, bool with_even)
{
    riv *r = job->r = riv_new(RIV_CONFIG(.threads = 2));
    riv_set(r, "state.dir", own_dir);
    job->c.sum = riv_counter_new(r, "sum");
    job->c.even = with_even ? riv_counter_new(r, "even") : NULL;
    job->in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_print(riv_map(job->in, tell_fn, RIV_OPT(.arg = RIV_COPY(job->c))), 0);
}

/* The numbers from `from` below `until`, a batch. */
static int batch(struct job *job, int64_t from, int64_t until)
{
    for (int64_t i = from; i < until; i++)
        assert_int_equal(riv_push(job->in, &i, 1), 0);
    return riv_step(job->r, 1);
}

static void counters_go_on_where_they_stood(void **state)
{
    struct job job;
    (void)state;
    for (int run = 0; run < 3; run++) {
        job_begin(&job, true);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(batch(&job, 0, 10), 0);
            const int n = 2 * run + k + 1;
            assert_int_equal(riv_counter_value(job.c.sum), 45 * n);
            assert_int_equal(riv_counter_value(job.c.even), 5 * n);
        }
        riv_free(job.r);
    }
}

/* It may be back in the next version. */
static void a_counter_that_a_program_lacks_is_left_alone(void **state)
{
    struct job job;
    (void)state;
    for (int run = 0; run < 3; run++) {
        job_begin(&job, run != 1);
        assert_int_equal(batch(&job, 0, 10), 0);
        assert_int_equal(riv_counter_value(job.c.sum), 45 * (run + 1));
        if (job.c.even)
            assert_int_equal(riv_counter_value(job.c.even), run == 0 ? 5 : 10);
        riv_free(job.r);
    }
}

/* A value is written down with its batch, and with no other. */
static void what_a_batch_that_failed_has_added_does_not_stay(void **state)
{
    struct job job;
    (void)state;
    job_begin(&job, true);
    assert_int_equal(batch(&job, 0, 10), 0);
    assert_int_equal(batch(&job, -1, 10), RIV_ERECORD);
    riv_free(job.r);
    riv *r = job.r = riv_new(NULL);
    riv_set(r, "state.dir", own_dir);
    job.c.sum = riv_counter_new(r, "sum");
    job.in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_print(job.in, 0);
    assert_int_equal(batch(&job, 0, 1), 0);
    assert_int_equal(riv_counter_value(job.c.sum), 45);
    riv_free(r);
}

/* ------------------------------------------------ much state, for people */

enum { KEYS = 8000 };

RIV_UPDATE_STATE(keep, pair, pair);
static int keep(const int64_t *key, const int64_t *v, size_t n, int64_t *state,
                riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *state += v[i];
    return 0;
}

static void add_text(void *arg, const char *text, size_t n)
{
    riv__buf_add(arg, text, n);
}

/* It is handed over bit by bit; each key is in one of them. */
static void each_key_of_much_state_is_shown_once(void **state)
{
    struct riv_buf text;
    int64_t sum = 0, lines = 0;
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_set(r, "state.dir", own_dir);
    riv_ds *in = riv_queue(r, &riv_type_pair, RIV_OPT(.uid = "in"));
    riv_print(riv_update_state_by_key(in, keep_fn, RIV_OPT(.uid = "keys")), 0);
    for (int64_t i = 0; i < KEYS; i++)
        assert_int_equal(riv_push(in, &(pair){ i, 1 }, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    riv_free(r);
    riv__buf_init(&text, 0);
    r = riv_new(NULL);
    riv_set(r, "state.dir", own_dir);
    assert_int_equal(riv_inspect_state(r, "keys", add_text, &text), 0);
    riv_free(r);
    riv__buf_char(&text, '\0');
    for (const char *at = strchr(text.p, '\n') + 1; *at; lines++) {
        sum += strtoll(at, NULL, 10);
        at = strchr(at, '\n') + 1;
    }
    assert_int_equal(lines, KEYS);
    assert_int_equal(sum, (int64_t)KEYS * (KEYS - 1) / 2);
    riv__buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_OWN_DIR(counters_go_on_where_they_stood),
        IN_OWN_DIR(a_counter_that_a_program_lacks_is_left_alone),
        IN_OWN_DIR(what_a_batch_that_failed_has_added_does_not_stay),
        IN_OWN_DIR(each_key_of_much_state_is_shown_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
