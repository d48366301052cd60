/* tests/stream/window_test.c - windows of records: what is in them, batch by
 * batch. The names of cases in brackets are those of the conformance data. */
#include "stream/fixture.h"

#define NUMBERS &riv_type_int64_t

static riv_ds *window_2_1(riv_ds *in)
{
    return riv_window(in, RIV_SEC(2), RIV_SEC(1));
}

static riv_ds *window_2_2(riv_ds *in)
{
    return riv_window(in, RIV_SEC(2), RIV_SEC(2));
}

static riv_ds *window_2_3(riv_ds *in)
{
    return riv_window(in, RIV_SEC(2), RIV_SEC(3));
}

static riv_ds *window_3_2(riv_ds *in)
{
    return riv_window(in, RIV_SEC(3), RIV_SEC(2));
}

static riv_ds *window_3_0(riv_ds *in)
{
    return riv_window(in, RIV_SEC(3), 0);
}

static riv_ds *window_of_window(riv_ds *in)
{
    return riv_window(riv_window(in, RIV_SEC(2), RIV_SEC(2)), RIV_SEC(4), 0);
}

/* [WO-01] */
RIV_TEST(a_window_slides_by_one_batch)
{
    expect(window_2_1, NUMBERS, "0|1|2|3|4|5",
           "0 | 0 1 | 1 2 | 2 3 | 3 4 | 4 5 | ");
}

/* [WO-02] */
RIV_TEST(a_tumbling_window_has_each_record_once)
{
    expect(window_2_2, NUMBERS, "0|1|2|3|4|5", "0 1 | 2 3 | 4 5 | ");
}

/* [WO-04] */
RIV_TEST(a_slide_longer_than_the_window_leaves_batches_out)
{
    expect(window_2_3, NUMBERS, "0|1|2|3|4|5", "1 2 | 4 5 | ");
}

/* [WO-45] */
RIV_TEST(a_window_need_be_no_multiple_of_its_slide)
{
    expect(window_3_2, NUMBERS, "1|2|3|4|5|", "1 2 | 2 3 4 | 4 5 | ");
}

/* [WO-46] */
RIV_TEST(a_window_runs_empty_after_the_stream_has_ended)
{
    expect(window_3_0, NUMBERS, "1|2|3|4||||",
           "1 | 1 2 | 1 2 3 | 2 3 4 | 3 4 | 4 | | | ");
}

RIV_TEST(a_window_of_windows_has_records_as_often_as_those)
{
    expect(window_of_window, NUMBERS, "1|2|3|4|5|6",
           "1 2 | 1 2 3 4 | 3 4 5 6 | ");
}

RIV_TEST(strings_live_as_long_as_the_window)
{
    expect(
        window_2_1, &riv_type_count, "long-enough-not-to-be-inline:1|b:2||",
        "long-enough-not-to-be-inline:1 | b:2 long-enough-not-to-be-inline:1 "
        "| b:2 | | ");
}

/* 3,000 rows a batch: whole stores are taken over, nothing is packed. */
RIV_TEST(large_batches_are_kept_in_order)
{
    static struct seen seen = { .keep_order = true };
    static int64_t rows[3000];
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, NUMBERS, NULL);
    output(riv_window(riv_count(in), RIV_SEC(2), RIV_SEC(1)), &seen);
    static struct seen all = { .keep_order = true };
    output(riv_window(in, RIV_SEC(2), RIV_SEC(1)), &all);
    for (int64_t batch = 0; batch < 4; batch++) {
        for (int64_t i = 0; i < 3000; i++)
            rows[i] = batch * 3000 + i;
        all.n = 0;
        assert_int_equal(riv_push(in, rows, 3000), 0);
        assert_int_equal(riv_step(r, 1), 0);
    }
    assert_string_equal(seen.text,
                        "3000 | 3000 3000 | 3000 3000 | 3000 3000 | ");
    const char *p = all.text;
    for (int64_t i = 6000; i < 12000; i++) {
        char *end;
        assert_int_equal(strtoll(p, &end, 10), i);
        p = end;
    }
    assert_string_equal(p, " | ");
    riv_free(r);
}

static riv_ds *window_1500(riv_ds *in)
{
    return riv_window(in, 1500, 0);
}

static riv_ds *slide_1500(riv_ds *in)
{
    return riv_window(in, RIV_SEC(3), 1500);
}

static riv_ds *window_none(riv_ds *in)
{
    return riv_window(in, 0, 0);
}

static riv_ds *window_3_on_2(riv_ds *in)
{
    return riv_window(riv_window(in, RIV_SEC(2), RIV_SEC(2)), RIV_SEC(3), 0);
}

