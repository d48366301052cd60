/* stream/allowance.c - learns from each batch what its input becomes while it stands,
 * and what the process had at most; lets in what will fit. */
#include "stream/allowance.h"

#include <math.h>
#include <stdlib.h>

#include "exec/memory.h"
#include "exec/standing.h"

enum {
    TARGET_PERCENT = 80, /* of memory.limit: what lies between two measurements
                            of a batch is nobody's */
    PER_BYTE_FIRST = 4,  /* rows for a byte of input, until a batch was seen */
    PER_BYTE_FALLS = 8,  /* a higher one than now is forgotten by an 8th */
    COST_FIRST = 4,      /* memory for a standing byte, until peaks show it */
    COST_MIN = 2,
    COST_MAX = 16,
    COST_SHOWS = 16, /* when a 16th of the target stands more than at first */
    PERIOD_MIN = 4,  /* batches whose highest peak counts */
    TIGHT_PERCENT =
        90 /* of the target: what was freed and is kept for later use
                          would count as standing */
};

static int64_t steps(const struct riv_plan *plan, int64_t ms)
{
    return RIV__MAX(ms / plan->exec->conf->interval_ms, INT64_C(1));
}

static int begin(struct riv_allowance *allow, struct riv_plan *plan,
                 struct riv_err *err)
{
    const struct riv_exec *exec = plan->exec;
    *allow = (struct riv_allowance){ .plan = plan,
                                     .begun = true,
                                     .period = PERIOD_MIN };
    allow->most = exec->conf->memory_bytes_max / 100 * TARGET_PERCENT;
    if (allow->most == 0 || !exec->sys->memory)
        return 0;
    allow->op = calloc(plan->nop + 1, sizeof *allow->op);
    if (!allow->op)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a batch");
    for (uint32_t i = 0; i < plan->nop; i++) {
        const struct riv_op *op = plan->op[i];
        const int64_t slide = steps(plan, op->ds->slide_ms);
        allow->period = RIV__MAX(allow->period, slide);
        if (!op->ops->standing)
            continue;
        allow->op[allow->nop++] = (struct riv_allowance_op){
            .op = op,
            .batches = (double)steps(plan, op->ops->standing->reach_ms(op)),
            .per_byte = PER_BYTE_FIRST,
        };
    }
    allow->left = allow->period;
    return 0;
}

void riv__allowance_fini(struct riv_allowance *allow)
{
    free(allow->op);
    *allow = (struct riv_allowance){ .nop = 0 };
}

/* Bytes of an op's rows that the batch at `time_ms` does not push out. */
static uint64_t stands(const struct riv_op *op, int64_t time_ms)
{
    const struct riv_standing_ops *ops = op->ops->standing;
    return ops->bytes(op, time_ms - ops->reach_ms(op));
}

static int64_t stands_all(const struct riv_allowance *allow, int64_t time_ms)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < allow->nop; i++)
        bytes += stands(allow->op[i].op, time_ms);
    return (int64_t)bytes;
}

/* The highest of this period and the last. */
static const struct riv_allowance_peak *peak(const struct riv_allowance *allow)
{
    return allow->now.has > allow->last.has ? &allow->now : &allow->last;
}

/* What a byte that stands costs: with what reads the rows and puts them
 * together anew, which a period has seen once at least. */
static double cost(const struct riv_allowance *allow)
{
    const struct riv_allowance_peak *to = &allow->last, *from = &allow->first;
    const int64_t stood = to->stands - from->stands;
    if (from->has == 0 || stood < allow->most / COST_SHOWS)
        return COST_FIRST;
    const double seen = (double)(to->has - from->has) / (double)stood;
    return fmin(fmax(seen, COST_MIN), COST_MAX);
}

/* May stand in all. Until a period has shown what results cost, no more than if
 * they cost much; or what an earlier run had found to fit. */
static double room(const struct riv_allowance *allow)
{
    const struct riv_allowance_peak *at = peak(allow);
    if (allow->last.has == 0)
        return fmax((double)allow->found,
                    (double)(allow->most - at->has + at->stands) / COST_FIRST);
    return (double)at->stands + (double)(allow->most - at->has) / cost(allow);
}

