/* exec/run_rows.h - ops that keep rows: what hooks and actions read. */
#ifndef RIV_EXEC_RUN_ROWS_H
#define RIV_EXEC_RUN_ROWS_H

#include "data/rows.h"
#include "exec/op.h"

struct riv_rows_part {
    struct riv_part base;
    struct riv_rows *bucket; /* one, or one for each partition of the result */
    uint32_t nbucket;
    uint64_t next; /* round robin */
};

int riv__rows_part_open(struct riv_part *part, uint32_t nbucket,
                        struct riv_err *err) RIV__MUST_USE;
void riv__rows_part_close(struct riv_part *part);
int riv__rows_part_begin(struct riv_part *part, struct riv_err *err)
    RIV__MUST_USE;

/* Pushes the rows of a store into a chain. */
int riv__rows_scan(const struct riv_rows *rows, struct riv_chain *chain);

#endif
