/* connect/parcel.h - records of one partition of a log (Kafka), one behind another
 * in a block: as lines, or as rows of riv_kafka_record that point into it. A lane
 * (lanes.h) fills a parcel until a batch touches it; tasks read it from then on,
 * and its owner writes no more. What is known of each record beside its bytes
 * grows with the records: of large ones there are few in a block.
 *
 * A large record of many lines can be borrowed instead of copied: a parcel of its own
 * has its lines where they are, but for the last ones, behind which there are not
 * the RIV__SLACK bytes that tasks may load; these are copied. */
#ifndef RIV_CONNECT_PARCEL_H
#define RIV_CONNECT_PARCEL_H

#include <rivulet/kafka.h>

#include "data/block.h"
#include "data/pieces.h"
#include "io/log_origin.h"

/* A record as it came. key.p, value.p NULL: it has none. */
struct riv_lane_record {
    riv_str key, value;
    riv_str headers; /* as riv_kafka_header reads them */
    int64_t offset, timestamp;
    size_t pieces; /* riv__pieces_count of the value; 0: there is nothing in it
                      but its offset. Not asked of lanes of RIV__PIECES_WHOLE */
    /* Whose the value is, if a lane may keep that, and what else it keeps in
     * memory. NULL: the value is to be copied. */
    void *owner;
    size_t beside_bytes;
    bool borrowed; /* set by the lane: the owner is its own now */
};

enum {
    RIV__PARCEL_LARGE = 16 * 1024
}; /* fewer bytes are copied in less time */

struct riv_parcel {
    struct riv_parcel *next;
    struct riv_block *block;    /* counted */
    struct riv_block *borrowed; /* lines before those of the block, where they
                                   came; NULL: none */
    void *owner;                /* of these */
    struct riv_log_place *place;
    riv_kafka_record *row; /* NULL: lines */
    size_t n, cap;         /* records */
    size_t cap_max;        /* what cap may grow to */
    size_t first;          /* not cut yet */
    size_t bytes;          /* of memory */
    size_t lane;
    bool closed;
    bool odd;                     /* larger than others: not kept */
    struct riv_log_origin origin; /* once it is closed: of its ranges */
};

/* For so many bytes, and at least so many records. NULL: no memory. */
struct riv_parcel *riv__parcel_new(size_t bytes, size_t records, bool rows);
/* Of the lines of one record, without copying those that can be borrowed. NULL: no
 * memory. */
struct riv_parcel *riv__parcel_borrow(const struct riv_lane_record *record);
/* The bytes of lines that can be; 0: it is better copied. */
size_t riv__parcel_borrows(const struct riv_lane_record *record);
void riv__parcel_free(struct riv_parcel *parcel);
void riv__parcel_free_list(struct riv_parcel *parcel);
/* Empty again, memory kept. */
void riv__parcel_reset(struct riv_parcel *parcel);
/* How many records have room beside so many bytes. */
size_t riv__parcel_records(size_t bytes);

/* Is there room for so many bytes, and records? Not in one that is closed. */
bool riv__parcel_fits(const struct riv_parcel *parcel, size_t bytes,
                      size_t records);
/* Memory for so many more records, for which there is room; parcel->bytes grows
 * by it. 0 or RIV_ENOMEM. */
int riv__parcel_grow(struct riv_parcel *parcel, size_t records) RIV__MUST_USE;
/* The bytes that a record takes there. */
size_t riv__parcel_need(const struct riv_lane_record *record, bool rows);
/* Adds what there is in the record, as one or as pieces; there is room. */
void riv__parcel_put_lines(struct riv_parcel *parcel, enum riv_pieces pieces,
                           const struct riv_lane_record *record);
void riv__parcel_put_row(struct riv_parcel *parcel, enum riv_pieces pieces,
                         const char *topic, int32_t partition,
                         const struct riv_lane_record *record);

/* Nothing is added any more: its places stay where they are, for its origin. */
void riv__parcel_close(struct riv_parcel *parcel, const char *topic,
                       int32_t partition);

/* Where the bytes begin that are not cut yet. */
size_t riv__parcel_from(const struct riv_parcel *parcel);
/* Whole messages from `first` on: the end of those below an offset; of those that
 * take at most so many bytes; of the first one. */
size_t riv__parcel_below(const struct riv_parcel *parcel, int64_t offset);
size_t riv__parcel_within(const struct riv_parcel *parcel, int64_t bytes);
size_t riv__parcel_one(const struct riv_parcel *parcel);

#endif
