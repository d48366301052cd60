/* stream/state_update.c - the function of an update runs over all states of a
 * partition: a call of slots at a time, in their order. In most batches most states
 * stay as they are and get no values, so what a key costs is what is to be done
 * for those: its row is written, and its entry is read and nothing else. The
 * groups stand ready; what differs from call to call is set, and values are
 * counted in the groups of the keys that have some. */
#include <string.h>

#include "data/key.h"
#include "exec/chain.h"
#include "stream/state.h"

/* The i-th group works on the i-th row, and has no values. */
static void aim(struct riv_state *state, const struct riv_state_updates *all,
                uint32_t n)
{
    char *row = all->row;
    for (uint32_t i = 0; i < n; i++, row += all->row_bytes)
        state->group[i] = (riv_group){ .key = row,
                                       .a = all->side,
                                       .state = row + all->state_offset };
}

/* Lends copies of the states of slots [at, at + n), whose keys are in the rows.
 * Returns how many have none. `bytes` is a constant where the compiler sees one. */
static inline __attribute__((always_inline)) uint32_t lend(
    struct riv_state *state, const struct riv_state_updates *all, uint32_t at,
    uint32_t n, size_t bytes)
{
    const size_t step = state->slots.tab.entry_bytes;
    const size_t ahead = RIV__STATE_GROUPS * step; /* those of the next call */
    const size_t row_bytes = all->row_bytes;
    const char *entry = riv__table_val(&state->slots.tab, at);
    char *to = all->row + all->state_offset;
    riv_group *group = state->group;
    uint32_t *slot = state->slot, none = 0;
    for (uint32_t i = 0; i < n; i++, entry += step, to += row_bytes) {
        const struct riv_state_head *head = (const void *)entry;
        __builtin_prefetch(entry + ahead);
        group[i].b = head + 1;
        group[i].flags = 0;
        slot[i] = at + i;
        memcpy(to, head + 1, bytes);
        if (RIV__LIKELY(head->touched != 0))
            continue;
        group[i].flags = RIV_STATE_NEW;
        memset(to, 0, bytes);
        none++;
    }
    return none;
}

static uint32_t lend_sized(struct riv_state *state,
                           const struct riv_state_updates *all, uint32_t at,
                           uint32_t n)
{
    switch (riv__state_bytes(state)) {
    case 8: return lend(state, all, at, n, 8);
    case 24: return lend(state, all, at, n, 24);
    default: return lend(state, all, at, n, riv__state_bytes(state));
    }
}

/* The values of a call. */
struct values {
    const struct riv_state_value *first, *end;
};

static struct values values_of(const struct riv_state_updates *all, uint32_t at)
{
    const uint32_t *start = all->start + at / RIV__STATE_GROUPS;
    return (struct values){ all->value + start[0], all->value + start[1] };
}

/* Values of a key side by side, in order of arrival: they are counted, then each
 * goes behind the nb of its key that are there already. */
static void values_give(struct riv_state *state,
                        const struct riv_state_updates *all, uint32_t at,
                        struct values values)
{
    const size_t bytes = all->val_bytes;
    riv_group *group = state->group;
    char *next = all->side;
    for (const struct riv_state_value *v = values.first; v < values.end; v++)
        group[v->slot - at].na++;
    for (const struct riv_state_value *v = values.first; v < values.end; v++) {
        riv_group *g = &group[v->slot - at];
        if (g->nb == 0) {
            g->a = next;
            next += g->na * bytes;
        }
        char *to = all->side + ((const char *)g->a - all->side);
        memcpy(to + g->nb++ * bytes, v->p, bytes);
    }
}

static void values_take(struct riv_state *state, uint32_t at,
                        struct values values)
{
    for (const struct riv_state_value *v = values.first; v < values.end; v++)
        state->group[v->slot - at].na = state->group[v->slot - at].nb = 0;
}

/* Slots with neither a state nor values get no group: others close up. */
static uint32_t close_up(struct riv_state *state,
                         const struct riv_state_updates *all, uint32_t n)
{
    riv_group *group = state->group;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (group[i].flags != 0 && group[i].na == 0)
            continue;
        if (k < i)
            memcpy(all->row + k * all->row_bytes, all->row + i * all->row_bytes,
                   all->row_bytes);
        group[k].a = group[i].a;
        group[k].na = group[i].na;
        group[k].b = group[i].b;
        group[k].flags = group[i].flags;
        state->slot[k++] = state->slot[i];
    }
    return k;
}

/* Strings that are others are so by pointer or length: nobody writes into them. */
static inline bool is_other(const void *was, const void *now, size_t bytes)
{
    if (bytes == 8) /* gcc 12 calls memcmp even then */
        return riv__load8(was) != riv__load8(now);
    return memcmp(was, now, bytes) != 0;
}

/* The groups whose states are to be stored, or to be looked at: which ones is new
 * in each batch, so there is no branch on it. */
static inline __attribute__((always_inline)) uint32_t pick(
    const struct riv_state *state, uint32_t n, size_t bytes, uint32_t *to)
{
    const riv_group *group = state->group;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++, group++) {
        to[k] = i;
        k += (group->flags != 0) | is_other(group->b, group->state, bytes);
    }
    return k;
}

static uint32_t pick_sized(const struct riv_state *state, uint32_t n,
                           uint32_t *to)
{
    switch (riv__state_bytes(state)) {
    case 8: return pick(state, n, 8, to);
    case 24: return pick(state, n, 24, to);
    default: return pick(state, n, riv__state_bytes(state), to);
    }
}

/* Takes over those that have changed: they come first. */
static int take_changed(struct riv_state *state, uint32_t n,
                        struct riv_chain *chain)
{
    uint32_t changed[RIV__STATE_GROUPS];
    const size_t bytes = riv__state_bytes(state);
    const uint32_t nchanged = pick_sized(state, n, changed);
    for (uint32_t k = 0; k < nchanged; k++) {
        const uint32_t i = changed[k];
        memcpy(state->copy + k * bytes, state->group[i].state, bytes);
        state->group[k].flags = state->group[i].flags;
        state->slot[k] = state->slot[i];
    }
    return riv__state_take(state, nchanged, chain);
}

/* A call for slots [at, at + n). */
static int call(struct riv_state *state, const struct riv_state_updates *all,
                uint32_t at, uint32_t n, struct riv_chain *chain)
{
    struct riv_err err = { 0 };
    const struct values values = values_of(all, at);
    uint32_t filled = n;
    if (riv__table_keys(&state->slots.tab, at, n, all->row, all->row_bytes,
                        &err) < 0)
        return riv__chain_fail(chain, err.code, "%s", err.text);
    const bool has_gaps = lend_sized(state, all, at, n) > 0;
    values_give(state, all, at, values);
    if (has_gaps)
        filled = close_up(state, all, n);
    if (filled > 0)
        RIV__TRY(riv__chain_push(chain, state->group, filled));
    RIV__TRY(take_changed(state, filled, chain));
    if (has_gaps)
        aim(state, all, n);
    else
        values_take(state, at, values);
    return 0;
}

int riv__state_update(struct riv_state *state,
                      const struct riv_state_updates *all,
                      struct riv_chain *chain)
{
    const uint32_t nslot = state->slots.tab.nslot;
    const uint32_t most = RIV__STATE_GROUPS;
    RIV__ASSERT(state->n == 0);
    aim(state, all, RIV__MIN(nslot, most));
    for (uint32_t at = 0; at < nslot; at += most)
        RIV__TRY(call(state, all, at, RIV__MIN(nslot - at, most), chain));
    return chain->rc;
}
