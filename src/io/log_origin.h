/* io/log_origin.h - of which message of a log (Kafka) each record of a range is, for
 * messages and dead letters. A source knows it anyway, since it cuts between
 * messages; nobody looks before a record is refused. */
#ifndef RIV_IO_LOG_ORIGIN_H
#define RIV_IO_LOG_ORIGIN_H

#include <rivulet/kafka.h>

#include "base/buf.h"

/* Behind record i: bytes used, and the offset of the next message;
 * RIV__LOG_INSIDE: record i + 1 is of the same. And the message's time. A record
 * is a message's lines, or a row. */
struct riv_log_place {
    size_t end;
    int64_t next, ms;
};

#define RIV__LOG_INSIDE (-1)

/* One message, or with last > offset all up to that one, where it is not known of
 * which the record is. */
struct riv_message {
    int64_t offset, last;
    uint64_t
        number; /* of the line or row in it, from 1; 0: it has no other, or it
                        is not known */
};

/* Borrowed, with what it points to, as long as the range is. */
struct riv_log_origin {
    riv_str topic;
    int32_t partition;
    const struct riv_log_place *place; /* offsets mostly grow */
    size_t n;
    riv_str head;                /* the first bytes, if they lie elsewhere.. */
    const char *bytes;           /* ..than those behind them */
    const riv_kafka_record *row; /* n of them, which point into the bytes; NULL:
                                    lines */
    struct riv_message only;     /* with n == 0: of all records */
};

/* Where the last one was found, so that the next in the same message is found from
 * there on. Zeroed before another origin. */
struct riv_log_at {
    size_t begin, at; /* of the message; of the record */
    uint64_t before;  /* lines between them */
};

/* Of p: the begin of a line; a row, or a byte that it points to. False: it is
 * elsewhere. */
bool riv__log_origin_find(const struct riv_log_origin *origin,
                          struct riv_log_at *at, const void *p,
                          struct riv_message *ret);
/* All messages from that of one such p to that of another. */
bool riv__log_origin_span(const struct riv_log_origin *origin,
                          const void *first, const void *last,
                          struct riv_message *ret);

enum { RIV__LOG_ORIGIN_SHOWN = 384 };

/* "orders/3 offset 117, line 2 of it" or "orders/3 offsets 117 to 180", for
 * people; a topic's name is cut. Returns dst. */
const char *riv__log_origin_show(const struct riv_log_origin *origin,
                                 const struct riv_message *message, char *dst,
                                 size_t room);
/* Adds to a URI what stands behind it in a dead letter: "#orders/3:line=2". */
void riv__log_origin_put(const struct riv_log_origin *origin,
                         const struct riv_message *message, struct riv_buf *to);

/* A letter's source as it was put together. Borrows from it. */
struct riv_log_name {
    riv_str uri, topic;
    int32_t partition;
    bool is_row;
    struct riv_message message; /* offset -1: it stands beside the source */
};
/* False: it has no fragment of that form. */
bool riv__log_origin_read(riv_str source, struct riv_log_name *ret);

#endif
