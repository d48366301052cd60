/* tests/fuzz/kernels.c - the loops over text: every level of the machine finds
 * the same in the same bytes. */
#include "data/kernels.h"
#include "fuzz/types.h"

enum { ROWS = 64, LEVELS = 3 };

static const struct riv_kernels *level(unsigned i)
{
    return riv__kernels((enum riv_cpu)i);
}

static void same_marks(riv_str text, char a, char b)
{
    static uint32_t at[2][RIV__STRIP_MARKS];
    const uint32_t n =
        (uint32_t)(text.n < RIV__STRIP_BYTES ? text.n : RIV__STRIP_BYTES);
    for (unsigned i = 1; i < LEVELS; i++) {
        uint64_t lines[2] = { 0 };
        bool quotes[2] = { false };
        uint32_t m[2];
        for (unsigned k = 0; k < 2; k++)
            m[k] = level(k * i)->blanks(text.p, n, at[k], &lines[k]);
        FUZZ_CHECK(m[0] == m[1] && lines[0] == lines[1]);
        FUZZ_CHECK(memcmp(at[0], at[1], m[0] * sizeof *at[0]) == 0);
        for (unsigned k = 0; k < 2; k++)
            m[k] = level(k * i)->marks(text.p, n, a, b, at[k]);
        FUZZ_CHECK(m[0] == m[1]);
        FUZZ_CHECK(memcmp(at[0], at[1], m[0] * sizeof *at[0]) == 0);
        for (unsigned k = 0; k < 2; k++)
            m[k] = level(k * i)->csv(text.p, n, a, at[k], &quotes[k]);
        FUZZ_CHECK(m[0] == m[1] && quotes[0] == quotes[1]);
        FUZZ_CHECK(memcmp(at[0], at[1], m[0] * sizeof *at[0]) == 0);
    }
}

/* Those between separators: most are none, and then it does not matter what lies
 * at `to`. */
static void same_numbers(riv_str text, char sep)
{
    static uint32_t at[1 + RIV__STRIP_MARKS] = { UINT32_MAX };
    int64_t to[2][1];
    const uint32_t n =
        (uint32_t)(text.n < RIV__STRIP_BYTES ? text.n : RIV__STRIP_BYTES);
    const uint32_t m = level(0)->marks(text.p, n, sep, '\n', at + 1);
    for (uint32_t from = 0; from < m; from++) {
        const struct riv_texts texts = { text.p, at + 1 + from, 1, 1 };
        for (unsigned i = 1; i < LEVELS; i++) {
            bool fine[2];
            for (unsigned k = 0; k < 2; k++)
                fine[k] = level(k * i)->numbers(&texts, (char *)to[k], 8);
            FUZZ_CHECK(fine[0] == fine[1]);
            FUZZ_CHECK(!fine[0] || to[0][0] == to[1][0]);
        }
    }
}

struct found {
    riv_str row[FUZZ_BYTES_MAX + ROWS];
    size_t n;
    uint64_t lines;
};

/* In calls of a few rows: each level may stop where it likes. A literal of no
 * bytes asks for a field. */
static void find_all(const struct riv_kernels *k, riv_str text, riv_str literal,
                     char sep, uint32_t field, struct found *to)
{
    const char *p = text.p, *end = text.p + text.n;
    to->n = 0;
    to->lines = 0;
    while (p < end)
        to->n += literal.n > 0 ? k->contains(&p, end, literal, to->row + to->n,
                                             ROWS, &to->lines)
                               : k->fields(&p, end, sep, field, to->row + to->n,
                                           ROWS, &to->lines);
    FUZZ_CHECK(p == end);
}

/* text: whole lines. */
static void same_lines(riv_str text, riv_str literal, char sep, uint32_t field)
{
    static struct found found[2];
    const char *end = text.p + text.n;
    for (unsigned i = 0; i < LEVELS; i++) {
        find_all(level(i), text, literal, sep, field, &found[i > 0]);
        FUZZ_CHECK(literal.n == 0 || level(i)->find(text.p, end, literal) ==
                                         level(0)->find(text.p, end, literal));
        if (i == 0)
            continue;
        FUZZ_CHECK(found[0].n == found[1].n);
        FUZZ_CHECK(found[0].lines == found[1].lines);
        for (size_t r = 0; r < found[0].n; r++)
            FUZZ_CHECK(found[0].row[r].p == found[1].row[r].p &&
                       found[0].row[r].n == found[1].row[r].n);
    }
}

static void one(const unsigned char *p, size_t n)
{
    struct fuzz_bytes in = { p, n };
    const char sep = (char)(fuzz_byte(&in) % 2 ? ',' : ' ');
    const char other = (char)fuzz_byte(&in);
    const uint32_t field = 1 + fuzz_byte(&in) % 9;
    size_t length = fuzz_byte(&in) % 20;
    struct riv_arena arena;
    char literal[20];
    size_t m = 0;
    while (length-- > 0 && in.n > 0) {
        const char c = (char)fuzz_byte(&in);
        if (c != '\n')
            literal[m++] = c;
    }
    riv__arena_init(&arena, 0);
    riv_str text = types_padded(&arena, in);
    same_marks(text, sep, other);
    same_numbers(text, sep);
    while (text.n > 0 && text.p[text.n - 1] != '\n')
        text.n--;
    same_lines(text, (riv_str){ literal, m }, sep, field);
    riv__arena_fini(&arena);
}

const struct fuzz_target fuzz_target = { "kernels", 20000, one };
