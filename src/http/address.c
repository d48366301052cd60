/* http/address.c - addresses, hosts and tokens. */
#include "http/address.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"
#include "sys/file.h"

enum { TOKEN_MIN = 16, PORT_LAST = 65535 };

static bool is_local(const char *host)
{
    const bool is_number = host[strspn(host, "0123456789.")] == '\0';
    return (is_number && strncmp(host, "127.", 4) == 0) ||
           strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

static int no_address(const char *text, struct riv_err *err)
{
    return riv__err_set(err, RIV_EINVAL,
                        "http.listen=%s is no address: HOST:PORT, or :PORT for "
                        "this machine alone",
                        text);
}

int riv__http_place(const char *text, struct riv_http_place *ret,
                    struct riv_err *err)
{
    const char *colon = strrchr(text, ':'), *host = text;
    int64_t port;
    if (!colon || !riv__num_i64(riv_cstr(colon + 1), &port) || port < 0 ||
        port > PORT_LAST)
        return no_address(text, err);
    size_t n = (size_t)(colon - text);
    const bool has_brackets = n >= 2 && text[0] == '[' && colon[-1] == ']';
    if (!has_brackets && memchr(text, ':', n))
        return no_address(text, err);
    if (has_brackets) {
        host++;
        n -= 2;
    }
    if (n >= sizeof ret->host)
        return no_address(text, err);
    if (n == 0)
        snprintf(ret->host, sizeof ret->host, "127.0.0.1");
    else
        snprintf(ret->host, sizeof ret->host, "%.*s", (int)n, host);
    snprintf(ret->port, sizeof ret->port, "%d", (int)port);
    ret->is_local = is_local(ret->host);
    return 0;
}

bool riv__http_host_is_ours(const char *host, int port)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    char want[64];
    for (size_t i = 0; host && i < RIV__LEN(names); i++) {
        snprintf(want, sizeof want, "%s:%d", names[i], port);
        if (strcmp(host, want) == 0 ||
            (port == 80 && strcmp(host, names[i]) == 0))
            return true;
    }
    return false;
}

int riv__http_token(struct riv_sys *sys, const char *path, char *token,
                    struct riv_err *err)
{
    struct riv_buf buf;
    riv__buf_init(&buf, RIV__HTTP_TOKEN_MAX);
    int rc = riv__file_read_all(sys, path, &buf, err);
    size_t n = 0;
    while (rc == 0 && n < buf.n && (unsigned char)buf.p[n] > ' ')
        n++;
    if (rc < 0)
        riv__err_prefix(err, "http.token_file");
    else if (n < TOKEN_MIN || n >= RIV__HTTP_TOKEN_MAX)
        rc = riv__err_set(err, RIV_EINVAL,
                          "http.token_file %s: a token has 16 to %d bytes on a "
                          "line without blanks; openssl rand -hex 16 makes one",
                          path, RIV__HTTP_TOKEN_MAX - 1);
    else
        snprintf(token, RIV__HTTP_TOKEN_MAX, "%.*s", (int)n, buf.p);
    riv__buf_fini(&buf);
    return rc;
}

bool riv__http_same(const char *token, const char *given)
{
    const size_t n = strlen(token), m = strlen(given);
    unsigned char differs = n != m;
    for (size_t i = 0; i < m; i++)
        differs |= (unsigned char)(token[n > 0 ? i % n : 0] ^ given[i]);
    return n > 0 && differs == 0;
}
