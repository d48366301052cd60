/* exec/part_file.h - the file of one partition in a folder of them: rows as text
 * or encoded, written as they come. One task's. @thread worker */
#ifndef RIV_EXEC_PART_FILE_H
#define RIV_EXEC_PART_FILE_H

#include "data/rowfile.h"
#include "graph/ops.h"
#include "io/parts.h"

struct riv_part_file_spec {
    const struct riv_parts *folder; /* borrowed, as is the layout */
    uint32_t number;                /* in the folder, until it is published */
    const struct riv_layout *layout;
    enum riv_format format;
    bool header; /* CSV: the names of the fields above */
};

struct riv_part_file {
    struct riv_part_file_spec is;
    int fd;
    bool is_open;
    bool used; /* an attempt that failed may have left the file */
    struct riv_buf text;
    struct riv_rowfile encoded; /* instead of text */
};

/* A zeroed one, or one that was used before. */
int riv__part_file_open(struct riv_part_file *file,
                        const struct riv_part_file_spec *spec,
                        struct riv_err *err) RIV__MUST_USE;
int riv__part_file_add(struct riv_part_file *file, const void *rows, size_t n,
                       struct riv_err *err) RIV__MUST_USE;
/* All rows are there: they are on disk, and the buffers are gone. */
int riv__part_file_close(struct riv_part_file *file, struct riv_err *err)
    RIV__MUST_USE;
/* The same without writing what is left. A closed one is fine. */
void riv__part_file_abort(struct riv_part_file *file);

#endif
