/* exec/tap_test.c - rows for those who ask: of the dataset that is tapped and no
 * other, bounded, safe to show, and nothing when nobody asks any more. */
#include "exec/tap.h"

#include "base/test.h"
#include "exec/fixture.h"

enum { MANY = 5000 };

static int64_t now_ms; /* by the clock of these tests */

static int64_t clock_ns(struct riv_sys *sys)
{
    (void)sys;
    return now_ms * 1000000;
}

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * *in;
    return 0;
}

RIV_FILTER(odd, int64_t);
static int odd(const int64_t *in, riv_task *t)
{
    (void)t;
    return *in % 2 != 0;
}

RIV_MAP(as_text, int64_t, riv_str);
static int as_text(const int64_t *in, riv_str *out, riv_task *t)
{
    char *p = riv_alloc(t, 10000);
    memset(p, 'x', 10000);
    *out = *in == 0   ? riv_cstr("plain")
           : *in == 1 ? riv_cstr("a\n\033[2J\xc2\x9b"
                                 "b\xe2\x80\xae\xff")
                      : (riv_str){ p, 10000 };
    return 0;
}

struct fix {
    struct bench b;
    int64_t rows[MANY];
    riv_ds *in, *out;   /* the rows; twice the odd ones */
    const riv_ds *node; /* collects them */
    struct riv_buf told;
    uint64_t next;
};

static void begin(struct fix *fix, unsigned threads)
{
    struct bench *b = &fix->b;
    bench_init(b, threads);
    now_ms = 1000;
    b->sys.mono_ns = clock_ns;
    b->exec.tap = riv__tap_new(&b->exec);
    assert_non_null(b->exec.tap);
    riv__buf_init(&fix->told, 0);
}

static void end(struct fix *fix)
{
    riv__tap_free(RIV__TAKE(fix->b.exec.tap));
    fix->b.exec.tapped = 0;
    riv__buf_fini(&fix->told);
    bench_fini(&fix->b);
}

/* A plan for this dataset, which can be tapped. */
static void start(struct fix *fix, riv_ds *ds)
{
    struct bench *b = &fix->b;
    fix->node = bench_collect_of(b, ds);
    assert_int_equal(riv__plan_new(&b->exec, &fix->node, 1, &b->plan, &b->err),
                     0);
    assert_int_equal(riv__tap_open(b->exec.tap, b->plan), 0);
}

static void batch(struct fix *fix, int64_t time)
{
    struct bench *b = &fix->b;
    if (riv__job_now(b->plan, time, &b->err) < 0)
        fail_msg("%s", b->err.text);
}

/* What came since the last question, behind the line with the number. */
static const char *ask(struct fix *fix, const riv_ds *ds, bool json,
                       bool begins)
{
    const struct riv_tap_want want = {
        .ds = ds, .json = json, .begins = begins, .since = fix->next
    };
    riv__buf_reset(&fix->told);
    assert_int_equal(riv__tap_ask(fix->b.exec.tap, &want, &fix->told), 0);
    riv__buf_char(&fix->told, '\0');
    assert_int_equal(fix->told.p[0], 'N');
    char *rest;
    fix->next = strtoull(fix->told.p + 1, &rest, 10);
    return rest + 1;
}

static void begin_numbers(struct fix *fix, size_t n, unsigned threads)
{
    begin(fix, threads);
    for (size_t i = 0; i < n; i++)
        fix->rows[i] = (int64_t)i;
    fix->in = bench_rows(&fix->b, &riv_type_int64_t, fix->rows, n, 4);
    fix->out = riv_map(riv_filter(fix->in, odd_fn, NULL), twice_fn, NULL);
    start(fix, fix->out);
}

static size_t count(const char *text, char mark)
{
    size_t n = *text == mark;
    for (; *text; text++)
        n += text[0] == '\n' && text[1] == mark;
    return n;
}

RIV_TEST(a_tap_sees_the_rows_of_its_dataset_and_no_others)
{
    struct fix fix = { .next = 0 };
    begin_numbers(&fix, 6, 1);
    batch(&fix, 1000); /* nobody has asked yet */
    assert_string_equal(ask(&fix, fix.out, false, true), "");
    batch(&fix, 2000);
    assert_string_equal(
        ask(&fix, fix.out, false, false),
        "B--- time 2000 ms, 1970-01-01 00:00:02 UTC ---\n 2\n 6\n 10\n");
    assert_string_equal(ask(&fix, fix.out, false, false), "");
    end(&fix);
}

