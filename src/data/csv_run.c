/* data/csv_run.c - see csv_run.h. */
#include "data/csv_run.h"

#include <string.h>

#include "base/macro.h"
#include "data/csv_field.h"

/* One field of all lines, and where it goes. */
struct column {
    const struct riv_leaf *leaf;
    struct riv_texts text;
    char *row;
    size_t size; /* of a row */
};

/* All of these return how many lines they read, up to the first odd one. */

static uint32_t put_each(const struct column *column)
{
    const struct riv_texts *text = &column->text;
    char *row = column->row;
    for (uint32_t i = 0; i < text->n; i++, row += column->size) {
        const riv_str s = riv__texts_at(text, i);
        if (!riv__csv_put(column->leaf, s.p, s.n, row))
            return i;
    }
    return text->n;
}

static uint32_t put_strings(const struct column *column)
{
    const struct riv_texts *text = &column->text;
    char *at = column->row + column->leaf->offset;
    for (uint32_t i = 0; i < text->n; i++, at += column->size) {
        const riv_str s = riv__texts_at(text, i);
        memcpy(at, &s, sizeof s);
    }
    return text->n;
}

/* Codes that fill their field, such as those of countries. */
static inline __attribute__((always_inline)) uint32_t put_codes(
    const struct column *column, size_t length)
{
    const struct riv_texts *text = &column->text;
    char *at = column->row + column->leaf->offset;
    bool odd = false;
    for (uint32_t i = 0; i < text->n; i++, at += column->size) {
        const riv_str s = riv__texts_at(text, i);
        odd |= s.n != length;
        for (size_t k = 0; k < length; k++)
            odd |= !s.p[k];
        memcpy(at, s.p, length);
    }
    return odd ? put_each(column) : text->n;
}

static uint32_t put_chars(const struct column *column)
{
    switch (column->leaf->length) {
    case 1: return put_codes(column, 1);
    case 2: return put_codes(column, 2);
    case 3: return put_codes(column, 3);
    default: return put_each(column);
    }
}

static bool has_minus(const struct riv_texts *text)
{
    bool any = false;
    for (uint32_t i = 0; i < text->n; i++)
        any |= *riv__texts_at(text, i).p == '-';
    return any;
}

static bool is_unsigned(const struct riv_leaf *leaf)
{
    return leaf->kind == RIV_K_U64 || leaf->kind == RIV_K_U32;
}

/* Of 64 bits. */
static uint32_t put_wide(const struct column *column,
                         const struct riv_kernels *kernels)
{
    const struct riv_texts *text = &column->text;
    if (!kernels->numbers(text, column->row + column->leaf->offset,
                          column->size) ||
        (is_unsigned(column->leaf) && has_minus(text)))
        return put_each(column);
    return text->n;
}

/* Of 32. */
static uint32_t put_narrow(const struct column *column,
                           const struct riv_kernels *kernels)
{
    const bool minus = !is_unsigned(column->leaf);
    const int64_t least = minus ? INT32_MIN : 0;
    const int64_t most = minus ? INT32_MAX : UINT32_MAX;
    const struct riv_texts *text = &column->text;
    int64_t v[RIV__CSV_RUN_LINES];
    if (!kernels->numbers(text, (char *)v, sizeof *v) ||
        (!minus && has_minus(text)))
        return put_each(column);
    bool odd = false;
    char *at = column->row + column->leaf->offset;
    for (uint32_t i = 0; i < text->n; i++, at += column->size) {
        odd |= (v[i] < least) | (v[i] > most);
        memcpy(at, &(uint32_t){ (uint32_t)v[i] }, sizeof(uint32_t));
    }
    return odd ? put_each(column) : text->n;
}

static uint32_t column_put(const struct column *column,
                           const struct riv_kernels *kernels)
{
    switch (column->leaf->kind) {
    case RIV_K_STR: return put_strings(column);
    case RIV_K_CHARS: return put_chars(column);
    case RIV_K_I64:
    case RIV_K_U64: return put_wide(column, kernels);
    case RIV_K_I32:
    case RIV_K_U32: return put_narrow(column, kernels);
    default: return put_each(column);
    }
}

size_t riv__csv_run(const struct riv_csv_run *run,
                    const struct riv_kernels *kernels, char *rows)
{
    const struct riv_csv_columns *columns = run->columns;
    const uint32_t wanted = columns ? columns->n : run->layout->nleaf;
    struct column column = { .text = run->field,
                             .row = rows,
                             .size = run->layout->size };
    for (uint32_t i = 0; i < wanted; i++, column.text.mark++) {
        const uint32_t k = columns ? columns->leaf[i] : i;
        if (columns && k == RIV__CSV_NO_LEAF)
            continue;
        column.leaf = &run->layout->leaf[k];
        column.text.n = column_put(&column, kernels);
    }
    return column.text.n;
}
