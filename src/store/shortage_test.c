/* store/shortage_test.c - room that is short, and a disk that is full all the
 * same, with the storage thread on it: nothing is lost, nothing waits for ever. */
#include "store/shortage.h"

#include <errno.h>
#include <sched.h>

#include "base/point.h"
#include "store/fixture_writer.h"

static void wait_until_stuck(void)
{
    while (!riv__writer_is_stuck(writer))
        sched_yield();
}

/* The disk is full from the first batch on. */
static void stick_at_first_batch(void)
{
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    atomic_store(&write_errnum, ENOSPC);
    send_batch(1);
    wait_until_stuck();
}

RIV_TEST(a_full_disk_is_waited_for)
{
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    send_batch(1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    atomic_store(&write_errnum, ENOSPC);
    send_batch(2);
    wait_until_stuck();
    assert_int_equal(riv__writer_done(writer), 1);
    atomic_store(&write_errnum, 0);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_false(riv__writer_is_stuck(writer));
    assert_fine(stop());
    assert_int_equal(last_batch(), 2);
}

static int64_t pwrite_failing_once(struct riv_sys *sys, int fd, const void *p,
                                   size_t n, uint64_t at)
{
    const int errnum = atomic_exchange(&write_errnum, 0);
    return errnum ? -errnum : riv__sys_real()->pwrite(sys, fd, p, n, at);
}

/* What stands in the log makes room by being moved; only then it is waited. */
RIV_TEST(a_batch_that_fits_at_the_second_try_does_not_wait)
{
    noted[0] = '\0';
    shop.sys.pwrite = pwrite_failing_once;
    start(NULL);
    atomic_store(&write_errnum, ENOSPC);
    send_batch(1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_string_equal(noted, "");
    assert_fine(stop());
    assert_int_equal(last_batch(), 1);
}

/* The room goes between the commit and its last word, that it was shown. */
static int show_and_fill(void *arg, struct riv_commit *commit,
                         struct riv_err *err)
{
    (void)commit, (void)err;
    atomic_store(&write_errnum, *(const int *)arg);
    return 0;
}

static void send_shown(uint64_t number, int *errnum)
{
    struct riv_commit *commit = message(number);
    assert_non_null(commit);
    commit->arg = errnum;
    commit->publish = show_and_fill;
    commit->publishes = true;
    riv__writer_send(writer, commit);
}

RIV_TEST(a_disk_that_is_full_when_a_batch_was_shown_is_waited_for)
{
    int errnum = ENOSPC;
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    send_shown(1, &errnum);
    wait_until_stuck();
    assert_int_equal(riv__writer_done(writer), 0);
    atomic_store(&write_errnum, 0);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_false(riv__writer_is_stuck(writer));
    assert_fine(stop());
    assert_int_equal(last_batch(), 1);
}

RIV_TEST(a_broken_disk_when_a_batch_was_shown_is_the_end)
{
    int errnum = EIO;
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    send_shown(1, &errnum);
    assert_int_equal(riv__writer_wait(writer, &shop.err), RIV_EIO);
    assert_int_equal(stop(), RIV_EIO);
    atomic_store(&write_errnum, 0);
    assert_int_equal(last_batch(), 1);
}

RIV_TEST(a_full_disk_holds_no_stop_up)
{
    stick_at_first_batch();
    assert_int_equal(stop(), RIV_EIO);
    atomic_store(&write_errnum, 0);
    assert_int_equal(last_batch(), 0);
}

/* Writes fail while nothing has been given up for them. */
static _Atomic bool is_full;

static int64_t pwrite_full(struct riv_sys *sys, int fd, const void *p, size_t n,
                           uint64_t at)
{
    if (atomic_load(&is_full))
        return -ENOSPC;
    return riv__sys_real()->pwrite(sys, fd, p, n, at);
}

static int unlink_ballast(struct riv_sys *sys, const char *path)
{
    if (strstr(path, "ballast"))
        atomic_store(&is_full, false);
    return riv__sys_real()->unlink(sys, path);
}

RIV_TEST(the_ballast_lets_the_last_batch_be_written_down)
{
    shop.sys.pwrite = pwrite_full;
    shop.sys.unlink = unlink_ballast;
    start(NULL);
    atomic_store(&is_full, true);
    send_batch(1);
    wait_until_stuck();
    assert_non_null(strstr(noted, "the batch waits for room"));
    atomic_store(&leaving, 1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    assert_int_equal(last_batch(), 1);
}

/* Not even then is there room: the batch is left to the next run. */
RIV_TEST(told_to_leave_a_full_disk_it_leaves_the_batch)
{
    stick_at_first_batch();
    atomic_store(&leaving, 1);
    assert_int_equal(riv__writer_wait(writer, &shop.err), RIV_ESTOPPED);
    assert_non_null(strstr(shop.err.text, "before the last batch was written"));
    assert_int_equal(stop(), RIV_ESTOPPED);
    atomic_store(&write_errnum, 0);
    assert_int_equal(last_batch(), 0);
}

/* Room is looked at with each message, and wanted a quarter more to go on. */
RIV_TEST(room_that_is_short_is_told_and_that_it_came_back)
{
    start(NULL);
    riv__writer_need(writer, UINT64_MAX / 4);
    send_batch(1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_true(riv__writer_is_short(writer));
    assert_non_null(strstr(noted, "nothing more is taken in"));
    atomic_store(&leaving, 1);
    assert_false(riv__writer_is_short(writer));
    atomic_store(&leaving, 0);
    riv__writer_need(writer, 0);
    send_batch(2);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_false(riv__writer_is_short(writer));
    assert_non_null(strstr(noted, "there is room again"));
    assert_fine(stop());
}

static bool is_short_with(uint64_t batch, uint64_t free)
{
    atomic_store(&free_bytes, free);
    send_batch(batch);
    assert_fine(riv__writer_wait(writer, &shop.err));
    return riv__writer_is_short(writer);
}

/* Or it went on and stopped with every batch. What is written goes into the log
 * and the database, so that room for rows is half of what is free. */
RIV_TEST(it_goes_on_with_a_quarter_more_room_than_is_needed)
{
    enum { NEED = 64 << 20 };
    shop.sys.space = space_seen;
    atomic_store(&free_bytes, 0);
    start(NULL);
    riv__writer_need(writer, NEED);
    assert_false(is_short_with(1, NEED / 8 * 18));
    assert_true(is_short_with(2, NEED / 8 * 14));
    assert_true(is_short_with(3, NEED / 8 * 18));
    assert_false(is_short_with(4, NEED / 8 * 22));
    assert_false(is_short_with(5, NEED / 8 * 18));
    assert_fine(stop());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_full_disk_is_waited_for),
        IN_SHOP(a_batch_that_fits_at_the_second_try_does_not_wait),
        IN_SHOP(a_disk_that_is_full_when_a_batch_was_shown_is_waited_for),
        IN_SHOP(a_broken_disk_when_a_batch_was_shown_is_the_end),
        IN_SHOP(a_full_disk_holds_no_stop_up),
        IN_SHOP(the_ballast_lets_the_last_batch_be_written_down),
        IN_SHOP(told_to_leave_a_full_disk_it_leaves_the_batch),
        IN_SHOP(room_that_is_short_is_told_and_that_it_came_back),
        IN_SHOP(it_goes_on_with_a_quarter_more_room_than_is_needed),
    };
    return RIV_RUN(tests);
}
