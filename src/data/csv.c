/* data/csv.c - rows from and to CSV. Reading is one pass: a field is parsed and
 * its end found together, by a short path per kind that takes what data mostly
 * looks like; all else (quotes, signs, exponents, mistakes) goes the long way,
 * where the messages are made. */
#include "data/csv.h"

#include <string.h>

#include "base/str.h"
#include "data/number.h"

enum { SHOW_BYTES = 40 }; /* of a wrong field in a message */

struct reader {
    const struct riv_layout *layout;
    const char *start, *end; /* of the line */
    struct riv_arena *arena;
    struct riv_err *err;
    char sep;
};

/* ------------------------------------------------ the short path, per kind
 * Each takes the field at p and returns its end, a separator or the end of the
 * line, or NULL: not so simple, nothing written. */

static const char *digits(const char *p, const char *end, uint64_t *v)
{
    uint64_t sum = *v;
    for (; p < end && (unsigned char)(*p - '0') <= 9; p++)
        sum = sum * 10 + (unsigned char)(*p - '0');
    *v = sum;
    return p;
}

static bool ends(const struct reader *r, const char *p)
{
    return p == r->end || *p == r->sep;
}

/* Up to 18 digits cannot overflow; more go the long way. */
static const char *short_i64(const struct reader *r, const char *p,
                             int64_t *ret)
{
    bool minus = p < r->end && *p == '-';
    const char *first = p + minus;
    uint64_t v = 0;
    p = digits(first, r->end, &v);
    if (p == first || p - first > 18 || !ends(r, p))
        return NULL;
    *ret = minus ? -(int64_t)v : (int64_t)v;
    return p;
}

/* Up to 15 digits and a power of ten up to 22 are exact doubles, so one
 * division rounds correctly ("How to Read Floating Point Numbers Accurately",
 * PLDI 1990). */
static const char *short_f64(const struct reader *r, const char *p, double *ret)
{
    static const double tens[] = {
        1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };
    bool minus = p < r->end && *p == '-';
    const char *first = p + minus;
    uint64_t v = 0;
    size_t fraction = 0;
    p = digits(first, r->end, &v);
    size_t count = (size_t)(p - first);
    if (p < r->end && *p == '.') {
        const char *point = p;
        p = digits(point + 1, r->end, &v);
        fraction = (size_t)(p - point - 1);
        count += fraction ? fraction : 16; /* "5." is not simple */
    }
    if (count == 0 || count > 15 || !ends(r, p))
        return NULL;
    double x = (double)v / tens[fraction];
    *ret = minus ? -x : x;
    return p;
}

static const char *short_str(const struct reader *r, const char *p,
                             riv_str *ret)
{
    if (p < r->end && *p == '"')
        return NULL;
    const char *at =
        p < r->end ? memchr(p, r->sep, (size_t)(r->end - p)) : NULL;
    at = at ? at : r->end;
    *ret = (riv_str){ p, (size_t)(at - p) };
    return at;
}

static const char *short_int(const struct reader *r, uint32_t kind,
                             const char *p, char *at)
{
    int64_t v = 0;
    p = short_i64(r, p, &v);
    if (!p)
        return NULL;
    if (kind == RIV_K_I64 || (kind == RIV_K_U64 && v >= 0)) {
        memcpy(at, &v, sizeof v);
    } else if (kind == RIV_K_I32 && v >= INT32_MIN && v <= INT32_MAX) {
        memcpy(at, &(int32_t){ (int32_t)v }, sizeof(int32_t));
    } else if (kind == RIV_K_U32 && v >= 0 && v <= UINT32_MAX) {
        memcpy(at, &(uint32_t){ (uint32_t)v }, sizeof(uint32_t));
    } else {
        return NULL;
    }
    return p;
}

static const char *short_field(const struct reader *r,
                               const struct riv_leaf *leaf, const char *p,
                               char *row)
{
    char *at = row + leaf->offset;
    double v;
    switch (leaf->kind) {
    case RIV_K_STR: return short_str(r, p, (riv_str *)(void *)at);
    case RIV_K_F64: return short_f64(r, p, (double *)(void *)at);
    case RIV_K_F32:
        p = short_f64(r, p, &v);
        if (p)
            memcpy(at, &(float){ (float)v }, sizeof(float));
        return p;
    case RIV_K_BOOL:
    case RIV_K_CHARS: return NULL;
    default: return short_int(r, leaf->kind, p, at);
    }
}

