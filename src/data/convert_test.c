/* data/convert_test.c - rows of an older type: what is kept, what is refused,
 * and what the words are. */
#include "data/convert.h"

#include <stdlib.h>

#include "data/encode.h"
#include "data/fixture_arena.h"

typedef struct {
    int32_t count;
    float mean;
    riv_str name;
    char code[4];
    bool seen;
    uint32_t hits;
} before;
RIV_STRUCT(before, count, mean, name, code, seen, hits);

typedef struct { /* moved, widened, one dropped, one new */
    double mean;
    riv_str name;
    int64_t hits, count, extra;
    char code[8];
} after;
RIV_STRUCT(after, mean, name, hits, count, extra, code);

typedef struct {
    float mean;
    riv_str count;
} narrower;
RIV_STRUCT(narrower, mean, count);

/* Three versions: a number, text, and halves. */
typedef struct {
    int32_t count;
    char code[4];
} version_0;
RIV_STRUCT(version_0, count, code);

typedef struct {
    riv_str count;
    int64_t calls;
} version_1;
RIV_STRUCT_V(version_1, 1, count, calls);

typedef struct {
    double half;
    int64_t calls;
} version_3;
RIV_STRUCT_V(version_3, 3, half, calls);

RIV_UPGRADE(to_text, version_0, version_1);
static int to_text(const version_0 *old, version_1 *now, riv_task *t)
{
    (void)t;
    now->count = riv_cstr(old->count == 7 ? "7" : "?");
    now->calls++;
    return 0;
}

RIV_UPGRADE(to_half, version_1, version_3);
static int to_half(const version_1 *old, version_3 *now, riv_task *t)
{
    (void)t;
    if (!riv_eq(old->count, riv_cstr("7")))
        return RIV_ERECORD;
    *now = (version_3){ 3.5, old->calls + 1 };
    return 0;
}

/* In place of stream/upgrade.c. */
static int call_kernel(void *arg, const riv_fn *fn, const void *in, void *out,
                       struct riv_err *err)
{
    struct riv_task t = { .cur = out };
    ++*(int *)arg;
    int rc = fn->rows(in, 1, &t);
    return rc < 0 ? riv__err_set(err, rc, "%s refused it", fn->name) : 0;
}

int riv_task_bad(riv_task *t, const void *row, int rc)
{
    (void)t, (void)row;
    return rc;
}

/* The old type's schema goes through its text, as in a journal. */
static enum riv_change make(const riv_type *old, const riv_type *now,
                            const struct riv_convert **ret,
                            struct riv_buf *notes)
{
    struct riv_buf text;
    struct riv_schema schema;
    enum riv_change change = RIV__CHANGE_REFUSED;
    riv__buf_init(&text, 0);
    riv__buf_init(notes, 0);
    riv__schema_write(fixture_layout(&arena, old), &text);
    char *copy = riv__arena_copy(&arena, text.p, text.n);
    assert_int_equal(
        riv__schema_read(&arena, (riv_str){ copy, text.n }, &schema, NULL), 0);
    riv__buf_fini(&text);
    assert_int_equal(
        riv__convert_make(&arena, &schema, fixture_layout(&arena, now), &change,
                          ret, notes, NULL),
        0);
    riv__buf_char(notes, '\0');
    return change;
}

static void a_schema_is_lines_of_name_and_kind(void **state)
{
    (void)state;
    struct riv_buf text;
    riv__buf_init(&text, 0);
    riv__schema_write(fixture_layout(&arena, &riv_type_keyed), &text);
    riv__schema_write(fixture_layout(&arena, &riv_type_before), &text);
    riv__buf_char(&text, '\0');
    assert_string_equal(text.p, "key str\nval.sensor str\nval.temp f64\n"
                                "count i32\nmean f32\nname str\n"
                                "code char[4]\nseen bool\nhits u32\n");
    riv__buf_fini(&text);
}

static void a_damaged_schema_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "a",           "a i64",
                                       "a i65\n",     "i64\n",
                                       "a char[]\n",  "a char[0]\n",
                                       "a char[x]\n", "a i64\n\n" };
    struct riv_schema schema;
    for (size_t i = 0; i < RIV__LEN(bad); i++)
        assert_int_equal(
            riv__schema_read(&arena, riv_cstr(bad[i]), &schema, NULL),
            RIV_ECHECKPOINT);
}

static void the_same_fields_need_no_conversion(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(fixture_types); i++) {
        const struct riv_convert *convert;
        struct riv_buf notes;
        assert_int_equal(
            make(fixture_types[i], fixture_types[i], &convert, &notes),
            RIV__CHANGE_NONE);
        assert_null(convert);
        riv__buf_fini(&notes);
    }
}

