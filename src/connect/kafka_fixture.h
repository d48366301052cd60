/* connect/kafka_fixture.h - an input of the client library's own mock brokers: what
 * the tests of kafka:// as an input share. Each wait is a number of looks at the
 * input, not a time. Only for *_test.c files. */
#ifndef RIV_CONNECT_KAFKA_FIXTURE_H
#define RIV_CONNECT_KAFKA_FIXTURE_H

#include <rivulet/kafka.h>

#include "conf/pass.h"
#include "connect/kafka_input.h"
#include "connect/kafka_mock.h"
#include "connect/sources.h"
#include "data/type.h"
#include "io/fixture.h"

enum {
    LOOKS = 1200, /* until a test gives up */
    LOOK_MS = 50,
    FETCH = 1, /* numbers of requests in Kafka's protocol */
    LIST_OFFSETS = 2,
    OFFSET_COMMIT = 8,
    OFFSET_FETCH = 9,
};

struct fix {
    rd_kafka_t *rk; /* the mock brokers live in it, and it produces */
    rd_kafka_mock_cluster_t *brokers;
    struct riv_settings conf;
    struct riv_input *input;
    struct riv_cut cut;
    struct riv_buf text;
    struct riv_stand stand;
    struct riv_err err;
    char uri[256];
};

static inline int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->rk = kafka_mock(&fix->brokers);
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "t", 2, 1), 0);
    fix->conf = fixture_conf();
    fix->conf.line_bytes_max = 1 << 20;
    memcpy(fix->conf.name, "job", 4);
    fix->conf.kafka_buffer_bytes = 4 << 20;
    riv__cut_init(&fix->cut);
    riv__buf_init(&fix->text, 0);
    riv__stand_init(&fix->stand);
    *state = fix;
    return 0;
}

static inline int finish(void **state)
{
    struct fix *fix = *state;
    riv__cut_fini(&fix->cut);
    riv__input_free(fix->input);
    riv__buf_fini(&fix->text);
    riv__stand_fini(&fix->stand);
    rd_kafka_destroy(fix->rk);
    free(fix);
    return 0;
}

/* The headers, if there are some, become the library's. */
static inline void produce_to(struct fix *fix, const char *topic,
                              int32_t partition, riv_str key, riv_str value,
                              rd_kafka_headers_t *headers)
{
    const rd_kafka_vu_t part[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic },
        { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = 1700000000123 },
        { .vtype = RD_KAFKA_VTYPE_KEY,
          .u.mem = { (void *)(uintptr_t)key.p, key.n } },
        { .vtype = RD_KAFKA_VTYPE_VALUE,
          .u.mem = { (void *)(uintptr_t)value.p, value.n } },
        { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers },
    };
    assert_null(
        rd_kafka_produceva(fix->rk, part, RIV__LEN(part) - (headers ? 0 : 1)));
}

static inline void produce(struct fix *fix, int32_t partition, riv_str key,
                           riv_str value, rd_kafka_headers_t *headers)
{
    produce_to(fix, "t", partition, key, value, headers);
}

static inline void put(struct fix *fix, int32_t partition, const char *value)
{
    produce(fix, partition, (riv_str){ NULL, 0 }, riv_cstr(value), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

static inline int try_at(struct fix *fix, const char *rest)
{
    snprintf(fix->uri, sizeof fix->uri, "kafka://%s/%s",
             rd_kafka_mock_cluster_bootstraps(fix->brokers), rest);
    const int rc = riv__input_new(riv__sources, riv__sys_real(), &fix->conf,
                                  NULL, fix->uri, 5, &fix->input, &fix->err);
    if (rc == 0)
        fix->input->wait_ms = LOOK_MS;
    return rc;
}

static inline void open_at(struct fix *fix, const char *rest)
{
    if (try_at(fix, rest) < 0)
        fail_msg("%s", fix->err.text);
}

static inline void close_input(struct fix *fix)
{
    riv__input_free(RIV__TAKE(fix->input));
}

static inline int read_once(struct fix *fix)
{
    fix->err.code = 0;
    return fix->input->ops->read(fix->input, &fix->err);
}

/* A batch; its text is added to what there was. */
static inline void cut(struct fix *fix)
{
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    if (fix->input->type == &riv__type_str)
        fixture_add_text(&fix->text, &fix->cut);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static inline void has(struct fix *fix, const char *text)
{
    fixture_equal(&fix->text, text, strlen(text));
    riv__buf_reset(&fix->text);
}

/* Reads and cuts until so many bytes of lines have come. */
static inline void get(struct fix *fix, size_t bytes)
{
    for (int i = 0; i < LOOKS && fix->text.n < bytes; i++) {
        const int rc = read_once(fix);
        if (rc < 0 && rc != RIV_EUNAVAIL)
            fail_msg("%s", fix->err.text);
        cut(fix);
    }
}

/* Reads until it stands somewhere. */
static inline void settle(struct fix *fix)
{
    for (int i = 0; i < LOOKS; i++) {
        (void)read_once(fix);
        riv__stand_reset(&fix->stand);
        assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err),
                         0);
        if (memchr(fix->stand.words.p, ':', fix->stand.words.n))
            return;
    }
}

static inline void stands(struct fix *fix, const char *words)
{
    riv__stand_reset(&fix->stand);
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    const char *seen =
        memmem(fix->stand.words.p, fix->stand.words.n, " seen/", 6);
    if (!seen)
        seen = memmem(fix->stand.words.p, fix->stand.words.n, " cluster=", 9);
    if (seen)
        fix->stand.words.n = (size_t)(seen - fix->stand.words.p);
    fixture_equal(&fix->stand.words, words, strlen(words));
}

static inline void seek(struct fix *fix, const char *words)
{
    if (riv__input_seek(fix->input, riv_cstr(words), &fix->err) < 0)
        fail_msg("%s", fix->err.text);
}

/* The error that ends the input, after at most so many looks. */
static inline void fails(struct fix *fix, int code, const char *words)
{
    int rc = 0;
    for (int i = 0; i < LOOKS && (rc >= 0 || rc != code); i++)
        rc = read_once(fix);
    assert_int_equal(rc, code);
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

/* Reads until it has come to where this one of the words is. */
static inline void reach_end(struct fix *fix, const char *words)
{
    for (int i = 0; i < LOOKS; i++) {
        (void)read_once(fix);
        if (riv__input_reach(fix->input, riv_cstr(words), &fix->err) == 1)
            return;
    }
    fail_msg("it never stood at %s", words);
}

#endif
