/* io/log_origin.c - a message found by a place in its bytes; how it is written behind a
 * URI, and shown. */
#include "io/log_origin.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"

enum { TOPIC_SHOWN = 256 };

/* ---------------------------------------------------------------- finding */

static size_t bytes_end(const struct riv_log_origin *origin)
{
    return origin->n > 0 ? origin->place[origin->n - 1].end : 0;
}

static bool is_in(const void *p, const void *from, size_t n)
{
    return (uintptr_t)p - (uintptr_t)from < n;
}

/* Which byte of all. */
static bool byte_of(const struct riv_log_origin *origin, const char *p,
                    size_t *ret)
{
    const size_t head = origin->head.n;
    if (is_in(p, origin->head.p, head))
        *ret = (size_t)(p - origin->head.p);
    else if (is_in(p, origin->bytes, bytes_end(origin) - head))
        *ret = head + (size_t)(p - origin->bytes);
    else
        return false;
    return true;
}

/* The first whose end is behind this byte, which is one of them; those without
 * bytes are passed over. */
static size_t place_of(const struct riv_log_origin *origin, size_t byte)
{
    size_t from = 0, until = origin->n - 1;
    while (from < until) {
        const size_t mid = from + (until - from) / 2;
        if (origin->place[mid].end > byte)
            until = mid;
        else
            from = mid + 1;
    }
    return from;
}

/* The rest, from a byte on, of what lies there behind each other. */
static riv_str stretch(const struct riv_log_origin *origin, size_t from,
                       size_t until)
{
    const size_t head = origin->head.n;
    return from < head
               ? riv__str(origin->head.p + from, RIV__MIN(until, head) - from)
               : riv__str(origin->bytes + (from - head), until - from);
}

static uint64_t count_lines(const struct riv_log_origin *origin, size_t from,
                            size_t until)
{
    uint64_t n = 0;
    while (from < until) {
        const riv_str s = stretch(origin, from, until);
        const char *end = s.p + s.n;
        from += s.n;
        for (const char *p = s.p; (p = memchr(p, '\n', (size_t)(end - p))); p++)
            n++;
    }
    return n;
}

/* Does a line end before the last byte of [from, until)? */
static bool has_another(const struct riv_log_origin *origin, size_t from,
                        size_t until)
{
    const riv_str s = stretch(origin, from, until);
    const char *end = memchr(s.p, '\n', s.n);
    return from + (end ? (size_t)(end - s.p) + 1 : s.n) < until;
}

static void find_line(const struct riv_log_origin *origin,
                      struct riv_log_at *at, size_t byte,
                      struct riv_message *ret)
{
    const size_t i = place_of(origin, byte);
    const size_t begin = i > 0 ? origin->place[i - 1].end : 0;
    if (at->begin != begin || at->at > byte || at->at < begin)
        *at = (struct riv_log_at){ .begin = begin, .at = begin };
    at->before += count_lines(origin, at->at, byte);
    at->at = byte;
    ret->offset = ret->last = origin->place[i].next - 1;
    ret->number =
        at->before > 0 || has_another(origin, byte, origin->place[i].end)
            ? at->before + 1
            : 0;
}

static bool begins_message(const struct riv_log_origin *origin, size_t i)
{
    return i == 0 || origin->place[i - 1].next != RIV__LOG_INSIDE;
}

static bool is_alone(const struct riv_log_origin *origin, size_t i)
{
    return begins_message(origin, i) &&
           origin->place[i].next != RIV__LOG_INSIDE;
}

/* Backwards to the first row of the message, or to one of which that is known. */
static void find_row(const struct riv_log_origin *origin, struct riv_log_at *at,
                     size_t i, struct riv_message *ret)
{
    size_t first = i;
    while (!begins_message(origin, first) && first != at->at)
        first--;
    *at = (struct riv_log_at){
        .begin = begins_message(origin, first) ? first : at->begin, .at = i
    };
    ret->offset = ret->last = origin->row[i].offset;
    ret->number = is_alone(origin, i) ? 0 : i - at->begin + 1;
}

/* Rows of one message share what lies before the first one's value. */
static void find_in_row(const struct riv_log_origin *origin,
                        struct riv_log_at *at, size_t byte,
                        struct riv_message *ret)
{
    const size_t i = place_of(origin, byte);
    find_row(origin, at, i, ret);
    if (ret->number == 1 && origin->bytes + byte < origin->row[i].value.p)
        ret->number = 0;
}

