/* connect/lanes.c - parcels of records, from the source's thread to batches. One
 * lock, held for a copy of what a call puts (at most some 100 records) or for a
 * walk over the parcels of a cut. A parcel is closed as soon as a cut touches
 * it, so nobody writes behind what a task reads. */
#include "connect/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/vec.h"

enum {
    PARCEL_BYTES = 128 * 1024,
    PARCEL_BYTES_MIN = 8 * 1024,
    EARLY = 16, /* this part of the limit is enough to begin with */
};

void riv__lanes_init(struct riv_lanes *lanes, struct riv_sys *sys,
                     struct riv_wake *driver, size_t limit_bytes, bool rows)
{
    *lanes = (struct riv_lanes){
        .sys = sys, .driver = driver, .limit_bytes = limit_bytes, .rows = rows
    };
    riv__lock_init(&lanes->lock);
}

void riv__lanes_are_rows(struct riv_lanes *lanes, bool rows)
{
    if (lanes->rows == rows) /* only this thread writes it */
        return;
    riv__lock(&lanes->lock);
    lanes->rows = rows;
    riv__unlock(&lanes->lock);
}

/* Nobody reads it any more. */
static void parcel_end(struct riv_lanes *lanes, struct riv_parcel *parcel)
{
    if (parcel->owner)
        lanes->give_back(parcel->owner);
    riv__parcel_free(parcel);
}

static void list_end(struct riv_lanes *lanes, struct riv_parcel *parcel)
{
    while (parcel) {
        struct riv_parcel *next = parcel->next;
        parcel_end(lanes, parcel);
        parcel = next;
    }
}

void riv__lanes_fini(struct riv_lanes *lanes)
{
    for (size_t i = 0; i < lanes->n; i++)
        list_end(lanes, lanes->lane[i].head);
    list_end(lanes, lanes->lent);
    riv__parcel_free_list(lanes->spare);
    free(lanes->lane);
    riv__lock_fini(&lanes->lock);
}

/* The next functions: @locks lanes->lock
 *
 * What a lane has beyond its own part is of the half that is everybody's. */
static size_t beyond(const struct riv_lanes *lanes, const struct riv_lane *lane)
{
    const size_t own = lanes->limit_bytes / 2 / lanes->n;
    return lane->held_bytes > own ? lane->held_bytes - own : 0;
}

static void hold(struct riv_lanes *lanes, struct riv_lane *lane, size_t bytes)
{
    const size_t before = beyond(lanes, lane);
    lane->held_bytes += bytes;
    lanes->held_bytes += bytes;
    lanes->common_bytes += beyond(lanes, lane) - before;
}

static void let_go(struct riv_lanes *lanes, struct riv_lane *lane, size_t bytes)
{
    const size_t before = beyond(lanes, lane);
    lane->held_bytes -= bytes;
    lanes->held_bytes -= bytes;
    lanes->common_bytes -= before - beyond(lanes, lane);
}

/* Lanes have been added: each has a smaller part of its own. */
static void hold_anew(struct riv_lanes *lanes)
{
    lanes->common_bytes = 0;
    for (size_t i = 0; i < lanes->n; i++)
        lanes->common_bytes += beyond(lanes, &lanes->lane[i]);
}

int riv__lanes_add_all(struct riv_lanes *lanes, const char *topic,
                       const struct riv_lane_begin *begin, size_t n)
{
    riv__lock(&lanes->lock);
    int rc = n > RIV__LANES_MAX - lanes->n
                 ? RIV_ENOMEM
                 : RIV__VEC_ROOM(lanes->lane, lanes->cap, lanes->n + n);
    for (size_t i = 0; rc == 0 && i < n; i++)
        lanes->lane[lanes->n++] =
            (struct riv_lane){ .topic = topic,
                               .partition = begin[i].partition,
                               .came = begin[i].offset,
                               .cut = begin[i].offset,
                               .end = RIV__MAX(begin[i].end, begin[i].offset),
                               .seen = begin[i].seen,
                               .until = -1 };
    if (lanes->n > 0)
        hold_anew(lanes);
    riv__unlock(&lanes->lock);
    return rc;
}

