/* exec/text.c - blocks of text through stages that take it whole. Text comes in
 * pieces that end with a line, so that a stage that has enough rows stops soon,
 * and so that a line over the limit is met by those who know what to do. */
#include <string.h>

#include "exec/ready.h"

enum { PIECE_BYTES = 64 * 1024 };

/* Straight into the op behind the step. */
static int push_keys(struct riv_chain *chain, struct riv_step *step,
                     struct riv_text *text)
{
    struct riv_op *op = chain->stage->keys_to;
    struct riv_part *part = chain->part[op->index];
    struct riv_err err = { 0 };
    uint64_t keys = 0;
    int rc = op->ops->take_text(part, step, text, &keys, &err);
    step->out += keys;
    return rc < 0 ? riv__chain_fail(chain, rc, "%s", err.text) : 0;
}

static int push_piece(struct riv_chain *chain, const char *p, const char *end)
{
    struct riv_text text = { .p = p, .end = end, .from = p };
    const struct riv_edge *root = &chain->stage->root[0];
    struct riv_step *step = &chain->step[root->to];
    const uint32_t branch = chain->branch;
    chain->branch += root->branch;
    int rc = chain->stage->keys_to ? push_keys(chain, step, &text)
                                   : chain->stage->text->text(step, &text);
    chain->records_in += text.lines;
    step->in += text.lines;
    if (step->t.cur != step->base)
        riv_task_flush(&step->t);
    chain->branch = branch;
    return rc < 0 ? rc : chain->rc;
}

/* Bytes of whole lines, at most `most`; 0: the first line is longer. */
static size_t piece_bytes(const char *p, const char *end, size_t most)
{
    const size_t left = (size_t)(end - p);
    if (left <= PIECE_BYTES && left <= most)
        return left;
    const size_t n = riv__frame_last(p, RIV__MIN(most, (size_t)PIECE_BYTES));
    if (n > 0)
        return n;
    const char *nl = memchr(p, '\n', RIV__MIN(left, most + 1));
    return nl ? (size_t)(nl - p) + 1 : 0;
}

const char *riv__text_push(struct riv_chain *chain, const char *p,
                           const char *end, uint64_t offset)
{
    const size_t most = (size_t)chain->exec->conf->line_bytes_max;
    const char *begin = p;
    while (p < end && chain->rc == 0 && !chain->full) {
        const size_t n = piece_bytes(p, end, most);
        if (n == 0)
            return p;
        chain->offset = offset + (uint64_t)(p - begin);
        chain->lines = p;
        chain->end = p + n;
        push_piece(chain, p, p + n);
        p += n;
    }
    return end;
}
