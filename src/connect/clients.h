/* connect/clients.h - peers of listen:// that wait to hear which of their lines
 * are durable, by the name they give; they outlive connections and runs. The
 * source thread takes lines, the storage thread makes them durable; between
 * them stands one short lock. docs/listen.md is the protocol. */
#ifndef RIV_CONNECT_CLIENTS_H
#define RIV_CONNECT_CLIENTS_H

#include "io/feed.h"
#include "io/stand.h"

enum {
    RIV__CLIENT_ID_MAX = 64,   /* bytes of a name */
    RIV__CLIENTS_MAX = 65536,  /* names that are remembered */
    RIV__HELLO_BYTES_MAX = 80, /* "HELLO ", name, "\n" */
};

struct riv_client {
    char id[RIV__CLIENT_ID_MAX + 1];
    uint64_t taken;   /* lines that are in the feed. @thread source */
    uint64_t kept;    /* of these, in a transaction. @thread storage */
    uint64_t durable; /* protected by the lock */
};

struct riv_clients {
    struct riv_lock lock;
    struct riv_client **client; /* they do not move */
    size_t n, cap;              /* protected by the lock */
};

void riv__clients_init(struct riv_clients *clients);
void riv__clients_fini(struct riv_clients *clients);

/* "HELLO name" without its newline: the name, or false: it is none. */
bool riv__clients_hello(riv_str line, riv_str *ret_id);

/* The number of a name, from 0; it is made when it is new. Below 0: RIV_ENOMEM,
 * or RIV_EBUSY: there are too many. @thread source, or builder */
int64_t riv__clients_find(struct riv_clients *clients, riv_str id);

/* Lines of these news are on their way: adds the counts to what is to be
 * remembered. Parts of the news are numbers of clients plus 1.
 * @thread storage */
void riv__clients_keep(struct riv_clients *clients, const struct riv_news *news,
                       struct riv_stand *to);
/* They are durable. @thread storage */
void riv__clients_durable(struct riv_clients *clients);
/* @thread any */
uint64_t riv__clients_told(struct riv_clients *clients, size_t number);

/* A row of an earlier run. @thread builder */
int riv__clients_recall(struct riv_clients *clients, riv_str key, riv_str value,
                        struct riv_err *err) RIV__MUST_USE;

#endif