/* ------------------------------------------------------------ the long way */

static int wrong(const struct reader *r, const struct riv_leaf *leaf,
                 riv_str text, const char *why)
{
    char show[SHOW_BYTES];
    return riv__err_set(r->err, RIV_ERECORD, "field %s: '%s' %s", leaf->name,
                        riv__str_show(show, sizeof show, text), why);
}

/* The closing quote of the field whose opening quote is at p; NULL: none. */
static const char *closing(const char *p, const char *end, bool *ret_doubled)
{
    bool doubled = false;
    const char *q = p + 1;
    for (; (q = memchr(q, '"', (size_t)(end - q))); q += 2, doubled = true) {
        if (q + 1 == end || q[1] != '"')
            break;
    }
    *ret_doubled = doubled;
    return q;
}

static int unescape(struct riv_arena *arena, riv_str *s)
{
    char *to = riv__arena_bytes(arena, s->n);
    size_t n = 0;
    if (!to)
        return RIV_ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        to[n++] = s->p[i];
        i += s->p[i] == '"';
    }
    *s = (riv_str){ to, n };
    return 0;
}

/* The text of the field at *p, which then stands at its end. */
static int take(const struct reader *r, const struct riv_leaf *leaf,
                const char **p, riv_str *ret)
{
    const char *at = short_str(r, *p, ret);
    if (at) {
        *p = at;
        return 0;
    }
    bool doubled = false;
    riv_str rest = { *p, (size_t)(r->end - *p) };
    at = closing(*p, r->end, &doubled);
    if (!at)
        return wrong(r, leaf, rest, "has no closing quote in this line");
    if (!ends(r, at + 1))
        return wrong(r, leaf, rest, "goes on after its closing quote");
    *ret = (riv_str){ *p + 1, (size_t)(at - *p - 1) };
    *p = at + 1;
    return doubled ? unescape(r->arena, ret) : 0;
}

static const char *put_int(uint32_t kind, riv_str s, char *at)
{
    int64_t v = 0;
    uint64_t u = 0;
    bool is_signed = kind == RIV_K_I64 || kind == RIV_K_I32;
    bool fine = is_signed ? riv__num_i64(s, &v) : riv__num_u64(s, &u);
    if (!fine)
        return is_signed ? "is no whole number of 64 bits"
                         : "is no whole number from 0 to 2^64-1";
    if ((kind == RIV_K_I32 && (v < INT32_MIN || v > INT32_MAX)) ||
        (kind == RIV_K_U32 && u > UINT32_MAX))
        return "does not fit into 32 bits";
    if (kind == RIV_K_I64)
        memcpy(at, &v, sizeof v);
    else if (kind == RIV_K_U64)
        memcpy(at, &u, sizeof u);
    else
        memcpy(at, &(uint32_t){ (uint32_t)(is_signed ? (uint64_t)v : u) }, 4);
    return NULL;
}

static const char *put_float(uint32_t kind, riv_str s, char *at)
{
    double v = 0;
    if (!riv__num_f64(s, &v))
        return "is no number";
    if (kind == RIV_K_F64)
        memcpy(at, &v, sizeof v);
    else
        memcpy(at, &(float){ (float)v }, sizeof(float));
    return NULL;
}

static const char *put_bool(riv_str s, char *at)
{
    bool yes = riv_eq(s, riv_cstr("true")) || riv_eq(s, riv_cstr("1"));
    if (!yes && !riv_eq(s, riv_cstr("false")) && !riv_eq(s, riv_cstr("0")))
        return "is none of true, false, 1, 0";
    *at = yes;
    return NULL;
}

static const char *put_chars(const struct riv_leaf *leaf, riv_str s, char *at)
{
    if (s.n > leaf->length)
        return "is longer than the field";
    if (s.n > 0)
        memcpy(at, s.p, s.n);
    memset(at + s.n, 0, leaf->length - s.n);
    return NULL;
}

