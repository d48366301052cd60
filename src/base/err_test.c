/* base/err_test.c - codes, classes and messages. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/test.h"

RIV_TEST(setting_an_error_returns_its_code_and_keeps_the_message)
{
    struct riv_err err = { 0 };
    assert_int_equal(riv__err_set(&err, RIV_EINVAL, "port %d", 7), RIV_EINVAL);
    assert_int_equal(err.code, RIV_EINVAL);
    assert_string_equal(err.text, "port 7");
}

RIV_TEST(without_a_place_for_the_message_the_code_still_comes_back)
{
    assert_int_equal(riv__err_set(NULL, RIV_EIO, "x"), RIV_EIO);
    assert_int_equal(riv__err_sys(NULL, EIO, "read", "f"), RIV_EIO);
    assert_int_equal(riv__err_prefix(NULL, "x"), RIV_EFATAL);
}

RIV_TEST(each_level_puts_its_place_in_front)
{
    struct riv_err err = { 0 };
    riv__err_set(&err, RIV_EIO, "disk full");
    assert_int_equal(riv__err_prefix(&err, "rename %s", "a.csv"), RIV_EIO);
    assert_int_equal(riv__err_prefix(&err, "sink alerts"), RIV_EIO);
    assert_string_equal(err.text, "sink alerts: rename a.csv: disk full");
}

RIV_TEST(a_message_may_be_built_from_itself)
{
    struct riv_err err = { 0 };
    riv__err_set(&err, RIV_EIO, "inner");
    riv__err_set(&err, RIV_EFATAL, "outer: %s!", err.text);
    assert_string_equal(err.text, "outer: inner!");
}

RIV_TEST(a_message_that_is_too_long_ends_in_dots)
{
    struct riv_err err = { 0 };
    char text[2 * RIV__ERR_TEXT_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    riv__err_set(&err, RIV_EIO, "%s", text);
    assert_int_equal(strlen(err.text), RIV__ERR_TEXT_MAX - 1);
    assert_string_equal(err.text + RIV__ERR_TEXT_MAX - 5, "x...");
    riv__err_prefix(&err, "place");
    assert_int_equal(strncmp(err.text, "place: xx", 9), 0);
    assert_int_equal(strlen(err.text), RIV__ERR_TEXT_MAX - 1);
}

RIV_TEST(a_message_of_exactly_the_room_is_not_cut)
{
    struct riv_err err = { 0 };
    char text[RIV__ERR_TEXT_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    riv__err_set(&err, RIV_EIO, "%s", text);
    assert_string_equal(err.text, text);
    riv__err_set(&err, RIV_EIO, "x%s", text);
    assert_string_equal(err.text + RIV__ERR_TEXT_MAX - 5, "x...");
}

RIV_TEST(a_failed_call_is_named_with_path_and_reason)
{
    struct riv_err err = { 0 };
    assert_int_equal(riv__err_sys(&err, ENOENT, "open", "/x"), RIV_ENOINPUT);
    assert_string_equal(err.text, "open /x: No such file or directory");
    assert_int_equal(riv__err_sys(&err, EACCES, "poll", NULL), RIV_EPERM);
    assert_string_equal(err.text, "poll: Permission denied");
    assert_int_equal(riv__err_sys(&err, 99999, "read", "/x"), RIV_EIO);
    assert_string_equal(err.text, "read /x: unknown error");
}

RIV_TEST(a_full_disk_and_a_limit_name_the_way_out)
{
    struct riv_err err = { 0 };
    riv__err_sys(&err, ENOSPC, "write", "/x");
    assert_string_equal(err.text, "write /x: No space left on device; make "
                                  "room on that file system");
    riv__err_sys(&err, EDQUOT, "write", "/x");
    assert_non_null(strstr(err.text, "raise the limit"));
    riv__err_sys(&err, EMFILE, "open", "/x");
    assert_non_null(strstr(err.text, "ulimit -n"));
}

RIV_TEST(the_errno_decides_the_code)
{
    assert_int_equal(riv__err_sys(NULL, EADDRINUSE, "", ""), RIV_EBUSY);
    assert_int_equal(riv__err_sys(NULL, ENOMEM, "", ""), RIV_ENOMEM);
    assert_int_equal(riv__err_sys(NULL, EMFILE, "", ""), RIV_ENOMEM);
    assert_int_equal(riv__err_sys(NULL, ECONNREFUSED, "", ""), RIV_EUNAVAIL);
    assert_int_equal(riv__err_sys(NULL, ETIMEDOUT, "", ""), RIV_ETIMEOUT);
    assert_int_equal(riv__err_sys(NULL, EEXIST, "", ""), RIV_EEXISTS);
    assert_int_equal(riv__err_sys(NULL, ENOSPC, "", ""), RIV_EIO);
}

RIV_TEST(every_code_has_a_name_a_text_and_a_class)
{
    for (int code = RIV_EUSAGE; code < 0; code++) {
        assert_string_not_equal(riv__err_name(code), "unknown");
        assert_string_not_equal(riv__err_text(code), "unknown error");
    }
    assert_string_equal(riv__err_name(RIV_ENOINPUT), "noinput");
    assert_int_equal(riv__err_class(RIV_ETIMEOUT), RIV__CLASS_R);
    assert_int_equal(riv__err_class(RIV_ENOMEM), RIV__CLASS_F);
    assert_int_equal(riv__err_class(RIV_ETYPE), RIV__CLASS_U);
}

RIV_TEST(other_numbers_are_ok_or_unknown_and_fatal)
{
    assert_string_equal(riv__err_name(0), "ok");
    assert_string_equal(riv__err_name(5), "ok");
    assert_string_equal(riv__err_name(-1000), "unknown");
    assert_int_equal(riv__err_class(-1000), RIV__CLASS_F);
}

static int checked(int n, struct riv_err *err)
{
    RIV__CHECK(n > 0, err);
    return n;
}

RIV_TEST(a_check_that_fails_ends_the_job_and_not_the_process)
{
    struct riv_err err = { 0 };
    assert_int_equal(checked(5, &err), 5);
    assert_int_equal(err.code, 0);
    assert_int_equal(checked(0, &err), RIV_EFATAL);
    assert_int_equal(err.code, RIV_EFATAL);
    assert_non_null(strstr(err.text, "err_test.c:"));
    assert_non_null(strstr(err.text, "n > 0 does not hold"));
    assert_int_equal(checked(0, NULL), RIV_EFATAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(setting_an_error_returns_its_code_and_keeps_the_message),
        RIV_CASE(without_a_place_for_the_message_the_code_still_comes_back),
        RIV_CASE(each_level_puts_its_place_in_front),
        RIV_CASE(a_message_may_be_built_from_itself),
        RIV_CASE(a_message_that_is_too_long_ends_in_dots),
        RIV_CASE(a_message_of_exactly_the_room_is_not_cut),
        RIV_CASE(a_failed_call_is_named_with_path_and_reason),
        RIV_CASE(a_full_disk_and_a_limit_name_the_way_out),
        RIV_CASE(the_errno_decides_the_code),
        RIV_CASE(every_code_has_a_name_a_text_and_a_class),
        RIV_CASE(other_numbers_are_ok_or_unknown_and_fatal),
        RIV_CASE(a_check_that_fails_ends_the_job_and_not_the_process),
    };
    return RIV_RUN(tests);
}
