/* data/encode_test.c - the binary form: fixed bytes, round trips, and damage
 * that is found instead of read. */
#include "data/encode.h"

#include <stdlib.h>

#include "data/fixture_arena.h"
#include "data/hash.h"

/* What journals hold; the same bytes on every machine. */
static void the_bytes_are_fixed(void **state)
{
    (void)state;
    static const char want[] = "\1"
                               "\xfe\xff\xff\xff\xff\xff\xff\xff"
                               "DE\0\0\0"
                               "\x01\x02\x00\x00"
                               "\x08\x07\x06\x05\x04\x03\x02\x01"
                               "\x00\x00\x20\x40"
                               "\x03\x00\x00\x00"
                               "abc"
                               "\xff\xff\xff\xff"
                               "\x00\x00\x00\x00\x00\x00\xf8\xbf"
                               "\x00\x00\x00\x00";
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_all);
    all row = { true,
                -2,
                "DE",
                0x201,
                UINT64_C(0x0102030405060708),
                2.5F,
                riv_cstr("abc"),
                UINT32_MAX,
                -1.5,
                { NULL, 0 } };
    char bytes[64];
    assert_int_equal(riv__encode_bytes(layout, &row), sizeof want - 1);
    assert_ptr_equal(riv__encode_row(layout, &row, bytes),
                     bytes + sizeof want - 1);
    assert_memory_equal(bytes, want, sizeof want - 1);
}

static void a_key_has_one_zero_and_one_nan(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_f64);
    char key[8], row[8];
    riv__encode_key(layout, &(double){ -0.0 }, key);
    assert_memory_equal(key, "\0\0\0\0\0\0\0\0", 8);
    riv__encode_row(layout, &(double){ -0.0 }, row);
    assert_memory_equal(row, "\0\0\0\0\0\0\0\x80", 8);
}

/* Encodes random rows one behind the other and reads them back. The second
 * encoding tells apart what equality does not, such as the two zeros. */
static void rows_come_back_as_they_were(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (size_t t = 0; t < RIV__LEN(fixture_types); t++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[t]);
        for (int i = 0; i < 2000; i++) {
            union fixture_row row, back;
            fixture_row(layout, &row, &arena, &seed, "");
            size_t n = riv__encode_bytes(layout, &row);
            char *bytes = malloc(2 * n + 1);
            assert_ptr_equal(riv__encode_row(layout, &row, bytes), bytes + n);
            assert_ptr_equal(
                riv__decode_row(layout, bytes, bytes + n, &back, NULL),
                bytes + n);
            assert_true(riv__row_equal(layout, &row, &back));
            riv__encode_row(layout, &back, bytes + n);
            assert_memory_equal(bytes, bytes + n, n);
            free(bytes);
        }
    }
}

static void bytes_cut_at_any_length_are_damaged(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (size_t t = 0; t < RIV__LEN(fixture_types); t++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[t]);
        for (int i = 0; i < 50; i++) {
            union fixture_row row, back;
            fixture_row(layout, &row, &arena, &seed, "");
            size_t n = riv__encode_bytes(layout, &row);
            for (size_t cut = 0; cut < n; cut++) {
                struct riv_err err = { 0 };
                char *all_bytes = malloc(n), *bytes = malloc(cut ? cut : 1);
                riv__encode_row(layout, &row, all_bytes);
                memcpy(bytes, all_bytes, cut);
                assert_null(
                    riv__decode_row(layout, bytes, bytes + cut, &back, &err));
                assert_int_equal(err.code, RIV_ECHECKPOINT);
                free(bytes);
                free(all_bytes);
            }
        }
    }
}

/* Any bytes at all: an error, or a row that can be encoded again. */
static void random_bytes_never_reach_outside(void **state)
{
    (void)state;
    uint64_t seed = 13;
    size_t read = 0;
    for (int i = 0; i < 20000; i++) {
        const struct riv_layout *layout = fixture_layout(
            &arena, fixture_types[(size_t)i % RIV__LEN(fixture_types)]);
        union fixture_row back;
        size_t n = fixture_next(&seed) % 150;
        char *bytes = malloc(n + 1);
        for (size_t k = 0; k < n; k++)
            bytes[k] =
                (char)(fixture_next(&seed) % 4 ? 0 : fixture_next(&seed));
        const char *end =
            riv__decode_row(layout, bytes, bytes + n, &back, NULL);
        if (end) {
            size_t used = (size_t)(end - bytes);
            assert_int_equal(riv__encode_bytes(layout, &back), used);
            char *again = malloc(used + 1);
            riv__encode_row(layout, &back, again);
            assert_memory_equal(again, bytes, used);
            free(again);
            read++;
        }
        free(bytes);
        if (i % 100 == 0)
            riv__arena_reset(&arena, 1 << 20);
    }
    assert_true(read > 1000);
}

static void damage_is_named_by_field_and_byte(void **state)
{
    (void)state;
    struct riv_err err = { 0 };
    union fixture_row row;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_keyed);
    const char bytes[] = "\1\0\0\0k\xff\xff\xff\xffsensor";
    assert_null(
        riv__decode_row(layout, bytes, bytes + sizeof bytes - 1, &row, &err));
    assert_string_equal(err.text, "damaged row: field val.sensor at byte 5: "
                                  "its string is longer than what is left");
    layout = fixture_layout(&arena, &riv_type_all);
    const char two[64] = "\2";
    assert_null(riv__decode_row(layout, two, two + sizeof two, &row, &err));
    assert_string_equal(err.text, "damaged row: field on at byte 0: a bool is "
                                  "neither 0 nor 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_fixed),
        cmocka_unit_test(a_key_has_one_zero_and_one_nan),
        cmocka_unit_test(rows_come_back_as_they_were),
        cmocka_unit_test(bytes_cut_at_any_length_are_damaged),
        cmocka_unit_test(random_bytes_never_reach_outside),
        cmocka_unit_test(damage_is_named_by_field_and_byte),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
