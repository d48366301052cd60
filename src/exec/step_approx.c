/* exec/step_approx.c - the number that a sketch stands for, beside its key. */
#include <math.h>
#include <string.h>

#include "data/sketch.h"
#include "exec/chain.h"
#include "exec/step.h"
#include "graph/ops.h"

int riv__step_estimate(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_approx_param *param = step->ds->param;
    const riv_type *in = step->ds->parent[0]->layout->type;
    const riv_type *out = step->ds->layout->type;
    uint8_t *reg = riv_local(t, (size_t)1 << param->bits, NULL);
    const char *from = rows;
    char *to = t->cur;
    if (!reg)
        return RIV_ENOMEM;
    for (size_t i = 0; i < n; i++, from += in->size, to += out->size) {
        const struct riv_distinct d = { param->bits, reg };
        memcpy(reg, from + in->fields[1].offset, (size_t)1 << param->bits);
        const int64_t about = llround(riv__distinct_estimate(&d));
        memcpy(to + out->fields[0].offset, from, out->fields[0].length);
        memcpy(to + out->fields[1].offset, &about, sizeof about);
    }
    t->cur = to;
    return 0;
}
