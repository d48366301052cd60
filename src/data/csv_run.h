/* data/csv_run.h - lines in a row that have equally many fields, read column after
 * column: the kind of a field is looked at once for all of them, and the loop over
 * the lines has no jump that depends on one of them. */
#ifndef RIV_DATA_CSV_RUN_H
#define RIV_DATA_CSV_RUN_H

#include "data/csv.h"
#include "data/kernels.h"

enum { RIV__CSV_RUN_LINES = 256 }; /* most of a run: its rows stay near */

struct riv_csv_run {
    const struct riv_layout *layout;
    const struct riv_csv_columns *columns; /* NULL: all */
    /* The first field of each line; its step is the fields of a line, which are at
     * least those that are wanted. */
    struct riv_texts field;
};

/* Reads the lines up to the first that csv.h has to see; returns how many that
 * are. Behind them the rows are undefined. */
size_t riv__csv_run(const struct riv_csv_run *run,
                    const struct riv_kernels *kernels, char *rows);

#endif
