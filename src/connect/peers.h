/* connect/peers.h - the connections of a "listen://" source: what each one says
 * and is told, and what none of them may do. All of their lines go into the
 * feed of the input. @thread source, where nothing else is said. */
#ifndef RIV_CONNECT_PEERS_H
#define RIV_CONNECT_PEERS_H

#include "connect/clients.h"
#include "io/lines.h"
#include "io/source.h"

enum { RIV__PEER_ACK_BYTES = 32 };

struct riv_peer {
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
    char out[RIV__PEER_ACK_BYTES]; /* what is being sent */
    size_t nout, out_at;
};

struct riv_peers {
    struct riv_input *input; /* whose they are */
    char *buf;               /* for one read */
    struct riv_peer *peer;
    size_t n, cap;
    size_t unfinished_bytes; /* of all peers */
    uint64_t accepted, broken, timed_out, shut_out;
    bool acks;                     /* listen.ack */
    struct riv_clients clients;    /* with listen.ack */
    struct riv_settings line_conf; /* what holds for lines */
};

/* @thread builder */
int riv__peers_init(struct riv_peers *self, struct riv_input *input,
                    struct riv_err *err) RIV__MUST_USE;
void riv__peers_fini(struct riv_peers *self); /* hangs up; also of zeros */

/* Takes a connection, or closes it when its address has too many. Owns fd. */
int riv__peers_add(struct riv_peers *self, int fd, int64_t now,
                   struct riv_err *err) RIV__MUST_USE;
/* What to wait for, an entry for each peer. */
void riv__peers_poll(const struct riv_peers *self, struct riv_pollfd *poll);
/* When the first of them is hung up on if nothing comes; INT64_MAX: never. */
int64_t riv__peers_until(const struct riv_peers *self);
/* One read of each that is ready. RIV__READ_MORE or RIV__READ_IDLE. */
int riv__peers_hear(struct riv_peers *self, const struct riv_pollfd *poll,
                    int64_t now, struct riv_err *err) RIV__MUST_USE;
/* Each is told how many of its lines are durable, if that is more than before. */
void riv__peers_tell(struct riv_peers *self);
/* True if there were some. */
bool riv__peers_drop_gone(struct riv_peers *self);

#endif
