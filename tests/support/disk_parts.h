/* support/disk_parts.h - what disk.c, disk_inode.c, disk_name.c and disk_cut.c
 * share; for nobody else. */
#ifndef RIV_SUPPORT_DISK_PARTS_H
#define RIV_SUPPORT_DISK_PARTS_H

#include "support/disk.h"

/* n bytes, of which those behind `cap` are zero: what is allocated and never
 * written costs nothing. */
struct disk_bytes {
    char *p;
    size_t n, cap;
};

/* A change of a file on its way to the platter. data NULL: the size is now
 * `at`. */
struct disk_change {
    uint64_t order, at;
    size_t n;
    char *data;
};

struct disk_entry {
    char *name;
    uint32_t hash, inode;
};

struct disk_names {
    struct disk_entry *entry;
    size_t n, cap;
};

struct disk_lock {
    int fd;
    uint64_t at, n;
};

struct disk_inode {
    int kind; /* RIV__IS_*; 0: not in use */
    unsigned refs;
    struct disk_bytes now, kept; /* as seen; as on the platter */
    struct disk_change *change;
    size_t nchange, change_cap;
    struct disk_names names, names_kept; /* of a folder */
    bool joined;                         /* it is being synced */
    uint64_t pages;
    int64_t mtime_ns, birth_ns;
    unsigned mode;
    unsigned opened;
    void *tie;
    struct disk_lock *lock;
    size_t nlock, lock_cap;
};

/* A change of names on its way. from NULL: `name` is made; to NULL: `from` is
 * taken away; both: renamed. */
struct disk_step {
    uint64_t order;
    uint32_t from_dir, to_dir, inode;
    char *from, *to;
};

struct disk_fd {
    bool open;
    uint32_t inode;
    unsigned flags;
    uint64_t pos;
};

struct disk {
    struct heap *heap;
    struct disk_inode **inode;
    size_t ninode, inode_cap;
    struct disk_step *step;
    size_t nstep, step_cap;
    struct disk_fd *fd;
    size_t nfd, fd_cap;
    int fd_base, fds_max;
    uint64_t order; /* of the last change or step */
    uint64_t pages, pages_max;
    uint64_t lists;
    int64_t now_ns;
};

/* disk_inode.c */
uint32_t disk_inode_new(struct disk *disk, int kind, unsigned mode);
void disk_inode_ref(struct disk *disk, uint32_t inode);
void disk_inode_unref(struct disk *disk, uint32_t inode);
int64_t disk_inode_write(struct disk *disk, struct disk_inode *inode,
                         const void *p, size_t n, uint64_t at);
int disk_inode_resize(struct disk *disk, struct disk_inode *inode,
                      uint64_t bytes);
void disk_inode_sync(struct disk *disk, struct disk_inode *inode);
void disk_inode_sync_part(struct disk *disk, struct disk_inode *inode,
                          struct rng *rng);
void disk_inode_lose(struct disk *disk, struct disk_inode *inode,
                     struct rng *rng);
void disk_inode_stat(const struct disk *disk, uint32_t inode,
                     struct riv_stat *ret);
void disk_inode_forget(struct disk *disk, struct disk_inode *inode);
/* The first `n` bytes of a change, or its size, reach the platter. */
void disk_inode_keep(struct disk *disk, struct disk_inode *inode,
                     const struct disk_change *change, size_t n);
void disk_bytes_size(struct heap *heap, struct disk_bytes *bytes, size_t n);
/* The first n bytes are in memory. */
void disk_bytes_need(struct heap *heap, struct disk_bytes *bytes, size_t n);
void disk_bytes_read(const struct disk_bytes *bytes, size_t from, char *dst,
                     size_t n);
/* What is seen is what is on the platter. */
void disk_inode_back(struct disk *disk, struct disk_inode *inode);

/* disk_name.c */
struct disk_place {
    uint32_t dir, inode;
    bool there;
    char name[256];
};
/* The folder and the last part of a path; an errno when the folder is missing.
 * The root has no name. */
int disk_name_find(struct disk *disk, const char *path, struct disk_place *ret);
void disk_name_link(struct disk *disk, const struct disk_place *place,
                    uint32_t inode);
void disk_name_sync(struct disk *disk, uint32_t dir);
/* Forgets all names and gives the list back. */
void disk_name_clear(struct disk *disk, struct disk_names *names);
/* The first `n` steps reach the platter, the others are forgotten. */
void disk_name_keep(struct disk *disk, size_t n);
void disk_name_back(struct disk *disk);

#endif
