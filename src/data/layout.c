/* data/layout.c - checks a type description and flattens it into leaves. The
 * only gate: what passes here is trusted by every loop over rows, so each way
 * in which a hand-written description can be wrong is refused in words. */
#include "data/layout.h"

#include <stdio.h>

enum { PATH_MAX_BYTES = 128 };

/* "val.temp": the structs entered and then `last`, NULL for none. Cut when
 * long; "value" when nothing has a name, which is so for plain types. */
static const char *path(const struct riv_walk *walk, const char *last,
                        char *dst)
{
    size_t n = 0;
    for (uint32_t d = 0; d <= walk->depth; d++) {
        const char *name = d < walk->depth ? walk->level[d].name : last;
        if (!name)
            continue;
        int k =
            snprintf(dst + n, PATH_MAX_BYTES - n, "%s%s", n ? "." : "", name);
        n = RIV__MIN(n + (size_t)RIV__MAX(k, 0), (size_t)PATH_MAX_BYTES - 1);
    }
    return n ? dst : "value";
}

static int refuse(struct riv_err *err, const struct riv_walk *walk,
                  const char *last, const char *why)
{
    char name[PATH_MAX_BYTES];
    return riv__err_set(err, RIV_ETYPE, "field %s: %s", path(walk, last, name),
                        why);
}

/* Both the end of the enclosing struct and that of the row bound a field. */
static const char *place_fault(const struct riv_walk *walk, uint32_t depth,
                               uint32_t align)
{
    if (align == 0 || (align & (align - 1)) || align > RIV__ROW_ALIGN_MAX)
        return "its alignment is not 1, 2, 4, 8 or 16";
    if (walk->offset % align)
        return "its offset is not aligned";
    if (walk->length == 0 || walk->length > RIV__ROW_BYTES_MAX)
        return "its size is 0 or above 64 KiB";
    if (depth == 0)
        return NULL;
    uint64_t end = (uint64_t)walk->level[depth - 1].offset +
                   walk->level[depth - 1].type->size;
    return (uint64_t)walk->offset + walk->length > end
               ? "it reaches beyond its struct"
               : NULL;
}

static int check_struct(const struct riv_walk *walk, struct riv_err *err)
{
    const riv_type *type = walk->type;
    const char *fault = place_fault(walk, walk->depth - 1, type->align);
    if (type->struct_size < sizeof *type)
        fault = "it is described for another version of the library";
    else if (type->nfields == 0 || !type->fields)
        fault = "a struct needs at least one field";
    else if (walk->depth > 1 && !walk->name)
        fault = "it has no name";
    else if (!fault && type->size % type->align)
        fault = "its size is no multiple of its alignment";
    else if (type->kind == RIV_K_PAIR &&
             (type->nfields != 2 || type->fields[0].offset != 0))
        fault = "a pair has two fields, and its key comes first";
    return fault ? refuse(err, walk, NULL, fault) : 0;
}

static int check_leaf(const struct riv_walk *walk, struct riv_err *err)
{
    uint32_t size = riv__kind_size(walk->kind);
    uint32_t align = walk->kind == RIV_K_STR ? _Alignof(riv_str)
                     : size                  ? size
                                             : 1;
    const char *fault = place_fault(walk, walk->depth, align);
    if (walk->kind == RIV_K_OPAQUE)
        fault = "opaque types are not in this version; use a struct";
    else if (walk->kind < RIV_K_I64 || walk->kind > RIV_K_CHARS)
        fault = "its kind is not one of RIV_K_I64 to RIV_K_CHARS";
    else if (size && walk->length != size)
        fault = "its length is not that of its kind";
    else if (walk->depth > 0 && !walk->name)
        fault = "it has no name";
    return fault ? refuse(err, walk, walk->name, fault) : 0;
}

/* The first walk: everything is checked and counted, nothing is made. */
static int count(struct riv_layout *layout, struct riv_err *err)
{
    struct riv_walk walk;
    enum riv_walk_event event;
    riv__walk_init(&walk, layout->type);
    while ((event = riv__walk_next(&walk)) > RIV__WALK_END) {
        if (event == RIV__WALK_ENTER)
            RIV__TRY(check_struct(&walk, err));
        if (event != RIV__WALK_LEAF)
            continue;
        RIV__TRY(check_leaf(&walk, err));
        if (++layout->nleaf > RIV__LEAVES_MAX)
            return refuse(err, &walk, walk.name, "more than 256 fields");
        layout->nstr += walk.kind == RIV_K_STR;
        layout->fixed_bytes += walk.kind == RIV_K_STR ? 4 : walk.length;
    }
    if (event == RIV__WALK_DEEP)
        return refuse(err, &walk, walk.name, "nested more than 8 deep");
    return 0;
}

/* The second walk; the arrays have the room that the first has counted. */
static int fill(struct riv_arena *arena, const riv_type *type,
                struct riv_leaf *leaf, uint32_t *str_offset)
{
    struct riv_walk walk;
    enum riv_walk_event event;
    char name[PATH_MAX_BYTES];
    riv__walk_init(&walk, type);
    while ((event = riv__walk_next(&walk)) > RIV__WALK_END) {
        if (event != RIV__WALK_LEAF)
            continue;
        leaf->kind = walk.kind;
        leaf->offset = walk.offset;
        leaf->length = walk.length;
        leaf->name = riv__arena_strdup(arena, path(&walk, walk.name, name));
        if (!leaf->name)
            return RIV_ENOMEM;
        if (leaf->kind == RIV_K_STR)
            *str_offset++ = leaf->offset;
        leaf++;
    }
    return 0;
}

/* No gaps, numbers and characters only, on a machine whose order of bytes is
 * that of the encoding. A bool may be any byte in memory. */
static bool is_plain(const struct riv_layout *layout)
{
    const uint32_t one = 1;
    uint32_t at = 0;
    if (*(const char *)&one != 1)
        return false;
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const struct riv_leaf *leaf = &layout->leaf[i];
        if (leaf->kind == RIV_K_BOOL || leaf->kind == RIV_K_STR ||
            leaf->offset != at)
            return false;
        at += leaf->length;
    }
    return at == layout->size;
}

int riv__layout_make(struct riv_arena *arena, const riv_type *type,
                     const struct riv_layout **ret, struct riv_err *err)
{
    if (!type)
        return riv__err_set(err, RIV_ETYPE, "there is no type");
    struct riv_layout made = {
        .type = type,
        .size = type->size,
        .align = type->align,
    };
    if (count(&made, err) < 0)
        return riv__err_prefix(err, "type %s",
                               type->name ? type->name : "without a name");
    struct riv_layout *layout = riv__arena_alloc(arena, sizeof *layout);
    struct riv_leaf *leaf = riv__arena_alloc(arena, made.nleaf * sizeof *leaf);
    uint32_t *str_offset =
        riv__arena_alloc(arena, (made.nstr + 1) * sizeof *str_offset);
    if (!layout || !leaf || !str_offset ||
        fill(arena, type, leaf, str_offset) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a type");
    made.leaf = leaf;
    made.str_offset = str_offset;
    made.is_plain = is_plain(&made);
    *layout = made;
    *ret = layout;
    return 0;
}
