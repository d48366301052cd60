/* exec/run_save.c - save_text: rows as text, in the order of partitions, into a
 * sink. A task collects its text, beyond a limit in a file of cache.dir, and
 * shows it when it has succeeded: nothing of a failed task is ever seen. Whoever
 * ends next in order writes, also for those behind him that have ended already.
 * What comes by the right sides of unions waits on disk until all that stands in
 * front of it has been written. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/vec.h"
#include "data/le.h"
#include "data/text.h"
#include "exec/chain.h"
#include "exec/spill.h"
#include "graph/ops.h"
#include "io/sink.h"

enum {
    COLLECT_BYTES = 8 * 1024 * 1024, /* of a task; then they go to disk */
    COPY_BYTES = 256 * 1024,
    SPARE_BUFFERS = 16, /* as many as a wave has tasks */
    BUFFER_BYTES_MAX = 256 * 1024 * 1024,
};

struct save_part {
    struct riv_part base;
    struct riv_spill_piece
        *piece; /* of the text, on disk; in front of `text` */
    size_t npiece, piece_cap;
    struct riv_buf text;
    uint64_t rows;
    bool ended; /* protected by the op's lock */
};

/* Text of a branch that is not the first. */
struct held {
    uint32_t branch, number;
    struct riv_spill_piece piece;
};

struct save_op {
    struct riv_op base;
    struct riv_sink *sink;
    enum riv_format format;
    struct riv_lock
        lock;      /* protects turn, failed, copy, spare, ended of parts */
    uint32_t turn; /* the part that is to be written next */
    bool failed;   /* the sink: nothing more is written */
    char *copy;
    struct riv_buf spare[SPARE_BUFFERS]; /* used by no task now: so there are as
                                            many as run at once, not one a task */
    uint32_t nspare;
    struct riv_spill spill;
    struct held *held;
    size_t nheld, held_cap;
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
    riv__spill_init(&self->spill, op->exec);
    self->format = param->format;
    return 0;
}

/* The names of the fields, unless something stands there already. */
static int header_write(struct riv_op *op, struct riv_err *err)
{
    struct riv_sink *sink = self_of(op)->sink;
    struct riv_buf line;
    riv__buf_init(&line, BUFFER_BYTES_MAX);
    riv__csv_header(riv__op_in(op), ',', &line);
    int rc = line.failed ? riv__err_set(err, RIV_ENOMEM, "no memory")
                         : riv__sink_write(sink, line.p, line.n, err);
    riv__buf_fini(&line);
    return rc;
}

static const char *name_of(enum riv_format format)
{
    return format == RIV__FORMAT_JSON     ? "json"
           : format == RIV__FORMAT_FRAMES ? "frames"
                                          : "csv";
}

static int save_start(struct riv_op *op, struct riv_err *err)
{
    struct save_op *self = self_of(op);
    const struct riv_save_param *param = op->ds->param;
    RIV__TRY(
        riv__sink_new(&(struct riv_sink_spec){ .kinds = op->exec->sinks,
                                               .sys = op->exec->sys,
                                               .conf = op->exec->conf,
                                               .owner = op->exec->app,
                                               .format = name_of(self->format),
                                               .uri = op->ds->text,
                                               .live = op->ds->live,
                                               .out = op->exec->write,
                                               .out_arg = op->exec->owner,
                                               .board = op->exec->board,
                                               .id = op->ds->id },
                      &self->sink, err));
    return param->header && self->sink->had_bytes == 0 ? header_write(op, err)
                                                       : 0;
}

static void save_close(struct riv_op *op)
{
    struct save_op *self = self_of(op);
    riv__sink_free(self->sink);
    riv__spill_fini(&self->spill);
    riv__lock_fini(&self->lock);
    while (self->nspare > 0)
        riv__buf_fini(&self->spare[--self->nspare]);
    free(self->held);
    free(self->copy);
}

static int save_begin(struct riv_op *op, struct riv_err *err)
{
    struct save_op *self = self_of(op);
    (void)err;
    self->nheld = 0;
    self->failed = false;
    self->sink->time_ms = op->time;
    riv__spill_reset(&self->spill);
    return 0;
}

