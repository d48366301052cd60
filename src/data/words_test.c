/* data/words_test.c - words as slices and as keys of a tally, on every level,
 * against a loop over bytes. */
#include "data/words.h"

#include <stdlib.h>

#include "data/fixture.h"

enum { TEXT_MAX = 12000 };

static uint64_t seed = 1;

/* Text that ends with a separator, with what is promised behind it. */
static char *text_new(size_t n, const char *alphabet)
{
    char *p = malloc(n + RIV__SLACK);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = alphabet[fixture_next(&seed) % strlen(alphabet)];
    p[n - 1] = '\n';
    memset(p + n, 'x', RIV__SLACK);
    return p;
}

/* The next word from *p on, by hand; false: none. */
static bool next_word(const char **p, const char *end, riv_str *word)
{
    while (*p < end && (unsigned char)**p <= ' ')
        ++*p;
    const char *from = *p;
    while (*p < end && (unsigned char)**p > ' ')
        ++*p;
    *word = (riv_str){ from, (size_t)(*p - from) };
    return word->n > 0;
}

static uint64_t count_lines(const char *p, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

static void slices_are_the_words(const struct riv_kernels *k, const char *text,
                                 size_t n)
{
    static riv_str slice[RIV__KEYS_MAX + 1];
    const char *p = text, *end = text + n, *from = text, *by_hand = text;
    uint64_t lines = 0;
    riv_str word;
    while (p < end) {
        size_t m = riv__words_slices(k, &p, end, &from, slice, &lines);
        assert_true(m <= RIV__KEYS_MAX);
        for (size_t i = 0; i < m; i++) {
            assert_true(next_word(&by_hand, end, &word));
            assert_ptr_equal(slice[i].p, word.p);
            assert_int_equal(slice[i].n, word.n);
        }
    }
    assert_false(next_word(&by_hand, end, &word));
    assert_int_equal(lines, count_lines(text, n));
}

static void count_keys(const struct riv_kernels *k, const char *text, size_t n,
                       struct riv_tally *tab, struct riv_keys *keys)
{
    const char *p = text, *from = text;
    uint64_t lines = 0;
    while (p < text + n) {
        riv__words_keys(k, tab, &p, text + n, &from, keys, &lines);
        assert_int_equal(riv__keys_bytes(keys), 0);
        assert_int_equal(riv__tally_count(tab, keys), 0);
    }
    assert_int_equal(lines, count_lines(text, n));
}

/* One by one through riv__keys_make, which tally_test.c holds to a list. */
static void count_by_hand(const char *text, size_t n, struct riv_tally *tab,
                          struct riv_keys *keys)
{
    const char *p = text;
    riv_str word;
    while (next_word(&p, text + n, &word)) {
        assert_int_equal(
            riv__keys_make(keys, tab, (char *)&word, sizeof word, 1), 0);
        assert_int_equal(riv__tally_count(tab, keys), 0);
    }
}

static void tallies_equal(const struct riv_tally *a, const struct riv_tally *b)
{
    struct riv_err err = { 0 };
    assert_int_equal(a->nslot, b->nslot);
    for (uint32_t slot = 0; slot < a->nslot; slot++) {
        riv_str x, y;
        assert_int_equal(riv__tally_keys(a, &slot, 1, (char *)&x, 16, &err), 0);
        assert_int_equal(riv__tally_keys(b, &slot, 1, (char *)&y, 16, &err), 0);
        assert_true(riv_eq(x, y));
        assert_int_equal(RIV__LOAD(uint64_t, riv__tally_acc(a, slot)),
                         RIV__LOAD(uint64_t, riv__tally_acc(b, slot)));
    }
}

static const char *const alphabets[] = {
    "a b",
    "abcdefghij\t \n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab ",
    "a\x7f\xff\x21 ",
    " ",
    "ab",
    "abcdefgh i",
};

static void every_level(void (*each)(const struct riv_kernels *k,
                                     const char *text, size_t n))
{
    for (int cpu = RIV__CPU_PLAIN; cpu <= RIV__CPU_AVX512; cpu++)
        for (size_t a = 0; a < RIV__LEN(alphabets); a++)
            for (size_t n = 1; n < TEXT_MAX; n += n < 200 ? 1 : 977) {
                char *text = text_new(n, alphabets[a]);
                each(riv__kernels((enum riv_cpu)cpu), text, n);
                free(text);
            }
}

static void words_lie_between_separators(void **state)
{
    (void)state;
    every_level(slices_are_the_words);
}

static void keys_equal_those_by_hand(const struct riv_kernels *k,
                                     const char *text, size_t n)
{
    static struct riv_keys keys;
    struct riv_arena arena;
    struct riv_tally fast, by_hand;
    riv__arena_init(&arena, 0);
    const struct riv_layout *key = fixture_layout(&arena, &riv__type_str);
    riv__tally_init(&fast, key, 8);
    riv__tally_init(&by_hand, key, 8);
    count_keys(k, text, n, &fast, &keys);
    count_by_hand(text, n, &by_hand, &keys);
    tallies_equal(&fast, &by_hand);
    riv__tally_fini(&fast);
    riv__tally_fini(&by_hand);
    riv__arena_fini(&arena);
}

static void words_are_counted_in_order_of_arrival(void **state)
{
    (void)state;
    every_level(keys_equal_those_by_hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lie_between_separators),
        cmocka_unit_test(words_are_counted_in_order_of_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
