/* exec/cache.c - the store behind persist. A partition is put whole after the
 * wave that computed it, and read by any number of later jobs. */
#include "exec/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/encode.h"
#include "data/hash.h"
#include "exec/spill.h"
#include "graph/ops.h"
#include "sys/file.h"

static struct riv_cache *self_of(struct riv_keep *keep)
{
    return (struct riv_cache *)(void *)keep;
}

/* Forgets the rows; the place stays. */
static void part_clear(struct riv_cache *cache, struct riv_cache_part *part)
{
    struct riv_sys *sys = cache->exec->sys;
    if (part->form == RIV__CACHED_ROWS)
        riv__rows_fini(&part->rows);
    if (part->form == RIV__CACHED_FILE)
        sys->close(sys, part->fd);
    free(part->bytes);
    *part = (struct riv_cache_part){ .id = part->id };
}

void riv__cache_drop(struct riv_cache *cache, size_t k)
{
    if (k < cache->nparts)
        part_clear(cache, &cache->part[k]);
}

static void clear(struct riv_cache *cache)
{
    for (size_t k = 0; k < cache->nparts; k++)
        part_clear(cache, &cache->part[k]);
    cache->known = cache->going = false;
    cache->nparts = cache->nsorted = 0;
}

/* In the middle of a job (a callback unpersists) stages may still read it. */
static void cache_clear(struct riv_keep *keep)
{
    struct riv_cache *cache = self_of(keep);
    if (cache->exec->nested > 0)
        cache->going = true;
    else
        clear(cache);
}

static void cache_destroy(struct riv_keep *keep)
{
    struct riv_cache *cache = self_of(keep);
    struct riv_cache **at = &cache->exec->caches;
    clear(cache);
    while (*at && *at != cache)
        at = &(*at)->next;
    if (*at)
        *at = cache->next;
    free(cache->part);
    free(cache);
}

static void destroy_kept(void *keep)
{
    cache_destroy(keep);
}

int riv__cache_of(struct riv_exec *exec, const riv_ds *ds,
                  struct riv_cache **ret, struct riv_err *err)
{
    if (ds->cell->keep) {
        *ret = self_of(ds->cell->keep);
        return 0;
    }
    struct riv_cache *cache = calloc(1, sizeof *cache);
    if (!cache ||
        riv__graph_own(exec->graph, ds->id, cache, destroy_kept) < 0) {
        free(cache);
        return riv__err_set(err, RIV_ENOMEM, "no memory for a cache");
    }
    *cache = (struct riv_cache){
        .keep = { .clear = cache_clear, .destroy = cache_destroy },
        .exec = exec,
        .ds = ds,
        .level = (int)ds->number,
        .next = exec->caches,
    };
    exec->caches = cache;
    ds->cell->keep = &cache->keep;
    *ret = cache;
    return 0;
}

