/* store/head_test.c - the four slots of the head mark: which counts, and that one
 * is whole whatever a power cut tears. The file is in memory. */
#include "store/head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "support/disk_sys.h"

enum { SLOT = RIV__HEAD_BYTES / RIV__HEAD_SLOTS };

static struct world {
    struct disk_sys disk;
    struct riv_place place;
    struct riv_head head;
    struct riv_err err;
} * world;

static struct riv_mark mark(uint64_t commits)
{
    return (struct riv_mark){ .id = "journal", .commits = commits };
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    disk_sys_init(&world->disk);
    world->place = (struct riv_place){ .sys = &world->disk.sys };
    snprintf(world->place.path[RIV__PLACE_HEAD], RIV__PLACE_PATH_MAX, "/head");
    const struct riv_mark first = mark(1);
    assert_int_equal(
        riv__head_make(&world->head, &world->place, &first, &world->err), 0);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__head_close(&world->head);
    disk_sys_fini(&world->disk);
    free(world);
    return 0;
}

static int open_again(void)
{
    riv__head_close(&world->head);
    return riv__head_open(&world->head, &world->place, false, &world->err);
}

static void bytes_of(unsigned slot, char bytes[SLOT])
{
    struct riv_sys *sys = &world->disk.sys;
    assert_int_equal(sys->pread(sys, world->head.fd, bytes, SLOT, slot * SLOT),
                     SLOT);
}

static void set_bytes(unsigned slot, const char bytes[SLOT])
{
    struct riv_sys *sys = &world->disk.sys;
    assert_int_equal(sys->pwrite(sys, world->head.fd, bytes, SLOT, slot * SLOT),
                     SLOT);
}

static void tear(unsigned slot)
{
    char bytes[SLOT];
    bytes_of(slot, bytes);
    bytes[33] = (char)~bytes[33];
    set_bytes(slot, bytes);
}

static void write_mark(uint64_t commits)
{
    const struct riv_mark now = mark(commits);
    assert_int_equal(riv__head_write(&world->head, &now, &world->err), 0);
}

static void the_newest_of_the_valid_slots_counts(void **state)
{
    (void)state;
    for (uint64_t commits = 2; commits <= 6; commits++) {
        write_mark(commits);
        assert_int_equal(open_again(), 0);
        assert_int_equal(world->head.mark.commits, commits);
    }
    const unsigned newest =
        world->head.sequence[0] > world->head.sequence[1] ? 0 : 1;
    tear(newest);
    assert_int_equal(open_again(), 0);
    assert_int_equal(world->head.mark.commits, 5);
    tear(1 - newest);
    assert_int_equal(open_again(), 0);
    assert_int_equal(world->head.mark.commits, 1); /* the one that is synced */
}

static void marks_of_commits_leave_the_synced_ones_alone(void **state)
{
    char before[2][SLOT], after[SLOT];
    (void)state;
    bytes_of(2, before[0]);
    bytes_of(3, before[1]);
    for (uint64_t commits = 2; commits <= 9; commits++)
        write_mark(commits);
    for (unsigned i = 0; i < 2; i++) {
        bytes_of(2 + i, after);
        assert_memory_equal(before[i], after, SLOT);
    }
}

static void a_slot_in_the_place_of_another_is_none(void **state)
{
    char bytes[SLOT];
    (void)state;
    write_mark(2);
    bytes_of(2, bytes);
    set_bytes(3, bytes);
    tear(2);
    tear(0);
    tear(1);
    assert_int_equal(open_again(), RIV_ECHECKPOINT);
    assert_non_null(strstr(world->err.text, "none of its slots is valid"));
}

static int no_sync(struct riv_sys *sys, int fd)
{
    (void)sys, (void)fd;
    return -EIO;
}

/* What was written before a sync that failed may be in the page cache alone. Were
 * the other slot the next to be written, a power cut in that would leave none. */
static void a_mark_that_is_perhaps_not_on_disk_is_written_once_more(
    void **state)
{
    struct riv_sys *sys = &world->disk.sys;
    int (*datasync)(struct riv_sys *, int) = sys->datasync;
    const struct riv_mark second = mark(2);
    char newest[SLOT], old[SLOT];
    (void)state;
    sys->datasync = no_sync;
    assert_int_equal(riv__head_set(&world->head, &second, &world->err),
                     RIV_EIO);
    sys->datasync = datasync;
    assert_int_equal(open_again(), 0);
    assert_int_equal(world->head.mark.commits, 2);
    bytes_of(2, old);
    assert_int_equal(riv__head_settle(&world->head, &world->err), 0);
    bytes_of(2, newest); /* the slot that was on disk before is as it was */
    assert_memory_equal(newest, old, SLOT);
    bytes_of(3, newest);
    tear(2);
    assert_int_equal(open_again(), 0);
    assert_int_equal(world->head.mark.commits, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_of_the_valid_slots_counts),
        TEST(marks_of_commits_leave_the_synced_ones_alone),
        TEST(a_slot_in_the_place_of_another_is_none),
        TEST(a_mark_that_is_perhaps_not_on_disk_is_written_once_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
