/* data/csv_text.c - see csv_text.h. A strip ends with its last whole line; what
 * is left of it is marked again with the next. */
#include "data/csv_text.h"

#include <string.h>

#include "base/macro.h"
#include "data/csv_run.h"

/* The marks of a strip: where fields end, the last of a line with its newline.
 * at[-1] + 1 is where the first begins: 0. */
struct marks {
    const char *strip;
    const uint32_t *at;
    uint32_t n;
};

/* The fields of the line whose first ends at mark i; 0: the strip ends within. */
static inline uint32_t fields_of(const struct marks *marks, uint32_t i)
{
    for (uint32_t k = i; k < marks->n; k++)
        if (marks->strip[marks->at[k]] == '\n')
            return k + 1 - i;
    return 0;
}

/* What would be a name, in a line of names. */
static inline riv_str names_field(const struct riv_csv_text *csv,
                                  const struct marks *marks, uint32_t i)
{
    const uint32_t *end = marks->at + i + csv->names->first;
    const uint32_t begin = end[-1] + 1; /* 0 behind UINT32_MAX */
    return (riv_str){ marks->strip + begin, *end - begin };
}

/* Is the line for the caller to look at? It may be names, then, too. */
static inline bool is_odd(const struct riv_csv_text *csv,
                          const struct marks *marks, uint32_t i,
                          uint32_t fields)
{
    const char *line = marks->strip + (uint32_t)(marks->at[(int64_t)i - 1] + 1);
    const char *nl = marks->strip + marks->at[i + fields - 1];
    if (csv->columns ? fields < csv->columns->n : fields != csv->layout->nleaf)
        return true;
    if (nl > line && nl[-1] == '\r')
        return true;
    return csv->names &&
           riv__csv_names_any(csv->names, names_field(csv, marks, i),
                              (riv_str){ line, (size_t)(nl - line) });
}

/* How many lines from mark i on have so many fields and are not odd. The first is
 * asked for once more, though the caller knows it: without that a sum over CSV
 * takes 0.8 % fewer instructions with gcc 12 and 2.5 % more with clang 14. */
static uint32_t run_of(const struct riv_csv_text *csv,
                       const struct marks *marks, uint32_t i, uint32_t fields,
                       size_t max)
{
    const size_t most = RIV__MIN(max, (size_t)RIV__CSV_RUN_LINES);
    uint32_t n = 0;
    while (n < most && fields_of(marks, i) == fields &&
           !is_odd(csv, marks, i, fields)) {
        i += fields;
        n++;
    }
    return n;
}

/* What was read up to the end of the line that has its newline at `nl`. */
static void move(struct riv_csv_at *at, const char *nl, size_t lines)
{
    at->p = nl + 1;
    at->lines += lines;
}

/* The line at at->p goes to csv.h. */
static void set_odd(struct riv_csv_at *at, const char *nl)
{
    at->odd = (riv_str){ at->p, (size_t)(nl - at->p) };
    move(at, nl, 1);
}

/* The lines that end in a strip without quotes, at most `max`. */
static size_t strip_read(const struct riv_csv_text *csv,
                         const struct riv_kernels *kernels,
                         struct riv_csv_at *at, const struct marks *marks,
                         char *row, size_t max)
{
    size_t rows = 0;
    for (uint32_t i = 0, fields;
         rows < max && (fields = fields_of(marks, i)) > 0;) {
        const uint32_t lines = run_of(csv, marks, i, fields, max - rows);
        const struct riv_csv_run run = { csv->layout,
                                         csv->columns,
                                         { marks->strip, marks->at + i, fields,
                                           lines } };
        const size_t n =
            lines > 0
                ? riv__csv_run(&run, kernels, row + rows * csv->layout->size)
                : 0;
        i += (uint32_t)n * fields;
        rows += n;
        if (n > 0)
            move(at, marks->strip + marks->at[i - 1], n);
        if (RIV__RARELY(n < lines || lines == 0)) {
            set_odd(at, marks->strip + marks->at[i + fields - 1]);
            break;
        }
    }
    return rows;
}

size_t riv__csv_text(const struct riv_csv_text *csv,
                     const struct riv_kernels *kernels, struct riv_csv_at *at,
                     char *rows, size_t max)
{
    uint32_t mark[1 + RIV__STRIP_MARKS];
    size_t n = 0;
    mark[0] = UINT32_MAX;
    at->odd = (riv_str){ NULL, 0 };
    while (at->p < at->end && !at->odd.p && n < max) {
        const char *strip = at->p;
        const size_t left = (size_t)(at->end - strip);
        const uint32_t bytes =
            (uint32_t)RIV__MIN(left, (size_t)RIV__STRIP_BYTES);
        bool quotes = false;
        const struct marks marks = { strip, mark + 1,
                                     kernels->csv(strip, bytes, csv->sep,
                                                  mark + 1, &quotes) };
        char *row = rows + n * csv->layout->size;
        if (!quotes)
            n += strip_read(csv, kernels, at, &marks, row, max - n);
        if (at->p == strip) /* quotes, or a line longer than a strip */
            set_odd(at, memchr(strip, '\n', left));
    }
    return n;
}
