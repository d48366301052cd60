/* data/hash_test.c - the documented hash: fixed values, quality on the keys
 * that data has, and that equality, order, hash and key bytes agree. */
#include "data/hash.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/encode.h"
#include "data/fixture_arena.h"

/* Keys lie in partitions on disk and on the wire by these numbers
 * (docs/format.md has the same): they must never change. */
static void the_hash_is_fixed(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        uint64_t hash;
    } known[] = {
        { "", UINT64_C(0xd0af93ac2dd36382) },
        { "a", UINT64_C(0x6693870ff483e12b) },
        { "abc", UINT64_C(0x914ec8d5a9750623) },
        { "rivulet", UINT64_C(0xa5a9dc5dc972d444) },
        { "12345678", UINT64_C(0x723f49de112667dc) },
        { "sixteen bytes ok", UINT64_C(0x226907d00827c677) },
        { "seventeen bytes ok", UINT64_C(0xec2d37a1395c31d3) },
        { "a key that is longer than any word of a table entry",
          UINT64_C(0xc797327de2ae2117) },
    };
    for (size_t i = 0; i < RIV__LEN(known); i++) {
        uint64_t h = riv__hash_bytes(known[i].key, strlen(known[i].key));
        if (h != known[i].hash)
            fail_msg("'%s': 0x%016llx", known[i].key, (unsigned long long)h);
    }
    assert_true(riv__hash_i64(0) == UINT64_C(0x515ee99d45365f8c));
    assert_true(riv__hash_i64(-1) == UINT64_C(0x6efc9d79d1ab6f66));
    wc row = { riv_cstr("abc"), 7 };
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_wc);
    assert_true(riv__hash_row(layout, &row) == UINT64_C(0xb4418f46520d8bd3));
}

/* The definition, byte by byte; the reads that overlap must agree, and must
 * stay inside (the key is at the very end of a heap block). */
static void short_keys_are_two_padded_words(void **state)
{
    (void)state;
    unsigned char bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(0xf1 + 7 * i);
    for (size_t n = 0; n <= 16; n++) {
        unsigned char *mem = malloc(n + 1), *key = mem + 1;
        uint64_t want[2] = { 0, 0 }, a, b;
        memcpy(key, bytes, n);
        for (size_t i = 0; i < n; i++)
            want[i / 8] |= (uint64_t)bytes[i] << (8 * (i % 8));
        riv__hash_load(n ? key : NULL, n, &a, &b);
        assert_true(a == want[0] && b == want[1]);
        assert_true(riv__hash_bytes(n ? key : NULL, n) ==
                    riv__hash_words(a, b, n));
        free(mem);
    }
}

static void zeros_at_the_end_make_another_key(void **state)
{
    (void)state;
    static const char zeros[64];
    for (size_t n = 0; n < 64; n++)
        for (size_t k = 0; k < n; k++)
            assert_true(riv__hash_bytes(zeros, n) != riv__hash_bytes(zeros, k));
}

static void numbers_of_any_width_hash_by_value(void **state)
{
    (void)state;
    typedef struct {
        int64_t i64;
        int32_t i32;
        uint32_t u32;
        float f32;
        double f64;
    } widths;
    RIV_STRUCT(widths, i64, i32, u32, f32, f64);
    struct riv_layout one = *fixture_layout(&arena, &riv_type_widths);
    widths row = { -5, -5, 5, 2.5F, 2.5 };
    uint64_t h[5];
    one.nleaf = 1;
    for (int i = 0; i < 5; i++, one.leaf++)
        h[i] = riv__hash_row(&one, &row);
    assert_true(h[0] == riv__hash_i64(-5));
    assert_true(h[0] == h[1]);
    assert_true(h[2] == riv__hash_i64(5));
    assert_true(h[3] == h[4]);
}

/* Of n random 32-bit values n^2/2^33 pairs are equal: for 10^6 keys 116 in the
 * mean; 5 standard deviations are 54. Counted with a set of its own, which
 * spreads by multiplication, so that a bad hash fails and does not hang. */
static void check_distinct(const uint64_t *hash, size_t n, const char *what,
                           unsigned shift)
{
    enum { BITS = 22 };
    uint64_t *cell = calloc((size_t)1 << BITS, sizeof *cell);
    double mean = (double)n * (double)n / 8589934592.0, lost = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = (hash[i] >> shift & UINT32_MAX) + 1;
        size_t at = v * UINT64_C(0x9e3779b97f4a7c15) >> (64 - BITS);
        while (cell[at] && cell[at] != v)
            at = (at + 1) & (((size_t)1 << BITS) - 1);
        lost += cell[at] == v;
        cell[at] = v;
    }
    if (fabs(lost - mean) > 5 * sqrt(mean) + 1)
        fail_msg("%s >> %u: %.0f equal, %.0f expected", what, shift, lost,
                 mean);
    free(cell);
}