int riv__lanes_add(struct riv_lanes *lanes, const char *topic,
                   int32_t partition, int64_t offset)
{
    const struct riv_lane_begin begin = { .partition = partition,
                                          .offset = offset,
                                          .end = offset,
                                          .seen = { -1, -1 } };
    const int index = (int)lanes->n; /* only this thread adds */
    const int rc = riv__lanes_add_all(lanes, topic, &begin, 1);
    return rc < 0 ? rc : index;
}

int riv__lanes_find(struct riv_lanes *lanes, riv_str topic, int32_t partition)
{
    int found = -1;
    riv__lock(&lanes->lock);
    for (size_t i = 0; i < lanes->n && found < 0; i++)
        if (lanes->lane[i].partition == partition &&
            riv_eq(riv_cstr(lanes->lane[i].topic), topic))
            found = (int)i;
    riv__unlock(&lanes->lock);
    return found;
}

bool riv__lanes_get(struct riv_lanes *lanes, size_t i, struct riv_lane *ret)
{
    riv__lock(&lanes->lock);
    const bool there = i < lanes->n;
    if (there)
        *ret = lanes->lane[i];
    riv__unlock(&lanes->lock);
    return there;
}

/* ------------------------------------------------------------- coming in */

/* The next functions: @locks lanes->lock */

static size_t parcel_bytes(const struct riv_lanes *lanes)
{
    const size_t each = lanes->limit_bytes / (8 * RIV__MAX(lanes->n, 1u));
    return RIV__MAX(RIV__MIN(each, (size_t)PARCEL_BYTES),
                    (size_t)PARCEL_BYTES_MIN);
}

static size_t room(const struct riv_lanes *lanes, const struct riv_lane *lane)
{
    const size_t half = lanes->limit_bytes / 2, own = half / lanes->n;
    if (lane->until >= 0) /* a batch is run again, whatever it takes */
        return lanes->limit_bytes;
    if (lane->held_bytes == 0)
        return RIV__MAX(own, parcel_bytes(lanes));
    const size_t left = own > lane->held_bytes ? own - lane->held_bytes : 0;
    return left + (half > lanes->common_bytes ? half - lanes->common_bytes : 0);
}

static struct riv_parcel *take_spare(struct riv_lanes *lanes, size_t bytes)
{
    struct riv_parcel **at = &lanes->spare;
    while (*at && (*at)->block->cap != bytes)
        at = &(*at)->next;
    struct riv_parcel *parcel = *at;
    if (!parcel)
        return NULL;
    *at = parcel->next;
    lanes->spare_bytes -= parcel->bytes;
    riv__parcel_reset(parcel);
    return parcel;
}

/* A lane that has filled its last one before a batch came will fill this one,
 * too. */
static struct riv_parcel *new_parcel(const struct riv_lanes *lanes,
                                     const struct riv_lane *lane, size_t bytes,
                                     size_t records)
{
    struct riv_parcel *parcel = riv__parcel_new(bytes, records, lanes->rows);
    if (parcel && lane->tail && !lane->tail->closed)
        riv__pages_ready(parcel->block->bytes, bytes);
    return parcel;
}

static void append(struct riv_lanes *lanes, struct riv_lane *lane,
                   struct riv_parcel *parcel)
{
    parcel->lane = (size_t)(lane - lanes->lane);
    if (lane->tail)
        lane->tail->next = parcel;
    else
        lane->head = parcel;
    lane->tail = parcel;
    hold(lanes, lane, parcel->bytes);
    lanes->waiting_bytes += parcel->bytes;
}

