/* support/rng.h - numbers that look random and come again from the same seed.
 * Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
 * 2014. Tests only. */
#ifndef RIV_SUPPORT_RNG_H
#define RIV_SUPPORT_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Streams of different names are independent of each other: what one draws
 * moves no other. */
static inline struct rng rng_of(uint64_t seed, uint64_t name)
{
    return (struct rng){ rng_mix(seed + 0x9e3779b97f4a7c15u) ^
                         rng_mix(name * 0xd1342543de82ef95u + 1) };
}

static inline uint64_t rng_next(struct rng *rng)
{
    rng->state += 0x9e3779b97f4a7c15u;
    return rng_mix(rng->state);
}

/* 0 to n - 1; 0 when n is 0. */
static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
    return n ? rng_next(rng) % n : 0;
}

/* lo to hi, both included. */
static inline int64_t rng_range(struct rng *rng, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(rng, (uint64_t)(hi - lo) + 1);
}

/* True once in n times; 0: never. */
static inline bool rng_one_in(struct rng *rng, uint64_t n)
{
    return n > 0 && rng_below(rng, n) == 0;
}

/* 1 to max, small ones as often as large ones: uniform in the number of bits. */
static inline uint64_t rng_log(struct rng *rng, uint64_t max)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(max | 1);
    uint64_t top = (uint64_t)1 << rng_below(rng, bits);
    uint64_t v = top + rng_below(rng, top);
    return v > max ? max : v;
}

#endif