RIV_TEST(two_taps_do_not_disturb_each_other)
{
    struct fix fix = { .next = 0 };
    begin_numbers(&fix, 4, 1);
    ask(&fix, fix.out, false, true);
    ask(&fix, fix.in, true, true);
    batch(&fix, 1000);
    fix.next = 0;
    assert_string_equal(ask(&fix, fix.in, true, false),
                        "B1000\n 0\n 1\n 2\n 3\n");
    fix.next = 0;
    assert_non_null(strstr(ask(&fix, fix.out, false, false), "---\n 2\n 6\n"));
    end(&fix);
}

RIV_TEST(what_is_kept_of_a_batch_has_an_end_and_the_rest_is_counted)
{
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct fix fix = { .next = 0 };
        begin_numbers(&fix, MANY, bench_threads[i]);
        ask(&fix, fix.out, false, true);
        batch(&fix, 1000);
        const char *text = ask(&fix, fix.out, false, false);
        assert_int_equal(count(text, ' '), RIV__TAP_ROWS);
        assert_non_null(strstr(text, "M... and 2,436 more\n"));
        end(&fix);
    }
}

/* Nobody fetches them: the older ones go, and whoever comes late is told. */
RIV_TEST(what_waits_to_be_fetched_has_an_end)
{
    struct fix fix = { .next = 0 };
    begin_numbers(&fix, MANY, 1);
    ask(&fix, fix.out, false, true);
    for (int i = 1; i <= 100; i++)
        batch(&fix, 1000 * i);
    const char *text = ask(&fix, fix.out, false, false);
    assert_true(fix.told.n <= RIV__TAP_BYTES + RIV__TAP_LINES);
    assert_int_equal(text[0], 'G');
    assert_non_null(strstr(text, "time 100000 ms"));
    assert_null(strstr(text, "time 1000 ms"));
    end(&fix);
}

/* A job that is started again counts from the beginning. */
RIV_TEST(a_number_that_an_earlier_process_gave_gets_all_there_is)
{
    struct fix fix = { .next = 0 };
    begin_numbers(&fix, 2, 1);
    ask(&fix, fix.out, false, true);
    batch(&fix, 1000);
    fix.next = 1000;
    assert_non_null(strstr(ask(&fix, fix.out, false, false), "---\n 2\n"));
    assert_int_equal(fix.next, 1);
    end(&fix);
}

RIV_TEST(a_tap_that_nobody_asks_for_is_disarmed_between_batches)
{
    struct fix fix = { .next = 0 };
    begin_numbers(&fix, 4, 1);
    ask(&fix, fix.out, false, true);
    assert_int_equal(fix.b.exec.tapped, 1);
    now_ms += RIV__TAP_ARMED_MS;
    batch(&fix, 1000);
    assert_int_equal(fix.b.exec.tapped, 1);
    now_ms += 1;
    batch(&fix, 2000);
    assert_int_equal(fix.b.exec.tapped, 0);
    /* numbers go on, so that who comes back is told nothing twice */
    const uint64_t was = fix.next;
    ask(&fix, fix.out, false, true);
    assert_true(fix.next > was);
    end(&fix);
}

RIV_TEST(more_taps_than_there_may_be_are_refused_until_one_is_left)
{
    struct fix fix = { .next = 0 };
    struct riv_tap_want want = { .begins = true };
    begin(&fix, 1);
    riv_ds *ds[RIV__TAPS_MAX + 1];
    ds[0] = bench_rows(&fix.b, &riv_type_int64_t, fix.rows, 1, 1);
    for (size_t i = 1; i <= RIV__TAPS_MAX; i++)
        ds[i] = riv_map(ds[i - 1], twice_fn, NULL);
    start(&fix, ds[RIV__TAPS_MAX]);
    for (size_t i = 0; i < RIV__TAPS_MAX; i++)
        ask(&fix, ds[i], false, true);
    want.ds = ds[RIV__TAPS_MAX];
    struct riv_tap *tap = fix.b.exec.tap;
    assert_int_equal(riv__tap_ask(tap, &want, &fix.told), RIV_EBUSY);
    ask(&fix, ds[1], false, true); /* one that is there already */
    now_ms += RIV__TAP_ARMED_MS + 1;
    assert_int_equal(riv__tap_ask(tap, &want, &fix.told), 0);
    assert_int_equal(fix.b.exec.tapped, RIV__TAPS_MAX);
    end(&fix);
}

