/* exec/bad.c - a record that its function refused: what it emitted is taken
 * back, then the operator's policy decides. The good path never comes here. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "data/text.h"
#include "exec/refused.h"
#include "exec/user.h"
#include "graph/ops.h"

enum { SHOW_MAX = 160, RAW_MAX = 64 * 1024 };

static riv_str csv_text(const struct riv_layout *layout, const void *row,
                        struct riv_buf *buf)
{
    if (layout->type->kind == RIV_K_STR)
        return *(const riv_str *)row;
    riv__csv_write(layout, row, ',', buf);
    if (buf->n > 0 && buf->p[buf->n - 1] == '\n')
        buf->n--;
    return (riv_str){ buf->p, buf->n };
}

static bool keeps_state(const riv_ds *ds)
{
    return ds->kind == &riv__kind_map_with_state ||
           ds->kind == &riv__kind_update_state;
}

/* Of state: the record, which begins with its key; without one (a time-out, a
 * key nothing came for) or with several the key. */
static riv_str group_text(const riv_ds *ds, const riv_group *group,
                          struct riv_buf *buf)
{
    const struct riv_state_param *param = ds->param;
    if (!keeps_state(ds))
        return riv_cstr("(a group)");
    if (ds->kind == &riv__kind_map_with_state && group->a)
        return csv_text(ds->parent[0]->layout, group->key, buf);
    return csv_text(param->key, group->key, buf);
}

/* The refused input as text: a line as it is, a row as CSV. */
static riv_str row_text(struct riv_step *step, const void *row,
                        struct riv_buf *buf)
{
    if (!row)
        return riv_cstr("(end of the partition)");
    if (step->ds->kind->role == RIV__ROLE_GROUPS)
        return group_text(step->ds, row, buf);
    return csv_text(step->ds->parent[0]->layout, row, buf);
}

/* Tells the op behind the step, which then leaves the group's state alone. */
static void group_mark(const void *row)
{
    union {
        const void *row;
        riv_group *group; /* the scan's own */
    } cast = { row };
    cast.group->flags |= RIV__GROUP_FAILED;
}

static int fail_job(struct riv_step *step, riv_str raw, int rc)
{
    char show[256], record[SHOW_MAX];
    riv__ds_show(step->ds, show, sizeof show);
    riv__str_show(record, sizeof record, raw);
    return riv__chain_fail(
        step->chain, rc,
        "%s: record failed: %s; the record: %s (source %s, "
        "at or after byte %llu); .on_error = RIV_SKIP or RIV_DEAD_LETTER lets "
        "the job go on",
        show, step->why[0] ? step->why : "no reason given", record,
        step->chain->source ? step->chain->source : "-",
        (unsigned long long)step->chain->offset);
}

static bool in_lines(const struct riv_chain *chain, const char *p)
{
    return chain->lines && (uintptr_t)p >= (uintptr_t)chain->lines &&
           (uintptr_t)p <= (uintptr_t)chain->end;
}

/* Where the record begins in the source. A row of other fields is found by its
 * strings, which point into its line; one without such has no place: -1. */
static int64_t offset_of(const struct riv_step *step, const void *row,
                         riv_str raw)
{
    const struct riv_chain *chain = step->chain;
    if (in_lines(chain, raw.p))
        return (int64_t)chain->offset + (raw.p - chain->lines);
    if (!row || step->ds->kind->role == RIV__ROLE_GROUPS)
        return -1;
    const struct riv_layout *in = step->ds->parent[0]->layout;
    for (uint32_t i = 0; i < in->nstr; i++) {
        riv_str s = RIV__LOAD(riv_str, (const char *)row + in->str_offset[i]);
        if (!in_lines(chain, s.p))
            continue;
        while (s.p > chain->lines && s.p[-1] != '\n')
            s.p--;
        return (int64_t)chain->offset + (s.p - chain->lines);
    }
    return -1;
}

static int hand_over(struct riv_step *step, const void *row, riv_str raw)
{
    struct riv_chain *chain = step->chain;
    const char *source = chain->source ? chain->source : "";
    riv_bad_record bad = {
        .raw = raw,
        .reason = riv_cstr(step->why),
        .uid = riv_cstr(riv__ds_name(step->ds)),
        .source = riv_cstr(source),
        .offset = offset_of(step, row, raw),
        .time = chain->time,
    };
    return riv__chain_follow(chain, step->def->bad, step->def->nbad, &bad, 1);
}

/* Noted for the listener, if there is one, and counted. One more than errors.max
 * allows, in all batches together, ends the job: what other tasks of the wave
 * refuse is added when it is over. */
static int count(struct riv_step *step, riv_str raw)
{
    struct riv_exec *exec = step->chain->exec;
    struct riv_refused *refused = step->chain->refused;
    char show[256], record[SHOW_MAX];
    const int64_t most = exec->conf->letters_max;
    if (exec->refused)
        riv__refused_add(refused, step->ds, raw, step->why);
    else
        refused->count++;
    if (most == 0 || exec->nbad + (int64_t)refused->count <= most)
        return 0;
    riv__ds_show(step->ds, show, sizeof show);
    riv__str_show(record, sizeof record, raw);
    return riv__chain_fail(step->chain, RIV_ERECORD,
                           "more than %lld bad records (errors.max); the last, "
                           "in %s: %s; the record: %s",
                           (long long)most, show,
                           step->why[0] ? step->why : "no reason given",
                           record);
}

/* The policies that let the job go on. */
static int set_aside(struct riv_step *step, const void *row, riv_str raw)
{
    RIV__TRY(count(step, raw));
    return hand_over(step, row, raw);
}

int riv_task_bad(riv_task *t, const void *row, int rc)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_chain *chain = step->chain;
    if (!chain) /* no task: whoever called the kernel decides */
        return rc;
    if (chain->rc != 0)
        return chain->rc;
    if (step->takes_back)
        t->cur = t->mark;
    if (rc != RIV_ERECORD) {
        char show[256];
        return riv__chain_fail(
            chain, rc < 0 ? rc : RIV_EFATAL, "%s: %s%s (it returned %d)",
            riv__ds_show(step->ds, show, sizeof show),
            rc < 0 ? "the function stopped the job: "
                   : "a function returns 0, riv_fail or riv_die",
            step->why, rc);
    }
    struct riv_buf buf;
    riv__buf_init(&buf, RAW_MAX);
    riv_str raw = row_text(step, row, &buf);
    if (row && step->ds->kind->role == RIV__ROLE_GROUPS)
        group_mark(row);
    step->bad++;
    rc = step->ds->on_error == RIV_FAIL_JOB ? fail_job(step, raw, RIV_ERECORD)
                                            : set_aside(step, row, raw);
    step->why[0] = '\0';
    riv__buf_fini(&buf);
    return rc;
}
