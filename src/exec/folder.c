/* exec/folder.c - how values of a key become one: which loop, who copies. The
 * built-in reducers never call anything per row; the user's are called once a
 * chunk, with the accumulators' addresses. */
#include "exec/folder.h"

#include <stdlib.h>
#include <string.h>

#include "data/fold.h"
#include "data/rows.h"
#include "exec/leave.h"

int riv__folder_init(struct riv_folder *folder, const riv_ds *ds)
{
    riv__step_bare_init(&folder->step, NULL, ds);
    folder->param = ds->param;
    const struct riv_layout *acc = folder->param->acc;
    folder->old = NULL;
    if (acc && acc->nstr > 0) {
        folder->old = malloc(acc->size);
        if (!folder->old)
            return RIV_ENOMEM;
    }
    return 0;
}

void riv__folder_fini(struct riv_folder *folder)
{
    riv__step_bare_fini(&folder->step);
    free(folder->old);
    folder->old = NULL;
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

/* Accumulators with strings: one by one, because each may need copying. */
static int fold_owning(struct riv_folder *folder, struct riv_table *tab,
                       const uint32_t *slot, size_t n, uint32_t fresh,
                       const char *val, size_t stride, const uint32_t *pick,
                       riv_fold_fn *fn)
{
    const struct riv_layout *acc = folder->param->acc;
    const enum first first = first_of(folder, pick != NULL);
    for (size_t i = 0; i < n; i++) {
        const char *v = val + (pick ? pick[i] : i) * stride;
        void *to = riv__table_val(tab, slot[i]);
        if (slot[i] == fresh) {
            fresh++;
            int rc = first_take(folder, first, to, v);
            RIV__TRY(rc);
            if (rc == 1) {
                RIV__TRY(riv__rows_own(acc, to, 1, &tab->bytes));
                continue;
            }
        }
        RIV__TRY(riv__folder_one(folder, to, v, false, fn, &tab->bytes));
    }
    return 0;
}

/* The user's function over a chunk: new keys get their first value, the others
 * are folded in the order of the rows. */
static int fold_user(struct riv_folder *folder, struct riv_table *tab,
                     const uint32_t *slot, size_t n, uint32_t fresh,
                     const char *val, size_t stride, const uint32_t *pick,
                     riv_fold_fn *fn)
{
    const struct riv_layout *acc = folder->param->acc;
    const enum first first = first_of(folder, pick != NULL);
    size_t m = 0;
    if (acc->nstr > 0)
        return fold_owning(folder, tab, slot, n, fresh, val, stride, pick, fn);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = pick ? pick[i] : (uint32_t)i;
        void *to = riv__table_val(tab, slot[i]);
        if (slot[i] == fresh) {
            fresh++;
            int rc = first_take(folder, first, to, val + row * stride);
            RIV__TRY(rc);
            if (rc == 1)
                continue;
        }
        folder->acc[m] = to;
        folder->sel[m++] = row;
    }
    if (m > 0)
        RIV__TRY(riv__leave_fold(&folder->step, fn, folder->acc, val, stride,
                                 folder->sel, m));
    if (folder->step.arena.cur)
        riv__arena_reset(&folder->step.arena, 64 * 1024);
    return 0;
}

static int failed(struct riv_folder *folder, int rc, struct riv_err *err)
{
    const char *why = folder->step.why;
    return rc < 0 ? riv__err_set(err, rc, "%s",
                                 why[0] ? why : "no memory for an accumulator")
                  : 0;
}

int riv__folder_rows(struct riv_folder *folder, struct riv_table *tab,
                     const uint32_t *slot, size_t n, uint32_t fresh,
                     const void *val, size_t stride, struct riv_err *err)
{
    switch (folder->param->fold) {
    case RIV__FOLD_NONE: return 0;
    case RIV__FOLD_COUNT: riv__fold_count(tab, slot, n); return 0;
    case RIV__FOLD_SUM_I64:
        riv__fold_add_i64(tab, slot, n, val, stride);
        return 0;
    case RIV__FOLD_SUM_F64:
        riv__fold_add_f64(tab, slot, n, val, stride);
        return 0;
    case RIV__FOLD_MIN_I64:
        riv__fold_min_i64(tab, slot, n, val, stride, fresh);
        return 0;
    case RIV__FOLD_MAX_I64:
        riv__fold_max_i64(tab, slot, n, val, stride, fresh);
        return 0;
    case RIV__FOLD_USER:
    case RIV__FOLD_COMBINE:
    case RIV__FOLD_AGGREGATE: break;
    }
    return failed(folder,
                  fold_user(folder, tab, slot, n, fresh, val, stride, NULL,
                            folder->step.ds->fn->fold),
                  err);
}

static void add_counts(void *const *acc, const void *val, size_t stride,
                       const uint32_t *sel, size_t n, riv_task *t)
{
    (void)t;
    for (size_t i = 0; i < n; i++) {
        uint64_t more;
        memcpy(&more, (const char *)val + sel[i] * stride, sizeof more);
        *(uint64_t *)acc[i] += more;
    }
}

int riv__folder_merge(struct riv_folder *folder, struct riv_table *tab,
                      const uint32_t *slot, size_t n, uint32_t fresh,
                      const struct riv_table *from, const uint32_t *pick,
                      struct riv_err *err)
{
    const struct riv_reduce_param *param = folder->param;
    if (param->fold == RIV__FOLD_NONE)
        return 0;
    riv_fold_fn *fn = param->fold == RIV__FOLD_COUNT
                          ? add_counts
                          : folder->step.ds->fn->merge;
    return failed(
        folder,
        fold_user(folder, tab, slot, n, fresh, from->entry + from->head_bytes,
                  from->entry_bytes, pick, fn),
        err);
}
