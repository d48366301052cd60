/* tests/rows/engine_test.c - rows of the table "Engine: failure, caching,
 * scheduling": jobs in which tasks fail and kept partitions vanish, are damaged
 * or have no room, between jobs and in the middle of them; what is computed
 * again is counted. Each test is named by its row's id. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows/event.h"

/* ------------------------------------------------------ files of partitions */

enum { FILES_MAX = 512 };

/* Files without a name in cache.dir that are open now: partitions that are kept
 * on disk. In the order in which they were made, as far as descriptors tell. */
static int kept_files(int fd[FILES_MAX])
{
    int n = 0;
    for (int i = 3; i < 4096 && n < FILES_MAX; i++) {
        char path[64], to[256];
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        const ssize_t length = readlink(path, to, sizeof to - 1);
        if (length <= 0)
            continue;
        to[length] = '\0';
        if (strstr(to, "/.rivulet-") && strstr(to, "(deleted)"))
            fd[n++] = i;
    }
    return n;
}

static void cut_short(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(ftruncate(fd, st.st_size / 2), 0);
}

/* Through a descriptor of its own: that of the engine appends. */
static void flip_a_bit(int fd)
{
    unsigned char byte;
    struct stat st;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pread(fd, &byte, 1, st.st_size / 2), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, st.st_size / 2), 1);
    close(fd);
}

/* 1 to n in so many partitions, counted, kept at a level. */
static riv_ds *kept(riv *r, int64_t n, int parts, int level)
{
    return riv_persist(counting(numbers(r, 1, n, parts)), level);
}

static int64_t sum_to(int64_t n)
{
    return n * (n + 1) / 2;
}

RIV_MAP(with_1, int64_t, int_int);
static int with_1(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x, 1 };
    return 0;
}

RIV_JOIN(key_of_both, int_int, int_int, int64_t);
static int key_of_both(const int64_t *key, const int64_t *l, const int64_t *r,
                       key_of_both_out *out, riv_task *t)
{
    (void)l, (void)r, (void)t;
    riv_emit(out, *key);
    return 0;
}

static riv_ds *joined(riv_ds *l, riv_ds *r)
{
    return riv_join(riv_map(l, with_1_fn, NULL), riv_map(r, with_1_fn, NULL),
                    key_of_both_fn, RIV_INNER, NULL);
}

/* ------------------------------------------------------------------- FA-09 */

RIV_TEST(fa_09_all_files_of_a_cache_gone_means_computing_it_again)
{
    FOR_THREADS(r)
    {
        int fd[FILES_MAX];
        riv_ds *ds = kept(r, 1000, 10, RIV_DISK);
        assert_int_equal(sum_of(ds), sum_to(1000));
        const int n = kept_files(fd);
        assert_int_equal(n, 10);
        for (int i = 0; i < n; i++)
            assert_int_equal(ftruncate(fd[i], 0), 0);
        seen_take();
        assert_int_equal(sum_of(ds), sum_to(1000));
        assert_int_equal(seen_take(), 1000);
        assert_int_equal(sum_of(ds), sum_to(1000));
        assert_int_equal(seen_take(), 0);
    }
}

static void check_one_lost(riv *r, void (*damage)(int fd))
{
    int fd[FILES_MAX];
    riv_ds *ds = kept(r, 1000, 10, RIV_DISK);
    assert_int_equal(sum_of(ds), sum_to(1000));
    assert_int_equal(kept_files(fd), 10);
    seen_take();
    damage(fd[6]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sum_of(ds), sum_to(1000));
        assert_int_equal(seen_partitions(), i == 0);
        assert_int_equal(seen_take(), i == 0 ? 100 : 0);
    }
}

RIV_TEST(fa_09_one_lost_partition_alone_is_computed_again_and_once)
{
    FOR_THREADS(r)
    {
        check_one_lost(r, cut_short);
    }
    FOR_THREADS(r)
    {
        check_one_lost(r, flip_a_bit);
    }
}

/* What has no room is dropped when a job has ended, and only that is computed
 * again by the next. */
RIV_TEST(fa_09_what_was_evicted_alone_is_computed_again)
{
    FOR_THREADS(r)
    {
        riv_set(r, "cache.memory", "4000"); /* half of the 8,000 bytes */
        riv_ds *ds = kept(r, 1000, 10, RIV_MEMORY);
        assert_int_equal(sum_of(ds), sum_to(1000));
        assert_int_equal(seen_take(), 1000);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(sum_of(ds), sum_to(1000));
            assert_int_equal(seen_partitions(), 5);
            assert_int_equal(seen_take(), 500);
        }
    }
}

