/* conf/conf.c - settings from text, layer by layer, with the origin of each
 * value. The reader of files is ini.c, the rows are in settings.c. A message
 * says where the value stood, which setting it is, what is wrong, and what
 * would be right. */
#include "conf/conf.h"

#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "conf/pass.h"

enum { SHOWN = 80, RANGE = 128 };

static size_t index_of(const struct riv_prop *prop)
{
    return (size_t)(prop - riv__props);
}

static void *member(struct riv_settings *settings, const struct riv_prop *prop)
{
    return (char *)settings + prop->offset;
}

static const void *member_const(const struct riv_settings *settings,
                                const struct riv_prop *prop)
{
    return (const char *)settings + prop->offset;
}

/* Puts "where: " in front, when there is a where. */
static int at(struct riv_err *err, const char *where)
{
    if (err && where)
        return riv__err_prefix(err, "%s", where);
    return RIV_EINVAL;
}

/* ----- reading a value */

static const char *expected(const struct riv_prop *prop)
{
    switch (prop->kind) {
    case RIV__PROP_INT: return "a whole number";
    case RIV__PROP_SIZE: return "a size such as 64K, 4M, 1G";
    case RIV__PROP_DURATION: return "a duration such as 500ms, 10s, 2m";
    case RIV__PROP_BOOL: return "yes or no";
    case RIV__PROP_WORD:
    case RIV__PROP_TEXT: break;
    }
    return "one of its words";
}

static bool read_bool(riv_str text, int64_t *ret)
{
    bool on = false;
    if (!riv__num_bool(text, &on))
        return false;
    *ret = on;
    return true;
}

static bool read_number(const struct riv_prop *prop, riv_str text, int64_t *ret)
{
    switch (prop->kind) {
    case RIV__PROP_INT: return riv__num_i64(text, ret);
    case RIV__PROP_SIZE: return riv__num_size(text, ret);
    case RIV__PROP_DURATION: return riv__num_duration_ms(text, ret);
    case RIV__PROP_BOOL: return read_bool(text, ret);
    case RIV__PROP_WORD: *ret = riv__prop_word(prop, text); return *ret >= 0;
    case RIV__PROP_TEXT: break;
    }
    return false;
}

static int wrong_value(const struct riv_prop *prop, riv_str text,
                       struct riv_err *err)
{
    char shown[SHOWN], range[RANGE];
    riv__str_show(shown, sizeof shown, text);
    if (prop->kind == RIV__PROP_WORD)
        return riv__err_set(err, RIV_EINVAL, "%s is \"%s\", and must be %s",
                            prop->name, shown,
                            riv__prop_range(prop, range, sizeof range));
    return riv__err_set(err, RIV_EINVAL, "%s is \"%s\", and must be %s",
                        prop->name, shown, expected(prop));
}

static int out_of_range(const struct riv_prop *prop, riv_str text,
                        struct riv_err *err)
{
    char shown[SHOWN], range[RANGE];
    return riv__err_set(err, RIV_EINVAL, "%s is %s, and must be %s", prop->name,
                        riv__str_show(shown, sizeof shown, text),
                        riv__prop_range(prop, range, sizeof range));
}

/* ----- storing it */

static void store_number(struct riv_settings *settings,
                         const struct riv_prop *prop, int64_t value)
{
    void *dst = member(settings, prop);
    if (prop->member_bytes == sizeof(bool))
        *(bool *)dst = value != 0;
    else
        *(int64_t *)dst = value;
}

static int64_t load_number(const struct riv_settings *settings,
                           const struct riv_prop *prop)
{
    const void *src = member_const(settings, prop);
    return prop->member_bytes == sizeof(bool) ? *(const bool *)src
                                              : *(const int64_t *)src;
}

/* A text may hold any bytes but control characters: it goes into logs. */
static int set_text(struct riv_settings *settings, const struct riv_prop *prop,
                    riv_str text, struct riv_err *err)
{
    if (text.n > (size_t)prop->max)
        return riv__err_set(err, RIV_EINVAL,
                            "%s has %zu bytes, %lld are the limit", prop->name,
                            text.n, (long long)prop->max);
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return riv__err_set(err, RIV_EINVAL,
                                "%s has a control character, byte %zu",
                                prop->name, i + 1);
    }
    char *dst = member(settings, prop);
    if (text.n > 0)
        memcpy(dst, text.p, text.n);
    dst[text.n] = '\0';
    return 0;
}

static int set_value(struct riv_settings *settings, const struct riv_prop *prop,
                     riv_str text, struct riv_err *err)
{
    int64_t value = 0;
    if (prop->kind == RIV__PROP_TEXT)
        return set_text(settings, prop, text, err);
    if (!read_number(prop, text, &value))
        return wrong_value(prop, text, err);
    if (value < prop->min || value > prop->max)
        return out_of_range(prop, text, err);
    store_number(settings, prop, value);
    return 0;
}

static void remember(struct riv_origin *origin, enum riv_layer layer,
                     const char *where)
{
    origin->layer = layer;
    riv__str_show(origin->where, sizeof origin->where,
                  riv_cstr(where ? where : ""));
}