static uint64_t may_take(const struct riv_allowance *allow)
{
    double whole = 0, once = 0, stays = 0; /* for a byte a batch; of this one */
    for (size_t i = 0; i < allow->nop; i++) {
        const struct riv_allowance_op *at = &allow->op[i];
        whole += at->per_byte * at->batches;
        once += at->per_byte;
        stays += (double)at->stays;
    }
    const double all = room(allow);
    const double bytes =
        once > 0 ? fmin(all / whole, (all - stays) / once) : 0x1p62;
    return (uint64_t)fmin(fmax(bytes, RIV__ALLOWANCE_BYTES_MIN), 0x1p62);
}

int riv__allowance_open(struct riv_allowance *allow, struct riv_plan *plan,
                        int64_t time_ms, struct riv_err *err)
{
    if (!allow->begun)
        RIV__TRY(begin(allow, plan, err));
    if (allow->nop == 0)
        return 0;
    if (peak(allow)->has == 0) {
        allow->found = stands_all(allow, time_ms);
        allow->now = (struct riv_allowance_peak){ riv__memory_now(plan->exec),
                                                  allow->found };
    }
    for (size_t i = 0; i < allow->nop; i++)
        allow->op[i].stays = stands(allow->op[i].op, time_ms);
    allow->bytes = allow->room = may_take(allow);
    plan->exec->memory_most = 0;
    return 0;
}

uint64_t riv__allowance_left(const struct riv_allowance *allow)
{
    return allow->nop > 0 ? allow->room : UINT64_MAX;
}

void riv__allowance_took(struct riv_allowance *allow, uint64_t bytes)
{
    allow->room -= RIV__MIN(allow->room, bytes);
}

static void learn_op(struct riv_allowance_op *at, int64_t time_ms, double bytes)
{
    const uint64_t now = stands(at->op, time_ms);
    if (now <= at->stays)
        return; /* a batch between two windows, or of nothing */
    const double seen = (double)(now - at->stays) / bytes;
    if (!at->is_known || seen > at->per_byte)
        at->per_byte = seen;
    else
        at->per_byte -= (at->per_byte - seen) / PER_BYTE_FALLS;
    at->is_known = true;
}

void riv__allowance_done(struct riv_allowance *allow)
{
    if (allow->nop == 0)
        return;
    struct riv_plan *plan = allow->plan;
    const struct riv_allowance_peak seen = { plan->exec->memory_most,
                                             stands_all(allow, plan->time) };
    for (size_t i = 0; plan->stats.bytes > 0 && i < allow->nop; i++)
        learn_op(&allow->op[i], plan->time, (double)plan->stats.bytes);
    if (allow->first.has == 0 && plan->stats.bytes > 0)
        allow->first = seen;
    if (seen.has > allow->now.has)
        allow->now = seen;
    if (--allow->left > 0)
        return;
    allow->left = allow->period;
    allow->last = allow->now;
    if (allow->now.has > allow->most / 100 * TIGHT_PERCENT)
        riv__memory_give_back(plan->exec);
    allow->now = (struct riv_allowance_peak){ 0, 0 };
}

/* The one whose rows have the most bytes; NULL: nothing stands. */
static const struct riv_op *largest(const struct riv_allowance *allow,
                                    uint64_t *ret_bytes)
{
    const struct riv_op *op = NULL;
    *ret_bytes = 0;
    for (size_t i = 0; i < allow->nop; i++) {
        const uint64_t bytes = stands(allow->op[i].op, allow->plan->time);
        if (bytes > *ret_bytes) {
            *ret_bytes = bytes;
            op = allow->op[i].op;
        }
    }
    return op;
}

void riv__allowance_explain(const struct riv_allowance *allow,
                            struct riv_err *err)
{
    char show[256];
    uint64_t bytes;
    const struct riv_op *op = largest(allow, &bytes);
    if (!op || !err)
        return;
    const struct riv_err was = *err;
    riv__err_set(
        err, was.code,
        "%s. %s has rows of %llu MiB for %lld ms, and batches took in "
        "at most %llu KiB%s: raise memory.limit, or shorten that",
        was.text, riv__ds_show(op->ds, show, sizeof show),
        (unsigned long long)(bytes >> 20),
        (long long)op->ops->standing->reach_ms(op),
        (unsigned long long)(allow->bytes >> 10),
        allow->bytes <= RIV__ALLOWANCE_BYTES_MIN ? ", which is the least" : "");
}
