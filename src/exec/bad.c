/* exec/bad.c - a record that its function refused: what it emitted is taken
 * back, then the operator's policy decides; or one that an operator cannot take,
 * for its key. The good path never comes here. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "data/table.h"
#include "data/text.h"
#include "exec/refused.h"
#include "exec/user.h"
#include "exec/where.h"
#include "graph/ops.h"

enum { SHOW_MAX = 160, RAW_MAX = 16 * 1024 * 1024 };

/* What is refused, by whom, and where its dead letter goes. */
struct refusing {
    struct riv_chain *chain;
    const riv_ds *ds;
    const char *why;
    struct riv_where_of of;
    const struct riv_edge *edge;
    uint32_t nedge;
};

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

static int fail_job(const struct refusing *r)
{
    char show[256], record[SHOW_MAX];
    struct riv_where where;
    riv__where_find(r->chain, &r->of, &where);
    riv__where_fini(&where); /* the words stay */
    riv__ds_show(r->ds, show, sizeof show);
    riv__str_show(record, sizeof record, r->of.raw);
    return riv__chain_fail(
        r->chain, RIV_ERECORD,
        "%s: record failed: %s; the record: %s (source %s, %s); .on_error = "
        "RIV_SKIP or RIV_DEAD_LETTER lets the job go on",
        show, r->why[0] ? r->why : "no reason given", record,
        r->chain->source ? r->chain->source : "-", where.words);
}

static int hand_over(const struct refusing *r)
{
    struct riv_chain *chain = r->chain;
    struct riv_where where;
    if (r->nedge == 0)
        return chain->rc;
    riv__where_find(chain, &r->of, &where);
    const riv_bad_record bad = {
        .raw = r->of.raw,
        .reason = riv_cstr(r->why),
        .uid = riv_cstr(riv__ds_name(r->ds)),
        .source = chain->origin ? where.source
                                : riv_cstr(chain->source ? chain->source : ""),
        .offset = where.offset,
        .time = chain->time,
    };
    if (where.text.failed)
        riv__chain_fail(chain, RIV_ENOMEM, "no memory for dead letters");
    const int rc = riv__chain_follow(chain, r->edge, r->nedge, &bad, 1);
    riv__where_fini(&where);
    return rc;
}

/* Noted for the listener, if there is one, and counted. One more than errors.max
 * allows, in all batches together, ends the job: what other tasks of the wave
 * refuse is added when it is over. */
static int count(const struct refusing *r)
{
    struct riv_exec *exec = r->chain->exec;
    struct riv_refused *refused = r->chain->refused;
    char show[256], record[SHOW_MAX];
    struct riv_where where;
    const int64_t most = exec->conf->letters_max;
    if (exec->refused)
        riv__refused_add(refused, r->ds, r->of.raw, r->why);
    else
        refused->count++;
    if (most == 0 || exec->nbad + (int64_t)refused->count <= most)
        return 0;
    riv__where_find(r->chain, &r->of, &where);
    riv__where_fini(&where);
    riv__ds_show(r->ds, show, sizeof show);
    riv__str_show(record, sizeof record, r->of.raw);
    return riv__chain_fail(
        r->chain, RIV_ERECORD,
        "more than %lld bad records (errors.max); the last, "
        "in %s: %s; the record: %s (source %s, %s)",
        (long long)most, show, r->why[0] ? r->why : "no reason given", record,
        r->chain->source ? r->chain->source : "-", where.words);
}

/* For the journal: the whole line, so that it can be given again. */
static int write_letter(const struct refusing *r)
{
    struct riv_where where;
    riv__where_find(r->chain, &r->of, &where);
    const struct riv_letter_note note = {
        .ds = r->ds,
        .raw = where.line.p ? where.line : r->of.raw,
        .source = where.source,
        .why = r->why,
        .offset = where.line_offset,
    };
    const int rc = riv__where_letter(r->chain, &where, &note);
    riv__where_fini(&where);
    return rc;
}