static void starts(const char *text, const char *with)
{
    if (strncmp(text, with, strlen(with)) != 0)
        fail_msg("%.200s does not begin with %s", text, with);
}

RIV_TEST(rows_are_one_line_each_short_and_safe_for_a_terminal)
{
    struct fix fix = { .next = 0 };
    begin(&fix, 1);
    for (int i = 0; i < 3; i++)
        fix.rows[i] = i;
    riv_ds *text =
        riv_map(bench_rows(&fix.b, &riv_type_int64_t, fix.rows, 3, 1),
                as_text_fn, NULL);
    start(&fix, text);
    ask(&fix, text, false, true);
    ask(&fix, text, true, true);
    batch(&fix, 0);
    fix.next = 0;
    const char *csv = ask(&fix, text, false, false);
    starts(csv, "B0\n plain\n a\\x0a\\x1b[2J\\xc2\\x9bb\\xe2\\x80\\xae\\xff\n"
                " xxxx");
    assert_non_null(strstr(csv, "xx...\n"));
    assert_true(strlen(csv) < RIV__TAP_ROW_BYTES + 100);
    fix.next = 0;
    const char *json = ask(&fix, text, true, false);
    starts(json, "B0\n \"plain\"\n "
                 "\"a\\n\\u001b[2J\\u009bb\\u202e\xef\xbf\xbd\"\n"
                 "c\"\\\"xxxx");
    assert_true(strlen(json) < RIV__TAP_ROW_BYTES + 100);
    end(&fix);
}

/* The plan runs these steps over whole text, where no lines are. */
RIV_TEST(the_lines_of_a_source_that_is_read_as_text_can_be_tapped)
{
    struct fix fix = { .next = 0 };
    begin(&fix, 1);
    riv_ds *lines = bench_lines(&fix.b, "a b\nc\n");
    riv_ds *words = riv_words(lines, NULL);
    riv_ds *counted = riv_count_by_value(words, NULL);
    start(&fix, counted);
    assert_non_null(fix.b.plan->stage[0].keys_to);
    ask(&fix, lines, false, true);
    batch(&fix, 0);
    assert_string_equal(ask(&fix, lines, false, false), "B0\n a b\n c\n");
    ask(&fix, words, false, true);
    batch(&fix, 0);
    assert_string_equal(ask(&fix, words, false, false), "B0\n a\n b\n c\n");
    ask(&fix, counted, false, true);
    batch(&fix, 0);
    assert_int_equal(count(ask(&fix, counted, false, false), ' '), 3);
    end(&fix);
}

RIV_TEST(what_can_be_tapped_is_what_gives_rows_and_is_run)
{
    struct fix fix = { .next = 0 };
    const riv_ds **list = NULL;
    size_t n = 0;
    begin_numbers(&fix, 1, 1);
    riv_map(fix.in, twice_fn, NULL); /* nobody wants it */
    assert_int_equal(riv__tap_list(fix.b.exec.tap, &list, &n), 0);
    assert_int_equal(n, 3); /* not the output */
    assert_ptr_equal(list[0], fix.in);
    assert_ptr_equal(list[2], fix.out);
    free(list);
    end(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_tap_sees_the_rows_of_its_dataset_and_no_others),
        RIV_CASE(two_taps_do_not_disturb_each_other),
        RIV_CASE(what_is_kept_of_a_batch_has_an_end_and_the_rest_is_counted),
        RIV_CASE(what_waits_to_be_fetched_has_an_end),
        RIV_CASE(a_number_that_an_earlier_process_gave_gets_all_there_is),
        RIV_CASE(a_tap_that_nobody_asks_for_is_disarmed_between_batches),
        RIV_CASE(more_taps_than_there_may_be_are_refused_until_one_is_left),
        RIV_CASE(rows_are_one_line_each_short_and_safe_for_a_terminal),
        RIV_CASE(the_lines_of_a_source_that_is_read_as_text_can_be_tapped),
        RIV_CASE(what_can_be_tapped_is_what_gives_rows_and_is_run),
    };
    return RIV_RUN(tests);
}
