/* data/frame.h - lines out of bytes. AVX2 where the machine has it, plain
 * otherwise; chosen once at run time. */
#ifndef RIV_DATA_FRAME_H
#define RIV_DATA_FRAME_H

#include <rivulet.h>

#include "base/macro.h"

enum { RIV__CHUNK_ROWS = 1024, RIV__CHUNK_BYTES = 32 * 1024 };

/* Cuts [*p, end) into lines without their '\n' (a '\r' stays: bytes pass
 * unchanged). Stops after `max` rows, or when the rows hold RIV__CHUNK_BYTES; a
 * longer line is a chunk of its own, or its last row.
 * A last piece without '\n' is not taken: *p stands at its start. At least 64
 * bytes after `end` must be readable. Returns the number of rows. */
size_t riv__frame_lines(const char **p, const char *end, riv_str *rows,
                        size_t max);

/* The two that riv__frame_lines chooses from, for it and for tests. `fast` is
 * NULL where this build or this machine has none. */
size_t riv__frame_plain(const char **p, const char *end, riv_str *rows,
                        size_t max);
size_t (*riv__frame_fast(void))(const char **p, const char *end, riv_str *rows,
                                size_t max);

/* The byte after the last '\n' in [p, p+n), as an offset; 0: there is none. */
size_t riv__frame_last(const char *p, size_t n);

#endif
