/* data/sketch.c - moments and HyperLogLog: what actions fold many values into.
 * No system, no randomness; the same values give the same figures. */
#include "data/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void riv__moments_init(struct riv_moments *m)
{
    *m = (struct riv_moments){ .least = HUGE_VAL, .greatest = -HUGE_VAL };
}

/* NaN is the greatest number, as in the order of rows; and it spoils the least,
 * as in Spark. */
static double least_of(double a, double b)
{
    return isnan(a) || a < b ? a : b;
}

static double greatest_of(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

void riv__moments_add(struct riv_moments *m, double v)
{
    double delta = v - m->mean;
    m->n++;
    m->sum += v;
    m->mean += delta / (double)m->n;
    m->m2 += delta * (v - m->mean);
    m->least = least_of(m->least, v);
    m->greatest = greatest_of(m->greatest, v);
}

void riv__moments_merge(struct riv_moments *m, const struct riv_moments *from)
{
    if (from->n == 0)
        return;
    if (m->n == 0) {
        *m = *from;
        return;
    }
    double na = (double)m->n, nb = (double)from->n;
    double delta = from->mean - m->mean;
    m->n += from->n;
    m->sum += from->sum;
    m->mean += delta * nb / (na + nb);
    m->m2 += from->m2 + delta * delta * na * nb / (na + nb);
    m->least = least_of(m->least, from->least);
    m->greatest = greatest_of(m->greatest, from->greatest);
}

/* ------------------------------------------------------------ distinct */

int riv__distinct_init(struct riv_distinct *d, unsigned bits)
{
    RIV__ASSERT(bits >= RIV__DISTINCT_BITS_MIN &&
                bits <= RIV__DISTINCT_BITS_MAX);
    *d = (struct riv_distinct){ .bits = bits };
    d->reg = calloc((size_t)1 << bits, 1);
    return d->reg ? 0 : RIV_ENOMEM;
}

void riv__distinct_fini(struct riv_distinct *d)
{
    free(d->reg);
    *d = (struct riv_distinct){ 0 };
}

void riv__distinct_reset(struct riv_distinct *d)
{
    memset(d->reg, 0, (size_t)1 << d->bits);
}

/* The high bits choose the register, the position of the first one among the
 * others is its value: 1 to 65 - bits. */
void riv__distinct_add(struct riv_distinct *d, uint64_t hash)
{
    uint64_t rest = hash << d->bits | (uint64_t)1 << (d->bits - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *reg = &d->reg[hash >> (64 - d->bits)];
    *reg = RIV__MAX(*reg, rank);
}

void riv__distinct_merge(struct riv_distinct *d,
                         const struct riv_distinct *from)
{
    for (size_t i = 0; i < (size_t)1 << d->bits; i++)
        d->reg[i] = RIV__MAX(d->reg[i], from->reg[i]);
}

/* Registers that are still empty, and those that are full: the two series of
 * the paper. Both converge fast; x is in [0, 1]. */
static double sigma(double x)
{
    double y = 1, z = x, was;
    if (x >= 1)
        return HUGE_VAL;
    do {
        x *= x;
        was = z;
        z += x * y;
        y += y;
    } while (z > was);
    return z;
}

static double tau(double x)
{
    double y = 1, z = 1 - x, was;
    if (x <= 0 || x >= 1)
        return 0;
    do {
        x = sqrt(x);
        was = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z < was);
    return z / 3;
}

double riv__distinct_estimate(const struct riv_distinct *d)
{
    const unsigned q = 64 - d->bits;
    const double m = (double)((size_t)1 << d->bits);
    double count[66] = { 0 };
    for (size_t i = 0; i < (size_t)1 << d->bits; i++)
        count[d->reg[i]] += 1;
    double z = m * tau(1 - count[q + 1] / m);
    for (unsigned k = q; k >= 1; k--)
        z = 0.5 * (z + count[k]);
    z += m * sigma(count[0] / m);
    return m / (2 * 0.6931471805599453) * m / z;
}
