/* connect/source_dir_test.c - new files of a folder, each once. The cases IS-nn
 * are those of Spark's file stream that hold here too. */
#include <sched.h>

#include "connect/fixture.h"
#include "sys/thread.h"

/* Two scans: a file must be the same at both. */
static void scan(struct fix *fix)
{
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
}

static void move_in(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "in/%s", name);
    write_file("outside", text);
    assert_int_equal(rename("outside", path), 0);
}

static void begin(struct fix *fix)
{
    assert_int_equal(mkdir("in", 0777), 0);
    fix_open(fix, "dir:in");
}

/* IS-04, IS-21 */
static void files_that_were_there_are_left_alone(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("old", "old\n");
    fix_open(fix, "dir:in");
    move_in("new", "new\n");
    scan(fix);
    fix_got(fix, "new\n");
}

static void the_lag_is_the_files_that_no_batch_has(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    fix_stands(fix, "0 of 0;");
    move_in("a", "a\n");
    move_in("b", "b\n");
    scan(fix);
    fix_stands(fix, "0 of 2;");
    fix_got(fix, "a\nb\n");
    fix_stands(fix, "2 of 2;");
}

/* What fits, and one at least; the others are there for the next cut. */
static void a_cut_takes_as_many_files_as_fit(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "aaa\n");
    move_in("b", "bb\n");
    move_in("c", "cccccc\n");
    scan(fix);
    assert_int_equal(riv__input_waiting(fix->input), 14);
    riv__rate_bound(&fix->input->rate, 0);
    fix_got(fix, "");
    riv__rate_bound(&fix->input->rate, 7);
    fix_got(fix, "aaa\nbb\n");
    assert_int_equal(riv__input_waiting(fix->input), 7);
    assert_false(riv__input_presses(fix->input)); /* nothing more fits */
    riv__rate_bound(&fix->input->rate, 6);
    assert_true(riv__input_presses(fix->input));
    fix_got(fix, "cccccc\n");
    assert_false(riv__input_presses(fix->input));
}

/* Under memory.limit a cut is small, and the next need not wait for a tick. */
static void under_a_memory_limit_files_come_in_pieces(void **state)
{
    enum { BYTES = 200 * 1024 };
    struct fix *fix = *state;
    char *text = calloc(1, BYTES + 1);
    assert_non_null(text);
    memset(text, 'x', BYTES);
    text[BYTES - 1] = '\n';
    fix->conf.memory_bytes_max = 1 << 20; /* pieces of 256 KiB: the least */
    begin(fix);
    move_in("a", text);
    move_in("b", text);
    scan(fix);
    for (int left = 1; left >= 0; left--) {
        assert_int_equal(riv__input_cut(fix->input, &fix->cut, &fix->err),
                         RIV__READ_MORE);
        assert_int_equal(fix->cut.n, 1);
        assert_int_equal(riv__input_presses(fix->input), left);
        riv__cut_reset(&fix->cut);
    }
    free(text);
}

/* ------------------------------------------- a file that fits into no batch */

enum { LARGE = 10000 };

static void put_large(const char *name)
{
    char *text = calloc(1, LARGE + 1);
    assert_non_null(text);
    for (size_t i = 0; i < LARGE; i++)
        text[i] = i % 10 == 9 ? '\n' : 'x';
    move_in(name, text);
    free(text);
}

/* The next cut, of at most so many bytes: "a 0 4096;" */
static void cut_is(struct fix *fix, uint64_t bytes, const char *want)
{
    char text[256] = "";
    riv__rate_bound(&fix->input->rate, bytes);
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, &fix->err),
                     RIV__READ_MORE);
    for (size_t i = 0; i < fix->cut.n; i++) {
        const struct riv_range *range = &fix->cut.range[i];
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s %d %d;", range->path + 3,
                 (int)range->from, (int)range->until);
    }
    riv__cut_reset(&fix->cut);
    assert_string_equal(text, want);
}

