/* exec/bad_test.c - refused records under the three policies: what is said,
 * what becomes a dead letter, what goes on. */
#include "exec/fixture.h"

RIV_MAP(parse, riv_str, int64_t);
static int parse(const riv_str *in, int64_t *out, riv_task *t)
{
    if (in->n == 0 || *in->p < '0' || *in->p > '9')
        return riv_fail(t, "\"" RIV_S "\" is no digit", RIV_P(*in));
    *out = *in->p - '0';
    return 0;
}

RIV_FILTER(small, int64_t);
static int small(const int64_t *in, riv_task *t)
{
    return *in == 9 ? riv_fail(t, "nine") : *in < 5;
}

RIV_MAP_VALUES(checked, wc, wc);
static int checked(const riv_str *key, const int64_t *v, int64_t *out,
                   riv_task *t)
{
    *out = *v + 1;
    return key->n == 0 ? riv_fail(t, "no key") : 0;
}

RIV_MAP_PARTITIONS(no_more, int64_t, int64_t);
static int no_more(const int64_t *rows, size_t n, no_more_out *out, riv_task *t)
{
    for (size_t i = 0; i < n; i++)
        riv_emit(out, rows[i]);
    return n > 1 ? riv_fail(t, "more than one") : 0;
}

RIV_FOREACH(look, int64_t);
static int look(const int64_t *in, riv_task *t)
{
    return *in == 2 ? riv_fail(t, "two") : 0;
}

RIV_MAP(reason, riv_bad_record, riv_str);
static int reason(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, RIV_S "|" RIV_S "|" RIV_S "|%lld", RIV_P(in->raw),
                   RIV_P(in->reason), RIV_P(in->uid), (long long)in->time);
    return 0;
}

static void the_first_refused_record_fails_the_job(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_lines(&b, "1\n2\nx y\n3\n");
        riv_ds *out = riv_map(in, parse_fn, NULL);
        bench_fails(&b, out, RIV_ERECORD, "riv_map(parse, ");
        assert_non_null(strstr(b.err.text, "bad_test.c:"));
        assert_non_null(strstr(b.err.text, "\"x y\" is no digit"));
        assert_non_null(strstr(b.err.text, b.path[0]));
        bench_fini(&b);
    }
}

static void skipped_records_are_counted_and_nothing_else(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "1\n\nx\n2\n");
    riv_ds *out = riv_map(in, parse_fn, RIV_OPT(.on_error = RIV_SKIP));
    assert_string_equal(bench_csv(&b, out), "1\n2\n");
    assert_int_equal(b.plan->stats.records_bad, 2);
    bench_fini(&b);
}

static void a_dead_letter_has_the_bytes_the_reason_and_the_name(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "1\nx,\xff\n2\ny\n");
    riv_ds *out =
        riv_map(in, parse_fn, RIV_OPT(.uid = "p", .on_error = RIV_DEAD_LETTER));
    riv_ds *bad = riv_map(riv_bad(out), reason_fn, NULL);
    assert_string_equal(bench_csv(&b, bad),
                        "x,\xff|\"x,\xff\" is no digit|p|0\n"
                        "y|\"y\" is no digit|p|0\n");
    assert_string_equal(bench_csv(&b, out), "1\n2\n");
    bench_fini(&b);
}

RIV_MAP(place, riv_bad_record, pair);
static int place(const riv_bad_record *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ in->offset, (int64_t)in->raw.n };
    return 0;
}

RIV_MAP(value_of, wc, int64_t);
static int value_of(const wc *in, int64_t *out, riv_task *t)
{
    *out = in->val;
    return in->val < 0 ? riv_fail(t, "below 0") : 0;
}

RIV_MAP(no_seven, int64_t, int64_t);
static int no_seven(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in == 7 ? riv_fail(t, "seven") : 0;
}

/* rivulet.h: "of the record's first byte; -1: none". It was that of the chunk,
 * up to 1,024 lines before. */
static void a_dead_letter_knows_its_place_in_the_source(void **state)
{
    static const riv_opt opt = { .struct_size = sizeof opt,
                                 .on_error = RIV_DEAD_LETTER };
    (void)state;
    for (int64_t share = 8; share <= 64; share += 3) {
        struct bench b;
        bench_init(&b, 2);
        b.conf.settings.share_bytes = share;
        riv_ds *in = bench_lines(&b, "a,1\nb,-2\nbroken\n\"c\",-3\nd,7");
        riv_ds *wcs = riv_decode(in, &riv_type_wc, "csv", &opt);
        riv_ds *vals = riv_map(wcs, value_of_fn, &opt);
        riv_ds *last = riv_map(vals, no_seven_fn, &opt);
        assert_string_equal(
            bench_csv(&b, riv_map(riv_bad(wcs), place_fn, NULL)), "9,6\n");
        assert_string_equal(
            bench_csv(&b, riv_map(riv_bad(vals), place_fn, NULL)),
            "4,4\n16,4\n");
        /* a number has no place, nor has what an exchange gave */
        assert_string_equal(
            bench_csv(&b, riv_map(riv_bad(last), place_fn, NULL)), "-1,1\n");
        vals = riv_map(riv_distinct(wcs, NULL), value_of_fn, &opt);
        assert_string_equal(
            bench_sorted(&b, riv_map(riv_bad(vals), place_fn, NULL)),
            "-1,4\n-1,4\n");
        bench_fini(&b);
    }
}

