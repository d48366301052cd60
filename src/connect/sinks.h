/* connect/sinks.h - the kinds of sinks this version has. api/workers.c hands the
 * array to exec; tests take it, too. */
#ifndef RIV_CONNECT_SINKS_H
#define RIV_CONNECT_SINKS_H

#include "io/sink.h"

extern const struct riv_sink_ops riv__sink_file, riv__sink_dir, riv__sink_kafka;
/* NULL-terminated: that of paths, that of folders, the others. */
extern const struct riv_sink_ops *const riv__sinks[];

#endif
