/* exec/folder.c - how values of a key become one: which loop, who copies. The
 * built-in reducers never call anything per row; the user's are called once a
 * chunk, with the accumulators' addresses. */
#include "exec/folder.h"

#include <stdlib.h>
#include <string.h>

#include "data/rows.h"
#include "exec/leave.h"

int riv__folder_init(struct riv_folder *folder, const riv_ds *ds)
{
    riv__step_bare_init(&folder->step, NULL, ds);
    folder->param = ds->param;
    const struct riv_layout *acc = folder->param->acc;
    folder->old = folder->gathered = NULL;
    if (!acc)
        return 0;
    folder->old = malloc(acc->size);
    return folder->old ? 0 : RIV_ENOMEM;
}

void riv__folder_fini(struct riv_folder *folder)
{
    riv__step_bare_fini(&folder->step);
    free(folder->old);
    free(folder->gathered);
    folder->old = folder->gathered = NULL;
}

void riv__folder_begin(struct riv_folder *folder, int64_t time,
                       struct riv_chain *chain)
{
    folder->step.chain = chain;
    folder->step.t.time = time;
}

/* After a fold: strings that the function put into the accumulator are copied
 * into the arena; those that were there stay. */
static int own_changed(const struct riv_layout *acc, char *now, const char *old,
                       struct riv_arena *arena)
{
    for (uint32_t i = 0; i < acc->nstr; i++) {
        riv_str *s = (riv_str *)(void *)(now + acc->str_offset[i]);
        const riv_str *was =
            (const riv_str *)(const void *)(old + acc->str_offset[i]);
        if (s->n == 0 || (s->p == was->p && s->n <= was->n))
            continue;
        char *copy = riv__arena_bytes(arena, s->n);
        if (!copy)
            return RIV_ENOMEM;
        s->p = memcpy(copy, s->p, s->n);
    }
    return 0;
}

int riv__folder_one(struct riv_folder *folder, void *acc, const void *val,
                    bool first, riv_fold_fn *fn, struct riv_arena *arena)
{
    const struct riv_layout *layout = folder->param->acc;
    const uint32_t zero = 0;
    if (first && folder->param->fold != RIV__FOLD_AGGREGATE) {
        memcpy(acc, val, layout->size);
        return layout->nstr ? riv__rows_own(layout, acc, 1, arena) : 0;
    }
    if (layout->nstr == 0)
        return riv__leave_fold(&folder->step, fn, &acc, val, 0, &zero, 1);
    memcpy(folder->old, acc, layout->size);
    RIV__TRY(riv__leave_fold(&folder->step, fn, &acc, val, 0, &zero, 1));
    RIV__TRY(own_changed(layout, acc, folder->old, arena));
    if (folder->step.arena.cur)
        riv__arena_reset(&folder->step.arena, 64 * 1024);
    return 0;
}

/* What begins an accumulator. Merging copies the first one. */
enum first { FIRST_COPY, FIRST_CREATE, FIRST_FOLD, FIRST_ZERO };

static enum first first_of(const struct riv_folder *folder, bool merging)
{
    switch (folder->param->fold) {
    case RIV__FOLD_AGGREGATE: return FIRST_FOLD; /* it is zero bytes already */
    case RIV__FOLD_COMBINE: return merging ? FIRST_COPY : FIRST_CREATE;
    default: return folder->param->zero && !merging ? FIRST_ZERO : FIRST_COPY;
    }
}

/* 1: the first value is in the accumulator now. 0: not yet. RIV_ENOMEM. */
static int first_take(struct riv_folder *folder, enum first first, void *to,
                      const char *val)
{
    const size_t size = folder->param->acc->size;
    const uint32_t row = 0;
    switch (first) {
    case FIRST_COPY: memcpy(to, val, size); return 1;
    case FIRST_CREATE:
        RIV__TRY(riv__leave_fold(&folder->step, folder->step.ds->fn->create,
                                 &to, val, 0, &row, 1));
        return 1;
    case FIRST_ZERO: memcpy(to, folder->param->zero, size); return 0;
    case FIRST_FOLD: return 0;
    }
    return 0;
}

static bool is_fresh(const struct riv_folder *folder, size_t i)
{
    return folder->fresh[i / 64] >> i % 64 & 1;
}

/* Accumulators with strings: one by one, because each may need copying. */
static int fold_owning(struct riv_folder *folder, struct riv_tally *tab,
                       size_t n, const char *val, size_t stride,
                       enum first first, riv_fold_fn *fn)
{
    const struct riv_layout *acc = folder->param->acc;
    for (size_t i = 0; i < n; i++, val += stride) {
        void *to = folder->acc[i];
        const int rc =
            is_fresh(folder, i) ? first_take(folder, first, to, val) : 0;
        RIV__TRY(rc);
        if (rc == 1) {
            RIV__TRY(riv__rows_own(acc, to, 1, &tab->bytes));
            continue;
        }
        RIV__TRY(riv__folder_one(folder, to, val, false, fn, &tab->bytes));
    }
    return 0;
}

/* A function over values whose accumulators are known: new keys get their first
 * value, the others are folded in the order of the rows. */
