/* tests/fuzz/csv.c - CSV: what is read can be written and read again as the
 * same; and whole text at once, at every level of the machine, gives the rows
 * that its lines one by one give. */
#include "data/csv.h"
#include "data/csv_text.h"
#include "fuzz/types.h"

enum { ROWS = 64 };

static void line(const struct riv_layout *layout, riv_str text, char sep)
{
    union types_row row, again;
    struct riv_arena arena;
    struct riv_buf out;
    struct riv_err err = { 0 };
    memset(&row, 0, sizeof row);
    memset(&again, 0, sizeof again);
    riv__arena_init(&arena, 0);
    riv__buf_init(&out, 0);
    const int rc = riv__csv_read(layout, text, sep, &row, &arena, &err);
    FUZZ_CHECK(rc == 0 || rc == RIV_ERECORD);
    FUZZ_CHECK(rc == 0 || err.text[0] != '\0');
    if (rc == 0) {
        riv__csv_write(layout, &row, sep, &out);
        FUZZ_CHECK(out.n > 0 && out.p[out.n - 1] == '\n');
        FUZZ_CHECK(riv__csv_read(layout, (riv_str){ out.p, out.n - 1 }, sep,
                                 &again, &arena, &err) == 0);
        types_same(layout, &row, &again);
    }
    riv__buf_fini(&out);
    riv__arena_fini(&arena);
}

/* Rows that the text gives, an odd line left to csv.h; returns how many. */
static size_t text_rows(const struct riv_csv_text *csv, enum riv_cpu cpu,
                        riv_str text, struct riv_arena *arena, char *rows)
{
    struct riv_csv_at at = { .p = text.p, .end = text.p + text.n };
    const size_t size = csv->layout->size;
    size_t n = 0;
    while (at.p < at.end && n < ROWS) {
        at.odd = (riv_str){ 0 };
        n += riv__csv_text(csv, riv__kernels(cpu), &at, rows + n * size,
                           ROWS - n);
        if (at.odd.p && n < ROWS &&
            riv__csv_read(csv->layout, at.odd, csv->sep, rows + n * size, arena,
                          NULL) == 0)
            n++;
    }
    return n;
}

static void levels(const struct riv_layout *layout, struct fuzz_bytes in,
                   char sep)
{
    const struct riv_csv_text csv = { .layout = layout, .sep = sep };
    static char rows[3][ROWS * sizeof(union types_row)];
    struct riv_arena arena;
    size_t n[3];
    riv__arena_init(&arena, 0);
    riv_str text = types_padded(&arena, in);
    /* Whole lines, as they are framed. */
    while (text.n > 0 && text.p[text.n - 1] != '\n')
        text.n--;
    for (int cpu = 0; cpu < 3; cpu++) {
        memset(rows[cpu], 0, sizeof rows[cpu]);
        n[cpu] = text_rows(&csv, (enum riv_cpu)cpu, text, &arena, rows[cpu]);
        FUZZ_CHECK(n[cpu] == n[0]);
        for (size_t i = 0; i < n[cpu]; i++)
            types_same(layout,
                       (const union types_row *)(rows[0] + i * layout->size),
                       (const union types_row *)(rows[cpu] + i * layout->size));
    }
    riv__arena_fini(&arena);
}

static void one(const unsigned char *p, size_t n)
{
    static const char seps[] = ",;\t|";
    struct fuzz_bytes in = { p, n };
    const unsigned what = fuzz_byte(&in);
    const struct riv_layout *layout = types_layout(fuzz_byte(&in));
    const char sep = seps[what / 2 % 4];
    const unsigned char *end = in.n ? memchr(in.p, '\n', in.n) : NULL;
    if (what % 2 == 0)
        line(layout,
             (riv_str){ (const char *)in.p, end ? (size_t)(end - in.p) : in.n },
             sep);
    else if (layout != types_layout(2))
        levels(layout, in, sep);
}

const struct fuzz_target fuzz_target = { "csv", 20000, one };
