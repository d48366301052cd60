/* data/number.h - the numbers and bools of a row as text, the same in CSV and
 * in JSON. Strings belong to csv.c and json.c, which quote differently. */
#ifndef RIV_DATA_NUMBER_H
#define RIV_DATA_NUMBER_H

#include "base/num.h"
#include "data/layout.h"

/* Writes the leaf of kind RIV_K_I64 .. RIV_K_BOOL that lies at `at`; at most
 * RIV__NUM_TEXT bytes. Returns the length. */
size_t riv__number_put(uint32_t kind, const void *at, char *dst);

/* False for inf and nan, which JSON has no word for. */
bool riv__number_finite(uint32_t kind, const void *at);

#endif
