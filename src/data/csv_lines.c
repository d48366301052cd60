/* data/csv_lines.c - see csv_lines.h. Of each line the marks are where it begins
 * and where the wanted fields end, so that all have equally many, whatever
 * follows. */
#include "data/csv_lines.h"

#include <string.h>

#include "base/macro.h"
#include "data/csv_run.h"

enum {
    MARKS = 2 * RIV__STRIP_MARKS, /* of the lines that are taken at once */
    MOST = RIV__CSV_RUN_LINES,    /* of these lines */
    APART = INT32_MAX,            /* most that they are from each other */
    AGAIN =
        8, /* lines that are taken anew behind an odd one, and those before */
};

/* Marks of lines that were taken, relative to the first of them. */
struct taken {
    const char *base;
    uint32_t mark[MARKS];
    uint32_t used, fields; /* fields: of a line */
};

void riv__csv_lines_init(struct riv_csv_lines *lines,
                         const struct riv_csv_text *csv)
{
    *lines = (struct riv_csv_lines){ .csv = *csv, .most = MOST };
}

static uint32_t wanted(const struct riv_csv_text *csv)
{
    return csv->columns ? csv->columns->n : csv->layout->nleaf;
}

/* One '\r' at the end is not data. */
static riv_str unreturned(riv_str line)
{
    line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
    return line;
}

/* May its marks stand among those that were taken? */
static bool fits(const struct taken *taken, riv_str line)
{
    return line.n > 0 && line.n <= RIV__STRIP_BYTES && line.p >= taken->base &&
           line.p - taken->base < APART &&
           taken->used + 1 + line.n + 64 <= MARKS;
}

/* Fields end at the first `n` separators, the last at the line's end if it has one
 * less. A newline within a line is no end. */
static bool ends_of(const struct riv_csv_text *csv, riv_str line,
                    uint32_t *mark, uint32_t found, uint32_t n)
{
    if (found + 1 < n || (!csv->columns && found + 1 != n))
        return false;
    mark[found] = (uint32_t)line.n;
    bool odd = false;
    for (uint32_t i = 0; i < RIV__MIN(found, n); i++)
        odd |= line.p[mark[i]] == '\n';
    return !odd;
}

static bool is_names(const struct riv_csv_names *names, riv_str line,
                     const uint32_t *mark)
{
    const uint32_t begin = names->first > 0 ? mark[names->first - 1] + 1 : 0;
    const riv_str field = { line.p + begin, mark[names->first] - begin };
    return riv__csv_names_any(names, field, line);
}

/* Takes a line's marks; false: it is odd, or there is no room. */
static bool take(const struct riv_csv_text *csv,
                 const struct riv_kernels *kernels, struct taken *taken,
                 riv_str line)
{
    bool quotes = false;
    if (!fits(taken, line))
        return false;
    uint32_t *mark = taken->mark + taken->used;
    const uint32_t at = (uint32_t)(line.p - taken->base);
    const uint32_t found =
        kernels->csv(line.p, (uint32_t)line.n, csv->sep, mark + 1, &quotes);
    if (quotes || !ends_of(csv, line, mark + 1, found, taken->fields) ||
        (csv->names && is_names(csv->names, line, mark + 1)))
        return false;
    mark[0] = at - 1; /* of the first line UINT32_MAX */
    for (uint32_t i = 1; i <= taken->fields; i++)
        mark[i] += at;
    taken->used += 1 + taken->fields;
    return true;
}

size_t riv__csv_lines(struct riv_csv_lines *lines,
                      const struct riv_kernels *kernels, const riv_str *line,
                      size_t n, char *rows)
{
    const struct riv_csv_text *csv = &lines->csv;
    struct taken taken;
    size_t done = 0;
    while (done < n) {
        const size_t most = RIV__MIN(n - done, lines->most);
        uint32_t k = 0;
        taken.base = line[done].p;
        taken.used = 0;
        taken.fields = wanted(csv);
        while (k < most &&
               take(csv, kernels, &taken, unreturned(line[done + k])))
            k++;
        const struct riv_csv_run run = { csv->layout,
                                         csv->columns,
                                         { taken.base, taken.mark + 1,
                                           1 + taken.fields, k } };
        const size_t read =
            k > 0 ? riv__csv_run(&run, kernels, rows + done * csv->layout->size)
                  : 0;
        done += read;
        lines->most =
            RIV__MIN(read < k ? read + AGAIN : 2 * lines->most, (size_t)MOST);
        if (read < k || k == 0)
            break;
    }
    return done;
}
