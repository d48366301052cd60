/* data/type.c - type descriptions: the walk over nested fields, equality, the
 * text for messages, the fingerprint that recovery compares, pairs made by the
 * library. Runs while a graph is built, never per record; checks of a program's
 * description belong to layout.c. */
#include "data/type.h"

#define XXH_INLINE_ALL
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "data/le.h"

const riv_type riv__type_i64 = {
    .struct_size = sizeof(riv_type),
    .kind = RIV_K_I64,
    .name = "i64",
    .size = sizeof(int64_t),
    .align = _Alignof(int64_t),
};
const riv_type riv__type_f64 = {
    .struct_size = sizeof(riv_type),
    .kind = RIV_K_F64,
    .name = "f64",
    .size = sizeof(double),
    .align = _Alignof(double),
};
const riv_type riv__type_str = {
    .struct_size = sizeof(riv_type),
    .kind = RIV_K_STR,
    .name = "str",
    .size = sizeof(riv_str),
    .align = _Alignof(riv_str),
};

static const struct {
    const char *name;
    uint32_t size;
} kinds[] = {
    [RIV_K_I64] = { "i64", sizeof(int64_t) },
    [RIV_K_I32] = { "i32", sizeof(int32_t) },
    [RIV_K_U64] = { "u64", sizeof(uint64_t) },
    [RIV_K_U32] = { "u32", sizeof(uint32_t) },
    [RIV_K_F64] = { "f64", sizeof(double) },
    [RIV_K_F32] = { "f32", sizeof(float) },
    [RIV_K_BOOL] = { "bool", sizeof(bool) },
    [RIV_K_STR] = { "str", sizeof(riv_str) },
    [RIV_K_CHARS] = { "char", 0 },
    [RIV_K_STRUCT] = { "struct", 0 },
    [RIV_K_PAIR] = { "pair", 0 },
    [RIV_K_OPAQUE] = { "opaque", 0 },
};

const char *riv__kind_name(uint32_t kind)
{
    const char *name = kind < RIV__LEN(kinds) ? kinds[kind].name : NULL;
    return name ? name : "unknown";
}

uint32_t riv__kind_size(uint32_t kind)
{
    return kind < RIV__LEN(kinds) ? kinds[kind].size : 0;
}

void riv__walk_init(struct riv_walk *walk, const riv_type *type)
{
    *walk = (struct riv_walk){ .top = type };
}

static bool is_struct(const riv_type *type)
{
    return type && (type->kind == RIV_K_STRUCT || type->kind == RIV_K_PAIR);
}

/* Arrives at the value described by the walk's members. */
static enum riv_walk_event arrive(struct riv_walk *walk)
{
    if (!is_struct(walk->type))
        return RIV__WALK_LEAF;
    if (walk->depth == RIV__DEPTH_MAX)
        return RIV__WALK_DEEP;
    walk->level[walk->depth].type = walk->type;
    walk->level[walk->depth].name = walk->name;
    walk->level[walk->depth].next = 0;
    walk->level[walk->depth].offset = walk->offset;
    walk->depth++;
    return RIV__WALK_ENTER;
}

static enum riv_walk_event leave(struct riv_walk *walk)
{
    walk->depth--;
    walk->type = walk->level[walk->depth].type;
    walk->name = walk->level[walk->depth].name;
    walk->kind = walk->type->kind;
    walk->offset = walk->level[walk->depth].offset;
    walk->length = walk->type->size;
    return RIV__WALK_LEAVE;
}