RIV_TEST(fa_09_what_is_unpersisted_is_computed_again)
{
    FOR_THREADS(r)
    {
        for (int level = RIV_MEMORY; level <= RIV_DISK; level++) {
            int fd[FILES_MAX];
            riv_ds *ds = kept(r, 1000, 10, level);
            assert_int_equal(sum_of(ds), sum_to(1000));
            riv_unpersist(ds);
            assert_int_equal(kept_files(fd), 0);
            seen_take();
            assert_int_equal(sum_of(ds), sum_to(1000));
            assert_int_equal(sum_of(ds), sum_to(1000));
            assert_int_equal(seen_take(), 2000);
        }
    }
}

/* ------------------------------------------- DG-02: in the middle of a job */

static atomic_int damage_left; /* files that the next record cuts short */

RIV_MAP(damaging, int64_t, int64_t);
static int damaging(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x;
    int left = atomic_exchange(&damage_left, 0);
    int fd[FILES_MAX];
    const int n = left > 0 ? kept_files(fd) : 0;
    for (int i = n; left > 0 && i-- > 0; left--)
        if (ftruncate(fd[i], 0) < 0)
            return RIV_EIO;
    return 0;
}

/* The last of 40 partitions are lost while the first are read. What else goes
 * into the job, and is not kept, is computed once. */
RIV_TEST(dg_02_partitions_lost_in_the_middle_of_a_job_alone_run_again)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = kept(r, 4000, 40, RIV_DISK);
        riv_ds *reader = riv_map(ds, damaging_fn, NULL);
        riv_ds *job = joined(reader, counting(numbers(r, 1, 4000, 4)));
        assert_int_equal(sum_of(ds), sum_to(4000));
        seen_take();
        atomic_store(&damage_left, 5);
        assert_int_equal(sum_of(job), sum_to(4000));
        assert_int_equal(atomic_load(&damage_left), 0);
        assert_int_equal(seen_take(), 4000 + 5 * 100);
        assert_int_equal(sum_of(job), sum_to(4000));
        assert_int_equal(seen_take(), 4000);
    }
}

/* A chain of kept datasets, all lost: each is computed again from the one
 * before, which is whole by then. */
RIV_TEST(dg_02_a_lineage_of_lost_partitions_is_computed_again_from_its_start)
{
    enum { STEPS = 40 };
    FOR_THREADS(r)
    {
        int fd[FILES_MAX];
        riv_ds *ds = numbers(r, 1, 1000, 10);
        for (int i = 0; i < STEPS; i++)
            ds = riv_persist(riv_map(ds, counted_fn, NULL), RIV_DISK);
        assert_int_equal(sum_of(ds), sum_to(1000));
        const int n = kept_files(fd);
        assert_int_equal(n, STEPS * 10);
        for (int i = 0; i < n; i++)
            if (i % 10 == 3) /* partition 3 of each */
                flip_a_bit(fd[i]);
        seen_take();
        assert_int_equal(sum_of(ds), sum_to(1000));
        assert_int_equal(seen_take(), STEPS * 100);
    }
}

static void push_one(riv *r, riv_ds *in, int64_t x)
{
    push_step(r, in, &x, 1);
}

/* An RDD beside a stream is kept over the batches. */
RIV_TEST(dg_02_a_stream_goes_on_when_the_rdd_beside_it_loses_a_partition)
{
    FOR_THREADS(r)
    {
        static struct text text;
        int fd[FILES_MAX];
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *ds = kept(r, 1000, 10, RIV_DISK);
        watch_batches(joined(in, ds), &text);
        push_one(r, in, 7);
        assert_int_equal(seen_take(), 1000);
        push_one(r, in, 500);
        assert_int_equal(seen_take(), 0);
        assert_int_equal(kept_files(fd), 10);
        cut_short(fd[2]);
        push_one(r, in, 1000);
        assert_int_equal(seen_take(), 100);
        push_one(r, in, 1001);
        assert_int_equal(seen_take(), 0);
        assert_string_equal(text.p, "7 |500 |1000 ||");
    }
}

static int unpersist_it(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd;
    if (time == 2000)
        riv_unpersist(*(riv_ds *const *)arg);
    return 0;
}

