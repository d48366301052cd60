/* data/frame.c - lines out of bytes: the plain form, and the choice. The fast
 * forms have files of their own that the build picks (frame_avx2.c); all give
 * the same rows for the same bytes. */
#include "data/frame.h"

#include <string.h>

size_t riv__frame_plain(const char **p, const char *end, riv_str *rows,
                        size_t max)
{
    const char *line = *p;
    size_t room = (size_t)(end - line), n = 0;
    const char *stop = line + RIV__MIN(room, (size_t)RIV__CHUNK_BYTES);
    while (n < max && line < stop) {
        const char *nl = memchr(line, '\n', (size_t)(end - line));
        if (!nl)
            break;
        rows[n++] = (riv_str){ line, (size_t)(nl - line) };
        line = nl + 1;
    }
    *p = line;
    return n;
}

size_t riv__frame_lines(const char **p, const char *end, riv_str *rows,
                        size_t max)
{
    size_t (*fast)(const char **, const char *, riv_str *, size_t) =
        riv__frame_fast();
    return fast ? fast(p, end, rows, max) : riv__frame_plain(p, end, rows, max);
}

size_t riv__frame_last(const char *p, size_t n)
{
    const char *nl = n ? memrchr(p, '\n', n) : NULL;
    return nl ? (size_t)(nl - p) + 1 : 0;
}
