/* stream/fold_window.c - panes of a partition: made from the rows of a batch,
 * kept in the order of time, given new slots when these are numbered anew. */
#include "stream/fold_window.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/rows.h"
#include "exec/leave.h"
#include "stream/keyed.h"

enum { UNITS_MAX = 4096, STRINGS_KEEP_BYTES = 256 * 1024 };

/* As many units as panes, over all partitions. */
static uint32_t units_for(const struct riv_window *window, uint32_t of)
{
    const int64_t panes = window->length_ms / window->step_ms;
    uint32_t units = 1;
    while (units < UNITS_MAX && (int64_t)units * of < panes)
        units *= 2;
    return units;
}

int riv__fold_units_set(struct riv_fold_window *fw, uint32_t units)
{
    free(fw->flipped);
    free(fw->start);
    fw->units = units;
    fw->flipped = calloc(units, sizeof *fw->flipped);
    fw->start = calloc(units + 1, sizeof *fw->start);
    return fw->flipped && fw->start ? 0 : RIV_ENOMEM;
}

static int memory_make(struct riv_fold_window *fw)
{
    RIV__TRY(riv__fold_units_set(fw, fw->units));
    fw->hold = malloc((size_t)RIV__CHUNK_ROWS * fw->acc->size);
    fw->old = malloc(fw->acc->size);
    return fw->hold && fw->old ? 0 : RIV_ENOMEM;
}

int riv__fold_window_init(struct riv_fold_window *fw, const riv_ds *ds,
                          const struct riv_window *window, uint32_t index,
                          uint32_t of, struct riv_err *err)
{
    const struct riv_window_param *param = ds->param;
    const bool undoes = param->exact || param->undo;
    *fw = (struct riv_fold_window){
        .ops = undoes ? &riv__fold_inverse : &riv__fold_stack,
        .ds = ds,
        .param = param,
        .window = window,
        .acc = param->reduce.acc,
        .fold = ds->fn->fold,
        .index = index,
        .of = of,
        .acc_bytes = (uint32_t)RIV__ALIGN_UP(param->reduce.acc->size, 8),
        .units = undoes ? 1 : units_for(window, of),
    };
    riv__step_bare_init(&fw->step, NULL, ds);
    fw->has_step = true;
    const uint32_t bytes =
        (uint32_t)sizeof(int64_t) + fw->ops->accs * fw->acc_bytes;
    RIV__TRY(riv__slots_init(&fw->slots, param->reduce.key, bytes, err));
    fw->has_slots = true;
    return memory_make(fw) < 0
               ? riv__err_set(err, RIV_ENOMEM, "no memory for a window")
               : 0;
}

void riv__fold_pane_fini(struct riv_pane *pane)
{
    free(pane->slot);
    free(pane->val);
    riv__arena_fini(&pane->strings);
}

void riv__fold_window_fini(struct riv_fold_window *fw)
{
    for (size_t i = 0; i < fw->n; i++)
        riv__fold_pane_fini(&fw->pane[fw->first + i]);
    riv__fold_pane_fini(&fw->spare);
    free(fw->pane);
    free(fw->slot);
    free(fw->run);
    free(fw->start);
    free(fw->flipped);
    free(fw->hold);
    free(fw->old);
    if (fw->has_slots)
        riv__slots_fini(&fw->slots);
    if (fw->has_step)
        riv__step_bare_fini(&fw->step);
    *fw = (struct riv_fold_window){ .n = 0 };
}

/* ------------------------------------------------------------------- panes */

static int pane_room(struct riv_pane *pane, size_t n, size_t acc_bytes)
{
    if (pane->slot && n <= pane->cap && n >= pane->cap / 4)
        return 0;
    riv__fold_pane_fini(pane);
    *pane = (struct riv_pane){ .cap = (uint32_t)n };
    riv__arena_init(&pane->strings, 1024);
    pane->slot = malloc((n + 1) * sizeof *pane->slot);
    pane->val = malloc((n + 1) * acc_bytes);
    return pane->slot && pane->val ? 0 : RIV_ENOMEM;
}

