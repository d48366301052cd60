/* store/schema.h - the tables of a new database, and whether an old one has
 * exactly these. @thread owner. */
#ifndef RIV_STORE_SCHEMA_H
#define RIV_STORE_SCHEMA_H

#include "store/db.h"

/* In the open transaction: tables, application id, format. */
int riv__schema_create(struct riv_db *db, uint32_t format, struct riv_err *err)
    RIV__MUST_USE;
/* The database has the tables of this release, and nothing else: no trigger,
 * view or index can be hidden in it. RIV_ECHECKPOINT. */
int riv__schema_compare(struct riv_db *db, struct riv_err *err) RIV__MUST_USE;

#endif
