/* limit/words.c - word count at the limit: separators (every byte up to the
 * space) by bit mask, words of up to 8 and of up to 16 bytes in two tables
 * without a jump on the length, hashes and prefetches a group ahead of the
 * probes. The answer is every word once with its count, in no order. */
#include <stdlib.h>

#include "limit.h"
#include "out.h"
#include "short.h"

#if LIMIT_X86
#include <immintrin.h>
#endif

enum { STRIP = 2048, LOOK_AHEAD = 32, AHEAD_BYTES = 4096 };

struct words {
    struct limit_short shorts;
    struct limit_winl longs;
    int64_t records;
    uint32_t (*mark)(const char *data, size_t n, uint32_t *end);
    /* the words of one strip, by length */
    uint32_t nshort, nlong;
    uint64_t lo[STRIP];
    uint32_t hash[STRIP + LOOK_AHEAD];
    struct slice {
        const char *p;
        size_t n;
    } slice[STRIP / 8];
};

/* ------------------------------------------------ where separators stand */

static uint32_t mark_plain(const char *data, size_t n, uint32_t *end)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        end[count] = i;
        count += (unsigned char)data[i] <= ' ';
    }
    return count;
}

#if LIMIT_X86
LIMIT_AVX2 static inline uint64_t separators(const char *p)
{
    const __m256i space = _mm256_set1_epi8(' ');
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    a = _mm256_cmpeq_epi8(_mm256_max_epu8(a, space), space);
    b = _mm256_cmpeq_epi8(_mm256_max_epu8(b, space), space);
    return (uint32_t)_mm256_movemask_epi8(a) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

/* Eight ends at once, as text has about ten in 64 bytes; what is written too
 * much is overwritten. */
LIMIT_AVX2 static inline uint32_t mark_block(uint64_t mask, uint32_t at,
                                             uint32_t *end)
{
    uint32_t n = (uint32_t)__builtin_popcountll(mask);
    for (uint32_t i = 0; i < n; i += 8)
        for (uint32_t k = 0; k < 8; k++) {
            end[i + k] = at + (uint32_t)_tzcnt_u64(mask);
            mask = _blsr_u64(mask);
        }
    return n;
}

LIMIT_AVX2 static uint32_t mark_avx2(const char *data, size_t n, uint32_t *end)
{
    uint32_t count = 0, at = 0;
    for (; at + 64 <= n; at += 64) {
        __builtin_prefetch(data + at + AHEAD_BYTES);
        count += mark_block(separators(data + at), at, end + count);
    }
    if (at < n) {
        uint64_t mask = separators(data + at) & ((UINT64_C(1) << (n - at)) - 1);
        count += mark_block(mask, at, end + count);
    }
    return count;
}
#endif

/* ----------------------------------------------------- one strip of text */

/* Keys of the words that end at end[0] .. end[n - 1], the first beginning at
 * `p`; returns where the next word begins. Words of up to 8 bytes need one
 * load. */
LIMIT_INLINE const char *strip_keys(struct words *self, const char *data,
                                    const char *p, const uint32_t *end,
                                    uint32_t n)
{
    uint32_t nshort = 0, nlong = 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t len = (size_t)(data + end[i] - p);
        uint64_t lo =
            limit_load8(p) & limit_load8(limit_ones + LIMIT_SHORT - (len & 15));
        uint32_t hash = limit_short_hash(lo);
        self->lo[nshort] = lo;
        self->hash[nshort] = hash;
        nshort += len - 1 < 8;
        self->slice[nlong] = (struct slice){ p, len };
        nlong += len > 8;
        p = data + end[i] + 1;
    }
    self->nshort = nshort;
    self->nlong = nlong;
    return p;
}

static __attribute__((noinline)) void strip_short(struct words *self)
{
    struct limit_short *tab = &self->shorts;
    uint32_t n = self->nshort;
    if (LIMIT_RARE(tab->count + n > tab->grow_at))
        limit_short_grow(tab);
    for (uint32_t i = 0; i < LOOK_AHEAD && i < n; i++)
        __builtin_prefetch(&tab->place[self->hash[i] & tab->mask], 1);
    for (uint32_t i = 0; i < LOOK_AHEAD; i++)
        self->hash[n + i] = 0; /* read ahead of the end */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t ahead = self->hash[i + LOOK_AHEAD] & tab->mask;
        __builtin_prefetch(&tab->place[ahead], 1);
        limit_short_add(tab, self->hash[i], self->lo[i]);
    }
}

