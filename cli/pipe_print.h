/* cli/pipe_print.h - the results of a query: a table, CSV or JSON for each batch,
 * the greatest values first. */
#ifndef PIPE_PRINT_H
#define PIPE_PRINT_H

#include <stdio.h>

#include "query.h"

/* A key's fields with tabs between them, and its value. */
RIV_PAIR(result, riv_str, double);

/* For riv_foreach_rdd over pairs of those; arg: the query. @thread driver */
int pipe_print(riv *r, riv_ds *rdd, int64_t time, const void *arg);

/* What it prints, for n rows in their order; `more`: there were others. No newline
 * at the end, nothing for nothing. */
void pipe_rows(FILE *to, const struct query *query, int64_t time,
               const result *row, size_t n, bool more);

#endif
