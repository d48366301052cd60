/* base/arena.h - memory that is handed out by moving a pointer and taken back
 * all at once. One arena per lifetime: graph, plan, batch, operator, table.
 * Not for several threads. Every piece has RIV__SLACK readable bytes after it,
 * so that kernels may load past the end of a string. */
#ifndef RIV_BASE_ARENA_H
#define RIV_BASE_ARENA_H

#include "base/macro.h"

enum { RIV__SLACK = 64 };

struct riv_arena_piece;

struct riv_arena {
    char *cur, *end;               /* free space of the newest piece */
    struct riv_arena_piece *piece; /* newest first */
    size_t piece_bytes;            /* size of the next piece; doubles */
    size_t total_bytes;            /* of all pieces */
};

/* Allocates nothing yet. first_bytes 0: 4 KiB. */
void riv__arena_init(struct riv_arena *arena, size_t first_bytes);
void riv__arena_fini(struct riv_arena *arena);

/* Empty again; keeps the largest of the pieces of at most `keep_bytes`. With
 * the same load each time, after a few rounds nothing is allocated any more. */
void riv__arena_reset(struct riv_arena *arena, size_t keep_bytes);

/* A new piece and n bytes of it; for the two functions below. NULL: no memory;
 * the arena is as before. */
void *riv__arena_grow(struct riv_arena *arena, size_t n, size_t align);

/* n bytes, aligned to 16; NULL when memory is out. Contents undefined. */
static inline void *riv__arena_alloc(struct riv_arena *arena, size_t n)
{
    char *p = (char *)RIV__ALIGN_UP((uintptr_t)arena->cur, 16);
    if (RIV__RARELY(!arena->cur || n > (size_t)(arena->end - arena->cur) ||
                    (size_t)(p - arena->cur) + n >
                        (size_t)(arena->end - arena->cur)))
        return riv__arena_grow(arena, n, 16);
    arena->cur = p + n;
    return p;
}

/* The same without alignment, for string bytes. */
static inline char *riv__arena_bytes(struct riv_arena *arena, size_t n)
{
    char *p = arena->cur;
    if (RIV__RARELY(!p || n > (size_t)(arena->end - p)))
        return riv__arena_grow(arena, n, 1);
    arena->cur = p + n;
    return p;
}

/* Of all pieces, without what is free in the newest. */
static inline size_t riv__arena_used(const struct riv_arena *arena)
{
    return arena->total_bytes - (size_t)(arena->end - arena->cur);
}

/* Zeroed memory; a copy of n bytes (aligned to 16, with a NUL after it); a copy
 * of a text; a formatted text. NULL: no memory. */
void *riv__arena_zalloc(struct riv_arena *arena, size_t n);
char *riv__arena_copy(struct riv_arena *arena, const void *p, size_t n);
char *riv__arena_strdup(struct riv_arena *arena, const char *s);
char *riv__arena_printf(struct riv_arena *arena, const char *fmt, ...)
    RIV__FORMAT(2, 3);

#endif
