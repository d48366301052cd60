/* api/save_test.c - results in folders of part files, for the whole run and for
 * every batch, and files read back: lines, encoded rows, records of one length,
 * whole files. */
#include <sys/stat.h>

#include "api/fixture.h"
#include "sys/file.h"

static char home[64];

static int home_make(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/riv-save-XXXXXX");
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static void remove_all(const char *folder)
{
    struct riv_sys *sys = riv__sys_real();
    char **list, path[512];
    size_t n;
    assert_int_equal(riv__file_list(sys, folder, &list, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%.200s/%.200s", folder, list[i]);
        if (unlink(path) < 0)
            remove_all(path);
    }
    free(list);
    rmdir(folder);
}

static int home_remove(void **state)
{
    (void)state;
    remove_all(home);
    return 0;
}

/* The names in a folder, with blanks between. */
static void names_are(const char *folder, const char *want)
{
    char **list, text[512] = "";
    size_t n, used = 0;
    assert_int_equal(riv__file_list(riv__sys_real(), folder, &list, &n, NULL),
                     0);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                 i ? " " : "", list[i]);
    free(list);
    assert_string_equal(text, want);
}

static void text_is(const char *path, const char *want)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 1 << 20);
    assert_int_equal(riv__file_read_all(riv__sys_real(), path, &buf, NULL), 0);
    riv__buf_char(&buf, '\0');
    assert_string_equal(buf.p, want);
    riv__buf_fini(&buf);
}

static void put(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

RIV_MAP(as_pair, int64_t, wc);
static int as_pair(const int64_t *in, wc *out, riv_task *t)
{
    *out = (wc){ riv_fmt(t, "word %lld, \"%lld\"", (long long)*in,
                         (long long)*in % 7),
                 *in };
    return 0;
}

RIV_FILTER(not_of_part_2, int64_t);
static int not_of_part_2(const int64_t *in, riv_task *t)
{
    (void)in;
    return riv_partition(t) != 2;
}

static riv_ds *numbers(riv *r, int64_t n, int parts)
{
    return riv_range(r, 0, n, 1, RIV_OPT(.partitions = parts));
}

static int run(riv *r)
{
    int rc = riv_run(r);
    riv_free(r);
    return rc;
}

/* ---------------------------------------------------------------- folders */

static void every_partition_is_a_file(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        riv_ds *in = riv_filter(numbers(r, 8, 4), not_of_part_2_fn, NULL);
        /* of a union the files of the left come first */
        riv_save_text(
            riv_union(riv_distinct(numbers(r, 1, 1), RIV_OPT(.partitions = 1)),
                      in),
            "out/", NULL);
        assert_int_equal(run(r), 0);
        names_are("out", "_SUCCESS part-00000 part-00001 part-00002 "
                         "part-00003 part-00004");
        text_is("out/part-00000", "0\n");
        text_is("out/part-00001", "0\n1\n");
        text_is("out/part-00002", "2\n3\n");
        text_is("out/part-00003", "");
        text_is("out/part-00004", "6\n7\n");
        r = riv_new(NULL);
        collected(riv_text(r, "out", NULL), "0\n0\n1\n2\n3\n6\n7\n");
        riv_free(r);
        remove_all("out");
    }
}

static void json_and_names_of_fields_go_into_every_file(void **state)
{
    (void)state;
    riv *r = riv_new(NULL);
    riv_ds *in = riv_map(numbers(r, 2, 2), as_pair_fn, NULL);
    riv_save_text(in, "out.json/", NULL);
    riv_save_text(in, "csv/", RIV_OPT(.header = true));
    riv_save_text(in, "one.csv", RIV_OPT(.header = true));
    assert_int_equal(run(r), 0);
    text_is("out.json/part-00001",
            "{\"key\":\"word 1, \\\"1\\\"\",\"val\":1}\n");
    text_is("csv/part-00000", "key,val\n\"word 0, \"\"0\"\"\",0\n");
    text_is("csv/part-00001", "key,val\n\"word 1, \"\"1\"\"\",1\n");
    text_is("one.csv", "key,val\n\"word 0, \"\"0\"\"\",0\n"
                       "\"word 1, \"\"1\"\"\",1\n");
}

