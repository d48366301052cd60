/* client.c - what the tests do to a broker, without a JVM for each step: makes
 * topics, writes records, alone or in transactions that end as they are told,
 * asks where a group stands. What a job has written is read by Kafka's own
 * consumer, not by this.
 *
 *   kafka-client BROKERS topic NAME PARTITIONS [SETTING=VALUE...]
 *   kafka-client BROKERS config NAME SETTING=VALUE   of a topic, and no other
 *   kafka-client BROKERS delete NAME        returns when it is gone
 *   kafka-client BROKERS deny topic|group NAME read|write    to everybody
 *   kafka-client BROKERS put TOPIC [commit|abort]   lines "KEY:VALUE" of stdin;
 *                                           ":VALUE" has no key, "KEY:" no value;
 *                                           a tab in it ends a line of the value
 *   kafka-client BROKERS lag GROUP TOPIC    records that the group has not read;
 *                                           "?" where a partition has no offset
 *   kafka-client BROKERS ends TOPIC         the sum of the ends of its partitions
 *   kafka-client BROKERS open TOPIC         records behind the start of the oldest
 *                                           transaction that is open
 *
 * KAFKA_CLIENT, "NAME=VALUE NAME=VALUE": settings of the client library. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 30000 };

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "kafka-client: %s: %s\n", what, why);
    return 1;
}

static int failed(rd_kafka_error_t *error, const char *what)
{
    if (!error)
        return 0;
    fail(what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return 1;
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) ==
        RD_KAFKA_CONF_OK)
        return true;
    fail(name, why);
    return false;
}

static bool set_all(rd_kafka_conf_t *conf, const char *list)
{
    char *text = strdup(list ? list : ""), *rest = text, *word;
    bool ok = text != NULL;
    while (ok && (word = strsep(&rest, " ")) != NULL) {
        char *equals = strchr(word, '=');
        if (!equals)
            continue;
        *equals = '\0';
        ok = set(conf, word, equals + 1);
    }
    free(text);
    return ok;
}

static int lost;

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *msg,
                      void *opaque)
{
    (void)rk, (void)opaque;
    lost += msg->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers,
                          const char *name, const char *value)
{
    char why[256] = "a setting";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk = NULL;
    if (type == RD_KAFKA_PRODUCER) {
        rd_kafka_conf_set_dr_msg_cb(conf, delivered);
        set(conf, "partitioner", "murmur2_random"); /* as Kafka's own */
    }
    if (set(conf, "bootstrap.servers", brokers) &&
        set_all(conf, getenv("KAFKA_CLIENT")) &&
        (!name || set(conf, name, value)))
        rk = rd_kafka_new(type, conf, why, sizeof why);
    if (!rk)
        fail("no client", why);
    return rk;
}

/* ------------------------------------------------------------------- topics */

static bool is_gone(rd_kafka_t *rk, const char *name)
{
    const struct rd_kafka_metadata *answer;
    bool gone = true;
    if (rd_kafka_metadata(rk, 1, NULL, &answer, WAIT_MS))
        return false;
    for (int i = 0; i < answer->topic_cnt; i++)
        gone = gone && strcmp(answer->topics[i].topic, name) != 0;
    rd_kafka_metadata_destroy(answer);
    return gone;
}

static int delete (int argc, char **argv)
{
    if (argc < 4)
        return fail("delete", "NAME");
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, argv[1], NULL, NULL);
    if (!rk)
        return 1;
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(argv[3]);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_DeleteTopics(rk, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, WAIT_MS);
    int rc = !event || rd_kafka_event_error(event)
                 ? fail("delete",
                        event ? rd_kafka_event_error_string(event) : "time-out")
                 : 0;
    if (event)
        rd_kafka_event_destroy(event);
    for (int looks = 0; rc == 0 && !is_gone(rk, argv[3]); looks++)
        rc = looks > 100000 ? fail("delete", "it is still there") : 0;
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteTopic_destroy(topic);
    rd_kafka_destroy(rk);
    return rc;
}

static int ask_topic(rd_kafka_t *rk, rd_kafka_NewTopic_t *topic)
{
    size_t n = 0;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, WAIT_MS);
    int rc = 1;
    if (!event || rd_kafka_event_error(event)) {
        fail("topic", event ? rd_kafka_event_error_string(event) : "time-out");
    } else {
        const rd_kafka_topic_result_t **result =
            rd_kafka_CreateTopics_result_topics(
                rd_kafka_event_CreateTopics_result(event), &n);
        rc = n != 1 || rd_kafka_topic_result_error(result[0]);
        if (rc)
            fail("topic", rd_kafka_topic_result_error_string(result[0]));
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return rc;
}

