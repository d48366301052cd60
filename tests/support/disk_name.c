/* support/disk_name.c - names in folders, as they are seen and on the platter,
 * and the steps between the two. */
#include <errno.h>
#include <string.h>

#include "support/disk_parts.h"

static struct disk_names *now_of(struct disk *disk, uint32_t dir)
{
    return &disk->inode[dir]->names;
}

static struct disk_names *kept_of(struct disk *disk, uint32_t dir)
{
    return &disk->inode[dir]->names_kept;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

static struct disk_entry *find(struct disk_names *names, const char *name)
{
    const uint32_t hash = hash_of(name);
    for (size_t i = 0; i < names->n; i++)
        if (names->entry[i].hash == hash &&
            strcmp(names->entry[i].name, name) == 0)
            return &names->entry[i];
    return NULL;
}

static char *copy_name(struct disk *disk, const char *name)
{
    char *p = heap_take(disk->heap, strlen(name) + 1);
    memcpy(p, name, strlen(name) + 1);
    return p;
}

static void drop_name(struct disk *disk, char *name)
{
    if (name)
        heap_give(disk->heap, name, strlen(name) + 1);
}

static void set(struct disk *disk, struct disk_names *names, const char *name,
                uint32_t inode)
{
    struct disk_entry *entry = find(names, name);
    disk_inode_ref(disk, inode);
    if (entry) {
        disk_inode_unref(disk, entry->inode);
        entry->inode = inode;
        return;
    }
    HEAP_ROOM(disk->heap, names->entry, names->n, names->cap);
    names->entry[names->n++] =
        (struct disk_entry){ copy_name(disk, name), hash_of(name), inode };
}

static void unset(struct disk *disk, struct disk_names *names, const char *name)
{
    struct disk_entry *entry = find(names, name);
    if (!entry)
        return;
    const uint32_t inode = entry->inode;
    drop_name(disk, entry->name);
    *entry = names->entry[--names->n];
    disk_inode_unref(disk, inode);
}

void disk_name_clear(struct disk *disk, struct disk_names *names)
{
    while (names->n > 0)
        unset(disk, names, names->entry[names->n - 1].name);
    heap_give(disk->heap, names->entry, names->cap * sizeof *names->entry);
    *names = (struct disk_names){ .n = 0 };
}

/* The next part of a path into `name`; false at the end. */
static bool next_part(const char **path, char name[256], int *rc)
{
    while (**path == '/' ||
           (**path == '.' && ((*path)[1] == '/' || (*path)[1] == '\0')))
        ++*path;
    size_t n = strcspn(*path, "/");
    *rc = n > 255 ? -ENAMETOOLONG : 0;
    if (n == 0 || n > 255)
        return false;
    memcpy(name, *path, n);
    name[n] = '\0';
    *path += n;
    return true;
}

int disk_name_find(struct disk *disk, const char *path, struct disk_place *ret)
{
    char name[256];
    int rc;
    *ret = (struct disk_place){ .there = true };
    if (!*path)
        return -ENOENT;
    while (next_part(&path, name, &rc)) {
        if (!ret->there)
            return -ENOENT;
        if (disk->inode[ret->inode]->kind != RIV__IS_DIR)
            return -ENOTDIR;
        const struct disk_entry *entry = find(now_of(disk, ret->inode), name);
        ret->dir = ret->inode;
        ret->there = entry != NULL;
        ret->inode = entry ? entry->inode : 0;
        memcpy(ret->name, name, sizeof name);
    }
    return rc;
}

static void step_add(struct disk *disk, const struct disk_place *from,
                     const struct disk_place *to, uint32_t inode)
{
    HEAP_ROOM(disk->heap, disk->step, disk->nstep, disk->step_cap);
    disk->step[disk->nstep++] = (struct disk_step){
        .order = ++disk->order,
        .from_dir = from ? from->dir : UINT32_MAX,
        .to_dir = to ? to->dir : UINT32_MAX,
        .from = from ? copy_name(disk, from->name) : NULL,
        .to = to ? copy_name(disk, to->name) : NULL,
        .inode = inode,
    };
    disk_inode_ref(disk, inode);
    if (from)
        disk_inode_ref(disk, from->dir);
    if (to)
        disk_inode_ref(disk, to->dir);
}

static void step_keep(struct disk *disk, const struct disk_step *step)
{
    if (step->from)
        unset(disk, kept_of(disk, step->from_dir), step->from);
    if (step->to)
        set(disk, kept_of(disk, step->to_dir), step->to, step->inode);
}

static void step_drop(struct disk *disk, struct disk_step *step)
{
    disk_inode_unref(disk, step->inode);
    if (step->from)
        disk_inode_unref(disk, step->from_dir);
    if (step->to)
        disk_inode_unref(disk, step->to_dir);
    drop_name(disk, step->from);
    drop_name(disk, step->to);
}

static void touch(struct disk *disk, uint32_t dir)
{
    disk->inode[dir]->mtime_ns = disk->now_ns;
}

void disk_name_link(struct disk *disk, const struct disk_place *place,
                    uint32_t inode)
{
    set(disk, now_of(disk, place->dir), place->name, inode);
    touch(disk, place->dir);
    step_add(disk, NULL, place, inode);
}

static void unlink_place(struct disk *disk, const struct disk_place *place)
{
    step_add(disk, place, NULL, place->inode);
    unset(disk, now_of(disk, place->dir), place->name);
    touch(disk, place->dir);
}

int disk_unlink(struct disk *disk, const char *path)
{
    struct disk_place place;
    RIV__TRY(disk_name_find(disk, path, &place));
    if (!place.there)
        return -ENOENT;
    if (disk->inode[place.inode]->kind == RIV__IS_DIR)
        return -EISDIR;
    unlink_place(disk, &place);
    return 0;
}

int disk_mkdir(struct disk *disk, const char *path, unsigned mode)
{
    struct disk_place place;
    RIV__TRY(disk_name_find(disk, path, &place));
    if (place.there)
        return -EEXIST;
    disk_name_link(disk, &place,
                   disk_inode_new(disk, RIV__IS_DIR, mode & 0755));
    return 0;
}

static int may_rename(struct disk *disk, const struct disk_place *from,
                      const struct disk_place *to)
{
    if (!from->there)
        return -ENOENT;
    if (!to->there)
        return 0;
    const struct disk_inode *a = disk->inode[from->inode];
    const struct disk_inode *b = disk->inode[to->inode];
    if (b->kind == RIV__IS_DIR && a->kind != RIV__IS_DIR)
        return -EISDIR;
    if (b->kind != RIV__IS_DIR && a->kind == RIV__IS_DIR)
        return -ENOTDIR;
    return b->kind == RIV__IS_DIR && b->names.n > 0 ? -ENOTEMPTY : 0;
}

int disk_rename_new(struct disk *disk, const char *from, const char *to)
{
    struct disk_place place;
    RIV__TRY(disk_name_find(disk, to, &place));
    return place.there ? -EEXIST : disk_rename(disk, from, to);
}

int disk_rename(struct disk *disk, const char *from_path, const char *to_path)
{
    struct disk_place from, to;
    RIV__TRY(disk_name_find(disk, from_path, &from));
    RIV__TRY(disk_name_find(disk, to_path, &to));
    RIV__TRY(may_rename(disk, &from, &to));
    if (to.there && from.inode == to.inode)
        return 0;
    step_add(disk, &from, &to, from.inode);
    set(disk, now_of(disk, to.dir), to.name, from.inode);
    unset(disk, now_of(disk, from.dir), from.name);
    touch(disk, from.dir);
    touch(disk, to.dir);
    return 0;
}

/* Begins elsewhere each time: a folder has no order. */
int disk_list(struct disk *disk, const char *path, riv__list_fn *each,
              void *arg)
{
    struct disk_place place;
    int rc = 0;
    RIV__TRY(disk_name_find(disk, path, &place));
    if (!place.there)
        return -ENOENT;
    if (disk->inode[place.inode]->kind != RIV__IS_DIR)
        return -ENOTDIR;
    const struct disk_names *names = now_of(disk, place.inode);
    const size_t from = disk->lists++;
    for (size_t i = 0; i < names->n && rc == 0; i++)
        rc = each(arg, names->entry[(i + from) % names->n].name);
    return rc;
}

static bool is_joined(const struct disk *disk, uint32_t dir)
{
    return dir != UINT32_MAX && disk->inode[dir]->joined;
}

/* A folder, and those that a rename on its way binds to it: what came before
 * that rename in the other must not come after it. */
static void join(struct disk *disk, uint32_t dir)
{
    if (dir == UINT32_MAX || disk->inode[dir]->joined)
        return;
    disk->inode[dir]->joined = true;
    for (size_t i = 0; i < disk->nstep; i++) {
        const struct disk_step *step = &disk->step[i];
        if (is_joined(disk, step->from_dir) || is_joined(disk, step->to_dir)) {
            join(disk, step->from_dir);
            join(disk, step->to_dir);
        }
    }
}

void disk_name_sync(struct disk *disk, uint32_t dir)
{
    size_t left = 0;
    join(disk, dir);
    for (size_t i = 0; i < disk->nstep; i++) {
        struct disk_step step = disk->step[i];
        if (!is_joined(disk, step.from_dir) && !is_joined(disk, step.to_dir)) {
            disk->step[left++] = step;
            continue;
        }
        step_keep(disk, &step);
        step_drop(disk, &step);
    }
    disk->nstep = left;
    for (uint32_t i = 0; i < disk->ninode; i++)
        disk->inode[i]->joined = false;
}

void disk_name_keep(struct disk *disk, size_t n)
{
    for (size_t i = 0; i < n; i++)
        step_keep(disk, &disk->step[i]);
    for (size_t i = 0; i < disk->nstep; i++)
        step_drop(disk, &disk->step[i]);
    disk->nstep = 0;
}

static void back(struct disk *disk, struct disk_names *now,
                 const struct disk_names *kept)
{
    struct disk_names old = *now;
    *now = (struct disk_names){ .n = 0 };
    for (size_t i = 0; i < kept->n; i++)
        set(disk, now, kept->entry[i].name, kept->entry[i].inode);
    disk_name_clear(disk, &old);
}

void disk_name_back(struct disk *disk)
{
    for (uint32_t i = 0; i < disk->ninode; i++)
        if (disk->inode[i]->kind == RIV__IS_DIR)
            back(disk, now_of(disk, i), kept_of(disk, i));
}