/* Keys per bucket of 2^20, against the mean of n/2^20: the sum of squares over
 * the mean is chi-square distributed, 2^20 in the mean, deviation 1448. */
static void check_buckets(const uint64_t *hash, size_t n, const char *what,
                          unsigned shift)
{
    enum { BUCKETS = 1 << 20 };
    uint32_t *count = calloc(BUCKETS, sizeof *count);
    double mean = (double)n / BUCKETS, chi = 0;
    for (size_t i = 0; i < n; i++)
        count[hash[i] >> shift & (BUCKETS - 1)]++;
    for (size_t i = 0; i < BUCKETS; i++)
        chi += (count[i] - mean) * (count[i] - mean) / mean;
    if (fabs(chi - BUCKETS) > 6 * 1448)
        fail_msg("%s >> %u: chi-square %.0f of %d", what, shift, chi, BUCKETS);
    free(count);
}

static void check_parts(const uint64_t *hash, size_t n, const char *what)
{
    static const uint32_t parts[] = { 2, 3, 7, 8, 16, 100 };
    for (size_t k = 0; k < RIV__LEN(parts); k++) {
        size_t count[100] = { 0 };
        for (size_t i = 0; i < n; i++) {
            uint32_t part = riv__hash_part(hash[i], parts[k]);
            assert_true(part < parts[k]);
            count[part]++;
        }
        for (uint32_t i = 0; i < parts[k]; i++) {
            double share = (double)count[i] * parts[k] / (double)n;
            if (share < 0.95 || share > 1.05)
                fail_msg("%s: part %u of %u has %.3f of its share", what, i,
                         parts[k], share);
        }
    }
}

/* Low bits, high bits and the middle: tables take any of them. */
static void check_quality(const uint64_t *hash, size_t n, const char *what)
{
    static const unsigned shifts[] = { 0, 12, 32, 44 };
    check_distinct(hash, n, what, 0);
    check_distinct(hash, n, what, 32);
    for (size_t i = 0; i < RIV__LEN(shifts); i++)
        check_buckets(hash, n, what, shifts[i]);
    check_parts(hash, n, what);
}

enum { KEYS = 1000000 };

static void text_keys_hash_like_random(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        unsigned step;
    } kinds[] = {
        { "%u", 1 },
        { "%07u", 1 },
        { "%u", 1000 },
        { "card-%08u", 1 },
        { "user_%u", 7 },
        { "/page/%u", 1 },
        { "%u.html", 3 },
        { "sensor/%x", 1 },
        { "%u\t", 11 },
        { "key %u of it", 1 },
        { "a key of more bytes: %u", 1 },
    };
    uint64_t *hash = malloc(KEYS * sizeof *hash);
    for (size_t k = 0; k < RIV__LEN(kinds); k += RIV_TEST_SLOWNESS) {
        for (unsigned i = 0; i < KEYS; i++) {
            char key[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            int n =
                snprintf(key, sizeof key, kinds[k].format, i * kinds[k].step);
#pragma GCC diagnostic pop
            hash[i] = riv__hash_bytes(key, (size_t)n);
        }
        check_quality(hash, KEYS, kinds[k].format);
    }
    free(hash);
}

/* All words of one to four letters and many of five, as a dictionary has them:
 * short and alike. */
static void words_hash_like_random(void **state)
{
    (void)state;
    uint64_t *hash = malloc(KEYS * sizeof *hash);
    char word[8] = "";
    for (unsigned i = 0; i < KEYS; i++) {
        size_t n = 0;
        for (unsigned v = i + 1; v > 0; v = (v - 1) / 26)
            word[n++] = (char)('a' + (v - 1) % 26);
        hash[i] = riv__hash_bytes(word, n);
    }
    check_quality(hash, KEYS, "words");
    free(hash);
}

static void integers_hash_like_random(void **state)
{
    (void)state;
    static const int64_t steps[] = {
        1, -1, 2, 8, 1000, 4096, 86400000, INT64_C(1) << 32, INT64_C(1) << 40
    };
    uint64_t *hash = malloc(KEYS * sizeof *hash);
    for (size_t k = 0; k < RIV__LEN(steps); k += RIV_TEST_SLOWNESS) {
        char what[32];
        (void)snprintf(what, sizeof what, "step %lld", (long long)steps[k]);
        for (int64_t i = 0; i < KEYS; i++)
            hash[i] = riv__hash_i64(i * steps[k]);
        check_quality(hash, KEYS, what);
    }
    free(hash);
}

