/* data/tally_key.c - the keys of rows for a tally, told apart by kind without a
 * branch on their length, and entries turned back into fields. */
#include "data/tally_key.h"

#include <stdlib.h>
#include <string.h>

#include "data/encode.h"

enum { SHORT = RIV__KEY_SHORT, COPY_AHEAD = 16 };

/* ------------------------------------------------------------ hash of bytes */

/* All bytes count: keys may differ anywhere. */
static uint64_t hash_bytes(const char *p, size_t n)
{
    const char *last = p + n - SHORT;
    uint64_t h = n;
    for (; p < last; p += SHORT)
        h = riv__keys_mix(h ^ riv__load8(p), riv__load8(p + 8));
    return riv__keys_mix(h ^ riv__load8(last), riv__load8(last + 8));
}

uint64_t riv__word_key_part(const struct riv_tally *tab, uint64_t word)
{
    if (riv__key_class_is_number(tab->class))
        return riv__hash_words(word ^ RIV__TALLY_VEIL, 0, 8);
    const size_t n = 8 - (size_t)__builtin_clzll(le64toh(word)) / 8;
    return riv__hash_words(le64toh(word), 0, n);
}

uint64_t riv__wide_key_part(const struct riv_wide_key *key)
{
    if (key->n > SHORT)
        return riv__hash_bytes(riv__wide_key_long(key->lo), key->n);
    return riv__hash_words(le64toh(key->lo), le64toh(key->hi), key->n);
}

/* ------------------------------------------------------------ rows to keys */

static inline void ask(const struct riv_places *places, uint32_t hash)
{
    __builtin_prefetch(
        places->at + (size_t)(hash & places->mask) * places->entry_bytes, 1);
}

/* The first 8 bytes of a string, zero-padded; of a longer one anything. p may be
 * wild if n is 0. */
static inline uint64_t first_word(const char *p, size_t n)
{
    enum { WORD = sizeof(uint64_t) };
    const char *from = n ? p : (const char *)riv__key_ones;
    uint64_t word = 0;
    if (RIV__RARELY(!RIV__LOAD_PAST_END ||
                    ((uintptr_t)from & (RIV__KEY_PAGE - 1)) >
                        RIV__KEY_PAGE - WORD)) {
        memcpy(&word, from, RIV__MIN(n, (size_t)WORD));
        return word;
    }
    return riv__load8(from) & riv__load8(riv__key_ones + SHORT - (n & 15));
}

/* Where the next string of each kind goes. */
struct at {
    uint32_t word, wide;
};

/* A string: a word if it is one, else its row for later. Both are written, what
 * counts is which number goes up. */
static inline struct at put_str(struct riv_keys *keys, struct at at, riv_str s,
                                uint32_t row)
{
    const uint64_t word = first_word(s.p, s.n);
    const bool is_word = riv__keys_is_word(word, s.n);
    keys->word[at.word] = word;
    keys->hash[at.word] = riv__keys_hash(word);
    keys->word_row[at.word] = row;
    keys->wide_row[at.wide] = row;
    return (struct at){ at.word + is_word, at.wide + !is_word };
}

static void put_strs(struct riv_keys *keys, const struct riv_tally *tab,
                     const char *row, size_t stride, size_t n)
{
    const struct riv_places places = tab->word; /* stays in registers */
    const char *first = row;
    struct at at = { 0, 0 };
    for (size_t i = 0; i < n; i++, row += stride) {
        const struct at was = at;
        at = put_str(keys, at, RIV__LOAD(riv_str, row), (uint32_t)i);
        ask(&places, keys->hash[was.word]);
    }
    keys->nword = at.word;
    keys->nwide = at.wide;
    for (uint32_t k = 0; k < at.wide; k++)
        keys->slice[k] =
            RIV__LOAD(riv_str, first + (size_t)keys->wide_row[k] * stride);
}

/* In most columns all strings are of one kind. */
static bool none_is_word(const riv_str *strs, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++)
        words += strs[i].n - 1 < 8;
    return words == 0;
}

