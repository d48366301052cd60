/* io/marks.c - see marks.h. A cut may end within the bytes of a mark: its place is
 * as far before the mark's as its end is. */
#include "io/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

void riv__marks_fini(struct riv_marks *marks)
{
    free(marks->mark);
    *marks = (struct riv_marks){ .n = 0 };
}

int riv__marks_room(struct riv_marks *marks)
{
    if (marks->first > marks->n / 2) {
        marks->n -= marks->first;
        memmove(marks->mark, marks->mark + marks->first,
                marks->n * sizeof *marks->mark);
        marks->first = 0;
    }
    return RIV__VEC_ROOM(marks->mark, marks->cap, marks->n + 1);
}

/* Never a line that was cut: it has a byte more than the source gave for it. */
static bool goes_on(const struct riv_mark *last, const struct riv_mark *at,
                    uint64_t n)
{
    return last->part == at->part && last->offset + n == at->offset;
}

void riv__marks_put(struct riv_marks *marks, uint64_t end, uint64_t n,
                    const struct riv_mark *at)
{
    struct riv_feed_mark *last = marks->mark + marks->n;
    if (marks->n > marks->first && goes_on(&last[-1].mark, at, n))
        last--;
    else
        marks->n++;
    *last = (struct riv_feed_mark){ .end = end, .mark = *at };
}

void riv__marks_cut(struct riv_marks *marks, uint64_t upto,
                    struct riv_mark *cut)
{
    while (marks->first < marks->n && marks->mark[marks->first].end <= upto) {
        marks->cut_end = marks->mark[marks->first].end;
        *cut = marks->mark[marks->first++].mark;
    }
    if (marks->first == marks->n || marks->cut_end >= upto)
        return;
    const struct riv_feed_mark *m = &marks->mark[marks->first];
    *cut = (struct riv_mark){ .offset = m->mark.offset - (m->end - upto),
                              .part = m->mark.part };
}

bool riv__mark_is(const struct riv_mark *a, const struct riv_mark *b)
{
    return a->offset == b->offset && a->part == b->part &&
           a->inside == b->inside;
}

/* Is the place within the bytes that this mark ends? Then where they end there. */
static bool mark_has(const struct riv_feed_mark *m, uint64_t begin,
                     const struct riv_mark *at, uint64_t *ret)
{
    if (m->mark.part != at->part || m->mark.offset < at->offset)
        return false;
    const uint64_t back = m->mark.offset - at->offset;
    if (back > 0 && (m->end - begin < back || m->mark.inside))
        return false;
    *ret = m->end - back;
    return back > 0 || m->mark.inside == at->inside;
}

bool riv__marks_find(const struct riv_marks *marks, uint64_t from,
                     const struct riv_mark *at, uint64_t *ret_end)
{
    uint64_t begin = marks->cut_end;
    for (size_t i = marks->first; i < marks->n; i++) {
        if (mark_has(&marks->mark[i], begin, at, ret_end) && *ret_end >= from)
            return true;
        begin = marks->mark[i].end;
    }
    return false;
}
