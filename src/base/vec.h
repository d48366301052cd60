/* base/vec.h - growing a plain array: `RIV__VEC_ROOM(v, n, cap, need)` makes
 * room for `need` elements, doubling. For the control side, not per record. */
#ifndef RIV_BASE_VEC_H
#define RIV_BASE_VEC_H

#include "base/macro.h"

/* 0 or RIV_ENOMEM; *array is unchanged then. need is bounded by SIZE_MAX/4. */
int riv__vec_room(void **array, size_t *cap, size_t need, size_t elem_bytes)
    RIV__MUST_USE;

#define RIV__VEC_ROOM(array, cap, need) \
    riv__vec_room((void **)&(array), &(cap), (need), sizeof *(array))

#endif
