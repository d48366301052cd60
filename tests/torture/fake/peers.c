/* peers.c - a listening socket. A peer is acked when its lines are in a synced file
 * of their own, of which batches take as of a tail. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void listen_open(const char *at)
{
    char host[64];
    const char *colon = strrchr(at, ':');
    const int on = 1;
    if (!colon)
        end(64, "no port in %s", at);
    snprintf(host, sizeof host, "%.*s", (int)(colon - at), at);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10)),
        .sin_addr.s_addr = inet_addr(host),
    };
    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(w.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (w.listener < 0 ||
        bind(w.listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(w.listener, 64) < 0)
        end(69, "listen at %s", at);
    fcntl(w.listener, F_SETFL, O_NONBLOCK);
}

static void peer_close(struct peer *peer)
{
    close(peer->fd);
    if (peer->id[0])
        close(peer->file);
    peer->fd = -1;
}

static void ack(struct peer *peer)
{
    char text[40];
    int n = snprintf(text, sizeof text, "ACK %lld\n", peer->have);
    if (send(peer->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        shutdown(peer->fd, SHUT_RDWR);
}

static void peer_path(char dst[PATH_ROOM], const char *id)
{
    snprintf(dst, PATH_ROOM, "%s/peer-%s", w.state, id);
}

/* How many whole lines the file has; a torn one is cut off. */
static long long lines_in(int fd)
{
    char data[4096];
    long long lines = 0;
    off_t at = 0, good = 0;
    for (ssize_t n; (n = pread(fd, data, sizeof data, at)) > 0; at += n)
        for (ssize_t i = 0; i < n; i++)
            if (data[i] == '\n') {
                lines++;
                good = at + i + 1;
            }
    must(ftruncate(fd, good) == 0, "ftruncate", "peer");
    return lines;
}

static void hello(struct peer *peer, const char *line)
{
    char path[PATH_ROOM];
    if (strncmp(line, "HELLO ", 6) != 0 || strlen(line) > 6 + 64) {
        shutdown(peer->fd, SHUT_RDWR);
        return;
    }
    for (size_t i = 0; i < w.npeer; i++)
        if (w.peer[i].fd >= 0 && strcmp(w.peer[i].id, line + 6) == 0)
            peer_close(&w.peer[i]);
    snprintf(peer->id, sizeof peer->id, "%.64s", line + 6);
    peer_path(path, peer->id);
    peer->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    must(peer->file >= 0, "open", path);
    peer->have = lines_in(peer->file);
    source_of(peer->id);
    ack(peer);
}

/* What one read brought: whole lines into the file, and an ack. */
static void peer_hear(struct peer *peer)
{
    ssize_t got =
        recv(peer->fd, peer->line + peer->n, sizeof peer->line - peer->n, 0);
    if (got <= 0) {
        peer_close(peer);
        return;
    }
    peer->n += (size_t)got;
    char *nl = memchr(peer->line, '\n', peer->n);
    if (!peer->id[0] && nl) {
        *nl = '\0';
        hello(peer, peer->line);
        peer->n -= (size_t)(nl + 1 - peer->line);
        memmove(peer->line, nl + 1, peer->n);
    }
    size_t whole = 0;
    for (size_t i = 0; peer->id[0] && i < peer->n; i++)
        if (peer->line[i] == '\n') {
            whole = i + 1;
            peer->have++;
        }
    if (whole == 0)
        return;
    if (bug("ack_early"))
        ack(peer);
    write_all(peer->file, peer->line, whole, peer->id);
    sync_fd(peer->file, peer->id);
    peer->n -= whole;
    memmove(peer->line, peer->line + whole, peer->n);
    ack(peer);
}

static void accept_one(void)
{
    int fd = accept4(w.listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct peer *peer = NULL;
    for (size_t i = 0; !peer && i < PEERS_MAX; i++)
        if (i >= w.npeer || w.peer[i].fd < 0)
            peer = &w.peer[i];
    if (!peer) {
        close(fd);
        return;
    }
    if (peer == &w.peer[w.npeer])
        w.npeer++;
    *peer = (struct peer){ .fd = fd, .file = -1 };
}

void wait_until(long long until_ms)
{
    for (;;) {
        struct pollfd fd[PEERS_MAX + 1];
        nfds_t n = 0;
        long long left = until_ms - now_ms(CLOCK_MONOTONIC);
        if (left <= 0 || w.stops)
            return;
        if (w.listener >= 0)
            fd[n++] = (struct pollfd){ .fd = w.listener, .events = POLLIN };
        for (size_t i = 0; n > 0 && i < w.npeer; i++)
            fd[n++] = (struct pollfd){ .fd = w.peer[i].fd, .events = POLLIN };
        if (poll(fd, n, (int)left) <= 0)
            continue;
        for (nfds_t i = n; i-- > 1;)
            if (fd[i].revents)
                peer_hear(&w.peer[i - 1]);
        if (fd[0].revents)
            accept_one();
    }
}

bool take_peers(void)
{
    char path[PATH_ROOM];
    bool any = false;
    for (size_t i = 0; i < w.nsource; i++) {
        peer_path(path, w.source[i].name);
        any |= take_file(path, &w.source[i], false);
    }
    return any;
}
