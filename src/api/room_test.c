/* api/room_test.c - disk.limit and full disks, as a job meets them: its inputs
 * stop before there is no room left and go on when old state has been dropped,
 * nothing is lost, and it can be stopped in good order. Files are in memory. */
#include <sched.h>

#include "api/context.h"
#include "base/test.h"
#include "support/disk_sys.h"

enum { KEYS = 2000, BATCHES = 400, LIMIT = 24 << 20, STEPS_MAX = 20000 };

RIV_PAIR(count, int64_t, int64_t);

static struct disk_sys world;
static atomic_int shorts, agains, waits; /* what the log said */
static atomic_llong taken;               /* records that batches had */
static int64_t totals[KEYS];

RIV_MAP_WITH_STATE(add, count, int64_t, count);
static int add(const int64_t *key, const int64_t *v, int64_t *state,
               add_out *out, riv_task *t)
{
    (void)t;
    *state += *v;
    riv_emit(out, (count){ *key, *state });
    return 0;
}

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time, (void)arg;
    int rc = riv_collect(rdd, &res);
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        const count *row = &((const count *)res.rows)[i];
        totals[row->key] = RIV__MAX(totals[row->key], row->val);
    }
    if (rc == 0)
        riv_result_free(&res);
    return rc;
}

static void on_log(void *arg, int level, const char *text)
{
    (void)arg, (void)level;
    atomic_fetch_add(&shorts, strstr(text, "nothing more is taken in") != NULL);
    atomic_fetch_add(&agains, strstr(text, "there is room again") != NULL);
    atomic_fetch_add(&waits, strstr(text, "the batch waits for room") != NULL);
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    (void)arg;
    atomic_fetch_add(&taken, info->records_in);
}

static riv *context(riv_ds **ret_in)
{
    static const riv_listener listener = { .struct_size = sizeof listener,
                                           .batch_completed = on_batch };
    riv *r =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1, .checkpoint = "/state",
                           .log = on_log, .listener = &listener));
    r->sys = &world.sys;
    riv_set(r, "name", "room");
    riv_set(r, "journal.wal_max", "256K");
    riv_set(r, "journal.snapshot_min", "1G"); /* only where room is short */
    *ret_in = riv_queue(r, &riv_type_count, RIV_OPT(.uid = "in"));
    riv_foreach_rdd(riv_map_with_state(*ret_in, add_fn, RIV_OPT(.uid = "add")),
                    see, NULL);
    return r;
}

static void push_all(riv_ds *in)
{
    static count rows[KEYS];
    for (int64_t i = 0; i < KEYS; i++)
        rows[i] = (count){ i, i + 1 };
    assert_int_equal(riv_push(in, rows, KEYS), 0);
}

static uint64_t bytes_on_disk(void)
{
    static const char *const names[] = { "/state/journal.db",
                                         "/state/journal.db-wal", "/state/head",
                                         "/state/ballast" };
    uint64_t sum = 0;
    riv__lock(&world.lock);
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        size_t n = 0;
        if (disk_look(world.disk, names[i], &n))
            sum += n;
    }
    riv__unlock(&world.lock);
    return sum;
}

/* Other programs take what is left. */
static void fill_disk(void)
{
    struct riv_space space;
    riv__lock(&world.lock);
    disk_space(world.disk, &space);
    disk_limit(world.disk, (space.total_bytes - space.free_bytes) / DISK_PAGE);
    riv__unlock(&world.lock);
}

static int make(void **state)
{
    (void)state;
    disk_sys_init(&world);
    memset(totals, 0, sizeof totals);
    atomic_store(&shorts, 0);
    atomic_store(&agains, 0);
    atomic_store(&waits, 0);
    atomic_store(&taken, 0);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    disk_sys_fini(&world);
    return 0;
}

static void assert_totals(int64_t batches)
{
    for (int64_t i = 0; i < KEYS; i++)
        assert_int_equal(totals[i], batches * (i + 1));
}

RIV_TEST(at_the_limit_inputs_stop_and_go_on_when_state_was_dropped)
{
    riv_ds *in;
    riv *r = context(&in);
    int pushed = 0, steps = 0;
    riv_set(r, "disk.limit", "24M");
    while (atomic_load(&taken) < (int64_t)BATCHES * KEYS) {
        if (pushed < BATCHES && atomic_load(&taken) == (int64_t)pushed * KEYS) {
            push_all(in);
            pushed++;
        }
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
        assert_true(bytes_on_disk() <= LIMIT);
        assert_true(++steps < STEPS_MAX);
    }
    assert_totals(BATCHES);
    assert_true(atomic_load(&shorts) > 1);
    assert_in_range(atomic_load(&agains), atomic_load(&shorts) - 1,
                    atomic_load(&shorts));
    assert_int_equal(atomic_load(&waits), 0);
    riv_free(r);
}

/* The disk itself is full: other programs took it. What had been taken in is
 * written down with what the ballast leaves, and the next run goes on. */
RIV_TEST(a_full_disk_lets_a_job_be_stopped_in_good_order)
{
    riv_ds *in;
    riv *r = context(&in);
    assert_int_equal(riv_start(r), 0);
    push_all(in);
    while (atomic_load(&taken) < KEYS)
        sched_yield();
    fill_disk();
    while (atomic_load(&shorts) + atomic_load(&waits) == 0)
        sched_yield();
    push_all(in);
    riv_stop(r, RIV_DRAIN);
    if (riv_wait(r, -1) < 0)
        fail_msg("%s", riv_errmsg(r));
    riv_free(r);
    assert_totals(2);
    disk_limit(world.disk, 0);
    r = context(&in);
    push_all(in);
    if (riv_step(r, 1) < 0)
        fail_msg("%s", riv_errmsg(r));
    assert_totals(3);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            at_the_limit_inputs_stop_and_go_on_when_state_was_dropped, make,
            drop),
        cmocka_unit_test_setup_teardown(
            a_full_disk_lets_a_job_be_stopped_in_good_order, make, drop),
    };
    return RIV_RUN(tests);
}
