/* store/place_test.c - a state directory: its owner and lock (rule J3), rights and
 * names, files that are taken away, and the marks of a run that was killed while
 * it made a journal or set one aside. */
#include <sqlite3.h>
#include <sys/wait.h>

#include "base/point.h"
#include "store/fixture.h"
#include "store/place.h"
#include "support/disk_sys.h"
#include "support/failing.h"

/* ------------------------------------------------------- J3: one owner */

static struct riv_journal *first;
static int waits, waits_until_gone;

/* Time passes; in the end the first owner has gone. */
static int no_wait(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                   struct riv_wake *wake, int64_t until_ns)
{
    (void)sys, (void)fds, (void)n, (void)wake, (void)until_ns;
    if (++waits == waits_until_gone)
        assert_fine(riv__journal_close(first, &shop.err));
    return 0;
}

RIV_TEST(a_second_owner_waits_a_moment_for_a_first_that_is_ending)
{
    struct riv_journal_spec spec = shop_spec();
    assert_fine(riv__journal_open(&spec, &first, &shop.err));
    shop.sys.poll = no_wait;
    waits = 0, waits_until_gone = 3;
    shop_open();
    assert_int_equal(waits, 3);
}

/* The files live on without names until the process ends, so SQLite goes on and
 * all of it succeeds; with the process it is gone. */
RIV_TEST(files_that_are_taken_away_are_told_before_anybody_builds_on_them)
{
    static const char *const file[] = { "journal.db", "journal.db-wal",
                                        "head" };
    char away[512], words[128];
    for (size_t i = 0; i < 2 * RIV__LEN(file); i++) {
        const char *name = file[i / 2];
        snprintf(words, sizeof words, "%s was deleted, moved or replaced",
                 name);
        shop_open();
        assert_fine(put_batch(1, 0, riv_cstr("")));
        snprintf(away, sizeof away, "%s", in_state("away"));
        assert_int_equal(rename(in_state(name), away), 0);
        if (i % 2)
            copy_file("away", name);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(put_batch(2, 0, riv_cstr("")), RIV_ECHECKPOINT);
            assert_non_null(strstr(shop.err.text, words));
        }
        shop_kill();
        remove_tree(shop.dir, 3);
        assert_int_equal(mkdir(shop.dir, 0700), 0);
    }
}

RIV_TEST(a_journal_that_is_gone_is_not_closed_in_good_order)
{
    shop_open();
    assert_fine(put_batch(1, 0, riv_cstr("")));
    remove_tree(in_state("."), 1);
    assert_int_equal(riv__journal_close(shop.journal, &shop.err),
                     RIV_ECHECKPOINT);
    shop.journal = NULL;
}

/* A snapshot or a backup that is mounted: nothing is written there. */
static int open_unless_to_write(struct riv_sys *sys, const char *path,
                                unsigned flags)
{
    if (flags & (RIV__OPEN_WRITE | RIV__OPEN_CREATE))
        return -EROFS;
    return riv__sys_real()->open(sys, path, flags);
}

RIV_TEST(a_journal_on_a_read_only_file_system_can_be_read)
{
    struct riv_journal_spec spec = shop_spec();
    shop_open();
    riv__journal_abandon(RIV__TAKE(shop.journal));
    shop.sys.open = open_unless_to_write;
    assert_fine(riv__journal_open_to_read(&spec, &shop.journal, &shop.err));
    riv__journal_abandon(RIV__TAKE(shop.journal));
    assert_int_equal(riv__journal_open(&spec, &shop.journal, &shop.err),
                     RIV_EPERM);
    assert_non_null(strstr(shop.err.text, "Read-only"));
}

RIV_TEST(a_second_owner_is_refused)
{
    struct riv_journal_spec spec = shop_spec();
    struct riv_journal *second = NULL;
    shop_open();
    shop.sys.poll = no_wait;
    waits = waits_until_gone = 0;
    assert_int_equal(riv__journal_open(&spec, &second, &shop.err), RIV_EBUSY);
    assert_non_null(strstr(shop.err.text, "in use by another process"));
    assert_null(second);
    assert_int_equal(waits, RIV__PLACE_LOCK_TRIES_MAX - 1);
    assert_fine(put_batch(1, 0, riv_cstr("")));
    shop_close();
    shop_open();
}

