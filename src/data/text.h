/* data/text.h - rows from and to CSV, and to JSON lines. Reading takes the
 * fields in order (RFC 4180: quotes, doubled quotes; no line breaks inside a
 * field, because lines are framed before); what is wrong is said with the
 * field's name. Unquoted strings point into the line. */
#ifndef RIV_DATA_TEXT_H
#define RIV_DATA_TEXT_H

#include "base/buf.h"
#include "data/layout.h"

/* Strings with doubled quotes are unescaped into `arena`. Pairs read the key's
 * fields, then the value's. char[N]: longer fields are an error, shorter are
 * padded with NUL. bool: true false 1 0. */
int riv__csv_read(const struct riv_layout *layout, riv_str line, char sep,
                  void *row, struct riv_arena *arena, struct riv_err *err)
    RIV__MUST_USE;

/* One line with '\n'. Strings are quoted only when they hold sep, quote, CR or
 * LF; char[N] ends at its first NUL. A row of type riv_str is written as it is,
 * byte for byte, without quoting. */
void riv__csv_write(const struct riv_layout *layout, const void *row, char sep,
                    struct riv_buf *buf);

/* {"sensor":"a","temp":20.5}\n ; a pair of plain key and struct value is
 * {"key":..., and the value's fields nested as "val":{...}}; a single leaf is a
 * bare value. Invalid UTF-8 becomes U+FFFD; inf and nan become null. */
void riv__json_write(const struct riv_layout *layout, const void *row,
                     struct riv_buf *buf);

#endif
