/* sys/sys.h - the world through one table: clock, files, network, randomness,
 * waiting. The engine reaches it only through a struct riv_sys, so that tests
 * and the simulator can put another world in its place. Functions return 0 or
 * more, or a negative errno. All may be called from any thread unless said.
 * A world may be a copy of another with some functions replaced (sys/clock.h):
 * those that stay find their state through sys->self, never by the address of
 * the table. Helpers that make messages and retry EINTR are in sys/file.h,
 * sys/net.h. */
#ifndef RIV_SYS_SYS_H
#define RIV_SYS_SYS_H

#include <stdbool.h>

#include "base/err.h"

struct riv_sys;

enum {
    RIV__OPEN_READ = 1,
    RIV__OPEN_WRITE = 2,
    RIV__OPEN_CREATE = 4,
    RIV__OPEN_TRUNC = 8,
    RIV__OPEN_APPEND = 16,
    RIV__OPEN_EXCL = 32,
    RIV__OPEN_NOFOLLOW = 64,
    RIV__OPEN_NONBLOCK = 128, /* a FIFO without a writer does not wait */
    RIV__OPEN_PRIVATE = 256   /* a new file gets the mode 0600 */
};

enum {
    RIV__IS_FILE = 1,
    RIV__IS_DIR,
    RIV__IS_PIPE,
    RIV__IS_SOCKET,
    RIV__IS_CHAR,
    RIV__IS_OTHER
};

enum { /* of riv_stat.mode, as of mkdir(2) */
       RIV__MODE_PRIVATE = 0700,
       RIV__MODE_PUBLIC = 0777,
       RIV__MODE_OTHERS_WRITE = 0022
};

struct riv_stat {
    int kind; /* RIV__IS_* */
    uint64_t bytes, inode, device;
    int64_t mtime_ns;
    int64_t birth_ns; /* when it was made; 0: this file system does not know */
    unsigned mode;    /* permissions, 07777 at most */
    bool is_own;      /* the owner is the user this process acts for */
};

/* The file system a path is on. */
struct riv_space {
    uint64_t free_bytes; /* that this user may still fill */
    uint64_t total_bytes;
    bool is_remote; /* another machine's: locks and syncs may be empty words */
};

enum {
    RIV__POLL_IN = 1,
    RIV__POLL_OUT = 4,
    RIV__POLL_ERR = 8,
    RIV__POLL_HUP = 16
}; /* the values of poll(2) */

struct riv_pollfd {
    int fd;
    short events, revents;
}; /* as poll(2) */

enum { RIV__POLL_FDS_MAX = 1024, RIV__HOST_BYTES = 64 };

/* Something another thread can raise to end a wait: an eventfd. */
struct riv_wake {
    int fd;
};

typedef int riv__list_fn(void *arg, const char *name); /* not 0 ends the list */

/* A program to run: looked for in PATH when argv[0] has no slash; with the
 * environment of this process, and `env` ("NAME=VALUE", ends with NULL; NULL:
 * nothing) over it; in `folder` (NULL: where this process is). */
struct riv_command {
    char *const *argv;
    const char *const *env;
    const char *folder;
};
struct riv_child {
    int pid;
    int to, from; /* its standard input and output: non-blocking pipes, to be
                     closed; its standard error is that of this process */
};

