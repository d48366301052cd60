/* data/type.h - type descriptions as programs give them (riv_type): walked
 * without recursion, compared, printed, fingerprinted, paired. The graph and
 * the messages use it; loops over rows use the flat form in layout.h. */
#ifndef RIV_DATA_TYPE_H
#define RIV_DATA_TYPE_H

#include "base/arena.h"
#include "base/err.h"

enum { RIV__DEPTH_MAX = 8 };

/* The built-in types, for the library's own datasets. */
extern const riv_type riv__type_i64, riv__type_f64, riv__type_str;

/* Equal when kind, size and fields (names, kinds, offsets, lengths, versions,
 * nested types) are; the type's own name does not count. Types deeper than
 * RIV__DEPTH_MAX equal only themselves. */
bool riv__type_equal(const riv_type *a, const riv_type *b);

/* "wc {key str, val i64}" for messages; at most room bytes with NUL. */
char *riv__type_show(const riv_type *type, char *dst, size_t room);

/* A fingerprint of the field table, the same on every machine: it does not
 * look at offsets and sizes, which the compiler chooses (docs/format.md). */
uint64_t riv__type_fingerprint(const riv_type *type);

/* A pair type { key, val } of two types, as RIV_PAIR would lay it out; in the
 * arena, the two types are borrowed. NULL: no memory. */
const riv_type *riv__type_pair(struct riv_arena *arena, const riv_type *key,
                               const riv_type *val);

/* "i64", "str", "struct": the word for a RIV_K_ number. */
const char *riv__kind_name(uint32_t kind);

/* Bytes of a scalar kind in a row; 0 for char[N], structs, unknown kinds. */
uint32_t riv__kind_size(uint32_t kind);

/* What the walk has reached. A plain type is one LEAF; a struct is an ENTER,
 * its fields, a LEAVE. */
enum riv_walk_event {
    RIV__WALK_DEEP = -1,
    RIV__WALK_END,
    RIV__WALK_ENTER,
    RIV__WALK_LEAF,
    RIV__WALK_LEAVE
};

struct riv_walk {
    const char *name;     /* of the field; NULL at the top */
    const riv_type *type; /* NULL for a plain field */
    uint32_t kind;        /* a leaf's scalar kind; RIV_K_STRUCT, RIV_K_PAIR */
    uint32_t offset;      /* in the whole row */
    uint32_t length;      /* bytes in the row */
    uint32_t index;       /* of the field in its struct */
    uint32_t depth;       /* structs entered and not yet left */
    const riv_type *top;  /* where to begin; NULL once begun */
    struct {
        const riv_type *type;
        const char *name;
        uint32_t next, offset;
    } level[RIV__DEPTH_MAX];
};

void riv__walk_init(struct riv_walk *walk, const riv_type *type);

/* The next event; after END or DEEP the same again. */
enum riv_walk_event riv__walk_next(struct riv_walk *walk);

#endif
