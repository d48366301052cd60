/* data/words.h - words out of text: runs of bytes above the space, so that all
 * bytes up to the space separate. As keys for a tally, a strip of text at a
 * time, or as slices. */
#ifndef RIV_DATA_WORDS_H
#define RIV_DATA_WORDS_H

#include "data/kernels.h"
#include "data/tally.h"

/* The keys of the words that end within the next strip of [*p, end), *word being
 * where the first of them begins; both move on. The text ends with a separator;
 * as RIV__SLACK bytes are readable after it, no word of it is. Adds the number
 * of newlines. */
void riv__words_keys(const struct riv_kernels *kernels,
                     const struct riv_tally *tab, const char **p,
                     const char *end, const char **word, struct riv_keys *keys,
                     uint64_t *lines);

/* The same words as slices; returns how many, at most RIV__KEYS_MAX. */
size_t riv__words_slices(const struct riv_kernels *kernels, const char **p,
                         const char *end, const char **word, riv_str *slice,
                         uint64_t *lines);

#endif
