/* data/kernels_test.c - every level of the kernels against the plain one, and
 * the plain one against the rules: random text of every length up to some blocks
 * at every alignment, with what is sought dense, rare or missing. Text lies on
 * the heap with exactly the 64 bytes behind it that are promised, full of what
 * must not count. */
#include "data/kernels.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "data/fixture.h"

enum { BYTES_MAX = 400, ALIGNS = 32, ROWS = 2048 };

static uint64_t seed = 1;
static const struct riv_kernels *plain, *levels[3];
static size_t nlevel;

static void levels_find(void)
{
    plain = riv__kernels(RIV__CPU_PLAIN);
    for (int cpu = RIV__CPU_AVX2; cpu <= RIV__CPU_AVX512; cpu++) {
        const struct riv_kernels *k = riv__kernels((enum riv_cpu)cpu);
        if ((int)k->cpu == cpu)
            levels[nlevel++] = k;
    }
    printf("# levels beside the plain one: %zu\n", nlevel);
}

/* n random bytes of an alphabet, `align` bytes behind what malloc gives. */
struct text {
    char *mem, *p;
    size_t n;
};

static struct text text_new(size_t n, size_t align, const char *alphabet)
{
    const size_t letters = strlen(alphabet);
    struct text t = { .n = n };
    t.mem = malloc(align + n + RIV__SLACK);
    assert_non_null(t.mem);
    t.p = t.mem + align;
    for (size_t i = 0; i < n; i++)
        t.p[i] = alphabet[fixture_next(&seed) % letters];
    for (size_t i = 0; i < RIV__SLACK; i++)
        t.p[n + i] = "\n ,a"[i % 4];
    return t;
}

/* The same with its last byte a newline: whole lines. */
static struct text lines_new(size_t n, size_t align, const char *alphabet)
{
    struct text t = text_new(n + 1, align, alphabet);
    t.p[n] = '\n';
    return t;
}

static const char *const alphabets[] = { "a b\n", "aaaaaaaaaaaaaaaaaaaa \n",
                                         "abc",   " ",
                                         "\n",    "ab,ab,aba,c,dde\n" };

static void blanks_are_where_the_plain_loop_finds_them(void **state)
{
    uint32_t want[RIV__STRIP_MARKS], got[RIV__STRIP_MARKS];
    (void)state;
    for (size_t n = 0; n < BYTES_MAX; n++)
        for (size_t a = 0; a < RIV__LEN(alphabets); a++) {
            struct text t = text_new(n, n % ALIGNS, alphabets[a]);
            uint64_t lines = 5;
            uint32_t m = plain->blanks(t.p, (uint32_t)n, want, &lines);
            for (size_t k = 0; k < nlevel; k++) {
                uint64_t same = 5;
                assert_int_equal(
                    levels[k]->blanks(t.p, (uint32_t)n, got, &same), m);
                assert_int_equal(same, lines);
                assert_memory_equal(got, want, m * sizeof *got);
            }
            free(t.mem);
        }
}

static void every_byte_up_to_the_space_is_blank(void **state)
{
    char bytes[256 + RIV__SLACK] = { 0 };
    uint32_t at[RIV__STRIP_MARKS];
    (void)state;
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(255 - i);
    for (size_t k = 0; k <= nlevel; k++) {
        uint64_t lines = 0;
        const struct riv_kernels *level = k < nlevel ? levels[k] : plain;
        assert_int_equal(level->blanks(bytes, 256, at, &lines), 33);
        assert_int_equal(lines, 1);
        for (uint32_t i = 0; i < 33; i++)
            assert_int_equal(at[i], 223 + i);
    }
}

static void a_whole_strip_may_be_marked(void **state)
{
    uint32_t at[RIV__STRIP_MARKS];
    (void)state;
    struct text t = text_new(RIV__STRIP_BYTES, 3, " ");
    for (size_t k = 0; k <= nlevel; k++) {
        const struct riv_kernels *level = k < nlevel ? levels[k] : plain;
        uint64_t lines = 0;
        assert_int_equal(level->blanks(t.p, RIV__STRIP_BYTES, at, &lines),
                         RIV__STRIP_BYTES);
        assert_int_equal(level->marks(t.p, RIV__STRIP_BYTES, ' ', 'x', at),
                         RIV__STRIP_BYTES);
        assert_int_equal(at[RIV__STRIP_BYTES - 1], RIV__STRIP_BYTES - 1);
    }
    free(t.mem);
}

static void marks_are_where_the_plain_loop_finds_them(void **state)
{
    uint32_t want[RIV__STRIP_MARKS], got[RIV__STRIP_MARKS];
    (void)state;
    for (size_t n = 0; n < BYTES_MAX; n++)
        for (size_t a = 0; a < RIV__LEN(alphabets); a++) {
            struct text t = text_new(n, n % ALIGNS, alphabets[a]);
            uint32_t m = plain->marks(t.p, (uint32_t)n, ',', '\n', want);
            for (size_t k = 0; k < nlevel; k++) {
                assert_int_equal(
                    levels[k]->marks(t.p, (uint32_t)n, ',', '\n', got), m);
                assert_memory_equal(got, want, m * sizeof *got);
            }
            free(t.mem);
        }
}

