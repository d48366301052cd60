/* data/kernels.h - loops over text that pay in instructions of the machine: one
 * table of them for each level, chosen once for a context. All levels give the
 * same results for the same bytes; the tests hold them to the plain one. Unless
 * something else is said, 64 bytes after the end must be readable. */
#ifndef RIV_DATA_KERNELS_H
#define RIV_DATA_KERNELS_H

#include <stdbool.h>

#include "data/json_shape.h"

#include <rivulet.h>

enum riv_cpu { RIV__CPU_PLAIN, RIV__CPU_AVX2, RIV__CPU_AVX512 };

enum {
    RIV__STRIP_BYTES = 2048,                  /* most that is marked at once */
    RIV__STRIP_MARKS = RIV__STRIP_BYTES + 64, /* room for marks, some in vain */
};

/* n texts among marks in the bytes at p: the i-th begins behind mark[i * step - 1]
 * and ends at mark[i * step]. A mark of UINT32_MAX lies in front of p. */
struct riv_texts {
    const char *p;
    const uint32_t *mark;
    uint32_t step, n;
};

static inline riv_str riv__texts_at(const struct riv_texts *texts, uint32_t i)
{
    const uint32_t *mark = texts->mark + (size_t)i * texts->step;
    const char *p = texts->p + (uint32_t)(mark[-1] + 1);
    return (riv_str){ p, (size_t)(texts->p + mark[0] - p) };
}

struct riv_kernels {
    enum riv_cpu cpu;
    /* Where the bytes up to the space stand in the n <= RIV__STRIP_BYTES bytes
     * at p, from 0; returns how many. Adds the number of newlines. */
    uint32_t (*blanks)(const char *p, uint32_t n, uint32_t *at,
                       uint64_t *lines);
    /* The same of two bytes. */
    uint32_t (*marks)(const char *p, uint32_t n, char a, char b, uint32_t *at);
    /* Where the separators and newlines stand, as above; *quotes: there is one. */
    uint32_t (*csv)(const char *p, uint32_t n, char sep, uint32_t *at,
                    bool *quotes);
    /* Whole numbers, of 1 to 16 digits behind at most a minus, each to an int64_t
     * at `to`, the next `size` bytes on. False: not all are that. */
    bool (*numbers)(const struct riv_texts *texts, char *to, size_t size);
    /* The first place of the literal, of 1 byte or more, in [p, end), or `end`.
     */
    const char *(*find)(const char *p, const char *end, riv_str literal);
    /* The values of a line of that shape; false: it has another. */
    bool (*json)(const struct riv_json_shape *shape, const char *p,
                 const char *end, riv_str *value);

    /* The two below take whole lines from [*p, end), each with its newline, but
     * no more than give `max` rows (64 or more); *p then stands at the first
     * line that they did not take. Return the rows; add the lines taken. */

    /* The lines, without their newlines, that hold the literal, which has no
     * newline. */
    size_t (*contains)(const char **p, const char *end, riv_str literal,
                       riv_str *row, size_t max, uint64_t *lines);
    /* Field n, from 1, of the lines that have so many. */
    size_t (*fields)(const char **p, const char *end, char sep, uint32_t n,
                     riv_str *row, size_t max, uint64_t *lines);
};

/* Field n, from 1, of a line; false when it has fewer. For all levels. */
bool riv__kernels_field(const char *line, const char *end, char sep, uint32_t n,
                        riv_str *field);

/* The best that the machine has, but no more than `most`. */
const struct riv_kernels *riv__kernels(enum riv_cpu most);

extern const struct riv_kernels riv__kernels_plain;
/* The other levels; NULL where this build has none. Called through the table only
 * when the machine has what it takes. */
extern const struct riv_kernels *const riv__kernels_avx2;
extern const struct riv_kernels *const riv__kernels_avx512;

#endif
