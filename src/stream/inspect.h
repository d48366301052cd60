/* stream/inspect.h - what a state directory says, without the program that wrote
 * it: an overview, or one node's rows as CSV. The journal is opened to read.
 * `rivulet inspect DIR [UID]`. */
#ifndef RIV_STREAM_INSPECT_H
#define RIV_STREAM_INSPECT_H

#include <rivulet.h>

#include "base/buf.h"
#include "conf/settings.h"
#include "store/journal.h"

struct riv_inspect {
    struct riv_sys *sys;
    const struct riv_settings *conf; /* state_dir names the directory */
    const char *uid; /* of an input, an operator or an output, or its number;
                        NULL: an overview */
    riv_write_fn *write;
    void *arg;
};

/* RIV_ENOINPUT: no such directory, journal, or node; RIV_EBUSY: a job runs on
 * it; RIV_ECHECKPOINT: it is damaged. */
int riv__inspect(const struct riv_inspect *inspect, struct riv_err *err)
    RIV__MUST_USE;

/* For inspect.c: the state of an operator as CSV, with a line of names. */
int riv__inspect_state(const struct riv_inspect *inspect,
                       struct riv_journal *journal,
                       const struct riv_node_row *node, struct riv_err *err)
    RIV__MUST_USE;

#endif
