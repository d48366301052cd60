/* data/kernels_none.c - for machines without levels of their own: the build
 * picks this file instead of kernels_avx2.c and kernels_avx512.c. */
#include <stddef.h>

#include "data/kernels.h"

const struct riv_kernels *const riv__kernels_avx2 = NULL;
const struct riv_kernels *const riv__kernels_avx512 = NULL;
