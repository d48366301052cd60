/* exec/step_decode_test.c - lines to records: names above CSV, JSON with the
 * policies of other operators. What is JSON: data/json_read_test.c. */
#include "exec/fixture.h"

#include "data/json_read.h"

RIV_MAP(letter, riv_bad_record, riv_str);
static int letter(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld " RIV_S "|" RIV_S, (long long)in->offset,
                   RIV_P(in->raw), RIV_P(in->reason));
    return 0;
}

/* Wherever shares and files begin: several files have several such lines. */
static void names_of_fields_are_no_record(void **state)
{
    static const char text[] = "key,val\na,1\nkey,val\r\nb,2\n\"key\",3\n";
    (void)state;
    for (int64_t share = 1; share < (int64_t)sizeof text; share += 2) {
        struct bench b;
        bench_init(&b, 2);
        b.conf.settings.share_bytes = share;
        riv_ds *in = bench_lines(&b, text);
        assert_string_equal(bench_csv(&b, riv_decode(in, &riv_type_wc, "csv",
                                                     RIV_OPT(.header = true))),
                            "a,1\nb,2\nkey,3\n");
        bench_fails(
            &b, riv_decode(in, &riv_type_wc, "csv", NULL), RIV_ERECORD,
            "field val: 'val' is no whole number of 64 bits; the line is "
            "the fields' names, which .header = true leaves out");
        bench_fini(&b);
    }
}

/* As a spreadsheet writes it; and where only the line is seen, as of a pipe. */
static void a_mark_of_utf_8_may_stand_before_the_names(void **state)
{
    static const char mark[] = "\xef\xbb\xbfkey,val\na,1\n";
    static const char later[] = "a,1\n\xef\xbb\xbfkey,val\nb,2\n";
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, mark), &riv_type_wc, "csv",
                                 RIV_OPT(.header = true))),
        "a,1\n");
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, later), &riv_type_wc, "csv",
                                 RIV_OPT(.header = true))),
        "a,1\nb,2\n");
    bench_fini(&b);
}

RIV_PAIR(texts, riv_str, riv_str);

/* Text-only records were silently read from the wrong columns. */
static void names_in_other_columns_end_the_job_and_say_which(void **state)
{
    static const char *const line[] = { "val,key\nb,a\n", "VAL,Key\r\nb,a\n",
                                        "\"val\",\"key\"\nb,a\n" };
    static const char more[] = "val,id,key\nb,1,a\n";
    static const char want[] = "\"csv:3,1\" for the format; the line: val,id";
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    for (size_t i = 0; i < RIV__LEN(line); i++)
        bench_fails(&b,
                    riv_decode(bench_lines(&b, line[i]), &riv_type_texts, "csv",
                               RIV_OPT(.header = true, .on_error = RIV_SKIP)),
                    RIV_EINVAL, "write \"csv:2,1\" for the format");
    bench_fails(&b,
                riv_decode(bench_lines(&b, more), &riv_type_texts, "csv:1,3",
                           RIV_OPT(.header = true)),
                RIV_EINVAL, want);
    bench_fails(
        &b, riv_decode(bench_lines(&b, more), &riv_type_wc, "csv", NULL),
        RIV_ERECORD, "write \"csv:3,1\" for the format, and .header = true");
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, more), &riv_type_texts,
                                 "csv:3,1", RIV_OPT(.header = true))),
        "a,b\n");
    bench_fini(&b);
}

/* As R and spreadsheets write them. */
static void names_may_be_in_quotes_and_capitals(void **state)
{
    static const char text[] = "Key,VAL\na,b\n\"key\",\"val\"\nkey,c\nval,d\n";
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, text), &riv_type_texts, "csv",
                                 RIV_OPT(.header = true))),
        "a,b\nkey,c\nval,d\n");
    bench_fini(&b);
}

/* But where text is all that a record has, an empty line is one. */
static void blank_lines_are_no_records(void **state)
{
    static const char csv[] = "\na,1\n\r\n\nb,2\r\n\n";
    static const char numbers[] = "1\n\n2\n\r\n";
    static const char text[] = "x\n\ny\n";
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    assert_string_equal(bench_csv(&b, riv_decode(bench_lines(&b, csv),
                                                 &riv_type_wc, "csv", NULL)),
                        "a,1\nb,2\n");
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, numbers), &riv_type_int64_t,
                                 "csv", NULL)),
        "1\n2\n");
    assert_string_equal(
        bench_csv(&b, riv_decode(bench_lines(&b, text), &riv_type_riv_str,
                                 "csv", NULL)),
        "x\n\ny\n");
    bench_fails(&b,
                riv_decode(bench_lines(&b, " \n"), &riv_type_wc, "csv", NULL),
                RIV_ERECORD, "");
    bench_fini(&b);
}

static void lines_of_json_are_records(void **state)
{
    static const char text[] = "{\"key\":\"a\",\"val\":1}\n\n\r\n"
                               "{\"val\":-2,\"key\":\"b\\n\",\"more\":[]}\r\n"
                               "{\"val\":3,\"key\":\"\"}";
    (void)state;
    for (int64_t share = 1; share < (int64_t)sizeof text; share += 5) {
        struct bench b;
        bench_init(&b, 2);
        b.conf.settings.share_bytes = share;
        riv_ds *in = bench_lines(&b, text);
        assert_string_equal(
            bench_csv(&b, riv_decode(in, &riv_type_wc, "json", NULL)),
            "a,1\n\"b\n\",-2\n,3\n");
        bench_fini(&b);
    }
}

