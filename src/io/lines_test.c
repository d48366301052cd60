/* io/lines_test.c - lines out of reads of any size. Every case runs with the
 * text in pieces of 1, 2, 3 ... bytes: the pieces must not show. */
#include "io/lines.h"

#include "io/fixture.h"

struct fix {
    struct riv_feed feed;
    struct riv_lines lines;
    struct riv_settings conf;
};

enum how { END, DROP };

static void fix_init(struct fix *fix)
{
    fix->conf = fixture_conf();
    assert_int_equal(
        riv__feed_init(&fix->feed, riv__sys_real(), NULL, 1 << 20, NULL), 0);
}

static int take_in_pieces(struct fix *fix, riv_str text, size_t piece,
                          struct riv_err *err)
{
    for (size_t at = 0; at < text.n; at += piece)
        RIV__TRY(riv__lines_take(&fix->lines, &fix->feed, &fix->conf,
                                 text.p + at, RIV__MIN(piece, text.n - at),
                                 err));
    return 0;
}

static void check(enum riv_line_policy policy, enum how how, riv_str text,
                  riv_str want)
{
    for (size_t piece = 1; piece <= text.n + 1; piece++) {
        struct fix fix;
        fix_init(&fix);
        fix.conf.line_policy = policy;
        riv__lines_init(&fix.lines, &fix.conf);
        assert_int_equal(take_in_pieces(&fix, text, piece, NULL), 0);
        assert_true(fix.lines.part.cap <= FIXTURE_LINE_MAX + 1);
        assert_int_equal(fix.lines.offset, text.n);
        if (how == END)
            assert_int_equal(riv__lines_end(&fix.lines, &fix.feed, NULL), 0);
        else
            riv__lines_drop(&fix.lines);
        fixture_feed_has(&fix.feed, want.p, want.n);
        riv__lines_fini(&fix.lines);
        riv__feed_fini(&fix.feed);
    }
}

#define STR(text) ((riv_str){ text, sizeof text - 1 })
#define X8 "xxxxxxxx"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8

static void lines_pass_unchanged(void **state)
{
    (void)state;
    riv_str text = STR("a\n\nb\0c\r\n\xff\xc3\n \t\n");
    check(RIV__LINE_FAIL, END, text, text);
    check(RIV__LINE_FAIL, DROP, text, text);
}

static void a_last_line_without_newline_counts_at_a_clean_end(void **state)
{
    (void)state;
    check(RIV__LINE_FAIL, END, STR("a\nlast"), STR("a\nlast\n"));
    check(RIV__LINE_FAIL, END, STR("last"), STR("last\n"));
    check(RIV__LINE_FAIL, END, STR(""), STR(""));
}

static void a_last_line_without_newline_is_dropped_after_a_break(void **state)
{
    (void)state;
    check(RIV__LINE_FAIL, DROP, STR("a\nlast"), STR("a\n"));
}

static void a_line_of_the_limit_passes(void **state)
{
    (void)state;
    check(RIV__LINE_FAIL, END, STR(X64 "\n" X64 "\n" X64),
          STR(X64 "\n" X64 "\n" X64 "\n"));
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    check(RIV__LINE_CUT, END, STR("a\n" X64 "yz\nb\n" X64 X64 X64 "\nc"),
          STR("a\n" X64 "\nb\n" X64 "\nc\n"));
    check(RIV__LINE_CUT, END, STR(X64 "y"), STR(X64 "\n"));
    check(RIV__LINE_CUT, DROP, STR(X64 "y"), STR(X64 "\n"));
}

static void a_long_line_is_left_out(void **state)
{
    (void)state;
    check(RIV__LINE_SKIP, END, STR("a\n" X64 "yz\nb\n" X64 X64 X64 "\nc"),
          STR("a\nb\nc\n"));
    check(RIV__LINE_SKIP, END, STR("a\n" X64 "y"), STR("a\n"));
}

static void a_long_line_is_an_error_that_says_where(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 80; piece++) {
        struct fix fix;
        struct riv_err err = { .code = 0 };
        fix_init(&fix);
        riv__lines_init(&fix.lines, &fix.conf);
        int rc = take_in_pieces(&fix, STR("abc\ndef\n" X64 "y\n"), piece, &err);
        assert_int_equal(rc, RIV_ERECORD);
        assert_non_null(strstr(err.text, "line at byte 8 "));
        assert_non_null(strstr(err.text, "longer than 64 bytes"));
        assert_non_null(strstr(err.text, "input.line_max"));
        fixture_feed_has(&fix.feed, "abc\ndef\n", 8);
        riv__lines_fini(&fix.lines);
        riv__feed_fini(&fix.feed);
    }
}

