/* stream/fold_stack.c - a window whose reducer has no inverse: two stacks a
 * key, laid out in panes. A key has a front, the fold of its older panes, and a
 * back, the fold of those since the last flip. A flip goes through the newer
 * panes from the last to the first and puts into each the fold of what comes
 * after it; so, when a pane leaves, the front of each of its keys stands in it,
 * and no pane is folded twice. All keys at once would make one slide in sixty
 * as dear as all others together: keys are dealt into as many units as the
 * window has panes, and each slide flips one ("Low-Latency Sliding-Window
 * Aggregation in Worst-Case Constant Time", DEBS 2017, has the two stacks).
 *
 * A unit is the low bits of the slot, and a pane is sorted by unit. Between two
 * flips of a unit lies one length of the window, so that a flip finds the front
 * used up; where batches were skipped it may not be, and the flip extends it. */
#include <string.h>

#include "data/rows.h"
#include "stream/fold_window.h"

static int64_t *life_of(char *val)
{
    return (int64_t *)(void *)val;
}

static char *front_of(const struct riv_fold_window *fw, char *val)
{
    return riv__fold_acc(fw, val, 0);
}

static char *back_of(const struct riv_fold_window *fw, char *val)
{
    return riv__fold_acc(fw, val, 1);
}

static char *pane_val(const struct riv_fold_window *fw,
                      const struct riv_pane *pane, uint32_t i)
{
    return pane->val + (size_t)i * fw->acc->size;
}

/* ---- least and greatest of integers: one word each, loops without a branch on
 * what a key has had before, which nobody can guess, and without a call */

static bool is_best(const struct riv_fold_window *fw)
{
    const enum riv_fold fold = fw->param->reduce.fold;
    return fold == RIV__FOLD_MIN_I64 || fold == RIV__FOLD_MAX_I64;
}

static inline int64_t best_i64(enum riv_fold fold, int64_t a, int64_t b)
{
    if (fold == RIV__FOLD_MIN_I64)
        return RIV__MIN(a, b);
    return RIV__MAX(a, b);
}

/* A life, a front and a back. */
enum { LIFE, FRONT, BACK };

static int64_t *words_of(struct riv_table_vals vals, uint32_t slot)
{
    return (int64_t *)riv__table_val_of(vals, slot);
}

static void enter_best(struct riv_fold_window *fw, const struct riv_pane *pane)
{
    const enum riv_fold fold = fw->param->reduce.fold;
    const struct riv_table_vals vals = riv__table_vals(&fw->slots.tab);
    const uint32_t n = pane->n, *slot = pane->slot;
    uint32_t born = 0;
    for (uint32_t i = 0; i < n; i++) {
        riv__fold_ask_of(vals, slot, i, n);
        int64_t *val = words_of(vals, slot[i]);
        const int64_t life = val[LIFE];
        const int64_t v = RIV__LOAD(int64_t, pane->val + i * sizeof v);
        const int64_t both = best_i64(fold, val[BACK], v);
        val[BACK] = life & RIV__LIFE_BACK ? both : v;
        val[LIFE] = (life + 1) | RIV__LIFE_BACK;
        born += life == 0;
    }
    fw->slots.live += born;
}

/* See flip_chunk. What stands in the pane counts only where there is more. */
static void flip_best(struct riv_fold_window *fw, struct riv_pane *pane,
                      uint32_t from, uint32_t n)
{
    const enum riv_fold fold = fw->param->reduce.fold;
    const struct riv_table_vals vals = riv__table_vals(&fw->slots.tab);
    uint32_t *slot = pane->slot;
    for (uint32_t i = from; i < from + n; i++) {
        riv__fold_ask_of(vals, slot, i, pane->n);
        int64_t *val = words_of(vals, slot[i]);
        const bool more = val[LIFE] & RIV__LIFE_BACK;
        const int64_t was = val[BACK];
        const int64_t v = RIV__LOAD(int64_t, pane->val + i * sizeof v);
        const int64_t both = best_i64(fold, was, v);
        const int64_t left = more ? was : v;
        val[BACK] = more ? both : v;
        val[LIFE] |= RIV__LIFE_BACK;
        memcpy(pane->val + i * sizeof left, &left, sizeof left);
        slot[i] |= (uint32_t)more * RIV__PANE_MORE;
    }
}

