/* api/again_test.c - what a run finds that another has left: files of an output
 * that is no longer part of the job, files of a watched folder, dead letters up to
 * their limit. On a disk in memory whose power can be cut. */
#include <sched.h>

#include "api/context.h"
#include "api/fixture.h"
#include "base/test.h"
#include "exec/watch.h"
#include "support/disk_sys.h"

static struct disk_sys world;

RIV_MAP(refuse_odd, int64_t, riv_str);
static int refuse_odd(const int64_t *v, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*v);
    return *v % 2 ? riv_fail(t, "odd") : 0;
}

static riv *context(void)
{
    riv *r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = 1000, .checkpoint = "/state"));
    r->sys = &world.sys;
    riv_set(r, "name", "again");
    riv_set(r, "letters.max", "64K");
    return r;
}

static int make(void **state)
{
    (void)state;
    disk_sys_init(&world);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    disk_sys_fini(&world);
    return 0;
}

/* Ends the run. What is in its journal then; for riv__journal_abandon. */
static struct riv_journal *journal_of(riv *r)
{
    static struct riv_settings conf; /* the journal's, too */
    const struct riv_journal_spec spec = { .sys = &world.sys,
                                           .conf = &conf,
                                           .dir = "/state" };
    struct riv_journal *journal = NULL;
    struct riv_err err = { 0 };
    conf = r->conf.settings;
    riv_free(r);
    assert_int_equal(riv__journal_open_to_read(&spec, &journal, &err), 0);
    return journal;
}

static int push(riv *r, riv_ds *in, int64_t from, int64_t until)
{
    for (int64_t i = from; i < until; i++)
        assert_int_equal(riv_push(in, &i, 1), 0);
    return riv_step(r, 1);
}

/* ------------------------------------------------------ what is kept of it */

static int count_batch(void *arg, const struct riv_batch_row *row,
                       struct riv_err *err)
{
    (void)row, (void)err;
    ++*(int *)arg;
    return 0;
}

/* The last thousand, for people; and those that are dropped with them once in
 * 64. */
static void of_many_batches_the_last_are_kept(void **state)
{
    enum { BATCHES = 1200 };
    struct riv_err err = { 0 };
    int n = 0;
    (void)state;
    riv *r = context();
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_save_text(in, "/out/", RIV_OPT(.uid = "out"));
    assert_int_equal(riv_step(r, BATCHES), 0);
    struct riv_journal *journal = journal_of(r);
    assert_int_equal(riv__journal_each_batch(journal, 0, count_batch, &n, &err),
                     0);
    riv__journal_abandon(journal);
    assert_in_range(n, 1000, 1064);
}

/* ------------------------------------------------------- a line that waited */

static atomic_int lines;

RIV_FOREACH(count_line, riv_str);
static int count_line(const riv_str *line, riv_task *t)
{
    (void)line, (void)t;
    atomic_fetch_add(&lines, 1);
    return 0;
}

static riv *receives(void)
{
    riv *r = context();
    riv_foreach(riv_text(r, "listen://127.0.0.1:0", RIV_OPT(.uid = "in")),
                count_line_fn, NULL);
    assert_int_equal(riv_step(r, 1), 0);
    return r;
}

