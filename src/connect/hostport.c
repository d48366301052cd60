/* connect/hostport.c - addresses in URIs. A port is a number: names of services
 * differ from machine to machine. */
#include "connect/hostport.h"

#include <string.h>

#include "base/num.h"
#include "base/str.h"

enum { PORT_NUMBER_MAX = 65535 };

static int wrong(struct riv_err *err, const char *why)
{
    return riv__err_set(err, RIV_EINVAL,
                        "%s; an address is //HOST:PORT, such "
                        "as //127.0.0.1:9999, //[::1]:9999",
                        why);
}

static riv_str without_slashes(const char *text)
{
    riv_str s = riv_cstr(text);
    if (riv__str_starts(s, "//")) {
        s.p += 2;
        s.n -= 2;
    }
    if (s.n > 0 && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

static int copy_port(riv_str text, char *port, struct riv_err *err)
{
    uint64_t number;
    if (text.n == 0 || text.n >= RIV__PORT_MAX || text.p[0] == '+' ||
        !riv__num_u64(text, &number) || number > PORT_NUMBER_MAX)
        return wrong(err, "the port is no number up to 65535");
    riv__num_put_u64(port, number);
    return 0;
}

/* Brackets around a host with colons; none around others. */
static int strip_brackets(riv_str *text, struct riv_err *err)
{
    bool open = text->n > 0 && text->p[0] == '[';
    bool close = text->n > 0 && text->p[text->n - 1] == ']';
    if (open != close)
        return wrong(err, "a bracket is missing");
    if (!open && text->n > 0 && memchr(text->p, ':', text->n))
        return wrong(err, "an IPv6 address stands in brackets");
    if (open)
        *text = riv__str(text->p + 1, text->n - 2);
    return 0;
}

static int copy_host(riv_str text, char *host, struct riv_err *err)
{
    RIV__TRY(strip_brackets(&text, err));
    if (text.n >= RIV__HOST_MAX || (text.n > 0 && memchr(text.p, '/', text.n)))
        return wrong(err, "that is no host");
    if (text.n > 0)
        memcpy(host, text.p, text.n);
    host[text.n] = '\0';
    return 0;
}

int riv__hostport_read(const char *text, struct riv_hostport *ret,
                       struct riv_err *err)
{
    char port[RIV__NUM_TEXT];
    riv_str s = without_slashes(text);
    const char *colon = s.n > 0 ? memrchr(s.p, ':', s.n) : NULL;
    if (!colon || (s.p[s.n - 1] == ']'))
        return wrong(err, "the port is missing");
    size_t n = (size_t)(colon - s.p);
    RIV__TRY(copy_port(riv__str(colon + 1, s.n - n - 1), port, err));
    RIV__TRY(copy_host(riv__str(s.p, n), ret->host, err));
    memcpy(ret->port, port, strlen(port) + 1);
    return 0;
}
