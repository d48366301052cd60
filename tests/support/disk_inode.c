/* support/disk_inode.c - the bytes of files: as they are seen, on their way, on
 * the platter. */
#include <errno.h>
#include <string.h>

#include "support/disk_parts.h"

static struct disk_inode *at(const struct disk *disk, uint32_t inode)
{
    return disk->inode[inode];
}

uint32_t disk_inode_new(struct disk *disk, int kind, unsigned mode)
{
    uint32_t i = 0;
    while (i < disk->ninode && at(disk, i)->kind)
        i++;
    if (i == disk->ninode) {
        HEAP_ROOM(disk->heap, disk->inode, disk->ninode, disk->inode_cap);
        disk->inode[disk->ninode++] =
            heap_take(disk->heap, sizeof(struct disk_inode));
    }
    *at(disk, i) = (struct disk_inode){ .kind = kind,
                                        .mode = mode,
                                        .mtime_ns = disk->now_ns,
                                        .birth_ns = disk->now_ns + 1 };
    return i;
}

void disk_inode_ref(struct disk *disk, uint32_t inode)
{
    at(disk, inode)->refs++;
}

static void bytes_give(struct heap *heap, struct disk_bytes *bytes)
{
    heap_give(heap, bytes->p, bytes->cap);
    *bytes = (struct disk_bytes){ .p = NULL };
}

void disk_inode_forget(struct disk *disk, struct disk_inode *inode)
{
    for (size_t i = 0; i < inode->nchange; i++)
        heap_give(disk->heap, inode->change[i].data, inode->change[i].n);
    inode->nchange = 0;
}

void disk_inode_unref(struct disk *disk, uint32_t number)
{
    struct disk_inode *inode = at(disk, number);
    struct heap *heap = disk->heap;
    if (--inode->refs > 0)
        return;
    disk->pages -= inode->pages;
    bytes_give(heap, &inode->now);
    bytes_give(heap, &inode->kept);
    disk_inode_forget(disk, inode);
    heap_give(heap, inode->change, inode->change_cap * sizeof *inode->change);
    heap_give(heap, inode->lock, inode->lock_cap * sizeof *inode->lock);
    disk_name_clear(disk, &inode->names);
    disk_name_clear(disk, &inode->names_kept);
    *inode = (struct disk_inode){ .kind = 0 };
}

void disk_bytes_need(struct heap *heap, struct disk_bytes *bytes, size_t n)
{
    if (n <= bytes->cap)
        return;
    const size_t cap = RIV__MAX(2 * bytes->cap, RIV__MAX(n, (size_t)256));
    bytes->p = heap_grow(heap, bytes->p, bytes->cap, cap);
    bytes->cap = cap;
}

void disk_bytes_size(struct heap *heap, struct disk_bytes *bytes, size_t n)
{
    (void)heap;
    if (n < bytes->n && n < bytes->cap)
        memset(bytes->p + n, 0, RIV__MIN(bytes->n, bytes->cap) - n);
    bytes->n = n;
}

void disk_bytes_read(const struct disk_bytes *bytes, size_t from, char *dst,
                     size_t n)
{
    const size_t have = from < bytes->cap ? RIV__MIN(n, bytes->cap - from) : 0;
    if (have > 0)
        memcpy(dst, bytes->p + from, have);
    if (have < n)
        memset(dst + have, 0, n - have);
}

static uint64_t pages_for(uint64_t bytes)
{
    return (bytes + DISK_PAGE - 1) / DISK_PAGE;
}

/* Takes pages for a size; false when there are not enough. */
static bool pages_take(struct disk *disk, struct disk_inode *inode,
                       uint64_t bytes)
{
    uint64_t want = pages_for(bytes);
    if (disk->pages_max && want > inode->pages &&
        disk->pages - inode->pages + want > disk->pages_max)
        return false;
    disk->pages += want - inode->pages;
    inode->pages = want;
    return true;
}

static struct disk_change *change_add(struct disk *disk,
                                      struct disk_inode *inode, uint64_t where)
{
    HEAP_ROOM(disk->heap, inode->change, inode->nchange, inode->change_cap);
    struct disk_change *change = &inode->change[inode->nchange++];
    *change = (struct disk_change){ .order = ++disk->order, .at = where };
    inode->mtime_ns = disk->now_ns;
    return change;
}

/* As many of n bytes as there are pages for. */
static size_t writable(struct disk *disk, struct disk_inode *inode, size_t n,
                       uint64_t where)
{
    uint64_t end = RIV__MAX(where + n, inode->now.n);
    if (pages_take(disk, inode, end))
        return n;
    uint64_t room = (disk->pages_max - RIV__MIN(disk->pages, disk->pages_max) +
                     inode->pages) *
                    DISK_PAGE;
    if (room <= where)
        return 0;
    n = (size_t)RIV__MIN(n, room - where);
    return pages_take(disk, inode, where + n) ? n : 0;
}

