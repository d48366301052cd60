/* tests/rows/kafka_test.c - rows of the table "Kafka" that need no broker of
 * their own: against the client library's mock brokers, through whole jobs. What
 * is compacted, and what transactions promise, is in tests/kafka. */
#include "fixture.h"

#include <pthread.h>
#include <rivulet/kafka.h>

#include "connect/kafka_mock.h"

enum { TOPICS = 4 };

struct fix {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *brokers;
};

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->rk = kafka_mock(&fix->brokers);
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    rd_kafka_destroy(fix->rk);
    free(fix);
    return 0;
}

static void topic(struct fix *fix, const char *name)
{
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, name, 1, 1), 0);
}

static void produce(struct fix *fix, const char *name, const char *value)
{
    const rd_kafka_vu_t part[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = name },
        { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = 0 },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_VALUE,
          .u.mem = { (void *)(uintptr_t)value, strlen(value) } },
    };
    assert_null(rd_kafka_produceva(fix->rk, part, sizeof part / sizeof *part));
}

static void put(struct fix *fix, const char *name, const char *value, int n)
{
    for (int i = 0; i < n; i++)
        produce(fix, name, value);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

/* As the table has it: a 7 times and b 9 times. */
static void fill(struct fix *fix, const char *name)
{
    topic(fix, name);
    put(fix, name, "a", 7);
    put(fix, name, "b", 9);
}

/* ------------------------------------------------------------ what has come */

struct seen {
    int64_t a, b, records, batches;
    char name[TOPICS][32]; /* of the partitions, as they came */
    int64_t next[TOPICS], first[TOPICS];
    int n;
};

static int index_of(struct seen *seen, const riv_kafka_record *record)
{
    int i = 0;
    while (i < seen->n && !riv_eq(riv_cstr(seen->name[i]), record->topic))
        i++;
    assert_true(i < TOPICS);
    if (i == seen->n) {
        snprintf(seen->name[i], sizeof seen->name[i], RIV_S,
                 RIV_P(record->topic));
        seen->first[i] = seen->next[i] = record->offset;
        seen->n++;
    }
    return i;
}

/* The records of a partition stand together, and are as many as its range. */
static int look(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct seen *seen = *(struct seen *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    const int rc = riv_collect(rdd, &res);
    const riv_kafka_record *record = res.rows;
    bool left[TOPICS] = { false };
    for (size_t i = 0, last = 0; rc == 0 && i < res.n; i++) {
        const size_t at = (size_t)index_of(seen, &record[i]);
        if (i > 0 && at != last)
            left[last] = true;
        assert_false(left[at]);
        last = at;
        assert_int_equal(record[i].offset, seen->next[at]);
        seen->next[at]++;
        seen->a += riv_eq(record[i].value, riv_cstr("a"));
        seen->b += riv_eq(record[i].value, riv_cstr("b"));
    }
    seen->records += (int64_t)res.n;
    seen->batches += res.n > 0;
    riv_result_free(&res);
    return rc;
}

static void read_all(struct fix *fix, const char *topics, struct seen *seen,
                     const riv_listener *listener)
{
    char uri[256];
    *seen = (struct seen){ .n = 0 };
    riv *r = riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = 100, .listener = listener));
    snprintf(uri, sizeof uri, "kafka://%s/%s",
             rd_kafka_mock_cluster_bootstraps(fix->brokers), topics);
    riv_foreach_rdd(riv_kafka(r, uri, NULL), look,
                    RIV_OPT(.arg = RIV_COPY(seen)));
    riv_run(r);
    fine(r);
    riv_free(r);
}

static int64_t first_of(const struct seen *seen, const char *name)
{
    for (int i = 0; i < seen->n; i++)
        if (strcmp(seen->name[i], name) == 0)
            return seen->first[i];
    return -1;
}

/* ------------------------------------------------------------------ the rows */

static void ka_01_several_topics_from_the_earliest(void **state)
{
    struct fix *fix = *state;
    struct seen seen;
    fill(fix, "basic1");
    fill(fix, "basic2");
    fill(fix, "basic3");
    read_all(fix,
             "basic1,basic2,basic3?start=earliest&start.basic3=0:2&until=end",
             &seen, NULL);
    assert_int_equal(seen.records, 16 * 3 - 2);
    assert_int_equal(seen.a, 7 * 3 - 2);
    assert_int_equal(seen.b, 9 * 3);
    assert_int_equal(first_of(&seen, "basic1"), 0);
    assert_int_equal(first_of(&seen, "basic3"), 2);
}