static _Atomic int calls;

RIV_MAP(called, int64_t, int64_t);
static int called(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    calls++;
    return *in == *riv_arg(t, int64_t) ? riv_fail(t, "no") : 0;
}

static riv_ds *failing_at(riv *r, int64_t at)
{
    return riv_map(numbers(r, 100, 8), called_fn, RIV_OPT(.arg = RIV_COPY(at)));
}

/* OUT1: before anything is computed. */
static void an_existing_folder_is_refused_before_the_run(void **state)
{
    (void)state;
    riv *r = riv_new(NULL);
    assert_int_equal(mkdir("out", 0777), 0);
    calls = 0;
    riv_save_text(failing_at(r, -1), "out/", NULL);
    assert_int_equal(riv_run(r), RIV_EEXISTS);
    error_has(r, RIV_EEXISTS,
              "riv_save_text \"out/\": out exists already, and results are not "
              "overwritten");
    assert_int_equal(calls, 0);
    riv_free(r);
    names_are(".", "out");
    r = riv_new(NULL);
    riv_save_encoded(numbers(r, 1, 1), "none/out", NULL);
    assert_int_equal(riv_run(r), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "cannot make none/out");
    riv_free(r);
}

static void a_run_that_fails_leaves_no_folder(void **state)
{
    (void)state;
    for (int64_t at = 0; at < 100; at += 33) {
        riv *r = riv_new(RIV_CONFIG(.threads = 2));
        riv_save_text(failing_at(r, at), "out/", NULL);
        riv_save_encoded(numbers(r, 10, 2), "other", NULL);
        assert_int_equal(run(r), RIV_ERECORD);
        names_are(".", "");
    }
}

static int save_batch(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    char path[64];
    (void)r, (void)arg;
    snprintf(path, sizeof path, "batch-%lld/", (long long)time);
    riv_save_text(rdd, path, NULL);
    return 0;
}

static void a_folder_may_be_saved_for_the_rdd_of_a_batch(void **state)
{
    const int64_t rows[] = { 5, 6 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 100));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach_rdd(in, save_batch, NULL);
    assert_int_equal(riv_push(in, rows, 2), 0);
    assert_int_equal(riv_step(r, 2), 0);
    riv_free(r);
    names_are(".", "batch-100 batch-200");
    text_is("batch-100/part-00000", "5\n6\n");
    names_are("batch-200", "_SUCCESS");
}

/* ------------------------------------------------- a folder for every batch */

static void save_batches(int64_t first)
{
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.partitions = 2));
    riv_save_text_files(in, "words", "txt", NULL);
    riv_save_encoded_files(in, "rows", NULL, NULL);
    riv_save_text_files(riv_window(in, 2000, 2000), "window", "json", NULL);
    for (int64_t batch = 0; batch < 4; batch++) {
        for (int64_t i = first; batch != 1 && i < 4; i++)
            assert_int_equal(riv_push(in, &(int64_t){ 10 * batch + i }, 1), 0);
        assert_int_equal(riv_step(r, 1), 0);
    }
    riv_free(r);
}

static void every_batch_has_its_folder(void **state)
{
    (void)state;
    save_batches(0);
    names_are(".", "rows-1000 rows-2000 rows-3000 rows-4000 window-2000.json "
                   "window-4000.json words-1000.txt words-2000.txt "
                   "words-3000.txt words-4000.txt");
    text_is("words-1000.txt/part-00001", "2\n3\n");
    /* no record, and yet a folder, of as many parts as the queue has */
    names_are("words-2000.txt", "_SUCCESS part-00000 part-00001");
    text_is("words-2000.txt/part-00001", "");
    text_is("words-3000.txt/part-00000", "20\n21\n");
    text_is("window-2000.json/part-00000", "0\n1\n");
    riv *r = riv_new(NULL);
    collected(riv_read_encoded(r, "rows-4000", &riv_type_int64_t, NULL),
              "30\n31\n32\n33\n");
    riv_free(r);
}