static void stand_is(struct fix *fix, const char *want, size_t notes)
{
    const riv_str words = fix_stand(fix);
    if (!riv_eq(words, riv_cstr(want)))
        fail_msg("%.*s", (int)words.n, words.p);
    assert_int_equal(fix->stand.nnote, notes);
}

static void a_file_that_fits_into_no_cut_is_read_in_parts(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    put_large("a");
    move_in("b", "small\n");
    scan(fix);
    cut_is(fix, 100, "a 0 4096;"); /* the least */
    assert_true(fix->input->ops->presses(fix->input));
    assert_int_equal(riv__input_waiting(fix->input), LARGE - 4096 + 6);
    stand_is(fix, "files=0 inside=4096", 1);
    cut_is(fix, 0, "");
    cut_is(fix, 5000, "a 4096 9096;");
    stand_is(fix, "files=0 inside=9096", 1);
    cut_is(fix, 5000, "a 9096 10000;b 0 6;");
    stand_is(fix, "files=2", 2);
    cut_is(fix, 5000, "");
}

/* A batch has the first part of a file. */
static void stand_inside(struct fix *fix)
{
    begin(fix);
    (void)fix_stand(fix);
    put_large("a");
    scan(fix);
    cut_is(fix, 4096, "a 0 4096;");
    stand_is(fix, "files=0 inside=4096", 1);
}

static void another_run_goes_on_within_a_file(void **state)
{
    struct fix *fix = *state;
    stand_inside(fix);
    put_large("z"); /* comes while nobody looks */
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    cut_is(fix, 4096, "a 4096 8192;");
    scan(fix);
    cut_is(fix, UINT64_MAX, "a 8192 10000;z 0 10000;");
    stand_is(fix, "files=2", 2);
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    cut_is(fix, UINT64_MAX, "");
}

/* It had begun in one file, and ended in another. */
static void a_batch_of_parts_is_run_again_with_the_same_parts(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    put_large("a");
    put_large("b");
    scan(fix);
    cut_is(fix, 4096, "a 0 4096;");
    stand_is(fix, "files=0 inside=4096", 1);
    cut_is(fix, 6000, "a 4096 10000;");
    cut_is(fix, 4096, "b 0 4096;");
    stand_is(fix, "files=1 inside=4096", 2); /* of the batch that had begun */
    riv__buf_reset(&fix->stand.words);
    riv__buf_str(&fix->stand.words, "files=0 inside=4096");
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("files=2 inside=4096"),
                         &fix->err),
        RIV_ECHECKPOINT);
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("files=1 inside=4096"),
                         &fix->err),
        1);
    cut_is(fix, 1, "a 4096 10000;b 0 4096;"); /* whatever fits */
    stand_is(fix, "files=1 inside=4096", 1);
    cut_is(fix, UINT64_MAX, "b 4096 10000;");
}

struct looker {
    struct riv_input *input;
    struct riv_thread thread;
    size_t waiting;
    atomic_bool has_looked;
};

static void look_once(void *arg)
{
    struct looker *l = arg;
    l->waiting = riv__input_waiting(l->input);
    atomic_store_explicit(&l->has_looked, true, memory_order_relaxed);
}

/* Somebody looks, and nothing but time is between that and what comes next: the
 * thread sanitizer sees whether more is needed. */
static void look_apart(struct looker *l, struct riv_input *input)
{
    *l = (struct looker){ .input = input };
    assert_int_equal(
        riv__thread_start(&l->thread, "looker", look_once, l, NULL), 0);
    while (!atomic_load_explicit(&l->has_looked, memory_order_relaxed))
        sched_yield();
}

