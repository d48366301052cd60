/* data/csv_text_test.c - rows out of whole text, and out of lines that were cut
 * before, against csv.h line by line: random lines of every kind of field, odd
 * ones among them, columns picked and not, on every level of instructions. */
#include "data/csv_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/fixture.h"
#include "data/hash.h"

enum { LINES = 400, ROW_BYTES = 128, LINE_BYTES = 400 };

static uint64_t seed = 1;

typedef struct {
    riv_str name;
    int64_t i64;
    double f64;
    char code[3];
    int32_t i32;
    uint32_t u32;
    uint64_t u64;
} wide;
RIV_STRUCT(wide, name, i64, f64, code, i32, u32, u64);
RIV_PAIR(sum, int64_t, int64_t);

static const riv_type *const types[] = { &riv_type_wide, &riv_type_sum,
                                         &riv_type_wc, &riv__type_i64 };

/* Fields as they come: mostly right, at times at an edge or wrong. */
static const char *const texts[] = {
    "0",
    "1",
    "-1",
    "12345678",
    "-12345678",
    "123456789",
    "+5",
    "-0",
    "4294967295",
    "-",
    "",
    "9223372036854775807",
    "x",
    "1.5",
    "1e3",
    "DE",
    "-2147483648",
    "2147483648",
    "ABC",
    "ABCD",
    "\"q\"",
    "\"a,b\"",
    "00000000000012",
    "18446744073709551615",
    "12 ",
    "1234567x",
    "123456789",
    "-1234567890123456",
    "12345678901234567",
    "x234567890123456",
    "123456789012345x",
    "12345678-0123456",
    "\xff",
    "/",
    ":",
    "9223372036854775808",
};

static char *put(char *p, const char *s)
{
    const size_t n = strlen(s);
    memcpy(p, s, n);
    return p + n;
}

/* How lines come: `odd` in a thousand are hurt, and their numbers lie below
 * `most`. */
static uint64_t odd = 250, most = 1000;

static bool is_odd(uint64_t random)
{
    return random % 1000 < odd;
}

static char *put_line(char *p, uint32_t fields)
{
    const uint64_t r = fixture_next(&seed);
    if (is_odd(r) && r % 8 == 0) /* none, too few, too many */
        fields = (uint32_t)(r >> 8) % (fields + 3);
    for (uint32_t i = 0; i < fields; i++) {
        const uint64_t f = fixture_next(&seed);
        if (i > 0)
            *p++ = ',';
        if (is_odd(f))
            p = put(p, texts[(f >> 8) % RIV__LEN(texts)]);
        else
            p +=
                snprintf(p, 24, "%llu",
                         (unsigned long long)(f >> 10) % (f % 3 ? most : 1000));
        if (is_odd(f) && f % 249 == 5) { /* longer than a strip */
            memset(p, '7', LINE_BYTES);
            p += LINE_BYTES;
        }
    }
    if (is_odd(r) && r % 3 == 0)
        *p++ = '\r';
    *p++ = '\n';
    return p;
}

struct text {
    char *p;
    size_t n;
};

static struct text text_new(uint32_t fields)
{
    char *p = malloc(LINES * (size_t)LINE_BYTES * 8);
    assert_non_null(p);
    char *end = p;
    for (int i = 0; i < LINES; i++)
        end = put_line(end, fields);
    struct text t = { malloc((size_t)(end - p) + RIV__SLACK),
                      (size_t)(end - p) };
    assert_non_null(t.p); /* with what is promised behind it, and no more */
    memcpy(t.p, p, t.n);
    memset(t.p + t.n, '9', RIV__SLACK);
    free(p);
    return t;
}

struct world {
    struct riv_arena arena;
    struct riv_csv_text csv;
    struct riv_csv_names names;
    char row[LINES][ROW_BYTES]; /* what came out, with errors as an empty one */
    size_t n;
};

static void expect_names(struct world *w)
{
    riv__csv_names_init(&w->names, w->csv.layout, w->csv.columns, w->csv.sep);
    w->csv.names = &w->names;
}

