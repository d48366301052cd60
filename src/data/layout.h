/* data/layout.h - a record type, flattened: the list of leaf fields that every
 * loop over a type (hash, order, encode, text) walks, without recursion. Made
 * once per dataset when the graph is built, immutable afterwards, shared. */
#ifndef RIV_DATA_LAYOUT_H
#define RIV_DATA_LAYOUT_H

#include <string.h>

#include "data/type.h"

enum {
    RIV__LEAVES_MAX = 256,
    RIV__ROW_BYTES_MAX = 64 * 1024,
    RIV__ROW_ALIGN_MAX = 16
};

struct riv_leaf {
    const char *name; /* "key", "val.temp"; "value" of a plain type */
    uint32_t kind;    /* RIV_K_I64 .. RIV_K_CHARS */
    uint32_t offset;  /* in the row */
    uint32_t length;  /* bytes in the row (N of char[N]) */
};

struct riv_layout {
    const riv_type *type;
    uint32_t size, align;
    uint32_t nleaf, nstr;
    const struct riv_leaf *leaf;
    const uint32_t *str_offset; /* of the nstr riv_str leaves */
    uint32_t fixed_bytes;       /* encoded bytes but for string contents */
    bool is_plain;              /* encoded it is the bytes of the row */
};

/* The value of a field at any address. A row is bytes here, never a declared
 * object, so its fields are read by memcpy, which costs nothing. */
#define RIV__LOAD(type, at) \
    __extension__({ \
        type riv__loaded; \
        memcpy(&riv__loaded, (at), sizeof riv__loaded); \
        riv__loaded; \
    })

/* A layout in the arena; the type is borrowed as long. Refuses opaque types
 * (this version), too many leaves, too deep nesting, fields that do not fit
 * into their struct, rows above RIV__ROW_BYTES_MAX: RIV_ETYPE. */
int riv__layout_make(struct riv_arena *arena, const riv_type *type,
                     const struct riv_layout **ret, struct riv_err *err)
    RIV__MUST_USE;

#endif
