/* stream/slots.h - what is kept for the keys of one partition over many
 * batches: a table of keys to slots, and the strings of their values. The first
 * word of a value is its life: 0 says that the key is not there, though its
 * slot is; what else it means, and the bytes behind it, are the owner's. A key
 * that comes back finds its slot. When more slots are dead than alive, or more
 * string bytes than not, the partition is built anew: a constant cost for each
 * that died, and memory stays within a factor. One thread at a time. */
#ifndef RIV_STREAM_SLOTS_H
#define RIV_STREAM_SLOTS_H

#include "data/table.h"

struct riv_slots {
    struct riv_table tab; /* value: the life, an int64_t, then the owner's */
    struct riv_arena strings; /* what values point to */
    size_t string_bytes;      /* handed out of it */
    size_t string_live;       /* of those, what lived when it was built anew */
    uint32_t live;            /* slots with a life; kept by the owner */
    uint32_t builds; /* how often it was built anew: slots before are others */
};

/* A record within the value, for its strings. */
struct riv_slot_field {
    const struct riv_layout *layout;
    uint32_t offset; /* in the table's value */
};

int riv__slots_init(struct riv_slots *slots, const struct riv_layout *key,
                    uint32_t val_bytes, struct riv_err *err) RIV__MUST_USE;
void riv__slots_fini(struct riv_slots *slots);

static inline int64_t *riv__slots_life(const struct riv_slots *slots,
                                       uint32_t slot)
{
    return riv__table_val(&slots->tab, slot);
}

/* The strings of the record `now` that were not in `was` (NULL: none were) are
 * copied, and `now` points to the copies. 0 or RIV_ENOMEM. */
int riv__slots_adopt(struct riv_slots *slots, const struct riv_layout *layout,
                     void *now, const void *was) RIV__MUST_USE;

/* Are more than `patience` times as many slots, or string bytes, dead as alive?
 * With several partitions not all should do it in the same batch: let each be
 * patient (3) but in its turn (1). */
bool riv__slots_wants_build(const struct riv_slots *slots, uint32_t patience);

/* Builds the partition anew from its living slots, in their order. The owner
 * finds the new slot of an old one in (*ret_map)[old], UINT32_MAX for the dead,
 * and frees the map; ret_map may be NULL. */
int riv__slots_build(struct riv_slots *slots,
                     const struct riv_slot_field *field, uint32_t nfield,
                     uint32_t **ret_map, struct riv_err *err) RIV__MUST_USE;

#endif
