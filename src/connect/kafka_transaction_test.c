/* connect/kafka_transaction_test.c - a batch as one transaction: what the log is
 * asked before anything is sent, what an open outcome leads to, when a producer is
 * made anew, and that each record comes once in all of it. Against a client library
 * without brokers (kafka_fake.h); what real ones do is in tests/kafka. */
#include "conf/pass.h"
#include "connect/kafka_fake.h"
#include "connect/sinks.h"
#include "data/le.h"
#include "io/fixture.h"

enum { OUTPUT = 3, RETRIES = 6, OPEN_MS = 5000 };

#define TIMED_OUT RD_KAFKA_RESP_ERR__TIMED_OUT
#define FENCED RD_KAFKA_RESP_ERR_PRODUCER_FENCED
#define ANEW "now init stable "
#define WRITES(text, number) "begin put:" text " number:" number " commit "

struct fix {
    struct riv_settings conf;
    struct riv_sink *sink;
    struct riv_err err;
};

/* A process that goes on with the state directory of this owner. */
static void opens(struct fix *fix, const char *owner)
{
    riv__sink_free(RIV__TAKE(fix->sink));
    const struct riv_sink_spec spec = { .kinds = riv__sinks,
                                        .sys = &fake.sys,
                                        .conf = &fix->conf,
                                        .owner = owner,
                                        .format = "csv",
                                        .uri = "kafka://broker:1/t",
                                        .live = true };
    if (riv__sink_new(&spec, &fix->sink, &fix->err) < 0)
        fail_msg("%s", fix->err.text);
    fix->sink->sends_own = true;
    fake.output = (struct riv_kafka_output *)fix->sink;
    fake.asked[0] = '\0';
}

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    assert_non_null(fix);
    fake_start();
    fix->conf = fixture_conf();
    fix->conf.kafka_delivery = RIV__EXACTLY_ONCE;
    opens(fix, "me");
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    riv__sink_free(fix->sink);
    fake_stop();
    free(fix);
    return 0;
}

/* One record of a batch; what the library was asked for it is `asked`. */
static int try_send(struct fix *fix, uint64_t batch, const char *record)
{
    char box[64];
    const size_t n = strlen(record);
    riv__le_put32(box, RIV__KAFKA_NO_KEY);
    riv__le_put32(box + 4, (uint32_t)n);
    memcpy(box + RIV__KAFKA_FRAME_HEAD, record, n);
    fake.asked[0] = '\0';
    fix->err.code = 0;
    const int rc =
        riv__sink_send(fix->sink, OUTPUT, batch,
                       riv__str(box, RIV__KAFKA_FRAME_HEAD + n), &fix->err);
    assert_false(rc == 0 && fake.output->troubled);
    return rc;
}

static void sends(struct fix *fix, uint64_t batch, const char *record,
                  const char *asked)
{
    if (try_send(fix, batch, record) < 0)
        fail_msg("%s", fix->err.text);
    assert_string_equal(fake.asked, asked);
}

