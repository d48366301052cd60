/* api/rate_test.c - what batches could take is in the journal with them: another
 * run begins with it. In a world whose clock goes on by a millisecond whenever it
 * is read. */
#include "api/context.h"
#include "api/fixture.h"
#include "base/test.h"
#include "support/disk_sys.h"

static struct disk_sys world;
static struct riv_sys ticking;
static atomic_llong now_ns;

static int64_t tick(struct riv_sys *sys)
{
    (void)sys;
    return atomic_fetch_add(&now_ns, 1000000);
}

RIV_FOREACH(see, riv_str);
static int see(const riv_str *line, riv_task *t)
{
    (void)line, (void)t;
    return 0;
}

static riv *job(const char *control)
{
    riv *r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = 1000, .checkpoint = "/state"));
    r->sys = &ticking;
    riv_set(r, "name", "rates");
    riv_set(r, "rate.control", control);
    riv_foreach(riv_text(r, "listen://127.0.0.1:0", RIV_OPT(.uid = "in")),
                see_fn, NULL);
    riv_foreach(riv_text(r, "listen://127.0.0.1:0", RIV_OPT(.uid = "idle")),
                see_fn, NULL);
    assert_int_equal(riv_step(r, 1), 0);
    return r;
}

static struct riv_rate *rate_of(riv *r, size_t input)
{
    return &r->step_gen->input[input]->rate;
}

/* Batches of some lines, until a rate is learned. */
static double learns(riv *r)
{
    for (int i = 0; i < 8; i++) {
        char lines[64 * 10];
        memset(lines, 'x', sizeof lines);
        for (size_t k = 63; k < sizeof lines; k += 64)
            lines[k] = '\n';
        assert_int_equal(riv__feed_append(&r->step_gen->input[0]->feed, lines,
                                          sizeof lines, NULL),
                         0);
        assert_int_equal(riv_step(r, 1), 0);
    }
    assert_int_equal(riv_step(r, 1), 0); /* and writes it down */
    return riv__rate_limit(rate_of(r, 0));
}

static void a_run_begins_with_the_rates_of_the_last_one(void **state)
{
    (void)state;
    disk_sys_init(&world);
    ticking = world.sys;
    ticking.mono_ns = tick;
    riv *r = job("yes");
    assert_true(riv__rate_limit(rate_of(r, 0)) == 0);
    const double learned = learns(r);
    assert_true(learned > 0);
    riv_free(r);
    r = job("yes");
    assert_true(riv__rate_limit(rate_of(r, 0)) == learned);
    assert_true(riv__rate_limit(rate_of(r, 1)) == 0);
    riv_free(r);
    r = job("no"); /* what is off is not recalled either */
    assert_true(riv__rate_limit(rate_of(r, 0)) == 0);
    riv_free(r);
    disk_sys_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_begins_with_the_rates_of_the_last_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
