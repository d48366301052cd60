/* connect/sinks.c - the array of kinds: a new sink is a file and a line here. Paths
 * and folders have no name in front, so that theirs come first. */
#include "connect/sinks.h"

const struct riv_sink_ops *const riv__sinks[] = {
    &riv__sink_file,
    &riv__sink_dir,
    &riv__sink_kafka,
    NULL,
};
