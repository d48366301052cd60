/* sys/file_test.c - the helpers over files: on a real folder, and on a world
 * that interrupts, cuts short and fails, which a real disk does too rarely. */
#include "sys/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "support/disk_sys.h"
#include "support/failing.h"

static struct riv_sys *sys;
static char dir[64];

static int dir_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "%s", "/tmp/riv-file-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

/* Two levels and one chain of folders are all that the tests make. */
static int dir_remove(void **state)
{
    static const char *const names[] = { "a", "b", "c", "d/e/f", "d/e", "d" };
    char path[128];
    (void)state;
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        remove(path);
    }
    return rmdir(dir);
}

static const char *in_dir(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static void file_make(const char *name, const void *p, size_t n)
{
    struct riv_err err = { 0 };
    int fd = -1;
    unsigned flags = RIV__OPEN_WRITE | RIV__OPEN_CREATE;
    assert_int_equal(riv__file_open(sys, in_dir(name), flags, &fd, &err), 0);
    assert_int_equal(riv__file_write(sys, fd, p, n, name, &err), 0);
    assert_int_equal(sys->close(sys, fd), 0);
}

RIV_TEST(a_file_that_is_missing_is_named)
{
    struct riv_err err = { 0 };
    char want[256];
    int fd = 77;
    const char *path = in_dir("none");
    snprintf(want, sizeof want, "open %s: No such file or directory", path);
    assert_int_equal(riv__file_open(sys, path, RIV__OPEN_READ, &fd, &err),
                     RIV_ENOINPUT);
    assert_string_equal(err.text, want);
    assert_int_equal(fd, 77);
}

RIV_TEST(a_whole_file_is_read_whatever_its_size)
{
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 300000 };
    struct riv_buf buf;
    char *data = calloc(1, 300000);
    riv__buf_init(&buf, 1 << 20);
    riv__buf_str(&buf, "left from before");
    for (size_t i = 0; i < RIV__LEN(sizes); i++) {
        memset(data, 'a' + (int)i, sizes[i]);
        file_make("a", data, sizes[i]);
        assert_int_equal(riv__file_read_all(sys, in_dir("a"), &buf, NULL), 0);
        assert_int_equal(buf.n, sizes[i]);
        if (buf.n > 0)
            assert_memory_equal(buf.p, data, buf.n);
    }
    free(data);
    riv__buf_fini(&buf);
}

RIV_TEST(a_file_may_be_as_long_as_the_limit_and_no_longer)
{
    struct riv_err err = { 0 };
    struct riv_buf buf;
    riv__buf_init(&buf, 10);
    file_make("a", "0123456789", 10);
    assert_int_equal(riv__file_read_all(sys, in_dir("a"), &buf, &err), 0);
    assert_text_n(buf.p, buf.n, "0123456789");
    file_make("b", "0123456789x", 11);
    assert_int_equal(riv__file_read_all(sys, in_dir("b"), &buf, &err),
                     RIV_EINVAL);
    assert_non_null(strstr(err.text, "longer than the 10 bytes allowed"));
    riv__buf_fini(&buf);
}

RIV_TEST(a_folder_cannot_be_read_as_a_file)
{
    struct riv_err err = { 0 };
    struct riv_buf buf;
    riv__buf_init(&buf, 10);
    assert_int_equal(riv__file_read_all(sys, dir, &buf, &err), RIV_ENOINPUT);
    riv__buf_fini(&buf);
}

RIV_TEST(reading_at_a_place_stops_at_the_end)
{
    char p[8];
    int fd = -1;
    file_make("a", "0123456789", 10);
    assert_int_equal(
        riv__file_open(sys, in_dir("a"), RIV__OPEN_READ, &fd, NULL), 0);
    assert_int_equal(riv__file_pread(sys, fd, p, 8, 1, "a", NULL), 8);
    assert_text_n(p, 8, "12345678");
    assert_int_equal(riv__file_pread(sys, fd, p, 8, 7, "a", NULL), 3);
    assert_int_equal(riv__file_pread(sys, fd, p, 8, 10, "a", NULL), 0);
    sys->close(sys, fd);
}

