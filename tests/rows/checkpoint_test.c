/* tests/rows/checkpoint_test.c - rows about restarts: the tables "Checkpoint and
 * failure", and what others say of a state directory. A job that ends here says
 * nothing: its context is freed, and another is made over the same directory. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows/event.h"

/* ------------------------------------------------------------- directories */

static char home[64], dir[96];

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static int start(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/dev/shm/riv-rows-XXXXXX"); /* memory */
    if (!mkdtemp(home)) {
        snprintf(home, sizeof home, "/tmp/riv-rows-XXXXXX");
        assert_non_null(mkdtemp(home));
    }
    snprintf(dir, sizeof dir, "%s/state", home);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    return nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* ----------------------------------------------------------- running counts */

RIV_UPDATE_STATE(total, word_int, word_int);
static int total(const riv_str *key, const int64_t *v, size_t n, int64_t *state,
                 riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *state += v[i];
    return *state < 0 ? RIV_REMOVE : 0;
}

/* The pairs of the last batch. */
static int keep_last(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc == 0)
        result_text(*(struct text *const *)arg, &res, AS_A_SET);
    riv_result_free(&res);
    return rc;
}

typedef void build_fn(riv_ds *in, struct text *last);

static void counts(riv_ds *in, struct text *last)
{
    riv_foreach_rdd(riv_update_state_by_key(in, total_fn, NULL), keep_last,
                    RIV_OPT(.arg = RIV_COPY(last)));
}

/* A life of the job: each of the words is a batch, "-" an empty one. */
static int life(build_fn *build, const char *batches, struct text *last)
{
    riv *r =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 500, .checkpoint = dir));
    riv_set(r, "journal.snapshot_min", "1K");
    riv_ds *in = riv_queue(r, &riv_type_word_int, RIV_OPT(.uid = "in"));
    build(in, last);
    for (const char *at = batches; *at && riv_error(r) == 0; at++) {
        const word_int row = { { at, 1 }, 1 };
        if (*at == ' ')
            continue;
        if (*at != '-')
            riv_push(in, &row, 1);
        riv_step(r, 1);
    }
    const int rc = *batches ? riv_error(r) : riv_step(r, 1);
    riv_free(r);
    return rc;
}

RIV_TEST(cp_01_a_directory_is_made_with_the_folders_above_it)
{
    static struct text last;
    snprintf(dir, sizeof dir, "%s/one/two/state", home);
    assert_int_equal(life(counts, "a", &last), 0);
    assert_int_equal(access(dir, F_OK), 0);
}

RIV_TEST(cp_02_a_state_is_restored_twice_in_a_row)
{
    static struct text last;
    assert_int_equal(life(counts, "a a a a", &last), 0);
    assert_string_equal(last.p, "a:4");
    assert_int_equal(life(counts, "a", &last), 0);
    assert_string_equal(last.p, "a:5");
    assert_int_equal(life(counts, "a - b a", &last), 0);
    assert_string_equal(last.p, "a:7 b:1");
}

static int count_batches(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time;
    ++**(int *const *)arg;
    return 0;
}

static int other_batches;

static void three_outputs(riv_ds *in, struct text *last)
{
    int *other = &other_batches;
    counts(in, last);
    riv_foreach_rdd(riv_update_state_by_key(in, total_fn, NULL), count_batches,
                    RIV_OPT(.arg = RIV_COPY(other)));
    riv_foreach_rdd(riv_count_by_window(in, RIV_SEC(1), 0, NULL), count_batches,
                    RIV_OPT(.arg = RIV_COPY(other)));
}

RIV_TEST(cp_05_every_output_goes_on_and_runs_once_a_batch)
{
    static struct text last;
    other_batches = 0;
    assert_int_equal(life(three_outputs, "a b", &last), 0);
    assert_int_equal(life(three_outputs, "a", &last), 0);
    assert_string_equal(last.p, "a:2 b:1");
    assert_int_equal(other_batches, 6);
}