enum riv_walk_event riv__walk_next(struct riv_walk *walk)
{
    if (walk->top) {
        walk->type = RIV__TAKE(walk->top);
        walk->kind = walk->type->kind;
        walk->length = walk->type->size;
        return arrive(walk);
    }
    if (walk->depth == 0)
        return RIV__WALK_END;
    const riv_type *in = walk->level[walk->depth - 1].type;
    uint32_t index = walk->level[walk->depth - 1].next;
    if (index >= in->nfields || !in->fields)
        return leave(walk);
    const riv_field *field = &in->fields[index];
    walk->level[walk->depth - 1].next++;
    walk->index = index;
    walk->name = field->name;
    walk->type = field->type;
    walk->kind = field->type ? field->type->kind : field->kind;
    walk->length = field->type ? field->type->size : field->length;
    walk->offset = walk->level[walk->depth - 1].offset + field->offset;
    return arrive(walk);
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(const struct riv_walk *a, const struct riv_walk *b)
{
    uint32_t va = is_struct(a->type) ? a->type->version : 0;
    uint32_t vb = is_struct(b->type) ? b->type->version : 0;
    return a->kind == b->kind && a->offset == b->offset &&
           a->length == b->length && va == vb && same_name(a->name, b->name);
}

bool riv__type_equal(const riv_type *a, const riv_type *b)
{
    if (a == b || !a || !b)
        return a == b;
    struct riv_walk wa, wb;
    riv__walk_init(&wa, a);
    riv__walk_init(&wb, b);
    for (;;) {
        enum riv_walk_event ea = riv__walk_next(&wa);
        enum riv_walk_event eb = riv__walk_next(&wb);
        if (ea != eb || ea == RIV__WALK_DEEP)
            return false;
        if (ea == RIV__WALK_END)
            return true;
        if (!same_place(&wa, &wb))
            return false;
    }
}

struct text {
    char *dst;
    size_t n, room;
};

static void text_add(struct text *text, const char *s)
{
    while (*s && text->n + 1 < text->room)
        text->dst[text->n++] = *s++;
}

static void text_version(struct text *text, const riv_type *type)
{
    char v[16];
    if (type->version == 0)
        return;
    (void)snprintf(v, sizeof v, " v%u", (unsigned)type->version);
    text_add(text, v);
}

static void text_leaf(struct text *text, const struct riv_walk *walk)
{
    char n[16];
    text_add(text, riv__kind_name(walk->kind));
    if (walk->kind != RIV_K_CHARS)
        return;
    (void)snprintf(n, sizeof n, "[%u]", (unsigned)walk->length);
    text_add(text, n);
}

static void text_name(struct text *text, const struct riv_walk *walk)
{
    if (!walk->name)
        return;
    if (walk->index > 0)
        text_add(text, ", ");
    text_add(text, walk->name);
    text_add(text, " ");
}

char *riv__type_show(const riv_type *type, char *dst, size_t room)
{
    struct text text = { dst, 0, room };
    struct riv_walk walk;
    enum riv_walk_event event = RIV__WALK_END;
    if (room == 0)
        return dst;
    riv__walk_init(&walk, type);
    while (type && (event = riv__walk_next(&walk)) > RIV__WALK_END &&
           text.n + 1 < room) {
        if (event != RIV__WALK_LEAVE)
            text_name(&text, &walk);
        if (event == RIV__WALK_ENTER) {
            text_add(&text, walk.type->name ? walk.type->name : "struct");
            text_version(&text, walk.type);
            text_add(&text, " {");
        } else if (event == RIV__WALK_LEAF) {
            text_leaf(&text, &walk);
        } else {
            text_add(&text, "}");
        }
    }
    if (!type || event == RIV__WALK_DEEP)
        text_add(&text, type ? "..." : "nothing");
    dst[text.n] = '\0';
    return dst;
}

uint64_t riv__type_fingerprint(const riv_type *type)
{
    struct riv_walk walk;
    enum riv_walk_event event;
    uint64_t h = 0;
    riv__walk_init(&walk, type);
    do {
        event = riv__walk_next(&walk);
        const char *name = walk.name && event > RIV__WALK_END ? walk.name : "";
        unsigned char word[16];
        riv__le_put32(word, (uint32_t)event);
        riv__le_put32(word + 4, event > RIV__WALK_END ? walk.kind : 0);
        riv__le_put32(word + 8,
                      event == RIV__WALK_LEAF && walk.kind == RIV_K_CHARS
                          ? walk.length
                          : 0);
        riv__le_put32(word + 12,
                      event == RIV__WALK_ENTER ? walk.type->version : 0);
        h = XXH3_64bits_withSeed(name, strlen(name), h);
        h = XXH3_64bits_withSeed(word, sizeof word, h);
    } while (event > RIV__WALK_END);
    return h;
}

const riv_type *riv__type_pair(struct riv_arena *arena, const riv_type *key,
                               const riv_type *val)
{
    size_t align = RIV__MAX(key->align, val->align);
    size_t at = RIV__ALIGN_UP((size_t)key->size, val->align);
    size_t size = RIV__ALIGN_UP(at + val->size, align);
    riv_type *type = riv__arena_alloc(arena, sizeof *type);
    riv_field *field = riv__arena_alloc(arena, 2 * sizeof *field);
    if (!type || !field)
        return NULL;
    field[0] = (riv_field){ .name = "key", .type = key, .length = key->size };
    field[1] = (riv_field){
        .name = "val", .type = val, .offset = (uint32_t)at, .length = val->size
    };
    *type = (riv_type){
        .struct_size = sizeof *type,
        .kind = RIV_K_PAIR,
        .name = "pair",
        .size = (uint32_t)size,
        .align = (uint32_t)align,
        .nfields = 2,
        .fields = field,
    };
    return type;
}