static int decide(const struct refusing *r)
{
    if (r->ds->on_error == RIV_FAIL_JOB)
        return fail_job(r);
    RIV__TRY(count(r));
    if (r->ds->on_error == RIV_DEAD_LETTER && r->chain->exec->journaled)
        RIV__TRY(write_letter(r));
    return hand_over(r);
}

static int function_failed(struct riv_step *step, int rc)
{
    char show[256];
    riv__ds_show(step->ds, show, sizeof show);
    if (rc < 0 && step->why[0])
        return riv__chain_fail(step->chain, rc,
                               "%s: the function stopped the job: %s (it "
                               "returned %d)",
                               show, step->why, rc);
    if (rc < 0)
        return riv__chain_fail(
            step->chain, rc,
            "%s: the function stopped the job without "
            "saying why: it returned %d, here \"%s\". riv_fail and "
            "riv_die take the words",
            show, rc, riv__err_name(rc));
    return riv__chain_fail(step->chain, RIV_EFATAL,
                           "%s: a function returns 0, riv_fail or riv_die%s%s "
                           "(it returned %d)",
                           show, step->why[0] ? ": " : "", step->why, rc);
}

int riv_task_bad(riv_task *t, const void *row, int rc)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_chain *chain = step->chain;
    const bool groups = step->ds->kind->role == RIV__ROLE_GROUPS;
    if (!chain) /* no task: whoever called the kernel decides */
        return rc;
    if (chain->rc != 0)
        return chain->rc;
    if (step->takes_back)
        t->cur = t->mark;
    if (rc != RIV_ERECORD)
        return function_failed(step, rc);
    struct riv_buf buf;
    riv__buf_init(&buf, RAW_MAX);
    const struct refusing r = {
        .chain = chain,
        .ds = step->ds,
        .why = step->why,
        .of = { .raw = row_text(step, row, &buf),
                .in = row && !groups ? step->ds->parent[0]->layout : NULL,
                .row = row },
        .edge = step->def->bad,
        .nedge = step->def->nbad,
    };
    if (row && groups)
        group_mark(row);
    step->bad++;
    rc = decide(&r);
    step->why[0] = '\0';
    riv__buf_fini(&buf);
    return rc;
}

int riv__op_refuse_key(struct riv_part *part, uint32_t side, const void *row)
{
    struct riv_chain *chain = part->chain;
    const struct riv_stage *stage = chain->stage;
    const struct riv_layout *in = part->op->ds->parent[side]->layout;
    const uint32_t branch = chain->branch;
    char why[64];
    struct riv_buf buf;
    uint32_t f = 0;
    snprintf(why, sizeof why, "its key is longer than %d bytes",
             RIV__KEY_BYTES_MAX);
    while (stage->feeds[f] != part->op)
        f++;
    riv__buf_init(&buf, RAW_MAX);
    const struct refusing r = {
        .chain = chain,
        .ds = part->op->ds,
        .why = why,
        .of = { .raw = csv_text(in, row, &buf), .in = in, .row = row },
        .edge = stage->letters[f].edge,
        .nedge = stage->letters[f].n,
    };
    chain->refused_by_ops++;
    chain->branch = chain->op_branch;
    int rc = decide(&r);
    chain->branch = branch;
    riv__buf_fini(&buf);
    return rc;
}

int riv__op_take_keyed(struct riv_part *part, uint32_t side,
                       const struct riv_layout *key, struct riv_rows_in rows,
                       riv__take_fn *take, struct riv_err *err)
{
    const size_t size = part->op->ds->parent[side]->layout->size;
    const char *at = rows.p;
    for (size_t n = rows.n; n > 0;) {
        const size_t m = riv__table_too_long(key, at, size, n);
        if (m > 0)
            RIV__TRY(take(part, side, at, m, err));
        at += m * size;
        n -= m;
        if (n == 0)
            break;
        RIV__TRY(riv__op_refuse_key(part, side, at));
        at += size;
        n--;
    }
    return 0;
}
