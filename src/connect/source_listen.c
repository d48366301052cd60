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
#include "connect/peers.h"
#include "connect/sources.h"

enum { ACCEPTS_PER_ROUND = 16, ACCEPT_PAUSE_MS = 1000 };

struct listen_input {
    struct riv_input base;
    struct riv_hostport at;
    int fd;
    bool is_open;
    struct riv_peers peers;
    struct riv_pollfd *poll; /* of the listener, then of each peer */
    size_t poll_cap;
    int64_t accept_from_ns; /* no accepting before: descriptors were out */
    bool has_told;          /* that peers have to wait */
};

static bool is_full(const struct listen_input *self)
{
    return self->peers.n >= (size_t)self->base.conf->connections_max;
}

static const char *why_others_wait(const struct listen_input *self)
{
    if (self->accept_from_ns > 0)
        return "; out of descriptors: others wait (ulimit -n)";
    return is_full(self) ? "; others wait (listen.connections)" : "";
}

/* A peer that waits in the system's queue sees nothing but silence. */
static void tell(struct listen_input *self)
{
    const char *host = self->at.host;
    const char *why = why_others_wait(self);
    bool v6 = strchr(host, ':') != NULL;
    if (*why && !self->has_told)
        riv__input_event(&self->base, "%zu connections%s", self->peers.n, why);
    self->has_told |= *why != '\0';
    riv__input_note(&self->base, "listening on %s%s%s:%s, %zu connections%s",
                    v6 ? "[" : "", host, v6 ? "]" : "", self->at.port,
                    self->peers.n, why);
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
    RIV__TRY(riv__peers_init(&self->peers, input, err));
    return bind_now(self, err);
}

static bool may_accept(const struct listen_input *self)
{
    return self->accept_from_ns == 0 && !is_full(self);
}

static int fill_poll(struct listen_input *self, struct riv_err *err)
{
    if (RIV__VEC_ROOM(self->poll, self->poll_cap, self->peers.n + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu connections",
                            self->peers.n);
    self->poll[0] = (struct riv_pollfd){ .fd = may_accept(self) ? self->fd : -1,
                                         .events = RIV__POLL_IN };
    riv__peers_poll(&self->peers, self->poll + 1);
    return 0;
}

/* Until the next thing that only time brings; -1: nothing. */
static int64_t wait_ms(struct listen_input *self, int64_t now)
{
    int64_t until = riv__peers_until(&self->peers);
    if (self->accept_from_ns > 0)
        until = RIV__MIN(until, self->accept_from_ns);
    if (until == INT64_MAX)
        return -1;
    return until > now ? (until - now) / 1000000 + 1 : 0;
}

/* 1: somebody came; 0: nobody, or nobody can be taken now. The listener itself
 * cannot break, so any other fault is the peer's. */
static int accept_one(struct listen_input *self, int64_t now,
                      struct riv_err *err)
{
    int fd = self->base.sys->accept(self->base.sys, self->fd);
    if (fd >= 0)
        return riv__peers_add(&self->peers, fd, now, err);
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
    RIV__TRY(riv__input_wait(input, self->poll, (unsigned)self->peers.n + 1,
                             wait_ms(self, now), err));
    now = input->sys->mono_ns(input->sys);
    int rc = riv__peers_hear(&self->peers, self->poll + 1, now, err);
    riv__peers_tell(&self->peers);
    bool came = self->poll[0].revents != 0,
         left = riv__peers_drop_gone(&self->peers);
    if (rc >= 0 && came)
        RIV__TRY(accept_some(self, now, err));
    if (came || left)
        tell(self);
    return rc;
}

static void listen_close(struct riv_input *input)
{
    struct listen_input *self = (struct listen_input *)input;
    riv__peers_fini(&self->peers);
    if (self->is_open)
        input->sys->close(input->sys, self->fd);
    free(self->poll);
}

/* ------------------------------------------------------------- for a journal */

static int listen_kept(struct riv_input *input, const struct riv_news *news,
                       struct riv_stand *to)
{
    struct listen_input *self = (struct listen_input *)input;
    if (self->peers.acks)
        riv__clients_keep(&self->peers.clients, news, to);
    return 0;
}

static void listen_ack(struct riv_input *input)
{
    struct listen_input *self = (struct listen_input *)input;
    if (!self->peers.acks)
        return;
    riv__clients_durable(&self->peers.clients);
    input->sys->wake_raise(input->sys, &input->wake);
}

static int listen_recall(struct riv_input *input, riv_str key, riv_str value,
                         struct riv_err *err)
{
    struct listen_input *self = (struct listen_input *)input;
    return riv__clients_recall(&self->peers.clients, key, value, err);
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
