/* cli/poison.c - two searches by halves. Crashing is taken to need some lines,
 * and never to be prevented by others; where that is wrong the search ends
 * nowhere, and is begun again a few times. What a dead process has left may be
 * rubbish: nothing here trusts it further than to try a part of the batch. */
#include "poison.h"

#include <stdio.h>

void poison_init(struct poison *poison)
{
    *poison = (struct poison){ .trial = { .struct_size = sizeof(riv_trial) } };
}

/* ---------------------------------------------------------------- trials */

static enum poison_verdict whole(struct poison *p, enum poison_verdict verdict)
{
    p->phase = POISON_WHOLE;
    p->trial.probes = false;
    p->trial.from = 0;
    p->trial.until = UINT64_MAX;
    return verdict;
}

static enum poison_verdict probe(struct poison *p, enum poison_phase phase,
                                 uint64_t from, uint64_t until)
{
    p->phase = phase;
    p->trial.probes = true;
    p->trial.from = from;
    p->trial.until = until;
    return ++p->starts > POISON_STARTS_MAX ? POISON_HARD : POISON_AGAIN;
}

/* What must have crashed did not. */
static enum poison_verdict in_vain(struct poison *p)
{
    return ++p->vain > POISON_VAIN_MAX ? POISON_HARD : whole(p, POISON_AGAIN);
}

static enum poison_verdict blame(struct poison *p, uint64_t place)
{
    const size_t n = p->trial.nskip;
    for (size_t i = 0; i < n; i++)
        if (p->skip[i].place == place)
            return POISON_HARD;
    if (n == RIV_SKIPS_MAX)
        return POISON_HARD;
    snprintf(p->why[n], POISON_WHY_MAX, "%s", p->last_why);
    p->skip[n] = (riv_skip){ .place = place, .why = p->why[n] };
    p->trial.skip = p->skip;
    p->trial.nskip++;
    return whole(p, POISON_FOUND);
}

/* ------------------------------------------------------------- the search */

static enum poison_verdict try_alone(struct poison *p, uint64_t end)
{
    p->end = end;
    return probe(p, POISON_ALONE, end, end + 1);
}

/* All lines in front of `lo` pass, and all up to the one at `hi` crash. */
static enum poison_verdict try_prefix(struct poison *p)
{
    if (p->lo >= p->hi)
        return try_alone(p, p->hi);
    return probe(p, POISON_PREFIX, 0, p->lo + (p->hi - p->lo) / 2 + 1);
}

/* From a line in [lo, hi] on it crashes, and not from a later one. */
static enum poison_verdict try_suffix(struct poison *p)
{
    if (p->lo >= p->hi)
        return blame(p, p->hi);
    return probe(p, POISON_SUFFIX, p->lo + (p->hi - p->lo + 1) / 2, p->end + 1);
}

static enum poison_verdict after_crash(struct poison *p,
                                       const struct poison_end *end)
{
    const riv_watch_info *info = end->info;
    snprintf(p->last_why, POISON_WHY_MAX, "%s", end->why);
    if (p->phase == POISON_ALONE)
        return blame(p, p->end);
    if (p->phase == POISON_SUFFIX) {
        p->lo = info->low > 0 ? info->low - 1 : p->trial.from;
        return try_suffix(p);
    }
    if (p->phase == POISON_EMPTY)
        return POISON_HARD;
    if (info->line > 0)
        return try_alone(p, info->line - 1);
    p->hi = info->high > 0 ? info->high - 1 : UINT64_MAX - 1;
    if (p->phase == POISON_WHOLE)
        return probe(p, POISON_EMPTY, 0, 0);
    return info->high == 0 ? in_vain(p) : try_prefix(p);
}

static enum poison_verdict after_pass(struct poison *p,
                                      const riv_watch_info *info)
{
    switch (p->phase) {
    case POISON_EMPTY:
    case POISON_PREFIX:
        if (info->above == 0)
            return in_vain(p);
        p->lo = info->above - 1;
        return try_prefix(p);
    case POISON_ALONE: p->lo = 0; break;
    default: break;
    }
    if (info->below == 0)
        return in_vain(p);
    p->hi = info->below - 1;
    return try_suffix(p);
}

/* A worker that was to try a part of the batch has ended. */
static enum poison_verdict go_on(struct poison *p, const struct poison_end *end)
{
    if (p->phase != POISON_WHOLE && end->info->passed)
        return after_pass(p, end->info);
    if (!end->died || !end->info->tried)
        return POISON_NOT; /* the same again, if at all */
    return after_crash(p, end);
}

static void forget(struct poison *p, int64_t batch)
{
    poison_init(p);
    p->batch = batch;
}

enum poison_verdict poison_after(struct poison *p, const struct poison_end *end)
{
    const int64_t batch = end->info->batch;
    if (p->phase != POISON_NONE && batch == p->batch)
        return go_on(p, end);
    if (!end->died || batch <= 0)
        return POISON_NOT;
    if (batch != p->batch)
        forget(p, batch);
    if (batch <= INT64_MAX - POISON_FIXED)
        p->trial.fixes = batch + POISON_FIXED;
    if (++p->crashes < POISON_CRASHES)
        return POISON_NOT;
    if (end->info->poison != RIV_POISON_SKIP &&
        end->info->poison != RIV_POISON_LETTER)
        return POISON_FAILS;
    p->trial.batch = batch;
    return whole(p, POISON_BEGIN);
}
