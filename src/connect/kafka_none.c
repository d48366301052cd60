/* connect/kafka_none.c - kafka:// in a build without the client library: says
 * what is missing. */
#include "connect/sources.h"

static int none_open(struct riv_input *input, struct riv_err *err)
{
    (void)input;
    return riv__err_set(err, RIV_EINVAL,
                        "this build has no Kafka: install librdkafka-dev and "
                        "build again (meson option -Dkafka=enabled)");
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