/* The output comes before the join that reads what is kept. */
RIV_TEST(dg_02_unpersisting_in_the_middle_of_a_batch_loses_no_record)
{
    FOR_THREADS(r)
    {
        static struct text text;
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *ds = kept(r, 1000, 10, RIV_MEMORY);
        riv_ds *other = joined(in, ds);
        riv_foreach_rdd(in, unpersist_it, RIV_OPT(.arg = RIV_COPY(ds)));
        watch_batches(other, &text);
        for (int64_t i = 1; i <= 4; i++)
            push_one(r, in, i);
        assert_string_equal(text.p, "1 |2 |3 |4 |");
    }
}

/* ------------------------------------------------------------------- FA-03 */

static atomic_int failures_left, calls;

/* Fails for the record 1 as long as failures are left. */
RIV_MAP(square, int64_t, int64_t);
static int square(const int64_t *x, int64_t *out, riv_task *t)
{
    atomic_fetch_add(&calls, 1);
    if (*x == 1 && atomic_fetch_sub(&failures_left, 1) > 0)
        return riv_fail(t, "this time not");
    *out = *x * *x;
    return 0;
}

RIV_GROUP(square_key, int_int, int64_t);
static int square_key(const int64_t *key, const int64_t *v, size_t n,
                      square_key_out *out, riv_task *t)
{
    (void)v, (void)n;
    atomic_fetch_add(&calls, 1);
    if (*key == 1 && atomic_fetch_sub(&failures_left, 1) > 0)
        return riv_fail(t, "this time not");
    riv_emit(out, *key * *key);
    return 0;
}

static void failing(int times)
{
    atomic_store(&failures_left, times);
    atomic_store(&calls, 0);
}

RIV_TEST(fa_03_a_stage_that_always_fails_fails_every_job_on_it)
{
    FOR_THREADS(r)
    {
        int64_t n = 0;
        riv_ds *pairs = riv_map(numbers(r, 1, 3, 3), with_1_fn, NULL);
        riv_ds *ds = riv_group_by_key(
            riv_map(riv_map(numbers(r, 1, 3, 3), square_fn, NULL), with_1_fn,
                    NULL),
            square_key_fn, NULL);
        failing(1000000);
        assert_int_equal(riv_count_now(ds, &n), RIV_ERECORD);
        error_says(r, RIV_ERECORD, "this time not");
        assert_int_equal(riv_count_now(ds, &n), RIV_ERECORD);
        assert_int_equal(riv_count_now(pairs, &n), RIV_ERECORD);
    }
}

/* ------------------------------------------------------------ DI-03, AC-01 */

static riv_counter *counter;

RIV_FOREACH(count_it, int64_t);
static int count_it(const int64_t *x, riv_task *t)
{
    riv_counter_add(t, counter, *x);
    return 0;
}

RIV_MAP(times_captured, int64_t, int64_t);
static int times_captured(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x * *riv_arg(t, int64_t);
    return 0;
}

RIV_TEST(di_03_a_counter_counts_and_what_is_captured_does_not_change)
{
    FOR_THREADS(r)
    {
        int64_t factor = 0;
        riv_ds *ds = numbers(r, 1, 10, 4);
        counter = riv_counter_new(r, "sum");
        riv_foreach_now(ds, count_it_fn, NULL);
        fine(r);
        assert_int_equal(riv_counter_value(counter), 55);
        riv_ds *product =
            riv_map(ds, times_captured_fn, RIV_OPT(.arg = RIV_COPY(factor)));
        factor = 7;
        assert_int_equal(sum_of(product), 0);
    }
}

RIV_TEST(ac_01_counters_start_at_0_and_averages_come_of_sums)
{
    static const int64_t want[] = { 0, 1, 3 };
    FOR_THREADS(r)
    {
        counter = riv_counter_new(r, "a");
        assert_int_equal(riv_counter_value(counter), 0);
        for (int64_t i = 0; i < 3; i++) { /* 0, then 1, then 2 */
            double mean = -1;
            riv_foreach_now(numbers(r, i, i, 1), count_it_fn, NULL);
            assert_int_equal(riv_counter_value(counter), want[i]);
            riv_mean(numbers(r, 0, i, 2), &mean);
            fine(r);
            assert_true(mean == (double)i / 2);
        }
        riv_statistics s = RIV_STATISTICS;
        riv_stats(riv_union(numbers(r, 0, 2, 2), numbers(r, 2, 2, 1)), &s);
        fine(r);
        assert_int_equal(s.count, 4);
        assert_true(s.sum == 5 && s.mean == 1.25);
    }
}

