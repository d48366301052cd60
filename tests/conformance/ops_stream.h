/* ops_stream.h - what the operations of streams.jsonl share. A table for each file
 * of them. */
#ifndef RIV_CONFORMANCE_OPS_STREAM_H
#define RIV_CONFORMANCE_OPS_STREAM_H

#include "ops.h"

/* Pairs of each word and 1, or of each word and "x". */
riv_ds *with_ones(riv_ds *words);
riv_ds *with_xs(riv_ds *words);

/* For operators that group: the numbers of a key as a list. */
extern const riv_fn *const numbers_of;

#define INT &riv_type_int64_t
#define WORD &riv_type_riv_str
#define PAIR &riv_type_word_int

/* Each ends with a row of zeros. */
extern const struct stream_op stream_ops_step[], stream_ops_key[],
    stream_ops_state[], stream_ops_window[];

#endif
