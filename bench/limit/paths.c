/* limit/paths.c - count by field at the limit: the seventh field of each line
 * (the URL path of an access log) and how often it occurs. Per line: one mask
 * of 64 bytes for the sixth space and one for the field's end; line ends by a
 * mask over all bytes; keys of up to 48 bytes stand in entries of one cache
 * line and are compared by vectors; 32 lines in work at a time. Lines with fewer
 * fields are not counted. Where a mask does not reach, the line is walked byte
 * by byte. */
#include "fields.h"
#include "limit.h"
#include "out.h"
#include "table.h"

enum { INLINE = 48, LINES = 32, STRIP = 4096, AHEAD_BYTES = 16384 };

struct path {
    char key[INLINE];
    int64_t count; /* 0: no entry */
    uint32_t n, hash;
};

struct paths {
    struct path *place;
    size_t cap, count;
    uint32_t mask;
    struct limit_winl longs; /* paths above INLINE bytes */
    int64_t records;
    void (*feed)(struct paths *self, const char *p, const char *stop);
};

static __attribute__((noinline)) void paths_grow(struct paths *self)
{
    struct path *old = self->place;
    size_t cap = self->cap;
    self->cap = cap ? cap * 4 : 1 << 12;
    self->mask = (uint32_t)(self->cap - 1);
    self->place = limit_map(self->cap * sizeof *old);
    for (size_t i = 0; i < cap; i++) {
        uint32_t at = old[i].hash;
        if (!old[i].count)
            continue;
        while (self->place[at & self->mask].count)
            at++;
        self->place[at & self->mask] = old[i];
    }
    limit_unmap(old, cap * sizeof *old);
}

static void long_add(struct paths *self, const struct field *field)
{
    struct limit_key key;
    limit_key_make(&key, field->p, field->n);
    limit_winl_group(&self->longs, &key, 1);
}

/* The place of a field that is not at its first place: another one, or new. */
static __attribute__((noinline)) void path_add(struct paths *self,
                                               const struct field *field)
{
    if (field->n > INLINE) {
        long_add(self, field);
        return;
    }
    for (uint32_t at = field->hash;; at++) {
        struct path *e = &self->place[at & self->mask];
        if (!e->count) {
            memcpy(e->key, field->p, field->n);
            e->n = (uint32_t)field->n;
            e->hash = field->hash;
            self->count++;
        } else if (e->n != field->n || memcmp(e->key, field->p, field->n)) {
            continue;
        }
        e->count++;
        return;
    }
}

static void feed_plain(struct paths *self, const char *p, const char *stop)
{
    struct field field;
    while (p < stop) {
        p = field_plain(p, stop, &field);
        if (!field.n)
            continue;
        if (self->count + 1 > self->cap / 4)
            paths_grow(self);
        path_add(self, &field);
        self->records++;
    }
}

#if LIMIT_X86
LIMIT_AVX2 LIMIT_INLINE bool path_same(const struct path *e,
                                       const struct field *field)
{
    const char *p = field->p;
    __m256i a = _mm256_cmpeq_epi8(
        _mm256_loadu_si256((const __m256i *)(const void *)p),
        _mm256_load_si256((const __m256i *)(const void *)e->key));
    __m128i b = _mm_cmpeq_epi8(
        _mm_loadu_si128((const __m128i *)(const void *)(p + 32)),
        _mm_load_si128((const __m128i *)(const void *)(e->key + 32)));
    uint64_t same = (uint32_t)_mm256_movemask_epi8(a) |
                    (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 32;
    uint64_t want = _bzhi_u64(~UINT64_C(0), (uint32_t)field->n);
    return (size_t)e->n == field->n && (same & want) == want;
}

LIMIT_AVX2 LIMIT_INLINE void fields_add(struct paths *self,
                                        const struct field *field, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct path *e = &self->place[field[i].hash & self->mask];
        if (__builtin_expect(path_same(e, &field[i]), 1))
            e->count++;
        else
            path_add(self, &field[i]);
    }
    self->records += (int64_t)n;
}

