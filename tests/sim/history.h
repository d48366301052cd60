/* sim/history.h - what the folders of a durable job show, over all its lives: its
 * batches one by one, each record once, and every operator's rows as the model
 * has them. A file that was once seen under its own name never changes. */
#ifndef RIV_SIM_HISTORY_H
#define RIV_SIM_HISTORY_H

#include "sim/check.h"

/* Reads the records that are there, in order; hidden: also those in files that
 * are not complete. Then check_has_all and check_end say what is missing. */
void history_records(struct check *c, bool hidden);
/* All batches that are there, from the first to the last. The job has ended
 * well, so nothing may be left in files that are not complete. */
void history_check(struct check *c);
/* Notes every complete file; a word of what is wrong in w->failure when one of
 * those noted before is another now. Also outside of world_run. */
void history_note(struct world *w);

#endif
