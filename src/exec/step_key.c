/* exec/step_key.c - keys put in front of rows, taken away, and compared with a
 * range: what sort_by, the ordered actions and lookup are made of. */
#include <string.h>

#include "data/hash.h"
#include "exec/chain.h"
#include "exec/step.h"
#include "graph/ops.h"

/* The keys of all rows at once, packed at the end of the buffer; then, from the
 * front, key and row are laid into place. No key is overwritten before it is
 * read, because a pair is no smaller than its key. */
static int by_chunk(struct riv_step *step, const char *rows, size_t n)
{
    riv_task *t = &step->t;
    const riv_type *pair = step->ds->layout->type;
    const size_t size = pair->size, key = pair->fields[0].type->size;
    const size_t val = pair->fields[1].type->size;
    char *to = t->cur;
    const char *from = to + n * (size - key);
    t->cur = to + n * (size - key);
    int rc = step->ds->fn->rows(rows, n, t);
    size_t made = (size_t)((const char *)t->cur - from) / key;
    t->cur = to;
    if (rc != 0)
        return rc;
    RIV__ASSERT(made <= n); /* less when the row was refused: then n is 1 */
    for (size_t i = 0; i < made; i++, to += size) {
        memmove(to, from + i * key, key);
        memcpy(to + pair->fields[1].offset, rows + i * val, val);
    }
    t->cur = to;
    return 0;
}

/* Where rows may be refused, keys are made one by one, so that they stay beside
 * their rows. */
int riv__step_by(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const size_t size = step->ds->parent[0]->layout->size;
    const char *at = rows;
    if (step->ds->on_error == RIV_FAIL_JOB)
        return by_chunk(step, rows, n);
    for (size_t i = 0; i < n; i++, at += size)
        RIV__TRY(by_chunk(step, at, 1));
    return 0;
}

int riv__step_unkey(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const riv_type *pair = step->ds->parent[0]->layout->type;
    const size_t size = step->row_bytes;
    const char *from = (const char *)rows + pair->fields[1].offset;
    char *to = t->cur;
    for (size_t i = 0; i < n; i++, to += size, from += pair->size)
        memcpy(to, from, size);
    t->cur = to;
    return 0;
}

int riv__step_filter_by_range(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_range_param *param = step->ds->param;
    const size_t size = step->row_bytes;
    const char *from = rows;
    char *to = t->cur;
    for (size_t i = 0; i < n; i++, from += size) {
        if (riv__row_compare(param->key, from, param->lower) < 0 ||
            riv__row_compare(param->key, from, param->upper) > 0)
            continue;
        memcpy(to, from, size);
        to += size;
    }
    t->cur = to;
    return 0;
}
