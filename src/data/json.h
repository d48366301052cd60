/* data/json.h - rows to JSON lines, for sinks and people. Reading JSON is a
 * matter of its own. */
#ifndef RIV_DATA_JSON_H
#define RIV_DATA_JSON_H

#include "base/buf.h"
#include "data/layout.h"

/* {"sensor":"a","temp":20.5}\n ; a struct in a field is nested: a pair of plain
 * key and struct value is {"key":"a","val":{"temp":20.5}}; a row that is no
 * struct is a bare value. Invalid UTF-8 becomes U+FFFD; inf and nan become
 * null; char[N] ends at its first NUL. */
void riv__json_write(const struct riv_layout *layout, const void *row,
                     struct riv_buf *buf);

#endif
