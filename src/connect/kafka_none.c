/* connect/kafka_none.c - kafka:// in a build without the client library: says
 * what is missing. */
#include "connect/kafka_name.h"
#include "connect/sinks.h"
#include "connect/sources.h"

static int no_kafka(struct riv_err *err)
{
    return riv__err_set(err, RIV_EINVAL,
                        "this build has no Kafka: install librdkafka-dev and "
                        "build again (meson option -Dkafka=enabled)");
}

static int none_open(struct riv_input *input, struct riv_err *err)
{
    (void)input;
    return no_kafka(err);
}

static int none_cut(struct riv_input *input, struct riv_cut *cut,
                    struct riv_err *err)
{
    (void)cut;
    return none_open(input, err);
}

static void none_close(struct riv_input *input)
{
    (void)input;
}

const struct riv_source_ops riv__source_kafka = {
    .name = "kafka",
    .input_size = sizeof(struct riv_input),
    .flags = RIV__SOURCE_KAFKA,
    .open = none_open,
    .cut = none_cut,
    .close = none_close,
};

static int sink_open(struct riv_sink *sink, struct riv_err *err)
{
    (void)sink;
    return no_kafka(err);
}

static int sink_write(struct riv_sink *sink, const char *p, size_t n,
                      struct riv_err *err)
{
    (void)p, (void)n;
    return sink_open(sink, err);
}

static void sink_close(struct riv_sink *sink)
{
    (void)sink;
}

const struct riv_sink_ops riv__sink_kafka = {
    .name = "kafka",
    .sink_size = sizeof(struct riv_sink),
    .open = sink_open,
    .write = sink_write,
    .close = sink_close,
};

bool riv__kafka_name(char *dst, size_t room)
{
    (void)dst, (void)room;
    return false;
}
