/* exec/cache.h - persisted partitions: as rows, encoded, or in a file, by the
 * level that was asked for. What does not fit under cache.memory is written out,
 * where the level has a disk, after the wave that computed it; the rest is
 * dropped when the job has ended, least recently used first, and computed again
 * from its parents when it is needed, and only that. @thread driver, where
 * nothing else is said. */
#ifndef RIV_EXEC_CACHE_H
#define RIV_EXEC_CACHE_H

#include "data/rows.h"
#include "exec/chain.h"

enum riv_cached {
    RIV__CACHED_NOT,
    RIV__CACHED_ROWS,
    RIV__CACHED_BYTES,
    RIV__CACHED_FILE
};

struct riv_cache_part {
    uint64_t id; /* branch and number: riv__cache_id */
    enum riv_cached form;
    struct riv_rows rows;
    char *bytes;     /* encoded */
    size_t n;        /* rows */
    uint64_t length; /* bytes of the encoded form */
    uint64_t hash;   /* XXH3 of them */
    uint64_t used;   /* when it was last read */
    bool stays;      /* in memory: there was no room on disk */
    int fd;          /* of a file without a name */
};

struct riv_cache {
    struct riv_keep keep; /* must stay first */
    struct riv_exec *exec;
    const struct riv_ds *ds;
    int level;  /* RIV_MEMORY ... */
    bool known; /* how many partitions there are */
    bool going; /* unpersisted in the middle of a job: forgotten at its end */
    size_t nparts, cap;
    size_t nsorted;              /* of them; the rest came in this job */
    struct riv_cache_part *part; /* in the order of their ids */
    struct riv_cache *next;      /* of exec->caches */
    uint64_t computed;           /* partitions put so far; for tests */
};

/* The cache of a persist node, made at first use. */
int riv__cache_of(struct riv_exec *exec, const riv_ds *ds,
                  struct riv_cache **ret, struct riv_err *err) RIV__MUST_USE;

/* Everything is there: the parents need not run. */
bool riv__cache_ready(const struct riv_cache *cache);
bool riv__cache_has(const struct riv_cache *cache, uint64_t id);

/* Names a partition: ids ascend in the order of the dataset. */
static inline uint64_t riv__cache_id(uint32_t branch, uint32_t partition)
{
    return (uint64_t)branch << 32 | partition;
}

/* Takes the rows of a partition (they are empty afterwards). */
int riv__cache_put(struct riv_cache *cache, uint64_t id, struct riv_rows *rows,
                   struct riv_err *err) RIV__MUST_USE;
/* Brings what was put into order: when a job begins (an earlier one may have
 * failed on the way), and when all partitions are there. */
void riv__cache_order(struct riv_cache *cache);

/* Pushes partition k in the order of ids. A damaged or lost one is dropped, and
 * RIV__ELOST says so before any row was pushed. @thread worker */
int riv__cache_scan(struct riv_cache *cache, size_t k, struct riv_chain *chain);

void riv__cache_drop(struct riv_cache *cache, size_t k);
/* In the middle of a job, after a wave: what has a disk to go to goes there, down
 * to the limit. Nothing is dropped: this job may want to read it. */
void riv__cache_spill(struct riv_exec *exec);
/* After a job: what was unpersisted goes, the rest down to the limit. */
void riv__cache_trim(struct riv_exec *exec);

#endif
