/* cli/json_cut.c - see json_cut.h. One pass over the line, which checks all of its
 * form; what is open lies on a stack with a limit. */
#include "json_cut.h"

#include <string.h>

struct level {
    const char *begin; /* its bracket */
    char close;        /* which ends it */
    int field;         /* that it is; -1: none */
    size_t path_bytes; /* of the names around it */
};

struct scan {
    const struct query *query;
    const char *p, *end;
    struct level level[JSON_DEPTH_MAX];
    int depth;
    char path[QUERY_NAME_MAX]; /* "user.name" of what comes next */
    size_t path_bytes; /* as many as QUERY_NAME_MAX: too long to be any */
    riv_str *field;
    struct json_cut *ret;
};

static bool wrong(struct scan *s, const char *why)
{
    s->ret->why = why;
    return false;
}

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    blanks(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* ----------------------------------------------------------------- scalars */

static int hex_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at =
        c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* How many bytes the escape at p has; 0: it is none. */
static size_t escape_bytes(const char *p, const char *end)
{
    if (end - p < 2 || !p[1] || !strchr("\"\\/bfnrtu", p[1]))
        return 0;
    if (p[1] != 'u')
        return 2;
    for (int i = 2; i < 6; i++)
        if (end - p <= i || hex_of(p[i]) < 0)
            return 0;
    return 6;
}

/* Behind its first quote; moves behind the last. */
static bool text(struct scan *s, riv_str *ret, bool *ret_escaped)
{
    const char *begin = s->p;
    *ret_escaped = false;
    while (s->p < s->end && *s->p != '"') {
        const size_t n = *s->p == '\\' ? escape_bytes(s->p, s->end) : 1;
        if ((unsigned char)*s->p < ' ')
            return wrong(s, "a text has a control character that is not "
                            "escaped");
        if (n == 0)
            return wrong(s, "an escape in a text is wrong");
        *ret_escaped |= n > 1;
        s->p += n;
    }
    if (s->p == s->end)
        return wrong(s, "a text does not end");
    *ret = (riv_str){ begin, (size_t)(s->p - begin) };
    s->p++;
    return true;
}

static size_t digits(struct scan *s)
{
    const char *begin = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return (size_t)(s->p - begin);
}

static bool number(struct scan *s, riv_str *ret)
{
    const char *begin = s->p;
    s->p += *s->p == '-';
    const char *first = s->p;
    const size_t whole = digits(s);
    bool fine = whole > 0 && (whole == 1 || *first != '0');
    if (fine && s->p < s->end && *s->p == '.') {
        s->p++;
        fine = digits(s) > 0;
    }
    if (fine && s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        s->p += s->p < s->end && (*s->p == '+' || *s->p == '-');
        fine = digits(s) > 0;
    }
    *ret = (riv_str){ begin, (size_t)(s->p - begin) };
    return fine || wrong(s, "a number is wrong");
}

static bool word(struct scan *s, riv_str *ret)
{
    static const char *const words[] = { "true", "false", "null" };
    for (int i = 0; i < 3; i++) {
        const size_t n = strlen(words[i]);
        if ((size_t)(s->end - s->p) < n || memcmp(s->p, words[i], n) != 0)
            continue;
        *ret = (riv_str){ s->p, i < 2 ? n : 0 };
        s->p += n;
        return true;
    }
    return wrong(s, "a value is missing, or no text, number, true, false or "
                    "null");
}

/* ------------------------------------------------------------------ fields */

/* Which of the query's fields the path is. */
static int field_of(const struct scan *s)
{
    const riv_str path = { s->path, s->path_bytes };
    for (int i = 0; i < s->query->names && s->path_bytes < sizeof s->path; i++)
        if (riv_eq(riv_cstr(s->query->name[i]), path))
            return i;
    return -1;
}

static void put(struct scan *s, int field, riv_str value, bool escaped)
{
    const uint64_t bit = field < 0 ? 0 : UINT64_C(1) << field;
    if (field < 0)
        return;
    s->field[field] = value;
    s->ret->there |= bit;
    s->ret->escaped &= ~bit;
    s->ret->escaped |= escaped ? bit : 0;
}

static void path_add(struct scan *s, riv_str name)
{
    const size_t dot = s->path_bytes > 0, room = sizeof s->path;
    if (name.n >= room || s->path_bytes + dot + name.n >= room) {
        s->path_bytes = room;
        return;
    }
    if (dot)
        s->path[s->path_bytes] = '.';
    memcpy(s->path + s->path_bytes + dot, name.p, name.n);
    s->path_bytes += dot + name.n;
}

/* ----------------------------------------------------------- the whole line */

/* In an object the name and colon in front of a value. */
static bool name(struct scan *s)
{
    const struct level *level = &s->level[s->depth - 1];
    riv_str key;
    bool escaped;
    if (level->close == ']') {
        s->path_bytes = sizeof s->path; /* what is in an array has no name */
        return true;
    }
    if (!take(s, '"'))
        return wrong(s, "a name in quotes is missing");
    if (!text(s, &key, &escaped))
        return false;
    if (!take(s, ':'))
        return wrong(s, "a colon is missing behind a name");
    s->path_bytes = level->path_bytes;
    path_add(s, key);
    return true;
}

static bool open_level(struct scan *s, char close)
{
    if (s->depth == JSON_DEPTH_MAX)
        return wrong(s, "it is nested too deeply");
    s->level[s->depth] =
        (struct level){ .begin = s->p - 1,
                        .close = close,
                        .field = s->depth > 0 ? field_of(s) : -1,
                        .path_bytes = s->path_bytes };
    s->depth++;
    return true;
}

static void close_level(struct scan *s)
{
    const struct level *level = &s->level[--s->depth];
    const riv_str whole = { level->begin, (size_t)(s->p - level->begin) };
    put(s, level->field, whole, false);
}

static bool scalar(struct scan *s)
{
    riv_str value;
    bool escaped = false;
    blanks(s);
    const char c = s->p < s->end ? *s->p : '\0';
    const int field = field_of(s);
    if (take(s, '"')                         ? !text(s, &value, &escaped)
        : c == '-' || (c >= '0' && c <= '9') ? !number(s, &value)
                                             : !word(s, &value))
        return false;
    put(s, field, value, escaped);
    return true;
}

/* What stands behind a value: brackets that close, then a comma or the end. */
static bool behind(struct scan *s)
{
    while (s->depth > 0 && take(s, s->level[s->depth - 1].close))
        close_level(s);
    if (s->depth == 0 || (take(s, ',') && name(s)))
        return true;
    return s->ret->why ? false
                       : wrong(s, "a comma or a closing bracket is missing");
}

static bool value(struct scan *s)
{
    const bool is_object = take(s, '{');
    if (!is_object && !take(s, '['))
        return scalar(s) && behind(s);
    const char close = is_object ? '}' : ']';
    if (!open_level(s, close))
        return false;
    if (!take(s, close))
        return name(s);
    close_level(s);
    return behind(s);
}

static bool line_read(struct scan *s)
{
    blanks(s);
    if (s->p == s->end || *s->p != '{')
        return wrong(s, "it does not begin with {");
    do {
        if (!value(s))
            return false;
    } while (s->depth > 0);
    blanks(s);
    return s->p == s->end || wrong(s, "it goes on behind its end");
}

int json_cut(const struct query *query, riv_str line, riv_str *field,
             struct json_cut *ret)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8 */
    const bool has_mark = line.n >= 3 && memcmp(line.p, mark, 3) == 0;
    struct scan s = { .query = query, .field = field, .ret = ret };
    *ret = (struct json_cut){ .why = NULL };
    s.p = line.p + (has_mark ? 3 : 0);
    s.end = line.p + line.n;
    if (!line_read(&s))
        return -1;
    int i = 0;
    while (i < query->names && (ret->there & UINT64_C(1) << i))
        i++;
    return i;
}

