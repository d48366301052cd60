/* connect/source_listen.c - "listen://HOST:PORT": a server that takes lines
 * from many connections, all into one feed. One thread polls them; each ready
 * connection gets one read per round, so a fast peer does not starve a slow
 * one. A full feed stops all of them, which TCP tells the peers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "connect/clients.h"
#include "connect/hostport.h"
#include "connect/sources.h"
#include "io/lines.h"

enum {
    READ_BYTES = 64 * 1024,
    ACCEPTS_PER_ROUND = 16,
    ACCEPT_PAUSE_MS = 1000,
    ACK_BYTES = 32
};

struct peer {
    int fd;
    struct riv_lines lines;
    int64_t heard_ns; /* when it last sent something */
    int64_t begun_ns; /* its unfinished line; INT64_MAX: there is none */
    size_t counted;   /* of its unfinished line, in the sum of all */
    char host[RIV__HOST_BYTES];
    bool gone;
    /* with listen.ack: */
    int64_t client; /* its number; -1: it has not said its name */
    uint64_t skip;  /* lines it sends again that are in the feed already */
    uint64_t told;  /* of how many of its lines it was told last */
    char hello[RIV__HELLO_BYTES_MAX];
    size_t nhello;
    char out[ACK_BYTES]; /* what is being sent */
    size_t nout, out_at;
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
    uint64_t accepted, broken, timed_out, shut_out;
    size_t unfinished_bytes;    /* of all peers */
    struct riv_clients clients; /* with listen.ack */
    bool acks, has_clients;
    struct riv_settings line_conf; /* what holds for lines */
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
    if (input->conf->listen_ack && !input->conf->state_dir[0])
        return riv__err_set(err, RIV_EINVAL,
                            "listen.ack is on, but nothing is durable without "
                            "a state directory: give --state DIR");
    self->acks = input->conf->listen_ack;
    riv__clients_init(&self->clients);
    self->has_clients = true;
    self->line_conf = *input->conf;
    if (self->acks && self->line_conf.line_policy == RIV__LINE_SKIP)
        self->line_conf.line_policy = RIV__LINE_CUT; /* each line counts */
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

static bool wants_out(const struct peer *peer)
{
    return peer->out_at < peer->nout;
}

