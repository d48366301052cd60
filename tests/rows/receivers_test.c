/* tests/rows/receivers_test.c - rows of the table "Receivers, blocks,
 * allocation" that hold for what a program pushes: a push is a block, a batch
 * is what is allocated. */
#include "fixture.h"

#include <dirent.h>
#include <sys/stat.h>

RIV_TEST(bg_02_after_the_stop_pushes_are_refused_and_stopping_again_is_fine)
{
    const int64_t row = 1;
    FOR_THREADS(r)
    {
        static struct text text;
        riv_set(r, "batch.interval", "1h");
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &text);
        assert_int_equal(riv_start(r), 0);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_push(in, &row, 1), RIV_ESTOPPED);
        assert_int_equal(riv_wait(r, -1), 0);
        assert_int_equal(riv_push(in, &row, 1), RIV_ESTOPPED);
        riv_stop(r, RIV_DRAIN);
        riv_stop(r, RIV_NOW);
        assert_int_equal(riv_start(r), RIV_EINVAL);
    }
}

static int same_100(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    assert_int_equal(res.n, 100);
    for (int i = 0; rc == 0 && i < 100; i++) {
        char want[16];
        snprintf(want, sizeof want, "string %d", i);
        assert_true(riv_eq(((const riv_str *)res.rows)[i], riv_cstr(want)));
    }
    ++**(int *const *)arg;
    riv_result_free(&res);
    return rc;
}

RIV_TEST(bh_01_a_hundred_strings_in_blocks_of_ten_come_back_as_they_were)
{
    FOR_THREADS(r)
    {
        int calls = 0, *at = &calls;
        riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
        riv_foreach_rdd(in, same_100, RIV_OPT(.arg = RIV_COPY(at)));
        for (int block = 0; block < 10; block++) {
            char bytes[10][16]; /* gone after the push */
            riv_str row[10];
            for (int i = 0; i < 10; i++) {
                int n = snprintf(bytes[i], sizeof bytes[i], "string %d",
                                 10 * block + i);
                row[i] = (riv_str){ bytes[i], (size_t)n };
            }
            assert_int_equal(riv_push(in, row, 10), 0);
        }
        riv_step(r, 1);
        fine(r);
        assert_int_equal(calls, 1);
    }
}

static void keep_count(void *arg, const riv_batch_info *info)
{
    *(int64_t *)arg = info->records_in;
}

RIV_TEST(bh_05_what_a_block_has_is_always_counted)
{
    static const int64_t row[75];
    int64_t counted_in = -1;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &counted_in,
                                    .batch_completed = keep_count };
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .listener = &listener));
    static struct text text;
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    watch_batches(riv_count(in), &text);
    for (size_t n = 25; n <= 75; n += 25) {
        push_step(r, in, row, n);
        assert_int_equal(counted_in, n);
    }
    assert_string_equal(text.p, "25 |50 |75 |");
    riv_free(r);
}

RIV_TEST(rb_01_a_batch_has_what_was_added_before_it_and_nothing_twice)
{
    static struct text text;
    static const int64_t row[] = { 1, 2, 3, 4, 5, 6, 7 };
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &text);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(riv_push(in, row + i, 1), 0);
        riv_step(r, 1);
        riv_step(r, 1);
        assert_int_equal(riv_push(in, row + 5, 2), 0);
        riv_step(r, 2);
        fine(r);
        assert_string_equal(text.p, "1 2 3 4 5 ||6 7 ||");
    }
}

/* Descriptors of files that can be written, beside the test's own output. */
static int files_open(void)
{
    int n = 0;
    struct stat st;
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        const int fd = (int)strtol(entry->d_name, NULL, 10);
        n += fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    }
    closedir(dir);
    return n;
}

static int compare_files(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time;
    return files_open() == *(const int *)arg ? 0 : RIV_EIO;
}

RIV_TEST(rb_06_without_a_state_directory_nothing_is_logged)
{
    FOR_THREADS(r)
    {
        const int before = files_open();
        const int64_t row = 1;
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *sums = riv_reduce_by_window(in, riv_sum_i64, 2000, 1000, NULL);
        riv_foreach_rdd(sums, compare_files, RIV_OPT(.arg = RIV_COPY(before)));
        push_step(r, in, &row, 1);
        push_step(r, in, &row, 1);
        assert_int_equal(files_open(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(
            bg_02_after_the_stop_pushes_are_refused_and_stopping_again_is_fine),
        RIV_CASE(
            bh_01_a_hundred_strings_in_blocks_of_ten_come_back_as_they_were),
        RIV_CASE(bh_05_what_a_block_has_is_always_counted),
        RIV_CASE(rb_01_a_batch_has_what_was_added_before_it_and_nothing_twice),
        RIV_CASE(rb_06_without_a_state_directory_nothing_is_logged),
    };
    return RIV_RUN(tests);
}
