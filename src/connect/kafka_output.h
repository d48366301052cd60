/* connect/kafka_output.h - a kafka:// output, for sink_kafka.c (the contract, at
 * least once), kafka_transaction.c (exactly once), kafka_fate.c (what was written
 * last, by whom) and kafka_producer.c, which they stand on. */
#ifndef RIV_CONNECT_KAFKA_OUTPUT_H
#define RIV_CONNECT_KAFKA_OUTPUT_H

#include "base/buf.h"
#include "connect/kafka_client.h"
#include "connect/kafka_uri.h"
#include "io/sink.h"

enum {
    RIV__KAFKA_FRAME_HEAD = 8,
    RIV__KAFKA_STEP_MS = 10000, /* of a transaction, before it is tried again */
};
#define RIV__KAFKA_NO_KEY UINT32_MAX

/* A record on its way: lengths of key and value, 4 bytes each, then both; as
 * riv_save_kafka and the outbox have it. key.p NULL: it has none. */
struct riv_kafka_frame {
    riv_str key, value;
};

/* The last batch that a transaction of this name has written, as the log has it.
 */
struct riv_kafka_fate {
    uint64_t batch, sum; /* of its bytes; 0: there was none */
    bool ours;           /* of this state directory */
};

struct riv_kafka_output {
    struct riv_sink base;
    struct riv_kafka_uri uri;
    bool framed;         /* frames come, not lines */
    struct riv_buf rest; /* of a record that is not whole */
    /* At least once: @thread driver or worker, one at a time. Exactly once:
     * @thread storage, and the driver before that runs. */
    rd_kafka_t *rk; /* NULL: none is open */
    struct riv_err failed;
    char reason[256];              /* the library's last words */
    bool troubled;                 /* and they are shown */
    int64_t sequence, sequence_ms; /* the next record's number in its batch */
    struct riv_buf box;            /* of the batch. @thread as write */
    size_t record_bytes_max;       /* the client takes no larger one */
    unsigned troubles;             /* that the library has told */
    /* Exactly once. @thread storage, and the driver before that runs */
    uint32_t output; /* its number in the job */
    bool begun;      /* a transaction of this process, or would be */
    struct riv_kafka_fate known; /* as this process has left or found it */
    int64_t
        open_ms_max; /* a broker ends a transaction that is open for longer */
    unsigned fenced; /* times in a row */
    int step_ms;     /* RIV__KAFKA_STEP_MS; tests have less */
};

/* The first frame of n bytes: its length, 0: it is not whole. */
size_t riv__kafka_frame(const char *p, size_t n, struct riv_kafka_frame *ret);

int riv__kafka_producer(struct riv_kafka_output *self,
                        const struct riv_kafka_fixed *fixed, rd_kafka_t **ret,
                        struct riv_err *err) RIV__MUST_USE;
/* Takes headers, which may be NULL, also when it fails. Waits for room. */
int riv__kafka_produce(struct riv_kafka_output *self, rd_kafka_t *rk,
                       const struct riv_kafka_frame *frame,
                       rd_kafka_headers_t *headers, struct riv_err *err)
    RIV__MUST_USE;

/* The error of the first record that was not written, as this one; 0: none. */
int riv__kafka_had_failed(struct riv_kafka_output *self, struct riv_err *err)
    RIV__MUST_USE;

/* What the client library tells of brokers; opaque is the output. */
void riv__kafka_output_error(rd_kafka_t *rk, int code, const char *reason,
                             void *opaque);
/* What may pass, and is tried again, is shown to people until the second. */
void riv__kafka_output_trouble(struct riv_kafka_output *self,
                               const struct riv_err *err);
void riv__kafka_output_recovered(struct riv_kafka_output *self);

/* "rivulet-NAME-OUTPUT": its transactional id, and the group in whose offsets the
 * numbers of its batches are. NAME is the job's; without one that of the state
 * directory. */
enum { RIV__KAFKA_ID_BYTES = 192 };
void riv__kafka_own_name(const struct riv_kafka_output *self,
                         char dst[RIV__KAFKA_ID_BYTES]);
/* Behind the words of an error that refuses a right (kafka_err.h). */
int riv__kafka_output_right(struct riv_kafka_output *self,
                            rd_kafka_resp_err_t code, struct riv_err *err);

enum riv_kafka_ask { RIV__KAFKA_NOW, RIV__KAFKA_STABLE };
/* What was written last. RIV__KAFKA_STABLE waits for transactions that are open.
 */
int riv__kafka_fate_ask(struct riv_kafka_output *self, enum riv_kafka_ask how,
                        struct riv_kafka_fate *ret, struct riv_err *err)
    RIV__MUST_USE;
/* How it is told with a batch, so that it can be read again. Returns owned. */
char *riv__kafka_fate_words(const struct riv_kafka_output *self, uint64_t sum);
/* 1: that batch is what was written last, or was before; 0: it is to be written;
 * RIV_ECHECKPOINT, RIV_EBUSY: another process has gone on with this state, or
 * under this name. */
int riv__kafka_fate_judge(struct riv_kafka_output *self,
                          const struct riv_kafka_fate *now,
                          const struct riv_kafka_fate *batch,
                          struct riv_err *err) RIV__MUST_USE;

/* The settings are right, as far as can be said without a broker; says how large
 * a record may be. */
int riv__kafka_transaction_check(struct riv_kafka_output *self,
                                 struct riv_err *err) RIV__MUST_USE;
/* The frames of a batch as one transaction, unless it was written before.
 * Returns when its fate is known. @thread storage; driver before the first
 * batch */
int riv__kafka_transaction(struct riv_kafka_output *self, uint32_t output,
                           uint64_t batch, riv_str frames, struct riv_err *err)
    RIV__MUST_USE;

#endif
