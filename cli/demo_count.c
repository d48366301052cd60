/* cli/demo_count.c - a small open hash table for the demo's totals. Texts are
 * known by their 64-bit hash and kept as far as they are shown. */
#include "demo_count.h"

#include <stdlib.h>
#include <string.h>

void counts_init(struct counts *counts)
{
    *counts = (struct counts){ .n = 0 };
}

void counts_fini(struct counts *counts)
{
    free(counts->count);
    free(counts->slot);
    counts_init(counts);
}

void counts_next_batch(struct counts *counts)
{
    counts->batch_number++;
    counts->batch = 0;
}

static uint64_t hash_of(riv_str text)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * 0x100000001b3;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
    return h ^ h >> 32;
}

/* The slot of a hash: where it is, or the free one where it would go. */
static uint32_t *slot_of(const struct counts *counts, uint64_t hash)
{
    size_t mask = counts->slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &counts->slot[i];
        if (*slot == 0 || counts->count[*slot - 1].hash == hash)
            return slot;
    }
}

/* Twice the room, with the slots at most half full. */
static bool grow(struct counts *counts)
{
    size_t cap = counts->cap ? counts->cap * 2 : 256;
    struct count *count = realloc(counts->count, cap * sizeof *count);
    if (!count)
        return false;
    counts->count = count;
    uint32_t *slot = calloc(cap * 2, sizeof *slot);
    if (!slot)
        return false;
    free(counts->slot);
    counts->slot = slot;
    counts->slots = cap * 2;
    counts->cap = cap;
    for (size_t i = 0; i < counts->n; i++)
        *slot_of(counts, count[i].hash) = (uint32_t)i + 1;
    return true;
}

static struct count *new_count(struct counts *counts, uint64_t hash,
                               riv_str text)
{
    if (counts->n == counts->cap && !grow(counts))
        return NULL;
    struct count *count = &counts->count[counts->n];
    size_t n = text.n < DEMO_TEXT ? text.n : DEMO_TEXT - 1;
    *count = (struct count){ .hash = hash };
    if (n > 0)
        memcpy(count->row.text, text.p, n);
    *slot_of(counts, hash) = (uint32_t)++counts->n;
    return count;
}

bool counts_add(struct counts *counts, riv_str text, int64_t n)
{
    uint64_t hash = hash_of(text);
    struct count *count = NULL;
    counts->batch += n;
    counts->total += n;
    uint32_t *slot = counts->slots > 0 ? slot_of(counts, hash) : NULL;
    if (slot && *slot != 0)
        count = &counts->count[*slot - 1];
    else if (counts->n < COUNTS_MAX)
        count = new_count(counts, hash, text);
    if (!count)
        return counts->n >= COUNTS_MAX;
    if (count->seen != counts->batch_number)
        count->row.batch = 0;
    count->seen = counts->batch_number;
    count->row.batch += n;
    count->row.total += n;
    return true;
}

/* Ties by text, so that rows do not swap places. */
static bool is_before(const struct demo_row *a, const struct demo_row *b)
{
    if (a->total != b->total)
        return a->total > b->total;
    return strcmp(a->text, b->text) < 0;
}

int counts_top(const struct counts *counts, struct demo_row *dst, int room)
{
    int n = 0;
    for (size_t i = 0; i < counts->n; i++) {
        const struct count *count = &counts->count[i];
        if (n == room && !is_before(&count->row, &dst[n - 1]))
            continue;
        struct demo_row row = count->row;
        if (count->seen != counts->batch_number)
            row.batch = 0;
        int at = n < room ? n++ : n - 1;
        for (; at > 0 && is_before(&row, &dst[at - 1]); at--)
            dst[at] = dst[at - 1];
        dst[at] = row;
    }
    return n;
}
