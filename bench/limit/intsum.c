/* limit/intsum.c - sums by integer key at the limit, from rows of two integers
 * (intsum: 16 bytes, as a source of records hands them over) and from lines
 * "key,value" (intsum-csv: separators by bit mask, eight digits by three
 * multiplications). The lines must be well formed: up to 16 digits, a sign only
 * in front. When the keys leave the cache, rows are put aside by radix (256
 * parts by hash, "Main-memory Hash Joins on Multi-core CPUs: Tuning to the
 * Underlying Hardware", ICDE 2013) and each part is summed in a table that
 * fits; that takes as much memory as the rows. */
#include "limit.h"
#include "marks.h"
#include "table.h"

enum { PER = 4, STRIP = 2048 };
enum { PARTS = 256, PART_SHIFT = 24, BLOCK_ROWS = 4095, DIRECT_KEYS = 300000 };

struct block { /* rows of one part, newest block first */
    struct block *next;
    uint64_t n;
    struct limit_int row[BLOCK_ROWS];
};

struct intsum {
    struct limit_iinl tab;
    int64_t records;
    limit_marks_fn *marks;
    bool radix;
    char *arena; /* of blocks: address space, taken when touched */
    size_t used;
    struct limit_int *to[PARTS], *full[PARTS]; /* where the next row goes */
    struct block *block[PARTS];
};

/* ----------------------------------------------------- rows put aside */

enum { ARENA_SHIFT = 38 };

static __attribute__((noinline)) void part_grow(struct intsum *self,
                                                uint32_t part)
{
    struct block *block = (void *)(self->arena + self->used);
    self->used += sizeof *block;
    block->next = self->block[part];
    self->block[part] = block;
    self->to[part] = block->row;
    self->full[part] = block->row + BLOCK_ROWS;
}

static void radix_feed(struct intsum *self, const struct limit_int *row,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t part = limit_int_hash(row[i].key) >> PART_SHIFT;
        if (LIMIT_RARE(self->to[part] == self->full[part]))
            part_grow(self, part);
        *self->to[part]++ = row[i];
    }
}

/* The sums so far are rows like any other. */
static __attribute__((noinline)) void radix_begin(struct intsum *self)
{
    const struct limit_iinl *tab = &self->tab;
    self->radix = true;
    self->arena = limit_map((size_t)1 << ARENA_SHIFT);
    for (size_t i = 0; i < tab->cap; i++)
        if (tab->place[i].key != LIMIT_NO_KEY)
            radix_feed(self, &tab->place[i], 1);
    struct limit_int none = { LIMIT_NO_KEY, tab->place[tab->cap].sum };
    if (tab->has_no_key)
        radix_feed(self, &none, 1);
}

/* Sums one part into the emptied table. */
static void radix_sum(struct intsum *self, uint32_t part)
{
    const struct limit_int *end = self->to[part];
    limit_iinl_reset(&self->tab);
    for (struct block *block = self->block[part]; block; block = block->next) {
        size_t n = (size_t)(end - block->row);
        for (size_t i = 0; i < n; i += LIMIT_GROUP)
            limit_iinl_group(&self->tab, block->row + i,
                             n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
        end = block->next ? block->next->row + BLOCK_ROWS : NULL;
    }
}

static void intsum_feed(void *ctx, const char *data, size_t n)
{
    struct intsum *self = ctx;
    size_t rows = n / sizeof(struct limit_int), i = 0;
    const struct limit_int *row = (const void *)data;
    for (; i < rows && !self->radix; i += LIMIT_GROUP) {
        limit_iinl_group(&self->tab, row + i,
                         rows - i < LIMIT_GROUP ? rows - i : LIMIT_GROUP);
        if (LIMIT_RARE(self->tab.count > DIRECT_KEYS))
            radix_begin(self);
    }
    if (i < rows)
        radix_feed(self, row + i, rows - i);
    self->records += (int64_t)rows;
}

/* ------------------------------------------------------------- the lines */

/* n <= 8 digits, pushed to the upper end of a word: pairs, fours, eight. */
LIMIT_INLINE uint64_t digits(const char *p, size_t n)
{
    uint64_t v = limit_load8(p) - UINT64_C(0x3030303030303030);
    v <<= (64 - 8 * n) & 63;
    v = v * 10 + (v >> 8);
    v = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
         ((v >> 16) & UINT64_C(0x000000ff000000ff)) *
             UINT64_C(0x0000271000000001)) >>
        32;
    return (uint32_t)v;
}

