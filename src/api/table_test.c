/* api/table_test.c - tables that functions look into: loaded before the first
 * task, loaded again between two batches, and never half. */
#include <sys/stat.h>

#include "api/fixture.h"
#include "sys/file.h"

RIV_PAIR(ss, riv_str, riv_str);
RIV_PAIR(pair_str, pair, riv_str);

static char home[64];

/* What the log said at levels of people. */
struct told {
    struct riv_buf text;
    int warnings;
};
static struct told told;

static void tell(void *arg, int level, const char *msg)
{
    struct told *t = arg;
    if (level > RIV_LOG_INFO)
        return;
    t->warnings += level == RIV_LOG_WARN;
    riv__buf_printf(&t->text, "%s\n", msg);
}

static int start(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/riv-table-XXXXXX");
    riv__buf_init(&told.text, 0);
    told.warnings = 0;
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static int finish(void **state)
{
    static const char *const names[] = { "limits", "new", "in/a", "in/b",
                                         "in" };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(names); i++)
        remove(names[i]);
    riv__buf_fini(&told.text);
    return rmdir(home);
}

/* A whole new file of that name, as one should do it. */
static void put(const char *path, const char *text)
{
    FILE *f = fopen("new", "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(rename("new", path), 0);
}

static const char *said(void)
{
    riv__buf_char(&told.text, '\0');
    told.text.n = 0;
    return told.text.p;
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 1000, .log = tell,
                              .log_arg = &told));
}

static riv_table *limits(riv *r, const char *uri)
{
    return riv_table_new(
        riv_decode(riv_text(r, uri, NULL), &riv_type_ss, "csv", NULL), NULL);
}

RIV_MAP(limit_of, riv_str, riv_str);
static int limit_of(const riv_str *key, riv_str *out, riv_task *t)
{
    const riv_str *limit = riv_find(t, riv_arg(t, riv_table), key);
    *out = limit ? *limit : riv_cstr("none");
    return 0;
}

static riv_ds *looked_up(riv_ds *in, const riv_table *table)
{
    return riv_map(in, limit_of_fn, RIV_OPT(.arg = RIV_BORROW(table)));
}

static riv_ds *words(riv *r)
{
    static const riv_str rows[] = {
        { "a", 1 }, { "b", 1 }, { "zz", 2 }, { "", 0 }
    };
    return riv_parallelize(r, &riv_type_riv_str, rows, 4, NULL);
}

static void keys_find_their_values(void **state)
{
    (void)state;
    put("limits", "a,1\nb,two\na,three\n,empty\n");
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *out = looked_up(words(r), limits(r, "limits"));
        collected(out, "three\ntwo\nnone\nempty\n"); /* the last counts */
        collected(out, "three\ntwo\nnone\nempty\n");
        no_error(r);
        riv_free(r);
    }
}

RIV_MAP(text_of, int64_t, pair_str);
static int text_of(const int64_t *in, pair_str *out, riv_task *t)
{
    *out = (pair_str){ { *in, *in % 10 }, riv_fmt(t, "%lld", (long long)*in) };
    return 0;
}

RIV_FILTER(is_found, int64_t);
static int is_found(const int64_t *in, riv_task *t)
{
    char want[32];
    const pair key = { *in, *in % 10 }, other = { *in, *in % 10 + 1 };
    const riv_table *table = riv_arg(t, riv_table);
    const riv_str *found = riv_find(t, table, &key);
    snprintf(want, sizeof want, "%lld", (long long)*in);
    if (riv_find(t, table, &other))
        return riv_die(t, "found what is not there");
    return found && riv_eq(*found, riv_cstr(want));
}

/* Keys of several fields, a table of several partitions, threads that read. */
static void a_large_table_has_all_of_its_keys(void **state)
{
    int64_t n = 0;
    (void)state;
    riv *r = context(4);
    riv_ds *in = riv_range(r, 0, 50000, 1, RIV_OPT(.partitions = 7));
    riv_table *table = riv_table_new(riv_map(in, text_of_fn, NULL), NULL);
    riv_ds *asked = riv_range(r, -500, 51000, 1, RIV_OPT(.partitions = 9));
    if (riv_count_now(
            riv_filter(asked, is_found_fn, RIV_OPT(.arg = RIV_BORROW(table))),
            &n) < 0)
        fail_msg("%s", riv_errmsg(r));
    assert_int_equal(n, 50000);
    riv_free(r);
}

