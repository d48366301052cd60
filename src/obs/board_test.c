/* obs/board_test.c - what the driver puts on the board is what others see, also
 * while it goes on. */
#include "obs/board.h"

#include "base/test.h"
#include "sys/clock.h"

enum { ROWS = 16 };

struct fix {
    struct riv_manual_clock clock;
    struct riv_board board;
};

static void begin(struct fix *fix, bool has_jobs)
{
    const struct riv_board_spec spec = {
        .rows = ROWS, .nop = 4, .ninput = 1, .noutput = 2, .has_jobs = has_jobs
    };
    riv__manual_clock_init(&fix->clock, riv__sys_real(), 1000);
    riv__board_init(&fix->board, &fix->clock.sys);
    assert_int_equal(riv__board_open(&fix->board, &spec), 0);
    fix->board.output[0] = 2;
    fix->board.output[1] = 3;
    fix->board.nended = 2;
}

static void batch(struct riv_board *board, int64_t n)
{
    riv__board_batch(board, n * 1000);
    board->open.records = n;
    board->open.bytes = 3 * n;
    riv__board_output(board, 0, n, 7);
    riv__board_publish(board, n * 1000000);
}

RIV_TEST(as_many_batches_are_retained_as_there_is_room_for)
{
    struct fix fix;
    struct riv_seen_batch row;
    begin(&fix, false);
    assert_false(riv__board_row(&fix.board, 0, &row));
    for (int64_t n = 1; n <= ROWS + 10; n++)
        batch(&fix.board, n);
    for (uint64_t back = 0; back < ROWS; back++) {
        assert_true(riv__board_row(&fix.board, back, &row));
        assert_int_equal(row.number, ROWS + 10 - (int64_t)back);
        assert_int_equal(row.records, row.number);
        assert_int_equal(row.noutput, 2);
        assert_int_equal(row.output[0].rows, row.number);
        assert_int_equal(row.output[1].status, RIV__SEEN_NOT_RUN);
    }
    assert_false(riv__board_row(&fix.board, ROWS, &row));
    assert_int_equal(atomic_load(&fix.board.done), ROWS + 10);
    riv__board_fini(&fix.board);
}

RIV_TEST(a_job_of_an_output_is_counted_with_its_tasks_and_its_failure)
{
    struct fix fix;
    struct riv_seen_batch row;
    begin(&fix, true);
    riv__board_batch(&fix.board, 1000);
    riv__board_job(&fix.board, riv__board_find(&fix.board, 3));
    riv__board_tasks(&fix.board, 4, 1);
    riv__board_stages(&fix.board, 1, 1);
    riv__board_job_end(&fix.board, 5, RIV_ERECORD, "not this one");
    riv__board_publish(&fix.board, 1);
    assert_true(riv__board_row(&fix.board, 0, &row));
    assert_int_equal(row.njob, 1);
    assert_int_equal(row.jobs_failed, 1);
    assert_int_equal(row.output[1].jobs_failed, 1);
    assert_int_equal(row.job[0].output, 1);
    assert_int_equal(row.job[0].tasks, 4);
    assert_int_equal(row.job[0].tasks_failed, 1);
    assert_int_equal(row.job[0].failure, 1);
    assert_string_equal(fix.board.text[0].text, "not this one");
    riv__board_fini(&fix.board);
}

RIV_TEST(more_jobs_than_there_is_room_for_are_counted)
{
    struct fix fix;
    struct riv_seen_batch row;
    begin(&fix, true);
    riv__board_batch(&fix.board, 1000);
    for (int i = 0; i < RIV__SEEN_JOBS + 3; i++) {
        riv__board_job(&fix.board, 0);
        riv__board_job_end(&fix.board, 1, 0, "");
    }
    riv__board_publish(&fix.board, 1);
    assert_true(riv__board_row(&fix.board, 0, &row));
    assert_int_equal(row.njob, RIV__SEEN_JOBS);
    assert_int_equal(row.jobs, 1 + RIV__SEEN_JOBS + 3);
    assert_int_equal(row.output[0].jobs, RIV__SEEN_JOBS + 3);
    riv__board_fini(&fix.board);
}

RIV_TEST(a_warning_that_comes_again_is_kept_once_with_its_last_time)
{
    struct fix fix;
    static struct riv_seen_text text[RIV__BOARD_TEXTS];
    char failure[RIV__SEEN_TEXT];
    begin(&fix, false);
    riv__board_text(&fix.board, "the disk is full");
    riv__manual_clock_advance(&fix.clock, 500);
    riv__board_text(&fix.board, "the disk is full");
    assert_int_equal(riv__board_texts(&fix.board, text, failure), 1);
    assert_int_equal(text[0].wall_ms, 1500);
    for (int i = 0; i < 2 * RIV__BOARD_TEXTS; i++)
        riv__board_text(&fix.board, i % 2 ? "odd" : "even");
    assert_int_equal(riv__board_texts(&fix.board, text, failure),
                     RIV__BOARD_TEXTS);
    assert_int_equal(text[RIV__BOARD_TEXTS - 1].number,
                     1 + 2 * RIV__BOARD_TEXTS);
    assert_string_equal(failure, "");
    riv__board_fini(&fix.board);
}

/* --------------------------------------------- a reader beside the driver */

struct reading {
    struct riv_board *board;
    atomic_bool ends;
    int64_t seen, torn;
};

static void read_on(void *arg)
{
    struct reading *reading = arg;
    struct riv_seen_batch row;
    while (!atomic_load(&reading->ends))
        for (uint64_t back = 0; back < ROWS; back++) {
            if (!riv__board_row(reading->board, back, &row))
                continue;
            reading->seen++;
            reading->torn += row.records != row.number ||
                             row.bytes != 3 * row.number ||
                             row.time_ms != 1000 * row.number ||
                             row.output[0].rows != row.number;
        }
}

RIV_TEST(a_batch_is_seen_whole_or_not_at_all)
{
    struct fix fix;
    struct riv_thread thread;
    struct riv_err err = { 0 };
    struct reading reading = { .board = &fix.board };
    begin(&fix, false);
    batch(&fix.board, 1);
    assert_int_equal(
        riv__thread_start(&thread, "reader", read_on, &reading, &err), 0);
    for (int64_t n = 2; n <= 200000 / RIV_TEST_SLOWNESS; n++)
        batch(&fix.board, n);
    atomic_store(&reading.ends, true);
    riv__thread_join(&thread);
    assert_int_equal(reading.torn, 0);
    riv__board_fini(&fix.board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(as_many_batches_are_retained_as_there_is_room_for),
        RIV_CASE(a_job_of_an_output_is_counted_with_its_tasks_and_its_failure),
        RIV_CASE(more_jobs_than_there_is_room_for_are_counted),
        RIV_CASE(a_warning_that_comes_again_is_kept_once_with_its_last_time),
        RIV_CASE(a_batch_is_seen_whole_or_not_at_all),
    };
    return RIV_RUN(tests);
}
