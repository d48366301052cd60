/* api/builtin.c - the one list of everything that is built in: which kind of
 * node is run by what, which sources and sinks there are. */
#include "api/context.h"
#include "connect/sources.h"
#include "exec/op.h"
#include "exec/step.h"
#include "graph/ops.h"
#include "stream/runners.h"

const struct riv_runner riv__runners[] = {
    { &riv__kind_reduce_by_key, &riv__run_reduce, NULL },
    { &riv__kind_aggregate_by_key, &riv__run_reduce, NULL },
    { &riv__kind_fold_by_key, &riv__run_reduce, NULL },
    { &riv__kind_combine_by_key, &riv__run_reduce, NULL },
    { &riv__kind_distinct, &riv__run_reduce, NULL },
    { &riv__kind_count_by_value, &riv__run_reduce, NULL },
    { &riv__kind_count, &riv__run_fold, NULL },
    { &riv__kind_reduce, &riv__run_fold, NULL },
    { &riv__kind_group_by_key, &riv__run_group, NULL },
    { &riv__kind_cogroup, &riv__run_group, NULL },
    { &riv__kind_join, &riv__run_group, NULL },
    { &riv__kind_subtract_by_key, &riv__run_subtract, NULL },
    { &riv__kind_subtract, &riv__run_subtract, NULL },
    { &riv__kind_intersection, &riv__run_subtract, NULL },
    { &riv__kind_zip, &riv__run_zip, NULL },
    { &riv__kind_zip_with_index, &riv__run_zip, NULL },
    { &riv__kind_zip_with_unique_id, &riv__run_zip, NULL },
    { &riv__kind_cartesian, &riv__run_zip, NULL },
    { &riv__kind_glom, &riv__run_zip, NULL },
    { &riv__kind_zip_partitions, &riv__run_zip, NULL },
    { &riv__kind_repartition, &riv__run_repartition, NULL },
    { &riv__kind_window, &riv__run_window, NULL },
    { &riv__kind_reduce_by_key_and_window, &riv__run_fold_window, NULL },
    { &riv__kind_reduce_by_window, &riv__run_fold_window, NULL },
    { &riv__kind_count_by_window, &riv__run_fold_window, NULL },
    { &riv__kind_count_by_value_and_window, &riv__run_fold_window, NULL },
    { &riv__kind_map_with_state, &riv__run_state, NULL },
    { &riv__kind_update_state, &riv__run_state, NULL },
    { &riv__kind_snapshots, &riv__run_snapshots, NULL },
    { &riv__kind_persist, &riv__run_persist, NULL },
    { &riv__kind_collect, &riv__run_collect, NULL },
    { &riv__kind_foreach_rdd, &riv__run_foreach_rdd, NULL },
    { &riv__kind_transform, &riv__run_transform, NULL },
    { &riv__kind_print, &riv__run_print, NULL },
    { &riv__kind_save_text, &riv__run_save, NULL },
    { &riv__kind_sort_by_key, &riv__run_part, NULL },
    { &riv__kind_partition_by, &riv__run_part, NULL },
    { &riv__kind_part_range, &riv__run_part, NULL },
    { &riv__kind_part_sort, &riv__run_part, NULL },
    { &riv__kind_coalesce, &riv__run_coalesce, NULL },
    { &riv__kind_hold, &riv__run_coalesce, NULL },
    { &riv__kind_fold, &riv__run_fold, NULL },
    { &riv__kind_aggregate, &riv__run_fold, NULL },
    { &riv__kind_count_by_key, &riv__run_reduce, NULL },
    { &riv__kind_last_by_key, &riv__run_reduce, NULL },
    { &riv__kind_gather, &riv__run_gather, NULL },
    { &riv__kind_sample_by_key_exact, &riv__run_group, riv__step_sample_exact },
    { &riv__kind_by, NULL, riv__step_by },
    { &riv__kind_unkey, NULL, riv__step_unkey },
    { &riv__kind_filter_by_range, NULL, riv__step_filter_by_range },
    { &riv__kind_sample, NULL, riv__step_sample },
    { &riv__kind_random_split, NULL, riv__step_sample },
    { &riv__kind_sample_again, NULL, riv__step_sample_again },
    { &riv__kind_sample_by_key, NULL, riv__step_sample_by_key },
    { NULL, NULL, NULL },
};

const struct riv_source_ops *const *const riv__source_kinds = riv__sources;
