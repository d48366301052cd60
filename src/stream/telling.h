/* stream/telling.h - what others hear of a batch. @thread driver */
#ifndef RIV_STREAM_TELLING_H
#define RIV_STREAM_TELLING_H

#include "stream/generator.h"

/* Bytes that wait in the inputs from number `from` on. */
uint64_t riv__inputs_waiting(const struct riv_generator *gen, size_t from);

/* The batch is done; its work began and ended at these times. */
void riv__telling_done(struct riv_generator *gen, int64_t began_ns,
                       int64_t end_ns);

/* A batch that has failed is the last one; it is shown all the same. */
void riv__telling_failed(struct riv_generator *gen, int64_t began_ns, int rc,
                         const struct riv_err *err);

#endif
