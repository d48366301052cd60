/* base/str.c - trimming, comparing and showing slices. Used by settings,
 * readers and everything that writes a message about a record. */
#include "base/str.h"

#include <string.h>

enum { DISTANCE_LEN_MAX = 63 };

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

riv_str riv__str_trim(riv_str s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = riv__str(s.p + 1, s.n - 1);
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool riv__str_starts(riv_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return n == 0 || (n <= s.n && memcmp(s.p, prefix, n) == 0);
}

bool riv__str_ends(riv_str s, const char *suffix)
{
    const size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.p + (s.n - n), suffix, n) == 0;
}

riv_str riv__str_unmarked(riv_str s)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t n = riv__str_starts(s, mark) ? sizeof mark - 1 : 0;
    return riv__str(s.p + n, s.n - n);
}

/* Levenshtein's distance with one row of the table, for names. */
unsigned riv__str_distance(const char *a, const char *b, unsigned max)
{
    unsigned row[DISTANCE_LEN_MAX + 1];
    size_t na = strlen(a), nb = strlen(b);
    if (na > DISTANCE_LEN_MAX || nb > DISTANCE_LEN_MAX)
        return max + 1;
    for (unsigned k = 0; k <= nb; k++)
        row[k] = k;
    for (unsigned i = 0; i < na; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < nb; k++) {
            unsigned swap = diagonal + (a[i] != b[k]);
            unsigned step = RIV__MIN(row[k], row[k + 1]) + 1;
            diagonal = row[k + 1];
            row[k + 1] = RIV__MIN(swap, step);
        }
    }
    return RIV__MIN(row[nb], max + 1);
}

/* Bytes of the UTF-8 sequence at p with n bytes left, and its character; 0
 * when it is none (also overlong forms, surrogates, above U+10FFFF). */
static size_t utf8_read(const unsigned char *p, size_t n, uint32_t *ret)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = p[0] < 0xc2   ? 0
                 : p[0] < 0xe0 ? 2
                 : p[0] < 0xf0 ? 3
                 : p[0] < 0xf5 ? 4
                               : 0;
    if (len == 0 || len > n)
        return 0;
    uint32_t c = p[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fU);
    }
    if (c < least[len] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    *ret = c;
    return len;
}

/* Characters that move the cursor, break the line, turn its direction, or have
 * no width: a file's byte order mark makes a field wrong that looks right. */
static bool is_tricky(uint32_t c)
{
    return c < 0xa0 || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
           c == 0xfeff;
}

size_t riv__str_tricky(riv_str s, uint32_t *ret)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t len = 1;
    *ret = s.n > 0 ? p[0] : ' ';
    if (*ret >= 0x20 && *ret < 0x7f)
        return 0;
    if (*ret >= 0x80)
        len = utf8_read(p, s.n, ret);
    return is_tricky(*ret) ? len : 0;
}

/* Shows what stands at p: itself or an escape, into dst (at most 4 bytes).
 * Returns the bytes taken; *ret_put: the bytes written. */
static size_t show_one(char *dst, const unsigned char *p, size_t n,
                       size_t *ret_put)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t c = 0;
    size_t len = p[0] >= 0x20 && p[0] < 0x7f ? 1 : utf8_read(p, n, &c);
    if (len == 1 && p[0] == '\\') {
        memcpy(dst, "\\\\", 2);
        *ret_put = 2;
        return 1;
    }
    if (len == 1 || (len > 1 && !is_tricky(c))) {
        memcpy(dst, p, len);
        *ret_put = len;
        return len;
    }
    memcpy(dst, "\\x", 2);
    dst[2] = hex[p[0] >> 4];
    dst[3] = hex[p[0] & 15];
    *ret_put = 4;
    return 1;
}

/* `safe` is the last length that leaves room for the dots: a cut never splits
 * an escape or a character. */
char *riv__str_show(char *dst, size_t room, riv_str s)
{
    size_t n = 0, safe = 0, put = 0, at = 0;
    char one[4];
    if (room == 0)
        return dst;
    while (at < s.n) {
        at += show_one(one, (const unsigned char *)s.p + at, s.n - at, &put);
        if (n + put >= room)
            break;
        if (n + 3 < room)
            safe = n;
        memcpy(dst + n, one, put);
        n += put;
        put = 0;
    }
    if (put > 0) { /* the last one did not fit */
        safe = n + 3 < room ? n : safe;
        size_t dots = RIV__MIN((size_t)3, room - 1 - safe);
        memcpy(dst + safe, "...", dots);
        n = safe + dots;
    }
    dst[n] = '\0';
    return dst;
}
