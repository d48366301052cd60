/* data/text.h - rows as text: CSV both ways, JSON lines out. Only the two
 * headers together, for whoever handles both. */
#ifndef RIV_DATA_TEXT_H
#define RIV_DATA_TEXT_H

#include "data/csv.h"
#include "data/json.h"

#endif
