/* api/retry_test.c - tasks that fail for reasons of the world: each is tried
 * again, alone, and what it did before is gone; then the job fails and says
 * where. What cannot be better the next time is not tried again. */
#include <stdatomic.h>
#include <sys/stat.h>

#include "api/fixture.h"

enum { ROWS = 1000, PARTS = 10 };

static _Atomic int failures; /* still to come */
static _Atomic int64_t calls;
static int code; /* of the failures */

/* Row 555 fails so often; the function waits for nothing. */
RIV_MAP(shaky, int64_t, int64_t);
static int shaky(const int64_t *in, int64_t *out, riv_task *t)
{
    riv_counter *const *count = t->arg;
    *out = *in;
    atomic_fetch_add(&calls, 1);
    if (count)
        riv_counter_add(t, *count, 1);
    if (*in == 555 && atomic_fetch_sub(&failures, 1) > 0) {
        riv_fail(t, "row 555 was not to be had");
        return code;
    }
    return 0;
}

RIV_MAP(mod_seven, int64_t, pair);
static int mod_seven(const int64_t *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ *in % 7, *in };
    return 0;
}

static riv_ds *numbers(riv *r)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, ROWS,
                           RIV_OPT(.partitions = PARTS));
}

static riv *context(int threads, int with, int times)
{
    atomic_store(&failures, times);
    atomic_store(&calls, 0);
    code = with;
    return riv_new(RIV_CONFIG(.threads = threads));
}

/* Its 56th record fails: 56 calls more for each attempt, none in others. */
static void a_failing_task_alone_is_tried_again(void **state)
{
    static const int codes[] = { RIV_EUNAVAIL, RIV_EIO, RIV_ETIMEOUT,
                                 RIV_EBUSY };
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        for (size_t i = 0; i < RIV__LEN(codes); i++) {
            riv *r = context(threads, codes[i], 3);
            riv_counter *c = riv_counter_new(r, "seen");
            riv_ds *ds =
                riv_map(numbers(r), shaky_fn, RIV_OPT(.arg = RIV_COPY(c)));
            int64_t sum = 0;
            assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), 0);
            no_error(r);
            assert_int_equal(sum, ROWS * (ROWS - 1) / 2);
            assert_int_equal(calls, ROWS + 3 * 56);
            assert_int_equal(riv_counter_value(c), ROWS);
            riv_free(r);
        }
    }
}

static void what_a_failed_attempt_kept_is_gone(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads, RIV_EIO, 2);
        riv_ds *ds = riv_map(numbers(r), shaky_fn, NULL);
        riv_result res = { 0 };
        assert_int_equal(riv_collect(ds, &res), 0);
        assert_int_equal(res.n, ROWS);
        for (int64_t i = 0; i < ROWS; i++)
            assert_int_equal(((const int64_t *)res.rows)[i], i);
        riv_result_free(&res);
        atomic_store(&failures, 3);
        riv_ds *sums = riv_reduce_by_key(riv_map(ds, mod_seven_fn, NULL),
                                         riv_sum_i64, NULL);
        collected(riv_sort_by_key(sums, RIV_ASCENDING, NULL),
                  "0,71071\n1,71214\n2,71357\n3,71500\n4,71643\n5,71786\n"
                  "6,70929\n");
        riv_free(r);
    }
}

static void after_four_attempts_the_job_fails_and_says_where(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads, RIV_EUNAVAIL, 100);
        riv_ds *ds = riv_map(numbers(r), shaky_fn, NULL);
        int64_t n = 0;
        assert_int_equal(riv_count_now(ds, &n), RIV_EUNAVAIL);
        error_has(r, RIV_EUNAVAIL, "riv_map(shaky, ");
        error_has(r, RIV_EUNAVAIL, "row 555 was not to be had");
        error_has(r, RIV_EUNAVAIL, "partition 5 ");
        error_has(r, RIV_EUNAVAIL, "attempt 4 of 4");
        assert_int_equal(failures, 96);
        riv_free(r);
    }
}

static void attempts_are_a_setting(void **state)
{
    (void)state;
    riv *r = context(1, RIV_EUNAVAIL, 1);
    riv_set(r, "task.attempts", "1");
    int64_t n = 0;
    assert_int_equal(riv_count_now(riv_map(numbers(r), shaky_fn, NULL), &n),
                     RIV_EUNAVAIL);
    assert_int_equal(failures, 0);
    riv_free(r);
    r = context(1, RIV_EUNAVAIL, 9);
    riv_set(r, "task.attempts", "10");
    assert_int_equal(riv_count_now(riv_map(numbers(r), shaky_fn, NULL), &n), 0);
    assert_int_equal(n, ROWS);
    riv_free(r);
}

