/* http/address.h - where pages are, and who may see them: the address of
 * http.listen, the Host and the token of a request. Pure, but for the file of the
 * token. */
#ifndef RIV_HTTP_ADDRESS_H
#define RIV_HTTP_ADDRESS_H

#include "sys/sys.h"

enum { RIV__HTTP_TOKEN_MAX = 512 }; /* bytes */

struct riv_http_place {
    char host[RIV__HOST_BYTES]; /* without brackets */
    char port[8];
    bool is_local; /* 127.0.0.0/8, ::1, localhost */
};

/* "HOST:PORT", "[IPV6]:PORT", ":PORT" for 127.0.0.1. */
int riv__http_place(const char *text, struct riv_http_place *ret,
                    struct riv_err *err) RIV__MUST_USE;

/* Is the Host of a request, with its port, a name of this machine? One of another
 * site that resolves to 127.0.0.1 is not (DNS rebinding). */
bool riv__http_host_is_ours(const char *host, int port);

/* The first line of the file, 16 bytes at the least (128 bits as hexadecimal
 * digits are 32). `token` has RIV__HTTP_TOKEN_MAX bytes. */
int riv__http_token(struct riv_sys *sys, const char *path, char *token,
                    struct riv_err *err) RIV__MUST_USE;
/* Takes the same time wherever they differ. */
bool riv__http_same(const char *token, const char *given);

#endif