int64_t disk_inode_write(struct disk *disk, struct disk_inode *inode,
                         const void *p, size_t n, uint64_t where)
{
    if (n == 0)
        return 0;
    n = writable(disk, inode, n, where);
    if (n == 0)
        return -ENOSPC;
    if (where + n > inode->now.n)
        disk_bytes_size(disk->heap, &inode->now, (size_t)where + n);
    disk_bytes_need(disk->heap, &inode->now, (size_t)where + n);
    memcpy(inode->now.p + where, p, n);
    struct disk_change *change = change_add(disk, inode, where);
    change->n = n;
    change->data = heap_take_raw(disk->heap, n);
    memcpy(change->data, p, n);
    return (int64_t)n;
}

int disk_inode_resize(struct disk *disk, struct disk_inode *inode,
                      uint64_t bytes)
{
    if (!pages_take(disk, inode, bytes))
        return -ENOSPC;
    if (bytes != inode->now.n)
        change_add(disk, inode, bytes);
    disk_bytes_size(disk->heap, &inode->now, (size_t)bytes);
    return 0;
}

/* A page is written whole: with what a sync before has lost in it. */
static void keep_pages(struct disk *disk, struct disk_inode *inode,
                       const struct disk_change *change)
{
    const size_t from = (size_t)change->at / DISK_PAGE * DISK_PAGE;
    const size_t until = RIV__MIN(
        inode->now.n, (size_t)pages_for(change->at + change->n) * DISK_PAGE);
    if (until <= from)
        return;
    if (until > inode->kept.n)
        disk_bytes_size(disk->heap, &inode->kept, until);
    disk_bytes_need(disk->heap, &inode->kept, until);
    disk_bytes_read(&inode->now, from, inode->kept.p + from, until - from);
}

void disk_inode_sync(struct disk *disk, struct disk_inode *inode)
{
    for (size_t i = 0; i < inode->nchange; i++)
        if (inode->change[i].data)
            keep_pages(disk, inode, &inode->change[i]);
        else if (inode->change[i].at < inode->kept.n)
            disk_bytes_size(disk->heap, &inode->kept,
                            (size_t)inode->change[i].at);
    if (inode->nchange > 0)
        disk_bytes_size(disk->heap, &inode->kept, inode->now.n);
    disk_inode_forget(disk, inode);
}

void disk_inode_keep(struct disk *disk, struct disk_inode *inode,
                     const struct disk_change *change, size_t n)
{
    if (!change->data) {
        disk_bytes_size(disk->heap, &inode->kept, (size_t)change->at);
        return;
    }
    if (change->at + n > inode->kept.n)
        disk_bytes_size(disk->heap, &inode->kept, (size_t)change->at + n);
    disk_bytes_need(disk->heap, &inode->kept, (size_t)change->at + n);
    if (n > 0) /* a file without bytes has no memory either */
        memcpy(inode->kept.p + change->at, change->data, n);
}

void disk_inode_sync_part(struct disk *disk, struct disk_inode *inode,
                          struct rng *rng)
{
    for (size_t i = 0; i < inode->nchange; i++) {
        const struct disk_change *change = &inode->change[i];
        if (rng_one_in(rng, 3))
            disk_inode_keep(disk, inode, change,
                            (size_t)rng_below(rng, change->n + 1));
    }
}

void disk_inode_lose(struct disk *disk, struct disk_inode *inode,
                     struct rng *rng)
{
    disk_inode_sync_part(disk, inode, rng);
    disk_inode_forget(disk, inode);
}

void disk_inode_back(struct disk *disk, struct disk_inode *inode)
{
    disk_inode_forget(disk, inode);
    const size_t held = RIV__MIN(inode->kept.n, inode->kept.cap);
    disk_bytes_size(disk->heap, &inode->now, 0);
    disk_bytes_size(disk->heap, &inode->now, inode->kept.n);
    disk_bytes_need(disk->heap, &inode->now, held);
    if (held > 0)
        memcpy(inode->now.p, inode->kept.p, held);
    disk->pages -= inode->pages;
    inode->pages = pages_for(inode->now.n);
    disk->pages += inode->pages;
}

void disk_inode_stat(const struct disk *disk, uint32_t number,
                     struct riv_stat *ret)
{
    const struct disk_inode *inode = at(disk, number);
    *ret = (struct riv_stat){ .kind = inode->kind,
                              .bytes = inode->now.n,
                              .inode = number + 2,
                              .device = 1,
                              .mtime_ns = inode->mtime_ns,
                              .birth_ns = inode->birth_ns,
                              .mode = inode->mode,
                              .is_own = true };
}
