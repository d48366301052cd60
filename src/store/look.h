/* store/look.h - what a journal's files look like before SQLite sees them. It
 * would take an empty database for a new one, and a damaged log for none, and
 * then delete it (rule J1). Reads with descriptors of its own, closed again.
 * @thread owner. */
#ifndef RIV_STORE_LOOK_H
#define RIV_STORE_LOOK_H

#include "store/place.h"

enum {
    RIV__LOOK_APP_ID = 0x5249564a, /* "RIVJ" in the database's header */
};

struct riv_look {
    uint32_t page_bytes;
    uint32_t format;
    uint64_t db_bytes, wal_bytes;
    bool wal_is_damaged; /* its header is not one; whether that lost anything
                            the head mark says */
};

/* RIV_ECHECKPOINT: not a journal, cut, of a newer release (format above
 * `format_max`), or a rollback journal beside it; RIV_EPERM: others may write
 * one of the files. */
int riv__look(const struct riv_place *place, uint32_t format_max,
              struct riv_look *ret, struct riv_err *err) RIV__MUST_USE;

#endif
