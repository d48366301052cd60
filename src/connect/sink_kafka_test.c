/* connect/sink_kafka_test.c - kafka:// as an output, against the client library's
 * own mock brokers. They do not keep what transactions promise, so here is what
 * the engine does with them; what readers see is in tests/kafka. */
#include "base/str.h"
#include "conf/pass.h"
#include "connect/kafka_mock.h"
#include "connect/kafka_output.h"
#include "connect/sinks.h"
#include "data/le.h"
#include "io/fixture.h"

enum {
    LOOKS = 600,
    LOOK_MS = 100,
    STEP_MS = 500, /* of a transaction, before it is tried again */
    OUTPUT = 7,
    PRODUCE = 0, /* numbers of requests in Kafka's protocol */
    INIT_PRODUCER = 22,
    ADD_PARTITIONS = 24,
    ADD_OFFSETS = 25,
};

struct fix {
    rd_kafka_t *rk; /* the mock brokers live in it */
    rd_kafka_mock_cluster_t *brokers;
    struct riv_settings conf;
    struct riv_sink *sink;
    struct riv_commit commit;
    struct riv_err err;
    struct riv_buf got; /* "KEY=VALUE;" of what a reader sees */
    char uri[256];
    struct riv_board board;
    struct riv_sys sys; /* the real one, but that nobody pauses */
};

/* Between tries, when nothing is to be waited for but the time. */
static int no_pause(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                    struct riv_wake *wake, int64_t until_ns)
{
    return n == 0 && !wake ? 0
                           : riv__sys_real()->poll(sys, fds, n, wake, until_ns);
}

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->rk = kafka_mock(&fix->brokers);
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "t", 1, 1), 0);
    snprintf(fix->uri, sizeof fix->uri, "kafka://%s/t",
             rd_kafka_mock_cluster_bootstraps(fix->brokers));
    fix->conf = fixture_conf();
    fix->sys = *riv__sys_real();
    fix->sys.poll = no_pause;
    riv__board_init(&fix->board, riv__sys_real());
    assert_int_equal(
        riv__board_open(&fix->board,
                        &(struct riv_board_spec){ .rows = 1, .noutput = 1 }),
        0);
    fix->board.output[0] = OUTPUT;
    riv__commit_init(&fix->commit);
    riv__buf_init(&fix->got, 0);
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    riv__sink_free(fix->sink);
    riv__commit_fini(&fix->commit);
    riv__buf_fini(&fix->got);
    riv__board_fini(&fix->board);
    rd_kafka_destroy(fix->rk);
    free(fix);
    return 0;
}

static int try_open(struct fix *fix, const char *format, const char *owner)
{
    const struct riv_sink_spec spec = { .kinds = riv__sinks,
                                        .sys = &fix->sys,
                                        .conf = &fix->conf,
                                        .owner = owner,
                                        .format = format,
                                        .uri = fix->uri,
                                        .board = &fix->board,
                                        .id = OUTPUT,
                                        .live = true };
    return riv__sink_new(&spec, &fix->sink, &fix->err);
}

static void open_sink(struct fix *fix, const char *format)
{
    if (try_open(fix, format, "app") < 0)
        fail_msg("%s", fix->err.text);
}

static void add_header(struct fix *fix, const rd_kafka_message_t *msg,
                       const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t n;
    if (rd_kafka_message_headers(msg, &headers) ||
        rd_kafka_header_get_last(headers, name, &value, &n))
        return;
    riv__buf_char(&fix->got, '@');
    riv__buf_add(&fix->got, value, n);
}

static void add_message(struct fix *fix, const rd_kafka_message_t *msg)
{
    riv__buf_add(&fix->got, msg->key ? msg->key : "-",
                 msg->key ? msg->key_len : 1);
    riv__buf_char(&fix->got, '=');
    riv__buf_add(&fix->got, msg->payload, msg->len);
    add_header(fix, msg, "rivulet-application");
    add_header(fix, msg, "rivulet-batch");
    add_header(fix, msg, "rivulet-sequence");
    riv__buf_char(&fix->got, ';');
}