/* SO2: a re-run replaces a batch, and leaves no surplus part. */
static void a_batch_that_is_run_again_replaces_its_folder(void **state)
{
    (void)state;
    save_batches(0);
    save_batches(3);
    names_are("words-1000.txt", "_SUCCESS part-00000 part-00001");
    text_is("words-1000.txt/part-00000", "");
    text_is("words-1000.txt/part-00001", "3\n");
    text_is("window-4000.json/part-00001", "33\n");
}

static void where_folders_cannot_be_made_is_said_at_the_start(void **state)
{
    (void)state;
    riv *r = riv_new(NULL);
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_save_text_files(in, "none/words", NULL, NULL);
    assert_int_equal(riv_step(r, 1), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "cannot make none/words-0");
    riv_free(r);
    names_are(".", "");
}

/* Each would have written over what the other promised, for they begin the same
 * names. It is the folder that counts, not how it is written. */
static void two_outputs_of_one_folder_are_refused(void **state)
{
    (void)state;
    riv *r = riv_new(NULL);
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_save_text(in, "out/a/", NULL);
    riv_save_text(in, "out/b/", NULL);
    riv_save_text(in, "out/../out//a/", NULL);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "out/../out//a/");
    error_has(r, RIV_EINVAL, "folder of its own");
    riv_free(r);
}

/* The one that ends last would have replaced the other. */
static void two_outputs_of_one_file_are_refused(void **state)
{
    const int64_t row = 1;
    (void)state;
    assert_int_equal(mkdir("out", 0777), 0);
    for (int same = 0; same < 2; same++) {
        riv *r = riv_new(NULL);
        riv_ds *in = riv_parallelize(r, &riv_type_int64_t, &row, 1, NULL);
        riv_save_text(in, "a.csv", NULL);
        riv_save_text(in, "out/a.csv", NULL);
        riv_save_text(in, same ? "out/../a.csv" : "b.csv", NULL);
        assert_int_equal(riv_run(r), same ? RIV_EINVAL : 0);
        if (same)
            error_has(r, RIV_EINVAL,
                      "it is the file of another output, \"a.csv");
        riv_free(r);
    }
}

static void names_of_fields_stand_once_above_a_stream(void **state)
{
    (void)state;
    for (int start = 0; start < 2; start++) {
        riv *r = riv_new(NULL);
        riv_ds *in = riv_queue(r, &riv_type_pair, NULL);
        riv_save_text(in, "x.csv", RIV_OPT(.header = true));
        for (int64_t i = 0; i < 2; i++) {
            assert_int_equal(riv_push(in, &(pair){ i, start }, 1), 0);
            assert_int_equal(riv_step(r, 1), 0);
        }
        riv_free(r);
    }
    text_is("x.csv", "key,val\n0,0\n1,0\n0,1\n1,1\n");
}

/* ------------------------------------------------------------ encoded rows */

RIV_MAP(number_of, wc, int64_t);
static int number_of(const wc *in, int64_t *out, riv_task *t)
{
    riv_str want = riv_fmt(t, "word %lld, \"%lld\"", (long long)in->val,
                           (long long)in->val % 7);
    if (!riv_eq(want, in->key))
        return riv_die(t, "got " RIV_S, RIV_P(in->key));
    *out = in->val;
    return 0;
}

