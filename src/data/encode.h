/* data/encode.h - the one binary form of rows, for journal, spill, wire and
 * as canonical bytes of structured keys. Little-endian; leaf by leaf: integers
 * in their size, bool one byte, doubles as bits (canonical NaN, no -0.0 when
 * used as a key), char[N] as N bytes, strings as u32 length and bytes. */
#ifndef RIV_DATA_ENCODE_H
#define RIV_DATA_ENCODE_H

#include "data/layout.h"

/* Lines and records are capped far below by the feeds; a string that a program
 * makes longer is cut here, so that what is written can always be read. */
#define RIV__ENCODE_STR_MAX UINT32_MAX

size_t riv__encode_bytes(const struct riv_layout *layout, const void *row);
/* Writes exactly riv__encode_bytes() bytes; returns the end. */
char *riv__encode_row(const struct riv_layout *layout, const void *row,
                      char *dst);
/* The same with floating point made canonical, so that equal keys have equal
 * bytes. */
char *riv__encode_key(const struct riv_layout *layout, const void *row,
                      char *dst);
/* Reads one row from [p, end); strings point into the bytes. Returns the end
 * of what was read, or NULL: the bytes are damaged (err says where; the row is
 * then half written). */
const char *riv__decode_row(const struct riv_layout *layout, const char *p,
                            const char *end, void *row, struct riv_err *err);

#endif
