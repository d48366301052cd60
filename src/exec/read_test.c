/* exec/read_test.c - lines out of files: at the borders of shares and buffers,
 * over the limit, without an end. Every line once, whatever the cuts. */
#include <errno.h>

#include "exec/fixture.h"
#include "exec/share.h"

static void lines_are(const char *text, size_t n, const char *want)
{
    struct bench b;
    bench_init(&b, 1);
    assert_string_equal(bench_csv(&b, bench_text(&b, text, n)), want);
    bench_fini(&b);
}

static void an_empty_file_has_no_line(void **state)
{
    (void)state;
    lines_are("", 0, "");
    lines_are("\n", 1, "\n");
    lines_are("\n\n", 2, "\n\n");
}

static void a_last_line_without_newline_counts(void **state)
{
    (void)state;
    lines_are("a", 1, "a\n");
    lines_are("a\nb", 3, "a\nb\n");
    lines_are("a\nb\n", 4, "a\nb\n");
}

RIV_MAP(size_of, riv_str, int64_t);
static int size_of(const riv_str *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = (int64_t)in->n;
    return 0;
}

/* each byte as a record of its own */
RIV_FLAT_MAP(bytes_of, riv_str, int64_t);
static int bytes_of(const riv_str *in, bytes_of_out *out, riv_task *t)
{
    (void)t;
    for (size_t i = 0; i < in->n; i++)
        riv_emit(out, (unsigned char)in->p[i]);
    return 0;
}

static void all_other_bytes_pass_unchanged(void **state)
{
    struct bench b;
    static const char text[] = "a\r\n\0\xff\xc3\r\n\0";
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_text(&b, text, sizeof text - 1);
    assert_string_equal(bench_csv(&b, riv_map(in, size_of_fn, NULL)),
                        "2\n4\n1\n");
    assert_string_equal(bench_csv(&b, riv_flat_map(in, bytes_of_fn, NULL)),
                        "97\n13\n0\n255\n195\n13\n0\n");
    bench_fini(&b);
}

/* Reads a file as ranges cut at these places, and compares. */
static void cut_at(struct bench *b, const riv_ds *node, const uint64_t *at,
                   size_t n, const char *want)
{
    struct riv_cut cut;
    riv__cut_init(&cut);
    for (size_t i = 0; i + 1 < n; i++)
        assert_int_equal(
            riv__cut_add(&cut,
                         &(struct riv_range){ .kind = RIV__RANGE_FILE,
                                              .from = at[i],
                                              .until = at[i + 1],
                                              .path = b->path[0] },
                         &b->err),
            0);
    assert_int_equal(riv__job_begin(b->plan, 0, &b->err), 0);
    if (riv__job_finish(b->plan, &cut, &b->err) < 0)
        fail_msg("%s", b->err.text);
    bench_show(b, node);
    riv__cut_fini(&cut);
    assert_string_equal(b->text.p, want);
}

/* All ways to cut a short text into three ranges: a line belongs to the range
 * that it begins in. */
static void a_line_belongs_to_the_range_it_begins_in(void **state)
{
    static const char *const texts[] = { "",          "a",     "\n",
                                         "a\n",       "\n\n",  "a\nb",
                                         "ab\n\nc\n", "\nabc", "abc\n\n\nd" };
    (void)state;
    for (size_t k = 0; k < RIV__LEN(texts); k++) {
        struct bench b;
        const uint64_t n = strlen(texts[k]);
        char want[64];
        snprintf(want, sizeof want, "%s%s", texts[k],
                 n > 0 && texts[k][n - 1] != '\n' ? "\n" : "");
        bench_init(&b, 1);
        const riv_ds *node = bench_collect_of(&b, bench_lines(&b, texts[k]));
        assert_int_equal(bench_run(&b, &node, 1), 0);
        for (uint64_t x = 0; x <= n; x++)
            for (uint64_t y = x; y <= n; y++)
                cut_at(&b, node, (const uint64_t[]){ 0, x, y, n }, 4, want);
        bench_fini(&b);
    }
}

/* Also where it, or the first line, is cut in two; it counts in no other place. */
static void the_mark_of_utf_8_is_no_part_of_the_first_line(void **state)
{
    static const char *const texts[][2] = { { "\xef\xbb\xbf", "" },
                                            { "\xef\xbb\xbf\n", "\n" },
                                            { "\xef\xbb\xbf"
                                              "a\nb",
                                              "a\nb\n" },
                                            { "\xef\xbb\xbfz", "z\n" },
                                            { "\xef\xbb", "\xef\xbb\n" },
                                            { "a\n\xef\xbb\xbf",
                                              "a\n\xef\xbb\xbf\n" } };
    (void)state;
    for (size_t k = 0; k < RIV__LEN(texts); k++) {
        struct bench b;
        const uint64_t n = strlen(texts[k][0]);
        bench_init(&b, 1);
        const riv_ds *node = bench_collect_of(&b, bench_lines(&b, texts[k][0]));
        assert_int_equal(bench_run(&b, &node, 1), 0);
        for (uint64_t x = 0; x <= n; x++)
            for (uint64_t y = x; y <= n; y++)
                cut_at(&b, node, (const uint64_t[]){ 0, x, y, n }, 4,
                       texts[k][1]);
        bench_fini(&b);
    }
}

