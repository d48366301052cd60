/* api/text.c - the public helpers for parsing without copying. */
#include <string.h>

#include "base/num.h"
#include "data/csv.h"
#include "exec/chain.h"
#include "exec/step.h"

/* Apart, since a local whose address is taken costs every call a guard of the
 * stack. */
__attribute__((noinline)) static bool skip_field(riv_str *rest, char sep)
{
    riv_str skipped;
    return riv_cut(rest, sep, &skipped);
}

bool riv_cut(riv_str *rest, char sep, riv_str *field)
{
    if (!rest->p)
        return false;
    if (RIV__RARELY(!field))
        return skip_field(rest, sep);
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    if (!at) {
        *field = *rest;
        *rest = (riv_str){ NULL, 0 };
        return true;
    }
    size_t n = (size_t)(at - rest->p);
    *field = (riv_str){ rest->p, n };
    *rest = (riv_str){ at + 1, rest->n - n - 1 };
    return true;
}

/* Is it a number at all? Apart for the same reason. */
__attribute__((noinline)) static bool is_i64(riv_str s)
{
    int64_t v;
    return riv__num_i64(s, &v);
}

__attribute__((noinline)) static bool is_f64(riv_str s)
{
    double v;
    return riv__num_f64(s, &v);
}

bool riv_to_i64(riv_str s, int64_t *v)
{
    return RIV__LIKELY(v) ? riv__num_i64(s, v) : is_i64(s);
}

bool riv_to_f64(riv_str s, double *v)
{
    return RIV__LIKELY(v) ? riv__num_f64(s, v) : is_f64(s);
}

/* The reason becomes the record's, so that `return RIV_ERECORD` has words. */
bool riv_from_csv(riv_str line, char sep, const riv_type *type, void *row,
                  riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_err err = { 0 };
    int rc = 0;
    if (!type || !row) {
        riv_fail(t, "riv_from_csv: no type, or no place for its record");
        return false;
    }
    if (step->csv_type != type) {
        riv__arena_reset(&step->csv_arena, 4096);
        step->csv_type = NULL;
        rc = riv__layout_make(&step->csv_arena, type, &step->csv_layout, &err);
        if (rc == 0)
            step->csv_type = type;
    }
    if (rc == 0)
        rc =
            riv__csv_read(step->csv_layout, line, sep, row, &step->arena, &err);
    if (rc < 0)
        riv_fail(t, "%s", err.text);
    return rc == 0;
}

bool riv_from_json(riv_str line, const riv_type *type, void *row, riv_task *t)
{
    struct riv_err err = { 0 };
    if (!type || !row) {
        riv_fail(t, "riv_from_json: no type, or no place for its record");
        return false;
    }
    int rc = riv__step_json(riv__step_of(t), type, line, row, &err);
    if (rc < 0)
        riv_fail(t, "%s", err.text);
    return rc == 0;
}
