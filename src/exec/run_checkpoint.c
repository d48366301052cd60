/* exec/run_checkpoint.c - an RDD written to a folder of encoded rows, once, and
 * read from there by all later jobs: what is above it never runs again. Tasks
 * write their partitions themselves; the folder appears when all are there, so
 * a job that fails leaves none. Damage is an error: nobody can mend it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "exec/op.h"
#include "exec/part_file.h"
#include "exec/task.h"
#include "sys/file.h"

enum { NAME_BYTES_MAX = 4096 };

/* The checkpoint of a node, from the job that made it until the graph ends. */
struct saved {
    struct riv_keep keep; /* must stay first */
    struct riv_sys *sys;
    char *path; /* owned */
    uint32_t nparts;
};

struct checkpoint_part {
    struct riv_part base;
    struct riv_part_file file;
};

struct checkpoint_op {
    struct riv_op base;
    struct riv_parts folder;
};

static struct checkpoint_op *self_of(struct riv_op *op)
{
    return (struct checkpoint_op *)op;
}

static struct riv_part_file *file_of(struct riv_part *part)
{
    return &((struct checkpoint_part *)part)->file;
}

static struct saved *saved_of(const riv_ds *ds)
{
    return (struct saved *)(void *)ds->cell->keep;
}

static int named(struct riv_op *op, int rc, struct riv_err *err)
{
    char show[256];
    if (rc < 0)
        riv__err_prefix(err, "%s", riv__ds_show(op->ds, show, sizeof show));
    return rc;
}

/* ------------------------------------------------------ what a node has saved */

static void saved_clear(struct riv_keep *keep)
{
    (void)keep; /* it stays */
}

/* Old checkpoints go by themselves. */
static void saved_destroy(struct riv_keep *keep)
{
    struct saved *saved = (struct saved *)(void *)keep;
    if (saved->path)
        riv__parts_remove(saved->sys, saved->path);
    free(saved->path);
    free(saved);
}

static void destroy_saved(void *keep)
{
    saved_destroy(keep);
}

static int saved_make(struct riv_op *op, struct riv_err *err)
{
    const riv_ds *ds = op->ds;
    if (ds->cell->keep)
        return 0;
    struct saved *saved = calloc(1, sizeof *saved);
    if (!saved ||
        riv__graph_own(op->exec->graph, ds->id, saved, destroy_saved) < 0) {
        free(saved);
        return riv__err_set(err, RIV_ENOMEM, "no memory for a checkpoint");
    }
    saved->keep =
        (struct riv_keep){ .clear = saved_clear, .destroy = saved_destroy };
    saved->sys = op->exec->sys;
    ds->cell->keep = &saved->keep;
    return 0;
}

/* ----------------------------------------------------------------- writing */

static int no_folder(struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_EINVAL,
                        "%s: there is no folder for it; set checkpoint.dir",
                        riv__ds_show(op->ds, show, sizeof show));
}

static int checkpoint_open(struct riv_op *op, struct riv_err *err)
{
    if (op->ds->cell->keep && op->ds->cell->keep->cut)
        return 0;
    return *op->exec->conf->checkpoint_dir ? saved_make(op, err)
                                           : no_folder(op, err);
}

static void checkpoint_close(struct riv_op *op)
{
    riv__parts_fini(&self_of(op)->folder);
}

/* A name like no other: several programs may share the folder. */
static int checkpoint_start(struct riv_op *op, struct riv_err *err)
{
    const char *dir = op->exec->conf->checkpoint_dir;
    uint64_t number = 0;
    struct riv_buf name;
    if (op->ds->cell->keep->cut)
        return 0;
    RIV__TRY(named(op, riv__file_mkdirs(op->exec->sys, dir, err), err));
    op->exec->sys->random(op->exec->sys, &number, sizeof number);
    riv__buf_init(&name, NAME_BYTES_MAX);
    riv__buf_printf(&name, "%s/rdd-%u-%016llx", dir, op->ds->id,
                    (unsigned long long)number);
    riv__buf_char(&name, '\0');
    int rc = name.failed ? riv__err_set(err, RIV_EINVAL, "the path is too long")
                         : riv__parts_begin(&self_of(op)->folder, op->exec->sys,
                                            name.p, false, err);
    riv__buf_fini(&name);
    return named(op, rc, err);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    const struct riv_part_file_spec spec = {
        .folder = &self_of(part->op)->folder,
        .number = part->index,
        .layout = riv__op_in(part->op),
        .format = RIV__FORMAT_ENCODED,
    };
    return named(part->op, riv__part_file_open(file_of(part), &spec, err), err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    return named(part->op, riv__part_file_add(file_of(part), rows, n, err),
                 err);
}

static void part_close(struct riv_part *part)
{
    riv__part_file_abort(file_of(part));
}

static int part_end(struct riv_part *part, struct riv_err *err)
{
    return file_of(part)->is_open
               ? named(part->op, riv__part_file_close(file_of(part), err), err)
               : 0;
}

/* All partitions are written: from now on they are what is read. */
static int checkpoint_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_parts *folder = &self_of(op)->folder;
    struct saved *saved = saved_of(op->ds);
    if (saved->keep.cut)
        return 0;
    uint32_t *number = malloc((op->npart + 1) * sizeof *number);
    char *path = strdup(folder->path);
    int rc = number && path ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
    for (uint32_t i = 0; rc == 0 && i < op->npart; i++)
        number[i] = op->part[i]->index;
    if (rc == 0)
        rc = riv__parts_publish(folder, number, op->npart, err);
    free(number);
    if (rc < 0) {
        free(path);
        return named(op, rc, err);
    }
    saved->path = path;
    saved->nparts = op->npart;
    saved->keep.cut = true;
    return 0;
}

/* ----------------------------------------------------------------- reading */

static bool ready(struct riv_exec *exec, const riv_ds *ds)
{
    (void)exec;
    return ds->cell->keep && ds->cell->keep->cut;
}

static uint32_t parts(struct riv_op *op)
{
    return saved_of(op->ds)->nparts;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_buf path;
    riv__buf_init(&path, NAME_BYTES_MAX);
    riv__buf_printf(&path, "%s/part-%05u", saved_of(op->ds)->path, k);
    riv__buf_char(&path, '\0');
    int rc = path.failed ? riv__chain_fail(chain, RIV_ENOMEM, "no memory")
                         : riv__read_rows_of(chain, path.p, op->ds->layout);
    riv__buf_fini(&path);
    return rc;
}

const struct riv_op_ops riv__run_checkpoint = {
    .op_size = sizeof(struct checkpoint_op),
    .part_size = sizeof(struct checkpoint_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .ready = ready,
    .open = checkpoint_open,
    .start = checkpoint_start,
    .close = checkpoint_close,
    .part_close = part_close,
    .part_begin = part_begin,
    .take = take,
    .part_end = part_end,
    .end = checkpoint_end,
    .parts = parts,
    .scan = scan,
};