static bool is_names(const struct world *w, riv_str line)
{
    return w->csv.names &&
           riv__csv_names(w->csv.names, line) != RIV__CSV_NO_NAMES;
}

/* By csv.h, line by line. */
static size_t by_lines(struct world *w, struct text t,
                       char want[LINES][ROW_BYTES])
{
    size_t n = 0;
    for (char *p = t.p, *nl; p < t.p + t.n; p = nl + 1) {
        struct riv_err err = { 0 };
        nl = memchr(p, '\n', t.n);
        memset(want[n], 0, ROW_BYTES);
        const riv_str line = { p, (size_t)(nl - p) };
        if (is_names(w, line))
            continue;
        if (riv__csv_read_columns(w->csv.layout, w->csv.columns, line,
                                  w->csv.sep, want[n], &w->arena, &err) < 0)
            memset(want[n], 0xee, ROW_BYTES);
        n++;
    }
    return n;
}

static void take_odd(struct world *w, riv_str line)
{
    struct riv_err err = { 0 };
    if (is_names(w, line))
        return;
    if (riv__csv_read_columns(w->csv.layout, w->csv.columns, line, w->csv.sep,
                              w->row[w->n], &w->arena, &err) < 0)
        memset(w->row[w->n], 0xee, ROW_BYTES);
    w->n++;
}

static uint64_t by_text(struct world *w, const struct riv_kernels *k,
                        struct text t, size_t max)
{
    static char rows[LINES * ROW_BYTES];
    const size_t size = w->csv.layout->size;
    struct riv_csv_at at = { .p = t.p, .end = t.p + t.n };
    w->n = 0;
    memset(w->row, 0, sizeof w->row);
    while (at.p < at.end) {
        memset(rows, 0, sizeof rows);
        size_t n = riv__csv_text(&w->csv, k, &at, rows, max);
        assert_true(n <= max);
        for (size_t i = 0; i < n; i++)
            memcpy(w->row[w->n++], rows + i * size, size);
        if (at.odd.p)
            take_odd(w, at.odd);
    }
    return at.lines;
}

static void rows_equal(const struct world *w, char want[LINES][ROW_BYTES],
                       bool backwards)
{
    for (size_t i = 0; i < w->n; i++) {
        const char *other = want[backwards ? w->n - 1 - i : i];
        if ((unsigned char)other[0] == 0xee)
            assert_memory_equal(w->row[i], other, 1);
        else
            assert_true(riv__row_equal(w->csv.layout, w->row[i], other));
    }
}

/* The lines of the text, the last first when they go backwards. */
static size_t cut(struct text t, bool backwards, riv_str *line)
{
    size_t n = 0;
    for (char *p = t.p, *nl; p < t.p + t.n; p = nl + 1) {
        nl = memchr(p, '\n', t.n);
        line[backwards ? LINES - 1 - n : n] = (riv_str){ p, (size_t)(nl - p) };
        n++;
    }
    return n;
}

static void by_cut_lines(struct world *w, const struct riv_kernels *k,
                         struct text t, bool backwards)
{
    static char rows[LINES * ROW_BYTES];
    static riv_str line[LINES];
    const size_t size = w->csv.layout->size, n = cut(t, backwards, line);
    struct riv_csv_lines lines;
    riv__csv_lines_init(&lines, &w->csv);
    w->n = 0;
    memset(w->row, 0, sizeof w->row);
    for (size_t i = 0; i < n; i++) {
        memset(rows, 0, sizeof rows);
        const size_t done = riv__csv_lines(&lines, k, line + i, n - i, rows);
        assert_true(done <= n - i);
        for (size_t r = 0; r < done; r++)
            memcpy(w->row[w->n++], rows + r * size, size);
        i += done;
        if (i < n)
            take_odd(w, line[i]);
    }
}