static void what_waits_can_be_asked_while_a_batch_of_parts_is_run_again(
    void **state)
{
    struct fix *fix = *state;
    struct looker l;
    stand_inside(fix);
    riv__buf_reset(&fix->stand.words);
    riv__buf_str(&fix->stand.words, "files=0");
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    move_in("b", "small\n");
    scan(fix);
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("files=0 inside=4096"),
                         &fix->err),
        1);
    look_apart(&l, fix->input);
    cut_is(fix, UINT64_MAX, "a 0 4096;");
    riv__thread_join(&l.thread);
    assert_int_equal(l.waiting, 6);
    assert_int_equal(riv__input_waiting(fix->input), LARGE - 4096 + 6);
}

static void what_waits_is_told_before_a_file_is_gone_on_with(void **state)
{
    struct fix *fix = *state;
    stand_inside(fix);
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    move_in("b", "small\n");
    scan(fix);
    assert_int_equal(riv__input_waiting(fix->input), 6);
    cut_is(fix, 0, "");
    assert_int_equal(riv__input_waiting(fix->input), LARGE - 4096 + 6);
    cut_is(fix, UINT64_MAX, "a 4096 10000;b 0 6;");
    assert_int_equal(riv__input_waiting(fix->input), 0);
}

/* In the order of their time then; the journal has them in that of their names. */
static void a_batch_of_files_is_run_again_in_its_order(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    move_in("z", "z\n");
    scan(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "z\na\n");
    (void)fix_stand(fix);
    assert_int_equal(fix->stand.nnote, 2);
    const struct riv_note first = riv__stand_note_at(&fix->stand, 0);
    const struct riv_note second = riv__stand_note_at(&fix->stand, 1);
    assert_true(riv_eq(first.key, riv_cstr("in/z")));
    struct riv_stand sorted;
    riv__stand_init(&sorted);
    riv__stand_note(&sorted, second.key, second.value);
    riv__stand_note(&sorted, first.key, first.value);
    riv__buf_str(&sorted.words, "files=0");
    riv__stand_fini(&fix->stand);
    fix->stand = sorted;
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("files=2"), &fix->err), 1);
    fix_got(fix, "z\na\n");
}

static int list_broken(struct riv_sys *sys, const char *path,
                       riv__list_fn *each, void *arg)
{
    (void)sys, (void)path, (void)each, (void)arg;
    return -EIO;
}

/* A server of files has a bad moment; the job need not end. */
static void a_folder_that_cannot_be_listed_is_tried_again(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "a\n");
    fix->clock.sys.list = list_broken;
    assert_int_equal(fix_read(fix), RIV_EUNAVAIL);
    fix->clock.sys.list = riv__sys_real()->list;
    scan(fix);
    fix_got(fix, "a\n");
}

static void a_file_that_is_gone_in_the_middle_is_said(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    put_large("a");
    scan(fix);
    cut_is(fix, 4096, "a 0 4096;");
    (void)fix_stand(fix);
    fix->stand.nnote = 0;
    fix_lost(fix, "dir:in", "read up to byte 4096");
}

/* IS-05 */
static void from_start_takes_those_too(void **state)
{
    struct fix *fix = *state;
    fix->conf.tail_from_start = true;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("old", "old\n");
    fix_open(fix, "dir:in");
    scan(fix);
    fix_got(fix, "old\n");
}

/* IS-27 */
static void a_file_is_read_once_whatever_becomes_of_it(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "one\nlast");
    scan(fix);
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, NULL),
                     RIV__READ_MORE);
    assert_int_equal(fix->cut.n, 1);
    assert_string_equal(fix->cut.range[0].path, "in/a");
    range_is_of(&fix->cut.range[0], "in/a");
    assert_int_equal(fix->cut.range[0].until, 8);
    riv__cut_reset(&fix->cut);
    append_file("in/a", "more\n");
    scan(fix);
    fix_got(fix, "");
    assert_non_null(strstr(fix_note(fix), "1 changed after that"));
}

/* IS-22, IS-23: the time of a file says nothing about when it came. */
static void a_file_with_an_odd_time_is_read(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
    const struct timespec future[2] = { { 1LL << 32, 0 }, { 1LL << 32, 0 } };
    write_file("a", "old\n");
    write_file("b", "future\n");
    assert_int_equal(utimensat(AT_FDCWD, "a", old, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, "b", future, 0), 0);
    assert_int_equal(rename("b", "in/b"), 0);
    assert_int_equal(rename("a", "in/a"), 0);
    scan(fix);
    fix_got(fix, "old\nfuture\n");
}

