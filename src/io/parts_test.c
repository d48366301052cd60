/* io/parts_test.c - a folder of part files: whole or not at all. */
#include "io/parts.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/fixture.h"
#include "support/disk_sys.h"

static struct riv_sys *sys;
static char home[64];

static int home_make(void **state)
{
    (void)state;
    sys = riv__sys_real();
    snprintf(home, sizeof home, "/tmp/riv-parts-XXXXXX");
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

/* The names in a folder, sorted, with blanks between. */
static void names_are(const char *folder, const char *want)
{
    char **list, text[512] = "";
    size_t n, used = 0;
    assert_int_equal(riv__file_list(sys, folder, &list, &n, NULL), 0);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                 i ? " " : "", list[i]);
    free(list);
    assert_string_equal(text, want);
}

static void remove_all(const char *folder)
{
    char **list, path[128];
    size_t n;
    assert_int_equal(riv__file_list(sys, folder, &list, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%.60s/%.60s", folder, list[i]);
        if (sys->unlink(sys, path) < 0)
            remove_all(path);
    }
    free(list);
    assert_int_equal(sys->rmdir(sys, folder), 0);
}

static int home_remove(void **state)
{
    (void)state;
    remove_all(home);
    return 0;
}

static void text_is(const char *path, const char *want)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 1000);
    assert_int_equal(riv__file_read_all(sys, path, &buf, NULL), 0);
    fixture_equal(&buf, want, strlen(want));
    riv__buf_fini(&buf);
}

static void add(const struct riv_parts *parts, uint32_t number,
                const char *text)
{
    int fd = -1;
    assert_int_equal(riv__parts_open(parts, number, &fd, NULL), 0);
    assert_int_equal(riv__parts_write(parts, fd, text, strlen(text), NULL), 0);
    assert_int_equal(riv__parts_close(parts, fd, NULL), 0);
}

static void parts_appear_together_in_the_order_given(void **state)
{
    struct riv_parts parts;
    const uint32_t order[] = { 7, 3 };
    (void)state;
    assert_int_equal(riv__parts_begin(&parts, sys, "out//", false, NULL), 0);
    add(&parts, 3, "c\n");
    add(&parts, 7, "a\nb\n");
    assert_false(riv__file_exists(sys, "out"));
    assert_int_equal(riv__parts_publish(&parts, order, 2, NULL), 0);
    riv__parts_fini(&parts);
    names_are(".", "out");
    names_are("out", "_SUCCESS part-00000 part-00001");
    text_is("out/part-00000", "a\nb\n");
    text_is("out/part-00001", "c\n");
}

static void what_is_not_published_leaves_nothing(void **state)
{
    struct riv_parts parts = { .path = NULL };
    (void)state;
    riv__parts_fini(&parts); /* nothing was begun */
    assert_int_equal(riv__parts_begin(&parts, sys, "out", false, NULL), 0);
    add(&parts, 0, "a\n");
    riv__parts_fini(&parts);
    names_are(".", "");
}

static void an_existing_folder_is_refused(void **state)
{
    struct riv_parts parts;
    struct riv_err err = { 0 };
    (void)state;
    assert_int_equal(mkdir("out", 0777), 0);
    assert_int_equal(riv__parts_begin(&parts, sys, "out/", false, &err),
                     RIV_EEXISTS);
    assert_non_null(strstr(err.text, "out exists already"));
    riv__parts_fini(&parts);
    names_are(".", "out");
}

static void a_file_in_the_way_is_never_replaced(void **state)
{
    struct riv_parts parts;
    (void)state;
    int fd = sys->open(sys, "out", RIV__OPEN_WRITE | RIV__OPEN_CREATE);
    sys->close(sys, fd);
    for (int replaces = 0; replaces < 2; replaces++) {
        assert_int_equal(riv__parts_begin(&parts, sys, "out", replaces, NULL),
                         RIV_EEXISTS);
        riv__parts_fini(&parts);
    }
    names_are(".", "out");
}

