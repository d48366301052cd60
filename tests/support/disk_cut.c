/* support/disk_cut.c - what a power cut leaves. */
#include <string.h>

#include "support/disk_parts.h"

enum { SECTOR = 512 };

struct cut {
    struct disk *disk;
    struct rng *rng;
    uint64_t moment; /* of DISK_CUT_PREFIX: what has this order is torn */
    unsigned mood;   /* of DISK_CUT_RANDOM, for one file */
};

static void keep_size(const struct cut *cut, struct disk_inode *inode,
                      const struct disk_change *change)
{
    size_t n = (size_t)change->at + change->n;
    if (!change->data || n > inode->kept.n)
        disk_bytes_size(cut->disk->heap, &inode->kept, n);
}

/* Only what lies in a file that was so long already. */
static void keep_data(const struct cut *cut, struct disk_inode *inode,
                      const struct disk_change *change)
{
    if (!change->data || change->at >= inode->kept.n)
        return;
    size_t n = RIV__MIN(change->n, inode->kept.n - (size_t)change->at);
    disk_inode_keep(cut->disk, inode, change, n);
}

/* Each sector or not. */
static void keep_sectors(const struct cut *cut, struct disk_inode *inode,
                         const struct disk_change *change)
{
    for (size_t from = 0; from < change->n;) {
        size_t n = SECTOR - (size_t)(change->at + from) % SECTOR;
        n = RIV__MIN(n, change->n - from);
        const struct disk_change part = { .at = change->at + from,
                                          .n = n,
                                          .data = change->data + from };
        if (rng_one_in(cut->rng, 2))
            disk_inode_keep(cut->disk, inode, &part, n);
        from += n;
    }
}

static void keep_torn(const struct cut *cut, struct disk_inode *inode,
                      const struct disk_change *change)
{
    if (!change->data)
        return;
    if (rng_one_in(cut->rng, 2))
        keep_sectors(cut, inode, change);
    else
        disk_inode_keep(cut->disk, inode, change,
                        (size_t)rng_below(cut->rng, change->n + 1));
}

static void keep_any(const struct cut *cut, struct disk_inode *inode,
                     const struct disk_change *change)
{
    if (rng_below(cut->rng, 4) >= cut->mood)
        return;
    if (rng_one_in(cut->rng, 3))
        keep_torn(cut, inode, change);
    else
        disk_inode_keep(cut->disk, inode, change, change->n);
}

static void keep_before(const struct cut *cut, struct disk_inode *inode,
                        const struct disk_change *change)
{
    if (change->order < cut->moment)
        disk_inode_keep(cut->disk, inode, change, change->n);
    else if (change->order == cut->moment)
        keep_torn(cut, inode, change);
}

static void keep_all(const struct cut *cut, struct disk_inode *inode,
                     const struct disk_change *change)
{
    disk_inode_keep(cut->disk, inode, change, change->n);
}

static void keep_none(const struct cut *cut, struct disk_inode *inode,
                      const struct disk_change *change)
{
    (void)cut, (void)inode, (void)change;
}

static void cut_file(struct cut *cut, struct disk_inode *inode,
                     enum disk_cut how)
{
    static void (*const keep[])(const struct cut *, struct disk_inode *,
                                const struct disk_change *) = {
        [DISK_CUT_ALL] = keep_all,       [DISK_CUT_NOTHING] = keep_none,
        [DISK_CUT_SIZES] = keep_size,    [DISK_CUT_DATA] = keep_data,
        [DISK_CUT_PREFIX] = keep_before, [DISK_CUT_RANDOM] = keep_any,
    };
    cut->mood = (unsigned)rng_below(cut->rng, 5);
    for (size_t i = 0; i < inode->nchange; i++)
        keep[how](cut, inode, &inode->change[i]);
}

/* The order of something on its way, or one more than the last. */
static uint64_t any_moment(struct disk *disk, struct rng *rng)
{
    uint64_t first = disk->order;
    for (size_t i = 0; i < disk->ninode; i++)
        if (disk->inode[i]->nchange > 0)
            first = RIV__MIN(first, disk->inode[i]->change[0].order);
    if (disk->nstep > 0)
        first = RIV__MIN(first, disk->step[0].order);
    return first + rng_below(rng, disk->order - first + 2);
}