static __attribute__((noinline)) int64_t number_slow(const char *p, size_t n)
{
    bool minus = n > 0 && *p == '-';
    uint64_t v = 0;
    for (size_t i = minus; i < n; i++)
        v = v * 10 + (uint64_t)(p[i] - '0');
    return minus ? -(int64_t)v : (int64_t)v;
}

LIMIT_INLINE int64_t number(const char *p, const char *end)
{
    size_t n = (size_t)(end - p);
    if (LIMIT_RARE(n - 1 > 7 || *p == '-'))
        return number_slow(p, n);
    return (int64_t)digits(p, n);
}

/* A strip begins anywhere in a line: what of a row came before is in `row`. */
static void csv_feed(void *ctx, const char *data, size_t n)
{
    struct intsum *self = ctx;
    uint32_t end[STRIP + 64];
    struct limit_int row[STRIP / 2 + 1];
    const char *p = data, *stop = data + n;
    size_t fields = 0;
    for (const char *at = data; at < stop; at += STRIP) {
        size_t left = (size_t)(stop - at);
        uint32_t count =
            self->marks(at, left < STRIP ? left : STRIP, ',', '\n', end);
        if (left <= STRIP && stop[-1] != '\n')
            end[count++] = (uint32_t)left;
        int64_t *to = &row[0].key;
        for (uint32_t i = 0; i < count; i++) {
            to[fields + i] = number(p, at + end[i]);
            p = at + end[i] + 1;
        }
        fields += count;
        size_t rows = fields / 2;
        intsum_feed(self, (const char *)row, rows * sizeof *row);
        row[0] = row[rows]; /* the key of half a row */
        fields %= 2;
    }
}

/* ------------------------------------------------------------- the limit */

static void *intsum_new(const struct limit_run *run)
{
    struct intsum *self = limit_map(sizeof *self);
    self->marks = limit_marks(run->plain);
    limit_iinl_init(&self->tab, 1 << 13, PER);
    return self;
}

static void intsum_free(void *ctx)
{
    struct intsum *self = ctx;
    limit_iinl_fini(&self->tab);
    if (self->arena)
        limit_unmap(self->arena, (size_t)1 << ARENA_SHIFT);
    limit_unmap(self, sizeof *self);
}

static void print_table(const struct limit_iinl *tab, FILE *out)
{
    for (size_t i = 0; i <= tab->mask; i++)
        if (tab->place[i].key != LIMIT_NO_KEY)
            fprintf(out, "%lld,%lld\n", (long long)tab->place[i].key,
                    (long long)tab->place[i].sum);
    if (tab->has_no_key)
        fprintf(out, "%lld,%lld\n", (long long)LIMIT_NO_KEY,
                (long long)tab->place[tab->cap].sum);
}

/* Without `out` the sums are made all the same. */
static void intsum_print(void *ctx, FILE *out)
{
    struct intsum *self = ctx;
    for (uint32_t part = 0; self->radix && part < PARTS; part++) {
        radix_sum(self, part);
        if (out)
            print_table(&self->tab, out);
    }
    if (out && !self->radix)
        print_table(&self->tab, out);
}

static int64_t intsum_records(void *ctx)
{
    return ((const struct intsum *)ctx)->records;
}

const struct limit_ops limit_intsum = {
    .name = "intsum",
    .new = intsum_new,
    .feed = intsum_feed,
    .print = intsum_print,
    .free = intsum_free,
    .records = intsum_records,
};

const struct limit_ops limit_intsum_csv = {
    .name = "intsum-csv",
    .new = intsum_new,
    .feed = csv_feed,
    .print = intsum_print,
    .free = intsum_free,
    .records = intsum_records,
};
