/* exec/ready_words.c - riv_words: data/words.c over blocks of text or over
 * strings one by one. */
#include "data/words.h"
#include "exec/ready.h"
#include "graph/ops.h"

/* A string that no separator need follow. */
static void words_of(struct riv_step *step, riv_str s)
{
    const struct riv_kernels *kernels = riv__ready_kernels(step, s);
    const char *p = s.p, *end = s.p + s.n, *word = p;
    uint64_t lines = 0;
    while (p < end) {
        riv_str *row = riv__ready_room(step, RIV__READY_ROWS);
        step->t.cur =
            row + riv__words_slices(kernels, &p, end, &word, row, &lines);
    }
    if (word < end) {
        riv_str *row = riv__ready_room(step, 1);
        *row = (riv_str){ word, (size_t)(end - word) };
        step->t.cur = row + 1;
    }
}

static int words_rows(const void *rows, size_t n, riv_task *t)
{
    const riv_str *line = rows;
    for (size_t i = 0; i < n; i++)
        if (line[i].n > 0)
            words_of(riv__step_of(t), line[i]);
    return 0;
}

static int words_text(struct riv_step *step, struct riv_text *text)
{
    const struct riv_kernels *kernels = step->chain->exec->kernels;
    while (text->p < text->end) {
        riv_str *row = riv__ready_room(step, RIV__READY_ROWS);
        step->t.cur = row + riv__words_slices(kernels, &text->p, text->end,
                                              &text->from, row, &text->lines);
    }
    return 0;
}

static void words_keys(struct riv_step *step, struct riv_text *text,
                       const struct riv_tally *tab, struct riv_keys *keys)
{
    riv__words_keys(step->chain->exec->kernels, tab, &text->p, text->end,
                    &text->from, keys, &text->lines);
}

const struct riv_ready_ops riv__ready_words = {
    .kind = &riv__kind_words,
    .rows = words_rows,
    .emits_more = true,
    .by_chunk = true,
    .text = words_text,
    .keys = words_keys,
};
