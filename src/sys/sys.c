/* sys/sys.c - the table of the real world, and of its functions those that are
 * neither files nor network: randomness, processors, memory. Everything in it
 * is thin; what needs thought stands in the helpers above the table. */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "sys/real.h"

static int real_random(struct riv_sys *sys, void *p, size_t n)
{
    (void)sys;
    for (size_t at = 0; at < n;) {
        ssize_t got = getrandom((char *)p + at, n - at, 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        at += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* The affinity mask of this type covers 1,024 processors; on larger machines
 * the call fails and all processors count. */
static int real_cores(struct riv_sys *sys)
{
    cpu_set_t set;
    (void)sys;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return RIV__MAX(CPU_COUNT(&set), 1);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)RIV__MIN(n, INT32_MAX) : 1;
}

/* "SIZE RESIDENT ...", in pages. */
static int64_t real_memory(struct riv_sys *sys, bool gives_back)
{
    char text[128];
    char *rest;
    (void)sys;
    if (gives_back)
        malloc_trim(0);
    const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    const ssize_t n = read(fd, text, sizeof text - 1);
    const int rc = n < 0 ? -errno : 0;
    close(fd);
    if (rc < 0)
        return rc;
    text[n] = '\0';
    (void)strtoll(text, &rest, 10);
    return strtoll(rest, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static struct riv_sys real = {
    .name = "real",
    .mono_ns = riv__real_mono_ns,
    .wall_ms = riv__real_wall_ms,
    .poll = riv__real_poll,
    .wake_open = riv__real_wake_open,
    .wake_raise = riv__real_wake_raise,
    .wake_close = riv__real_wake_close,
    .open = riv__real_open,
    .close = riv__real_close,
    .read = riv__real_read,
    .pread = riv__real_pread,
    .write = riv__real_write,
    .pwrite = riv__real_pwrite,
    .truncate = riv__real_truncate,
    .allocate = riv__real_allocate,
    .sync = riv__real_sync,
    .datasync = riv__real_datasync,
    .lock = riv__real_lock,
    .stat = riv__real_stat,
    .fstat = riv__real_fstat,
    .rename = riv__real_rename,
    .rename_new = riv__real_rename_new,
    .unlink = riv__real_unlink,
    .read_link = riv__real_read_link,
    .mkdir = riv__real_mkdir,
    .space = riv__real_space,
    .rmdir = riv__real_rmdir,
    .list = riv__real_list,
    .connect = riv__real_connect,
    .so_error = riv__real_so_error,
    .listen = riv__real_listen,
    .local_port = riv__real_local_port,
    .hang_up = riv__real_hang_up,
    .listen_name = riv__real_listen_name,
    .peer_is_own = riv__real_peer_is_own,
    .accept = riv__real_accept,
    .peer_host = riv__real_peer_host,
    .recv = riv__real_recv,
    .send = riv__real_send,
    .random = real_random,
    .cores = real_cores,
    .memory = real_memory,
    .spawn = riv__real_spawn,
    .feed = riv__real_feed,
    .reap = riv__real_reap,
};

struct riv_sys *riv__sys_real(void)
{
    return &real;
}
