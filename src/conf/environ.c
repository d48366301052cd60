/* conf/environ.c - settings from an environment: RIVULET_BATCH_INTERVAL is
 * batch.interval. The context hands the environment in; a variable that looks
 * like a setting and is none is an error, because an ignored typo costs a
 * night. RIVULET_TEST_... belongs to the tests. */
#include <string.h>

#include "base/str.h"
#include "conf/conf.h"
#include "conf/pass.h"

enum { PASS_NAME_MAX = 128 };

static const char prefix[] = "RIVULET_", tests[] = "RIVULET_TEST_";

static const struct riv_prop *find(riv_str name)
{
    char env[RIV__PROP_ENV_MAX];
    for (size_t i = 0; i < riv__prop_count; i++) {
        if (riv_eq(name, riv_cstr(riv__prop_env(&riv__props[i], env))))
            return &riv__props[i];
    }
    return NULL;
}

/* The setting whose variable is at most three letters away, or NULL. */
static const struct riv_prop *nearest(const char *name)
{
    const struct riv_prop *best = NULL;
    unsigned best_distance = 4;
    char env[RIV__PROP_ENV_MAX];
    for (size_t i = 0; i < riv__prop_count; i++) {
        riv__prop_env(&riv__props[i], env);
        unsigned distance = riv__str_distance(name, env, 3);
        if (distance < best_distance) {
            best = &riv__props[i];
            best_distance = distance;
        }
    }
    return best;
}

static int unknown(riv_str name, struct riv_err *err)
{
    char shown[RIV__PROP_ENV_MAX], env[RIV__PROP_ENV_MAX];
    riv__str_show(shown, sizeof shown, name);
    const struct riv_prop *near = nearest(shown);
    if (!near)
        return riv__err_set(err, RIV_EINVAL,
                            "environment: %s is no setting; unset it", shown);
    return riv__err_set(err, RIV_EINVAL,
                        "environment: %s is no setting; did you mean %s?",
                        shown, riv__prop_env(near, env));
}

static int take(struct riv_conf *conf, const char *entry, struct riv_err *err)
{
    const char *sign = strchr(entry, '=');
    if (!sign)
        return 0;
    riv_str name = riv__str(entry, (size_t)(sign - entry));
    const struct riv_prop *prop = find(name);
    char env[RIV__PROP_ENV_MAX], full[PASS_NAME_MAX];
    if (!prop && riv__pass_env(name, full, sizeof full))
        return riv__conf_set(conf, riv_cstr(full), riv_cstr(sign + 1),
                             RIV__LAYER_ENV, "environment", err);
    if (!prop)
        return unknown(name, err);
    return riv__conf_set(conf, riv_cstr(prop->name), riv_cstr(sign + 1),
                         RIV__LAYER_ENV, riv__prop_env(prop, env), err);
}

int riv__conf_environ(struct riv_conf *conf, char *const *environment,
                      struct riv_err *err)
{
    for (; environment && *environment; environment++) {
        riv_str entry = riv_cstr(*environment);
        if (riv__str_starts(entry, prefix) && !riv__str_starts(entry, tests))
            RIV__TRY(take(conf, *environment, err));
    }
    return 0;
}