bool riv__log_origin_find(const struct riv_log_origin *origin,
                          struct riv_log_at *at, const void *p,
                          struct riv_message *ret)
{
    size_t byte;
    if (origin->n == 0) {
        *ret = origin->only;
        return true;
    }
    if (origin->row && is_in(p, origin->row, origin->n * sizeof *origin->row)) {
        find_row(origin, at,
                 (size_t)((const riv_kafka_record *)p - origin->row), ret);
        return true;
    }
    if (!byte_of(origin, p, &byte))
        return false;
    if (origin->row)
        find_in_row(origin, at, byte, ret);
    else
        find_line(origin, at, byte, ret);
    return true;
}

bool riv__log_origin_span(const struct riv_log_origin *origin,
                          const void *first, const void *last,
                          struct riv_message *ret)
{
    struct riv_log_at at = { 0 };
    struct riv_message from, until;
    if (!riv__log_origin_find(origin, &at, first, &from) ||
        !riv__log_origin_find(origin, &at, last, &until))
        return false;
    *ret = (struct riv_message){ .offset = from.offset, .last = until.offset };
    return true;
}

/* ------------------------------------------------------------ as it is told */

const char *riv__log_origin_show(const struct riv_log_origin *origin,
                                 const struct riv_message *message, char *dst,
                                 size_t room)
{
    char topic[TOPIC_SHOWN];
    riv__str_show(topic, sizeof topic, origin->topic);
    const int at = snprintf(dst, room, "%s/%d offset%s %lld", topic,
                            (int)origin->partition,
                            message->last == message->offset ? "" : "s",
                            (long long)message->offset);
    const size_t n = RIV__MIN((size_t)at, room - 1);
    if (message->last != message->offset)
        snprintf(dst + n, room - n, " to %lld", (long long)message->last);
    else if (message->number > 0)
        snprintf(dst + n, room - n, ", %s %llu of it",
                 origin->row ? "record" : "line",
                 (unsigned long long)message->number);
    return dst;
}

void riv__log_origin_put(const struct riv_log_origin *origin,
                         const struct riv_message *message, struct riv_buf *to)
{
    riv__buf_char(to, '#');
    riv__buf_add(to, origin->topic.p, origin->topic.n);
    riv__buf_printf(to, "/%d", (int)origin->partition);
    if (message->last != message->offset)
        riv__buf_printf(to, ":offsets=%lld-%lld", (long long)message->offset,
                        (long long)message->last);
    else if (message->number > 0)
        riv__buf_printf(to, ":%s=%llu", origin->row ? "record" : "line",
                        (unsigned long long)message->number);
}

static bool read_number(riv_str s, int64_t *ret)
{
    return s.n > 0 && *s.p >= '0' && *s.p <= '9' && riv__num_i64(s, ret);
}

/* Takes what is before the first c, and it, off the front. False: there is none. */
static bool take_until(riv_str *rest, char c, riv_str *ret)
{
    const char *at = rest->n > 0 ? memchr(rest->p, c, rest->n) : NULL;
    if (!at)
        return false;
    *ret = riv__str(rest->p, (size_t)(at - rest->p));
    *rest = riv__str(at + 1, rest->n - ret->n - 1);
    return true;
}

/* What stands behind the partition. */
static bool read_detail(riv_str detail, struct riv_log_name *ret)
{
    riv_str rest = detail, word, first;
    int64_t number;
    if (!take_until(&rest, '=', &word))
        return false;
    ret->is_row = riv_eq(word, riv_cstr("record"));
    if (ret->is_row || riv_eq(word, riv_cstr("line"))) {
        if (!read_number(rest, &number))
            return false;
        ret->message.number = (uint64_t)number;
        return true;
    }
    return riv_eq(word, riv_cstr("offsets")) &&
           take_until(&rest, '-', &first) &&
           read_number(first, &ret->message.offset) &&
           read_number(rest, &ret->message.last);
}

bool riv__log_origin_read(riv_str source, struct riv_log_name *ret)
{
    const char *hash = memrchr(source.p ? source.p : "", '#', source.n);
    if (!hash)
        return false;
    struct riv_log_name name = {
        .uri = riv__str(source.p, (size_t)(hash - source.p)),
        .message = { .offset = -1, .last = -1 },
    };
    riv_str rest = riv__str(hash + 1, source.n - name.uri.n - 1), number;
    int64_t partition;
    if (!take_until(&rest, '/', &name.topic) || name.topic.n == 0)
        return false;
    const bool more = take_until(&rest, ':', &number);
    if (!read_number(more ? number : rest, &partition) ||
        partition > INT32_MAX || (more && !read_detail(rest, &name)))
        return false;
    name.partition = (int32_t)partition;
    *ret = name;
    return true;
}