/* ------------------------------------------------------------ DI-04, DI-07 */

RIV_TEST(di_04_every_level_keeps_all_partitions)
{
    static const int files[] = { 0, 0, 0, 10 };
    FOR_THREADS(r)
    {
        for (int level = RIV_MEMORY; level <= RIV_DISK; level++) {
            int fd[FILES_MAX];
            int64_t size[10];
            riv_ds *ds = kept(r, 1000, 10, level);
            for (int i = 0; i < 3; i++)
                assert_int_equal(sum_of(ds), sum_to(1000));
            assert_int_equal(seen_partitions(), 10);
            assert_int_equal(seen_take(), 1000);
            assert_int_equal(kept_files(fd), files[level - RIV_MEMORY]);
            assert_int_equal(sizes_of(ds, size, 10), 10);
            for (int k = 0; k < 10; k++)
                assert_int_equal(size[k], 100);
            assert_int_equal(seen_take(), 0);
            riv_unpersist(ds);
        }
    }
}

RIV_MAP(one_of_16, int64_t, int_int);
static int one_of_16(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x % 16, *x };
    return 0;
}

RIV_GROUP(group_size, int_int, int64_t);
static int group_size(const int64_t *key, const int64_t *v, size_t n,
                      group_size_out *out, riv_task *t)
{
    (void)key, (void)v, (void)t;
    riv_emit(out, (int64_t)n);
    return 0;
}

RIV_TEST(di_07_large_groups_are_complete)
{
    FOR_THREADS(r)
    {
        riv_ds *pairs = riv_map(numbers(r, 1, 2000, 4), one_of_16_fn, NULL);
        riv_ds *sizes = riv_group_by_key(pairs, group_size_fn, NULL);
        assert_int_equal(count_of(sizes), 16);
        assert_int_equal(sum_of(sizes), 2000);
    }
}

/* ------------------------------------------- DG-01, DG-05, DG-07, DG-08 */

static void into_text(void *arg, const char *text, size_t n)
{
    struct text *to = arg;
    assert_true(to->n + n < sizeof to->p);
    memcpy(to->p + to->n, text, n);
    to->p[to->n += n] = '\0';
}

/* Each line of a plan: "stage 1  #3 riv_x  <- #2 ...". */
RIV_TEST(dg_01_stages_of_parents_come_first_and_no_dataset_twice)
{
    static struct text plan;
    enum { IDS = 32 };
    int stage_of[IDS], last = -1;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *pairs = riv_map(numbers(r, 1, 9, 3), one_of_16_fn, NULL);
    riv_ds *sums = riv_reduce_by_key(pairs, riv_sum_i64, NULL);
    riv_print(joined(riv_keys(sums), riv_keys(pairs)), 1);
    plan = (struct text){ .n = 0 };
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, into_text, &plan), 0);
    for (char *line = plan.p; *line; line = strchr(line, '\n') + 1) {
        int stage, id, parent;
        assert_int_equal(sscanf(line, "stage %d #%d", &stage, &id), 2);
        assert_int_equal(id, last + 1);
        last = id;
        stage_of[id] = stage;
        const char *end = strchr(line, '\n'), *at = strstr(line, "  <- ");
        for (; at && at < end; at = strstr(at, ", #")) {
            assert_int_equal(sscanf(at, "%*[^#]#%d", &parent), 1);
            assert_in_range(parent, 0, id - 1);
            assert_in_range(stage_of[parent], 0, stage);
            at += 3;
        }
    }
    assert_true(last >= 7);
    riv_free(r);
}

RIV_TEST(dg_01_a_job_over_nothing_ends_at_once)
{
    FOR_THREADS(r)
    {
        static struct text none;
        riv_ds *empty = riv_reduce(numbers(r, 1, 0, 1), riv_sum_i64, NULL);
        gives(empty, "");
        assert_int_equal(count_of(riv_union(empty, empty)), 0);
        watch_batches(empty, &none);
        assert_int_equal(riv_run(r), 0);
        assert_string_equal(none.p, "|");
    }
}

