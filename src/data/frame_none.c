/* data/frame_none.c - for machines without a fast form of framing: the build
 * picks this file instead of frame_avx2.c, and frame.c uses memchr. */
#include "data/frame.h"

size_t (*riv__frame_fast(void))(const char **p, const char *end, riv_str *rows,
                                size_t max)
{
    return NULL;
}
