/* tests/rows/time_test.c - rows of the tables "Time, duration, timer" and "The
 * harness that the numbers assume": batches under a clock that stands still,
 * their times, and the text forms of durations. */
#include "fixture.h"

#include <unistd.h>

/* The times of all batches, as text. */
static int add_time(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    char word[32];
    (void)r, (void)rdd;
    snprintf(word, sizeof word, "%lld ", (long long)time);
    text_add(*(struct text *const *)arg, word);
    return 0;
}

static void watch_times(riv_ds *ds, struct text *text)
{
    *text = (struct text){ .n = 0 };
    riv_foreach_rdd(ds, add_time, RIV_OPT(.arg = RIV_COPY(text)));
}

/* ------------------------------------------------------------ TI-05, TI-07 */

/* Under the real clock every batch time is a multiple of the interval, and later
 * than the one before. */
struct seen_times {
    int64_t n, last, interval_ms;
    bool wrong;
};

static void see_time(void *arg, int64_t time)
{
    struct seen_times *seen = arg;
    seen->wrong |= time % seen->interval_ms != 0 || time <= seen->last;
    seen->last = time;
    seen->n++;
}

RIV_TEST(ti_05_batch_times_are_multiples_of_the_interval)
{
    static const int64_t interval_ms[] = { 1, 3, 7 };
    char path[] = "/tmp/riv-rows-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a\nb\nc\nd\ne\n", 10), 10);
    close(fd);
    for (size_t i = 0; i < 3; i++) {
        char uri[64];
        struct seen_times seen = { .interval_ms = interval_ms[i] };
        const riv_listener listener = { .struct_size = sizeof listener,
                                        .arg = &seen,
                                        .batch_started = see_time };
        riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = interval_ms[i],
                                    .listener = &listener));
        snprintf(uri, sizeof uri, "replay:1:%s", path);
        riv_save_text(riv_text(r, uri, NULL), "/dev/null", NULL);
        assert_int_equal(riv_run(r), 0);
        assert_true(seen.n >= 5);
        assert_false(seen.wrong);
        riv_free(r);
    }
    unlink(path);
}

static int window_over(int64_t length_ms, int64_t batch_ms)
{
    static struct text text;
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = batch_ms));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    watch_times(riv_window(in, length_ms, length_ms), &text);
    int rc = riv_step(r, 1);
    if (rc < 0)
        error_says(r, RIV_EINVAL, "multiple");
    riv_free(r);
    return rc;
}

RIV_TEST(ti_07_a_second_is_a_multiple_of_5_ms_of_itself_and_of_1_not_of_6)
{
    assert_int_equal(window_over(1000, 5), 0);
    assert_int_equal(window_over(1000, 1000), 0);
    assert_int_equal(window_over(1000, 1), 0);
    assert_int_equal(window_over(1000, 6), RIV_EINVAL);
}

/* ------------------------------------------------------------ DU-03, RT-01 */

static void interval_is(const char *text, int64_t want)
{
    static struct text times;
    char word[32];
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    riv_set(r, "batch.interval", text);
    watch_times(riv_queue(r, &riv_type_int64_t, NULL), &times);
    riv_step(r, 1);
    fine(r);
    snprintf(word, sizeof word, "%lld ", (long long)want);
    assert_string_equal(times.p, word);
    riv_free(r);
}

RIV_TEST(du_03_durations_are_written_in_ms_seconds_and_minutes)
{
    interval_is("100ms", 100);
    interval_is("30s", 30000);
    interval_is("2m", 120000);
    riv *r = riv_new(NULL);
    riv_set(r, "batch.interval", "0s"); /* zero is zero, and no interval */
    assert_int_equal(riv_error(r), RIV_EINVAL);
    riv_free(r);
}

RIV_TEST(rt_01_each_multiple_of_the_period_comes_once_and_in_order)
{
    static struct text times;
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 100));
    watch_times(riv_queue(r, &riv_type_int64_t, NULL), &times);
    riv_step(r, 1);
    assert_string_equal(times.p, "100 ");
    riv_step(r, 2);
    assert_string_equal(times.p, "100 200 300 ");
    riv_step(r, 0);
    fine(r);
    assert_string_equal(times.p, "100 200 300 ");
    riv_free(r);
}

/* --------------------------------------------------------------- HN-01 ... */