RIV_TEST(cp_15_odd_names_in_the_directory_do_no_harm)
{
    static struct text last;
    char path[256];
    assert_int_equal(life(counts, "a", &last), 0);
    snprintf(path, sizeof path, "%.95s/checkpoint-1000", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%.95s/checkpoint-1500.bk", dir);
    write_file(path, "no checkpoint");
    snprintf(path, sizeof path, "%.95s/journal.db.old", dir);
    write_file(path, "no journal");
    assert_int_equal(life(counts, "a", &last), 0);
    assert_string_equal(last.p, "a:2");
}

static void chained(riv_ds *in, struct text *last)
{
    riv_ds *sums = riv_update_state_by_key(in, total_fn, NULL);
    counts(sums, last);
}

RIV_TEST(cp_16_chained_states_go_on_over_many_batches)
{
    static struct text last;
    char batches[101];
    memset(batches, 'a', sizeof batches - 1);
    batches[sizeof batches - 1] = '\0';
    assert_int_equal(life(chained, batches, &last), 0);
    assert_string_equal(last.p, "a:5050");
    assert_int_equal(life(chained, batches, &last), 0);
    assert_string_equal(last.p, "a:20100"); /* 1 + 2 + ... + 200 */
}

RIV_TEST(mr_32_a_state_of_nothing_reads_back_as_nothing)
{
    static struct text last;
    assert_int_equal(life(counts, "- -", &last), 0);
    assert_int_equal(life(counts, "-", &last), 0);
    assert_string_equal(last.p, "");
    assert_int_equal(life(counts, "a", &last), 0);
    assert_string_equal(last.p, "a:1");
}

/* ------------------------------------------------------- SC-03, SC-20, QS-01 */

RIV_TEST(sc_03_the_directory_may_be_a_setting)
{
    static struct text batch;
    char value[128];
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 500));
    riv_set(r, "state.dir", dir);
    riv_ds *in = riv_queue(r, &riv_type_word_int, RIV_OPT(.uid = "in"));
    struct text *last = &batch;
    counts(in, last);
    assert_int_equal(riv_get(r, "state.dir", value, sizeof value), 0);
    assert_non_null(strstr(value, dir));
    assert_int_equal(riv_step(r, 1), 0);
    riv_free(r);
    assert_int_equal(access(dir, F_OK), 0);
}

RIV_TEST(sc_20_a_damaged_directory_is_an_error_and_never_a_fresh_start)
{
    static struct text last;
    char path[256];
    assert_int_equal(life(counts, "a", &last), 0); /* empty: a new job */
    assert_int_equal(life(counts, "a", &last), 0); /* valid: it goes on */
    assert_string_equal(last.p, "a:2");
    snprintf(path, sizeof path, "%.95s/journal.db", dir);
    write_file(path, "damaged");
    assert_int_equal(life(counts, "a", &last), RIV_ECHECKPOINT);
    assert_string_equal(last.p, "a:2"); /* nothing has run */
    assert_int_equal(access(path, F_OK), 0);
}

RIV_TEST(qs_01_a_queue_goes_on_behind_what_was_committed)
{
    static struct text last;
    assert_int_equal(life(counts, "a b", &last), 0);
    assert_int_equal(life(counts, "-", &last), 0); /* nothing comes again */
    assert_string_equal(last.p, "a:1 b:1");
}

/* ------------------------------------------------------------ SC-12b, FS-01 */

enum { FILES = 30 };

static struct event seen = EVENT;
static atomic_bool was_seen[FILES + 1];

/* Counts each line once: a batch that is run again shows its lines again. */
RIV_FOREACH(see_line, riv_str);
static int see_line(const riv_str *line, riv_task *t)
{
    int64_t number;
    if (!riv_to_i64(*line, &number) || number < 1 || number > FILES)
        return riv_die(t, "no number of a file");
    if (!atomic_exchange(&was_seen[number], true))
        event_add(&seen, 1);
    return 0;
}

/* From the files of a folder into files of another, each batch once. */
static riv *copying(const char *from, const char *to)
{
    riv *r =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 2, .checkpoint = dir));
    riv_set(r, "files.poll", "1ms");
    riv_ds *lines = riv_text(r, from, RIV_OPT(.uid = "in"));
    riv_save_text(lines, to, RIV_OPT(.uid = "out"));
    riv_foreach(lines, see_line_fn, NULL);
    if (riv_start(r) < 0)
        fail_msg("%s", riv_errmsg(r));
    return r;
}

