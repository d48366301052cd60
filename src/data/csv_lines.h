/* data/csv_lines.h - rows out of lines that were cut before: those that a filter
 * has left. As csv_text.h reads whole text: separators of some lines are marked,
 * then fields converted column after column; any other line is for csv.h. */
#ifndef RIV_DATA_CSV_LINES_H
#define RIV_DATA_CSV_LINES_H

#include "data/csv_text.h"

struct riv_csv_lines {
    struct riv_csv_text csv;
    size_t most; /* lines to take at once; the last odd one says how few */
};

void riv__csv_lines_init(struct riv_csv_lines *lines,
                         const struct riv_csv_text *csv);

/* Reads the lines up to the first that csv.h has to see; returns how many those
 * are, a row for each. Behind each line 64 bytes may be read. */
size_t riv__csv_lines(struct riv_csv_lines *lines,
                      const struct riv_kernels *kernels, const riv_str *line,
                      size_t n, char *rows);

#endif
