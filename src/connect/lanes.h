/* connect/lanes.h - what has come of the partitions of a log (Kafka) and is in
 * no batch yet: one lane a partition. A record is copied once, into blocks that
 * tasks may read, or borrowed if it is large and its owner offers it; a cut takes
 * whole records, as many bytes of each lane as it is told, and can be told an
 * offset instead. Knows nothing of a client library.
 *
 * Memory: at most `limit_bytes` over all lanes, counted in whole parcels, from
 * the first record of a parcel until the batch that took its last is done; what
 * is not used of that is kept for the next parcels. What is borrowed counts with
 * what its owner keeps beside it. Half of it belongs to the
 * lanes in equal parts, so that a full one leaves the others their room, and a
 * parcel each they always have; the other half is everybody's, so that the next
 * batch gathers while one is at work. */
#ifndef RIV_CONNECT_LANES_H
#define RIV_CONNECT_LANES_H

#include "connect/parcel.h"
#include "io/range.h"
#include "sys/sys.h"
#include "sys/thread.h"

enum { RIV__LANES_MAX = 2048 };

/* A record by which a log is known again: its offset, and its time as the log
 * has it. Below 0: none. */
struct riv_lane_seen {
    int64_t offset, ms;
};

struct riv_lane {
    const char *topic; /* borrowed */
    int32_t partition;
    /* protected by the lock */
    struct riv_parcel *head, *tail; /* waiting, oldest first */
    size_t held_bytes;              /* parcels that wait or are in a batch */
    int64_t came;  /* all below this offset has come, or there is none */
    int64_t cut;   /* all below this is in batches */
    int64_t until; /* the next cut ends here; -1: by bytes */
    int64_t end;   /* the log's end, as far as it is known */
    struct riv_lane_seen seen; /* the last record in batches */
};

struct riv_lanes {
    struct riv_lock lock;
    struct riv_sys *sys;
    struct riv_wake *driver; /* raised when riv__lanes_press may say so; or
                                NULL */
    bool rows;              /* records as rows of riv_kafka_record, not lines */
    enum riv_pieces pieces; /* in a value, which is cut only as a whole */
    size_t limit_bytes;
    struct riv_lane *lane; /* grows under the lock */
    size_t n, cap;
    struct riv_parcel *lent, *spare; /* cut whole; used by nobody */
    size_t held_bytes, waiting_bytes, spare_bytes;
    size_t common_bytes; /* held of the half that is everybody's */
    bool starved;        /* a lane had no room */
    bool limited;        /* the next cut ends at lane[].until */
    /* The owner of a record that was borrowed may have it back; not under the
     * lock. Set before the first such record. @thread driver */
    void (*give_back)(void *owner);
};

void riv__lanes_init(struct riv_lanes *lanes, struct riv_sys *sys,
                     struct riv_wake *driver, size_t limit_bytes, bool rows);
void riv__lanes_fini(struct riv_lanes *lanes);
/* What records are, once that is known; before the first. @thread source */
void riv__lanes_are_rows(struct riv_lanes *lanes, bool rows);

/* Partitions of a topic, all at once or none: who asks meanwhile where the topic
 * stands must not hear of a part of them. 0 or RIV_ENOMEM. @thread source */
struct riv_lane_begin {
    int32_t partition;
    int64_t offset; /* the next record has at least this one */
    int64_t end;    /* of the log */
    struct riv_lane_seen seen;
};
int riv__lanes_add_all(struct riv_lanes *lanes, const char *topic,
                       const struct riv_lane_begin *begin, size_t n)
    RIV__MUST_USE;
/* One more. Its index, or RIV_ENOMEM. @thread source */
int riv__lanes_add(struct riv_lanes *lanes, const char *topic,
                   int32_t partition, int64_t offset) RIV__MUST_USE;
/* The index, or -1. @thread any */
int riv__lanes_find(struct riv_lanes *lanes, riv_str topic, int32_t partition);
/* A copy of lane i; false: there are no more. @thread any */
bool riv__lanes_get(struct riv_lanes *lanes, size_t i, struct riv_lane *ret);

/* How many bytes a lane may take now; 0: none, before a batch is done. */
size_t riv__lanes_room(struct riv_lanes *lanes, size_t lane);
/* Copies, or borrows from an owner and says so (record->borrowed); the limit is not
 * asked.
 * Offsets grow; one below what has come is left out. RIV_ENOMEM: those before it
 * are in. @thread source */
int riv__lanes_put(struct riv_lanes *lanes, size_t lane,
                   struct riv_lane_record *record, size_t n) RIV__MUST_USE;
/* There is nothing below this offset that has not come; the end of the log is
 * there, as far as is known. @thread source */
void riv__lanes_came(struct riv_lanes *lanes, size_t lane, int64_t offset);
void riv__lanes_end(struct riv_lanes *lanes, size_t lane, int64_t end);
/* The next record has at least this offset, though it may lie before what came:
 * the log was created anew, and is not known by a record any more.
 * @thread source */
void riv__lanes_jump(struct riv_lanes *lanes, size_t lane, int64_t offset);

/* Adds to the cut: of lane i at most most[i] bytes, but one record at the least
 * if most[i] is above 0; NULL: all. After riv__lanes_reach what that said.
 * @thread driver */
int riv__lanes_cut(struct riv_lanes *lanes, uint32_t source,
                   const int64_t *most, struct riv_cut *cut,
                   struct riv_err *err) RIV__MUST_USE;
/* The next cut ends in front of this offset of this lane, and takes nothing of
 * lanes that have not been named. True: all of it has come. @thread driver */
bool riv__lanes_reach(struct riv_lanes *lanes, size_t lane, int64_t until);
/* The batch is done; after riv__cut_reset. True: riv__lanes_room has said that
 * there is none. @thread driver */
bool riv__lanes_release(struct riv_lanes *lanes);
size_t riv__lanes_waiting(struct riv_lanes *lanes);
/* Is there so much that a batch begins before its tick? Half the limit; where
 * there is more in the log a sixteenth: the rest comes while that is worked
 * off, and a driver that waits for half wastes the time it takes to come.
 * @thread driver */
bool riv__lanes_press(struct riv_lanes *lanes);

#endif
