/* draw.h - random numbers of the bench programs: one fixed sequence per seed on
 * every machine, and draws from a zipf law by Walker's alias table ("An
 * Efficient Method for Generating Discrete Random Variables", ACM TOMS 1977):
 * one read per draw. */
#ifndef BENCH_DRAW_H
#define BENCH_DRAW_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct draw {
    uint64_t state;
};

static inline uint64_t draw_u64(struct draw *d)
{
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to n - 1. */
static inline uint32_t draw_below(struct draw *d, uint32_t n)
{
    return (uint32_t)(((draw_u64(d) >> 32) * n) >> 32);
}

struct alias_cell {
    uint32_t keep; /* of 2^32: how often the own rank, else `other` */
    uint32_t other;
};

struct zipf {
    struct alias_cell *cell;
    uint32_t n;
};

static inline void *draw_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        fprintf(stderr, "no memory for %zu * %zu bytes\n", n, size);
        exit(71);
    }
    return p;
}

/* Moves the surplus of common ranks into the cells of rare ones; both lists
 * share `list`, rare ones from its front, common ones from its back. */
static inline void zipf_fill(struct zipf *z, double *weight, uint32_t *list)
{
    uint32_t nrare = 0, common = z->n;
    for (uint32_t i = 0; i < z->n; i++) {
        z->cell[i] = (struct alias_cell){ UINT32_MAX, i };
        list[weight[i] < 1 ? nrare++ : --common] = i;
    }
    while (nrare > 0 && common < z->n) {
        uint32_t rare = list[--nrare], rich = list[common];
        z->cell[rare].keep = (uint32_t)(weight[rare] * 4294967295.0);
        z->cell[rare].other = rich;
        weight[rich] -= 1 - weight[rare];
        if (weight[rich] < 1) {
            common++;
            list[nrare++] = rich;
        }
    }
}

/* Ranks 0 to n - 1 with weights 1 / (rank + 1)^s; s = 0 is uniform. */
static inline struct zipf zipf_new(uint32_t n, double s)
{
    struct zipf z = { draw_alloc(n, sizeof *z.cell), n };
    double *weight = draw_alloc(n, sizeof *weight), sum = 0;
    uint32_t *list = draw_alloc(n, sizeof *list);
    for (uint32_t i = 0; i < n; i++)
        sum += weight[i] = pow(i + 1.0, -s);
    for (uint32_t i = 0; i < n; i++)
        weight[i] *= n / sum;
    zipf_fill(&z, weight, list);
    free(weight);
    free(list);
    return z;
}

enum { DRAWS = 64 };

/* DRAWS ranks at once, so that their reads overlap; without a jump on `keep`,
 * which nobody can predict. */
static inline void zipf_draws(const struct zipf *z, struct draw *d,
                              uint32_t *rank)
{
    uint64_t u[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
        u[i] = draw_u64(d);
        rank[i] = (uint32_t)(((u[i] >> 32) * z->n) >> 32);
        __builtin_prefetch(&z->cell[rank[i]]);
    }
    for (int i = 0; i < DRAWS; i++) {
        const struct alias_cell *cell = &z->cell[rank[i]];
        uint32_t own = 0u - (uint32_t)((uint32_t)u[i] <= cell->keep);
        rank[i] = (rank[i] & own) | (cell->other & ~own);
    }
}

/* Ranks one by one out of groups of draws. */
struct ranks {
    struct zipf zipf;
    struct draw *draw;
    uint32_t next, rank[DRAWS];
};

static inline struct ranks ranks_new(struct draw *d, uint32_t n, double s)
{
    return (struct ranks){ .zipf = zipf_new(n, s), .draw = d, .next = DRAWS };
}

static inline uint32_t ranks_next(struct ranks *r)
{
    if (r->next == DRAWS) {
        zipf_draws(&r->zipf, r->draw, r->rank);
        r->next = 0;
    }
    return r->rank[r->next++];
}

#endif
