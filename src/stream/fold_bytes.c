/* stream/fold_bytes.c - a partition of a window as bytes for the journal, and
 * back: slots in their order, dead ones too, so that they have the same numbers
 * again; then the panes. What follows goes on as if nothing had been, also the
 * order in which doubles are added.
 *
 *   u32 units, i64 flipped[units]
 *   u32 slots, each: key (of windows with keys), i64 life, the accumulators
 *     that the life says are there
 *   u32 panes, each: i64 time, u32 entries, each: u32 slot, accumulator */
#include "data/encode.h"
#include "data/le.h"
#include "data/rows.h"
#include "stream/fold_window.h"

enum { UNITS_MAX = 1 << 16 };

static void put_u32(struct riv_buf *to, uint32_t v)
{
    char bytes[4];
    riv__le_put32(bytes, v);
    riv__buf_add(to, bytes, sizeof bytes);
}

static void put_i64(struct riv_buf *to, int64_t v)
{
    char bytes[8];
    riv__le_put64(bytes, (uint64_t)v);
    riv__buf_add(to, bytes, sizeof bytes);
}

static void put_row(struct riv_buf *to, const struct riv_layout *layout,
                    const void *row)
{
    const size_t n = riv__encode_bytes(layout, row);
    char *at = riv__buf_room(to, n);
    if (at)
        riv__encode_row(layout, row, at);
    to->n += at ? n : 0;
}

/* Is accumulator i of a slot with this life a value? */
static bool has_acc(const struct riv_fold_window *fw, int64_t life, uint32_t i)
{
    if (fw->ops->accs == 1)
        return life != 0;
    return (life & (i == 0 ? RIV__LIFE_FRONT : RIV__LIFE_BACK)) != 0;
}

static int write_slots(struct riv_fold_window *fw, struct riv_buf *to,
                       struct riv_err *err)
{
    const struct riv_table *tab = &fw->slots.tab;
    char key[RIV__ROW_BYTES_MAX];
    put_u32(to, tab->nslot);
    for (uint32_t slot = 0; slot < tab->nslot; slot++) {
        char *val = riv__fold_val(fw, slot);
        const int64_t life = *riv__slots_life(&fw->slots, slot);
        if (fw->param->keyed) {
            RIV__TRY(riv__table_keys(tab, slot, 1, key, sizeof key, err));
            put_row(to, tab->key, key);
        }
        put_i64(to, life);
        for (uint32_t i = 0; i < fw->ops->accs; i++)
            if (has_acc(fw, life, i))
                put_row(to, fw->acc, riv__fold_acc(fw, val, i));
    }
    return 0;
}

static void write_pane(const struct riv_fold_window *fw,
                       const struct riv_pane *pane, struct riv_buf *to)
{
    put_i64(to, pane->time);
    put_u32(to, pane->n);
    for (uint32_t i = 0; i < pane->n; i++) {
        put_u32(to, pane->slot[i]);
        put_row(to, fw->acc, pane->val + (size_t)i * fw->acc->size);
    }
}

int riv__fold_window_write(struct riv_fold_window *fw, struct riv_buf *to,
                           struct riv_err *err)
{
    put_u32(to, fw->units);
    for (uint32_t u = 0; u < fw->units; u++)
        put_i64(to, fw->flipped[u]);
    RIV__TRY(write_slots(fw, to, err));
    put_u32(to, (uint32_t)fw->n);
    for (size_t i = 0; i < fw->n; i++)
        write_pane(fw, &fw->pane[fw->first + i], to);
    return to->failed ? riv__err_set(err, RIV_ENOMEM,
                                     "no memory to write a window down")
                      : 0;
}

/* ---------------------------------------------------------------- reading it */

struct reader {
    struct riv_fold_window *fw;
    const char *p, *end; /* p NULL: it ends too early */
    struct riv_err *err;
};

static uint32_t get_u32(struct reader *r)
{
    if (!r->p || r->end - r->p < 4) {
        r->p = NULL;
        return 0;
    }
    r->p += 4;
    return riv__le_get32(r->p - 4);
}

static int64_t get_i64(struct reader *r)
{
    if (!r->p || r->end - r->p < 8) {
        r->p = NULL;
        return 0;
    }
    r->p += 8;
    return (int64_t)riv__le_get64(r->p - 8);
}

