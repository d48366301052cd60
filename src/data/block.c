/* data/block.c - counted byte buffers. A batch counts its blocks once, never
 * per record, so plain atomic counting is good enough. */
#include "data/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* With room for so many bytes behind it. */
static struct riv_block *block_alloc(size_t room)
{
    struct riv_block *block = malloc(sizeof *block + room);
    if (!block)
        return NULL;
    atomic_init(&block->refs, 1);
    block->reserved = 0;
    block->cap = block->used = 0;
    block->next = NULL;
    block->bytes = (char *)(block + 1);
    return block;
}

struct riv_block *riv__block_new(size_t cap)
{
    if (cap > SIZE_MAX / 2)
        return NULL;
    struct riv_block *block = block_alloc(cap + RIV__SLACK);
    if (!block)
        return NULL;
    block->cap = cap;
    /* The bytes themselves stay untouched: pages of a large block that is
     * never filled are never taken. */
    memset(block->bytes + cap, 0, RIV__SLACK);
    return block;
}

struct riv_block *riv__block_over(const char *bytes, size_t n)
{
    struct riv_block *block = block_alloc(0);
    if (!block)
        return NULL;
    block->bytes = (char *)(uintptr_t)bytes; /* full: nobody writes */
    block->cap = block->used = n;
    return block;
}

struct riv_block *riv__block_ref(struct riv_block *block)
{
    uint32_t was =
        atomic_fetch_add_explicit(&block->refs, 1, memory_order_relaxed);
    RIV__ASSERT(was > 0 && was < UINT32_MAX);
    (void)was;
    return block;
}

struct riv_block *riv__block_unref(struct riv_block *block)
{
    if (!block)
        return NULL;
    uint32_t was =
        atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel);
    RIV__ASSERT(was > 0);
    if (was == 1)
        free(block);
    return NULL;
}
