/* data/json_shape.c - a shape learned from a line, and values put into a row. */
#include "data/json_shape.h"

#include <string.h>

#include "base/num.h"

/* A line on its way into a shape. `gap` is where the bytes begin that the next
 * part begins with. */
struct learning {
    struct riv_json_shape *shape;
    const struct riv_simd_node *node;
    const char *p, *end, *gap;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool at(struct learning *l, char c)
{
    while (l->p < l->end && is_blank(*l->p))
        l->p++;
    if (l->p == l->end || *l->p != c)
        return false;
    l->p++;
    return true;
}

/* Of a string that has begun; false: it has an escape. */
static bool text_end(struct learning *l)
{
    while (l->p < l->end && *l->p != '"' && *l->p != '\\')
        l->p++;
    return l->p < l->end && *l->p == '"';
}

static bool part_add(struct learning *l, enum riv_json_kind kind)
{
    struct riv_json_shape *shape = l->shape;
    const uint32_t n = (uint32_t)(l->p - l->gap);
    if (shape->n == RIV__SHAPE_VALUES || n > RIV__SHAPE_BYTES - shape->used)
        return false;
    shape->part[shape->n] =
        (struct riv_json_part){ .at = shape->used, .bytes = n, .kind = kind };
    memcpy(shape->bytes + shape->used, l->gap, n);
    shape->used += n;
    return true;
}

static enum riv_json_kind kind_of(const struct riv_simd_node *node)
{
    switch (node->kind) {
    case RIV_K_STR:
    case RIV_K_CHARS: return RIV__JSON_TEXT;
    case RIV_K_BOOL: return RIV__JSON_WORD;
    default: return RIV__JSON_NUMBER;
    }
}

/* Is the value of a name wanted? False: it is, and no shape can have it: an
 * object, or one that comes again. */
static bool wanted_add(struct learning *l, riv_str name,
                       enum riv_json_kind kind)
{
    struct riv_json_shape *shape = l->shape;
    for (uint32_t i = 0; i < l->node->n; i++) {
        const struct riv_simd_node *node = l->node + l->node->first + i;
        if (node->name_bytes != name.n ||
            memcmp(node->name, name.p, name.n) != 0)
            continue;
        for (uint32_t k = 0; k < shape->nwanted; k++)
            if (shape->wanted[k].node == node)
                return false;
        if (node->n > 0 || kind_of(node) != kind)
            return false;
        shape->wanted[shape->nwanted].value = shape->n;
        shape->wanted[shape->nwanted++].node = node;
    }
    return true;
}

/* The value that has been read is as long in other lines, until one says no. */
static void guess_put(struct learning *l)
{
    struct riv_json_part *part = &l->shape->part[l->shape->n - 1];
    const char *from = l->gap + part->bytes;
    const size_t n = l->p ? (size_t)(l->p - from) : 0;
    part->guess = n <= RIV__SHAPE_GUESS ? (uint32_t)n : 0;
}

/* The value that begins at p, behind its quote if it has one. */
static bool value_learn(struct learning *l, riv_str name)
{
    enum riv_json_kind kind = RIV__JSON_NUMBER;
    const bool quoted = at(l, '"');
    if (quoted)
        kind = RIV__JSON_TEXT;
    else if (l->p < l->end && (*l->p == 't' || *l->p == 'f' || *l->p == 'n'))
        kind = RIV__JSON_WORD;
    if (!part_add(l, kind) || !wanted_add(l, name, kind))
        return false;
    l->shape->n++;
    if (quoted)
        text_end(l);
    else
        l->p = kind == RIV__JSON_WORD ? riv__json_word_end(l->p, l->end)
                                      : riv__json_number_end(l->p, l->end);
    guess_put(l);
    l->gap = l->p;
    return l->p && l->p < l->end && (*l->p == '"') == quoted;
}

static bool member_learn(struct learning *l)
{
    if (!at(l, '"'))
        return false;
    riv_str name = { l->p, 0 };
    if (!text_end(l))
        return false;
    name.n = (size_t)(l->p - name.p);
    l->p++;
    if (!at(l, ':') || !value_learn(l, name))
        return false;
    l->p += *l->p == '"';
    return true;
}

static bool line_learn(struct learning *l)
{
    if (!at(l, '{'))
        return false;
    do {
        if (!member_learn(l))
            return false;
    } while (at(l, ','));
    if (!at(l, '}'))
        return false;
    l->p = l->end;
    return part_add(l, RIV__JSON_WORD) && l->shape->nwanted == l->node->n;
}

void riv__json_shape_learn(struct riv_json_shape *shape,
                           const struct riv_simd_node *node, riv_str line)
{
    if (shape->wait > 0) {
        shape->wait--;
        return;
    }
    shape->back_off =
        RIV__MIN(2 * shape->back_off + 1, (uint32_t)RIV__SHAPE_WAIT);
    shape->wait = shape->back_off - 1;
    shape->n = shape->nwanted = shape->used = 0;
    struct learning l = { .shape = shape,
                          .node = node,
                          .p = line.p,
                          .end = line.p + line.n,
                          .gap = line.p };
    shape->settling = RIV__SHAPE_SETTLE;
    if (!line_learn(&l))
        shape->n = 0;
}

void riv__json_shape_settle(struct riv_json_shape *shape, const riv_str *value)
{
    shape->settling--;
    for (uint32_t i = 0; i < shape->n; i++)
        if (value[i].n != shape->part[i].guess)
            shape->part[i].guess = 0;
}

/* ------------------------------------------------------------------ values */

static bool put_number(const struct riv_simd_node *node, riv_str s, char *at)
{
    int64_t v;
    double f;
    switch (node->kind) {
    case RIV_K_I64:
        if (!riv__num_i64(s, &v))
            return false;
        memcpy(at, &v, sizeof v);
        return true;
    case RIV_K_U64:
        if (!riv__num_i64(s, &v) || v < 0)
            return false;
        memcpy(at, &v, sizeof v);
        return true;
    case RIV_K_I32:
        if (!riv__num_i64(s, &v) || v != (int32_t)v)
            return false;
        memcpy(at, &(int32_t){ (int32_t)v }, sizeof(int32_t));
        return true;
    case RIV_K_F64:
        if (!riv__num_f64(s, &f))
            return false;
        memcpy(at, &f, sizeof f);
        return true;
    default: return false;
    }
}

static bool put_text(const struct riv_simd_node *node, riv_str s, char *at)
{
    if (node->kind == RIV_K_STR) {
        memcpy(at, &s, sizeof s);
        return true;
    }
    if (s.n > node->length)
        return false;
    memcpy(at, s.p, s.n);
    memset(at + s.n, 0, node->length - s.n);
    return true;
}

static bool put_word(riv_str s, char *at)
{
    const bool v = *s.p == 't';
    memcpy(at, &v, sizeof v);
    return *s.p != 'n';
}

bool riv__json_shape_put(const struct riv_json_shape *shape,
                         const riv_str *value, char *row)
{
    for (uint32_t i = 0; i < shape->nwanted; i++) {
        const struct riv_simd_node *node = shape->wanted[i].node;
        const riv_str s = value[shape->wanted[i].value];
        char *to = row + node->offset;
        const enum riv_json_kind kind = kind_of(node);
        if (!(kind == RIV__JSON_TEXT     ? put_text(node, s, to)
              : kind == RIV__JSON_NUMBER ? put_number(node, s, to)
                                         : put_word(s, to)))
            return false;
    }
    return true;
}
