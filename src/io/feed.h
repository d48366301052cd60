/* io/feed.h - the bounded ring of blocks between a source's thread and the
 * driver. Only whole lines (each with its '\n') enter. When the bytes that are
 * held - waiting or still used by a batch - reach the limit, appending waits:
 * that is the back-pressure. A source may go on filling a block whose first
 * part a batch already reads: the parts lie RIV__SLACK bytes apart, so a kernel
 * that loads past the end of its part never meets what is being written.
 * Blocks come back through `spare`; a steady load allocates nothing. */
#ifndef RIV_IO_FEED_H
#define RIV_IO_FEED_H

#include "base/buf.h"
#include "io/marks.h"
#include "io/range.h"
#include "sys/sys.h"
#include "sys/thread.h"

/* Received bytes on their way into the journal, and which part of the source
 * (a peer) each stretch of whole lines is of. */
struct riv_news_part {
    uint64_t end; /* in `bytes` */
    uint32_t part;
};
struct riv_news {
    struct riv_buf bytes;
    uint64_t from; /* the offset of the first byte */
    struct riv_news_part *part;
    size_t npart, part_cap;
};

void riv__news_fini(struct riv_news *news);

struct riv_feed {
    struct riv_lock lock;
    struct riv_cond room;     /* appenders wait here */
    struct riv_block *head;   /* oldest block that is not cut whole */
    struct riv_block *tail;   /* the block being filled; may be head */
    struct riv_block *lent;   /* cut whole, in use by a batch; newest first */
    struct riv_block *spare;  /* used by nobody */
    size_t nspare, spare_low; /* fewest spare ones in the last `cuts` cuts */
    unsigned cuts;
    size_t head_from;     /* first uncut byte of head */
    bool cut_inside;      /* the last cut ends there, with no gap behind it */
    size_t waiting_bytes; /* uncut */
    size_t held_bytes;    /* uncut and cut but not yet released, and what
                                    stays unused at the end of blocks */
    size_t limit_bytes;
    uint64_t offset;        /* of the first uncut byte in the source */
    uint64_t total_bytes;   /* ever appended */
    uint64_t long_lines;    /* cut or left out since the last cut */
    struct riv_marks marks; /* of what is not cut */
    struct riv_mark cut;    /* where the last cut ends. @thread driver */
    bool closed;            /* no more appends: they return at once */
    bool keeps;             /* the source cannot give it again: what comes is
                            collected for the journal, too */
    bool restoring;       /* an earlier run's bytes come back: no limit holds */
    struct riv_news news; /* what is not in the journal yet */
    struct riv_sys *sys;
    struct riv_wake *driver; /* may be NULL; raised when waiting_bytes
                                    passes half the limit or an appender waits,
                                    so that the batch may start early */
};

int riv__feed_init(struct riv_feed *feed, struct riv_sys *sys,
                   struct riv_wake *driver, size_t limit_bytes,
                   struct riv_err *err) RIV__MUST_USE;
void riv__feed_fini(struct riv_feed *feed);

/* Appends n bytes that are whole lines; waits while the feed is full. A line
 * longer than the limit enters when nothing else is held. at: where the source
 * stands behind them; more than one line must have passed unchanged. NULL: it
 * cannot go back anyway. 0, RIV_ESTOPPED (closed meanwhile), RIV_ENOMEM; some
 * of the lines may have been taken. @thread source */
int riv__feed_append(struct riv_feed *feed, const char *lines, size_t n,
                     const struct riv_mark *at) RIV__MUST_USE;

/* A line was over the limit, and was cut or left out. @thread source */
void riv__feed_long_line(struct riv_feed *feed);

/* Moves up to max_bytes (at a line border, at least one line; 0: everything)
 * into the cut as BLOCK ranges, with the count of long lines; *ret_held is what riv__feed_release takes. What
 * an error left out is still in the feed. @thread driver */
int riv__feed_cut(struct riv_feed *feed, uint32_t source, size_t max_bytes,
                  struct riv_cut *cut, size_t *ret_held, struct riv_err *err)
    RIV__MUST_USE;

/* ---- for sources that cannot go back, and a journal
 * The next byte that comes, and is cut, has this offset; from here on what
 * comes is collected. Before the source has given any. */
void riv__feed_keep(struct riv_feed *feed, uint64_t offset);
/* Puts whole lines back that an earlier run had received: as appending, but
 * whatever the limit is, and the journal has them already. */
int riv__feed_restore(struct riv_feed *feed, const char *lines, size_t n)
    RIV__MUST_USE;
/* Swaps what was collected for what is in `swap`, emptied. True: there is some.
 * @thread storage */
bool riv__feed_take_news(struct riv_feed *feed, struct riv_news *swap);
bool riv__feed_has_news(struct riv_feed *feed);

/* How many bytes from the first uncut one up to a place in the source, where a
 * line ends; -1: it has not come yet, or is cut already. @thread driver */
int64_t riv__feed_reach(struct riv_feed *feed, const struct riv_mark *at);

/* The batches that held n bytes are done: room for as many. Call it after
 * riv__cut_reset: blocks that are still referred to are not used again.
 * @thread driver */
void riv__feed_release(struct riv_feed *feed, size_t n);

/* Ends the waits of appenders; what is inside can still be cut. @thread any */
void riv__feed_close(struct riv_feed *feed);
size_t riv__feed_waiting(struct riv_feed *feed);

#endif
