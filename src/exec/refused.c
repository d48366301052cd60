/* exec/refused.c - the notes of refused records. Filled by a worker, told and
 * freed by the driver. */
#include "exec/refused.h"

#include <string.h>

void riv__refused_fini(struct riv_refused *refused)
{
    riv__arena_fini(&refused->arena);
    riv__letters_fini(&refused->letters);
    *refused = (struct riv_refused){ .count = 0 };
}

static struct riv_refusal *note(struct riv_arena *arena, const riv_ds *ds,
                                riv_str record, const char *why)
{
    if (arena->total_bytes == 0)
        riv__arena_init(arena, 1024);
    struct riv_refusal *refusal = riv__arena_alloc(arena, sizeof *refusal);
    char *bytes = riv__arena_copy(arena, record.p, record.n);
    char *words = riv__arena_strdup(arena, why);
    if (!refusal || !bytes || !words)
        return NULL;
    *refusal = (struct riv_refusal){ .ds = ds,
                                     .record = { bytes, record.n },
                                     .why = words };
    return refusal;
}

/* Without memory for a note the record counts all the same. */
void riv__refused_add(struct riv_refused *refused, const riv_ds *ds,
                      riv_str record, const char *why)
{
    refused->count++;
    if (refused->noted == RIV__TOLD_MAX ||
        refused->arena.total_bytes + record.n > RIV__TOLD_BYTES_MAX)
        return;
    struct riv_refusal *refusal = note(&refused->arena, ds, record, why);
    if (!refusal)
        return;
    if (refused->last)
        refused->last->next = refusal;
    else
        refused->first = refusal;
    refused->last = refusal;
    refused->noted++;
}

void riv__refused_tell(struct riv_exec *exec, const struct riv_refused *refused,
                       uint64_t *told, uint64_t *untold)
{
    uint64_t n = 0;
    for (const struct riv_refusal *at = refused->first;
         at && *told < RIV__TOLD_MAX; at = at->next, n++, ++*told)
        exec->refused(exec->owner, at->ds, at->record, at->why);
    *untold += refused->count - n;
}
