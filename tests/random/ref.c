/* tests/random/ref.c - memory and sorted copies. Sorting and grouping are done
 * by an index sort; nothing here is clever. */
#include "random/ref.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ memory */

struct block {
    struct block *next;
    max_align_t bytes[];
};

void *ref_room(struct reference *ref, size_t n, size_t size)
{
    struct block *block = calloc(1, sizeof *block + n * size + 1);
    if (!block)
        abort();
    block->next = ref->memory;
    ref->memory = block;
    return block->bytes;
}

void reference_fini(struct reference *ref)
{
    for (struct block *block = ref->memory; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    ref->memory = NULL;
}

int ref_rows(struct step *s, size_t n)
{
    if (n > ROWS_MAX)
        return -1;
    s->out->row = ref_room(s->ref, n, sizeof *s->out->row);
    return 0;
}

void ref_add(struct step *s, int64_t k, int64_t v)
{
    s->out->row[s->out->n++] = (struct rec){ k, v };
}

/* ------------------------------------------------------------ sorted copies */

struct entry {
    struct rec rec;
    size_t place; /* where it was: sorts are stable */
};

static compare_fn *comparing;
static bool descending;

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int ref_by_key(const struct rec *a, const struct rec *b)
{
    return sign(a->k, b->k);
}

int ref_by_all(const struct rec *a, const struct rec *b)
{
    return a->k != b->k ? sign(a->k, b->k) : sign(a->v, b->v);
}

int ref_by_value(const struct rec *a, const struct rec *b)
{
    return sign(a->v, b->v);
}

int ref_by_text(const struct rec *a, const struct rec *b)
{
    char x[64], y[64];
    key_text(x, sizeof x, a->k);
    key_text(y, sizeof y, b->k);
    return strcmp(x, y);
}

int64_t ref_modulus;

int ref_by_modulo(const struct rec *a, const struct rec *b)
{
    return sign(modulo(a->v, ref_modulus), modulo(b->v, ref_modulus));
}

static int by_entry(const void *a, const void *b)
{
    const struct entry *l = a, *r = b;
    int order = comparing(&l->rec, &r->rec);
    if (descending)
        order = -order;
    return order ? order : (l->place > r->place) - (l->place < r->place);
}

struct rec *ref_sorted(struct reference *ref, const struct bag *bag,
                       compare_fn *compare, bool down)
{
    struct entry *entry = calloc(bag->n + 1, sizeof *entry);
    struct rec *row = ref_room(ref, bag->n, sizeof *row);
    if (!entry)
        abort();
    for (size_t i = 0; i < bag->n; i++)
        entry[i] = (struct entry){ bag->row[i], i };
    comparing = compare;
    descending = down;
    qsort(entry, bag->n, sizeof *entry, by_entry);
    for (size_t i = 0; i < bag->n; i++)
        row[i] = entry[i].rec;
    free(entry);
    return row;
}

/* Rows of one key: [from, until) of rows sorted by key. */
size_t ref_run_end(const struct rec *row, size_t n, size_t from,
                   compare_fn *compare)
{
    size_t until = from + 1;
    while (until < n && compare(&row[from], &row[until]) == 0)
        until++;
    return until;
}

bool ref_has(const struct rec *row, size_t n, const struct rec *rec,
             compare_fn *compare)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (compare(&row[mid], rec) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && compare(&row[lo], rec) == 0;
}

int64_t ref_weighed(const struct rec *row, size_t from, size_t until,
                    int64_t times, int64_t plus)
{
    int64_t sum = 0;
    for (size_t i = from; i < until; i++)
        sum = wrap_add(
            sum,
            wrap_add((int64_t)((uint64_t)row[i].v * (uint64_t)times), plus));
    return sum;
}
