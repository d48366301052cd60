/* connect/parcel.c - a block, and the places of records in it. Who fills one, and
 * under which lock, is lanes.c's to say. */
#include "connect/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
    RECORD_BYTES = 64, /* room for a record's place per so many bytes at most */
    RECORDS_FIRST = 64, /* places to begin with */
};

size_t riv__parcel_records(size_t bytes)
{
    return bytes / RECORD_BYTES + 1;
}

/* What a record takes beside its bytes. */
static size_t beside(const struct riv_parcel *parcel, bool rows)
{
    return sizeof *parcel->place + (rows ? sizeof *parcel->row : 0);
}

struct riv_parcel *riv__parcel_new(size_t bytes, size_t records, bool rows)
{
    struct riv_parcel *parcel = calloc(1, sizeof *parcel);
    if (!parcel)
        return NULL;
    parcel->cap_max = RIV__MAX(riv__parcel_records(bytes), records);
    parcel->cap =
        RIV__MIN(RIV__MAX(records, (size_t)RECORDS_FIRST), parcel->cap_max);
    parcel->block = riv__block_new(bytes);
    parcel->place = malloc(parcel->cap * sizeof *parcel->place);
    parcel->row = rows ? malloc(parcel->cap * sizeof *parcel->row) : NULL;
    parcel->bytes = bytes + parcel->cap * beside(parcel, rows);
    if (parcel->block && parcel->place && (parcel->row || !rows))
        return parcel;
    riv__parcel_free(parcel);
    return NULL;
}

void riv__parcel_free(struct riv_parcel *parcel)
{
    if (!parcel)
        return;
    riv__block_unref(parcel->block);
    riv__block_unref(parcel->borrowed);
    free(parcel->place);
    free(parcel->row);
    free(parcel);
}

void riv__parcel_free_list(struct riv_parcel *parcel)
{
    while (parcel) {
        struct riv_parcel *next = parcel->next;
        riv__parcel_free(parcel);
        parcel = next;
    }
}

void riv__parcel_reset(struct riv_parcel *parcel)
{
    parcel->n = parcel->first = 0;
    parcel->block->used = 0;
    parcel->closed = false;
    parcel->next = NULL;
}

/* ---------------------------------------------------------------- filling */

bool riv__parcel_fits(const struct riv_parcel *parcel, size_t bytes,
                      size_t records)
{
    return !parcel->closed && records <= parcel->cap_max - parcel->n &&
           bytes <= parcel->block->cap - parcel->block->used;
}

int riv__parcel_grow(struct riv_parcel *parcel, size_t records)
{
    const size_t want = parcel->n + records;
    if (want <= parcel->cap)
        return 0;
    const bool rows = parcel->row != NULL;
    const size_t cap =
        RIV__MIN(RIV__MAX(want, parcel->cap * 2), parcel->cap_max);
    void *place = realloc(parcel->place, cap * sizeof *parcel->place);
    if (!place)
        return RIV_ENOMEM;
    parcel->place = place;
    void *row = rows ? realloc(parcel->row, cap * sizeof *parcel->row) : NULL;
    if (rows && !row)
        return RIV_ENOMEM;
    parcel->row = row;
    parcel->bytes += (cap - parcel->cap) * beside(parcel, rows);
    parcel->cap = cap;
    return 0;
}

size_t riv__parcel_need(const struct riv_lane_record *record, bool rows)
{
    return rows ? record->key.n + record->value.n + record->headers.n
                : record->value.n + 1;
}

static void put_place(struct riv_parcel *parcel, size_t end, int64_t next,
                      int64_t ms)
{
    parcel->place[parcel->n++] =
        (struct riv_log_place){ .end = end, .next = next, .ms = ms };
}

/* Behind all that is there. */
static void put_last(struct riv_parcel *parcel,
                     const struct riv_lane_record *record)
{
    put_place(parcel, parcel->block->used, record->offset + 1,
              record->timestamp);
}

static void put_line(struct riv_block *block, riv_str line)
{
    if (line.n > 0)
        memcpy(block->bytes + block->used, line.p, line.n);
    block->used += line.n;
    if (line.n == 0 || line.p[line.n - 1] != '\n')
        block->bytes[block->used++] = '\n';
}

/* The lines of the value: a last one needs no '\n'. A record without a value is
 * none. With lengths before them they take no more bytes than these. */
void riv__parcel_put_lines(struct riv_parcel *parcel, enum riv_pieces pieces,
                           const struct riv_lane_record *record)
{
    riv_str rest = record->value, piece;
    if (rest.p && pieces < RIV__PIECES_LENGTH32)
        put_line(parcel->block, rest);
    else if (rest.p)
        while (riv__pieces_next(pieces, &rest, &piece) > 0)
            put_line(parcel->block, piece);
    put_last(parcel, record);
}

/* What is not there stays so: a pair with this key is written without one. */
static riv_str put_bytes(struct riv_block *block, riv_str from)
{
    char *to = block->bytes + block->used;
    if (!from.p)
        return (riv_str){ NULL, 0 };
    if (from.n > 0)
        memcpy(to, from.p, from.n);
    block->used += from.n;
    return (riv_str){ to, from.n };
}

