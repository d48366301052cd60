/* data/kernels_x86.h - what one level of x86-64 lends to another. For
 * kernels_avx2.c and kernels_avx512.c. */
#ifndef RIV_DATA_KERNELS_X86_H
#define RIV_DATA_KERNELS_X86_H

#include <string.h>

#include "data/kernels.h"

bool riv__json_avx2(const struct riv_json_shape *shape, const char *p,
                    const char *end, riv_str *value);

bool riv__numbers_avx2(const struct riv_texts *texts, char *to, size_t size);

/* The first of the places in the mask of the bytes at p where the text is, up to
 * `last`; NULL: none. */
static inline const char *riv__kernels_hit(riv_str text, uint64_t mask,
                                           const char *p, const char *last)
{
    for (; mask; mask &= mask - 1) {
        const char *hit = p + __builtin_ctzll(mask);
        if (hit > last)
            return NULL;
        if (memcmp(hit, text.p, text.n) == 0)
            return hit;
    }
    return NULL;
}

#endif
