/* http/library.h - libmicrohttpd, loaded when pages are wanted and not before: it
 * brings a library for TLS with it, which would cost every process 1.6 ms of its
 * start and 1 MB, also those without pages. */
#ifndef RIV_HTTP_LIBRARY_H
#define RIV_HTTP_LIBRARY_H

#include <microhttpd.h>

#include "base/err.h"

/* The functions that server.c uses, by their names without MHD_. */
#define RIV__MHD(X) \
    X(start_daemon) \
    X(stop_daemon) \
    X(run) \
    X(get_timeout) \
    X(get_daemon_info) \
    X(get_connection_info) \
    X(get_connection_values) \
    X(lookup_connection_value) \
    X(basic_auth_get_username_password) \
    X(create_response_from_buffer) \
    X(add_response_header) \
    X(queue_response) \
    X(destroy_response) \
    X(free)

struct riv_mhd {
#define RIV__MHD_MEMBER(name) __typeof__(&MHD_##name) name;
    RIV__MHD(RIV__MHD_MEMBER)
#undef RIV__MHD_MEMBER
};

/* Once a process, never unloaded. NULL: it is not installed, and err says which
 * package has it. @thread any */
const struct riv_mhd *riv__mhd(struct riv_err *err);

#endif