/* start[u]: where the entries of unit u begin. */
void riv__fold_units_count(struct riv_fold_window *fw, const uint32_t *slot,
                           size_t n)
{
    const uint32_t mask = fw->units - 1;
    memset(fw->start, 0, (fw->units + 1) * sizeof *fw->start);
    for (size_t i = 0; mask && i < n; i++)
        fw->start[(slot[i] & mask) + 1]++;
    for (uint32_t u = 0; u < fw->units; u++)
        fw->start[u + 1] += fw->start[u];
}

void riv__fold_put(struct riv_fold_window *fw, struct riv_pane *pane,
                   uint32_t slot, const char *val)
{
    const size_t bytes = fw->acc->size;
    const uint32_t to = fw->start[slot & (fw->units - 1)]++;
    pane->slot[to] = slot;
    riv__fold_copy(pane->val + to * bytes, val, bytes);
}

/* The slots of all rows of the batch. */
static int slots_find(struct riv_fold_window *fw,
                      const struct riv_fold_rows *rows, size_t n)
{
    static const int64_t nobody = 0; /* the key of windows without keys */
    const bool keyed = fw->param->keyed;
    RIV__TRY(RIV__VEC_ROOM(fw->slot, fw->slot_cap, n + 1));
    uint32_t *slot = fw->slot;
    for (uint32_t i = 0; i < rows->nrun; i++) {
        const struct riv_keyed_bucket *b = &rows->run[i];
        const void *row = keyed ? (const void *)b->rows : &nobody;
        if (b->n > 0)
            RIV__TRY(riv__table_slots(&fw->slots.tab, row,
                                      keyed ? rows->size : 0, b->n, slot));
        slot += b->n;
    }
    return 0;
}

static bool is_zero(const struct riv_fold_window *fw, const char *val)
{
    return fw->param->skips_zero && RIV__LOAD(int64_t, val) == 0;
}

static int pane_fill(struct riv_fold_window *fw,
                     const struct riv_fold_rows *rows, struct riv_pane *pane,
                     size_t n)
{
    const size_t size = rows->size;
    const uint32_t *slot = fw->slot;
    riv__fold_units_count(fw, slot, n);
    for (uint32_t i = 0; i < rows->nrun; i++) {
        const struct riv_keyed_bucket *b = &rows->run[i];
        const char *val = b->rows + fw->param->reduce.in_offset;
        for (size_t r = 0; r < b->n; r++, val += size, slot++)
            if (!is_zero(fw, val))
                riv__fold_put(fw, pane, *slot, val);
    }
    pane->n = fw->start[fw->units - 1];
    return riv__rows_own(fw->acc, pane->val, pane->n, &pane->strings);
}

/* Room for one more pane behind the last. */
static int pane_next(struct riv_fold_window *fw)
{
    if (fw->first > fw->n) {
        memmove(fw->pane, fw->pane + fw->first, fw->n * sizeof *fw->pane);
        fw->first = 0;
    }
    return RIV__VEC_ROOM(fw->pane, fw->cap, fw->first + fw->n + 1);
}

static void pane_count(struct riv_fold_window *fw, struct riv_pane *pane)
{
    pane->bytes = pane->cap * (sizeof *pane->slot + fw->acc->size) +
                  riv__arena_used(&pane->strings);
    fw->bytes += pane->bytes;
}

static size_t rows_count(const struct riv_fold_rows *rows)
{
    size_t n = 0;
    for (uint32_t i = 0; i < rows->nrun; i++)
        n += rows->run[i].n;
    return n;
}

int riv__fold_pane_add(struct riv_fold_window *fw, int64_t time, size_t n,
                       struct riv_pane **ret)
{
    struct riv_pane pane = { .n = 0 };
    RIV__TRY(pane_next(fw));
    int rc = pane_room(&pane, n, fw->acc->size);
    if (rc < 0) {
        riv__fold_pane_fini(&pane);
        return rc;
    }
    size_t at = fw->first + fw->n++;
    for (; at > fw->first && fw->pane[at - 1].time > time; at--)
        fw->pane[at] = fw->pane[at - 1];
    pane.time = time;
    pane_count(fw, &pane);
    fw->pane[at] = pane;
    *ret = &fw->pane[at];
    return 0;
}

