/* base/vec.c - growing a plain array by doubling. Used on the control side
 * (graph, plan, settings); records live in rows and tables. */
#include "base/vec.h"

#include <stdlib.h>

#include <rivulet.h>

enum { FIRST_ELEMS = 8 };

int riv__vec_room(void **array, size_t *cap, size_t need, size_t elem_bytes)
{
    size_t n = RIV__MAX(*cap, FIRST_ELEMS), bytes = 0;
    if (need <= *cap)
        return 0;
    if (need > SIZE_MAX / 4)
        return RIV_ENOMEM;
    while (n < need)
        n *= 2;
    if (__builtin_mul_overflow(n, elem_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return RIV_ENOMEM;
    void *p = realloc(*array, bytes);
    if (!p)
        return RIV_ENOMEM;
    *array = p;
    *cap = n;
    return 0;
}
