/* sys/real.h - the functions of the real world's table, one file per noun;
 * sys.c joins them. For nobody else: callers go through the table, whose
 * contracts are in sys.h. */
#ifndef RIV_SYS_REAL_H
#define RIV_SYS_REAL_H

#include "sys/sys.h"

/* sys_clock.c */
int64_t riv__real_mono_ns(struct riv_sys *sys);
int64_t riv__real_wall_ms(struct riv_sys *sys);

/* sys_poll.c */
int riv__real_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                   struct riv_wake *wake, int64_t until_ns);
int riv__real_wake_open(struct riv_sys *sys, struct riv_wake *wake);
void riv__real_wake_raise(struct riv_sys *sys, struct riv_wake *wake);
void riv__real_wake_close(struct riv_sys *sys, struct riv_wake *wake);

/* sys_file.c */
int riv__real_open(struct riv_sys *sys, const char *path, unsigned flags);
int riv__real_close(struct riv_sys *sys, int fd);
int64_t riv__real_read(struct riv_sys *sys, int fd, void *p, size_t n);
int64_t riv__real_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                        uint64_t at);
int64_t riv__real_write(struct riv_sys *sys, int fd, const void *p, size_t n);
int64_t riv__real_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                         uint64_t at);
int riv__real_truncate(struct riv_sys *sys, int fd, uint64_t bytes);
int riv__real_allocate(struct riv_sys *sys, int fd, uint64_t bytes);
int riv__real_sync(struct riv_sys *sys, int fd);
int riv__real_datasync(struct riv_sys *sys, int fd);
int riv__real_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n);
int riv__real_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret);
int riv__real_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret);
int riv__real_rename(struct riv_sys *sys, const char *from, const char *to);
int riv__real_rename_new(struct riv_sys *sys, const char *from, const char *to);
int riv__real_unlink(struct riv_sys *sys, const char *path);
int riv__real_read_link(struct riv_sys *sys, const char *path, char *to,
                        size_t room);
int riv__real_mkdir(struct riv_sys *sys, const char *path, unsigned mode);
int riv__real_space(struct riv_sys *sys, const char *path,
                    struct riv_space *ret);
int riv__real_rmdir(struct riv_sys *sys, const char *path);
int riv__real_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                   void *arg);

/* sys_net.c */
int riv__real_connect(struct riv_sys *sys, const char *host, const char *port,
                      unsigned attempt);
int riv__real_so_error(struct riv_sys *sys, int fd);
int riv__real_listen(struct riv_sys *sys, const char *host, const char *port,
                     int backlog);
int riv__real_local_port(struct riv_sys *sys, int fd);
int riv__real_listen_name(struct riv_sys *sys, const char *name, int backlog);
bool riv__real_peer_is_own(struct riv_sys *sys, int fd);
int riv__real_hang_up(struct riv_sys *sys, int fd);
int riv__real_accept(struct riv_sys *sys, int fd);
int riv__real_peer_host(struct riv_sys *sys, int fd, char *host, size_t room);
int64_t riv__real_recv(struct riv_sys *sys, int fd, void *p, size_t n);
int64_t riv__real_send(struct riv_sys *sys, int fd, const void *p, size_t n);

/* sys_process.c */
int riv__real_spawn(struct riv_sys *sys, const struct riv_command *command,
                    struct riv_child *ret);
int64_t riv__real_feed(struct riv_sys *sys, int fd, const void *p, size_t n);
int riv__real_reap(struct riv_sys *sys, int pid, bool end);

#endif