/* What the topic has, by a reader of its own. */
static void topic_has(struct fix *fix, const char *text)
{
    char why[256];
    bool end = false;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers",
                      rd_kafka_mock_cluster_bootstraps(fix->brokers), NULL, 0);
    rd_kafka_conf_set(conf, "group.id", "reader", NULL, 0);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "t", 0)->offset = 0;
    assert_int_equal(rd_kafka_assign(rk, list), 0);
    rd_kafka_topic_partition_list_destroy(list);
    riv__buf_reset(&fix->got);
    for (int i = 0; i < LOOKS && !end; i++) {
        rd_kafka_message_t *msg = rd_kafka_consumer_poll(rk, LOOK_MS);
        if (!msg)
            continue;
        end = msg->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (!msg->err)
            add_message(fix, msg);
        rd_kafka_message_destroy(msg);
    }
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    fixture_equal(&fix->got, text, strlen(text));
}

static void pass(struct fix *fix, const char *name, const char *value)
{
    assert_int_equal(riv__pass_set(&fix->conf, riv_cstr(name), riv_cstr(value),
                                   1, &fix->err),
                     0);
}

static void text(struct fix *fix, const char *p)
{
    if (riv__sink_write(fix->sink, p, strlen(p), &fix->err) < 0)
        fail_msg("%s", fix->err.text);
}

static void frame(char *to, const char *key, const char *value)
{
    riv__le_put32(to, key ? (uint32_t)strlen(key) : UINT32_MAX);
    riv__le_put32(to + 4, (uint32_t)strlen(value));
    memcpy(to + 8, key ? key : "", key ? strlen(key) : 0);
    memcpy(to + 8 + (key ? strlen(key) : 0), value, strlen(value));
}

static void batch(struct fix *fix)
{
    if (riv__sink_batch(fix->sink, &fix->err) < 0)
        fail_msg("%s", fix->err.text);
}

/* --------------------------------------------------------------- at least once */

static void lines_are_records_with_their_place_in_headers(void **state)
{
    struct fix *fix = *state;
    open_sink(fix, "csv");
    assert_false(riv__sink_is_exact(fix->sink));
    fix->sink->time_ms = 1000;
    text(fix, "one\ntw");
    text(fix, "o\n\nfour");
    batch(fix);
    fix->sink->time_ms = 2000;
    text(fix, "\n");
    batch(fix);
    topic_has(fix, "-=one@app@1000@0;-=two@app@1000@1;-=@app@1000@2;"
                   "-=four@app@2000@0;");
}

static void frames_have_keys_wherever_pieces_end(void **state)
{
    struct fix *fix = *state;
    char bytes[64];
    const size_t n = 8 + 1 + 3 + 8 + 2;
    frame(bytes, "k", "one");
    frame(bytes + 12, NULL, "22");
    open_sink(fix, "frames");
    fix->sink->time_ms = 7;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(riv__sink_write(fix->sink, bytes + i, 1, &fix->err),
                         0);
    batch(fix);
    topic_has(fix, "k=one@app@7@0;-=22@app@7@1;");
}