/* One byte behind those that batches are done with. */
static void an_empty_line_that_no_batch_took_is_there_again(void **state)
{
    (void)state;
    atomic_store(&lines, 0);
    riv *r = receives();
    struct riv_feed *feed = &r->step_gen->input[0]->feed;
    assert_int_equal(riv__feed_append(feed, "a\n", 2, NULL), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_int_equal(riv__feed_append(feed, "\n", 1, NULL), 0);
    while (riv__feed_has_news(feed))
        sched_yield();
    riv_free(r);
    riv_free(receives());
    assert_int_equal(atomic_load(&lines), 2);
}

/* -------------------------------------- batches that a supervisor wants fixed */

struct rows {
    struct riv_journal *journal;
    uint64_t last;
    int status, ranges[8]; /* of the last; of each batch */
};

static int count_range(void *arg, const struct riv_range_row *row,
                       struct riv_err *err)
{
    struct rows *rows = arg;
    (void)err;
    rows->ranges[row->batch]++;
    return 0;
}

static int see_row(void *arg, const struct riv_batch_row *row,
                   struct riv_err *err)
{
    struct rows *rows = arg;
    assert_in_range(row->number, 1, RIV__LEN(rows->ranges) - 1);
    rows->last = row->number;
    rows->status = (int)row->status;
    return riv__journal_each_range(rows->journal, row->number, count_range,
                                   rows, err);
}

/* Batches of a number each, of which those up to `fixes` are written down before
 * they run; a number below 0 fails. What is in the journal then. The output does not act
 * while a batch runs, or else all of them would be. */
RIV_FILTER(refuse_below_0, int64_t);
static int refuse_below_0(const int64_t *v, riv_task *t)
{
    return *v < 0 ? riv_fail(t, "below 0") : true;
}

static struct rows rows_of(riv *r)
{
    struct rows rows = { .journal = journal_of(r) };
    struct riv_err err = { 0 };
    assert_int_equal(
        riv__journal_each_batch(rows.journal, 0, see_row, &rows, &err), 0);
    riv__journal_abandon(rows.journal);
    return rows;
}

static struct rows run_fixed(int64_t fixes, const int64_t *number, int n)
{
    static struct riv_watch watch;
    watch = (struct riv_watch){ .sieve = { .fixes = fixes } };
    riv *r = context();
    r->watch = &watch;
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_save_text(riv_filter(in, refuse_below_0_fn, NULL), "/out/",
                  RIV_OPT(.uid = "out"));
    for (int i = 0; i < n; i++)
        assert_int_equal(push(r, in, number[i], number[i] + 1),
                         number[i] < 0 ? RIV_ERECORD : 0);
    return rows_of(r);
}

RIV_FOREACH(act, int64_t);
static int act(const int64_t *v, riv_task *t)
{
    return *v < 0 ? riv_fail(t, "below 0") : 0;
}

/* It may have acted on a part of it: another run must do the same. */
static void a_batch_for_a_function_is_written_down_before_it_runs(void **state)
{
    (void)state;
    riv *r = context();
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_foreach(in, act_fn, NULL);
    assert_int_equal(push(r, in, 7, 8), 0);
    assert_int_equal(push(r, in, -1, 0), RIV_ERECORD);
    const struct rows rows = rows_of(r);
    assert_int_equal(rows.last, 2);
    assert_int_equal(rows.status, RIV__BATCH_BEGUN);
}

static void the_last_batch_that_is_fixed_is_written_down_before_it_runs(
    void **state)
{
    (void)state;
    const struct rows rows = run_fixed(2, (int64_t[]){ 7, -1 }, 2);
    assert_int_equal(rows.last, 2);
    assert_int_equal(rows.status, RIV__BATCH_BEGUN);
}

static void the_one_behind_it_is_not(void **state)
{
    (void)state;
    const struct rows rows = run_fixed(2, (int64_t[]){ 7, 8, -1 }, 3);
    assert_int_equal(rows.last, 2);
    assert_int_not_equal(rows.status, RIV__BATCH_BEGUN);
}

/* Where inputs stood was written down with fixed batches, and then no more: a
 * restart took all that came since once more. */
static void batches_behind_the_fixed_ones_say_what_they_had(void **state)
{
    (void)state;
    const struct rows rows = run_fixed(1, (int64_t[]){ 7, 8, 9 }, 3);
    assert_int_equal(rows.last, 3);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(rows.ranges[i], 1);
}

/* ------------------------------------------------------- files left behind */

static riv *saves(riv_ds **ret_in, const char *folder)
{
    riv *r = context();
    char uid[32];
    *ret_in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    snprintf(uid, sizeof uid, "out %s", folder);
    riv_save_text(
        riv_map(*ret_in, refuse_odd_fn, RIV_OPT(.on_error = RIV_SKIP)), folder,
        RIV_OPT(.uid = uid));
    return r;
}

static int see_name(void *arg, const char *name)
{
    snprintf(arg, 256, "/out/%s", name);
    return 0;
}

static const char *only_file(void)
{
    static char path[256];
    path[0] = '\0';
    assert_int_equal(world.sys.list(&world.sys, "/out", see_name, path), 0);
    assert_true(path[0] != '\0');
    return path;
}

/* Bytes that no commit knows, from a run that was killed in the middle of a
 * batch, and on the platter. */
static void leave_bytes(const char *path)
{
    static const char more[] = "bytes of no batch\n";
    const int fd =
        world.sys.open(&world.sys, path, RIV__OPEN_WRITE | RIV__OPEN_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(world.sys.write(&world.sys, fd, more, sizeof more - 1),
                     sizeof more - 1);
    assert_int_equal(world.sys.sync(&world.sys, fd), 0);
    assert_int_equal(world.sys.close(&world.sys, fd), 0);
}

/* Cutting a file off is not durable by itself: a file that was completed without a
 * sync came back longer than it was promised, when the power went. */
static void a_file_of_an_output_that_is_gone_is_durable_before_it_is_shown(
    void **state)
{
    struct rng rng = { 1 };
    riv_ds *in;
    size_t n;
    (void)state;
    riv *r = saves(&in, "/out/");
    assert_int_equal(push(r, in, 0, 4), 0);
    riv_free(r);
    leave_bytes(only_file());
    r = saves(&in, "/other/");
    assert_int_equal(riv_step(r, 1), 0); /* completes it */
    riv_free(r);
    disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
    const char *text = disk_look(world.disk, only_file(), &n);
    assert_non_null(text);
    assert_int_equal(n, 4);
    assert_memory_equal(text, "0\n2\n", 4);
}

static void make_file(const char *path, const char *text)
{
    const int64_t n = (int64_t)strlen(text);
    const int fd =
        world.sys.open(&world.sys, path, RIV__OPEN_WRITE | RIV__OPEN_CREATE);
    assert_true(fd >= 0);
    assert_int_equal(world.sys.write(&world.sys, fd, text, (size_t)n), n);
    assert_int_equal(world.sys.close(&world.sys, fd), 0);
}

/* An older copy of the state directory would show them once more. */
static void results_that_the_journal_does_not_know_end_the_start(void **state)
{
    riv_ds *in;
    (void)state;
    riv *r = saves(&in, "/out/");
    assert_int_equal(push(r, in, 0, 4), 0);
    riv_free(r);
    make_file("/out/20991231T235959.000Z-000009.csv", "9\n");
    r = saves(&in, "/out/");
    assert_int_equal(riv_step(r, 1), RIV_ECHECKPOINT);
    error_has(r, RIV_ECHECKPOINT, "20991231T235959.000Z-000009.csv is later");
    riv_free(r);
}

static riv *watches(const char *folder)
{
    riv *r = context();
    riv_foreach(riv_text(r, folder, RIV_OPT(.uid = "in")), count_line_fn, NULL);
    assert_int_equal(riv_step(r, 1), 0);
    return r;
}

/* Runs over a folder, named `folder`, in which `old` is before the first of them; a
 * file comes between one and the next, and is all that the next one reads. */
static void each_run_reads_what_came(const char *folder, const char *old)
{
    atomic_store(&lines, 0);
    assert_int_equal(world.sys.mkdir(&world.sys, "/in", 0700), 0);
    if (old)
        make_file(old, "one\ntwo\n");
    riv_free(watches(folder));
    assert_int_equal(atomic_load(&lines), 0);
    for (int run = 1; run <= 3; run++) {
        char path[32];
        snprintf(path, sizeof path, "/in/%d", run);
        make_file(path, "three\n");
        riv *r = watches(folder);
        while (atomic_load(&lines) < run)
            assert_int_equal(riv_step(r, 1), 0);
        riv_free(r);
        assert_int_equal(atomic_load(&lines), run);
    }
}

/* What is in a watched folder at its first look is not to be read, by this run or
 * by another. */
static void files_that_were_there_before_are_left_alone_by_all_runs(
    void **state)
{
    (void)state;
    each_run_reads_what_came("dir:/in", "/in/old");
}

/* Names are those of the folder, however it is written: with a slash at its end
 * each run read all that earlier ones had. */
static void a_folder_with_a_slash_at_its_end_is_the_same_folder(void **state)
{
    (void)state;
    each_run_reads_what_came("dir:/in//", "/in/old");
}

/* Nothing is known of a folder that was empty, but that it was looked at. */
static void a_file_that_came_between_runs_into_an_empty_folder_is_read(
    void **state)
{
    (void)state;
    each_run_reads_what_came("dir:/in", NULL);
}

/* ------------------------------------------------------------ dead letters */

RIV_FILTER(refuse_all, riv_str);
static int refuse_all(const riv_str *row, riv_task *t)
{
    (void)row;
    return riv_fail(t, "not wanted");
}

RIV_FOREACH(ignore, riv_str);
static int ignore(const riv_str *row, riv_task *t)
{
    (void)row, (void)t;
    return 0;
}

/* A run over n rows of 1,000 bytes, of which each is a dead letter. */
static void letters(int n, int want)
{
    static char text[1000];
    const riv_str row = { text, sizeof text };
    riv *r = context();
    riv_ds *in = riv_queue(r, &riv__type_str, RIV_OPT(.uid = "in"));
    memset(text, 'x', sizeof text);
    riv_foreach(
        riv_filter(in, refuse_all_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER)),
        ignore_fn, NULL);
    for (int i = 0; i < n; i++)
        assert_int_equal(riv_push(in, &row, 1), 0);
    assert_int_equal(riv_step(r, 1), want);
    if (want < 0)
        error_has(r, want, "letters.max");
    riv_free(r);
}

/* Their limit is one of the directory: each restart gave it anew. */
static void letters_of_earlier_runs_count(void **state)
{
    (void)state;
    letters(40, 0);
    letters(40, RIV_ERECORD);
    letters(20, 0);
}

static int count_letter(void *arg, const struct riv_letter_row *row,
                        struct riv_err *err)
{
    (void)row, (void)err;
    ++*(int *)arg;
    return 0;
}

/* And none with the batch behind it. */
static void a_letter_is_written_down_once(void **state)
{
    struct riv_err err = { 0 };
    int n = 0;
    (void)state;
    riv *r = context();
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_foreach(
        riv_map(in, refuse_odd_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER)),
        ignore_fn, NULL);
    assert_int_equal(push(r, in, 0, 4), 0);
    assert_int_equal(push(r, in, 4, 5), 0);
    struct riv_journal *journal = journal_of(r);
    assert_int_equal(
        riv__journal_each_letter(journal, 0, count_letter, &n, &err), 0);
    riv__journal_abandon(journal);
    assert_int_equal(n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_batch_for_a_function_is_written_down_before_it_runs, make, drop),
        cmocka_unit_test_setup_teardown(a_letter_is_written_down_once, make,
                                        drop),
        cmocka_unit_test_setup_teardown(
            results_that_the_journal_does_not_know_end_the_start, make, drop),
        cmocka_unit_test_setup_teardown(
            files_that_were_there_before_are_left_alone_by_all_runs, make,
            drop),
        cmocka_unit_test_setup_teardown(
            a_folder_with_a_slash_at_its_end_is_the_same_folder, make, drop),
        cmocka_unit_test_setup_teardown(
            a_file_that_came_between_runs_into_an_empty_folder_is_read, make,
            drop),
        cmocka_unit_test_setup_teardown(
            a_file_of_an_output_that_is_gone_is_durable_before_it_is_shown,
            make, drop),
        cmocka_unit_test_setup_teardown(of_many_batches_the_last_are_kept, make,
                                        drop),
        cmocka_unit_test_setup_teardown(
            the_last_batch_that_is_fixed_is_written_down_before_it_runs, make,
            drop),
        cmocka_unit_test_setup_teardown(the_one_behind_it_is_not, make, drop),
        cmocka_unit_test_setup_teardown(
            an_empty_line_that_no_batch_took_is_there_again, make, drop),
        cmocka_unit_test_setup_teardown(
            batches_behind_the_fixed_ones_say_what_they_had, make, drop),
        cmocka_unit_test_setup_teardown(letters_of_earlier_runs_count, make,
                                        drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
