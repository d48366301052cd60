/* api/cli_stop.h - a process of our own and the signals that end it: a thread
 * waits for them while the job runs. The first drains, the second leaves at
 * once; what takes longer than stop.timeout is left, too. It also tells the
 * service manager, where there is no supervisor that does. */
#ifndef RIV_API_CLI_STOP_H
#define RIV_API_CLI_STOP_H

#include <signal.h>

#include "api/context.h"

struct riv_stopper {
    sigset_t set;
    struct riv_thread thread;
    _Atomic(riv *) r; /* NULL: the run is over */
    /* of the thread */
    int asked;                     /* by signals of its own */
    bool drains;                   /* the job has been told */
    int64_t give_up_ns;            /* INT64_MAX: never */
    int64_t ping_ns, ping_step_ns; /* the service manager's; INT64_MAX: none */
    struct {
        int number, pid;
        int64_t at_ns;
    } last;
};

/* The job is built and about to run. */
int riv__stopper_start(struct riv_stopper *stopper, riv *r, struct riv_err *err)
    RIV__MUST_USE;
void riv__stopper_join(struct riv_stopper *stopper);

#endif