/* Random text with long and short lines, cut into shares at random places. */
static void no_line_is_lost_or_doubled_at_random_cuts(void **state)
{
    uint64_t seed = 20;
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct bench b;
        struct riv_buf text;
        uint64_t at[12] = { 0 };
        riv__buf_init(&text, 0);
        size_t lines = bench_next(&seed) % 200;
        for (size_t i = 0; i < lines; i++) {
            size_t n = bench_next(&seed) % (i % 7 == 0 ? 3000 : 20);
            for (size_t k = 0; k < n; k++)
                riv__buf_char(&text, (char)('a' + bench_next(&seed) % 26));
            riv__buf_char(&text, '\n');
        }
        if (text.n > 0 && round % 2)
            text.n--; /* without its last newline */
        bench_init(&b, 2);
        const riv_ds *node =
            bench_collect_of(&b, bench_text(&b, text.p, text.n));
        size_t cuts = 1 + bench_next(&seed) % 10;
        for (size_t i = 1; i < cuts; i++) {
            at[i] = at[i - 1] + bench_next(&seed) % (text.n / 4 + 1);
            at[i] = RIV__MIN(at[i], text.n);
        }
        at[cuts] = text.n;
        assert_int_equal(bench_run(&b, &node, 1), 0);
        if (text.n > 0 && text.p[text.n - 1] != '\n')
            riv__buf_char(&text, '\n');
        /* as CSV, a last empty line without newline is no line */
        riv__buf_char(&text, '\0');
        cut_at(&b, node, at, cuts + 1, text.p);
        riv__buf_fini(&text);
        bench_fini(&b);
    }
}

/* A file larger than the read buffer, whose shares are cut by task.bytes: the
 * numbers of its lines add up. */
static void shares_of_a_large_file_have_every_line_once(void **state)
{
    struct riv_buf text;
    enum { LINES = 400000 };
    (void)state;
    riv__buf_init(&text, 0);
    for (int64_t i = 0; i < LINES; i++) {
        riv__buf_i64(&text, i);
        riv__buf_char(&text, '\n');
    }
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        b.conf.settings.share_bytes = 65536 + 977;
        riv_ds *in = bench_text(&b, text.p, text.n);
        riv_ds *once = riv_distinct(in, NULL);
        assert_string_equal(bench_csv(&b, riv_count(in)), "400000\n");
        assert_true(b.plan->nshare > 0);
        assert_string_equal(bench_csv(&b, riv_count(once)), "400000\n");
        assert_string_equal(
            bench_csv(&b, riv_reduce(riv_map(in, size_of_fn, NULL), riv_sum_i64,
                                     NULL)),
            "2288890\n");
        bench_fini(&b);
    }
    riv__buf_fini(&text);
}

/* ------------------------------------------------------------ long lines */

enum { LIMIT = 64 };

/* Lines of these sizes, the last without newline; sizes of what comes out. */
static const char *long_lines(struct bench *b, enum riv_line_policy policy,
                              const size_t *size, size_t n)
{
    struct riv_buf text;
    riv__buf_init(&text, 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < size[i]; k++)
            riv__buf_char(&text, 'x');
        if (i + 1 < n)
            riv__buf_char(&text, '\n');
    }
    bench_init(b, 1);
    b->conf.settings.line_bytes_max = LIMIT;
    b->conf.settings.line_policy = policy;
    riv_ds *in = bench_text(b, text.p, text.n);
    riv__buf_fini(&text);
    return bench_try(b, riv_map(in, size_of_fn, NULL)) == 0 ? b->text.p
                                                            : b->err.text;
}

/* A live input never lets them through to a task. */
static void long_lines_of_live_inputs_count_as_bad_records(void **state)
{
    struct bench b;
    struct riv_cut cut;
    (void)state;
    bench_init(&b, 1);
    const int64_t row = 1;
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, &row, 1, 1);
    assert_string_equal(bench_csv(&b, in), "1\n");
    riv__cut_init(&cut);
    cut.long_lines = 3;
    assert_int_equal(riv__job_begin(b.plan, 1000, &b.err), 0);
    assert_int_equal(riv__job_feed(b.plan, &cut, &b.err), 0);
    assert_int_equal(b.plan->stats.records_bad, 3);
    cut.long_lines = 1;
    assert_int_equal(riv__job_finish(b.plan, &cut, &b.err), 0);
    assert_int_equal(b.plan->stats.records_bad, 4);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

