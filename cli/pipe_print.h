/* cli/pipe_print.h - the results of a query: a table, CSV or JSON for each batch,
 * the greatest values of the first fold first. */
#ifndef PIPE_PRINT_H
#define PIPE_PRINT_H

#include <stdio.h>

#include "query.h"

typedef struct {               /* what the folds of a query have of a key */
    double v[QUERY_FOLDS_MAX]; /* count, sum, the least, the greatest */
    int64_t n;                 /* records */
} measure;
RIV_STRUCT(measure, v[0], v[1], v[2], v[3], v[4], n);

/* A key's fields with tabs between them, and its values. */
RIV_PAIR(result, riv_str, measure);

/* For riv_foreach_rdd over pairs of those; arg: the query. @thread driver */
int pipe_print(riv *r, riv_ds *rdd, int64_t time, const void *arg);

/* What it prints, for n rows in their order; `more`: there were others. No newline
 * at the end, nothing for nothing. */
void pipe_rows(FILE *to, const struct query *query, int64_t time,
               const result *row, size_t n, bool more);

#endif
