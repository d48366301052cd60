/* stream/slots.c - keys that come and go. Dead slots stay in the table until
 * half of it is dead: no tombstones slow the probing down, and what is scanned
 * stays dense. */
#include "stream/slots.h"

#include <stdlib.h>
#include <string.h>

#include "data/frame.h"

enum {
    DEAD_MIN = 1024,          /* slots that are never worth the work */
    GARBAGE_MIN = 256 * 1024, /* the same for bytes */
    STRINGS_FIRST_BYTES = 4096,
};

int riv__slots_init(struct riv_slots *slots, const struct riv_layout *key,
                    uint32_t val_bytes, struct riv_err *err)
{
    *slots = (struct riv_slots){ .live = 0 };
    riv__arena_init(&slots->strings, STRINGS_FIRST_BYTES);
    return riv__table_init(&slots->tab, key, val_bytes, err);
}

void riv__slots_fini(struct riv_slots *slots)
{
    riv__table_fini(&slots->tab);
    riv__arena_fini(&slots->strings);
    *slots = (struct riv_slots){ .live = 0 };
}

int riv__slots_adopt(struct riv_slots *slots, const struct riv_layout *layout,
                     void *now, const void *was)
{
    for (uint32_t i = 0; i < layout->nstr; i++) {
        const uint32_t at = layout->str_offset[i];
        char *field = (char *)now + at;
        riv_str s = RIV__LOAD(riv_str, field);
        riv_str old = { NULL, 0 };
        if (was)
            old = RIV__LOAD(riv_str, (const char *)was + at);
        if (s.n == 0 || (s.p == old.p && s.n <= old.n))
            continue;
        char *copy = riv__arena_bytes(&slots->strings, s.n);
        if (!copy)
            return RIV_ENOMEM;
        slots->string_bytes += s.n;
        s.p = memcpy(copy, s.p, s.n);
        memcpy(field, &s, sizeof s);
    }
    return 0;
}

bool riv__slots_wants_build(const struct riv_slots *slots, uint32_t patience)
{
    const size_t dead = slots->tab.nslot - slots->live;
    const size_t garbage = slots->string_bytes - slots->string_live;
    return dead > (size_t)patience * slots->live + DEAD_MIN ||
           garbage > patience * slots->string_live + GARBAGE_MIN;
}

/* The next living slots from *from on, at most RIV__CHUNK_ROWS. */
static uint32_t pick_living(const struct riv_slots *slots, uint32_t *from,
                            uint32_t *pick)
{
    uint32_t n = 0, slot = *from;
    for (; slot < slots->tab.nslot && n < RIV__CHUNK_ROWS; slot++) {
        pick[n] = slot;
        n += *riv__slots_life(slots, slot) != 0;
    }
    *from = slot;
    return n;
}

static int build_chunk(struct riv_slots *to, const struct riv_slots *from,
                       const uint32_t *pick, uint32_t n,
                       const struct riv_slot_field *field, uint32_t nfield,
                       uint32_t *map)
{
    uint32_t slot[RIV__CHUNK_ROWS];
    RIV__TRY(riv__table_absorb(&to->tab, &from->tab, pick, n, slot));
    for (uint32_t i = 0; i < n; i++) {
        char *val = riv__table_val(&to->tab, slot[i]);
        memcpy(val, riv__table_val(&from->tab, pick[i]), to->tab.val_bytes);
        for (uint32_t k = 0; k < nfield; k++)
            RIV__TRY(riv__slots_adopt(to, field[k].layout,
                                      val + field[k].offset, NULL));
        if (map)
            map[pick[i]] = slot[i];
    }
    to->live += n;
    return 0;
}

static int build_all(struct riv_slots *to, const struct riv_slots *from,
                     const struct riv_slot_field *field, uint32_t nfield,
                     uint32_t *map)
{
    uint32_t pick[RIV__CHUNK_ROWS], n;
    for (uint32_t at = 0; (n = pick_living(from, &at, pick)) > 0;)
        RIV__TRY(build_chunk(to, from, pick, n, field, nfield, map));
    return 0;
}

int riv__slots_build(struct riv_slots *slots,
                     const struct riv_slot_field *field, uint32_t nfield,
                     uint32_t **ret_map, struct riv_err *err)
{
    struct riv_slots to;
    uint32_t *map = NULL;
    const size_t map_bytes = ((size_t)slots->tab.nslot + 1) * sizeof *map;
    RIV__TRY(riv__slots_init(&to, slots->tab.key, slots->tab.val_bytes, err));
    if (ret_map)
        map = malloc(map_bytes);
    int rc = ret_map && !map ? RIV_ENOMEM : 0;
    if (map)
        memset(map, 0xff, map_bytes);
    if (rc == 0)
        rc = build_all(&to, slots, field, nfield, map);
    if (rc < 0) {
        riv__slots_fini(&to);
        free(map);
        return riv__err_set(err, rc, "no memory to tidy keys up");
    }
    to.string_live = to.string_bytes;
    to.builds = slots->builds + 1;
    riv__slots_fini(slots);
    *slots = to;
    if (ret_map)
        *ret_map = map;
    return 0;
}
