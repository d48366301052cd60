/* api/builtin.c - the one list of everything that is built in: which kind of
 * node is run by what, which sources and sinks there are. */
#include "api/context.h"
#include "connect/sources.h"
#include "exec/op.h"
#include "graph/ops.h"
#include "stream/runners.h"

const struct riv_runner riv__runners[] = {
    { &riv__kind_reduce_by_key, &riv__run_reduce },
    { &riv__kind_aggregate_by_key, &riv__run_reduce },
    { &riv__kind_distinct, &riv__run_reduce },
    { &riv__kind_count_by_value, &riv__run_reduce },
    { &riv__kind_count, &riv__run_fold },
    { &riv__kind_reduce, &riv__run_fold },
    { &riv__kind_group_by_key, &riv__run_group },
    { &riv__kind_cogroup, &riv__run_group },
    { &riv__kind_join, &riv__run_group },
    { &riv__kind_subtract_by_key, &riv__run_subtract },
    { &riv__kind_subtract, &riv__run_subtract },
    { &riv__kind_intersection, &riv__run_subtract },
    { &riv__kind_repartition, &riv__run_repartition },
    { &riv__kind_window, &riv__run_window },
    { &riv__kind_reduce_by_key_and_window, &riv__run_fold_window },
    { &riv__kind_reduce_by_window, &riv__run_fold_window },
    { &riv__kind_count_by_window, &riv__run_fold_window },
    { &riv__kind_count_by_value_and_window, &riv__run_fold_window },
    { &riv__kind_map_with_state, &riv__run_state },
    { &riv__kind_update_state, &riv__run_state },
    { &riv__kind_snapshots, &riv__run_snapshots },
    { &riv__kind_persist, &riv__run_persist },
    { &riv__kind_collect, &riv__run_collect },
    { &riv__kind_foreach_rdd, &riv__run_foreach_rdd },
    { &riv__kind_transform, &riv__run_transform },
    { &riv__kind_print, &riv__run_print },
    { &riv__kind_save_text, &riv__run_save },
    { NULL, NULL },
};

const struct riv_source_ops *const *const riv__source_kinds = riv__sources;
