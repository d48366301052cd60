/* api/table.h - lookup tables of a context, for the files of this folder. */
#ifndef RIV_API_TABLE_H
#define RIV_API_TABLE_H

#include "api/context.h"

/* Loads those that are not loaded yet; before tasks run. @thread driver */
int riv__tables_load(riv *r, struct riv_err *err) RIV__MUST_USE;
/* A batch begins: loads those anew whose files have changed. @thread driver */
void riv__tables_check(riv *r);
void riv__tables_free(riv *r);

#endif
