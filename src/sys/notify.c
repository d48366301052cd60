/* sys/notify.c - one datagram a message. The name of the socket is a path, or
 * with "@" in front one of the abstract kind. */
#include "sys/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int address_of(const char *name, struct sockaddr_un *ret,
                      socklen_t *ret_bytes)
{
    const size_t n = strlen(name);
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if ((name[0] != '/' && name[0] != '@') || n >= sizeof ret->sun_path)
        return -EINVAL;
    memcpy(ret->sun_path, name, n);
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    *ret_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return 0;
}

/* A manager that does not read holds nobody up: not at all for a word that is
 * sent again and again, else for a second. */
static int send_to(int fd, const char *lines, const struct sockaddr_un *to,
                   socklen_t bytes)
{
    const struct timeval limit = { .tv_sec = 1 };
    const struct sockaddr *name = (const struct sockaddr *)to;
    const size_t n = strlen(lines);
    if (sendto(fd, lines, n, MSG_NOSIGNAL | MSG_DONTWAIT, name, bytes) >= 0)
        return 0;
    if (errno != EAGAIN || strcmp(lines, "WATCHDOG=1") == 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return sendto(fd, lines, n, MSG_NOSIGNAL, name, bytes) < 0 ? -errno : 0;
}

int riv__notify_send(const char *lines)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to;
    socklen_t bytes = 0;
    if (!name || !*name)
        return 0;
    int rc = address_of(name, &to, &bytes);
    int fd = rc == 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (rc < 0 || fd < 0)
        return rc < 0 ? rc : -errno;
    rc = send_to(fd, lines, &to, bytes);
    close(fd);
    return rc;
}

int64_t riv__notify_watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;
    if (!usec || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
        return 0;
    const long long us = strtoll(usec, &end, 10);
    return *end == '\0' && us >= 2000 ? (int64_t)(us / 2000) : 0;
}
