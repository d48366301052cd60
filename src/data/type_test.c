/* data/type_test.c - equality, text and fingerprint of types. */
#include "data/type.h"

#include "data/fixture.h"

static const riv_type i64_by_hand = { .struct_size = sizeof(riv_type),
                                      .kind = RIV_K_I64,
                                      .name = "number",
                                      .size = 8,
                                      .align = 8 };

static const char *show(const riv_type *type)
{
    static char text[256];
    return riv__type_show(type, text, sizeof text);
}

static void a_type_is_shown_with_names_and_kinds(void **state)
{
    (void)state;
    assert_string_equal(show(&riv_type_wc), "wc {key str, val i64}");
    assert_string_equal(show(&riv_type_keyed),
                        "keyed {key str, val reading {sensor str, temp f64}}");
    assert_string_equal(show(&riv_type_all),
                        "all {on bool, i64 i64, code char[5], i32 i32, u64 "
                        "u64, f32 f32, name str, u32 u32, f64 f64, note str}");
    assert_string_equal(show(&riv__type_i64), "i64");
    assert_string_equal(show(NULL), "nothing");
}

static void a_version_is_shown(void **state)
{
    (void)state;
    riv_type type = riv_type_reading;
    type.version = 2;
    assert_string_equal(show(&type), "reading v2 {sensor str, temp f64}");
}

static void text_is_cut_to_any_room(void **state)
{
    (void)state;
    const char *full = "wc {key str, val i64}";
    char text[32];
    for (size_t room = 1; room <= sizeof text; room++) {
        memset(text, '#', sizeof text);
        riv__type_show(&riv_type_wc, text, room);
        size_t n = RIV__MIN(room - 1, strlen(full));
        assert_int_equal(strlen(text), n);
        assert_memory_equal(text, full, n);
    }
}

static void types_are_equal_when_their_fields_are(void **state)
{
    (void)state;
    riv_field fields[2] = { riv_type_reading.fields[0],
                            riv_type_reading.fields[1] };
    riv_type other = riv_type_reading;
    other.name = "other";
    other.fields = fields;
    assert_true(riv__type_equal(&riv_type_reading, &other));
    assert_true(riv__type_fingerprint(&riv_type_reading) ==
                riv__type_fingerprint(&other));
    assert_true(riv__type_equal(&riv__type_i64, &i64_by_hand));
}

/* A field may give its kind itself or by a type: RIV_PAIR does the latter. */
static void a_plain_field_equals_one_by_type(void **state)
{
    (void)state;
    riv_field fields[2] = { riv_type_reading.fields[0],
                            riv_type_reading.fields[1] };
    riv_type other = riv_type_reading;
    other.fields = fields;
    fields[1].type = &riv__type_f64;
    fields[1].kind = 0;
    assert_true(riv__type_equal(&riv_type_reading, &other));
    assert_true(riv__type_fingerprint(&riv_type_reading) ==
                riv__type_fingerprint(&other));
}

static void any_difference_in_a_field_counts(void **state)
{
    (void)state;
    for (int change = 0; change < 7; change++) {
        riv_field fields[2] = { riv_type_reading.fields[0],
                                riv_type_reading.fields[1] };
        riv_type other = riv_type_reading;
        other.fields = fields;
        switch (change) {
        case 0: fields[1].name = "heat"; break;
        case 1: fields[1].kind = RIV_K_I64; break;
        case 2: fields[1].offset += 8; break;
        case 3: fields[1].length = 4; break;
        case 4: other.version = 1; break;
        case 5: other.nfields = 1; break;
        default: other.kind = RIV_K_PAIR;
        }
        assert_false(riv__type_equal(&riv_type_reading, &other));
        assert_false(riv__type_equal(&other, &riv_type_reading));
        bool layout_only = change == 2 || change == 3;
        assert_int_equal(riv__type_fingerprint(&other) ==
                             riv__type_fingerprint(&riv_type_reading),
                         layout_only);
    }
}

static void nothing_equals_only_nothing(void **state)
{
    (void)state;
    assert_false(riv__type_equal(NULL, &riv_type_wc));
    assert_false(riv__type_equal(&riv_type_wc, NULL));
    assert_true(riv__type_equal(NULL, NULL));
}

/* Written into journals: these numbers must never change. */
static void fingerprints_are_fixed(void **state)
{
    (void)state;
    assert_true(riv__type_fingerprint(&riv__type_i64) ==
                UINT64_C(0x4d36aa022ca34628));
    assert_true(riv__type_fingerprint(&riv_type_keyed) ==
                UINT64_C(0x82d8dce3f6971bb4));
}

static void a_pair_is_laid_out_as_the_macro_does(void **state)
{
    (void)state;
    struct riv_arena arena;
    riv__arena_init(&arena, 1024);
    const riv_type *pair =
        riv__type_pair(&arena, &riv__type_str, &riv_type_reading);
    assert_true(riv__type_equal(pair, &riv_type_keyed));
    assert_int_equal(pair->size, sizeof(keyed));
    assert_int_equal(pair->align, _Alignof(keyed));
    pair = riv__type_pair(&arena, &riv_type_all, &riv_type_all);
    assert_true(riv__type_equal(pair, &riv_type_all_all));
    riv__arena_fini(&arena);
}

static void a_type_within_itself_ends(void **state)
{
    (void)state;
    riv_type type = riv_type_reading;
    riv_field field = { .name = "again", .type = &type };
    type.fields = &field;
    type.nfields = 1;
    riv_type copy = type;
    assert_true(strlen(show(&type)) < 256);
    assert_false(riv__type_equal(&type, &copy));
    (void)riv__type_fingerprint(&type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_type_is_shown_with_names_and_kinds),
        cmocka_unit_test(a_version_is_shown),
        cmocka_unit_test(text_is_cut_to_any_room),
        cmocka_unit_test(types_are_equal_when_their_fields_are),
        cmocka_unit_test(a_plain_field_equals_one_by_type),
        cmocka_unit_test(any_difference_in_a_field_counts),
        cmocka_unit_test(nothing_equals_only_nothing),
        cmocka_unit_test(fingerprints_are_fixed),
        cmocka_unit_test(a_pair_is_laid_out_as_the_macro_does),
        cmocka_unit_test(a_type_within_itself_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
