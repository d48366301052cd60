/* http/tap.h - a question for rows that pass, as it comes over the socket of a
 * state directory or as a URL, and its answer. */
#ifndef RIV_HTTP_TAP_H
#define RIV_HTTP_TAP_H

#include "http/routes.h"

/* Behind "tap " in a line: "lines|json SINCE|- OPERATOR", the last may be missing.
 * What is wrong is told behind a "-", why there is no answer behind a "!". */
void riv__tap_line(const struct riv_viewer *viewer, char *line,
                   struct riv_buf *to);
/* /tap?op=OPERATOR&since=N&form=json */
void riv__tap_route(const struct riv_viewer *viewer,
                    const struct riv_http_ask *ask,
                    struct riv_http_reply *reply);

#endif
