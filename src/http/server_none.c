/* http/server_none.c - a build without libmicrohttpd: no pages, and who wants some
 * is told what is missing. */
#include "http/server.h"

int riv__http_start(const struct riv_http_spec *spec, struct riv_http **ret,
                    struct riv_err *err)
{
    (void)ret;
    return riv__err_set(err, RIV_EINVAL,
                        "http.listen=%s: this build has no pages: it was made "
                        "without libmicrohttpd (Debian: libmicrohttpd-dev). "
                        "With state.dir, rivulet status works without",
                        spec->listen);
}

const char *riv__http_address(const struct riv_http *http)
{
    (void)http;
    return "";
}

void riv__http_stop(struct riv_http *http)
{
    (void)http;
}

const char *riv__http_name(void)
{
    return NULL;
}
