/* api/input_test.c - datasets that bring records in: rows of the program, a
 * queue, files; and where none may be made. */
#include "api/fixture.h"

RIV_MAP(where, int64_t, int64_t);
static int where(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)in;
    *out = riv_partition(t);
    return 0;
}

static void rows_are_copied_with_their_strings(void **state)
{
    riv *r = riv_new(NULL);
    char text[] = "abc";
    wc rows[] = { { { text, 3 }, 1 }, { { text + 1, 1 }, 2 } };
    (void)state;
    riv_ds *ds = riv_parallelize(r, &riv_type_wc, rows, 2, NULL);
    memset(text, 'x', 3);
    memset(rows, 0, sizeof rows);
    collected(ds, "abc,1\nb,2\n");
    riv_free(r);
}

static void rows_lie_in_as_many_partitions_as_asked_for(void **state)
{
    riv *r = riv_new(NULL);
    int64_t rows[5] = { 0 };
    (void)state;
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, 5,
                                 RIV_OPT(.partitions = 3));
    collected(riv_map(ds, where_fn, NULL), "0\n1\n1\n2\n2\n");
    ds = riv_parallelize(r, &riv_type_int64_t, rows, 5, NULL);
    collected(riv_map(ds, where_fn, NULL), "0\n0\n0\n0\n0\n");
    riv_free(r);
}

/* rivulet.h: "0: by size". It was one, however large. */
static void many_rows_lie_in_several_partitions(void **state)
{
    enum { ROWS = 100000 };
    int64_t *rows = calloc(ROWS, sizeof *rows), most = 0, n = 0;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    (void)state;
    riv_set(r, "task.bytes", "64K");
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, ROWS, NULL);
    assert_int_equal(
        riv_reduce_now(riv_map(ds, where_fn, NULL), riv_max_i64, &most), 0);
    assert_int_equal(most, ROWS * sizeof *rows / (64 << 10));
    assert_int_equal(riv_count_now(ds, &n), 0);
    assert_int_equal(n, ROWS);
    riv_free(r);
    free(rows);
}

static void a_range_is_counted_where_it_is_read(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        int64_t n = -1;
        double sum = 0;
        riv_set(r, "task.bytes", "64K");
        collected(riv_range(r, 1, 6, 2, NULL), "1\n3\n5\n");
        collected(riv_range(r, 5, -1, -2, NULL), "5\n3\n1\n");
        collected(riv_range(r, 5, 5, 1, NULL), "");
        collected(riv_range(r, 5, 1, 1, NULL), "");
        collected(riv_range(r, INT64_MAX - 1, INT64_MAX, 7, NULL),
                  "9223372036854775806\n");
        riv_ds *many = riv_range(r, 0, 1000000, 1, NULL);
        assert_int_equal(riv_sum(many, &sum), 0);
        assert_true(sum == 499999500000.0);
        assert_int_equal(riv_partitions_now(many, &n), 0);
        assert_int_equal(n, 1 + 1000000 * 8 / (64 << 10));
        no_error(r);
        riv_free(r);
    }
}

/* Case PC-07 of the conformance data: no product of 32 or 64 bits is passed. */
static void a_range_lies_in_even_partitions(void **state)
{
    riv *r = riv_new(NULL);
    riv_result res = { 0 };
    int64_t n = 0;
    (void)state;
    riv_ds *big =
        riv_range(r, INT64_MIN, INT64_MAX, 1, RIV_OPT(.partitions = 40));
    assert_int_equal(riv_take(big, 2, &res), 0);
    assert_true(((const int64_t *)res.rows)[1] == INT64_MIN + 1);
    riv_result_free(&res);
    riv_ds *ten = riv_range(r, 0, 10, 1, RIV_OPT(.partitions = 4));
    collected(riv_map(ten, where_fn, NULL), "0\n0\n1\n1\n1\n2\n2\n3\n3\n3\n");
    assert_int_equal(
        riv_partitions_now(riv_range(r, 0, 2, 1, RIV_OPT(.partitions = 9)), &n),
        0);
    assert_int_equal(n, 9);
    no_error(r);
    riv_range(r, 0, 2, 0, NULL);
    error_has(r, RIV_EINVAL, "riv_range: a step of 0 leads nowhere");
    riv_free(r);
}