RIV_TEST(dg_05_what_is_kept_spares_all_that_it_was_made_of)
{
    FOR_THREADS(r)
    {
        riv_ds *in = counting(numbers(r, 1, 100, 4));
        riv_ds *pairs = riv_map(in, one_of_16_fn, NULL);
        riv_ds *sums = riv_persist(riv_reduce_by_key(pairs, riv_sum_i64, NULL),
                                   RIV_MEMORY);
        assert_int_equal(sum_of(riv_values(sums)), 5050);
        assert_int_equal(seen_take(), 100);
        assert_int_equal(sum_of(riv_values(sums)), 5050);
        assert_int_equal(count_of(riv_sort_by_key(sums, RIV_ASCENDING, NULL)),
                         16);
        assert_int_equal(seen_take(), 0);
        /* a second way to the same input is computed, the kept one is not */
        assert_int_equal(count_of(riv_union(riv_values(sums), in)), 116);
        assert_int_equal(seen_take(), 100);
    }
}

static int failing_output(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time, (void)arg;
    return RIV_EFATAL;
}

RIV_MAP(returns_17, int64_t, int64_t);
static int returns_17(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x;
    return 17;
}

RIV_MAP(says_unavailable, int64_t, int64_t);
static int says_unavailable(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x;
    atomic_fetch_add(&calls, 1);
    return RIV_EUNAVAIL;
}

RIV_TEST(dg_07_errors_of_the_program_end_the_job_and_nothing_else)
{
    FOR_THREADS(r)
    {
        riv_foreach_rdd(numbers(r, 1, 9, 3), failing_output, NULL);
        assert_int_equal(riv_run(r), RIV_EFATAL);
    }
    FOR_THREADS(r)
    {
        int64_t n;
        riv_ds *ds = riv_map(numbers(r, 1, 9, 3), returns_17_fn, NULL);
        assert_true(riv_count_now(ds, &n) < 0);
        error_says(r, riv_error(r), "17");
    }
    FOR_THREADS(r)
    {
        int64_t n;
        atomic_store(&calls, 0);
        riv_ds *ds = riv_map(numbers(r, 1, 9, 3), says_unavailable_fn, NULL);
        assert_int_equal(riv_count_now(ds, &n), RIV_EUNAVAIL);
        assert_int_equal(atomic_load(&calls), 3 * 4); /* task.attempts */
    }
}

/* Parts of a random split are computed apart; between them a partition of what
 * they are made of is lost, and comes again as it was. */
RIV_TEST(dg_08_what_is_computed_again_is_what_it_was)
{
    static const double weight[] = { 1, 2, 3 };
    FOR_THREADS(r)
    {
        int fd[FILES_MAX];
        riv_ds *part[3];
        riv_ds *mixed =
            riv_repartition(riv_sample(numbers(r, 1, 900, 5), .7, 3), 6);
        riv_ds *in = riv_persist(mixed, RIV_DISK);
        const int64_t n = count_of(in), sum = sum_of(in);
        assert_int_equal(riv_random_split(in, weight, 3, 11, part), 0);
        int64_t n_parts = 0, sum_parts = 0;
        for (int i = 0; i < 3; i++) {
            n_parts += count_of(part[i]);
            assert_int_equal(kept_files(fd), 6);
            flip_a_bit(fd[i]);
            sum_parts += sum_of(part[i]);
            flip_a_bit(fd[i + 1]);
        }
        assert_int_equal(n_parts, n);
        assert_int_equal(sum_parts, sum);
    }
}

/* ------------------------------------------------------------------- SH-01 */

static riv *to_stop;

RIV_MAP(stopping, int64_t, int64_t);
static int stopping(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x;
    if (*x == 5000)
        riv_stop(to_stop, RIV_NOW);
    return 0;
}

RIV_TEST(jc_01_a_job_that_is_stopped_leaves_no_half_of_its_output)
{
    FOR_THREADS(r)
    {
        char folder[] = "/tmp/riv-rows-XXXXXX", path[64];
        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/out", folder);
        to_stop = r;
        riv_ds *ds = riv_queue(r, &riv_type_int64_t, NULL);
        riv_save_text(riv_map(ds, stopping_fn, NULL), "/dev/null", NULL);
        riv_save_text(riv_map(numbers(r, 1, 10000, 100), stopping_fn, NULL),
                      path, NULL);
        const int rc = riv_run(r);
        assert_int_equal(rc, RIV_ESTOPPED);
        assert_int_equal(access(path, F_OK), rc == 0 ? 0 : -1);
        unlink(path);
        assert_int_equal(rmdir(folder), 0); /* and no file beside it */
    }
}

RIV_MAP(to_text, int64_t, word_int);
static int to_text(const int64_t *x, word_int *out, riv_task *t)
{
    char text[64]; /* written over for every record */
    const int n =
        snprintf(text, sizeof text, "a text of its own: %d", (int)(*x % 3));
    *out = (word_int){ riv_dup(t, text, (size_t)n), *x };
    return 0;
}

