/* io/stand.h - where an input stands, for the journal: a text of KEY=VALUE
 * words that people can read, and small rows by key (names that were read,
 * lines of a peer). What the words mean is each source's own business. */
#ifndef RIV_IO_STAND_H
#define RIV_IO_STAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum { RIV__STAND_BYTES_MAX = 64 * 1024 };

struct riv_note {
    riv_str key, value;
    bool drop; /* forget the key */
};

struct riv_note_place {
    size_t at, key_bytes, value_bytes; /* in the stand's bytes */
    bool drop;
};

struct riv_stand {
    struct riv_buf words;
    struct riv_note_place *note;
    size_t nnote, note_cap;
    struct riv_buf bytes; /* of notes */
    int failed;           /* RIV_ENOMEM; sticky */
};

void riv__stand_init(struct riv_stand *stand);
void riv__stand_fini(struct riv_stand *stand);
void riv__stand_reset(struct riv_stand *stand); /* keeps the memory */

/* Adds the word "key=value". */
void riv__stand_put(struct riv_stand *stand, const char *key, uint64_t value);
/* The same of a text of bytes that are no blanks. */
void riv__stand_put_text(struct riv_stand *stand, const char *key,
                         riv_str value);
/* The value of a word, or false: there is none, or it is no number. */
bool riv__stand_get(riv_str words, const char *key, uint64_t *ret);
bool riv__stand_get_text(riv_str words, const char *key, riv_str *ret);

/* "the place it stood at is damaged"; RIV_ECHECKPOINT. */
int riv__stand_damaged(riv_str words, struct riv_err *err);

void riv__stand_note(struct riv_stand *stand, riv_str key, riv_str value);
void riv__stand_drop(struct riv_stand *stand, riv_str key);
/* Note i, its strings valid until the stand changes. */
struct riv_note riv__stand_note_at(const struct riv_stand *stand, size_t i);

#endif
