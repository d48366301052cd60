/* data/csv_text.c - see csv_text.h. A strip ends with its last whole line; what
 * is left of it is marked again with the next. */
#include "data/csv_text.h"

#include <string.h>

#include "base/num.h"
#include "data/key.h"

/* ------------------------------------------------------------- one field */

/* The n <= 8 digits that the word begins with; shifted to its end, then joined
 * to pairs, fours, eight. False: some byte is no digit. */
static inline bool digits_of(uint64_t word, size_t n, uint64_t *ret)
{
    uint64_t v = le64toh(word) ^ UINT64_C(0x3030303030303030);
    v <<= 64 - 8 * n;
    if (((v + UINT64_C(0x7676767676767676)) | v) & UINT64_C(0x8080808080808080))
        return false; /* some byte is above 9 */
    v = v * 10 + (v >> 8);
    v = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
         ((v >> 16) & UINT64_C(0x000000ff000000ff)) *
             UINT64_C(0x0000271000000001)) >>
        32;
    *ret = (uint32_t)v;
    return true;
}

/* Whole numbers of up to 8 digits and a minus, by one load: what most are. 16
 * bytes from p on may be read. */
static inline bool short_number(const char *p, size_t n, int64_t *ret)
{
    const bool minus = *p == '-';
    uint64_t v;
    p += minus;
    n -= minus;
    if (n - 1 > 7 || !digits_of(riv__load8(p), n, &v))
        return false;
    *ret = (int64_t)(minus ? 0 - v : v);
    return true;
}

/* Of 9 to 16 digits: times, cards. Else any that there are. */
static __attribute__((noinline)) bool other_number(const char *p, size_t n,
                                                   int64_t *ret)
{
    uint64_t high, low;
    if (n - 9 > 7 || !digits_of(riv__load8(p), n - 8, &high) ||
        !digits_of(riv__load8(p + n - 8), 8, &low))
        return riv__num_i64((riv_str){ p, n }, ret);
    *ret = (int64_t)(high * 100000000 + low);
    return true;
}

static inline bool whole_number(const char *p, size_t n, int64_t *ret)
{
    return RIV__LIKELY(short_number(p, n, ret)) || other_number(p, n, ret);
}

static bool put_int(const struct riv_leaf *leaf, const char *p, size_t n,
                    char *at)
{
    int64_t v = 0;
    if (!whole_number(p, n, &v)) /* of u64 the upper half is left to csv.h */
        return false;
    if ((leaf->kind == RIV_K_I32 && (v < INT32_MIN || v > INT32_MAX)) ||
        (leaf->kind == RIV_K_U32 && (v < 0 || v > UINT32_MAX)) ||
        (leaf->kind == RIV_K_U64 && (v < 0 || *p == '-')) ||
        (leaf->kind == RIV_K_U32 && *p == '-'))
        return false;
    if (leaf->length == sizeof v)
        memcpy(at, &v, sizeof v);
    else
        memcpy(at, &(int32_t){ (int32_t)v }, sizeof(int32_t));
    return true;
}

static bool put_chars(const struct riv_leaf *leaf, const char *p, size_t n,
                      char *at)
{
    size_t nuls = 0;
    if (n > leaf->length)
        return false;
    for (size_t i = 0; i < leaf->length; i++) {
        at[i] = i < n ? p[i] : '\0';
        nuls += !at[i];
    }
    return nuls == leaf->length - n; /* the field has none of its own */
}

static bool put_f64(const char *p, size_t n, char *at)
{
    double v;
    if (!riv__num_f64((riv_str){ p, n }, &v))
        return false;
    memcpy(at, &v, sizeof v);
    return true;
}

/* False: csv.h shall see to it. */
static inline bool put_field(const struct riv_leaf *leaf, const char *p,
                             size_t n, char *row)
{
    char *at = row + leaf->offset;
    int64_t v;
    switch (leaf->kind) {
    case RIV_K_STR: {
        const riv_str s = { p, n };
        memcpy(at, &s, sizeof s);
        return true;
    }
    case RIV_K_I64:
        if (!whole_number(p, n, &v))
            return false;
        memcpy(at, &v, sizeof v);
        return true;
    case RIV_K_I32:
    case RIV_K_U32:
    case RIV_K_U64: return put_int(leaf, p, n, at);
    case RIV_K_CHARS: return put_chars(leaf, p, n, at);
    case RIV_K_F64: return put_f64(p, n, at);
    default: return false;
    }
}

