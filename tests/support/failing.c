/* support/failing.c - counts, fails, or hands on. */
#include "support/failing.h"

#include <errno.h>
#include <stdatomic.h>

static struct failing *of(struct riv_sys *sys)
{
    return sys->self;
}

static bool hit(struct failing *f, enum fail_kind kind)
{
    const int64_t n = atomic_fetch_add(&f->calls[kind], 1) + 1;
    return f->kind == kind && n >= f->first && n <= f->last;
}

/* 0, or a negative errno: this call fails. */
static int fault(struct failing *f, enum fail_kind kind)
{
    const bool one = hit(f, kind), any = hit(f, FAIL_ANY);
    if (!one && !any)
        return 0;
    atomic_fetch_add(&f->fired, 1);
    return -f->errnum;
}

/* What may be read or written; 0: the call fails. */
static size_t some(const struct failing *f, int rc, size_t n)
{
    return rc == 0 ? n : RIV__MIN(n, f->at_most);
}

static int f_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    RIV__TRY(fault(of(sys), FAIL_OPEN));
    return of(sys)->under->open(of(sys)->under, path, flags);
}

static int64_t f_read(struct riv_sys *sys, int fd, void *p, size_t n)
{
    const int rc = fault(of(sys), FAIL_READ);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->read(of(sys)->under, fd, p, most);
}

static int64_t f_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                       uint64_t at)
{
    const int rc = fault(of(sys), FAIL_READ);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->pread(of(sys)->under, fd, p, most, at);
}

static int64_t f_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    const int rc = fault(of(sys), FAIL_WRITE);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->write(of(sys)->under, fd, p, most);
}

static int f_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    RIV__TRY(fault(of(sys), FAIL_TRUNCATE));
    return of(sys)->under->truncate(of(sys)->under, fd, bytes);
}

static int64_t f_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                        uint64_t at)
{
    const int rc = fault(of(sys), FAIL_WRITE);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->pwrite(of(sys)->under, fd, p, most, at);
}

static int f_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    RIV__TRY(fault(of(sys), FAIL_ALLOCATE));
    return of(sys)->under->allocate(of(sys)->under, fd, bytes);
}

static int sync_fault(struct failing *f, int fd)
{
    const int rc = fault(f, FAIL_SYNC);
    if (rc < 0 && f->sync_failed)
        f->sync_failed(f, fd);
    return rc;
}

static int f_datasync(struct riv_sys *sys, int fd)
{
    RIV__TRY(sync_fault(of(sys), fd));
    return of(sys)->under->datasync(of(sys)->under, fd);
}

static int f_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    RIV__TRY(fault(of(sys), FAIL_LOCK));
    return of(sys)->under->lock(of(sys)->under, fd, at, n);
}

static int f_space(struct riv_sys *sys, const char *path, struct riv_space *ret)
{
    RIV__TRY(fault(of(sys), FAIL_SPACE));
    return of(sys)->under->space(of(sys)->under, path, ret);
}

static int f_sync(struct riv_sys *sys, int fd)
{
    RIV__TRY(sync_fault(of(sys), fd));
    return of(sys)->under->sync(of(sys)->under, fd);
}

static int f_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret)
{
    RIV__TRY(fault(of(sys), FAIL_STAT));
    return of(sys)->under->stat(of(sys)->under, path, ret);
}

static int f_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    RIV__TRY(fault(of(sys), FAIL_STAT));
    return of(sys)->under->fstat(of(sys)->under, fd, ret);
}

static int f_rename(struct riv_sys *sys, const char *from, const char *to)
{
    RIV__TRY(fault(of(sys), FAIL_RENAME));
    return of(sys)->under->rename(of(sys)->under, from, to);
}

static int f_rename_new(struct riv_sys *sys, const char *from, const char *to)
{
    RIV__TRY(fault(of(sys), FAIL_RENAME));
    return of(sys)->under->rename_new(of(sys)->under, from, to);
}

static int f_read_link(struct riv_sys *sys, const char *path, char *to,
                       size_t room)
{
    return of(sys)->under->read_link(of(sys)->under, path, to, room);
}

static int f_unlink(struct riv_sys *sys, const char *path)
{
    RIV__TRY(fault(of(sys), FAIL_UNLINK));
    return of(sys)->under->unlink(of(sys)->under, path);
}

static int f_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    RIV__TRY(fault(of(sys), FAIL_MKDIR));
    return of(sys)->under->mkdir(of(sys)->under, path, mode);
}

static int f_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                  void *arg)
{
    RIV__TRY(fault(of(sys), FAIL_LIST));
    return of(sys)->under->list(of(sys)->under, path, each, arg);
}

static int f_connect(struct riv_sys *sys, const char *host, const char *port,
                     unsigned attempt)
{
    RIV__TRY(fault(of(sys), FAIL_CONNECT));
    return of(sys)->under->connect(of(sys)->under, host, port, attempt);
}

static int f_so_error(struct riv_sys *sys, int fd)
{
    RIV__TRY(fault(of(sys), FAIL_CONNECT));
    return of(sys)->under->so_error(of(sys)->under, fd);
}