static void a_line_that_is_no_record_follows_the_policy(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, "{\"key\":\"a\",\"val\":1}\n{\"key\":\"b\"}\n"
                                 "nonsense\n{\"val\":2,\"key\":\"c\"}\n");
    riv_ds *out = riv_decode(in, &riv_type_wc, "json",
                             RIV_OPT(.on_error = RIV_DEAD_LETTER));
    assert_string_equal(bench_csv(&b, out), "a,1\nc,2\n");
    assert_int_equal(b.plan->stats.records_bad, 2);
    assert_string_equal(
        bench_csv(&b, riv_map(riv_bad(out), letter_fn, NULL)),
        "20 {\"key\":\"b\"}|field val is missing\n"
        "32 nonsense|no JSON: a word is none of true, false and null\n");
    bench_fails(&b, riv_decode(in, &riv_type_wc, "json", NULL), RIV_ERECORD,
                "riv_decode \"wc\": record failed: field val is missing; the "
                "record: {\"key\":\"b\"}");
    bench_fini(&b);
}

/* Lines that the program gives have nothing behind them that may be read. */
static void lines_from_anywhere_are_read(void **state)
{
    enum { LINES = 3000 };
    static riv_str lines[LINES];
    struct bench b;
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        char text[64];
        int n =
            snprintf(text, sizeof text, "{\"key\":\"k%zu\",\"val\":%zu}", i, i);
        char *own = malloc((size_t)n);
        memcpy(own, text, (size_t)n);
        lines[i] = (riv_str){ own, (size_t)n };
    }
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_riv_str, lines, LINES, 7);
    riv_ds *out = riv_values(riv_decode(in, &riv_type_wc, "json", NULL));
    assert_string_equal(bench_csv(&b, riv_reduce(out, riv_sum_i64, NULL)),
                        "4498500\n");
    bench_fini(&b);
    for (size_t i = 0; i < LINES; i++)
        free((void *)(uintptr_t)lines[i].p);
}

/* What a filter keeps is read as text again where lines are neighbours: quotes,
 * returns, gaps, blank and unfinished lines must not show. */
static void lines_behind_a_filter_are_the_same_records(void **state)
{
    static const char text[] = "B,a,1\nB,b,2\nA,x\nB,\"c,c\",3\nB,d,4,\r\n"
                               "\nB,,5,more\nB,f,+6\nA\nB,key,val\nB,g,7";
    (void)state;
    for (int64_t share = 1; share < (int64_t)sizeof text; share += 3) {
        struct bench b;
        bench_init(&b, 2);
        b.conf.settings.share_bytes = share;
        riv_ds *bids = riv_starts_with(bench_lines(&b, text), "B", NULL);
        assert_string_equal(
            bench_csv(&b, riv_decode(bids, &riv_type_wc, "csv:2,3",
                                     RIV_OPT(.header = true))),
            "a,1\nb,2\n\"c,c\",3\nd,4\n,5\nf,6\ng,7\n");
        bench_fails(&b, riv_decode(bids, &riv_type_wc, "csv:2,3", NULL),
                    RIV_ERECORD, "the record: B,key,val");
        bench_fini(&b);
    }
}

/* More than a chunk, and than a strip of marks. */
static void many_lines_behind_a_filter_are_the_same_records(void **state)
{
    enum { LINES = 5000 };
    static char text[LINES * 32];
    struct bench b;
    char *to = text;
    int64_t sum = 0;
    (void)state;
    for (int i = 0; i < LINES; i++) {
        const bool is_in = i % 50 > 3;
        sum += is_in ? i : 0;
        to += snprintf(to, 32, "%c,k%d,%d,%.*s\n", is_in ? 'B' : 'A', i, i,
                       i % 7, "abcdefg");
    }
    bench_init(&b, 2);
    riv_ds *bids = riv_starts_with(bench_lines(&b, text), "B", NULL);
    riv_ds *vals = riv_values(riv_decode(bids, &riv_type_wc, "csv:2,3", NULL));
    char want[32];
    snprintf(want, sizeof want, "%lld\n", (long long)sum);
    assert_string_equal(bench_csv(&b, riv_reduce(vals, riv_sum_i64, NULL)),
                        want);
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_fields_are_no_record),
        cmocka_unit_test(a_mark_of_utf_8_may_stand_before_the_names),
        cmocka_unit_test(names_in_other_columns_end_the_job_and_say_which),
        cmocka_unit_test(names_may_be_in_quotes_and_capitals),
        cmocka_unit_test(blank_lines_are_no_records),
        cmocka_unit_test(lines_of_json_are_records),
        cmocka_unit_test(a_line_that_is_no_record_follows_the_policy),
        cmocka_unit_test(lines_from_anywhere_are_read),
        cmocka_unit_test(lines_behind_a_filter_are_the_same_records),
        cmocka_unit_test(many_lines_behind_a_filter_are_the_same_records),
    };
    const struct CMUnitTest none[] = {
        cmocka_unit_test(names_of_fields_are_no_record),
        cmocka_unit_test(a_mark_of_utf_8_may_stand_before_the_names),
        cmocka_unit_test(names_in_other_columns_end_the_job_and_say_which),
        cmocka_unit_test(names_may_be_in_quotes_and_capitals),
        cmocka_unit_test(blank_lines_are_no_records),
        cmocka_unit_test(lines_behind_a_filter_are_the_same_records),
        cmocka_unit_test(many_lines_behind_a_filter_are_the_same_records),
    };
    return riv__json_reader_name() ? cmocka_run_group_tests(tests, NULL, NULL)
                                   : cmocka_run_group_tests(none, NULL, NULL);
}
