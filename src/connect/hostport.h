/* connect/hostport.h - HOST:PORT out of a URI, for tcp: and listen:. */
#ifndef RIV_CONNECT_HOSTPORT_H
#define RIV_CONNECT_HOSTPORT_H

#include "sys/net.h"

enum { RIV__HOST_MAX = 256, RIV__PORT_MAX = 12 };

struct riv_hostport {
    char host[RIV__HOST_MAX]; /* without brackets; may be empty */
    char port[RIV__PORT_MAX]; /* digits, 0 to 65535 */
};

/* Reads "//HOST:PORT", "//[v6]:PORT", "//:PORT"; the slashes may be missing,
 * one at the end is fine. RIV_EINVAL says what a right address looks like. */
int riv__hostport_read(const char *text, struct riv_hostport *ret,
                       struct riv_err *err) RIV__MUST_USE;

static inline struct riv_addr riv__hostport_addr(const struct riv_hostport *at)
{
    return (struct riv_addr){ .host = at->host, .port = at->port };
}

#endif