static int damaged(const struct reader *r, const char *what)
{
    return riv__err_set(r->err, RIV_ECHECKPOINT,
                        "a piece of a window is damaged: %s", what);
}

static int no_memory(const struct reader *r)
{
    return riv__err_set(r->err, RIV_ENOMEM, "no memory for a window");
}

static int read_units(struct reader *r)
{
    const uint32_t units = get_u32(r);
    if (units == 0 || units > UNITS_MAX || (units & (units - 1)) != 0)
        return damaged(r, "its units");
    if (riv__fold_units_set(r->fw, units) < 0)
        return no_memory(r);
    for (uint32_t u = 0; u < units; u++)
        r->fw->flipped[u] = get_i64(r);
    return r->p ? 0 : damaged(r, "it ends too early");
}

/* A row of the layout at r->p into `row`; its strings stay in the bytes. */
static int read_row(struct reader *r, const struct riv_layout *layout,
                    void *row)
{
    memset(row, 0, layout->size);
    r->p = riv__decode_row(layout, r->p, r->end, row, r->err);
    return r->p ? 0 : RIV_ECHECKPOINT;
}

static int read_accs(struct reader *r, uint32_t slot, int64_t life)
{
    struct riv_fold_window *fw = r->fw;
    char *val = riv__fold_val(fw, slot);
    for (uint32_t i = 0; i < fw->ops->accs; i++) {
        char *acc = riv__fold_acc(fw, val, i);
        if (!has_acc(fw, life, i))
            continue;
        RIV__TRY(read_row(r, fw->acc, acc));
        if (riv__slots_adopt(&fw->slots, fw->acc, acc, NULL) < 0)
            return no_memory(r);
    }
    return 0;
}

static int read_slot(struct reader *r, uint32_t number)
{
    static const int64_t nobody = 0;
    struct riv_fold_window *fw = r->fw;
    char key[RIV__ROW_BYTES_MAX];
    uint32_t slot;
    if (fw->param->keyed)
        RIV__TRY(read_row(r, fw->slots.tab.key, key));
    if (riv__table_slots(&fw->slots.tab,
                         fw->param->keyed ? (const void *)key : &nobody, 0, 1,
                         &slot) < 0)
        return no_memory(r);
    if (slot != number)
        return damaged(r, "a key is in it twice");
    const int64_t life = get_i64(r);
    if (!r->p)
        return damaged(r, "it ends within a key");
    *riv__slots_life(&fw->slots, slot) = life;
    fw->slots.live += life != 0;
    return read_accs(r, slot, life);
}

static int read_entries(struct reader *r, struct riv_pane *pane, uint32_t n)
{
    struct riv_fold_window *fw = r->fw;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t slot = get_u32(r);
        if (!r->p || (slot & ~RIV__PANE_MORE) >= fw->slots.tab.nslot)
            return damaged(r, "a pane has a key that is not there");
        pane->slot[i] = slot;
        RIV__TRY(read_row(r, fw->acc, pane->val + (size_t)i * fw->acc->size));
    }
    pane->n = n;
    return riv__rows_own(fw->acc, pane->val, n, &pane->strings) < 0
               ? no_memory(r)
               : 0;
}

static int read_pane(struct reader *r)
{
    struct riv_pane *pane;
    const int64_t time = get_i64(r);
    const uint32_t n = get_u32(r);
    if (!r->p || (size_t)(r->end - r->p) / 4 < n)
        return damaged(r, "a pane ends too early");
    if (riv__fold_pane_add(r->fw, time, n, &pane) < 0)
        return no_memory(r);
    return read_entries(r, pane, n);
}

int riv__fold_window_read(struct riv_fold_window *fw, riv_str bytes,
                          struct riv_err *err)
{
    struct reader r = { fw, bytes.p, bytes.p + bytes.n, err };
    RIV__TRY(read_units(&r));
    const uint32_t nslot = get_u32(&r);
    for (uint32_t slot = 0; r.p && slot < nslot; slot++)
        RIV__TRY(read_slot(&r, slot));
    fw->slots.string_live = fw->slots.string_bytes;
    const uint32_t npane = get_u32(&r);
    for (uint32_t i = 0; r.p && i < npane; i++)
        RIV__TRY(read_pane(&r));
    return r.p == r.end ? 0 : damaged(&r, "it has another length");
}
