/* http/routes.h - which path shows what: one table, pure functions from a picture
 * to a page. Knows no server: tests ask here directly. */
#ifndef RIV_HTTP_ROUTES_H
#define RIV_HTTP_ROUTES_H

#include "base/buf.h"
#include "http/viewer.h"

struct riv_http_ask {
    const char *path;
    /* What stands behind ?name= in the URL, decoded; NULL: nothing. */
    const char *(*param)(void *arg, const char *name);
    void *arg;
};

struct riv_http_reply {
    unsigned status; /* 200, 400, 403, 404, 503 */
    const char *type;
    struct riv_buf body;
};

/* Fills the reply, whose body is initialised. */
void riv__http_route(const struct riv_viewer *viewer,
                     const struct riv_http_ask *ask,
                     struct riv_http_reply *reply);
/* Says nothing but whether the job lives: without a token, for any host. */
bool riv__http_is_open(const char *path);

#endif
