/* support/failing_test.c - the n-th call fails, over a disk in memory. */
#include "support/failing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/test.h"
#include "support/disk_sys.h"
#include "sys/file.h"

struct fix {
    struct disk_sys disk;
    struct failing f;
};

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    disk_sys_init(&fix->disk);
    failing_init(&fix->f, &fix->disk.sys);
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    disk_sys_fini(&fix->disk);
    free(fix);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

/* Something that opens, writes twice, syncs: 4 calls. */
static int job(struct fix *fix, struct riv_err *err)
{
    struct riv_sys *sys = &fix->f.sys;
    int fd;
    RIV__TRY(riv__file_open(sys, "/x", RIV__OPEN_WRITE | RIV__OPEN_CREATE, &fd,
                            err));
    int rc = riv__file_write(sys, fd, "ab", 2, "/x", err);
    if (rc == 0)
        rc = riv__file_write(sys, fd, "cd", 2, "/x", err);
    if (rc == 0) {
        rc = sys->sync(sys, fd);
        rc = rc < 0 ? riv__err_sys(err, -rc, "fsync", "/x") : 0;
    }
    sys->close(sys, fd);
    return rc;
}

static void without_a_fault_calls_are_counted(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(job(fix, NULL), 0);
    assert_int_equal(fix->f.calls[FAIL_OPEN], 1);
    assert_int_equal(fix->f.calls[FAIL_WRITE], 2);
    assert_int_equal(fix->f.calls[FAIL_SYNC], 1);
    assert_int_equal(fix->f.calls[FAIL_ANY], 4);
    assert_int_equal(fix->f.fired, 0);
}

static void every_call_fails_once(void **state)
{
    struct fix *fix = *state;
    for (int n = 1; n <= 5; n++) {
        struct riv_err err = { 0 };
        failing_mend(&fix->f);
        failing_once(&fix->f, FAIL_ANY, n, EIO);
        assert_int_equal(job(fix, &err), n <= 4 ? RIV_EIO : 0);
        assert_int_equal(fix->f.fired, n <= 4);
    }
}

static void from_a_call_on_all_fail(void **state)
{
    struct fix *fix = *state;
    struct riv_err err = { 0 };
    failing_from(&fix->f, FAIL_WRITE, 2, ENOSPC);
    assert_int_equal(job(fix, &err), RIV_EIO);
    assert_int_equal(job(fix, &err), RIV_EIO);
    assert_int_equal(fix->f.fired, 2);
    failing_mend(&fix->f);
    assert_int_equal(job(fix, &err), 0);
}

static void writes_may_be_short_instead(void **state)
{
    struct fix *fix = *state;
    fix->f.at_most = 1;
    failing_from(&fix->f, FAIL_WRITE, 1, EIO);
    assert_int_equal(job(fix, NULL), 0);
    assert_int_equal(fix->f.calls[FAIL_WRITE], 4);
    size_t n;
    assert_memory_equal(disk_look(fix->disk.disk, "/x", &n), "abcd", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_fault_calls_are_counted),
        TEST(every_call_fails_once),
        TEST(from_a_call_on_all_fail),
        TEST(writes_may_be_short_instead),
    };
    return RIV_RUN(tests);
}
