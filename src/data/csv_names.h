/* data/csv_names.h - the line above CSV that names its columns. It is known by
 * what it says, wherever it stands: shares begin anywhere, and files that were put
 * together have several. Letters may be capitals, and a name in quotes. */
#ifndef RIV_DATA_CSV_NAMES_H
#define RIV_DATA_CSV_NAMES_H

#include "data/csv.h"

/* What is looked for, made once. */
struct riv_csv_names {
    const struct riv_layout *layout;       /* its leaves have the names */
    const struct riv_csv_columns *columns; /* as in csv.h */
    uint32_t first;                        /* the first column that is wanted */
    uint32_t letters; /* that a name begins with: the low five bits of each */
    uint64_t lengths; /* that a name has, 63 and more as one */
    char sep;
};

void riv__csv_names_init(struct riv_csv_names *names,
                         const struct riv_layout *layout,
                         const struct riv_csv_columns *columns, char sep);

enum riv_csv_named {
    RIV__CSV_NO_NAMES,
    RIV__CSV_NAMES,          /* each field's, where it is read from */
    RIV__CSV_NAMES_ELSEWHERE /* each field's, and one in another column */
};

/* What the line is, with a mark of UTF-8 in front or without. */
enum riv_csv_named riv__csv_names(const struct riv_csv_names *names,
                                  riv_str line);

/* Is the line one of names, in whatever columns? `field` is that of column `first`:
 * it says so at the cost of two comparisons for nearly all others. Only of lines
 * without quotes. */
bool riv__csv_names_any(const struct riv_csv_names *names, riv_str field,
                        riv_str line);

/* The format that reads the columns of a line of names, "csv:3,1", cut at `room`.
 * Returns dst. */
char *riv__csv_names_format(const struct riv_csv_names *names, riv_str line,
                            char *dst, size_t room);

#endif
