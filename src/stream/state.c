/* stream/state.c - states in place, changed by way of copies. A key is in one
 * call at a time: a second record of the same key sees what the first one did.
 */
#include "stream/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "exec/chain.h"

static uint32_t state_bytes(const struct riv_state *state)
{
    return state->param->state->size;
}

/* Most states are one word, or few: copies of constant size. */
static inline void state_copy(const struct riv_state *state, void *to,
                              const void *from)
{
    const size_t bytes = state_bytes(state);
    if (bytes == 8)
        memcpy(to, from, 8);
    else if (bytes == 24)
        memcpy(to, from, 24);
    else
        memcpy(to, from, bytes);
}

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

/* An integer's key stands before what is kept for it. */
static inline uint64_t key_of(const struct riv_state_head *head)
{
    return riv__le_get64((const char *)head - sizeof(uint64_t));
}

static inline uint32_t place_of(const struct riv_state_log *log,
                                const struct riv_state_head *head)
{
    return riv__state_log_find(log, riv__state_place(head), key_of(head));
}

/* The batch changes it: once on the list, whatever else becomes of it. */
static int list(struct riv_state *state, uint32_t slot,
                struct riv_state_head *head)
{
    if (head->mark & RIV__STATE_LISTED)
        return 0;
    RIV__TRY(
        RIV__VEC_ROOM(state->changed, state->changed_cap, state->nchanged + 1));
    state->changed[state->nchanged++] = slot;
    head->mark |= RIV__STATE_LISTED;
    return 0;
}

/* The batch has changed it, and it lives or is gone. */
static int note(struct riv_state *state, uint32_t slot,
                struct riv_state_head *head)
{
    struct riv_state_log *log = &state->log;
    if (!state->lists)
        return 0;
    if (log->stride == 0)
        return list(state, slot, head);
    RIV__TRY(riv__state_log_room(log, 1));
    const uint32_t place = place_of(log, head);
    char *at = riv__state_log_at(log, place);
    head->mark = (head->mark & RIV__STATE_WHEELED) | place;
    log->n += place == log->n;
    if (head->touched == 0)
        riv__state_log_gone(log, at, key_of(head));
    else
        riv__state_log_put(at, head->touched, key_of(head), head + 1,
                           state_bytes(state));
    return 0;
}

/* Takes `now` over as the state of a slot. */
static int store(struct riv_state *state, uint32_t slot, void *now,
                 int64_t time)
{
    struct riv_state_head *head = riv__state_head(state, slot);
    void *at = riv__state_at(state, slot);
    const struct riv_layout *layout = state->param->state;
    if (layout->nstr > 0)
        RIV__TRY(riv__slots_adopt(&state->slots, layout, now,
                                  head->touched ? at : NULL));
    state_copy(state, at, now);
    state->slots.live += head->touched == 0;
    head->touched = time;
    RIV__TRY(note(state, slot, head));
    if (state->wheel.nspoke == 0 || (head->mark & RIV__STATE_WHEELED))
        return 0;
    head->mark |= RIV__STATE_WHEELED;
    return riv__wheel_put(&state->wheel, slot, time);
}

/* It may still hang on the wheel, which drops it when its turn comes. */
static int forget(struct riv_state *state, uint32_t slot)
{
    struct riv_state_head *head = riv__state_head(state, slot);
    if (head->touched == 0)
        return 0;
    state->slots.live--;
    head->touched = 0;
    return note(state, slot, head);
}

int riv__state_set(struct riv_state *state, const void *key, const void *val,
                   struct riv_err *err)
{
    uint32_t slot;
    memcpy(state->copy, val, state_bytes(state));
    int rc = riv__table_slots(&state->slots.tab, key, 0, 1, &slot);
    if (rc == 0)
        rc = store(state, slot, state->copy, state->time);
    return rc < 0 ? no_memory(err) : 0;
}

riv_group *riv__state_add(struct riv_state *state, uint32_t slot)
{
    struct riv_state_head *head = riv__state_head(state, slot);
    if (state->n == 0)
        state->run++;
    else if (state->n == RIV__STATE_GROUPS || head->run == state->run)
        return NULL;
    head->run = state->run;
    char *copy = state->copy + (size_t)state->n * state_bytes(state);
    riv_group *group = &state->group[state->n];
    /* one by one: a whole struct is cleared by `rep stos`, which takes longer */
    group->key = group->a = group->b = NULL;
    group->na = group->nb = 0;
    group->flags = 0;
    group->state = copy;
    if (head->touched) {
        state_copy(state, copy, riv__state_at(state, slot));
    } else {
        memset(copy, 0, state_bytes(state));
        group->flags = RIV_STATE_NEW;
    }
    state->slot[state->n++] = slot;
    return group;
}

/* A key that has timed out goes whatever its function says. */
static int settle(struct riv_state *state, const riv_group *group,
                  uint32_t slot)
{
    if (group->flags & RIV_STATE_TIMEOUT)
        return forget(state, slot);
    if (group->flags & RIV__GROUP_FAILED)
        return 0;
    if (group->flags & RIV_STATE_REMOVE)
        return forget(state, slot);
    return store(state, slot, group->state, state->time);
}

