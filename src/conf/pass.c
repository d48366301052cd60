/* conf/pass.c - a list of (layer, name, value) in the bytes of a setting. Short
 * and rarely changed: a change writes it anew. */
#include "conf/pass.h"

#include <string.h>

#include "base/str.h"

static const char prefix[] = "kafka.", env_prefix[] = "RIVULET_KAFKA_";

/* Entry: a byte for the layer, name, NUL, value, NUL. */
static size_t entry_bytes(const char *entry)
{
    const size_t name = 1 + strlen(entry + 1) + 1;
    return name + strlen(entry + name) + 1;
}

static bool is_word(riv_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!memchr("abcdefghijklmnopqrstuvwxyz0123456789._", name.p[i], 38))
            return false;
    return name.n > 0;
}

bool riv__pass_is(riv_str name)
{
    const size_t n = sizeof prefix - 1;
    return riv__str_starts(name, prefix) &&
           is_word(riv__str(name.p + n, name.n - n));
}

static bool has_control(riv_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return true;
    return false;
}

static char *find(struct riv_settings *settings, riv_str name)
{
    for (size_t at = 0; at < settings->kafka_bytes;) {
        char *entry = settings->kafka + at;
        if (riv_eq(riv_cstr(entry + 1), name))
            return entry;
        at += entry_bytes(entry);
    }
    return NULL;
}

static void drop(struct riv_settings *settings, char *entry)
{
    const size_t n = entry_bytes(entry);
    const size_t at = (size_t)(entry - settings->kafka);
    memmove(entry, entry + n, settings->kafka_bytes - at - n);
    settings->kafka_bytes -= n;
}

static void put(struct riv_settings *settings, riv_str name, riv_str value,
                int layer)
{
    char *entry = settings->kafka + settings->kafka_bytes;
    entry[0] = (char)layer;
    memcpy(entry + 1, name.p, name.n);
    entry[1 + name.n] = '\0';
    if (value.n > 0)
        memcpy(entry + 2 + name.n, value.p, value.n);
    entry[2 + name.n + value.n] = '\0';
    settings->kafka_bytes += name.n + value.n + 3;
}

int riv__pass_set(struct riv_settings *settings, riv_str full, riv_str value,
                  int layer, struct riv_err *err)
{
    const size_t n = sizeof prefix - 1;
    const riv_str name = riv__str(full.p + n, full.n - n);
    char *had = find(settings, name);
    if (has_control(value))
        return riv__err_set(err, RIV_EINVAL, "%.*s has a control character",
                            (int)full.n, full.p);
    if (had && had[0] > layer)
        return 0;
    const size_t before = had ? entry_bytes(had) : 0;
    if (name.n + value.n + 3 >
        sizeof settings->kafka - (settings->kafka_bytes - before))
        return riv__err_set(
            err, RIV_EINVAL,
            "%.*s: the settings kafka.* have more than %d bytes "
            "in all; long values belong into files",
            (int)RIV__MIN(full.n, (size_t)64), full.p, RIV__PASS_BYTES);
    if (had)
        drop(settings, had);
    put(settings, name, value, layer);
    return 0;
}

bool riv__pass_next(const struct riv_settings *settings, size_t *at,
                    struct riv_pass *ret)
{
    if (*at >= settings->kafka_bytes)
        return false;
    const char *entry = settings->kafka + *at;
    *ret = (struct riv_pass){ .name = entry + 1,
                              .value = entry + strlen(entry + 1) + 2 };
    *at += entry_bytes(entry);
    return true;
}

bool riv__pass_env(riv_str env, char *dst, size_t room)
{
    const size_t skip = sizeof env_prefix - 1;
    if (!riv__str_starts(env, env_prefix) ||
        env.n - skip + sizeof prefix > room)
        return false;
    memcpy(dst, prefix, sizeof prefix - 1);
    size_t n = sizeof prefix - 1;
    for (size_t i = skip; i < env.n; i++) {
        const char c = env.p[i];
        dst[n++] = c == '_'               ? '.'
                   : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a')
                                          : c;
    }
    dst[n] = '\0';
    return riv__pass_is(riv_cstr(dst));
}
