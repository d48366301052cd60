/* sys/net.h - sockets with messages: listening and connecting to host and
 * port as a source's URI gives them. Used by sources on their own threads, for
 * looking up a name may wait for the network. */
#ifndef RIV_SYS_NET_H
#define RIV_SYS_NET_H

#include "sys/sys.h"

struct riv_addr {
    const char *host, *port; /* host "" or NULL: any address */
};

/* What a negative errno of the network means, as "call host:port: why".
 * Returns the code. */
int riv__net_err(struct riv_err *err, int rc, const char *call,
                 const struct riv_addr *addr);

int riv__net_listen(struct riv_sys *sys, const struct riv_addr *addr,
                    int *ret_fd, struct riv_err *err) RIV__MUST_USE;

/* Connects to the first of the host's addresses that answers. RIV_ETIMEOUT
 * when `until_ns` passes, or the wake (may be NULL) is raised before: the
 * caller knows whether it was asked to stop. */
int riv__net_connect(struct riv_sys *sys, const struct riv_addr *addr,
                     struct riv_wake *wake, int64_t until_ns, int *ret_fd,
                     struct riv_err *err) RIV__MUST_USE;

#endif
