/* exec/ready_test.c - ready-made operators: what they mean, and that it is the
 * same to the byte fused and not, on every level of instructions, on 1, 2 and 4
 * workers. */
#include "exec/fixture.h"

#include <errno.h>
#include <stdatomic.h>

#include "data/regex.h"
#include "exec/ready.h"

enum { LINES = 4000 };

static char text[LINES * 64];
static size_t text_bytes;

/* Lines with words, fields, empty ones, long ones, all kinds of blanks. */
static void text_make(void)
{
    uint64_t seed = 7;
    char *p = text;
    const char *end = text + sizeof text;
    for (int i = 0; i < LINES; i++) {
        const uint64_t r = bench_next(&seed);
        for (uint64_t k = r % 8; k > 0; k--) {
            const uint64_t w = bench_next(&seed);
            p += snprintf(p, (size_t)(end - p), "%s%llu",
                          w % 5 ? "w" : "a-longer-word-of-",
                          (unsigned long long)(w >> 8) % 97);
            *p++ = "  \t ,\r"[w % 6];
        }
        p[-(r % 8 > 0 && r % 3 > 0)] = '\n';
        p += r % 8 == 0 || r % 3 == 0;
    }
    text_bytes = (size_t)(p - text);
}

enum mode { FUSED, PLAIN_CPU, UNFUSED, MODES };

static struct bench b;

static void open_bench(unsigned threads, enum mode mode)
{
    bench_init(&b, threads);
    b.conf.settings.fuse = mode != UNFUSED;
    b.conf.settings.share_bytes = 20000; /* several tasks */
    if (mode == PLAIN_CPU)
        b.exec.kernels = riv__kernels(RIV__CPU_PLAIN);
}

typedef riv_ds *build_fn(riv_ds *lines);

/* Builds and runs a job in every way; the first result is what the others must
 * be. Lent until free. */
static char *same_in_every_way(build_fn *build)
{
    char *want = NULL;
    for (size_t t = 0; t < RIV__LEN(bench_threads); t++)
        for (int mode = 0; mode < MODES; mode++) {
            open_bench(bench_threads[t], (enum mode)mode);
            const char *got =
                bench_csv(&b, build(bench_text(&b, text, text_bytes)));
            if (!want)
                want = strdup(got);
            assert_string_equal(got, want);
            assert_int_equal(b.plan->stats.records_in, LINES);
            bench_fini(&b);
        }
    return want;
}

/* What the same job gives when the ready-made step is a user's function. */
static void is_as_by_hand(build_fn *ready, build_fn *by_hand)
{
    char *want = same_in_every_way(by_hand), *got = same_in_every_way(ready);
    assert_string_equal(got, want);
    free(want);
    free(got);
}

/* ------------------------------------------------------------------- words */

RIV_FLAT_MAP(cut_words, riv_str, riv_str);
static int cut_words(const riv_str *line, cut_words_out *out, riv_task *t)
{
    const char *p = line->p, *end = p + line->n;
    (void)t;
    while (p < end) {
        const char *from = p;
        while (p < end && (unsigned char)*p > ' ')
            p++;
        if (p > from)
            riv_emit(out, (riv_str){ from, (size_t)(p - from) });
        p += p < end;
    }
    return 0;
}

static riv_ds *words(riv_ds *lines)
{
    return riv_words(lines, NULL);
}

static riv_ds *words_by_hand(riv_ds *lines)
{
    return riv_flat_map(lines, cut_words_fn, NULL);
}

static riv_ds *words_counted(riv_ds *lines)
{
    return riv_count_by_value(riv_words(lines, NULL),
                              RIV_OPT(.on_error = RIV_SKIP));
}

static riv_ds *words_counted_by_hand(riv_ds *lines)
{
    return riv_count_by_value(words_by_hand(lines),
                              RIV_OPT(.on_error = RIV_SKIP));
}

static riv_ds *words_distinct(riv_ds *lines)
{
    return riv_distinct(riv_words(lines, NULL), NULL);
}

static riv_ds *words_distinct_by_hand(riv_ds *lines)
{
    return riv_distinct(words_by_hand(lines), NULL);
}

static void words_are_what_lies_between_blanks(void **state)
{
    (void)state;
    is_as_by_hand(words, words_by_hand);
}

static void words_are_counted_in_one_loop(void **state)
{
    (void)state;
    is_as_by_hand(words_counted, words_counted_by_hand);
    is_as_by_hand(words_distinct, words_distinct_by_hand);
}

static atomic_uint reads;

/* One read of 16 fails, in the mean. */
static int64_t shaky_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                           uint64_t at)
{
    uint64_t seed = atomic_fetch_add(&reads, 1);
    if ((bench_next(&seed) >> 32) % 16 == 0)
        return -EIO;
    return riv__sys_real()->pread(sys, fd, p, n, at);
}

