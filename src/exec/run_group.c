/* exec/run_group.c - group_by_key: rows go to partitions by the hash of their
 * key, each partition lays the values of a key side by side, in the order of
 * arrival, and the groups go to the user's function as one riv_group a key. */
#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "data/table.h"
#include "exec/chain.h"
#include "exec/run_rows.h"

enum { PARTITIONS_AUTO = 16 };

/* The groups of one partition. */
struct group_set {
    struct riv_table tab; /* key to group number */
    bool has_tab;
    char *values; /* of all groups, dense */
    size_t values_cap;
    uint32_t *slot; /* of each row, in order of arrival */
    size_t slot_cap;
    uint32_t *start; /* first value of each group; one more at the end */
    size_t start_cap;
    size_t nrow;
};

struct group_op {
    struct riv_op base;
    const struct riv_layout *key;
    uint32_t val_offset, val_bytes;
    uint32_t partitions;
    struct group_set *set;
    struct riv_arena arena;
};

static struct group_op *self_of(struct riv_op *op)
{
    return (struct group_op *)op;
}

static int group_open(struct riv_op *op, struct riv_err *err)
{
    struct group_op *self = self_of(op);
    const riv_type *pair = riv__op_in(op)->type;
    uint32_t asked = riv__op_partitions(op);
    riv__arena_init(&self->arena, 1024);
    self->partitions = asked ? asked : PARTITIONS_AUTO;
    self->val_offset = pair->fields[1].offset;
    self->val_bytes = pair->fields[1].type->size;
    RIV__TRY(
        riv__layout_make(&self->arena, pair->fields[0].type, &self->key, err));
    self->set = calloc(self->partitions, sizeof *self->set);
    return self->set ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
}

static void group_close(struct riv_op *op)
{
    struct group_op *self = self_of(op);
    for (uint32_t k = 0; self->set && k < self->partitions; k++) {
        struct group_set *set = &self->set[k];
        if (set->has_tab)
            riv__table_fini(&set->tab);
        free(set->values);
        free(set->slot);
        free(set->start);
    }
    free(self->set);
    riv__arena_fini(&self->arena);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, self_of(part->op)->partitions, err);
}

/* One task in the batch: no need to spread its rows. */
static uint32_t partitions_now(const struct riv_op *op)
{
    return op->direct && riv__op_partitions(op) <= 1
               ? 1
               : ((const struct group_op *)op)->partitions;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    const struct group_op *self = self_of(part->op);
    const uint32_t parts = partitions_now(part->op);
    const size_t size = riv__op_in(part->op)->size;
    const char *at = rows;
    int rc = parts == 1 ? riv__rows_append(&p->bucket[0], rows, n) : 0;
    for (size_t i = 0; parts > 1 && rc == 0 && i < n; i++, at += size) {
        uint32_t k = riv__hash_part(riv__hash_row(self->key, at), parts);
        rc = riv__rows_append(&p->bucket[k], at, 1);
    }
    if (rc < 0)
        return riv__err_set(err, rc, "riv_group_by_key: no memory for rows");
    return 0;
}

static void *room(void *p, size_t *cap, size_t need, size_t size)
{
    if (p && *cap >= need)
        return p;
    free(p);
    *cap = need + need / 4 + 64;
    p = malloc(*cap * size);
    if (!p)
        *cap = 0;
    return p;
}

static int set_room(struct group_set *set, size_t rows, size_t val_bytes)
{
    set->slot = room(set->slot, &set->slot_cap, rows, sizeof *set->slot);
    set->start =
        room(set->start, &set->start_cap, rows + 2, sizeof *set->start);
    set->values = room(set->values, &set->values_cap, rows, val_bytes);
    return set->slot && set->start && set->values ? 0 : RIV_ENOMEM;
}

/* The group number of every row of one store. */
static int set_slots(struct group_set *set, const struct riv_rows *rows)
{
    for (size_t k = 0; k < rows->npiece; k++) {
        size_t n;
        const void *chunk = riv__rows_chunk(rows, k, &n);
        if (n == 0)
            continue;
        RIV__TRY(riv__table_slots(&set->tab, chunk, rows->layout->size, n,
                                  set->slot + set->nrow));
        set->nrow += n;
    }
    return 0;
}