static struct riv_sink *sink_of(struct riv_op *op)
{
    return self_of(op)->sink;
}

/* ------------------------------------------------------------- collecting */

static int part_open(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    riv__buf_init(&((struct save_part *)part)->text, BUFFER_BYTES_MAX);
    return 0;
}

static void part_close(struct riv_part *part)
{
    struct save_part *p = (struct save_part *)part;
    riv__buf_fini(&p->text);
    free(p->piece);
}

/* Also when a failed task is run again. */
static int part_begin(struct riv_part *part, struct riv_err *err)
{
    struct save_part *p = (struct save_part *)part;
    struct save_op *self = self_of(part->op);
    (void)err;
    riv__lock(&self->lock);
    if (!p->text.p && self->nspare > 0)
        p->text = self->spare[--self->nspare];
    riv__unlock(&self->lock);
    riv__buf_reset(&p->text);
    p->npiece = 0;
    p->rows = 0;
    return 0;
}

static void wave_begin(struct riv_op *op)
{
    self_of(op)->turn = 0;
    for (uint32_t i = 0; i < op->npart; i++)
        ((struct save_part *)op->part[i])->ended = false;
}

static int no_memory(const struct riv_op *op, struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM,
                        "riv_save_text \"%s\": no memory for its text",
                        op->ds->text);
}

static int text_to_disk(struct save_part *p, struct riv_err *err)
{
    struct riv_op *op = p->base.op;
    if (p->text.n == 0)
        return 0;
    if (RIV__VEC_ROOM(p->piece, p->piece_cap, p->npiece + 1) < 0)
        return no_memory(op, err);
    int rc = riv__spill_put(&self_of(op)->spill, p->text.p, p->text.n,
                            &p->piece[p->npiece], err);
    if (rc < 0)
        return riv__err_prefix(err,
                               "riv_save_text \"%s\": its text waits in a "
                               "file (cache.dir)",
                               op->ds->text);
    p->npiece++;
    riv__buf_reset(&p->text);
    return 0;
}

/* Lengths of key and value, 4 bytes each, then both: connect/kafka_output.h. A key
 * that points nowhere is none. */
static void put_frame(const struct riv_layout *layout, const char *row,
                      struct riv_buf *to)
{
    const uint32_t last = layout->nleaf - 1;
    const riv_str value = RIV__LOAD(riv_str, row + layout->leaf[last].offset);
    riv_str key = { NULL, 0 };
    char head[8];
    if (last > 0)
        key = RIV__LOAD(riv_str, row + layout->leaf[0].offset);
    riv__le_put32(head, key.p ? (uint32_t)key.n : UINT32_MAX);
    riv__le_put32(head + 4, (uint32_t)value.n);
    riv__buf_add(to, head, sizeof head);
    riv__buf_add(to, key.p, key.n);
    riv__buf_add(to, value.p, value.n);
}

static void put_row(enum riv_format format, const struct riv_layout *layout,
                    const char *row, struct riv_buf *to)
{
    if (format == RIV__FORMAT_JSON)
        riv__json_write(layout, row, to);
    else if (format == RIV__FORMAT_FRAMES)
        put_frame(layout, row, to);
    else
        riv__csv_write(layout, row, ',', to);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct save_part *p = (struct save_part *)part;
    const struct riv_layout *layout = riv__op_in(part->op);
    const enum riv_format format = self_of(part->op)->format;
    const char *at = rows;
    p->rows += n;
    for (size_t i = 0; i < n; i++, at += layout->size)
        put_row(format, layout, at, &p->text);
    if (p->text.failed)
        return no_memory(part->op, err);
    return p->text.n >= COLLECT_BYTES ? text_to_disk(p, err) : 0;
}

/* ---------------------------------------------------------------- showing */