enum { COPIES = 24, TOO_LONG = 70000 };

/* The text again and again, more than one buffer for a task, and every third
 * time a word that is no key. */
static size_t many_make(char *to)
{
    char *p = to;
    for (size_t i = 0; i < COPIES; i++) {
        memcpy(p, text, text_bytes);
        p += text_bytes;
        if (i % 3 > 0)
            continue;
        memset(p, 'x', TOO_LONG);
        memcpy(p + TOO_LONG, " y\n", 3);
        p += TOO_LONG + 3;
    }
    return (size_t)(p - to);
}

static char *counted_shakily(build_fn *build, unsigned threads, bool shakily)
{
    static char many[COPIES * (sizeof text + TOO_LONG)];
    const size_t n = many_make(many);
    open_bench(threads, FUSED);
    b.conf.settings.share_bytes = (int64_t)(n / 3);
    b.conf.settings.attempts = 1000;
    if (shakily)
        b.sys.pread = shaky_pread;
    char *got = strdup(bench_csv(&b, build(bench_text(&b, many, n))));
    assert_int_equal(b.exec.nbad, COPIES / 3);
    bench_fini(&b);
    return got;
}

static void tasks_that_are_tried_again_count_each_word_once(void **state)
{
    (void)state;
    build_fn *const builds[] = { words_counted, words_counted_by_hand };
    char *want = counted_shakily(builds[0], 1, false);
    for (size_t t = 0; t < RIV__LEN(bench_threads); t++)
        for (size_t i = 0; i < RIV__LEN(builds); i++) {
            char *got = counted_shakily(builds[i], bench_threads[t], true);
            assert_string_equal(got, want);
            free(got);
        }
    free(want);
}

/* ------------------------------------------------------------------ fields */

RIV_FLAT_MAP(cut_fields, riv_str, riv_str);
static int cut_fields(const riv_str *line, cut_fields_out *out, riv_task *t)
{
    const char *p = line->n ? line->p : "", *end = p + line->n;
    (void)t;
    for (const char *from = p;; p++)
        if (p == end || *p == ' ') {
            riv_emit(out, (riv_str){ from, (size_t)(p - from) });
            from = p + 1;
            if (p == end)
                return 0;
        }
}

RIV_FLAT_MAP(third_of, riv_str, riv_str);
static int third_of(const riv_str *line, third_of_out *out, riv_task *t)
{
    riv_str field;
    const char *p = line->n ? line->p : "";
    (void)t;
    if (riv__kernels_field(p, p + line->n, ' ', 3, &field))
        riv_emit(out, field);
    return 0;
}

static riv_ds *split(riv_ds *lines)
{
    return riv_split(lines, ' ', NULL);
}

static riv_ds *split_by_hand(riv_ds *lines)
{
    return riv_flat_map(lines, cut_fields_fn, NULL);
}

static riv_ds *split_counted(riv_ds *lines)
{
    return riv_count_by_value(split(lines), NULL);
}

static riv_ds *split_counted_by_hand(riv_ds *lines)
{
    return riv_count_by_value(split_by_hand(lines), NULL);
}

static riv_ds *third(riv_ds *lines)
{
    return riv_nth_field(lines, ' ', 3, NULL);
}

static riv_ds *third_by_hand(riv_ds *lines)
{
    return riv_flat_map(lines, third_of_fn, NULL);
}

static riv_ds *third_counted(riv_ds *lines)
{
    return riv_count_by_value(third(lines), NULL);
}

static riv_ds *third_counted_by_hand(riv_ds *lines)
{
    return riv_count_by_value(third_by_hand(lines), NULL);
}

static void fields_are_what_riv_cut_gives(void **state)
{
    (void)state;
    is_as_by_hand(split, split_by_hand);
    is_as_by_hand(split_counted, split_counted_by_hand);
}

static void a_field_is_taken_from_lines_that_have_it(void **state)
{
    (void)state;
    is_as_by_hand(third, third_by_hand);
    is_as_by_hand(third_counted, third_counted_by_hand);
}

RIV_PAIR(keyed, riv_str, riv_str);
RIV_FLAT_MAP(key_of, riv_str, keyed);
static int key_of(const riv_str *line, key_of_out *out, riv_task *t)
{
    riv_str field;
    const char *p = line->n ? line->p : "";
    (void)t;
    if (riv__kernels_field(p, p + line->n, ' ', 2, &field))
        riv_emit(out, (keyed){ field, *line });
    return 0;
}

static riv_ds *by_field(riv_ds *lines)
{
    return riv_key_by_field(lines, ' ', 2, NULL);
}

