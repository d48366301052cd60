/* exec/run_save_parts.c - a folder with a file for each partition, for the whole
 * run or for every batch: text or encoded rows. A task writes its own file, so
 * nobody waits for anybody; which partition it is, is known when all have run.
 * The folder appears when everything is in it (io/parts.h). */
#include <stdlib.h>

#include "base/buf.h"
#include "exec/op.h"
#include "exec/part_file.h"

enum { NAME_BYTES_MAX = 4096 };

struct parts_part {
    struct riv_part base;
    struct riv_part_file file;
    uint64_t rows;
};

struct parts_op {
    struct riv_op base;
    const struct riv_save_param *param;
    struct riv_parts folder;
    bool begun;         /* there is a folder for this run or batch */
    struct riv_err why; /* it could not be begun */
};

static struct parts_op *self_of(struct riv_op *op)
{
    return (struct parts_op *)op;
}

static struct parts_part *part_of(struct riv_part *part)
{
    return (struct parts_part *)part;
}

static int named(struct riv_op *op, int rc, struct riv_err *err)
{
    char show[256];
    if (rc < 0)
        riv__err_prefix(err, "%s", riv__ds_show(op->ds, show, sizeof show));
    return rc;
}

/* The folder of the run, or of the batch: PREFIX-TIME.SUFFIX. */
static int folder_begin(struct riv_op *op, struct riv_err *err)
{
    struct parts_op *self = self_of(op);
    const struct riv_save_param *param = self->param;
    struct riv_buf name;
    riv__parts_fini(&self->folder);
    riv__buf_init(&name, NAME_BYTES_MAX);
    riv__buf_str(&name, op->ds->text);
    if (param->every_batch)
        riv__buf_printf(&name, "-%lld%s%s", (long long)op->time,
                        *param->suffix ? "." : "", param->suffix);
    riv__buf_char(&name, '\0');
    int rc = name.failed ? riv__err_set(err, RIV_EINVAL, "the path is too long")
                         : riv__parts_begin(&self->folder, op->exec->sys,
                                            name.p, param->every_batch, err);
    riv__buf_fini(&name);
    self->begun = rc == 0;
    return named(op, rc, err);
}

static int parts_open(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    self_of(op)->param = op->ds->param;
    return 0;
}

static void parts_close(struct riv_op *op)
{
    riv__parts_fini(&self_of(op)->folder);
}

/* Of every batch: may folders be made there? */
static int parts_start(struct riv_op *op, struct riv_err *err)
{
    struct parts_op *self = self_of(op);
    RIV__TRY(folder_begin(op, err));
    if (!self->param->every_batch)
        return 0;
    riv__parts_fini(&self->folder);
    self->begun = false;
    return 0;
}

static int parts_begin(struct riv_op *op, struct riv_err *err)
{
    struct parts_op *self = self_of(op);
    (void)err;
    self->why.code = 0;
    if (self->param->every_batch)
        self->begun = false;
    return 0;
}

/* A batch's folder is made when there is something for it. */
static void wave_begin(struct riv_op *op)
{
    struct parts_op *self = self_of(op);
    if (!self->begun && self->why.code == 0)
        (void)folder_begin(op, &self->why);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    struct parts_op *self = self_of(part->op);
    part_of(part)->rows = 0;
    if (self->why.code < 0)
        return riv__err_set(err, self->why.code, "%s", self->why.text);
    const struct riv_part_file_spec spec = { .folder = &self->folder,
                                             .number = part->index,
                                             .layout = riv__op_in(part->op),
                                             .format = self->param->format,
                                             .header = self->param->header };
    return named(part->op,
                 riv__part_file_open(&part_of(part)->file, &spec, err), err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct parts_part *p = part_of(part);
    (void)side;
    p->rows += n;
    return named(part->op, riv__part_file_add(&p->file, rows, n, err), err);
}

static void part_close(struct riv_part *part)
{
    riv__part_file_abort(&part_of(part)->file);
}

static int part_end(struct riv_part *part, struct riv_err *err)
{
    struct riv_part_file *file = &part_of(part)->file;
    return file->is_open ? named(part->op, riv__part_file_close(file, err), err)
                         : 0;
}

/* The parts in their order become part-00000 and so on. */
static int show(struct riv_op *op, struct riv_err *err)
{
    struct parts_op *self = self_of(op);
    uint32_t *number = malloc((op->npart + 1) * sizeof *number);
    if (!number)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u partitions",
                            op->npart);
    for (uint32_t i = 0; i < op->npart; i++)
        number[i] = op->part[i]->index;
    int rc = riv__parts_publish(&self->folder, number, op->npart, err);
    free(number);
    self->begun = false;
    return named(op, rc, err);
}

static int parts_end(struct riv_op *op, struct riv_err *err)
{
    const struct parts_op *self = self_of(op);
    for (uint32_t i = 0; i < op->npart; i++)
        op->rows_in += part_of(op->part[i])->rows;
    if (!self->param->every_batch)
        return 0;
    wave_begin(op); /* a batch without rows has a folder, too */
    if (self->why.code < 0)
        return riv__err_set(err, self->why.code, "%s", self->why.text);
    return show(op, err);
}

static int publish(struct riv_op *op, struct riv_err *err)
{
    return self_of(op)->begun ? show(op, err) : 0;
}

const struct riv_op_ops riv__run_save_parts = {
    .op_size = sizeof(struct parts_op),
    .part_size = sizeof(struct parts_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = parts_open,
    .start = parts_start,
    .close = parts_close,
    .part_close = part_close,
    .begin = parts_begin,
    .wave_begin = wave_begin,
    .part_begin = part_begin,
    .take = take,
    .part_end = part_end,
    .end = parts_end,
    .publish = publish,
};