/* Values of one store to the places of their groups (a counting sort). */
static void set_place(const struct group_op *self, struct group_set *set,
                      const struct riv_rows *rows, uint32_t *next, size_t *row)
{
    for (size_t k = 0; k < rows->npiece; k++) {
        size_t n;
        const char *at = riv__rows_chunk(rows, k, &n);
        for (size_t i = 0; i < n; i++, at += rows->layout->size) {
            uint32_t to = next[set->slot[(*row)++]]++;
            memcpy(set->values + (size_t)to * self->val_bytes,
                   at + self->val_offset, self->val_bytes);
        }
    }
}

static int set_make(struct group_op *self, struct group_set *set, uint32_t k)
{
    struct riv_op *op = &self->base;
    for (uint32_t i = 0; i < op->npart; i++)
        RIV__TRY(
            set_slots(set, &((struct riv_rows_part *)op->part[i])->bucket[k]));
    uint32_t groups = set->tab.nslot;
    memset(set->start, 0, (groups + 2) * sizeof *set->start);
    for (size_t i = 0; i < set->nrow; i++)
        set->start[set->slot[i] + 2]++;
    for (uint32_t g = 0; g < groups; g++)
        set->start[g + 2] += set->start[g + 1];
    size_t row = 0; /* start + 1 is the running place; becomes the end */
    for (uint32_t i = 0; i < op->npart; i++)
        set_place(self, set, &((struct riv_rows_part *)op->part[i])->bucket[k],
                  set->start + 1, &row);
    return 0;
}

/* All rows of the batch are here: on the driver what needs no thread. */
static int group_end(struct riv_op *op, struct riv_err *err)
{
    struct group_op *self = self_of(op);
    for (uint32_t k = 0; k < partitions_now(op); k++) {
        struct group_set *set = &self->set[k];
        size_t rows = 0;
        for (uint32_t i = 0; i < op->npart; i++)
            rows += ((struct riv_rows_part *)op->part[i])->bucket[k].n;
        set->nrow = 0;
        if (!set->has_tab)
            RIV__TRY(riv__table_init(&set->tab, self->key, 0, err));
        set->has_tab = true;
        riv__table_reset(&set->tab);
        int rc = set_room(set, rows, self->val_bytes);
        if (rc == 0)
            rc = set_make(self, set, k);
        if (rc < 0)
            return riv__err_set(err, rc == RIV_EINVAL ? RIV_ERECORD : rc,
                                "riv_group_by_key: %s",
                                rc == RIV_EINVAL ? "a key is longer than 64 KiB"
                                                 : "no memory for groups");
    }
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    return op->npart ? partitions_now(op) : 0;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct group_op *self = self_of(op);
    struct group_set *set = &self->set[k];
    riv_group group[64];
    struct riv_err err = { 0 };
    char *keys = riv__chain_rows(chain, self->key->size);
    if (!keys)
        return chain->rc;
    for (uint32_t at = 0; at < set->tab.nslot && chain->rc == 0;) {
        uint32_t n = RIV__MIN(set->tab.nslot - at, (uint32_t)RIV__LEN(group));
        int rc = riv__table_keys(&set->tab, at, n, keys, self->key->size, &err);
        if (rc < 0)
            return riv__chain_fail(chain, rc, "%s", err.text);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t from = set->start[at + i], to = set->start[at + i + 1];
            group[i] =
                (riv_group){ .key = keys + i * self->key->size,
                             .a = set->values + (size_t)from * self->val_bytes,
                             .na = to - from };
        }
        riv__chain_push(chain, group, n);
        at += n;
    }
    return chain->rc;
}

const struct riv_op_ops riv__run_group = {
    .op_size = sizeof(struct group_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS,
    .open = group_open,
    .close = group_close,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .end = group_end,
    .parts = parts,
    .scan = scan,
};
