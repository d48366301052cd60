/* graph/identity.c - identities from the first node to the last: parents stand
 * before their children. Equals are told apart by their order, so two equal
 * operators without uids change places when their lines do. */
#include "graph/identity.h"

#include <stdio.h>
#include <string.h>

#include "data/hash.h"
#include "graph/ops.h"

enum { DIGITS = 16 };

static uint64_t add_text(uint64_t h, const char *text)
{
    const size_t n = text ? strlen(text) : 0;
    return riv__hash_words(h, riv__hash_bytes(text ? text : "", n), n);
}

/* What the node is, without its number among equals. */
static uint64_t hash_of(const riv_ds *ds, const char *const *identity)
{
    uint64_t h = add_text(0, ds->kind->name);
    h = add_text(h, ds->fn ? ds->fn->name : NULL);
    h = add_text(h, ds->text);
    for (uint32_t i = 0; i < ds->nparent; i++)
        h = add_text(h, identity[ds->parent[i]->id]);
    return h;
}

/* Hashes that were seen, and how often: open addressing, at most half full. */
struct seen {
    struct {
        uint64_t hash, times;
    } * cell;
    uint64_t mask;
};

static int seen_init(struct seen *seen, struct riv_arena *arena, size_t n)
{
    seen->mask = 15;
    while (seen->mask < 2 * n)
        seen->mask = seen->mask * 2 + 1;
    seen->cell =
        riv__arena_zalloc(arena, (seen->mask + 1) * sizeof *seen->cell);
    return seen->cell ? 0 : RIV_ENOMEM;
}

/* How often it was seen before. */
static uint64_t seen_add(struct seen *seen, uint64_t hash)
{
    uint64_t at = hash & seen->mask;
    while (seen->cell[at].times > 0 && seen->cell[at].hash != hash)
        at = (at + 1) & seen->mask;
    seen->cell[at].hash = hash;
    return seen->cell[at].times++;
}

static int name_one(const riv_ds *ds, struct riv_arena *arena,
                    struct seen *seen, const char **identity)
{
    if (ds->uid) {
        identity[ds->id] = ds->uid;
        return 0;
    }
    if (ds->kind == &riv__kind_persist || ds->kind == &riv__kind_checkpoint ||
        ds->kind == &riv__kind_local_checkpoint) {
        identity[ds->id] = identity[ds->parent[0]->id];
        return 0;
    }
    const uint64_t hash = hash_of(ds, identity);
    char *text = riv__arena_alloc(arena, DIGITS + 2);
    if (!text)
        return RIV_ENOMEM;
    snprintf(
        text, DIGITS + 2, "#%016llx",
        (unsigned long long)riv__hash_words(hash, seen_add(seen, hash), 0));
    identity[ds->id] = text;
    return 0;
}

int riv__identities(const struct riv_graph *graph, struct riv_arena *arena,
                    const char ***ret, struct riv_err *err)
{
    const char **identity =
        riv__arena_zalloc(arena, (graph->n + 1) * sizeof *identity);
    struct seen seen;
    int rc = identity ? seen_init(&seen, arena, graph->n) : RIV_ENOMEM;
    for (size_t i = 0; rc == 0 && i < graph->n; i++)
        rc = name_one(graph->node[i], arena, &seen, identity);
    if (rc < 0)
        return riv__err_set(err, rc, "no memory for the names of operators");
    *ret = identity;
    return 0;
}

uint64_t riv__fingerprint(const struct riv_graph *graph,
                          const char *const *identity)
{
    uint64_t h = graph->n;
    for (size_t i = 0; i < graph->n; i++)
        h = add_text(h, identity[i]);
    return h;
}
