/* stream/state.h - the states of one partition's keys, and the only way to
 * change them: groups of keys go to the user's function (the step behind the
 * operator) with copies of their states; what the function did not refuse is
 * taken over afterwards. So a failing function leaves a state as it was, and
 * outputs may point into the copies. @thread worker, one at a time */
#ifndef RIV_STREAM_STATE_H
#define RIV_STREAM_STATE_H

#include "base/buf.h"
#include "data/convert.h"
#include "graph/ops.h"
#include "stream/slots.h"
#include "stream/state_log.h"
#include "stream/wheel.h"

struct riv_chain;

enum { RIV__STATE_GROUPS = 256 }; /* to a call of the function */

/* What stands before a state in its slot. */
struct riv_state_head {
    int64_t touched; /* its life: the batch that last changed it */
    uint32_t run;    /* the call that it is part of */
    uint32_t mark;   /* RIV__STATE_WHEELED, _LISTED; its place in the log */
};

/* One word, because bit fields would be read again right behind a store of some
 * of them, which takes as long as all the rest of storing a state. */
#define RIV__STATE_WHEELED (UINT32_C(1) << 31) /* it is on the wheel */
#define RIV__STATE_LISTED (UINT32_C(1) << 30) /* it is in the list of changes */

static inline uint32_t riv__state_place(const struct riv_state_head *head)
{
    return head->mark & (RIV__STATE_LISTED - 1);
}

struct riv_state {
    const struct riv_state_param *param;
    struct riv_slots slots;
    struct riv_wheel wheel; /* with a timeout */
    bool has_slots;
    uint32_t run;
    int64_t time; /* of the running batch */
    /* the groups of a call, their slots and the copies of their states */
    riv_group *group;
    uint32_t *slot;
    char *copy;
    uint32_t n;
    char *key;      /* of timeouts */
    uint32_t *late; /* keys that time out */
    size_t late_cap;
    /* Somebody wants to know what a batch changes: entries of a log where they
     * all have the same bytes, else a list of slots. */
    bool lists;
    struct riv_state_log log;
    uint32_t *changed;
    size_t nchanged, changed_cap;
};

static inline uint32_t riv__state_bytes(const struct riv_state *state)
{
    return state->param->state->size;
}

int riv__state_init(struct riv_state *state,
                    const struct riv_state_param *param, int64_t step_ms,
                    struct riv_err *err) RIV__MUST_USE;
void riv__state_fini(struct riv_state *state);

/* Sets the state of a key, as if the running batch had. */
int riv__state_set(struct riv_state *state, const void *key, const void *val,
                   struct riv_err *err) RIV__MUST_USE;

/* ---- changed, and noted as changed: state_change.c */

/* Takes `now` over as the state of a slot; or the slot has none any more. 0 or
 * RIV_ENOMEM. */
int riv__state_store(struct riv_state *state, uint32_t slot, void *now,
                     int64_t time) RIV__MUST_USE;
int riv__state_forget(struct riv_state *state, uint32_t slot) RIV__MUST_USE;

/* Adds a key to the next call: its group, of which the caller sets the key and
 * the values, and which has no others. NULL: the key is in that call already, or
 * the call is full; flush first. Written in place, because a group handed over
 * on the stack stalls on its own stores. */
riv_group *riv__state_add(struct riv_state *state, uint32_t slot);
/* Rows that are keys with one value each. */
struct riv_state_rows {
    const char *row; /* begins with the key */
    size_t size, n;
    uint32_t val_offset;
};

/* The same and a flush for all rows, whose slots are given, in their order; no
 * call is open. Returns chain->rc. */
int riv__state_map(struct riv_state *state, struct riv_state_rows rows,
                   const uint32_t *slot, struct riv_chain *chain);

/* A value that came for a key. */
struct riv_state_value {
    const char *p;
    uint32_t slot;
};

/* All values of a batch, and where a call's keys, states and values are laid
 * out. A call is of RIV__STATE_GROUPS slots, which may be in use or not. */
struct riv_state_updates {
    const struct riv_state_value *value; /* call by call, in order of arrival */
    const uint32_t *start;               /* of each call's values; one more */
    size_t val_bytes;
    char *side; /* room for the values of a call; never NULL */
    char *row;  /* a call's rows of the result: begin with the key */
    size_t row_bytes;
    uint32_t state_offset; /* in a row */
};

