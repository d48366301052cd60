/* data/table_index.c - memory and sizes of a table's index. Collisions are
 * mispredicted branches and cost more than a cache miss of a small table, so
 * small indexes are sparse. Those of large ones, where a whole line is compared
 * at once, are dense for the cache: at 5/8 one key of 150 finds its line full. */
#include "data/table_index.h"

#include <stdlib.h>
#include <string.h>

#include <rivulet.h>

#include "base/pages.h"

enum { SMALL_CELLS = 1 << 14 };

static uint32_t grow_at(uint32_t cells)
{
    return cells <= SMALL_CELLS ? cells / 8 : cells / 8 * 5;
}

uint32_t riv__index_cells(uint32_t nslot)
{
    uint32_t cells = RIV__INDEX_CELLS_MIN;
    while (grow_at(cells) < nslot && cells <= UINT32_MAX / 2)
        cells *= 2;
    return cells;
}

static int allocate(struct riv_index *index, uint32_t cells)
{
    const size_t bytes =
        ((size_t)cells + RIV__INDEX_LINE) * sizeof *index->cell;
    char *mem = riv__pages_alloc(bytes);
    if (!mem)
        return RIV_ENOMEM;
    memset(mem, 0, bytes);
    free(index->mem);
    uintptr_t start = RIV__ALIGN_UP((uintptr_t)mem, RIV__CACHE_LINE);
    index->mem = mem;
    index->cell = (uint32_t *)(void *)(mem + (start - (uintptr_t)mem));
    index->cap = cells;
    return 0;
}

static void use(struct riv_index *index, uint32_t cells)
{
    index->mask = cells - 1;
    index->grow_at = grow_at(cells);
}

int riv__index_init(struct riv_index *index)
{
    *index = (struct riv_index){ 0 };
    RIV__TRY(allocate(index, RIV__INDEX_CELLS_MIN));
    use(index, RIV__INDEX_CELLS_MIN);
    return 0;
}

void riv__index_fini(struct riv_index *index)
{
    free(index->mem);
    *index = (struct riv_index){ 0 };
}

void riv__index_reset(struct riv_index *index)
{
    memset(index->cell, 0, ((size_t)index->mask + 1) * sizeof *index->cell);
}

int riv__index_resize(struct riv_index *index, uint32_t cells, bool shrink)
{
    if (cells > index->cap || (shrink && cells < index->cap))
        RIV__TRY(allocate(index, cells));
    else
        memset(index->cell, 0, (size_t)cells * sizeof *index->cell);
    use(index, cells);
    return 0;
}
