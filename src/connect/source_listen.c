/* connect/source_listen.c - "listen://HOST:PORT": a server that takes lines
 * from many connections, all into one feed. One thread polls them; each ready
 * connection gets one read per round, so a fast peer does not starve a slow
 * one. A full feed stops all of them, which TCP tells the peers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "connect/hostport.h"
#include "connect/sources.h"
#include "io/lines.h"

enum { READ_BYTES = 64 * 1024, ACCEPTS_PER_ROUND = 16, ACCEPT_PAUSE_MS = 1000 };

struct peer {
    int fd;
    struct riv_lines lines;
    int64_t heard_ns; /* when it last sent something */
    bool gone;
};

struct listen_input {
    struct riv_input base;
    struct riv_hostport at;
    char *buf;
    int fd;
    bool is_open;
    struct peer *peer;
    size_t n, peer_cap;
    struct riv_pollfd *poll; /* of the listener, then of each peer */
    size_t poll_cap;
    int64_t accept_from_ns; /* no accepting before: descriptors were out */
    uint64_t accepted, broken, timed_out;
};

static void tell(struct listen_input *self)
{
    const char *host = self->at.host;
    bool v6 = strchr(host, ':') != NULL;
    riv__input_note(&self->base, "listening on %s%s%s:%s, %zu connections%s",
                    v6 ? "[" : "", host, v6 ? "]" : "", self->at.port, self->n,
                    self->accept_from_ns > 0 ? "; out of descriptors" : "");
}

static int bind_now(struct listen_input *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    struct riv_addr addr = riv__hostport_addr(&self->at);
    int rc = riv__net_listen(sys, &addr, &self->fd, err);
    if (rc == RIV_EBUSY && err)
        return riv__err_set(err, rc,
                            "port %s of %s is in use: choose another "
                            "port, or end the program that has it",
                            self->at.port, self->at.host);
    if (rc < 0)
        return rc;
    self->is_open = true;
    int port = sys->local_port(sys, self->fd);
    if (port < 0)
        return riv__net_err(err, port, "listen", &addr);
    snprintf(self->at.port, sizeof self->at.port, "%d", port);
    tell(self);
    return 0;
}

static int listen_open(struct riv_input *input, struct riv_err *err)
{
    struct listen_input *self = (struct listen_input *)input;
    RIV__TRY(riv__hostport_read(input->rest, &self->at, err));
    if (!*self->at.host)
        memcpy(self->at.host, "127.0.0.1", sizeof "127.0.0.1");
    if (input->conf->connections_max >= RIV__POLL_FDS_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "listen.connections is %lld: this "
                            "version takes at most %d",
                            (long long)input->conf->connections_max,
                            RIV__POLL_FDS_MAX - 1);
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    return bind_now(self, err);
}

static bool may_accept(const struct listen_input *self)
{
    return self->accept_from_ns == 0 &&
           self->n < (size_t)self->base.conf->connections_max;
}