static int pane_enter(struct riv_fold_window *fw,
                      const struct riv_fold_rows *rows)
{
    const size_t n = rows_count(rows);
    if (n == 0)
        return 0;
    RIV__TRY(pane_next(fw));
    RIV__TRY(slots_find(fw, rows, n));
    RIV__TRY(pane_room(&fw->spare, n, fw->acc->size));
    RIV__TRY(pane_fill(fw, rows, &fw->spare, n));
    if (fw->spare.n == 0)
        return 0;
    struct riv_pane *pane = &fw->pane[fw->first + fw->n++];
    *pane = fw->spare;
    fw->spare = (struct riv_pane){ .n = 0 };
    pane->time = rows->time;
    pane_count(fw, pane);
    return fw->ops->enter(fw, pane);
}

static int panes_leave(struct riv_fold_window *fw, int64_t left)
{
    while (fw->n > 0 && fw->pane[fw->first].time <= left) {
        struct riv_pane *pane = &fw->pane[fw->first];
        RIV__TRY(fw->ops->leave(fw, pane));
        riv__fold_pane_fini(&fw->spare);
        fw->bytes -= pane->bytes;
        riv__arena_reset(&pane->strings, STRINGS_KEEP_BYTES);
        fw->spare = *pane;
        fw->first++;
        fw->n--;
    }
    return 0;
}

uint64_t riv__fold_window_bytes(const struct riv_fold_window *fw,
                                int64_t since_ms)
{
    uint64_t bytes = fw->bytes;
    for (size_t i = 0; i < fw->n && fw->pane[fw->first + i].time <= since_ms;
         i++)
        bytes -= fw->pane[fw->first + i].bytes;
    return bytes;
}

/* ---------------------------------------------------------- numbering anew */

/* Slots of a pane are renamed; it is sorted by unit again. */
static int pane_rename(struct riv_fold_window *fw, struct riv_pane *pane,
                       const uint32_t *map)
{
    const size_t bytes = fw->acc->size;
    for (uint32_t i = 0; i < pane->n; i++) {
        const uint32_t more = pane->slot[i] & RIV__PANE_MORE;
        pane->slot[i] = map[pane->slot[i] & ~RIV__PANE_MORE] | more;
    }
    if (fw->units == 1)
        return 0;
    struct riv_pane to = { .n = 0 };
    RIV__TRY(pane_room(&to, pane->n, bytes));
    riv__fold_units_count(fw, pane->slot, pane->n);
    for (uint32_t i = 0; i < pane->n; i++)
        riv__fold_put(fw, &to, pane->slot[i], pane->val + i * bytes);
    free(pane->slot);
    free(pane->val);
    pane->slot = to.slot;
    pane->val = to.val;
    pane->cap = to.cap;
    riv__arena_fini(&to.strings);
    return 0;
}

static int tidy(struct riv_fold_window *fw, int64_t slide, struct riv_err *err)
{
    struct riv_slot_field field[2];
    uint32_t *map;
    const bool own = (uint64_t)slide % fw->of == fw->index;
    if (!riv__slots_wants_build(&fw->slots, own ? 1 : 3))
        return 0;
    for (uint32_t i = 0; i < fw->ops->accs; i++)
        field[i] = (struct riv_slot_field){
            .layout = fw->acc,
            .offset = (uint32_t)sizeof(int64_t) + i * fw->acc_bytes,
        };
    int rc = fw->ops->settle ? fw->ops->settle(fw) : 0;
    if (rc == 0)
        rc = riv__slots_build(&fw->slots, field, fw->ops->accs, &map, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < fw->n; i++)
        rc = pane_rename(fw, &fw->pane[fw->first + i], map);
    free(map);
    return rc;
}

/* --------------------------------------------------------------- the whole */

