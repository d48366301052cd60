/* connect/sink_dir_test.c - folders of files: seen when whole, rolled by size and
 * time, and with a journal what a dead run left is finished, cut off or
 * refused. The journal here is an array of rows. */
#include "connect/fixture.h"
#include "connect/sinks.h"

enum { ROWS_MAX = 16, OUTPUT = 7 };

struct out {
    struct riv_settings conf;
    struct riv_sink *sink;
    struct riv_commit commit;
    struct riv_file_row row[ROWS_MAX]; /* the newest of each file */
    char text[ROWS_MAX][2][256];       /* their names */
    size_t n;
    uint64_t batch;
    struct riv_err err;
};

static void out_open(struct out *out, const char *owner)
{
    out->conf = fixture_conf();
    out->conf.roll_bytes = 100;
    out->conf.roll_ms = 5000;
    const struct riv_sink_spec spec = { .kinds = riv__sinks,
                                        .sys = riv__sys_real(),
                                        .conf = &out->conf,
                                        .owner = owner,
                                        .format = "csv",
                                        .uri = "out/",
                                        .live = true };
    if (riv__sink_new(&spec, &out->sink, &out->err) < 0)
        fail_msg("%s", out->err.text);
}

static void out_begin(struct out *out, const char *owner)
{
    *out = (struct out){ .n = 0 };
    riv__commit_init(&out->commit);
    out_open(out, owner);
}

static void out_end(struct out *out)
{
    riv__sink_free(out->sink);
    riv__commit_fini(&out->commit);
}

/* The rows of a message as the journal would have them. */
static void keep_rows(struct out *out)
{
    for (size_t i = 0; i < out->commit.nfile; i++) {
        const struct riv_file_row *row = &out->commit.file[i];
        const size_t at = (size_t)row->number - 1;
        assert_true(at < ROWS_MAX);
        out->n = RIV__MAX(out->n, at + 1);
        out->row[at] = *row;
        snprintf(out->text[at][0], 256, "%.*s", (int)row->temporary.n,
                 row->temporary.p);
        snprintf(out->text[at][1], 256, "%.*s", (int)row->name.n, row->name.p);
        out->row[at].temporary = riv_cstr(out->text[at][0]);
        out->row[at].name = riv_cstr(out->text[at][1]);
        out->row[at].folder = riv_cstr("out/");
    }
}

enum how { ALL, NO_SHOW, NO_COMMIT }; /* where a run ends */

static void batch(struct out *out, int64_t time, const char *text, enum how how)
{
    riv__commit_reset(&out->commit);
    out->commit.batch.number = ++out->batch;
    out->sink->time_ms = time;
    assert_int_equal(riv__sink_write(out->sink, text, strlen(text), &out->err),
                     0);
    assert_int_equal(riv__sink_batch(out->sink, &out->err), 0);
    if (!out->sink->owner || how == NO_COMMIT)
        return;
    assert_int_equal(
        riv__sink_commit(out->sink, OUTPUT, &out->commit, &out->err), 0);
    assert_int_equal(riv__sink_sync(out->sink, OUTPUT, &out->commit, &out->err),
                     0);
    keep_rows(out);
    if (how == NO_SHOW)
        return;
    if (riv__sink_show(out->sink, OUTPUT, &out->commit, &out->err) < 0)
        fail_msg("%s", out->err.text);
    for (size_t i = 0; i < out->n; i++)
        if (out->row[i].status == RIV__FILE_CLOSED)
            out->row[i].status = RIV__FILE_SHOWN;
}

/* Another run on the same rows: 0 or its error. */
static int again_behind(struct out *out, int64_t time_ms)
{
    riv__sink_free(out->sink);
    out->sink = NULL;
    out_open(out, "me");
    for (size_t i = 0; i < out->n; i++)
        RIV__TRY(riv__sink_resume(out->sink, &out->row[i], &out->err));
    out->sink->time_ms = time_ms;
    return riv__sink_resume(out->sink, NULL, &out->err);
}

static int again(struct out *out)
{
    return again_behind(out, out->sink->time_ms);
}

static void finish_run(struct out *out)
{
    riv__commit_reset(&out->commit);
    assert_int_equal(
        riv__sink_complete(out->sink, OUTPUT, &out->commit, &out->err), 0);
    assert_int_equal(riv__sink_sync(out->sink, OUTPUT, &out->commit, &out->err),
                     0);
    assert_int_equal(riv__sink_show(out->sink, OUTPUT, &out->commit, &out->err),
                     0);
}

