/* api/text_test.c - helpers for text in records: cutting, numbers, CSV. */
#include "api/fixture.h"

static void cuts(const char *text, size_t n, char sep, const char *want)
{
    riv_str rest = { text, n }, field;
    char got[256] = "";
    while (riv_cut(&rest, sep, &field))
        snprintf(got + strlen(got), sizeof got - strlen(got), "[" RIV_S "]",
                 RIV_P(field));
    assert_string_equal(got, want);
    assert_null(rest.p);
    assert_false(riv_cut(&rest, sep, &field));
}

static void fields_are_cut_without_copying(void **state)
{
    (void)state;
    cuts("a,,b", 4, ',', "[a][][b]");
    cuts("a", 1, ',', "[a]");
    cuts(",", 1, ',', "[][]");
    cuts("a,", 2, ',', "[a][]");
    cuts(",a", 2, ',', "[][a]");
    cuts("", 0, ',', "[]"); /* an empty rest still has one field */
    cuts(NULL, 0, ',', "");
    cuts("a\0b", 3, '\0', "[a][b]");
    cuts("a b\xff"
         "c",
         5, '\xff', "[a b][c]");
}

static void a_cut_stays_within_its_slice(void **state)
{
    riv_str rest = { "a,b,c", 3 }, field;
    (void)state;
    assert_true(riv_cut(&rest, ',', &field));
    assert_int_equal(field.n, 1);
    assert_true(riv_cut(&rest, ',', &field));
    assert_int_equal(field.n, 1);
    assert_false(riv_cut(&rest, ',', &field));
}

static void integers_are_read_whole_or_not_at_all(void **state)
{
    static const char *const wrong[] = {
        "",
        "-",
        "+",
        " 1",
        "1 ",
        "1.0",
        "0x1",
        "9223372036854775808",
        "-9223372036854775809",
        "1e3",
        "--1",
        "1,2",
    };
    int64_t v = 7;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        if (riv_to_i64(riv_cstr(wrong[i]), &v))
            fail_msg("\"%s\" was read", wrong[i]);
        assert_int_equal(v, 7);
    }
    assert_true(riv_to_i64(riv_cstr("-9223372036854775808"), &v));
    assert_true(v == INT64_MIN);
    assert_true(riv_to_i64(riv_cstr("9223372036854775807"), &v));
    assert_true(v == INT64_MAX);
    assert_true(riv_to_i64(riv_cstr("+007"), &v));
    assert_int_equal(v, 7);
    assert_false(riv_to_i64((riv_str){ "12\0", 3 }, &v));
    assert_true(riv_to_i64((riv_str){ "123", 2 }, &v));
    assert_int_equal(v, 12);
}

static void reals_are_read_with_a_point(void **state)
{
    double d = 7;
    (void)state;
    assert_true(riv_to_f64(riv_cstr("-1.5e2"), &d));
    assert_true(d == -150);
    assert_true(riv_to_f64(riv_cstr("inf"), &d));
    assert_true(d > 1e308);
    assert_true(riv_to_f64(riv_cstr("nan"), &d));
    assert_true(d != d);
    d = 7;
    assert_false(riv_to_f64(riv_cstr("1,5"), &d));
    assert_false(riv_to_f64(riv_cstr(" 1"), &d));
    assert_false(riv_to_f64(riv_cstr(""), &d));
    assert_true(d == 7);
}

static void slices_are_compared_by_bytes(void **state)
{
    (void)state;
    assert_true(riv_eq(riv_cstr("a"), (riv_str){ "ab", 1 }));
    assert_true(riv_eq((riv_str){ NULL, 0 }, riv_cstr("")));
    assert_false(riv_eq(riv_cstr("a"), riv_cstr("b")));
    assert_false(riv_eq((riv_str){ "a\0b", 3 }, (riv_str){ "a\0c", 3 }));
}

/* ------------------------------------------------------------- from_csv */

