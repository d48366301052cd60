/* limit/read.c - see read.h. A batch of so many bytes that is read is collected
 * whole when it is larger than a read, as the engine's blocks are; pieces of a
 * batch end at line borders. */
#include "read.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "key.h"
#include "memory.h"

enum { READ_BYTES = 1 << 20, SOCKET_READ_BYTES = 1 << 18 };

static const char socket_prefix[] = "tcp://";

static void die(const char *path)
{
    perror(path);
    exit(66);
}

/* How much of the n bytes are whole lines or rows. */
static size_t whole(const char *p, size_t n, size_t row_bytes)
{
    if (row_bytes)
        return n / row_bytes * row_bytes;
    const char *end = memrchr(p, '\n', n);
    return end ? (size_t)(end + 1 - p) : 0;
}

struct reader {
    const struct limit_feed *feed;
    char *buf;
    size_t room, have, read_bytes;
    size_t batch_left;
    int64_t batch_until_ns;
};

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Has the batch of so many bytes, or of so long, ended with this read? */
static bool batch_ends(struct reader *r)
{
    const struct limit_feed *feed = r->feed;
    if (feed->batch_bytes && r->batch_left == 0) {
        r->batch_left = feed->batch_bytes;
        return true;
    }
    if (!feed->batch_ns)
        return false;
    const int64_t now = now_ns();
    if (now < r->batch_until_ns)
        return false;
    while (r->batch_until_ns <= now)
        r->batch_until_ns += feed->batch_ns;
    return true;
}

/* Hands over what is whole; keeps the rest for the next read. */
static void reader_feed(struct reader *r)
{
    size_t n = whole(r->buf, r->have, r->feed->row_bytes);
    if (n > 0)
        r->feed->piece(r->feed->ctx, r->buf, n);
    r->have -= n;
    memmove(r->buf, r->buf + n, r->have);
    if (r->feed->batch && batch_ends(r))
        r->feed->batch(r->feed->ctx);
}

static void reader_grow(struct reader *r)
{
    char *big = limit_map(r->room * 2 + LIMIT_SLACK);
    memcpy(big, r->buf, r->have);
    limit_unmap(r->buf, r->room + LIMIT_SLACK);
    r->buf = big;
    r->room *= 2;
}

/* ADDRESS:PORT, behind the prefix. */
static int connect_to(const char *path)
{
    char text[64];
    struct sockaddr_in at = { .sin_family = AF_INET };
    snprintf(text, sizeof text, "%s", path + strlen(socket_prefix));
    char *colon = strchr(text, ':');
    if (colon) {
        *colon = '\0';
        at.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    }
    if (!colon || inet_pton(AF_INET, text, &at.sin_addr) != 1)
        return -1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd
                                                                          : -1;
}

/* A file that is open, or a connection. */
static struct reader reader_begin(const char *path,
                                  const struct limit_feed *feed, int *ret_fd)
{
    const bool is_socket =
        strncmp(path, socket_prefix, strlen(socket_prefix)) == 0;
    *ret_fd = is_socket ? connect_to(path) : open(path, O_RDONLY);
    if (*ret_fd < 0)
        die(path);
    struct reader r = { .feed = feed,
                        .read_bytes =
                            is_socket ? SOCKET_READ_BYTES : READ_BYTES,
                        .batch_left = feed->batch_bytes,
                        .batch_until_ns = now_ns() + feed->batch_ns };
    r.room = 2 * r.read_bytes;
    r.buf = limit_map(r.room + LIMIT_SLACK);
    return r;
}

void limit_read(const char *path, const struct limit_feed *feed)
{
    int fd;
    struct reader r = reader_begin(path, feed, &fd);
    for (;;) {
        if (r.room - r.have < r.read_bytes)
            reader_grow(&r);
        size_t want = r.read_bytes;
        if (feed->batch_bytes && want > r.batch_left)
            want = r.batch_left;
        ssize_t n = read(fd, r.buf + r.have, want);
        if (n < 0)
            die(path);
        if (n == 0)
            break;
        r.have += (size_t)n;
        if (feed->batch_bytes)
            r.batch_left -= (size_t)n;
        reader_feed(&r);
    }
    if (r.have > 0)
        feed->piece(feed->ctx, r.buf, r.have);
    if (feed->batch_ns ||
        (feed->batch_bytes && (r.have > 0 || r.batch_left < feed->batch_bytes)))
        feed->batch(feed->ctx);
    limit_unmap(r.buf, r.room + LIMIT_SLACK);
    close(fd);
}

struct limit_text limit_load(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) < 0)
        die(path);
    struct limit_text text = { limit_map((size_t)st.st_size + LIMIT_SLACK), 0 };
    ssize_t n = 1;
    while (text.n < (size_t)st.st_size && n > 0) {
        n = read(fd, text.p + text.n, (size_t)st.st_size - text.n);
        if (n < 0)
            die(path);
        text.n += (size_t)n;
    }
    close(fd);
    return text;
}

void limit_walk(const struct limit_text *text, const struct limit_feed *feed)
{
    size_t at = 0;
    while (at < text->n) {
        size_t left = text->n - at, n = left;
        if (feed->batch_bytes && n > feed->batch_bytes) {
            n = whole(text->p + at, feed->batch_bytes, feed->row_bytes);
            while (!feed->row_bytes && (n == 0 || text->p[at + n - 1] != '\n'))
                n++; /* a line longer than a batch is one */
        }
        feed->piece(feed->ctx, text->p + at, n);
        if (feed->batch_bytes)
            feed->batch(feed->ctx);
        at += n;
    }
}