/* Whether taking a state over is a copy and a time, and a place in the list of
 * what was changed: most programs. */
static bool is_simple(const struct riv_state *state)
{
    return state->param->state->nstr == 0 && state->wheel.nspoke == 0;
}

/* `bytes` and `lists` are constants where the compiler sees them; a list has
 * room for one more than n. */
static inline __attribute__((always_inline)) int settle_simple(
    struct riv_state *state, uint32_t n, size_t bytes, bool lists)
{
    const struct riv_table_vals heads = riv__table_vals(&state->slots.tab);
    const riv_group *group = state->group;
    const uint32_t *slot = state->slot;
    const char *copy = state->copy;
    const int64_t time = state->time;
    for (uint32_t i = 0; i < n; i++, copy += bytes) {
        struct riv_state_head *head = riv__table_val_of(heads, slot[i]);
        if (RIV__RARELY(group[i].flags & ~(uint32_t)RIV_STATE_NEW)) {
            RIV__TRY(settle(state, &group[i], slot[i]));
            continue;
        }
        memcpy(head + 1, copy, bytes);
        state->slots.live += head->touched == 0;
        head->touched = time;
        if (lists) {
            state->changed[state->nchanged] = slot[i];
            state->nchanged += !(head->mark & RIV__STATE_LISTED);
            head->mark |= RIV__STATE_LISTED;
        }
    }
    return 0;
}

/* The batch has changed this state before, so it has an entry. */
static inline __attribute__((always_inline)) bool settle_again(
    const struct riv_state_log *log, struct riv_state_head *head, int64_t time,
    const void *copy, size_t bytes)
{
    if (head->touched != time)
        return false;
    const uint32_t place = place_of(log, head);
    if (place == log->n)
        return false;
    memcpy(riv__state_log_at(log, place) + RIV__LOG_STATE, copy, bytes);
    memcpy(head + 1, copy, bytes);
    return true;
}

/* The same with a log, which has room for all. A state that lives and that this
 * batch has not changed yet, which is most of them, goes to its end. */
static inline __attribute__((always_inline)) int settle_logged(
    struct riv_state *state, uint32_t n, size_t bytes)
{
    const struct riv_table_vals heads = riv__table_vals(&state->slots.tab);
    const int64_t time = state->time;
    const char *copy = state->copy;
    struct riv_state_log *log = &state->log;
    char *to = riv__state_log_at(log, log->n);
    for (uint32_t i = 0; i < n; i++, copy += bytes) {
        struct riv_state_head *head = riv__table_val_of(heads, state->slot[i]);
        const bool is_usual = head->touched != 0 && head->touched != time;
        if (RIV__RARELY(!is_usual || state->group[i].flags != 0)) {
            if (state->group[i].flags == 0 &&
                settle_again(log, head, time, copy, bytes))
                continue;
            RIV__TRY(settle(state, &state->group[i], state->slot[i]));
            to = riv__state_log_at(log, log->n);
            continue;
        }
        memcpy(head + 1, copy, bytes);
        head->touched = time;
        head->mark = log->n++; /* there is no wheel, nor a list */
        to = riv__state_log_put(to, time, key_of(head), copy, bytes);
    }
    return 0;
}

static inline __attribute__((always_inline)) int settle_sized(
    struct riv_state *state, uint32_t n, bool lists)
{
    switch (state_bytes(state)) {
    case 8: return settle_simple(state, n, 8, lists);
    case 16: return settle_simple(state, n, 16, lists);
    case 24: return settle_simple(state, n, 24, lists);
    default: return settle_simple(state, n, state_bytes(state), lists);
    }
}

static int settle_logged_sized(struct riv_state *state, uint32_t n)
{
    RIV__TRY(riv__state_log_room(&state->log, n));
    switch (state_bytes(state)) {
    case 8: return settle_logged(state, n, 8);
    case 16: return settle_logged(state, n, 16);
    case 24: return settle_logged(state, n, 24);
    default: return settle_logged(state, n, state_bytes(state));
    }
}

static int settle_noted(struct riv_state *state, uint32_t n)
{
    if (!state->lists)
        return settle_sized(state, n, false);
    if (state->log.stride > 0)
        return settle_logged_sized(state, n);
    RIV__TRY(RIV__VEC_ROOM(state->changed, state->changed_cap,
                           state->nchanged + n + 1));
    return settle_sized(state, n, true);
}

static int settle_all(struct riv_state *state, uint32_t n)
{
    if (is_simple(state))
        return settle_noted(state, n);
    for (uint32_t i = 0; i < n; i++)
        RIV__TRY(settle(state, &state->group[i], state->slot[i]));
    return 0;
}

int riv__state_flush(struct riv_state *state, struct riv_chain *chain)
{
    const uint32_t n = state->n;
    state->n = 0;
    if (n == 0 || riv__chain_push(chain, state->group, n) < 0)
        return chain->rc;
    if (settle_all(state, n) < 0)
        return riv__chain_fail(chain, RIV_ENOMEM,
                               "no memory for the states of keys");
    return 0;
}