static struct riv_parcel *begin_parcel(struct riv_lanes *lanes,
                                       struct riv_lane *lane, size_t need,
                                       size_t records)
{
    const size_t bytes = parcel_bytes(lanes);
    const bool odd = need > bytes || records > riv__parcel_records(bytes);
    struct riv_parcel *parcel = odd ? NULL : take_spare(lanes, bytes);
    if (!parcel)
        parcel = new_parcel(lanes, lane, RIV__MAX(need, bytes), records);
    if (!parcel)
        return NULL;
    parcel->odd = odd;
    append(lanes, lane, parcel);
    return parcel;
}

/* Room for n more records in the lane's last parcel. */
static int grow(struct riv_lanes *lanes, struct riv_lane *lane, size_t n)
{
    struct riv_parcel *parcel = lane->tail;
    const size_t before = parcel->bytes;
    RIV__TRY(riv__parcel_grow(parcel, n));
    hold(lanes, lane, parcel->bytes - before);
    lanes->waiting_bytes += parcel->bytes - before;
    return 0;
}

/* 1: it is a parcel. 0: it is better copied. */
static int put_borrowed(struct riv_lanes *lanes, struct riv_lane *lane,
                        struct riv_lane_record *record)
{
    if (lanes->rows || lanes->pieces >= RIV__PIECES_LENGTH32 ||
        riv__parcel_borrows(record) == 0)
        return 0;
    struct riv_parcel *parcel = riv__parcel_borrow(record);
    if (!parcel)
        return RIV_ENOMEM;
    record->borrowed = true;
    append(lanes, lane, parcel);
    return 1;
}

static int put_copy(struct riv_lanes *lanes, struct riv_lane *lane,
                    const struct riv_lane_record *record)
{
    const bool whole = lanes->pieces == RIV__PIECES_WHOLE;
    const size_t need = riv__parcel_need(record, lanes->rows);
    const size_t n = whole || !lanes->rows ? 1 : record->pieces;
    if (!whole && record->pieces == 0)
        return 0;
    if ((!lane->tail || !riv__parcel_fits(lane->tail, need, n)) &&
        !begin_parcel(lanes, lane, need, n))
        return RIV_ENOMEM;
    RIV__TRY(grow(lanes, lane, n));
    if (lanes->rows)
        riv__parcel_put_row(lane->tail, lanes->pieces, lane->topic,
                            lane->partition, record);
    else
        riv__parcel_put_lines(lane->tail, lanes->pieces, record);
    return 0;
}

static int put_one(struct riv_lanes *lanes, struct riv_lane *lane,
                   struct riv_lane_record *record)
{
    if (record->offset < lane->came)
        return 0;
    const int rc = put_borrowed(lanes, lane, record);
    RIV__TRY(rc);
    if (rc == 0)
        RIV__TRY(put_copy(lanes, lane, record));
    lane->came = record->offset + 1;
    return 0;
}

/* 2: so much waits that the driver must not wait for its tick; 1: it need not if
 * there is more in the log. */
static int pressure(const struct riv_lanes *lanes)
{
    return (lanes->waiting_bytes >= lanes->limit_bytes / 2) +
           (lanes->waiting_bytes >= lanes->limit_bytes / EARLY);
}

static bool is_behind(const struct riv_lanes *lanes)
{
    for (size_t i = 0; i < lanes->n; i++)
        if (lanes->lane[i].came < lanes->lane[i].end)
            return true;
    return false;
}

bool riv__lanes_press(struct riv_lanes *lanes)
{
    riv__lock(&lanes->lock);
    const int now = pressure(lanes);
    const bool presses = now == 2 || (now == 1 && is_behind(lanes));
    riv__unlock(&lanes->lock);
    return presses;
}

int riv__lanes_put(struct riv_lanes *lanes, size_t at,
                   struct riv_lane_record *record, size_t n)
{
    int rc = 0;
    riv__lock(&lanes->lock);
    struct riv_lane *lane = &lanes->lane[at];
    const int before = pressure(lanes);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = put_one(lanes, lane, &record[i]);
    lane->end = RIV__MAX(lane->end, lane->came);
    const bool more = pressure(lanes) > before;
    riv__unlock(&lanes->lock);
    if (more && lanes->driver)
        lanes->sys->wake_raise(lanes->sys, lanes->driver);
    return rc;
}

