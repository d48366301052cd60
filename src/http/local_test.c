/* http/local_test.c - the socket of a state directory: what is asked and told. */
#include "http/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/test.h"

struct fix {
    char dir[128], path[160];
    struct riv_viewer viewer;
    struct riv_local *local;
};

static struct riv_picture *picture(void *arg, size_t batches)
{
    struct riv_picture *p = calloc(1, sizeof *p);
    assert_non_null(p);
    (void)arg, (void)batches;
    riv__arena_init(&p->arena, 0);
    snprintf(p->name, sizeof p->name, "shop");
    p->state_dir = "";
    p->phase = RIV__PHASE_WAITS;
    p->keys = -1;
    return p;
}

static void begin(struct fix *fix, const char *below)
{
    struct riv_err err = { 0 };
    struct riv_sys *sys = riv__sys_real();
    snprintf(fix->dir, sizeof fix->dir, "/tmp/riv-local-XXXXXX");
    assert_non_null(mkdtemp(fix->dir));
    assert_true(strlen(fix->dir) + strlen(below) < sizeof fix->dir);
    strncat(fix->dir, below, sizeof fix->dir - strlen(fix->dir) - 1);
    if (*below)
        assert_int_equal(sys->mkdir(sys, fix->dir, 0700), 0);
    snprintf(fix->path, sizeof fix->path, "%s/status.sock", fix->dir);
    fix->viewer = (struct riv_viewer){ .sys = sys, .picture = picture };
    if (riv__local_start(&fix->viewer, fix->dir, &fix->local, &err) < 0)
        fail_msg("%s", err.text);
}

static void end(struct fix *fix)
{
    riv__local_stop(fix->local);
    assert_int_equal(access(fix->path, F_OK), -1);
    rmdir(fix->dir);
}

static int dial(const struct fix *fix)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(strlen(fix->path) < sizeof addr.sun_path);
    memcpy(addr.sun_path, fix->path, strlen(fix->path));
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr),
                     0);
    return fd;
}

/* What comes until the end. */
static const char *ask(const struct fix *fix, const char *question, size_t n)
{
    static char text[8192];
    const int fd = dial(fix);
    size_t have = 0;
    ssize_t got = 1;
    assert_int_equal(write(fd, question, n), (ssize_t)n);
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
    begin(&fix, "");
    assert_memory_equal(ask(&fix, "lines\n", 6), "Tshop: waits for", 16);
    assert_memory_equal(ask(&fix, "json\n", 5), "{\"cause\":\"fine\",", 16);
    assert_string_equal(ask(&fix, "what\n", 5),
                        "-there are \"lines\" and \"json\"\n");
    end(&fix);
}

RIV_TEST(a_question_that_is_too_long_is_not_answered)
{
    struct fix fix;
    char text[RIV__LOCAL_ASK_MAX];
    memset(text, 'x', sizeof text);
    begin(&fix, "");
    assert_string_equal(ask(&fix, text, sizeof text), "");
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    end(&fix);
}

RIV_TEST(a_peer_that_says_nothing_does_not_keep_the_job_from_ending)
{
    struct fix fix;
    begin(&fix, "");
    const int fd = dial(&fix);
    end(&fix);
    close(fd);
}

RIV_TEST(what_a_dead_process_has_left_is_replaced)
{
    struct fix fix;
    struct riv_local *dead;
    struct riv_err err = { 0 };
    begin(&fix, "");
    assert_int_equal(riv__local_start(&fix.viewer, fix.dir, &dead, &err), 0);
    assert_memory_equal(ask(&fix, "lines\n", 6), "T", 1);
    riv__local_stop(dead);
    end(&fix);
}

RIV_TEST(a_folder_with_a_long_path_has_a_socket_too)
{
    struct fix fix;
    begin(&fix, "/a-folder-whose-name-alone-has-so-many-letters-that-no-"
                "address-holds-it-all");
    assert_int_equal(access(fix.path, F_OK), 0);
    end(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_question_is_a_line_and_the_answer_ends_the_connection),
        RIV_CASE(a_question_that_is_too_long_is_not_answered),
        RIV_CASE(a_peer_that_says_nothing_does_not_keep_the_job_from_ending),
        RIV_CASE(what_a_dead_process_has_left_is_replaced),
        RIV_CASE(a_folder_with_a_long_path_has_a_socket_too),
    };
    return RIV_RUN(tests);
}