static void long_lines_are_cut_skipped_or_refused(void **state)
{
    static const size_t big = 3 << 20; /* more than the read buffer */
    const size_t size[] = { 3, LIMIT + 1, LIMIT, big, 5, 2 * LIMIT, 7 };
    struct bench b;
    (void)state;
    assert_string_equal(long_lines(&b, RIV__LINE_CUT, size, 7),
                        "3\n64\n64\n64\n5\n64\n7\n");
    assert_int_equal(b.plan->stats.records_bad, 3);
    bench_fini(&b);
    assert_string_equal(long_lines(&b, RIV__LINE_SKIP, size, 7),
                        "3\n64\n5\n7\n");
    assert_int_equal(b.plan->stats.records_bad, 3);
    bench_fini(&b);
    assert_non_null(strstr(long_lines(&b, RIV__LINE_FAIL, size, 7),
                           "longer than 64 bytes; raise input.line_max"));
    assert_int_equal(b.err.code, RIV_ERECORD);
    bench_fini(&b);
}

static void a_line_of_exactly_the_limit_passes(void **state)
{
    const size_t size[] = { LIMIT, LIMIT };
    struct bench b;
    (void)state;
    assert_string_equal(long_lines(&b, RIV__LINE_FAIL, size, 2), "64\n64\n");
    bench_fini(&b);
}

/* The last line without newline was handed on whole, however long. */
static void the_limit_holds_for_a_last_line_without_newline(void **state)
{
    static const size_t sizes[] = { LIMIT + 1, 1 << 20, (1 << 20) + 1,
                                    5 << 20 };
    struct bench b;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(sizes); i++) {
        const size_t size[] = { 1, sizes[i] };
        assert_string_equal(long_lines(&b, RIV__LINE_CUT, size, 2), "1\n64\n");
        bench_fini(&b);
        assert_string_equal(long_lines(&b, RIV__LINE_SKIP, size, 2), "1\n");
        bench_fini(&b);
        assert_non_null(strstr(long_lines(&b, RIV__LINE_FAIL, size, 2),
                               "longer than 64 bytes"));
        bench_fini(&b);
    }
}

/* Lines over the limit around the borders of shares. */
static void long_lines_across_shares_are_cut_once(void **state)
{
    const size_t size[] = { 100000, 10, 200000, 70000, 65536, 1, 300000 };
    (void)state;
    for (int policy = RIV__LINE_CUT; policy <= RIV__LINE_SKIP; policy++) {
        struct bench b;
        struct riv_buf text;
        riv__buf_init(&text, 0);
        for (size_t i = 0; i < RIV__LEN(size); i++) {
            for (size_t k = 0; k < size[i]; k++)
                riv__buf_char(&text, 'x');
            riv__buf_char(&text, '\n');
        }
        bench_init(&b, 2);
        b.conf.settings.line_bytes_max = LIMIT;
        b.conf.settings.line_policy = policy;
        b.conf.settings.share_bytes = 65536;
        riv_ds *in = bench_text(&b, text.p, text.n);
        assert_string_equal(bench_csv(&b, riv_map(in, size_of_fn, NULL)),
                            policy == RIV__LINE_CUT
                                ? "64\n10\n64\n64\n64\n1\n64\n"
                                : "10\n1\n");
        riv__buf_fini(&text);
        bench_fini(&b);
    }
}

static void a_missing_file_is_named(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "a\n");
    const riv_ds *node = bench_collect_of(&b, in);
    assert_int_equal(bench_run(&b, &node, 1), 0);
    b.sys.unlink(&b.sys, b.path[0]);
    struct riv_cut cut;
    riv__cut_init(&cut);
    assert_int_equal(
        riv__cut_add(&cut, &(struct riv_range){ .until = 2, .path = b.path[0] },
                     &b.err),
        0);
    assert_int_equal(riv__job_begin(b.plan, 0, &b.err), 0);
    assert_int_equal(riv__job_finish(b.plan, &cut, &b.err), RIV_ENOINPUT);
    assert_non_null(strstr(b.err.text, b.path[0]));
    riv__cut_fini(&cut);
    bench_fini(&b);
}

static int64_t failing_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                             uint64_t at)
{
    (void)sys, (void)fd, (void)p, (void)n, (void)at;
    return -5; /* EIO */
}

static void a_read_that_fails_fails_the_job(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "a\n");
    b.sys.pread = failing_pread;
    bench_fails(&b, in, RIV_EIO, b.path[0]);
    bench_fini(&b);
}

static atomic_int bad_reads; /* still to come */