void riv__keys_strs(struct riv_keys *keys, const struct riv_tally *tab,
                    const riv_str *strs, size_t n)
{
    keys->nword = keys->nwide = 0;
    keys->in_order = false;
    keys->has_part = false;
    if (!none_is_word(strs, n)) {
        put_strs(keys, tab, (const char *)strs, sizeof *strs, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        keys->slice[i] = strs[i];
        keys->wide_row[i] = i;
    }
    keys->nwide = (uint32_t)n;
}

static void put_chars(struct riv_keys *keys, const struct riv_tally *tab,
                      const char *row, size_t stride, size_t n)
{
    const size_t length = tab->key->leaf->length;
    const char *first = row;
    struct at at = { 0, 0 };
    for (size_t i = 0; i < n; i++, row += stride)
        at = put_str(keys, at, (riv_str){ row, length }, (uint32_t)i);
    keys->nword = at.word;
    keys->nwide = at.wide;
    for (uint32_t k = 0; k < at.wide; k++)
        keys->slice[k] =
            (riv_str){ first + (size_t)keys->wide_row[k] * stride, length };
}

/* The one number that makes no word becomes a wide key. */
static void unveil(struct riv_keys *keys)
{
    static const uint64_t veil = RIV__TALLY_VEIL;
    uint32_t w = 0;
    for (uint32_t i = 0; i < keys->nword; i++) {
        keys->word[w] = keys->word[i];
        keys->hash[w] = keys->hash[i];
        keys->word_row[w] = i;
        keys->slice[keys->nwide] =
            (riv_str){ (const char *)&veil, sizeof veil };
        keys->wide_row[keys->nwide] = i;
        keys->nwide += keys->word[w] == 0;
        w += keys->word[w] != 0;
    }
    keys->nword = w;
    keys->in_order = false;
}

static inline void put_numbers(struct riv_keys *keys,
                               const struct riv_tally *tab,
                               enum riv_key_class class, const char *row,
                               size_t stride, size_t n)
{
    const struct riv_places places = tab->word; /* stays in registers */
    const uint64_t veil = RIV__TALLY_VEIL;
    bool veiled = false;
    for (size_t i = 0; i < n; i++, row += stride) {
        const uint64_t v = class == RIV__KEY_I64 ? riv__load8(row)
                                                 : riv__key_number(class, row);
        keys->word[i] = v ^ veil;
        keys->hash[i] = riv__keys_hash(v ^ veil);
        ask(&places, keys->hash[i]);
        veiled |= v == veil;
    }
    keys->nword = (uint32_t)n;
    keys->in_order = true;
    if (RIV__RARELY(veiled))
        unveil(keys);
}

static int scratch_room(struct riv_keys *keys, size_t n)
{
    if (n <= keys->scratch_cap)
        return 0;
    char *p = realloc(keys->scratch, 2 * n);
    if (!p)
        return RIV_ENOMEM;
    keys->scratch = p;
    keys->scratch_cap = 2 * n;
    return 0;
}

/* Keys of several fields: their encoding tells whether they are equal, their
 * partition is that of the row, as everywhere else. */
static int put_encoded(struct riv_keys *keys, const struct riv_layout *key,
                       const char *row, size_t stride, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t bytes = riv__encode_bytes(key, row + i * stride);
        if (bytes > RIV__KEY_BYTES_MAX)
            return RIV_EINVAL;
        total += bytes;
    }
    RIV__TRY(scratch_room(keys, total + RIV__SLACK));
    char *dst = keys->scratch;
    for (size_t i = 0; i < n; i++, row += stride) {
        char *end = riv__encode_key(key, row, dst);
        keys->part[i] = (uint32_t)(riv__hash_row(key, row) >> 32);
        keys->slice[i] = (riv_str){ dst, (size_t)(end - dst) };
        keys->wide_row[i] = (uint32_t)i;
        dst = end;
    }
    keys->nwide = (uint32_t)n;
    keys->has_part = true;
    return 0;
}

/* ------------------------------------------------------------ fewer keys */

#define CLOSE_UP(array, at, gone, count) \
    memmove((array) + (at), (array) + (at) + (gone), \
            ((count) - (at)) * sizeof *(array))

static void words_go(struct riv_keys *keys, uint32_t n)
{
    keys->nword -= n;
    CLOSE_UP(keys->word, 0, n, keys->nword);
    CLOSE_UP(keys->hash, 0, n, keys->nword);
    CLOSE_UP(keys->word_row, 0, n, keys->nword);
}

static void wides_go(struct riv_keys *keys, uint32_t at, uint32_t n)
{
    keys->nwide -= n;
    CLOSE_UP(keys->slice, at, n, keys->nwide);
    CLOSE_UP(keys->wide, at, n, keys->nwide);
    CLOSE_UP(keys->wide_row, at, n, keys->nwide);
}

void riv__keys_drop(struct riv_keys *keys, uint32_t n)
{
    uint32_t word = 0, wide = 0;
    while (word + wide < n)
        if (wide == keys->nwide ||
            (word < keys->nword && keys->word_row[word] < keys->wide_row[wide]))
            word++;
        else
            wide++;
    words_go(keys, word);
    wides_go(keys, 0, wide);
}