/* Does the whole entry of a key lie in one line? Entries begin with a line. */
static bool is_near(const struct riv_state *state)
{
    return RIV__CACHE_LINE % state->slots.tab.entry_bytes == 0;
}

/* Fills the call, which is empty, up to the first key that it has already. What
 * is in the line of its key is near, for its slot has just been found; others
 * have to be asked for: fraud.c, with 48 bytes of an entry, 14 % slower without. */
static inline __attribute__((always_inline)) size_t fill(
    struct riv_state *state, const struct riv_state_rows *rows,
    const uint32_t *slot, size_t bytes)
{
    enum { AHEAD = 12 };
    const size_t most = RIV__MIN(rows->n, (size_t)RIV__STATE_GROUPS);
    const struct riv_table_vals heads = riv__table_vals(&state->slots.tab);
    const bool asks = !is_near(state);
    const uint32_t run = ++state->run;
    const char *row = rows->row;
    uint32_t *to = state->slot;
    riv_group *group = state->group;
    char *copy = state->copy;
    size_t i = 0;
    for (; i < most; i++, group++, row += rows->size, copy += bytes) {
        struct riv_state_head *head = riv__table_val_of(heads, slot[i]);
        if (asks && i + AHEAD < rows->n)
            riv__state_ask(state, slot[i + AHEAD]);
        if (head->run == run)
            break;
        head->run = run;
        group->key = row;
        group->a = row + rows->val_offset;
        group->b = NULL;
        group->na = 1;
        group->nb = 0;
        group->state = copy;
        group->flags = head->touched ? 0 : RIV_STATE_NEW;
        if (RIV__LIKELY(head->touched))
            memcpy(copy, head + 1, bytes);
        else
            memset(copy, 0, bytes);
        to[i] = slot[i];
    }
    state->n = (uint32_t)i;
    return i;
}

int riv__state_map(struct riv_state *state, struct riv_state_rows rows,
                   const uint32_t *slot, struct riv_chain *chain)
{
    const size_t bytes = state_bytes(state);
    while (rows.n > 0) {
        const size_t n = bytes == 8    ? fill(state, &rows, slot, 8)
                         : bytes == 24 ? fill(state, &rows, slot, 24)
                                       : fill(state, &rows, slot, bytes);
        RIV__TRY(riv__state_flush(state, chain));
        rows.row += n * rows.size;
        rows.n -= n;
        slot += n;
    }
    return chain->rc;
}

/* The same for slots [at, at + n), each of which is in no other call. */
static inline __attribute__((always_inline)) void fill_slots(
    struct riv_state *state, const struct riv_state_updates *all, uint32_t at,
    uint32_t n, size_t bytes)
{
    const struct riv_table_vals heads = riv__table_vals(&state->slots.tab);
    const char *key = all->key;
    riv_group *group = state->group;
    uint32_t *to = state->slot;
    char *copy = state->copy;
    for (uint32_t i = at; i < at + n; i++, key += all->key_bytes) {
        const uint32_t from = all->start[i], until = all->start[i + 1];
        struct riv_state_head *head = riv__table_val_of(heads, i);
        const bool has = head->touched != 0;
        if (!has && from == until)
            continue;
        group->key = key;
        group->a = all->val + from * all->val_bytes;
        group->na = until - from;
        group->b = has ? head + 1 : NULL;
        group->nb = 0;
        group->state = copy;
        group->flags = has ? 0 : RIV_STATE_NEW;
        if (RIV__LIKELY(has))
            memcpy(copy, head + 1, bytes);
        else
            memset(copy, 0, bytes);
        *to++ = i;
        group++;
        copy += bytes;
    }
    state->n = (uint32_t)(group - state->group);
}

int riv__state_update(struct riv_state *state,
                      const struct riv_state_updates *all, uint32_t at,
                      uint32_t n, struct riv_chain *chain)
{
    const size_t bytes = state_bytes(state);
    RIV__ASSERT(state->n == 0 && n <= RIV__STATE_GROUPS);
    if (bytes == 8)
        fill_slots(state, all, at, n, 8);
    else if (bytes == 24)
        fill_slots(state, all, at, n, 24);
    else
        fill_slots(state, all, at, n, bytes);
    return riv__state_flush(state, chain);
}

/* -------------------------------------------------------------- the whole */

static int load_one(struct riv_state *state, uint32_t slot, void *val,
                    int64_t touched)
{
    if (touched == 0)
        return forget(state, slot);
    riv__state_head(state, slot)->mark |=
        RIV__STATE_WHEELED; /* riv__state_loaded makes it
                                                  true */
    return store(state, slot, val, touched);
}

int riv__state_load(struct riv_state *state, const void *keys, void *vals,
                    const int64_t *touched, size_t n, struct riv_err *err)
{
    uint32_t slot[RIV__CHUNK_ROWS];
    const size_t bytes = state_bytes(state);
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
                   state_bytes(state));
            to += size;
        }
        if (to > rows)
            riv__chain_push(chain, rows, (size_t)(to - rows) / size);
    }
    return chain->rc;
}
