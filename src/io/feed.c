/* io/feed.c - the ring of blocks. One thread appends, the driver cuts and
 * releases; all of it under one lock, which is held for a copy of at most one
 * block (about 20 us). Blocks move from `head` (waiting) to `lent` (cut whole)
 * to `spare`, and back to the tail.
 *
 * held_bytes counts a block's bytes from the first append until the release of
 * the cut that took them; with a block's last cut goes what stayed unused at
 * its end. So the sum is the memory that is really bound. */
#include "io/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "data/frame.h"

enum { TRIM_CUTS = 64 };

int riv__feed_init(struct riv_feed *feed, struct riv_sys *sys,
                   struct riv_wake *driver, size_t limit_bytes,
                   struct riv_err *err)
{
    if (limit_bytes == 0)
        return riv__err_set(err, RIV_EINVAL,
                            "input.buffer must be more than 0 bytes");
    *feed = (struct riv_feed){ .sys = sys,
                               .driver = driver,
                               .limit_bytes = limit_bytes };
    riv__lock_init(&feed->lock);
    riv__cond_init(&feed->room);
    return 0;
}

static void unref_list(struct riv_block *block)
{
    while (block) {
        struct riv_block *next = block->next;
        riv__block_unref(block);
        block = next;
    }
}

void riv__feed_fini(struct riv_feed *feed)
{
    unref_list(feed->head);
    unref_list(feed->lent);
    unref_list(feed->spare);
    riv__marks_fini(&feed->marks);
    riv__news_fini(&feed->news);
    riv__cond_fini(&feed->room);
    riv__lock_fini(&feed->lock);
    *feed = (struct riv_feed){ .head = NULL };
}

/* The next functions: @locks feed->lock */

static void push(struct riv_block **list, struct riv_block *block)
{
    block->next = *list;
    *list = block;
}

static struct riv_block *pop_spare(struct riv_feed *feed)
{
    struct riv_block *block = feed->spare;
    feed->spare = block->next;
    feed->nspare--;
    feed->spare_low = RIV__MIN(feed->spare_low, feed->nspare);
    block->next = NULL;
    block->used = 0;
    return block;
}

/* The tail is full, or has too little room: it goes, with the rest of its
 * bytes. Nothing is in it that is not cut: then nobody waits for its cut. */
static void leave_tail(struct riv_feed *feed)
{
    struct riv_block *tail = feed->tail;
    feed->tail = NULL;
    if (!tail)
        return;
    if (feed->head != tail || feed->head_from < tail->used) {
        feed->held_bytes += tail->cap - tail->used;
        return;
    }
    feed->head = NULL;
    push(&feed->lent, tail);
}

static int begin_tail(struct riv_feed *feed, size_t need)
{
    struct riv_block *block;
    if (need <= RIV__BLOCK_BYTES && feed->spare)
        block = pop_spare(feed);
    else
        block = riv__block_new(RIV__MAX(need, (size_t)RIV__BLOCK_BYTES));
    if (!block)
        return RIV_ENOMEM;
    struct riv_block *before = feed->tail;
    leave_tail(feed);
    if (feed->head) {
        before->next = block;
    } else {
        feed->head = block;
        feed->head_from = 0;
    }
    feed->tail = block;
    return 0;
}

/* Bytes that may be written behind the tail's. None where a cut ends so shortly
 * before them that its kernels load beyond: what is left of it gets no more. */
static size_t tail_room(const struct riv_feed *feed)
{
    const struct riv_block *tail = feed->tail;
    if (!tail)
        return 0;
    if (feed->cut_inside && tail == feed->head &&
        tail->used - feed->head_from < RIV__SLACK)
        return 0;
    return tail->cap - tail->used;
}

/* How much of the lines goes in next: to the end of the tail or of a new block,
 * and not over the limit. 0: nothing, before something is released. */
static size_t next_piece(const struct riv_feed *feed, const char *lines,
                         size_t n, bool *ret_new_block)
{
    size_t limit = feed->restoring ? SIZE_MAX : feed->limit_bytes;
    size_t held = feed->held_bytes;
    size_t left = held < limit ? limit - held : 0;
    size_t room = tail_room(feed);
    size_t most = RIV__MIN(room, left);
    *ret_new_block = false;
    size_t piece = n <= most ? n : riv__frame_last(lines, most);
    if (piece > 0)
        return piece;
    *ret_new_block = true;
    most = RIV__MIN((size_t)RIV__BLOCK_BYTES, left);
    piece = n <= most ? n : riv__frame_last(lines, most);
    if (piece > 0)
        return piece;
    const char *nl = memchr(lines, '\n', n);
    size_t line = nl ? (size_t)(nl - lines) + 1 : n;
    return line <= left || held == 0 ? line : 0;
}

