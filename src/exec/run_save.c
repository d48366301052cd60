/* exec/run_save.c - save_text: rows as text, in the order of tasks, into a sink.
 * A task whose turn it is writes through; the others collect, up to a limit,
 * and then wait for their turn. Tasks are given out in ascending order, so the
 * one whose turn it is always runs: nobody waits for ever. */
#include <stdlib.h>

#include "base/buf.h"
#include "data/text.h"
#include "exec/chain.h"
#include "graph/ops.h"
#include "io/sink.h"

enum {
    WRITE_BYTES = 256 * 1024,        /* a write of the task whose turn it is */
    COLLECT_BYTES = 8 * 1024 * 1024, /* then a task waits for its turn */
    BUFFER_BYTES_MAX = 256 * 1024 * 1024,
};

struct save_part {
    struct riv_part base;
    struct riv_buf text;
    uint64_t rows;
    bool ended; /* protected by the op's lock */
};

struct save_op {
    struct riv_op base;
    struct riv_sink *sink;
    bool json;
    struct riv_lock lock; /* protects turn, ended of parts, failed */
    struct riv_cond moved;
    uint32_t turn; /* the part that may write */
    bool failed;   /* nobody waits any more */
};

static struct save_op *self_of(struct riv_op *op)
{
    return (struct save_op *)op;
}

static int save_open(struct riv_op *op, struct riv_err *err)
{
    struct save_op *self = self_of(op);
    const struct riv_save_param *param = op->ds->param;
    (void)err;
    riv__lock_init(&self->lock);
    riv__cond_init(&self->moved);
    self->json = param->json;
    return 0;
}

static int save_start(struct riv_op *op, struct riv_err *err)
{
    struct save_op *self = self_of(op);
    return riv__sink_new(
        &(struct riv_sink_spec){ .kinds = op->exec->sinks,
                                 .sys = op->exec->sys,
                                 .conf = op->exec->conf,
                                 .owner = op->exec->app,
                                 .format = self->json ? "json" : "csv",
                                 .uri = op->ds->text,
                                 .live = op->ds->live,
                                 .out = op->exec->write,
                                 .out_arg = op->exec->owner },
        &self->sink, err);
}

static void save_close(struct riv_op *op)
{
    struct save_op *self = self_of(op);
    riv__sink_free(self->sink);
    riv__cond_fini(&self->moved);
    riv__lock_fini(&self->lock);
}

static int save_begin(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    self_of(op)->sink->time_ms = op->time;
    return 0;
}

static struct riv_sink *sink_of(struct riv_op *op)
{
    return self_of(op)->sink;
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    riv__buf_init(&((struct save_part *)part)->text, BUFFER_BYTES_MAX);
    return 0;
}

static void part_close(struct riv_part *part)
{
    riv__buf_fini(&((struct save_part *)part)->text);
}

/* @thread driver: a wave begins, its parts count from 0 again. */
static void wave_begin(struct riv_op *op)
{
    struct save_op *self = self_of(op);
    self->turn = 0;
    self->failed = false;
    for (uint32_t i = 0; i < op->npart; i++) {
        struct save_part *p = (struct save_part *)op->part[i];
        p->ended = false;
        p->rows = 0;
        if (p->base.open)
            riv__buf_reset(&p->text);
    }
}

static int drain(struct save_op *self, struct save_part *p, struct riv_err *err)
{
    if (p->text.failed)
        return riv__err_set(err, RIV_ENOMEM,
                            "riv_save_text \"%s\": no memory for its text",
                            self->base.ds->text);
    int rc = riv__sink_write(self->sink, p->text.p, p->text.n, err);
    riv__buf_reset(&p->text);
    return rc;
}

static void set_failed(struct save_op *self)
{
    riv__lock(&self->lock);
    self->failed = true;
    riv__cond_broadcast(&self->moved);
    riv__unlock(&self->lock);
}

static bool my_turn(struct save_op *self, uint32_t index, bool wait)
{
    riv__lock(&self->lock);
    while (wait && self->turn != index && !self->failed)
        riv__cond_wait(&self->moved, &self->lock);
    bool mine = self->turn == index && !self->failed;
    riv__unlock(&self->lock);
    return mine;
}

static int text_full(struct save_op *self, struct save_part *p,
                     struct riv_err *err)
{
    if (!my_turn(self, p->base.index, p->text.n >= COLLECT_BYTES)) {
        if (p->text.n < COLLECT_BYTES)
            return 0;
        return riv__err_set(err, RIV_ESTOPPED, "another task failed");
    }
    int rc = drain(self, p, err);
    if (rc < 0)
        set_failed(self);
    return rc;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct save_part *p = (struct save_part *)part;
    struct save_op *self = self_of(part->op);
    const struct riv_layout *layout = riv__op_in(part->op);
    const char *at = rows;
    p->rows += n;
    for (size_t i = 0; i < n; i++, at += layout->size) {
        if (self->json)
            riv__json_write(layout, at, &p->text);
        else
            riv__csv_write(layout, at, ',', &p->text);
    }
    return p->text.n >= WRITE_BYTES ? text_full(self, p, err) : 0;
}

/* Whoever ends while it is his turn writes, and hands the turn on over all
 * that have ended already - writing for them. */
static int part_end(struct riv_part *part, struct riv_err *err)
{
    struct save_part *p = (struct save_part *)part;
    struct save_op *self = self_of(part->op);
    struct riv_op *op = part->op;
    int rc = 0;
    riv__lock(&self->lock);
    p->ended = true;
    while (rc == 0 && !self->failed && self->turn < op->npart) {
        struct save_part *next = (struct save_part *)op->part[self->turn];
        if (!next->ended)
            break;
        rc = drain(self, next, err); /* others only wait for this turn */
        self->turn++;
    }
    if (rc < 0)
        self->failed = true;
    riv__cond_broadcast(&self->moved);
    riv__unlock(&self->lock);
    return rc;
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    for (uint32_t i = 0; i < op->npart; i++)
        op->rows_in += ((struct save_part *)op->part[i])->rows;
    return 0;
}

static int save_end(struct riv_op *op, struct riv_err *err)
{
    return riv__sink_batch(self_of(op)->sink, err);
}

static int publish(struct riv_op *op, struct riv_err *err)
{
    return riv__sink_publish(self_of(op)->sink, err);
}

const struct riv_op_ops riv__run_save = {
    .op_size = sizeof(struct save_op),
    .part_size = sizeof(struct save_part),
    .open = save_open,
    .start = save_start,
    .close = save_close,
    .begin = save_begin,
    .part_open = part_open,
    .part_close = part_close,
    .wave_begin = wave_begin,
    .take = take,
    .part_end = part_end,
    .prepare = prepare,
    .end = save_end,
    .publish = publish,
    .sink = sink_of,
};