RIV_TEST(names_are_sorted_by_bytes)
{
    char **names = NULL;
    size_t n = 0;
    assert_int_equal(riv__file_list(sys, dir, &names, &n, NULL), 0);
    assert_int_equal(n, 0);
    assert_null(names[0]);
    free(names);
    file_make("c", "", 0);
    file_make("a", "", 0);
    file_make("b", "", 0);
    assert_int_equal(riv__file_mkdirs(sys, in_dir("d"), NULL), 0);
    assert_int_equal(riv__file_list(sys, dir, &names, &n, NULL), 0);
    assert_int_equal(n, 4);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "c");
    assert_string_equal(names[3], "d");
    assert_null(names[4]);
    free(names);
}

RIV_TEST(a_list_of_a_missing_folder_fails)
{
    struct riv_err err = { 0 };
    char **names = NULL;
    size_t n = 77;
    assert_int_equal(riv__file_list(sys, in_dir("none"), &names, &n, &err),
                     RIV_ENOINPUT);
    assert_int_equal(strncmp(err.text, "list /", 6), 0);
    assert_null(names);
    assert_int_equal(n, 77);
}

RIV_TEST(folders_are_made_with_those_above)
{
    assert_false(riv__file_exists(sys, in_dir("d/e/f")));
    assert_int_equal(riv__file_mkdirs(sys, in_dir("d/e/f"), NULL), 0);
    assert_true(riv__file_exists(sys, in_dir("d/e/f")));
    assert_int_equal(riv__file_mkdirs(sys, in_dir("d/e/f"), NULL), 0);
    assert_int_equal(riv__file_mkdirs(sys, in_dir("d//e/f/"), NULL), 0);
    assert_int_equal(riv__file_mkdirs(sys, "/", NULL), 0);
}

RIV_TEST(a_file_in_the_way_of_a_folder_is_named)
{
    struct riv_err err = { 0 };
    file_make("a", "", 0);
    assert_int_equal(riv__file_mkdirs(sys, in_dir("a/b"), &err), RIV_ENOINPUT);
    assert_non_null(strstr(err.text, "/a: Not a directory"));
    assert_int_equal(riv__file_mkdirs(sys, "", &err), RIV_ENOINPUT);
    char path[PATH_MAX + 10];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(riv__file_mkdirs(sys, path, &err), RIV_EINVAL);
}

/* ---- a world that misbehaves: one byte a call, and every second call says
 * that a signal came or the pipe is full; call number `fail_at` fails. */
struct bad_world {
    struct riv_sys sys;
    int calls, fail_at, sysno, opens;
    char out[64];
    size_t nout;
};

static int64_t bad_turn(struct bad_world *bad)
{
    static const int disturbances[] = { -EINTR, -EAGAIN };
    int call = ++bad->calls;
    if (call == bad->fail_at)
        return -bad->sysno;
    return call % 2 == 1 ? disturbances[call / 2 % 2] : 1;
}

static int64_t bad_write(struct riv_sys *s, int fd, const void *p, size_t n)
{
    struct bad_world *bad = s->self;
    (void)fd;
    int64_t rc = bad_turn(bad);
    if (rc > 0 && n > 0)
        bad->out[bad->nout++] = *(const char *)p;
    return rc;
}

static int64_t bad_read(struct riv_sys *s, int fd, void *p, size_t n)
{
    struct bad_world *bad = s->self;
    (void)fd;
    int call = ++bad->calls;
    if (call == bad->fail_at)
        return -bad->sysno;
    if (call % 2 == 1)
        return -EINTR;
    if (call > 10 || n == 0)
        return 0;
    *(char *)p = (char)('0' + call / 2);
    return 1;
}

static int64_t bad_pread(struct riv_sys *s, int fd, void *p, size_t n,
                         uint64_t at)
{
    (void)at;
    return bad_read(s, fd, p, n);
}

