/* store/check.h - a journal looked through without changing a byte: what fsck
 * does. SQLite opens it through a file system that only reads (store/vfs.h), so
 * no copy is needed. */
#ifndef RIV_STORE_CHECK_H
#define RIV_STORE_CHECK_H

#include "store/journal.h"

/* What a table holds, by its tally. */
typedef void riv__table_fn(void *arg, const char *table, uint64_t rows);

struct riv_check_spec {
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *dir;
    riv__table_fn *table; /* each table, when it can be opened; may be NULL */
    riv__finding_fn *report; /* each finding in words */
    void *arg;
};

/* The number of findings; 0: an ordinary start succeeds. RIV_ENOINPUT: there is
 * no journal; RIV_EBUSY: a job is running on it; RIV_EPERM, RIV_EIO,
 * RIV_ENOMEM. */
int riv__check_dir(const struct riv_check_spec *spec, struct riv_err *err)
    RIV__MUST_USE;

#endif
