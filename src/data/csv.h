/* data/csv.h - rows from and to CSV (RFC 4180: quotes, doubled quotes). Lines
 * are framed before, so no field holds a line break when it is read. What is
 * wrong is said with the field's name. */
#ifndef RIV_DATA_CSV_H
#define RIV_DATA_CSV_H

#include "base/buf.h"
#include "data/layout.h"

/* Takes the fields in order; pairs: the key's, then the value's. One '\r' at
 * the end of the line is not data. Numbers as in base/num.h, bool: true false
 * 1 0; char[N]: longer fields are an error and those with a NUL, which is its
 * end; shorter are padded with NUL.
 * Unquoted strings point into the line; those with doubled quotes are
 * unescaped into `arena`. A row of type riv_str takes the whole line as it is,
 * as riv__csv_write wrote it. `sep` is no quote and nothing a number is made
 * of. 0, RIV_ERECORD (the row is then half written), RIV_ENOMEM. */
int riv__csv_read(const struct riv_layout *layout, riv_str line, char sep,
                  void *row, struct riv_arena *arena, struct riv_err *err)
    RIV__MUST_USE;

/* The columns that are wanted, where they are not all there are. */
struct riv_csv_columns {
    uint32_t n;           /* up to the last of them */
    const uint16_t *leaf; /* of each column: which leaf it is for ... */
};
#define RIV__CSV_NO_LEAF UINT16_MAX /* ... or that it is for none */

/* The same of these columns: others are passed over, and what follows the last
 * may be there or not. NULL: all, as above. */
int riv__csv_read_columns(const struct riv_layout *layout,
                          const struct riv_csv_columns *columns, riv_str line,
                          char sep, void *row, struct riv_arena *arena,
                          struct riv_err *err) RIV__MUST_USE;

/* One line with '\n'. Strings are quoted only when they hold sep, quote, CR or
 * LF; char[N] ends at its first NUL. A row of type riv_str is written as it is,
 * byte for byte, without quoting. */
void riv__csv_write(const struct riv_layout *layout, const void *row, char sep,
                    struct riv_buf *buf);

/* A text as a field, in quotes where it needs them. */
void riv__csv_field(struct riv_buf *buf, riv_str s, char sep);

/* The line above them: the names of the fields, those of a nested struct behind
 * the name of its field and a dot. */
void riv__csv_header(const struct riv_layout *layout, char sep,
                     struct riv_buf *buf);

#endif