static void long_lines_are_counted(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix);
    fix.conf.line_policy = RIV__LINE_SKIP;
    riv__lines_init(&fix.lines, &fix.conf);
    assert_int_equal(
        take_in_pieces(&fix, STR(X64 "y\na\n" X64 X64 "\n"), 7, NULL), 0);
    assert_int_equal(fix.lines.long_lines, 2);
    /* and the batch they belong to hears of it, once */
    struct riv_cut cut;
    size_t held;
    riv__cut_init(&cut);
    assert_int_equal(riv__feed_cut(&fix.feed, 0, 0, &cut, &held, NULL), 0);
    assert_int_equal(cut.long_lines, 2);
    riv__cut_reset(&cut);
    assert_int_equal(riv__feed_cut(&fix.feed, 0, 0, &cut, &held, NULL), 0);
    assert_int_equal(cut.long_lines, 0);
    riv__cut_fini(&cut);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

static void a_stream_may_begin_within_a_line(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix);
    riv__lines_init(&fix.lines, &fix.conf);
    riv__lines_skip(&fix.lines);
    assert_int_equal(take_in_pieces(&fix, STR("rest\na\n"), 3, NULL), 0);
    fixture_feed_has(&fix.feed, "a\n", 2);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

/* 256 connections must not keep a megabyte each after one long line. */
static void the_memory_of_a_long_line_is_given_back(void **state)
{
    (void)state;
    struct fix fix;
    enum { LONG = 200 * 1024 };
    char *text = malloc(LONG);
    memset(text, 'x', LONG);
    fix_init(&fix);
    fix.conf.line_bytes_max = 1 << 20;
    riv__lines_init(&fix.lines, &fix.conf);
    assert_int_equal(take_in_pieces(&fix, riv__str(text, LONG), 1000, NULL), 0);
    assert_int_equal(take_in_pieces(&fix, STR("\nshort"), 6, NULL), 0);
    assert_true(fix.lines.part.cap <= 64 * 1024);
    assert_int_equal(riv__feed_waiting(&fix.feed), LONG + 1);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
    free(text);
}

static void a_stopped_feed_is_told(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix);
    riv__lines_init(&fix.lines, &fix.conf);
    riv__feed_close(&fix.feed);
    assert_int_equal(take_in_pieces(&fix, STR("a\n"), 2, NULL), RIV_ESTOPPED);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

