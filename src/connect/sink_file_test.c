/* connect/sink_file_test.c - a plain file: there whole, or as it was before, also
 * when the power goes. On a disk in memory. */
#include "connect/fixture.h"
#include "connect/sinks.h"
#include "support/disk_sys.h"

static struct disk_sys world;
static struct riv_settings conf;
static struct riv_err err;

static int make(void **state)
{
    (void)state;
    disk_sys_init(&world);
    conf = fixture_conf();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    disk_sys_fini(&world);
    return 0;
}

static struct riv_sink *open_file(void)
{
    const struct riv_sink_spec spec = { .kinds = riv__sinks,
                                        .sys = &world.sys,
                                        .conf = &conf,
                                        .format = "csv",
                                        .uri = "/out.csv" };
    struct riv_sink *sink = NULL;
    if (riv__sink_new(&spec, &sink, &err) < 0)
        fail_msg("%s", err.text);
    return sink;
}

static void publish(const char *text)
{
    struct riv_sink *sink = open_file();
    assert_int_equal(riv__sink_write(sink, text, strlen(text), &err), 0);
    if (riv__sink_publish(sink, &err) < 0)
        fail_msg("%s", err.text);
    riv__sink_free(sink);
}

static void cut_power(void)
{
    struct rng rng = { 1 };
    disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
}

static void file_is(const char *want)
{
    size_t n = 0;
    const char *text = disk_look(world.disk, "/out.csv", &n);
    assert_non_null(text);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(text, want, n);
}

static void what_is_published_outlives_a_power_cut(void **state)
{
    (void)state;
    publish("a\n");
    cut_power();
    file_is("a\n");
    publish("b\nc\n");
    cut_power();
    file_is("b\nc\n");
}

static void what_is_not_published_leaves_the_old_file(void **state)
{
    (void)state;
    publish("a\n");
    struct riv_sink *sink = open_file();
    assert_int_equal(riv__sink_write(sink, "b\n", 2, &err), 0);
    file_is("a\n");
    riv__sink_free(sink);
    file_is("a\n");
}

static int failing_sync(struct riv_sys *sys, int fd)
{
    (void)sys, (void)fd;
    return -EIO;
}

/* How many there are, and the last. */
struct names {
    int n;
    char last[64];
};

static int see_name(void *arg, const char *name)
{
    struct names *names = arg;
    names->n++;
    snprintf(names->last, sizeof names->last, "%s", name);
    return 0;
}

static void a_sync_that_fails_leaves_the_old_file_alone(void **state)
{
    struct names names = { .n = 0 };
    (void)state;
    publish("a\n");
    struct riv_sink *sink = open_file();
    assert_int_equal(riv__sink_write(sink, "b\n", 2, &err), 0);
    int (*const sync)(struct riv_sys *, int) = world.sys.sync;
    world.sys.sync = failing_sync;
    assert_int_equal(riv__sink_publish(sink, &err), RIV_EIO);
    world.sys.sync = sync;
    riv__sink_free(sink);
    file_is("a\n");
    assert_int_equal(world.sys.list(&world.sys, "/", see_name, &names), 0);
    assert_int_equal(names.n, 1); /* and nothing beside it */
    assert_string_equal(names.last, "out.csv");
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(what_is_published_outlives_a_power_cut),
        IN_WORLD(what_is_not_published_leaves_the_old_file),
        IN_WORLD(a_sync_that_fails_leaves_the_old_file_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
