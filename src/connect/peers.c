/* connect/peers.c - the connections of a "listen://" source. One read per round
 * for each that is ready, so a fast peer does not starve a slow one. */
#include "connect/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

enum { READ_BYTES = 64 * 1024 };

int riv__peers_init(struct riv_peers *self, struct riv_input *input,
                    struct riv_err *err)
{
    self->input = input;
    self->acks = input->conf->listen_ack;
    riv__clients_init(&self->clients);
    self->line_conf = *input->conf;
    if (self->acks && self->line_conf.line_policy == RIV__LINE_SKIP)
        self->line_conf.line_policy = RIV__LINE_CUT; /* each line counts */
    self->buf = malloc(READ_BYTES);
    return self->buf
               ? 0
               : riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
}

static bool wants_out(const struct riv_peer *peer)
{
    return peer->out_at < peer->nout;
}

void riv__peers_poll(const struct riv_peers *self, struct riv_pollfd *poll)
{
    for (size_t i = 0; i < self->n; i++)
        poll[i] = (struct riv_pollfd){
            .fd = self->peer[i].fd,
            .events = wants_out(&self->peer[i]) ? RIV__POLL_IN | RIV__POLL_OUT
                                                : RIV__POLL_IN,
        };
}

/* When a peer is hung up on if nothing comes. */
static int64_t patience_ns(const struct riv_peers *self,
                           const struct riv_peer *peer)
{
    const int64_t idle_ns = self->input->conf->idle_timeout_ms * 1000000;
    const int64_t line_ns = self->input->conf->line_timeout_ms * 1000000;
    int64_t until = INT64_MAX;
    if (idle_ns > 0)
        until = peer->heard_ns + idle_ns;
    if (line_ns > 0 && peer->begun_ns < INT64_MAX)
        until = RIV__MIN(until, peer->begun_ns + line_ns);
    return until;
}

int64_t riv__peers_until(const struct riv_peers *self)
{
    int64_t until = INT64_MAX;
    for (size_t i = 0; i < self->n; i++)
        until = RIV__MIN(until, patience_ns(self, &self->peer[i]));
    return until;
}

/* ------------------------------------------------------- telling peers */

