/* ops.h - what operations of finite data and of streams share. */
#ifndef RIV_CONFORMANCE_OPS_H
#define RIV_CONFORMANCE_OPS_H

#include "conformance.h"

/* .partitions of the line, into o. */
riv_opt *options(const struct run *run, riv_opt *o);

/* Are the records of the first input real numbers? */
bool reals(const struct run *run);

/* A sum for each partition, of whole or real numbers. */
riv_ds *sums_of_partitions(riv_ds *numbers);

#endif