RIV_COGROUP(word_sizes, word_int, word_int, int64_t);
static int word_sizes(const riv_str *key, const int64_t *l, size_t nl,
                      const int64_t *r, size_t nr, word_sizes_out *out,
                      riv_task *t)
{
    (void)key, (void)l, (void)r, (void)t;
    riv_emit(out, (int64_t)(nl * 1000 + nr));
    return 0;
}

/* Three keys in 1,000 partitions; texts that functions wrote in one buffer. */
RIV_TEST(sh_01_empty_partitions_and_reused_texts_do_no_harm)
{
    FOR_THREADS(r)
    {
        riv_ds *in = riv_map(numbers(r, 0, 299, 20), to_text_fn, NULL);
        riv_ds *sums =
            riv_reduce_by_key(in, riv_sum_i64, RIV_OPT(.partitions = 1000));
        gives_set(riv_values(sums), "14850 14950 15050");
        assert_int_equal(partitions_of(sums), 1000);
        gives_set(
            riv_cogroup(in, sums, word_sizes_fn, RIV_OPT(.partitions = 1000)),
            "100001 100001 100001");
        assert_int_equal(count_of(riv_subtract_by_key(in, sums, NULL)), 0);
        riv_ds *sorted = riv_sort_by_key(in, RIV_ASCENDING, NULL);
        gives(riv_distinct(riv_keys(sorted), RIV_OPT(.partitions = 1)),
              "a text of its own: 0 a text of its own: 1 a text of its own: 2");
    }
}

RIV_TEST(sh_01_a_damaged_file_behind_an_exchange_runs_its_stages_again)
{
    FOR_THREADS(r)
    {
        int fd[FILES_MAX];
        riv_ds *pairs =
            riv_map(counting(numbers(r, 1, 1000, 4)), one_of_16_fn, NULL);
        riv_ds *sums = riv_persist(
            riv_reduce_by_key(pairs, riv_sum_i64, RIV_OPT(.partitions = 4)),
            RIV_DISK);
        assert_int_equal(sum_of(riv_values(sums)), sum_to(1000));
        assert_int_equal(kept_files(fd), 4);
        seen_take();
        flip_a_bit(fd[1]);
        assert_int_equal(sum_of(riv_values(sums)), sum_to(1000));
        assert_int_equal(seen_take(), 1000);
        assert_int_equal(sum_of(riv_values(sums)), sum_to(1000));
        assert_int_equal(seen_take(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(fa_03_a_stage_that_always_fails_fails_every_job_on_it),
        RIV_CASE(fa_09_all_files_of_a_cache_gone_means_computing_it_again),
        RIV_CASE(fa_09_one_lost_partition_alone_is_computed_again_and_once),
        RIV_CASE(fa_09_what_was_evicted_alone_is_computed_again),
        RIV_CASE(fa_09_what_is_unpersisted_is_computed_again),
        RIV_CASE(di_03_a_counter_counts_and_what_is_captured_does_not_change),
        RIV_CASE(di_04_every_level_keeps_all_partitions),
        RIV_CASE(di_07_large_groups_are_complete),
        RIV_CASE(ac_01_counters_start_at_0_and_averages_come_of_sums),
        RIV_CASE(dg_01_stages_of_parents_come_first_and_no_dataset_twice),
        RIV_CASE(dg_01_a_job_over_nothing_ends_at_once),
        RIV_CASE(dg_02_partitions_lost_in_the_middle_of_a_job_alone_run_again),
        RIV_CASE(
            dg_02_a_lineage_of_lost_partitions_is_computed_again_from_its_start),
        RIV_CASE(
            dg_02_a_stream_goes_on_when_the_rdd_beside_it_loses_a_partition),
        RIV_CASE(dg_02_unpersisting_in_the_middle_of_a_batch_loses_no_record),
        RIV_CASE(dg_05_what_is_kept_spares_all_that_it_was_made_of),
        RIV_CASE(dg_07_errors_of_the_program_end_the_job_and_nothing_else),
        RIV_CASE(dg_08_what_is_computed_again_is_what_it_was),
        RIV_CASE(jc_01_a_job_that_is_stopped_leaves_no_half_of_its_output),
        RIV_CASE(sh_01_empty_partitions_and_reused_texts_do_no_harm),
        RIV_CASE(sh_01_a_damaged_file_behind_an_exchange_runs_its_stages_again),
    };
    return RIV_RUN(tests);
}
