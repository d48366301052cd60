/* support/disk_sys.h - the real world, but its files lie on a disk in memory.
 * For unit tests, from any thread. Files cannot be polled. A manual clock or a
 * failing world goes on top. */
#ifndef RIV_SUPPORT_DISK_SYS_H
#define RIV_SUPPORT_DISK_SYS_H

#include "support/disk.h"
#include "sys/thread.h"

struct disk_sys {
    struct riv_sys sys; /* give &world->sys */
    struct heap *heap;
    struct disk *disk; /* for the test, while nobody else is at work */
    struct riv_lock lock;
};

void disk_sys_init(struct disk_sys *world);
void disk_sys_fini(struct disk_sys *world);

#endif