void riv__keys_remove_wide(struct riv_keys *keys, uint32_t i)
{
    wides_go(keys, i, 1);
}

int riv__keys_bytes(struct riv_keys *keys)
{
    size_t most = 0;
    for (uint32_t i = 0; i < keys->nwide; i++) {
        const riv_str s = keys->slice[i];
        uint64_t word[2] = { (uint64_t)(uintptr_t)s.p, 0 };
        most = RIV__MAX(most, s.n);
        if (RIV__RARELY(s.n > RIV__KEY_BYTES_MAX))
            continue;
        if (s.n > SHORT)
            word[1] = hash_bytes(s.p, s.n);
        else if (riv__key_loads(s.p))
            riv__key_words(s.p, s.n, word);
        else
            riv__key_words_slow(s.p, s.n, word);
        keys->wide[i] = (struct riv_wide_key){
            .lo = word[0],
            .hi = word[1],
            .n = (uint32_t)s.n,
            .hash = riv__wide_key_hash(word[0], word[1], (uint32_t)s.n),
        };
    }
    return most > RIV__KEY_BYTES_MAX ? RIV_EINVAL : 0;
}

int riv__keys_make(struct riv_keys *keys, const struct riv_tally *tab,
                   const char *rows, size_t stride, size_t n)
{
    const char *row = rows + tab->key_offset;
    keys->nword = keys->nwide = 0;
    keys->in_order = false;
    keys->has_part = false;
    switch (tab->class) {
    case RIV__KEY_STR: put_strs(keys, tab, row, stride, n); break;
    case RIV__KEY_CHARS: put_chars(keys, tab, row, stride, n); break;
    case RIV__KEY_ENCODED:
        RIV__TRY(put_encoded(keys, tab->key, rows, stride, n));
        break;
    case RIV__KEY_I64:
        put_numbers(keys, tab, RIV__KEY_I64, row, stride, n);
        break;
    default: put_numbers(keys, tab, tab->class, row, stride, n);
    }
    return riv__keys_bytes(keys);
}

int riv__keys_numbers(struct riv_keys *keys, const struct riv_tally *tab,
                      const char *words, size_t stride, size_t n)
{
    keys->nword = keys->nwide = 0;
    keys->in_order = false;
    keys->has_part = false;
    put_numbers(keys, tab, RIV__KEY_I64, words, stride, n);
    return riv__keys_bytes(keys);
}

/* ---------------------------------------------------------- entries to keys */

void riv__keys_copy(struct riv_keys *keys, const struct riv_tally *tab,
                    const struct riv_tally *from, const uint32_t *slot,
                    size_t n)
{
    const struct riv_places places = tab->word; /* stays in registers */
    keys->nword = keys->nwide = 0;
    keys->in_order = false;
    keys->has_part = true;
    for (size_t i = 0; i < n; i++) {
        if (i + COPY_AHEAD < n)
            __builtin_prefetch(riv__tally_entry(from, slot[i + COPY_AHEAD]));
        const char *entry = riv__tally_entry(from, slot[i]);
        if (!(from->order[slot[i]] & 1)) {
            const uint32_t w = keys->nword++;
            keys->word[w] = riv__load8(entry);
            keys->hash[w] = riv__keys_hash(keys->word[w]);
            keys->word_row[w] = (uint32_t)i;
            ask(&places, keys->hash[w]);
            continue;
        }
        struct riv_wide_key *key = &keys->wide[keys->nwide];
        memcpy(key, entry, sizeof *key);
        keys->part[i] = key->hash;
        key->n--;
        key->hash = riv__wide_key_hash(key->lo, key->hi, key->n);
        keys->wide_row[keys->nwide++] = (uint32_t)i;
    }
}

/* Where the bytes of a wide key lie: in the entry or in the arena. */
static riv_str wide_bytes(const char *entry)
{
    const struct riv_wide_key *key = (const void *)entry;
    if (key->n - 1 > SHORT)
        return (riv_str){ riv__wide_key_long(key->lo), key->n - 1 };
    return (riv_str){ entry, key->n - 1 };
}

static inline riv_str key_bytes(const struct riv_tally *tab, uint32_t slot)
{
    const char *entry = riv__tally_entry(tab, slot);
    if (tab->order[slot] & 1)
        return wide_bytes(entry);
    const uint64_t word = le64toh(riv__load8(entry));
    return (riv_str){ entry, 8 - (size_t)__builtin_clzll(word) / 8 };
}

