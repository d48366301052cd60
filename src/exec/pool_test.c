/* exec/pool_test.c - runs of tasks on workers: every task once, all done when
 * the run returns, run after run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/pool.h"

enum { TASKS = 100, RUNS = 400 };

struct work {
    uint32_t done[TASKS]; /* by task: plain, the pool must order them */
    uint32_t last_of[RIV__WORKERS_MAX];
    atomic_bool disorder;
    unsigned workers;
};

static void one(void *arg, uint32_t task, unsigned worker)
{
    struct work *w = arg;
    w->done[task]++;
    if (worker >= w->workers || task + 1 <= w->last_of[worker])
        atomic_store(&w->disorder, true);
    w->last_of[worker] = task + 1;
}

static void every_task_runs_once_in_every_run(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        struct work *w = calloc(1, sizeof *w);
        struct riv_pool pool;
        struct riv_err err = { 0 };
        w->workers = threads;
        assert_int_equal(riv__pool_init(&pool, threads, &err), 0);
        for (uint32_t run = 0; run < RUNS; run++) {
            uint32_t n = run % TASKS;
            memset(w->done, 0, sizeof w->done);
            memset(w->last_of, 0, sizeof w->last_of);
            riv__pool_run(&pool, n, one, w);
            for (uint32_t i = 0; i < TASKS; i++)
                assert_int_equal(w->done[i], i < n);
        }
        /* each worker got its tasks in ascending order */
        assert_false(atomic_load(&w->disorder));
        riv__pool_fini(&pool);
        free(w);
    }
}

/* What the caller wrote before a run, tasks see; what tasks wrote, the caller
 * sees after it - and the next run's tasks, whoever runs them. */
static void double_it(void *arg, uint32_t task, unsigned worker)
{
    uint64_t *cell = arg;
    (void)worker;
    cell[task] = 2 * cell[(task + 1) % 8 + 8] + task;
}

static void copy_it(void *arg, uint32_t task, unsigned worker)
{
    uint64_t *cell = arg;
    (void)worker;
    cell[8 + task] = cell[task];
}

static void memory_is_passed_from_run_to_run(void **state)
{
    uint64_t want[16] = { 0 };
    (void)state;
    for (int i = 0; i < 300; i++) {
        for (uint32_t k = 0; k < 8; k++)
            double_it(want, k, 0);
        for (uint32_t k = 0; k < 8; k++)
            copy_it(want, k, 0);
    }
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct riv_pool pool;
        uint64_t cell[16] = { 0 };
        assert_int_equal(riv__pool_init(&pool, threads, NULL), 0);
        for (int i = 0; i < 300; i++) {
            riv__pool_run(&pool, 8, double_it, cell);
            riv__pool_run(&pool, 8, copy_it, cell);
        }
        riv__pool_fini(&pool);
        assert_memory_equal(cell, want, sizeof cell);
    }
}

static void a_pool_that_never_ran_ends(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= 4; threads++) {
        struct riv_pool pool;
        assert_int_equal(riv__pool_init(&pool, threads, NULL), 0);
        riv__pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once_in_every_run),
        cmocka_unit_test(memory_is_passed_from_run_to_run),
        cmocka_unit_test(a_pool_that_never_ran_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
