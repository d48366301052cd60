/* graph/check.h - record types between operators: each check puts a sentence
 * with both types and the place into the graph's sticky error. */
#ifndef RIV_GRAPH_CHECK_H
#define RIV_GRAPH_CHECK_H

#include "graph/graph.h"

/* The function was made by the macro for this operator. 0 or a code. */
int riv__check_fn(riv_ds *in, const char *builder, const riv_fn *fn,
                  unsigned op);
/* The function takes the records `in` gives. */
int riv__check_takes(riv_ds *in, const char *builder, const riv_fn *fn,
                     const riv_type *takes);
/* The dataset's records are pairs; `fn` (may be NULL) is for the message. */
int riv__check_pairs(riv_ds *in, const char *builder, const riv_fn *fn);
/* A reducer folds values of this type. */
int riv__check_reduces(riv_ds *in, const char *builder, const riv_fn *fn,
                       const riv_type *value);
/* Both are pairs with equal keys; or both have equal records. */
int riv__check_same_key(riv_ds *a, riv_ds *b, const char *builder);
int riv__check_same_type(riv_ds *a, riv_ds *b, const char *builder);

/* The key and value types of a pair type. */
static inline const riv_type *riv__pair_key(const riv_type *pair)
{
    return pair->fields[0].type;
}

static inline const riv_type *riv__pair_val(const riv_type *pair)
{
    return pair->fields[1].type;
}

#endif
