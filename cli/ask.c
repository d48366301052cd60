/* cli/ask.c - one question, one answer, with an end to the waiting. */
#include "ask.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum {
    CHUNK = 64 * 1024,
    HEAD_MAX = 16 * 1024,
    HOST_MAX = 256,
    ASK_TEXT_MAX = 4096
};

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool ready(int fd, short events, long long until_ms)
{
    struct pollfd one = { .fd = fd, .events = events };
    int rc = -1;
    errno = EINTR;
    while (rc < 0 && errno == EINTR) {
        const long long left = until_ms - now_ms();
        rc = poll(&one, 1, left > 0 ? (int)left : 0);
    }
    if (rc == 0)
        errno = ETIMEDOUT;
    return rc > 0;
}

static bool put_all(int fd, const char *p, size_t n, long long until_ms)
{
    while (n > 0) {
        if (!ready(fd, POLLOUT, until_ms))
            return false;
        const ssize_t done = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        p += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* Room for another chunk and a NUL. */
static bool grow(struct answer *to, size_t *cap)
{
    if (to->n + CHUNK < *cap)
        return true;
    if (to->n >= ASK_BYTES_MAX) {
        errno = EFBIG;
        return false;
    }
    char *p = realloc(to->p, *cap * 2 + 2 * CHUNK);
    if (!p)
        return false;
    to->p = p;
    *cap = *cap * 2 + 2 * CHUNK;
    return true;
}

/* Until the other end closes; with a NUL behind it. */
static bool take_all(int fd, struct answer *to, long long until_ms)
{
    size_t cap = 0;
    for (;;) {
        if (!grow(to, &cap) || !ready(fd, POLLIN, until_ms))
            return false;
        const ssize_t n = recv(fd, to->p + to->n, CHUNK, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0)
            return false;
        to->n += (size_t)n;
        to->p[to->n] = '\0';
        if (n == 0)
            return true;
    }
}

/* Takes fd. False: errno says why, and there is no answer. */
static bool exchange(int fd, const char *question, struct answer *ret)
{
    const long long until_ms = now_ms() + ASK_MS_MAX;
    *ret = (struct answer){ NULL, 0 };
    const bool well = put_all(fd, question, strlen(question), until_ms) &&
                      take_all(fd, ret, until_ms);
    const int why = errno;
    close(fd);
    if (!well) {
        free(ret->p);
        *ret = (struct answer){ NULL, 0 };
    }
    errno = why;
    return well;
}

/* ------------------------------------------------------------- a state folder */

/* The name is open to all users: nobody but the folder's owner, root or oneself
 * is believed. */
static bool is_owner(int fd, const struct stat *st)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return false;
    errno = EPERM;
    return peer.uid == st->st_uid || peer.uid == 0 || peer.uid == geteuid();
}

static int connect_folder(const char *dir)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    struct stat st;
    if (stat(dir, &st) < 0)
        return -1;
    const int n =
        snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1,
                 "rivulet-status-%llx-%llx", /* http/local.h */
                 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const socklen_t bytes =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, bytes) == 0 &&
        is_owner(fd, &st))
        return fd;
    const int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

int ask_folder(const char *dir, const struct question *question,
               struct answer *ret)
{
    const int fd = connect_folder(dir);
    if (fd < 0)
        return -1;
    if (exchange(fd, question->line, ret))
        return 0;
    return say(
        EXIT_UNAVAIL,
        "%s: the job does not answer (%s): it may be stopped by a signal "
        "or a debugger; look with ps, or ask again",
        dir, strerrordesc_np(errno));
}

/* ---------------------------------------------------------------- an address */

/* "HOST:PORT" into its two halves; brackets of IPv6 go. */
static bool halves(const char *address, char *host, size_t room,
                   const char **port)
{
    const char *colon = strrchr(address, ':');
    size_t n = colon ? (size_t)(colon - address) : 0;
    if (!colon || !colon[1])
        return false;
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        address++;
        n -= 2;
    }
    if (n >= room)
        return false;
    snprintf(host, room, "%.*s", (int)n, n > 0 ? address : "");
    if (n == 0)
        snprintf(host, room, "127.0.0.1");
    *port = colon + 1;
    return true;
}

/* NULL, or why not. */
static const char *connect_address(const char *host, const char *port,
                                   int *ret_fd)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *all = NULL;
    int fd = -1, why = EHOSTUNREACH;
    const int rc = getaddrinfo(host, port, &hints, &all);
    if (rc != 0)
        return gai_strerror(rc);
    for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct timeval limit = { .tv_sec = ASK_MS_MAX / 1000 };
        if (fd >= 0)
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            why = errno == EINPROGRESS ? ETIMEDOUT : errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    *ret_fd = fd;
    return fd < 0 ? strerrordesc_np(why) : NULL;
}

/* What stands behind the head; 0, or the exit code. */
static int body_of(const char *address, struct answer *ret)
{
    int status = 0;
    char *body = ret->p ? strstr(ret->p, "\r\n\r\n") : NULL;
    if (!body || body - ret->p > HEAD_MAX ||
        sscanf(ret->p, "HTTP/1.%*d %d", &status) != 1)
        return say(EXIT_UNAVAIL,
                   "%s: what listens there does not speak HTTP; is it the "
                   "address of http.listen?",
                   address);
    if (status == 401)
        return say(EXIT_PERM,
                   "%s wants a token: --token-file with the file that the job "
                   "has as http.token_file",
                   address);
    if (status != 200 && body[4] != '-' && body[4] != '!')
        return say(EXIT_UNAVAIL, "%s answers with the status %d", address,
                   status);
    ret->n -= (size_t)(body + 4 - ret->p);
    memmove(ret->p, body + 4, ret->n + 1);
    return 0;
}

/* The job names its page as a browser wants it, http://127.0.0.1:PORT/. */
static void strip(const char *url, char *to, size_t room)
{
    static const char scheme[] = "http://";
    const size_t n = sizeof scheme - 1;
    if (strncmp(url, scheme, n) == 0)
        url += n;
    snprintf(to, room, "%.*s", (int)strcspn(url, "/"), url);
}

int ask_address(const char *url, const struct question *question,
                const char *token, struct answer *ret)
{
    char address[HOST_MAX + 8], host[HOST_MAX], text[ASK_TEXT_MAX];
    const char *port;
    int fd = -1;
    strip(url, address, sizeof address);
    if (!halves(address, host, sizeof host, &port))
        return say(EXIT_USAGE, "%s is no address: HOST:PORT, or :PORT", url);
    const char *why = connect_address(host, port, &fd);
    if (why)
        return say(EXIT_UNAVAIL,
                   "%s: %s; does the job run, with -c http.listen=%s?", url,
                   why, address);
    const int n = snprintf(text, sizeof text,
                           "GET %s HTTP/1.0\r\nHost: %s%s\r\n%s%s%s\r\n",
                           question->path, address[0] == ':' ? "127.0.0.1" : "",
                           address, token ? "Authorization: Bearer " : "",
                           token ? token : "", token ? "\r\n" : "");
    if (n >= (int)sizeof text) {
        close(fd);
        return say(EXIT_USAGE, "the address or the token is too long");
    }
    if (!exchange(fd, text, ret))
        return say(EXIT_UNAVAIL, "%s does not answer: %s", address,
                   strerrordesc_np(errno));
    return body_of(address, ret);
}