static void leave_best(struct riv_fold_window *fw, const struct riv_pane *pane)
{
    const struct riv_table_vals vals = riv__table_vals(&fw->slots.tab);
    const int64_t empty = fw->param->keep_empty ? RIV__LIFE_KEPT : 0;
    const uint32_t n = pane->n, *slot = pane->slot;
    uint32_t died = 0;
    for (uint32_t i = 0; i < n; i++) {
        riv__fold_ask_of(vals, slot, i, n);
        int64_t *val = words_of(vals, slot[i] & ~RIV__PANE_MORE);
        const bool more = slot[i] & RIV__PANE_MORE;
        const int64_t life = (val[LIFE] & ~(more ? 0 : RIV__LIFE_FRONT)) - 1;
        val[LIFE] = life & RIV__LIFE_PANES ? life : empty;
        died += val[LIFE] == 0;
        val[FRONT] = RIV__LOAD(int64_t, pane->val + i * sizeof(int64_t));
    }
    fw->slots.live -= died;
}

static int enter_owning(struct riv_fold_window *fw, struct riv_pane *pane)
{
    for (uint32_t i = 0; i < pane->n; i++) {
        char *val = riv__fold_val(fw, pane->slot[i]);
        int64_t *life = life_of(val);
        RIV__TRY(riv__fold_one(fw, fw->fold, back_of(fw, val),
                               pane_val(fw, pane, i),
                               !(*life & RIV__LIFE_BACK)));
        riv__fold_gain(fw, life);
        *life |= RIV__LIFE_BACK;
    }
    return 0;
}

static int enter(struct riv_fold_window *fw, struct riv_pane *pane)
{
    const size_t bytes = fw->acc->size;
    size_t n = 0;
    if (fw->acc->nstr > 0)
        return enter_owning(fw, pane);
    if (is_best(fw)) {
        enter_best(fw, pane);
        return 0;
    }
    for (uint32_t i = 0; i < pane->n; i++) {
        riv__fold_ask(fw, pane, i);
        char *val = riv__fold_val(fw, pane->slot[i]);
        int64_t *life = life_of(val);
        if (*life & RIV__LIFE_BACK) {
            fw->at[n] = back_of(fw, val);
            fw->sel[n++] = i;
        } else {
            riv__fold_copy(back_of(fw, val), pane_val(fw, pane, i), bytes);
        }
        riv__fold_gain(fw, life);
        *life |= RIV__LIFE_BACK;
        if (n == RIV__CHUNK_ROWS) {
            riv__fold_many(fw, fw->fold, pane->val, bytes, n);
            n = 0;
        }
    }
    riv__fold_many(fw, fw->fold, pane->val, bytes, n);
    return 0;
}

/* -------------------------------------------------------------------- flips */

static uint32_t unit_of(const struct riv_fold_window *fw, uint32_t slot)
{
    return slot & (fw->units - 1);
}

/* The first entry of the pane with a slot of this unit or a later one. Slots
 * are spread evenly, so the search begins where it should be. */
static uint32_t unit_begin(const struct riv_fold_window *fw,
                           const struct riv_pane *pane, uint32_t unit)
{
    uint32_t lo = 0, hi = pane->n;
    if (unit == 0 || unit == fw->units)
        return unit == 0 ? 0 : pane->n;
    uint32_t at = (uint32_t)((uint64_t)pane->n * unit / fw->units);
    for (uint32_t step = 8; lo < hi; step *= 2) {
        if (unit_of(fw, pane->slot[at]) < unit) {
            lo = at + 1;
            at = lo + RIV__MIN(step, hi - lo);
            at -= at == hi;
        } else {
            hi = at;
            at = hi - RIV__MIN(step, hi - lo);
        }
        if (step > hi - lo)
            at = lo + (hi - lo) / 2;
    }
    return lo;
}