static void ka_02_topics_by_a_pattern(void **state)
{
    struct fix *fix = *state;
    struct seen seen;
    fill(fix, "pat1");
    fill(fix, "pat2");
    fill(fix, "pat3");
    fill(fix, "advanced3");
    fill(fix, "pattern"); /* no number */
    read_all(fix,
             "pat[0-9]?start=earliest&start.pat2=0:3&start.pat3=0:4&until=end",
             &seen, NULL);
    assert_int_equal(seen.records, 16 * 3 - 7);
    assert_int_equal(seen.n, 3);
    assert_int_equal(first_of(&seen, "pat1"), 0);
    assert_int_equal(first_of(&seen, "pat2"), 3);
    assert_int_equal(first_of(&seen, "pat3"), 4);
    assert_int_equal(first_of(&seen, "advanced3"), -1);
    /* As the table has it: the pattern, and one topic beside it. */
    read_all(fix,
             "advanced3,pat[0-9]?start=earliest&start.pat2=0:3"
             "&start.pat3=0:4&until=end",
             &seen, NULL);
    assert_int_equal(seen.records, 16 * 4 - 7);
}

static void ka_04_a_given_offset(void **state)
{
    struct fix *fix = *state;
    struct seen seen;
    topic(fix, "given");
    put(fix, "given", "a", 11);
    put(fix, "given", "b", 10);
    read_all(fix, "given?start=0:11&until=end", &seen, NULL);
    assert_int_equal(seen.a, 0);
    assert_int_equal(seen.b, 10);
}

/* "Reset none": an offset that is not there is an error, and no other place. */
static void ka_04_an_offset_that_is_not_there_is_an_error(void **state)
{
    struct fix *fix = *state;
    char uri[256];
    topic(fix, "given");
    put(fix, "given", "a", 11);
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 100));
    snprintf(uri, sizeof uri, "kafka://%s/given?start=0:12",
             rd_kafka_mock_cluster_bootstraps(fix->brokers));
    riv_save_text(riv_text(r, uri, NULL), "/dev/null", NULL);
    assert_int_equal(riv_run(r), RIV_ENOINPUT);
    error_says(r, RIV_ENOINPUT, "ends at offset 11, and is to be read from 12");
    riv_free(r);
}

struct told {
    int64_t started, completed, in, of_input;
};

static void batch_started(void *arg, int64_t time)
{
    (void)time;
    ((struct told *)arg)->started++;
}

static void batch_completed(void *arg, const riv_batch_info *info)
{
    struct told *told = arg;
    told->completed++;
    told->in += info->records_in;
    for (size_t i = 0; i < info->ninputs; i++)
        told->of_input += info->inputs[i].records;
}

static void ka_07_what_a_batch_had_of_its_input_is_told(void **state)
{
    struct fix *fix = *state;
    struct seen seen;
    struct told told = { .in = 0 };
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &told,
                                    .batch_started = batch_started,
                                    .batch_completed = batch_completed };
    fill(fix, "info");
    read_all(fix, "info?start=earliest&until=end", &seen, &listener);
    assert_int_equal(seen.records, 16);
    assert_int_equal(told.in, 16);
    assert_int_equal(told.of_input, 16);
    assert_true(told.started >= 1);
    assert_int_equal(told.started, told.completed);
}

/* -------------------------------------------------------------- keys, going out */

RIV_PAIR(pair, riv_str, riv_str);
RIV_MAP(pair_of, riv_kafka_record, pair);
static int pair_of(const riv_kafka_record *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ in->key, in->value };
    return 0;
}

/* The records of a topic's only partition, "KEY=VALUE;"; a key that is none is "-".
 */
static void topic_has(struct fix *fix, const char *name, const char *want)
{
    char why[256], got[256] = "";
    size_t n = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers",
                      rd_kafka_mock_cluster_bootstraps(fix->brokers), NULL, 0);
    rd_kafka_conf_set(conf, "group.id", "reader", NULL, 0);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, name, 0)->offset = 0;
    assert_int_equal(rd_kafka_assign(rk, list), 0);
    rd_kafka_topic_partition_list_destroy(list);
    for (int i = 0; i < 600 && n < strlen(want); i++) {
        rd_kafka_message_t *msg = rd_kafka_consumer_poll(rk, 100);
        if (msg && !msg->err)
            n += (size_t)snprintf(got + n, sizeof got - n, "%.*s=%.*s;",
                                  msg->key ? (int)msg->key_len : 1,
                                  msg->key ? (const char *)msg->key : "-",
                                  (int)msg->len, (const char *)msg->payload);
        if (msg)
            rd_kafka_message_destroy(msg);
    }
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    assert_string_equal(got, want);
}