static void move_in(int number)
{
    char from[128], to[128], text[32];
    snprintf(from, sizeof from, "%.60s/new", home);
    snprintf(to, sizeof to, "%.60s/in/f%03d", home, number);
    snprintf(text, sizeof text, "%d\n", number);
    write_file(from, text);
    assert_int_equal(rename(from, to), 0);
}

/* Each line of the files that a reader of the folder sees. */
static int lines_of(const char *folder, int *times, int most)
{
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[512];
        int number;
        snprintf(path, sizeof path, "%.128s/%.255s", folder, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
        for (; f && fscanf(f, "%d", &number) == 1; n++)
            if (number >= 1 && number <= most)
                times[number]++;
        if (f)
            fclose(f);
    }
    closedir(d);
    return n;
}

static void end_life(riv *r, int how)
{
    riv_stop(r, how);
    const int rc = riv_wait(r, -1);
    if (rc < 0 && rc != RIV_ESTOPPED)
        fail_msg("%s", riv_errmsg(r));
    riv_free(r);
}

RIV_TEST(fs_01_after_many_failures_every_line_is_there_once)
{
    char in[128], out[128], from[160];
    int times[FILES + 1] = { 0 };
    snprintf(in, sizeof in, "%.60s/in", home);
    snprintf(out, sizeof out, "%.60s/out/", home);
    snprintf(from, sizeof from, "dir:%.120s", in);
    assert_int_equal(mkdir(in, 0700), 0);
    event_set(&seen, 0);
    for (int i = 0; i <= FILES; i++)
        was_seen[i] = false;
    riv *r = copying(from, out);
    for (int i = 1; i <= FILES; i++) {
        move_in(i);
        if (i % 4 == 0) { /* somewhere in a batch, or in front of one */
            event_wait(&seen, i / 2);
            end_life(r, RIV_NOW);
            r = copying(from, out);
        }
    }
    event_wait(&seen, FILES);
    end_life(r, RIV_DRAIN);
    assert_int_equal(lines_of(out, times, FILES), FILES);
    for (int i = 1; i <= FILES; i++)
        assert_int_equal(times[i], 1);
}

static int64_t stored;

static void *push_until_stopped(void *arg)
{
    riv_ds *in = arg;
    stored = 0;
    for (int64_t i = 0;; i++) {
        const int rc = riv_push(in, &i, 1);
        if (rc == RIV_ESTOPPED)
            return NULL;
        stored += rc == 0;
    }
}

RIV_FOREACH(see_one, int64_t);
static int see_one(const int64_t *x, riv_task *t)
{
    (void)x, (void)t;
    event_add(&seen, 1);
    return 0;
}

RIV_TEST(sc_12b_a_drain_with_a_directory_processes_what_was_stored)
{
    pthread_t thread;
    riv *r =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 5, .checkpoint = dir));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    event_set(&seen, 0);
    riv_foreach(in, see_one_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    assert_int_equal(pthread_create(&thread, NULL, push_until_stopped, in), 0);
    event_wait(&seen, 1000);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    pthread_join(thread, NULL);
    assert_int_equal(seen.count, stored);
    riv_free(r);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(cp_01_a_directory_is_made_with_the_folders_above_it),
        IN_PLACE(cp_02_a_state_is_restored_twice_in_a_row),
        IN_PLACE(cp_05_every_output_goes_on_and_runs_once_a_batch),
        IN_PLACE(cp_15_odd_names_in_the_directory_do_no_harm),
        IN_PLACE(cp_16_chained_states_go_on_over_many_batches),
        IN_PLACE(mr_32_a_state_of_nothing_reads_back_as_nothing),
        IN_PLACE(sc_03_the_directory_may_be_a_setting),
        IN_PLACE(sc_20_a_damaged_directory_is_an_error_and_never_a_fresh_start),
        IN_PLACE(qs_01_a_queue_goes_on_behind_what_was_committed),
        IN_PLACE(fs_01_after_many_failures_every_line_is_there_once),
        IN_PLACE(sc_12b_a_drain_with_a_directory_processes_what_was_stored),
    };
    return RIV_RUN(tests);
}
