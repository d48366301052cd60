/* data/json.c - rows to JSON lines. The walk over the type gives the nesting;
 * whatever bytes the strings hold, the output is valid JSON and UTF-8. */
#include "data/json.h"

#include <string.h>

#include "data/number.h"

/* Bytes of the UTF-8 sequence at p, at least 1; *ret_valid is false when it is
 * none, and the bytes are then those that one U+FFFD stands for (the longest
 * beginning of a sequence, as Unicode recommends). */
static size_t utf8_bytes(const unsigned char *p, size_t n, bool *ret_valid)
{
    unsigned c = p[0], lo = 0x80, hi = 0xbf;
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    *ret_valid = false;
    if (c < 0xc2 || c > 0xf4)
        return 1;
    if (c == 0xe0 || c == 0xf0)
        lo = c == 0xe0 ? 0xa0 : 0x90; /* shorter forms exist */
    else if (c == 0xed || c == 0xf4)
        hi = c == 0xed ? 0x9f : 0x8f; /* surrogates; above U+10FFFF */
    for (size_t k = 1; k <= more; k++) {
        if (k == n || p[k] < lo || p[k] > hi)
            return k;
        lo = 0x80;
        hi = 0xbf;
    }
    *ret_valid = true;
    return more + 1;
}

static void put_escape(struct riv_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *found = c ? strchr(from, c) : NULL;
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
    if (found)
        text[1] = to[found - from];
    riv__buf_add(buf, text, found ? 2 : sizeof text);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void put_string(struct riv_buf *buf, riv_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    riv__buf_char(buf, '"');
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        bool valid = true;
        while (i < s.n && is_plain(p[i]))
            i++;
        riv__buf_add(buf, s.p + from, i - from);
        if (i == s.n)
            break;
        if (p[i] < 0x80) {
            put_escape(buf, p[i++]);
            continue;
        }
        size_t k = utf8_bytes(p + i, s.n - i, &valid);
        riv__buf_add(buf, valid ? s.p + i : "\xef\xbf\xbd", valid ? k : 3);
        i += k;
    }
    riv__buf_char(buf, '"');
}

static void put_value(struct riv_buf *buf, const struct riv_walk *walk,
                      const char *at)
{
    if (walk->kind == RIV_K_STR) {
        put_string(buf, RIV__LOAD(riv_str, at));
    } else if (walk->kind == RIV_K_CHARS) {
        put_string(buf, (riv_str){ at, strnlen(at, walk->length) });
    } else if (!riv__number_finite(walk->kind, at)) {
        riv__buf_str(buf, "null");
    } else {
        char *dst = riv__buf_room(buf, RIV__NUM_TEXT);
        if (dst)
            buf->n += riv__number_put(walk->kind, at, dst);
    }
}

void riv__json_write(const struct riv_layout *layout, const void *row,
                     struct riv_buf *buf)
{
    struct riv_walk walk;
    enum riv_walk_event event;
    riv__walk_init(&walk, layout->type);
    while ((event = riv__walk_next(&walk)) > RIV__WALK_END) {
        if (event == RIV__WALK_LEAVE) {
            riv__buf_char(buf, '}');
            continue;
        }
        if (walk.name && walk.index > 0)
            riv__buf_char(buf, ',');
        if (walk.name) {
            put_string(buf, riv_cstr(walk.name));
            riv__buf_char(buf, ':');
        }
        if (event == RIV__WALK_ENTER)
            riv__buf_char(buf, '{');
        else
            put_value(buf, &walk, (const char *)row + walk.offset);
    }
    riv__buf_char(buf, '\n');
}
