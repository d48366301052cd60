/* tests/fuzz/types.h - the records that bytes are read as: every kind of field
 * there is, and layouts that are made once. */
#ifndef FUZZ_TYPES_H
#define FUZZ_TYPES_H

#include <string.h>

#include "base/buf.h"
#include "data/encode.h"
#include "data/fixture_all.h"
#include "data/layout.h"
#include "fuzz/fuzz.h"

typedef struct {
    riv_str name;
    int64_t n;
} small;
RIV_STRUCT(small, name, n);

union types_row {
    all all;
    small small;
    riv_str str;
};

enum { TYPES = 3 };

/* Made at the first call, and kept. */
static inline const struct riv_layout *types_layout(unsigned which)
{
    static const riv_type *const type[TYPES] = { &riv_type_all, &riv_type_small,
                                                 &riv__type_str };
    static const struct riv_layout *layout[TYPES];
    static struct riv_arena arena;
    which %= TYPES;
    if (!layout[which]) {
        if (!arena.piece_bytes)
            riv__arena_init(&arena, 0);
        FUZZ_CHECK(
            riv__layout_make(&arena, type[which], &layout[which], NULL) == 0);
    }
    return layout[which];
}

/* The bytes of a row, behind those that are there. */
static inline void types_encode(const struct riv_layout *layout,
                                const union types_row *row, struct riv_buf *to)
{
    const size_t n = riv__encode_bytes(layout, row);
    char *at = riv__buf_room(to, n);
    FUZZ_CHECK(at != NULL);
    FUZZ_CHECK(riv__encode_row(layout, row, at) == at + n);
    to->n += n;
}

static inline void types_same(const struct riv_layout *layout,
                              const union types_row *a,
                              const union types_row *b)
{
    struct riv_buf x, y;
    riv__buf_init(&x, 0);
    riv__buf_init(&y, 0);
    types_encode(layout, a, &x);
    types_encode(layout, b, &y);
    FUZZ_CHECK(x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
    riv__buf_fini(&x);
    riv__buf_fini(&y);
}

/* A copy with the readable bytes behind it that kernels want; the arena's. */
static inline riv_str types_padded(struct riv_arena *arena,
                                   struct fuzz_bytes from)
{
    char *p = riv__arena_alloc(arena, from.n + RIV__SLACK);
    FUZZ_CHECK(p != NULL);
    memset(p + from.n, '\n', RIV__SLACK);
    if (from.n > 0)
        memcpy(p, from.p, from.n);
    return (riv_str){ p, from.n };
}

#endif