static int fold_found(struct riv_folder *folder, struct riv_tally *tab,
                      size_t n, const char *val, size_t stride,
                      enum first first, riv_fold_fn *fn)
{
    size_t m = 0;
    if (folder->param->acc->nstr > 0)
        return fold_owning(folder, tab, n, val, stride, first, fn);
    for (size_t i = 0; i < n; i++) {
        const int rc =
            is_fresh(folder, i)
                ? first_take(folder, first, folder->acc[i], val + i * stride)
                : 0;
        RIV__TRY(rc);
        if (rc == 1)
            continue;
        folder->to[m] = folder->acc[i];
        folder->sel[m++] = (uint32_t)i;
    }
    if (m > 0)
        RIV__TRY(riv__leave_fold(&folder->step, fn, folder->to, val, stride,
                                 folder->sel, m));
    if (folder->step.arena.cur)
        riv__arena_reset(&folder->step.arena, 64 * 1024);
    return 0;
}

static void add_f64(struct riv_folder *folder, const char *val, size_t stride,
                    size_t n)
{
    for (size_t i = 0; i < n; i++, val += stride)
        *(double *)folder->acc[i] += RIV__LOAD(double, val);
}

#define FOLD_BEST(name, wins) \
    static void name(struct riv_folder *folder, const char *val, \
                     size_t stride, size_t n) \
    { \
        for (size_t i = 0; i < n; i++, val += stride) { \
            int64_t *old = folder->acc[i]; \
            const int64_t v = RIV__LOAD(int64_t, val); \
            *old = is_fresh(folder, i) || (wins) ? v : *old; \
        } \
    }
FOLD_BEST(min_i64, v < *old)
FOLD_BEST(max_i64, v > *old)

static int failed(struct riv_folder *folder, int rc, struct riv_err *err)
{
    const char *why = folder->step.why;
    return rc < 0 ? riv__err_set(err, rc, "%s",
                                 why[0] ? why : "no memory for an accumulator")
                  : 0;
}

/* Built-in folds that need to know where the accumulators are. */
static int fold_builtin(struct riv_folder *folder, const char *val,
                        size_t stride, size_t n)
{
    switch (folder->param->fold) {
    case RIV__FOLD_SUM_F64: add_f64(folder, val, stride, n); return 0;
    case RIV__FOLD_MIN_I64: min_i64(folder, val, stride, n); return 0;
    case RIV__FOLD_MAX_I64: max_i64(folder, val, stride, n); return 0;
    default: return 1;
    }
}

int riv__folder_rows(struct riv_folder *folder, struct riv_tally *tab,
                     struct riv_keys *keys, size_t n, const void *val,
                     size_t stride, struct riv_err *err)
{
    switch (folder->param->fold) {
    case RIV__FOLD_NONE: /* of a set: how often does no harm */
    case RIV__FOLD_COUNT:
        return failed(folder, riv__tally_count(tab, keys), err);
    case RIV__FOLD_SUM_I64:
        return failed(folder, riv__tally_add_i64(tab, keys, val, stride), err);
    default: break;
    }
    int rc = riv__tally_find(tab, keys, folder->acc, folder->fresh);
    if (rc < 0)
        return failed(folder, rc, err);
    if (fold_builtin(folder, val, stride, n) == 0)
        return 0;
    return failed(
        folder,
        fold_found(folder, tab, n, val, stride, first_of(folder, false),
                   folder->step.ds->fn->fold),
        err);
}

/* Accumulators of another tally, side by side. */
static int gather(struct riv_folder *folder, const struct riv_tally *from,
                  const uint32_t *slot, size_t n)
{
    const size_t size = folder->param->acc->size;
    if (!folder->gathered)
        folder->gathered = malloc(RIV__KEYS_MAX * size);
    if (!folder->gathered)
        return RIV_ENOMEM;
    char *to = folder->gathered;
    for (size_t i = 0; i < n; i++, to += size) {
        const void *acc = riv__tally_acc(from, slot[i]);
        if (size == sizeof(uint64_t))
            memcpy(to, acc, sizeof(uint64_t));
        else
            memcpy(to, acc, size);
    }
    return 0;
}

/* Accumulators into those of the keys. */
static int merge(struct riv_folder *folder, struct riv_tally *tab,
                 struct riv_keys *keys, size_t n, const char *accs,
                 size_t stride)
{
    const enum riv_fold fold = folder->param->fold;
    if (fold == RIV__FOLD_NONE)
        return riv__tally_count(tab, keys);
    if (fold == RIV__FOLD_COUNT || fold == RIV__FOLD_SUM_I64)
        return riv__tally_add_i64(tab, keys, accs, stride);
    RIV__TRY(riv__tally_find(tab, keys, folder->acc, folder->fresh));
    if ((fold == RIV__FOLD_MIN_I64 || fold == RIV__FOLD_MAX_I64) &&
        fold_builtin(folder, accs, stride, n) == 0)
        return 0;
    return fold_found(folder, tab, n, accs, stride, first_of(folder, true),
                      folder->step.ds->fn->merge);
}

int riv__folder_merge_rows(struct riv_folder *folder, struct riv_tally *tab,
                           struct riv_keys *keys, size_t n, const void *accs,
                           size_t stride, struct riv_err *err)
{
    return failed(folder, merge(folder, tab, keys, n, accs, stride), err);
}

int riv__folder_merge(struct riv_folder *folder, struct riv_tally *tab,
                      struct riv_keys *keys, const struct riv_tally *from,
                      const uint32_t *slot, size_t n, struct riv_err *err)
{
    const struct riv_layout *acc = folder->param->acc;
    riv__keys_copy(keys, tab, from, slot, n);
    int rc = acc ? gather(folder, from, slot, n) : 0;
    if (rc == 0)
        rc = merge(folder, tab, keys, n, folder->gathered, acc ? acc->size : 0);
    return failed(folder, rc, err);
}