static int topic(int argc, char **argv)
{
    char why[256];
    if (argc < 5)
        return fail("topic", "NAME PARTITIONS [SETTING=VALUE...]");
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, argv[1], NULL, NULL);
    if (!rk)
        return 1;
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(
        argv[3], (int)strtol(argv[4], NULL, 10), -1, why, sizeof why);
    for (int i = 5; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            continue;
        *equals = '\0';
        rd_kafka_NewTopic_set_config(made, argv[i], equals + 1);
    }
    const int rc = ask_topic(rk, made);
    rd_kafka_NewTopic_destroy(made);
    rd_kafka_destroy(rk);
    return rc;
}

static int config(int argc, char **argv)
{
    char *equals = argc > 4 ? strchr(argv[4], '=') : NULL;
    if (!equals)
        return fail("config", "NAME SETTING=VALUE");
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, argv[1], NULL, NULL);
    if (!rk)
        return 1;
    *equals = '\0';
    rd_kafka_ConfigResource_t *of =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, argv[3]);
    rd_kafka_ConfigResource_set_config(of, argv[4], equals + 1);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_AlterConfigs(rk, &of, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, WAIT_MS);
    const int rc =
        !event || rd_kafka_event_error(event)
            ? fail("config",
                   event ? rd_kafka_event_error_string(event) : "time-out")
            : 0;
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy(of);
    rd_kafka_destroy(rk);
    return rc;
}

/* ------------------------------------------------------------------- rights */

/* Everything else with it stays allowed. */
static int ask_acls(rd_kafka_t *rk, rd_kafka_AclBinding_t **acl, size_t n)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateAcls(rk, acl, n, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, WAIT_MS);
    const int rc = !event || rd_kafka_event_error(event)
                       ? fail("deny", event ? rd_kafka_event_error_string(event)
                                            : "time-out")
                       : 0;
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return rc;
}

static int deny(int argc, char **argv)
{
    if (argc < 6)
        return fail("deny", "topic|group NAME read|write");
    const rd_kafka_ResourceType_t type = strcmp(argv[3], "group") == 0
                                             ? RD_KAFKA_RESOURCE_GROUP
                                             : RD_KAFKA_RESOURCE_TOPIC;
    const rd_kafka_AclOperation_t what = strcmp(argv[5], "read") == 0
                                             ? RD_KAFKA_ACL_OPERATION_READ
                                             : RD_KAFKA_ACL_OPERATION_WRITE;
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, argv[1], NULL, NULL);
    if (!rk)
        return 1;
    rd_kafka_AclBinding_t *acl[] = {
        rd_kafka_AclBinding_new(type, argv[4],
                                RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:*",
                                "*", RD_KAFKA_ACL_OPERATION_ALL,
                                RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, NULL, 0),
        rd_kafka_AclBinding_new(
            type, argv[4], RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:*", "*",
            what, RD_KAFKA_ACL_PERMISSION_TYPE_DENY, NULL, 0),
    };
    const int rc = ask_acls(rk, acl, 2);
    rd_kafka_AclBinding_destroy_array(acl, 2);
    rd_kafka_destroy(rk);
    return rc;
}

/* ------------------------------------------------------------------ records */

static void put_line(rd_kafka_t *rk, const char *to, char *line, size_t n)
{
    char *colon = memchr(line, ':', n);
    const size_t k = colon ? (size_t)(colon - line) : 0;
    char *value = colon ? colon + 1 : line;
    const size_t m = n - (size_t)(value - line);
    const rd_kafka_vu_t part[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = to },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { k ? line : NULL, k } },
        { .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { m ? value : NULL, m } },
    };
    rd_kafka_error_t *error;
    while ((error = rd_kafka_produceva(rk, part, 4)) != NULL) {
        lost += rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL;
        rd_kafka_error_destroy(error);
        if (lost > 0)
            return;
        rd_kafka_poll(rk, 100);
    }
    rd_kafka_poll(rk, 0);
}

static int put_all(rd_kafka_t *rk, const char *to)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        for (char *tab = line; (tab = strchr(tab, '\t')) != NULL;)
            *tab = '\n';
        put_line(rk, to, line, (size_t)n - (line[n - 1] == '\n'));
    }
    free(line);
    rd_kafka_flush(rk, WAIT_MS);
    return lost || rd_kafka_outq_len(rk) ? fail("put", "records were lost") : 0;
}

