/* graph/partitioner.h - how datasets are partitioned, as far as the program has
 * said so: by .partitions, riv_partition_by and their like. Spark's rules for the
 * partitions of a result. Pure functions; exec/plan.c asks them once. */
#ifndef RIV_GRAPH_PARTITIONER_H
#define RIV_GRAPH_PARTITIONER_H

#include "graph/graph.h"

/* Of an exchange, of windows and of state, when nobody says. Measured:
 * bench/README.md. Not the number of threads: results must not depend on that. */
enum { RIV__PARTITIONS_AUTO = 16 };

struct riv_partitioner {
    uint32_t n;  /* partitions; 0: by the size of the data */
    bool hashed; /* each pair in the one that the hash of its key gives */
};

/* The input whose partitioner an exchange takes over when it is not told one,
 * -1: none. It is the one with the most partitions, unless the largest input
 * has ten times as many and `wanted` (the setting; 0: the most partitions of an
 * input) is larger, too. What is cut by size is left out. Spark's
 * defaultPartitioner. */
int riv__partitioner_taken(const struct riv_partitioner *in, size_t n,
                           uint32_t wanted);

/* How many partitions Spark gives such an exchange: those of the partitioner,
 * else `wanted`, else as many as the largest input has. */
uint32_t riv__default_partitions(const struct riv_partitioner *in, size_t n,
                                 uint32_t wanted);

/* The partitioner of a node; `of` has those of the nodes before it, by id. */
struct riv_partitioner riv__partitioner_of(const riv_ds *ds,
                                           const struct riv_partitioner *of,
                                           uint32_t wanted);

/* The partitions of the result of an exchange: what it is told, or takes over;
 * else `wanted`. 0: by size. */
uint32_t riv__partitions_asked(const riv_ds *ds,
                               const struct riv_partitioner *of,
                               uint32_t wanted);

/* A new exchange by key right below riv_partition_by, whose rows it would move
 * once more, reads what that one reads, and takes its number of partitions. */
void riv__partitioning_skip(riv_ds *ds);

/* Are the pairs of `in` in `partitions` by the hash of their keys already? */
bool riv__is_partitioned(const riv_ds *in, int partitions);

#endif