LIMIT_AVX2 static void feed_avx2(struct paths *self, const char *p,
                                 const char *stop)
{
    struct field field[LINES];
    uint32_t end[STRIP + 64];
    const char *line = p;
    size_t n = 0;
    for (; p < stop; p += STRIP) {
        size_t left = (size_t)(stop - p);
        uint32_t lines = mark_lines(p, left < STRIP ? left : STRIP, end);
        if (left <= STRIP && stop[-1] != '\n')
            end[lines++] = (uint32_t)left;
        for (uint32_t i = 0; i < lines; i++) {
            __builtin_prefetch(line + AHEAD_BYTES);
            __builtin_prefetch(line + AHEAD_BYTES + 64);
            __builtin_prefetch(line + AHEAD_BYTES + 128);
            field_avx2(line, p + end[i], &field[n]);
            __builtin_prefetch(&self->place[field[n].hash & self->mask], 1);
            n += field[n].n > 0;
            line = p + end[i] + 1;
            if (n < LINES)
                continue;
            if (self->count + LINES > self->cap / 4)
                paths_grow(self);
            fields_add(self, field, n);
            n = 0;
        }
    }
    if (self->count + LINES > self->cap / 4)
        paths_grow(self);
    fields_add(self, field, n);
}
#endif

static void paths_feed(void *ctx, const char *data, size_t n)
{
    struct paths *self = ctx;
    self->feed(self, data, data + n);
}

static void *paths_new(const struct limit_run *run)
{
    struct paths *self = limit_map(sizeof *self);
    self->feed = feed_plain;
#if LIMIT_X86
    if (!run->plain && limit_has_avx2())
        self->feed = feed_avx2;
#endif
    paths_grow(self);
    limit_winl_init(&self->longs, 1 << 12, 4);
    return self;
}

static void paths_free(void *ctx)
{
    struct paths *self = ctx;
    limit_winl_fini(&self->longs);
    limit_unmap(self->place, self->cap * sizeof *self->place);
    limit_unmap(self, sizeof *self);
}

static void paths_print(void *ctx, FILE *out)
{
    if (!out)
        return;
    const struct paths *self = ctx;
    for (size_t i = 0; i < self->cap; i++)
        if (self->place[i].count)
            limit_put_count(out, self->place[i].key, self->place[i].n,
                            self->place[i].count);
    for (size_t slot = 1; slot <= self->longs.count; slot++) {
        const struct limit_word *e =
            &self->longs.place[self->longs.order[slot]];
        limit_put_count(out, (const char *)(uintptr_t)e->lo, e->n, e->count);
    }
}

/* --------------------------------------------------------------- the top 10 */

enum { TOP = 10 };

struct ranked {
    const char *p;
    size_t n;
    int64_t count;
};

/* Of equal counts the greater path comes first. */
static bool is_above(const struct ranked *a, const struct ranked *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    size_t n = a->n < b->n ? a->n : b->n;
    int c = memcmp(a->p, b->p, n);
    return c != 0 ? c > 0 : a->n > b->n;
}

static size_t top_add(struct ranked *top, size_t n, struct ranked one)
{
    if (n == TOP && !is_above(&one, &top[TOP - 1]))
        return n;
    size_t at = n < TOP ? n++ : TOP - 1;
    for (; at > 0 && is_above(&one, &top[at - 1]); at--)
        top[at] = top[at - 1];
    top[at] = one;
    return n;
}

static void top_print(void *ctx, FILE *out)
{
    const struct paths *self = ctx;
    struct ranked top[TOP];
    size_t n = 0;
    for (size_t i = 0; i < self->cap; i++) {
        const struct path *e = &self->place[i];
        if (e->count)
            n = top_add(top, n, (struct ranked){ e->key, e->n, e->count });
    }
    for (size_t slot = 1; slot <= self->longs.count; slot++) {
        const struct limit_word *e =
            &self->longs.place[self->longs.order[slot]];
        n = top_add(
            top, n,
            (struct ranked){ (const char *)(uintptr_t)e->lo, e->n, e->count });
    }
    for (size_t i = 0; out && i < n; i++)
        fprintf(out, "%.*s,%lld\n", (int)top[i].n, top[i].p,
                (long long)top[i].count);
}

static int64_t paths_records(void *ctx)
{
    return ((const struct paths *)ctx)->records;
}

const struct limit_ops limit_paths = {
    .name = "paths",
    .new = paths_new,
    .feed = paths_feed,
    .print = paths_print,
    .free = paths_free,
    .records = paths_records,
};

const struct limit_ops limit_paths_top = {
    .name = "paths-top",
    .new = paths_new,
    .feed = paths_feed,
    .print = top_print,
    .free = paths_free,
    .records = paths_records,
};
