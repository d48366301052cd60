/* tests/random/reference.c - a graph node by node, batch by batch; each operator
 * is a loop in ref_*.c. */
#include "random/ref.h"

#include <stdlib.h>

static int (*const refs[OPS])(struct step *) = {
    [OP_ROWS] = ref_source,
    [OP_PAIRS] = ref_source,
    [OP_TEXT] = ref_source,
    [OP_EMPTY] = ref_source,
    [OP_QUEUE] = ref_source,
    [OP_QUEUE_PAIRS] = ref_source,
    [OP_MAP] = ref_map,
    [OP_FILTER] = ref_filter,
    [OP_FLAT_MAP] = ref_flat_map,
    [OP_TO_PAIRS] = ref_to_pairs,
    [OP_KEY_BY] = ref_to_pairs,
    [OP_TO_WORDS] = ref_same,
    [OP_TO_INTS] = ref_same,
    [OP_SWAP] = ref_swap,
    [OP_KEYS] = ref_keys,
    [OP_VALUES] = ref_values,
    [OP_MAP_VALUES] = ref_map_values,
    [OP_FLAT_MAP_VALUES] = ref_flat_map_values,
    [OP_UNION] = ref_union,
    [OP_DISTINCT] = ref_distinct,
    [OP_REPARTITION] = ref_bag,
    [OP_COALESCE] = ref_coalesce,
    [OP_SORT_BY] = ref_sort_by,
    [OP_SORT_BY_KEY] = ref_sort_by_key,
    [OP_COUNT] = ref_count,
    [OP_REDUCE] = ref_reduce,
    [OP_COUNT_BY_VALUE] = ref_count_by_value,
    [OP_SUBTRACT] = ref_subtract,
    [OP_INTERSECTION] = ref_intersection,
    [OP_CARTESIAN] = ref_cartesian,
    [OP_ZIP] = ref_zip,
    [OP_ZIP_PARTITIONS] = ref_zip_partitions,
    [OP_ZIP_WITH_INDEX] = ref_zip_with_index,
    [OP_ZIP_WITH_UNIQUE_ID] = ref_zip_with_unique_id,
    [OP_MAP_PARTITIONS] = ref_map_partitions,
    [OP_GLOM] = ref_glom,
    [OP_REDUCE_BY_KEY] = ref_reduce_by_key,
    [OP_AGGREGATE_BY_KEY] = ref_aggregate_by_key,
    [OP_FOLD_BY_KEY] = ref_fold_by_key,
    [OP_COMBINE_BY_KEY] = ref_combine_by_key,
    [OP_GROUP_BY_KEY] = ref_group_by_key,
    [OP_GROUP_BY] = ref_group_by,
    [OP_JOIN] = ref_join,
    [OP_COGROUP] = ref_cogroup,
    [OP_COGROUP3] = ref_cogroup,
    [OP_SUBTRACT_BY_KEY] = ref_subtract_by_key,
    [OP_PARTITION_BY] = ref_bag,
    [OP_REPARTITION_AND_SORT] = ref_bag,
    [OP_FILTER_BY_RANGE] = ref_filter_by_range,
    [OP_PERSIST] = ref_same,
    [OP_RANDOM_SPLIT] = ref_bag,
    [OP_SAMPLE] = ref_same,
    [OP_TRANSFORM] = ref_transform,
    [OP_TRANSFORM_WITH] = ref_transform_with,
    [OP_WINDOW] = ref_window,
    [OP_REDUCE_BY_WINDOW] = ref_reduce_by_window,
    [OP_COUNT_BY_WINDOW] = ref_count_by_window,
    [OP_COUNT_BY_VALUE_AND_WINDOW] = ref_count_by_value_and_window,
    [OP_REDUCE_BY_KEY_AND_WINDOW] = ref_reduce_by_key_and_window,
    [OP_GROUP_BY_KEY_AND_WINDOW] = ref_group_by_key_and_window,
    [OP_UPDATE_STATE] = ref_update_state,
    [OP_MAP_WITH_STATE] = ref_map_with_state,
    [OP_SNAPSHOTS] = ref_snapshots,
};

bool reference_ordered(const struct reference *ref, int at)
{
    const struct node *node = &ref->graph->node[at];
    bool ordered = true;
    for (int i = 0; i < node->nin; i++)
        for (int b = 0; b < ref->nbatch; b++) {
            const struct bag *bag = &ref->bag[node->in[i]][b];
            const bool state = node->op == OP_MAP_WITH_STATE;
            ordered &= (bag->ordered && !(state && bag->united)) || !bag->due;
        }
    return ordered;
}

static int node_make(struct reference *ref, int at, int batch)
{
    const struct node *node = &ref->graph->node[at];
    struct bag *out = &ref->bag[at][batch];
    struct step s = {
        .ref = ref, .node = node, .at = at, .batch = batch, .out = out
    };
    if (!node->live && batch > 0) { /* the same RDD in every batch */
        *out = ref->bag[at][0];
        return 0;
    }
    out->due = !node->live || (batch + 1) % node->every == 0;
    for (int i = 0; i < node->nin; i++)
        s.in[i] = &ref->bag[node->in[i]][batch];
    return out->due ? refs[node->op](&s) : 0;
}

/* Node by node: whether an order is promised is known of all batches of the
 * inputs before the node is looked at. But a snapshot is taken in its batch. */
int reference_make(struct reference *ref, const struct graph *graph)
{
    *ref = (struct reference){ .graph = graph,
                               .nbatch = graph->nbatch ? graph->nbatch : 1 };
    for (int at = 0; at < graph->nnode; at++) {
        if (graph->node[at].op == OP_SNAPSHOTS)
            continue;
        for (int b = 0; b < ref->nbatch; b++) {
            if (node_make(ref, at, b) < 0)
                return -1;
            for (int i = at + 1; i < graph->nnode; i++)
                if (graph->node[i].op == OP_SNAPSHOTS &&
                    graph->node[i].in[0] == at && node_make(ref, i, b) < 0)
                    return -1;
        }
    }
    return 0;
}
