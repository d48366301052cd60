/* data/sketch.h - figures of many values in little memory, which merge: moments
 * (count, sum, mean, variance, least, greatest) and the number of distinct
 * hashes. Actions fold into them; one thread at a time. */
#ifndef RIV_DATA_SKETCH_H
#define RIV_DATA_SKETCH_H

#include "base/err.h"

/* Welford's way for one value, Chan's for two sets: "Updating Formulae and a
 * Pairwise Algorithm for Computing Sample Variances", COMPSTAT 1982. */
struct riv_moments {
    uint64_t n;
    double sum, mean, m2; /* m2: sum of squared distances from the mean */
    double least, greatest;
};

void riv__moments_init(struct riv_moments *m);
void riv__moments_add(struct riv_moments *m, double v);
void riv__moments_merge(struct riv_moments *m, const struct riv_moments *from);

/* HyperLogLog over 64-bit hashes, with the estimator of Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches", 2017: no tables, no seam
 * between small and large numbers. Relative error: 1.04 / sqrt(2^bits). */
enum { RIV__DISTINCT_BITS_MIN = 4, RIV__DISTINCT_BITS_MAX = 24 };

struct riv_distinct {
    unsigned bits;
    uint8_t *reg; /* 2^bits */
};

int riv__distinct_init(struct riv_distinct *d, unsigned bits) RIV__MUST_USE;
void riv__distinct_fini(struct riv_distinct *d);
void riv__distinct_reset(struct riv_distinct *d);
void riv__distinct_add(struct riv_distinct *d, uint64_t hash);
void riv__distinct_merge(struct riv_distinct *d,
                         const struct riv_distinct *from);
double riv__distinct_estimate(const struct riv_distinct *d);

#endif