/* Functions are pure: a record that is bad is bad again. */
static void what_cannot_get_better_is_not_tried_again(void **state)
{
    static const int codes[] = { RIV_ERECORD, RIV_EFATAL, RIV_EINVAL,
                                 RIV_ENOMEM,  RIV_ETYPE,  17 };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(codes); i++) {
        riv *r = context(2, codes[i], 100);
        int64_t n = 0;
        int rc = riv_count_now(riv_map(numbers(r), shaky_fn, NULL), &n);
        assert_int_equal(rc, codes[i] > 0 ? RIV_EFATAL : codes[i]);
        error_has(r, rc, "row 555 was not to be had");
        error_has(r, rc, "partition 5 ");
        assert_null(strstr(riv_errmsg(r), "attempt"));
        assert_int_equal(failures, 99);
        riv_free(r);
    }
}

RIV_GROUP(square_sum, pair, pair);
static int square_sum(const int64_t *key, const int64_t *v, size_t n,
                      square_sum_out *out, riv_task *t)
{
    atomic_fetch_add(&calls, 1);
    if (*key == 1 && atomic_fetch_sub(&failures, 1) > 0)
        return riv_fail(t, "once"), code;
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    riv_emit(out, (pair){ *key, sum });
    return 0;
}

/* Spark's FailureSuite: three keys in three reduce tasks, one fails once. */
static void a_task_behind_an_exchange_is_tried_again_too(void **state)
{
    const pair rows[] = { { 1, 1 }, { 2, 2 }, { 3, 3 } };
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads, RIV_EIO, 1);
        riv_ds *in = riv_parallelize(r, &riv_type_pair, rows, 3,
                                     RIV_OPT(.partitions = 3));
        riv_ds *ds =
            riv_group_by_key(in, square_sum_fn, RIV_OPT(.partitions = 3));
        collected(riv_sort_by_key(ds, RIV_ASCENDING, NULL), "1,1\n2,4\n3,9\n");
        assert_int_equal(calls, 4);
        riv_free(r);
    }
}

/* What is shown is shown once. */
static void a_text_is_written_once(void **state)
{
    char path[32], text[8 * ROWS];
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        file_make(path, "", 0);
        riv *r = context(threads, RIV_EIO, 3);
        riv_save_text(riv_map(numbers(r), shaky_fn, NULL), path, NULL);
        assert_int_equal(riv_run(r), 0);
        riv_free(r);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
        unlink(path);
        const char *at = text;
        for (int64_t i = 0; i < ROWS; i++, at = strchr(at, '\n') + 1)
            assert_int_equal(strtoll(at, NULL, 10), i);
        assert_string_equal(at, "");
    }
}

/* Of a folder of part files the failed attempt's file goes. */
static void a_part_file_is_written_once(void **state)
{
    (void)state;
    for (int encoded = 0; encoded < 2; encoded++) {
        char dir[] = "/tmp/riv-retry-XXXXXX", out[64], path[96];
        assert_non_null(mkdtemp(dir));
        snprintf(out, sizeof out, "%s/out/", dir);
        riv *r = context(2, RIV_EIO, 3);
        riv_ds *ds = riv_map(numbers(r), shaky_fn, NULL);
        if (encoded)
            riv_save_encoded(ds, out, NULL);
        else
            riv_save_text(ds, out, NULL);
        (void)riv_run(r);
        no_error(r);
        riv_free(r);
        struct stat st;
        snprintf(path, sizeof path, "%spart-00005", out);
        assert_int_equal(stat(path, &st), 0);
        if (!encoded)
            assert_int_equal(st.st_size, 4 * ROWS / PARTS);
        for (int k = 0; k < PARTS; k++) {
            snprintf(path, sizeof path, "%spart-%05d", out, k);
            assert_int_equal(unlink(path), 0);
        }
        snprintf(path, sizeof path, "%s_SUCCESS", out);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(out), 0); /* nothing else is in it */
        assert_int_equal(rmdir(dir), 0);
    }
}

RIV_MAP_WITH_STATE(add_up, pair, int64_t, int64_t);
static int add_up(const int64_t *key, const int64_t *v, int64_t *sum,
                  add_up_out *out, riv_task *t)
{
    (void)key, (void)t;
    *sum += *v;
    riv_emit(out, *v);
    return 0;
}

