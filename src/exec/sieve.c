/* exec/sieve.c - line by line, each noted in the worker's place before it is
 * pushed. Slow, and only for a batch that has killed its process. */
#include "exec/sieve.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "exec/chain.h"
#include "exec/refused.h"
#include "exec/watch.h"
#include "exec/where.h"

/* Of its first line: what chain->offset is then. */
static uint64_t first_offset(const struct riv_range *range)
{
    return range->kind == RIV__RANGE_FILE ? range->from : range->offset;
}

void riv__sieve_begin(struct riv_sieve *sieve, struct riv_cut *cut)
{
    uint64_t at = 0;
    for (size_t i = 0; i < cut->n; i++) {
        struct riv_range *range = &cut->range[i];
        range->place = at - first_offset(range); /* modulo 2^64 */
        range->has_places = true;
        at += range->until - range->from;
    }
    atomic_store(&sieve->applied, true);
}

static struct riv_sieve_skip *skip_of(struct riv_sieve *sieve, uint64_t place)
{
    for (uint32_t i = 0; i < sieve->nskip && i < RIV__SKIPS_MAX; i++)
        if (sieve->skip[i].place == place)
            return &sieve->skip[i];
    return NULL;
}

static void keep_least(_Atomic uint64_t *to, uint64_t value)
{
    uint64_t was = atomic_load(to);
    while ((was == 0 || value < was) &&
           !atomic_compare_exchange_weak(to, &was, value))
        continue;
}

static void keep_greatest(_Atomic uint64_t *to, uint64_t value)
{
    uint64_t was = atomic_load(to);
    while (value > was && !atomic_compare_exchange_weak(to, &was, value))
        continue;
}

/* It counts as a record that was refused. */
static int leave_out(struct riv_chain *chain, struct riv_sieve_skip *skip,
                     riv_str line)
{
    struct riv_where where;
    int rc = 0;
    riv__where_line(chain, line, &where);
    const size_t room = sizeof skip->where - sizeof ", ";
    snprintf(skip->where, sizeof skip->where, "%.*s, %.*s",
             (int)(room - RIV__MIN(strlen(where.words), room / 2)),
             chain->source ? chain->source : "input", (int)(room / 2),
             where.words);
    chain->refused->count++;
    chain->long_lines++;
    const struct riv_letter_note note = { .raw = line,
                                          .source = where.source,
                                          .why = skip->why,
                                          .offset = where.line_offset };
    if (chain->exec->conf->poison_policy == RIV_POISON_LETTER)
        rc = riv__where_letter(chain, &where, &note);
    riv__where_fini(&where);
    return rc;
}

/* Not to be pushed in this run? Notes down what the search goes by. */
static bool is_held_back(struct riv_sieve *sieve, uint64_t place)
{
    if (place < sieve->from) {
        keep_greatest(&sieve->below, place + 1);
        return true;
    }
    if (place >= sieve->until) {
        keep_least(&sieve->above, place + 1);
        return true;
    }
    keep_least(&sieve->low, place + 1);
    keep_greatest(&sieve->high, place + 1);
    return false;
}

int riv__sieve_push(struct riv_chain *chain, const riv_str *lines, size_t n)
{
    struct riv_sieve *sieve = chain->exec->sieve;
    struct riv_now *now = chain->worker->now;
    for (size_t i = 0; i < n && chain->rc == 0; i++) {
        const uint64_t place = chain->place + chain->offset +
                               (uint64_t)(lines[i].p - chain->lines);
        struct riv_sieve_skip *skip = skip_of(sieve, place);
        if (skip) {
            (void)leave_out(chain, skip, lines[i]);
            continue;
        }
        if (is_held_back(sieve, place))
            continue;
        atomic_store(&now->line, place + 1);
        riv__chain_push(chain, &lines[i], 1);
    }
    atomic_store(&now->line, 0);
    return chain->rc;
}
