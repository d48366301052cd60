/* data/hash.h - the documented hash of rows, their equality and their order.
 * The hash places keys in partitions and in tables; it is fixed for ever and
 * the same on every machine (docs/format.md):
 *   bytes of n <= 16: a, b = the bytes as two little-endian words, padded with
 *     zeros; m = (a ^ K0) * (b ^ K1) as 128 bits, lo ^= K0 ^ n, hi ^= K1;
 *     m = lo * hi; hash = low ^ high half of m
 *   n > 16: XXH3_64bits of the bytes
 *   i64 u64 i32 u32 bool: the value as 8 bytes; f64, f32: as a double's bits,
 *     every NaN as one NaN, -0.0 as 0.0; char[N]: N bytes; str: its bytes
 *   a struct: h = 0; for each leaf h = mix(h, hash(leaf))
 *   a struct of one leaf hashes as the leaf. */
#ifndef RIV_DATA_HASH_H
#define RIV_DATA_HASH_H

#include "data/layout.h"

#define RIV__HASH_K0 UINT64_C(0x9e3779b97f4a7c15)
#define RIV__HASH_K1 UINT64_C(0xd1b54a32d192ed03)

static inline uint64_t riv__hash_words(uint64_t a, uint64_t b, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    wide m = (wide)(a ^ RIV__HASH_K0) * (b ^ RIV__HASH_K1);
    uint64_t lo = (uint64_t)m ^ RIV__HASH_K0 ^ n;
    uint64_t hi = (uint64_t)(m >> 64) ^ RIV__HASH_K1;
    m = (wide)lo * hi;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t riv__hash_i64(int64_t v)
{
    return riv__hash_words((uint64_t)v, 0, 8);
}

static inline uint64_t riv__hash_mix(uint64_t h, uint64_t leaf)
{
    return riv__hash_words(h, leaf, 16);
}

uint64_t riv__hash_bytes(const void *p, size_t n);
uint64_t riv__hash_row(const struct riv_layout *layout, const void *row);

/* Total orders: strings by bytes, numbers by value, NaN after all others and
 * equal to itself, -0.0 equal to 0.0; structs leaf by leaf. -1, 0, 1. */
int riv__row_compare(const struct riv_layout *layout, const void *a,
                     const void *b);
bool riv__row_equal(const struct riv_layout *layout, const void *a,
                    const void *b);

/* The partition of a hash: the high half, scaled. n >= 1. */
static inline uint32_t riv__hash_part(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash & UINT32_MAX) * n) >> 32);
}

#endif