/* How many of the steps on names are done. */
static size_t steps_kept(const struct cut *cut, enum disk_cut how)
{
    const struct disk *disk = cut->disk;
    size_t n = 0;
    switch (how) {
    case DISK_CUT_ALL:
    case DISK_CUT_SIZES: return disk->nstep;
    case DISK_CUT_RANDOM: return (size_t)rng_below(cut->rng, disk->nstep + 1);
    case DISK_CUT_PREFIX:
        while (n < disk->nstep && disk->step[n].order < cut->moment)
            n++;
        return n;
    default: return 0;
    }
}

void disk_cut(struct disk *disk, enum disk_cut how, struct rng *rng)
{
    struct cut cut = { .disk = disk, .rng = rng };
    disk_kill(disk);
    cut.moment = any_moment(disk, rng);
    for (size_t i = 0; i < disk->ninode; i++)
        if (disk->inode[i]->kind == RIV__IS_FILE)
            cut_file(&cut, disk->inode[i], how);
    disk_name_keep(disk, steps_kept(&cut, how));
    for (size_t i = 0; i < disk->ninode; i++)
        if (disk->inode[i]->kind == RIV__IS_FILE)
            disk_inode_back(disk, disk->inode[i]);
    disk_name_back(disk);
}

void disk_settle(struct disk *disk)
{
    for (size_t i = 0; i < disk->ninode; i++)
        if (disk->inode[i]->kind == RIV__IS_FILE)
            disk_inode_sync(disk, disk->inode[i]);
    disk_name_keep(disk, disk->nstep);
}

static void settle_dir(struct disk *disk, uint32_t dir)
{
    const struct disk_names *names = &disk->inode[dir]->names;
    for (size_t i = 0; i < names->n; i++) {
        const uint32_t number = names->entry[i].inode;
        if (disk->inode[number]->kind == RIV__IS_DIR)
            settle_dir(disk, number);
        else
            disk_inode_sync(disk, disk->inode[number]);
    }
    disk_name_sync(disk, dir);
}

void disk_settle_folder(struct disk *disk, const char *path)
{
    struct disk_place place;
    if (disk_name_find(disk, path, &place) == 0 && place.there)
        settle_dir(disk, place.inode);
}

size_t disk_pending(const struct disk *disk)
{
    size_t n = disk->nstep;
    for (size_t i = 0; i < disk->ninode; i++)
        n += disk->inode[i]->nchange;
    return n;
}

static uint64_t hash_bytes(uint64_t hash, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)p[i]) * 0x100000001b3u;
    return rng_mix(hash ^ n);
}

/* Without the zeros at its end, which may be in memory or not. */
static uint64_t hash_file(uint64_t hash, const struct disk_bytes *bytes)
{
    size_t n = RIV__MIN(bytes->n, bytes->cap);
    while (n > 0 && bytes->p[n - 1] == 0)
        n--;
    return rng_mix(hash_bytes(hash, bytes->p, n) ^ bytes->n);
}

/* Folders have no order: the sum of what hangs below each name. */
static uint64_t hash_dir(const struct disk *disk, uint32_t dir, uint64_t path)
{
    const struct disk_names *names = &disk->inode[dir]->names;
    uint64_t sum = 0;
    for (size_t i = 0; i < names->n; i++) {
        const struct disk_entry *entry = &names->entry[i];
        const struct disk_inode *inode = disk->inode[entry->inode];
        uint64_t here = hash_bytes(path, entry->name, strlen(entry->name));
        sum += inode->kind == RIV__IS_DIR
                   ? hash_dir(disk, entry->inode, here) + here
                   : hash_file(here, &inode->now);
    }
    return sum;
}

uint64_t disk_hash(struct disk *disk)
{
    return hash_dir(disk, 0, 0xcbf29ce484222325u);
}
