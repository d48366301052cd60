/* io/feed.h - the bounded ring of blocks between a source's thread and the
 * driver. Only whole lines (each with its '\n') enter. When the bytes that are
 * held - waiting or still used by a batch - reach the limit, appending waits:
 * that is the back-pressure. A source may go on filling a block whose first
 * part a batch already reads: the parts never overlap. */
#ifndef RIV_IO_FEED_H
#define RIV_IO_FEED_H

#include "io/range.h"
#include "sys/thread.h"
#include "sys/sys.h"

struct riv_feed {
    struct riv_lock lock;
    struct riv_cond room;        /* appenders wait here */
    struct riv_block *head;      /* oldest block with uncut bytes */
    struct riv_block *tail;      /* the block being filled; may be head */
    size_t head_from;            /* first uncut byte of head */
    size_t waiting_bytes;        /* uncut */
    size_t held_bytes;           /* uncut and cut but not yet released */
    size_t limit_bytes;
    uint64_t offset;             /* of the first uncut byte in the source */
    uint64_t total_bytes;
    bool closed;                 /* no more appends: they return at once */
    struct riv_sys *sys;
    struct riv_wake *driver;     /* raised when waiting_bytes passes half the
                                    limit, so that the batch may start early */
};

int riv__feed_init(struct riv_feed *feed, struct riv_sys *sys,
                   struct riv_wake *driver, size_t limit_bytes,
                   struct riv_err *err) RIV__MUST_USE;
void riv__feed_fini(struct riv_feed *feed);

/* Appends n bytes that are whole lines; waits while the feed is full. 0,
 * RIV_ESTOPPED (closed meanwhile; nothing was taken), RIV_ENOMEM. @thread
 * source */
int riv__feed_append(struct riv_feed *feed, const char *lines, size_t n)
    RIV__MUST_USE;

/* Moves up to max_bytes (at a line border; 0: everything) into the cut as
 * BLOCK ranges. @thread driver */
int riv__feed_cut(struct riv_feed *feed, uint32_t source, size_t max_bytes,
                  struct riv_cut *cut, struct riv_err *err) RIV__MUST_USE;

/* The batch that held n bytes is done. @thread driver */
void riv__feed_release(struct riv_feed *feed, size_t n);

void riv__feed_close(struct riv_feed *feed);
size_t riv__feed_waiting(struct riv_feed *feed);

#endif
