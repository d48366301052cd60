/* io/marks.h - where in what a source reads the lines of a feed lie: places, and
 * those of the bytes that wait. Whoever has them has the lock (feed.c). */
#ifndef RIV_IO_MARKS_H
#define RIV_IO_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A place in what the source reads: where a line ends. */
struct riv_mark {
    uint64_t offset;
    uint32_t part; /* which of its files, as it counts them */
    bool inside;   /* of a line whose rest is not wanted */
};

/* Appended bytes up to `end` bring the source to `mark`; those of a piece of
 * the source that passed unchanged are one entry. */
struct riv_feed_mark {
    uint64_t end; /* of all that was ever appended */
    struct riv_mark mark;
};

struct riv_marks {
    struct riv_feed_mark *mark; /* of what is not cut, from `first` on */
    size_t first, n, cap;
    uint64_t cut_end; /* the end of the last whole mark that was cut */
};

void riv__marks_fini(struct riv_marks *marks);
/* Room for one more mark; what was cut makes room first. 0 or RIV_ENOMEM. */
int riv__marks_room(struct riv_marks *marks) RIV__MUST_USE;
/* n bytes were appended, `end` with them, behind which the source stands at `at`.
 * Bytes are the source's one by one, or one line, which no cut divides. There is
 * room. */
void riv__marks_put(struct riv_marks *marks, uint64_t end, uint64_t n,
                    const struct riv_mark *at);
/* All below `upto` is cut: *cut becomes where the source stands behind it. */
void riv__marks_cut(struct riv_marks *marks, uint64_t upto,
                    struct riv_mark *cut);
/* How many of the appended bytes end at this place; false: it is not among those
 * from `from` on. */
bool riv__marks_find(const struct riv_marks *marks, uint64_t from,
                     const struct riv_mark *at, uint64_t *ret_end);
/* Are they one place? */
bool riv__mark_is(const struct riv_mark *a, const struct riv_mark *b);

#endif