/* Rows that share the bytes of one message: key, headers, and its value. The
 * place of the last one is the caller's. */
static void put_pieces(struct riv_parcel *parcel, enum riv_pieces pieces,
                       const riv_kafka_record *row, size_t n)
{
    riv_str rest = row->value, piece;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            put_place(parcel, (size_t)(rest.p - parcel->block->bytes),
                      RIV__LOG_INSIDE, row->timestamp);
        (void)riv__pieces_next(pieces, &rest, &piece);
        parcel->row[parcel->n] = *row;
        parcel->row[parcel->n].value = piece;
    }
}

void riv__parcel_put_row(struct riv_parcel *parcel, enum riv_pieces pieces,
                         const char *topic, int32_t partition,
                         const struct riv_lane_record *record)
{
    struct riv_block *block = parcel->block;
    const riv_kafka_record row = {
        .key = put_bytes(block, record->key),
        .headers = put_bytes(block, record->headers),
        .value =
            record->value.p ? put_bytes(block, record->value) : riv_cstr(""),
        .topic = riv_cstr(topic),
        .offset = record->offset,
        .timestamp = record->timestamp,
        .partition = partition,
        .flags = (record->key.p ? 0 : RIV_KAFKA_NO_KEY) |
                 (record->value.p ? 0 : RIV_KAFKA_NO_VALUE),
    };
    if (pieces != RIV__PIECES_WHOLE && record->value.p)
        put_pieces(parcel, pieces, &row, record->pieces);
    else
        parcel->row[parcel->n] = row;
    put_last(parcel, record);
}

/* -------------------------------------------------------------- borrowing */

size_t riv__parcel_borrows(const struct riv_lane_record *record)
{
    const riv_str value = record->value;
    if (!record->owner || value.n < RIV__PARCEL_LARGE + RIV__SLACK)
        return 0;
    const char *last = memrchr(value.p, '\n', value.n - RIV__SLACK);
    const size_t n = last ? (size_t)(last - value.p) + 1 : 0;
    return n < RIV__PARCEL_LARGE ? 0 : n;
}

struct riv_parcel *riv__parcel_borrow(const struct riv_lane_record *record)
{
    const size_t n = riv__parcel_borrows(record);
    const riv_str rest = { record->value.p + n, record->value.n - n };
    struct riv_parcel *parcel = riv__parcel_new(rest.n + 1, 1, false);
    if (!parcel)
        return NULL;
    parcel->borrowed = riv__block_over(record->value.p, n);
    if (!parcel->borrowed) {
        riv__parcel_free(parcel);
        return NULL;
    }
    put_line(parcel->block, rest);
    put_place(parcel, n + parcel->block->used, record->offset + 1,
              record->timestamp);
    parcel->owner = record->owner;
    parcel->bytes += record->value.n + record->beside_bytes;
    parcel->odd = parcel->closed = true;
    return parcel;
}

/* ---------------------------------------------------------------- cutting */

void riv__parcel_close(struct riv_parcel *parcel, const char *topic,
                       int32_t partition)
{
    const struct riv_block *head = parcel->borrowed;
    parcel->closed = true;
    parcel->origin = (struct riv_log_origin){
        .topic = riv_cstr(topic),
        .partition = partition,
        .place = parcel->place,
        .n = parcel->n,
        .head =
            head ? (riv_str){ head->bytes, head->used } : (riv_str){ NULL, 0 },
        .bytes = parcel->block->bytes,
        .row = parcel->row,
    };
}

size_t riv__parcel_from(const struct riv_parcel *parcel)
{
    return parcel->first > 0 ? parcel->place[parcel->first - 1].end : 0;
}

/* Backwards: of a message that is not taken as a whole nothing is. */
static size_t whole_messages(const struct riv_parcel *parcel, size_t i)
{
    while (i > parcel->first && parcel->place[i - 1].next == RIV__LOG_INSIDE)
        i--;
    return i;
}

size_t riv__parcel_below(const struct riv_parcel *parcel, int64_t offset)
{
    size_t i = parcel->first;
    while (i < parcel->n && parcel->place[i].next <= offset)
        i++;
    return whole_messages(parcel, i);
}

size_t riv__parcel_within(const struct riv_parcel *parcel, int64_t bytes)
{
    const size_t from = riv__parcel_from(parcel);
    size_t i = parcel->first;
    if (bytes == INT64_MAX)
        return parcel->n;
    while (i < parcel->n && (int64_t)(parcel->place[i].end - from) <= bytes)
        i++;
    return whole_messages(parcel, i);
}

size_t riv__parcel_one(const struct riv_parcel *parcel)
{
    size_t i = parcel->first;
    while (i < parcel->n && parcel->place[i].next == RIV__LOG_INSIDE)
        i++;
    return RIV__MIN(i + 1, parcel->n);
}
