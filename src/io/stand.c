/* io/stand.c - words and notes of an input, collected for one batch. Keys and
 * values lie one behind the other in one buffer, which may move while it grows. */
#include "io/stand.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "base/vec.h"

enum { NOTES_BYTES_MAX = 256 * 1024 * 1024 };

void riv__stand_init(struct riv_stand *stand)
{
    *stand = (struct riv_stand){ .nnote = 0 };
    riv__buf_init(&stand->words, RIV__STAND_BYTES_MAX);
    riv__buf_init(&stand->bytes, NOTES_BYTES_MAX);
}

void riv__stand_fini(struct riv_stand *stand)
{
    riv__buf_fini(&stand->words);
    riv__buf_fini(&stand->bytes);
    free(stand->note);
    stand->note = NULL;
}

void riv__stand_reset(struct riv_stand *stand)
{
    riv__buf_reset(&stand->words);
    riv__buf_reset(&stand->bytes);
    stand->nnote = 0;
    stand->failed = 0;
}

static void put_key(struct riv_stand *stand, const char *key)
{
    if (stand->words.n > 0)
        riv__buf_char(&stand->words, ' ');
    riv__buf_str(&stand->words, key);
    riv__buf_char(&stand->words, '=');
}

void riv__stand_put(struct riv_stand *stand, const char *key, uint64_t value)
{
    put_key(stand, key);
    riv__buf_u64(&stand->words, value);
}

void riv__stand_put_text(struct riv_stand *stand, const char *key,
                         riv_str value)
{
    put_key(stand, key);
    riv__buf_add(&stand->words, value.p, value.n);
}

bool riv__stand_get_text(riv_str words, const char *key, riv_str *ret)
{
    const size_t n = strlen(key);
    const char *at = words.p, *end = words.p + words.n;
    while (at < end) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        const char *until = blank ? blank : end;
        if ((size_t)(until - at) > n && memcmp(at, key, n) == 0 &&
            at[n] == '=') {
            *ret = riv__str(at + n + 1, (size_t)(until - at) - n - 1);
            return true;
        }
        at = until + 1;
    }
    return false;
}

bool riv__stand_get(riv_str words, const char *key, uint64_t *ret)
{
    riv_str value;
    return riv__stand_get_text(words, key, &value) && riv__num_u64(value, ret);
}

int riv__stand_damaged(riv_str words, struct riv_err *err)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "the place it stood at is damaged: \"%.*s\"",
                        (int)RIV__MIN(words.n, (size_t)200), words.p);
}

static void note(struct riv_stand *stand, riv_str key, riv_str value, bool drop)
{
    const size_t at = stand->bytes.n;
    riv__buf_add(&stand->bytes, key.p, key.n);
    riv__buf_add(&stand->bytes, value.p, value.n);
    if (stand->bytes.failed ||
        RIV__VEC_ROOM(stand->note, stand->note_cap, stand->nnote + 1) < 0) {
        stand->failed = RIV_ENOMEM;
        return;
    }
    stand->note[stand->nnote++] = (struct riv_note_place){
        .at = at, .key_bytes = key.n, .value_bytes = value.n, .drop = drop
    };
}

void riv__stand_note(struct riv_stand *stand, riv_str key, riv_str value)
{
    note(stand, key, value, false);
}

void riv__stand_drop(struct riv_stand *stand, riv_str key)
{
    note(stand, key, (riv_str){ "", 0 }, true);
}

struct riv_note riv__stand_note_at(const struct riv_stand *stand, size_t i)
{
    const struct riv_note_place *note = &stand->note[i];
    const char *key = stand->bytes.p + note->at;
    return (struct riv_note){
        .key = riv__str(key, note->key_bytes),
        .value = riv__str(key + note->key_bytes, note->value_bytes),
        .drop = note->drop,
    };
}
