/* io/receiver_test.c - the loop of a source's thread, run in the test's own
 * thread under a manual clock, with a kind that follows a script. */
#include "io/receiver.h"

#include <poll.h>

#include "io/fixture.h"
#include "sys/clock.h"

/* What read() returns, call by call; after the last the input is stopped. */
struct scripted {
    struct riv_input base;
    const int *script;
    size_t n, at;
};

static int scripted_open(struct riv_input *input, struct riv_err *err)
{
    (void)input, (void)err;
    return 0;
}

static int scripted_read(struct riv_input *input, struct riv_err *err)
{
    struct scripted *self = (struct scripted *)input;
    int rc = self->script[self->at++];
    if (self->at == self->n)
        riv__input_stop(input);
    if (rc == RIV__READ_MORE)
        assert_int_equal(riv__feed_append(&input->feed, "line\n", 5, NULL), 0);
    return rc < 0 ? riv__err_set(err, rc, "call %zu", self->at) : rc;
}

static void scripted_close(struct riv_input *input)
{
    (void)input;
}

static const struct riv_source_ops scripted_ops = {
    .name = "scripted",
    .input_size = sizeof(struct scripted),
    .open = scripted_open,
    .read = scripted_read,
    .close = scripted_close,
};
static const struct riv_source_ops *const kinds[] = { &scripted_ops, NULL };

struct fix {
    struct riv_manual_clock clock;
    struct riv_settings conf;
    struct riv_input *input;
    struct riv_err status;
    char note[16];
};

static struct riv_wake *driver; /* of the next run */
static int64_t paused_ns;       /* the last pause */

static int pause_noted(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                       struct riv_wake *wake, int64_t until_ns)
{
    (void)fds, (void)n, (void)wake;
    paused_ns = until_ns - sys->mono_ns(sys);
    return 0;
}

static void run(struct fix *fix, const int *script, size_t n,
                int64_t retries_max)
{
    riv__manual_clock_init(&fix->clock, riv__sys_real(), 0);
    fix->clock.sys.poll = pause_noted;
    fix->conf = fixture_conf();
    fix->conf.retries_max = retries_max;
    assert_int_equal(riv__input_new(kinds, &fix->clock.sys, &fix->conf, driver,
                                    "scripted:x", 0, &fix->input, NULL),
                     0);
    struct scripted *self = (struct scripted *)fix->input;
    self->script = script;
    self->n = n;
    riv__receiver_run(fix->input);
    assert_true(atomic_load(&fix->input->ended));
    riv__input_look(fix->input, fix->note, sizeof fix->note, &fix->status);
}

#define RUN(fix, retries, ...) \
    run(fix, (const int[]){ __VA_ARGS__ }, \
        RIV__LEN(((const int[]){ __VA_ARGS__ })), retries)

static void pauses_double_up_to_the_longest(void **state)
{
    (void)state;
    struct riv_settings conf = fixture_conf();
    struct riv_retry retry = { .count = 0 };
    static const int64_t want[] = { 100, 200, 400, 800, 1000, 1000 };
    for (size_t i = 0; i < RIV__LEN(want); i++)
        assert_int_equal(riv__retry_next(&retry, &conf, 0), want[i]);
}

static void a_row_of_failures_has_an_end(void **state)
{
    (void)state;
    struct riv_settings conf = fixture_conf();
    struct riv_retry retry = { .count = 0 };
    conf.retries_max = 2;
    assert_true(riv__retry_next(&retry, &conf, 0) > 0);
    assert_true(riv__retry_next(&retry, &conf, 0) > 0);
    assert_int_equal(riv__retry_next(&retry, &conf, 0), -1);
}

/* A connection that is cut off once a day has not failed many times in a
 * row, also when it never carried data. */
static void a_failure_after_long_quiet_begins_a_new_row(void **state)
{
    (void)state;
    struct riv_settings conf = fixture_conf();
    struct riv_retry retry = { .count = 0 };
    conf.retries_max = 1;
    int64_t day = INT64_C(86400) * 1000000000;
    for (int i = 0; i < 5; i++)
        assert_int_equal(riv__retry_next(&retry, &conf, i * day), 100);
}

static void odd_settings_give_pauses_within_the_limit(void **state)
{
    (void)state;
    struct riv_settings conf = fixture_conf();
    struct riv_retry retry = { .count = 0 };
    conf.retry_ms_min = 5000; /* above the longest */
    for (int i = 0; i < 3; i++)
        assert_int_equal(riv__retry_next(&retry, &conf, 0), 1000);
}