size_t riv__lanes_room(struct riv_lanes *lanes, size_t at)
{
    riv__lock(&lanes->lock);
    const size_t n = room(lanes, &lanes->lane[at]);
    lanes->starved |= n == 0;
    riv__unlock(&lanes->lock);
    return n;
}

void riv__lanes_came(struct riv_lanes *lanes, size_t at, int64_t offset)
{
    riv__lock(&lanes->lock);
    struct riv_lane *lane = &lanes->lane[at];
    lane->came = RIV__MAX(lane->came, offset);
    if (!lane->head) /* what stands between is no record */
        lane->cut = RIV__MAX(lane->cut, lane->came);
    riv__unlock(&lanes->lock);
}

void riv__lanes_end(struct riv_lanes *lanes, size_t at, int64_t end)
{
    riv__lock(&lanes->lock);
    lanes->lane[at].end = RIV__MAX(end, lanes->lane[at].came);
    riv__unlock(&lanes->lock);
}

void riv__lanes_jump(struct riv_lanes *lanes, size_t at, int64_t offset)
{
    riv__lock(&lanes->lock);
    struct riv_lane *lane = &lanes->lane[at];
    lane->came = offset;
    lane->seen = (struct riv_lane_seen){ -1, -1 };
    if (!lane->head)
        lane->cut = offset;
    riv__unlock(&lanes->lock);
}

size_t riv__lanes_waiting(struct riv_lanes *lanes)
{
    riv__lock(&lanes->lock);
    const size_t n = lanes->waiting_bytes;
    riv__unlock(&lanes->lock);
    return n;
}

/* --------------------------------------------------------------- cutting */

/* Up to which record of a parcel: by offset, or by bytes. */
static size_t last_of(const struct riv_lane *lane,
                      const struct riv_parcel *parcel, int64_t most)
{
    return lane->until >= 0 ? riv__parcel_below(parcel, lane->until)
                            : riv__parcel_within(parcel, most);
}

static int add_block(struct riv_block *block, struct riv_range range,
                     struct riv_cut *cut, struct riv_err *err)
{
    if (range.until == range.from)
        return 0; /* records without a value */
    range.kind = RIV__RANGE_BLOCK;
    range.block = riv__block_ref(block);
    return riv__cut_add(cut, &range, err);
}

/* A borrowed record is alone in its parcel, and cut as a whole. */
static int add_lines(struct riv_parcel *parcel, struct riv_range range,
                     struct riv_cut *cut, struct riv_err *err)
{
    if (parcel->borrowed) {
        range.until = parcel->borrowed->used;
        RIV__TRY(add_block(parcel->borrowed, range, cut, err));
        range.offset += range.until;
        range.until = parcel->block->used;
    }
    return add_block(parcel->block, range, cut, err);
}

static int add_rows(struct riv_parcel *parcel, struct riv_range range, size_t n,
                    struct riv_cut *cut, struct riv_err *err)
{
    range.kind = RIV__RANGE_ROWS;
    range.rows = parcel->row + parcel->first;
    range.n = n;
    range.until -= range.from;
    range.from = 0;
    return riv__cut_add(cut, &range, err);
}

/* Records [first, last) of the parcel. */
static int take(struct riv_lanes *lanes, struct riv_lane *lane,
                struct riv_parcel *parcel, size_t last, uint32_t source,
                struct riv_cut *cut, struct riv_err *err)
{
    riv__parcel_close(parcel, lane->topic, lane->partition);
    const struct riv_range range = {
        .source = source,
        .part = (uint32_t)parcel->lane + 1,
        .from = riv__parcel_from(parcel),
        .until = parcel->place[last - 1].end,
        .offset = (uint64_t)lane->cut,
        .origin = &parcel->origin,
    };
    RIV__TRY(lanes->rows
                 ? add_rows(parcel, range, last - parcel->first, cut, err)
                 : add_lines(parcel, range, cut, err));
    lane->cut = parcel->place[last - 1].next;
    lane->seen = (struct riv_lane_seen){ .offset = lane->cut - 1,
                                         .ms = parcel->place[last - 1].ms };
    parcel->first = last;
    return 0;
}

