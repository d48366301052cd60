/* conf/conf.h - the settings of a context while they are being made: each value
 * with the layer it comes from. A higher layer wins whatever the order of the
 * calls, so the command can apply its options before the program applies its
 * own. The context holds one; modules see only the struct riv_settings in it.
 * Reads neither files nor the environment: it is given their text. */
#ifndef RIV_CONF_CONF_H
#define RIV_CONF_CONF_H

#include "base/err.h"
#include "conf/prop.h"
#include "conf/settings.h"

enum riv_layer { /* lowest first */
                 RIV__LAYER_DEFAULT,
                 RIV__LAYER_FILE,
                 RIV__LAYER_ENV,
                 RIV__LAYER_PROGRAM,
                 RIV__LAYER_COMMAND
};

enum { RIV__ORIGIN_MAX = 96, RIV__CONF_FILE_MAX = 1 << 20 };

struct riv_conf {
    struct riv_settings settings;
    struct riv_origin { /* of each row of the table, for messages */
        enum riv_layer layer;
        char where[RIV__ORIGIN_MAX]; /* "jobs.conf:3", "RIVULET_THREADS" */
    } origin[RIV__PROPS_MAX];
};

/* All settings at their defaults. Needs no fini. */
void riv__conf_init(struct riv_conf *conf);

/* Sets one setting from text. A value of a lower layer than the present one is
 * checked and dropped. `where` names the place for messages, or is NULL
 * (program). Errors, all RIV_EINVAL: unknown name, with the nearest; a value
 * that is no such value or out of range; nothing is changed then. */
int riv__conf_set(struct riv_conf *conf, riv_str name, riv_str value,
                  enum riv_layer layer, const char *where, struct riv_err *err)
    RIV__MUST_USE;

/* "name=value", as the option -c has it. */
int riv__conf_assign(struct riv_conf *conf, const char *text,
                     enum riv_layer layer, const char *where,
                     struct riv_err *err) RIV__MUST_USE;

/* The text of a file, lines "name = value", see ini.c. `path` is for messages.
 * Stops at the first wrong line; those before it are set. */
int riv__conf_file(struct riv_conf *conf, const char *path, riv_str text,
                   struct riv_err *err) RIV__MUST_USE;

/* The variables RIVULET_... of an environment ("NAME=value", ending in NULL).
 * One that is no setting is an error, but for RIVULET_TEST_... */
int riv__conf_environ(struct riv_conf *conf, char *const *environment,
                      struct riv_err *err) RIV__MUST_USE;

/* What a single value cannot show: smallest above largest. Once, when all
 * layers are set. */
int riv__conf_check(const struct riv_conf *conf, struct riv_err *err)
    RIV__MUST_USE;

/* Where a setting got its value: "default", "jobs.conf:3", "the program". */
const char *riv__conf_where(const struct riv_conf *conf,
                            const struct riv_prop *prop);

/* The value as text, as a file would have it. Returns dst. */
char *riv__conf_show(const struct riv_conf *conf, const struct riv_prop *prop,
                     char *dst, size_t room);

#endif
