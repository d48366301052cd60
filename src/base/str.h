/* base/str.h - helpers over riv_str slices: trim, find, escape. */
#ifndef RIV_BASE_STR_H
#define RIV_BASE_STR_H

#include <stdbool.h>

#include <rivulet.h>

#include "base/macro.h"

static inline riv_str riv__str(const char *p, size_t n)
{
    return (riv_str){ p, n };
}

/* Without the ASCII white space at both ends. */
riv_str riv__str_trim(riv_str s);
bool riv__str_starts(riv_str s, const char *prefix);
bool riv__str_ends(riv_str s, const char *suffix);
/* Without the mark that spreadsheets write in front of a file of UTF-8. */
riv_str riv__str_unmarked(riv_str s);
/* Edit distance, or max + 1 when it is above `max` or a name has more than 63
 * bytes; for "did you mean". */
unsigned riv__str_distance(const char *a, const char *b, unsigned max);
/* Printable, at most `room` bytes with NUL, cut with "...": safe for terminals
 * and logs. UTF-8 stays; control characters, what turns the direction of the
 * text, and bytes that are not UTF-8 become \xNN, a backslash two. Returns
 * dst. */
char *riv__str_show(char *dst, size_t room, riv_str s);
/* Bytes of the character at the start of s, valid UTF-8, if it is one that
 * riv__str_show does not let through, but for a backslash; 0: it may be shown.
 * *ret: its number, below 0x10000. */
size_t riv__str_tricky(riv_str s, uint32_t *ret);

#endif