static int fill_poll(struct listen_input *self, struct riv_err *err)
{
    if (RIV__VEC_ROOM(self->poll, self->poll_cap, self->n + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->n);
    self->poll[0] = (struct riv_pollfd){ .fd = may_accept(self) ? self->fd : -1,
                                         .events = RIV__POLL_IN };
    for (size_t i = 0; i < self->n; i++)
        self->poll[i + 1] = (struct riv_pollfd){ .fd = self->peer[i].fd,
                                                 .events = RIV__POLL_IN };
    return 0;
}

/* Until the next thing that only time brings; -1: nothing. */
static int64_t wait_ms(struct listen_input *self, int64_t now)
{
    int64_t until = INT64_MAX;
    int64_t idle_ns = self->base.conf->idle_timeout_ms * 1000000;
    if (self->accept_from_ns > 0)
        until = self->accept_from_ns;
    for (size_t i = 0; idle_ns > 0 && i < self->n; i++)
        until = RIV__MIN(until, self->peer[i].heard_ns + idle_ns);
    if (until == INT64_MAX)
        return -1;
    return until > now ? (until - now) / 1000000 + 1 : 0;
}

/* One read. A line that has begun counts when the peer closed, not when the
 * connection broke. */
static int hear(struct listen_input *self, struct peer *peer, int64_t now,
                struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    int64_t n = sys->recv(sys, peer->fd, self->buf, READ_BYTES);
    if (n == -EAGAIN)
        return RIV__READ_IDLE;
    peer->gone = n <= 0;
    if (n < 0) {
        self->broken++;
        riv__lines_drop(&peer->lines);
        return RIV__READ_IDLE;
    }
    if (n == 0) {
        RIV__TRY(riv__lines_end(&peer->lines, &self->base.feed, err));
        return RIV__READ_MORE;
    }
    peer->heard_ns = now;
    RIV__TRY(riv__lines_take(&peer->lines, &self->base.feed, self->base.conf,
                             self->buf, (size_t)n, err));
    return RIV__READ_MORE;
}

static void expire(struct listen_input *self, struct peer *peer, int64_t now)
{
    int64_t idle_ns = self->base.conf->idle_timeout_ms * 1000000;
    if (idle_ns == 0 || now - peer->heard_ns < idle_ns)
        return;
    peer->gone = true;
    self->timed_out++;
}

static int hear_all(struct listen_input *self, int64_t now, struct riv_err *err)
{
    int all = RIV__READ_IDLE;
    for (size_t i = 0; i < self->n; i++) {
        if (!self->poll[i + 1].revents) {
            expire(self, &self->peer[i], now);
            continue;
        }
        int rc = hear(self, &self->peer[i], now, err);
        if (rc < 0)
            return rc;
        if (rc == RIV__READ_MORE)
            all = rc;
    }
    return all;
}

static void hang_up(struct listen_input *self, struct peer *peer)
{
    self->base.sys->close(self->base.sys, peer->fd);
    riv__lines_fini(&peer->lines);
}

static bool drop_gone(struct listen_input *self)
{
    size_t kept = 0, had = self->n;
    for (size_t i = 0; i < had; i++) {
        if (self->peer[i].gone)
            hang_up(self, &self->peer[i]);
        else
            self->peer[kept++] = self->peer[i];
    }
    self->n = kept;
    return kept < had;
}

static int add_peer(struct listen_input *self, int fd, int64_t now,
                    struct riv_err *err)
{
    if (RIV__VEC_ROOM(self->peer, self->peer_cap, self->n + 1) < 0) {
        self->base.sys->close(self->base.sys, fd);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->n + 1);
    }
    struct peer *peer = &self->peer[self->n++];
    *peer = (struct peer){ .fd = fd, .heard_ns = now };
    riv__lines_init(&peer->lines, self->base.conf);
    self->accepted++;
    return 1;
}

/* 1: somebody came; 0: nobody, or nobody can be taken now. The listener itself
 * cannot break, so any other fault is the peer's. */
static int accept_one(struct listen_input *self, int64_t now,
                      struct riv_err *err)
{
    int fd = self->base.sys->accept(self->base.sys, self->fd);
    if (fd >= 0)
        return add_peer(self, fd, now, err);
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS) {
        self->accept_from_ns = now + (int64_t)ACCEPT_PAUSE_MS * 1000000;
        tell(self);
    }
    return 0;
}

static int accept_some(struct listen_input *self, int64_t now,
                       struct riv_err *err)
{
    int rc = 1;
    for (int k = 0; k < ACCEPTS_PER_ROUND && rc == 1; k++)
        rc = may_accept(self) ? accept_one(self, now, err) : 0;
    return rc;
}

static int listen_read(struct riv_input *input, struct riv_err *err)
{
    struct listen_input *self = (struct listen_input *)input;
    int64_t now = input->sys->mono_ns(input->sys);
    if (self->accept_from_ns > 0 && now >= self->accept_from_ns) {
        self->accept_from_ns = 0;
        tell(self);
    }
    RIV__TRY(fill_poll(self, err));
    RIV__TRY(riv__input_wait(input, self->poll, (unsigned)self->n + 1,
                             wait_ms(self, now), err));
    now = input->sys->mono_ns(input->sys);
    int rc = hear_all(self, now, err);
    bool came = self->poll[0].revents != 0, left = drop_gone(self);
    if (rc >= 0 && came)
        RIV__TRY(accept_some(self, now, err));
    if (came || left)
        tell(self);
    return rc;
}

static void listen_close(struct riv_input *input)
{
    struct listen_input *self = (struct listen_input *)input;
    for (size_t i = 0; i < self->n; i++)
        hang_up(self, &self->peer[i]);
    if (self->is_open)
        input->sys->close(input->sys, self->fd);
    free(self->peer);
    free(self->poll);
    free(self->buf);
}

const struct riv_source_ops riv__source_listen = {
    .name = "listen",
    .input_size = sizeof(struct listen_input),
    .open = listen_open,
    .read = listen_read,
    .close = listen_close,
};
