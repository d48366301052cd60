/* cli/record.h - a line cut into its fields, as a query's format says. Nothing is
 * copied; a field in quotes loses them. */
#ifndef RECORD_H
#define RECORD_H

#include "query.h"

/* All but JSON, see json_cut.h. Cuts the first `most` fields (at most QUERY_FIELDS_MAX) off a line; returns how
 * many there were. Of QUERY_WORDS and QUERY_LINES the line is the only one. */
int record_cut(enum query_format format, riv_str line, riv_str *field,
               int most);

/* Do the fields fulfil all conditions of the query? They are at least
 * query->fields. */
bool record_fits(const struct query *query, const riv_str *field);

#endif
