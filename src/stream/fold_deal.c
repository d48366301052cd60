/* stream/fold_deal.c - the keys of a window go to other partitions, because
 * another run has another number of them. All that can be flipped is flipped
 * first: then a key is its front and what stands in panes, and may be taken
 * out. Once a run at most. */
#include <stdlib.h>

#include "data/hash.h"
#include "data/rows.h"
#include "stream/fold_window.h"

/* Where the slots of a partition go. */
struct dealing {
    struct riv_fold_window *from, *to;
    uint32_t nto;
    uint32_t *part, *slot; /* of each slot: its new partition and slot there */
    uint32_t *pick;        /* of an entry that goes: its new slot */
};

int riv__fold_window_settle(struct riv_fold_window *fw)
{
    return fw->ops->settle ? fw->ops->settle(fw) : 0;
}

/* A living slot with its accumulators. */
static int deal_slot(struct dealing *d, uint32_t slot)
{
    struct riv_fold_window *from = d->from;
    const int64_t life = *riv__slots_life(&from->slots, slot);
    const uint64_t hash = riv__table_hash(&from->slots.tab, slot);
    const uint32_t k = d->nto == 1 ? 0 : riv__hash_part(hash, d->nto);
    struct riv_fold_window *to = &d->to[k];
    uint32_t now;
    d->part[slot] = UINT32_MAX;
    if (life == 0)
        return 0;
    RIV__TRY(
        riv__table_absorb(&to->slots.tab, &from->slots.tab, &slot, 1, &now));
    char *val = riv__fold_val(to, now);
    memcpy(val, riv__fold_val(from, slot), to->slots.tab.val_bytes);
    for (uint32_t i = 0; i < to->ops->accs; i++)
        RIV__TRY(riv__slots_adopt(&to->slots, to->acc,
                                  riv__fold_acc(to, val, i), NULL));
    to->slots.live++;
    d->part[slot] = k;
    d->slot[slot] = now;
    return 0;
}

/* The entries of a pane that go to partition k, as a pane there. */
static int deal_pane(struct dealing *d, const struct riv_pane *pane, uint32_t k)
{
    struct riv_fold_window *to = &d->to[k];
    struct riv_pane *got;
    uint32_t n = 0;
    for (uint32_t i = 0; i < pane->n; i++) {
        const uint32_t was = pane->slot[i] & ~RIV__PANE_MORE;
        if (d->part[was] == k)
            d->pick[n++] = d->slot[was];
    }
    if (n == 0)
        return 0;
    RIV__TRY(riv__fold_pane_add(to, pane->time, n, &got));
    riv__fold_units_count(to, d->pick, n);
    for (uint32_t i = 0; i < pane->n; i++) {
        const uint32_t was = pane->slot[i] & ~RIV__PANE_MORE;
        const uint32_t more = pane->slot[i] & RIV__PANE_MORE;
        if (d->part[was] == k)
            riv__fold_put(to, got, d->slot[was] | more,
                          pane->val + (size_t)i * to->acc->size);
    }
    got->n = n;
    return riv__rows_own(to->acc, got->val, n, &got->strings);
}

static int deal(struct dealing *d)
{
    struct riv_fold_window *from = d->from;
    for (uint32_t slot = 0; slot < from->slots.tab.nslot; slot++)
        RIV__TRY(deal_slot(d, slot));
    for (size_t i = 0; i < from->n; i++)
        for (uint32_t k = 0; k < d->nto; k++)
            RIV__TRY(deal_pane(d, &from->pane[from->first + i], k));
    return 0;
}

/* All that is there has been flipped. */
static void flipped_set(struct riv_fold_window *to, int64_t time)
{
    for (uint32_t u = 0; u < to->units; u++)
        to->flipped[u] = RIV__MAX(to->flipped[u], time);
}

int riv__fold_window_deal(struct riv_fold_window *from,
                          struct riv_fold_window *to, uint32_t nto,
                          struct riv_err *err)
{
    size_t most = from->slots.tab.nslot;
    for (size_t i = 0; i < from->n; i++)
        most = RIV__MAX(most, from->pane[from->first + i].n);
    struct dealing d = { .from = from, .to = to, .nto = nto };
    d.part = calloc(most + 1, sizeof *d.part);
    d.slot = calloc(most + 1, sizeof *d.slot);
    d.pick = calloc(most + 1, sizeof *d.pick);
    int rc = d.part && d.slot && d.pick ? 0 : RIV_ENOMEM;
    if (rc == 0)
        rc = deal(&d);
    if (rc == 0 && from->n > 0)
        for (uint32_t k = 0; k < nto; k++)
            flipped_set(&to[k], from->pane[from->first + from->n - 1].time);
    free(d.part);
    free(d.slot);
    free(d.pick);
    return rc < 0 ? riv__err_set(err, rc, "no memory to deal a window out anew")
                  : 0;
}