static riv_str literal_of(struct riv_arena *arena, size_t n)
{
    char *p = riv__arena_bytes(arena, n + RIV__SLACK);
    for (size_t i = 0; i < n; i++)
        p[i] = "ab"[fixture_next(&seed) % 2];
    return (riv_str){ p, n };
}

static void literals_are_found_where_memmem_finds_them(void **state)
{
    struct riv_arena arena;
    (void)state;
    riv__arena_init(&arena, 0);
    for (size_t n = 0; n < BYTES_MAX; n++)
        for (size_t m = 1; m < 150; m += m < 8 ? 1 : 37) {
            struct text t = text_new(n, n % ALIGNS, n % 2 ? "ab" : "aaab");
            const riv_str literal = literal_of(&arena, m);
            const char *hit = memmem(t.p, n, literal.p, m);
            for (size_t k = 0; k <= nlevel; k++) {
                const struct riv_kernels *l = k < nlevel ? levels[k] : plain;
                assert_ptr_equal(l->find(t.p, t.p + n, literal),
                                 hit ? hit : t.p + n);
            }
            free(t.mem);
            riv__arena_reset(&arena, 1 << 16);
        }
    riv__arena_fini(&arena);
}

/* All rows of a text, so many a call. */
struct rows {
    riv_str row[ROWS];
    size_t n;
    uint64_t lines;
};

static void contains_all(const struct riv_kernels *k, struct text t,
                         riv_str literal, size_t max, struct rows *to)
{
    const char *p = t.p;
    to->n = to->lines = 0;
    while (p < t.p + t.n) {
        size_t n = k->contains(&p, t.p + t.n, literal, to->row + to->n, max,
                               &to->lines);
        assert_true(n <= max);
        to->n += n;
    }
    assert_ptr_equal(p, t.p + t.n);
}

static void fields_all(const struct riv_kernels *k, struct text t, uint32_t n,
                       size_t max, struct rows *to)
{
    const char *p = t.p;
    to->n = to->lines = 0;
    while (p < t.p + t.n) {
        size_t m =
            k->fields(&p, t.p + t.n, ',', n, to->row + to->n, max, &to->lines);
        assert_true(m <= max);
        to->n += m;
    }
    assert_ptr_equal(p, t.p + t.n);
}

static void rows_equal(const struct rows *a, const struct rows *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->lines, b->lines);
    for (size_t i = 0; i < a->n; i++) {
        assert_ptr_equal(a->row[i].p, b->row[i].p);
        assert_int_equal(a->row[i].n, b->row[i].n);
    }
}

static void lines_that_hold_a_literal_are_the_same_on_every_level(void **state)
{
    static struct rows want, got;
    struct riv_arena arena;
    (void)state;
    riv__arena_init(&arena, 0);
    for (size_t n = 0; n < 3 * BYTES_MAX; n++) {
        const char *alphabet = n % 3 == 0   ? "ab\n"
                               : n % 3 == 1 ? "aaabaaaaaaaa\n"
                                            : "abbbbbbbbbbbbbbbbbbbbbbbbbbb\n";
        struct text t = lines_new(n, n % ALIGNS, alphabet);
        for (size_t m = 1; m < 70; m += m < 6 ? 1 : 31) {
            const riv_str literal = literal_of(&arena, m);
            contains_all(plain, t, literal, 64, &want);
            for (size_t k = 0; k < nlevel; k++) {
                contains_all(levels[k], t, literal, 64 + n % 9, &got);
                rows_equal(&got, &want);
            }
        }
        free(t.mem);
        riv__arena_reset(&arena, 1 << 16);
    }
    riv__arena_fini(&arena);
}

/* By hand: cut at newlines, ask memmem. */
static void the_plain_lines_are_those_that_hold_it(void **state)
{
    static struct rows got;
    const riv_str literal = { "ab", 2 };
    (void)state;
    for (size_t n = 0; n < BYTES_MAX; n++) {
        struct text t = lines_new(n, 0, "abc\n");
        contains_all(plain, t, literal, 64, &got);
        size_t at = 0, lines = 0;
        for (char *p = t.p, *nl; p < t.p + t.n; p = nl + 1, lines++) {
            nl = memchr(p, '\n', t.n);
            if (!memmem(p, (size_t)(nl - p), literal.p, literal.n))
                continue;
            assert_ptr_equal(got.row[at].p, p);
            assert_int_equal(got.row[at++].n, nl - p);
        }
        assert_int_equal(at, got.n);
        assert_int_equal(lines, got.lines);
        free(t.mem);
    }
}

