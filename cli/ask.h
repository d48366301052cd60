/* cli/ask.h - asks a running job for its status: at the socket of its state
 * directory, or over HTTP at the address of http.listen. Used by status. */
#ifndef ASK_H
#define ASK_H

#include <stdbool.h>
#include <stddef.h>

enum { ASK_BYTES_MAX = 16 << 20, ASK_MS_MAX = 10000 };

/* The answer; owned: free(p). */
struct answer {
    char *p;
    size_t n;
};

/* 0; -1: nobody listens there (errno says why); or the exit code of what was
 * said. */
int ask_folder(const char *dir, bool json, struct answer *ret);
/* HOST:PORT, [IPV6]:PORT or :PORT, also as the URL that a browser has. token NULL:
 * none. 0, or the exit code. */
int ask_address(const char *url, bool json, const char *token,
                struct answer *ret);

#endif