/* IS-24, IS-25 */
static void hidden_and_unfinished_names_wait_for_their_real_name(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in(".dot", "no\n");
    move_in("x.tmp", "x\n");
    move_in("y.part", "no\n");
    move_in("z._COPYING_", "no\n");
    move_in("_name", "under\n");
    assert_int_equal(mkdir("in/sub", 0777), 0);
    write_file("in/sub/f", "no\n");
    scan(fix);
    fix_got(fix, "under\n");
    assert_int_equal(rename("in/x.tmp", "in/x"), 0);
    scan(fix);
    fix_got(fix, "x\n");
}

/* IS-26 */
static void a_file_that_grows_waits_until_it_rests(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    write_file("in/a", "");
    scan(fix);
    fix_got(fix, "");
    append_file("in/a", "half");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    append_file("in/a", " whole\n");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    fix_got(fix, "");
    scan(fix);
    fix_got(fix, "half whole\n");
}

/* Somebody writes over what is there: its length stays. */
static void a_file_that_is_written_over_waits_too(void **state)
{
    const struct timespec later[2] = { { 1000, 0 }, { 1000, 0 } };
    struct fix *fix = *state;
    begin(fix);
    write_file("in/a", "half\n");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    write_file("in/a", "all.\n");
    assert_int_equal(utimensat(AT_FDCWD, "in/a", later, 0), 0);
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    fix_got(fix, "");
    scan(fix);
    fix_got(fix, "all.\n");
}

static void links_pipes_and_folders_are_not_opened(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    write_file("secret", "secret\n");
    assert_int_equal(symlink("../secret", "in/link"), 0);
    assert_int_equal(mkfifo("in/fifo", 0666), 0);
    assert_int_equal(mkdir("in/folder", 0777), 0);
    move_in("good", "good\n");
    scan(fix);
    scan(fix);
    fix_got(fix, "good\n");
}

static void a_name_may_hold_any_byte(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("new\nline \xff%s", "odd\n");
    scan(fix);
    fix_got(fix, "odd\n");
}

static void a_name_that_went_away_may_come_again(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "one\n");
    scan(fix);
    fix_got(fix, "one\n");
    assert_int_equal(unlink("in/a"), 0);
    scan(fix);
    move_in("a", "two\n");
    scan(fix);
    fix_got(fix, "two\n");
}

/* IS-06 */
static void a_pattern_watches_folders_also_new_ones(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(mkdir("in/a", 0777), 0);
    write_file("in/a/old", "no\n");
    fix_open(fix, "dir:in/*/");
    write_file("in/direct", "no\n");
    write_file("in/a/1", "a1\n");
    scan(fix);
    fix_got(fix, "a1\n");
    assert_int_equal(mkdir("in/b", 0777), 0);
    write_file("in/b/2", "b2\n");
    scan(fix);
    fix_got(fix, "b2\n");
    assert_int_equal(unlink("in/a/1") + unlink("in/a/old") + rmdir("in/a"), 0);
    write_file("in/b/3", "b3\n");
    scan(fix);
    fix_got(fix, "b3\n");
}

static void many_files_come_in_the_order_of_their_time(void **state)
{
    struct fix *fix = *state;
    struct riv_buf want;
    char name[32], text[32];
    begin(fix);
    riv__buf_init(&want, 0);
    for (int i = 0; i < 300; i++) {
        const struct timespec at[2] = { { 1000 + i, 0 }, { 1000 + i, 0 } };
        snprintf(name, sizeof name, "in/%d", 1000 - i);
        snprintf(text, sizeof text, "file %d\n", i);
        write_file(name, text);
        assert_int_equal(utimensat(AT_FDCWD, name, at, 0), 0);
        riv__buf_str(&want, text);
    }
    scan(fix);
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, want.p, want.n);
    riv__buf_fini(&want);
    assert_string_equal(fix_note(fix), "300 files read");
}