static int long_field(const struct reader *r, const struct riv_leaf *leaf,
                      const char **p, char *row)
{
    riv_str s;
    const char *why = NULL;
    char *at = row + leaf->offset;
    RIV__TRY(take(r, leaf, p, &s));
    switch (leaf->kind) {
    case RIV_K_STR: memcpy(at, &s, sizeof s); break;
    case RIV_K_CHARS: why = put_chars(leaf, s, at); break;
    case RIV_K_BOOL: why = put_bool(s, at); break;
    case RIV_K_F64:
    case RIV_K_F32: why = put_float(leaf->kind, s, at); break;
    default: why = put_int(leaf->kind, s, at);
    }
    return why ? wrong(r, leaf, s, why) : 0;
}

/* How many fields a line has, for messages. */
static size_t count_fields(const struct reader *r)
{
    size_t n = 1;
    bool doubled;
    riv_str s;
    for (const char *p = r->start;; p++, n++) {
        const char *at = short_str(r, p, &s);
        if (!at) {
            at = closing(p, r->end, &doubled);
            at = at ? short_str(r, at + 1, &s) : r->end;
            at = at ? at : r->end;
        }
        if (at == r->end)
            return n;
        p = at;
    }
}

static int miscount(const struct reader *r, uint32_t missing)
{
    const struct riv_layout *layout = r->layout;
    unsigned long has = count_fields(r);
    if (missing < layout->nleaf)
        return riv__err_set(r->err, RIV_ERECORD,
                            "the line has %lu of %u fields: field %s is "
                            "missing",
                            has, (unsigned)layout->nleaf,
                            layout->leaf[missing].name);
    return riv__err_set(r->err, RIV_ERECORD,
                        "the line has %lu fields, %u are expected: nothing "
                        "follows field %s",
                        has, (unsigned)layout->nleaf,
                        layout->leaf[layout->nleaf - 1].name);
}

int riv__csv_read(const struct riv_layout *layout, riv_str line, char sep,
                  void *row, struct riv_arena *arena, struct riv_err *err)
{
    if (layout->type->kind == RIV_K_STR) {
        memcpy(row, &line, sizeof line);
        return 0;
    }
    struct reader r = {
        .layout = layout, .arena = arena, .err = err, .sep = sep
    };
    r.start = line.n ? line.p : "";
    r.end = r.start + line.n;
    if (line.n && r.end[-1] == '\r')
        r.end--;
    const char *p = r.start;
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        if (i > 0 && p == r.end)
            return miscount(&r, i);
        p += i > 0;
        const char *end = short_field(&r, &layout->leaf[i], p, row);
        if (RIV__RARELY(!end))
            RIV__TRY(long_field(&r, &layout->leaf[i], &p, row));
        else
            p = end;
    }
    return p == r.end ? 0 : miscount(&r, layout->nleaf);
}

/* ------------------------------------------------------------------ writing */

static bool needs_quotes(riv_str s, char sep)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == sep || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static void write_str(struct riv_buf *buf, riv_str s, char sep)
{
    if (!needs_quotes(s, sep)) {
        riv__buf_add(buf, s.p, s.n);
        return;
    }
    riv__buf_char(buf, '"');
    while (s.n > 0) {
        const char *quote = memchr(s.p, '"', s.n);
        size_t n = quote ? (size_t)(quote - s.p) + 1 : s.n;
        riv__buf_add(buf, s.p, n);
        if (quote)
            riv__buf_char(buf, '"');
        s.p += n;
        s.n -= n;
    }
    riv__buf_char(buf, '"');
}

static void write_field(const struct riv_leaf *leaf, const char *row, char sep,
                        struct riv_buf *buf)
{
    const char *at = row + leaf->offset;
    if (leaf->kind == RIV_K_STR) {
        write_str(buf, RIV__LOAD(riv_str, at), sep);
    } else if (leaf->kind == RIV_K_CHARS) {
        write_str(buf, (riv_str){ at, strnlen(at, leaf->length) }, sep);
    } else {
        char *dst = riv__buf_room(buf, RIV__NUM_TEXT);
        if (dst)
            buf->n += riv__number_put(leaf->kind, at, dst);
    }
}

void riv__csv_write(const struct riv_layout *layout, const void *row, char sep,
                    struct riv_buf *buf)
{
    if (layout->type->kind == RIV_K_STR) {
        riv_str s = RIV__LOAD(riv_str, row);
        riv__buf_add(buf, s.p, s.n);
        riv__buf_char(buf, '\n');
        return;
    }
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        if (i > 0)
            riv__buf_char(buf, sep);
        write_field(&layout->leaf[i], row, sep, buf);
    }
    riv__buf_char(buf, '\n');
}
