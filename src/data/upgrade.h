/* data/upgrade.h - from a value of an older version of a type (RIV_STRUCT_V) to
 * one of the present: the functions of RIV_UPGRADE, one after the other. Part of
 * reading states of another program: data/convert.h is the caller. One thread
 * at a time: the rows in between are the object's own. */
#ifndef RIV_DATA_UPGRADE_H
#define RIV_DATA_UPGRADE_H

#include "data/layout.h"

enum { RIV__UPGRADES_MAX = 64 }; /* versions one behind the other */

struct riv_upgrade;

/* Calls the kernel of a RIV_UPGRADE for one row. Strings of `out` live as long
 * as the caller of the conversion needs them. */
typedef int riv__upgrade_fn(void *arg, const riv_fn *fn, const void *in,
                            void *out, struct riv_err *err);

/* The version of a type: of a pair that of its value, of a plain one 0. */
uint32_t riv__type_version(const riv_type *type);

/* The function that makes a value of this type of an older one; NULL: none. */
const riv_fn *riv__type_from(const riv_type *type);

/* Are the versions below the type well made? RIV_ETYPE. */
int riv__upgrade_check(const riv_type *type, struct riv_err *err) RIV__MUST_USE;

/* The way from a version to the type, which is well made; owned by the arena.
 * *ret NULL: there is none. */
int riv__upgrade_make(struct riv_arena *arena, const riv_type *type,
                      uint32_t version, struct riv_upgrade **ret,
                      struct riv_err *err) RIV__MUST_USE;

/* Who calls the functions. Before the first run. */
void riv__upgrade_user(struct riv_upgrade *upgrade, riv__upgrade_fn *call,
                       void *arg);

/* The layout of the oldest, and a row of it, which is zeroed first. */
const struct riv_layout *riv__upgrade_layout(const struct riv_upgrade *upgrade);
void *riv__upgrade_row(struct riv_upgrade *upgrade);

/* What is in that row becomes the `row` of the present layout, zeroed before.
 * 0, or what the function said. */
int riv__upgrade_run(struct riv_upgrade *upgrade, void *row,
                     struct riv_err *err) RIV__MUST_USE;

#endif