RIV_TEST(lengths_that_are_no_multiples_are_refused)
{
    expect_error(window_1500, NUMBERS, "1", RIV_EINVAL,
                 ": a length of 1500 ms");
    expect_error(slide_1500, NUMBERS, "1", RIV_EINVAL,
                 "batch interval of 1000 ms");
    expect_error(window_none, NUMBERS, "1", RIV_EINVAL, "a length of 0 ms");
    expect_error(window_3_on_2, NUMBERS, "1", RIV_EINVAL,
                 "multiples of 2000 ms, by which its input (riv_window");
}

RIV_TEST(a_window_over_an_rdd_is_refused)
{
    const int64_t one = 1;
    riv *r = riv_new(NULL);
    riv_window(riv_parallelize(r, NUMBERS, &one, 1, NULL), RIV_SEC(2), 0);
    assert_int_equal(riv_error(r), RIV_EINVAL);
    assert_non_null(strstr(riv_errmsg(r), "is an RDD; windows are over"));
    riv_free(r);
}

/* ------------------------------------------------- an RDD beside a window */

RIV_PAIR(number_pair, int64_t, int64_t);

RIV_MAP(by_itself, int64_t, number_pair);
static int by_itself(const int64_t *x, number_pair *out, riv_task *t)
{
    (void)t;
    *out = (number_pair){ *x, 0 };
    return 0;
}

RIV_JOIN(either_key, number_pair, number_pair, int64_t);
static int either_key(const int64_t *key, const int64_t *l, const int64_t *r,
                      either_key_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, *key + (l ? 0 : 100) + (r ? 0 : 200));
    return 0;
}

static int64_t records, ends;

RIV_FOREACH(count_records, int64_t);
static int count_records(const int64_t *x, riv_task *t)
{
    (void)x, (void)t;
    records++;
    return 0;
}

RIV_MAP_PARTITIONS(pass, int64_t, int64_t);
static int pass(const int64_t *rows, size_t n, pass_out *out, riv_task *t)
{
    for (size_t i = 0; i < n; i++)
        riv_emit(out, rows[i]);
    ends += n == 0;
    (void)t;
    return 0;
}

/* The first input alone decided whether there is a batch, and an RDD has one
 * always: zip missed the window's partitions, and steps below a union saw the
 * RDD's records, between two slides. */
RIV_TEST(an_rdd_beside_a_window_has_no_batch_between_two_slides)
{
    static const int64_t known[] = { 1, 2 };
    static struct seen joined, united, zipped;
    const char *text = "1 | 3 | 4 | | 2 | ";
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, NUMBERS, NULL);
    riv_ds *window = window_2_2(in);
    riv_ds *rdd = riv_parallelize(r, NUMBERS, known, 2, NULL);
    riv_ds *both = riv_union(rdd, window);
    records = ends = 0;
    output(riv_join(riv_map(rdd, by_itself_fn, NULL),
                    riv_map(window, by_itself_fn, NULL), either_key_fn,
                    RIV_FULL, NULL),
           &joined);
    output(both, &united);
    riv_foreach(riv_map_partitions(both, pass_fn, NULL), count_records_fn,
                NULL);
    output(riv_values(riv_zip(riv_count(rdd), riv_count(window))), &zipped);
    assert_int_equal(run_batches(r, in, text), 0);
    assert_string_equal(joined.text, "1 103 202 | 104 201 202 | 2 201 | ");
    assert_string_equal(united.text, "1 1 2 3 | 1 2 4 | 1 2 2 | ");
    assert_string_equal(zipped.text, "2 | 1 | 1 | ");
    assert_int_equal(records, 4 + 3 + 3);
    assert_true(ends > 0 && ends <= 3 * 3);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_window_slides_by_one_batch),
        RIV_CASE(a_tumbling_window_has_each_record_once),
        RIV_CASE(a_slide_longer_than_the_window_leaves_batches_out),
        RIV_CASE(a_window_need_be_no_multiple_of_its_slide),
        RIV_CASE(a_window_runs_empty_after_the_stream_has_ended),
        RIV_CASE(a_window_of_windows_has_records_as_often_as_those),
        RIV_CASE(strings_live_as_long_as_the_window),
        RIV_CASE(large_batches_are_kept_in_order),
        RIV_CASE(lengths_that_are_no_multiples_are_refused),
        RIV_CASE(a_window_over_an_rdd_is_refused),
        RIV_CASE(an_rdd_beside_a_window_has_no_batch_between_two_slides),
    };
    return RIV_RUN(tests);
}
