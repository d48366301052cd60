/* support/disk_test.c - what a power cut leaves of a disk in memory. */
#include "support/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

enum { NEW = RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_CREATE };

struct fix {
    struct heap *heap;
    struct disk *disk;
    struct rng rng;
};

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->heap = heap_new((size_t)64 << 20);
    fix->disk = disk_new(fix->heap, 100);
    fix->rng = rng_of(1, 1);
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    heap_free(fix->heap);
    free(fix);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

static int new_file(struct fix *fix, const char *path, const char *text)
{
    int fd = disk_open(fix->disk, path, NEW);
    assert_true(fd >= 0);
    assert_int_equal(disk_write(fix->disk, fd, text, strlen(text)),
                     strlen(text));
    return fd;
}

static void sync_dir(struct fix *fix, const char *path)
{
    int fd = disk_open(fix->disk, path, RIV__OPEN_READ);
    assert_true(fd >= 0);
    assert_int_equal(disk_sync(fix->disk, fd), 0);
    disk_close(fix->disk, fd);
}

static void holds(struct fix *fix, const char *path, const char *text)
{
    size_t n;
    const char *p = disk_look(fix->disk, path, &n);
    if (!p)
        fail_msg("%s is not there", path);
    assert_text_n(p, n, text);
}

static void is_gone(struct fix *fix, const char *path)
{
    size_t n;
    assert_null(disk_look(fix->disk, path, &n));
}

static void cut(struct fix *fix, enum disk_cut how)
{
    disk_cut(fix->disk, how, &fix->rng);
    assert_int_equal(disk_pending(fix->disk), 0);
}

static void a_file_needs_its_own_sync_and_its_folders(void **state)
{
    struct fix *fix = *state;
    disk_mkdir(fix->disk, "/a", 0755);
    sync_dir(fix, "/");
    disk_sync(fix->disk, new_file(fix, "/a/both", "1"));
    sync_dir(fix, "/a");
    disk_sync(fix->disk, new_file(fix, "/a/no-name", "2"));
    cut(fix, DISK_CUT_NOTHING);
    holds(fix, "/a/both", "1");
    is_gone(fix, "/a/no-name");

    new_file(fix, "/a/no-bytes", "3");
    sync_dir(fix, "/a");
    cut(fix, DISK_CUT_NOTHING);
    holds(fix, "/a/no-bytes", "");
}

static void a_killed_process_loses_nothing_it_wrote(void **state)
{
    struct fix *fix = *state;
    int fd = new_file(fix, "/x", "text");
    disk_kill(fix->disk);
    holds(fix, "/x", "text");
    assert_int_equal(disk_close(fix->disk, fd), -EBADF);
    cut(fix, DISK_CUT_NOTHING);
    is_gone(fix, "/x");
}

static void all_may_have_reached_the_platter(void **state)
{
    struct fix *fix = *state;
    new_file(fix, "/x", "text");
    disk_rename(fix->disk, "/x", "/y");
    cut(fix, DISK_CUT_ALL);
    holds(fix, "/y", "text");
    is_gone(fix, "/x");
}

static void a_rename_may_come_before_the_bytes(void **state)
{
    struct fix *fix = *state;
    disk_put(fix->disk, "/y", "old", 3);
    new_file(fix, "/x", "new text");
    disk_rename(fix->disk, "/x", "/y");
    cut(fix, DISK_CUT_SIZES);
    size_t n;
    const char *p = disk_look(fix->disk, "/y", &n);
    assert_int_equal(n, 8);
    assert_memory_equal(p, "\0\0\0\0\0\0\0\0", 8);
}

static void bytes_may_come_before_names_and_sizes(void **state)
{
    struct fix *fix = *state;
    disk_put(fix->disk, "/x", "aaaa", 4);
    int fd = disk_open(fix->disk, "/x", RIV__OPEN_WRITE);
    disk_pwrite(fix->disk, fd, "bbbb", 4, 2);
    new_file(fix, "/y", "c");
    cut(fix, DISK_CUT_DATA);
    holds(fix, "/x", "aabb");
    is_gone(fix, "/y");
}

