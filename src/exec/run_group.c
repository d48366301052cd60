/* exec/run_group.c - group_by_key, cogroup, join: rows are kept by the hash of
 * their key; each partition lays the values of a key side by side, in the order
 * of arrival, and hands them to the user's function: as one riv_group a key, a
 * join as one for each two values. The groups of a partition are made by the
 * task that reads it. */
#include <stdlib.h>
#include <string.h>

#include "exec/chain.h"
#include "exec/sides.h"
#include "graph/ops.h"

enum { GROUPS = 64 }; /* handed over at a time */

/* The values of one input in one partition. */
struct group_side {
    char *values; /* of all groups, dense */
    size_t values_cap;
    uint32_t *start; /* first value of each group; one more at the end */
    size_t start_cap;
    size_t nrow;
};

/* The groups of one partition. */
struct group_set {
    struct riv_table tab; /* key to group number */
    bool has_tab;
    uint32_t *slot; /* of each row, side by side, in order of arrival */
    size_t slot_cap;
    struct group_side side[RIV__SIDES_MAX];
};

struct group_op {
    struct riv_sides_op sides;
    struct group_set *set; /* one for each partition */
};

static struct group_op *self_of(struct riv_op *op)
{
    return (struct group_op *)op;
}

static const riv_field *value_of(const struct group_op *self, uint32_t side)
{
    return &self->sides.base.ds->parent[side]->layout->type->fields[1];
}

static size_t value_bytes(const struct group_op *self, uint32_t side)
{
    return value_of(self, side)->type->size;
}

static int group_open(struct riv_op *op, struct riv_err *err)
{
    struct group_op *self = self_of(op);
    RIV__TRY(riv__sides_open_pairs(op, err));
    self->set = calloc(self->sides.partitions, sizeof *self->set);
    return self->set ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
}

static void group_close(struct riv_op *op)
{
    struct group_op *self = self_of(op);
    for (uint32_t k = 0; self->set && k < self->sides.partitions; k++) {
        struct group_set *set = &self->set[k];
        if (set->has_tab)
            riv__table_fini(&set->tab);
        free(set->slot);
        for (uint32_t s = 0; s < RIV__SIDES_MAX; s++) {
            free(set->side[s].values);
            free(set->side[s].start);
        }
    }
    free(self->set);
    riv__sides_close(op);
}

/* ------------------------------------------------------- making the groups */

static int set_slots(const struct group_op *self, struct group_set *set,
                     uint32_t k, struct riv_err *err)
{
    size_t rows = 0;
    for (uint32_t s = 0; s < self->sides.nside; s++) {
        set->side[s].nrow = riv__sides_count(&self->sides, s, k);
        rows += set->side[s].nrow;
    }
    set->slot =
        riv__sides_room(set->slot, &set->slot_cap, rows, sizeof *set->slot);
    if (!set->slot)
        return riv__err_set(err, RIV_ENOMEM, "no memory for groups");
    if (!set->has_tab)
        RIV__TRY(riv__table_init(&set->tab, self->sides.key, 0, err));
    set->has_tab = true;
    riv__table_reset(&set->tab);
    rows = 0;
    for (uint32_t s = 0; s < self->sides.nside; s++) {
        RIV__TRY(riv__sides_slots(&self->sides, s, k, &set->tab,
                                  set->slot + rows, err));
        rows += set->side[s].nrow;
    }
    return 0;
}

/* Values to the places of their groups: a counting sort. start[g + 1] is the
 * running place of group g while they are placed, and becomes its end. */
static void side_place(const struct group_op *self, struct group_side *side,
                       uint32_t s, uint32_t k, const uint32_t *slot)
{
    const size_t stride = self->sides.base.ds->parent[s]->layout->size;
    const size_t offset = value_of(self, s)->offset;
    const size_t bytes = value_bytes(self, s);
    struct riv_sides_walk walk = { 0 };
    uint32_t *next = side->start + 1;
    const char *at;
    size_t n;
    while ((at = riv__sides_next(&self->sides, s, k, &walk, &n)))
        for (; n > 0; n--, at += stride)
            memcpy(side->values + next[*slot++]++ * bytes, at + offset, bytes);
}

static int side_make(const struct group_op *self, struct group_set *set,
                     uint32_t s, uint32_t k, const uint32_t *slot)
{
    struct group_side *side = &set->side[s];
    const size_t groups = set->tab.nslot;
    side->start = riv__sides_room(side->start, &side->start_cap, groups + 2,
                                  sizeof *side->start);
    side->values = riv__sides_room(side->values, &side->values_cap, side->nrow,
                                   value_bytes(self, s));
    if (!side->start || !side->values)
        return RIV_ENOMEM;
    memset(side->start, 0, (groups + 2) * sizeof *side->start);
    for (size_t i = 0; i < side->nrow; i++)
        side->start[slot[i] + 2]++;
    for (size_t g = 0; g < groups; g++)
        side->start[g + 2] += side->start[g + 1];
    side_place(self, side, s, k, slot);
    return 0;
}

