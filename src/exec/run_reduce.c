/* exec/run_reduce.c - reduce_by_key, aggregate_by_key, distinct,
 * count_by_value. Each task folds into a table of its own; when several tasks
 * fed the batch, the tables are merged partition by partition, in the order of
 * tasks. A batch of one task is its table: nothing is merged. */
#include <stdlib.h>
#include <string.h>

#include "exec/folder.h"
#include "exec/op.h"

enum { PARTITIONS_AUTO = 16 }; /* when several tasks feed, and nobody says */

struct reduce_part {
    struct riv_part base;
    struct riv_table tab;
    bool has_tab;
    struct riv_folder folder;
    uint32_t *order, *start; /* slots by partition, when merged */
    size_t order_cap, start_cap;
};

struct reduce_merged {
    struct riv_table tab;
    struct riv_folder folder;
};

struct reduce_op {
    struct riv_op base;
    const struct riv_reduce_param *param;
    uint32_t partitions;      /* of a merged result */
    struct reduce_merged *to; /* that many; made when first needed */
    uint32_t made;
};

static struct reduce_op *self_of(struct riv_op *op)
{
    return (struct reduce_op *)op;
}

static struct reduce_part *part_of(struct riv_part *part)
{
    return (struct reduce_part *)part;
}

static uint32_t acc_bytes(const struct riv_reduce_param *param)
{
    return param->acc ? param->acc->size : 0;
}

static int reduce_open(struct riv_op *op, struct riv_err *err)
{
    struct reduce_op *self = self_of(op);
    (void)err;
    self->param = op->ds->param;
    uint32_t asked = riv__op_partitions(op);
    self->partitions = asked ? asked : PARTITIONS_AUTO;
    return 0;
}

static void reduce_close(struct riv_op *op)
{
    struct reduce_op *self = self_of(op);
    for (uint32_t i = 0; i < self->made; i++) {
        riv__table_fini(&self->to[i].tab);
        riv__folder_fini(&self->to[i].folder);
    }
    free(self->to);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    struct reduce_part *p = part_of(part);
    const struct riv_reduce_param *param = self_of(part->op)->param;
    if (riv__folder_init(&p->folder, part->op->ds) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a reducer");
    RIV__TRY(riv__table_init(&p->tab, param->key, acc_bytes(param), err));
    p->has_tab = true;
    return 0;
}

static void part_close(struct riv_part *part)
{
    struct reduce_part *p = part_of(part);
    if (p->has_tab)
        riv__table_fini(&p->tab);
    riv__folder_fini(&p->folder);
    free(p->order);
    free(p->start);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    riv__table_reset(&part_of(part)->tab);
    riv__folder_begin(&part_of(part)->folder, part->op->time, part->chain);
    return 0;
}

static int key_failed(const struct riv_op *op, int rc, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, rc, "%s: no memory for its keys",
                        riv__ds_show(op->ds, show, sizeof show));
}

/* A chunk in which keys are too long: what came before the first has been given
 * slots, from `fresh` on, and no values yet. The others are gone on with. */
static int take_fitting(struct riv_part *part, const char *at, size_t n,
                        uint32_t fresh, struct riv_err *err)
{
    struct reduce_part *p = part_of(part);
    const struct riv_reduce_param *param = self_of(part->op)->param;
    const size_t stride = riv__op_in(part->op)->size;
    uint32_t slot[RIV__CHUNK_ROWS];
    while (n > 0) {
        const size_t m = riv__table_too_long(param->key, at, stride, n);
        int rc = m ? riv__table_slots(&p->tab, at, stride, m, slot) : 0;
        if (rc < 0)
            return key_failed(part->op, rc, err);
        if (m > 0)
            RIV__TRY(riv__folder_rows(&p->folder, &p->tab, slot, m, fresh,
                                      at + param->in_offset, stride, err));
        for (size_t i = 0; i < m; i++)
            fresh = RIV__MAX(fresh, slot[i] + 1);
        at += m * stride;
        n -= m;
        if (n == 0)
            break;
        RIV__TRY(riv__op_refuse_key(part, 0, at));
        at += stride;
        n--;
    }
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct reduce_part *p = part_of(part);
    const struct riv_reduce_param *param = self_of(part->op)->param;
    const size_t stride = riv__op_in(part->op)->size;
    uint32_t slot[RIV__CHUNK_ROWS];
    const char *at = rows;
    while (n > 0) {
        size_t m = RIV__MIN(n, (size_t)RIV__CHUNK_ROWS);
        uint32_t fresh = p->tab.nslot;
        int rc = riv__table_slots(&p->tab, at, stride, m, slot);
        if (rc == 0)
            RIV__TRY(riv__folder_rows(&p->folder, &p->tab, slot, m, fresh,
                                      at + param->in_offset, stride, err));
        else if (rc == RIV_EINVAL)
            RIV__TRY(take_fitting(part, at, m, fresh, err));
        else
            return key_failed(part->op, rc, err);
        at += m * stride;
        n -= m;
    }
    return 0;
}

/* A batch of one task keeps its table as the result. */
static bool is_direct(const struct riv_op *op)
{
    return op->direct && riv__op_partitions(op) <= 1;
}