/* Front and back of every key of the unit become the front; the back is empty.
 */
static int merge_backs(struct riv_fold_window *fw, uint32_t unit)
{
    const size_t stride = fw->slots.tab.entry_bytes;
    const uint32_t nslot = fw->slots.tab.nslot;
    char *base = back_of(fw, riv__fold_val(fw, 0));
    size_t n = 0;
    for (uint32_t slot = unit; slot < nslot; slot += fw->units) {
        char *val = riv__fold_val(fw, slot);
        int64_t *life = life_of(val);
        if (!(*life & RIV__LIFE_BACK))
            continue;
        if (!(*life & RIV__LIFE_FRONT)) {
            riv__fold_copy(front_of(fw, val), back_of(fw, val), fw->acc->size);
        } else if (fw->acc->nstr > 0) {
            RIV__TRY(riv__fold_one(fw, fw->fold, front_of(fw, val),
                                   back_of(fw, val), false));
        } else {
            fw->at[n] = front_of(fw, val);
            fw->sel[n++] = slot;
        }
        *life = (*life & ~RIV__LIFE_BACK) | RIV__LIFE_FRONT;
        if (n == RIV__CHUNK_ROWS) {
            riv__fold_many(fw, fw->fold, base, stride, n);
            n = 0;
        }
    }
    riv__fold_many(fw, fw->fold, base, stride, n);
    return 0;
}

static void clear_backs(struct riv_fold_window *fw, uint32_t unit)
{
    const uint32_t nslot = fw->slots.tab.nslot;
    for (uint32_t slot = unit; slot < nslot; slot += fw->units)
        *life_of(riv__fold_val(fw, slot)) &= ~RIV__LIFE_BACK;
}

/* A value that moves from the table into a pane takes its strings with it. */
static int own_in_pane(const struct riv_fold_window *fw, struct riv_pane *pane,
                       char *val)
{
    return fw->acc->nstr ? riv__rows_own(fw->acc, val, 1, &pane->strings) : 0;
}

static int flip_owning(struct riv_fold_window *fw, struct riv_pane *pane,
                       uint32_t from, uint32_t until)
{
    for (uint32_t i = from; i < until; i++) {
        char *val = riv__fold_val(fw, pane->slot[i]);
        int64_t *life = life_of(val);
        const bool more = *life & RIV__LIFE_BACK;
        if (more)
            memcpy(fw->hold, back_of(fw, val), fw->acc->size);
        if (more)
            RIV__TRY(own_in_pane(fw, pane, fw->hold));
        RIV__TRY(riv__fold_one(fw, fw->fold, back_of(fw, val),
                               pane_val(fw, pane, i), !more));
        if (more)
            memcpy(pane_val(fw, pane, i), fw->hold, fw->acc->size);
        *life |= RIV__LIFE_BACK;
        pane->slot[i] |= more ? RIV__PANE_MORE : 0;
    }
    return 0;
}

/* Entries of a pane that was not flipped yet, at most a chunk of them: each gets
 * the fold of the later ones (in the back while the flip goes on), which then
 * takes its value in. */
static void flip_chunk(struct riv_fold_window *fw, struct riv_pane *pane,
                       uint32_t from, uint32_t n)
{
    const size_t bytes = fw->acc->size;
    size_t m = 0;
    for (uint32_t i = from; i < from + n; i++) {
        riv__fold_ask(fw, pane, i);
        char *val = riv__fold_val(fw, pane->slot[i]);
        int64_t *life = life_of(val);
        char *back = back_of(fw, val);
        if (*life & RIV__LIFE_BACK) {
            riv__fold_copy(fw->hold + m * bytes, back, bytes);
            fw->at[m] = back;
            fw->sel[m++] = i;
        } else {
            riv__fold_copy(back, pane_val(fw, pane, i), bytes);
            *life |= RIV__LIFE_BACK;
        }
    }
    if (m > 0)
        riv__fold_many(fw, fw->fold, pane->val, bytes, m);
    for (size_t k = 0; k < m; k++) {
        riv__fold_copy(pane_val(fw, pane, fw->sel[k]), fw->hold + k * bytes,
                       bytes);
        pane->slot[fw->sel[k]] |= RIV__PANE_MORE;
    }
}

