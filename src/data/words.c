/* data/words.c - words out of text: separators are marked by a kernel, and
 * every mark ends a word, which is empty when the byte before it is a separator
 * too. What is empty is written like the rest, and not counted. */
#include "data/words.h"

#include "data/tally_key.h"

static uint32_t strip_bytes(const char *p, const char *end)
{
    return (uint32_t)RIV__MIN((size_t)(end - p), (size_t)RIV__STRIP_BYTES);
}

void riv__words_keys(const struct riv_kernels *kernels,
                     const struct riv_tally *tab, const char **p,
                     const char *end, const char **word, struct riv_keys *keys,
                     uint64_t *lines)
{
    uint32_t at[RIV__STRIP_MARKS];
    const char *strip = *p, *from = *word;
    const uint32_t bytes = strip_bytes(strip, end);
    const uint32_t n = kernels->blanks(strip, bytes, at, lines);
    const char *const places = tab->word.at;
    const size_t mask = tab->word.mask, entry_bytes = tab->word.entry_bytes;
    uint32_t nword = 0, nwide = 0;
    for (uint32_t i = 0; i < n; i++) {
        const size_t len = (size_t)(strip + at[i] - from);
        const uint64_t key =
            riv__load8(from) &
            riv__load8(riv__key_ones + RIV__KEY_SHORT - (len & 15));
        const uint32_t hash = riv__keys_hash(key);
        __builtin_prefetch(places + (hash & mask) * entry_bytes, 1);
        keys->word[nword] = key;
        keys->hash[nword] = hash;
        keys->word_row[nword] = i;
        nword += len - 1 < 8;
        keys->slice[nwide] = (riv_str){ from, len };
        keys->wide_row[nwide] = i;
        nwide += len > 8;
        from = strip + at[i] + 1;
    }
    keys->nword = nword;
    keys->nwide = nwide;
    keys->has_part = false;
    keys->in_order = false;
    *p = strip + bytes;
    *word = from;
}

size_t riv__words_slices(const struct riv_kernels *kernels, const char **p,
                         const char *end, const char **word, riv_str *slice,
                         uint64_t *lines)
{
    uint32_t at[RIV__STRIP_MARKS];
    const char *strip = *p, *from = *word;
    const uint32_t bytes = strip_bytes(strip, end);
    const uint32_t marks = kernels->blanks(strip, bytes, at, lines);
    size_t n = 0;
    for (uint32_t i = 0; i < marks; i++) {
        slice[n] = (riv_str){ from, (size_t)(strip + at[i] - from) };
        n += strip + at[i] > from;
        from = strip + at[i] + 1;
    }
    *p = strip + bytes;
    *word = from;
    return n;
}
