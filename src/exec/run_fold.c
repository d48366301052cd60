/* exec/run_fold.c - count and reduce: all records of a batch into one. Each
 * task folds its share; the driver folds the tasks' results in their order.
 * count gives exactly one row, also for an empty batch; reduce at most one. */
#include <stdlib.h>
#include <string.h>

#include "exec/folder.h"
#include "exec/leave.h"
#include "exec/op.h"

struct fold_part {
    struct riv_part base;
    struct riv_folder folder;
    struct riv_arena strings;
    char *acc;
    bool any;
};

struct fold_op {
    struct riv_op base;
    const struct riv_reduce_param *param;
    struct riv_folder folder;
    struct riv_arena strings;
    char *acc;
    bool any;
};

static int fold_open(struct riv_op *op, struct riv_err *err)
{
    struct fold_op *self = (struct fold_op *)op;
    riv__arena_init(&self->strings, 1024);
    self->param = op->ds->param;
    self->acc = calloc(1, self->param->acc->size);
    if (riv__folder_init(&self->folder, op->ds) < 0 || !self->acc)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a reducer");
    return 0;
}

static void fold_close(struct riv_op *op)
{
    struct fold_op *self = (struct fold_op *)op;
    riv__folder_fini(&self->folder);
    riv__arena_fini(&self->strings);
    free(self->acc);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    struct fold_part *p = (struct fold_part *)part;
    const struct riv_reduce_param *param = part->op->ds->param;
    riv__arena_init(&p->strings, 1024);
    p->acc = calloc(1, param->acc->size);
    if (riv__folder_init(&p->folder, part->op->ds) < 0 || !p->acc)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a reducer");
    return 0;
}

static void part_close(struct riv_part *part)
{
    struct fold_part *p = (struct fold_part *)part;
    riv__folder_fini(&p->folder);
    riv__arena_fini(&p->strings);
    free(p->acc);
}

/* Zero bytes, or the start that was given: then it counts as a value. */
static bool acc_start(const struct riv_reduce_param *param, char *acc)
{
    if (param->zero)
        memcpy(acc, param->zero, param->acc->size);
    else
        memset(acc, 0, param->acc->size);
    return param->zero != NULL;
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    struct fold_part *p = (struct fold_part *)part;
    (void)err;
    p->any = acc_start(p->folder.param, p->acc);
    riv__folder_begin(&p->folder, part->op->time, part->chain);
    riv__arena_reset(&p->strings, 64 * 1024);
    return 0;
}

static void count_add(char *acc, uint64_t n)
{
    uint64_t sum;
    memcpy(&sum, acc, sizeof sum);
    sum += n;
    memcpy(acc, &sum, sizeof sum);
}

/* All rows fold into one accumulator: the kernel gets its address n times. */
static int fold_chunk(struct fold_part *p, riv_fold_fn *fn, const char *rows,
                      size_t n, size_t stride)
{
    struct riv_folder *folder = &p->folder;
    for (size_t at = 0; at < n;) {
        size_t m = RIV__MIN(n - at, (size_t)RIV__CHUNK_ROWS);
        for (size_t i = 0; i < m; i++) {
            folder->acc[i] = p->acc;
            folder->sel[i] = (uint32_t)i;
        }
        RIV__TRY(riv__leave_fold(&folder->step, fn, folder->acc,
                                 rows + at * stride, stride, folder->sel, m));
        if (folder->step.arena.cur)
            riv__arena_reset(&folder->step.arena, 64 * 1024);
        at += m;
    }
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct fold_part *p = (struct fold_part *)part;
    const struct riv_layout *acc = p->folder.param->acc;
    const size_t stride = riv__op_in(part->op)->size;
    const char *at = rows;
    if (p->folder.param->fold == RIV__FOLD_COUNT) {
        count_add(p->acc, n);
        return 0;
    }
    riv_fold_fn *fn = part->op->ds->fn->fold;
    int rc = 0;
    if (!p->any || acc->nstr > 0) {
        size_t one_by_one = acc->nstr > 0 ? n : 1;
        for (size_t i = 0; rc == 0 && i < one_by_one; i++) {
            rc = riv__folder_one(&p->folder, p->acc, at, !p->any, fn,
                                 &p->strings);
            p->any = true;
            at += stride;
        }
        n -= one_by_one;
    }
    if (rc == 0 && n > 0)
        rc = fold_chunk(p, fn, at, n, stride);
    return rc < 0 ? riv__err_set(err, rc, "no memory for an accumulator") : 0;
}

static int fold_begin(struct riv_op *op, struct riv_err *err)
{
    struct fold_op *self = (struct fold_op *)op;
    (void)err;
    self->any = acc_start(self->param, self->acc);
    riv__folder_begin(&self->folder, op->time, NULL);
    riv__arena_reset(&self->strings, 64 * 1024);
    return 0;
}

/* After each wave, on the driver: the parts in the order of tasks. */
static int prepare(struct riv_op *op, struct riv_err *err)
{
    struct fold_op *self = (struct fold_op *)op;
    for (uint32_t i = 0; i < op->npart; i++) {
        struct fold_part *p = (struct fold_part *)op->part[i];
        if (self->param->fold == RIV__FOLD_COUNT) {
            uint64_t n;
            memcpy(&n, p->acc, sizeof n);
            count_add(self->acc, n);
        } else if (p->any) {
            int rc =
                riv__folder_one(&self->folder, self->acc, p->acc, !self->any,
                                op->ds->fn->merge, &self->strings);
            if (rc < 0)
                return riv__err_set(err, rc, "no memory for an accumulator");
            self->any = true;
        }
    }
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    const struct fold_op *self = (const struct fold_op *)op;
    return self->any || self->param->fold == RIV__FOLD_COUNT;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    (void)k;
    return riv__chain_push(chain, ((struct fold_op *)op)->acc, 1);
}

const struct riv_op_ops riv__run_fold = {
    .op_size = sizeof(struct fold_op),
    .part_size = sizeof(struct fold_part),
    .flags = RIV__OP_ORDERED, /* a start counts once a partition */
    .open = fold_open,
    .close = fold_close,
    .part_open = part_open,
    .part_close = part_close,
    .begin = fold_begin,
    .part_begin = part_begin,
    .take = take,
    .prepare = prepare,
    .parts = parts,
    .scan = scan,
};
