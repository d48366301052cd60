/* kafka/bare.c - the limit of a Kafka source: a loop over the client library's
 * batch consumption that adds up lengths and does nothing else. Fills topics,
 * too. The settings of the loop are those that Rivulet's source has: checked
 * sums, only committed records, no commits by itself, the same queues and sizes of
 * fetches, with which the loop is faster than with the library's own.
 *
 *   kafka-bare BROKERS fill TOPIC RECORDS BYTES PARTITIONS [SKEW]
 *       values of so many letters; SKEW: partition 0 has so many times what each
 *       other has
 *   kafka-bare BROKERS pack TOPIC FILE BYTES PARTITIONS
 *       lines of a file, so many bytes of them in a message
 *   kafka-bare BROKERS rate TOPIC FILE PER_SECOND SECONDS PARTITIONS
 *       events of a file (gen events) at an even pace, event_time being now
 *   kafka-bare BROKERS watch TOPIC SECONDS
 *       of what comes and is committed, "...,TIME": "RECORDS P50 P99 MAX", in ms
 *       behind that time
 *   kafka-bare BROKERS read TOPIC   "RECORDS BYTES SECONDS", from the first record:
 *       an older library takes up to a second until that */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 256, WAIT_MS = 60000, VALUE_MAX = 1 << 20 };

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "kafka-bare: %s: %s\n", what, why);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers,
                          const char *const (*set)[2])
{
    char why[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
    for (; (*set)[0]; set++)
        if (rd_kafka_conf_set(conf, (*set)[0], (*set)[1], why, sizeof why))
            die((*set)[0], why);
    rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof why);
    if (!rk)
        die("no client", why);
    return rk;
}

/* --------------------------------------------------------------------- fill */

static rd_kafka_t *producer(const char *brokers)
{
    static const char *const set[][2] = {
        { "linger.ms", "20" },
        { "batch.size", "1000000" },
        { "queue.buffering.max.messages", "200000" },
        { NULL, NULL },
    };
    return client(RD_KAFKA_PRODUCER, brokers, set);
}

static void put(rd_kafka_t *rk, const char *topic, int part, char *p, size_t n)
{
    const rd_kafka_vu_t record[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic },
        { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = part },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { p, n } },
    };
    rd_kafka_error_t *error;
    while ((error = rd_kafka_produceva(rk, record, 4)) != NULL) {
        if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            die(topic, rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
        rd_kafka_poll(rk, 50);
    }
    rd_kafka_poll(rk, 0);
}

static int done(rd_kafka_t *rk)
{
    if (rd_kafka_flush(rk, WAIT_MS))
        die("flush", "it took over a minute");
    rd_kafka_destroy(rk);
    return 0;
}

/* Partitions in turn; with a skew partition 0 has its share of each round. */
static int fill(const char *brokers, char **arg, int narg)
{
    const long records = strtol(arg[1], NULL, 10);
    const size_t bytes = strtoul(arg[2], NULL, 10);
    const int parts = (int)strtol(arg[3], NULL, 10);
    const int skew = narg > 4 ? (int)strtol(arg[4], NULL, 10) : 1;
    char *value = malloc(bytes + 1);
    rd_kafka_t *rk = producer(brokers);
    unsigned x = 1;
    for (size_t i = 0; i < bytes; i++) {
        x = x * 1103515245 + 12345;
        value[i] = (char)('a' + (x >> 16) % 26);
    }
    for (long i = 0; i < records; i++) {
        const long at = i % (skew + parts - 1);
        put(rk, arg[0], at < skew ? 0 : (int)(at - skew + 1), value, bytes);
    }
    free(value);
    return done(rk);
}

static int pack(const char *brokers, char **arg, int narg)
{
    (void)narg;
    const size_t bytes = strtoul(arg[2], NULL, 10);
    const int parts = (int)strtol(arg[3], NULL, 10);
    char *block = malloc(VALUE_MAX), *line = NULL;
    FILE *file = fopen(arg[1], "r");
    size_t used = 0, cap = 0;
    ssize_t n;
    int part = 0;
    if (!file)
        die(arg[1], "cannot be opened");
    rd_kafka_t *rk = producer(brokers);
    while ((n = getline(&line, &cap, file)) > 0) {
        if (used > 0 && used + (size_t)n > bytes) {
            put(rk, arg[0], part++ % parts, block, used);
            used = 0;
        }
        memcpy(block + used, line, (size_t)n);
        used += (size_t)n;
    }
    if (used > 0)
        put(rk, arg[0], part % parts, block, used);
    fclose(file);
    free(line);
    free(block);
    return done(rk);
}

/* --------------------------------------------------------------------- read */

static int parts_of(rd_kafka_t *rk, const char *topic)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    if (rd_kafka_metadata(rk, 0, rkt, &answer, WAIT_MS))
        die(topic, "no metadata");
    const int n = answer->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(answer);
    rd_kafka_topic_destroy(rkt);
    return n;
}