static int flip_pane(struct riv_fold_window *fw, struct riv_pane *pane,
                     uint32_t unit)
{
    const uint32_t until = unit_begin(fw, pane, unit + 1);
    uint32_t at = unit_begin(fw, pane, unit);
    if (fw->acc->nstr > 0)
        return flip_owning(fw, pane, at, until);
    if (is_best(fw)) {
        flip_best(fw, pane, at, until - at);
        return 0;
    }
    for (uint32_t n; at < until; at += n) {
        n = RIV__MIN(until - at, (uint32_t)RIV__CHUNK_ROWS);
        flip_chunk(fw, pane, at, n);
    }
    return 0;
}

/* A pane of the front, when that was not used up: behind what follows each
 * entry within the front now comes all that was flipped. */
static int extend_pane(struct riv_fold_window *fw, struct riv_pane *pane,
                       uint32_t unit)
{
    const uint32_t until = unit_begin(fw, pane, unit + 1);
    for (uint32_t i = unit_begin(fw, pane, unit); i < until; i++) {
        char *val = riv__fold_val(fw, pane->slot[i] & ~RIV__PANE_MORE);
        char *to = pane_val(fw, pane, i);
        void *acc = to;
        const uint32_t zero = 0;
        if (!(*life_of(val) & RIV__LIFE_BACK))
            continue;
        if (pane->slot[i] & RIV__PANE_MORE)
            fw->fold(&acc, back_of(fw, val), 0, &zero, 1, &fw->step.t);
        else
            memcpy(to, back_of(fw, val), fw->acc->size);
        RIV__TRY(own_in_pane(fw, pane, to));
        pane->slot[i] |= RIV__PANE_MORE;
    }
    return 0;
}

static int flip(struct riv_fold_window *fw, uint32_t unit)
{
    const int64_t front = fw->flipped[unit];
    if (fw->n == 0 || fw->pane[fw->first + fw->n - 1].time <= front)
        return 0;
    RIV__TRY(merge_backs(fw, unit));
    for (size_t i = fw->n; i-- > 0;) {
        struct riv_pane *pane = &fw->pane[fw->first + i];
        if (pane->n == 0)
            continue;
        RIV__TRY(pane->time > front ? flip_pane(fw, pane, unit)
                                    : extend_pane(fw, pane, unit));
    }
    clear_backs(fw, unit);
    fw->flipped[unit] = fw->pane[fw->first + fw->n - 1].time;
    return 0;
}

/* Each unit has its slide in every length of the window. */
static int turn(struct riv_fold_window *fw, int64_t slide)
{
    const uint64_t panes =
        (uint64_t)(fw->window->length_ms / fw->window->step_ms);
    const uint64_t units = (uint64_t)fw->units * fw->of;
    const uint64_t now = (uint64_t)slide % panes;
    const uint64_t until = ((now + 1) * units + panes - 1) / panes;
    for (uint64_t u = (now * units + panes - 1) / panes; u < until; u++)
        if (u % fw->of == fw->index)
            RIV__TRY(flip(fw, (uint32_t)(u / fw->of)));
    return 0;
}

static int settle(struct riv_fold_window *fw)
{
    for (uint32_t unit = 0; unit < fw->units; unit++)
        RIV__TRY(flip(fw, unit));
    return 0;
}