static __attribute__((noinline)) void strip_long(struct words *self)
{
    struct limit_key key[LIMIT_GROUP];
    for (uint32_t i = 0; i < self->nlong; i += LIMIT_GROUP) {
        uint32_t left = self->nlong - i;
        uint32_t n = left < LIMIT_GROUP ? left : LIMIT_GROUP;
        for (uint32_t k = 0; k < n; k++)
            limit_key_make(&key[k], self->slice[i + k].p, self->slice[i + k].n);
        limit_winl_group(&self->longs, key, n);
    }
}

static void strip_add(struct words *self)
{
    strip_short(self);
    strip_long(self);
    self->records += self->nshort + self->nlong;
}

static void words_feed(void *ctx, const char *data, size_t n)
{
    struct words *self = ctx;
    uint32_t end[STRIP + 64];
    const char *p = data, *stop = data + n;
    for (const char *at = data; at < stop; at += STRIP) {
        size_t left = (size_t)(stop - at);
        uint32_t count = self->mark(at, left < STRIP ? left : STRIP, end);
        if (left <= STRIP && (unsigned char)stop[-1] > ' ')
            end[count++] = (uint32_t)left; /* a last line without newline */
        p = strip_keys(self, at, p, end, count);
        strip_add(self);
    }
}

/* ------------------------------------------------------------- the limit */

static void *words_new(const struct limit_run *run)
{
    struct words *self = limit_map(sizeof *self);
    size_t cap = run->batches ? 1 << 12 : 1 << 18;
    self->mark = mark_plain;
#if LIMIT_X86
    if (!run->plain && limit_has_avx2())
        self->mark = mark_avx2;
#endif
    limit_short_init(&self->shorts, cap);
    limit_winl_init(&self->longs, cap, LIMIT_PER);
    return self;
}

static void words_free(void *ctx)
{
    struct words *self = ctx;
    limit_short_fini(&self->shorts);
    limit_winl_fini(&self->longs);
    limit_unmap(self, sizeof *self);
}

static void words_print(void *ctx, FILE *out)
{
    if (!out)
        return;
    struct words *self = ctx;
    const struct limit_short *tab = &self->shorts;
    for (size_t i = 0; i <= tab->mask; i++) {
        const struct limit_count *e = &tab->place[i];
        if (e->val >= tab->base)
            limit_put_count(out, (const char *)&e->lo,
                            strnlen((const char *)&e->lo, sizeof e->lo),
                            (int64_t)(e->val - tab->base));
    }
    for (size_t slot = 1; slot <= self->longs.count; slot++) {
        const struct limit_word *e =
            &self->longs.place[self->longs.order[slot]];
        const char *p = e->n > LIMIT_SHORT ? (const char *)(uintptr_t)e->lo
                                           : (const char *)&e->lo;
        limit_put_count(out, p, e->n, e->count);
    }
}

static int64_t words_reset(void *ctx, int64_t *keys)
{
    struct words *self = ctx;
    const struct limit_short *tab = &self->shorts;
    size_t nlong = self->longs.count;
    int64_t sum = 0;
    for (size_t i = 0; i <= tab->mask; i++)
        if (tab->place[i].val >= tab->base)
            sum += (int64_t)(tab->place[i].val - tab->base);
    for (size_t slot = 1; slot <= nlong; slot++)
        sum += self->longs.place[self->longs.order[slot]].count;
    *keys = (int64_t)(tab->count + nlong);
    limit_short_reset(&self->shorts);
    limit_winl_reset(&self->longs);
    limit_winl_fit(&self->longs, nlong);
    return sum;
}

static int64_t words_records(void *ctx)
{
    return ((const struct words *)ctx)->records;
}

const struct limit_ops limit_words = {
    .name = "words",
    .new = words_new,
    .feed = words_feed,
    .print = words_print,
    .reset = words_reset,
    .free = words_free,
    .records = words_records,
};
