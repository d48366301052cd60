/* connect/source_file_test.c - finite files, and what is no file. */
#include "connect/fixture.h"

static const struct riv_source_ops *find(struct fix *fix, const char *uri)
{
    const char *rest;
    return riv__source_find(riv__sources, &fix->clock.sys, uri, &rest, NULL);
}

static void a_file_is_one_range(void **state)
{
    struct fix *fix = *state;
    write_file("x", "a\nb\nlast");
    fix_open(fix, "x");
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, NULL),
                     RIV__READ_END);
    assert_int_equal(fix->cut.n, 1);
    assert_int_equal(fix->cut.range[0].kind, RIV__RANGE_FILE);
    assert_int_equal(fix->cut.range[0].source, 5);
    assert_int_equal(fix->cut.range[0].until, 8);
    assert_int_equal(fix->cut.bytes, 8);
    assert_string_equal(fix->cut.range[0].path, "x");
    range_is_of(&fix->cut.range[0], "x");
}

static void a_pattern_gives_its_files_in_order(void **state)
{
    struct fix *fix = *state;
    write_file("b.log", "b\n");
    write_file("c.log", "");
    write_file("a.log", "a\n");
    assert_int_equal(mkdir("0.log", 0777), 0);
    write_file("d.txt", "d\n");
    fix_open(fix, "*.log");
    fix_got(fix, "a\nb\n");
}

/* What a job saved: marks and what is still written are left alone. */
static void a_folder_gives_its_files_in_order(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("out", 0777), 0);
    assert_int_equal(mkdir("out/sub", 0777), 0);
    write_file("out/part-00001", "b\n");
    write_file("out/part-00000", "a\n");
    write_file("out/_SUCCESS", "");
    write_file("out/.part-00002.crc", "c\n");
    fix_open(fix, "out/");
    fix_got(fix, "a\nb\n");
}

static void an_empty_folder_is_an_empty_input(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("out", 0777), 0);
    assert_int_equal(mkdir("out/sub", 0777), 0);
    fix_open(fix, "out");
    fix_got(fix, "");
}

static void a_name_with_marks_of_a_pattern_is_found(void **state)
{
    struct fix *fix = *state;
    write_file("x[1]", "odd\n");
    write_file("x1", "other\n");
    fix_open(fix, "x[1]");
    fix_got(fix, "odd\n");
}

static void an_empty_file_gives_an_empty_batch(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "file:x");
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    assert_int_equal(fix->text.n, 0);
}

static void what_is_wrong_is_said_with_the_way_out(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(mkdir("folder/sub", 0777), 0);
    fix_fails(fix, "none.txt", RIV_ENOINPUT, "check the path");
    fix_fails(fix, "none.txt", RIV_ENOINPUT, "input none.txt: ");
    fix_fails(fix, "no*", RIV_ENOINPUT, "no file matches");
    fix_fails(fix, "fold*", RIV_EINVAL, "dir:folder");
    fix_fails(fix, "fold*/*", RIV_EINVAL, "nothing but the folder");
    assert_int_equal(mkdir("folder/sub2", 0777), 0);
    fix_fails(fix, "fold*/*", RIV_ENOINPUT, "folders only");
    fix_fails(fix, "file:", RIV_EINVAL, "path is empty");
    write_file("x", "x\n");
    fix_fails(fix, "x/y", RIV_ENOINPUT, "check the path");
}

static void an_unreadable_file_is_an_error(void **state)
{
    struct fix *fix = *state;
    write_file("x", "x\n");
    assert_int_equal(chmod("x", 0) + chmod(fix->dir, 0777), 0);
    bool root = geteuid() == 0; /* who may read everything */
    if (root)
        assert_int_equal(seteuid(65534), 0);
    fix_fails(fix, "x", RIV_EPERM, "may not read");
    if (root)
        assert_int_equal(seteuid(0), 0);
}

static void files_are_finite_and_pipes_are_not(void **state)
{
    struct fix *fix = *state;
    write_file("x", "x\n");
    assert_int_equal(mkfifo("p", 0666), 0);
    assert_ptr_equal(find(fix, "x"), &riv__source_file);
    assert_true(find(fix, "x")->flags & RIV__SOURCE_FINITE);
    assert_ptr_equal(find(fix, "p"), &riv__source_pipe);
    assert_ptr_equal(find(fix, "/dev/null"), &riv__source_pipe);
    assert_ptr_equal(find(fix, "none"), &riv__source_file);
    assert_ptr_equal(find(fix, "."), &riv__source_file);
    assert_false(find(fix, "p")->flags & RIV__SOURCE_FINITE);
}

/* Says 0 bytes, and has some. */
static void a_file_of_proc_is_read_as_a_stream(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "/proc/self/comm");
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    assert_true(fix_cut(fix) >= 0);
    assert_true(fix->text.n > 1);
}

static int replace_stdin(int fd)
{
    int keep = dup(0);
    assert_true(fd >= 0 && keep >= 0);
    assert_int_equal(dup2(fd, 0), 0);
    close(fd);
    return keep;
}

static void restore_stdin(int keep)
{
    assert_int_equal(dup2(keep, 0), 0);
    close(keep);
}

static void standard_input_from_a_file_begins_where_it_stands(void **state)
{
    struct fix *fix = *state;
    write_file("x", "one\ntwo\nthree\n");
    int keep = replace_stdin(open("x", O_RDONLY));
    assert_int_equal(lseek(0, 4, SEEK_SET), 4);
    assert_ptr_equal(find(fix, "-"), &riv__source_file);
    fix_open(fix, "-");
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    fixture_equal(&fix->text, "two\nthree\n", 10);
    restore_stdin(keep);
}

/* A range could not start there: what is left of the line would be lost. */
static void standard_input_within_a_line_is_read_as_a_stream(void **state)
{
    struct fix *fix = *state;
    write_file("x", "one\ntwo\n");
    int keep = replace_stdin(open("x", O_RDONLY));
    assert_int_equal(lseek(0, 1, SEEK_SET), 1);
    fix_open(fix, "-");
    assert_ptr_equal(fix->input->ops, &riv__source_pipe);
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    fix_got(fix, "ne\ntwo\n");
    restore_stdin(keep);
}

static void standard_input_from_a_pipe_is_a_stream(void **state)
{
    struct fix *fix = *state;
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    int keep = replace_stdin(fd[0]);
    fix_open(fix, "-");
    assert_ptr_equal(fix->input->ops, &riv__source_pipe);
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    assert_int_equal(write(fd[1], "a\nb", 3), 3);
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    fix_got(fix, "a\n");
    close(fd[1]);
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    fix_got(fix, "b\n");
    riv__input_free(RIV__TAKE(fix->input));
    assert_true(fcntl(0, F_GETFD) >= 0); /* not ours to close */
    restore_stdin(keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_one_range),
        TEST(a_pattern_gives_its_files_in_order),
        TEST(a_folder_gives_its_files_in_order),
        TEST(an_empty_folder_is_an_empty_input),
        TEST(a_name_with_marks_of_a_pattern_is_found),
        TEST(an_empty_file_gives_an_empty_batch),
        TEST(what_is_wrong_is_said_with_the_way_out),
        TEST(an_unreadable_file_is_an_error),
        TEST(files_are_finite_and_pipes_are_not),
        TEST(a_file_of_proc_is_read_as_a_stream),
        TEST(standard_input_from_a_file_begins_where_it_stands),
        TEST(standard_input_within_a_line_is_read_as_a_stream),
        TEST(standard_input_from_a_pipe_is_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