/* -------------------------------------------------------------- one line */

/* The marks of a line: where its fields end, the last with the newline. */
struct marks {
    const char *strip;
    const uint32_t *at;
    uint32_t n;
};

static inline bool all_fields(const struct riv_csv_text *csv, const char *p,
                              const struct marks *marks, char *row)
{
    const struct riv_layout *layout = csv->layout;
    if (marks->n != layout->nleaf)
        return false;
    bool fine = true;
    for (uint32_t i = 0; i < marks->n && fine; i++) {
        const char *stop = marks->strip + marks->at[i];
        fine = put_field(&layout->leaf[i], p, (size_t)(stop - p), row);
        p = stop + 1;
    }
    return fine;
}

static inline bool some_fields(const struct riv_csv_text *csv, const char *p,
                               const struct marks *marks, char *row)
{
    const struct riv_csv_columns *columns = csv->columns;
    if (marks->n < columns->n)
        return false;
    bool fine = true;
    for (uint32_t i = 0; i < columns->n && fine; i++) {
        const char *stop = marks->strip + marks->at[i];
        if (columns->leaf[i] != RIV__CSV_NO_LEAF)
            fine = put_field(&csv->layout->leaf[columns->leaf[i]], p,
                             (size_t)(stop - p), row);
        p = stop + 1;
    }
    return fine;
}

/* A line that may be names is for the caller to look at. */
static inline bool read_line(const struct riv_csv_text *csv, const char *line,
                             const struct marks *marks, char *row)
{
    const char *nl = marks->strip + marks->at[marks->n - 1];
    if (nl > line && nl[-1] == '\r')
        return false;
    if (csv->has_names &&
        riv__csv_names(csv->layout, csv->columns,
                       (riv_str){ line, (size_t)(nl - line) }, csv->sep))
        return false;
    return csv->columns ? some_fields(csv, line, marks, row)
                        : all_fields(csv, line, marks, row);
}

/* The line at at->p goes to csv.h. */
static void set_odd(struct riv_csv_at *at, const char *nl)
{
    at->odd = (riv_str){ at->p, (size_t)(nl - at->p) };
    at->p = nl + 1;
    at->lines++;
}

/* The lines that end in a strip without quotes, at most `max`. */
static size_t strip_read(const struct riv_csv_text *csv, struct riv_csv_at *at,
                         const struct marks *all, char *row, size_t max)
{
    const size_t size = csv->layout->size;
    const char *strip = all->strip;
    const uint32_t *mark = all->at, n = all->n;
    size_t rows = 0;
    for (uint32_t i = 0, k; i < n && rows < max; i = k + 1) {
        for (k = i; k < n && strip[mark[k]] != '\n';)
            k++;
        if (k == n)
            break;
        const struct marks marks = { strip, mark + i, k + 1 - i };
        if (RIV__RARELY(!read_line(csv, at->p, &marks, row))) {
            set_odd(at, strip + mark[k]);
            break;
        }
        at->p = strip + mark[k] + 1;
        at->lines++;
        row += size;
        rows++;
    }
    return rows;
}

size_t riv__csv_text(const struct riv_csv_text *csv,
                     const struct riv_kernels *kernels, struct riv_csv_at *at,
                     char *rows, size_t max)
{
    uint32_t mark[RIV__STRIP_MARKS];
    size_t n = 0;
    at->odd = (riv_str){ NULL, 0 };
    while (at->p < at->end && !at->odd.p && n < max) {
        const char *strip = at->p;
        const size_t left = (size_t)(at->end - strip);
        const uint32_t bytes =
            (uint32_t)RIV__MIN(left, (size_t)RIV__STRIP_BYTES);
        bool quotes = false;
        const struct marks marks = {
            strip, mark, kernels->csv(strip, bytes, csv->sep, mark, &quotes)
        };
        char *row = rows + n * csv->layout->size;
        if (!quotes)
            n += strip_read(csv, at, &marks, row, max - n);
        if (at->p == strip) /* quotes, or a line longer than a strip */
            set_odd(at, memchr(strip, '\n', left));
    }
    return n;
}