static int put_transaction(rd_kafka_t *rk, const char *to, bool commits)
{
    if (failed(rd_kafka_init_transactions(rk, WAIT_MS), "init") ||
        failed(rd_kafka_begin_transaction(rk), "begin") || put_all(rk, to))
        return 1;
    return commits ? failed(rd_kafka_commit_transaction(rk, WAIT_MS), "commit")
                   : failed(rd_kafka_abort_transaction(rk, WAIT_MS), "abort");
}

static int put(int argc, char **argv)
{
    const char *how = argc > 4 ? argv[4] : NULL;
    char id[64];
    if (argc < 4)
        return fail("put", "TOPIC [commit|abort]");
    snprintf(id, sizeof id, "put-%s", how ? how : "");
    rd_kafka_t *rk =
        client(RD_KAFKA_PRODUCER, argv[1],
               how ? "transactional.id" : "enable.idempotence",
               how ? id : "true"); /* brokers die meanwhile: once, in order */
    if (!rk)
        return 1;
    const int rc =
        how ? put_transaction(rk, argv[3], strcmp(how, "commit") == 0)
            : put_all(rk, argv[3]);
    rd_kafka_destroy(rk);
    return rc;
}

/* ---------------------------------------------------------------------- lag */

static int lag_of(rd_kafka_t *rk, const char *name, int partitions)
{
    int64_t low, high, sum = 0;
    bool known = true;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_topic_partition_list_add_range(list, name, 0, partitions - 1);
    rd_kafka_resp_err_t code = rd_kafka_committed(rk, list, WAIT_MS);
    for (int i = 0; !code && i < partitions; i++) {
        code =
            rd_kafka_query_watermark_offsets(rk, name, i, &low, &high, WAIT_MS);
        known = known && list->elems[i].offset >= 0;
        sum += high - list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return fail("lag", rd_kafka_err2str(code));
    if (known)
        printf("%lld\n", (long long)sum);
    else
        puts("?");
    return 0;
}

/* 0: there is no such topic, or it is not known. */
static int partitions_of(rd_kafka_t *rk, const char *name)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, name, NULL);
    int n = 0;
    if (!rd_kafka_metadata(rk, 0, rkt, &answer, WAIT_MS)) {
        n = answer->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(answer);
    }
    rd_kafka_topic_destroy(rkt);
    return n;
}

static int lag(int argc, char **argv)
{
    if (argc < 5)
        return fail("lag", "GROUP TOPIC");
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, argv[1], "group.id", argv[3]);
    if (!rk)
        return 1;
    const int n = partitions_of(rk, argv[4]);
    const int rc =
        n < 1 ? fail("lag", "no such topic") : lag_of(rk, argv[4], n);
    rd_kafka_destroy(rk);
    return rc;
}

/* Of all partitions, as readers of this isolation see their ends. Below 0: it is
 * not known. */
static int64_t ends(const char *brokers, const char *name,
                    const char *isolation)
{
    int64_t low, high, sum = 0;
    rd_kafka_t *rk =
        client(RD_KAFKA_CONSUMER, brokers, "isolation.level", isolation);
    if (!rk)
        return -1;
    const int n = partitions_of(rk, name);
    for (int i = 0; i < n && sum >= 0; i++)
        sum =
            rd_kafka_query_watermark_offsets(rk, name, i, &low, &high, WAIT_MS)
                ? -1
                : sum + high;
    rd_kafka_destroy(rk);
    return n > 0 ? sum : -1;
}

static int show_ends(int argc, char **argv)
{
    const int64_t all =
        argc > 3 ? ends(argv[1], argv[3], "read_uncommitted") : -1;
    if (all < 0)
        return fail("ends", "TOPIC, whose ends are known");
    printf("%lld\n", (long long)all);
    return 0;
}

static int open_records(int argc, char **argv)
{
    if (argc < 4)
        return fail("open", "TOPIC");
    const int64_t stable = ends(argv[1], argv[3], "read_committed");
    const int64_t all = ends(argv[1], argv[3], "read_uncommitted");
    if (stable < 0 || all < 0)
        return fail("open", "the ends of the topic are not known");
    printf("%lld\n", (long long)(all - stable));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } command[] = {
        { "topic", topic },    { "config", config },     { "delete", delete },
        { "deny", deny },      { "put", put },           { "lag", lag },
        { "ends", show_ends }, { "open", open_records },
    };
    for (size_t i = 0; argc > 2 && i < sizeof command / sizeof *command; i++)
        if (strcmp(argv[2], command[i].name) == 0)
            return command[i].run(argc, argv);
    return fail("usage",
                "BROKERS topic|config|delete|deny|put|lag|ends|open ...");
}