/* All of it is in batches. */
static void lend(struct riv_lanes *lanes, struct riv_lane *lane)
{
    struct riv_parcel *parcel = lane->head;
    lane->head = parcel->next;
    if (!lane->head)
        lane->tail = NULL;
    parcel->next = lanes->lent;
    lanes->lent = parcel;
    lanes->waiting_bytes -= parcel->bytes;
}

static int cut_lane(struct riv_lanes *lanes, struct riv_lane *lane,
                    int64_t most, uint32_t source, struct riv_cut *cut,
                    struct riv_err *err)
{
    bool any = false;
    while (lane->head && most > 0) {
        struct riv_parcel *parcel = lane->head;
        const size_t from = riv__parcel_from(parcel);
        size_t last = last_of(lane, parcel, most);
        if (last == parcel->first && !any && lane->until < 0)
            last = riv__parcel_one(parcel);
        if (last == parcel->first)
            break;
        RIV__TRY(take(lanes, lane, parcel, last, source, cut, err));
        any = true;
        if (last < parcel->n)
            break;
        if (most != INT64_MAX)
            most -= (int64_t)(parcel->place[last - 1].end - from);
        lend(lanes, lane);
    }
    if (!lane->head && lane->until < 0)
        lane->cut = RIV__MAX(lane->cut, lane->came);
    return 0;
}

int riv__lanes_cut(struct riv_lanes *lanes, uint32_t source,
                   const int64_t *most, struct riv_cut *cut,
                   struct riv_err *err)
{
    int rc = 0;
    riv__lock(&lanes->lock);
    for (size_t i = 0; rc == 0 && i < lanes->n; i++) {
        struct riv_lane *lane = &lanes->lane[i];
        if (lanes->limited && lane->until < 0)
            continue;
        const bool all = !most || lanes->limited;
        rc = cut_lane(lanes, lane, all ? INT64_MAX : most[i], source, cut, err);
        if (rc == 0 && lane->until >= 0)
            lane->cut = RIV__MAX(lane->cut, lane->until);
        lane->until = -1;
    }
    lanes->limited = false;
    riv__unlock(&lanes->lock);
    return rc;
}

bool riv__lanes_reach(struct riv_lanes *lanes, size_t at, int64_t until)
{
    riv__lock(&lanes->lock);
    struct riv_lane *lane = &lanes->lane[at];
    lane->until = until;
    lanes->limited = true;
    const bool there = lane->came >= until;
    riv__unlock(&lanes->lock);
    return there;
}

/* False: it is not kept for the next records. @locks lanes->lock */
static bool keep_spare(struct riv_lanes *lanes, struct riv_parcel *parcel)
{
    let_go(lanes, &lanes->lane[parcel->lane], parcel->bytes);
    if (parcel->odd ||
        lanes->spare_bytes + lanes->held_bytes + parcel->bytes >
            lanes->limit_bytes ||
        parcel->block->cap != parcel_bytes(lanes) ||
        atomic_load(&parcel->block->refs) != 1)
        return false;
    parcel->next = lanes->spare;
    lanes->spare = parcel;
    lanes->spare_bytes += parcel->bytes;
    return true;
}

bool riv__lanes_release(struct riv_lanes *lanes)
{
    struct riv_parcel *ended = NULL;
    riv__lock(&lanes->lock);
    const bool starved = lanes->starved;
    lanes->starved = false;
    while (lanes->lent) {
        struct riv_parcel *parcel = lanes->lent;
        lanes->lent = parcel->next;
        if (keep_spare(lanes, parcel))
            continue;
        parcel->next = ended;
        ended = parcel;
    }
    riv__unlock(&lanes->lock);
    list_end(lanes, ended);
    return starved;
}
