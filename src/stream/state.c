/* stream/state.c - the states of a partition: made, loaded, scanned, freed. How
 * they change is in state_change.c. */
#include "stream/state.h"

#include <stdlib.h>
#include <string.h>

#include "exec/chain.h"

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for the states of keys");
}

/* Integers of 8 bytes, and states that are written as they lie in memory. */
static bool is_plain(const struct riv_state *state)
{
    return state->slots.tab.class == RIV__KEY_I64 &&
           state->param->key->nleaf == 1 && state->param->state->is_plain;
}

int riv__state_init(struct riv_state *state,
                    const struct riv_state_param *param, int64_t step_ms,
                    struct riv_err *err)
{
    const uint32_t bytes =
        (uint32_t)sizeof(struct riv_state_head) + param->state->size;
    *state = (struct riv_state){ .param = param };
    RIV__TRY(riv__slots_init(&state->slots, param->key, bytes, err));
    state->has_slots = true;
    if (is_plain(state))
        state->log.stride = RIV__LOG_STATE + param->state->size;
    if (param->timeout_ms > 0 &&
        riv__wheel_init(&state->wheel, param->timeout_ms, step_ms) < 0)
        return no_memory(err);
    state->group = calloc(RIV__STATE_GROUPS, sizeof *state->group);
    state->slot = calloc(RIV__STATE_GROUPS, sizeof *state->slot);
    state->copy = calloc(RIV__STATE_GROUPS, param->state->size);
    state->key = calloc(RIV__STATE_GROUPS, param->key->size);
    if (!state->group || !state->slot || !state->copy || !state->key)
        return no_memory(err);
    return 0;
}

void riv__state_fini(struct riv_state *state)
{
    if (state->has_slots)
        riv__slots_fini(&state->slots);
    riv__wheel_fini(&state->wheel);
    free(state->group);
    free(state->slot);
    free(state->copy);
    free(state->key);
    free(state->late);
    free(state->changed);
    riv__buf_fini(&state->log.bytes);
    *state = (struct riv_state){ .n = 0 };
}

int riv__state_set(struct riv_state *state, const void *key, const void *val,
                   struct riv_err *err)
{
    uint32_t slot;
    memcpy(state->copy, val, riv__state_bytes(state));
    int rc = riv__table_slots(&state->slots.tab, key, 0, 1, &slot);
    if (rc == 0)
        rc = riv__state_store(state, slot, state->copy, state->time);
    return rc < 0 ? no_memory(err) : 0;
}

/* ------------------------------------------------------------ all of them */

static int load_one(struct riv_state *state, uint32_t slot, void *val,
                    int64_t touched)
{
    if (touched == 0)
        return riv__state_forget(state, slot);
    riv__state_head(state, slot)->mark |=
        RIV__STATE_WHEELED; /* riv__state_loaded makes it
                                                  true */
    return riv__state_store(state, slot, val, touched);
}

int riv__state_load(struct riv_state *state, const void *keys, void *vals,
                    const int64_t *touched, size_t n, struct riv_err *err)
{
    uint32_t slot[RIV__CHUNK_ROWS];
    const size_t bytes = riv__state_bytes(state);
    if (riv__table_slots(&state->slots.tab, keys, state->param->key->size, n,
                         slot) < 0)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        if (load_one(state, slot[i], (char *)vals + i * bytes, touched[i]) < 0)
            return no_memory(err);
    return 0;
}

int riv__state_scan(const struct riv_state *state, uint32_t val_offset,
                    size_t size, struct riv_chain *chain)
{
    const struct riv_table *tab = &state->slots.tab;
    struct riv_err err = { 0 };
    char *rows = riv__chain_rows(chain, size);
    for (uint32_t at = 0, n; rows && at < tab->nslot && chain->rc == 0;
         at += n) {
        n = RIV__MIN(tab->nslot - at, (uint32_t)RIV__CHUNK_ROWS);
        int rc = riv__table_keys(tab, at, n, rows, size, &err);
        if (rc < 0)
            return riv__chain_fail(chain, rc, "%s", err.text);
        char *to = rows;
        for (uint32_t i = 0; i < n; i++) {
            if (riv__state_head(state, at + i)->touched == 0)
                continue;
            if (to != rows + i * size)
                memcpy(to, rows + i * size, state->param->key->size);
            memcpy(to + val_offset, riv__state_at(state, at + i),
                   riv__state_bytes(state));
            to += size;
        }
        if (to > rows)
            riv__chain_push(chain, rows, (size_t)(to - rows) / size);
    }
    return chain->rc;
}
