/* exec/ready.h - the contract of ready-made steps: kernels of the engine that
 * know what they do, so that the plan may run them over a block of text instead
 * of its lines, or straight into the operator behind them. ready.c has the list
 * and the plan's choice (riv__ready_fuse); text.c pushes text. */
#ifndef RIV_EXEC_READY_H
#define RIV_EXEC_READY_H

#include "data/tally.h"
#include "exec/chain.h"

/* Whole lines in [p, end), each with its newline; RIV__SLACK more bytes are
 * readable. A kernel moves p and `from`, where what it is in begins. */
struct riv_text {
    const char *p, *end, *from;
    uint64_t lines; /* gone through */
};

struct riv_ready_ops {
    const struct riv_kind *kind;
    riv_rows_fn *rows; /* over rows, as any step */
    bool emits_more;   /* than one row for a row */
    bool by_chunk;     /* `text` writes RIV__READY_ROWS rows at once */
    /* Not over text after all. NULL: always. */
    bool (*by_lines)(const riv_ds *ds);
    /* Emits what `rows` emits for the lines of the text; all of it. NULL: it
     * goes line by line. */
    int (*text)(struct riv_step *step, struct riv_text *text);
    /* The keys of the rows that `text` would emit, of a piece of it, for `tab`.
     * NULL: `text` must do. */
    void (*keys)(struct riv_step *step, struct riv_text *text,
                 const struct riv_tally *tab, struct riv_keys *keys);
};

/* NULL: it is none. */
const struct riv_ready_ops *riv__ready_of(const struct riv_kind *kind);

/* When the plan is made: which stage takes text, and whether as keys. */
void riv__ready_fuse(struct riv_plan *plan);

/* Does the stage take text in this batch? */
static inline bool riv__text_takes(const struct riv_stage *stage)
{
    return stage->text && !stage->step[stage->root[0].to].idle;
}

/* text.c: pushes whole lines, [p, end) at `offset` of the source, into a stage
 * that takes text. Returns the end, also when the chain has failed or is full,
 * or where a line over the limit begins: from there on it wants lines. */
const char *riv__text_push(struct riv_chain *chain, const char *p,
                           const char *end, uint64_t offset);

extern const struct riv_ready_ops riv__ready_words, riv__ready_split,
    riv__ready_nth_field, riv__ready_key_by_field, riv__ready_contains,
    riv__ready_starts_with, riv__ready_matches, riv__ready_decode;

enum {
    RIV__READY_ROWS = RIV__CHUNK_ROWS
}; /* of a chunk that is written at
                                               once; no strip has more marks */

/* Room for n rows more at t->cur, n up to RIV__READY_ROWS: rows are handed over
 * when there is none. */
static inline void *riv__ready_room(struct riv_step *step, size_t n)
{
    const size_t left =
        (size_t)((char *)step->t.end - (char *)step->t.cur) / step->row_bytes;
    if (left < n)
        riv_task_flush(&step->t);
    return step->t.cur;
}

/* The kernels for bytes that may lie anywhere: those that read past the end only
 * where that cannot reach another page. */
static inline const struct riv_kernels *riv__ready_kernels(
    const struct riv_step *step, riv_str s)
{
    const uintptr_t last = (uintptr_t)s.p + s.n - 1;
    const bool near = (last & (RIV__KEY_PAGE - 1)) < RIV__KEY_PAGE - RIV__SLACK;
    return RIV__LOAD_PAST_END && near ? step->chain->exec->kernels
                                      : riv__kernels(RIV__CPU_PLAIN);
}

#endif
