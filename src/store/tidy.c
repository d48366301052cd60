/* store/tidy.c - see tidy.h. */
#include "store/tidy.h"

#include <stdlib.h>

#include "base/vec.h"

void riv__tidy_init(struct riv_tidy *tidy)
{
    *tidy = (struct riv_tidy){ .n = 0 };
    riv__lock_init(&tidy->lock);
}

void riv__tidy_fini(struct riv_tidy *tidy)
{
    riv__lock_fini(&tidy->lock);
    free(tidy->op);
}

void riv__tidy_add(struct riv_tidy *tidy, uint32_t op)
{
    riv__lock(&tidy->lock);
    bool known = false;
    for (size_t i = 0; i < tidy->n; i++)
        known |= tidy->op[i] == op;
    if (!known && RIV__VEC_ROOM(tidy->op, tidy->cap, tidy->n + 1) == 0)
        tidy->op[tidy->n++] = op;
    riv__unlock(&tidy->lock);
}

bool riv__tidy_has(struct riv_tidy *tidy)
{
    riv__lock(&tidy->lock);
    const bool has = tidy->n > 0;
    riv__unlock(&tidy->lock);
    return has;
}

static bool last(struct riv_tidy *tidy, uint32_t *ret_op)
{
    riv__lock(&tidy->lock);
    const bool any = tidy->n > 0;
    if (any)
        *ret_op = tidy->op[tidy->n - 1];
    riv__unlock(&tidy->lock);
    return any;
}

static void take_out(struct riv_tidy *tidy, uint32_t op)
{
    size_t kept = 0;
    riv__lock(&tidy->lock);
    for (size_t i = 0; i < tidy->n; i++)
        if (tidy->op[i] != op)
            tidy->op[kept++] = tidy->op[i];
    tidy->n = kept;
    riv__unlock(&tidy->lock);
}

static int drop_some(struct riv_journal *journal, uint32_t op, bool *ret_more,
                     struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(journal, err));
    const int rc = riv__journal_tidy(journal, op, ret_more, err);
    return riv__journal_end(journal, rc, err);
}

int riv__tidy_step(struct riv_tidy *tidy, struct riv_journal *journal,
                   struct riv_err *err)
{
    uint32_t op = 0;
    bool more = false;
    if (!last(tidy, &op))
        return 0;
    int rc = drop_some(journal, op, &more, err);
    if (rc < 0 && riv__journal_is_full(journal))
        rc = 0;
    if (rc == 0 && !more)
        take_out(tidy, op);
    return rc;
}
