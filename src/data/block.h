/* data/block.h - counted byte buffers that sources fill and batches read. At
 * least RIV__SLACK readable bytes follow the last one. The count is atomic;
 * who may write which bytes is the feed's business (io/feed.h). */
#ifndef RIV_DATA_BLOCK_H
#define RIV_DATA_BLOCK_H

#include <stdatomic.h>

#include "base/macro.h"

enum { RIV__BLOCK_BYTES = 256 * 1024 };

struct riv_block {
    _Atomic uint32_t refs;
    uint32_t reserved;
    size_t cap;  /* bytes that may be filled */
    size_t used; /* filled so far; by the owner under its lock */
    struct riv_block *next;
    char *bytes; /* behind this, or another's */
};

struct riv_block *riv__block_new(size_t cap); /* NULL: no memory; one ref */
/* Over n bytes that are there, with slack behind them, and stay until their owner
 * sees that nobody refers to the block any more. */
struct riv_block *riv__block_over(const char *bytes, size_t n);
struct riv_block *riv__block_ref(struct riv_block *block);
struct riv_block *riv__block_unref(struct riv_block *block); /* NULL */

#endif