static void a_record_that_is_refused_fails_the_batch(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_push_request_errors(
        fix->brokers, PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    open_sink(fix, "csv");
    int rc = riv__sink_write(fix->sink, "x\n", 2, &fix->err);
    if (rc == 0)
        rc = riv__sink_batch(fix->sink, &fix->err);
    assert_int_equal(rc, RIV_EPERM);
}

static void a_broker_that_stays_away_fails_the_batch_in_the_end(void **state)
{
    struct fix *fix = *state;
    pass(fix, "kafka.message.timeout.ms", "200");
    open_sink(fix, "csv");
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    text(fix, "x\n");
    assert_int_equal(riv__sink_batch(fix->sink, &fix->err), RIV_EUNAVAIL);
    assert_non_null(strstr(fix->err.text, "a record was not written"));
}

/* A clock is set right in time: the job may be started again. */
static void a_clock_that_is_wrong_is_named(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_push_request_errors(fix->brokers, PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    open_sink(fix, "csv");
    text(fix, "x\n");
    assert_int_equal(riv__sink_batch(fix->sink, &fix->err), RIV_EUNAVAIL);
    assert_non_null(strstr(fix->err.text, "Set the clock of this machine"));
}

/* It waited for room in an empty queue, for ever. */
static void a_record_that_the_queue_has_no_room_for_ends_the_job(void **state)
{
    struct fix *fix = *state;
    char line[4096];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    pass(fix, "kafka.queue.buffering.max.kbytes", "1");
    open_sink(fix, "csv");
    text(fix, "small\n");
    assert_int_equal(riv__sink_write(fix->sink, line, sizeof line, &fix->err),
                     RIV_EINVAL);
    assert_non_null(
        strstr(fix->err.text, "Raise kafka.queue.buffering.max.kbytes"));
}

static bool is_shown(struct fix *fix, const char *words)
{
    char text[RIV__SEEN_TEXT];
    riv__board_troubled(&fix->board, 0, text);
    return words[0] ? strstr(text, words) != NULL : text[0] == '\0';
}

static void trouble_is_shown_until_records_are_acknowledged(void **state)
{
    struct fix *fix = *state;
    open_sink(fix, "csv");
    rd_kafka_t *rk = ((struct riv_kafka_output *)fix->sink)->rk;
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    text(fix, "x\n");
    for (int i = 0; i < LOOKS && !is_shown(fix, "the brokers: "); i++)
        rd_kafka_poll(rk, LOOK_MS);
    assert_true(is_shown(fix, "the brokers: "));
    rd_kafka_mock_broker_set_up(fix->brokers, 1);
    batch(fix);
    assert_true(is_shown(fix, ""));
}

/* ---------------------------------------------------------------- exactly once */

static void give(struct fix *fix, uint64_t number, const char *line)
{
    fix->commit.batch.number = number;
    text(fix, line);
    batch(fix);
    if (riv__sink_commit(fix->sink, 3, &fix->commit, &fix->err) < 0 ||
        riv__sink_send_all(fix->sink, 3, &fix->commit, &fix->err) < 0)
        fail_msg("%s", fix->err.text);
}

static void exact(struct fix *fix)
{
    fix->conf.kafka_delivery = RIV__EXACTLY_ONCE;
    open_sink(fix, "csv");
    assert_true(riv__sink_is_exact(fix->sink));
}

static void nothing_is_seen_before_it_is_sent(void **state)
{
    struct fix *fix = *state;
    exact(fix);
    text(fix, "one\n");
    batch(fix);
    topic_has(fix, "");
    give(fix, 1, "two\n");
    assert_true(fix->commit.publishes);
    topic_has(fix, "-=one;-=two;");
}

/* The driver looked at the client of transactions, which the storage thread ends
 * when a commit fails: a batch that was written meanwhile crashed, or failed with
 * an error that was not its own. */
static void the_client_of_transactions_is_not_the_drivers(void **state)
{
    struct fix *fix = *state;
    exact(fix);
    give(fix, 1, "one\n");
    struct riv_kafka_output *self = (struct riv_kafka_output *)fix->sink;
    riv__err_set(&self->failed, RIV_EUNAVAIL, "of a transaction");
    batch(fix);
    self->failed.code = 0;
}

static void says(struct fix *fix, const char *words)
{
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

/* Writes a batch and says what its transaction came to. */
static int send_batch(struct fix *fix, uint64_t number, const char *line)
{
    fix->commit.batch.number = number;
    text(fix, line);
    batch(fix);
    assert_int_equal(riv__sink_commit(fix->sink, 3, &fix->commit, &fix->err),
                     0);
    return riv__sink_send_all(fix->sink, 3, &fix->commit, &fix->err);
}

/* It lay in the outbox, where nobody can make it smaller: each start failed. */
static void a_record_too_large_for_a_transaction_is_not_in_the_journal(
    void **state)
{
    struct fix *fix = *state;
    char line[4096];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    pass(fix, "kafka.message.max.bytes", "1000");
    exact(fix);
    assert_int_equal(riv__sink_write(fix->sink, line, sizeof line, &fix->err),
                     RIV_EINVAL);
    says(fix, "Raise kafka.message.max.bytes");
    says(fix, "max.message.bytes of the topic");
}

/* It is measured with its key and its head, as the client measures it: a record
 * that just goes in is sent, and one byte more is refused before it is kept. */
static void the_largest_record_of_a_transaction_is_sent(void **state)
{
    enum { MOST = 1000, HEAD = 36, KEY = 100 };
    struct fix *fix = *state;
    char box[8 + MOST];
    memset(box, 'x', sizeof box);
    pass(fix, "kafka.message.max.bytes", "1000");
    fix->conf.kafka_delivery = RIV__EXACTLY_ONCE;
    open_sink(fix, "frames");
    for (uint32_t more = 0; more < 2; more++) {
        const uint32_t n = MOST - HEAD - KEY + more;
        riv__le_put32(box, KEY);
        riv__le_put32(box + 4, n);
        assert_int_equal(
            riv__sink_write(fix->sink, box, 8 + KEY + n, &fix->err),
            more ? RIV_EINVAL : 0);
    }
    batch(fix);
    fix->commit.batch.number = 1;
    assert_int_equal(riv__sink_commit(fix->sink, 3, &fix->commit, &fix->err),
                     0);
    assert_int_equal(riv__sink_send_all(fix->sink, 3, &fix->commit, &fix->err),
                     0);
}

/* Else the rest of the batch would be missing, and nobody told. */
static void a_batch_that_has_no_room_in_its_box_ends_the_job(void **state)
{
    struct fix *fix = *state;
    exact(fix);
    struct riv_kafka_output *self = (struct riv_kafka_output *)fix->sink;
    const size_t most = self->box.max;
    text(fix, "one\n");
    assert_int_equal(riv__sink_commit(fix->sink, 3, &fix->commit, &fix->err),
                     0);
    assert_int_equal(self->box.max, most); /* of the next batch, too */
    self->box.max = 16;
    text(fix, "two\n");
    assert_int_equal(riv__sink_write(fix->sink, "three\n", 6, &fix->err),
                     RIV_ENOMEM);
    says(fix, "smaller batches (rate.max, batch.interval) have room");
}

static void files_in_the_journal_are_not_of_a_topic(void **state)
{
    struct fix *fix = *state;
    struct riv_file_row row = { .output = 3, .number = 1 };
    exact(fix);
    assert_int_equal(riv__sink_resume(fix->sink, &row, &fix->err),
                     RIV_ECHECKPOINT);
    assert_int_equal(riv__sink_resume(fix->sink, NULL, &fix->err), 0);
}

/* What a broker says that no other try changes: two minutes passed in silence. */
static const struct {
    int16_t request;
    rd_kafka_resp_err_t code;
    int rc;
    const char *words;
} refusals[] = {
    { INIT_PRODUCER, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      RIV_EPERM, "--operation Write --transactional-id rivulet-app-3" },
    { ADD_PARTITIONS, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RIV_EPERM,
      "--operation Write --topic t" },
    { ADD_OFFSETS, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RIV_EPERM,
      "--operation Read --group rivulet-app-3" },
    { PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RIV_EINVAL,
      "max.message.bytes of the topic" },
    { PRODUCE, RD_KAFKA_RESP_ERR_INVALID_RECORD, RIV_EINVAL,
      "A compacted topic takes only records with a key" },
    { INIT_PRODUCER, RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RIV_EINVAL,
      "Lower kafka.transaction.timeout.ms" },
};

static void what_a_broker_refuses_ends_the_job_at_once(void **state)
{
    struct fix *fix = *state;
    for (size_t i = 0; i < RIV__LEN(refusals); i++) {
        exact(fix);
        rd_kafka_mock_push_request_errors(fix->brokers, refusals[i].request, 1,
                                          refusals[i].code);
        assert_int_equal(send_batch(fix, 1, "x\n"), refusals[i].rc);
        says(fix, "batch 1 is not written: ");
        says(fix, refusals[i].words);
        assert_true(is_shown(fix, ""));
        riv__commit_reset(&fix->commit);
        riv__sink_free(RIV__TAKE(fix->sink));
    }
}

static void a_topic_that_is_not_there_ends_the_job(void **state)
{
    struct fix *fix = *state;
    rd_kafka_mock_topic_set_error(fix->brokers, "none",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    snprintf(fix->uri, sizeof fix->uri, "kafka://%s/none",
             rd_kafka_mock_cluster_bootstraps(fix->brokers));
    pass(fix, "kafka.topic.metadata.propagation.max.ms", "1");
    open_sink(fix, "csv");
    text(fix, "x\n");
    assert_int_equal(riv__sink_batch(fix->sink, &fix->err), RIV_ENOINPUT);
    says(fix, "topic none does not exist; create it first");
}

/* What is told of an output, "TEXT|", and "+" when it goes on; the broker that was
 * away comes back when it is missed. */
struct told {
    struct fix *fix;
    char text[512];
};

static void tell(void *arg, const char *output, const char *text)
{
    struct told *told = arg;
    (void)output;
    strncat(told->text, text[0] ? text : "+",
            sizeof told->text - strlen(told->text) - 1);
    rd_kafka_mock_broker_set_up(told->fix->brokers, 1);
}

static void a_transaction_waits_for_its_broker_and_says_so(void **state)
{
    struct fix *fix = *state;
    struct told told = { .fix = fix };
    fix->board.on_trouble = tell;
    fix->board.trouble_arg = &told;
    exact(fix);
    give(fix, 1, "one\n");
    assert_string_equal(told.text, "");
    ((struct riv_kafka_output *)fix->sink)->step_ms = STEP_MS;
    rd_kafka_mock_broker_set_down(fix->brokers, 1);
    give(fix, 2, "two\n");
    if (!strchr(told.text, ':') || !strchr(told.text, '+'))
        fail_msg("told: %s", told.text);
    assert_true(is_shown(fix, ""));
}

/* ----------------------------------------------------------- another process */

/* Once may be a time-out of the transaction, or a request that came late. */
static void fenced_once_it_begins_anew_and_twice_it_ends(void **state)
{
    struct fix *fix = *state;
    struct told told = { .fix = fix };
    exact(fix);
    give(fix, 1, "one\n");
    rd_kafka_mock_push_request_errors(fix->brokers, ADD_PARTITIONS, 1,
                                      RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    fix->board.on_trouble = tell;
    fix->board.trouble_arg = &told;
    give(fix, 2, "two\n");
    assert_non_null(strstr(told.text, "fenced"));
    assert_non_null(strchr(told.text, '+'));
    rd_kafka_mock_push_request_errors(fix->brokers, ADD_PARTITIONS, 2,
                                      RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                                      RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(send_batch(fix, 3, "three\n"), RIV_EBUSY);
    says(fix, "Another process writes under the name of this job");
}

static const struct riv_kafka_fate none = { .batch = 0 },
                                   ours_7 = { 7, 70, true },
                                   changed_7 = { 7, 71, true },
                                   ours_9 = { 9, 90, true },
                                   theirs_4 = { 4, 40, false },
                                   theirs_9 = { 9, 90, false };

/* Batch 7 is to be written. */
static const struct {
    const struct riv_kafka_fate *now, *known; /* known NULL: it has not begun */
    bool sends_own;
    int rc;
} fates[] = {
    { &none, NULL, true, 0 },
    { &ours_7, NULL, true, 1 },
    { &theirs_4, NULL, true, 0 }, /* of another journal, before this one */
    { &theirs_9, NULL, true, 0 },
    { &changed_7, NULL, true, RIV_ECHECKPOINT }, /* a copy of the journal */
    { &ours_9, NULL, true, RIV_ECHECKPOINT },
    { &ours_9, NULL, false, 1 }, /* a box that was left; the next is out, too */
    { &changed_7, NULL, false, RIV_ECHECKPOINT },
    { &none, &none, true, 0 },
    { &theirs_4, &theirs_4, true, 0 },
    { &ours_7, &theirs_4, true, 1 },
    { &theirs_9, &theirs_4, true, RIV_EBUSY }, /* it has begun meanwhile */
    { &ours_9, &theirs_4, true, RIV_EBUSY },
    { &changed_7, &none, true, RIV_EBUSY },
    { &none, &theirs_4, true, 0 }, /* brokers forget, in time */
};

static void what_was_written_last_says_who_else_writes(void **state)
{
    struct fix *fix = *state;
    exact(fix);
    struct riv_kafka_output *self = (struct riv_kafka_output *)fix->sink;
    for (size_t i = 0; i < RIV__LEN(fates); i++) {
        self->begun = fates[i].known != NULL;
        self->known = fates[i].known ? *fates[i].known : none;
        self->base.sends_own = fates[i].sends_own;
        const int rc =
            riv__kafka_fate_judge(self, fates[i].now, &ours_7, &fix->err);
        if (rc != fates[i].rc)
            fail_msg("row %zu: %d", i, rc);
    }
}

static void a_batch_without_records_sends_nothing(void **state)
{
    struct fix *fix = *state;
    exact(fix);
    give(fix, 1, "");
    assert_int_equal(fix->commit.nblob, 0);
    assert_false(fix->commit.publishes);
}

/* The time-out of a record may not be longer, and that was a default of ours. */
static void a_transaction_may_have_a_short_time_out(void **state)
{
    struct fix *fix = *state;
    pass(fix, "kafka.transaction.timeout.ms", "5000");
    exact(fix);
    give(fix, 1, "one\n");
}

static void a_damaged_box_is_told(void **state)
{
    struct fix *fix = *state;
    char box[16];
    exact(fix);
    frame(box, NULL, "four");
    assert_int_equal(
        riv__sink_send(fix->sink, 3, 1, riv__str(box, 11), &fix->err),
        RIV_ECHECKPOINT);
}

static void exactly_once_needs_a_journal(void **state)
{
    struct fix *fix = *state;
    fix->conf.kafka_delivery = RIV__EXACTLY_ONCE;
    assert_int_equal(try_open(fix, "csv", NULL), RIV_EINVAL);
    assert_non_null(strstr(fix->err.text, "state.dir"));
}

static void an_output_is_one_topic_without_options(void **state)
{
    struct fix *fix = *state;
    static const char *const uri[] = { "kafka://a:1/t,u", "kafka://a:1/t?x=1",
                                       "kafka://a:1/t?start=latest",
                                       "kafka://a:1", "kafka://a/t" };
    for (size_t i = 0; i < RIV__LEN(uri); i++) {
        snprintf(fix->uri, sizeof fix->uri, "%s", uri[i]);
        assert_int_equal(try_open(fix, "csv", NULL), RIV_EINVAL);
    }
}

static void settings_of_ours_are_refused(void **state)
{
    struct fix *fix = *state;
    pass(fix, "kafka.transactional.id", "x");
    assert_int_equal(try_open(fix, "csv", NULL), RIV_EINVAL);
    assert_non_null(strstr(fix->err.text, "Rivulet's own to choose"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_records_with_their_place_in_headers),
        TEST(frames_have_keys_wherever_pieces_end),
        TEST(a_record_that_is_refused_fails_the_batch),
        TEST(a_broker_that_stays_away_fails_the_batch_in_the_end),
        TEST(a_clock_that_is_wrong_is_named),
        TEST(a_record_that_the_queue_has_no_room_for_ends_the_job),
        TEST(trouble_is_shown_until_records_are_acknowledged),
        TEST(nothing_is_seen_before_it_is_sent),
        TEST(the_client_of_transactions_is_not_the_drivers),
        TEST(a_record_too_large_for_a_transaction_is_not_in_the_journal),
        TEST(the_largest_record_of_a_transaction_is_sent),
        TEST(a_batch_that_has_no_room_in_its_box_ends_the_job),
        TEST(files_in_the_journal_are_not_of_a_topic),
        TEST(what_a_broker_refuses_ends_the_job_at_once),
        TEST(a_topic_that_is_not_there_ends_the_job),
        TEST(a_transaction_waits_for_its_broker_and_says_so),
        TEST(fenced_once_it_begins_anew_and_twice_it_ends),
        TEST(what_was_written_last_says_who_else_writes),
        TEST(a_batch_without_records_sends_nothing),
        TEST(a_transaction_may_have_a_short_time_out),
        TEST(a_damaged_box_is_told),
        TEST(exactly_once_needs_a_journal),
        TEST(an_output_is_one_topic_without_options),
        TEST(settings_of_ours_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
