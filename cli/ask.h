/* cli/ask.h - asks a running job: at the socket of its state directory, or over
 * HTTP at the address of http.listen. Used by status, top and tap. */
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

/* The same question in both ways. */
struct question {
    const char *line; /* at the socket, with its newline */
    const char *path; /* of the URL, with what stands behind the "?" */
};

/* 0; -1: nobody listens there (errno says why); or the exit code of what was
 * said. */
int ask_folder(const char *dir, const struct question *question,
               struct answer *ret);
/* HOST:PORT, [IPV6]:PORT or :PORT, also as the URL that a browser has. token NULL:
 * none. 0, or the exit code. An answer may be a reason why not, when it begins with
 * a "-" or a "!". */
int ask_address(const char *url, const struct question *question,
                const char *token, struct answer *ret);

#endif