static int decode_keys(const struct riv_tally *tab, const uint32_t *slot,
                       size_t n, char *row, size_t stride, struct riv_err *err)
{
    for (size_t i = 0; i < n; i++, row += stride) {
        riv_str s = wide_bytes(riv__tally_entry(tab, slot[i]));
        memset(row, 0, tab->key->size); /* also what no field covers */
        if (!riv__decode_row(tab->key, s.p, s.p + s.n, row, err))
            return riv__err_prefix(err, "key of slot %u", slot[i]);
    }
    return 0;
}

static void number_keys(const struct riv_tally *tab, const uint32_t *slot,
                        size_t n, char *row, size_t stride)
{
    for (size_t i = 0; i < n; i++, row += stride) {
        const uint64_t v = riv__load8(riv__tally_entry(tab, slot[i]));
        const bool wide = tab->order[slot[i]] & 1;
        riv__key_number_put(tab->class, wide ? v : v ^ RIV__TALLY_VEIL, row);
    }
}

int riv__tally_keys(const struct riv_tally *tab, const uint32_t *slot, size_t n,
                    char *rows, size_t stride, struct riv_err *err)
{
    if (tab->class == RIV__KEY_ENCODED)
        return decode_keys(tab, slot, n, rows, stride, err);
    char *row = rows + tab->key_offset;
    if (riv__key_class_is_number(tab->class)) {
        number_keys(tab, slot, n, row, stride);
        return 0;
    }
    for (size_t i = 0; i < n; i++, row += stride) {
        const riv_str s = key_bytes(tab, slot[i]);
        if (tab->class == RIV__KEY_STR)
            memcpy(row, &s, sizeof s);
        else
            memcpy(row, s.p, s.n);
    }
    return 0;
}

/* Pairs of a string, or a number of 8 bytes, and one word: what most results
 * are. One look at each entry. */
static inline void word_pairs(const struct riv_tally *tab, const uint32_t *slot,
                              size_t n, char *row, size_t stride)
{
    const bool is_str = tab->class == RIV__KEY_STR;
    char *acc = row + (is_str ? sizeof(riv_str) : sizeof(uint64_t));
    for (size_t i = 0; i < n; i++, row += stride, acc += stride) {
        if (i + RIV__TALLY_AHEAD < n)
            __builtin_prefetch(
                riv__tally_entry(tab, slot[i + RIV__TALLY_AHEAD]));
        const char *entry = riv__tally_entry(tab, slot[i]);
        const bool wide = tab->order[slot[i]] & 1;
        const uint64_t word = riv__load8(entry);
        if (is_str) {
            const size_t len =
                8 - (size_t)__builtin_clzll(le64toh(word | !word)) / 8;
            const riv_str s =
                wide ? wide_bytes(entry) : (riv_str){ entry, len };
            memcpy(row, &s, sizeof s);
        } else {
            const uint64_t v = wide ? word : word ^ RIV__TALLY_VEIL;
            memcpy(row, &v, sizeof v);
        }
        const size_t head = wide ? sizeof(struct riv_wide_key) : sizeof word;
        memcpy(acc, entry + head, sizeof(uint64_t));
    }
}

void *riv__tally_acc(const struct riv_tally *tab, uint32_t slot)
{
    const struct riv_places *p = tab->order[slot] & 1 ? &tab->wide : &tab->word;
    char *acc = riv__tally_entry(tab, slot) + p->head_bytes;
    if (tab->near_bytes == tab->acc_bytes)
        return acc;
    return tab->far + riv__load8(acc) * tab->acc_bytes;
}

int riv__tally_rows(const struct riv_tally *tab, const uint32_t *slot, size_t n,
                    const struct riv_tally_out *out, struct riv_err *err)
{
    const size_t bytes = tab->acc_bytes, stride = out->stride;
    const size_t key = tab->class == RIV__KEY_STR ? sizeof(riv_str) : 8;
    if ((tab->class == RIV__KEY_STR || tab->class == RIV__KEY_I64) &&
        bytes == 8 && tab->key_offset == 0 && out->acc_offset == key) {
        word_pairs(tab, slot, n, out->rows, stride);
        return 0;
    }
    RIV__TRY(riv__tally_keys(tab, slot, n, out->rows, stride, err));
    char *to = out->rows + out->acc_offset;
    for (size_t i = 0; bytes && i < n; i++, to += stride)
        memcpy(to, riv__tally_acc(tab, slot[i]), bytes);
    return 0;
}
