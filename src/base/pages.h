/* base/pages.h - a hint to the system about large memory. Tables of millions of
 * keys and rows that are put aside are touched once and at random: in pages of
 * 2 MiB their first touch costs a fifth, and so do misses of the TLB. Nothing
 * that a program can observe depends on it. */
#ifndef RIV_BASE_PAGES_H
#define RIV_BASE_PAGES_H

#include <stddef.h>

/* Asks for large pages under the whole ones of [p, p + bytes), which was just
 * allocated and not yet touched. Small memory is left alone. */
void riv__pages_large(void *p, size_t bytes);

/* Memory as from malloc; where it is large, in large pages as a whole. */
void *riv__pages_alloc(size_t bytes);

/* Memory of zero bytes whose begin *ret_p is `align` bytes aligned, a power of two
 * of at most 2 MiB; free() takes what is returned. Where it is large the system
 * hands it out as zero bytes, and nothing here writes to it. */
void *riv__pages_zero(size_t bytes, size_t align, char **ret_p);

/* Memory of zero bytes that can be used further and further on. */
struct riv_pages {
    char *at;
    size_t bytes; /* that may be used; 0: none */
    void *mem;
    size_t mapped; /* 0: mem is the heap's */
};

/* At least `bytes`, at the begin of a line of the cache. Where that is large,
 * addresses for several times as much, in large pages: what is not touched costs
 * nothing. 0 or -1: no memory. */
int riv__pages_reserve(struct riv_pages *pages, size_t bytes);
void riv__pages_release(struct riv_pages *pages);

/* Asks for the whole pages of [p, p + bytes) now, which will be written to: one call
 * in place of a fault for each. */
void riv__pages_ready(void *p, size_t bytes);

/* What to ask that for by who can use more: `bytes`, and where these are large,
 * whole large pages, so that the end lies in one, too. */
size_t riv__pages_room(size_t bytes);

#endif