static void a_missing_folder_is_an_error_at_the_start(void **state)
{
    struct fix *fix = *state;
    write_file("x", "x\n");
    fix_fails(fix, "dir:none", RIV_ENOINPUT, "create it");
    fix_fails(fix, "dir:", RIV_EINVAL, "dir:FOLDER");
    assert_true(fix_try(fix, "dir:x") < 0);
    assert_null(fix->input);
}

/* A folder that is gone may come back; what was read is remembered. */
static void a_folder_that_goes_away_is_tried_again(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    assert_int_equal(rename("in", "away"), 0);
    assert_int_equal(fix_read(fix), RIV_EUNAVAIL);
    assert_int_equal(rename("away", "in"), 0);
    move_in("b", "b\n");
    scan(fix);
    fix_got(fix, "b\n");
}

/* ------------------------------------------ going on after a restart */

static struct fix *slow;
static int64_t paused_until_ns;

/* As if the process had slept for a day in the middle of the scan. */
static int list_slowly(struct riv_sys *sys, const char *path,
                       riv__list_fn *each, void *arg)
{
    riv__manual_clock_advance(&slow->clock, 86400000);
    return riv__sys_real()->list(sys, path, each, arg);
}

static int pause_noted(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                       struct riv_wake *wake, int64_t until_ns)
{
    (void)fds, (void)n, (void)wake;
    paused_until_ns = until_ns - sys->mono_ns(sys);
    return 0;
}

/* The pause after it was ten days: ten times as long as the scan. */
static void a_scan_that_slept_is_followed_by_a_short_pause(void **state)
{
    struct fix *fix = slow = *state;
    begin(fix);
    fix->input->wait_ms = -1;
    fix->clock.sys.list = list_slowly;
    fix->clock.sys.poll = pause_noted;
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_in_range(paused_until_ns, 1, INT64_C(10000000000));
}

static void another_run_reads_what_came_meanwhile(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("old", "old\n");
    fix_open(fix, "dir:in");
    (void)fix_stand(fix);
    move_in("a", "a\n");
    move_in("z", "z\n");
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "a\nz\n");
}

/* There is not one name that it remembers. */
static void another_run_reads_what_came_into_an_empty_folder(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    move_in("a", "a\n");
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "a\n");
}

/* What an earlier run remembers, all of it. */
static void add_stand(struct riv_stand *sum, const struct riv_stand *more)
{
    riv__buf_reset(&sum->words);
    riv__buf_add(&sum->words, more->words.p, more->words.n);
    for (size_t i = 0; i < more->nnote; i++) {
        const struct riv_note note = riv__stand_note_at(more, i);
        if (note.drop)
            riv__stand_drop(sum, note.key);
        else
            riv__stand_note(sum, note.key, note.value);
    }
}

static void another_run_reads_no_file_again(void **state)
{
    struct fix *fix = *state;
    struct riv_stand sum;
    riv__stand_init(&sum);
    begin(fix);
    (void)fix_stand(fix);
    add_stand(&sum, &fix->stand);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    (void)fix_stand(fix);
    add_stand(&sum, &fix->stand);
    move_in("b", "b\n");
    scan(fix); /* found, but in no batch */
    riv__stand_fini(&fix->stand);
    fix->stand = sum;
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "b\n");
}

static void another_file_of_a_known_name_is_new(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    (void)fix_stand(fix);
    move_in("a", "other\n"); /* the first one still exists while it is made */
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "other\n");
}

static int64_t born_ns;

static int stat_born(struct riv_sys *sys, const char *path,
                     struct riv_stat *ret)
{
    (void)sys;
    const int rc = riv__sys_real()->stat(riv__sys_real(), path, ret);
    ret->birth_ns = born_ns;
    return rc;
}

