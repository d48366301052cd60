/* data/table_key.c - keys in the form the table compares. Short strings are
 * read by two 8-byte loads and a mask, without a branch on their length; what
 * follows a string in memory is loaded and thrown away, unless the string
 * begins so close to the end of a page that the next one would be touched.
 * Hashes are those of hash.h, so that a table can be cut into partitions. */
#include "data/table_key.h"

#include <stdlib.h>
#include <string.h>

#include "data/encode.h"
#include "data/hash.h"

enum { SHORT = RIV__KEY_SHORT };

uint32_t riv__key_head_bytes(enum riv_key_class class)
{
    switch (class) {
    case RIV__KEY_STR:
    case RIV__KEY_CHARS: return offsetof(struct riv_key, hash);
    case RIV__KEY_ENCODED: return sizeof(struct riv_key);
    default: return offsetof(struct riv_key, hi);
    }
}

static inline const struct riv_key *key_at(const struct riv_table *tab,
                                           uint32_t slot)
{
    return (const struct riv_key *)(void *)riv__table_entry(tab, slot);
}

static inline uint64_t hash_short(uint64_t lo, uint64_t hi, size_t n)
{
    return riv__hash_words(riv__le_get64(&lo), riv__le_get64(&hi), n);
}

/* Bytes with a hash: a short key by its words, a long one by pointer and hash,
 * which tells more than eight of its bytes would. */
static void set_bytes(struct riv_probe *probe, const char *p, size_t n,
                      uint64_t hash)
{
    uint64_t word[2] = { (uint64_t)(uintptr_t)p, hash };
    if (n <= SHORT)
        riv__key_words_slow(p, n, word);
    probe->lo = word[0];
    probe->hi = word[1];
    probe->hash = hash;
    probe->n = (uint32_t)n;
}

/* A string of any kind, without assumptions on what lies around it. */
static __attribute__((noinline)) int make_slow(struct riv_probe *probe,
                                               const char *p, size_t n)
{
    if (n > RIV__KEY_BYTES_MAX)
        return RIV_EINVAL;
    set_bytes(probe, p, n, riv__hash_bytes(p, n));
    return 0;
}

static inline int make_bytes(struct riv_probe *probe, const char *p, size_t n)
{
    uint64_t word[2];
    if (RIV__RARELY(n > SHORT || !riv__key_loads(p)))
        return make_slow(probe, p, n);
    riv__key_words(p, n, word);
    probe->lo = word[0];
    probe->hi = word[1];
    probe->hash = hash_short(word[0], word[1], n);
    probe->n = (uint32_t)n;
    return 0;
}

/* Asks for the cell that will be read first, while other keys are made. */
static inline void ask(const struct riv_index *index,
                       const struct riv_probe *probe)
{
    __builtin_prefetch(&index->cell[probe->hash & index->mask], 1);
}

static int make_strs(const struct riv_table *tab, const char *row,
                     size_t stride, size_t n, struct riv_probe *probe)
{
    const struct riv_index index = tab->index; /* stays in registers */
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        riv_str s;
        memcpy(&s, row + i * stride, sizeof s);
        rc |= make_bytes(&probe[i], s.p, s.n);
        ask(&index, &probe[i]);
    }
    return rc;
}

static int make_chars(const struct riv_table *tab, const char *row,
                      size_t stride, size_t n, struct riv_probe *probe)
{
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        rc |= make_bytes(&probe[i], row + i * stride, tab->key->leaf->length);
        ask(&tab->index, &probe[i]);
    }
    return rc;
}

static inline void make_numbers(const struct riv_table *tab,
                                enum riv_key_class class, const char *row,
                                size_t stride, size_t n,
                                struct riv_probe *probe)
{
    const struct riv_index index = tab->index;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = class == RIV__KEY_I64
                         ? riv__load8(row + i * stride)
                         : riv__key_number(class, row + i * stride);
        probe[i].lo = v;
        probe[i].hash = riv__hash_words(v, 0, sizeof v);
        ask(&index, &probe[i]);
    }
}

static int scratch_room(struct riv_table *tab, size_t n)
{
    if (n <= tab->scratch_cap)
        return 0;
    char *p = realloc(tab->scratch, 2 * n);
    if (!p)
        return RIV_ENOMEM;
    tab->scratch = p;
    tab->scratch_cap = 2 * n;
    return 0;
}

/* Keys of several fields: their encoding tells whether they are equal, the
 * hash is the one of the row, as everywhere else. */