struct riv_sys {
    const char *name;
    void *self;
    /* Clocks: monotonic nanoseconds; wall milliseconds since the epoch. */
    int64_t (*mono_ns)(struct riv_sys *sys);
    int64_t (*wall_ms)(struct riv_sys *sys);
    /* Waits until a descriptor is ready, the wake (may be NULL) is raised, or
     * the monotonic time is reached (INT64_MAX: no limit). Returns the number
     * of ready descriptors; the wake is lowered and not counted. Signals do
     * not end the wait. n is at most RIV__POLL_FDS_MAX (else -EINVAL); an fd
     * below 0 is passed over. */
    int (*poll)(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                struct riv_wake *wake, int64_t until_ns);
    int (*wake_open)(struct riv_sys *sys, struct riv_wake *wake);
    /* Stays raised until a poll lowers it; also fine in a signal handler. */
    void (*wake_raise)(struct riv_sys *sys, struct riv_wake *wake);
    void (*wake_close)(struct riv_sys *sys, struct riv_wake *wake);
    /* Files. open returns a descriptor; always close-on-exec. New files get
     * the mode 0666 (RIV__OPEN_PRIVATE: 0600), new folders the given one, less
     * the umask. Writing to a pipe that nobody reads raises SIGPIPE, which is
     * the host's to ignore, and gives -EPIPE. sync takes a folder's descriptor
     * (opened to read) too. datasync: the contents and the length are durable,
     * the times need not be. */
    int (*open)(struct riv_sys *sys, const char *path, unsigned flags);
    int (*close)(struct riv_sys *sys, int fd);
    int64_t (*read)(struct riv_sys *sys, int fd, void *p, size_t n);
    int64_t (*pread)(struct riv_sys *sys, int fd, void *p, size_t n,
                     uint64_t at);
    int64_t (*write)(struct riv_sys *sys, int fd, const void *p, size_t n);
    int64_t (*pwrite)(struct riv_sys *sys, int fd, const void *p, size_t n,
                      uint64_t at);
    int (*truncate)(struct riv_sys *sys, int fd, uint64_t bytes);
    /* Disk space for the first `bytes` bytes, really there, read as zeros where
     * nothing was written; the file gets that length when it was shorter.
     * -ENOSPC: not enough; -EOPNOTSUPP: this file system cannot. */
    int (*allocate)(struct riv_sys *sys, int fd, uint64_t bytes);
    int (*sync)(struct riv_sys *sys, int fd);
    int (*datasync)(struct riv_sys *sys, int fd);
    /* The bytes [at, at + n) are this descriptor's alone among those that lock
     * them, until it is closed or its process is dead. Does not wait: -EAGAIN
     * when another one has some of them, in this process or in another. The
     * descriptor must be open for writing. */
    int (*lock)(struct riv_sys *sys, int fd, uint64_t at, uint64_t n);
    int (*stat)(struct riv_sys *sys, const char *path, struct riv_stat *ret);
    int (*fstat)(struct riv_sys *sys, int fd, struct riv_stat *ret);
    int (*rename)(struct riv_sys *sys, const char *from, const char *to);
    /* The same, but -EEXIST when there is a `to`. */
    int (*rename_new)(struct riv_sys *sys, const char *from, const char *to);
    int (*unlink)(struct riv_sys *sys, const char *path);
    /* What a symbolic link says, as text with its NUL. -EINVAL: it is none;
     * -ENAMETOOLONG: there is no room for it. */
    int (*read_link)(struct riv_sys *sys, const char *path, char *to,
                     size_t room);
    int (*mkdir)(struct riv_sys *sys, const char *path, unsigned mode);
    int (*space)(struct riv_sys *sys, const char *path, struct riv_space *ret);
    int (*rmdir)(struct riv_sys *sys, const char *path); /* an empty folder */
    /* Names in a directory, without "." and "..", in no order. Returns 0, or
     * what `each` returned when it ended the list. */
    int (*list)(struct riv_sys *sys, const char *path, riv__list_fn *each,
                void *arg);
    /* Network, stream sockets, non-blocking, close-on-exec. host NULL or "":
     * any address. connect returns a descriptor that is ready or in progress
     * (wait for POLL_OUT, then ask so_error); one address, chosen by
     * `attempt` (0, 1, ...), -ENXIO when there are no more. Both ask the
     * system for the host's addresses, which may wait for the network: not for
     * the driver. An unknown host is -ENOENT, an unknown port -EINVAL.
     * listen takes the first address that can be bound; port "0": a free one.
     * so_error: 0 when the connection stands, else its fault. accept, recv,
     * send: -EAGAIN when there is nothing, or no room; recv: 0 at the end. send
     * raises no signal. */
    int (*connect)(struct riv_sys *sys, const char *host, const char *port,
                   unsigned attempt);
    int (*so_error)(struct riv_sys *sys, int fd);
    int (*listen)(struct riv_sys *sys, const char *host, const char *port,
                  int backlog);
    int (*local_port)(struct riv_sys *sys, int fd);
    /* A socket of this machine by a name that is no file (unix(7), abstract), so
     * that nothing of it is left when the process is dead. -EADDRINUSE: somebody
     * has the name. NULL: a world without. */
    int (*listen_name)(struct riv_sys *sys, const char *name, int backlog);
    /* Is the process at the other end of such a socket this one's user's, or
     * root's? The names are open to all users. */
    bool (*peer_is_own)(struct riv_sys *sys, int fd);
    int (*accept)(struct riv_sys *sys, int fd);
    /* The address at the other end of a connection, in numbers, as text with its
     * NUL; RIV__HOST_BYTES hold any. */
    int (*peer_host)(struct riv_sys *sys, int fd, char *host, size_t room);
    int64_t (*recv)(struct riv_sys *sys, int fd, void *p, size_t n);
    /* Ends a connection for both sides; its descriptor stays open. */
    int (*hang_up)(struct riv_sys *sys, int fd);
    int64_t (*send)(struct riv_sys *sys, int fd, const void *p, size_t n);
    /* Random bytes, only for identities and seeds. */
    int (*random)(struct riv_sys *sys, void *p, size_t n);
    /* Processors this process may use. */
    int (*cores)(struct riv_sys *sys);
    /* Bytes of memory this process has, as the system counts them (resident);
     * first, if it should, what the allocator holds and nobody uses is given
     * back, which takes a millisecond a gigabyte. -errno: not known. NULL: a
     * world without such a thing. */
    int64_t (*memory)(struct riv_sys *sys, bool gives_back);
    /* Processes; NULL in worlds that have none. feed writes without a signal
     * where nobody reads: -EPIPE. reap: the exit code, or 256 and the signal
     * that ended it, once; -EAGAIN while it runs. `end` ends it first. */
    int (*spawn)(struct riv_sys *sys, const struct riv_command *command,
                 struct riv_child *ret);
    int64_t (*feed)(struct riv_sys *sys, int fd, const void *p, size_t n);
    int (*reap)(struct riv_sys *sys, int pid, bool end);
};

/* The real world; static, shared, no state. */
struct riv_sys *riv__sys_real(void);

/* Monotonic now in microseconds. */
static inline int64_t riv__sys_us(struct riv_sys *sys)
{
    return sys->mono_ns(sys) / 1000;
}

#endif
