/* stream/recovery.h - a run with a state directory begins: the journal is
 * opened, the program compared with the one that wrote it, state loaded, files
 * finished, sources put where they stood. Nothing outside changes before all
 * of it is known to fit, but for outputs that were promised already. */
#ifndef RIV_STREAM_RECOVERY_H
#define RIV_STREAM_RECOVERY_H

#include "stream/generator.h"
#include "stream/recovering.h"

struct riv_recovery_spec {
    struct riv_exec *exec;
    riv__recovery_say_fn *say;
    void *arg;
};

/* Opens the journal of conf->state_dir; before the plan is made, since names of
 * files have the journal's id in them. */
int riv__durable_open(struct riv_durable *durable,
                      const struct riv_recovery_spec *spec, struct riv_err *err)
    RIV__MUST_USE;

/* The inputs are open, the outputs have started: all is put where the journal
 * says, the storage thread begins. gen->time is that of the last batch. */
int riv__durable_recover(struct riv_durable *durable,
                         const struct riv_recovery_spec *spec,
                         struct riv_generator *gen, struct riv_err *err)
    RIV__MUST_USE;

#endif