/* The child opens it and is killed; that it had it is told through a pipe. */
RIV_TEST(a_dead_owners_lock_is_free_at_once)
{
    int ready[2];
    char c = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        c = shop_try() == 0 ? 'y' : 'n';
        if (write(ready[1], &c, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    assert_refused(RIV_EBUSY, "in use");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
    shop_open();
}

RIV_TEST(the_shell_cannot_write_while_a_job_runs)
{
    sqlite3 *db;
    shop_open();
    assert_fine(put_batch(1, 0, riv_cstr("")));
    assert_int_equal(sqlite3_open(in_state("journal.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM batch", NULL, NULL, NULL),
                     SQLITE_BUSY);
    sqlite3_close(db);
    assert_fine(put_batch(2, 0, riv_cstr("")));
    shop_close();
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 2);
}

/* Our own code opens and closes the database file; a POSIX lock would be gone
 * then. */
RIV_TEST(the_lock_is_not_lost_by_a_descriptor_that_is_closed)
{
    shop_open();
    close(open(in_state("journal.db"), O_RDWR | O_CLOEXEC));
    close(open(in_state("lock"), O_RDWR | O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        struct riv_journal_spec spec = shop_spec();
        struct riv_journal *second = NULL;
        _exit(riv__journal_open(&spec, &second, NULL) == RIV_EBUSY ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ------------------------------------------------- rights and places */

RIV_TEST(folder_and_files_are_private)
{
    static const char *const names[] = { "journal.db", "journal.db-wal", "head",
                                         "ballast", "lock" };
    struct stat st;
    umask(0);
    shop_open();
    assert_fine(put_batch(1, 0, riv_cstr("")));
    assert_int_equal(stat(in_state(""), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        assert_int_equal(stat(in_state(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

RIV_TEST(what_others_may_write_is_refused)
{
    static const char *const names[] = { "", "journal.db", "journal.db-wal",
                                         "head", "lock" };
    make_killed();
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        struct stat st;
        assert_int_equal(stat(in_state(names[i]), &st), 0);
        assert_int_equal(chmod(shop.path, st.st_mode | 0020), 0);
        assert_refused(RIV_EPERM, "may be written by others");
        assert_int_equal(chmod(in_state(names[i]), st.st_mode), 0);
    }
    shop_open();
}

static int stat_of_another(struct riv_sys *sys, const char *path,
                           struct riv_stat *ret)
{
    int rc = riv__sys_real()->stat(sys, path, ret);
    ret->is_own = false;
    return rc;
}

RIV_TEST(what_belongs_to_another_user_is_refused)
{
    shop.sys.stat = stat_of_another;
    assert_refused(RIV_EPERM, "belongs to another user");
}

RIV_TEST(links_are_not_followed)
{
    make_closed();
    assert_int_equal(rename(in_state("head"), "/tmp/riv-store-head"), 0);
    assert_int_equal(symlink("/tmp/riv-store-head", in_state("head")), 0);
    assert_refused(RIV_EPERM, "head");
    assert_int_equal(unlink("/tmp/riv-store-head"), 0);
}

static int space_elsewhere(struct riv_sys *sys, const char *path,
                           struct riv_space *ret)
{
    int rc = riv__sys_real()->space(sys, path, ret);
    ret->is_remote = true;
    return rc;
}

RIV_TEST(a_network_file_system_needs_a_setting)
{
    shop.sys.space = space_elsewhere;
    assert_refused(RIV_EPERM, "state.network");
    shop.conf.settings.state_on_network = true;
    shop_open();
}

RIV_TEST(folders_above_are_made)
{
    char dir[128];
    struct riv_journal_spec spec = shop_spec();
    snprintf(dir, sizeof dir, "%s/a/b/", shop.dir);
    spec.dir = dir;
    assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
}

/* It said only that stat found nothing, of a name that is there. */
RIV_TEST(a_link_to_nothing_is_told_with_its_target)
{
    static const char words[] =
        "link is a symbolic link to ../gone/away, which is not there; make "
        "that folder, or remove the link";
    char dir[160], link[128];
    struct riv_journal_spec spec = shop_spec();
    snprintf(link, sizeof link, "%s/link", shop.dir);
    assert_int_equal(symlink("../gone/away", link), 0);
    for (int below = 0; below < 2; below++) {
        snprintf(dir, sizeof dir, "%s%s", link, below ? "/st" : "");
        spec.dir = dir;
        assert_int_equal(riv__journal_open(&spec, &shop.journal, &shop.err),
                         RIV_ENOINPUT);
        if (!strstr(shop.err.text, words))
            fail_msg("%s", shop.err.text);
    }
}

/* SQLite would take it for an address. */
RIV_TEST(a_relative_name_may_begin_with_file)
{
    struct riv_journal_spec spec = shop_spec();
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(shop.dir), 0);
    spec.dir = "file:state?mode=memory";
    int rc = riv__journal_open(&spec, &shop.journal, &shop.err);
    struct stat st;
    int there = stat("file:state?mode=memory/journal.db", &st);
    shop_kill();
    assert_int_equal(chdir(before), 0);
    assert_fine(rc);
    assert_int_equal(there, 0);
}

RIV_TEST(a_name_that_is_too_long_is_refused)
{
    char dir[1000];
    struct riv_journal_spec spec = shop_spec();
    memset(dir, 'x', sizeof dir - 1);
    dir[sizeof dir - 1] = '\0';
    spec.dir = dir;
    assert_int_equal(riv__journal_open(&spec, &shop.journal, &shop.err),
                     RIV_EINVAL);
    spec.dir = "";
    assert_int_equal(riv__journal_open(&spec, &shop.journal, &shop.err),
                     RIV_EINVAL);
}

/* ---------------------------------------------------- the order of its birth */

enum { OPEN_MAX_FD = 256 };
static char names_of[OPEN_MAX_FD][16];
static char births[2048];

static void saw(const char *what, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t n = strlen(births);
    snprintf(births + n, sizeof births - n, "%s %s, ", what,
             slash ? slash + 1 : path);
}

static int note_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    const int fd = riv__sys_real()->open(sys, path, flags);
    const char *slash = strrchr(path, '/');
    if (fd >= 0 && fd < OPEN_MAX_FD)
        snprintf(names_of[fd], sizeof names_of[fd], "%s",
                 slash ? slash + 1 : path);
    if (fd >= 0 && (flags & RIV__OPEN_CREATE) && slash &&
        (strcmp(slash, "/journal.db") == 0 || strcmp(slash, "/head") == 0 ||
         strcmp(slash, "/unborn") == 0))
        saw("make", path);
    return fd;
}

static int note_sync(struct riv_sys *sys, int fd)
{
    (void)sys;
    saw("sync", names_of[fd]);
    return 0;
}

static int note_unlink(struct riv_sys *sys, const char *path)
{
    saw("unlink", path);
    return riv__sys_real()->unlink(sys, path);
}

/* A power cut at any place leaves the mark, or a journal that is whole. */
RIV_TEST(a_new_journal_is_durable_before_its_mark_goes)
{
    struct riv_journal_spec spec = shop_spec();
    assert_int_equal(mkdir(spec.dir, 0700), 0);
    shop.sys.open = note_open;
    shop.sys.sync = shop.sys.datasync = note_sync;
    shop.sys.unlink = note_unlink;
    births[0] = '\0';
    shop_open();
    const char *mark = strstr(births, "make unborn, sync unborn, sync state, ");
    const char *db = strstr(births, "make journal.db, ");
    const char *head = strstr(births, "make head, sync head, sync state, ");
    const char *born = strstr(births, "unlink unborn, sync state, ");
    if (!mark || !db || !head || !born || mark > db || db > head || head > born)
        fail_msg("%s", births);
    assert_non_null(strstr(db, "sync journal.db, "));
    assert_true(strstr(db, "sync journal.db, ") < head);
}

/* ------------------------------------------------------ fresh, and marks */

RIV_TEST(a_fresh_start_sets_the_old_files_aside)
{
    struct riv_journal_spec spec = shop_spec();
    make_killed();
    spec.fresh = true;
    for (int i = 1; i <= 2; i++) {
        assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
        assert_true(riv__journal_info(shop.journal)->is_new);
        shop_kill();
    }
    assert_true(file_bytes("old-1/journal.db") > 0);
    assert_true(file_bytes("old-1/journal.db-wal") > 0);
    assert_true(file_bytes("old-1/head") > 0);
    assert_true(file_bytes("old-2/journal.db") > 0);
    copy_file("old-1/journal.db", "journal.db");
    copy_file("old-1/journal.db-wal", "journal.db-wal");
    copy_file("old-1/head", "head");
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 5);
}

RIV_TEST(a_fresh_start_is_the_way_out_of_every_damage)
{
    struct riv_journal_spec spec = shop_spec();
    make_killed();
    assert_int_equal(unlink(in_state("journal.db")), 0);
    spec.fresh = true;
    assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
    shop_kill();
    assert_int_equal(unlink(in_state("journal.db")), 0);
    assert_int_equal(unlink(in_state("head")), 0);
    unlink(in_state("journal.db-wal"));
    assert_refused(RIV_ECHECKPOINT, "are missing");
    assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
}

/* Leaves the process at the n-th point of opening, as a kill would. */
struct leaver {
    struct riv_point_hook hook;
    int left;
};

static void leave(struct riv_point_hook *hook, const char *name)
{
    struct leaver *leaver = (struct leaver *)hook;
    (void)name;
    if (--leaver->left == 0)
        _exit(9);
}

/* True: it was killed. */
static bool open_killed_at(int n, bool fresh)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct leaver leaver = { { leave }, n };
        struct riv_journal_spec spec = shop_spec();
        spec.fresh = fresh;
        riv__point_hook = &leaver.hook;
        _exit(riv__journal_open(&spec, &shop.journal, NULL) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 1);
    return WEXITSTATUS(status) == 9;
}

RIV_TEST(a_kill_while_it_is_made_leaves_no_half_of_one)
{
    int points = 0;
    for (bool killed = true; killed; points++) {
        killed = open_killed_at(points + 1, false);
        shop_open();
        assert_true(riv__journal_info(shop.journal)->is_new);
        assert_fine(put_batch(1, 0, riv_cstr("")));
        shop_close();
        shop_open();
        assert_int_equal(riv__journal_info(shop.journal)->batch, 1);
        shop_close();
        remove_tree(in_state(""), 2);
    }
    assert_in_range(points, 5, 100);
}

/* The next run found the folder, so it did not sync the one above. */
RIV_TEST(a_folder_made_by_a_run_that_was_killed_outlives_a_power_cut)
{
    struct disk_sys world;
    struct rng rng = rng_of(1, 1);
    struct riv_journal_spec spec = shop_spec();
    disk_sys_init(&world);
    spec.sys = &world.sys;
    spec.dir = "/var/state";
    disk_mkdir(world.disk, "/var", RIV__MODE_PUBLIC);
    disk_mkdir(world.disk, "/var/state", RIV__MODE_PRIVATE);
    for (uint64_t n = 1; n <= 2; n++) {
        assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
        assert_int_equal(riv__journal_info(shop.journal)->batch, n - 1);
        assert_fine(put_batch(n, 1, riv_cstr("state")));
        shop_kill();
        disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
    }
    disk_sys_fini(&world);
}

/* Marks are not synced, and a cut may tear any write at any byte: of two slots
 * that took turns between two syncs none was left. */
RIV_TEST(a_power_cut_leaves_a_head_mark)
{
    struct disk_sys world;
    struct rng rng = rng_of(2, 'h');
    struct riv_journal_spec spec = shop_spec();
    uint64_t n = 0;
    disk_sys_init(&world);
    spec.sys = &world.sys;
    spec.dir = "/state";
    for (int life = 0; life < 200; life++) {
        assert_fine(riv__journal_open(&spec, &shop.journal, &shop.err));
        assert_int_equal(riv__journal_info(shop.journal)->batch, n);
        for (uint64_t k = rng_below(&rng, 30); k > 0; k--)
            assert_fine(put_batch(++n, 1, riv_cstr("state")));
        shop_kill();
        if (rng_one_in(&rng, 3))
            disk_kill(world.disk);
        else
            disk_cut(world.disk, DISK_CUT_RANDOM, &rng);
    }
    disk_sys_fini(&world);
}

/* A new journal and its first batch, one call of which fails once; then it is
 * opened again. true: the fault fired. */
static bool creation_fails_at(enum fail_kind kind, int64_t n, int errnum)
{
    struct disk_sys world;
    struct failing f;
    struct riv_journal_spec spec = shop_spec();
    disk_sys_init(&world);
    failing_init(&f, &world.sys);
    spec.sys = &f.sys;
    spec.dir = "/state";
    failing_once(&f, kind, n, errnum);
    bool done = riv__journal_open(&spec, &shop.journal, &shop.err) == 0 &&
                put_batch(1, 1, riv_cstr("state")) == 0;
    if (shop.journal)
        done &= riv__journal_close(shop.journal, &shop.err) == 0;
    shop.journal = NULL;
    const bool fired = f.fired > 0;
    failing_mend(&f);
    if (riv__journal_open(&spec, &shop.journal, &shop.err) < 0)
        fail_msg("after %s number %d: %s", failing_name(kind), (int)n,
                 shop.err.text);
    assert_true(riv__journal_info(shop.journal)->batch == 1 || !done);
    shop_close();
    disk_sys_fini(&world);
    return fired;
}

/* SQLite says that it has switched to the WAL before it has written so, and
 * what went wrong then was not asked for: the journal was one that no run could
 * open. */
RIV_TEST(any_call_may_fail_once_while_a_journal_is_made)
{
    static const enum fail_kind kind[] = { FAIL_OPEN,  FAIL_WRITE, FAIL_SYNC,
                                           FAIL_LOCK,  FAIL_STAT,  FAIL_UNLINK,
                                           FAIL_RENAME };
    for (size_t i = 0; i < RIV__LEN(kind); i++)
        for (int64_t n = 1; creation_fails_at(kind[i], n, EIO); n++)
            continue;
}

RIV_TEST(a_kill_while_it_is_set_aside_loses_neither)
{
    int points = 0;
    for (bool killed = true; killed; points++) {
        make_killed();
        killed = open_killed_at(points + 1, true);
        shop_open();
        assert_true(riv__journal_info(shop.journal)->is_new);
        shop_close();
        assert_true(file_bytes("old-1/journal.db") > 0);
        copy_file("old-1/journal.db", "journal.db");
        copy_file("old-1/journal.db-wal", "journal.db-wal");
        copy_file("old-1/head", "head");
        shop_open();
        assert_int_equal(riv__journal_info(shop.journal)->batch, 5);
        shop_close();
        remove_tree(in_state(""), 3);
    }
    assert_in_range(points, 10, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_second_owner_waits_a_moment_for_a_first_that_is_ending),
        IN_SHOP(
            files_that_are_taken_away_are_told_before_anybody_builds_on_them),
        IN_SHOP(a_journal_that_is_gone_is_not_closed_in_good_order),
        IN_SHOP(a_journal_on_a_read_only_file_system_can_be_read),
        IN_SHOP(a_second_owner_is_refused),
        IN_SHOP(a_dead_owners_lock_is_free_at_once),
        IN_SHOP(the_shell_cannot_write_while_a_job_runs),
        IN_SHOP(the_lock_is_not_lost_by_a_descriptor_that_is_closed),
        IN_SHOP(folder_and_files_are_private),
        IN_SHOP(what_others_may_write_is_refused),
        IN_SHOP(what_belongs_to_another_user_is_refused),
        IN_SHOP(links_are_not_followed),
        IN_SHOP(a_network_file_system_needs_a_setting),
        IN_SHOP(folders_above_are_made),
        IN_SHOP(a_link_to_nothing_is_told_with_its_target),
        IN_SHOP(a_relative_name_may_begin_with_file),
        IN_SHOP(a_name_that_is_too_long_is_refused),
        IN_SHOP(a_new_journal_is_durable_before_its_mark_goes),
        IN_SHOP(a_fresh_start_sets_the_old_files_aside),
        IN_SHOP(a_fresh_start_is_the_way_out_of_every_damage),
        IN_SHOP(a_kill_while_it_is_made_leaves_no_half_of_one),
        IN_SHOP(a_folder_made_by_a_run_that_was_killed_outlives_a_power_cut),
        IN_SHOP(a_power_cut_leaves_a_head_mark),
        IN_SHOP(any_call_may_fail_once_while_a_journal_is_made),
        IN_SHOP(a_kill_while_it_is_set_aside_loses_neither),
    };
    return RIV_RUN(tests);
}
