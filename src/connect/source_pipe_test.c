/* connect/source_pipe_test.c - FIFOs: no writer yet, bytes pass, the end. */
#include <sys/wait.h>

#include "connect/fixture.h"

static void a_fifo_waits_for_its_first_writer(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkfifo("p", 0666), 0);
    fix_open(fix, "p");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    int fd = open("p", O_WRONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_int_equal(write(fd, "x\0y\r\nla", 7), 7);
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    assert_int_equal(write(fd, "st", 2), 2);
    close(fd);
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, "x\0y\r\nlast\n", 10);
}

static void bytes_one_by_one_become_lines(void **state)
{
    struct fix *fix = *state;
    static const char text[] = "one\ntwo\n\nfour";
    assert_int_equal(mkfifo("p", 0666), 0);
    fix_open(fix, "pipe:p");
    int fd = open("p", O_WRONLY | O_NONBLOCK);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        assert_int_equal(write(fd, text + i, 1), 1);
        assert_int_equal(fix_read(fix), RIV__READ_MORE);
    }
    close(fd);
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    fix_got(fix, "one\ntwo\n\nfour\n");
}

static void a_long_line_ends_the_input_by_default(void **state)
{
    struct fix *fix = *state;
    char line[FIXTURE_LINE_MAX + 2];
    assert_int_equal(mkfifo("p", 0666), 0);
    fix_open(fix, "p");
    int fd = open("p", O_WRONLY | O_NONBLOCK);
    memset(line, 'x', sizeof line);
    assert_int_equal(write(fd, line, sizeof line), sizeof line);
    assert_int_equal(fix_read(fix), RIV_ERECORD);
    assert_non_null(strstr(fix->err.text, "input.line_max"));
    close(fd);
}

static void a_missing_pipe_and_a_folder_are_errors(void **state)
{
    struct fix *fix = *state;
    fix_fails(fix, "pipe:none", RIV_ENOINPUT, "check the path");
    fix_fails(fix, "pipe:.", RIV_EINVAL, "is a folder");
}

static void nothing_ever_is_the_end(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "/dev/null");
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    fix_got(fix, "");
}

/* 10 MB through the thread and a ring of 1 MiB. */
static void a_stream_passes_through_the_thread(void **state)
{
    struct fix *fix = *state;
    enum { LINES = 200000 };
    struct riv_sys *sys = riv__sys_real();
    struct riv_wake driver;
    assert_int_equal(sys->wake_open(sys, &driver), 0);
    assert_int_equal(mkfifo("p", 0666), 0);
    assert_int_equal(riv__input_new(riv__sources, sys, &fix->conf, &driver, "p",
                                    0, &fix->input, NULL),
                     0);
    pid_t child = fork();
    if (child == 0) {
        FILE *out = fopen("p", "w");
        for (int i = 0; i < LINES; i++)
            fprintf(out, "%050d\n", i);
        fclose(out);
        _exit(0);
    }
    assert_int_equal(riv__input_start(fix->input, NULL), 0);
    uint64_t bytes = 0;
    int rc = RIV__READ_MORE;
    while (rc == RIV__READ_MORE) {
        rc = riv__input_cut(fix->input, &fix->cut, &fix->err);
        assert_true(rc >= 0);
        bytes += fix->cut.bytes;
        riv__cut_reset(&fix->cut);
        riv__input_release(fix->input);
        if (rc == RIV__READ_MORE)
            sys->poll(sys, NULL, 0, &driver, INT64_MAX);
    }
    assert_int_equal(bytes, LINES * 51);
    assert_int_equal(waitpid(child, NULL, 0), child);
    riv__input_free(RIV__TAKE(fix->input));
    sys->wake_close(sys, &driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fifo_waits_for_its_first_writer),
        TEST(bytes_one_by_one_become_lines),
        TEST(a_long_line_ends_the_input_by_default),
        TEST(a_missing_pipe_and_a_folder_are_errors),
        TEST(nothing_ever_is_the_end),
        TEST(a_stream_passes_through_the_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
