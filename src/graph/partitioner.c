/* graph/partitioner.c - which operators keep, give or lose a partitioner. A
 * program that asks for partitions gets what Spark's rule makes of its numbers;
 * what is cut by size alone does not count. */
#include "graph/partitioner.h"

#include "graph/ops.h"

int riv__partitioner_taken(const struct riv_partitioner *in, size_t n,
                           uint32_t wanted)
{
    uint32_t most = 0;
    int best = -1;
    for (size_t i = 0; i < n; i++) {
        most = RIV__MAX(most, in[i].n);
        if (in[i].hashed && in[i].n > 0 && (best < 0 || in[i].n > in[best].n))
            best = (int)i;
    }
    if (best < 0)
        return -1;
    const uint64_t has = in[best].n; /* log10(most) - log10(has) < 1 */
    return most < 10 * has || (wanted ? wanted : most) <= has ? best : -1;
}

uint32_t riv__default_partitions(const struct riv_partitioner *in, size_t n,
                                 uint32_t wanted)
{
    const int taken = riv__partitioner_taken(in, n, wanted);
    uint32_t most = 0;
    if (taken >= 0)
        return in[taken].n;
    for (size_t i = 0; i < n; i++)
        most = RIV__MAX(most, in[i].n);
    return wanted ? wanted : most;
}

/* What an operator makes of the partitioner of its first input. */
enum fate {
    KEEPS,  /* keys stay where they are */
    COUNTS, /* as many partitions, of other keys */
    FOLDS,  /* an exchange by key: pairs of the same keys come out */
    GROUPS, /* an exchange by key or record: anything comes out */
    LEFT,   /* an exchange as GROUPS, into partitions as the left has */
    MOVES   /* an exchange that takes nothing over */
};

static const struct {
    const struct riv_kind *kind;
    enum fate fate;
} fates[] = {
    { &riv__kind_filter, KEEPS },
    { &riv__kind_map_values, KEEPS },
    { &riv__kind_flat_map_values, KEEPS },
    { &riv__kind_filter_by_range, KEEPS },
    { &riv__kind_sample, KEEPS },
    { &riv__kind_sample_again, KEEPS },
    { &riv__kind_random_split, KEEPS },
    { &riv__kind_sample_by_key, KEEPS },
    { &riv__kind_persist, KEEPS },
    { &riv__kind_checkpoint, KEEPS },
    { &riv__kind_local_checkpoint, KEEPS },
    { &riv__kind_remember, KEEPS },
    { &riv__kind_map, COUNTS },
    { &riv__kind_flat_map, COUNTS },
    { &riv__kind_map_partitions, COUNTS },
    { &riv__kind_decode, COUNTS },
    { &riv__kind_keys, COUNTS },
    { &riv__kind_values, COUNTS },
    { &riv__kind_key_by, COUNTS },
    { &riv__kind_glom, COUNTS },
    { &riv__kind_zip, COUNTS },
    { &riv__kind_zip_with_index, COUNTS },
    { &riv__kind_zip_with_unique_id, COUNTS },
    { &riv__kind_reduce_by_key, FOLDS },
    { &riv__kind_aggregate_by_key, FOLDS },
    { &riv__kind_fold_by_key, FOLDS },
    { &riv__kind_combine_by_key, FOLDS },
    { &riv__kind_group_by_key, GROUPS },
    { &riv__kind_cogroup, GROUPS },
    { &riv__kind_join, GROUPS },
    { &riv__kind_subtract, GROUPS },
    { &riv__kind_intersection, GROUPS },
    { &riv__kind_subtract_by_key, LEFT },
    { &riv__kind_partition_by, MOVES },
    { &riv__kind_part_sort, MOVES },
    { &riv__kind_part_range, MOVES },
    { &riv__kind_sort_by_key, MOVES },
};

/* False: the kind is in no table. */
static bool fate_of(const riv_ds *ds, enum fate *fate)
{
    for (size_t i = 0; i < RIV__LEN(fates); i++) {
        if (fates[i].kind == ds->kind) {
            *fate = fates[i].fate;
            return true;
        }
    }
    return false;
}

static bool exchanges(enum fate fate)
{
    return fate != KEEPS && fate != COUNTS;
}

static uint32_t asked_of(const riv_ds *ds)
{
    return ds->partitions > 0 ? (uint32_t)ds->partitions : 0;
}

/* partition_by and its sorted form: by the hash of the key, or by a function of
 * the program's, which nothing is known of. */
