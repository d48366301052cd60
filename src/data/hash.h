/* data/hash.h - the documented hash of rows, their equality and their order.
 * The hash places keys in partitions and in tables; it is fixed for ever and
 * the same on every machine (docs/format.md):
 *   bytes of n <= 16: a, b = the bytes as two little-endian words, padded with
 *     zeros; m = (a ^ K0) * (b ^ K1) as 128 bits; lo = low half of m ^ K0 ^ n,
 *     hi = high half of m ^ K1; m = lo * hi; hash = low ^ high half of m
 *   n > 16: XXH3_64bits of the bytes
 *   i64 u64 i32 u32 bool: the value as 8 bytes; f64, f32: as a double's bits,
 *     every NaN as one NaN, -0.0 as 0.0; char[N]: N bytes; str: its bytes
 *   a struct: h = 0; for each leaf h = mix(h, hash(leaf))
 *   a struct of one leaf hashes as the leaf.
 * Partitions come from the high 32 bits, tags in tables from the low 32. */
#ifndef RIV_DATA_HASH_H
#define RIV_DATA_HASH_H

#include "data/layout.h"
#include "data/le.h"

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

/* The n <= 16 bytes at p as two little-endian words, padded with zeros. Reads
 * nothing outside [p, p + n): keys may lie anywhere, also at the end of a page.
 * The branches depend on n only. p may be NULL when n is 0. */
static inline void riv__hash_load(const void *p, size_t n, uint64_t *ret_a,
                                  uint64_t *ret_b)
{
    const unsigned char *s = (const unsigned char *)p;
    uint64_t a = 0, b = 0;
    if (n >= 8) {
        unsigned half = 4 * (16 - (unsigned)n); /* n 8: 64 bits in two steps */
        a = riv__le_get64(s);
        b = riv__le_get64(s + n - 8) >> half >> half;
    } else if (n >= 4) {
        a = riv__le_get32(s) | (uint64_t)riv__le_get32(s + n - 4)
                                   << (8 * (n - 4));
    } else if (n > 0) {
        a = s[0] | (uint64_t)s[n / 2] << (8 * (n / 2)) |
            (uint64_t)s[n - 1] << (8 * (n - 1));
    }
    *ret_a = a;
    *ret_b = b;
}

/* Of at most 16 bytes, inline; riv__hash_bytes takes any number. */
static inline uint64_t riv__hash_short(const void *p, size_t n)
{
    uint64_t a, b;
    riv__hash_load(p, n, &a, &b);
    return riv__hash_words(a, b, n);
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
/* A double's bits as they are hashed and as a key encodes them. */
uint64_t riv__hash_f64_bits(double v);
uint64_t riv__hash_row(const struct riv_layout *layout, const void *row);

/* Total orders: strings by bytes, numbers by value, NaN after all others and
 * equal to itself, -0.0 equal to 0.0; structs leaf by leaf. -1, 0, 1. */
int riv__row_compare(const struct riv_layout *layout, const void *a,
                     const void *b);
bool riv__row_equal(const struct riv_layout *layout, const void *a,
                    const void *b);

/* The partition of a hash: its high 32 bits, scaled. n >= 1. */
static inline uint32_t riv__hash_part(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash >> 32) * n) >> 32);
}

#endif
