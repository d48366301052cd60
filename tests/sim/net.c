/* sim/net.c - listeners, connections, doors. */
#include "sim/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BACK_BYTES = 256 };

struct conn {
    bool used;
    bool left;     /* by the other side */
    bool accepted; /* by the engine */
    bool dialled;  /* by the engine, and not yet greeted */
    bool closed;   /* by the engine */
    bool fin, reset, over;
    int port;
    int so_error;      /* why it will not stand */
    int64_t stands_ns; /* when it is known whether it stands */
    struct stream *stream;
    char *p; /* on the way to the engine */
    size_t from, n, room;
    char back[BACK_BYTES]; /* and to the other side */
    size_t nback;
};

enum what { NOTHING, LISTENER, CONN };

struct fd {
    enum what what;
    int at; /* index of a conn; port of a listener */
    int backlog;
};

struct door {
    int port;
    enum net_door how;
    int64_t delay_ns;
    unsigned addresses;
};

enum { CONNS_MAX = 128 };

struct net {
    struct heap *heap;
    struct fd fd[NET_FDS_MAX];
    int fds_max, nfd;
    struct conn conn[CONNS_MAX];
    int queue[CONNS_MAX]; /* not yet accepted, in order */
    int nqueue;
    struct door door[NET_PORTS_MAX];
    int ndoor;
};

struct net *net_new(struct heap *heap)
{
    struct net *net = heap_take(heap, sizeof *net);
    net->heap = heap;
    net->fds_max = NET_FDS_MAX;
    return net;
}

bool net_is_fd(int fd)
{
    return fd >= NET_FD_BASE && fd < NET_FD_BASE + NET_FDS_MAX;
}

void net_limit_fds(struct net *net, int n)
{
    net->fds_max = n;
}

int net_fds(const struct net *net)
{
    return net->nfd;
}

static const struct fd *fd_at(const struct net *net, int fd, enum what what)
{
    if (!net_is_fd(fd) || net->fd[fd - NET_FD_BASE].what != what)
        return NULL;
    return &net->fd[fd - NET_FD_BASE];
}

static int fd_new(struct net *net, struct fd value)
{
    int i = 0;
    if (net->nfd >= net->fds_max)
        return -EMFILE;
    while (net->fd[i].what != NOTHING)
        i++;
    net->fd[i] = value;
    net->nfd++;
    return NET_FD_BASE + i;
}

/* ----------------------------------------------------------- connections */

static int conn_new(struct net *net, struct conn value)
{
    for (int i = 0; i < CONNS_MAX; i++) {
        if (net->conn[i].used)
            continue;
        net->conn[i] = value;
        net->conn[i].used = true;
        net->conn[i].p = value.room ? heap_take(net->heap, value.room) : NULL;
        return i;
    }
    return -ENOBUFS;
}

static void conn_drop(struct net *net, struct conn *conn)
{
    if (!conn->closed || !conn->left)
        return;
    heap_give(net->heap, conn->p, conn->room);
    *conn = (struct conn){ .used = false };
}

static const struct door *door_at(const struct net *net, int port)
{
    for (int i = 0; i < net->ndoor; i++)
        if (net->door[i].port == port)
            return &net->door[i];
    return NULL;
}

static int port_of(const char *port)
{
    return (int)strtol(port, NULL, 10);
}

int net_connect(struct net *net, const char *port, unsigned attempt,
                int64_t now_ns)
{
    const struct door *door = door_at(net, port_of(port));
    const unsigned last = door && door->addresses ? door->addresses - 1 : 0;
    if (!door)
        return -ENOENT;
    if (attempt > last)
        return -ENXIO;
    struct conn value = { .port = door->port,
                          .dialled = true,
                          .stands_ns = now_ns + door->delay_ns };
    if (attempt < last || door->how == NET_REFUSES)
        value.so_error = -ECONNREFUSED;
    if (door->how == NET_SILENT)
        value.stands_ns = INT64_MAX;
    int at = conn_new(net, value);
    if (at < 0)
        return at;
    int fd = fd_new(net, (struct fd){ .what = CONN, .at = at });
    if (fd < 0)
        net->conn[at].used = false;
    return fd;
}