static int64_t shaky_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                           uint64_t at)
{
    if (atomic_fetch_sub(&bad_reads, 1) > 0)
        return -EIO;
    return riv__sys_real()->pread(sys, fd, p, n, at);
}

static void a_read_that_fails_three_times_is_tried_four_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_lines(&b, "a\nb\n");
        b.sys.pread = shaky_pread;
        atomic_store(&bad_reads, 3);
        assert_string_equal(bench_csv(&b, in), "a\nb\n");
        atomic_store(&bad_reads, 4);
        bench_fails(&b, in, RIV_EIO, "(partition 0 of riv_text ");
        assert_non_null(strstr(b.err.text, ", attempt 4 of 4)"));
        assert_int_equal(bad_reads, 0);
        bench_fini(&b);
    }
}

/* The job is cut, then `change` happens to its file, then it is read. */
static void changed_file_fails(void (*change)(struct bench *b),
                               const char *says)
{
    enum { LINES = 60000 }; /* more than one buffer */
    struct bench b;
    struct riv_cut cut;
    struct riv_buf text;
    bench_init(&b, 1);
    riv__cut_init(&cut);
    riv__buf_init(&text, 0);
    for (int i = 0; i < LINES; i++)
        riv__buf_str(&text, "123456789\n");
    const riv_ds *node = bench_collect_of(&b, bench_text(&b, text.p, text.n));
    assert_int_equal(riv__plan_new(&b.exec, &node, 1, &b.plan, &b.err), 0);
    assert_int_equal(riv__job_open(b.plan, &cut, &b.err), 0);
    change(&b);
    int rc = riv__job_begin(b.plan, 0, &b.err);
    if (rc == 0)
        rc = riv__job_finish(b.plan, &cut, &b.err);
    if (rc != RIV_EIO || !strstr(b.err.text, says) ||
        !strstr(b.err.text, b.path[0]))
        fail_msg("%d \"%s\"", rc, b.err.text);
    riv__cut_fini(&cut);
    riv__buf_fini(&text);
    bench_fini(&b);
}

static void truncate_it(struct bench *b)
{
    assert_int_equal(truncate(b->path[0], 300000), 0);
}

static void replace_it(struct bench *b)
{
    char other[80];
    struct riv_stat stat;
    snprintf(other, sizeof other, "%s.new", b->path[0]);
    FILE *f = fopen(other, "w");
    assert_non_null(f);
    assert_int_equal(b->sys.stat(&b->sys, b->path[0], &stat), 0);
    for (uint64_t i = 0; i < stat.bytes / 10; i++)
        fputs("abcdefghi\n", f);
    fclose(f);
    assert_int_equal(rename(other, b->path[0]), 0);
}

static int64_t pread_half(struct riv_sys *sys, int fd, void *p, size_t n,
                          uint64_t at)
{
    const uint64_t left = at < 300000 ? 300000 - at : 0;
    return riv__sys_real()->pread(sys, fd, p, RIV__MIN(n, left), at);
}

/* It had its size when it was opened. */
static void shrink_it_later(struct bench *b)
{
    b->sys.pread = pread_half;
}

/* What was there when the batch was cut is the batch: with less of it the
 * result would be wrong, and nobody would know. */
static void a_file_that_shrinks_fails_the_job(void **state)
{
    (void)state;
    changed_file_fails(truncate_it, "has 300000 bytes; it had 600000");
    changed_file_fails(shrink_it_later, "has 300000 bytes; it had 600000");
}

static void a_file_that_is_replaced_fails_the_job(void **state)
{
    (void)state;
    changed_file_fails(replace_it, "was replaced by another file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_has_no_line),
        cmocka_unit_test(a_last_line_without_newline_counts),
        cmocka_unit_test(all_other_bytes_pass_unchanged),
        cmocka_unit_test(a_line_belongs_to_the_range_it_begins_in),
        cmocka_unit_test(the_mark_of_utf_8_is_no_part_of_the_first_line),
        cmocka_unit_test(no_line_is_lost_or_doubled_at_random_cuts),
        cmocka_unit_test(shares_of_a_large_file_have_every_line_once),
        cmocka_unit_test(long_lines_of_live_inputs_count_as_bad_records),
        cmocka_unit_test(long_lines_are_cut_skipped_or_refused),
        cmocka_unit_test(a_line_of_exactly_the_limit_passes),
        cmocka_unit_test(the_limit_holds_for_a_last_line_without_newline),
        cmocka_unit_test(long_lines_across_shares_are_cut_once),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_read_that_fails_fails_the_job),
        cmocka_unit_test(a_read_that_fails_three_times_is_tried_four_times),
        cmocka_unit_test(a_file_that_shrinks_fails_the_job),
        cmocka_unit_test(a_file_that_is_replaced_fails_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