static int set_make(const struct group_op *self, struct group_set *set,
                    uint32_t k, struct riv_err *err)
{
    RIV__TRY(set_slots(self, set, k, err));
    const uint32_t *slot = set->slot;
    for (uint32_t s = 0; s < self->sides.nside; s++) {
        if (side_make(self, set, s, k, slot) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for groups");
        slot += set->side[s].nrow;
    }
    return 0;
}

/* ------------------------------------------------------ handing them over */

/* The values of group g on side s, NULL when there are none. */
static const void *group_values(const struct group_op *self,
                                const struct group_set *set, uint32_t s,
                                uint32_t g, size_t *n)
{
    const struct group_side *side = &set->side[s];
    *n = 0;
    if (s >= self->sides.nside || side->start[g] == side->start[g + 1])
        return NULL;
    *n = side->start[g + 1] - side->start[g];
    return side->values + side->start[g] * value_bytes(self, s);
}

/* Keys first to first + n as one group each. */
static void push_groups(const struct group_op *self,
                        const struct group_set *set, uint32_t first, uint32_t n,
                        const char *keys, struct riv_chain *chain)
{
    riv_group group[GROUPS];
    for (uint32_t i = 0; i < n; i++) {
        riv_group *g = &group[i];
        *g = (riv_group){ .key = keys + i * self->sides.key->size };
        g->a = group_values(self, set, 0, first + i, &g->na);
        g->b = group_values(self, set, 1, first + i, &g->nb);
        g->c = group_values(self, set, 2, first + i, &g->nc);
        g->d = group_values(self, set, 3, first + i, &g->nd);
    }
    riv__chain_push(chain, group, n);
}

/* All pairs of values of one key, the left side's value outside. */
static void push_pairs(const struct group_op *self, const struct group_set *set,
                       uint32_t at, const void *key, struct riv_chain *chain)
{
    const int64_t how = self->sides.base.ds->number;
    const size_t lbytes = value_bytes(self, 0), rbytes = value_bytes(self, 1);
    size_t nl, nr, m = 0;
    const char *l = group_values(self, set, 0, at, &nl);
    const char *r = group_values(self, set, 1, at, &nr);
    riv_group group[GROUPS];
    if ((nl == 0 && (how == RIV_INNER || how == RIV_LEFT)) ||
        (nr == 0 && (how == RIV_INNER || how == RIV_RIGHT)))
        return;
    for (size_t i = 0; i < RIV__MAX(nl, 1u) && chain->rc == 0; i++) {
        for (size_t k = 0; k < RIV__MAX(nr, 1u) && chain->rc == 0; k++) {
            group[m++] = (riv_group){ .key = key,
                                      .a = l ? l + i * lbytes : NULL,
                                      .b = r ? r + k * rbytes : NULL,
                                      .na = l != NULL,
                                      .nb = r != NULL };
            if (m == GROUPS) {
                riv__chain_push(chain, group, m);
                m = 0;
            }
        }
    }
    if (m > 0)
        riv__chain_push(chain, group, m);
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct group_op *self = self_of(op);
    struct group_set *set = &self->set[k];
    const size_t size = self->sides.key->size;
    struct riv_err err = { 0 };
    char *keys = riv__chain_rows(chain, size);
    if (!keys)
        return chain->rc;
    int rc = set_make(self, set, k, &err);
    for (uint32_t at = 0; rc == 0 && at < set->tab.nslot && !chain->full;) {
        uint32_t n = RIV__MIN(set->tab.nslot - at, (uint32_t)GROUPS);
        rc = riv__table_keys(&set->tab, at, n, keys, size, &err);
        if (rc < 0)
            break;
        if (op->ds->kind != &riv__kind_join)
            push_groups(self, set, at, n, keys, chain);
        for (uint32_t i = 0; op->ds->kind == &riv__kind_join && i < n; i++)
            push_pairs(self, set, at + i, keys + i * size, chain);
        at += n;
        rc = chain->rc;
    }
    return rc < 0 ? riv__chain_fail(chain, rc, "%s", err.text) : 0;
}

const struct riv_op_ops riv__run_group = {
    .op_size = sizeof(struct group_op),
    .part_size = sizeof(struct riv_sides_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED | RIV__OP_DEALS,
    .open = group_open,
    .close = group_close,
    .part_open = riv__sides_part_open,
    .part_close = riv__sides_part_close,
    .part_begin = riv__sides_part_begin,
    .take = riv__sides_take,
    .end = riv__sides_end,
    .parts = riv__sides_parts,
    .scan = scan,
};
