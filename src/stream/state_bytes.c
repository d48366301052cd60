/* stream/state_bytes.c - states as bytes for the journal, and back. What a
 * batch changed is absolute, not a difference: loading it twice is loading it
 * once, so that pieces of a snapshot may be taken at different batches. */
#include <string.h>

#include "data/encode.h"
#include "data/le.h"
#include "stream/state.h"

enum { HEAD_BYTES = 1 + 8, AHEAD = 16, GROUP = 1024 };

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM,
                        "no memory to write down the states of keys");
}

/* The keys of slots one after the other are read a few at a time. */
static int put_entry(const struct riv_state *state, uint32_t slot,
                     const void *key, struct riv_buf *to)
{
    const struct riv_state_param *param = state->param;
    const int64_t touched = riv__state_head(state, slot)->touched;
    const void *val = riv__state_at(state, slot);
    const size_t most = HEAD_BYTES + riv__encode_bytes(param->key, key) +
                        riv__encode_bytes(param->state, val);
    char *at = riv__buf_room(to, most);
    if (!at)
        return RIV_ENOMEM;
    char *start = at;
    *at++ = touched != 0;
    if (touched != 0) {
        riv__le_put64(at, (uint64_t)touched);
        at += 8;
    }
    at = riv__encode_row(param->key, key, at);
    if (touched != 0)
        at = riv__encode_row(param->state, val, at);
    to->n += (size_t)(at - start);
    return 0;
}

static int put_slot(const struct riv_state *state, uint32_t slot,
                    struct riv_buf *to, struct riv_err *err)
{
    /* state->key is free between calls of the user's function */
    RIV__TRY(riv__table_keys(&state->slots.tab, slot, 1, state->key,
                             state->param->key->size, err));
    if (put_entry(state, slot, state->key, to) < 0)
        return no_memory(err);
    return 0;
}

static char *put_bytes(char *at, const void *from, size_t n)
{
    if (n == 8)
        memcpy(at, from, 8);
    else
        memcpy(at, from, n);
    return at + n;
}

static char *put_plain(const struct riv_state *state, uint32_t slot, char *at)
{
    const struct riv_state_head *head = riv__state_head(state, slot);
    const struct riv_key *key =
        (const void *)riv__table_entry(&state->slots.tab, slot);
    *at++ = 1;
    riv__le_put64(at, (uint64_t)head->touched);
    riv__le_put64(at + 8, key->lo);
    return put_bytes(at + 16, head + 1, state->param->state->size);
}

int riv__state_write(struct riv_state *state, struct riv_err *err)
{
    struct riv_state_log *log = &state->log;
    for (size_t i = 0; i < state->nchanged; i++) {
        const uint32_t slot = state->changed[i];
        riv__state_head(state, slot)->mark &= ~RIV__STATE_LISTED;
        RIV__TRY(put_slot(state, slot, riv__state_log_end(log), err));
    }
    state->nchanged = 0;
    return 0;
}

/* Also what changed without a walk through the partition: the first states. */
int riv__state_delta(struct riv_state *state, struct riv_buf *to,
                     struct riv_err *err)
{
    RIV__TRY(riv__state_write(state, err));
    return riv__state_log_take(&state->log, to) < 0 ? no_memory(err) : 0;
}

/* As long as whole groups have room; at least one. */
static int plain_piece(const struct riv_state *state, uint32_t *slot,
                       size_t room, struct riv_buf *to, struct riv_err *err)
{
    const size_t most = HEAD_BYTES + 8 + state->param->state->size;
    const uint32_t n = state->slots.tab.nslot;
    const size_t until = to->n + room;
    while (*slot < n && to->n < until) {
        const uint32_t end = *slot + RIV__MIN(n - *slot, (uint32_t)GROUP);
        char *start = riv__buf_room(to, (end - *slot) * most), *at = start;
        if (!at)
            return no_memory(err);
        for (; *slot < end; ++*slot)
            if (riv__state_head(state, *slot)->touched != 0)
                at = put_plain(state, *slot, at);
        to->n += (size_t)(at - start);
    }
    return 0;
}

/* *at is the slot, and above it how often the partition had been built anew,
 * plus one: slots from before are others, so it begins again. What is written
 * twice then counts as it was written last. */
int riv__state_piece(const struct riv_state *state, uint64_t *at, size_t room,
                     struct riv_buf *to, struct riv_err *err)
{
    const uint64_t builds = (uint64_t)state->slots.builds + 1;
    uint32_t slot = *at >> 32 == builds ? (uint32_t)*at : 0;
    const size_t until = to->n + room;
    if (state->log.stride > 0)
        RIV__TRY(plain_piece(state, &slot, room, to, err));
    for (; slot < state->slots.tab.nslot && to->n < until; slot++)
        if (riv__state_head(state, slot)->touched != 0)
            RIV__TRY(put_slot(state, slot, to, err));
    *at = builds << 32 | slot;
    return slot < state->slots.tab.nslot;
}

static const char *damaged(struct riv_err *err)
{
    riv__err_set(err, RIV_ECHECKPOINT, "a state is damaged: it ends too early");
    return NULL;
}

const char *riv__state_read(const struct riv_state_param *param,
                            const struct riv_convert *convert, const char *p,
                            const char *end, void *key, void *val,
                            int64_t *ret_touched, struct riv_err *err)
{
    if (end - p < 1)
        return damaged(err);
    const bool lives = *p++ != 0;
    *ret_touched = 0;
    if (lives) {
        if (end - p < 8)
            return damaged(err);
        *ret_touched = (int64_t)riv__le_get64(p);
        p += 8;
    }
    p = riv__decode_row(param->key, p, end, key, err);
    if (!p || !lives)
        return p;
    memset(val, 0, param->state->size);
    return riv__convert_decode(convert, param->state, p, end, val, err);
}