RIV_TEST(hn_01_the_clock_stands_still_between_steps_and_begins_at_0)
{
    static struct text times;
    FOR_THREADS(r)
    {
        watch_times(riv_queue(r, &riv_type_int64_t, NULL), &times);
        riv_step(r, 1);
        riv_step(r, 1);
        fine(r);
        assert_string_equal(times.p, "1000 2000 ");
    }
}

static int add_sizes(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t size[4];
    (void)r, (void)time;
    const size_t n = sizes_of(rdd, size, 4);
    for (size_t k = 0; k < n; k++) {
        char word[32];
        snprintf(word, sizeof word, "%lld ", (long long)size[k]);
        text_add(*(struct text *const *)arg, word);
    }
    text_add(*(struct text *const *)arg, "|");
    return 0;
}

RIV_TEST(hn_02_a_batch_of_a_queue_is_cut_into_its_partitions)
{
    static const int64_t row[] = { 1, 2, 3, 4, 5 };
    static struct text sizes, text;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    struct text *to = &sizes;
    sizes = (struct text){ .n = 0 };
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.partitions = 2));
    riv_foreach_rdd(in, add_sizes, RIV_OPT(.arg = RIV_COPY(to)));
    watch_batches(in, &text);
    push_step(r, in, row, 5);
    push_step(r, in, row, 4);
    push_step(r, in, row, 1);
    assert_string_equal(sizes.p, "2 3 |2 2 |0 1 |");
    assert_string_equal(text.p, "1 2 3 4 5 |1 2 3 4 |1 |");
    riv_free(r);
}

RIV_TEST(hn_03_the_first_batch_has_what_was_pushed_before_it)
{
    static struct text text;
    static const int64_t row[] = { 1, 2, 3 };
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &text);
        push_step(r, in, row, 2);
        push_step(r, in, row + 2, 1);
        assert_string_equal(text.p, "1 2 |3 |");
    }
}

RIV_TEST(hn_04_after_the_last_input_batches_are_empty)
{
    static struct text text;
    static const int64_t row[] = { 1 };
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &text);
        push_step(r, in, row, 1);
        push_step(r, in, row, 0);
        push_step(r, in, row, 0);
        assert_string_equal(text.p, "1 |||");
    }
}

RIV_TEST(hn_05_many_batches_of_one_step_come_out_in_order)
{
    static struct text text, times;
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *sums = riv_reduce_by_window(in, riv_sum_i64, 4000, 2000, NULL);
        const int64_t row = 7;
        watch_batches(sums, &text);
        watch_times(sums, &times);
        assert_int_equal(riv_push(in, &row, 1), 0);
        riv_step(r, 8);
        fine(r);
        assert_string_equal(times.p, "2000 4000 6000 8000 ");
        assert_string_equal(text.p, "7 |7 |||");
    }
}

RIV_TEST(hn_07_an_output_sees_no_batch_where_its_slide_is_not_due)
{
    static struct text each, every_third;
    static const int64_t row[] = { 1, 2, 3, 4 };
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &each);
        watch_batches(riv_window(in, 3000, 3000), &every_third);
        for (size_t i = 0; i < 4; i++)
            push_step(r, in, row + i, 1);
        assert_string_equal(each.p, "1 |2 |3 |4 |");
        assert_string_equal(every_third.p, "1 2 3 |");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(ti_05_batch_times_are_multiples_of_the_interval),
        RIV_CASE(
            ti_07_a_second_is_a_multiple_of_5_ms_of_itself_and_of_1_not_of_6),
        RIV_CASE(du_03_durations_are_written_in_ms_seconds_and_minutes),
        RIV_CASE(rt_01_each_multiple_of_the_period_comes_once_and_in_order),
        RIV_CASE(hn_01_the_clock_stands_still_between_steps_and_begins_at_0),
        RIV_CASE(hn_02_a_batch_of_a_queue_is_cut_into_its_partitions),
        RIV_CASE(hn_03_the_first_batch_has_what_was_pushed_before_it),
        RIV_CASE(hn_04_after_the_last_input_batches_are_empty),
        RIV_CASE(hn_05_many_batches_of_one_step_come_out_in_order),
        RIV_CASE(hn_07_an_output_sees_no_batch_where_its_slide_is_not_due),
    };
    return RIV_RUN(tests);
}
