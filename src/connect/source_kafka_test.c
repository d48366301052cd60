/* connect/source_kafka_test.c - kafka:// against the client library's own mock
 * brokers, which speak the protocol over real sockets in this process. They do
 * not keep what transactions promise: tests/kafka has real ones for that. Each
 * wait is a number of looks at the input, not a time. */
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

static int start(void **state)
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

static int finish(void **state)
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
static void produce_to(struct fix *fix, const char *topic, int32_t partition,
                       riv_str key, riv_str value, rd_kafka_headers_t *headers)
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

static void produce(struct fix *fix, int32_t partition, riv_str key,
                    riv_str value, rd_kafka_headers_t *headers)
{
    produce_to(fix, "t", partition, key, value, headers);
}

static void put(struct fix *fix, int32_t partition, const char *value)
{
    produce(fix, partition, (riv_str){ NULL, 0 }, riv_cstr(value), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

static int try_at(struct fix *fix, const char *rest)
{
    snprintf(fix->uri, sizeof fix->uri, "kafka://%s/%s",
             rd_kafka_mock_cluster_bootstraps(fix->brokers), rest);
    const int rc = riv__input_new(riv__sources, riv__sys_real(), &fix->conf,
                                  NULL, fix->uri, 5, &fix->input, &fix->err);
    if (rc == 0)
        fix->input->wait_ms = LOOK_MS;
    return rc;
}

static void open_at(struct fix *fix, const char *rest)
{
    if (try_at(fix, rest) < 0)
        fail_msg("%s", fix->err.text);
}

static void close_input(struct fix *fix)
{
    riv__input_free(RIV__TAKE(fix->input));
}

static int read_once(struct fix *fix)
{
    fix->err.code = 0;
    return fix->input->ops->read(fix->input, &fix->err);
}

/* A batch; its text is added to what there was. */
static void cut(struct fix *fix)
{
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    if (fix->input->type == &riv__type_str)
        fixture_add_text(&fix->text, &fix->cut);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void has(struct fix *fix, const char *text)
{
    fixture_equal(&fix->text, text, strlen(text));
    riv__buf_reset(&fix->text);
}

/* Reads and cuts until so many bytes of lines have come. */
static void get(struct fix *fix, size_t bytes)
{
    for (int i = 0; i < LOOKS && fix->text.n < bytes; i++) {
        const int rc = read_once(fix);
        if (rc < 0 && rc != RIV_EUNAVAIL)
            fail_msg("%s", fix->err.text);
        cut(fix);
    }
}

/* Reads until it stands somewhere. */
static void settle(struct fix *fix)
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

static void stands(struct fix *fix, const char *words)
{
    riv__stand_reset(&fix->stand);
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    const char *seen =
        memmem(fix->stand.words.p, fix->stand.words.n, " seen/", 6);
    if (seen)
        fix->stand.words.n = (size_t)(seen - fix->stand.words.p);
    fixture_equal(&fix->stand.words, words, strlen(words));
}

static void seek(struct fix *fix, const char *words)
{
    if (riv__input_seek(fix->input, riv_cstr(words), &fix->err) < 0)
        fail_msg("%s", fix->err.text);
}

/* The error that ends the input, after at most so many looks. */
static void fails(struct fix *fix, int code, const char *words)
{
    int rc = 0;
    for (int i = 0; i < LOOKS && (rc >= 0 || rc != code); i++)
        rc = read_once(fix);
    assert_int_equal(rc, code);
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

/* ----------------------------------------------------------------- records */

static void values_of_all_partitions_are_lines(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    put(fix, 0, "b");
    open_at(fix, "t");
    get(fix, 4);
    has(fix, "a\nb\n");
    put(fix, 1, "x");
    get(fix, 2);
    has(fix, "x\n");
    stands(fix, "topic/t=0:2,1:1");
}

static void before_a_broker_answers_it_stands_nowhere(void **state)
{
    struct fix *fix = *state;
    open_at(fix, "t");
    stands(fix, "topics=0");
    seek(fix, "topics=0");
    stands(fix, "topics=0");
    cut(fix);
    has(fix, "");
}

static void records_have_key_headers_offset_and_time(void **state)
{
    struct fix *fix = *state;
    riv_str value;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, "trace", -1, "77", -1);
    produce(fix, 1, riv_cstr("k"), riv_cstr("v1"), headers);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
    open_at(fix, "t");
    fix->input->type = &riv_type_riv_kafka_record;
    for (int i = 0; i < LOOKS && fix->cut.n == 0; i++) {
        assert_true(read_once(fix) >= 0);
        assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    }
    assert_int_equal(fix->cut.n, 1);
    assert_int_equal(fix->cut.range[0].kind, RIV__RANGE_ROWS);
    const riv_kafka_record *record = fix->cut.range[0].rows;
    assert_true(riv_eq(record->key, riv_cstr("k")));
    assert_true(riv_eq(record->value, riv_cstr("v1")));
    assert_true(riv_eq(record->topic, riv_cstr("t")));
    assert_int_equal(record->partition, 1);
    assert_int_equal(record->offset, 0);
    assert_int_equal(record->timestamp, 1700000000123);
    assert_true(riv_kafka_header(record, "trace", &value));
    assert_true(riv_eq(value, riv_cstr("77")));
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void until_end_is_the_end(void **state)
{
    struct fix *fix = *state;
    int rc = RIV__READ_MORE;
    put(fix, 0, "a");
    put(fix, 1, "b");
    open_at(fix, "t?until=end");
    for (int i = 0; i < LOOKS && rc != RIV__READ_END; i++)
        rc = read_once(fix);
    assert_int_equal(rc, RIV__READ_END);
    put(fix, 0, "later");
    cut(fix);
    has(fix, "a\nb\n");
}

/* ------------------------------------------- many records in one message */

static void put_bytes(struct fix *fix, const char *bytes, size_t n)
{
    produce(fix, 0, riv_cstr("k"), riv__str(bytes, n), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

/* Reads until it has come to where this one of the words is. */
static void reach_end(struct fix *fix, const char *words)
{
    for (int i = 0; i < LOOKS; i++) {
        (void)read_once(fix);
        if (riv__input_reach(fix->input, riv_cstr(words), &fix->err) == 1)
            return;
    }
    fail_msg("it never stood at %s", words);
}

static void records_with_lengths_are_lines(void **state)
{
    struct fix *fix = *state;
    put_bytes(fix, "\0\0\0\2ab\0\0\0\0\0\0\0\1c", 15);
    put_bytes(fix, "", 0); /* none */
    put_bytes(fix, "\0\0\0\1d", 5);
    open_at(fix, "t?records=length32");
    get(fix, 8);
    has(fix, "ab\n\nc\nd\n");
    settle(fix);
    stands(fix, "topic/t=0:3,1:0");
}

/* The rows of a batch that ends at these words, as "offset:value|". */
static void rows_until(struct fix *fix, const char *words, const char *want)
{
    char text[64] = "";
    size_t used = 0;
    reach_end(fix, words);
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    for (size_t i = 0; i < fix->cut.n; i++) {
        const riv_kafka_record *row = fix->cut.range[i].rows;
        for (size_t k = 0; k < fix->cut.range[i].n; k++) {
            assert_true(riv_eq(row[k].key, riv_cstr("k")));
            used += (size_t)snprintf(
                text + used, sizeof text - used, "%lld:" RIV_S "|",
                (long long)row[k].offset, RIV_P(row[k].value));
        }
    }
    assert_string_equal(text, want);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void records_in_a_message_are_rows_that_stay_together(void **state)
{
    struct fix *fix = *state;
    put_bytes(fix, "\2ab\1c", 5);
    put_bytes(fix, "\1d\0\3efg", 7);
    open_at(fix, "t?records=varint");
    fix->input->type = &riv_type_riv_kafka_record;
    seek(fix, "topic/t=0:0,1:0");
    rows_until(fix, "topic/t=0:1,1:0", "0:ab|0:c|");
    rows_until(fix, "topic/t=0:2,1:0", "1:d|1:|1:efg|");
}

/* A byte less than a message has is no cut within it. */
static void a_rate_takes_whole_messages(void **state)
{
    struct fix *fix = *state;
    for (int i = 0; i < 8; i++)
        put_bytes(fix, "a\nb\nc\nd\n", 8);
    open_at(fix, "t?records=lines");
    fix->input->type = &riv_type_riv_kafka_record;
    reach_end(fix, "topic/t=0:8,1:0");
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("topic/t=0:0,1:0"), &fix->err),
        1);
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    size_t rows = 0;
    for (int i = 0; i < LOOKS && rows < 32; i++) {
        const size_t before = rows;
        size_t at = fix->cut.n;
        fix->input->rate.left = 11;
        assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
        for (; at < fix->cut.n; at++)
            rows += fix->cut.range[at].n;
        assert_int_equal((rows - before) % 4, 0);
        assert_true(rows > before);
    }
    assert_int_equal(rows, 32);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void lengths_that_do_not_fit_are_told(void **state)
{
    struct fix *fix = *state;
    char note[256];
    put_bytes(fix, "\0\0\0\1a", 5);
    put_bytes(fix, "\0\0\0\7a", 5);
    put_bytes(fix, "\0\0\0\1b", 5);
    open_at(fix, "t?records=length32");
    fails(fix, RIV_ERECORD, "topic t, partition 0, offset 1: the lengths");
    close_input(fix);
    fix->conf.kafka_damaged = RIV__DAMAGED_SKIP;
    open_at(fix, "t?records=length32");
    riv__buf_reset(&fix->text);
    get(fix, 4);
    has(fix, "a\nb\n");
    assert_int_equal(riv__input_events(fix->input, note, sizeof note), 1);
    assert_non_null(strstr(note, "offset 1"));
}

/* ------------------------------------------------------------ where it begins */

static void a_topic_that_comes_later_is_read_from_its_start(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "[t-u]?start=latest");
    seek(fix, "topic/t=0:0,1:0"); /* so it is not its first look */
    get(fix, 2);
    has(fix, "a\n");
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "u", 1, 1), 0);
    produce_to(fix, "u", 0, riv_cstr("k"), riv_cstr("b"), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
    close_input(fix); /* the next run finds it, and not 10 seconds later */
    open_at(fix, "[t-u]?start=latest");
    seek(fix, "topic/t=0:1,1:0 topic/x=0:7");
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("topic/u=0:1"), &fix->err),
        0); /* it is not there yet, and will be */
    reach_end(fix, "topic/u=0:1");
    cut(fix);
    has(fix, "b\n");
    stands(fix, "topic/t=0:1,1:0 topic/u=0:1");
}

static void latest_takes_what_comes_after(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "before");
    open_at(fix, "t?start=latest");
    settle(fix);
    fixture_equal(&fix->stand.words, "topic/t=0:1,1:0", 15);
    put(fix, 0, "after");
    get(fix, 6);
    has(fix, "after\n");
}

static void without_a_journal_the_group_knows_where_it_stood(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    get(fix, 2);
    has(fix, "a\n");
    riv__input_batch_done(fix->input, 1, 1, 0);
    close_input(fix);
    put(fix, 0, "b");
    open_at(fix, "t");
    get(fix, 2);
    has(fix, "b\n");
    /* A batch that did not end well is not told. */
    close_input(fix);
    open_at(fix, "t");
    get(fix, 2);
    has(fix, "b\n");
}

static void a_job_without_a_name_has_no_group(void **state)
{
    struct fix *fix = *state;
    fix->conf.name[0] = '\0';
    put(fix, 0, "a");
    open_at(fix, "t");
    get(fix, 2);
    riv__input_batch_done(fix->input, 1, 1, 0);
    close_input(fix);
    open_at(fix, "t");
    get(fix, 4);
    has(fix, "a\na\n");
}

static void with_a_journal_the_group_hears_after_it(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topics=0");
    get(fix, 2);
    riv__input_batch_done(fix->input, 1, 1, 0); /* says nothing */
    close_input(fix);
    open_at(fix, "t");
    riv__buf_reset(&fix->text);
    get(fix, 2);
    has(fix, "a\n");
    stands(fix, "topic/t=0:1,1:0");
    riv__input_ack(fix->input);
    close_input(fix);
    put(fix, 0, "b");
    open_at(fix, "t");
    get(fix, 2);
    has(fix, "b\n");
}

static void the_journal_goes_before_the_group(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    put(fix, 0, "b");
    put(fix, 1, "new"); /* a partition that the journal does not know */
    open_at(fix, "t?start=latest");
    seek(fix, "topic/t=0:1 topic/u=0:7");
    stands(fix, "topic/t=0:1");
    get(fix, 6);
    assert_int_equal(fix->text.n, 6); /* whichever came first */
    assert_non_null(memmem(fix->text.p, 6, "b\n", 2));
    assert_non_null(memmem(fix->text.p, 6, "new\n", 4));
    stands(fix, "topic/t=0:2,1:1");
}

/* A broker answered for the first partition and not for the second, a batch was
 * committed meanwhile: the next run had no place for the second one, and read it
 * from its start. */
static void a_topic_is_known_as_a_whole_or_not_at_all(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    put(fix, 1, "b");
    put(fix, 1, "c");
    open_at(fix, "t");
    seek(fix, "topic/t=0:1,1:1");
    rd_kafka_mock_push_request_errors(
        fix->brokers, LIST_OFFSETS, 4, RD_KAFKA_RESP_ERR_NO_ERROR,
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
        RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    int rc = 0;
    for (int i = 0; i < LOOKS && rc >= 0; i++)
        rc = read_once(fix);
    assert_int_equal(rc, RIV_EINVAL);
    stands(fix, "topic/t=0:1,1:1");
    get(fix, 2);
    has(fix, "c\n");
    stands(fix, "topic/t=0:1,1:2");
}

/* ------------------------------------------------------------- run again */

static void a_batch_is_run_again_on_the_same_records(void **state)
{
    struct fix *fix = *state;
    int rc = 0;
    for (int i = 0; i < 3; i++) {
        put(fix, 0, "a");
        put(fix, 1, "b");
    }
    open_at(fix, "t");
    seek(fix, "topic/t=0:1,1:0");
    for (int i = 0; i < LOOKS && rc == 0; i++) {
        (void)read_once(fix);
        rc = riv__input_reach(fix->input, riv_cstr("topic/t=0:2,1:3"),
                              &fix->err);
    }
    assert_int_equal(rc, 1);
    cut(fix);
    has(fix, "a\nb\nb\nb\n");
    stands(fix, "topic/t=0:2,1:3");
    get(fix, 2);
    has(fix, "a\n");
}

static void damaged_places_are_told(void **state)
{
    struct fix *fix = *state;
    static const char *const words[] = { "topic/t=0",    "topic/t=0:x",
                                         "topic/t=x:0",  "topic/t=0:1,,",
                                         "topic/t=-1:0", "topic/t=0:-7" };
    open_at(fix, "t");
    for (size_t i = 0; i < RIV__LEN(words); i++) {
        assert_int_equal(
            riv__input_seek(fix->input, riv_cstr(words[i]), &fix->err),
            RIV_ECHECKPOINT);
        assert_int_equal(
            riv__input_reach(fix->input, riv_cstr(words[i]), &fix->err),
            RIV_ECHECKPOINT);
    }
}

/* ---------------------------------------------------------------- how much */

static void a_batch_takes_its_rate_by_lag(void **state)
{
    struct fix *fix = *state;
    fix->conf.interval_ms = 1000;
    fix->conf.rate_max = 100;
    fix->conf.rate_min = 1;
    for (int i = 0; i < 90; i++)
        put(fix, 0, "123456789");
    for (int i = 0; i < 10; i++)
        put(fix, 1, "abcdefghi");
    open_at(fix, "t");
    size_t batches = 0, had = 0;
    for (int i = 0; i < LOOKS && fix->text.n < 1000; i++) {
        (void)read_once(fix);
        riv__input_batch_open(fix->input, true);
        cut(fix);
        cut(fix); /* of the same batch */
        assert_in_range(fix->text.n - had, 0, 120);
        batches += fix->text.n > had;
        had = fix->text.n;
    }
    assert_int_equal(fix->text.n, 1000);
    assert_true(batches >= 9);
}

static void a_full_buffer_stops_reading(void **state)
{
    struct fix *fix = *state;
    static char kilo[1025];
    memset(kilo, 'k', 1024);
    fix->conf.kafka_buffer_bytes = 1 << 20;
    for (int i = 0; i < 3000; i++)
        produce(fix, 0, (riv_str){ NULL, 0 }, riv__str(kilo, 1024), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
    open_at(fix, "t");
    for (int i = 0; i < LOOKS && !riv__input_presses(fix->input); i++)
        (void)read_once(fix);
    assert_true(riv__input_presses(fix->input));
    for (int i = 0; i < 20; i++)
        (void)read_once(fix);
    assert_in_range(riv__input_waiting(fix->input), 1 << 19, 2 << 20);
    get(fix, 3000 * 1025);
    assert_int_equal(fix->text.n, 3000 * 1025);
}

/* With a hundred partitions the library held 3 MiB of each, whatever the limit. */
static void many_partitions_have_small_queues_in_the_library(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "wide", 40, 1),
                     0);
    open_at(fix, "wide");
    settle(fix);
    char kib[32] = "", piece[32] = "";
    size_t n = sizeof kib, m = sizeof piece;
    const rd_kafka_conf_t *conf =
        rd_kafka_conf(((struct riv_kafka_input *)fix->input)->rk);
    rd_kafka_conf_get(conf, "queued.max.messages.kbytes", kib, &n);
    rd_kafka_conf_get(conf, "fetch.message.max.bytes", piece, &m);
    assert_string_equal(kib, "102"); /* 4 MiB, the limit, by 40 */
    assert_string_equal(piece, "104857");
}

static void the_note_says_how_far_behind_it_is(void **state)
{
    struct fix *fix = *state;
    struct riv_err status;
    char note[128] = "";
    for (int i = 0; i < 3; i++)
        put(fix, 1, "abcdefghi");
    open_at(fix, "t");
    fix->conf.interval_ms = 1000;
    for (int i = 0; i < LOOKS && !strstr(note, "behind"); i++) {
        (void)read_once(fix);
        fix->input->rate.left = 10; /* a record */
        if (riv__input_waiting(fix->input) > 0)
            cut(fix);
        riv__input_batch_done(fix->input, i, 1, 0);
        riv__input_look(fix->input, note, sizeof note, &status);
    }
    assert_non_null(strstr(note, "2 partitions, "));
    assert_non_null(strstr(note, "of them in t/1"));
    fix->input->rate.left = UINT64_MAX;
    get(fix, 30);
    riv__input_batch_done(fix->input, LOOKS, 1, 0);
    riv__input_look(fix->input, note, sizeof note, &status);
    assert_non_null(
        strstr(note, "2 partitions, all read; commits to the group: "));
}

static void part_add(void *arg, const struct riv_input_part *part)
{
    struct riv_buf *text = arg;
    riv__buf_printf(text, "%s %lld of %lld;", part->name,
                    (long long)part->position, (long long)part->end);
}

static void the_lag_of_each_partition_is_told(void **state)
{
    static const char want[] = "t/0 0 of 0;t/1 3 of 3;";
    struct fix *fix = *state;
    struct riv_buf text;
    riv__buf_init(&text, 0);
    for (int i = 0; i < 3; i++)
        put(fix, 1, "abcdefghi");
    open_at(fix, "t");
    get(fix, 30);
    for (int i = 0; i < LOOKS; i++) { /* that 0 has none is an answer, too */
        riv__buf_reset(&text);
        fix->input->ops->parts(fix->input, part_add, &text);
        if (text.n == sizeof want - 1 && memcmp(text.p, want, text.n) == 0)
            break;
        (void)read_once(fix);
    }
    riv__buf_char(&text, '\0');
    assert_string_equal(text.p, want);
    riv__buf_fini(&text);
}

/* ------------------------------------------------------------------ faults */

static void no_broker_is_said_and_tried_again(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    open_at(fix, "t");
    fails(fix, RIV_EUNAVAIL, "no broker answers");
    rd_kafka_mock_broker_set_up(fix->brokers, 1);
    put(fix, 0, "a");
    get(fix, 2);
    has(fix, "a\n");
}

static void a_broker_that_goes_away_is_shown_until_it_is_back(void **state)
{
    struct fix *fix = *state;
    struct riv_err status = { .code = 0 };
    char note[128];
    put(fix, 0, "a");
    open_at(fix, "t");
    get(fix, 2);
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    for (int i = 0; i < LOOKS && status.code == 0; i++) {
        assert_true(read_once(fix) >= 0); /* it goes on by itself */
        riv__input_look(fix->input, note, sizeof note, &status);
    }
    assert_int_equal(status.code, RIV_EUNAVAIL);
    rd_kafka_mock_broker_set_up(fix->brokers, 1);
    put(fix, 0, "b");
    get(fix, 4);
    has(fix, "a\nb\n");
    riv__input_look(fix->input, note, sizeof note, &status);
    assert_int_equal(status.code, 0);
}

static void errors_of_fetches_that_pass_lose_nothing(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_push_request_errors(
        fix->brokers, FETCH, 4, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_UNKNOWN,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    put(fix, 0, "a");
    put(fix, 0, "b");
    open_at(fix, "t");
    get(fix, 4);
    has(fix, "a\nb\n");
}

static void a_topic_that_is_not_there_is_an_error(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_topic_set_error(fix->brokers, "none",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    open_at(fix, "t,none");
    fails(fix, RIV_ENOINPUT, "topic none does not exist; create it first");
}

static void a_place_behind_the_end_is_an_error_unless_told_otherwise(
    void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topic/t=0:100,1:0");
    fails(fix, RIV_ENOINPUT,
          "topic t, partition 0 ends at offset 1, and is to be read from 100");
    close_input(fix);
    fix->conf.kafka_gone = RIV__GONE_EARLIEST;
    open_at(fix, "t");
    seek(fix, "topic/t=0:100,1:0");
    get(fix, 2);
    has(fix, "a\n");
    close_input(fix);
    fix->conf.kafka_gone = RIV__GONE_LATEST;
    open_at(fix, "t");
    seek(fix, "topic/t=0:100,1:0");
    settle(fix);
    stands(fix, "topic/t=0:1,1:0");
}

/* ------------------------------------------------------ another log of a name */

/* A topic was deleted and made again while the job was away, and had more in it
 * by then than the job had read: it went on in the middle of what it had never
 * seen. Here the words say what the record at offset 1 had been. */
static void seek_seen(struct fix *fix, const char *ms)
{
    char words[64];
    open_at(fix, "t");
    snprintf(words, sizeof words, "topic/t=0:2,1:0 seen/t=0:1 times/t=0:%s",
             ms);
    seek(fix, words);
}

static void keep_first(void *arg, const struct riv_input_part *part)
{
    struct riv_input_part *first = arg;
    if (strcmp(part->name, "t/0") == 0)
        first->position = part->position;
}

static void a_log_that_was_created_anew_is_known_by_a_record(void **state)
{
    struct fix *fix = *state;
    for (const char *p = "a\0b\0c\0"; *p; p += 2)
        put(fix, 0, p);
    seek_seen(fix, "1234");
    fails(fix, RIV_ENOINPUT,
          "topic t, partition 0 was created anew: the record at offset 1");
    close_input(fix);
    fix->conf.kafka_gone = RIV__GONE_EARLIEST;
    seek_seen(fix, "1234");
    get(fix, 6);
    has(fix, "a\nb\nc\n");
    stands(fix, "topic/t=0:3,1:0");
    close_input(fix);
    fix->conf.kafka_gone = RIV__GONE_LATEST;
    seek_seen(fix, "1234");
    struct riv_input_part part = { .position = 2 };
    for (int i = 0; i < LOOKS && part.position == 2; i++) {
        (void)read_once(fix);
        part.position = 2;
        fix->input->ops->parts(fix->input, keep_first, &part);
    }
    assert_int_equal(part.position, 3);
    put(fix, 0, "d");
    get(fix, 2);
    has(fix, "d\n");
}

static void the_same_log_is_read_on_from_its_place(void **state)
{
    struct fix *fix = *state;
    char words[128];
    for (const char *p = "a\0b\0c\0"; *p; p += 2)
        put(fix, 0, p);
    open_at(fix, "t");
    get(fix, 6);
    has(fix, "a\nb\nc\n");
    riv__stand_reset(&fix->stand);
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    snprintf(words, sizeof words, "%.*s", (int)fix->stand.words.n,
             fix->stand.words.p);
    assert_non_null(strstr(words, "topic/t=0:3,1:0 seen/t=0:2 times/t=0:1"));
    close_input(fix);
    put(fix, 0, "d");
    open_at(fix, "t");
    seek(fix, words);
    riv__stand_reset(&fix->stand); /* before and after the brokers answered */
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    fixture_equal(&fix->stand.words, words, strlen(words));
    get(fix, 2);
    has(fix, "d\n");
}

/* Compaction took it: nothing is known, and nothing is wrong. */
static void a_record_that_is_not_there_any_more_proves_nothing(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topic/t=0:0,1:7 seen/t=1:6 times/t=1:5 times/gone=0:1");
    fails(fix, RIV_ENOINPUT, "ends at offset 0");
    close_input(fix);
    open_at(fix, "t");
    seek(fix, "topic/t=0:0,1:0 seen/t=0:9 times/t=1:5");
    get(fix, 2);
    has(fix, "a\n");
}

/* ---------------------------------------------------------------- settings */

static void refuses(struct fix *fix, const char *name, const char *value,
                    const char *words)
{
    char full[128];
    snprintf(full, sizeof full, "kafka.%s", name);
    fix->conf.kafka_bytes = 0;
    assert_int_equal(riv__pass_set(&fix->conf, riv_cstr(full), riv_cstr(value),
                                   1, &fix->err),
                     0);
    assert_true(try_at(fix, "t") < 0);
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
    if (strstr(fix->err.text, "hidden"))
        fail_msg("\"%s\" shows a secret", fix->err.text);
}

static void settings_that_cannot_be_are_errors_before_the_start(void **state)
{
    struct fix *fix = *state;
    refuses(fix, "no.such.thing", "1", "has no such setting");
    refuses(fix, "fetch.wait.max.ms", "soon", "kafka.fetch.wait.max.ms");
    refuses(fix, "enable.auto.commit", "true", "Rivulet's own to choose");
    refuses(fix, "bootstrap.servers", "x:1", "Rivulet's own to choose");
    refuses(fix, "ssl.key.password.file", "/none/there", "ssl.key.password");
}

static void a_password_in_clear_needs_tls(void **state)
{
    struct fix *fix = *state;
    static const char *const list[][2] = {
        { "kafka.security.protocol", "sasl_plaintext" },
        { "kafka.sasl.mechanisms", "PLAIN" },
        { "kafka.sasl.username", "u" },
        { "kafka.sasl.password", "hidden" },
    };
    for (size_t i = 0; i < RIV__LEN(list); i++)
        assert_int_equal(riv__pass_set(&fix->conf, riv_cstr(list[i][0]),
                                       riv_cstr(list[i][1]), 1, &fix->err),
                         0);
    assert_int_equal(try_at(fix, "t"), RIV_EINVAL);
    assert_non_null(strstr(fix->err.text, "SCRAM-SHA-512"));
    assert_null(strstr(fix->err.text, "hidden"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_of_all_partitions_are_lines),
        TEST(before_a_broker_answers_it_stands_nowhere),
        TEST(records_have_key_headers_offset_and_time),
        TEST(until_end_is_the_end),
        TEST(records_with_lengths_are_lines),
        TEST(records_in_a_message_are_rows_that_stay_together),
        TEST(a_rate_takes_whole_messages),
        TEST(lengths_that_do_not_fit_are_told),
        TEST(a_topic_that_comes_later_is_read_from_its_start),
        TEST(latest_takes_what_comes_after),
        TEST(without_a_journal_the_group_knows_where_it_stood),
        TEST(a_job_without_a_name_has_no_group),
        TEST(with_a_journal_the_group_hears_after_it),
        TEST(the_journal_goes_before_the_group),
        TEST(a_topic_is_known_as_a_whole_or_not_at_all),
        TEST(a_batch_is_run_again_on_the_same_records),
        TEST(damaged_places_are_told),
        TEST(a_batch_takes_its_rate_by_lag),
        TEST(a_full_buffer_stops_reading),
        TEST(many_partitions_have_small_queues_in_the_library),
        TEST(the_note_says_how_far_behind_it_is),
        TEST(the_lag_of_each_partition_is_told),
        TEST(no_broker_is_said_and_tried_again),
        TEST(a_broker_that_goes_away_is_shown_until_it_is_back),
        TEST(errors_of_fetches_that_pass_lose_nothing),
        TEST(a_topic_that_is_not_there_is_an_error),
        TEST(a_place_behind_the_end_is_an_error_unless_told_otherwise),
        TEST(a_log_that_was_created_anew_is_known_by_a_record),
        TEST(the_same_log_is_read_on_from_its_place),
        TEST(a_record_that_is_not_there_any_more_proves_nothing),
        TEST(settings_that_cannot_be_are_errors_before_the_start),
        TEST(a_password_in_clear_needs_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
