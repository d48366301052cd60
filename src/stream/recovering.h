/* stream/recovering.h - what the steps of a recovery share while it goes on: the
 * run that is being put together, who is who in the journal, and where lines for
 * people go. @thread driver */
#ifndef RIV_STREAM_RECOVERING_H
#define RIV_STREAM_RECOVERING_H

#include "stream/durable.h"
#include "stream/match.h"

/* What the recovery says: lines for the log. */
typedef void riv__recovery_say_fn(void *arg, int level, const char *text);

struct riv_recovering {
    struct riv_durable *durable;
    riv__recovery_say_fn *say; /* or NULL */
    void *arg;
    struct riv_matches matches;
};

void riv__recovering_say(const struct riv_recovering *rec, int level,
                         const char *fmt, ...) RIV__FORMAT(3, 4);

/* That of a node of the program; there is one for each that was asked for. */
const struct riv_match *riv__recovering_match(const struct riv_recovering *rec,
                                              enum riv_node_role role,
                                              const riv_ds *ds);

int riv__recovering_no_memory(struct riv_err *err);

#endif