static void an_empty_rdd_has_no_partition(void **state)
{
    riv *r = riv_new(NULL);
    int64_t n = 9;
    bool empty = false;
    (void)state;
    riv_ds *none = riv_empty(r, &riv_type_wc);
    assert_int_equal(riv_partitions_now(none, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(riv_is_empty(none, &empty), 0);
    assert_true(empty);
    collected(none, "");
    no_error(r);
    riv_empty(r, NULL);
    error_has(r, RIV_EINVAL, "riv_empty: no type");
    riv_free(r);
}

static void an_empty_dataset_needs_no_rows(void **state)
{
    riv *r = riv_new(NULL);
    int64_t n = 9;
    (void)state;
    riv_ds *ds = riv_parallelize(r, &riv_type_wc, NULL, 0, NULL);
    assert_int_equal(riv_count_now(ds, &n), 0);
    assert_int_equal(n, 0);
    assert_ptr_equal(riv_ds_type(ds), &riv_type_wc);
    riv_free(r);
}

static void inputs_without_what_they_need_are_refused(void **state)
{
    static const struct {
        int what;
        const char *words;
    } wrong[] = { { 0, "riv_text: no input" },
                  { 1, "riv_text: no input" },
                  { 2, "riv_parallelize: no rows" },
                  { 3, "riv_parallelize: no type" },
                  { 4, "riv_queue: no type" } };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv *r = riv_new(NULL);
        riv_ds *ds = NULL;
        switch (wrong[i].what) {
        case 0: ds = riv_text(r, NULL, NULL); break;
        case 1: ds = riv_text(r, "", NULL); break;
        case 2: ds = riv_parallelize(r, &riv_type_wc, NULL, 3, NULL); break;
        case 3: ds = riv_parallelize(r, NULL, "", 0, NULL); break;
        default: ds = riv_queue(r, NULL, NULL);
        }
        assert_non_null(ds);
        error_has(r, RIV_EINVAL, wrong[i].words);
        riv_free(r);
    }
}

static void a_missing_file_is_found_when_the_job_starts(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    riv_ds *ds = riv_text(r, "/nowhere/at/all.txt", NULL);
    no_error(r);
    riv_print(ds, 1);
    assert_int_equal(riv_run(r), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "/nowhere/at/all.txt");
    riv_free(r);
}

/* ---------------------------------------------------------------- queues */

static void each_batch_has_what_was_pushed_before_it(void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    char text[] = "ab";
    riv_ds *queue = riv_queue(r, &riv_type_wc, NULL);
    riv_print(queue, 10);
    riv_print(riv_count(queue), 1);
    assert_int_equal(riv_push(queue, &(wc){ { text, 1 }, 1 }, 1), 0);
    assert_int_equal(riv_push(queue, &(wc){ { text, 2 }, 2 }, 1), 0);
    memset(text, 'x', 2);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said),
                        "--- time 1000 ms, 2 rows ---\na,1\nab,2\n"
                        "--- time 1000 ms, 1 rows ---\n2\n");
    assert_int_equal(riv_push(queue, NULL, 0), 0);
    assert_int_equal(riv_step(r, 2), 0);
    assert_string_equal(said_all(&said), "--- time 2000 ms, 0 rows ---\n"
                                         "--- time 2000 ms, 1 rows ---\n0\n"
                                         "--- time 3000 ms, 0 rows ---\n"
                                         "--- time 3000 ms, 1 rows ---\n0\n");
    riv_free(r);
    said_fini(&said);
}

