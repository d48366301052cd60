/* later.h - functions that a version of the library may lack. Each is declared
 * here as rivulet.h declares it, and weak: the driver links either way, and an
 * operation whose function has no address is "not in this version". */
#ifndef RIV_CONFORMANCE_LATER_H
#define RIV_CONFORMANCE_LATER_H

#include <rivulet.h>

riv_ds *riv_subtract(riv_ds *a, riv_ds *b, const riv_opt *o);
riv_ds *riv_intersection(riv_ds *a, riv_ds *b, const riv_opt *o);
riv_ds *riv_subtract_by_key(riv_ds *a, riv_ds *b, const riv_opt *o);
riv_ds *riv_coalesce(riv_ds *in, int partitions, int how);
riv_ds *riv_sort_by(riv_ds *in, const riv_fn *f, int order, const riv_opt *o);
riv_ds *riv_repartition_and_sort_within_partitions(
    riv_ds *in, uint32_t (*part)(const void *key, uint32_t n, const void *arg),
    const riv_opt *o);
riv_ds *riv_partition_by_range(riv_ds *in, int order, const riv_opt *o);
riv_ds *riv_filter_by_range(riv_ds *in, const void *lower, const void *upper);
riv_ds *riv_count_by_value_and_window(riv_ds *in, int64_t length_ms,
                                      int64_t slide_ms, const riv_opt *o);
riv_ds *riv_group_by_key_and_window(riv_ds *in, const riv_fn *f,
                                    int64_t length_ms, int64_t slide_ms,
                                    const riv_opt *o);
int riv_is_empty(riv_ds *rdd, bool *empty);
int riv_take_ordered(riv_ds *rdd, size_t n, const riv_fn *by, riv_result *out);
int riv_top(riv_ds *rdd, size_t n, const riv_fn *by, riv_result *out);
int riv_min(riv_ds *rdd, const riv_fn *by, void *out);
int riv_max(riv_ds *rdd, const riv_fn *by, void *out);
int riv_sum(riv_ds *rdd, double *sum);
int riv_histogram(riv_ds *rdd, const double *bound, size_t n, int64_t *count);
int riv_histogram_even(riv_ds *rdd, size_t buckets, double *bound,
                       int64_t *count, size_t *made);
int riv_lookup(riv_ds *rdd, const void *key, riv_result *out);
int riv_fold(riv_ds *rdd, const void *zero, const riv_fn *f, void *out);
int riv_aggregate(riv_ds *rdd, const void *zero, const riv_fn *f, void *out);
int riv_partitions_now(riv_ds *rdd, int64_t *n);
#pragma weak riv_zip
#pragma weak riv_zip_with_index
#pragma weak riv_cartesian
#pragma weak riv_fold_by_key
#pragma weak riv_subtract
#pragma weak riv_intersection
#pragma weak riv_subtract_by_key
#pragma weak riv_coalesce
#pragma weak riv_sort_by
#pragma weak riv_repartition_and_sort_within_partitions
#pragma weak riv_partition_by_range
#pragma weak riv_filter_by_range
#pragma weak riv_count_by_value_and_window
#pragma weak riv_group_by_key_and_window
#pragma weak riv_is_empty
#pragma weak riv_take_ordered
#pragma weak riv_top
#pragma weak riv_min
#pragma weak riv_max
#pragma weak riv_sum
#pragma weak riv_histogram
#pragma weak riv_histogram_even
#pragma weak riv_lookup
#pragma weak riv_fold
#pragma weak riv_aggregate
#pragma weak riv_partitions_now
#pragma weak riv_stats
#pragma weak riv_cogroup3
#pragma weak riv_cogroup4
#pragma weak riv_sort_by_key
#pragma weak riv_join
#pragma weak riv_cogroup
#pragma weak riv_reduce_by_key_and_window
#pragma weak riv_reduce_by_window
#pragma weak riv_count_by_window
#pragma weak riv_update_state_by_key
#pragma weak riv_map_with_state
#pragma weak riv_state_snapshots

#endif
