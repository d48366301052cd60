/* data/fixture.h - record types and random rows for the tests of this folder,
 * always from a seed. Only *_test.c files include it. */
#ifndef RIV_DATA_FIXTURE_H
#define RIV_DATA_FIXTURE_H

#include "base/test.h"
#include "data/fixture_all.h"
#include "data/layout.h"

typedef struct {
    riv_str sensor;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, temp);

RIV_PAIR(wc, riv_str, int64_t);
RIV_PAIR(keyed, riv_str, reading);
RIV_PAIR(all_all, all, all);

static const riv_type *const fixture_types[] = {
    &riv_type_all,  &riv_type_wc,   &riv_type_keyed, &riv_type_all_all,
    &riv__type_str, &riv__type_i64, &riv__type_f64,
};

union fixture_row {
    all all;
    wc wc;
    keyed keyed;
    all_all all_all;
    riv_str str;
    int64_t i64;
    double f64;
};

static inline uint64_t fixture_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static inline const struct riv_layout *fixture_layout(struct riv_arena *arena,
                                                      const riv_type *type)
{
    const struct riv_layout *layout = NULL;
    struct riv_err err = { 0 };
    if (riv__layout_make(arena, type, &layout, &err) < 0)
        fail_msg("%s", err.text);
    return layout;
}

/* Values that are close to each other and to the edges, so that rows are often
 * equal in some fields. */
static inline double fixture_f64(uint64_t *seed)
{
    static const double edge[] = { 0.0,  -0.0,   1.5,    -1.5, 1e300,
                                   0.1,  5e-324, 1e-10,  3.25, 123456.789,
                                   -0.1, 2.0,    1 / 3.0 };
    uint64_t r = fixture_next(seed);
    double zero = edge[0];
    if (r % 16 == 13)
        return r & 256 ? zero / zero : -(zero / zero);
    if (r % 16 == 14)
        return 1.0 / zero;
    return r % 16 == 15 ? (double)(int64_t)(r >> 4) : edge[r % 13];
}

static inline riv_str fixture_str(struct riv_arena *arena, uint64_t *seed,
                                  const char *alphabet)
{
    uint64_t r = fixture_next(seed);
    size_t letters = strlen(alphabet);
    size_t n = r % 8 == 7 ? (r >> 8) % 40 : (r >> 8) % 4;
    char *p = riv__arena_bytes(arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        r = fixture_next(seed);
        p[i] = *alphabet ? alphabet[(r >> 16) % letters] : (char)(r >> 16);
    }
    return (riv_str){ n ? p : NULL, n };
}

/* Fills a field; alphabet "" means any byte. */
static inline void fixture_field(const struct riv_leaf *leaf, char *at,
                                 struct riv_arena *arena, uint64_t *seed,
                                 const char *alphabet)
{
    uint64_t r = fixture_next(seed);
    int64_t v = r & 64 ? (int64_t)(r >> 8) : (int64_t)(r >> 8) % 3 - 1;
    double f = fixture_f64(seed);
    riv_str s = fixture_str(arena, seed, alphabet);
    switch (leaf->kind) {
    case RIV_K_STR: memcpy(at, &s, sizeof s); break;
    case RIV_K_F64: memcpy(at, &f, sizeof f); break;
    case RIV_K_F32: memcpy(at, &(float){ (float)f }, sizeof(float)); break;
    case RIV_K_BOOL: *at = (char)(r & 1); break;
    case RIV_K_CHARS:
        memset(at, 0, leaf->length);
        memcpy(at, s.n ? s.p : "", RIV__MIN(s.n, leaf->length));
        break;
    default: memcpy(at, &v, leaf->length);
    }
}

/* Holes get random bytes: nothing may depend on them. */
static inline void fixture_row(const struct riv_layout *layout, void *row,
                               struct riv_arena *arena, uint64_t *seed,
                               const char *alphabet)
{
    char *at = (char *)row;
    for (uint32_t i = 0; i < layout->size; i++)
        at[i] = (char)fixture_next(seed);
    for (uint32_t i = 0; i < layout->nleaf; i++)
        fixture_field(&layout->leaf[i], at + layout->leaf[i].offset, arena,
                      seed, alphabet);
}

#endif