static int slide_now(struct riv_fold_window *fw,
                     const struct riv_fold_rows *rows, struct riv_err *err)
{
    const int64_t since = rows->time - rows->zero;
    const int64_t slide = since / fw->window->step_ms;
    fw->step.t.time = rows->time;
    int rc = panes_leave(fw, riv__window_left(fw->window, rows->time));
    if (rc == 0 && riv__window_needs(fw->window, rows->zero, rows->time))
        rc = pane_enter(fw, rows);
    if (rc == 0 && fw->ops->turn)
        rc = fw->ops->turn(fw, slide);
    if (rc == 0)
        rc = tidy(fw, slide, err);
    if (rc == 0)
        return 0;
    char show[256];
    riv__ds_show(fw->ds, show, sizeof show);
    if (rc == RIV_EINVAL)
        return riv__err_set(err, RIV_ERECORD,
                            "%s: a key is longer than %d bytes", show,
                            RIV__KEY_BYTES_MAX);
    return riv__err_set(err, rc, "%s: no memory for the window", show);
}

/* The reducer may be left in the middle, for want of memory. */
struct leaving {
    struct riv_fold_window *fw;
    const struct riv_fold_rows *rows; /* of a slide; of a scan: */
    size_t size;
    struct riv_chain *chain;
    struct riv_err err;
};

static int slide_call(void *arg)
{
    struct leaving *call = arg;
    return slide_now(call->fw, call->rows, &call->err);
}

int riv__fold_window_slide(struct riv_fold_window *fw,
                           const struct riv_fold_rows *rows,
                           struct riv_err *err)
{
    struct leaving call = { .fw = fw, .rows = rows };
    int rc = riv__leave_call(&fw->step, slide_call, &call);
    if (rc < 0)
        riv__err_set(err, rc, "%s",
                     call.err.code ? call.err.text : fw->step.why);
    return rc;
}

/* Keys of the chunk's living slots, dense at the beginning of the rows. */
static uint32_t scan_keys(struct riv_fold_window *fw, uint32_t at, uint32_t n,
                          char *rows, size_t size, uint32_t *slot)
{
    const size_t key_bytes = fw->slots.tab.key->size;
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (*riv__slots_life(&fw->slots, at + i) == 0)
            continue;
        if (m != i && fw->param->keyed)
            riv__fold_copy(rows + m * size, rows + i * size, key_bytes);
        slot[m++] = at + i;
    }
    return m;
}

/* Whether key and accumulator of a living slot are a row: one look at each
 * entry. */
static bool scans_pairs(const struct riv_fold_window *fw, size_t size)
{
    const struct riv_table *tab = &fw->slots.tab;
    return fw->param->keyed && tab->class == RIV__KEY_I64 &&
           tab->key_offset == 0 && fw->acc->size == 8 && size == 16 &&
           fw->param->reduce.out_offset == 8 && fw->ops->has_pairs(fw);
}

static int scan_now(struct riv_fold_window *fw, size_t size,
                    struct riv_chain *chain)
{
    const struct riv_table *tab = &fw->slots.tab;
    const uint32_t out = fw->param->reduce.out_offset;
    uint32_t slot[RIV__CHUNK_ROWS];
    struct riv_err err = { 0 };
    char *rows = riv__chain_rows(chain, size);
    const bool pairs = scans_pairs(fw, size);
    for (uint32_t at = 0, n, m; rows && at < tab->nslot && chain->rc == 0;
         at += n) {
        n = RIV__MIN(tab->nslot - at, (uint32_t)RIV__CHUNK_ROWS);
        if (pairs) {
            m = fw->ops->pairs(fw, at, n, rows);
        } else {
            if (fw->param->keyed &&
                riv__table_keys(tab, at, n, rows, size, &err) < 0)
                return riv__chain_fail(chain, err.code, "%s", err.text);
            m = scan_keys(fw, at, n, rows, size, slot);
            fw->ops->results(fw, slot, m, rows + out, size);
        }
        if (m > 0)
            riv__chain_push(chain, rows, m);
        riv__fold_step_reset(fw);
    }
    return chain->rc;
}

static int scan_call(void *arg)
{
    struct leaving *call = arg;
    return scan_now(call->fw, call->size, call->chain);
}

int riv__fold_window_scan(struct riv_fold_window *fw, size_t size,
                          struct riv_chain *chain)
{
    struct leaving call = { .fw = fw, .size = size, .chain = chain };
    int rc = riv__leave_call(&fw->step, scan_call, &call);
    return rc < 0 ? riv__chain_fail(chain, rc, "%s", fw->step.why) : rc;
}