int net_so_error(struct net *net, int fd, int64_t now_ns)
{
    const struct fd *self = fd_at(net, fd, CONN);
    if (!self)
        return -EBADF;
    const struct conn *conn = &net->conn[self->at];
    if (conn->reset)
        return -ECONNRESET;
    return conn->stands_ns > now_ns ? 0 : conn->so_error;
}

int net_listen(struct net *net, const char *port, int backlog)
{
    const int number = port_of(port);
    for (int i = 0; i < NET_FDS_MAX; i++)
        if (net->fd[i].what == LISTENER && net->fd[i].at == number)
            return -EADDRINUSE;
    return fd_new(
        net, (struct fd){ .what = LISTENER, .at = number, .backlog = backlog });
}

int net_local_port(struct net *net, int fd)
{
    const struct fd *self = fd_at(net, fd, LISTENER);
    return self ? self->at : -EBADF;
}

int net_accept(struct net *net, int fd)
{
    const struct fd *self = fd_at(net, fd, LISTENER);
    if (!self)
        return -EBADF;
    for (int i = 0; i < net->nqueue; i++) {
        const int at = net->queue[i];
        if (net->conn[at].port != self->at)
            continue;
        int got = fd_new(net, (struct fd){ .what = CONN, .at = at });
        if (got < 0)
            return got;
        memmove(net->queue + i, net->queue + i + 1,
                (size_t)(--net->nqueue - i) * sizeof *net->queue);
        net->conn[at].accepted = true;
        return got;
    }
    return -EAGAIN;
}

int64_t net_recv(struct net *net, int fd, void *p, size_t n)
{
    const struct fd *self = fd_at(net, fd, CONN);
    if (!self)
        return -EBADF;
    struct conn *conn = &net->conn[self->at];
    if (conn->reset) {
        conn->over = true;
        return -ECONNRESET;
    }
    n = RIV__MIN(n, conn->n);
    if (n == 0) {
        conn->over = conn->fin;
        if (conn->fin && conn->stream)
            conn->stream->taken_end = true;
        return conn->fin ? 0 : -EAGAIN;
    }
    memcpy(p, conn->p + conn->from, n);
    conn->from += n;
    conn->n -= n;
    if (conn->stream)
        stream_take(conn->stream, p, n);
    return (int64_t)n;
}

int64_t net_send(struct net *net, int fd, const void *p, size_t n)
{
    const struct fd *self = fd_at(net, fd, CONN);
    if (!self)
        return -EBADF;
    struct conn *conn = &net->conn[self->at];
    if (conn->reset)
        return -ECONNRESET;
    if (conn->left)
        return -EPIPE;
    n = RIV__MIN(n, BACK_BYTES - conn->nback);
    if (n == 0)
        return -EAGAIN;
    memcpy(conn->back + conn->nback, p, n);
    conn->nback += n;
    return (int64_t)n;
}

/* Nobody listens any more: those who wait at the port are sent away. */
static void turn_away(struct net *net, int port)
{
    int kept = 0;
    for (int i = 0; i < net->nqueue; i++) {
        struct conn *conn = &net->conn[net->queue[i]];
        if (conn->port != port) {
            net->queue[kept++] = net->queue[i];
            continue;
        }
        conn->reset = true;
        conn->closed = true;
        conn_drop(net, conn);
    }
    net->nqueue = kept;
}

int net_close(struct net *net, int fd)
{
    const int i = fd - NET_FD_BASE;
    if (!net_is_fd(fd) || net->fd[i].what == NOTHING)
        return -EBADF;
    const struct fd self = net->fd[i];
    net->fd[i].what = NOTHING;
    net->nfd--;
    if (self.what == LISTENER) {
        turn_away(net, self.at);
        return 0;
    }
    struct conn *conn = &net->conn[self.at];
    conn->closed = true;
    conn->left |= conn->dialled; /* nobody greeted it */
    conn_drop(net, conn);
    return 0;
}

