/* connect/kafka_start_test.c - where an input of Kafka begins: by its options, by
 * the group, by the journal; at a batch that is run again; and whether that place
 * is still in the same log. */
#include <sched.h>

#include "connect/kafka_fixture.h"
#include "sys/thread.h"

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
    stands(fix, "topic/t=0:1,1:0");
    put(fix, 0, "after");
    get(fix, 6);
    has(fix, "after\n");
}

/* A batch with "a" is told to the group; another run begins with "b". */
static void goes_on_behind_a(struct fix *fix)
{
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
}

static void without_a_journal_the_group_knows_where_it_stood(void **state)
{
    struct fix *fix = *state;
    goes_on_behind_a(fix);
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

static void a_group_may_have_another_name_than_the_job(void **state)
{
    struct fix *fix = *state;
    fix->conf.name[0] = '\0';
    assert_int_equal(riv__pass_set(&fix->conf, riv_cstr("kafka.group.id"),
                                   riv_cstr("its-own"), 1, &fix->err),
                     0);
    goes_on_behind_a(fix);
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

/* A later batch is in the lanes by then, and not in the journal. */
static void the_group_hears_of_what_is_durable_and_no_more(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topics=0");
    get(fix, 2);
    stands(fix, "topic/t=0:1,1:0");
    put(fix, 0, "b");
    get(fix, 4);
    riv__input_ack(fix->input);
    close_input(fix);
    open_at(fix, "t");
    riv__buf_reset(&fix->text);
    get(fix, 2);
    has(fix, "b\n");
}

/* It has come, and is in no batch: whoever starts with the group would miss it. */
static void the_group_does_not_hear_of_what_waits(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topics=0");
    for (int i = 0; i < LOOKS && riv__input_waiting(fix->input) == 0; i++)
        (void)read_once(fix);
    stands(fix, "topic/t=0:0,1:0");
    riv__input_ack(fix->input);
    close_input(fix);
    open_at(fix, "t");
    get(fix, 2);
    has(fix, "a\n");
}

/* A batch of one record, of which the group is told, and refuses that. */
static void tell_refusing_group(struct fix *fix)
{
    rd_kafka_mock_push_request_errors(fix->brokers, OFFSET_COMMIT, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN);
    put(fix, 0, "a");
    open_at(fix, "t");
    seek(fix, "topics=0");
    get(fix, 2);
    stands(fix, "topic/t=0:1,1:0");
    riv__input_ack(fix->input);
}

/* Brokers were away for longer than the library keeps a commit, and nothing came
 * after it: the lag that others show stayed too large. */
static void a_group_that_has_not_heard_is_told_again(void **state)
{
    struct fix *fix = *state;
    tell_refusing_group(fix);
    const struct riv_kafka_input *self = (struct riv_kafka_input *)fix->input;
    for (int i = 0; i < LOOKS && atomic_load(&self->heard) == 0; i++) {
        (void)read_once(fix);
        riv__input_batch_done(fix->input, i, 1,
                              0); /* of a batch with nothing */
    }
    assert_int_equal(atomic_load(&self->heard), 1);
}

struct hearer {
    struct fix *fix;
    struct riv_thread thread;
    atomic_bool has_heard;
};

static void hear(void *arg)
{
    struct hearer *h = arg;
    const struct riv_kafka_input *self =
        (struct riv_kafka_input *)h->fix->input;
    for (int i = 0; i < LOOKS && !self->unheard; i++)
        (void)read_once(h->fix);
    atomic_store_explicit(&h->has_heard, true, memory_order_relaxed);
}

/* The answer comes on the source's thread, and what it means depends on what the
 * driver has said. */
static void the_group_may_refuse_while_the_journal_is_told(void **state)
{
    struct fix *fix = *state;
    struct hearer h = { .fix = fix };
    char event[256];
    tell_refusing_group(fix);
    assert_int_equal(riv__thread_start(&h.thread, "hearer", hear, &h, NULL), 0);
    while (!atomic_load_explicit(&h.has_heard, memory_order_relaxed))
        sched_yield();
    stands(fix, "topic/t=0:1,1:0");
    riv__thread_join(&h.thread);
    assert_int_equal(riv__input_events(fix->input, event, sizeof event), 1);
    assert_non_null(strstr(event, "lag that others show is too large"));
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

/* Reads until it says what is wrong. */
static int first_error(struct fix *fix)
{
    int rc = 0;
    for (int i = 0; i < LOOKS && rc >= 0; i++)
        rc = read_once(fix);
    return rc;
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
    assert_int_equal(first_error(fix), RIV_EINVAL);
    stands(fix, "topic/t=0:1,1:1");
    get(fix, 2);
    has(fix, "c\n");
    stands(fix, "topic/t=0:1,1:2");
}

/* Begun without the group's answer, it would read everything once more. */
static void without_the_answer_of_the_group_nothing_is_read(void **state)
{
    struct fix *fix = *state;
    goes_on_behind_a(fix);
    riv__input_batch_done(fix->input, 1, 1, 0);
    close_input(fix);
    put(fix, 0, "c");
    rd_kafka_mock_push_request_errors(
        fix->brokers, OFFSET_FETCH, 1,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    open_at(fix, "t");
    assert_true(first_error(fix) < 0);
    if (!strstr(fix->err.text, "the offsets of the group"))
        fail_msg("%s", fix->err.text);
    get(fix, 2);
    has(fix, "c\n");
}

/* The mock brokers know no times: what comes after is read. */
static void a_time_is_asked_of_the_log_and_not_of_the_group(void **state)
{
    struct fix *fix = *state;
    goes_on_behind_a(fix);
    close_input(fix);
    rd_kafka_mock_push_request_errors(
        fix->brokers, LIST_OFFSETS, 3, RD_KAFKA_RESP_ERR_NO_ERROR,
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    open_at(fix, "t?start=1800000000000");
    assert_true(first_error(fix) < 0);
    if (!strstr(fix->err.text, "offsets of a time"))
        fail_msg("%s", fix->err.text);
    settle(fix);
    stands(fix, "topic/t=0:2,1:0");
    put(fix, 0, "c");
    get(fix, 2);
    has(fix, "c\n");
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

/* Without the first it would have fewer records, and be behind them all the same.
 * One that the job no longer reads never comes. */
static void a_batch_that_is_run_again_waits_for_all_topics_that_are_read(
    void **state)
{
    static const char words[] = "topic/t=0:1,1:0 topic/u=0:1 topic/gone=0:9";
    struct fix *fix = *state;
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "u", 1, 1), 0);
    produce_to(fix, "u", 0, riv_cstr("k"), riv_cstr("b"), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
    open_at(fix, "t,u");
    seek(fix, "topic/t=0:0,1:0 topic/u=0:0 topic/gone=0:3");
    reach_end(fix, "topic/u=0:1");
    assert_int_equal(riv__input_reach(fix->input, riv_cstr(words), &fix->err),
                     0);
    put(fix, 0, "a");
    reach_end(fix, words);
    cut(fix);
    has(fix, "a\nb\n");
    stands(fix, "topic/t=0:1,1:0 topic/u=0:1");
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

/* -------------------------------------------------------- another log or none */

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

/* Whoever points a job at another cluster by mistake would go on there, at offsets
 * that mean something else. */
static void another_cluster_is_refused(void **state)
{
    struct fix *fix = *state;
    char words[256];
    put(fix, 0, "a");
    open_at(fix, "t");
    get(fix, 2);
    riv__stand_reset(&fix->stand);
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    snprintf(words, sizeof words, "%.*s", (int)fix->stand.words.n,
             fix->stand.words.p);
    assert_non_null(strstr(words, "topic/t=0:1,1:0 seen/t=0:0 times/"));
    assert_non_null(strstr(words, " cluster=mockCluster"));
    close_input(fix);
    open_at(fix, "t");
    seek(fix, "topic/t=0:0,1:0 cluster=staging");
    fails(fix, RIV_ECHECKPOINT, "is of cluster staging");
    assert_non_null(strstr(fix->err.text, "are of cluster mockCluster"));
    assert_non_null(strstr(fix->err.text, "source.reset=UID"));
    stands(fix, "topic/t=0:0,1:0");
    close_input(fix);
    open_at(fix, "t");
    seek(fix, words);
    put(fix, 0, "b");
    riv__buf_reset(&fix->text);
    get(fix, 2);
    has(fix, "b\n");
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_topic_that_comes_later_is_read_from_its_start),
        TEST(latest_takes_what_comes_after),
        TEST(without_a_journal_the_group_knows_where_it_stood),
        TEST(a_job_without_a_name_has_no_group),
        TEST(a_group_may_have_another_name_than_the_job),
        TEST(with_a_journal_the_group_hears_after_it),
        TEST(the_group_hears_of_what_is_durable_and_no_more),
        TEST(the_group_does_not_hear_of_what_waits),
        TEST(a_group_that_has_not_heard_is_told_again),
        TEST(the_group_may_refuse_while_the_journal_is_told),
        TEST(the_journal_goes_before_the_group),
        TEST(a_topic_is_known_as_a_whole_or_not_at_all),
        TEST(without_the_answer_of_the_group_nothing_is_read),
        TEST(a_time_is_asked_of_the_log_and_not_of_the_group),
        TEST(a_batch_is_run_again_on_the_same_records),
        TEST(a_batch_that_is_run_again_waits_for_all_topics_that_are_read),
        TEST(damaged_places_are_told),
        TEST(a_place_behind_the_end_is_an_error_unless_told_otherwise),
        TEST(a_log_that_was_created_anew_is_known_by_a_record),
        TEST(the_same_log_is_read_on_from_its_place),
        TEST(another_cluster_is_refused),
        TEST(a_record_that_is_not_there_any_more_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
