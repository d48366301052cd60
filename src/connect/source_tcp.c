/* connect/source_tcp.c - "tcp://HOST:PORT": connects, reads lines, and connects
 * again when the peer is gone, with the growing pauses of io/receiver.c. The
 * end of a connection is not the end of the input: as in Spark, the peer may
 * come back. A last line without newline counts when the peer closed, and is
 * dropped when the connection broke. */
#include <errno.h>
#include <stdlib.h>

#include "connect/hostport.h"
#include "connect/sources.h"
#include "io/lines.h"

enum { READ_BYTES = 256 * 1024, CONNECT_MS_MAX = 10000 };

struct tcp_input {
    struct riv_input base;
    struct riv_hostport peer;
    struct riv_lines lines;
    char *buf;
    int fd;
    bool is_open;
};

static int tcp_open(struct riv_input *input, struct riv_err *err)
{
    struct tcp_input *self = (struct tcp_input *)input;
    riv__lines_init(&self->lines, input->conf);
    RIV__TRY(riv__hostport_read(input->rest, &self->peer, err));
    if (!*self->peer.host)
        return riv__err_set(err, RIV_EINVAL,
                            "the host is missing: "
                            "tcp://HOST:%s",
                            self->peer.port);
    if (self->peer.port[0] == '0')
        return riv__err_set(err, RIV_EINVAL, "nobody can listen on port 0");
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    riv__input_note(input, "not connected yet");
    return 0;
}

static void hang_up(struct tcp_input *self)
{
    if (self->is_open)
        self->base.sys->close(self->base.sys, self->fd);
    self->is_open = false;
}

/* IDLE, not MORE, when it worked: the row of failures ends with data only, so
 * that a peer which accepts and closes is asked more and more seldom. */
static int connect_now(struct tcp_input *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    struct riv_addr addr = riv__hostport_addr(&self->peer);
    int64_t until = sys->mono_ns(sys) + (int64_t)CONNECT_MS_MAX * 1000000;
    struct riv_err why = { .code = 0 };
    riv__input_note(&self->base, "connecting");
    int rc =
        riv__net_connect(sys, &addr, &self->base.wake, until, &self->fd, &why);
    if (rc == RIV_ENOMEM || rc == RIV_EINVAL)
        return riv__err_set(err, rc, "%s", why.text);
    if (rc < 0) {
        riv__input_note(&self->base, "not connected");
        return riv__err_set(err, RIV_EUNAVAIL, "%s", why.text);
    }
    self->is_open = true;
    riv__input_note(&self->base, "connected");
    return RIV__READ_IDLE;
}

/* The peer has closed (n is 0), or the connection broke. */
static int lost(struct tcp_input *self, int64_t n, struct riv_err *err)
{
    struct riv_addr addr = riv__hostport_addr(&self->peer);
    hang_up(self);
    riv__input_note(&self->base, "not connected");
    if (n == 0) {
        RIV__TRY(riv__lines_end(&self->lines, &self->base.feed, err));
        return riv__err_set(err, RIV_EUNAVAIL, "%s:%s closed the connection",
                            addr.host, addr.port);
    }
    riv__lines_drop(&self->lines);
    riv__net_err(err, (int)n, "recv", &addr);
    if (err)
        err->code = RIV_EUNAVAIL;
    return RIV_EUNAVAIL;
}

/* A line over the limit where that is to fail. The peer is the operator's choice,
 * and still not the operator: what it sends must not stop a job that has other
 * inputs and keeps states. So it is taken as a connection that broke: told in the
 * log, made again with the pauses of a peer that is away, and given up, as that
 * is, after connect.retries. */
static int senseless(struct tcp_input *self, const char *why,
                     struct riv_err *err)
{
    struct riv_addr addr = riv__hostport_addr(&self->peer);
    hang_up(self);
    riv__input_note(&self->base, "not connected");
    riv__lines_drop(&self->lines);
    return riv__err_set(err, RIV_EUNAVAIL, "%s:%s was hung up on: %s",
                        addr.host, addr.port, why);
}

static int tcp_read(struct riv_input *input, struct riv_err *err)
{
    struct tcp_input *self = (struct tcp_input *)input;
    struct riv_sys *sys = input->sys;
    if (!self->is_open)
        return connect_now(self, err);
    int64_t n = sys->recv(sys, self->fd, self->buf, READ_BYTES);
    if (n == -EAGAIN) {
        struct riv_pollfd in = { .fd = self->fd, .events = RIV__POLL_IN };
        int rc = riv__input_wait(input, &in, 1, -1, err);
        return rc < 0 ? rc : RIV__READ_IDLE;
    }
    if (n <= 0)
        return lost(self, n, err);
    struct riv_err why = { .code = 0 };
    int rc = riv__lines_take(&self->lines, &input->feed, input->conf, self->buf,
                             (size_t)n, &why);
    if (rc == RIV_ERECORD)
        return senseless(self, why.text, err);
    return rc < 0 ? riv__err_set(err, rc, "%s", why.text) : RIV__READ_MORE;
}

static void tcp_close(struct riv_input *input)
{
    struct tcp_input *self = (struct tcp_input *)input;
    hang_up(self);
    riv__lines_fini(&self->lines);
    free(self->buf);
}

const struct riv_source_ops riv__source_tcp = {
    .name = "tcp",
    .input_size = sizeof(struct tcp_input),
    .open = tcp_open,
    .read = tcp_read,
    .close = tcp_close,
};