static int leave(struct riv_fold_window *fw, struct riv_pane *pane)
{
    for (uint32_t unit = 0; unit < fw->units; unit++)
        if (fw->flipped[unit] < pane->time)
            RIV__TRY(flip(fw, unit));
    if (is_best(fw)) {
        leave_best(fw, pane);
        return 0;
    }
    for (uint32_t i = 0; i < pane->n; i++) {
        riv__fold_ask(fw, pane, i);
        char *val = riv__fold_val(fw, pane->slot[i] & ~RIV__PANE_MORE);
        int64_t *life = life_of(val);
        if (pane->slot[i] & RIV__PANE_MORE) {
            char *front = front_of(fw, val);
            riv__fold_copy(front, pane_val(fw, pane, i), fw->acc->size);
            if (fw->acc->nstr > 0)
                RIV__TRY(riv__slots_adopt(&fw->slots, fw->acc, front, NULL));
        } else {
            *life &= ~RIV__LIFE_FRONT;
        }
        riv__fold_lose(fw, life);
    }
    return 0;
}

/* Front and back of one word each, without a call per chunk. */
static void results_i64(struct riv_fold_window *fw, const uint32_t *slot,
                        uint32_t n, char *acc, size_t stride)
{
    const enum riv_fold fold = fw->param->reduce.fold;
    for (uint32_t i = 0; i < n; i++, acc += stride) {
        char *val = riv__fold_val(fw, slot[i]);
        const int64_t life = *life_of(val);
        const int64_t front = RIV__LOAD(int64_t, front_of(fw, val));
        const int64_t back = RIV__LOAD(int64_t, back_of(fw, val));
        int64_t v = best_i64(fold, front, back);
        v = life & RIV__LIFE_FRONT ? v : back;
        v = life & RIV__LIFE_BACK ? v : front;
        memcpy(acc, &v, sizeof v);
    }
}

static inline __attribute__((always_inline)) uint32_t pairs_best(
    const struct riv_fold_window *fw, uint32_t at, uint32_t n, char *rows,
    enum riv_fold fold)
{
    const struct riv_table *tab = &fw->slots.tab;
    const char *entry = riv__table_entry(tab, at);
    const size_t head = tab->head_bytes, bytes = tab->entry_bytes;
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++, entry += bytes) {
        const int64_t life = RIV__LOAD(int64_t, entry + head);
        const int64_t front = RIV__LOAD(int64_t, entry + head + 8);
        const int64_t back = RIV__LOAD(int64_t, entry + head + 16);
        int64_t v = best_i64(fold, front, back);
        v = life & RIV__LIFE_FRONT ? v : back;
        v = life & RIV__LIFE_BACK ? v : front;
        memcpy(rows + m * 16, entry, 8);
        memcpy(rows + m * 16 + 8, &v, 8);
        m += life != 0;
        riv__fold_ask_on(entry);
    }
    return m;
}

static uint32_t pairs(const struct riv_fold_window *fw, uint32_t at, uint32_t n,
                      char *rows)
{
    if (fw->param->reduce.fold == RIV__FOLD_MIN_I64)
        return pairs_best(fw, at, n, rows, RIV__FOLD_MIN_I64);
    return pairs_best(fw, at, n, rows, RIV__FOLD_MAX_I64);
}

static void results(struct riv_fold_window *fw, const uint32_t *slot,
                    uint32_t n, char *acc, size_t stride)
{
    if (is_best(fw)) {
        results_i64(fw, slot, n, acc, stride);
        return;
    }
    size_t m = 0;
    for (uint32_t i = 0; i < n; i++, acc += stride) {
        char *val = riv__fold_val(fw, slot[i]);
        const int64_t life = *life_of(val);
        const bool has_front = life & RIV__LIFE_FRONT;
        riv__fold_copy(acc, has_front ? front_of(fw, val) : back_of(fw, val),
                       fw->acc->size);
        if (has_front && life & RIV__LIFE_BACK) {
            fw->at[m] = acc;
            fw->sel[m++] = slot[i];
        }
    }
    if (m > 0)
        fw->fold(fw->at, back_of(fw, riv__fold_val(fw, 0)),
                 fw->slots.tab.entry_bytes, fw->sel, m, &fw->step.t);
}

const struct riv_fold_window_ops riv__fold_stack = {
    .name = "two stacks",
    .accs = 2,
    .enter = enter,
    .leave = leave,
    .turn = turn,
    .settle = settle,
    .results = results,
    .has_pairs = is_best,
    .pairs = pairs,
};
