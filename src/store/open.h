/* store/open.h - from a state directory to an open journal, and the words of a
 * refusal. Only for src/store. @thread owner. */
#ifndef RIV_STORE_OPEN_H
#define RIV_STORE_OPEN_H

#include "store/inside.h"

/* Everything of riv__journal_open but the first mark. `journal` is zeroed;
 * riv__journal_abandon follows a failure. */
int riv__open_all(struct riv_journal *journal,
                  const struct riv_journal_spec *spec, struct riv_err *err)
    RIV__MUST_USE;
/* Nothing is written, the files stay as they are: for fsck. */
int riv__open_to_read(struct riv_journal *journal,
                      const struct riv_journal_spec *spec, struct riv_err *err)
    RIV__MUST_USE;
/* "state directory DIR: why; what to do"; returns rc. */
int riv__open_refuse(const char *dir, int rc, const struct riv_err *why,
                     struct riv_err *err);

#endif