static void says(struct fix *fix, const char *words)
{
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

/* How often it was asked for. */
static int times(const char *call)
{
    int n = 0;
    for (const char *at = fake.asked; (at = strstr(at, call)); at++)
        n++;
    return n;
}

/* --------------------------------------------------------- what the log says */

/* Asked first whether another process is further on, then with that one fenced. */
static void the_log_is_asked_before_and_after_others_are_fenced(void **state)
{
    struct fix *fix = *state;
    sends(fix, 7, "a", ANEW WRITES("a", "7"));
    sends(fix, 8, "b", WRITES("b", "8")); /* nobody else can have written */
    assert_string_equal(fake.topic, "a;b;");
    assert_string_equal(fake.id, "rivulet-me-3");
    assert_string_equal(fake.group, "rivulet-me-3");
}

/* Killed between the commit and its mark in the journal. */
static void a_batch_that_is_there_is_not_written_again(void **state)
{
    struct fix *fix = *state;
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    opens(fix, "me");
    sends(fix, 1, "a", "now ");
    sends(fix, 2, "b", ANEW WRITES("b", "2"));
    assert_string_equal(fake.topic, "a;b;");
}

static void nor_is_one_that_this_process_has_written(void **state)
{
    struct fix *fix = *state;
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    sends(fix, 1, "a", "");
    assert_string_equal(fake.topic, "a;");
}

/* Boxes of batches 1 to 3, of which a run before had sent two. */
static void of_boxes_that_were_left_those_that_are_out_are_passed_over(
    void **state)
{
    struct fix *fix = *state;
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    sends(fix, 2, "b", WRITES("b", "2"));
    opens(fix, "me");
    fix->sink->sends_own = false;
    sends(fix, 1, "a", "now ");
    sends(fix, 2, "b", "now ");
    sends(fix, 3, "c", ANEW WRITES("c", "3"));
    assert_string_equal(fake.topic, "a;b;c;");
}

/* The last box was on its way: the producer that is made for the first brings it
 * to its end, and then both are out. */
static void a_later_box_that_was_on_its_way_is_not_sent_again(void **state)
{
    struct fix *fix = *state;
    sends(fix, 2, "b", ANEW WRITES("b", "2"));
    fake.left = (struct fake_client){ .number = 2, .records = "b;" };
    memcpy(fake.left.words, fake.words, sizeof fake.words);
    fake.number = 0;
    fake.topic[0] = '\0';
    fake.on_way = fake.pending = true;
    opens(fix, "me");
    fix->sink->sends_own = false;
    sends(fix, 1, "a", ANEW);
    sends(fix, 2, "b", "");
    assert_string_equal(fake.topic, "b;");
}

static void another_batch_of_that_number_is_of_a_copy_of_the_state(void **state)
{
    struct fix *fix = *state;
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    opens(fix, "me");
    assert_int_equal(try_send(fix, 1, "x"), RIV_ECHECKPOINT);
    says(fix, "it is an older copy");
    assert_string_equal(fake.asked, "now ");
    assert_string_equal(fake.topic, "a;");
}

/* What another directory has written under the name of this job is not ours, though
 * its name begins as this one's, and the batch has the same bytes. */
static void a_number_of_another_state_directory_is_not_ours(void **state)
{
    static const char *const other[] = { "me2", "no" };
    struct fix *fix = *state;
    memcpy(fix->conf.name, "job", 4);
    for (size_t i = 0; i < RIV__LEN(other); i++) {
        fake.topic[0] = '\0';
        fake.number = -1001;
        opens(fix, other[i]);
        sends(fix, 1, "a", ANEW WRITES("a", "1"));
        opens(fix, "me");
        sends(fix, 1, "a", ANEW WRITES("a", "1"));
        assert_string_equal(fake.topic, "a;a;");
    }
}

/* Its number was higher, and was ours from the first batch on. */
static void from_its_first_batch_on_a_topic_is_this_directorys(void **state)
{
    struct fix *fix = *state;
    fake.number = 5;
    snprintf(fake.words, sizeof fake.words, "them 1");
    fake_fails((struct fake_plan){ .call = "commit", .takes_ms = 1001 });
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    sends(fix, 2, "b", ANEW WRITES("b", "2"));
    assert_string_equal(fake.topic, "a;b;");
}

/* No answer is no "there was none". */
static void what_the_log_does_not_say_is_asked_again(void **state)
{
    static const char *const calls[] = { "now", "partition", "stable" };
    struct fix *fix = *state;
    sends(fix, 1, "a", ANEW WRITES("a", "1"));
    for (size_t i = 0; i < RIV__LEN(calls); i++) {
        opens(fix, "me");
        fake_fails((struct fake_plan){ .call = calls[i], .code = TIMED_OUT });
        assert_int_equal(try_send(fix, i > 1 ? 2 : 1, i > 1 ? "b" : "a"), 0);
        assert_string_equal(fake.asked, i > 1 ? ANEW
                                            "pause:200 " ANEW WRITES("b", "2")
                                              : "now pause:200 now ");
    }
    assert_string_equal(fake.topic, "a;b;");
}

static void who_cannot_begin_ends_its_client_and_begins_anew(void **state)
{
    struct fix *fix = *state;
    fake_fails((struct fake_plan){ .call = "init", .code = TIMED_OUT });
    sends(fix, 1, "a", "now init pause:200 " ANEW WRITES("a", "1"));
    assert_string_equal(fake.topic, "a;");
}

/* ------------------------------------------------------------ an open outcome */

/* The commit got no answer. Whatever became of it, the record comes once. */
static void a_commit_without_an_answer_is_looked_up(void **state)
{
    static const struct {
        enum fake_fate fate;
        const char *then;
    } rows[] = {
        { FAKE_LOST, ANEW WRITES("b", "2") },
        { FAKE_THERE, "now " },
        { FAKE_ON_WAY, ANEW },
        { FAKE_PENDING, ANEW WRITES("b", "2") },
    };
    struct fix *fix = *state;
    for (size_t i = 0; i < RIV__LEN(rows); i++) {
        char asked[256];
        opens(fix, "me");
        fake.number = -1001;
        fake.topic[0] = '\0';
        assert_int_equal(try_send(fix, 1, "a"), 0);
        fake_fails((struct fake_plan){ .call = "commit",
                                       .code = TIMED_OUT,
                                       .fate = rows[i].fate,
                                       .record = TIMED_OUT });
        snprintf(asked, sizeof asked, "%spause:200 %s", WRITES("b", "2"),
                 rows[i].then);
        sends(fix, 2, "b", asked);
        assert_string_equal(fake.topic, "a;b;");
        assert_int_equal(try_send(fix, 3, "c"), 0);
        assert_string_equal(fake.topic, "a;b;c;");
    }
}

/* The library says of a step that it goes on when it is called again. */
static void a_step_that_goes_on_is_called_again(void **state)
{
    static const char *const calls[] = { "number", "commit" };
    struct fix *fix = *state;
    assert_int_equal(try_send(fix, 1, "a"), 0);
    for (size_t i = 0; i < RIV__LEN(calls); i++) {
        for (int k = 1; k < RETRIES; k++)
            fake_fails((struct fake_plan){
                .call = calls[i], .code = TIMED_OUT, .retriable = true });
        assert_int_equal(try_send(fix, 2 + i, "b"), 0);
        assert_int_equal(times(calls[i]), RETRIES);
        assert_int_equal(times("begin"), 1);
    }
    assert_string_equal(fake.topic, "a;b;b;");
}

static void a_commit_that_does_not_go_on_is_looked_up_in_the_end(void **state)
{
    struct fix *fix = *state;
    for (int k = 0; k < RETRIES; k++)
        fake_fails((struct fake_plan){
            .call = "commit", .code = TIMED_OUT, .retriable = true });
    assert_int_equal(try_send(fix, 1, "a"), 0);
    assert_int_equal(times("commit"), RETRIES + 1);
    assert_int_equal(times("stable"), 2);
    assert_string_equal(fake.topic, "a;");
}

/* ------------------------------------------------------------------ given up */

/* Nothing of it is there: the same producer tries again. */
static void a_transaction_that_failed_is_aborted_and_tried_again(void **state)
{
    static const struct {
        struct fake_plan plan;
        const char *asked;
    } rows[] = {
        { { .call = "put", .code = RD_KAFKA_RESP_ERR__STATE },
          "begin abort pause:200 " WRITES("b", "2") },
        { { .call = "number", .code = TIMED_OUT },
          "begin put:b number:2 abort pause:200 " WRITES("b", "2") },
        { { .call = "commit", .code = TIMED_OUT, .aborts = true },
          "begin put:b number:2 commit abort pause:200 " WRITES("b", "2") },
        { { .call = "commit",
            .code = TIMED_OUT,
            .aborts = true,
            .record = TIMED_OUT },
          "begin put:b number:2 commit abort pause:200 " WRITES("b", "2") },
    };
    struct fix *fix = *state;
    for (size_t i = 0; i < RIV__LEN(rows); i++) {
        opens(fix, "me");
        fake.number = -1001;
        fake.topic[0] = '\0';
        assert_int_equal(try_send(fix, 1, "a"), 0);
        fake_fails(rows[i].plan);
        sends(fix, 2, "b", rows[i].asked);
        assert_string_equal(fake.topic, "a;b;");
    }
}

/* Perhaps it is still open. */
static void where_even_that_fails_the_producer_is_made_anew(void **state)
{
    struct fix *fix = *state;
    fake_fails((struct fake_plan){ .call = "number", .code = TIMED_OUT });
    fake_fails((struct fake_plan){ .call = "abort", .code = TIMED_OUT });
    sends(fix, 1, "a",
          ANEW "begin put:a number:1 abort pause:200 " ANEW WRITES("a", "1"));
    assert_string_equal(fake.topic, "a;");
}

/* Of a record that no broker takes another try is no better. */
static void a_record_that_is_refused_ends_the_job(void **state)
{
    struct fix *fix = *state;
    fake_fails((struct fake_plan){
        .call = "number", .record = RD_KAFKA_RESP_ERR_INVALID_RECORD });
    fake_fails((struct fake_plan){ .call = "commit",
                                   .code = TIMED_OUT,
                                   .aborts = true,
                                   .record = TIMED_OUT }); /* the rest of it */
    assert_int_equal(try_send(fix, 1, "a"), RIV_EINVAL);
    says(fix, "batch 1 is not written: a record was not written");
    assert_int_equal(times("abort"), 1);
    assert_int_equal(times("begin"), 1);
}

/* The library says of a step that the state is wrong, and why to who begins. */
static void a_right_that_is_missing_is_told_by_its_cause(void **state)
{
    struct fix *fix = *state;
    fake_fails((struct fake_plan){
        .call = "put",
        .code = RD_KAFKA_RESP_ERR__STATE,
        .cause = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED });
    assert_int_equal(try_send(fix, 1, "a"), RIV_EPERM);
    says(fix, "--operation Write --topic t");
    assert_string_equal(fake.asked, ANEW "begin abort ");
}

static void after_two_minutes_it_is_given_up(void **state)
{
    struct fix *fix = *state;
    const int64_t began_ns = fake.now_ns;
    for (int i = 0; i < FAKE_PLANS; i++)
        fake_fails((struct fake_plan){
            .call = "now", .code = TIMED_OUT, .takes_ms = 10000 });
    assert_int_equal(try_send(fix, 1, "a"), RIV_EUNAVAIL);
    says(fix, "batch 1 is not written, for two minutes");
    assert_in_range((fake.now_ns - began_ns) / 1000000, 120000, 130400);
    assert_string_equal(fake.topic, "");
}

/* ------------------------------------------------------------ a new producer */

/* What is answered late may come to the transaction that then is open. */
static void after_a_commit_that_was_slow_or_had_trouble_there_is_a_new_one(
    void **state)
{
    static const struct {
        struct fake_plan plan;
        bool anew;
    } rows[] = {
        { { .call = "commit", .takes_ms = 1000 }, false },
        { { .call = "commit", .takes_ms = 1001 }, true },
        { { .call = "commit", .troubles = true }, true },
        { { .call = "poll", .troubles = true },
          true }, /* it tells of it then */
        { { .call = "begin", .takes_ms = 5000 }, false },
    };
    struct fix *fix = *state;
    assert_int_equal(try_send(fix, 1, "a"), 0);
    for (size_t i = 0; i < RIV__LEN(rows); i++) {
        fake_fails(rows[i].plan);
        assert_int_equal(try_send(fix, 2 + 2 * i, "b"), 0);
        assert_int_equal(try_send(fix, 3 + 2 * i, "c"), 0);
        assert_int_equal(times(ANEW), rows[i].anew);
    }
    assert_string_equal(fake.topic, "a;b;c;b;c;b;c;b;c;b;c;");
}

/* ----------------------------------------------------------- another process */

/* Once may be our own doing; who has come gets the time to write something. */
static void a_fence_is_our_own_once_and_between_two_batches_again(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(try_send(fix, 1, "a"), 0);
    for (uint64_t batch = 2; batch <= 4; batch++) {
        fake_fails((struct fake_plan){ .call = "number", .code = FENCED });
        assert_int_equal(try_send(fix, batch, "b"), 0);
        assert_int_equal(times("pause:1000 " ANEW), 1);
    }
    assert_string_equal(fake.topic, "a;b;b;b;");
}

static void a_second_fence_ends_the_job(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(try_send(fix, 1, "a"), 0);
    for (int i = 0; i < 2; i++)
        fake_fails((struct fake_plan){ .call = "number", .code = FENCED });
    assert_int_equal(try_send(fix, 2, "b"), RIV_EBUSY);
    assert_int_equal(times("number"), 2);
    assert_string_equal(fake.topic, "a;");
}

/* It has written since: that is certain. */
static void who_has_gone_on_under_this_name_is_not_fenced(void **state)
{
    struct fix *fix = *state;
    fake_fails((struct fake_plan){ .call = "commit", .takes_ms = 1001 });
    assert_int_equal(try_send(fix, 1, "a"), 0);
    fake.number = 5;
    snprintf(fake.words, sizeof fake.words, "them 1");
    assert_int_equal(try_send(fix, 2, "b"), RIV_EBUSY);
    says(fix, "another process writes to topic t");
    assert_string_equal(fake.asked, "now ");
    assert_string_equal(fake.topic, "a;");
}

/* Fenced twice, each time so long after the begin, by one clock and the other. */
static int fenced_after(struct fix *fix, uint64_t batch, int64_t mono_ms,
                        int64_t wall_ms)
{
    for (int i = 0; i < 2; i++)
        fake_fails((struct fake_plan){
            .call = "number", .code = FENCED, .takes_ms = mono_ms });
    fake.wall_step_ms = wall_ms;
    const int rc = try_send(fix, batch, "b");
    fake.wall_step_ms = 0;
    return rc;
}

/* The broker ends what is open for too long, and fences its producer: nobody else
 * has come. A machine that slept knows by its other clock. */
static void a_fence_behind_a_time_out_is_nobody_elses(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(
        riv__pass_set(&fix->conf, riv_cstr("kafka.transaction.timeout.ms"),
                      riv_cstr("5000"), 1, &fix->err),
        0);
    opens(fix, "me");
    assert_int_equal(try_send(fix, 1, "a"), 0);
    assert_int_equal(fenced_after(fix, 2, OPEN_MS, 0), 0);
    assert_int_equal(fenced_after(fix, 3, 0, OPEN_MS), 0);
    assert_int_equal(fenced_after(fix, 4, OPEN_MS - 1, 0), RIV_EBUSY);
    assert_string_equal(fake.topic, "a;b;b;");
}

/* ------------------------------------------------------------------ a box */

static void of_a_damaged_box_nothing_is_written(void **state)
{
    struct fix *fix = *state;
    char box[16];
    riv__le_put32(box, RIV__KAFKA_NO_KEY);
    riv__le_put32(box + 4, 1);
    memcpy(box + 8, "axxx", 4);
    assert_int_equal(
        riv__sink_send(fix->sink, OUTPUT, 1, riv__str(box, 12), &fix->err),
        RIV_ECHECKPOINT);
    assert_int_equal(times("commit"), 0);
    assert_int_equal(times("begin"), 1);
    assert_string_equal(fake.topic, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_log_is_asked_before_and_after_others_are_fenced),
        TEST(a_batch_that_is_there_is_not_written_again),
        TEST(nor_is_one_that_this_process_has_written),
        TEST(of_boxes_that_were_left_those_that_are_out_are_passed_over),
        TEST(a_later_box_that_was_on_its_way_is_not_sent_again),
        TEST(another_batch_of_that_number_is_of_a_copy_of_the_state),
        TEST(a_number_of_another_state_directory_is_not_ours),
        TEST(from_its_first_batch_on_a_topic_is_this_directorys),
        TEST(what_the_log_does_not_say_is_asked_again),
        TEST(who_cannot_begin_ends_its_client_and_begins_anew),
        TEST(a_commit_without_an_answer_is_looked_up),
        TEST(a_step_that_goes_on_is_called_again),
        TEST(a_commit_that_does_not_go_on_is_looked_up_in_the_end),
        TEST(a_transaction_that_failed_is_aborted_and_tried_again),
        TEST(where_even_that_fails_the_producer_is_made_anew),
        TEST(a_record_that_is_refused_ends_the_job),
        TEST(a_right_that_is_missing_is_told_by_its_cause),
        TEST(after_two_minutes_it_is_given_up),
        TEST(after_a_commit_that_was_slow_or_had_trouble_there_is_a_new_one),
        TEST(a_fence_is_our_own_once_and_between_two_batches_again),
        TEST(a_second_fence_ends_the_job),
        TEST(who_has_gone_on_under_this_name_is_not_fenced),
        TEST(a_fence_behind_a_time_out_is_nobody_elses),
        TEST(of_a_damaged_box_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
