/* stream/runners.h - the operators that remember earlier batches: windows and
 * state. api/builtin.c lists them by the kinds they run. */
#ifndef RIV_STREAM_RUNNERS_H
#define RIV_STREAM_RUNNERS_H

#include "exec/op.h"

extern const struct riv_op_ops riv__run_window;
extern const struct riv_op_ops riv__run_fold_window; /* all that fold */
extern const struct riv_op_ops riv__run_state; /* both kinds of functions */
extern const struct riv_op_ops riv__run_snapshots;

#endif
