/* connect/demo.h - made-up data for trying things: a generator writes line
 * after line, the same for the same seed, however they are asked for. Time in
 * the lines is made of the line's number and the rate, not of a clock. */
#ifndef RIV_CONNECT_DEMO_H
#define RIV_CONNECT_DEMO_H

#include "base/buf.h"

#define RIV__DEMO_START_MS INT64_C(1767225600000) /* 2026-01-01 00:00:00 UTC */

enum { RIV__DEMO_WORDS_MAX = 512, RIV__DEMO_STAMP = 32 };

struct riv_demo {
    uint64_t line; /* number of the next one */
    uint64_t rate; /* lines a second of the time in the lines */
    uint64_t seed;
    uint64_t random; /* state; after the seed */
    union {
        struct {
            uint32_t keep[RIV__DEMO_WORDS_MAX]; /* of 2^32; else other[] */
            uint16_t other[RIV__DEMO_WORDS_MAX];
        } words;
        struct {
            int64_t second; /* of stamp; below 0: none */
            char stamp[RIV__DEMO_STAMP];
        } access;
        struct {
            uint32_t card, left; /* a stolen one, its transactions to come */
            uint32_t country;
            uint64_t next; /* the line of the next of them */
        } cards;
    } of;
};

struct riv_demo_kind {
    const char *name;
    void (*start)(struct riv_demo *demo);
    void (*line)(struct riv_demo *demo, struct riv_buf *buf); /* with '\n' */
};

extern const struct riv_demo_kind riv__demo_words;
extern const struct riv_demo_kind riv__demo_access;
extern const struct riv_demo_kind riv__demo_cards;

void riv__demo_start(struct riv_demo *demo, const struct riv_demo_kind *kind,
                     uint64_t seed, uint64_t rate);

/* SplitMix64: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. */
static inline uint64_t riv__demo_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t riv__demo_random(struct riv_demo *demo)
{
    return riv__demo_mix(demo->random += UINT64_C(0x9e3779b97f4a7c15));
}

/* 0 to n - 1. */
static inline uint32_t riv__demo_below(struct riv_demo *demo, uint32_t n)
{
    return (uint32_t)(((riv__demo_random(demo) >> 32) * n) >> 32);
}

/* A fixed number for something of this run: a card's home, a minute's luck. */
static inline uint64_t riv__demo_fixed(const struct riv_demo *demo, uint64_t of)
{
    return riv__demo_mix(demo->seed + riv__demo_mix(of + 1));
}

/* Milliseconds since the start of the time in the lines. */
static inline uint64_t riv__demo_ms(const struct riv_demo *demo)
{
    return demo->line / demo->rate * 1000 +
           demo->line % demo->rate * 1000 / demo->rate;
}

#endif
