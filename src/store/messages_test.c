/* store/messages_test.c - the lists between the driver and the storage thread,
 * with both on one thread: nothing here may wait. */
#include "store/messages.h"

#include "base/test.h"

static struct riv_sys sys;
static struct riv_rest rest;
static struct riv_messages messages;
static struct riv_err err;

static int make(void **state)
{
    (void)state;
    sys = *riv__sys_real();
    err = (struct riv_err){ .code = 0 };
    riv__rest_init(&rest, &sys);
    riv__messages_init(&messages, &rest);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    riv__messages_fini(&messages);
    riv__rest_fini(&rest);
    return 0;
}

static void send(size_t bytes)
{
    struct riv_commit *commit = riv__messages_take(&messages, &err);
    assert_non_null(commit);
    if (bytes > 0) {
        struct riv_buf *blob =
            &riv__commit_blob(commit, RIV__BLOB_DELTA, 1)->bytes;
        assert_non_null(riv__buf_room(blob, bytes));
        blob->n = bytes;
    }
    riv__messages_send(&messages, commit);
}

static void finish_one(void)
{
    struct riv_commit *commit =
        riv__messages_first(&messages, RIV__MESSAGES_EVER);
    assert_non_null(commit);
    riv__messages_finish(&messages, commit);
}

RIV_TEST(messages_are_done_in_the_order_they_are_sent)
{
    for (int i = 0; i < RIV__COMMITS; i++)
        send(0);
    for (uint64_t serial = 1; serial <= RIV__COMMITS; serial++) {
        const struct riv_commit *first =
            riv__messages_first(&messages, RIV__MESSAGES_EVER);
        assert_int_equal(first->serial, serial);
        assert_int_equal(riv__messages_is_last(&messages, first),
                         serial == RIV__COMMITS);
        finish_one();
        assert_int_equal(riv__messages_done(&messages), serial);
    }
    assert_null(riv__messages_first(&messages, RIV__MESSAGES_NOW));
    assert_int_equal(riv__messages_wait(&messages, &err), 0);
}

/* The last free one can be had: what is done, or was never sent, is free. */
RIV_TEST(a_message_that_is_done_or_dropped_is_free_again)
{
    for (int i = 0; i < RIV__COMMITS - 1; i++)
        send(0);
    riv__messages_drop(&messages, riv__messages_take(&messages, &err));
    send(0);
    assert_null(messages.idle);
    finish_one();
    assert_non_null(messages.idle);
    send(0);
}

RIV_TEST(so_many_messages_or_bytes_on_their_way_are_too_many)
{
    for (int i = 0; i < RIV__COMMITS_BEHIND; i++) {
        assert_false(riv__messages_are_behind(&messages));
        send(0);
    }
    assert_true(riv__messages_are_behind(&messages));
    for (int i = 0; i < RIV__COMMITS_BEHIND; i++)
        finish_one();
    send(RIV__COMMITS_BYTES - 1);
    assert_false(riv__messages_are_behind(&messages));
    send(1);
    assert_true(riv__messages_are_behind(&messages));
    assert_int_equal(riv__messages_backlog(&messages), RIV__COMMITS_BYTES);
    finish_one();
    assert_int_equal(riv__messages_backlog(&messages), 1);
}

RIV_TEST(a_nudge_ends_one_wait_and_no_other)
{
    riv__messages_nudge(&messages);
    assert_null(riv__messages_first(&messages, RIV__MESSAGES_EVER));
    assert_false(messages.nudged);
}

RIV_TEST(what_was_sent_before_a_stop_is_still_done)
{
    send(0);
    riv__messages_stop(&messages);
    assert_false(riv__messages_are_over(&messages));
    finish_one();
    assert_true(riv__messages_are_over(&messages));
    assert_null(riv__messages_first(&messages, RIV__MESSAGES_EVER));
}

RIV_TEST(after_a_failure_nobody_waits_and_everybody_is_told)
{
    struct riv_err why = { .code = 0 };
    send(0);
    (void)riv__err_set(&why, RIV_EIO, "it broke");
    riv__messages_fail(&messages, &why);
    assert_int_equal(riv__messages_wait(&messages, &err), RIV_EIO);
    assert_string_equal(err.text, "it broke");
    assert_null(riv__messages_take(&messages, &err));
    assert_int_equal(riv__messages_status(&messages, NULL), RIV_EIO);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, make, remove_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(messages_are_done_in_the_order_they_are_sent),
        WITH(a_message_that_is_done_or_dropped_is_free_again),
        WITH(so_many_messages_or_bytes_on_their_way_are_too_many),
        WITH(a_nudge_ends_one_wait_and_no_other),
        WITH(what_was_sent_before_a_stop_is_still_done),
        WITH(after_a_failure_nobody_waits_and_everybody_is_told),
    };
    return RIV_RUN(tests);
}