/* Its states have changed: what reads it cannot run again. */
static void what_changes_states_is_not_tried_again(void **state)
{
    const int64_t rows[] = { 554, 555, 556 };
    (void)state;
    riv *r = context(1, RIV_EUNAVAIL, 100);
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *sums =
        riv_map_with_state(riv_map(in, mod_seven_fn, NULL), add_up_fn, NULL);
    riv_print(riv_map(sums, shaky_fn, NULL), 10);
    assert_int_equal(riv_push(in, rows, 3), 0);
    assert_int_equal(riv_step(r, 1), RIV_EUNAVAIL);
    error_has(r, RIV_EUNAVAIL, "row 555 was not to be had");
    assert_int_equal(failures, 99);
    riv_free(r);
}

/* The first file's line cuts the second file, and the third's fails once. */
RIV_FILTER(cuts_short, riv_str);
static int cuts_short(const riv_str *line, riv_task *t)
{
    (void)t;
    if (line->p[0] == 'a') {
        char path[80];
        snprintf(path, sizeof path, "%s/b", own_dir);
        assert_int_equal(truncate(path, 1), 0);
    }
    return line->p[0] == 'c' && atomic_fetch_sub(&failures, 1) > 0
               ? RIV_EUNAVAIL
               : 1;
}

/* A file that shrank does not grow back: a task that fails by it is not tried
 * again. One that went on without it is, when it fails by something else. */
static void a_task_that_left_a_file_out_is_tried_again(void **state)
{
    char path[80];
    int64_t n = 0;
    (void)state;
    for (char name = 'a'; name <= 'c'; name++) {
        snprintf(path, sizeof path, "%s/%c", own_dir, name);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fprintf(f, "%c is a line\n", name);
        fclose(f);
    }
    riv *r = context(1, RIV_EUNAVAIL, 1);
    riv_set(r, "files.damaged", "skip");
    snprintf(path, sizeof path, "%s/*", own_dir);
    riv_ds *lines = riv_filter(riv_text(r, path, NULL), cuts_short_fn, NULL);
    assert_int_equal(riv_count_now(lines, &n), 0);
    no_error(r);
    assert_int_equal(n, 2);
    assert_true(atomic_load(&failures) < 0);
    riv_free(r);
}

/* Ten for each row; the 900th row fails once, long after enough has come. */
RIV_FLAT_MAP(ten_times, int64_t, int64_t);
static int ten_times(const int64_t *in, ten_times_out *out, riv_task *t)
{
    (void)t;
    for (int64_t i = 0; i < 10; i++)
        riv_emit(out, *in * 10 + i);
    return *in == 900 && atomic_fetch_sub(&failures, 1) > 0 ? RIV_EUNAVAIL : 0;
}

/* Or the second attempt takes nothing, because the first had enough. */
static void a_task_that_failed_behind_enough_takes_all_of_it_again(void **state)
{
    enum { TAKEN = 2500 };
    static int64_t rows[ROWS];
    riv_result res = { .struct_size = sizeof res };
    (void)state;
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    riv *r = context(1, RIV_EUNAVAIL, 1);
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, ROWS,
                                 RIV_OPT(.partitions = 1));
    assert_int_equal(
        riv_take(riv_flat_map(ds, ten_times_fn, NULL), TAKEN, &res), 0);
    assert_true(atomic_load(&failures) <= 0);
    assert_int_equal(res.n, TAKEN);
    for (int64_t i = 0; i < TAKEN; i++)
        assert_int_equal(((const int64_t *)res.rows)[i], i);
    riv_result_free(&res);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_task_alone_is_tried_again),
        cmocka_unit_test(what_a_failed_attempt_kept_is_gone),
        cmocka_unit_test(after_four_attempts_the_job_fails_and_says_where),
        cmocka_unit_test(attempts_are_a_setting),
        cmocka_unit_test(what_cannot_get_better_is_not_tried_again),
        cmocka_unit_test(a_task_behind_an_exchange_is_tried_again_too),
        cmocka_unit_test(a_text_is_written_once),
        cmocka_unit_test(a_part_file_is_written_once),
        cmocka_unit_test(what_changes_states_is_not_tried_again),
        IN_OWN_DIR(a_task_that_left_a_file_out_is_tried_again),
        cmocka_unit_test(
            a_task_that_failed_behind_enough_takes_all_of_it_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