/* The files of the folder in their order: "NAME=TEXT;", hidden ones as ".;". */
static void folder_is(const char *want)
{
    struct riv_buf text, file;
    char **names;
    size_t n;
    riv__buf_init(&text, 0);
    riv__buf_init(&file, 0);
    assert_int_equal(riv__file_list(riv__sys_real(), "out", &names, &n, NULL),
                     0);
    for (size_t i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, "out/%s", names[i]);
        if (names[i][0] == '.') {
            riv__buf_str(&text, ".;");
            continue;
        }
        assert_int_equal(riv__file_read_all(riv__sys_real(), path, &file, NULL),
                         0);
        riv__buf_printf(&text, "%s=%.*s;", names[i], (int)file.n, file.p);
    }
    fixture_equal(&text, want, strlen(want));
    riv__buf_fini(&text);
    riv__buf_fini(&file);
    free(names);
}

static void a_file_is_seen_when_its_time_is_over(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, NULL);
    batch(&out, 1000, "a\n", ALL);
    folder_is(".;");
    batch(&out, 5999, "b\n", ALL);
    folder_is(".;");
    batch(&out, 6000, "", ALL);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;");
    batch(&out, 7000, "", ALL);
    assert_int_equal(riv__sink_publish(out.sink, &out.err), 0);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;"); /* none is empty */
    out_end(&out);
}

static void a_file_is_seen_when_it_is_large_enough(void **state)
{
    char line[101];
    struct out out;
    (void)state;
    memset(line, 'x', 100);
    line[100] = '\0';
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 2000, line, ALL);
    batch(&out, 1767225600123, "b\n", ALL);
    out.sink->time_ms++;
    finish_run(&out);
    char want[512];
    snprintf(want, sizeof want,
             "19700101T000001.000Z-000001.csv=a\n%s;"
             "20260101T000000.123Z-000002.csv=b\n;",
             line);
    folder_is(want);
    out_end(&out);
}

static void the_size_of_a_file_is_reached_to_the_byte(void **state)
{
    char line[101];
    struct out out;
    (void)state;
    memset(line, 'x', 100);
    line[99] = '\0';
    out_begin(&out, NULL);
    batch(&out, 1000, line, ALL);
    folder_is(".;");
    batch(&out, 2000, "\n", ALL); /* 100 */
    line[99] = '\n';
    line[100] = '\0';
    char want[256];
    snprintf(want, sizeof want, "19700101T000001.000Z-000001.csv=%s;", line);
    folder_is(want);
    out_end(&out);
}

static void what_was_not_shown_at_the_end_vanishes_without_a_journal(
    void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, NULL);
    batch(&out, 1000, "a\n", ALL);
    out_end(&out);
    folder_is("");
}

/* Dies anywhere; the next run has the committed batches once. */
static void another_run_goes_on_behind_the_committed_bytes(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 2000, "b\n", NO_COMMIT);
    assert_int_equal(again(&out), 0);
    batch(&out, 2000, "b\n", ALL);
    assert_int_equal(again(&out), 0);
    batch(&out, 3000, "c\n", NO_COMMIT);
    assert_int_equal(again(&out), 0);
    finish_run(&out);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;");
    out_end(&out);
}

/* Its time counts from its first batch, whoever began it. */
static void another_run_completes_a_file_when_the_first_would_have(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    assert_int_equal(again(&out), 0);
    batch(&out, 5999, "b\n", ALL);
    folder_is(".;");
    batch(&out, 6000, "", ALL);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;");
    out_end(&out);
}

static void a_rename_that_was_promised_is_made(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "b\n", NO_SHOW);
    folder_is(".;");
    assert_int_equal(again(&out), 0);
    assert_int_equal(out.row[0].status, RIV__FILE_SHOWN);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;");
    out.row[0].status = RIV__FILE_CLOSED; /* died before it was written down */
    assert_int_equal(again(&out), 0);
    assert_int_equal(out.row[0].status, RIV__FILE_SHOWN);
    batch(&out, 7000, "c\n", ALL);
    finish_run(&out);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;"
              "19700101T000007.000Z-000002.csv=c\n;");
    out_end(&out);
}

static void beginnings_of_batches_that_never_were_go(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", NO_COMMIT);
    write_file("out/.x.csv.other.part", "another job's");
    folder_is(".;.;");
    assert_int_equal(again(&out), 0);
    folder_is(".;");
    assert_true(riv__file_exists(riv__sys_real(), "out/.x.csv.other.part"));
    out_end(&out);
}