RIV_GLOM(numbers_of, int64_t, riv_str);
static int numbers_of(const int64_t *rows, size_t n, numbers_of_out *out,
                      riv_task *t)
{
    riv_str text = riv_fmt(t, "%u:", riv_partition(t));
    for (size_t i = 0; i < n; i++)
        text = riv_fmt(t, RIV_S " %lld", RIV_P(text), (long long)rows[i]);
    riv_emit(out, text);
    return 0;
}

/* Each push was a partition, whatever the queue asked for. */
static void a_batch_is_cut_into_the_partitions_that_the_queue_asks_for(
    void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, RIV_OPT(.partitions = 3));
    riv_print(riv_glom(queue, numbers_of_fn, NULL), 9);
    for (int64_t i = 0; i < 7; i++)
        assert_int_equal(riv_push(queue, &i, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said), "--- time 1000 ms, 3 rows ---\n"
                                         "0: 0 1\n1: 2 3\n2: 4 5 6\n");
    const int64_t last = 7;
    assert_int_equal(riv_push(queue, &last, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said), "--- time 2000 ms, 3 rows ---\n"
                                         "0:\n1:\n2: 7\n");
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said), "--- time 3000 ms, 3 rows ---\n"
                                         "0:\n1:\n2:\n");
    riv_free(r);
    said_fini(&said);
}

static void queues_of_one_context_are_told_apart(void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r =
        riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said, .threads = 2));
    riv_ds *queue[20];
    riv_ds *all = NULL;
    for (int64_t i = 0; i < 20; i++) {
        queue[i] = riv_queue(r, &riv_type_int64_t, NULL);
        all = all ? riv_union(all, queue[i]) : queue[i];
    }
    riv_print(all, 100);
    for (int64_t i = 0; i < 20; i += 7)
        assert_int_equal(riv_push(queue[i], &i, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said),
                        "--- time 1000 ms, 3 rows ---\n0\n7\n14\n");
    riv_free(r);
    said_fini(&said);
}

static void a_push_is_refused_where_no_queue_is(void **state)
{
    riv *r = riv_new(NULL);
    int64_t row = 1;
    (void)state;
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    assert_int_equal(riv_push(NULL, &row, 1), RIV_EINVAL);
    assert_int_equal(riv_push(riv_count(queue), &row, 1), RIV_EINVAL);
    assert_int_equal(riv_push(queue, NULL, 1), RIV_EINVAL);
    no_error(r);
    riv_free(r);
}

/* A queue that was made after an error was queue 0 of the context: rows of
 * another type went there, or there was none at all. */
static void a_push_to_a_queue_that_was_refused_is_refused(void **state)
{
    wc row = { riv_cstr("a"), 1 };
    (void)state;
    for (int i = 0; i < 2; i++) {
        riv *r = riv_new(NULL);
        if (i > 0)
            riv_queue(r, &riv_type_int64_t, NULL);
        riv_invalid(r, "an error of the program");
        riv_ds *queue = riv_queue(r, &riv_type_wc, NULL);
        assert_non_null(queue);
        assert_int_equal(riv_push(queue, &row, 1), RIV_EINVAL);
        riv_free(r);
    }
}

static void a_full_queue_says_so_and_takes_all_or_none(void **state)
{
    enum { ROWS = 10000 };
    riv *r = riv_new(NULL);
    int64_t *rows = calloc(ROWS, sizeof *rows);
    struct said said;
    int rc, pushed = 0;
    (void)state;
    said_init(&said);
    riv_free(r);
    r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_set(r, "input.buffer", "1M");
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_print(riv_count(queue), 1);
    while ((rc = riv_push(queue, rows, ROWS)) == 0 && pushed < 1000)
        pushed++;
    assert_int_equal(rc, RIV_EBUSY);
    assert_int_equal(riv_step(r, 1), 0);
    char want[64];
    snprintf(want, sizeof want, "--- time 1000 ms, 1 rows ---\n%d\n",
             pushed * ROWS);
    assert_string_equal(said_all(&said), want);
    assert_int_equal(riv_push(queue, rows, ROWS), 0);
    no_error(r);
    riv_free(r);
    free(rows);
    said_fini(&said);
}

