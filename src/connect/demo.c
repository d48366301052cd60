/* connect/demo.c - what all made-up data has in common: the start from a seed.
 * The generators are demo_words.c, demo_access.c, demo_cards.c. */
#include "connect/demo.h"

void riv__demo_start(struct riv_demo *demo, const struct riv_demo_kind *kind,
                     uint64_t seed, uint64_t rate)
{
    *demo = (struct riv_demo){ .rate = rate,
                               .seed = riv__demo_mix(seed),
                               .random = seed };
    kind->start(demo);
}