/* It had an empty one: all of them went to the partition of that. */
static void a_record_without_a_key_is_copied_without_one(void **state)
{
    struct fix *fix = *state;
    char in[256], out[256];
    topic(fix, "keyless");
    topic(fix, "copy");
    put(fix, "keyless", "a", 1);
    const char *brokers = rd_kafka_mock_cluster_bootstraps(fix->brokers);
    snprintf(in, sizeof in, "kafka://%s/keyless?until=end", brokers);
    snprintf(out, sizeof out, "kafka://%s/copy", brokers);
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 100));
    riv_save_kafka(riv_map(riv_kafka(r, in, NULL), pair_of_fn, NULL), out,
                   NULL);
    riv_run(r);
    fine(r);
    riv_free(r);
    topic_has(fix, "copy", "-=a;");
}

/* ------------------------------------------------------- many at the same time */

/* The row has 500 uses on 100 threads: a minute, and nothing that these few do
 * not do, so that is for RIVULET_TEST_FULL (`./dev kafka --long`). */
enum { FEW = 6, FEW_USES = 3, READERS = 100, USES = 5, RECORDS = 1000 };

struct reader {
    const char *brokers;
    int uses;
    int64_t wrong, sum;
};

static int add_up(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct reader *reader = *(struct reader *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    const int rc = riv_collect(rdd, &res);
    const riv_kafka_record *record = res.rows;
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        char want[32];
        snprintf(want, sizeof want, "%lld", (long long)record[i].offset + 1);
        reader->wrong += !riv_eq(record[i].value, riv_cstr(want));
        reader->sum += record[i].offset + 1;
    }
    riv_result_free(&res);
    return rc;
}

static void *read_again_and_again(void *arg)
{
    struct reader *reader = arg;
    char uri[256];
    snprintf(uri, sizeof uri, "kafka://%s/many?start=earliest&until=end",
             reader->brokers);
    for (int use = 0; use < reader->uses; use++) {
        riv *r = riv_new(
            RIV_CONFIG(.threads = 2, .batch_ms = 100, .name = "together"));
        riv_foreach_rdd(riv_kafka(r, uri, NULL), add_up,
                        RIV_OPT(.arg = RIV_COPY(reader)));
        reader->wrong += riv_run(r) < 0;
        riv_free(r);
    }
    return NULL;
}

/* Of a group and a partition there is one consumer here for each input, so there
 * is none to share; what is to hold is that each reads 1 to 1000. */
static void kc_01_reads_are_right_under_parallel_use(void **state)
{
    struct fix *fix = *state;
    const bool full = getenv("RIVULET_TEST_FULL") != NULL;
    const int readers = full ? READERS : FEW, uses = full ? USES : FEW_USES;
    struct reader reader[READERS] = { { .sum = 0 } };
    pthread_t thread[READERS];
    char value[32];
    topic(fix, "many");
    for (int i = 1; i <= RECORDS; i++) {
        snprintf(value, sizeof value, "%d", i);
        produce(fix, "many", value);
    }
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
    for (int i = 0; i < readers; i++) {
        reader[i].uses = uses;
        reader[i].brokers = rd_kafka_mock_cluster_bootstraps(fix->brokers);
        assert_int_equal(
            pthread_create(&thread[i], NULL, read_again_and_again, &reader[i]),
            0);
    }
    for (int i = 0; i < readers; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(reader[i].wrong, 0);
        assert_int_equal(reader[i].sum, uses * RECORDS * (RECORDS + 1) / 2);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ka_01_several_topics_from_the_earliest),
        TEST(ka_02_topics_by_a_pattern),
        TEST(ka_04_a_given_offset),
        TEST(ka_04_an_offset_that_is_not_there_is_an_error),
        TEST(a_record_without_a_key_is_copied_without_one),
        TEST(ka_07_what_a_batch_had_of_its_input_is_told),
        TEST(kc_01_reads_are_right_under_parallel_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