/* ----------------------------------------------- inside a batch's function */

/* What it makes would be forgotten with the batch, but the context's list of
 * inputs would go on pointing there. */
static int reads_more(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n;
    (void)rdd, (void)time;
    riv_ds *ds = *(const int *)arg ? riv_queue(r, &riv_type_int64_t, NULL)
                                   : riv_text(r, "/etc/hostname", NULL);
    return riv_error(r) < 0 ? riv_error(r) : riv_count_now(ds, &n);
}

static void inputs_are_not_made_inside_a_batch(void **state)
{
    (void)state;
    for (int what = 0; what < 2; what++) {
        riv *r = riv_new(NULL);
        riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
        riv_foreach_rdd(queue, reads_more, RIV_OPT(.arg = RIV_COPY(what)));
        assert_int_equal(riv_step(r, 3), RIV_EINVAL);
        error_has(r, RIV_EINVAL,
                  "inputs are made before the start, not for a batch");
        riv_free(r);
    }
}

static int builds_rows(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t rows[] = { time, 2 }, sum = 0;
    (void)arg;
    riv_ds *more = riv_parallelize(r, &riv_type_int64_t, rows, 2, NULL);
    if (riv_reduce_now(riv_union(rdd, more), riv_sum_i64, &sum) < 0)
        return riv_error(r);
    return sum == time + 2 + 5 ? 0 : riv_invalid(r, "sum %lld", (long long)sum);
}

static void rows_may_be_made_for_a_batch(void **state)
{
    riv *r = riv_new(NULL);
    int64_t five = 5;
    (void)state;
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach_rdd(queue, builds_rows, NULL);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(riv_push(queue, &five, 1), 0);
        riv_step(r, 1);
        no_error(r);
    }
    riv_free(r);
}

/* An RDD beside a stream is part of every batch. */
static void a_file_beside_a_stream_is_in_every_batch(void **state)
{
    struct said said;
    char path[32];
    (void)state;
    said_init(&said);
    file_make(path, "a\nb\n", 4);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_ds *queue = riv_queue(r, &riv_type_riv_str, NULL);
    riv_print(riv_union(riv_text(r, path, NULL), queue), 9);
    riv_str c = riv_cstr("c");
    assert_int_equal(riv_step(r, 1), 0);
    assert_int_equal(riv_push(queue, &c, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    const char *text = said_all(&said);
    assert_non_null(strstr(text, "time 1000 ms, 2 rows ---\na\nb\n"));
    assert_non_null(strstr(text, "time 2000 ms, 3 rows ---\n"));
    riv_free(r);
    said_fini(&said);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_copied_with_their_strings),
        cmocka_unit_test(rows_lie_in_as_many_partitions_as_asked_for),
        cmocka_unit_test(many_rows_lie_in_several_partitions),
        cmocka_unit_test(a_range_is_counted_where_it_is_read),
        cmocka_unit_test(a_range_lies_in_even_partitions),
        cmocka_unit_test(an_empty_rdd_has_no_partition),
        cmocka_unit_test(an_empty_dataset_needs_no_rows),
        cmocka_unit_test(inputs_without_what_they_need_are_refused),
        cmocka_unit_test(a_missing_file_is_found_when_the_job_starts),
        cmocka_unit_test(each_batch_has_what_was_pushed_before_it),
        cmocka_unit_test(
            a_batch_is_cut_into_the_partitions_that_the_queue_asks_for),
        cmocka_unit_test(queues_of_one_context_are_told_apart),
        cmocka_unit_test(a_push_is_refused_where_no_queue_is),
        cmocka_unit_test(a_push_to_a_queue_that_was_refused_is_refused),
        cmocka_unit_test(a_full_queue_says_so_and_takes_all_or_none),
        cmocka_unit_test(inputs_are_not_made_inside_a_batch),
        cmocka_unit_test(rows_may_be_made_for_a_batch),
        cmocka_unit_test(a_file_beside_a_stream_is_in_every_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
