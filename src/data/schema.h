/* data/schema.h - a layout as text, for the journal and for people: a line for
 * each leaf, "NAME KIND", where KIND is i64 i32 u64 u32 f64 f32 bool str or
 * char[N]; in the order of the encoding. A type without leaves is "". In the
 * journal a line "version N" stands in front of a key's that has one. */
#ifndef RIV_DATA_SCHEMA_H
#define RIV_DATA_SCHEMA_H

#include "base/buf.h"
#include "data/layout.h"

struct riv_schema_leaf {
    riv_str name;
    uint32_t kind;   /* RIV_K_* */
    uint32_t length; /* encoded bytes; of a str 0 */
};

struct riv_schema {
    struct riv_schema_leaf *leaf;
    uint32_t n;
};

void riv__schema_write(const struct riv_layout *layout, struct riv_buf *to);

/* Reads such a text, which it borrows; the list is the arena's. RIV_ECHECKPOINT:
 * it is damaged. */
int riv__schema_read(struct riv_arena *arena, riv_str text,
                     struct riv_schema *ret, struct riv_err *err) RIV__MUST_USE;

/* "i64", "char[16]"; returns dst. */
char *riv__schema_kind(uint32_t kind, uint32_t length, char *dst, size_t room);

/* Reads one leaf from [p, end): its bytes (of a str without the length) and the
 * end, or NULL: it ends inside it. */
const char *riv__schema_leaf(const struct riv_schema_leaf *leaf, const char *p,
                             const char *end, riv_str *ret);

#endif
