/* connect/kafka_uri_test.c - addresses of topics. */
#include "connect/kafka_uri.h"

#include "base/test.h"

static struct riv_err why;

static void reads(const char *text, const char *brokers, size_t topics,
                  const char *last)
{
    struct riv_kafka_uri uri;
    assert_int_equal(riv__kafka_uri_read(text, "committed", &uri, &why), 0);
    assert_string_equal(uri.brokers, brokers);
    assert_int_equal(uri.ntopic, topics);
    assert_string_equal(uri.topic[topics - 1], last);
    riv__kafka_uri_fini(&uri);
}

static void refuses(const char *text, const char *words)
{
    struct riv_kafka_uri uri;
    assert_int_equal(riv__kafka_uri_read(text, "committed", &uri, &why),
                     RIV_EINVAL);
    if (!strstr(why.text, words))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, why.text, words);
    riv__kafka_uri_fini(&uri);
}

static void one_or_many_brokers_and_topics(void **state)
{
    (void)state;
    reads("//127.0.0.1:9092/words", "127.0.0.1:9092", 1, "words");
    reads("//a:1,[::1]:2/x,y.z_-9", "a:1,[::1]:2", 2, "y.z_-9");
    reads("//a:1/t?until=end&start=latest", "a:1", 1, "t");
    reads("//a:1/t,u-*?start.u-1=latest", "a:1", 1, "t");
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    refuses("a:1/t", "slashes");
    refuses("///t", "HOST:PORT");
    refuses("//a/t", "HOST:PORT");
    refuses("//:1/t", "HOST:PORT");
    refuses("//a:x/t", "port");
    refuses("//a:0/t", "port");
    refuses("//a:65536/t", "port");
    refuses("//u:hidden@a:1/t", "kafka.sasl.password.file");
    refuses("//a b:1/t", "blank");
    refuses("//a:1", "topic's name");
    refuses("//a:1/", "topic's name");
    refuses("//a:1/..", "topic's name");
    refuses("//a:1/a b", "topic's name");
    refuses("//a:1/a/b", "topic's name");
    refuses("//a:1/a,a", "twice");
    refuses("//a:1/a?start=soon", "start is \"soon\"");
    refuses("//a:1/a?start=-1", "start is");
    refuses("//a:1/a?until=1", "until=end");
    refuses("//a:1/a?x=1", "until=end");
    refuses("//a:1/a?start=0:", "start is \"0:\"");
    refuses("//a:1/a?start.a=1:-1", "start is");
    refuses("//a:1/a?records=words", "records is \"words\"");
    refuses("//a:1/a*/b", "topic's name");
    refuses("//a:1/a,b-*?start.c=latest", "a topic that is not read");
}

static void a_topic_may_have_249_bytes(void **state)
{
    char text[300];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "//a:1/", 6);
    text[6 + 249] = '\0';
    reads(text, "a:1", 1, text + 6);
    text[6 + 249] = 'x';
    text[6 + 250] = '\0';
    refuses(text, "249");
}

static void the_start_of_the_uri_goes_before_the_setting(void **state)
{
    struct riv_kafka_uri uri;
    (void)state;
    assert_int_equal(riv__kafka_uri_read("//a:1/t", "latest", &uri, &why), 0);
    assert_int_equal(uri.start.start, RIV__KAFKA_LATEST);
    assert_false(uri.ends);
    riv__kafka_uri_fini(&uri);
    assert_int_equal(
        riv__kafka_uri_read("//a:1/t?start=1700000000000&until=end", "latest",
                            &uri, &why),
        0);
    assert_int_equal(uri.start.start, RIV__KAFKA_TIME);
    assert_int_equal(uri.start.ms, 1700000000000);
    assert_true(uri.ends);
    riv__kafka_uri_fini(&uri);
}

static void where(const struct riv_kafka_uri *uri, const char *topic,
                  int32_t partition, enum riv_kafka_start start, int64_t offset)
{
    int64_t at;
    assert_int_equal(riv__kafka_uri_start(uri, topic, partition, &at).start,
                     start);
    assert_int_equal(at, offset);
}

static void offsets_are_given_by_topic_and_partition(void **state)
{
    struct riv_kafka_uri uri;
    (void)state;
    assert_int_equal(
        riv__kafka_uri_read("//a:1/t,u,v?start=latest&start.t=0:7,2:9"
                            "&start.u=earliest&records=varint",
                            "committed", &uri, &why),
        0);
    where(&uri, "t", 0, RIV__KAFKA_PLACES, 7);
    where(&uri, "t", 2, RIV__KAFKA_PLACES, 9);
    where(&uri, "t", 1, RIV__KAFKA_LATEST, -1);
    where(&uri, "u", 0, RIV__KAFKA_EARLIEST, -1);
    where(&uri, "v", 0, RIV__KAFKA_LATEST, -1);
    assert_int_equal(uri.pieces, RIV__PIECES_VARINT);
    riv__kafka_uri_fini(&uri);
    assert_int_equal(
        riv__kafka_uri_read("//a:1/t?start=0:7", "committed", &uri, &why), 0);
    where(&uri, "t", 0, RIV__KAFKA_PLACES, 7);
    where(&uri, "t", 1, RIV__KAFKA_EARLIEST, -1);
    riv__kafka_uri_fini(&uri);
}

static void a_name_with_a_star_or_brackets_is_a_pattern(void **state)
{
    struct riv_kafka_uri uri;
    (void)state;
    assert_int_equal(riv__kafka_uri_read("//a:1/t,orders-*,log[0-9]?until=end",
                                         "committed", &uri, &why),
                     0);
    assert_int_equal(uri.ntopic, 1);
    assert_int_equal(uri.npattern, 2);
    assert_string_equal(uri.pattern[1], "log[0-9]");
    riv__kafka_uri_fini(&uri);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_or_many_brokers_and_topics),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_topic_may_have_249_bytes),
        cmocka_unit_test(offsets_are_given_by_topic_and_partition),
        cmocka_unit_test(a_name_with_a_star_or_brackets_is_a_pattern),
        cmocka_unit_test(the_start_of_the_uri_goes_before_the_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
