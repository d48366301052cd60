/* http/local_test.c - the socket of a state directory: what is asked and told. */
#include "http/local.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/test.h"
#include "http/fixture.h"

struct fix {
    char dir[128];
    struct riv_viewer viewer;
    struct riv_local *local;
};

static void begin(struct fix *fix)
{
    struct riv_err err = { 0 };
    struct riv_sys *sys = riv__sys_real();
    snprintf(fix->dir, sizeof fix->dir, "/tmp/riv-local-XXXXXX");
    assert_non_null(mkdtemp(fix->dir));
    fix->viewer = (struct riv_viewer){ .sys = sys, .picture = shop_picture };
    if (riv__local_start(&fix->viewer, fix->dir, &fix->local, &err) < 0)
        fail_msg("%s", err.text);
}

static void end(struct fix *fix)
{
    riv__local_stop(fix->local);
    assert_int_equal(rmdir(fix->dir), 0); /* nothing was in it */
}

/* Below 0: nobody listens. */
static int try_dial(const struct fix *fix)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    struct stat st;
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(stat(fix->dir, &st), 0);
    const int n =
        snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1, RIV__LOCAL_NAME,
                 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    const size_t bytes = offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n;
    if (connect(fd, (const struct sockaddr *)&addr, (socklen_t)bytes) == 0)
        return fd;
    close(fd);
    return -1;
}

static int dial(const struct fix *fix)
{
    const int fd = try_dial(fix);
    assert_true(fd >= 0);
    return fd;
}

/* What comes until the end. */
static const char *ask(const struct fix *fix, const char *question, size_t n)
{
    static char text[8192];
    const int fd = dial(fix);
    size_t have = 0;
    ssize_t got = 1;
    (void)send(fd, question, n, MSG_NOSIGNAL); /* it may have hung up */
    while (got > 0 && have < sizeof text - 1) {
        got = read(fd, text + have, sizeof text - 1 - have);
        have += got > 0 ? (size_t)got : 0;
    }
    text[have] = '\0';
    close(fd);
    return text;
}

RIV_TEST(a_question_is_a_line_and_the_answer_ends_the_connection)
{
    struct fix fix;
    begin(&fix);
    assert_memory_equal(ask(&fix, "lines\n", 6), "Tshop: waits for", 16);
    assert_memory_equal(ask(&fix, "json\n", 5), "{\"cause\":\"fine\",", 16);
    assert_string_equal(ask(&fix, "what\n", 5),
                        "-there are \"lines\", \"json\" and \"tap\"\n");
    assert_memory_equal(ask(&fix, "tap lines - 3\n", 14), "!no rows here", 13);
    end(&fix);
}

RIV_TEST(a_question_that_is_too_long_is_not_answered)
{
    struct fix fix;
    char text[RIV__LOCAL_ASK_MAX];
    memset(text, 'x', sizeof text);
    begin(&fix);
    assert_string_equal(ask(&fix, text, sizeof text), "");
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    end(&fix);
}

RIV_TEST(a_peer_that_says_nothing_does_not_keep_the_job_from_ending)
{
    struct fix fix;
    begin(&fix);
    const int fd = dial(&fix);
    end(&fix);
    close(fd);
}

/* As after kill -9, when the system has not yet taken the last process apart. */
RIV_TEST(a_name_is_taken_when_the_process_that_has_it_is_gone)
{
    struct fix fix;
    struct riv_local *second = NULL;
    struct riv_err err = { 0 };
    int fd = -1;
    begin(&fix);
    assert_int_equal(riv__local_start(&fix.viewer, fix.dir, &second, &err), 0);
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    riv__local_stop(fix.local);
    fix.local = second;
    while (fd < 0)
        fd = try_dial(&fix);
    close(fd);
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    end(&fix);
}

RIV_TEST(who_waits_for_a_name_can_be_stopped)
{
    struct fix fix;
    struct riv_local *second = NULL;
    struct riv_err err = { 0 };
    begin(&fix);
    assert_int_equal(riv__local_start(&fix.viewer, fix.dir, &second, &err), 0);
    riv__local_stop(second);
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    end(&fix);
}

static bool a_strangers(struct riv_sys *sys, int fd)
{
    (void)sys, (void)fd;
    return false;
}

RIV_TEST(another_user_is_not_answered)
{
    struct fix fix;
    struct riv_sys sys = *riv__sys_real();
    struct riv_err err = { 0 };
    begin(&fix);
    riv__local_stop(fix.local);
    sys.peer_is_own = a_strangers;
    fix.viewer.sys = &sys;
    assert_int_equal(riv__local_start(&fix.viewer, fix.dir, &fix.local, &err),
                     0);
    assert_string_equal(ask(&fix, "lines\n", 6), "");
    end(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_question_is_a_line_and_the_answer_ends_the_connection),
        RIV_CASE(a_question_that_is_too_long_is_not_answered),
        RIV_CASE(a_peer_that_says_nothing_does_not_keep_the_job_from_ending),
        RIV_CASE(a_name_is_taken_when_the_process_that_has_it_is_gone),
        RIV_CASE(who_waits_for_a_name_can_be_stopped),
        RIV_CASE(another_user_is_not_answered),
    };
    return RIV_RUN(tests);
}
