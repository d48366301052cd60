/* base/arena.c - the slow side of arenas: getting pieces from malloc, giving
 * them back, keeping one over a reset. The fast side is inline in arena.h.
 * Used wherever memory lives as long as something else does. */
#include "base/arena.h"

#include "base/pages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pieces double up to the maximum, so at most half of what is held, or
 * PIECE_BYTES_MAX, is unused. */
enum {
    PIECE_BYTES_MIN = 256,
    PIECE_BYTES_FIRST = 4096,
    PIECE_BYTES_MAX = 64 * 1024 * 1024
};

struct riv_arena_piece {
    struct riv_arena_piece *next;
    size_t bytes; /* of the allocation: this header, data, slack */
    _Alignas(16) char data[];
};

enum { OVERHEAD = sizeof(struct riv_arena_piece) + RIV__SLACK };

static void make_current(struct riv_arena *arena, struct riv_arena_piece *piece)
{
    arena->cur = piece->data;
    arena->end = piece->data + (piece->bytes - OVERHEAD);
}

void riv__arena_init(struct riv_arena *arena, size_t first_bytes)
{
    size_t bytes = first_bytes ? first_bytes : PIECE_BYTES_FIRST;
    *arena =
        (struct riv_arena){ .piece_bytes = RIV__MAX(bytes, PIECE_BYTES_MIN) };
}

void riv__arena_fini(struct riv_arena *arena)
{
    struct riv_arena_piece *piece = arena->piece;
    while (piece) {
        struct riv_arena_piece *next = piece->next;
        free(piece);
        piece = next;
    }
    *arena = (struct riv_arena){ .piece_bytes = arena->piece_bytes };
}

static struct riv_arena_piece *largest(struct riv_arena *arena,
                                       size_t keep_bytes)
{
    struct riv_arena_piece *best = NULL;
    for (struct riv_arena_piece *p = arena->piece; p; p = p->next)
        if (p->bytes <= keep_bytes && (!best || p->bytes > best->bytes))
            best = p;
    return best;
}

/* Where the size of the next piece stood above keep_bytes it falls back, or a
 * single large batch would make all later arenas large. */
void riv__arena_reset(struct riv_arena *arena, size_t keep_bytes)
{
    struct riv_arena_piece *keep = largest(arena, keep_bytes);
    struct riv_arena_piece *piece = arena->piece;
    size_t next_bytes = RIV__MIN(arena->piece_bytes, keep_bytes);
    while (piece) {
        struct riv_arena_piece *next = piece->next;
        if (piece != keep)
            free(piece);
        piece = next;
    }
    *arena = (struct riv_arena){ .piece = keep,
                                 .total_bytes = keep ? keep->bytes : 0 };
    arena->piece_bytes = RIV__MAX(next_bytes, PIECE_BYTES_MIN);
    if (!keep)
        return;
    keep->next = NULL;
    make_current(arena, keep);
}

static struct riv_arena_piece *piece_new(struct riv_arena *arena, size_t bytes)
{
    struct riv_arena_piece *piece = riv__pages_alloc(bytes);
    if (!piece)
        return NULL;
    piece->bytes = bytes;
    arena->total_bytes += bytes;
    return piece;
}

static void double_next(struct riv_arena *arena)
{
    size_t bytes = arena->piece_bytes;
    arena->piece_bytes = RIV__MAX(bytes, RIV__MIN(bytes * 2, PIECE_BYTES_MAX));
}

/* An allocation above the usual size gets a piece of its own behind the
 * current one, whose free space stays in use. The usual size grows all the
 * same, or an arena of such allocations would ask malloc for each. */
static void *grow_large(struct riv_arena *arena, size_t n)
{
    struct riv_arena_piece *piece = piece_new(arena, n + OVERHEAD);
    if (!piece)
        return NULL;
    piece->next = arena->piece->next;
    arena->piece->next = piece;
    double_next(arena);
    return piece->data;
}

void *riv__arena_grow(struct riv_arena *arena, size_t n, size_t align)
{
    size_t bytes = arena->piece_bytes;
    RIV__ASSERT(align <= 16); /* data of a piece begins at a multiple of 16 */
    (void)align;
    if (n > PTRDIFF_MAX - OVERHEAD)
        return NULL;
    if (arena->piece && n + OVERHEAD > bytes)
        return grow_large(arena, n);
    struct riv_arena_piece *piece =
        piece_new(arena, RIV__MAX(bytes, n + OVERHEAD));
    if (!piece)
        return NULL;
    piece->next = arena->piece;
    arena->piece = piece;
    double_next(arena);
    make_current(arena, piece);
    arena->cur += n;
    return piece->data;
}

void *riv__arena_zalloc(struct riv_arena *arena, size_t n)
{
    void *p = riv__arena_alloc(arena, n);
    return p ? memset(p, 0, n) : NULL;
}

char *riv__arena_copy(struct riv_arena *arena, const void *p, size_t n)
{
    char *copy = n < SIZE_MAX ? riv__arena_alloc(arena, n + 1) : NULL;
    if (!copy)
        return NULL;
    if (n > 0)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}

char *riv__arena_strdup(struct riv_arena *arena, const char *s)
{
    return riv__arena_copy(arena, s, strlen(s));
}

char *riv__arena_printf(struct riv_arena *arena, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *s = n < 0 ? NULL : riv__arena_bytes(arena, (size_t)n + 1);
    if (s)
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return s;
}