static void data_flows_until_the_end(void **state)
{
    (void)state;
    struct fix fix;
    RUN(&fix, 0, RIV__READ_MORE, RIV__READ_IDLE, RIV__READ_MORE, RIV__READ_END);
    assert_int_equal(riv__feed_waiting(&fix.input->feed), 10);
    assert_false(atomic_load(&fix.input->failed));
    riv__input_free(fix.input);
}

static void a_failure_that_passes_is_forgotten_with_data(void **state)
{
    (void)state;
    struct fix fix;
    RUN(&fix, 2, RIV_EUNAVAIL, RIV_EUNAVAIL, RIV__READ_MORE, RIV_EUNAVAIL,
        RIV_EUNAVAIL, RIV__READ_MORE, RIV__READ_END);
    assert_false(atomic_load(&fix.input->failed));
    assert_int_equal(fix.status.code, 0);
    riv__input_free(fix.input);
}

static void a_failure_stays_visible_while_it_lasts(void **state)
{
    (void)state;
    struct fix fix;
    RUN(&fix, 0, RIV_EUNAVAIL, RIV__READ_IDLE, RIV__READ_IDLE);
    assert_false(atomic_load(&fix.input->failed));
    assert_int_equal(fix.status.code, RIV_EUNAVAIL);
    assert_string_equal(fix.status.text, "input scripted:x: call 1");
    riv__input_free(fix.input);
}

static void too_many_failures_end_the_input_after_its_data(void **state)
{
    (void)state;
    struct fix fix;
    struct riv_cut cut;
    struct riv_err err;
    RUN(&fix, 2, RIV__READ_MORE, RIV_EUNAVAIL, RIV_EUNAVAIL, RIV_EUNAVAIL,
        RIV__READ_END, RIV__READ_END);
    assert_true(atomic_load(&fix.input->failed));
    riv__cut_init(&cut);
    assert_int_equal(riv__input_cut(fix.input, &cut, &err), RIV__READ_MORE);
    assert_int_equal(cut.bytes, 5);
    assert_int_equal(riv__input_cut(fix.input, &cut, &err), RIV_EUNAVAIL);
    assert_non_null(strstr(err.text, "input scripted:x: given up after 3"));
    assert_non_null(strstr(err.text, "call 4"));
    riv__cut_fini(&cut);
    riv__input_free(fix.input);
}

static void what_cannot_pass_ends_the_input_at_once(void **state)
{
    (void)state;
    struct fix fix;
    struct riv_cut cut;
    struct riv_err err;
    RUN(&fix, 0, RIV_ERECORD, RIV__READ_END, RIV__READ_END);
    riv__cut_init(&cut);
    assert_int_equal(riv__input_cut(fix.input, &cut, &err), RIV_ERECORD);
    assert_string_equal(err.text, "input scripted:x: call 1");
    riv__cut_fini(&cut);
    riv__input_free(fix.input);
}

static void the_end_of_an_input_wakes_the_driver(void **state)
{
    struct riv_sys *sys = riv__sys_real();
    struct riv_wake wake;
    struct fix fix;
    (void)state;
    assert_int_equal(sys->wake_open(sys, &wake), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, &wake, 0), 0);
    driver = &wake;
    RUN(&fix, 0, RIV__READ_END);
    driver = NULL;
    struct pollfd woken = { .fd = wake.fd, .events = POLLIN };
    assert_int_equal(poll(&woken, 1, 0), 1);
    riv__input_free(fix.input);
    sys->wake_close(sys, &wake);
}

static void pauses_are_of_milliseconds(void **state)
{
    struct fix fix;
    (void)state;
    RUN(&fix, 0, RIV_EUNAVAIL, RIV_EUNAVAIL, RIV__READ_IDLE);
    assert_int_equal(paused_ns, INT64_C(200000000)); /* the second */
    riv__input_free(fix.input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_up_to_the_longest),
        cmocka_unit_test(a_row_of_failures_has_an_end),
        cmocka_unit_test(a_failure_after_long_quiet_begins_a_new_row),
        cmocka_unit_test(odd_settings_give_pauses_within_the_limit),
        cmocka_unit_test(data_flows_until_the_end),
        cmocka_unit_test(a_failure_that_passes_is_forgotten_with_data),
        cmocka_unit_test(a_failure_stays_visible_while_it_lasts),
        cmocka_unit_test(too_many_failures_end_the_input_after_its_data),
        cmocka_unit_test(what_cannot_pass_ends_the_input_at_once),
        cmocka_unit_test(the_end_of_an_input_wakes_the_driver),
        cmocka_unit_test(pauses_are_of_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
