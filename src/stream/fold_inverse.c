/* stream/fold_inverse.c - a window whose reducer can be undone: one accumulator
 * a key; what enters is added, what leaves is subtracted. Sums of integers are
 * exact and take a loop of their own. */
#include <string.h>

#include "stream/fold_window.h"

static int64_t *life_of(char *val)
{
    return (int64_t *)(void *)val;
}

/* A life and a sum. */
static uint64_t *words_of(struct riv_table_vals vals, uint32_t slot)
{
    return (uint64_t *)riv__table_val_of(vals, slot);
}

static void add_i64(struct riv_fold_window *fw, const struct riv_pane *pane)
{
    const struct riv_table_vals vals = riv__table_vals(&fw->slots.tab);
    const uint32_t n = pane->n, *slot = pane->slot;
    const char *from = pane->val;
    uint32_t born = 0;
    for (uint32_t i = 0; i < n; i++, from += sizeof(uint64_t)) {
        riv__fold_ask_of(vals, slot, i, n);
        uint64_t *val = words_of(vals, slot[i]);
        born += val[0]++ == 0;
        val[1] += RIV__LOAD(uint64_t, from); /* a dead key's is 0 again */
    }
    fw->slots.live += born;
}

static void subtract_i64(struct riv_fold_window *fw,
                         const struct riv_pane *pane)
{
    const struct riv_table_vals vals = riv__table_vals(&fw->slots.tab);
    const uint64_t empty = fw->param->keep_empty ? RIV__LIFE_KEPT : 0;
    const uint32_t n = pane->n, *slot = pane->slot;
    const char *from = pane->val;
    uint32_t died = 0;
    for (uint32_t i = 0; i < n; i++, from += sizeof(uint64_t)) {
        riv__fold_ask_of(vals, slot, i, n);
        uint64_t *val = words_of(vals, slot[i]);
        const uint64_t life = val[0] - 1;
        val[0] = life & RIV__LIFE_PANES ? life : empty;
        died += val[0] == 0;
        val[1] -= RIV__LOAD(uint64_t, from);
    }
    fw->slots.live -= died;
}

static int enter_owning(struct riv_fold_window *fw, struct riv_pane *pane)
{
    const char *from = pane->val;
    for (uint32_t i = 0; i < pane->n; i++, from += fw->acc->size) {
        char *val = riv__fold_val(fw, pane->slot[i]);
        RIV__TRY(riv__fold_one(fw, fw->fold, riv__fold_acc(fw, val, 0), from,
                               *life_of(val) == 0));
        riv__fold_gain(fw, life_of(val));
    }
    return 0;
}

static int enter(struct riv_fold_window *fw, struct riv_pane *pane)
{
    const size_t bytes = fw->acc->size;
    if (fw->param->exact) {
        add_i64(fw, pane);
        return 0;
    }
    if (fw->acc->nstr > 0)
        return enter_owning(fw, pane);
    size_t n = 0;
    for (uint32_t i = 0; i < pane->n; i++) {
        riv__fold_ask(fw, pane, i);
        char *val = riv__fold_val(fw, pane->slot[i]);
        char *acc = riv__fold_acc(fw, val, 0);
        if (*life_of(val) == 0) {
            riv__fold_copy(acc, pane->val + i * bytes, bytes);
        } else {
            fw->at[n] = acc;
            fw->sel[n++] = i;
        }
        riv__fold_gain(fw, life_of(val));
        if (n == RIV__CHUNK_ROWS) {
            riv__fold_many(fw, fw->fold, pane->val, bytes, n);
            n = 0;
        }
    }
    riv__fold_many(fw, fw->fold, pane->val, bytes, n);
    return 0;
}

static int leave_owning(struct riv_fold_window *fw, struct riv_pane *pane)
{
    const char *from = pane->val;
    for (uint32_t i = 0; i < pane->n; i++, from += fw->acc->size) {
        char *val = riv__fold_val(fw, pane->slot[i]);
        RIV__TRY(riv__fold_one(fw, fw->param->undo, riv__fold_acc(fw, val, 0),
                               from, false));
        riv__fold_lose(fw, life_of(val));
    }
    return 0;
}

static int leave(struct riv_fold_window *fw, struct riv_pane *pane)
{
    const size_t bytes = fw->acc->size;
    if (fw->param->exact) {
        subtract_i64(fw, pane);
        return 0;
    }
    if (fw->acc->nstr > 0)
        return leave_owning(fw, pane);
    for (uint32_t i = 0; i < pane->n;) {
        uint32_t n = RIV__MIN(pane->n - i, (uint32_t)RIV__CHUNK_ROWS);
        for (uint32_t k = 0; k < n; k++, i++) {
            riv__fold_ask(fw, pane, i);
            char *val = riv__fold_val(fw, pane->slot[i]);
            fw->at[k] = riv__fold_acc(fw, val, 0);
            fw->sel[k] = i;
            riv__fold_lose(fw, life_of(val));
        }
        riv__fold_many(fw, fw->param->undo, pane->val, bytes, n);
    }
    return 0;
}

static void results(struct riv_fold_window *fw, const uint32_t *slot,
                    uint32_t n, char *acc, size_t stride)
{
    const size_t bytes = fw->acc->size;
    for (uint32_t i = 0; i < n; i++, acc += stride)
        riv__fold_copy(acc, riv__fold_acc(fw, riv__fold_val(fw, slot[i]), 0),
                       bytes);
}

static bool has_pairs(const struct riv_fold_window *fw)
{
    return fw->acc->nstr == 0;
}

static uint32_t pairs(const struct riv_fold_window *fw, uint32_t at, uint32_t n,
                      char *rows)
{
    const struct riv_table *tab = &fw->slots.tab;
    const char *entry = riv__table_entry(tab, at);
    const size_t life = tab->head_bytes, bytes = tab->entry_bytes;
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++, entry += bytes) {
        riv__fold_ask_on(entry);
        memcpy(rows + m * 16, entry, 8);
        memcpy(rows + m * 16 + 8, entry + life + sizeof(int64_t), 8);
        m += RIV__LOAD(int64_t, entry + life) != 0;
    }
    return m;
}

const struct riv_fold_window_ops riv__fold_inverse = {
    .name = "inverse",
    .accs = 1,
    .enter = enter,
    .leave = leave,
    .results = results,
    .has_pairs = has_pairs,
    .pairs = pairs,
};
