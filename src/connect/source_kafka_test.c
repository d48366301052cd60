/* connect/source_kafka_test.c - kafka:// against the client library's own mock
 * brokers, which speak the protocol over real sockets in this process: records, how
 * much of them a batch takes, faults, settings. The mock brokers do not keep what
 * transactions promise: tests/kafka has real ones for that. */
#include "connect/kafka_fixture.h"

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
    for (int i = 0; i < LOOKS && riv__input_waiting(fix->input) < 1 << 19; i++)
        (void)read_once(fix);
    assert_true(riv__input_presses(fix->input));
    for (int i = 0; i < 20; i++)
        (void)read_once(fix);
    assert_in_range(riv__input_waiting(fix->input), 1 << 19, 2 << 20);
    get(fix, 3000 * 1025);
    assert_int_equal(fix->text.n, 3000 * 1025);
}

static void an_answer_is_no_larger_than_memory_that_is_used_again(void **state)
{
    struct fix *fix = *state;
    char most[32] = "";
    size_t n = sizeof most;
    fix->conf.kafka_buffer_bytes = INT64_C(128) << 20;
    open_at(fix, "t");
    const rd_kafka_conf_t *conf =
        rd_kafka_conf(((struct riv_kafka_input *)fix->input)->rk);
    rd_kafka_conf_get(conf, "fetch.max.bytes", most, &n);
    assert_string_equal(most, "16777216");
}

/* The setting that an output's error says to raise was refused by the input. */
static void an_answer_has_room_for_the_largest_record(void **state)
{
    struct fix *fix = *state;
    char most[32] = "";
    size_t n = sizeof most;
    assert_int_equal(
        riv__pass_set(&fix->conf, riv_cstr("kafka.message.max.bytes"),
                      riv_cstr("20000000"), 1, &fix->err),
        0);
    open_at(fix, "t");
    const rd_kafka_conf_t *conf =
        rd_kafka_conf(((struct riv_kafka_input *)fix->input)->rk);
    rd_kafka_conf_get(conf, "fetch.max.bytes", most, &n);
    assert_string_equal(most, "20000000");
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

/* It said that all brokers are down, and not why. */
static void why_no_broker_answers_is_said_as_long_as_none_does(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    open_at(fix, "t");
    fails(fix, RIV_EUNAVAIL, "no broker answers");
    for (int i = 0; i < LOOKS && !strstr(fix->err.text, "refused"); i++)
        (void)read_once(fix);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(read_once(fix), RIV_EUNAVAIL);
        if (!strstr(fix->err.text, "refused"))
            fail_msg("\"%s\" does not say why", fix->err.text);
    }
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
    refuses(fix, "ssl.ca.location", "/none/there",
            "kafka.ssl.ca.location: open /none/there: No such file");
    refuses(fix, "group.id", "", "the group is the name of the job");
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
        TEST(a_batch_takes_its_rate_by_lag),
        TEST(a_full_buffer_stops_reading),
        TEST(an_answer_is_no_larger_than_memory_that_is_used_again),
        TEST(an_answer_has_room_for_the_largest_record),
        TEST(many_partitions_have_small_queues_in_the_library),
        TEST(the_note_says_how_far_behind_it_is),
        TEST(the_lag_of_each_partition_is_told),
        TEST(no_broker_is_said_and_tried_again),
        TEST(why_no_broker_answers_is_said_as_long_as_none_does),
        TEST(a_broker_that_goes_away_is_shown_until_it_is_back),
        TEST(errors_of_fetches_that_pass_lose_nothing),
        TEST(a_topic_that_is_not_there_is_an_error),
        TEST(settings_that_cannot_be_are_errors_before_the_start),
        TEST(a_password_in_clear_needs_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
