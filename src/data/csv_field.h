/* data/csv_field.h - a field of CSV without quotes, converted by its kind where
 * that is simple. Beside csv.h, which knows every field and what to say. */
#ifndef RIV_DATA_CSV_FIELD_H
#define RIV_DATA_CSV_FIELD_H

#include <stdbool.h>

#include "data/layout.h"

/* Puts the n bytes at p, from which on 16 may be read, into the row as this leaf.
 * False: csv.h shall see to it, and the row's field is undefined. */
bool riv__csv_put(const struct riv_leaf *leaf, const char *p, size_t n,
                  char *row);

#endif