static int fstat_born(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    (void)sys;
    const int rc = riv__sys_real()->fstat(riv__sys_real(), fd, ret);
    ret->birth_ns = born_ns;
    return rc;
}

/* The old file went, and the new one got its number, as they do. */
static void a_file_of_a_known_name_and_number_is_new_when_it_was_made_later(
    void **state)
{
    struct fix *fix = *state;
    fix->clock.sys.stat = stat_born;
    fix->clock.sys.fstat = fstat_born;
    born_ns = 1000;
    begin(fix);
    (void)fix_stand(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    (void)fix_stand(fix);
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "");
    born_ns = 2000;
    assert_int_equal(fix_seek(fix, "dir:in"), 0);
    scan(fix);
    fix_got(fix, "a\n");
}

static void a_name_is_remembered_as_long_as_it_is_there(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    (void)fix_stand(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    (void)fix_stand(fix);
    assert_int_equal(fix->stand.nnote, 1);
    assert_false(riv__stand_note_at(&fix->stand, 0).drop);
    assert_int_equal(unlink("in/a"), 0);
    scan(fix);
    (void)fix_stand(fix);
    assert_int_equal(fix->stand.nnote, 1);
    const struct riv_note note = riv__stand_note_at(&fix->stand, 0);
    assert_true(note.drop);
    assert_true(riv_eq(note.key, riv_cstr("in/a")));
    (void)fix_stand(fix);
    assert_int_equal(fix->stand.nnote, 0);
}

static void damaged_notes_are_refused(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    assert_int_equal(riv__input_recall(fix->input, riv_cstr("in/a"),
                                       riv_cstr("bytes=x"), &fix->err),
                     RIV_ECHECKPOINT);
    assert_int_equal(riv__input_seek(fix->input, riv_cstr(""), &fix->err),
                     RIV_ECHECKPOINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_that_were_there_are_left_alone),
        TEST(the_lag_is_the_files_that_no_batch_has),
        TEST(a_cut_takes_as_many_files_as_fit),
        TEST(under_a_memory_limit_files_come_in_pieces),
        TEST(a_file_that_fits_into_no_cut_is_read_in_parts),
        TEST(another_run_goes_on_within_a_file),
        TEST(a_batch_of_parts_is_run_again_with_the_same_parts),
        TEST(what_waits_can_be_asked_while_a_batch_of_parts_is_run_again),
        TEST(what_waits_is_told_before_a_file_is_gone_on_with),
        TEST(a_batch_of_files_is_run_again_in_its_order),
        TEST(a_folder_that_cannot_be_listed_is_tried_again),
        TEST(a_file_that_is_gone_in_the_middle_is_said),
        TEST(from_start_takes_those_too),
        TEST(a_file_is_read_once_whatever_becomes_of_it),
        TEST(a_file_with_an_odd_time_is_read),
        TEST(hidden_and_unfinished_names_wait_for_their_real_name),
        TEST(a_file_that_grows_waits_until_it_rests),
        TEST(a_file_that_is_written_over_waits_too),
        TEST(links_pipes_and_folders_are_not_opened),
        TEST(a_name_may_hold_any_byte),
        TEST(a_name_that_went_away_may_come_again),
        TEST(a_pattern_watches_folders_also_new_ones),
        TEST(many_files_come_in_the_order_of_their_time),
        TEST(a_missing_folder_is_an_error_at_the_start),
        TEST(a_folder_that_goes_away_is_tried_again),
        TEST(a_scan_that_slept_is_followed_by_a_short_pause),
        TEST(another_run_reads_what_came_meanwhile),
        TEST(another_run_reads_what_came_into_an_empty_folder),
        TEST(another_run_reads_no_file_again),
        TEST(another_file_of_a_known_name_is_new),
        TEST(a_file_of_a_known_name_and_number_is_new_when_it_was_made_later),
        TEST(a_name_is_remembered_as_long_as_it_is_there),
        TEST(damaged_notes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