static riv_ds *by_field_by_hand(riv_ds *lines)
{
    return riv_flat_map(lines, key_of_fn, NULL);
}

static void a_line_may_be_keyed_by_a_field(void **state)
{
    (void)state;
    is_as_by_hand(by_field, by_field_by_hand);
}

/* ----------------------------------------------------------------- filters */

RIV_FILTER(has_w1, riv_str);
static int has_w1(const riv_str *line, riv_task *t)
{
    (void)t;
    return line->n >= 2 && memmem(line->p, line->n, "w1", 2) != NULL;
}

RIV_FILTER(begins_w, riv_str);
static int begins_w(const riv_str *line, riv_task *t)
{
    (void)t;
    return line->n >= 1 && line->p[0] == 'w';
}

static riv_ds *contains(riv_ds *lines)
{
    return riv_contains(lines, "w1", NULL);
}

static riv_ds *contains_by_hand(riv_ds *lines)
{
    return riv_filter(lines, has_w1_fn, NULL);
}

static riv_ds *contains_counted(riv_ds *lines)
{
    return riv_count(contains(lines));
}

static riv_ds *contains_counted_by_hand(riv_ds *lines)
{
    return riv_count(contains_by_hand(lines));
}

static riv_ds *starts(riv_ds *lines)
{
    return riv_starts_with(lines, "w", NULL);
}

static riv_ds *starts_by_hand(riv_ds *lines)
{
    return riv_filter(lines, begins_w_fn, NULL);
}

static riv_ds *all_of_them(riv_ds *lines)
{
    return riv_starts_with(riv_contains(lines, "", NULL), "", NULL);
}

static riv_ds *untouched(riv_ds *lines)
{
    return lines;
}

static void filters_keep_the_lines_that_hold_a_literal(void **state)
{
    (void)state;
    is_as_by_hand(contains, contains_by_hand);
    is_as_by_hand(contains_counted, contains_counted_by_hand);
    is_as_by_hand(starts, starts_by_hand);
    is_as_by_hand(all_of_them, untouched);
}

static riv_ds *matches(riv_ds *lines)
{
    return riv_matches(lines, "w1", NULL);
}

static void a_pattern_keeps_the_lines_where_it_matches(void **state)
{
    (void)state;
    if (riv__regex_version())
        is_as_by_hand(matches, contains_by_hand);
}

/* A line that would take for ever is a bad record like any other. */
static void a_line_that_takes_too_long_is_a_bad_record(void **state)
{
    (void)state;
    if (!riv__regex_version())
        return;
    open_bench(1, FUSED);
    riv_ds *in = bench_lines(
        &b, "ab\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\naa\n");
    bench_fails(&b, riv_matches(in, "^(a+)+$", NULL), RIV_ERECORD,
                "takes too many steps");
    assert_string_equal(
        bench_csv(&b,
                  riv_matches(in, "^(a+)+$", RIV_OPT(.on_error = RIV_SKIP))),
        "aa\n");
    assert_int_equal(b.plan->stats.records_bad, 1);
    bench_fini(&b);
}

/* A second step of this kind sees rows, not text. */
static riv_ds *chained(riv_ds *lines)
{
    return riv_count_by_value(
        riv_words(riv_contains(riv_words(lines, NULL), "w", NULL), NULL), NULL);
}

static riv_ds *chained_by_hand(riv_ds *lines)
{
    return riv_count_by_value(
        riv_contains(riv_flat_map(lines, cut_words_fn, NULL), "w", NULL), NULL);
}

static void they_work_behind_each_other(void **state)
{
    (void)state;
    is_as_by_hand(chained, chained_by_hand);
}

/* Two ways to one place: the order would show in which pieces rows came. */
static riv_ds *two_ways(riv_ds *lines)
{
    riv_ds *w = riv_words(lines, NULL);
    return riv_union(riv_contains(w, "1", NULL), riv_contains(w, "2", NULL));
}

static riv_ds *two_readers(riv_ds *lines)
{
    return riv_union(riv_words(lines, NULL), riv_contains(lines, "w1", NULL));
}

static void the_order_of_unions_is_the_same_in_every_way(void **state)
{
    (void)state;
    free(same_in_every_way(two_ways));
    free(same_in_every_way(two_readers));
}

/* ------------------------------------------------------------------- edges */

static void is_given(build_fn *build, const char *lines, const char *want)
{
    for (int mode = 0; mode < MODES; mode++) {
        open_bench(1, (enum mode)mode);
        assert_string_equal(bench_csv(&b, build(bench_lines(&b, lines))), want);
        bench_fini(&b);
    }
}