/* Files of several blocks, read by several tasks each. */
static void encoded_rows_come_back_in_order(void **state)
{
    enum { ROWS = 100000 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_save_encoded(riv_map(numbers(r, ROWS, 3), as_pair_fn, NULL), "out",
                     NULL);
    assert_int_equal(run(r), 0);
    names_are("out", "_SUCCESS part-00000 part-00001 part-00002");
    for (int threads = 1; threads <= 4; threads *= 2) {
        int64_t parts = 0;
        riv_result res = { 0 };
        r = riv_new(RIV_CONFIG(.threads = threads));
        riv_set(r, "task.bytes", "300K");
        riv_ds *back = riv_read_encoded(r, "out/", &riv_type_wc, NULL);
        assert_int_equal(riv_collect(riv_map(back, number_of_fn, NULL), &res),
                         0);
        assert_int_equal(res.n, ROWS);
        for (int64_t i = 0; i < ROWS; i++)
            assert_int_equal(((const int64_t *)res.rows)[i], i);
        assert_int_equal(riv_partitions_now(back, &parts), 0);
        assert_true(parts > 8);
        riv_result_free(&res);
        no_error(r);
        riv_free(r);
    }
}

static void another_type_or_damage_is_an_error_that_names_the_file(void **state)
{
    riv_result res = { 0 };
    (void)state;
    riv *r = riv_new(NULL);
    riv_save_encoded(numbers(r, 100, 1), "out", NULL);
    assert_int_equal(run(r), 0);
    r = riv_new(NULL);
    riv_ds *ds = riv_read_encoded(r, "out", &riv_type_pair, NULL);
    assert_int_equal(riv_collect(ds, &res), RIV_ETYPE);
    error_has(r, RIV_ETYPE,
              "out/part-00000: it holds i64, but pair {key i64, val i64} is to "
              "be read");
    riv_free(r);
    FILE *f = fopen("out/part-00000", "r+");
    fseek(f, 100, SEEK_SET);
    fputc('x', f);
    fclose(f);
    r = riv_new(NULL);
    ds = riv_read_encoded(r, "out", &riv_type_int64_t, NULL);
    assert_int_equal(riv_collect(ds, &res), RIV_EIO);
    error_has(r, RIV_EIO, "out/part-00000: at byte 27: a block is damaged");
    riv_free(r);
    put("out/part-00000", "lines\n", 6);
    r = riv_new(NULL);
    ds = riv_read_encoded(r, "out", &riv_type_int64_t, NULL);
    assert_int_equal(riv_collect(ds, &res), RIV_EIO);
    error_has(r, RIV_EIO, "this is no file of encoded rows");
    riv_free(r);
}

/* --------------------------------------------- records, and whole files */

/* Case FI-05 of the conformance data. */
static void records_of_one_length_are_read_whole(void **state)
{
    char bytes[60];
    (void)state;
    for (int i = 0; i < 60; i++)
        bytes[i] = (char)('a' + i / 6 + i % 6);
    assert_int_equal(mkdir("in", 0777), 0);
    put("in/1", bytes, 24);
    put("in/2", bytes + 24, 36);
    riv *r = riv_new(NULL);
    collected(riv_binary_records(r, "in", 6, NULL),
              "abcdef\nbcdefg\ncdefgh\ndefghi\nefghij\nfghijk\nghijkl\nhijklm\n"
              "ijklmn\njklmno\n");
    no_error(r);
    riv_binary_records(r, "in", 0, NULL);
    error_has(r, RIV_EINVAL, "records of 0 bytes; 1 to 268435456 are allowed");
    riv_free(r);
    put("in/3", bytes, 7);
    r = riv_new(NULL);
    riv_result res = { 0 };
    assert_int_equal(riv_collect(riv_binary_records(r, "in", 6, NULL), &res),
                     RIV_ERECORD);
    error_has(r, RIV_ERECORD,
              "in/3: its last record, at byte 6, has 1 of 6 bytes");
    riv_free(r);
}

RIV_MAP(record_number, riv_str, int64_t);
static int record_number(const riv_str *in, int64_t *out, riv_task *t)
{
    (void)t;
    memcpy(out, in->p + 3, sizeof *out);
    return 0;
}

static void tasks_share_a_file_of_records_at_any_byte(void **state)
{
    enum { ROWS = 100000, LENGTH = 13 };
    char *bytes = calloc(ROWS, LENGTH);
    (void)state;
    for (int64_t i = 0; i < ROWS; i++)
        memcpy(bytes + i * LENGTH + 3, &i, sizeof i);
    put("x", bytes, ROWS * LENGTH);
    free(bytes);
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv_result res = { 0 };
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        riv_set(r, "task.bytes", "64K");
        riv_ds *in = riv_binary_records(r, "x", LENGTH, NULL);
        assert_int_equal(riv_collect(riv_map(in, record_number_fn, NULL), &res),
                         0);
        assert_int_equal(res.n, ROWS);
        for (int64_t i = 0; i < ROWS; i++)
            assert_int_equal(((const int64_t *)res.rows)[i], i);
        riv_result_free(&res);
        riv_free(r);
    }
}

RIV_PAIR(path_text, riv_str, riv_str);