static int bad_open(struct riv_sys *s, const char *path, unsigned flags)
{
    struct bad_world *bad = s->self;
    (void)path;
    (void)flags;
    return ++bad->opens % 2 == 1 ? -EINTR : 1000;
}

static int bad_close(struct riv_sys *s, int fd)
{
    struct bad_world *bad = s->self;
    assert_int_equal(fd, 1000);
    bad->opens = -1000;
    return 0;
}

static int bad_poll(struct riv_sys *s, struct riv_pollfd *fds, unsigned n,
                    struct riv_wake *wake, int64_t until_ns)
{
    (void)s;
    (void)wake;
    assert_int_equal(n, 1);
    assert_int_equal(fds[0].events, RIV__POLL_OUT);
    assert_true(until_ns == INT64_MAX);
    return 1;
}

static void bad_init(struct bad_world *bad, int fail_at, int sysno)
{
    *bad = (struct bad_world){ .sys = *riv__sys_real(),
                               .fail_at = fail_at,
                               .sysno = sysno };
    bad->sys.self = bad;
    bad->sys.write = bad_write;
    bad->sys.read = bad_read;
    bad->sys.pread = bad_pread;
    bad->sys.open = bad_open;
    bad->sys.close = bad_close;
    bad->sys.poll = bad_poll;
}

RIV_TEST(a_write_goes_on_until_all_is_written)
{
    struct bad_world bad;
    bad_init(&bad, 0, 0);
    assert_int_equal(riv__file_write(&bad.sys, 1, "hello", 5, "x", NULL), 0);
    assert_text_n(bad.out, bad.nout, "hello");
    assert_int_equal(riv__file_write(&bad.sys, 1, NULL, 0, "x", NULL), 0);
}

RIV_TEST(a_write_that_fails_is_named)
{
    struct riv_err err = { 0 };
    struct bad_world bad;
    bad_init(&bad, 4, ENOSPC);
    assert_int_equal(riv__file_write(&bad.sys, 1, "hello", 5, "/x", &err),
                     RIV_EIO);
    assert_non_null(strstr(err.text, "write /x: No space left on device"));
    bad_init(&bad, 2, 0); /* nothing written, no fault: not for ever */
    assert_int_equal(riv__file_write(&bad.sys, 1, "hello", 5, "/x", &err),
                     RIV_EIO);
}

RIV_TEST(reads_go_on_after_signals_and_short_answers)
{
    struct riv_buf buf;
    struct bad_world bad;
    char p[8];
    bad_init(&bad, 0, 0);
    riv__buf_init(&buf, 100);
    assert_int_equal(riv__file_read_all(&bad.sys, "x", &buf, NULL), 0);
    assert_text_n(buf.p, buf.n, "12345");
    assert_true(bad.opens < 0); /* closed */
    bad.calls = 0;
    assert_int_equal(riv__file_pread(&bad.sys, 1, p, 3, 0, "x", NULL), 3);
    assert_text_n(p, 3, "123");
    assert_int_equal(riv__file_pread(&bad.sys, 1, p, 8, 0, "x", NULL), 2);
    riv__buf_fini(&buf);
}

RIV_TEST(a_read_that_fails_is_named_and_the_file_closed)
{
    struct riv_err err = { 0 };
    struct riv_buf buf;
    struct bad_world bad;
    char p[8];
    bad_init(&bad, 4, EIO);
    riv__buf_init(&buf, 100);
    assert_int_equal(riv__file_read_all(&bad.sys, "/x", &buf, &err), RIV_EIO);
    assert_string_equal(err.text, "read /x: Input/output error");
    assert_true(bad.opens < 0);
    bad_init(&bad, 3, EIO);
    assert_int_equal(riv__file_pread(&bad.sys, 1, p, 8, 0, "/x", &err),
                     RIV_EIO);
    riv__buf_fini(&buf);
}