short net_ready(const struct net *net, int fd, int64_t now_ns)
{
    const struct fd *self = &net->fd[fd - NET_FD_BASE];
    short ready = 0;
    if (self->what == LISTENER) {
        for (int i = 0; i < net->nqueue; i++)
            if (net->conn[net->queue[i]].port == self->at)
                ready = RIV__POLL_IN;
        return ready;
    }
    const struct conn *conn = &net->conn[self->at];
    if (conn->stands_ns > now_ns)
        return 0;
    ready = conn->nback < BACK_BYTES ? RIV__POLL_OUT : 0;
    if (conn->n > 0 || conn->fin)
        ready |= RIV__POLL_IN;
    if (conn->reset || conn->so_error)
        ready |= RIV__POLL_IN | RIV__POLL_ERR | RIV__POLL_HUP;
    return ready;
}

int64_t net_due(const struct net *net, int fd, int64_t now_ns)
{
    const struct fd *self = fd_at(net, fd, CONN);
    const int64_t at = self ? net->conn[self->at].stands_ns : 0;
    return at > now_ns ? at : INT64_MAX;
}

void net_kill(struct net *net)
{
    for (int i = 0; i < NET_FDS_MAX; i++)
        if (net->fd[i].what != NOTHING)
            net_close(net, NET_FD_BASE + i);
}

/* --------------------------------------------------------- the other side */

static const struct fd *listener_at(const struct net *net, int port)
{
    for (int i = 0; i < NET_FDS_MAX; i++)
        if (net->fd[i].what == LISTENER && net->fd[i].at == port)
            return &net->fd[i];
    return NULL;
}

int net_knock(struct net *net, int port, size_t room, struct stream *stream)
{
    const struct fd *listener = listener_at(net, port);
    int waiting = 0;
    for (int i = 0; i < net->nqueue; i++)
        waiting += net->conn[net->queue[i]].port == port;
    if (!listener || waiting >= listener->backlog || net->nqueue == CONNS_MAX)
        return -ECONNREFUSED;
    int at = conn_new(
        net, (struct conn){ .port = port, .room = room, .stream = stream });
    if (at >= 0)
        net->queue[net->nqueue++] = at;
    return at < 0 ? -ECONNREFUSED : at;
}

void net_door(struct net *net, int port, enum net_door how, int64_t delay_ns,
              unsigned addresses)
{
    const struct door value = { port, how, delay_ns, addresses };
    for (int i = 0; i < net->ndoor; i++) {
        if (net->door[i].port == port) {
            net->door[i] = value;
            return;
        }
    }
    net->door[net->ndoor++] = value;
}

int net_greet(struct net *net, int port, size_t room, struct stream *stream)
{
    for (int i = 0; i < CONNS_MAX; i++) {
        struct conn *conn = &net->conn[i];
        if (!conn->used || !conn->dialled || conn->port != port ||
            conn->so_error || conn->closed || conn->stands_ns == INT64_MAX)
            continue;
        conn->dialled = false;
        conn->accepted = true;
        conn->room = room;
        conn->p = heap_take(net->heap, room);
        conn->stream = stream;
        return i;
    }
    return -EAGAIN;
}

int64_t net_room(const struct net *net, int at)
{
    const struct conn *conn = &net->conn[at];
    if (conn->closed || conn->reset)
        return -EPIPE;
    return (int64_t)(conn->room - conn->n);
}

size_t net_hear(struct net *net, int at, char *p, size_t n)
{
    struct conn *conn = &net->conn[at];
    n = RIV__MIN(n, conn->nback);
    memcpy(p, conn->back, n);
    conn->nback -= n;
    memmove(conn->back, conn->back + n, conn->nback);
    return n;
}

void net_say(struct net *net, int at, const char *p, size_t n)
{
    struct conn *conn = &net->conn[at];
    memmove(conn->p, conn->p + conn->from, conn->n);
    conn->from = 0;
    memcpy(conn->p + conn->n, p, n);
    conn->n += n;
}

void net_finish(struct net *net, int at)
{
    net->conn[at].fin = true;
}

void net_reset(struct net *net, int at)
{
    net->conn[at].reset = true;
    net->conn[at].n = 0;
}

bool net_is_over(const struct net *net, int at)
{
    const struct conn *conn = &net->conn[at];
    return conn->closed || conn->over;
}

void net_leave(struct net *net, int at)
{
    struct conn *conn = &net->conn[at];
    conn->left = true;
    conn_drop(net, conn);
}
