/* stream/state_change.c - states are changed by way of copies: keys are gathered
 * in a call with copies of their states, the function runs, and what it left is
 * stored. A key is in one call at a time: a second record of the same key sees
 * what the first one did. The loops stand once for each usual size of a state,
 * which is then a constant in them. */
#include "stream/state.h"

#include <string.h>

#include "base/vec.h"
#include "exec/chain.h"

/* ---------------------------------------- one state, and that it has changed */

/* Most states are one word, or few: copies of constant size. */
static inline void state_copy(const struct riv_state *state, void *to,
                              const void *from)
{
    const size_t bytes = riv__state_bytes(state);
    if (bytes == 8)
        memcpy(to, from, 8);
    else if (bytes == 24)
        memcpy(to, from, 24);
    else
        memcpy(to, from, bytes);
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
    const uint32_t place = riv__state_logged(log, head);
    char *at = riv__state_log_at(log, place);
    head->mark = (head->mark & RIV__STATE_WHEELED) | place;
    log->n += place == log->n;
    if (head->touched == 0)
        riv__state_log_gone(log, at, riv__state_key(head));
    else
        riv__state_log_put(at, head->touched, riv__state_key(head), head + 1,
                           riv__state_bytes(state));
    return 0;
}

int riv__state_store(struct riv_state *state, uint32_t slot, void *now,
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
int riv__state_forget(struct riv_state *state, uint32_t slot)
{
    struct riv_state_head *head = riv__state_head(state, slot);
    if (head->touched == 0)
        return 0;
    state->slots.live--;
    head->touched = 0;
    return note(state, slot, head);
}

/* --------------------------------------- what the function did is taken over */

/* A key that has timed out goes whatever its function says. */
static int settle(struct riv_state *state, uint32_t i)
{
    const uint32_t flags = state->group[i].flags;
    if (flags & RIV_STATE_TIMEOUT)
        return riv__state_forget(state, state->slot[i]);
    if (flags & RIV__GROUP_FAILED)
        return 0;
    if (flags & RIV_STATE_REMOVE)
        return riv__state_forget(state, state->slot[i]);
    return riv__state_store(state, state->slot[i],
                            state->copy + (size_t)i * riv__state_bytes(state),
                            state->time);
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
    uint32_t born = 0;
    for (uint32_t i = 0; i < n; i++, copy += bytes) {
        struct riv_state_head *head = riv__table_val_of(heads, slot[i]);
        if (RIV__RARELY(group[i].flags & ~(uint32_t)RIV_STATE_NEW)) {
            RIV__TRY(settle(state, i));
            continue;
        }
        memcpy(head + 1, copy, bytes);
        born += head->touched == 0;
        head->touched = time;
        if (lists) {
            state->changed[state->nchanged] = slot[i];
            state->nchanged += !(head->mark & RIV__STATE_LISTED);
            head->mark |= RIV__STATE_LISTED;
        }
    }
    state->slots.live += born;
    return 0;
}

/* The batch has changed this state before, so it has an entry. */
static inline __attribute__((always_inline)) bool settle_again(
    const struct riv_state_log *log, struct riv_state_head *head, int64_t time,
    const void *copy, size_t bytes)
{
    if (head->touched != time)
        return false;
    const uint32_t place = riv__state_logged(log, head);
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
            RIV__TRY(settle(state, i));
            to = riv__state_log_at(log, log->n);
            continue;
        }
        memcpy(head + 1, copy, bytes);
        head->touched = time;
        head->mark = log->n++; /* there is no wheel, nor a list */
        to = riv__state_log_put(to, time, riv__state_key(head), copy, bytes);
    }
    return 0;
}

static inline __attribute__((always_inline)) int settle_sized(
    struct riv_state *state, uint32_t n, bool lists)
{
    switch (riv__state_bytes(state)) {
    case 8: return settle_simple(state, n, 8, lists);
    case 16: return settle_simple(state, n, 16, lists);
    case 24: return settle_simple(state, n, 24, lists);
    default: return settle_simple(state, n, riv__state_bytes(state), lists);
    }
}

static int settle_logged_sized(struct riv_state *state, uint32_t n)
{
    RIV__TRY(riv__state_log_room(&state->log, n));
    switch (riv__state_bytes(state)) {
    case 8: return settle_logged(state, n, 8);
    case 16: return settle_logged(state, n, 16);
    case 24: return settle_logged(state, n, 24);
    default: return settle_logged(state, n, riv__state_bytes(state));
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
        RIV__TRY(settle(state, i));
    return 0;
}

int riv__state_take(struct riv_state *state, uint32_t n,
                    struct riv_chain *chain)
{
    if (settle_all(state, n) == 0)
        return 0;
    return riv__chain_fail(chain, RIV_ENOMEM,
                           "no memory for the states of keys");
}

int riv__state_flush(struct riv_state *state, struct riv_chain *chain)
{
    const uint32_t n = state->n;
    state->n = 0;
    if (n == 0 || riv__chain_push(chain, state->group, n) < 0)
        return chain->rc;
    return riv__state_take(state, n, chain);
}

/* --------------------------------------------------------- keys are gathered */

/* The copy that the function works on: zeros for a key without a state. */
static inline __attribute__((always_inline)) void lend_copy(
    riv_group *group, const struct riv_state_head *head, char *copy,
    size_t bytes)
{
    group->state = copy;
    group->flags = head->touched ? 0 : RIV_STATE_NEW;
    if (RIV__LIKELY(head->touched))
        memcpy(copy, head + 1, bytes);
    else
        memset(copy, 0, bytes);
}

riv_group *riv__state_add(struct riv_state *state, uint32_t slot)
{
    struct riv_state_head *head = riv__state_head(state, slot);
    if (state->n == 0)
        state->run++;
    else if (state->n == RIV__STATE_GROUPS || head->run == state->run)
        return NULL;
    head->run = state->run;
    const size_t bytes = riv__state_bytes(state);
    char *copy = state->copy + state->n * bytes;
    riv_group *group = &state->group[state->n];
    /* one by one: a whole struct is cleared by `rep stos`, which takes longer */
    group->key = group->a = group->b = NULL;
    group->na = group->nb = 0;
    switch (bytes) {
    case 8: lend_copy(group, head, copy, 8); break;
    case 24: lend_copy(group, head, copy, 24); break;
    default: lend_copy(group, head, copy, bytes);
    }
    state->slot[state->n++] = slot;
    return group;
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
        lend_copy(group, head, copy, bytes);
        to[i] = slot[i];
    }
    state->n = (uint32_t)i;
    return i;
}

int riv__state_map(struct riv_state *state, struct riv_state_rows rows,
                   const uint32_t *slot, struct riv_chain *chain)
{
    const size_t bytes = riv__state_bytes(state);
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
