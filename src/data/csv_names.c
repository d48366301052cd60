/* data/csv_names.c - see csv_names.h. */
#include "data/csv_names.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "base/str.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name(riv_str s, const char *name)
{
    if (s.n != strlen(name))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (lower(s.p[i]) != lower(name[i]))
            return false;
    return true;
}

/* Of the letters of a name, the same for capitals. */
static uint32_t letter_bit(char c)
{
    return UINT32_C(1) << ((unsigned char)c & 31);
}

static uint64_t length_bit(size_t n)
{
    return UINT64_C(1) << RIV__MIN(n, (size_t)63);
}

void riv__csv_names_init(struct riv_csv_names *names,
                         const struct riv_layout *layout,
                         const struct riv_csv_columns *columns, char sep)
{
    *names = (struct riv_csv_names){ .layout = layout,
                                     .columns = columns,
                                     .sep = sep };
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const char *name = layout->leaf[i].name;
        names->letters |= letter_bit(*name);
        names->lengths |= length_bit(strlen(name));
    }
    while (columns && columns->leaf[names->first] == RIV__CSV_NO_LEAF)
        names->first++;
}

static bool is_any(const struct riv_csv_names *names, riv_str field)
{
    const riv_str s = riv__str_unmarked(field);
    if (s.n == 0 || !(names->letters & letter_bit(*s.p)) ||
        !(names->lengths & length_bit(s.n)))
        return false;
    for (uint32_t i = 0; i < names->layout->nleaf; i++)
        if (is_name(s, names->layout->leaf[i].name))
            return true;
    return false;
}

/* The next name of a line; *rest moves on, its p NULL behind the last. */
static riv_str next_name(riv_str *rest, char sep)
{
    const char *stop = memchr(rest->p, sep, rest->n);
    riv_str s = { rest->p, stop ? (size_t)(stop - rest->p) : rest->n };
    rest->n -= stop ? s.n + 1 : s.n;
    rest->p = stop ? stop + 1 : NULL;
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        s = (riv_str){ s.p + 1, s.n - 2 };
    return s;
}

static riv_str names_of(riv_str line)
{
    line = riv__str_unmarked(line);
    line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
    return line.n > 0 ? line : riv_cstr("");
}

/* The columns of a line. */
static uint32_t count_names(riv_str line, char sep)
{
    uint32_t n = 0;
    for (riv_str rest = names_of(line); rest.p; n++)
        (void)next_name(&rest, sep);
    return n;
}

/* The first column, from 0, that has the name; UINT32_MAX: none. */
static uint32_t column_of(riv_str line, char sep, const char *name)
{
    riv_str rest = names_of(line);
    for (uint32_t c = 0; rest.p; c++)
        if (is_name(next_name(&rest, sep), name))
            return c;
    return UINT32_MAX;
}

/* Of field i: does column c give it? */
static bool is_read_from(const struct riv_csv_columns *columns, uint32_t i,
                         uint32_t c)
{
    return columns ? c < columns->n && columns->leaf[c] == i : c == i;
}

/* Nearly all lines end here. */
static bool begins(const struct riv_csv_names *names, riv_str line)
{
    riv_str rest = names_of(line), field = { NULL, 0 };
    for (uint32_t c = 0; c <= names->first; c++) {
        if (!rest.p)
            return false;
        field = next_name(&rest, names->sep);
    }
    return is_any(names, field);
}

enum riv_csv_named riv__csv_names(const struct riv_csv_names *names,
                                  riv_str line)
{
    const struct riv_layout *layout = names->layout;
    bool in_place = true;
    if (!begins(names, line))
        return RIV__CSV_NO_NAMES;
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const uint32_t c = column_of(line, names->sep, layout->leaf[i].name);
        if (c == UINT32_MAX)
            return RIV__CSV_NO_NAMES;
        in_place &= is_read_from(names->columns, i, c);
    }
    if (!names->columns && count_names(line, names->sep) > layout->nleaf)
        return RIV__CSV_NAMES_ELSEWHERE;
    return in_place ? RIV__CSV_NAMES : RIV__CSV_NAMES_ELSEWHERE;
}

bool riv__csv_names_any(const struct riv_csv_names *names, riv_str field,
                        riv_str line)
{
    return is_any(names, field) &&
           riv__csv_names(names, line) != RIV__CSV_NO_NAMES;
}

char *riv__csv_names_format(const struct riv_csv_names *names, riv_str line,
                            char *dst, size_t room)
{
    size_t n = (size_t)snprintf(dst, room, "csv");
    for (uint32_t i = 0; i < names->layout->nleaf && n < room; i++) {
        const uint32_t c =
            column_of(line, names->sep, names->layout->leaf[i].name);
        n += (size_t)snprintf(dst + n, room - n, "%c%u", i > 0 ? ',' : ':',
                              (unsigned)c + 1);
    }
    return dst;
}