static int read_all(const char *brokers, char **arg, int narg)
{
    static const char *const set[][2] = {
        { "group.id", "bare" },
        { "enable.auto.commit", "false" },
        { "auto.offset.reset", "error" },
        { "enable.partition.eof", "true" },
        { "check.crcs", "true" },
        { "isolation.level", "read_committed" },
        { "queued.max.messages.kbytes", "8192" },
        { "fetch.max.bytes", "16777216" },
        { "fetch.wait.max.ms", "100" },
        { NULL, NULL },
    };
    (void)narg;
    static rd_kafka_message_t *msg[BATCH];
    double since = 0;
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, brokers, set);
    rd_kafka_poll_set_consumer(rk);
    int left = parts_of(rk, arg[0]);
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(left);
    for (int i = 0; i < left; i++)
        rd_kafka_topic_partition_list_add(list, arg[0], i)->offset = 0;
    rd_kafka_assign(rk, list);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
    long records = 0;
    unsigned long bytes = 0;
    while (left > 0) {
        const ssize_t n = rd_kafka_consume_batch_queue(queue, 1000, msg, BATCH);
        if (records == 0 && n > 0)
            since = now();
        for (ssize_t i = 0; i < n; i++) {
            left -= msg[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
            records += !msg[i]->err;
            bytes += msg[i]->err ? 0 : msg[i]->len;
            rd_kafka_message_destroy(msg[i]);
        }
    }
    printf("%ld %lu %.3f\n", records, bytes, now() - since);
    fflush(stdout);
    _Exit(0); /* what ends a client is no part of the loop */
}

/* ------------------------------------------------------------------ latency */

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Of one millisecond after another; what a pause has missed comes at once. */
static int rate(const char *brokers, char **arg, int narg)
{
    static const char time_name[] = "\"event_time\":";
    const long per_second = strtol(arg[2], NULL, 10);
    const long seconds = strtol(arg[3], NULL, 10);
    const int parts = (int)strtol(arg[4], NULL, 10);
    char *line = NULL, digits[16];
    size_t cap = 0;
    long sent = 0;
    (void)narg;
    FILE *file = fopen(arg[1], "r");
    if (!file)
        die(arg[1], "cannot be opened");
    rd_kafka_t *rk = producer(brokers);
    const double since = now();
    while (sent < per_second * seconds) {
        const long due = (long)((now() - since) * (double)per_second);
        for (; sent < due; sent++) {
            ssize_t n = getline(&line, &cap, file);
            if (n <= 0 && fseek(file, 0, SEEK_SET) == 0)
                n = getline(&line, &cap, file);
            char *at = n > 0 ? strstr(line, time_name) : NULL;
            if (!at)
                die(arg[1], "has no event_time");
            snprintf(digits, sizeof digits, "%013lld", now_ms());
            memcpy(at + sizeof time_name - 1, digits, 13);
            put(rk, arg[0], (int)(sent % parts), line, (size_t)n - 1);
        }
        rd_kafka_poll(rk, 0);
        wait_ms(1);
    }
    fclose(file);
    free(line);
    return done(rk);
}

static long quantile(const long *count, long n, double part)
{
    long i = 0, sum = 0;
    for (; sum + count[i] <= (long)(part * (double)n); i++)
        sum += count[i];
    return i;
}

static int watch(const char *brokers, char **arg, int narg)
{
    static const char *const set[][2] = {
        { "group.id", "watch" },
        { "enable.auto.commit", "false" },
        { "auto.offset.reset", "latest" },
        { "fetch.wait.max.ms", "20" },
        { "isolation.level", "read_committed" },
        { NULL, NULL },
    };
    enum { MOST_MS = 60000 };
    static long count[MOST_MS + 1];
    char value[64];
    long n = 0, most = 0;
    (void)narg;
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, brokers, set);
    rd_kafka_poll_set_consumer(rk);
    const int parts = parts_of(rk, arg[0]);
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(parts);
    for (int i = 0; i < parts; i++)
        rd_kafka_topic_partition_list_add(list, arg[0], i)->offset =
            RD_KAFKA_OFFSET_END;
    rd_kafka_assign(rk, list);
    const double until = now() + strtod(arg[1], NULL);
    while (now() < until) {
        rd_kafka_message_t *msg = rd_kafka_consumer_poll(rk, 100);
        if (msg && !msg->err && msg->len < sizeof value) {
            memcpy(value, msg->payload, msg->len);
            value[msg->len] = '\0';
            const char *comma = strchr(value, ',');
            const long long ms =
                now_ms() - (comma ? strtoll(comma + 1, NULL, 10) : 0);
            const long at = ms < 0 ? 0 : ms > MOST_MS ? MOST_MS : (long)ms;
            count[at]++;
            most = at > most ? at : most;
            n++;
        }
        if (msg)
            rd_kafka_message_destroy(msg);
    }
    printf("%ld %ld %ld %ld\n", n, quantile(count, n, 0.5),
           quantile(count, n, 0.99), most);
    fflush(stdout);
    _Exit(0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int args;
        int (*run)(const char *brokers, char **arg, int narg);
    } command[] = {
        { "fill", 4, fill }, { "pack", 4, pack },   { "read", 1, read_all },
        { "rate", 5, rate }, { "watch", 2, watch },
    };
    for (size_t i = 0; argc > 3 && i < sizeof command / sizeof *command; i++)
        if (strcmp(argv[2], command[i].name) == 0 &&
            argc - 3 >= command[i].args)
            return command[i].run(argv[1], argv + 3, argc - 3);
    die("usage", "BROKERS fill|pack|read TOPIC ...");
}
