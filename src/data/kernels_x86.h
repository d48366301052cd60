/* data/kernels_x86.h - what one level of x86-64 lends to another. For
 * kernels_avx2.c and kernels_avx512.c. */
#ifndef RIV_DATA_KERNELS_X86_H
#define RIV_DATA_KERNELS_X86_H

#include "data/kernels.h"

bool riv__json_avx2(const struct riv_json_shape *shape, const char *p,
                    const char *end, riv_str *value);

#endif
