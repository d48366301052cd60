/* data/csv_text.h - rows out of whole text: separators are marked a strip at a
 * time, and fields converted from between the marks, without cutting lines
 * first. Only lines without quotes whose fields are of their kinds are read
 * here; of any other the caller asks csv.h, which also knows what to say. */
#ifndef RIV_DATA_CSV_TEXT_H
#define RIV_DATA_CSV_TEXT_H

#include "data/csv_names.h"
#include "data/kernels.h"

struct riv_csv_text {
    const struct riv_layout *layout;
    const struct riv_csv_columns *columns; /* NULL: all, no more */
    char sep;
    const struct riv_csv_names *names; /* lines of these are odd; NULL: none */
};

struct riv_csv_at {
    const char *p, *end; /* whole lines, as in kernels.h */
    uint64_t lines;      /* gone through */
    riv_str odd;         /* a line for csv.h; p NULL: none */
};

/* Reads up to `max` rows, and stops behind an odd line. Returns the rows; *at
 * moves on. */
size_t riv__csv_text(const struct riv_csv_text *csv,
                     const struct riv_kernels *kernels, struct riv_csv_at *at,
                     char *rows, size_t max);

#endif