static void send_out(struct riv_peers *self, struct riv_peer *peer)
{
    struct riv_sys *sys = self->input->sys;
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
static void tell_peer(struct riv_peers *self, struct riv_peer *peer,
                      bool always)
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

void riv__peers_tell(struct riv_peers *self)
{
    for (size_t i = 0; self->acks && i < self->n; i++)
        tell_peer(self, &self->peer[i], false);
}

/* A peer says its name: an older connection of it is closed. What it sends
 * again of lines that wait in the feed is left out. */
static int greet(struct riv_peers *self, struct riv_peer *peer, riv_str line)
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
static int hear_hello(struct riv_peers *self, struct riv_peer *peer,
                      riv_str *in)
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
static void skip_lines(struct riv_peer *peer, riv_str *in)
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
static int take_counted(struct riv_peers *self, struct riv_peer *peer,
                        riv_str in, struct riv_err *err)
{
    if (peer->client < 0 && hear_hello(self, peer, &in) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a peer");
    if (peer->client < 0 || peer->gone)
        return 0;
    skip_lines(peer, &in);
    const uint64_t from = peer->lines.offset;
    int rc = riv__lines_take(&peer->lines, &self->input->feed, &self->line_conf,
                             in.p, in.n, err);
    in.n = (size_t)(peer->lines.offset - from);
    self->clients.client[peer->client]->taken += newlines(in);
    return rc;
}

/* ---------------------------------------------- what a peer may not do */

static void shut_out(struct riv_peers *self, struct riv_peer *peer,
                     const char *why)
{
    peer->gone = true;
    self->shut_out++;
    riv__input_event(self->input, "the connection from %s was closed: %s",
                     peer->host, why);
}

static size_t unfinished_max(const struct riv_peers *self)
{
    const struct riv_settings *conf = self->input->conf;
    return RIV__MAX((size_t)conf->unfinished_bytes_max,
                    (size_t)conf->line_bytes_max + READ_BYTES);
}

static void unfinished_count(struct riv_peers *self, struct riv_peer *peer)
{
    const size_t bytes = riv__lines_bytes(&peer->lines);
    self->unfinished_bytes += bytes - peer->counted;
    peer->counted = bytes;
}

/* The one with the most goes: closing others would make less room, and waiting
 * for the end of lines that do not end makes none. */
static void unfinished_bound(struct riv_peers *self)
{
    while (self->unfinished_bytes > unfinished_max(self)) {
        struct riv_peer *most = NULL;
        for (size_t i = 0; i < self->n; i++) {
            struct riv_peer *peer = &self->peer[i];
            if (!peer->gone && peer->lines.part.n > 0 &&
                (!most || riv__lines_bytes(&peer->lines) >
                              riv__lines_bytes(&most->lines)))
                most = peer;
        }
        if (!most)
            return;
        riv__lines_fini(&most->lines);
        riv__lines_init(&most->lines, self->input->conf);
        unfinished_count(self, most);
        shut_out(self, most,
                 "the unfinished lines of all connections take more than "
                 "listen.unfinished, and its line is the longest");
    }
}

/* A line that had begun ends with the first newline; the next one begins now. */
static void line_clock(struct riv_peer *peer, int64_t now, riv_str in)
{
    if (!riv__lines_begun(&peer->lines))
        peer->begun_ns = INT64_MAX;
    else if (peer->begun_ns == INT64_MAX || memchr(in.p, '\n', in.n))
        peer->begun_ns = now;
}

/* Nobody at the other end of a connection may stop the job. */
static int take(struct riv_peers *self, struct riv_peer *peer, int64_t now,
                size_t n, struct riv_err *err)
{
    const riv_str in = { self->buf, n };
    struct riv_err why = { .code = 0 };
    int rc = self->acks ? take_counted(self, peer, in, &why)
                        : riv__lines_take(&peer->lines, &self->input->feed,
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
static int hear(struct riv_peers *self, struct riv_peer *peer, int64_t now,
                struct riv_err *err)
{
    struct riv_sys *sys = self->input->sys;
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
        RIV__TRY(riv__lines_end(&peer->lines, &self->input->feed, err));
        return RIV__READ_MORE;
    }
    peer->heard_ns = now;
    return take(self, peer, now, (size_t)n, err);
}

static void expire(struct riv_peers *self, struct riv_peer *peer, int64_t now)
{
    if (peer->gone || now < patience_ns(self, peer))
        return;
    self->timed_out++;
    if (riv__lines_begun(&peer->lines) &&
        self->input->conf->line_timeout_ms > 0)
        shut_out(self, peer, "its line has not ended (listen.line_timeout)");
    else
        peer->gone = true; /* it has nothing to say */
}

int riv__peers_hear(struct riv_peers *self, const struct riv_pollfd *poll,
                    int64_t now, struct riv_err *err)
{
    int all = RIV__READ_IDLE;
    for (size_t i = 0; i < self->n; i++) {
        int rc = RIV__READ_IDLE;
        if (poll[i].revents && !self->peer[i].gone)
            rc = hear(self, &self->peer[i], now, err);
        if (rc < 0)
            return rc;
        if (rc == RIV__READ_MORE)
            all = rc;
        expire(self, &self->peer[i], now);
    }
    return all;
}

static void hang_up(struct riv_peers *self, struct riv_peer *peer)
{
    self->input->sys->close(self->input->sys, peer->fd);
    self->unfinished_bytes -= peer->counted;
    riv__lines_fini(&peer->lines);
}

void riv__peers_fini(struct riv_peers *self)
{
    for (size_t i = 0; i < self->n; i++)
        hang_up(self, &self->peer[i]);
    free(self->peer);
    free(self->buf);
    if (self->input)
        riv__clients_fini(&self->clients);
}

bool riv__peers_drop_gone(struct riv_peers *self)
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

/* One address may not take the places of all others. Those that have gone are
 * dropped before somebody is let in. */
static bool is_one_too_many(struct riv_peers *self, const char *host)
{
    const int64_t most = self->input->conf->peer_connections_max;
    int64_t n = 0;
    for (size_t i = 0; most > 0 && i < self->n; i++)
        n += strcmp(self->peer[i].host, host) == 0;
    if (most == 0 || n < most)
        return false;
    self->shut_out++;
    riv__input_event(self->input,
                     "a connection from %s was closed: it has %lld already "
                     "(listen.connections_per_peer)",
                     host, (long long)n);
    return true;
}

int riv__peers_add(struct riv_peers *self, int fd, int64_t now,
                   struct riv_err *err)
{
    struct riv_sys *sys = self->input->sys;
    char host[RIV__HOST_BYTES];
    if (sys->peer_host(sys, fd, host, sizeof host) < 0)
        snprintf(host, sizeof host, "somebody who has gone");
    if (is_one_too_many(self, host)) {
        sys->close(sys, fd);
        return 1;
    }
    if (RIV__VEC_ROOM(self->peer, self->cap, self->n + 1) < 0) {
        self->input->sys->close(self->input->sys, fd);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->n + 1);
    }
    struct riv_peer *peer = &self->peer[self->n++];
    *peer = (struct riv_peer){
        .fd = fd, .heard_ns = now, .begun_ns = INT64_MAX, .client = -1
    };
    memcpy(peer->host, host, sizeof host);
    riv__lines_init(&peer->lines, self->input->conf);
    self->accepted++;
    return 1;
}
