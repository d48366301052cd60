/* stream/state_late.c - the wheel of a partition of states: the keys that time
 * out, and all that live, put on it anew where slots have other numbers. */
#include "base/vec.h"
#include "exec/chain.h"
#include "stream/state.h"

/* Walks one list of the wheel; what is not too old is put off. */
static int late_in(struct riv_state *state, const struct riv_spoke *list,
                   size_t *n)
{
    enum { AHEAD = 16 };
    RIV__TRY(RIV__VEC_ROOM(state->late, state->late_cap, *n + list->n));
    for (size_t i = 0; i < list->n; i++) {
        const uint32_t slot = list->slot[i];
        struct riv_state_head *head = riv__state_head(state, slot);
        if (i + AHEAD < list->n)
            __builtin_prefetch(riv__state_head(state, list->slot[i + AHEAD]),
                               1);
        if (head->touched != 0 &&
            !riv__wheel_is_late(&state->wheel, head->touched, state->time)) {
            RIV__TRY(riv__wheel_put(&state->wheel, slot, head->touched));
            continue;
        }
        head->mark &= ~RIV__STATE_WHEELED;
        state->late[*n] = slot;
        *n += head->touched != 0;
    }
    return 0;
}

static int late_add(struct riv_state *state, uint32_t slot, struct riv_err *err)
{
    const size_t size = state->param->key->size;
    char *key = state->key + (size_t)state->n * size;
    RIV__TRY(riv__table_keys(&state->slots.tab, slot, 1, key, size, err));
    riv_group *group = riv__state_add(state, slot);
    group->key = key;
    group->flags |= RIV_STATE_TIMEOUT;
    return 0;
}

int riv__state_time_out(struct riv_state *state, struct riv_chain *chain)
{
    struct riv_err err = { 0 };
    size_t n = 0;
    if (state->wheel.nspoke == 0)
        return 0;
    for (const struct riv_spoke *list;
         (list = riv__wheel_turn(&state->wheel, state->time));)
        if (late_in(state, list, &n) < 0)
            return riv__chain_fail(chain, RIV_ENOMEM,
                                   "no memory for keys that time out");
    for (size_t i = 0; i < n; i++) {
        if (late_add(state, state->late[i], &err) < 0)
            return riv__chain_fail(chain, err.code, "%s", err.text);
        if (state->n == RIV__STATE_GROUPS)
            RIV__TRY(riv__state_flush(state, chain));
    }
    return riv__state_flush(state, chain);
}

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for keys that time out");
}

static int wheel_all(struct riv_state *state, struct riv_err *err)
{
    if (state->wheel.nspoke == 0)
        return 0;
    riv__wheel_reset(&state->wheel);
    for (uint32_t slot = 0; slot < state->slots.tab.nslot; slot++) {
        struct riv_state_head *head = riv__state_head(state, slot);
        head->mark &= ~RIV__STATE_WHEELED;
        if (head->touched == 0)
            continue;
        head->mark |= RIV__STATE_WHEELED;
        if (riv__wheel_put(&state->wheel, slot, head->touched) < 0)
            return no_memory(err);
    }
    return 0;
}

int riv__state_tidy(struct riv_state *state, uint32_t patience,
                    struct riv_err *err)
{
    const struct riv_slot_field field = {
        .layout = state->param->state,
        .offset = sizeof(struct riv_state_head),
    };
    RIV__ASSERT(state->nchanged == 0);
    if (!riv__slots_wants_build(&state->slots, patience))
        return 0;
    RIV__TRY(riv__slots_build(&state->slots, &field, 1, NULL, err));
    return wheel_all(state, err);
}

int riv__state_loaded(struct riv_state *state, struct riv_err *err)
{
    return wheel_all(state, err);
}