static void whole_files_are_records_with_their_paths(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    put("in/b", "two\nlines\n", 10);
    put("in/a", "", 0);
    put("in/c", "\0\xff", 2);
    put("in/_mark", "x", 1);
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        riv_set(r, "task.bytes", "64K");
        riv_result res = { 0 };
        riv_ds *in = riv_whole_text_files(r, "in", NULL);
        assert_int_equal(riv_collect(in, &res), 0);
        assert_int_equal(res.n, 3);
        const path_text *row = res.rows;
        assert_true(riv_eq(row[0].key, riv_cstr("in/a")));
        assert_int_equal(row[0].val.n, 0);
        assert_true(riv_eq(row[1].val, riv_cstr("two\nlines\n")));
        assert_int_equal(row[2].val.n, 2);
        assert_memory_equal(row[2].val.p, "\0\xff", 2);
        riv_result_free(&res);
        riv_free(r);
    }
}

static void a_file_too_large_for_a_record_is_refused(void **state)
{
    (void)state;
    put("x", "0123456789", 10);
    riv *r = riv_new(NULL);
    riv_result res = { 0 };
    riv_set(r, "input.file_max", "9");
    assert_int_equal(riv_collect(riv_whole_text_files(r, "x", NULL), &res),
                     RIV_ERECORD);
    error_has(r, RIV_ERECORD,
              "x: has 10 bytes, and 9 are the most for a record; raise "
              "input.file_max");
    riv_free(r);
}

static void only_files_are_read_as_files(void **state)
{
    static const char *const wrong[] = { "-", "tail:x", "tcp://h:1", "queue:" };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv *r = riv_new(NULL);
        riv_binary_records(r, wrong[i], 4, NULL);
        error_has(r, RIV_EINVAL, "reads files only");
        riv_free(r);
    }
    riv *r = riv_new(NULL);
    riv_whole_text_files(r, NULL, NULL);
    error_has(r, RIV_EINVAL, "riv_whole_text_files: no input");
    riv_free(r);
    r = riv_new(NULL);
    riv_read_encoded(r, "x", NULL, NULL);
    error_has(r, RIV_EINVAL, "riv_read_encoded: no record type");
    riv_free(r);
}

static int64_t seen;

static int count_seen(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n = 0;
    (void)r, (void)time, (void)arg;
    int rc = riv_count_now(rdd, &n);
    seen += n;
    return rc;
}

/* SI8: the files of a stream, however many looks it takes to find them. */
static void records_of_new_files_are_a_stream(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    put("in/1", "aabbcc", 6);
    put("in/2", "dd", 2);
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 1));
    riv_set(r, "tail.from", "start");
    riv_set(r, "files.poll", "1ms");
    seen = 0;
    riv_foreach_rdd(riv_binary_records(r, "dir:in", 2, NULL), count_seen, NULL);
    while (seen < 4 && riv_step(r, 1) == 0)
        continue;
    assert_int_equal(seen, 4);
    no_error(r);
    riv_free(r);
}

static int64_t batches_with, batches_behind;

/* Ends some batches after the last that had records. */
static int count_until(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const int64_t before = seen;
    const int rc = count_seen(r, rdd, time, arg);
    batches_with += seen > before;
    batches_behind = seen > before || seen == 0 ? 0 : batches_behind + 1;
    if (batches_behind == 10)
        riv_stop(r, RIV_DRAIN);
    return rc;
}

/* A file that fits into no batch is read in parts; records are not divided, and
 * one that is a record comes once. */
static void a_file_in_parts_has_its_records_once(void **state)
{
    enum { LENGTH = 3, RECORDS = 5000 };
    char *text = calloc(RECORDS, LENGTH);
    (void)state;
    assert_non_null(text);
    assert_int_equal(mkdir("in", 0777), 0);
    put("in/1", text, (size_t)LENGTH * RECORDS);
    free(text);
    for (int whole = 0; whole < 2; whole++) {
        riv *r = riv_new(RIV_CONFIG(.batch_ms = 1));
        riv_set(r, "tail.from", "start");
        riv_set(r, "files.poll", "1ms");
        riv_set(r, "rate.max", "4K");
        seen = batches_with = batches_behind = 0;
        riv_foreach_rdd(whole ? riv_whole_text_files(r, "dir:in", NULL)
                              : riv_binary_records(r, "dir:in", LENGTH, NULL),
                        count_until, NULL);
        assert_int_equal(riv_run(r), 0);
        assert_int_equal(seen, whole ? 1 : RECORDS);
        assert_int_equal(batches_with, whole ? 1 : 4); /* of 4 KiB */
        no_error(r);
        riv_free(r);
    }
}