static int make_encoded(struct riv_table *tab, const char *row, size_t stride,
                        size_t n, struct riv_probe *probe)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        size_t bytes = riv__encode_bytes(tab->key, row + i * stride);
        if (bytes > RIV__KEY_BYTES_MAX)
            return RIV_EINVAL;
        total += bytes;
    }
    RIV__TRY(scratch_room(tab, total));
    char *dst = tab->scratch;
    for (size_t i = 0; i < n; i++, row += stride) {
        char *end = riv__encode_key(tab->key, row, dst);
        set_bytes(&probe[i], dst, (size_t)(end - dst),
                  riv__hash_row(tab->key, row));
        ask(&tab->index, &probe[i]);
        dst = end;
    }
    return 0;
}

int riv__key_make(struct riv_table *tab, const char *row, size_t stride,
                  size_t n, struct riv_probe *probe)
{
    row += tab->key_offset;
    switch (tab->class) {
    case RIV__KEY_STR: return make_strs(tab, row, stride, n, probe);
    case RIV__KEY_CHARS: return make_chars(tab, row, stride, n, probe);
    case RIV__KEY_ENCODED: return make_encoded(tab, row, stride, n, probe);
    case RIV__KEY_I64:
        make_numbers(tab, RIV__KEY_I64, row, stride, n, probe);
        return 0;
    default: make_numbers(tab, tab->class, row, stride, n, probe); return 0;
    }
}

uint64_t riv__key_hash(const struct riv_table *tab, const struct riv_key *key)
{
    if (tab->head_bytes == riv__key_head_bytes(RIV__KEY_I64))
        return riv__hash_words(key->lo, 0, 8);
    if (tab->class == RIV__KEY_ENCODED)
        return key->hash;
    return key->n > SHORT ? key->hi : hash_short(key->lo, key->hi, key->n);
}

void riv__key_copy(const struct riv_table *tab, const struct riv_table *from,
                   const uint32_t *pick, size_t n, struct riv_probe *probe)
{
    bool number = riv__key_is_number(from);
    for (size_t i = 0; i < n; i++) {
        const struct riv_key *key = key_at(from, pick[i]);
        probe[i].lo = key->lo;
        probe[i].hash = riv__key_hash(from, key);
        if (!number) {
            probe[i].hi = key->hi;
            probe[i].n = key->n;
        }
        ask(&tab->index, &probe[i]);
    }
}

char *riv__key_own(struct riv_table *tab, const struct riv_probe *probe)
{
    char *p = riv__arena_bytes(&tab->bytes, probe->n);
    return p ? memcpy(p, riv__key_long(probe->lo), probe->n) : NULL;
}

/* Where the bytes of a key lie: in the entry or in the arena. */
static riv_str key_bytes(const struct riv_key *key)
{
    if (key->n > SHORT)
        return (riv_str){ riv__key_long(key->lo), key->n };
    return (riv_str){ (const char *)&key->lo, key->n };
}

static int decode_keys(const struct riv_table *tab, uint32_t first, size_t n,
                       char *row, size_t stride, struct riv_err *err)
{
    for (size_t i = 0; i < n; i++, row += stride) {
        riv_str s = key_bytes(key_at(tab, first + (uint32_t)i));
        memset(row, 0, tab->key->size); /* also what no field covers */
        if (!riv__decode_row(tab->key, s.p, s.p + s.n, row, err))
            return riv__err_prefix(err, "key of slot %zu", first + i);
    }
    return 0;
}

/* Integers of 64 bits, which most numbers are: without a call for each. */
static void word_keys(const struct riv_table *tab, uint32_t first, size_t n,
                      char *row, size_t stride)
{
    const char *entry = (const char *)key_at(tab, first);
    for (size_t i = 0; i < n; i++, row += stride, entry += tab->entry_bytes)
        memcpy(row, entry, sizeof(uint64_t));
}

int riv__key_fields(const struct riv_table *tab, uint32_t first, size_t n,
                    char *row, size_t stride, struct riv_err *err)
{
    if (tab->class == RIV__KEY_ENCODED)
        return decode_keys(tab, first, n, row, stride, err);
    row += tab->key_offset;
    if (tab->class == RIV__KEY_I64) {
        word_keys(tab, first, n, row, stride);
        return 0;
    }
    for (size_t i = 0; i < n; i++, row += stride) {
        const struct riv_key *key = key_at(tab, first + (uint32_t)i);
        if (riv__key_is_number(tab)) {
            riv__key_number_put(tab->class, key->lo, row);
            continue;
        }
        riv_str s = key_bytes(key);
        if (tab->class == RIV__KEY_STR)
            memcpy(row, &s, sizeof s);
        else
            memcpy(row, s.p, s.n);
    }
    return 0;
}