/* Takes the text from `mark` on, all of it, and appends what lines it has. */
static void go_on(const struct fix *was, riv_str text, struct riv_mark mark,
                  struct riv_buf *out)
{
    struct fix fix;
    struct riv_cut cut;
    size_t held;
    fix_init(&fix);
    fix.conf.line_policy = was->conf.line_policy;
    riv__lines_init(&fix.lines, &fix.conf);
    riv__lines_at(&fix.lines, mark.part, mark.offset);
    if (mark.inside)
        riv__lines_skip(&fix.lines);
    riv_str rest = riv__str(text.p + mark.offset, text.n - mark.offset);
    assert_int_equal(take_in_pieces(&fix, rest, rest.n + 1, NULL), 0);
    assert_int_equal(riv__lines_end(&fix.lines, &fix.feed, NULL), 0);
    riv__cut_init(&cut);
    assert_int_equal(riv__feed_cut(&fix.feed, 0, 0, &cut, &held, NULL), 0);
    fixture_add_text(out, &cut);
    riv__cut_fini(&cut);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

/* Taken in pieces; when `taken` bytes are in, `most` bytes are cut, and another
 * run goes on from where that cut ends. */
static void check_mark(enum riv_line_policy policy, riv_str text, size_t piece,
                       size_t taken, size_t most, riv_str want)
{
    struct fix fix;
    struct riv_cut cut;
    struct riv_buf out;
    size_t held;
    fix_init(&fix);
    fix.conf.line_policy = policy;
    riv__lines_init(&fix.lines, &fix.conf);
    riv__lines_at(&fix.lines, 3, 0);
    riv__buf_init(&out, 0);
    riv__cut_init(&cut);
    assert_int_equal(take_in_pieces(&fix, riv__str(text.p, taken), piece, NULL),
                     0);
    assert_int_equal(riv__feed_cut(&fix.feed, 0, most, &cut, &held, NULL), 0);
    fixture_add_text(&out, &cut);
    struct riv_mark mark = fix.feed.cut;
    assert_int_equal(mark.part, out.n > 0 ? 3 : 0);
    mark.part = 4;
    go_on(&fix, text, mark, &out);
    fixture_equal(&out, want.p, want.n);
    riv__buf_fini(&out);
    riv__cut_fini(&cut);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

/* What a journal writes down about a stream that can be read again. */
static void a_stream_goes_on_where_a_cut_ended(void **state)
{
    (void)state;
    riv_str text =
        STR("a\n" X64 X8 "\nbb\n" X64 "\n\n" X64 "y\n" X64 X64 "z\nlast\n");
    riv_str cut = STR("a\n" X64 "\nbb\n" X64 "\n\n" X64 "\n" X64 "\nlast\n");
    riv_str skip = STR("a\nbb\n" X64 "\n\nlast\n");
    const size_t pieces[] = { 1, 7, 64, 1000 };
    for (size_t p = 0; p < RIV__LEN(pieces); p++)
        for (size_t taken = 0; taken <= text.n; taken++)
            for (size_t most = 0; most <= 200; most += 67) {
                check_mark(RIV__LINE_CUT, text, pieces[p], taken, most, cut);
                check_mark(RIV__LINE_SKIP, text, pieces[p], taken, most, skip);
            }
}

/* A line over the limit, of which the end never came: as a file that was replaced,
 * or a connection that broke and came back. */
static void what_comes_after_a_long_line_without_end_is_whole(void **state)
{
    const riv_str want[] = { STR(X64 "\nnext\n"), STR("next\n") };
    (void)state;
    for (int how = END; how <= DROP; how++)
        for (int skips = 0; skips < 2; skips++) {
            struct fix fix;
            fix_init(&fix);
            fix.conf.line_policy = skips ? RIV__LINE_SKIP : RIV__LINE_CUT;
            riv__lines_init(&fix.lines, &fix.conf);
            assert_int_equal(take_in_pieces(&fix, STR(X64 X8), 7, NULL), 0);
            if (how == END)
                assert_int_equal(riv__lines_end(&fix.lines, &fix.feed, NULL),
                                 0);
            else
                riv__lines_drop(&fix.lines);
            assert_int_equal(take_in_pieces(&fix, STR("next\n"), 5, NULL), 0);
            fixture_feed_has(&fix.feed, want[skips].p, want[skips].n);
            riv__lines_fini(&fix.lines);
            riv__feed_fini(&fix.feed);
        }
}

static void a_line_that_is_passed_over_leaves_nothing(void **state)
{
    struct fix fix;
    (void)state;
    fix_init(&fix);
    riv__lines_init(&fix.lines, &fix.conf);
    assert_int_equal(take_in_pieces(&fix, STR("begun"), 5, NULL), 0);
    riv__lines_skip(&fix.lines);
    assert_int_equal(take_in_pieces(&fix, STR("rest\nnext\n"), 3, NULL), 0);
    fixture_feed_has(&fix.feed, "next\n", 5);
    riv__lines_fini(&fix.lines);
    riv__feed_fini(&fix.feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_pass_unchanged),
        cmocka_unit_test(a_last_line_without_newline_counts_at_a_clean_end),
        cmocka_unit_test(a_last_line_without_newline_is_dropped_after_a_break),
        cmocka_unit_test(a_line_of_the_limit_passes),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(a_long_line_is_left_out),
        cmocka_unit_test(a_long_line_is_an_error_that_says_where),
        cmocka_unit_test(long_lines_are_counted),
        cmocka_unit_test(a_stream_may_begin_within_a_line),
        cmocka_unit_test(the_memory_of_a_long_line_is_given_back),
        cmocka_unit_test(a_stopped_feed_is_told),
        cmocka_unit_test(a_stream_goes_on_where_a_cut_ended),
        cmocka_unit_test(what_comes_after_a_long_line_without_end_is_whole),
        cmocka_unit_test(a_line_that_is_passed_over_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
