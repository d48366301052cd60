/* tests/cost/allocations_test.c - a batch like those before it takes no memory
 * from the heap: once tables and buffers have their size, malloc and its kin are
 * not called any more, by no thread. They are counted by functions of the same
 * names in this program, which the library's calls reach, too. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "jobs.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

/* Seen by the library, too. */
#define SEEN __attribute__((visibility("default")))

static atomic_llong allocations;

SEEN void *malloc(size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(n);
}

SEEN void *calloc(size_t n, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(n, size);
}

SEEN void *realloc(void *p, size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(p, n);
}

SEEN void *aligned_alloc(size_t align, size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(align, n);
}

SEEN int posix_memalign(void **ret, size_t align, size_t n)
{
    atomic_fetch_add(&allocations, 1);
    *ret = __libc_memalign(align, n);
    return *ret ? 0 : RIV_ENOMEM;
}

/* Windows have seen all their panes come and go, tables their largest batch. */
enum { WARM_UP = 80, STEADY = 64 };

static void no_batch_allocates(const struct cost_job *job)
{
    struct cost_run run;
    assert_int_equal(cost_open(&run, job, WARM_UP + STEADY, "avx512"), 0);
    assert_int_equal(cost_step(&run, WARM_UP), 0);
    const long long before = allocations, rows = cost_seen();
    assert_true(before > 0);
    assert_int_equal(cost_step(&run, STEADY), 0);
    assert_true(cost_seen() > rows);
    if (allocations != before)
        fprintf(stderr, "%s: %lld allocations in %d batches\n", job->name,
                (long long)allocations - before, STEADY);
    assert_int_equal(allocations - before, 0);
    cost_close(&run);
}

static const struct cost_job *job_of(const char *name)
{
    for (int i = 0; i < COST_JOBS; i++)
        if (strcmp(cost_jobs[i].name, name) == 0)
            return &cost_jobs[i];
    fail_msg("no job %s", name);
    return NULL;
}

#define JOB(test, name) \
    RIV_TEST(test) \
    { \
        no_batch_allocates(job_of(name)); \
    }

JOB(counting_words_allocates_nothing, "words-ready")
JOB(a_function_that_splits_allocates_nothing, "words-user")
JOB(filtering_lines_allocates_nothing, "grep")
JOB(counting_a_field_allocates_nothing, "paths")
JOB(sums_of_csv_allocate_nothing, "csv-sum")
JOB(windows_allocate_nothing, "window")
JOB(state_allocates_nothing, "state")

#ifdef COST_JSON
JOB(json_allocates_nothing, "json-count")
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(counting_words_allocates_nothing),
        RIV_CASE(a_function_that_splits_allocates_nothing),
        RIV_CASE(filtering_lines_allocates_nothing),
        RIV_CASE(counting_a_field_allocates_nothing),
        RIV_CASE(sums_of_csv_allocate_nothing),
        RIV_CASE(windows_allocate_nothing),
        RIV_CASE(state_allocates_nothing),
#ifdef COST_JSON
        RIV_CASE(json_allocates_nothing),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
