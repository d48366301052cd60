/* data/rows.c - rows that own their strings. Pieces of RIV__CHUNK_ROWS rows
 * never move, so readers may hold pointers while nothing is added; string
 * bytes of one append lie together in the arena. */
#include "data/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/vec.h"
#include "data/frame.h"

enum {
    STRINGS_FIRST_BYTES = 16 * 1024,
    STRINGS_KEEP_BYTES = 1024 * 1024,
    KEEP_TIMES = 4
};

void riv__rows_init(struct riv_rows *rows, const struct riv_layout *layout)
{
    *rows = (struct riv_rows){ .layout = layout };
    riv__arena_init(&rows->strings, STRINGS_FIRST_BYTES);
}

static void pieces_free(struct riv_rows *rows)
{
    for (size_t i = rows->nblock; i < rows->npiece; i++)
        free(rows->piece[i]);
    free(rows->block);
    rows->block = NULL;
    rows->nblock = rows->npiece = 0;
}

void riv__rows_fini(struct riv_rows *rows)
{
    pieces_free(rows);
    free(rows->piece);
    riv__arena_fini(&rows->strings);
    *rows = (struct riv_rows){ .layout = rows->layout };
}

void riv__rows_reset(struct riv_rows *rows)
{
    rows->n = 0;
    riv__arena_reset(&rows->strings, STRINGS_KEEP_BYTES);
}

size_t riv__rows_bytes(const struct riv_rows *rows)
{
    return rows->n * rows->layout->size + riv__arena_used(&rows->strings);
}

/* The bytes of all strings of n rows; false: more than memory can hold. */
static bool string_bytes(const struct riv_layout *layout, const char *row,
                         size_t n, size_t *ret)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++, row += layout->size) {
        for (uint32_t k = 0; k < layout->nstr; k++) {
            const riv_str *s = (const void *)(row + layout->str_offset[k]);
            if (__builtin_add_overflow(sum, s->n, &sum))
                return false;
        }
    }
    *ret = sum;
    return true;
}

/* One reservation for all: a row costs a memcpy per string, no more. An empty
 * string keeps its pointer, which nobody reads; it may be NULL. */
int riv__rows_own(const struct riv_layout *layout, void *row, size_t n,
                  struct riv_arena *arena)
{
    size_t bytes = 0;
    if (layout->nstr == 0)
        return 0;
    if (!string_bytes(layout, row, n, &bytes))
        return RIV_ENOMEM;
    if (bytes == 0)
        return 0;
    char *to = riv__arena_bytes(arena, bytes);
    if (!to)
        return RIV_ENOMEM;
    char *at = row;
    for (size_t i = 0; i < n; i++, at += layout->size) {
        for (uint32_t k = 0; k < layout->nstr; k++) {
            riv_str *s = (void *)(at + layout->str_offset[k]);
            if (s->n == 0)
                continue;
            s->p = memcpy(to, s->p, s->n);
            to += s->n;
        }
    }
    return 0;
}

static int add_piece(struct riv_rows *rows)
{
    RIV__TRY(RIV__VEC_ROOM(rows->piece, rows->piece_cap, rows->npiece + 1));
    char *piece = malloc((size_t)RIV__CHUNK_ROWS * rows->layout->size);
    if (!piece)
        return RIV_ENOMEM;
    rows->piece[rows->npiece++] = piece;
    return 0;
}

/* Without memory it grows later, or fails then. */
void riv__rows_expect(struct riv_rows *rows, size_t n)
{
    const size_t bytes = RIV__CHUNK_ROWS * rows->layout->size;
    const size_t want = n / RIV__CHUNK_ROWS + 1;
    RIV__ASSERT(rows->n == 0);
    if (rows->npiece >= want && rows->npiece / KEEP_TIMES <= want)
        return;
    if (RIV__VEC_ROOM(rows->piece, rows->piece_cap, want) < 0)
        return;
    pieces_free(rows);
    rows->block = riv__pages_alloc(want * bytes);
    for (size_t i = 0; rows->block && i < want; i++)
        rows->piece[i] = rows->block + i * bytes;
    rows->nblock = rows->npiece = rows->block ? want : 0;
}

char *riv__rows_room(struct riv_rows *rows, size_t *n)
{
    const size_t piece = rows->n / RIV__CHUNK_ROWS;
    const size_t used = rows->n % RIV__CHUNK_ROWS;
    if (piece == rows->npiece && add_piece(rows) < 0)
        return NULL;
    *n = RIV__CHUNK_ROWS - used;
    return rows->piece[piece] + used * rows->layout->size;
}

int riv__rows_take(struct riv_rows *rows, char *at, size_t n)
{
    RIV__TRY(riv__rows_own(rows->layout, at, n, &rows->strings));
    rows->n += n;
    return 0;
}

int riv__rows_append(struct riv_rows *rows, const void *src, size_t n)
{
    const size_t size = rows->layout->size;
    const char *from = src;
    while (n > 0) {
        size_t room;
        char *to = riv__rows_room(rows, &room);
        if (!to)
            return RIV_ENOMEM;
        const size_t k = RIV__MIN(n, room);
        memcpy(to, from, k * size);
        RIV__TRY(riv__rows_take(rows, to, k));
        from += k * size;
        n -= k;
    }
    return 0;
}

void *riv__rows_at(const struct riv_rows *rows, size_t i)
{
    RIV__ASSERT(i < rows->n);
    return rows->piece[i / RIV__CHUNK_ROWS] +
           i % RIV__CHUNK_ROWS * rows->layout->size;
}

const void *riv__rows_chunk(const struct riv_rows *rows, size_t k, size_t *n)
{
    size_t before = k * RIV__CHUNK_ROWS;
    *n = before < rows->n ? RIV__MIN(rows->n - before, (size_t)RIV__CHUNK_ROWS)
                          : 0;
    return *n ? rows->piece[k] : NULL;
}
