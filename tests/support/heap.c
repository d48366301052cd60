/* support/heap.c - a shared region cut into powers of two. */
#include "support/heap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 40, CLASS_MIN = 5 };

struct heap {
    size_t cap, used; /* with this header */
    void *spare[CLASSES];
};

static const size_t head = (sizeof(struct heap) + 63) & ~(size_t)63;

static void die(const char *what)
{
    fprintf(stderr, "support/heap: %s\n", what);
    exit(99);
}

struct heap *heap_new(size_t cap)
{
    void *p = mmap(NULL, cap, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        die("no address space");
    struct heap *heap = p;
    heap->cap = cap;
    heap->used = head;
    return heap;
}

void heap_free(struct heap *heap)
{
    if (heap)
        munmap(heap, heap->cap);
}

void heap_reset(struct heap *heap)
{
    *heap = (struct heap){ .cap = heap->cap, .used = head };
}

static unsigned class_of(size_t n)
{
    unsigned k = CLASS_MIN;
    while (((size_t)1 << k) < n)
        k++;
    return k;
}

void *heap_take_raw(struct heap *heap, size_t n)
{
    const unsigned k = class_of(n);
    void *p = heap->spare[k];
    if (p) {
        memcpy(&heap->spare[k], p, sizeof p);
    } else {
        if (((size_t)1 << k) > heap->cap - heap->used)
            die("the region is full");
        p = (char *)heap + heap->used;
        heap->used += (size_t)1 << k;
    }
    return p;
}

void *heap_take(struct heap *heap, size_t n)
{
    return memset(heap_take_raw(heap, n), 0, n);
}

void heap_give(struct heap *heap, void *p, size_t n)
{
    const unsigned k = class_of(n);
    if (!p)
        return;
    memcpy(p, &heap->spare[k], sizeof p);
    heap->spare[k] = p;
}

void *heap_grow(struct heap *heap, void *p, size_t from, size_t to)
{
    if (p && class_of(from) == class_of(to)) {
        memset((char *)p + from, 0, to - from);
        return p;
    }
    char *q = heap_take(heap, to);
    if (p)
        memcpy(q, p, from);
    heap_give(heap, p, from);
    return q;
}

void heap_part(struct heap *heap)
{
    const size_t used = heap->used, cap = heap->cap;
    char *copy = malloc(used);
    if (!copy)
        die("no memory for a copy");
    memcpy(copy, heap, used);
    void *p =
        mmap(heap, cap, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (p != (void *)heap)
        die("no private copy");
    memcpy(p, copy, used);
    free(copy);
}
