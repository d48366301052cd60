/* conf/prop.h - the row of a setting. Everything about settings is made from
 * the rows: checking, the names in files and in the environment, the text of
 * --help and of CONFIGURATION.md. The table is in settings.c; a setting that is
 * not in it does not exist. */
#ifndef RIV_CONF_PROP_H
#define RIV_CONF_PROP_H

#include <stddef.h>
#include <stdint.h>

#include <rivulet.h>

enum riv_prop_kind {
    RIV__PROP_INT,      /* int64_t, a count of `unit` */
    RIV__PROP_SIZE,     /* int64_t, bytes: "256M" */
    RIV__PROP_DURATION, /* int64_t, milliseconds: "1.5s" */
    RIV__PROP_BOOL,     /* bool: "yes" */
    RIV__PROP_WORD,     /* int64_t or bool: the index of one of `words` */
    RIV__PROP_TEXT      /* char[member_bytes], NUL-terminated */
};

struct riv_prop {
    const char *name; /* "batch.interval" */
    enum riv_prop_kind kind;
    int64_t min, max;     /* allowed values; of a text: its length */
    const char *fallback; /* the value when nobody sets it, as text */
    const char *unit;     /* RIV__PROP_INT: what is counted, or NULL */
    const char *words;    /* RIV__PROP_WORD: "fail cut skip", values 0, 1, 2 */
    const char *text;     /* what it does, in whole sentences */
    size_t offset;        /* of the member in struct riv_settings */
    size_t member_bytes;
};

/* Room for the name of a setting in the environment, with its NUL. */
enum { RIV__PROP_ENV_MAX = 64, RIV__PROPS_MAX = 80 };

extern const struct riv_prop riv__props[];
extern const size_t riv__prop_count; /* at most RIV__PROPS_MAX */

/* The row of a name, or NULL. */
const struct riv_prop *riv__prop_find(riv_str name);

/* The name that was probably meant, or NULL when none is near. */
const struct riv_prop *riv__prop_nearest(riv_str name);

/* "RIVULET_BATCH_INTERVAL" of "batch.interval", into RIV__PROP_ENV_MAX bytes.
 * Returns dst. */
char *riv__prop_env(const struct riv_prop *prop, char *dst);

/* The index of one of the row's words, or -1. */
int64_t riv__prop_word(const struct riv_prop *prop, riv_str word);

/* The range of allowed values as a reader would write it ("1 ms to 1 day", "0
 * to 1024", "fail, cut or skip"), at most `room` bytes with NUL. Returns dst.*/
char *riv__prop_range(const struct riv_prop *prop, char *dst, size_t room);

/* A value as a file would have it: "250ms", "4M", "cut". Returns dst. */
char *riv__prop_value(const struct riv_prop *prop, int64_t value, char *dst,
                      size_t room);

#endif