static void check(struct world *w, uint32_t fields)
{
    static char want[LINES][ROW_BYTES];
    static const uint64_t below[] = { 10, 1000, 100000000, 10000000000000000 };
    for (int round = 0; round < 16; round++) {
        odd = round % 2 ? 250 : 5;
        most = below[(size_t)round / 2 % RIV__LEN(below)];
        struct text t = text_new(fields);
        const size_t n = by_lines(w, t, want);
        for (int cpu = RIV__CPU_PLAIN; cpu <= RIV__CPU_AVX512; cpu++) {
            assert_int_equal(by_text(w, riv__kernels((enum riv_cpu)cpu), t,
                                     1 + (size_t)(round % 7) * 61),
                             LINES);
            assert_int_equal(w->n, n);
            rows_equal(w, want, false);
            by_cut_lines(w, riv__kernels((enum riv_cpu)cpu), t, round % 3 == 0);
            assert_int_equal(w->n, n);
            rows_equal(w, want, round % 3 == 0);
        }
        free(t.p);
    }
}

static void rows_are_those_of_the_lines(void **state)
{
    static struct world w;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(types); i++) {
        riv__arena_init(&w.arena, 0);
        w.csv =
            (struct riv_csv_text){ .layout = fixture_layout(&w.arena, types[i]),
                                   .sep = ',' };
        check(&w, w.csv.layout->nleaf);
        expect_names(&w);
        check(&w, w.csv.layout->nleaf);
        riv__arena_fini(&w.arena);
    }
}

static void picked_columns_are_those_of_the_lines(void **state)
{
    static struct world w;
    static const uint16_t leaf[] = { RIV__CSV_NO_LEAF, 1, RIV__CSV_NO_LEAF, 0 };
    static const struct riv_csv_columns columns = { 4, leaf };
    (void)state;
    riv__arena_init(&w.arena, 0);
    w.csv =
        (struct riv_csv_text){ .layout = fixture_layout(&w.arena, &riv_type_wc),
                               .columns = &columns,
                               .sep = ',' };
    check(&w, 4);
    check(&w, 7);
    expect_names(&w);
    check(&w, 5);
    riv__arena_fini(&w.arena);
}

static void lines_of_names_are_left_to_the_caller(void **state)
{
    static const char bytes[] = "key,val\na,1\nkey,val\r\nb,2\n";
    struct world *w = calloc(1, sizeof *w);
    struct text t = { calloc(1, sizeof bytes + RIV__SLACK), sizeof bytes - 1 };
    (void)state;
    memcpy(t.p, bytes, sizeof bytes);
    riv__arena_init(&w->arena, 0);
    w->csv = (struct riv_csv_text){ .layout =
                                        fixture_layout(&w->arena, &riv_type_wc),
                                    .sep = ',' };
    expect_names(w);
    by_text(w, riv__kernels(RIV__CPU_AVX512), t, 100);
    assert_int_equal(w->n, 2);
    riv__arena_fini(&w->arena);
    free(t.p);
    free(w);
}

typedef struct {
    char one[1], two[2], three[3];
} codes;
RIV_STRUCT(codes, one, two, three);

/* At which a char[N] would end: csv.h says so. */
static void a_nul_in_a_code_that_fills_its_field_is_odd(void **state)
{
    static const char lines[][10] = { "a,bc,def\n", "\0,bc,def\n",
                                      "a,\0c,def\n", "a,b\0,def\n",
                                      "a,bc,d\0f\n" };
    struct riv_arena arena;
    (void)state;
    riv__arena_init(&arena, 0);
    const struct riv_csv_text csv = {
        .layout = fixture_layout(&arena, &riv_type_codes), .sep = ','
    };
    for (size_t i = 0; i < RIV__LEN(lines); i++) {
        char *text = calloc(1, sizeof lines[i] + RIV__SLACK);
        codes row;
        assert_non_null(text);
        memcpy(text, lines[i], sizeof lines[i]);
        struct riv_csv_at at = { .p = text, .end = text + 9 };
        assert_int_equal(riv__csv_text(&csv, riv__kernels(RIV__CPU_PLAIN), &at,
                                       (char *)&row, 1),
                         i == 0);
        assert_ptr_equal(at.odd.p, i == 0 ? NULL : text);
        free(text);
    }
    riv__arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_the_lines),
        cmocka_unit_test(picked_columns_are_those_of_the_lines),
        cmocka_unit_test(lines_of_names_are_left_to_the_caller),
        cmocka_unit_test(a_nul_in_a_code_that_fills_its_field_is_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