static void refused(struct out *out, const char *words)
{
    assert_int_equal(again(out), RIV_ECHECKPOINT);
    if (!strstr(out->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", out->err.text, words);
}

static void files_that_are_not_what_was_written_are_refused(void **state)
{
    struct out out;
    char hidden[512];
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    snprintf(hidden, sizeof hidden, "out/%s", out.text[0][0]);
    write_file(hidden, "b\n");
    refused(&out, "it has not the bytes that were written");
    write_file(hidden, "a");
    refused(&out, "it has not the bytes that were written");
    assert_int_equal(unlink(hidden), 0);
    refused(&out, "it is not there");
    out.row[0].status = RIV__FILE_CLOSED;
    refused(&out, "neither is there");
    write_file("out/19700101T000001.000Z-000001.csv", "x\n");
    refused(&out, "or not the bytes that were written");
    write_file("out/19700101T000001.000Z-000001.csv", "a\nmore\n");
    refused(&out, "or not the bytes that were written");
    write_file("out/19700101T000001.000Z-000001.csv", "a\n");
    write_file(hidden, "a\n");
    refused(&out, "there are both");
    out_end(&out);
}

/* An older copy of the state directory was put back: what was shown since would
 * have been shown once more, under another name. */
static void a_file_that_is_later_than_the_journal_is_refused(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "b\n", ALL); /* until here it is copied */
    write_file("out/19700101T000006.001Z-000002.csv", "c\n");
    assert_int_equal(again_behind(&out, 6000), RIV_ECHECKPOINT);
    assert_non_null(strstr(out.err.text, "19700101T000006.001Z-000002.csv is"));
    assert_non_null(strstr(out.err.text, "older copy"));
    assert_int_equal(again_behind(&out, 6001), 0); /* that batch is known */
    assert_int_equal(again_behind(&out, INT64_MAX), 0);
    out.row[0].folder = riv_cstr("old/"); /* this folder was somebody else's */
    assert_int_equal(again_behind(&out, 6000), 0);
    out_end(&out);
}

/* The user has said that lines may come again: into a file of their own. */
static void with_output_reset_later_names_are_not_given_again(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "b\n", ALL);
    write_file("out/19700101T000006.001Z-000002.csv", "c\n");
    assert_int_equal(again_behind(&out, 6000), RIV_ECHECKPOINT);
    out.sink->time_ms = INT64_MAX;
    assert_int_equal(riv__sink_resume(out.sink, NULL, &out.err), 0);
    batch(&out, 6001, "c\n", ALL);
    finish_run(&out);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;"
              "19700101T000006.001Z-000002.csv=c\n;"
              "19700101T000006.001Z-000003.csv=c\n;");
    out_end(&out);
}

static void names_that_are_not_ours_are_never_later(void **state)
{
    static const char *const other[] = {
        "19700101T000009.000Z-000001.csv", /* a number that is known */
        "19700101T000009.000Z-00002.csv",
        "19700101T000009.000Z-000002",
        "19700101T00000x.000Z-000002.csv",
        "19700101T000009.000Z_000002.csv",
        "zzzz",
        "9",
    };
    struct out out;
    char path[128];
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "b\n", ALL);
    for (size_t i = 0; i < RIV__LEN(other); i++) {
        snprintf(path, sizeof path, "out/%s", other[i]);
        write_file(path, "");
    }
    assert_int_equal(again(&out), 0);
    out_end(&out);
}

/* Both begin their first file at the same time, and each cut off the other's. */
static void two_jobs_without_a_journal_do_not_share_a_beginning(void **state)
{
    struct out out, other;
    (void)state;
    out_begin(&out, NULL);
    out_begin(&other, NULL);
    batch(&out, 1000, "a\n", ALL);
    batch(&other, 1000, "b\n", ALL);
    folder_is(".;.;");
    assert_int_equal(riv__sink_publish(out.sink, &out.err), 0);
    assert_int_equal(riv__sink_publish(other.sink, &other.err), RIV_EEXISTS);
    folder_is(".;19700101T000001.000Z-000001.csv=a\n;");
    out_end(&out);
    out_end(&other);
}

static void a_file_of_somebody_else_is_not_replaced(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    write_file("out/19700101T000001.000Z-000001.csv", "mine\n");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "", NO_SHOW);
    assert_int_equal(riv__sink_show(out.sink, OUTPUT, &out.commit, &out.err),
                     RIV_EEXISTS);
    assert_non_null(strstr(out.err.text, "move it away"));
    out_end(&out);
}