static void batch(riv *r, riv_ds *in, const char *want)
{
    static const riv_str rows[] = { { "a", 1 }, { "b", 1 } };
    assert_int_equal(riv_push(in, rows, 2), 0);
    if (riv_step(r, 1) < 0)
        fail_msg("%s", riv_errmsg(r));
    const char *lines = said(), *at = strstr(lines, "---\n");
    if (!at || strcmp(at + 4, want) != 0)
        fail_msg("%s", lines);
}

static void a_file_that_changed_is_loaded_for_the_next_batch(void **state)
{
    (void)state;
    put("limits", "a,1\n");
    riv *r = context(2);
    riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
    riv_print(looked_up(in, limits(r, "limits")), 9);
    batch(r, in, "1\nnone\n");
    batch(r, in, "1\nnone\n");
    put("limits", "a,10\nb,20\n");
    batch(r, in, "10\n20\n");
    assert_int_equal(told.warnings, 0);
    put("limits", "b,3\n");
    batch(r, in, "none\n3\n");
    riv_free(r);
}

/* M22: the old one is kept when the new one is broken, and that is said once. */
static void a_broken_file_leaves_the_table_as_it_was(void **state)
{
    (void)state;
    put("limits", "a,1\n");
    riv *r = context(2);
    riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
    riv_print(looked_up(in, limits(r, "limits")), 9);
    batch(r, in, "1\nnone\n");
    put("limits", "a,10\nb\n");
    assert_int_equal(riv_push(in, &(riv_str){ "a", 1 }, 1), 0);
    assert_int_equal(riv_step(r, 1), 0);
    const char *lines = said();
    if (!strstr(lines, "cannot be loaded, the table of 1 keys stays: ") ||
        !strstr(lines, "the line has 1 of 2 fields") ||
        !strstr(lines, "---\n1\n"))
        fail_msg("%s", lines);
    batch(r, in, "1\nnone\n");
    assert_int_equal(told.warnings, 1);
    remove("limits");
    batch(r, in, "1\nnone\n");
    batch(r, in, "1\nnone\n");
    assert_int_equal(told.warnings, 2);
    put("limits", "b,2\n");
    batch(r, in, "none\n2\n");
    assert_int_equal(told.warnings, 2);
    no_error(r);
    riv_free(r);
}

/* With files.missing=skip a file that was gone was a table without keys: every
 * record went through without its limit, and nothing failed. */
static void a_file_that_is_gone_leaves_the_table_where_it_may_be_left_out(
    void **state)
{
    static const char *const names[] = { "limits", "lim*s" };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        put("limits", "a,1\n");
        riv *r = context(2);
        riv_set(r, "files.missing", "skip");
        riv_set(r, "files.damaged", "skip");
        riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
        riv_print(looked_up(in, limits(r, names[i])), 9);
        batch(r, in, "1\nnone\n");
        remove("limits");
        told.warnings = 0;
        assert_int_equal(riv_push(in, &(riv_str){ "a", 1 }, 1), 0);
        assert_int_equal(riv_step(r, 1), 0);
        const char *lines = said();
        if (!strstr(lines, "cannot be loaded, the table of 1 keys stays: ") ||
            !strstr(lines, names[i]) || !strstr(lines, "---\n1\n"))
            fail_msg("%s", lines);
        batch(r, in, "1\nnone\n");
        assert_int_equal(told.warnings, 1);
        put("limits", "b,2\n");
        batch(r, in, "none\n2\n");
        no_error(r);
        riv_free(r);
    }
}

static void files_that_come_to_a_folder_are_seen(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    put("in/a", "a,1\n");
    riv *r = context(2);
    riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
    riv_print(looked_up(in, limits(r, "in")), 9);
    batch(r, in, "1\nnone\n");
    put("in/b", "b,2\n");
    batch(r, in, "1\n2\n");
    riv_free(r);
}