static int fill_poll(struct listen_input *self, struct riv_err *err)
{
    if (RIV__VEC_ROOM(self->poll, self->poll_cap, self->n + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->n);
    self->poll[0] = (struct riv_pollfd){ .fd = may_accept(self) ? self->fd : -1,
                                         .events = RIV__POLL_IN };
    for (size_t i = 0; i < self->n; i++)
        self->poll[i + 1] = (struct riv_pollfd){
            .fd = self->peer[i].fd,
            .events = wants_out(&self->peer[i]) ? RIV__POLL_IN | RIV__POLL_OUT
                                                : RIV__POLL_IN,
        };
    return 0;
}

/* When a peer is hung up on if nothing comes. */
static int64_t patience_ns(const struct listen_input *self,
                           const struct peer *peer)
{
    const int64_t idle_ns = self->base.conf->idle_timeout_ms * 1000000;
    const int64_t line_ns = self->base.conf->line_timeout_ms * 1000000;
    int64_t until = INT64_MAX;
    if (idle_ns > 0)
        until = peer->heard_ns + idle_ns;
    if (line_ns > 0 && peer->begun_ns < INT64_MAX)
        until = RIV__MIN(until, peer->begun_ns + line_ns);
    return until;
}

/* Until the next thing that only time brings; -1: nothing. */
static int64_t wait_ms(struct listen_input *self, int64_t now)
{
    int64_t until = INT64_MAX;
    if (self->accept_from_ns > 0)
        until = self->accept_from_ns;
    for (size_t i = 0; i < self->n; i++)
        until = RIV__MIN(until, patience_ns(self, &self->peer[i]));
    if (until == INT64_MAX)
        return -1;
    return until > now ? (until - now) / 1000000 + 1 : 0;
}

/* ------------------------------------------------------- telling peers */

static void send_out(struct listen_input *self, struct peer *peer)
{
    struct riv_sys *sys = self->base.sys;
    while (wants_out(peer)) {
        int64_t n = sys->send(sys, peer->fd, peer->out + peer->out_at,
                              peer->nout - peer->out_at);
        if (n == -EAGAIN || n == -EINTR)
            return;
        if (n < 0) {
            peer->gone = true;
            return;
        }
        peer->out_at += (size_t)n;
    }
}

/* Only the newest number counts: while one is being sent, others wait. */
static void tell_peer(struct listen_input *self, struct peer *peer, bool always)
{
    if (peer->client < 0 || peer->gone)
        return;
    send_out(self, peer);
    const uint64_t durable =
        riv__clients_told(&self->clients, (size_t)peer->client);
    if (wants_out(peer) || (durable == peer->told && !always))
        return;
    peer->told = durable;
    peer->nout = (size_t)snprintf(peer->out, sizeof peer->out, "ACK %llu\n",
                                  (unsigned long long)durable);
    peer->out_at = 0;
    send_out(self, peer);
}

static void tell_all(struct listen_input *self)
{
    for (size_t i = 0; self->acks && i < self->n; i++)
        tell_peer(self, &self->peer[i], false);
}

/* A peer says its name: an older connection of it is closed. What it sends
 * again of lines that wait in the feed is left out. */
static int greet(struct listen_input *self, struct peer *peer, riv_str line)
{
    riv_str id;
    const int64_t client = riv__clients_hello(line, &id)
                               ? riv__clients_find(&self->clients, id)
                               : RIV_EINVAL;
    if (client < 0) {
        peer->gone = true;
        self->broken++;
        return client == RIV_ENOMEM ? RIV_ENOMEM : 0;
    }
    for (size_t i = 0; i < self->n; i++)
        if (self->peer[i].client == client && &self->peer[i] != peer)
            self->peer[i].gone = true;
    peer->client = client;
    riv__lines_at(&peer->lines, (uint32_t)client + 1, 0);
    tell_peer(self, peer, true);
    /* a line that was cut may be durable before all of it has come */
    uint64_t *taken = &self->clients.client[client]->taken;
    *taken = RIV__MAX(*taken, peer->told);
    peer->skip = *taken - peer->told;
    return 0;
}

/* Takes the greeting off the front of what was read. */
static int hear_hello(struct listen_input *self, struct peer *peer, riv_str *in)
{
    const char *nl = memchr(in->p, '\n', in->n);
    const size_t n = nl ? (size_t)(nl - in->p) : in->n;
    if (peer->nhello + n > sizeof peer->hello) {
        peer->gone = true;
        self->broken++;
        return 0;
    }
    memcpy(peer->hello + peer->nhello, in->p, n);
    peer->nhello += n;
    *in = riv__str(in->p + n + (nl != NULL), in->n - n - (nl != NULL));
    return nl ? greet(self, peer, riv__str(peer->hello, peer->nhello)) : 0;
}

/* Lines that are in the feed already; also one that goes on in the next read. */
static void skip_lines(struct peer *peer, riv_str *in)
{
    while (peer->skip > 0 && in->n > 0) {
        const char *nl = memchr(in->p, '\n', in->n);
        const size_t n = nl ? (size_t)(nl - in->p) + 1 : in->n;
        *in = riv__str(in->p + n, in->n - n);
        peer->skip -= nl != NULL;
    }
}

static uint64_t newlines(riv_str in)
{
    uint64_t n = 0;
    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n;
}

/* Also of an error: the lines in front of it are in the feed. */
static int take_counted(struct listen_input *self, struct peer *peer,
                        riv_str in, struct riv_err *err)
{
    if (peer->client < 0 && hear_hello(self, peer, &in) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a peer");
    if (peer->client < 0 || peer->gone)
        return 0;
    skip_lines(peer, &in);
    const uint64_t from = peer->lines.offset;
    int rc = riv__lines_take(&peer->lines, &self->base.feed, &self->line_conf,
                             in.p, in.n, err);
    in.n = (size_t)(peer->lines.offset - from);
    self->clients.client[peer->client]->taken += newlines(in);
    return rc;
}

/* ---------------------------------------------- what a peer may not do */

static void shut_out(struct listen_input *self, struct peer *peer,
                     const char *why)
{
    peer->gone = true;
    self->shut_out++;
    riv__input_event(&self->base, "the connection from %s was closed: %s",
                     peer->host, why);
}

static size_t unfinished_max(const struct listen_input *self)
{
    const struct riv_settings *conf = self->base.conf;
    return RIV__MAX((size_t)conf->unfinished_bytes_max,
                    (size_t)conf->line_bytes_max + READ_BYTES);
}

static void unfinished_count(struct listen_input *self, struct peer *peer)
{
    const size_t bytes = riv__lines_bytes(&peer->lines);
    self->unfinished_bytes += bytes - peer->counted;
    peer->counted = bytes;
}

/* The one with the most goes: closing others would make less room, and waiting
 * for the end of lines that do not end makes none. */
static void unfinished_bound(struct listen_input *self)
{
    while (self->unfinished_bytes > unfinished_max(self)) {
        struct peer *most = NULL;
        for (size_t i = 0; i < self->n; i++) {
            struct peer *peer = &self->peer[i];
            if (!peer->gone && peer->lines.part.n > 0 &&
                (!most || riv__lines_bytes(&peer->lines) >
                              riv__lines_bytes(&most->lines)))
                most = peer;
        }
        if (!most)
            return;
        riv__lines_fini(&most->lines);
        riv__lines_init(&most->lines, self->base.conf);
        unfinished_count(self, most);
        shut_out(self, most,
                 "the unfinished lines of all connections take more than "
                 "listen.unfinished, and its line is the longest");
    }
}

/* A line that had begun ends with the first newline; the next one begins now. */
static void line_clock(struct peer *peer, int64_t now, riv_str in)
{
    if (!riv__lines_begun(&peer->lines))
        peer->begun_ns = INT64_MAX;
    else if (peer->begun_ns == INT64_MAX || memchr(in.p, '\n', in.n))
        peer->begun_ns = now;
}

/* Nobody at the other end of a connection may stop the job. */
static int take(struct listen_input *self, struct peer *peer, int64_t now,
                size_t n, struct riv_err *err)
{
    const riv_str in = { self->buf, n };
    struct riv_err why = { .code = 0 };
    int rc = self->acks ? take_counted(self, peer, in, &why)
                        : riv__lines_take(&peer->lines, &self->base.feed,
                                          &self->line_conf, in.p, in.n, &why);
    if (rc == RIV_ERECORD) {
        riv__lines_drop(&peer->lines);
        shut_out(self, peer, why.text);
    } else if (rc < 0) {
        return riv__err_set(err, rc, "%s", why.text);
    }
    line_clock(peer, now, in);
    unfinished_count(self, peer);
    unfinished_bound(self);
    return RIV__READ_MORE;
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
    if (n == 0 && self->acks) {
        riv__lines_drop(&peer->lines); /* it will be sent again */
        return RIV__READ_MORE;
    }
    if (n == 0) {
        RIV__TRY(riv__lines_end(&peer->lines, &self->base.feed, err));
        return RIV__READ_MORE;
    }
    peer->heard_ns = now;
    return take(self, peer, now, (size_t)n, err);
}

static void expire(struct listen_input *self, struct peer *peer, int64_t now)
{
    if (peer->gone || now < patience_ns(self, peer))
        return;
    self->timed_out++;
    if (riv__lines_begun(&peer->lines) && self->base.conf->line_timeout_ms > 0)
        shut_out(self, peer, "its line has not ended (listen.line_timeout)");
    else
        peer->gone = true; /* it has nothing to say */
}

static int hear_all(struct listen_input *self, int64_t now, struct riv_err *err)
{
    int all = RIV__READ_IDLE;
    for (size_t i = 0; i < self->n; i++) {
        int rc = RIV__READ_IDLE;
        if (self->poll[i + 1].revents && !self->peer[i].gone)
            rc = hear(self, &self->peer[i], now, err);
        if (rc < 0)
            return rc;
        if (rc == RIV__READ_MORE)
            all = rc;
        expire(self, &self->peer[i], now);
    }
    return all;
}

static void hang_up(struct listen_input *self, struct peer *peer)
{
    self->base.sys->close(self->base.sys, peer->fd);
    self->unfinished_bytes -= peer->counted;
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

/* One address may not take the places of all others. */
static bool is_one_too_many(struct listen_input *self, const char *host)
{
    const int64_t most = self->base.conf->peer_connections_max;
    int64_t n = 0;
    for (size_t i = 0; most > 0 && i < self->n; i++)
        n += !self->peer[i].gone && strcmp(self->peer[i].host, host) == 0;
    if (most == 0 || n < most)
        return false;
    self->shut_out++;
    riv__input_event(&self->base,
                     "a connection from %s was closed: it has %lld already "
                     "(listen.connections_per_peer)",
                     host, (long long)n);
    return true;
}

static int add_peer(struct listen_input *self, int fd, int64_t now,
                    struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char host[RIV__HOST_BYTES];
    if (sys->peer_host(sys, fd, host, sizeof host) < 0)
        snprintf(host, sizeof host, "somebody who has gone");
    if (is_one_too_many(self, host)) {
        sys->close(sys, fd);
        return 1;
    }
    if (RIV__VEC_ROOM(self->peer, self->peer_cap, self->n + 1) < 0) {
        self->base.sys->close(self->base.sys, fd);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->n + 1);
    }
    struct peer *peer = &self->peer[self->n++];
    *peer = (struct peer){
        .fd = fd, .heard_ns = now, .begun_ns = INT64_MAX, .client = -1
    };
    memcpy(peer->host, host, sizeof host);
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
    tell_all(self);
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
    if (self->has_clients)
        riv__clients_fini(&self->clients);
}

/* ------------------------------------------------------------- for a journal */

static int listen_kept(struct riv_input *input, const struct riv_news *news,
                       struct riv_stand *to)
{
    struct listen_input *self = (struct listen_input *)input;
    if (self->acks)
        riv__clients_keep(&self->clients, news, to);
    return 0;
}

static void listen_ack(struct riv_input *input)
{
    struct listen_input *self = (struct listen_input *)input;
    if (!self->acks)
        return;
    riv__clients_durable(&self->clients);
    input->sys->wake_raise(input->sys, &input->wake);
}

static int listen_recall(struct riv_input *input, riv_str key, riv_str value,
                         struct riv_err *err)
{
    struct listen_input *self = (struct listen_input *)input;
    return riv__clients_recall(&self->clients, key, value, err);
}

const struct riv_source_ops riv__source_listen = {
    .name = "listen",
    .input_size = sizeof(struct listen_input),
    .open = listen_open,
    .read = listen_read,
    .close = listen_close,
    .recall = listen_recall,
    .kept = listen_kept,
    .ack = listen_ack,
};