/* ----------------------------------------------------------------- escapes */

static uint32_t unit_at(const char *p)
{
    uint32_t v = 0;
    for (int i = 2; i < 6; i++)
        v = v << 4 | (uint32_t)hex_of(p[i]);
    return v;
}

static size_t utf8_put(uint32_t c, char *dst)
{
    if (c < 0x80) {
        dst[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        dst[i] = (char)(0x80 | (c & 0x3f));
    dst[0] = (char)((0xf00U >> n & 0xf0) | c);
    return n;
}

/* The \u at p and, of a pair, the one behind it; moves behind them. */
static uint32_t point_take(const char **p, const char *end)
{
    const uint32_t first = unit_at(*p);
    *p += 6;
    if (first < 0xd800 || first > 0xdfff)
        return first;
    if (first > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return 0xfffd;
    const uint32_t second = unit_at(*p);
    if (second < 0xdc00 || second > 0xdfff)
        return 0xfffd;
    *p += 6;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

riv_str json_plain(riv_str s, char *dst)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *p = s.p, *end = s.p + s.n;
    size_t n = 0;
    while (p < end) {
        if (*p != '\\') {
            dst[n++] = *p++;
        } else if (p[1] == 'u') {
            n += utf8_put(point_take(&p, end), dst + n);
        } else {
            const char *at = strchr(from, p[1]);
            dst[n++] = at ? to[at - from] : p[1];
            p += 2;
        }
    }
    return (riv_str){ dst, n };
}