static void a_table_that_cannot_be_loaded_ends_the_job_at_the_start(
    void **state)
{
    riv_result res = { 0 };
    (void)state;
    riv *r = context(2);
    riv_ds *out = looked_up(words(r), limits(r, "nowhere"));
    assert_int_equal(riv_collect(out, &res), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "riv_table_new");
    error_has(r, RIV_ENOINPUT, "nowhere");
    riv_free(r);
    put("limits", "a\n");
    r = context(2);
    riv_print(looked_up(words(r), limits(r, "limits")), 1);
    assert_int_equal(riv_run(r), RIV_ERECORD);
    error_has(r, RIV_ERECORD, "the line has 1 of 2 fields");
    riv_free(r);
}

RIV_MAP_VALUES(through, ss, ss);
static int through(const riv_str *key, const riv_str *v, riv_str *out,
                   riv_task *t)
{
    const riv_str *more = riv_find(t, riv_arg(t, riv_table), v);
    (void)key;
    *out = more ? *more : *v;
    return 0;
}

static void a_table_may_be_made_with_an_earlier_one(void **state)
{
    static const ss first[] = { { { "1", 1 }, { "one", 3 } } };
    static const ss second[] = { { { "a", 1 }, { "1", 1 } },
                                 { { "b", 1 }, { "2", 1 } } };
    (void)state;
    riv *r = context(2);
    riv_table *names =
        riv_table_new(riv_parallelize(r, &riv_type_ss, first, 1, NULL), NULL);
    riv_ds *pairs =
        riv_map_values(riv_parallelize(r, &riv_type_ss, second, 2, NULL),
                       through_fn, RIV_OPT(.arg = RIV_BORROW(names)));
    riv_ds *out = looked_up(words(r), riv_table_new(pairs, NULL));
    collected(out, "one\n2\nnone\nnone\n");
    riv_free(r);
}

/* The other way round there is nothing to look into. */
static riv_table *later;

RIV_MAP_VALUES(too_early, ss, ss);
static int too_early(const riv_str *key, const riv_str *v, riv_str *out,
                     riv_task *t)
{
    (void)key;
    *out = *v;
    return riv_find(t, later, v) ? 0 : 0;
}

static void a_table_is_not_made_with_a_later_one(void **state)
{
    static const ss rows[] = { { { "1", 1 }, { "one", 3 } } };
    riv_result res = { 0 };
    (void)state;
    riv *r = context(1);
    riv_ds *in = riv_parallelize(r, &riv_type_ss, rows, 1, NULL);
    riv_table *table =
        riv_table_new(riv_map_values(in, too_early_fn, NULL), NULL);
    later = riv_table_new(in, NULL);
    assert_int_equal(riv_collect(looked_up(words(r), table), &res), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "riv_find: the table is not loaded yet");
    riv_free(r);
}

static int make_one(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)time, (void)arg;
    riv_table_new(rdd, NULL);
    return 0;
}

static void what_is_no_table_is_refused(void **state)
{
    (void)state;
    riv *r = context(1);
    assert_non_null(riv_table_new(riv_queue(r, &riv_type_ss, NULL), NULL));
    error_has(r, RIV_EINVAL, "is a stream; a table is made of an RDD");
    assert_non_null(riv_table_new(NULL, NULL));
    riv_free(r);
    r = context(1);
    assert_non_null(riv_table_new(words(r), NULL));
    error_has(r, RIV_ETYPE, "riv_table_new");
    riv_free(r);
    r = context(1);
    riv_ds *in = riv_queue(r, &riv_type_ss, NULL);
    riv_foreach_rdd(in, make_one, NULL);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "tables are made before the start");
    riv_free(r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(keys_find_their_values),
        TEST(a_large_table_has_all_of_its_keys),
        TEST(a_file_that_changed_is_loaded_for_the_next_batch),
        TEST(a_broken_file_leaves_the_table_as_it_was),
        TEST(a_file_that_is_gone_leaves_the_table_where_it_may_be_left_out),
        TEST(files_that_come_to_a_folder_are_seen),
        TEST(a_table_that_cannot_be_loaded_ends_the_job_at_the_start),
        TEST(a_table_may_be_made_with_an_earlier_one),
        TEST(a_table_is_not_made_with_a_later_one),
        TEST(what_is_no_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
