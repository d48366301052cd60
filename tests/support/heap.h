/* support/heap.h - memory in one region of its own, which processes share over
 * fork: what a double of the world remembers must outlive the process that is
 * killed in it. Pieces are powers of two with lists of free ones; a reset gives
 * all back at once. Running out ends the test. Tests only. */
#ifndef RIV_SUPPORT_HEAP_H
#define RIV_SUPPORT_HEAP_H

#include <stddef.h>

struct heap;

/* Room for `cap` bytes, taken from the system only when used. */
struct heap *heap_new(size_t cap);
void heap_free(struct heap *heap); /* NULL is fine */
void heap_reset(struct heap *heap);

/* n zeroed bytes, aligned to 16; or not zeroed. */
void *heap_take(struct heap *heap, size_t n);
void *heap_take_raw(struct heap *heap, size_t n);
/* n as it was taken; p may be NULL. */
void heap_give(struct heap *heap, void *p, size_t n);
/* A larger piece with the same first bytes, the rest zeroed. */
void *heap_grow(struct heap *heap, void *p, size_t from, size_t to);

/* From here on this process has a copy of its own, at the same addresses. */
void heap_part(struct heap *heap);

/* A vector doubles: room for one more behind n. */
#define HEAP_ROOM(heap, list, n, cap) \
    do { \
        if ((n) >= (cap)) { \
            size_t heap_want = (cap) ? 2 * (size_t)(cap) : 8; \
            (list) = heap_grow((heap), (list), (cap) * sizeof *(list), \
                               heap_want * sizeof *(list)); \
            (cap) = (__typeof__(cap))heap_want; \
        } \
    } while (0)

#endif
