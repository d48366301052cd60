/* exec/lookup.h - a table that functions look into: the pairs of an RDD by their
 * keys. Made anew as a whole, and put in place between two batches; while tasks
 * run nobody writes. */
#ifndef RIV_EXEC_LOOKUP_H
#define RIV_EXEC_LOOKUP_H

#include "data/rows.h"
#include "exec/op.h"

struct riv_lookup_cell {
    const char *row; /* NULL: free */
    uint64_t hash;
};

/* The rows of one load. */
struct riv_lookup {
    const struct riv_layout *key; /* at offset 0 of the rows */
    uint32_t val_offset;
    struct riv_rows *rows; /* nrows of them, owned */
    size_t nrows;
    struct riv_lookup_cell *cell; /* open addressing, at most half full */
    uint64_t mask;
    size_t nkey;
};

/* What a program holds: riv_table. */
struct riv_lookup_table {
    struct riv_lookup_table *next; /* of the context's, newest first */
    riv_ds *pairs;                 /* the node that collects them */
    const struct riv_layout *key;
    struct riv_lookup *now; /* NULL: not loaded yet */
    uint64_t signature;     /* of the files that were tried last */
};

/* Takes the rows of the parts of an op that collected them (which are empty
 * afterwards). Of several pairs of a key the last counts. @thread driver */
int riv__lookup_new(const struct riv_layout *key, struct riv_op *collected,
                    struct riv_lookup **ret, struct riv_err *err) RIV__MUST_USE;
void riv__lookup_free(struct riv_lookup *lookup);

/* The value, or NULL. @thread worker */
const void *riv__lookup_find(const struct riv_lookup *lookup, const void *key);

#endif