static int f_listen(struct riv_sys *sys, const char *host, const char *port,
                    int backlog)
{
    RIV__TRY(fault(of(sys), FAIL_LISTEN));
    return of(sys)->under->listen(of(sys)->under, host, port, backlog);
}

static int f_accept(struct riv_sys *sys, int fd)
{
    RIV__TRY(fault(of(sys), FAIL_ACCEPT));
    return of(sys)->under->accept(of(sys)->under, fd);
}

static int f_peer_host(struct riv_sys *sys, int fd, char *host, size_t room)
{
    return of(sys)->under->peer_host(of(sys)->under, fd, host, room);
}

static int64_t f_recv(struct riv_sys *sys, int fd, void *p, size_t n)
{
    const int rc = fault(of(sys), FAIL_RECV);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->recv(of(sys)->under, fd, p, most);
}

static int64_t f_send(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    const int rc = fault(of(sys), FAIL_SEND);
    const size_t most = some(of(sys), rc, n);
    return rc < 0 && most == 0
               ? rc
               : of(sys)->under->send(of(sys)->under, fd, p, most);
}

static int f_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                  struct riv_wake *wake, int64_t until_ns)
{
    RIV__TRY(fault(of(sys), FAIL_POLL));
    return of(sys)->under->poll(of(sys)->under, fds, n, wake, until_ns);
}

static int f_wake_open(struct riv_sys *sys, struct riv_wake *wake)
{
    RIV__TRY(fault(of(sys), FAIL_WAKE));
    return of(sys)->under->wake_open(of(sys)->under, wake);
}

static int f_random(struct riv_sys *sys, void *p, size_t n)
{
    RIV__TRY(fault(of(sys), FAIL_RANDOM));
    return of(sys)->under->random(of(sys)->under, p, n);
}

/* ------------------------------------------------- what does not fail */

static int64_t f_mono_ns(struct riv_sys *sys)
{
    return of(sys)->under->mono_ns(of(sys)->under);
}

static int64_t f_wall_ms(struct riv_sys *sys)
{
    return of(sys)->under->wall_ms(of(sys)->under);
}

static void f_wake_raise(struct riv_sys *sys, struct riv_wake *wake)
{
    of(sys)->under->wake_raise(of(sys)->under, wake);
}

static void f_wake_close(struct riv_sys *sys, struct riv_wake *wake)
{
    of(sys)->under->wake_close(of(sys)->under, wake);
}

static int f_close(struct riv_sys *sys, int fd)
{
    return of(sys)->under->close(of(sys)->under, fd);
}

static int f_local_port(struct riv_sys *sys, int fd)
{
    return of(sys)->under->local_port(of(sys)->under, fd);
}

static int f_cores(struct riv_sys *sys)
{
    return of(sys)->under->cores(of(sys)->under);
}

static const struct riv_sys table = {
    .name = "failing",
    .mono_ns = f_mono_ns,
    .wall_ms = f_wall_ms,
    .poll = f_poll,
    .wake_open = f_wake_open,
    .wake_raise = f_wake_raise,
    .wake_close = f_wake_close,
    .open = f_open,
    .close = f_close,
    .read = f_read,
    .pread = f_pread,
    .write = f_write,
    .truncate = f_truncate,
    .pwrite = f_pwrite,
    .allocate = f_allocate,
    .lock = f_lock,
    .sync = f_sync,
    .datasync = f_datasync,
    .space = f_space,
    .stat = f_stat,
    .fstat = f_fstat,
    .rename = f_rename,
    .rename_new = f_rename_new,
    .unlink = f_unlink,
    .read_link = f_read_link,
    .mkdir = f_mkdir,
    .list = f_list,
    .connect = f_connect,
    .so_error = f_so_error,
    .listen = f_listen,
    .local_port = f_local_port,
    .accept = f_accept,
    .peer_host = f_peer_host,
    .recv = f_recv,
    .send = f_send,
    .random = f_random,
    .cores = f_cores,
};

void failing_init(struct failing *f, struct riv_sys *under)
{
    *f = (struct failing){ .sys = table, .under = under };
    f->sys.self = f;
}

void failing_mend(struct failing *f)
{
    f->first = f->last = 0;
    f->at_most = 0;
}

void failing_from(struct failing *f, enum fail_kind kind, int64_t n, int errnum)
{
    atomic_store(&f->fired, 0);
    f->kind = kind;
    f->errnum = errnum;
    f->first = atomic_load(&f->calls[kind]) + n;
    f->last = INT64_MAX;
}

void failing_once(struct failing *f, enum fail_kind kind, int64_t n, int errnum)
{
    failing_from(f, kind, n, errnum);
    f->last = f->first;
}

const char *failing_name(enum fail_kind kind)
{
    static const char *const name[] = {
        "open",  "read",    "write",  "truncate", "allocate", "sync",
        "lock",  "stat",    "rename", "unlink",   "mkdir",    "list",
        "space", "connect", "listen", "accept",   "recv",     "send",
        "poll",  "wake",    "random", "any"
    };
    _Static_assert(RIV__LEN(name) == FAIL_KINDS, "a name for each");
    return kind < FAIL_KINDS ? name[kind] : "?";
}
