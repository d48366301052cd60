/* data/convert.h - rows of an older version of a type as rows of the present
 * one: by the names of their leaves. Missing ones are zero, surplus ones are
 * dropped, numbers are widened, char[N] grows; anything else is refused in
 * words. The rules are those of the public documentation (docs/upgrade.md). */
#ifndef RIV_DATA_CONVERT_H
#define RIV_DATA_CONVERT_H

#include "data/schema.h"
#include "data/upgrade.h"

struct riv_convert;

/* What a change of fields means. */
enum riv_change {
    RIV__CHANGE_NONE,    /* the same fields in the same order */
    RIV__CHANGE_FIELDS,  /* converted; `notes` says what */
    RIV__CHANGE_REFUSED, /* `notes` says why not */
};

/* Compares; *ret is owned by the arena, NULL unless FIELDS. The notes are text,
 * one line a field: "field total: i32 becomes i64". */
int riv__convert_make(struct riv_arena *arena, const struct riv_schema *old,
                      const struct riv_layout *now, enum riv_change *ret_change,
                      const struct riv_convert **ret, struct riv_buf *notes,
                      struct riv_err *err) RIV__MUST_USE;

/* The same for an older version of the type: its fields become those of the
 * oldest type that `upgrade` knows, and its functions do the rest. FIELDS or
 * REFUSED; the notes are of that type's fields. */
int riv__convert_upgrade(struct riv_arena *arena, const struct riv_schema *old,
                         struct riv_upgrade *upgrade,
                         enum riv_change *ret_change,
                         const struct riv_convert **ret, struct riv_buf *notes,
                         struct riv_err *err) RIV__MUST_USE;

/* Who calls the functions of such an upgrade; does nothing for any other, and
 * for NULL. Before the first row is read. */
void riv__convert_user(const struct riv_convert *convert, riv__upgrade_fn *call,
                       void *arg);

/* Reads a row that was written by the old type into `row`, zeroed before, of
 * the present layout. convert NULL: it was written by the same. As
 * riv__decode_row otherwise; also NULL when a function of an upgrade fails, err
 * then has its code. */
const char *riv__convert_decode(const struct riv_convert *convert,
                                const struct riv_layout *now, const char *p,
                                const char *end, void *row,
                                struct riv_err *err);

#endif
