/* tests/fuzz/strict.c - see strict.h. Each function takes a text that moves on,
 * and says whether what it looks for stood there. */
#include "fuzz/strict.h"

#include <string.h>

enum { DEPTH_MAX = 32, NAME_MAX_BYTES = 16 };

static bool take(riv_str *s, char c)
{
    if (s->n == 0 || *s->p != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_word(riv_str *s, const char *word)
{
    const size_t n = strlen(word);
    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    s->p += n;
    s->n -= n;
    return true;
}

/* As many of these as there are. */
static size_t take_any(riv_str *s, const char *set)
{
    size_t n = 0;
    while (n < s->n && s->p[n] && strchr(set, s->p[n]))
        n++;
    s->p += n;
    s->n -= n;
    return n;
}

static const char digits[] = "0123456789";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char names[] = "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* The second byte of a longer letter: shortest form, no surrogates, up to
 * 10FFFF. */
static bool fits_second(unsigned first, unsigned second)
{
    switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second <= 0x9f;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second <= 0x8f;
    default: return true;
    }
}

/* One letter beyond ASCII. */
static bool take_wide(riv_str *s)
{
    const unsigned char *p = (const unsigned char *)s->p;
    const size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s->n < n || !fits_second(p[0], p[1]))
        return false;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return false;
    s->p += n;
    s->n -= n;
    return true;
}

static bool json_escape(riv_str *s)
{
    if (!take(s, 'u')) {
        if (s->n == 0 || !*s->p || !strchr("\"\\/bfnrt", *s->p))
            return false;
        s->p++;
        s->n--;
        return true;
    }
    for (int i = 0; i < 4; i++) {
        if (s->n == 0 || !*s->p || !strchr("0123456789abcdefABCDEF", *s->p))
            return false;
        s->p++;
        s->n--;
    }
    return true;
}

static bool json_string(riv_str *s)
{
    if (!take(s, '"'))
        return false;
    while (s->n > 0 && *s->p != '"') {
        const unsigned char c = (unsigned char)*s->p;
        if (c < 0x20)
            return false;
        if (take(s, '\\')) {
            if (!json_escape(s))
                return false;
        } else if (c >= 0x80) {
            if (!take_wide(s))
                return false;
        } else {
            s->p++;
            s->n--;
        }
    }
    return take(s, '"');
}

static bool json_number(riv_str *s)
{
    take(s, '-');
    if (!take(s, '0') && take_any(s, digits) == 0)
        return false;
    if (take(s, '.') && take_any(s, digits) == 0)
        return false;
    if (!take(s, 'e') && !take(s, 'E'))
        return true;
    if (!take(s, '+'))
        take(s, '-');
    return take_any(s, digits) > 0;
}

static bool json_value(riv_str *s, int depth);

static bool json_member(riv_str *s, bool has_name, int depth)
{
    take_any(s, " \t\r\n");
    if (has_name) {
        if (!json_string(s))
            return false;
        take_any(s, " \t\r\n");
        if (!take(s, ':'))
            return false;
    }
    return json_value(s, depth + 1);
}

static bool json_value(riv_str *s, int depth)
{
    take_any(s, " \t\r\n");
    if (depth > DEPTH_MAX || s->n == 0)
        return false;
    const bool is_object = *s->p == '{';
    if (*s->p == '"')
        return json_string(s);
    if (!is_object && *s->p != '[')
        return take_word(s, "true") || take_word(s, "false") ||
               take_word(s, "null") || json_number(s);
    s->p++;
    s->n--;
    take_any(s, " \t\r\n");
    if (take(s, is_object ? '}' : ']'))
        return true;
    do {
        if (!json_member(s, is_object, depth))
            return false;
        take_any(s, " \t\r\n");
    } while (take(s, ','));
    return take(s, is_object ? '}' : ']');
}

bool strict_json(riv_str text)
{
    const bool is_value = json_value(&text, 0);
    take_any(&text, " \t\r\n");
    return is_value && text.n == 0;
}

/* ---- HTML */

struct tags {
    char name[DEPTH_MAX][NAME_MAX_BYTES];
    int open;
};