static int unknown(riv_str name, struct riv_err *err)
{
    char shown[SHOWN];
    const struct riv_prop *near = riv__prop_nearest(name);
    riv__str_show(shown, sizeof shown, name);
    if (near)
        return riv__err_set(err, RIV_EINVAL,
                            "unknown setting \"%s\"; did you mean \"%s\"?",
                            shown, near->name);
    return riv__err_set(err, RIV_EINVAL,
                        "unknown setting \"%s\"; --help lists them", shown);
}

static int apply(struct riv_conf *conf, const struct riv_prop *prop,
                 riv_str value, enum riv_layer layer, const char *where,
                 struct riv_err *err)
{
    struct riv_origin *origin = &conf->origin[index_of(prop)];
    struct riv_settings scratch; /* checked, but not wanted */
    bool wins = layer >= origin->layer;
    int rc = set_value(wins ? &conf->settings : &scratch, prop,
                       riv__str_trim(value), err);
    if (rc < 0)
        return at(err, where);
    if (wins)
        remember(origin, layer, where);
    return 0;
}

/* ----- the public part */

void riv__conf_init(struct riv_conf *conf)
{
    *conf = (struct riv_conf){ .settings = { .threads = 0 } };
    for (size_t i = 0; i < riv__prop_count; i++) {
        const struct riv_prop *prop = &riv__props[i];
        int rc = apply(conf, prop, riv_cstr(prop->fallback), RIV__LAYER_DEFAULT,
                       NULL, NULL);
        RIV__ASSERT(rc == 0); /* conf_test.c reads every row */
        (void)rc;
    }
}

int riv__conf_set(struct riv_conf *conf, riv_str name, riv_str value,
                  enum riv_layer layer, const char *where, struct riv_err *err)
{
    const struct riv_prop *prop = riv__prop_find(name);
    if (prop)
        return apply(conf, prop, value, layer, where, err);
    if (riv__pass_is(name)) {
        int rc = riv__pass_set(&conf->settings, name, riv__str_trim(value),
                               (int)layer, err);
        return rc < 0 ? at(err, where) : 0;
    }
    unknown(name, err);
    return at(err, where);
}

int riv__conf_assign(struct riv_conf *conf, const char *text,
                     enum riv_layer layer, const char *where,
                     struct riv_err *err)
{
    const char *sign = strchr(text, '=');
    char shown[SHOWN];
    if (!sign) {
        riv__err_set(err, RIV_EINVAL, "\"%s\" is not name=value",
                     riv__str_show(shown, sizeof shown, riv_cstr(text)));
        return at(err, where);
    }
    riv_str name = riv__str_trim(riv__str(text, (size_t)(sign - text)));
    return riv__conf_set(conf, name, riv_cstr(sign + 1), layer, where, err);
}

const char *riv__conf_where(const struct riv_conf *conf,
                            const struct riv_prop *prop)
{
    const struct riv_origin *origin = &conf->origin[index_of(prop)];
    if (origin->layer == RIV__LAYER_DEFAULT)
        return "default";
    if (origin->where[0])
        return origin->where;
    return origin->layer == RIV__LAYER_PROGRAM ? "the program" : "settings";
}

char *riv__conf_show(const struct riv_conf *conf, const struct riv_prop *prop,
                     char *dst, size_t room)
{
    if (prop->kind == RIV__PROP_TEXT)
        return riv__str_show(dst, room,
                             riv_cstr(member_const(&conf->settings, prop)));
    return riv__prop_value(prop, load_number(&conf->settings, prop), dst, room);
}

/* ----- what holds between settings */

static const struct order { /* the first must not exceed the second */
    const char *low, *high;
} orders[] = {
    { "connect.retry_min", "connect.retry_max" },
    { "task.bytes", "task.bytes_max" },
    { "input.line_max", "input.buffer" },
};

static int check_order(const struct riv_conf *conf, const struct order *order,
                       struct riv_err *err)
{
    const struct riv_prop *low = riv__prop_find(riv_cstr(order->low));
    const struct riv_prop *high = riv__prop_find(riv_cstr(order->high));
    char low_text[SHOWN], high_text[SHOWN];
    RIV__ASSERT(low && high);
    if (load_number(&conf->settings, low) <= load_number(&conf->settings, high))
        return 0;
    return riv__err_set(err, RIV_EINVAL,
                        "%s is %s (%s), more than %s, which is %s (%s)",
                        low->name, riv__conf_show(conf, low, low_text, SHOWN),
                        riv__conf_where(conf, low), high->name,
                        riv__conf_show(conf, high, high_text, SHOWN),
                        riv__conf_where(conf, high));
}

int riv__conf_check(const struct riv_conf *conf, struct riv_err *err)
{
    for (size_t i = 0; i < RIV__LEN(orders); i++)
        RIV__TRY(check_order(conf, &orders[i], err));
    const int64_t memory = conf->settings.memory_bytes_max;
    if (memory > 0 && memory < RIV__MEMORY_MIN)
        return riv__err_set(err, RIV_EINVAL,
                            "memory.limit is %lld bytes, and must be at least "
                            "32M, or 0 for none",
                            (long long)memory);
    return 0;
}