/* Good rows and letters of one step in one dataset, and letters of two. */
static void letters_can_be_united(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "1\nx\n9\n7\n");
    riv_ds *nums = riv_map(in, parse_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *few =
        riv_filter(nums, small_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *bad = riv_union(riv_bad(nums), riv_bad(few));
    assert_string_equal(bench_csv(&b, few), "1\n");
    assert_string_equal(bench_sorted(&b, riv_map(bad, reason_fn, NULL)),
                        "9|nine|small|0\nx|\"x\" is no digit|parse|0\n");
    bench_fini(&b);
}

static void a_struct_is_shown_as_csv(void **state)
{
    struct bench b;
    wc rows[] = { { riv_cstr("a"), 1 }, { riv_cstr(""), 2 } };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_wc, rows, 2, 1);
    riv_ds *out =
        riv_map_values(in, checked_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    assert_string_equal(bench_csv(&b, out), "a,2\n");
    assert_string_equal(bench_csv(&b, riv_map(riv_bad(out), reason_fn, NULL)),
                        ",2|no key|checked|0\n");
    bench_fini(&b);
}

static void a_failed_call_of_map_partitions_costs_its_chunk(void **state)
{
    struct bench b;
    int64_t rows[1025] = { 0 };
    (void)state;
    bench_init(&b, 1);
    rows[1024] = 42; /* alone in the second chunk */
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 1025, 1);
    riv_ds *out =
        riv_map_partitions(in, no_more_fn, RIV_OPT(.on_error = RIV_SKIP));
    assert_string_equal(bench_csv(&b, out), "42\n");
    assert_int_equal(b.plan->stats.records_bad, 1);
    bench_fini(&b);
}

static void foreach_has_the_same_policies(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2, 3 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 3, 1);
    riv_foreach(in, look_fn, RIV_OPT(.on_error = RIV_SKIP));
    assert_int_equal(bench_outputs(&b), 0);
    assert_int_equal(b.plan->stats.records_bad, 1);
    riv_foreach(in, look_fn, NULL);
    assert_int_equal(bench_outputs(&b), RIV_ERECORD);
    bench_fini(&b);
}

static void decode_refuses_lines_by_the_same_rules(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "a,1\nb\n\"c\"\"d\",3\ne,x\n");
    riv_ds *out = riv_decode(in, &riv_type_wc, "csv",
                             RIV_OPT(.on_error = RIV_DEAD_LETTER));
    assert_string_equal(bench_csv(&b, out), "a,1\n\"c\"\"d\",3\n");
    assert_int_equal(b.plan->stats.records_bad, 2);
    bench_csv(&b, riv_map(riv_bad(out), reason_fn, NULL));
    assert_non_null(strstr(b.text.p, "b|"));
    assert_non_null(strstr(b.text.p, "e,x|"));
    bench_fails(&b, riv_decode(in, &riv_type_wc, "csv", NULL), RIV_ERECORD,
                "riv_decode \"wc\": record failed");
    bench_fini(&b);
}

/* The limit holds for all batches of the context together. */
static void more_bad_records_than_allowed_fail_the_job(void **state)
{
    (void)state;
    for (int policy = RIV_SKIP; policy <= RIV_DEAD_LETTER; policy++) {
        struct bench b;
        bench_init(&b, 1);
        b.conf.settings.letters_max = 3;
        riv_ds *in = bench_lines(&b, "1\nx\ny\n2\n");
        riv_ds *out = riv_map(in, parse_fn, RIV_OPT(.on_error = policy));
        assert_string_equal(bench_csv(&b, out), "1\n2\n");
        bench_fails(&b, out, RIV_ERECORD,
                    "more than 3 bad records (errors.max); the last, in "
                    "riv_map(parse, ");
        assert_non_null(strstr(b.err.text, "\"y\" is no digit; the record: y"));
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_refused_record_fails_the_job),
        cmocka_unit_test(skipped_records_are_counted_and_nothing_else),
        cmocka_unit_test(a_dead_letter_has_the_bytes_the_reason_and_the_name),
        cmocka_unit_test(a_dead_letter_knows_its_place_in_the_source),
        cmocka_unit_test(letters_can_be_united),
        cmocka_unit_test(a_struct_is_shown_as_csv),
        cmocka_unit_test(a_failed_call_of_map_partitions_costs_its_chunk),
        cmocka_unit_test(foreach_has_the_same_policies),
        cmocka_unit_test(decode_refuses_lines_by_the_same_rules),
        cmocka_unit_test(more_bad_records_than_allowed_fail_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