static struct riv_partitioner placed(const riv_ds *ds, uint32_t wanted)
{
    const struct riv_sort_param *param = ds->param;
    const uint32_t asked = asked_of(ds) ? asked_of(ds) : wanted;
    return (struct riv_partitioner){ .n = asked ? asked : RIV__PARTITIONS_AUTO,
                                     .hashed = param && !param->part };
}

/* An exchange by key: what it is told, or what it takes over, else the
 * setting, else by size. */
static struct riv_partitioner exchanged(const riv_ds *ds, enum fate fate,
                                        const struct riv_partitioner *of,
                                        uint32_t wanted)
{
    struct riv_partitioner in[4] = { { 0, false } };
    const size_t n =
        fate == LEFT ? 1 : RIV__MIN((size_t)ds->nparent, RIV__LEN(in));
    const bool pairs = fate == FOLDS || fate == LEFT;
    for (size_t i = 0; i < n; i++)
        in[i] = of[ds->parent[i]->id];
    const int taken = riv__partitioner_taken(in, n, wanted);
    uint32_t parts = asked_of(ds);
    if (parts == 0)
        parts = taken >= 0 ? in[taken].n : wanted;
    return (struct riv_partitioner){ .n = parts, .hashed = pairs && parts > 0 };
}

static struct riv_partitioner summed(const riv_ds *ds,
                                     const struct riv_partitioner *of)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < ds->nparent; i++) {
        if (of[ds->parent[i]->id].n == 0)
            return (struct riv_partitioner){ 0, false };
        n += of[ds->parent[i]->id].n;
    }
    return (struct riv_partitioner){ (uint32_t)RIV__MIN(n, UINT32_MAX), false };
}

struct riv_partitioner riv__partitioner_of(const riv_ds *ds,
                                           const struct riv_partitioner *of,
                                           uint32_t wanted)
{
    enum fate fate;
    if (ds->kind == &riv__kind_partition_by || ds->kind == &riv__kind_part_sort)
        return placed(ds, wanted);
    if (ds->kind == &riv__kind_union)
        return summed(ds, of);
    if (ds->nparent == 0 || !fate_of(ds, &fate))
        return (struct riv_partitioner){ asked_of(ds), false };
    if (fate == MOVES)
        return (struct riv_partitioner){ asked_of(ds), false };
    if (exchanges(fate))
        return exchanged(ds, fate, of, wanted);
    struct riv_partitioner in = of[ds->parent[0]->id];
    in.hashed = in.hashed && fate == KEEPS;
    return in;
}

uint32_t riv__partitions_asked(const riv_ds *ds,
                               const struct riv_partitioner *of,
                               uint32_t wanted)
{
    enum fate fate;
    if (fate_of(ds, &fate) && exchanges(fate) && fate != MOVES)
        return exchanged(ds, fate, of, wanted).n;
    return asked_of(ds) ? asked_of(ds) : wanted;
}

/* riv_partition_by into a number of partitions that the program gave. */
static bool is_partitioning(const riv_ds *ds)
{
    const struct riv_sort_param *param = ds->param;
    return ds->kind == &riv__kind_partition_by && param && !param->part &&
           ds->partitions > 0;
}

/* Takes the partitions of its inputs, when it can be said which: of the only
 * input, of the left where that decides, or the same number of all. */
static bool partitions_take(riv_ds *ds, enum fate fate)
{
    if (ds->partitions > 0 || fate == MOVES)
        return ds->partitions > 0;
    for (uint32_t i = 0; i < ds->nparent; i++) {
        const riv_ds *in = ds->parent[i];
        if (!is_partitioning(in) || in->partitions != ds->parent[0]->partitions)
            return false;
        if (fate == LEFT)
            break;
    }
    ds->partitions = ds->parent[0]->partitions;
    return true;
}

void riv__partitioning_skip(riv_ds *ds)
{
    enum fate fate;
    if (!fate_of(ds, &fate) || !exchanges(fate) || ds->nparent == 0 ||
        !partitions_take(ds, fate))
        return;
    for (uint32_t i = 0; i < ds->nparent; i++)
        if (is_partitioning(ds->parent[i]))
            ds->parent[i] = ds->parent[i]->parent[0];
}

bool riv__is_partitioned(const riv_ds *in, int partitions)
{
    enum { STEPS_MAX = 64 }; /* that are looked through */
    enum fate fate;
    for (int i = 0; i < STEPS_MAX && partitions > 0; i++) {
        if (is_partitioning(in))
            return in->partitions == partitions;
        if (!fate_of(in, &fate))
            return false;
        if (fate == FOLDS || fate == LEFT)
            return in->partitions == partitions;
        if (fate != KEEPS || in->nparent == 0)
            return false;
        in = in->parent[0];
    }
    return false;
}
