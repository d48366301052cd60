/* data/schema.c - layouts as lines of text. The names of kinds are part of the
 * format: they never change. */
#include "data/schema.h"

#include <stdio.h>

#include "base/num.h"
#include "base/str.h"
#include "data/le.h"

static const struct kind {
    const char *name;
    uint32_t kind, bytes;
} kinds[] = {
    { "i64", RIV_K_I64, 8 },   { "i32", RIV_K_I32, 4 }, { "u64", RIV_K_U64, 8 },
    { "u32", RIV_K_U32, 4 },   { "f64", RIV_K_F64, 8 }, { "f32", RIV_K_F32, 4 },
    { "bool", RIV_K_BOOL, 1 }, { "str", RIV_K_STR, 0 },
};

char *riv__schema_kind(uint32_t kind, uint32_t length, char *dst, size_t room)
{
    const char *name = "?";
    for (size_t i = 0; i < RIV__LEN(kinds); i++)
        if (kinds[i].kind == kind)
            name = kinds[i].name;
    if (kind == RIV_K_CHARS)
        snprintf(dst, room, "char[%u]", length);
    else
        snprintf(dst, room, "%s", name);
    return dst;
}

void riv__schema_write(const struct riv_layout *layout, struct riv_buf *to)
{
    char kind[32];
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const struct riv_leaf *leaf = &layout->leaf[i];
        riv__buf_str(to, leaf->name);
        riv__buf_char(to, ' ');
        riv__buf_str(
            to, riv__schema_kind(leaf->kind, leaf->length, kind, sizeof kind));
        riv__buf_char(to, '\n');
    }
}

static bool read_kind(riv_str text, struct riv_schema_leaf *leaf)
{
    uint64_t n;
    for (size_t i = 0; i < RIV__LEN(kinds); i++) {
        if (!riv_eq(text, riv_cstr(kinds[i].name)))
            continue;
        leaf->kind = kinds[i].kind;
        leaf->length = kinds[i].bytes;
        return true;
    }
    if (text.n < 7 || !riv__str_starts(text, "char[") ||
        text.p[text.n - 1] != ']' ||
        !riv__num_u64(riv__str(text.p + 5, text.n - 6), &n) || n == 0 ||
        n > RIV__ROW_BYTES_MAX)
        return false;
    leaf->kind = RIV_K_CHARS;
    leaf->length = (uint32_t)n;
    return true;
}

static bool read_line(riv_str line, struct riv_schema_leaf *leaf)
{
    const char *blank = memchr(line.p, ' ', line.n);
    if (!blank)
        return false;
    leaf->name = riv__str(line.p, (size_t)(blank - line.p));
    return read_kind(riv__str(blank + 1, line.n - leaf->name.n - 1), leaf);
}

int riv__schema_read(struct riv_arena *arena, riv_str text,
                     struct riv_schema *ret, struct riv_err *err)
{
    const char *at = text.p, *end = text.p + text.n;
    *ret =
        (struct riv_schema){ .leaf = riv__arena_zalloc(
                                 arena, RIV__LEAVES_MAX * sizeof *ret->leaf) };
    if (!ret->leaf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a schema");
    while (at < end) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        if (!nl || ret->n == RIV__LEAVES_MAX ||
            !read_line(riv__str(at, (size_t)(nl - at)), &ret->leaf[ret->n++]))
            return riv__err_set(err, RIV_ECHECKPOINT,
                                "line %u of a schema is damaged", ret->n);
        at = nl + 1;
    }
    return 0;
}

const char *riv__schema_leaf(const struct riv_schema_leaf *leaf, const char *p,
                             const char *end, riv_str *ret)
{
    size_t n = leaf->length;
    if (leaf->kind == RIV_K_STR) {
        if (end - p < 4)
            return NULL;
        n = riv__le_get32(p);
        p += 4;
    }
    if ((size_t)(end - p) < n)
        return NULL;
    *ret = riv__str(p, n);
    return p + n;
}
