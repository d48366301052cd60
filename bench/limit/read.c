/* limit/read.c - see read.h. A batch that is read is collected whole when it is
 * larger than a read, as the engine's blocks are; pieces of a batch end at line
 * borders. */
#include "read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key.h"
#include "memory.h"

enum { READ_BYTES = 1 << 20 };

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
    size_t room, have;
    size_t batch_left;
};

/* Hands over what is whole; keeps the rest for the next read. */
static void reader_feed(struct reader *r)
{
    size_t n = whole(r->buf, r->have, r->feed->row_bytes);
    if (n > 0)
        r->feed->piece(r->feed->ctx, r->buf, n);
    r->have -= n;
    memmove(r->buf, r->buf + n, r->have);
    if (r->feed->batch_bytes && r->batch_left == 0) {
        r->feed->batch(r->feed->ctx);
        r->batch_left = r->feed->batch_bytes;
    }
}

static void reader_grow(struct reader *r)
{
    char *big = limit_map(r->room * 2 + LIMIT_SLACK);
    memcpy(big, r->buf, r->have);
    limit_unmap(r->buf, r->room + LIMIT_SLACK);
    r->buf = big;
    r->room *= 2;
}

void limit_read(const char *path, const struct limit_feed *feed)
{
    struct reader r = { .feed = feed,
                        .room = 2 * READ_BYTES,
                        .batch_left = feed->batch_bytes };
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        die(path);
    r.buf = limit_map(r.room + LIMIT_SLACK);
    for (;;) {
        if (r.room - r.have < READ_BYTES)
            reader_grow(&r);
        size_t want = READ_BYTES;
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
    if (feed->batch_bytes && (r.have > 0 || r.batch_left < feed->batch_bytes))
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
