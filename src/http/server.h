/* http/server.h - the pages of http.listen: one thread, libmicrohttpd in its
 * strict mode, limits on everything that a peer can do. server.c where the library
 * is there, server_none.c where it is not. */
#ifndef RIV_HTTP_SERVER_H
#define RIV_HTTP_SERVER_H

#include "http/viewer.h"

enum {
    RIV__HTTP_PEERS_MAX = 64,        /* connections */
    RIV__HTTP_PEERS_OF_ONE_MAX = 16, /* from one address */
    RIV__HTTP_HEAD_BYTES_MAX =
        32768, /* request line, headers and answer's head */
    RIV__HTTP_HEADERS_MAX = 64,
    RIV__HTTP_IDLE_S_MAX = 5,      /* nothing comes or goes */
    RIV__HTTP_TIME_MS_MAX = 15000, /* a connection in all */
};

struct riv_http;

struct riv_http_spec {
    struct riv_viewer viewer;
    const char *listen; /* HOST:PORT, [IPV6]:PORT, :PORT (of this machine) */
    const char *token_file; /* "": there is none */
};

/* Only addresses of this machine, unless there is a token. RIV_EINVAL: what is
 * wrong with the settings, or what this build lacks; RIV_EUNAVAIL: the address. */
int riv__http_start(const struct riv_http_spec *spec, struct riv_http **ret,
                    struct riv_err *err) RIV__MUST_USE;
/* "127.0.0.1:8080", with the port that was found for 0. */
const char *riv__http_address(const struct riv_http *http);
/* NULL is fine. */
void riv__http_stop(struct riv_http *http);
/* The library and its version, as riv_features names it; NULL: there is none. */
const char *riv__http_name(void);

#endif