static bool is_link(const char *path, const char *want)
{
    char to[256];
    const ssize_t n = readlink(path, to, sizeof to - 1);
    if (n < 0)
        return false;
    to[n] = '\0';
    return strcmp(to, want) == 0;
}

static int save_numbers(const char *path, riv **ret)
{
    const int64_t rows[] = { 1, 2, 3 };
    *ret = riv_new(NULL);
    riv_save_text(riv_parallelize(*ret, &riv_type_int64_t, rows, 3, NULL), path,
                  NULL);
    return riv_run(*ret);
}

static void saves(const char *path)
{
    riv *r;
    (void)save_numbers(path, &r);
    no_error(r);
    riv_free(r);
}

/* A file took the place of the link. */
static void a_link_is_followed_and_stays(void **state)
{
    riv *r;
    (void)state;
    assert_int_equal(mkdir("links", 0777), 0);
    assert_int_equal(mkdir("links/far", 0777), 0);
    FILE *f = fopen("links/far/old", "w");
    assert_non_null(f);
    fputs("old\n", f);
    fclose(f);
    assert_int_equal(symlink("far/old", "links/rel"), 0);
    saves("links/rel");
    assert_true(is_link("links/rel", "far/old"));
    text_is("links/far/old", "1\n2\n3\n");
    names_are("links/far", "old"); /* and nothing is left behind */
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/links/far/new", home);
    assert_int_equal(symlink(absolute, "links/abs"), 0);
    assert_int_equal(symlink("abs", "links/chain"), 0);
    saves("links/chain"); /* leads to what is not there yet */
    assert_true(is_link("links/chain", "abs"));
    assert_true(is_link("links/abs", absolute));
    text_is("links/far/new", "1\n2\n3\n");
    assert_int_equal(symlink("gone/x", "links/lost"), 0);
    assert_int_equal(save_numbers("links/lost", &r), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "there is no folder links/gone");
    riv_free(r);
    assert_int_equal(symlink("loop", "links/loop"), 0);
    assert_int_equal(save_numbers("links/loop", &r), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "more than 40 links");
    riv_free(r);
}

int main(void)
{
#define IN_DIR(test) \
    cmocka_unit_test_setup_teardown(test, home_make, home_remove)
    const struct CMUnitTest tests[] = {
        IN_DIR(every_partition_is_a_file),
        IN_DIR(json_and_names_of_fields_go_into_every_file),
        IN_DIR(an_existing_folder_is_refused_before_the_run),
        IN_DIR(a_run_that_fails_leaves_no_folder),
        IN_DIR(a_folder_may_be_saved_for_the_rdd_of_a_batch),
        IN_DIR(every_batch_has_its_folder),
        IN_DIR(a_batch_that_is_run_again_replaces_its_folder),
        IN_DIR(where_folders_cannot_be_made_is_said_at_the_start),
        IN_DIR(two_outputs_of_one_folder_are_refused),
        IN_DIR(two_outputs_of_one_file_are_refused),
        IN_DIR(names_of_fields_stand_once_above_a_stream),
        IN_DIR(encoded_rows_come_back_in_order),
        IN_DIR(another_type_or_damage_is_an_error_that_names_the_file),
        IN_DIR(records_of_one_length_are_read_whole),
        IN_DIR(tasks_share_a_file_of_records_at_any_byte),
        IN_DIR(whole_files_are_records_with_their_paths),
        IN_DIR(a_file_too_large_for_a_record_is_refused),
        IN_DIR(only_files_are_read_as_files),
        IN_DIR(records_of_new_files_are_a_stream),
        IN_DIR(a_file_in_parts_has_its_records_once),
        IN_DIR(a_link_is_followed_and_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