/* After a power cut a file is there when its folder and all those above are. */
static bool survives(const char *folder, bool way)
{
    struct disk_sys world;
    struct rng rng = rng_of(1, 1);
    char path[64];
    int fd = -1;
    size_t n;
    disk_sys_init(&world);
    snprintf(path, sizeof path, "%s/x", folder);
    assert_int_equal(riv__file_mkdirs(&world.sys, folder, NULL), 0);
    assert_int_equal(
        riv__file_open(&world.sys, path, RIV__OPEN_WRITE | RIV__OPEN_CREATE,
                       &fd, NULL),
        0);
    assert_int_equal(world.sys.sync(&world.sys, fd), 0);
    assert_int_equal(riv__file_sync_folder(&world.sys, folder, NULL), 0);
    if (way)
        assert_int_equal(riv__file_sync_way(&world.sys, folder, NULL), 0);
    disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
    const bool there = disk_look(world.disk, path, &n) != NULL;
    disk_sys_fini(&world);
    return there;
}

RIV_TEST(the_way_to_a_folder_is_made_durable)
{
    static const char *const folder[] = { "/a", "a", "/a/b/c", "a/b/c/",
                                          "./a//b" };
    for (size_t i = 0; i < RIV__LEN(folder); i++) {
        assert_false(survives(folder[i], false));
        assert_true(survives(folder[i], true));
    }
}

RIV_TEST(folders_that_are_not_ours_are_passed_over)
{
    struct disk_sys world;
    struct failing f;
    struct riv_err err = { 0 };
    disk_sys_init(&world);
    failing_init(&f, &world.sys);
    assert_int_equal(riv__file_mkdirs(&world.sys, "/a/b", NULL), 0);
    failing_once(&f, FAIL_OPEN, 2, EACCES);
    assert_int_equal(riv__file_sync_way(&f.sys, "/a/b", NULL), 0);
    failing_once(&f, FAIL_SYNC, 1, EINVAL);
    assert_int_equal(riv__file_sync_way(&f.sys, "/a/b", NULL), 0);
    failing_once(&f, FAIL_SYNC, 2, EIO);
    assert_int_equal(riv__file_sync_way(&f.sys, "/a/b", &err), RIV_EIO);
    assert_string_equal(err.text, "sync /: Input/output error");
    disk_sys_fini(&world);
}

/* It said "File exists" of a folder that had to be there. */
RIV_TEST(a_folder_that_cannot_be_looked_at_is_said_to_be)
{
    struct disk_sys world;
    struct failing f;
    struct riv_err err = { 0 };
    disk_sys_init(&world);
    failing_init(&f, &world.sys);
    assert_int_equal(riv__file_mkdirs(&f.sys, "/a", NULL), 0);
    failing_once(&f, FAIL_STAT, 1, EIO);
    assert_int_equal(riv__file_mkdirs(&f.sys, "/a", &err), RIV_EIO);
    assert_string_equal(err.text, "mkdir /a: Input/output error");
    disk_sys_fini(&world);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, dir_make, dir_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(a_file_that_is_missing_is_named),
        IN_DIR(a_whole_file_is_read_whatever_its_size),
        IN_DIR(a_file_may_be_as_long_as_the_limit_and_no_longer),
        IN_DIR(a_folder_cannot_be_read_as_a_file),
        IN_DIR(reading_at_a_place_stops_at_the_end),
        IN_DIR(names_are_sorted_by_bytes),
        IN_DIR(a_list_of_a_missing_folder_fails),
        IN_DIR(folders_are_made_with_those_above),
        IN_DIR(a_file_in_the_way_of_a_folder_is_named),
        RIV_CASE(the_way_to_a_folder_is_made_durable),
        RIV_CASE(folders_that_are_not_ours_are_passed_over),
        RIV_CASE(a_folder_that_cannot_be_looked_at_is_said_to_be),
        RIV_CASE(a_write_goes_on_until_all_is_written),
        RIV_CASE(a_write_that_fails_is_named),
        RIV_CASE(reads_go_on_after_signals_and_short_answers),
        RIV_CASE(a_read_that_fails_is_named_and_the_file_closed),
    };
    sys = riv__sys_real();
    return RIV_RUN(tests);
}
