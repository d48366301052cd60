/* limit/limit.h - what a limit is to the runner in main.c: a const table of
 * functions that are fed whole lines. Also the choice of instruction set. */
#ifndef LIMIT_LIMIT_H
#define LIMIT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct limit_run {
    const char *arg; /* of --arg */
    FILE *out;       /* of results that go out on the way; NULL: nowhere */
    bool plain;      /* no instructions beyond the common ones */
    bool batches;    /* reset() comes after every batch */
};

struct limit_ops {
    const char *name;
    void *(*new)(const struct limit_run *run);
    /* n bytes of whole lines (rows); LIMIT_SLACK more may be read. The
     * bytes go away afterwards. */
    void (*feed)(void *self, const char *data, size_t n);
    /* Writes the result, as the engine's job would; NULL: computes what is
     * left to compute and writes nothing. */
    void (*print)(void *self, FILE *out);
    /* Walks over the result of a batch; then empty. Returns records, and the
     * distinct keys in *keys. NULL: not to be cut into batches. */
    int64_t (*reset)(void *self, int64_t *keys);
    void (*free)(void *self);
    /* Records so far, of what print() will tell. */
    int64_t (*records)(void *self);
};

extern const struct limit_ops limit_words, limit_words_user, limit_grep,
    limit_paths, limit_paths_top, limit_intsum, limit_intsum_csv, limit_yahoo,
    limit_fraud, limit_nexmark_q0, limit_nexmark_q1, limit_nexmark_q2,
    limit_nexmark_q3, limit_nexmark_q4, limit_nexmark_q5, limit_nexmark_q6,
    limit_nexmark_q7, limit_nexmark_q8;

/* For limits without SIMD of their own this is false everywhere. */
bool limit_has_avx2(void);

#if defined __x86_64__
#define LIMIT_X86 1
#define LIMIT_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define LIMIT_X86 0
#endif

#endif
