/* limit/grep.c - lines that hold a fixed literal, at the limit: blocks of 64
 * bytes are compared with the literal's first and last byte (Mula's "SIMD
 * friendly algorithms for substring searching"), without looking for lines;
 * only around a hit the line's borders are searched. The result are the lines
 * themselves, copied to the output. */
#include <string.h>

#include "key.h"
#include "limit.h"
#include "memory.h"

#if LIMIT_X86
#include <immintrin.h>
#endif

enum { OUT_BYTES = 1 << 18 };

struct grep {
    const char *literal;
    size_t n;
    int64_t matches;
    const char *(*find)(const char *p, const char *stop, const char *literal,
                        size_t n);
    FILE *file;
    size_t used;
    char out[OUT_BYTES];
};

static const char *find_plain(const char *p, const char *stop,
                              const char *literal, size_t n)
{
    const char *hit = memmem(p, (size_t)(stop - p), literal, n);
    return hit ? hit : stop;
}

#if LIMIT_X86
LIMIT_AVX2 static inline uint32_t candidates(const char *p, __m256i first,
                                             __m256i last, size_t n)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + n - 1));
    a = _mm256_and_si256(_mm256_cmpeq_epi8(a, first),
                         _mm256_cmpeq_epi8(b, last));
    return (uint32_t)_mm256_movemask_epi8(a);
}

/* Reads up to 64 + n bytes past `stop`; hits past it are not hits. */
LIMIT_AVX2 static const char *find_avx2(const char *p, const char *stop,
                                        const char *literal, size_t n)
{
    const __m256i first = _mm256_set1_epi8(literal[0]);
    const __m256i last = _mm256_set1_epi8(literal[n - 1]);
    for (; p < stop; p += 64) {
        __builtin_prefetch(p + 4096);
        uint64_t mask = candidates(p, first, last, n) |
                        (uint64_t)candidates(p + 32, first, last, n) << 32;
        for (; LIMIT_RARE(mask); mask = _blsr_u64(mask)) {
            const char *hit = p + _tzcnt_u64(mask);
            if (hit + n > stop)
                return stop;
            if (memcmp(hit, literal, n) == 0)
                return hit;
        }
    }
    return stop;
}
#endif

static void drain(struct grep *self)
{
    if (self->file)
        fwrite(self->out, 1, self->used, self->file);
    self->used = 0;
}

static void keep(struct grep *self, const char *p, size_t n)
{
    if (self->used + n + 1 > OUT_BYTES)
        drain(self);
    if (n >= OUT_BYTES && self->file) { /* a line longer than the buffer */
        fwrite(p, 1, n, self->file);
        fputc('\n', self->file);
        return;
    }
    if (n >= OUT_BYTES)
        return;
    memcpy(self->out + self->used, p, n);
    self->out[self->used + n] = '\n';
    self->used += n + 1;
}

static void grep_feed(void *ctx, const char *data, size_t n)
{
    struct grep *self = ctx;
    const char *stop = data + n;
    for (const char *p = data; p < stop;) {
        const char *hit = self->find(p, stop, self->literal, self->n);
        if (hit == stop)
            return;
        const char *start = memrchr(p, '\n', (size_t)(hit - p));
        const char *end = memchr(hit, '\n', (size_t)(stop - hit));
        start = start ? start + 1 : p;
        end = end ? end : stop;
        keep(self, start, (size_t)(end - start));
        self->matches++;
        p = end + 1;
    }
}

static void *grep_new(const struct limit_run *run)
{
    struct grep *self = limit_map(sizeof *self);
    self->literal = run->arg && *run->arg ? run->arg : "bingbot/2.0";
    self->n = strlen(self->literal);
    self->find = find_plain;
#if LIMIT_X86
    if (!run->plain && limit_has_avx2() && self->n <= LIMIT_SLACK / 2)
        self->find = find_avx2;
#endif
    self->file = run->out;
    return self;
}

static void grep_free(void *ctx)
{
    limit_unmap(ctx, sizeof(struct grep));
}

static void grep_print(void *ctx, FILE *out)
{
    (void)out; /* the same file as on the way */
    drain(ctx);
}

static int64_t grep_records(void *ctx)
{
    return ((const struct grep *)ctx)->matches;
}

const struct limit_ops limit_grep = {
    .name = "grep",
    .new = grep_new,
    .feed = grep_feed,
    .print = grep_print,
    .free = grep_free,
    .records = grep_records,
};
