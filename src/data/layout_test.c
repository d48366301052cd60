/* data/layout_test.c - flattening, and every wrong description refused. */
#include "data/layout.h"

#include "data/fixture_arena.h"

static void nested_fields_become_leaves(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_keyed);
    assert_int_equal(layout->nleaf, 3);
    assert_string_equal(layout->leaf[0].name, "key");
    assert_string_equal(layout->leaf[1].name, "val.sensor");
    assert_string_equal(layout->leaf[2].name, "val.temp");
    assert_int_equal(layout->leaf[1].offset, offsetof(keyed, val.sensor));
    assert_int_equal(layout->leaf[2].offset, offsetof(keyed, val.temp));
    assert_int_equal(layout->leaf[2].kind, RIV_K_F64);
    assert_int_equal(layout->nstr, 2);
    assert_int_equal(layout->str_offset[1], offsetof(keyed, val.sensor));
    assert_int_equal(layout->fixed_bytes, 4 + 4 + 8);
    assert_int_equal(layout->size, sizeof(keyed));
}

static void a_plain_type_is_one_leaf(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    assert_int_equal(layout->nleaf, 1);
    assert_string_equal(layout->leaf[0].name, "value");
    assert_int_equal(layout->leaf[0].kind, RIV_K_STR);
}

static void every_kind_has_its_leaf(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_all);
    assert_int_equal(layout->nleaf, 10);
    assert_int_equal(layout->leaf[2].length, 5);
    assert_int_equal(layout->fixed_bytes,
                     1 + 8 + 5 + 4 + 8 + 4 + 4 + 4 + 8 + 4);
}

typedef struct {
    int64_t a;
    int32_t b;
    char c[4];
} tight;
RIV_STRUCT(tight, a, b, c);

typedef struct {
    int64_t a;
    int32_t b;
} gaps;
RIV_STRUCT(gaps, a, b);

static void what_is_encoded_as_it_lies_is_known(void **state)
{
    (void)state;
    assert_true(fixture_layout(&arena, &riv_type_tight)->is_plain);
    assert_true(fixture_layout(&arena, &riv__type_i64)->is_plain);
    assert_false(fixture_layout(&arena, &riv_type_gaps)->is_plain);
    assert_false(fixture_layout(&arena, &riv__type_str)->is_plain);
    assert_false(fixture_layout(&arena, &riv_type_all)->is_plain);
}

static void refused(const riv_type *type, const char *part)
{
    const struct riv_layout *layout = NULL;
    struct riv_err err = { 0 };
    assert_int_equal(riv__layout_make(&arena, type, &layout, &err), RIV_ETYPE);
    assert_null(layout);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not hold '%s'", err.text, part);
}

/* `reading` with one change to its second field. */
static void refused_field(riv_field field, const char *part)
{
    riv_field fields[2] = { riv_type_reading.fields[0], field };
    riv_type type = riv_type_reading;
    type.fields = fields;
    refused(&type, "type reading: field ");
    refused(&type, part);
}

static void wrong_fields_are_refused_by_name(void **state)
{
    (void)state;
    riv_field f = riv_type_reading.fields[1];
    riv_field kind = f, beyond = f, length = f, unaligned = f, nameless = f;
    riv_field empty = f, pointer = f;
    kind.kind = 99;
    refused_field(kind, "temp: its kind");
    beyond.offset = sizeof(reading);
    refused_field(beyond, "temp: it reaches beyond its struct");
    beyond.offset = UINT32_MAX - 7;
    refused_field(beyond, "temp: it reaches beyond its struct");
    length.length = 4;
    refused_field(length, "temp: its length");
    unaligned.offset = 12;
    refused_field(unaligned, "temp: its offset is not aligned");
    nameless.name = NULL;
    refused_field(nameless, "it has no name");
    empty.kind = RIV_K_CHARS;
    empty.length = 0;
    refused_field(empty, "temp: its size is 0");
    pointer.kind = 0;
    refused_field(pointer, "temp: its kind");
}

static void opaque_types_are_refused(void **state)
{
    (void)state;
    riv_type type = { .struct_size = sizeof type,
                      .kind = RIV_K_OPAQUE,
                      .name = "sketch",
                      .size = 64,
                      .align = 8 };
    refused(&type, "type sketch: field value: opaque");
}

static void wrong_structs_are_refused(void **state)
{
    (void)state;
    riv_type none = riv_type_reading, old = none, align = none, size = none;
    riv_type big = none, pair = none;
    none.nfields = 0;
    refused(&none, "at least one field");
    old.struct_size = 8;
    refused(&old, "another version");
    align.align = 3;
    refused(&align, "alignment is not");
    align.align = 0;
    refused(&align, "alignment is not");
    size.size += 4;
    refused(&size, "multiple of its alignment");
    big.size = 1 << 20;
    refused(&big, "above 64 KiB");
    pair.kind = RIV_K_PAIR;
    pair.nfields = 1;
    refused(&pair, "a pair has two fields");
    refused(NULL, "no type");
}

static void too_many_and_too_deep_are_refused(void **state)
{
    (void)state;
    static riv_field many[300];
    for (uint32_t i = 0; i < 300; i++)
        many[i] = (riv_field){ "x", NULL, RIV_K_BOOL, i, 1, 0 };
    riv_type wide = { .struct_size = sizeof wide,
                      .kind = RIV_K_STRUCT,
                      .name = "wide",
                      .size = 300,
                      .align = 1,
                      .nfields = 256,
                      .fields = many };
    (void)fixture_layout(&arena, &wide);
    wide.nfields = 257;
    refused(&wide, "more than 256 fields");

    riv_type deep[9];
    riv_field in[9];
    for (int i = 0; i < 9; i++) {
        deep[i] = riv_type_reading;
        deep[i].nfields = 1;
        deep[i].fields = &in[i];
        in[i] =
            (riv_field){ .name = "in", .type = &deep[i + 1 < 9 ? i + 1 : 0] };
    }
    in[8] = riv_type_reading.fields[0];
    (void)fixture_layout(&arena, &deep[1]);
    refused(&deep[0], "nested more than 8 deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_fields_become_leaves),
        cmocka_unit_test(a_plain_type_is_one_leaf),
        cmocka_unit_test(every_kind_has_its_leaf),
        cmocka_unit_test(what_is_encoded_as_it_lies_is_known),
        cmocka_unit_test(wrong_fields_are_refused_by_name),
        cmocka_unit_test(opaque_types_are_refused),
        cmocka_unit_test(wrong_structs_are_refused),
        cmocka_unit_test(too_many_and_too_deep_are_refused),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