/* SO2: a batch that is run again leaves no part of the first time. */
static void a_replaced_folder_leaves_no_surplus_part(void **state)
{
    struct riv_parts parts;
    const uint32_t order[] = { 0, 1 };
    (void)state;
    for (size_t n = 2; n > 0; n--) {
        assert_int_equal(riv__parts_begin(&parts, sys, "out", true, NULL), 0);
        for (uint32_t k = 0; k < n; k++)
            add(&parts, k, n == 2 ? "old\n" : "new\n");
        assert_int_equal(riv__parts_publish(&parts, order, n, NULL), 0);
        riv__parts_fini(&parts);
    }
    names_are(".", "out");
    names_are("out", "_SUCCESS part-00000");
    text_is("out/part-00000", "new\n");
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct riv_parts parts;
    struct riv_err err = { 0 };
    (void)state;
    assert_int_equal(riv__parts_begin(&parts, sys, "no/out", false, &err),
                     RIV_ENOINPUT);
    assert_string_equal(err.text,
                        "cannot make no/out: No such file or directory");
    riv__parts_fini(&parts);
    assert_int_equal(riv__parts_begin(&parts, sys, "///", false, &err),
                     RIV_EINVAL);
    riv__parts_fini(&parts);
}

/* A disk that fails at one call: an error, and nothing half remains. */
static int fails_at, calls;

static bool fails(void)
{
    return calls++ == fails_at;
}

static int bad_sync(struct riv_sys *self, int fd)
{
    return fails() ? -EIO : riv__sys_real()->sync(self, fd);
}

static int bad_rename(struct riv_sys *self, const char *from, const char *to)
{
    return fails() ? -EIO : riv__sys_real()->rename(self, from, to);
}

static int bad_open(struct riv_sys *self, const char *path, unsigned flags)
{
    return fails() ? -EIO : riv__sys_real()->open(self, path, flags);
}

static int write_once(struct riv_sys *world)
{
    struct riv_parts parts;
    const uint32_t order[] = { 0 };
    int fd = -1;
    int rc = riv__parts_begin(&parts, world, "out", true, NULL);
    if (rc == 0)
        rc = riv__parts_open(&parts, 0, &fd, NULL);
    if (rc == 0)
        rc = riv__parts_write(&parts, fd, "new\n", 4, NULL);
    if (fd >= 0) {
        int closed = riv__parts_close(&parts, fd, NULL);
        rc = rc < 0 ? rc : closed;
    }
    if (rc == 0)
        rc = riv__parts_publish(&parts, order, 1, NULL);
    riv__parts_fini(&parts);
    return rc;
}

static void a_failing_disk_leaves_the_old_folder_or_the_new(void **state)
{
    struct riv_sys world = *riv__sys_real();
    int rc = RIV_EIO;
    (void)state;
    fails_at = 1 << 20;
    assert_int_equal(write_once(&world), 0); /* the old one */
    world.sync = bad_sync;
    world.rename = bad_rename;
    world.open = bad_open;
    for (fails_at = 0; rc < 0; fails_at++) {
        calls = 0;
        rc = write_once(&world);
        names_are("out", "_SUCCESS part-00000");
        assert_true(fails_at < 50);
    }
    assert_true(fails_at > 6);
    names_are(".", "out");
}

/* Files, their names and the folder's. */
static void what_is_published_outlives_a_power_cut(void **state)
{
    static struct disk_sys world;
    struct riv_parts parts;
    struct rng rng = { 1 };
    const uint32_t number = 4;
    size_t n;
    int fd;
    (void)state;
    disk_sys_init(&world);
    assert_int_equal(riv__parts_begin(&parts, &world.sys, "/out", false, NULL),
                     0);
    assert_int_equal(riv__parts_open(&parts, number, &fd, NULL), 0);
    assert_int_equal(riv__parts_write(&parts, fd, "a\n", 2, NULL), 0);
    assert_int_equal(riv__parts_close(&parts, fd, NULL), 0);
    assert_int_equal(riv__parts_publish(&parts, &number, 1, NULL), 0);
    riv__parts_fini(&parts);
    disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
    const char *text = disk_look(world.disk, "/out/part-00000", &n);
    assert_non_null(text);
    assert_int_equal(n, 2);
    assert_memory_equal(text, "a\n", 2);
    assert_non_null(disk_look(world.disk, "/out/_SUCCESS", &n));
    disk_sys_fini(&world);
}

int main(void)
{
#define IN_DIR(test) \
    cmocka_unit_test_setup_teardown(test, home_make, home_remove)
    const struct CMUnitTest tests[] = {
        IN_DIR(parts_appear_together_in_the_order_given),
        IN_DIR(what_is_not_published_leaves_nothing),
        IN_DIR(an_existing_folder_is_refused),
        IN_DIR(a_file_in_the_way_is_never_replaced),
        IN_DIR(a_replaced_folder_leaves_no_surplus_part),
        IN_DIR(a_folder_that_cannot_be_made_is_named),
        IN_DIR(a_failing_disk_leaves_the_old_folder_or_the_new),
        cmocka_unit_test(what_is_published_outlives_a_power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
