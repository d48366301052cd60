/* sys/sys_net.c - stream sockets of the real world, IPv4 and IPv6, always
 * non-blocking and close-on-exec. Messages, waiting and the choice among a
 * host's addresses are made in net.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/real.h"

static int errno_of_lookup(int rc)
{
    switch (rc) {
    case EAI_SYSTEM: return -errno;
    case EAI_MEMORY: return -ENOMEM;
    case EAI_SERVICE: return -EINVAL;
    default: return -ENOENT;
    }
}

/* All addresses of host and port; freeaddrinfo(*ret) afterwards. */
static int lookup(const char *host, const char *port, int flags,
                  struct addrinfo **ret)
{
    const struct addrinfo hints = { .ai_flags = flags,
                                    .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM };
    const char *node = host && *host ? host : NULL;
    int rc = getaddrinfo(node, port, &hints, ret);
    return rc == 0 ? 0 : errno_of_lookup(rc);
}

static int socket_for(const struct addrinfo *addr)
{
    int type = addr->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(addr->ai_family, type, addr->ai_protocol);
    return fd < 0 ? -errno : fd;
}

/* Closes fd and returns the fault of the call before. */
static int close_failed(int fd)
{
    int rc = -errno;
    close(fd);
    return rc;
}

static int connect_one(const struct addrinfo *addr)
{
    int fd = socket_for(addr);
    if (fd < 0)
        return fd;
    if (connect(fd, addr->ai_addr, addr->ai_addrlen) < 0 &&
        errno != EINPROGRESS && errno != EINTR)
        return close_failed(fd);
    return fd;
}

int riv__real_connect(struct riv_sys *sys, const char *host, const char *port,
                      unsigned attempt)
{
    struct addrinfo *all = NULL;
    (void)sys;
    RIV__TRY(lookup(host, port, 0, &all));
    const struct addrinfo *addr = all;
    while (addr && attempt-- > 0)
        addr = addr->ai_next;
    int fd = addr ? connect_one(addr) : -ENXIO;
    freeaddrinfo(all);
    return fd;
}

int riv__real_so_error(struct riv_sys *sys, int fd)
{
    int fault = 0;
    socklen_t n = sizeof fault;
    (void)sys;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &n) < 0)
        return -errno;
    return -fault;
}

/* The wild-card address of IPv6 takes IPv4 connections too, whatever the
 * system's default is. */
static int listen_one(const struct addrinfo *addr, int backlog)
{
    const int on = 1, off = 0;
    int fd = socket_for(addr);
    if (fd < 0)
        return fd;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return close_failed(fd);
    if (addr->ai_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
        return close_failed(fd);
    if (bind(fd, addr->ai_addr, addr->ai_addrlen) < 0)
        return close_failed(fd);
    return listen(fd, backlog) < 0 ? close_failed(fd) : fd;
}

/* The first that can be bound among the addresses of one family, or the last
 * fault; -ENXIO when there is none of the family (AF_UNSPEC: any). */
static int listen_first(const struct addrinfo *all, int family, int backlog)
{
    int rc = -ENXIO;
    for (const struct addrinfo *addr = all; addr; addr = addr->ai_next) {
        if (family != AF_UNSPEC && addr->ai_family != family)
            continue;
        rc = listen_one(addr, backlog);
        if (rc >= 0)
            return rc;
    }
    return rc;
}

/* "Any" means both families: IPv6's wild card first, and IPv4's only where the
 * machine has no IPv6. A port in use is a fault, not a reason for IPv4. */
int riv__real_listen(struct riv_sys *sys, const char *host, const char *port,
                     int backlog)
{
    struct addrinfo *all = NULL;
    bool any = !host || !*host;
    (void)sys;
    RIV__TRY(lookup(host, port, AI_PASSIVE, &all));
    int fd = listen_first(all, any ? AF_INET6 : AF_UNSPEC, backlog);
    if (any && (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL || fd == -ENXIO))
        fd = listen_first(all, AF_INET, backlog);
    freeaddrinfo(all);
    return fd;
}

int riv__real_local_port(struct riv_sys *sys, int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } addr = { .room = { .ss_family = AF_UNSPEC } };
    socklen_t n = sizeof addr;
    (void)sys;
    if (getsockname(fd, &addr.any, &n) < 0)
        return -errno;
    if (addr.any.sa_family == AF_INET)
        return ntohs(addr.v4.sin_port);
    if (addr.any.sa_family == AF_INET6)
        return ntohs(addr.v6.sin6_port);
    return -EAFNOSUPPORT;
}

int riv__real_listen_name(struct riv_sys *sys, const char *name, int backlog)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    const size_t n = strlen(name);
    (void)sys;
    if (n >= sizeof addr.sun_path)
        return -ENAMETOOLONG;
    memcpy(addr.sun_path + 1, name, n); /* a NUL in front: no file */
    const int fd =
        socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const socklen_t bytes =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);
    if (bind(fd, (const struct sockaddr *)&addr, bytes) < 0)
        return close_failed(fd);
    return listen(fd, backlog) < 0 ? close_failed(fd) : fd;
}

bool riv__real_peer_is_own(struct riv_sys *sys, int fd)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    (void)sys;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

/* A connection that broke before it was taken is as good as none: the next
 * one is asked for. */
int riv__real_accept(struct riv_sys *sys, int fd)
{
    (void)sys;
    for (;;) {
        int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (peer >= 0)
            return peer;
        if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
            return -errno;
    }
}

int riv__real_peer_host(struct riv_sys *sys, int fd, char *host, size_t room)
{
    struct sockaddr_storage addr;
    socklen_t n = sizeof addr;
    (void)sys;
    if (getpeername(fd, (struct sockaddr *)&addr, &n) < 0)
        return -errno;
    const int rc = getnameinfo((struct sockaddr *)&addr, n, host,
                               (socklen_t)room, NULL, 0, NI_NUMERICHOST);
    return rc == 0 ? 0 : -EAFNOSUPPORT;
}

int64_t riv__real_recv(struct riv_sys *sys, int fd, void *p, size_t n)
{
    (void)sys;
    for (;;) {
        ssize_t got = recv(fd, p, n, 0);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return -errno;
    }
}

int64_t riv__real_send(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    (void)sys;
    ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

int riv__real_hang_up(struct riv_sys *sys, int fd)
{
    (void)sys;
    return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0;
}