static void a_folder_that_was_not_synced_takes_its_files_with_it(void **state)
{
    struct fix *fix = *state;
    disk_mkdir(fix->disk, "/a", 0755);
    disk_sync(fix->disk, new_file(fix, "/a/x", "1"));
    sync_dir(fix, "/a");
    cut(fix, DISK_CUT_NOTHING);
    is_gone(fix, "/a/x");
    assert_int_equal(disk_open(fix->disk, "/a/x", NEW), -ENOENT);
    assert_int_equal(disk_mkdir(fix->disk, "/a", 0755), 0);
}

/* The bytes are readable and clean: only writing them again helps, and then
 * the whole page comes. */
static void a_failed_sync_loses_what_can_still_be_read(void **state)
{
    struct fix *fix = *state;
    disk_put(fix->disk, "/x", "....", 4);
    int fd = disk_open(fix->disk, "/x", RIV__OPEN_READ | RIV__OPEN_WRITE);
    bool lost = false;
    for (int i = 0; i < 32 && !lost; i++) {
        char back[4];
        disk_pwrite(fix->disk, fd, "data", 4, 0);
        assert_int_equal(disk_sync_lose(fix->disk, fd, &fix->rng), -EIO);
        assert_int_equal(disk_sync(fix->disk, fd), 0);
        assert_int_equal(disk_pread(fix->disk, fd, back, 4, 0), 4);
        assert_memory_equal(back, "data", 4);
        cut(fix, DISK_CUT_ALL);
        size_t n;
        lost = memcmp(disk_look(fix->disk, "/x", &n), "data", 4) != 0;
        disk_put(fix->disk, "/x", "....", 4);
        fd = disk_open(fix->disk, "/x", RIV__OPEN_READ | RIV__OPEN_WRITE);
    }
    assert_true(lost);
    disk_pwrite(fix->disk, fd, "data", 4, 0);
    disk_sync_lose(fix->disk, fd, &fix->rng);
    disk_pwrite(fix->disk, fd, "!", 1, 4);
    disk_sync(fix->disk, fd);
    cut(fix, DISK_CUT_NOTHING);
    holds(fix, "/x", "data!");
}

static uint64_t free_bytes(struct fix *fix)
{
    struct riv_space space;
    disk_space(fix->disk, &space);
    return space.free_bytes;
}

/* Else the name it had comes back, as a second one of the same file. */
static void a_rename_between_folders_takes_both_along(void **state)
{
    struct fix *fix = *state;
    size_t n;
    assert_int_equal(disk_mkdir(fix->disk, "/d", 0755), 0);
    disk_settle(fix->disk);
    disk_close(fix->disk, new_file(fix, "/x.tmp", ""));
    disk_rename(fix->disk, "/x.tmp", "/d/x");
    const int fd = disk_open(fix->disk, "/d", RIV__OPEN_READ);
    assert_int_equal(disk_sync(fix->disk, fd), 0);
    assert_int_equal(disk_pending(fix->disk), 0);
    cut(fix, DISK_CUT_ALL);
    assert_non_null(disk_look(fix->disk, "/d/x", &n));
    assert_null(disk_look(fix->disk, "/x.tmp", &n));
}

static void a_full_disk_takes_a_part_and_then_nothing(void **state)
{
    struct fix *fix = *state;
    static char page[2 * DISK_PAGE];
    disk_limit(fix->disk, 1);
    int fd = new_file(fix, "/x", "1");
    assert_int_equal(disk_write(fix->disk, fd, page, sizeof page),
                     DISK_PAGE - 1);
    assert_int_equal(disk_write(fix->disk, fd, page, 1), -ENOSPC);
    assert_int_equal(free_bytes(fix), 0);
    assert_int_equal(disk_truncate(fix->disk, fd, 0), 0);
    assert_int_equal(free_bytes(fix), DISK_PAGE);
    assert_int_equal(disk_allocate(fix->disk, fd, 2 * DISK_PAGE), -ENOSPC);
    disk_close(fix->disk, fd);
    disk_unlink(fix->disk, "/x");
    disk_settle(fix->disk);
    assert_int_equal(free_bytes(fix), DISK_PAGE);
}