static void wake_driver(struct riv_feed *feed)
{
    if (feed->driver)
        feed->sys->wake_raise(feed->sys, feed->driver);
}

static void wait_for_room(struct riv_feed *feed)
{
    if (feed->waiting_bytes > 0)
        wake_driver(feed);
    riv__cond_wait(&feed->room, &feed->lock);
}

static void put(struct riv_feed *feed, const char *lines, size_t n)
{
    const size_t half = feed->limit_bytes / 2;
    struct riv_block *tail = feed->tail;
    memcpy(tail->bytes + tail->used, lines, n);
    tail->used += n;
    bool was_below = feed->waiting_bytes < half;
    feed->waiting_bytes += n;
    feed->held_bytes += n;
    feed->total_bytes += n;
    if (was_below && feed->waiting_bytes >= half)
        wake_driver(feed);
}

void riv__news_fini(struct riv_news *news)
{
    riv__buf_fini(&news->bytes);
    free(news->part);
    *news = (struct riv_news){ .part = NULL };
}

static int news_add(struct riv_feed *feed, const char *lines, size_t n,
                    uint32_t part)
{
    struct riv_news *news = &feed->news;
    RIV__TRY(RIV__VEC_ROOM(news->part, news->part_cap, news->npart + 1));
    riv__buf_add(&news->bytes, lines, n);
    if (news->bytes.failed)
        return RIV_ENOMEM;
    if (news->npart == 0 || news->part[news->npart - 1].part != part)
        news->part[news->npart++].part = part;
    news->part[news->npart - 1].end = news->bytes.n;
    return 0;
}

/* The journal does not come after, or its disk is full. */
static bool news_full(const struct riv_feed *feed)
{
    return !feed->restoring && feed->news.bytes.n >= feed->limit_bytes;
}

/* Appends what goes into one block, or waits once. Returns the bytes taken. */
static int append_some(struct riv_feed *feed, const char *lines, size_t n,
                       const struct riv_mark *at, size_t *ret_took)
{
    bool new_block;
    *ret_took = 0;
    if (feed->closed)
        return RIV_ESTOPPED;
    size_t piece = next_piece(feed, lines, n, &new_block);
    if (news_full(feed))
        piece = 0;
    if (piece == 0) {
        wait_for_room(feed);
        return 0;
    }
    if (new_block)
        RIV__TRY(begin_tail(feed, piece));
    if (at)
        RIV__TRY(riv__marks_room(&feed->marks));
    put(feed, lines, piece);
    if (feed->keeps && !feed->restoring)
        RIV__TRY(news_add(feed, lines, piece, at ? at->part : 0));
    if (at)
        riv__marks_put(&feed->marks, feed->total_bytes, piece,
                       &(struct riv_mark){ .offset = at->offset - (n - piece),
                                           .part = at->part,
                                           .inside = at->inside });
    *ret_took = piece;
    return 0;
}

int riv__feed_append(struct riv_feed *feed, const char *lines, size_t n,
                     const struct riv_mark *at)
{
    int rc = 0;
    RIV__ASSERT(n == 0 || lines[n - 1] == '\n');
    riv__lock(&feed->lock);
    while (rc == 0 && n > 0) {
        size_t took;
        rc = append_some(feed, lines, n, at, &took);
        lines += took;
        n -= took;
    }
    riv__unlock(&feed->lock);
    return rc;
}

void riv__feed_long_line(struct riv_feed *feed)
{
    riv__lock(&feed->lock);
    feed->long_lines++;
    riv__unlock(&feed->lock);
}

/* Of n bytes of lines, those that end within `most`; at least one line if it
 * has to be. */
static size_t border(const char *p, size_t n, size_t most, bool at_least_one)
{
    if (n <= most)
        return n;
    size_t last = riv__frame_last(p, most);
    if (last > 0 || !at_least_one)
        return last;
    const char *nl = memchr(p, '\n', n);
    return nl ? (size_t)(nl - p) + 1 : n;
}

/* The head's first n uncut bytes have gone into a cut. Returns what the cut
 * holds by that. */
static size_t advance(struct riv_feed *feed, size_t n)
{
    struct riv_block *block = feed->head;
    size_t from = feed->head_from;
    feed->head_from += n;
    feed->waiting_bytes -= n;
    feed->offset += n;
    feed->cut_inside = feed->head_from < block->used;
    if (feed->cut_inside)
        return n;
    if (block == feed->tail) {
        size_t pad = RIV__MIN((size_t)RIV__SLACK, block->cap - block->used);
        block->used += pad;
        feed->head_from = block->used;
        feed->held_bytes += pad;
        return n + pad;
    }
    feed->head = block->next;
    feed->head_from = 0;
    push(&feed->lent, block);
    return block->cap - from;
}

