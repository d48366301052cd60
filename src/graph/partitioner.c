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

static bool takes_over(const riv_ds *ds)
{
    return ds->kind->parts == RIV__PARTS_FOLDED ||
           ds->kind->parts == RIV__PARTS_GROUPED ||
           ds->kind->parts == RIV__PARTS_LEFT;
}

/* Do pairs of the keys of the input come out, each where its key belongs? */
static bool gives_pairs(const riv_ds *ds)
{
    return ds->kind->parts == RIV__PARTS_FOLDED ||
           ds->kind->parts == RIV__PARTS_LEFT;
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
static struct riv_partitioner exchanged(const riv_ds *ds,
                                        const struct riv_partitioner *of,
                                        uint32_t wanted)
{
    struct riv_partitioner in[4] = { { 0, false } };
    const size_t n = ds->kind->parts == RIV__PARTS_LEFT
                         ? 1
                         : RIV__MIN((size_t)ds->nparent, RIV__LEN(in));
    for (size_t i = 0; i < n; i++)
        in[i] = of[ds->parent[i]->id];
    const int taken = riv__partitioner_taken(in, n, wanted);
    uint32_t parts = asked_of(ds);
    if (parts == 0)
        parts = taken >= 0 ? in[taken].n : wanted;
    return (struct riv_partitioner){ .n = parts,
                                     .hashed = gives_pairs(ds) && parts > 0 };
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
    const enum riv_parts_fate parts = ds->kind->parts;
    if (parts == RIV__PARTS_PLACED)
        return placed(ds, wanted);
    if (parts == RIV__PARTS_SUMMED)
        return summed(ds, of);
    if (ds->nparent > 0 && takes_over(ds))
        return exchanged(ds, of, wanted);
    if (ds->nparent == 0 ||
        (parts != RIV__PARTS_KEPT && parts != RIV__PARTS_COUNTED))
        return (struct riv_partitioner){ asked_of(ds), false };
    struct riv_partitioner in = of[ds->parent[0]->id];
    in.hashed = in.hashed && parts == RIV__PARTS_KEPT;
    return in;
}

uint32_t riv__partitions_asked(const riv_ds *ds,
                               const struct riv_partitioner *of,
                               uint32_t wanted)
{
    if (takes_over(ds))
        return exchanged(ds, of, wanted).n;
    return asked_of(ds) ? asked_of(ds) : wanted;
}

/* riv_partition_by into a number of partitions that the program gave. */
static bool is_partitioning(const riv_ds *ds)
{
    const struct riv_sort_param *param = ds->param;
    return ds->kind->parts == RIV__PARTS_PLACED && param && !param->sorted &&
           !param->part && ds->partitions > 0;
}

/* Takes the partitions of its inputs, when it can be said which: of the only
 * input, of the left where that decides, or the same number of all. */
static bool partitions_take(riv_ds *ds)
{
    if (ds->partitions > 0 || !takes_over(ds))
        return ds->partitions > 0;
    for (uint32_t i = 0; i < ds->nparent; i++) {
        const riv_ds *in = ds->parent[i];
        if (!is_partitioning(in) || in->partitions != ds->parent[0]->partitions)
            return false;
        if (ds->kind->parts == RIV__PARTS_LEFT)
            break;
    }
    ds->partitions = ds->parent[0]->partitions;
    return true;
}

static bool exchanges(const riv_ds *ds)
{
    return takes_over(ds) || ds->kind->parts == RIV__PARTS_PLACED ||
           ds->kind->parts == RIV__PARTS_MOVED;
}

void riv__partitioning_skip(riv_ds *ds)
{
    if (!exchanges(ds) || ds->nparent == 0 || !partitions_take(ds))
        return;
    for (uint32_t i = 0; i < ds->nparent; i++)
        if (is_partitioning(ds->parent[i]))
            ds->parent[i] = ds->parent[i]->parent[0];
}

bool riv__is_partitioned(const riv_ds *in, int partitions)
{
    enum { STEPS_MAX = 64 }; /* that are looked through */
    for (int i = 0; i < STEPS_MAX && partitions > 0; i++) {
        if (is_partitioning(in))
            return in->partitions == partitions;
        if (gives_pairs(in))
            return in->partitions == partitions;
        if (in->kind->parts != RIV__PARTS_KEPT || in->nparent == 0)
            return false;
        in = in->parent[0];
    }
    return false;
}
