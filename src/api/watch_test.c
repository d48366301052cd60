/* api/watch_test.c - what a supervisor reads in the page: which function runs,
 * which task takes too long. The pages here are written by hand, or by a context
 * in this process. */
#include "api/context.h"
#include "api/fixture.h"
#include "exec/watch.h"

static riv_watch *new_watch(void)
{
    riv_watch *watch = aligned_alloc(64, riv_watch_bytes());
    assert_non_null(watch);
    memset(watch, 0, riv_watch_bytes());
    return watch;
}

static const char *doing(const riv_watch *watch)
{
    static char text[400];
    return riv_watch_doing(watch, text, sizeof text);
}

static void what_runs_is_told_by_name_and_partition(void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    snprintf(watch->op[4], sizeof watch->op[4], "riv_map(parse, job.c:12)");
    assert_string_equal(doing(watch), "");
    riv__now_begin(&watch->now[0], 3);
    assert_string_equal(doing(watch), "the engine, partition 3");
    atomic_store(&watch->now[0].op, 5);
    assert_string_equal(doing(watch), "riv_map(parse, job.c:12), partition 3");
    riv__now_begin(&watch->now[2], 1);
    atomic_store(&watch->now[2].op, 7);
    assert_string_equal(doing(watch),
                        "riv_map(parse, job.c:12), partition 3 or a function "
                        "of the batch's graph, partition 1");
    riv__now_end(&watch->now[0]);
    assert_string_equal(doing(watch),
                        "a function of the batch's graph, partition 1");
    free(watch);
}

static void the_thread_at_fault_is_told_alone(void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    for (int i = 0; i < 3; i++) {
        riv__now_begin(&watch->now[i], (uint32_t)i);
        atomic_store(&watch->now[i].thread, 100 + i);
    }
    atomic_store(&watch->fault.thread, 101);
    assert_string_equal(doing(watch), "the engine, partition 1");
    atomic_store(&watch->fault.thread, 999); /* a source's thread */
    assert_non_null(strstr(doing(watch), "partition 0 or "));
    free(watch);
}

/* A process that died may have written anything. */
static void a_page_of_rubbish_is_told_without_harm(void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    char few[16];
    riv_watch_info info = { .struct_size = sizeof info };
    for (int byte = 1; byte < 256; byte += 2) {
        memset(watch, byte, riv_watch_bytes());
        riv_watch_look(watch, &info);
        (void)riv_watch_tick(watch, 1);
        (void)riv_watch_memory(watch, INT64_MAX);
        for (const char *p = doing(watch); *p; p++)
            assert_true((unsigned char)*p >= ' ');
        assert_int_equal(strlen(riv_watch_doing(watch, few, sizeof few)), 15);
    }
    free(watch);
}

static void a_task_hangs_when_it_stands_still_for_longer_than_it_may(
    void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    struct riv_now *now = &watch->now[1];
    atomic_store(&now->thread, 77);
    atomic_store(&watch->task_timeout_ms, 1000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(riv_watch_tick(watch, 500), 0); /* it is idle */
    riv__now_begin(now, 0);
    assert_int_equal(riv_watch_tick(watch, 500), 0);
    assert_int_equal(riv_watch_tick(watch, 500), 0);
    assert_int_equal(riv_watch_tick(watch, 500), 0);
    assert_int_equal(riv_watch_tick(watch, 500), 77);
    riv__now_end(now);
    riv__now_begin(now, 0); /* the next task has all its time again */
    assert_int_equal(riv_watch_tick(watch, 500), 0);
    assert_int_equal(riv_watch_tick(watch, 1000), 0);
    assert_int_equal(riv_watch_tick(watch, 1), 77);
    atomic_store(&watch->task_timeout_ms, 0);
    assert_int_equal(riv_watch_tick(watch, INT32_MAX), 0);
    free(watch);
}

static void a_task_that_takes_memory_beyond_the_limit_is_told(void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    atomic_store(&watch->now[0].thread, 76);
    atomic_store(&watch->now[1].thread, 77);
    assert_int_equal(riv_watch_memory(watch, INT64_MAX), 0); /* no limit */
    atomic_store(&watch->memory_bytes_max, INT64_C(1000) << 20);
    assert_int_equal(riv_watch_tick(watch, 25), 0);
    assert_int_equal(riv_watch_memory(watch, 5000LL << 20), 0); /* no task */
    riv__now_begin(&watch->now[1], 0);
    assert_int_equal(riv_watch_tick(watch, 25), 0);
    assert_int_equal(riv_watch_memory(watch, 5000LL << 20),
                     0); /* it has just begun */
    riv__now_begin(&watch->now[0], 1);
    assert_int_equal(riv_watch_tick(watch, 25), 0);
    assert_int_equal(riv_watch_tick(watch, 25), 0);
    assert_int_equal(riv_watch_memory(watch, 1096LL << 20), 0);
    assert_int_equal(riv_watch_memory(watch, 1097LL << 20),
                     77); /* for longest */
    riv__now_end(&watch->now[1]);
    assert_int_equal(riv_watch_memory(watch, 1097LL << 20), 76);
    riv__now_end(&watch->now[0]);
    assert_int_equal(riv_watch_memory(watch, 1097LL << 20), 0);
    free(watch);
}

static void a_new_start_forgets_all_but_that_it_was_asked_to_stop(void **state)
{
    (void)state;
    riv_watch *watch = new_watch();
    riv_watch_info info = { .struct_size = sizeof info };
    riv__now_begin(&watch->now[0], 0);
    atomic_store(&watch->ended, true);
    riv_watch_ask(watch);
    riv_watch_reset(watch);
    riv_watch_look(watch, &info);
    assert_false(info.ended);
    assert_string_equal(doing(watch), "");
    assert_int_equal(atomic_load(&watch->asked), 1);
    free(watch);
}

static riv_watch *seen_watch;
static char seen[400];

RIV_FOREACH(look_at_itself, int64_t);
static int look_at_itself(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    riv_watch_doing(seen_watch, seen, sizeof seen);
    return 0;
}

static void a_job_that_runs_is_seen_in_its_function(void **state)
{
    (void)state;
    const int64_t one = 1;
    seen_watch = new_watch();
    riv *r = riv_new(NULL);
    r->watch = seen_watch;
    riv_foreach(riv_parallelize(r, &riv_type_int64_t, &one, 1, NULL),
                look_at_itself_fn, NULL);
    assert_int_equal(riv_run(r), RIV_OK);
    assert_non_null(strstr(seen, "riv_foreach(look_at_itself, "));
    assert_non_null(strstr(seen, "watch_test.c:"));
    assert_string_equal(doing(seen_watch), "");
    riv_free(r);
    free(seen_watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_is_told_by_name_and_partition),
        cmocka_unit_test(the_thread_at_fault_is_told_alone),
        cmocka_unit_test(a_page_of_rubbish_is_told_without_harm),
        cmocka_unit_test(
            a_task_hangs_when_it_stands_still_for_longer_than_it_may),
        cmocka_unit_test(a_task_that_takes_memory_beyond_the_limit_is_told),
        cmocka_unit_test(a_new_start_forgets_all_but_that_it_was_asked_to_stop),
        cmocka_unit_test(a_job_that_runs_is_seen_in_its_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