RIV_MAP(parse, riv_str, wc);
static int parse(const riv_str *line, wc *out, riv_task *t)
{
    return riv_from_csv(*line, ';', &riv_type_wc, out, t) ? 0 : RIV_ERECORD;
}

RIV_MAP(reason, riv_bad_record, riv_str);
static int reason(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    (void)t;
    *out = in->reason;
    return 0;
}

/* two types by turns in one function */
RIV_MAP(both, riv_str, int64_t);
static int both(const riv_str *line, int64_t *out, riv_task *t)
{
    wc w;
    pair p;
    if (riv_from_csv(*line, ',', &riv_type_pair, &p, t))
        *out = p.key + p.val;
    else if (riv_from_csv(*line, ',', &riv_type_wc, &w, t))
        *out = -w.val;
    else
        return RIV_ERECORD;
    return 0;
}

static void a_line_is_read_as_a_record(void **state)
{
    static const char text[] = "a;1\n\"x;\"\"y\"\"\";2\nb\nc;d\ne;5;6\n;7\n";
    char path[32];
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    (void)state;
    file_make(path, text, sizeof text - 1);
    riv_ds *ds = riv_map(riv_text(r, path, NULL), parse_fn,
                         RIV_OPT(.on_error = RIV_DEAD_LETTER));
    collected(ds, "a,1\n\"x;\"\"y\"\"\",2\n,7\n");
    riv_result res = { 0 };
    assert_int_equal(riv_collect(riv_map(riv_bad(ds), reason_fn, NULL), &res),
                     0);
    assert_int_equal(res.n, 3);
    for (size_t i = 0; i < res.n; i++)
        assert_true(((const riv_str *)res.rows)[i].n > 0);
    riv_result_free(&res);
    riv_free(r);
    unlink(path);
}

static void a_function_may_read_several_types(void **state)
{
    static const char text[] = "1,2\na,5\n3,4\n";
    char path[32];
    riv *r = riv_new(NULL);
    (void)state;
    file_make(path, text, sizeof text - 1);
    collected(riv_map(riv_text(r, path, NULL), both_fn, NULL), "3\n-5\n7\n");
    riv_free(r);
    unlink(path);
}

/* Also when the first type comes again. */
RIV_MAP(json_of_both, riv_str, int64_t);
static int json_of_both(const riv_str *line, int64_t *out, riv_task *t)
{
    wc w;
    pair p;
    if (riv_from_json(*line, &riv_type_pair, &p, t))
        *out = p.key + p.val;
    else if (riv_from_json(*line, &riv_type_wc, &w, t))
        *out = -w.val * (int64_t)w.key.n;
    else
        return RIV_ERECORD;
    return 0;
}

static void a_line_of_json_is_read_as_a_record(void **state)
{
    static const riv_str lines[] = {
        { "{\"key\":1,\"val\":2}", 17 },
        { "{\"key\":\"ab\",\"val\":5}", 20 },
        { "{\"key\":3,\"val\":4}", 17 },
        { "nonsense", 8 },
    };
    (void)state;
    if (strstr(riv_features(), "lines out"))
        skip();
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    riv_ds *in = riv_parallelize(r, &riv_type_riv_str, lines, 4, NULL);
    riv_ds *out = riv_map(in, json_of_both_fn, RIV_OPT(.on_error = RIV_SKIP));
    collected(out, "3\n-10\n7\n");
    riv_result res = { 0 };
    assert_int_equal(riv_collect(riv_map(in, json_of_both_fn, NULL), &res),
                     RIV_ERECORD);
    error_has(r, RIV_ERECORD, "record failed: no JSON: ");
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_cut_without_copying),
        cmocka_unit_test(a_cut_stays_within_its_slice),
        cmocka_unit_test(integers_are_read_whole_or_not_at_all),
        cmocka_unit_test(reals_are_read_with_a_point),
        cmocka_unit_test(slices_are_compared_by_bytes),
        cmocka_unit_test(a_line_is_read_as_a_record),
        cmocka_unit_test(a_function_may_read_several_types),
        cmocka_unit_test(a_line_of_json_is_read_as_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