/* @locks self->lock, or driver between waves */
static int show_piece(struct save_op *self, const struct riv_spill_piece *piece,
                      struct riv_err *err)
{
    if (!self->copy && !(self->copy = malloc(COPY_BYTES)))
        return no_memory(&self->base, err);
    for (uint64_t at = 0; at < piece->n;) {
        size_t n = (size_t)RIV__MIN(piece->n - at, (uint64_t)COPY_BYTES);
        RIV__TRY(riv__spill_get(&self->spill, piece, at, self->copy, n, err));
        RIV__TRY(riv__sink_write(self->sink, self->copy, n, err));
        at += n;
    }
    return 0;
}

/* @locks self->lock */
static void buffer_give(struct save_op *self, struct save_part *p)
{
    if (!p->text.p || self->nspare == SPARE_BUFFERS)
        return;
    self->spare[self->nspare++] = p->text;
    riv__buf_init(&p->text, BUFFER_BYTES_MAX);
}

/* @locks self->lock */
static int show(struct save_op *self, struct save_part *p, struct riv_err *err)
{
    for (size_t i = 0; i < p->npiece; i++)
        RIV__TRY(show_piece(self, &p->piece[i], err));
    int rc = riv__sink_write(self->sink, p->text.p, p->text.n, err);
    p->npiece = 0;
    buffer_give(self, p);
    return rc;
}

/* The first branch is written as it comes. */
static bool waits(const struct save_part *p)
{
    return p->base.branch > 0;
}

/* Of a task that has succeeded. */
static int part_end(struct riv_part *part, struct riv_err *err)
{
    struct save_op *self = self_of(part->op);
    struct riv_op *op = part->op;
    int rc = 0;
    riv__lock(&self->lock);
    ((struct save_part *)part)->ended = true;
    for (; rc == 0 && !self->failed && self->turn < op->npart; self->turn++) {
        struct save_part *next = (struct save_part *)op->part[self->turn];
        if (waits(next))
            continue;
        if (!next->ended)
            break;
        rc = show(self, next, err);
    }
    self->failed |= rc < 0;
    riv__unlock(&self->lock);
    return rc;
}

static int hold(struct save_op *self, struct save_part *p, struct riv_err *err)
{
    RIV__TRY(text_to_disk(p, err));
    if (RIV__VEC_ROOM(self->held, self->held_cap, self->nheld + p->npiece) < 0)
        return no_memory(&self->base, err);
    for (size_t i = 0; i < p->npiece; i++) {
        self->held[self->nheld] =
            (struct held){ .branch = p->base.branch,
                           .number = (uint32_t)self->nheld,
                           .piece = p->piece[i] };
        self->nheld++;
    }
    p->npiece = 0;
    return 0;
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    for (uint32_t i = 0; i < op->npart; i++) {
        struct save_part *p = (struct save_part *)op->part[i];
        op->rows_in += p->rows;
        if (waits(p))
            RIV__TRY(hold(self_of(op), p, err));
    }
    return 0;
}

static int by_branch(const void *a, const void *b)
{
    const struct held *l = a, *r = b;
    if (l->branch != r->branch)
        return l->branch < r->branch ? -1 : 1;
    return (l->number > r->number) - (l->number < r->number);
}

static int save_end(struct riv_op *op, struct riv_err *err)
{
    struct save_op *self = self_of(op);
    if (self->nheld > 0)
        qsort(self->held, self->nheld, sizeof *self->held, by_branch);
    for (size_t i = 0; i < self->nheld; i++)
        RIV__TRY(show_piece(self, &self->held[i].piece, err));
    self->nheld = 0;
    riv__spill_reset(&self->spill);
    return riv__sink_batch(self->sink, err);
}

static int publish(struct riv_op *op, struct riv_err *err)
{
    return riv__sink_publish(self_of(op)->sink, err);
}

const struct riv_op_ops riv__run_save = {
    .op_size = sizeof(struct save_op),
    .part_size = sizeof(struct save_part),
    .flags = RIV__OP_ORDERED,
    .open = save_open,
    .start = save_start,
    .close = save_close,
    .begin = save_begin,
    .part_open = part_open,
    .part_close = part_close,
    .part_begin = part_begin,
    .wave_begin = wave_begin,
    .take = take,
    .part_end = part_end,
    .prepare = prepare,
    .end = save_end,
    .publish = publish,
    .sink = sink_of,
};