static void doubles_and_structs_hash_like_random(void **state)
{
    (void)state;
    typedef struct {
        int32_t x, y;
    } point;
    RIV_STRUCT(point, x, y);
    const struct riv_layout *points = fixture_layout(&arena, &riv_type_point);
    const struct riv_layout *numbers = fixture_layout(&arena, &riv__type_f64);
    uint64_t *hash = malloc(KEYS * sizeof *hash);
    for (int i = 0; i < KEYS; i++)
        hash[i] = riv__hash_row(points, &(point){ i / 1000, i % 1000 });
    check_quality(hash, KEYS, "points");
    for (int i = 0; i < KEYS; i++)
        hash[i] = riv__hash_row(numbers, &(double){ i / 8.0 });
    check_quality(hash, KEYS, "doubles");
    free(hash);
}

/* Rows of few values, so that equal ones are common. */
static void equal_rows_have_equal_hash_and_key_bytes(void **state)
{
    (void)state;
    uint64_t seed = 99;
    size_t equal = 0;
    for (size_t t = 0; t < RIV__LEN(fixture_types); t++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[t]);
        for (int i = 0; i < 2000; i++) {
            union fixture_row a, b;
            fixture_row(layout, &a, &arena, &seed, "ab");
            fixture_row(layout, &b, &arena, &seed, "ab");
            for (uint32_t k = 0; k < layout->nleaf; k++)
                if (fixture_next(&seed) % 8)
                    memcpy((char *)&b + layout->leaf[k].offset,
                           (char *)&a + layout->leaf[k].offset,
                           layout->leaf[k].length);
            size_t na = riv__encode_bytes(layout, &a);
            size_t nb = riv__encode_bytes(layout, &b);
            char *ka = riv__arena_alloc(&arena, na + nb), *kb = ka + na;
            riv__encode_key(layout, &a, ka);
            riv__encode_key(layout, &b, kb);
            bool same = riv__row_equal(layout, &a, &b);
            assert_int_equal(same, riv__row_compare(layout, &a, &b) == 0);
            assert_int_equal(same, na == nb && memcmp(ka, kb, na) == 0);
            if (same)
                assert_true(riv__hash_row(layout, &a) ==
                            riv__hash_row(layout, &b));
            equal += same;
        }
    }
    assert_true(equal > 1000 && equal < 12000);
}

static void the_zeros_and_the_nans_are_one(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_f64);
    double zero = 0.0, minus = -0.0, nan1 = NAN, nan2 = -NAN, inf = INFINITY;
    assert_true(riv__row_equal(layout, &zero, &minus));
    assert_true(riv__row_equal(layout, &nan1, &nan2));
    assert_int_equal(riv__row_compare(layout, &nan1, &inf), 1);
    assert_int_equal(riv__row_compare(layout, &inf, &nan1), -1);
    assert_true(riv__hash_row(layout, &zero) == riv__hash_row(layout, &minus));
    assert_true(riv__hash_row(layout, &nan1) == riv__hash_row(layout, &nan2));
}

static void strings_are_ordered_by_unsigned_bytes(void **state)
{
    (void)state;
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    static const riv_str sorted[] = {
        { NULL, 0 }, { "\0", 1 }, { "\0\0", 2 }, { "a", 1 },
        { "ab", 2 }, { "b", 1 },  { "\x7f", 1 }, { "\xff", 1 },
    };
    for (size_t i = 0; i < RIV__LEN(sorted); i++)
        for (size_t k = 0; k < RIV__LEN(sorted); k++)
            assert_int_equal(riv__row_compare(layout, &sorted[i], &sorted[k]),
                             (i > k) - (i < k));
}

/* Antisymmetric and transitive over random triples. */
static void compare_is_a_total_order(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t t = 0; t < RIV__LEN(fixture_types); t++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[t]);
        union fixture_row row[3];
        for (int i = 0; i < 5000; i++) {
            for (int k = 0; k < 3; k++)
                fixture_row(layout, &row[k], &arena, &seed, "ab");
            int ab = riv__row_compare(layout, &row[0], &row[1]);
            int bc = riv__row_compare(layout, &row[1], &row[2]);
            int ac = riv__row_compare(layout, &row[0], &row[2]);
            assert_int_equal(riv__row_compare(layout, &row[1], &row[0]), -ab);
            if (ab <= 0 && bc <= 0)
                assert_int_equal(ac, ab < bc ? ab : bc);
            assert_int_equal(riv__row_compare(layout, &row[0], &row[0]), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_fixed),
        cmocka_unit_test(short_keys_are_two_padded_words),
        cmocka_unit_test(zeros_at_the_end_make_another_key),
        cmocka_unit_test(numbers_of_any_width_hash_by_value),
        cmocka_unit_test(text_keys_hash_like_random),
        cmocka_unit_test(words_hash_like_random),
        cmocka_unit_test(integers_hash_like_random),
        cmocka_unit_test(doubles_and_structs_hash_like_random),
        cmocka_unit_test(equal_rows_have_equal_hash_and_key_bytes),
        cmocka_unit_test(the_zeros_and_the_nans_are_one),
        cmocka_unit_test(strings_are_ordered_by_unsigned_bytes),
        cmocka_unit_test(compare_is_a_total_order),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
