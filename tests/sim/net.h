/* sim/net.h - the network of the simulated world: the engine's side through
 * descriptors, the other side by number. Buffers are bounded, so a reader that
 * stops makes its peer stop. Numbers below 0 are negative errnos. */
#ifndef RIV_SIM_NET_H
#define RIV_SIM_NET_H

#include "sim/stream.h"
#include "support/heap.h"
#include "support/rng.h"
#include "sys/sys.h"

enum { NET_FD_BASE = 20000, NET_FDS_MAX = 256, NET_PORTS_MAX = 16 };

struct net;

struct net *net_new(struct heap *heap);

/* ------------------------------------------------------- the engine's side */

/* A peer that listens at the port is reached after some time; 0 to n - 1 are
 * addresses of the host, of which only the last answers. */
int net_connect(struct net *net, const char *port, unsigned attempt,
                int64_t now_ns);
int net_so_error(struct net *net, int fd, int64_t now_ns);
int net_listen(struct net *net, const char *port, int backlog);
int net_local_port(struct net *net, int fd);
int net_accept(struct net *net, int fd);
int64_t net_recv(struct net *net, int fd, void *p, size_t n);
int64_t net_send(struct net *net, int fd, const void *p, size_t n);
int net_close(struct net *net, int fd);
/* RIV__POLL_* that hold now. */
short net_ready(const struct net *net, int fd, int64_t now_ns);
/* When a connection under way stands; INT64_MAX: not waiting for time. */
int64_t net_due(const struct net *net, int fd, int64_t now_ns);
bool net_is_fd(int fd);
void net_limit_fds(struct net *net, int n); /* more is -EMFILE */
int net_fds(const struct net *net);

/* The process is gone: its connections break, its listeners are no more. */
void net_kill(struct net *net);

/* --------------------------------------------------------- the other side */

/* What a port of the other side does with those who come. */
enum net_door { NET_REFUSES, NET_SILENT, NET_OPENS };

/* Connects to a listener of the engine: the connection, or -ECONNREFUSED when
 * nobody listens or the backlog is full. room: of the buffer on the way. */
int net_knock(struct net *net, int port, size_t room, struct stream *stream);
void net_door(struct net *net, int port, enum net_door door, int64_t delay_ns,
              unsigned addresses);
/* Who came to a door of ours; -EAGAIN: nobody. */
int net_greet(struct net *net, int port, size_t room, struct stream *stream);
/* Bytes that the buffer takes now; -EPIPE: the engine has hung up. */
int64_t net_room(const struct net *net, int conn);
void net_say(struct net *net, int conn, const char *p, size_t n);
/* Takes what the engine has sent; the number of bytes. */
size_t net_hear(struct net *net, int conn, char *p, size_t n);
void net_finish(struct net *net, int conn); /* no more comes from us */
void net_reset(struct net *net, int conn);  /* what is on the way is lost */
/* The engine has hung up, or has read everything to the end. */
bool net_is_over(const struct net *net, int conn);
void net_leave(struct net *net, int conn); /* the number may be used again */

#endif
