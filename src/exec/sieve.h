/* exec/sieve.h - a batch that has killed the process that works is run again
 * with a part of its lines, one at a time, so that a supervisor finds those that
 * do it (rivulet/watch.h, riv_trial). A line is named by its place among all
 * bytes of the batch, which are the same in every run: what a batch contains is
 * written down before. Lines that were found are left out, as poison.policy
 * says. Lines only: rows that sources make, or that were pushed, pass. */
#ifndef RIV_EXEC_SIEVE_H
#define RIV_EXEC_SIEVE_H

#include <stdatomic.h>

#include <rivulet/watch.h>

#include "io/range.h"

struct riv_chain;

enum {
    RIV__SKIPS_MAX = RIV_SKIPS_MAX,
    RIV__SKIP_WHY = 240,
    RIV__SKIP_WHERE = 160
};

struct riv_sieve_skip {
    uint64_t place;
    char why[RIV__SKIP_WHY];
    /* by the process that works, when it has left the line out */
    char where[RIV__SKIP_WHERE];
};

/* In the memory that both share; written before the start. */
struct riv_sieve {
    int64_t batch; /* 0: none */
    int64_t fixes; /* batches up to this are written down before they run */
    uint64_t from, until;
    bool probes; /* nothing of it is committed */
    uint32_t nskip;
    struct riv_sieve_skip skip[RIV__SKIPS_MAX];
    /* by the process that works; places + 1, 0: none */
    atomic_bool applied, passed;
    _Atomic uint64_t below;     /* greatest of the lines in front of `from` */
    _Atomic uint64_t low, high; /* of those that were pushed */
    _Atomic uint64_t above;     /* least of the lines from `until` on */
};

/* The batch is about to run on this cut: gives its ranges their places. */
void riv__sieve_begin(struct riv_sieve *sieve, struct riv_cut *cut);
/* Pushes those of n lines that are let through, of chain->lines. chain->rc. */
int riv__sieve_push(struct riv_chain *chain, const riv_str *lines, size_t n);

#endif