static void a_last_line_without_newline_counts(void **state)
{
    (void)state;
    is_given(words, "a b\nc d", "a\nb\nc\nd\n");
    is_given(words_counted, "a b\nb", "a,1\nb,2\n");
    is_given(split, "a b\nc", "a\nb\nc\n");
    is_given(third, "1 2 3\n1 2 x", "3\nx\n");
    is_given(contains, "w1", "w1\n");
    is_given(contains, "x\nxw1", "xw1\n");
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    is_given(words, "", "");
    is_given(words, "\n \n\t\r\n", "");
    is_given(split, "\n\n", "\n\n");
    is_given(third, "\na b\n", "");
    is_given(contains, "\n\n", "");
}

static riv_ds *with_newline(riv_ds *lines)
{
    return riv_contains(lines, "a\nb", NULL);
}

static void no_line_holds_a_newline(void **state)
{
    (void)state;
    is_given(with_newline, "xa\nby\n", "");
}

static void long_lines_meet_their_limit(void **state)
{
    static char line[5000];
    (void)state;
    for (int mode = 0; mode < MODES; mode++) {
        open_bench(1, (enum mode)mode);
        memset(line, 'x', sizeof line - 1);
        memcpy(line, "w1\nw1", 5);
        line[sizeof line - 2] = '\n';
        b.conf.settings.line_bytes_max = 1000;
        riv_ds *in = bench_lines(&b, line);
        bench_fails(&b, contains(in), RIV_ERECORD, "longer than 1000 bytes");
        b.conf.settings.line_policy = RIV__LINE_SKIP;
        assert_string_equal(bench_csv(&b, contains(in)), "w1\n");
        assert_int_equal(b.plan->stats.records_bad, 1);
        bench_fini(&b);
    }
}

static void what_is_fused_says_so(void **state)
{
    (void)state;
    open_bench(1, FUSED);
    riv_ds *in = bench_text(&b, text, text_bytes);
    bench_csv(&b, words_counted(in));
    assert_ptr_equal(b.plan->stage[0].text, &riv__ready_words);
    assert_non_null(b.plan->stage[0].keys_to);
    bench_csv(&b, contains(in));
    assert_ptr_equal(b.plan->stage[0].text, &riv__ready_contains);
    bench_csv(&b, two_ways(in));
    assert_null(b.plan->stage[0].text);
    bench_fini(&b);
    open_bench(1, UNFUSED);
    bench_csv(&b, words_counted(bench_text(&b, text, text_bytes)));
    assert_null(b.plan->stage[0].text);
    bench_fini(&b);
}

static void strings_may_lie_anywhere(void **state)
{
    (void)state;
    open_bench(1, FUSED);
    riv_str rows[200];
    rows[0] = (riv_str){ NULL, 0 };
    for (size_t i = 1; i < RIV__LEN(rows); i++) {
        char *p = malloc(i); /* a sanitizer sees what is behind it */
        assert_non_null(p);
        memset(p, 'w', i);
        rows[i] = (riv_str){ p, i };
    }
    riv_ds *in = bench_rows(&b, &riv__type_str, rows, RIV__LEN(rows), 2);
    assert_string_equal(bench_csv(&b, riv_count(riv_words(in, NULL))), "199\n");
    assert_string_equal(bench_csv(&b, riv_count(riv_contains(in, "www", NULL))),
                        "197\n");
    assert_string_equal(bench_csv(&b, riv_count(riv_split(in, 'w', NULL))),
                        "20100\n");
    assert_string_equal(
        bench_csv(&b, riv_count(riv_nth_field(in, 'w', 2, NULL))), "199\n");
    for (size_t i = 0; i < RIV__LEN(rows); i++)
        free((char *)(uintptr_t)rows[i].p);
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_what_lies_between_blanks),
        cmocka_unit_test(words_are_counted_in_one_loop),
        cmocka_unit_test(tasks_that_are_tried_again_count_each_word_once),
        cmocka_unit_test(fields_are_what_riv_cut_gives),
        cmocka_unit_test(a_field_is_taken_from_lines_that_have_it),
        cmocka_unit_test(a_line_may_be_keyed_by_a_field),
        cmocka_unit_test(filters_keep_the_lines_that_hold_a_literal),
        cmocka_unit_test(a_pattern_keeps_the_lines_where_it_matches),
        cmocka_unit_test(a_line_that_takes_too_long_is_a_bad_record),
        cmocka_unit_test(they_work_behind_each_other),
        cmocka_unit_test(the_order_of_unions_is_the_same_in_every_way),
        cmocka_unit_test(a_last_line_without_newline_counts),
        cmocka_unit_test(nothing_gives_nothing),
        cmocka_unit_test(no_line_holds_a_newline),
        cmocka_unit_test(long_lines_meet_their_limit),
        cmocka_unit_test(what_is_fused_says_so),
        cmocka_unit_test(strings_may_lie_anywhere),
    };
    text_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