static void fields_are_the_same_on_every_level(void **state)
{
    static struct rows want, got;
    static const char *const alphabet[] = { "a,\n", "aaaaaa,", "abc,,,,\n",
                                            "aaaaaaaaaaaaaaaaaaaaaaaaaa,\n" };
    (void)state;
    for (size_t n = 0; n < 3 * BYTES_MAX; n++) {
        struct text t = lines_new(n, n % ALIGNS, alphabet[n % 4]);
        for (uint32_t f = 1; f < 150; f += f < 8 ? 1 : 29) {
            fields_all(plain, t, f, 64, &want);
            for (size_t k = 0; k < nlevel; k++) {
                fields_all(levels[k], t, f, 64 + n % 100, &got);
                rows_equal(&got, &want);
            }
        }
        free(t.mem);
    }
}

static void is_field(const char *line, uint32_t n, const char *want)
{
    riv_str field = { NULL, 0 };
    bool has = riv__kernels_field(line, line + strlen(line), ',', n, &field);
    assert_int_equal(has, want != NULL);
    if (want)
        assert_true(riv_eq(field, riv_cstr(want)));
}

static void a_field_lies_between_separators(void **state)
{
    (void)state;
    is_field("one,two,three", 1, "one");
    is_field("one,two,three", 2, "two");
    is_field("one,two,three", 3, "three");
    is_field("one,two,three", 4, NULL);
    is_field("a,,b", 2, "");
    is_field("a,", 2, "");
    is_field("a,", 3, NULL);
    is_field("", 1, "");
    is_field("", 2, NULL);
}

/* Whole numbers as text, each with a comma behind it, and what they are. */
struct numbers {
    char text[4096 + RIV__SLACK];
    uint32_t mark[1 + ROWS], n;
    int64_t want[ROWS];
};

static void numbers_add(struct numbers *list, const char *text, int64_t want)
{
    const uint32_t at = list->mark[list->n] + 1, n = (uint32_t)strlen(text);
    memcpy(list->text + at, text, n);
    list->text[at + n] = ',';
    list->want[list->n++] = want;
    list->mark[list->n] = at + n;
}

static bool numbers_read(const struct numbers *list,
                         const struct riv_kernels *level, int64_t *got)
{
    const struct riv_texts texts = { list->text, list->mark + 1, 1, list->n };
    return level->numbers(&texts, (char *)got, sizeof *got);
}

static void whole_numbers_of_up_to_16_digits_are_read(void **state)
{
    static struct numbers list;
    int64_t got[ROWS];
    (void)state;
    list.mark[0] = UINT32_MAX;
    for (int64_t v = 1, digits = 1; digits <= 16; v = v * 10 + digits++ % 10) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)v);
        numbers_add(&list, text, v);
        snprintf(text, sizeof text, "-%lld", (long long)v);
        numbers_add(&list, text, -v);
    }
    numbers_add(&list, "9999999999999999", INT64_C(9999999999999999));
    numbers_add(&list, "0000000000000007", 7);
    numbers_add(&list, "-0", 0);
    for (size_t k = 0; k <= nlevel; k++) {
        assert_true(numbers_read(&list, k < nlevel ? levels[k] : plain, got));
        assert_memory_equal(got, list.want, list.n * sizeof *got);
    }
}

static void one_that_is_no_number_is_noticed(void **state)
{
    static const char *const odd[] = { "",
                                       "-",
                                       "+1",
                                       "1.5",
                                       "12345678x",
                                       "x",
                                       "--1",
                                       "1 ",
                                       "1-",
                                       "\xff",
                                       "/",
                                       ":",
                                       "\xb1",
                                       "12345678901234567",
                                       "-12345678901234567" };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(odd); i++)
        for (size_t k = 0; k <= nlevel; k++) {
            static struct numbers list;
            int64_t got[ROWS];
            list.mark[0] = UINT32_MAX;
            list.n = 0;
            numbers_add(&list, "1", 1);
            numbers_add(&list, odd[i], 0);
            numbers_add(&list, "2", 2);
            assert_false(
                numbers_read(&list, k < nlevel ? levels[k] : plain, got));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_are_where_the_plain_loop_finds_them),
        cmocka_unit_test(every_byte_up_to_the_space_is_blank),
        cmocka_unit_test(a_whole_strip_may_be_marked),
        cmocka_unit_test(marks_are_where_the_plain_loop_finds_them),
        cmocka_unit_test(literals_are_found_where_memmem_finds_them),
        cmocka_unit_test(lines_that_hold_a_literal_are_the_same_on_every_level),
        cmocka_unit_test(the_plain_lines_are_those_that_hold_it),
        cmocka_unit_test(fields_are_the_same_on_every_level),
        cmocka_unit_test(a_field_lies_between_separators),
        cmocka_unit_test(whole_numbers_of_up_to_16_digits_are_read),
        cmocka_unit_test(one_that_is_no_number_is_noticed),
    };
    levels_find();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
