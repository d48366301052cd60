/* table.c - which layout of a hash table is quicker on this machine: entries in
 * place or an index over dense entries, at loads of 1/2, 1/4 and 1/8, with keys
 * uniform and zipf 0.99, steady (all keys known) and fresh (emptied for every
 * batch). Variants take turns; the least of many runs counts. The sums of all
 * variants must be equal, or it says so and fails. See README.md.
 *   table [words|ints|fresh|all] [RUNS] [small] */
#include <math.h>
#include <time.h>

#include "limit/table.h"

bool limit_huge = true;

enum { LAYOUTS = 2, LOADS = 3, CELLS = LAYOUTS * LOADS };

static double now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static uint64_t seed = 42;

static uint64_t draw(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Ranks from 0 to n - 1; zipf by the inverse of a continuous law, which is near
 * enough to compare layouts with. */
static uint32_t draw_rank(uint32_t n, double s)
{
    double u = (double)(draw() >> 11) * 0x1p-53;
    if (s <= 0)
        return (uint32_t)(u * n);
    double top = pow((double)n + 1, 1 - s);
    double x = pow(u * (top - 1) + 1, 1 / (1 - s)) - 1;
    return x >= n ? n - 1 : (uint32_t)x;
}

/* Scatters ranks so that hot keys are not neighbours (n: a power of two). */
static uint32_t scatter(uint32_t rank, uint32_t n)
{
    return (rank * 2654435769u) & (n - 1);
}

/* ------------------------------------------------------------ the data */

struct text {
    char *p;
    uint32_t *start; /* of word i; its end is start[i + 1] - 1 */
    size_t n;
};

/* Words of 3 to 9 letters, distinct for distinct numbers. */
static size_t spell(char *to, uint32_t number)
{
    size_t n = 0;
    uint32_t left = number;
    do {
        to[n++] = (char)('a' + left % 22);
        left /= 22;
    } while (left > 0);
    to[n++] = 'z';
    for (uint32_t more = (number * 2654435769u) >> 30; more > 0; more--)
        to[n++] = 'y';
    to[n++] = ' ';
    return n;
}

static struct text text_new(size_t n, uint32_t keys, double s)
{
    struct text text = { limit_map(n * 16 + LIMIT_SLACK),
                         limit_map((n + 1) * sizeof *text.start), n };
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        text.start[i] = (uint32_t)at;
        at += spell(text.p + at, scatter(draw_rank(keys, s), keys));
    }
    text.start[n] = (uint32_t)at;
    return text;
}

static struct limit_int *ints_new(size_t n, uint32_t keys, double s)
{
    struct limit_int *row = limit_map(n * sizeof *row);
    for (size_t i = 0; i < n; i++)
        row[i] = (struct limit_int){ scatter(draw_rank(keys, s), keys),
                                     (int64_t)(draw() & 1023) };
    return row;
}

/* -------------------------------------------------------- the variants */

LIMIT_INLINE void text_keys(const struct text *text, size_t from, size_t n,
                            struct limit_key *key)
{
    for (size_t i = 0; i < n; i++)
        limit_key_make(&key[i], text->p + text->start[from + i],
                       text->start[from + i + 1] - text->start[from + i] - 1);
}

static __attribute__((noinline)) void run_winl(struct limit_winl *tab,
                                               const struct text *text,
                                               size_t from, size_t to)
{
    struct limit_key key[LIMIT_GROUP];
    for (size_t i = from; i < to; i += LIMIT_GROUP) {
        size_t n = to - i < LIMIT_GROUP ? to - i : LIMIT_GROUP;
        text_keys(text, i, n, key);
        limit_winl_group(tab, key, n);
    }
}

static __attribute__((noinline)) void run_wden(struct limit_wden *tab,
                                               const struct text *text,
                                               size_t from, size_t to)
{
    struct limit_key key[LIMIT_GROUP];
    for (size_t i = from; i < to; i += LIMIT_GROUP) {
        size_t n = to - i < LIMIT_GROUP ? to - i : LIMIT_GROUP;
        text_keys(text, i, n, key);
        limit_wden_group(tab, key, n);
    }
}

