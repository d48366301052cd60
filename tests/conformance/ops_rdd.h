/* ops_rdd.h - what the operations of rdd.jsonl share: the ways a result becomes
 * run->got. A table for each file of them. */
#ifndef RIV_CONFORMANCE_OPS_RDD_H
#define RIV_CONFORMANCE_OPS_RDD_H

#include "ops.h"

typedef union row {
    int64_t num;
    double real;
    riv_str text;
    any any;
    any_any pair;
} row;

/* The result: all partitions apart, or all records. */
int collect(struct run *run, riv_ds *ds);
int result(struct run *run, int rc, riv_result *res);
int value(struct run *run, int rc, json_t *v);
int one(struct run *run, int rc, const void *record);
double real_param(const struct run *run, const char *name, double otherwise);

#define INT &riv_type_int64_t
#define REAL &riv_type_double
#define WORD &riv_type_riv_str
#define PAIR &riv_type_any_any
#define SUMS &riv_type_any_int

/* Each ends with a row of zeros. */
extern const struct rdd_op rdd_ops_whole[], rdd_ops_step[], rdd_ops_set[],
    rdd_ops_key[], rdd_ops_order[], rdd_ops_number[];

#endif