/* Sorting a part's slots by partition is the task's own work. */
static int part_end(struct riv_part *part, struct riv_err *err)
{
    struct reduce_part *p = part_of(part);
    if (is_direct(part->op))
        return 0;
    uint32_t n = self_of(part->op)->partitions;
    size_t slots = p->tab.nslot;
    int rc = 0;
    if (slots + 1 > p->order_cap) {
        free(p->order);
        p->order_cap = slots + slots / 4 + 1024;
        p->order = malloc(p->order_cap * sizeof *p->order);
    }
    if (!p->start)
        p->start = malloc((n + 1) * sizeof *p->start);
    if (!p->order || !p->start) {
        p->order_cap = p->order ? p->order_cap : 0;
        rc = riv__err_set(err, RIV_ENOMEM, "no memory to order the keys");
    } else {
        riv__table_by_part(&p->tab, n, p->order, p->start);
    }
    return rc;
}

static int merged_make(struct reduce_op *self, struct riv_err *err)
{
    const struct riv_reduce_param *param = self->param;
    if (!self->to)
        self->to = calloc(self->partitions, sizeof *self->to);
    while (self->to && self->made < self->partitions) {
        struct reduce_merged *to = &self->to[self->made];
        RIV__TRY(riv__table_init(&to->tab, param->key, acc_bytes(param), err));
        self->made++; /* close() may now free it */
        if (riv__folder_init(&to->folder, self->base.ds) < 0)
            break;
    }
    return self->made == self->partitions
               ? 0
               : riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
}

static int reduce_begin(struct riv_op *op, struct riv_err *err)
{
    struct reduce_op *self = self_of(op);
    (void)err;
    for (uint32_t i = 0; i < self->made; i++)
        riv__table_reset(&self->to[i].tab);
    return 0;
}

static uint32_t merges(struct riv_op *op)
{
    return is_direct(op) ? 0 : self_of(op)->partitions;
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    struct reduce_op *self = self_of(op);
    if (is_direct(op))
        return 0;
    RIV__TRY(merged_make(self, err));
    for (uint32_t i = 0; i < self->made; i++)
        riv__folder_begin(&self->to[i].folder, op->time, NULL);
    return 0;
}

static int merge_part(struct reduce_op *self, struct reduce_merged *to,
                      const struct reduce_part *from, uint32_t k,
                      struct riv_err *err)
{
    uint32_t slot[RIV__CHUNK_ROWS];
    for (uint32_t i = from->start[k]; i < from->start[k + 1];) {
        uint32_t n =
            RIV__MIN(from->start[k + 1] - i, (uint32_t)RIV__CHUNK_ROWS);
        const uint32_t *pick = from->order + i;
        uint32_t fresh = to->tab.nslot;
        int rc = riv__table_absorb(&to->tab, &from->tab, pick, n, slot);
        if (rc < 0)
            return key_failed(&self->base, rc, err);
        RIV__TRY(riv__folder_merge(&to->folder, &to->tab, slot, n, fresh,
                                   &from->tab, pick, err));
        i += n;
    }
    return 0;
}

static int merge(struct riv_op *op, uint32_t k, struct riv_err *err)
{
    struct reduce_op *self = self_of(op);
    for (uint32_t i = 0; i < op->npart; i++)
        RIV__TRY(merge_part(self, &self->to[k], part_of(op->part[i]), k, err));
    return 0;
}

/* -------------------------------------------------------------- the result */

static uint32_t parts(struct riv_op *op)
{
    if (is_direct(op))
        return op->npart && part_of(op->part[0])->tab.nslot ? 1 : 0;
    return op->waves ? self_of(op)->partitions : 0;
}

/* Keys and accumulators as rows of the output type. */
static int scan_table(struct riv_op *op, struct riv_table *tab,
                      struct riv_chain *chain)
{
    const struct riv_reduce_param *param = self_of(op)->param;
    const uint32_t bytes = acc_bytes(param);
    const size_t size = op->ds->layout->size;
    struct riv_err err = { 0 };
    char *rows = riv__chain_rows(chain, size);
    if (!rows)
        return chain->rc;
    for (uint32_t i = 0; i < tab->nslot && chain->rc == 0 && !chain->full;) {
        uint32_t n = RIV__MIN(tab->nslot - i, (uint32_t)RIV__CHUNK_ROWS);
        int rc = riv__table_keys(tab, i, n, rows, size, &err);
        if (rc < 0)
            return riv__chain_fail(chain, rc, "%s", err.text);
        char *to = rows + param->out_offset;
        for (uint32_t k = 0; bytes && k < n; k++, to += size)
            memcpy(to, riv__table_val(tab, i + k), bytes);
        riv__chain_push(chain, rows, n);
        i += n;
    }
    return chain->rc;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    if (is_direct(op))
        return scan_table(op, &part_of(op->part[0])->tab, chain);
    return scan_table(op, &self_of(op)->to[k].tab, chain);
}

const struct riv_op_ops riv__run_reduce = {
    .op_size = sizeof(struct reduce_op),
    .part_size = sizeof(struct reduce_part),
    .flags = RIV__OP_COMBINES,
    .open = reduce_open,
    .close = reduce_close,
    .part_open = part_open,
    .part_close = part_close,
    .begin = reduce_begin,
    .part_begin = part_begin,
    .take = take,
    .part_end = part_end,
    .prepare = prepare,
    .merges = merges,
    .merge = merge,
    .parts = parts,
    .scan = scan,
};
