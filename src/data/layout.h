/* data/layout.h - a record type, flattened: the list of leaf fields that every
 * loop over a type (hash, order, encode, text) walks, without recursion. Made
 * once per dataset when the graph is built, immutable afterwards, shared. */
#ifndef RIV_DATA_LAYOUT_H
#define RIV_DATA_LAYOUT_H

#include "base/arena.h"
#include "base/err.h"

enum { RIV__LEAVES_MAX = 256, RIV__DEPTH_MAX = 8 };

struct riv_leaf {
    const char *name; /* "key", "val.temp" */
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
};

/* A layout in the arena. Refuses opaque types (this version), too many leaves,
 * too deep nesting, sizes that do not fit. */
int riv__layout_make(struct riv_arena *arena, const riv_type *type,
                     const struct riv_layout **ret, struct riv_err *err)
    RIV__MUST_USE;

/* Equal when kind, size and fields (names, kinds, offsets, lengths, versions,
 * nested types) are; the type's own name does not count. */
bool riv__type_equal(const riv_type *a, const riv_type *b);

/* "wc {key str, val i64}" for messages; at most room bytes with NUL. */
char *riv__type_show(const riv_type *type, char *dst, size_t room);

/* A fingerprint of the field table, the same on every machine. */
uint64_t riv__type_fingerprint(const riv_type *type);

/* A pair type { key, val } of two types, as RIV_PAIR would lay it out; in the
 * arena. NULL: no memory. */
const riv_type *riv__type_pair(struct riv_arena *arena, const riv_type *key,
                               const riv_type *val);

/* The built-in types, for the library's own datasets. */
extern const riv_type riv__type_i64, riv__type_f64, riv__type_str;

#endif
