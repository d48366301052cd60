/* data/tally_places.h - the memory in which the entries of one kind lie, and how
 * it grows: in place, since memory that is touched for the first time costs more
 * than all else that a growth does. Only the tally*.c files use it. */
#ifndef RIV_DATA_TALLY_PLACES_H
#define RIV_DATA_TALLY_PLACES_H

#include "data/tally_key.h"

static inline bool riv__entry_is_free(const char *entry, bool wide)
{
    if (!wide)
        return riv__load8(entry) == 0;
    return RIV__LOAD(uint32_t, entry + offsetof(struct riv_wide_key, n)) == 0;
}

/* Room for `keys` keys of a kind in all. Entries may move; so `order` of the
 * tally is written anew. 0, or RIV_ENOMEM and nothing has changed. */
int riv__places_grow(struct riv_tally *tab, struct riv_places *p, uint32_t keys)
    RIV__MUST_USE;

/* Empty again, with places for the next filling, of which the last ones tell;
 * what is far more than that goes back to the system. */
void riv__places_reset(const struct riv_tally *tab, struct riv_places *p);
void riv__places_fini(struct riv_places *p);

#endif