/* Calls the function for all slots that have a state or values, and stores the
 * states that are others by then: state_update.c. No call is open. A group's b
 * is the state as it was, unless the key is new; key and state of groups that
 * follow each other lie in rows that follow each other. Returns chain->rc. */
int riv__state_update(struct riv_state *state,
                      const struct riv_state_updates *all,
                      struct riv_chain *chain);

/* Calls the function and takes over what it did. Returns chain->rc. */
int riv__state_flush(struct riv_state *state, struct riv_chain *chain);
/* Takes over what a call left in the first n copies, which belong to the first
 * n slots, as the flags of the first n groups say. Returns chain->rc. */
int riv__state_take(struct riv_state *state, uint32_t n,
                    struct riv_chain *chain);

/* Calls the function for the keys that are too old, and forgets them. */
int riv__state_time_out(struct riv_state *state, struct riv_chain *chain);

/* Gives memory of keys that are gone back, when that is worth it: see
 * riv__slots_wants_build. */
int riv__state_tidy(struct riv_state *state, uint32_t patience,
                    struct riv_err *err) RIV__MUST_USE;

static inline struct riv_state_head *riv__state_head(
    const struct riv_state *state, uint32_t slot)
{
    return riv__table_val(&state->slots.tab, slot);
}

static inline void *riv__state_at(const struct riv_state *state, uint32_t slot)
{
    return (char *)riv__table_val(&state->slots.tab, slot) +
           sizeof(struct riv_state_head);
}

/* An integer's key stands before what is kept for it. */
static inline uint64_t riv__state_key(const struct riv_state_head *head)
{
    return riv__le_get64((const char *)head - sizeof(uint64_t));
}

/* Its place in the log; log->n: it has none. */
static inline uint32_t riv__state_logged(const struct riv_state_log *log,
                                         const struct riv_state_head *head)
{
    return riv__state_log_find(log, riv__state_place(head),
                               riv__state_key(head));
}

/* A slot is looked at soon: its head and the last byte of a small state. */
static inline void riv__state_ask(const struct riv_state *state, uint32_t slot)
{
    const char *head = (const char *)riv__state_head(state, slot);
    __builtin_prefetch(head, 1);
    __builtin_prefetch(head + state->slots.tab.val_bytes - 1, 1);
}

/* ---- as bytes: a list of { u8 lives; i64 touched, if it lives; key; state, if
 * it lives }, rows as data/encode.h has them.
 * What was changed is written down: slots may be numbered anew. */
int riv__state_write(struct riv_state *state, struct riv_err *err)
    RIV__MUST_USE;
/* Gives what was changed since the last call, in the order in which it was
 * changed first, to the segment that `to` ends with (riv__segment_swap). */
int riv__state_delta(struct riv_state *state, struct riv_buf *to,
                     struct riv_err *err) RIV__MUST_USE;
/* Appends living states from *at (0: the first) on, about `room` bytes; 1:
 * there are more behind the new *at. */
int riv__state_piece(const struct riv_state *state, uint64_t *at, size_t room,
                     struct riv_buf *to, struct riv_err *err) RIV__MUST_USE;
/* Reads one entry from [p, end) into key and val, which have the layouts' size;
 * *ret_touched is 0 when it does not live. The end of what was read, or NULL:
 * damaged. */
const char *riv__state_read(const struct riv_state_param *param,
                            const struct riv_convert *convert, const char *p,
                            const char *end, void *key, void *val,
                            int64_t *ret_touched, struct riv_err *err);
/* The states of n keys, no more than a chunk, are as they were read: keys and
 * vals one behind the other; a touched of 0: it has none. A key that is among
 * them twice ends as the last says. The wheel is not touched. */
int riv__state_load(struct riv_state *state, const void *keys, void *vals,
                    const int64_t *touched, size_t n, struct riv_err *err)
    RIV__MUST_USE;
/* All are loaded; those that may time out go on the wheel. */
int riv__state_loaded(struct riv_state *state, struct riv_err *err)
    RIV__MUST_USE;

/* Pushes all pairs of key and state; val_offset: of the state in such a row of
 * `size` bytes. */
int riv__state_scan(const struct riv_state *state, uint32_t val_offset,
                    size_t size, struct riv_chain *chain);

#endif