/* Complete files belong to whoever collects them, and the folder with them. */
static void a_folder_that_was_taken_away_is_made_again(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "", ALL);
    assert_int_equal(rename("out", "taken"), 0);
    batch(&out, 7000, "b\n", ALL);
    assert_int_equal(again(&out), 0);
    finish_run(&out);
    folder_is("19700101T000007.000Z-000002.csv=b\n;");
    out_end(&out);
}

static void a_file_that_is_taken_away_unfinished_is_told(void **state)
{
    struct out out;
    (void)state;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    assert_int_equal(rename("out", "taken"), 0);
    batch(&out, 6000, "b\n", NO_SHOW);
    assert_int_equal(riv__sink_show(out.sink, OUTPUT, &out.commit, &out.err),
                     RIV_EIO);
    assert_non_null(strstr(out.err.text, "deleted or moved away"));
    refused(&out, "neither is there");
    assert_int_equal(rmdir("out"), 0); /* the start has made a new one */
    assert_int_equal(rename("taken", "out"), 0);
    assert_int_equal(again(&out), 0);
    folder_is("19700101T000001.000Z-000001.csv=a\nb\n;");
    out_end(&out);
}

static void what_is_no_folder_is_refused(void **state)
{
    const struct riv_settings conf = fixture_conf();
    const struct riv_sink_spec spec = { .kinds = riv__sinks,
                                        .sys = riv__sys_real(),
                                        .conf = &conf,
                                        .format = "csv",
                                        .uri = "out/",
                                        .live = true };
    struct riv_sink *sink = NULL;
    struct riv_err err;
    (void)state;
    write_file("out", "");
    assert_true(riv__sink_new(&spec, &sink, &err) < 0);
    assert_non_null(strstr(err.text, "out"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_start, fix_finish)

/* ------------------------------------------------------------------- syncs */

static struct riv_sys counting;
static int folder_syncs;

static int count_sync(struct riv_sys *sys, int fd)
{
    struct stat st;
    (void)sys;
    folder_syncs += fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    return riv__sys_real()->sync(riv__sys_real(), fd);
}

/* A power cut between a commit and the rename leaves the name it began with. */
static void a_new_files_name_is_durable_before_its_batch_is(void **state)
{
    (void)state;
    struct out out;
    counting = *riv__sys_real();
    counting.sync = count_sync;
    out_begin(&out, "me");
    out.sink->sys = &counting;
    folder_syncs = 0;
    batch(&out, 1000, "one\n", NO_SHOW);
    assert_int_equal(folder_syncs, 1);
    batch(&out, 2000, "two\n", NO_SHOW); /* the file is known by now */
    assert_int_equal(folder_syncs, 1);
    out_end(&out);
}

/* The run before died between the rename and that sync: to write it down as shown
 * would be to lose the file in a power cut. */
static void a_rename_that_is_found_is_made_durable(void **state)
{
    (void)state;
    struct out out;
    counting = *riv__sys_real();
    counting.sync = count_sync;
    out_begin(&out, "me");
    batch(&out, 1000, "a\n", ALL);
    batch(&out, 6000, "b\n", ALL);
    out.row[0].status = RIV__FILE_CLOSED;
    riv__sink_free(out.sink);
    out_open(&out, "me");
    out.sink->sys = &counting;
    folder_syncs = 0;
    assert_int_equal(riv__sink_resume(out.sink, &out.row[0], &out.err), 0);
    assert_int_equal(out.row[0].status, RIV__FILE_SHOWN);
    assert_int_equal(folder_syncs, 1);
    out_end(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_seen_when_its_time_is_over),
        TEST(a_file_is_seen_when_it_is_large_enough),
        TEST(the_size_of_a_file_is_reached_to_the_byte),
        TEST(what_was_not_shown_at_the_end_vanishes_without_a_journal),
        TEST(another_run_goes_on_behind_the_committed_bytes),
        TEST(another_run_completes_a_file_when_the_first_would_have),
        TEST(a_rename_that_was_promised_is_made),
        TEST(beginnings_of_batches_that_never_were_go),
        TEST(files_that_are_not_what_was_written_are_refused),
        TEST(a_file_that_is_later_than_the_journal_is_refused),
        TEST(with_output_reset_later_names_are_not_given_again),
        TEST(names_that_are_not_ours_are_never_later),
        TEST(two_jobs_without_a_journal_do_not_share_a_beginning),
        TEST(a_file_of_somebody_else_is_not_replaced),
        TEST(a_folder_that_was_taken_away_is_made_again),
        TEST(a_file_that_is_taken_away_unfinished_is_told),
        TEST(what_is_no_folder_is_refused),
        TEST(a_new_files_name_is_durable_before_its_batch_is),
        TEST(a_rename_that_is_found_is_made_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