/* Over many cuts each byte of an unsynced write is once there and once not, and
 * what was synced always is. */
static void any_part_of_a_write_may_be_missing(void **state)
{
    struct fix *fix = *state;
    enum { N = 64 };
    bool was[N] = { false }, was_not[N] = { false };
    char text[N];
    memset(text, 'x', N);
    disk_put(fix->disk, "/kept", "kept", 4);
    for (int i = 0; i < 2000; i++) {
        char zero[N] = { 0 };
        size_t n;
        disk_put(fix->disk, "/x", zero, N);
        int fd = disk_open(fix->disk, "/x", RIV__OPEN_WRITE);
        disk_pwrite(fix->disk, fd, text, N, 0);
        cut(fix, i % 2 ? DISK_CUT_RANDOM : DISK_CUT_PREFIX);
        const char *p = disk_look(fix->disk, "/x", &n);
        assert_int_equal(n, N);
        for (size_t k = 0; k < N; k++) {
            was[k] |= p[k] == 'x';
            was_not[k] |= p[k] == 0;
        }
        holds(fix, "/kept", "kept");
    }
    for (size_t k = 0; k < N; k++)
        assert_true(was[k] && was_not[k]);
}

static void a_prefix_of_the_names_is_there(void **state)
{
    struct fix *fix = *state;
    bool seen[4] = { false };
    for (int i = 0; i < 200; i++) {
        size_t n, count = 0;
        new_file(fix, "/a", "");
        new_file(fix, "/b", "");
        disk_rename(fix->disk, "/a", "/c");
        cut(fix, DISK_CUT_RANDOM);
        const bool a = disk_look(fix->disk, "/a", &n) != NULL;
        const bool b = disk_look(fix->disk, "/b", &n) != NULL;
        const bool c = disk_look(fix->disk, "/c", &n) != NULL;
        count = (size_t)a + b + 2 * c;
        assert_true(!(a && c) && !(c && !b) && !(b && !a && !c));
        seen[count] = true;
        disk_unlink(fix->disk, "/a");
        disk_unlink(fix->disk, "/b");
        disk_unlink(fix->disk, "/c");
        disk_settle(fix->disk);
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
}

static void equal_disks_have_equal_hashes(void **state)
{
    struct fix *fix = *state;
    const uint64_t empty = disk_hash(fix->disk);
    disk_put(fix->disk, "/x", "1", 1);
    const uint64_t one = disk_hash(fix->disk);
    disk_put(fix->disk, "/y", "1", 1);
    assert_true(disk_hash(fix->disk) != one && one != empty);
    disk_unlink(fix->disk, "/y");
    assert_true(disk_hash(fix->disk) == one);
    disk_rot(fix->disk, "/x", 3);
    assert_true(disk_hash(fix->disk) != one);
    disk_rot(fix->disk, "/x", 3);
    disk_unlink(fix->disk, "/x");
    assert_true(disk_hash(fix->disk) == empty);
}

static void a_lock_goes_with_its_descriptor(void **state)
{
    struct fix *fix = *state;
    int a = disk_open(fix->disk, "/lock", NEW);
    int b = disk_open(fix->disk, "/lock", NEW);
    assert_int_equal(disk_lock(fix->disk, a, 10, 5), 0);
    assert_int_equal(disk_lock(fix->disk, a, 12, 1), 0);
    assert_int_equal(disk_lock(fix->disk, b, 14, 9), -EAGAIN);
    assert_int_equal(disk_lock(fix->disk, b, 15, 9), 0);
    assert_int_equal(disk_lock(fix->disk, b, 5, 5), 0);
    disk_close(fix->disk, a);
    assert_int_equal(disk_lock(fix->disk, b, 14, 9), 0);
    disk_kill(fix->disk);
    b = disk_open(fix->disk, "/lock", NEW);
    assert_int_equal(disk_lock(fix->disk, b, 0, 100), 0);
}

static void descriptors_run_out(void **state)
{
    struct fix *fix = *state;
    disk_limit_fds(fix->disk, 2);
    int a = disk_open(fix->disk, "/x", NEW);
    assert_int_equal(disk_open(fix->disk, "/x", NEW), a + 1);
    assert_int_equal(disk_open(fix->disk, "/x", NEW), -EMFILE);
    disk_close(fix->disk, a);
    assert_int_equal(disk_open(fix->disk, "/x", NEW), a);
}

static int count_name(void *arg, const char *name)
{
    assert_true(name[0] == 'a' || name[0] == 'b');
    ++*(int *)arg;
    return 0;
}

static void names_are_found_listed_and_refused(void **state)
{
    struct fix *fix = *state;
    int count = 0;
    struct riv_stat st;
    disk_put(fix->disk, "a", "1", 1);
    disk_mkdir(fix->disk, "/b", 0700);
    assert_int_equal(disk_list(fix->disk, "/", count_name, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(disk_stat(fix->disk, "./a", &st), 0);
    assert_int_equal(st.kind, RIV__IS_FILE);
    assert_int_equal(st.bytes, 1);
    assert_int_equal(st.mode, 0644);
    assert_true(st.is_own);
    assert_int_equal(disk_stat(fix->disk, "/b/../c", &st), -ENOENT);
    assert_int_equal(disk_stat(fix->disk, "/a/c", &st), -ENOTDIR);
    assert_int_equal(disk_open(fix->disk, "/b", RIV__OPEN_WRITE), -EISDIR);
    assert_int_equal(disk_open(fix->disk, "/a", NEW | RIV__OPEN_EXCL), -EEXIST);
    assert_int_equal(disk_rename(fix->disk, "/a", "/b"), -EISDIR);
    assert_int_equal(disk_rename(fix->disk, "/c", "/d"), -ENOENT);
    assert_int_equal(disk_unlink(fix->disk, "/b"), -EISDIR);
    assert_int_equal(disk_mkdir(fix->disk, "/b", 0700), -EEXIST);
}

static void in_a_child(struct fix *fix, bool part, const char *text)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (part)
            heap_part(fix->heap);
        disk_put(fix->disk, "/x", text, strlen(text));
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* What a killed process did is seen by its parent, unless it had parted. */
static void a_disk_outlives_a_process(void **state)
{
    struct fix *fix = *state;
    in_a_child(fix, false, "from a child");
    holds(fix, "/x", "from a child");
    in_a_child(fix, true, "lost");
    holds(fix, "/x", "from a child");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_needs_its_own_sync_and_its_folders),
        TEST(a_killed_process_loses_nothing_it_wrote),
        TEST(all_may_have_reached_the_platter),
        TEST(a_rename_may_come_before_the_bytes),
        TEST(bytes_may_come_before_names_and_sizes),
        TEST(a_folder_that_was_not_synced_takes_its_files_with_it),
        TEST(a_failed_sync_loses_what_can_still_be_read),
        TEST(a_rename_between_folders_takes_both_along),
        TEST(a_full_disk_takes_a_part_and_then_nothing),
        TEST(any_part_of_a_write_may_be_missing),
        TEST(a_prefix_of_the_names_is_there),
        TEST(equal_disks_have_equal_hashes),
        TEST(a_lock_goes_with_its_descriptor),
        TEST(descriptors_run_out),
        TEST(names_are_found_listed_and_refused),
        TEST(a_disk_outlives_a_process),
    };
    return RIV_RUN(tests);
}