static __attribute__((noinline)) void run_iinl(struct limit_iinl *tab,
                                               const struct limit_int *row,
                                               size_t n)
{
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        limit_iinl_group(tab, row + i,
                         n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
}

static __attribute__((noinline)) void run_iden(struct limit_iden *tab,
                                               const struct limit_int *row,
                                               size_t n)
{
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        limit_iden_group(tab, row + i,
                         n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
}

static void keep_least(double *least, double ns)
{
    if (*least == 0 || ns < *least)
        *least = ns;
}

static void print_row(const char *what, size_t keys, double s, size_t n,
                      const double *ns)
{
    printf("| %s | %zu | %s |", what, keys, s > 0 ? "zipf" : "uniform");
    for (int i = 0; i < CELLS; i++)
        printf(" %.1f |", ns[i] / (double)n);
    printf("\n");
    fflush(stdout);
}

static int steady_words(uint32_t keys, double s, size_t n, int runs)
{
    struct text text = text_new(n, keys, s);
    struct limit_winl inl[LOADS];
    struct limit_wden den[LOADS];
    double least[CELLS] = { 0 };
    for (int k = 0; k < LOADS; k++) {
        limit_winl_init(&inl[k], (size_t)keys << (k + 1), 1);
        limit_wden_init(&den[k], (size_t)keys << (k + 1), 1);
        run_winl(&inl[k], &text, 0, n);
        run_wden(&den[k], &text, 0, n);
    }
    int bad = 0;
    for (int r = 0; r < runs; r++)
        for (int k = 0; k < LOADS; k++) {
            double t0 = now_ns();
            run_winl(&inl[k], &text, 0, n);
            double t1 = now_ns();
            run_wden(&den[k], &text, 0, n);
            keep_least(&least[k], t1 - t0);
            keep_least(&least[LOADS + k], now_ns() - t1);
            bad |= inl[k].count != den[k].count;
        }
    print_row("words", keys, s, n, least);
    for (int k = 0; k < LOADS; k++) {
        limit_winl_fini(&inl[k]);
        limit_wden_fini(&den[k]);
    }
    limit_unmap(text.p, n * 16 + LIMIT_SLACK);
    limit_unmap(text.start, (n + 1) * sizeof *text.start);
    return bad;
}

static int steady_ints(uint32_t keys, double s, size_t n, int runs)
{
    struct limit_int *row = ints_new(n, keys, s);
    struct limit_iinl inl[LOADS];
    struct limit_iden den[LOADS];
    double least[CELLS] = { 0 };
    for (int k = 0; k < LOADS; k++) {
        limit_iinl_init(&inl[k], (size_t)keys << (k + 1), 1);
        limit_iden_init(&den[k], (size_t)keys << (k + 1), 1);
        run_iinl(&inl[k], row, n);
        run_iden(&den[k], row, n);
    }
    int bad = 0;
    for (int r = 0; r < runs; r++)
        for (int k = 0; k < LOADS; k++) {
            double t0 = now_ns();
            run_iinl(&inl[k], row, n);
            double t1 = now_ns();
            run_iden(&den[k], row, n);
            keep_least(&least[k], t1 - t0);
            keep_least(&least[LOADS + k], now_ns() - t1);
            bad |= inl[k].count != den[k].count;
        }
    print_row("ints", keys, s, n, least);
    for (int k = 0; k < LOADS; k++) {
        limit_iinl_fini(&inl[k]);
        limit_iden_fini(&den[k]);
    }
    limit_unmap(row, n * sizeof *row);
    return bad;
}

/* Batches of `batch` words of 2^17 zipf 1.0 keys, each into an emptied table
 * whose size the keys of a batch need at each load. */
static int fresh_words(size_t batch, int runs)
{
    enum { KEYS = 1 << 17 };
    size_t n = (size_t)4 << 20;
    struct text text = text_new(n, KEYS, 0.999);
    struct limit_winl inl[LOADS];
    struct limit_wden den[LOADS];
    double least[CELLS] = { 0 };
    struct limit_winl probe;
    limit_winl_init(&probe, KEYS * 4, 1);
    run_winl(&probe, &text, 0, batch);
    size_t keys = 64;
    while (keys < probe.count)
        keys *= 2;
    limit_winl_fini(&probe);
    for (int k = 0; k < LOADS; k++) {
        limit_winl_init(&inl[k], keys << (k + 1), 1);
        limit_wden_init(&den[k], keys << (k + 1), 1);
    }
    int bad = 0;
    for (int r = 0; r < runs; r++)
        for (int k = 0; k < LOADS; k++) {
            double t0 = now_ns();
            for (size_t i = 0; i + batch <= n; i += batch) {
                limit_winl_reset(&inl[k]);
                run_winl(&inl[k], &text, i, i + batch);
            }
            double t1 = now_ns();
            for (size_t i = 0; i + batch <= n; i += batch) {
                limit_wden_reset(&den[k]);
                run_wden(&den[k], &text, i, i + batch);
            }
            keep_least(&least[k], t1 - t0);
            keep_least(&least[LOADS + k], now_ns() - t1);
            bad |= inl[k].count != den[k].count;
        }
    char what[64];
    snprintf(what, sizeof what, "fresh, %zu words a batch", batch);
    print_row(what, keys, 1, n / batch * batch, least);
    return bad;
}

static int steady(const char *what, int runs)
{
    bool all = strcmp(what, "all") == 0;
    int bad = 0;
    for (int bits = 10; bits <= 23; bits += bits == 10 ? 4 : 3)
        for (int zipf = 0; zipf < 2; zipf++) {
            size_t n = (size_t)(bits > 20 ? 16 : 4) << 20;
            double s = zipf ? 0.99 : 0;
            if (all || strcmp(what, "words") == 0)
                bad |= steady_words(1u << bits, s, n, runs);
            if (all || strcmp(what, "ints") == 0)
                bad |= steady_ints(1u << bits, s, n, runs);
        }
    return bad;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "all";
    int runs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 7;
    limit_huge = !(argc > 3 && strcmp(argv[3], "small") == 0);
    printf("ns an operation | keys | | inline 1/2 | 1/4 | 1/8 | dense 1/2 | "
           "1/4 | 1/8 |\n");
    int bad = strcmp(what, "fresh") == 0 ? 0 : steady(what, runs);
    if (strcmp(what, "all") == 0 || strcmp(what, "fresh") == 0)
        for (size_t batch = 10 << 10; batch <= (size_t)2560 << 10; batch *= 16)
            bad |= fresh_words(batch, runs);
    if (bad)
        fprintf(stderr, "table: the layouts disagree\n");
    return bad;
}
