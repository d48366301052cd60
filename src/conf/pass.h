/* conf/pass.h - settings that are not ours: what begins with "kafka." and is no
 * row of the table goes to the client library as it is, and that knows whether
 * it is right. Here they are kept, by layer as all settings. */
#ifndef RIV_CONF_PASS_H
#define RIV_CONF_PASS_H

#include "base/err.h"
#include "conf/settings.h"

/* "kafka.security.protocol": yes; it has to be a word behind the dot. */
bool riv__pass_is(riv_str name);
/* Keeps the value unless one of a higher layer is there. RIV_EINVAL: no such
 * name, a control character, or all of them take more than
 * RIV__PASS_BYTES. name: with "kafka." */
int riv__pass_set(struct riv_settings *settings, riv_str name, riv_str value,
                  int layer, struct riv_err *err) RIV__MUST_USE;

/* They one by one: *at begins with 0. The names are without "kafka.". */
struct riv_pass {
    const char *name, *value;
};
bool riv__pass_next(const struct riv_settings *settings, size_t *at,
                    struct riv_pass *ret);

/* "kafka.sasl.password" of "RIVULET_KAFKA_SASL_PASSWORD", into `room` bytes.
 * False: it is none. */
bool riv__pass_env(riv_str env, char *dst, size_t room);

#endif