static bool html_entity(riv_str *s)
{
    static const char *const entity[] = { "lt;",  "gt;",   "amp;",   "quot;",
                                          "#39;", "nbsp;", "middot;" };
    for (size_t i = 0; i < sizeof entity / sizeof *entity; i++)
        if (take_word(s, entity[i]))
            return true;
    return false;
}

static bool html_attribute(riv_str *s)
{
    if (take_any(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789-:") == 0)
        return false;
    if (!take(s, '='))
        return true;
    if (!take(s, '"'))
        return false;
    while (s->n > 0 && *s->p != '"') {
        if (*s->p == '<')
            return false;
        if (take(s, '&')) {
            if (!html_entity(s))
                return false;
            continue;
        }
        s->p++;
        s->n--;
    }
    return take(s, '"');
}

static bool html_name(riv_str *s, char *name)
{
    const char *from = s->p;
    const size_t n = take_any(s, names);
    if (n == 0 || n >= NAME_MAX_BYTES)
        return false;
    memcpy(name, from, n);
    name[n] = '\0';
    return true;
}

static bool has_no_end(const char *name)
{
    return strcmp(name, "meta") == 0 || strcmp(name, "link") == 0 ||
           strcmp(name, "br") == 0;
}

static bool html_close(riv_str *s, struct tags *tags)
{
    char name[NAME_MAX_BYTES];
    return html_name(s, name) && tags->open > 0 &&
           strcmp(tags->name[--tags->open], name) == 0 && take(s, '>');
}

static bool html_attributes(riv_str *s)
{
    while (take_any(s, " \n") > 0 && s->n > 0 && *s->p != '>' && *s->p != '/')
        if (!html_attribute(s))
            return false;
    return true;
}

static bool html_open(riv_str *s, struct tags *tags)
{
    char name[NAME_MAX_BYTES];
    if (!html_name(s, name) || strcmp(name, "script") == 0 ||
        !html_attributes(s))
        return false;
    if (!take(s, '/') && !has_no_end(name)) {
        if (tags->open == DEPTH_MAX)
            return false;
        memcpy(tags->name[tags->open++], name, sizeof name);
    }
    return take(s, '>');
}

/* Behind '<'. */
static bool html_tag(riv_str *s, struct tags *tags)
{
    if (take_word(s, "!doctype html>") || take_word(s, "!DOCTYPE html>"))
        return true;
    return take(s, '/') ? html_close(s, tags) : html_open(s, tags);
}

bool strict_html(riv_str s)
{
    struct tags tags = { .open = 0 };
    while (s.n > 0) {
        if (take(&s, '<')) {
            if (!html_tag(&s, &tags))
                return false;
        } else if (take(&s, '&')) {
            if (!html_entity(&s))
                return false;
        } else if (*s.p == '>' || !*s.p) {
            return false;
        } else {
            s.p++;
            s.n--;
        }
    }
    return tags.open == 0;
}

/* ---- metrics */

static bool metrics_label(riv_str *s)
{
    if (take_any(s, names) == 0 || !take(s, '=') || !take(s, '"'))
        return false;
    while (s->n > 0 && *s->p != '"') {
        if (*s->p == '\n')
            return false;
        if (take(s, '\\') && (s->n == 0 || !*s->p || !strchr("\\\"n", *s->p)))
            return false;
        s->p++;
        s->n--;
    }
    return take(s, '"');
}

static bool metrics_line(riv_str s)
{
    if (s.n == 0 || *s.p == '#')
        return true;
    if (!strchr(letters, *s.p) || take_any(&s, names) == 0)
        return false;
    if (take(&s, '{')) {
        do {
            if (!metrics_label(&s))
                return false;
        } while (take(&s, ','));
        if (!take(&s, '}'))
            return false;
    }
    return take(&s, ' ') && json_number(&s) && s.n == 0;
}

bool strict_metrics(riv_str s)
{
    while (s.n > 0) {
        const char *end = memchr(s.p, '\n', s.n);
        if (!end || !metrics_line((riv_str){ s.p, (size_t)(end - s.p) }))
            return false;
        s.n -= (size_t)(end - s.p) + 1;
        s.p = end + 1;
    }
    return true;
}