/* The place of a partition from earlier jobs; NULL: it has none. */
static struct riv_cache_part *find(const struct riv_cache *cache, uint64_t id)
{
    size_t lo = 0, hi = cache->nsorted;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cache->part[mid].id == id)
            return &cache->part[mid];
        if (cache->part[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

bool riv__cache_has(const struct riv_cache *cache, uint64_t id)
{
    const struct riv_cache_part *part = find(cache, id);
    return part && part->form != RIV__CACHED_NOT;
}

bool riv__cache_ready(const struct riv_cache *cache)
{
    for (size_t k = 0; k < cache->nparts; k++)
        if (cache->part[k].form == RIV__CACHED_NOT)
            return false;
    return cache->known;
}

static int by_id(const void *a, const void *b)
{
    const struct riv_cache_part *l = a, *r = b;
    return (l->id > r->id) - (l->id < r->id);
}

void riv__cache_order(struct riv_cache *cache)
{
    if (cache->nsorted < cache->nparts)
        qsort(cache->part, cache->nparts, sizeof *cache->part, by_id);
    cache->nsorted = cache->nparts;
}

/* ------------------------------------------------------------------- forms */

/* Rows to bytes, each row as docs/format.md says. */
static int part_encode(struct riv_cache *cache, struct riv_cache_part *part,
                       struct riv_err *err)
{
    const struct riv_layout *layout = cache->ds->layout;
    size_t length = 0;
    for (size_t i = 0; i < part->rows.n; i++)
        length += riv__encode_bytes(layout, riv__rows_at(&part->rows, i));
    char *bytes = malloc(length + RIV__SLACK);
    if (!bytes)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a partition");
    char *at = bytes;
    for (size_t i = 0; i < part->rows.n; i++)
        at = riv__encode_row(layout, riv__rows_at(&part->rows, i), at);
    part->n = part->rows.n;
    part->length = length;
    part->hash = riv__hash_bytes(bytes, length);
    riv__rows_fini(&part->rows);
    part->bytes = bytes;
    part->form = RIV__CACHED_BYTES;
    return 0;
}

/* Bytes into a file without a name in cache.dir. */
static int part_write(struct riv_cache *cache, struct riv_cache_part *part,
                      struct riv_err *err)
{
    struct riv_sys *sys = cache->exec->sys;
    RIV__TRY(riv__spill_file(cache->exec, &part->fd, err));
    int rc = riv__file_write(sys, part->fd, part->bytes, part->length,
                             cache->exec->conf->cache_dir, err);
    if (rc < 0) {
        sys->close(sys, part->fd);
        return rc;
    }
    free(RIV__TAKE(part->bytes));
    part->form = RIV__CACHED_FILE;
    return 0;
}

static int part_to_file(struct riv_cache *cache, struct riv_cache_part *part,
                        struct riv_err *err)
{
    if (part->form == RIV__CACHED_ROWS)
        RIV__TRY(part_encode(cache, part, err));
    return part->form == RIV__CACHED_BYTES ? part_write(cache, part, err) : 0;
}

/* A new place behind the others; NULL: no memory. */
static struct riv_cache_part *place(struct riv_cache *cache, uint64_t id)
{
    if (RIV__VEC_ROOM(cache->part, cache->cap, cache->nparts + 1) < 0)
        return NULL;
    struct riv_cache_part *part = &cache->part[cache->nparts++];
    *part = (struct riv_cache_part){ .id = id };
    return part;
}

int riv__cache_put(struct riv_cache *cache, uint64_t id, struct riv_rows *rows,
                   struct riv_err *err)
{
    struct riv_cache_part *part = find(cache, id);
    if (part)
        part_clear(cache, part);
    else if (!(part = place(cache, id)))
        return riv__err_set(err, RIV_ENOMEM, "no memory for a cache");
    part->rows = *rows;
    riv__rows_init(rows, cache->ds->layout);
    part->n = part->rows.n;
    part->form = RIV__CACHED_ROWS;
    part->used = ++cache->exec->cache_clock;
    cache->computed++;
    if (cache->level == RIV_MEMORY_ENCODED)
        return part_encode(cache, part, err);
    return cache->level == RIV_DISK ? part_to_file(cache, part, err) : 0;
}

/* ----------------------------------------------------------------- reading */

static int lost(struct riv_cache *cache, size_t k, struct riv_chain *chain,
                const char *why)
{
    char show[256];
    part_clear(cache, &cache->part[k]);
    if (cache->keep.cut)
        return riv__chain_fail(chain, RIV_EFATAL,
                               "%s: partition %zu was lost (%s), and after a "
                               "local checkpoint nothing can compute it again",
                               riv__ds_show(cache->ds, show, sizeof show), k,
                               why);
    return riv__chain_fail(chain, RIV__ELOST,
                           "%s: kept partition %zu was lost (%s)",
                           riv__ds_show(cache->ds, show, sizeof show), k, why);
}

static int scan_bytes(struct riv_cache *cache, size_t k, const char *bytes,
                      struct riv_chain *chain)
{
    const struct riv_cache_part *part = &cache->part[k];
    const struct riv_layout *layout = cache->ds->layout;
    const char *end = bytes + part->length;
    struct riv_err err = { 0 };
    char *rows = riv__chain_rows(chain, layout->size);
    if (!rows)
        return chain->rc;
    if (riv__hash_bytes(bytes, part->length) != part->hash)
        return lost(cache, k, chain, "its checksum is wrong");
    while (bytes < end && chain->rc == 0 && !chain->full) {
        size_t n = 0;
        for (; n < RIV__CHUNK_ROWS && bytes < end; n++) {
            bytes = riv__decode_row(layout, bytes, end, rows + n * layout->size,
                                    &err);
            if (!bytes)
                return lost(cache, k, chain, err.text);
        }
        riv__chain_push(chain, rows, n);
    }
    return chain->rc;
}

static int scan_file(struct riv_cache *cache, size_t k, struct riv_chain *chain)
{
    struct riv_cache_part *part = &cache->part[k];
    struct riv_err err = { 0 };
    char *bytes = malloc(part->length + RIV__SLACK);
    if (!bytes)
        return riv__chain_fail(chain, RIV_ENOMEM, "no memory for a partition");
    int64_t n = riv__file_pread(cache->exec->sys, part->fd, bytes, part->length,
                                0, "a kept partition", &err);
    int rc = n == (int64_t)part->length
                 ? scan_bytes(cache, k, bytes, chain)
                 : lost(cache, k, chain, n < 0 ? err.text : "it is cut short");
    free(bytes);
    return rc;
}

int riv__cache_scan(struct riv_cache *cache, size_t k, struct riv_chain *chain)
{
    struct riv_cache_part *part = &cache->part[k];
    if (part->form == RIV__CACHED_NOT)
        return lost(cache, k, chain, "it was dropped");
    part->used = cache->exec->cache_clock; /* one worker reads one partition */
    for (size_t c = 0; part->form == RIV__CACHED_ROWS &&
                       c < part->rows.npiece && chain->rc == 0 && !chain->full;
         c++) {
        size_t n;
        const void *rows = riv__rows_chunk(&part->rows, c, &n);
        if (n > 0)
            riv__chain_push(chain, rows, n);
    }
    if (part->form == RIV__CACHED_BYTES)
        return scan_bytes(cache, k, part->bytes, chain);
    return part->form == RIV__CACHED_FILE ? scan_file(cache, k, chain)
                                          : chain->rc;
}

/* ---------------------------------------------------------------- the limit */

static uint64_t part_bytes(const struct riv_cache *cache,
                           const struct riv_cache_part *part)
{
    if (part->form == RIV__CACHED_BYTES)
        return part->length;
    if (part->form == RIV__CACHED_ROWS)
        return part->n * cache->ds->layout->size +
               part->rows.strings.total_bytes;
    return 0;
}

/* The least recently used partition in memory, of those that have a disk or of
 * all; sums all of them. */
static struct riv_cache *oldest(struct riv_exec *exec, bool has_disk,
                                size_t *ret_k, uint64_t *ret_bytes)
{
    struct riv_cache *found = NULL;
    uint64_t least = UINT64_MAX;
    *ret_bytes = 0;
    for (struct riv_cache *c = exec->caches; c; c = c->next) {
        for (size_t k = 0; k < c->nparts; k++) {
            uint64_t bytes = part_bytes(c, &c->part[k]);
            *ret_bytes += bytes;
            if (has_disk && c->level != RIV_MEMORY_AND_DISK)
                continue;
            if (bytes > 0 && !c->part[k].stays && c->part[k].used < least) {
                least = c->part[k].used;
                found = c;
                *ret_k = k;
            }
        }
    }
    return found;
}

/* Out of memory with it: onto the disk, or away. Where the disk has no room it is
 * dropped as well, and computed again when needed; a checkpoint's stays. */
static void part_evict(struct riv_cache *cache, size_t k)
{
    struct riv_err err = { 0 };
    struct riv_cache_part *part = &cache->part[k];
    if (cache->level == RIV_MEMORY_AND_DISK &&
        part_to_file(cache, part, &err) == 0)
        return;
    if (cache->ds->kind == &riv__kind_local_checkpoint)
        part->stays = true;
    else
        part_clear(cache, part);
}

void riv__cache_spill(struct riv_exec *exec)
{
    struct riv_err err = { 0 };
    uint64_t bytes;
    size_t k = 0;
    for (;;) {
        struct riv_cache *cache = oldest(exec, true, &k, &bytes);
        if (!cache || bytes <= (uint64_t)exec->conf->cache_bytes ||
            part_to_file(cache, &cache->part[k], &err) < 0)
            return;
    }
}

void riv__cache_trim(struct riv_exec *exec)
{
    uint64_t bytes;
    size_t k = 0;
    exec->cache_clock++;
    for (struct riv_cache *c = exec->caches; c; c = c->next)
        if (c->going)
            clear(c);
    for (;;) {
        struct riv_cache *cache = oldest(exec, false, &k, &bytes);
        if (!cache || bytes <= (uint64_t)exec->conf->cache_bytes)
            return;
        part_evict(cache, k);
    }
}
