/* connect/sources.c - the array of kinds: a new source is a file and a line
 * here. Their names stand in this order in messages. */
#include "connect/sources.h"

const struct riv_source_ops *const riv__sources[] = {
    &riv__source_file,   &riv__source_pipe,    &riv__source_tail,
    &riv__source_dir,    &riv__source_tcp,     &riv__source_listen,
    &riv__source_replay, &riv__source_demo,    &riv__source_kafka,
    &riv__source_queue,  &riv__source_receive, NULL,
};