static int cut_some(struct riv_feed *feed, uint32_t source, size_t n,
                    struct riv_cut *cut, size_t *held, struct riv_err *err)
{
    struct riv_range range = {
        .kind = RIV__RANGE_BLOCK,
        .source = source,
        .from = feed->head_from,
        .until = feed->head_from + n,
        .block = riv__block_ref(feed->head),
        .offset = feed->offset,
    };
    RIV__TRY(riv__cut_add(cut, &range, err));
    *held += advance(feed, n);
    return 0;
}

/* Spare blocks that no append has asked for in so many cuts are given back. */
static void trim_spare(struct riv_feed *feed)
{
    if (++feed->cuts < TRIM_CUTS)
        return;
    feed->cuts = 0;
    for (size_t drop = feed->spare_low; drop > 0; drop--)
        riv__block_unref(pop_spare(feed));
    feed->spare_low = feed->nspare;
}

int riv__feed_cut(struct riv_feed *feed, uint32_t source, size_t max_bytes,
                  struct riv_cut *cut, size_t *ret_held, struct riv_err *err)
{
    int rc = 0;
    size_t held = 0, left = max_bytes ? max_bytes : SIZE_MAX;
    bool first = true;
    riv__lock(&feed->lock);
    while (rc == 0 && feed->waiting_bytes > 0) {
        struct riv_block *head = feed->head;
        size_t n = border(head->bytes + feed->head_from,
                          head->used - feed->head_from, left, first);
        if (n == 0)
            break;
        rc = cut_some(feed, source, n, cut, &held, err);
        left -= RIV__MIN(left, n);
        first = false;
    }
    trim_spare(feed);
    riv__marks_cut(&feed->marks, feed->offset, &feed->cut);
    cut->long_lines += feed->long_lines;
    feed->long_lines = 0;
    riv__unlock(&feed->lock);
    *ret_held = held;
    return rc;
}

void riv__feed_keep(struct riv_feed *feed, uint64_t offset)
{
    riv__lock(&feed->lock);
    feed->keeps = true;
    feed->offset = feed->total_bytes = feed->marks.cut_end = offset;
    feed->news.from = offset;
    riv__unlock(&feed->lock);
}

int riv__feed_restore(struct riv_feed *feed, const char *lines, size_t n)
{
    feed->restoring = true;
    int rc = riv__feed_append(feed, lines, n, NULL);
    feed->restoring = false;
    feed->news.from = feed->total_bytes;
    return rc;
}

bool riv__feed_take_news(struct riv_feed *feed, struct riv_news *swap)
{
    riv__buf_reset(&swap->bytes);
    swap->npart = 0;
    riv__lock(&feed->lock);
    const struct riv_news news = feed->news;
    feed->news = *swap;
    feed->news.from = news.from + news.bytes.n;
    riv__cond_broadcast(&feed->room);
    riv__unlock(&feed->lock);
    *swap = news;
    return news.bytes.n > 0;
}

bool riv__feed_has_news(struct riv_feed *feed)
{
    riv__lock(&feed->lock);
    const bool has = feed->news.bytes.n > 0;
    riv__unlock(&feed->lock);
    return has;
}

int64_t riv__feed_reach(struct riv_feed *feed, const struct riv_mark *at)
{
    int64_t n = -1;
    uint64_t end;
    riv__lock(&feed->lock);
    if (riv__mark_is(&feed->cut, at))
        n = 0;
    else if (riv__marks_find(&feed->marks, feed->offset, at, &end))
        n = (int64_t)(end - feed->offset);
    riv__unlock(&feed->lock);
    return n;
}

/* @locks feed->lock. A block that somebody still refers to is left to them. */
static void take_back(struct riv_feed *feed)
{
    struct riv_block *block = RIV__TAKE(feed->lent);
    while (block) {
        struct riv_block *next = block->next;
        uint32_t refs =
            atomic_load_explicit(&block->refs, memory_order_acquire);
        if (refs == 1 && block->cap == RIV__BLOCK_BYTES &&
            feed->nspare < feed->limit_bytes / RIV__BLOCK_BYTES) {
            push(&feed->spare, block);
            feed->nspare++;
        } else {
            riv__block_unref(block);
        }
        block = next;
    }
}

void riv__feed_release(struct riv_feed *feed, size_t n)
{
    riv__lock(&feed->lock);
    RIV__ASSERT(n <= feed->held_bytes);
    feed->held_bytes -= n;
    take_back(feed);
    riv__cond_broadcast(&feed->room);
    riv__unlock(&feed->lock);
}

void riv__feed_close(struct riv_feed *feed)
{
    riv__lock(&feed->lock);
    feed->closed = true;
    riv__cond_broadcast(&feed->room);
    riv__unlock(&feed->lock);
}

size_t riv__feed_waiting(struct riv_feed *feed)
{
    riv__lock(&feed->lock);
    size_t n = feed->waiting_bytes;
    riv__unlock(&feed->lock);
    return n;
}
