/* sim/stream.c - lines that describe themselves. */
#include "sim/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rng.h"

struct record stream_record(uint64_t seed, uint32_t stream, uint64_t seq)
{
    const uint64_t x = rng_mix(seed ^ rng_mix(stream * 0x10001u + seq * 7919u));
    /* few keys come often, the others seldom */
    const uint64_t k = (x >> 8) % 8 < 5 ? (x >> 16) % 4 : (x >> 16) % KEYS;
    return (struct record){ .stream = stream,
                            .seq = seq,
                            .key = (unsigned)k,
                            .val = (int64_t)((x >> 32) % 2001) - 1000 };
}

size_t stream_key(unsigned key, char *dst)
{
    const char *before = key % 3 == 2 ? "a-key-too-long-for-an-entry-" : "k";
    return (size_t)snprintf(dst, KEY_BYTES, "%s%u", before, key);
}

int stream_key_of(const char *p, size_t n)
{
    char text[KEY_BYTES];
    for (unsigned k = 0; k < KEYS; k++)
        if (stream_key(k, text) == n && memcmp(text, p, n) == 0)
            return (int)k;
    return -1;
}

size_t stream_line(uint64_t seed, uint32_t stream, uint64_t seq, char *dst)
{
    static const char padding[] = "------------------------------------------"
                                  "----------------------";
    char key[KEY_BYTES];
    const struct record rec = stream_record(seed, stream, seq);
    const unsigned pad = (unsigned)(rng_mix(seed + seq * 31 + stream) % 64);
    stream_key(rec.key, key);
    return (size_t)snprintf(dst, LINE_MAX_BYTES + 2, "%u %llu %s %lld %.*s;\n",
                            stream, (unsigned long long)seq, key,
                            (long long)rec.val, (int)(pad < 48 ? pad % 4 : pad),
                            padding);
}

size_t stream_make(uint64_t seed, struct stream *s, char *dst, size_t room)
{
    char line[LINE_MAX_BYTES + 2];
    size_t done = 0;
    while (done < room) {
        size_t n = stream_line(seed, s->id, s->made, line);
        size_t left = n - (size_t)s->part;
        size_t some = left < room - done ? left : room - done;
        memcpy(dst + done, line + s->part, some);
        done += some;
        s->part += some;
        if (s->part == n) {
            s->made++;
            s->part = 0;
        }
    }
    return done;
}

size_t stream_rest(uint64_t seed, const struct stream *s)
{
    char line[LINE_MAX_BYTES + 2];
    return stream_line(seed, s->id, s->made, line) - (size_t)s->part;
}

void stream_take(struct stream *s, const char *p, size_t n)
{
    s->taken_bytes += n;
    for (size_t i = 0; i < n; i++) {
        s->taken_part++;
        if (p[i] == '\n') {
            s->taken++;
            s->taken_part = 0;
        }
    }
}

/* Is the part all of a line but its '\n'? */
static bool is_whole(uint64_t seed, const struct stream *s, uint64_t seq,
                     uint64_t part)
{
    char line[LINE_MAX_BYTES + 2];
    return part > 0 && part + 1 == stream_line(seed, s->id, seq, line);
}

/* Whole lines that this life has read, or an earlier one made durable. */
static uint64_t read_lines(uint64_t seed, const struct stream *s)
{
    char line[LINE_MAX_BYTES + 2];
    uint64_t n = s->taken, bytes = 0;
    if (s->read_bytes >= s->taken_bytes)
        return n;
    for (n = 0; n < s->taken; n++) {
        bytes += stream_line(seed, s->id, n, line);
        if (bytes > s->read_bytes)
            break;
    }
    return n;
}

uint64_t stream_must(uint64_t seed, const struct stream *s, bool early)
{
    if (s->lost)
        return 0;
    switch (s->kind) {
    case STREAM_CONN:
        return s->taken +
               (s->taken_end && is_whole(seed, s, s->taken, s->taken_part));
    case STREAM_TAIL: return early ? read_lines(seed, s) : stream_may(seed, s);
    case STREAM_FILE: return early && s->seen == 0 ? 0 : stream_may(seed, s);
    case STREAM_QUEUE: break;
    }
    return stream_may(seed, s);
}

uint64_t stream_may(uint64_t seed, const struct stream *s)
{
    return s->made + (s->ended && is_whole(seed, s, s->made, s->part));
}

bool stream_is_long(uint64_t seed, const struct stream *s, uint64_t seq,
                    size_t line_max)
{
    char line[LINE_MAX_BYTES + 2];
    return s->kind != STREAM_QUEUE &&
           stream_line(seed, s->id, seq, line) > line_max + 1;
}

size_t stream_fragment(uint64_t seed, const struct stream *s, char *dst)
{
    const bool conn = s->kind == STREAM_CONN;
    const uint64_t seq = conn ? s->taken : s->made;
    const uint64_t part = conn ? s->taken_part : s->part;
    if ((conn ? !s->taken_end : !s->ended) || part == 0 ||
        is_whole(seed, s, seq, part))
        return 0;
    stream_line(seed, s->id, seq, dst);
    return (size_t)part;
}
