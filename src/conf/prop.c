/* conf/prop.c - what follows from the row of a setting alone: finding it by
 * name, the name that was meant, its spelling in the environment, its range in
 * words. Values are set in conf.c. */
#include "conf/prop.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"

enum { NEAR = 3, NAME_MAX_SHOWN = 64 };

const struct riv_prop *riv__prop_find(riv_str name)
{
    for (size_t i = 0; i < riv__prop_count; i++) {
        if (riv_eq(name, riv_cstr(riv__props[i].name)))
            return &riv__props[i];
    }
    return NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The bytes after the last point: people remember "interval". */
static const char *last_part(const char *name)
{
    const char *point = strrchr(name, '.');
    return point ? point + 1 : name;
}

/* How far a name is from what was typed; its last part alone also counts, when
 * it is nearly right. */
static unsigned distance(const char *typed, const char *name)
{
    unsigned whole = riv__str_distance(typed, name, NEAR);
    return riv__str_distance(typed, last_part(name), 1) <= 1 ? 1 : whole;
}

const struct riv_prop *riv__prop_nearest(riv_str name)
{
    char typed[NAME_MAX_SHOWN];
    size_t n = 0;
    if (name.n >= sizeof typed)
        return NULL;
    for (; n < name.n; n++)
        typed[n] = lower(name.p[n]);
    typed[n] = '\0';
    const struct riv_prop *best = NULL;
    unsigned best_distance = NEAR + 1;
    for (size_t i = 0; i < riv__prop_count; i++) {
        unsigned d = distance(typed, riv__props[i].name);
        if (d < best_distance && d < n) {
            best = &riv__props[i];
            best_distance = d;
        }
    }
    return best;
}

char *riv__prop_env(const struct riv_prop *prop, char *dst)
{
    static const char prefix[] = "RIVULET_";
    size_t at = sizeof prefix - 1;
    memcpy(dst, prefix, at);
    for (const char *p = prop->name; *p && at + 1 < RIV__PROP_ENV_MAX; p++) {
        bool letter = *p >= 'a' && *p <= 'z';
        dst[at++] = *p == '.' ? '_' : letter ? (char)(*p - 'a' + 'A') : *p;
    }
    dst[at] = '\0';
    return dst;
}

/* Units from the largest down; a value is shown in the largest that divides
 * it: 90,000 ms as "90s". */
struct unit {
    const char *name;
    int64_t size;
};

static const struct unit durations[] = {
    { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 }
};
static const struct unit sizes[] = {
    { "G", 1 << 30 }, { "M", 1 << 20 }, { "K", 1 << 10 }, { "", 1 }
};

static void put_unit(struct riv_buf *buf, int64_t v, const struct unit *unit)
{
    while (unit->size > 1 && (v == 0 || v % unit->size != 0))
        unit++;
    riv__buf_i64(buf, v / unit->size);
    if (v != 0)
        riv__buf_str(buf, unit->name);
}

/* Takes the next of the words between blanks off the list; false: no more. */
static bool next_word(const char **list, riv_str *ret)
{
    const char *p = *list + strspn(*list, " ");
    size_t n = strcspn(p, " ");
    *ret = riv__str(p, n);
    *list = p + n;
    return n > 0;
}

int64_t riv__prop_word(const struct riv_prop *prop, riv_str word)
{
    const char *list = prop->words;
    riv_str each;
    for (int64_t i = 0; next_word(&list, &each); i++) {
        if (riv_eq(each, word))
            return i;
    }
    return -1;
}

/* Word number `index`; an empty one behind the last. */
static riv_str word_at(const char *list, int64_t index)
{
    riv_str word;
    while (next_word(&list, &word) && index > 0)
        index--;
    return word;
}

static void put_value(struct riv_buf *buf, const struct riv_prop *prop,
                      int64_t v)
{
    switch (prop->kind) {
    case RIV__PROP_SIZE: put_unit(buf, v, sizes); break;
    case RIV__PROP_DURATION: put_unit(buf, v, durations); break;
    case RIV__PROP_BOOL: riv__buf_str(buf, v ? "yes" : "no"); break;
    case RIV__PROP_WORD: {
        riv_str word = word_at(prop->words, v);
        riv__buf_add(buf, word.p, word.n);
        break;
    }
    case RIV__PROP_INT:
    case RIV__PROP_TEXT: riv__buf_i64(buf, v); break;
    }
}

/* "fail, cut or skip" */
static void put_words(struct riv_buf *buf, const char *words)
{
    riv_str word;
    for (bool first = true; next_word(&words, &word); first = false) {
        if (!first)
            riv__buf_str(buf, *words ? ", " : " or ");
        riv__buf_add(buf, word.p, word.n);
    }
}

static void put_range(struct riv_buf *buf, const struct riv_prop *prop)
{
    if (prop->kind == RIV__PROP_WORD) {
        put_words(buf, prop->words);
    } else if (prop->kind == RIV__PROP_BOOL) {
        riv__buf_str(buf, "yes or no");
    } else if (prop->kind == RIV__PROP_TEXT) {
        riv__buf_printf(buf, "text of at most %lld bytes",
                        (long long)prop->max);
    } else if (prop->max == INT64_MAX) {
        put_value(buf, prop, prop->min);
        riv__buf_str(buf, " or more");
    } else {
        put_value(buf, prop, prop->min);
        riv__buf_str(buf, " to ");
        put_value(buf, prop, prop->max);
    }
}

/* Moves what was built into dst, cut to its room. */
static char *into(char *dst, size_t room, struct riv_buf *buf)
{
    size_t n = RIV__MIN(buf->n, room - 1);
    if (n > 0)
        memcpy(dst, buf->p, n);
    dst[n] = '\0';
    riv__buf_fini(buf);
    return dst;
}

char *riv__prop_range(const struct riv_prop *prop, char *dst, size_t room)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    put_range(&buf, prop);
    return into(dst, room, &buf);
}

char *riv__prop_value(const struct riv_prop *prop, int64_t value, char *dst,
                      size_t room)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    put_value(&buf, prop, value);
    return into(dst, room, &buf);
}