static void fields_move_grow_go_and_come(void **state)
{
    (void)state;
    const struct riv_convert *convert;
    struct riv_buf notes;
    assert_int_equal(make(&riv_type_before, &riv_type_after, &convert, &notes),
                     RIV__CHANGE_FIELDS);
    assert_string_equal(notes.p, "field count: i32 becomes i64\n"
                                 "field mean: f32 becomes f64\n"
                                 "field code: char[4] becomes char[8]\n"
                                 "field seen (bool) is dropped\n"
                                 "field hits: u32 becomes i64\n"
                                 "field extra is new, and zero\n");
    riv__buf_fini(&notes);
    const struct riv_layout *old = fixture_layout(&arena, &riv_type_before);
    const struct riv_layout *now = fixture_layout(&arena, &riv_type_after);
    const before row = { -7, 1.5F, riv_cstr("anna"), "DE", true, UINT32_MAX };
    char bytes[128];
    const char *end = riv__encode_row(old, &row, bytes);
    after got = { .extra = 0 };
    assert_ptr_equal(riv__convert_decode(convert, now, bytes, end, &got, NULL),
                     end);
    assert_true(got.count == -7 && got.mean == 1.5 && got.extra == 0);
    assert_true(riv_eq(got.name, row.name));
    assert_int_equal(got.hits, UINT32_MAX);
    assert_memory_equal(got.code, "DE\0\0\0\0\0\0", 8);
    for (const char *cut = bytes; cut < end; cut++) {
        struct riv_err err;
        assert_null(riv__convert_decode(convert, now, bytes, cut, &got, &err));
        assert_int_equal(err.code, RIV_ECHECKPOINT);
    }
}

static void what_would_lose_something_is_refused(void **state)
{
    (void)state;
    const struct riv_convert *convert;
    struct riv_buf notes;
    assert_int_equal(
        make(&riv_type_after, &riv_type_narrower, &convert, &notes),
        RIV__CHANGE_REFUSED);
    assert_null(convert);
    assert_non_null(strstr(notes.p, "field mean: f64 cannot become f32"));
    assert_non_null(strstr(notes.p, "field count: i64 cannot become str"));
    riv__buf_fini(&notes);
    assert_int_equal(make(&riv_type_after, &riv_type_before, &convert, &notes),
                     RIV__CHANGE_REFUSED);
    assert_non_null(
        strstr(notes.p, "field code: char[8] cannot become char[4]"));
    riv__buf_fini(&notes);
}

/* All of it would be dropped: that is another type, not a newer one. */
static void types_with_nothing_in_common_are_refused(void **state)
{
    (void)state;
    const struct riv_convert *convert;
    struct riv_buf notes;
    assert_int_equal(make(&riv__type_i64, &riv_type_after, &convert, &notes),
                     RIV__CHANGE_REFUSED);
    riv__buf_fini(&notes);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

/* Only the fields that the function reads are in its type: others may have been
 * there. */
static void an_older_version_goes_through_all_functions(void **state)
{
    (void)state;
    static const char text[] = "code char[2]\nseen bool\ncount i32\n";
    static const char seven[] = { 'D', 'E', 1, 7, 0, 0, 0 };
    static const char eight[] = { 'D', 'E', 1, 8, 0, 0, 0 };
    const struct riv_layout *now = fixture_layout(&arena, &riv_type_version_3);
    const struct riv_convert *convert;
    struct riv_upgrade *upgrade;
    struct riv_schema schema;
    struct riv_buf notes;
    struct riv_err err = { 0 };
    enum riv_change change;
    int calls = 0;
    version_3 row = { 0, 0 };
    assert_int_equal(riv__upgrade_check(now->type, &err), 0);
    assert_int_equal(riv__upgrade_make(&arena, now->type, 0, &upgrade, &err),
                     0);
    riv__buf_init(&notes, 0);
    assert_int_equal(riv__schema_read(&arena, riv_cstr(text), &schema, NULL),
                     0);
    assert_int_equal(riv__convert_upgrade(&arena, &schema, upgrade, &change,
                                          &convert, &notes, &err),
                     0);
    assert_int_equal(change, RIV__CHANGE_FIELDS);
    riv__convert_user(convert, call_kernel, &calls);
    assert_ptr_equal(riv__convert_decode(convert, now, seven,
                                         seven + sizeof seven, &row, &err),
                     seven + sizeof seven);
    assert_true(row.half == 3.5 && row.calls == 2 && calls == 2);
    assert_null(riv__convert_decode(convert, now, eight, eight + sizeof eight,
                                    &row, &err));
    assert_int_equal(err.code, RIV_ERECORD);
    assert_string_equal(err.text, "to_half refused it");
    riv__buf_fini(&notes);
}

static void no_way_leads_from_an_unknown_version(void **state)
{
    (void)state;
    struct riv_upgrade *upgrade;
    assert_int_equal(
        riv__upgrade_make(&arena, &riv_type_version_3, 2, &upgrade, NULL), 0);
    assert_null(upgrade);
    assert_int_equal(
        riv__upgrade_make(&arena, &riv_type_version_0, 1, &upgrade, NULL), 0);
    assert_null(upgrade);
    assert_int_equal(riv__type_version(&riv_type_version_3), 3);
    assert_int_equal(riv__type_version(&riv_type_int64_t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_schema_is_lines_of_name_and_kind),
        TEST(a_damaged_schema_is_refused),
        TEST(the_same_fields_need_no_conversion),
        TEST(fields_move_grow_go_and_come),
        TEST(what_would_lose_something_is_refused),
        TEST(types_with_nothing_in_common_are_refused),
        TEST(an_older_version_goes_through_all_functions),
        TEST(no_way_leads_from_an_unknown_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
