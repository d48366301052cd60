/* limit/key.h - keys of up to 16 bytes as two words and their hash, for the
 * hand-written limits. What they leave out on purpose: a fixed documented hash,
 * partitions, types. A limit may use what is quickest on the machine, as long
 * as its answer is right. Text must be readable for 16 bytes past its end. */
#ifndef LIMIT_KEY_H
#define LIMIT_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LIMIT_RARE(x) __builtin_expect(!!(x), 0)
#define LIMIT_INLINE static inline __attribute__((always_inline))

enum { LIMIT_SHORT = 16, LIMIT_SLACK = 128 };

struct limit_key {
    uint64_t lo, hi; /* up to 16 bytes, zero-padded; longer: pointer, hash */
    uint32_t n;
    uint32_t hash;
};

/* 16 bytes from limit_ones + 16 - n on keep the first n bytes. */
static const _Alignas(64) unsigned char limit_ones[2 * LIMIT_SHORT] = {
    255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255,
};

LIMIT_INLINE uint64_t limit_load8(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* One wide multiplication: good on text and on dense integers, and 2 ns less
 * latency than two. */
LIMIT_INLINE uint64_t limit_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide m = (wide)(a ^ UINT64_C(0x9e3779b97f4a7c15)) *
             (b ^ UINT64_C(0xd1b54a32d192ed03));
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t limit_hash_long(const char *p, size_t n)
{
    uint64_t h = n;
    for (; n > 8; p += 8, n -= 8)
        h = limit_mix(h, limit_load8(p));
    return limit_mix(h, limit_load8(p + n - 8));
}

/* From the two words, as they stand in a key or an entry. */
LIMIT_INLINE uint32_t limit_word_hash(uint64_t lo, uint64_t hi, uint32_t n)
{
    return n > LIMIT_SHORT ? (uint32_t)(hi >> 32)
                           : (uint32_t)limit_mix(lo, hi + n);
}

LIMIT_INLINE void limit_key_make(struct limit_key *key, const char *p, size_t n)
{
    key->n = (uint32_t)n;
    if (LIMIT_RARE(n > LIMIT_SHORT)) {
        key->lo = (uint64_t)(uintptr_t)p;
        key->hi = limit_hash_long(p, n);
        key->hash = (uint32_t)(key->hi >> 32);
        return;
    }
    key->lo = limit_load8(p) & limit_load8(limit_ones + LIMIT_SHORT - n);
    key->hi = limit_load8(p + 8) & limit_load8(limit_ones + 24 - n);
    key->hash = (uint32_t)limit_mix(key->lo, key->hi + n);
}

LIMIT_INLINE bool limit_key_same(const struct limit_key *key, uint64_t lo,
                                 uint64_t hi, uint32_t n)
{
    if (LIMIT_RARE(n > LIMIT_SHORT) && key->n == n && key->hi == hi)
        return memcmp((const void *)(uintptr_t)key->lo,
                      (const void *)(uintptr_t)lo, n) == 0;
    return ((key->lo ^ lo) | (key->hi ^ hi) | (key->n ^ n)) == 0;
}

#endif
