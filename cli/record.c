/* cli/record.c - see record.h. */
#include "record.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int cut_blanks(riv_str line, riv_str *field, int most)
{
    const char *p = line.p, *end = line.p + line.n;
    int n = 0;
    while (n < most) {
        while (p < end && is_blank(*p))
            p++;
        if (p == end)
            break;
        const char *begin = p;
        while (p < end && !is_blank(*p))
            p++;
        field[n++] = (riv_str){ begin, (size_t)(p - begin) };
    }
    return n;
}

static int cut_tabs(riv_str line, riv_str *field, int most)
{
    int n = 0;
    while (n < most && riv_cut(&line, '\t', &field[n]))
        n++;
    return n;
}

/* Where `close` stands, or the end. A quote behind a backslash closes nothing. */
static size_t close_at(riv_str s, char close)
{
    size_t i = 0;
    for (; i < s.n && s.p[i] != close; i++)
        i += close == '"' && s.p[i] == '\\' && i + 1 < s.n;
    return i;
}

static bool is_dash(riv_str s)
{
    return s.n > 0 && s.p[0] == '-' && (s.n == 1 || s.p[1] == ' ');
}

/* One piece of a log's line: up to a blank; or in brackets or quotes, and then with
 * the blank behind it. What would be in quotes may be a dash without. */
static bool take(riv_str *rest, char close, riv_str *field)
{
    if (close == '"' && is_dash(*rest))
        close = ' ';
    const size_t open = close != ' ';
    if (rest->n <= open || (open && *rest->p != (close == ']' ? '[' : '"')))
        return false;
    const riv_str s = { rest->p + open, rest->n - open };
    const size_t n = close_at(s, close);
    size_t used = open + n + (n < s.n) + open;
    used = used < rest->n ? used : rest->n;
    *field = (riv_str){ s.p, n };
    *rest = (riv_str){ rest->p + used, rest->n - used };
    return true;
}

/* Doubled quotes stay doubled: to undo them would take memory. */
static int cut_commas(riv_str rest, riv_str *field, int most)
{
    int n = 0;
    while (n < most && rest.p) {
        riv_str s;
        if (rest.n == 0 || *rest.p != '"') {
            riv_cut(&rest, ',', &field[n++]);
            continue;
        }
        size_t i = 1;
        for (; i < rest.n; i++)
            if (rest.p[i] == '"' &&
                (i + 1 == rest.n || rest.p[i + 1] != '"' || !++i))
                break;
        field[n++] = (riv_str){ rest.p + 1, i - 1 };
        rest = (riv_str){ rest.p + i, rest.n - i };
        riv_cut(&rest, ',', &s);
    }
    return n;
}

/* Its three words, of which some may be empty. */
static int cut_request(riv_str request, riv_str *field, int most)
{
    const int wanted = most < 3 ? most : 3;
    for (int k = cut_blanks(request, field, wanted); k < wanted; k++)
        field[k] = (riv_str){ request.p, 0 };
    return wanted;
}

/* 192.0.2.1 - - [time] "GET /path HTTP/1.1" 200 512 "referer" "agent" */
static int cut_combined(riv_str rest, riv_str *field, int most)
{
    static const char close[] = "   ]\"  \"\"";
    enum { REQUEST = 4 };
    int n = 0;
    for (size_t i = 0; close[i] && n < most; i++) {
        riv_str s;
        if (!take(&rest, close[i], &s))
            break;
        if (i == REQUEST)
            n += cut_request(s, field + n, most - n);
        else
            field[n++] = s;
    }
    return n;
}

int record_cut(enum query_format format, riv_str line, riv_str *field, int most)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    switch (format) {
    case QUERY_COMBINED: return cut_combined(line, field, most);
    case QUERY_CSV: return cut_commas(line, field, most);
    case QUERY_TSV: return cut_tabs(line, field, most);
    case QUERY_FIELDS: return cut_blanks(line, field, most);
    default: *field = line; return 1;
    }
}

static bool holds(riv_str text, riv_str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (memcmp(text.p + i, part.p, part.n) == 0)
            return true;
    return false;
}

static bool number_fits(const struct query_condition *c, double v)
{
    switch (c->relation) {
    case QUERY_LESS: return v < c->number;
    case QUERY_AT_MOST: return v <= c->number;
    case QUERY_MORE: return v > c->number;
    case QUERY_AT_LEAST: return v >= c->number;
    case QUERY_UNEQUAL: return v != c->number;
    default: return v == c->number;
    }
}

static bool text_fits(const struct query_condition *c, riv_str s)
{
    switch (c->relation) {
    case QUERY_EQUAL: return riv_eq(s, c->text);
    case QUERY_UNEQUAL: return !riv_eq(s, c->text);
    case QUERY_CONTAINS: return holds(s, c->text);
    default: return !holds(s, c->text);
    }
}

static bool fits(const struct query_condition *c, riv_str s)
{
    double v;
    if (!c->is_number)
        return text_fits(c, s);
    if (!riv_to_f64(s, &v))
        return c->relation == QUERY_UNEQUAL;
    return number_fits(c, v);
}

bool record_fits(const struct query *query, const riv_str *field)
{
    for (int i = 0; i < query->conditions; i++)
        if (!fits(&query->condition[i], field[query->condition[i].field]))
            return false;
    return true;
}
