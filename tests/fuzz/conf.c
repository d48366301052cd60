/* tests/fuzz/conf.c - the text of a file of settings, of the environment, of
 * options: taken or refused in words, and what was taken is shown as text that
 * sets the same. */
#include <stdio.h>

#include "conf/conf.h"
#include "conf/prop.h"
#include "fuzz/types.h"

enum { VALUE = 4096 };

static void shows_what_sets_the_same(const struct riv_conf *conf)
{
    static struct riv_conf again;
    static char value[VALUE], second[VALUE];
    riv__conf_init(&again);
    for (size_t i = 0; i < riv__prop_count; i++) {
        const struct riv_prop *prop = &riv__props[i];
        riv__conf_show(conf, prop, value, sizeof value);
        struct riv_err err = { 0 };
        if (riv__conf_set(&again, riv_cstr(prop->name), riv_cstr(value),
                          RIV__LAYER_COMMAND, NULL, &err) < 0)
            fuzz_fail("%s = %s: %s", prop->name, value, err.text);
        riv__conf_show(&again, prop, second, sizeof second);
        FUZZ_CHECK(strcmp(value, second) == 0);
    }
}

static void one(const unsigned char *p, size_t n)
{
    static struct riv_conf conf;
    struct fuzz_bytes in = { p, n };
    const unsigned what = fuzz_byte(&in);
    char text[FUZZ_BYTES_MAX + 16] = "RIVULET_";
    char *environment[] = { text, NULL };
    struct riv_err err = { 0 };
    int rc = 0;
    riv__conf_init(&conf);
    if (what % 3 == 0) {
        rc = riv__conf_file(&conf, "jobs.conf",
                            (riv_str){ (const char *)in.p, in.n }, &err);
    } else {
        const size_t at = what % 3 == 1 ? strlen(text) : 0;
        memcpy(text + at, in.p, in.n);
        text[at + in.n] = '\0';
        rc = at > 0 ? riv__conf_environ(&conf, environment, &err)
                    : riv__conf_assign(&conf, text, RIV__LAYER_COMMAND, "-c",
                                       &err);
    }
    FUZZ_CHECK(rc == 0 || rc == RIV_EINVAL);
    FUZZ_CHECK(rc == 0 || err.text[0] != '\0');
    shows_what_sets_the_same(&conf);
}

const struct fuzz_target fuzz_target = { "conf", 10000, one };
