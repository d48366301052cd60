/* cli/pipe_graph.c - see pipe_graph.h. Of each line only the fields that the query
 * names are cut. A line that lacks one is left out; the first is shown, so that a
 * wrong format is no riddle. */
#include "pipe_graph.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "json_cut.h"
#include "pipe_print.h"
#include "record.h"
#include "say.h"

static atomic_flag has_shown = ATOMIC_FLAG_INIT;

static int left_out(const riv_str *line, riv_task *t, const char *fmt, ...)
    RIV_PRINTF(3, 4);

/* A line in a message, cut at `room`. */
static const char *shown(riv_str line, char *dst, size_t room)
{
    const size_t n = line.n < room ? line.n : room - 1;
    for (size_t i = 0; i < n; i++)
        dst[i] = say_safe(line, i);
    dst[n] = '\0';
    return dst;
}

static int left_out(const riv_str *line, riv_task *t, const char *fmt, ...)
{
    enum { SHOWN_MAX = 200 }; /* bytes of a line in a message */
    char why[160], text[SHOWN_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    if (!atomic_flag_test_and_set(&has_shown))
        say(EXIT_FINE, "lines that do not fit are left out; the first: %s: %s",
            why, shown(*line, text, sizeof text));
    return riv_fail(t, "%s", why);
}

static int choose_json(const struct query *q, const riv_str *line,
                       riv_str *field, riv_task *t)
{
    struct json_cut cut;
    const int n = json_cut(q, *line, field, &cut);
    if (n < 0 && line->n == 0)
        return 0;
    if (n < 0)
        return left_out(line, t, "no JSON: %s", cut.why);
    if (n < q->names)
        return left_out(line, t, "field %s is missing", q->name[n]);
    for (int i = 0; i < q->names; i++) {
        if (!(cut.escaped & UINT64_C(1) << i))
            continue;
        char *plain = riv_alloc(t, field[i].n);
        if (plain)
            field[i] = json_plain(field[i], plain);
    }
    return record_fits(q, field);
}

/* The fields of a line that are wanted. 1: they are there, and fulfil the
 * conditions; 0: not; below: the line is left out. */
static int choose(const struct query *q, const riv_str *line, riv_str *field,
                  riv_task *t)
{
    if (q->format == QUERY_JSON)
        return choose_json(q, line, field, t);
    const int n = record_cut(q->format, *line, field, q->fields);
    if (n >= q->fields)
        return record_fits(q, field);
    if (line->n == 0)
        return 0;
    if (n < q->names)
        return left_out(line, t, "field %s is missing", q->name[n]);
    return left_out(line, t, "it has %d fields, and $%d is wanted", n,
                    q->fields);
}

/* ---------------------------------------------------------------- no fold */

RIV_FILTER(passes, riv_str);
static int passes(const riv_str *line, riv_task *t)
{
    riv_str field[QUERY_FIELDS_MAX];
    return choose(riv_arg(t, struct query), line, field, t);
}

/* -------------------------------------------------------------------- folds */

/* Fields of a key have tabs between them, so that one within is a blank. */
static riv_str untabbed(riv_str field, riv_task *t)
{
    if (field.n == 0 || !memchr(field.p, '\t', field.n))
        return field;
    char *copy = riv_alloc(t, field.n);
    for (size_t i = 0; copy && i < field.n; i++)
        copy[i] = field.p[i] == '\t' ? ' ' : field.p[i];
    return (riv_str){ copy, copy ? field.n : 0 };
}

static riv_str key_of(const struct query *q, const riv_str *field, riv_task *t)
{
    riv_str key = q->keys > 0 ? untabbed(field[q->key[0]], t) : riv_cstr("");
    for (int i = 1; i < q->keys; i++) {
        const riv_str next = untabbed(field[q->key[i]], t);
        key = riv_fmt(t, RIV_S "\t" RIV_S, RIV_P(key), RIV_P(next));
    }
    return key;
}

/* Web servers write "-" for no bytes. */
static bool value_of(const struct query *q, riv_str s, double *ret)
{
    if (q->format == QUERY_COMBINED && riv_eq(s, riv_cstr("-"))) {
        *ret = 0;
        return true;
    }
    return riv_to_f64(s, ret);
}

static int no_number(const riv_str *line, riv_task *t, riv_str s,
                     const struct query_fold *fold)
{
    enum { SHOWN_MAX = 41 };
    char text[SHOWN_MAX];
    return left_out(line, t, "'%s' is no number to %s, or beyond 1.8e308",
                    shown(s, text, sizeof text), query_fold_word(fold->kind));
}

RIV_FLAT_MAP(measured_by, riv_str, result);
static int measured_by(const riv_str *line, measured_by_out *out, riv_task *t)
{
    const struct query *q = riv_arg(t, struct query);
    riv_str field[QUERY_FIELDS_MAX];
    measure m = { .n = 1 };
    const int rc = choose(q, line, field, t);
    if (rc != 1)
        return rc;
    for (int i = 0; i < q->folds; i++) {
        const struct query_fold *fold = &q->fold[i];
        if (fold->kind == QUERY_COUNT)
            m.v[i] = 1;
        else if (!value_of(q, field[fold->field], &m.v[i]))
            return no_number(line, t, field[fold->field], fold);
    }
    riv_emit(out, (result){ key_of(q, field, t), m });
    return 0;
}

/* Of counts, sums and averages. */
RIV_REDUCE(add, measure);
static void add(measure *acc, const measure *m, riv_task *t)
{
    (void)t;
    for (int i = 0; i < QUERY_FOLDS_MAX; i++)
        acc->v[i] += m->v[i];
    acc->n += m->n;
}

RIV_REDUCE(merge, measure);
static void merge(measure *acc, const measure *m, riv_task *t)
{
    const struct query *q = riv_arg(t, struct query);
    for (int i = 0; i < q->folds; i++) {
        const double a = acc->v[i], b = m->v[i];
        switch (q->fold[i].kind) {
        case QUERY_MIN: acc->v[i] = b < a ? b : a; break;
        case QUERY_MAX: acc->v[i] = b > a ? b : a; break;
        default: acc->v[i] = a + b;
        }
    }
    acc->n += m->n;
}

RIV_UPDATE_STATE(in_total, result, result);
static int in_total(const riv_str *key, const measure *m, size_t n,
                    measure *total, riv_task *t)
{
    (void)key;
    for (size_t i = 0; i < n; i++) {
        if (total->n == 0)
            *total = m[i];
        else
            merge(total, &m[i], t);
    }
    return 0;
}

RIV_MAP_VALUES(valued, result, result);
static int valued(const riv_str *key, const measure *m, measure *out,
                  riv_task *t)
{
    const struct query *q = riv_arg(t, struct query);
    (void)key;
    *out = *m;
    for (int i = 0; i < q->folds; i++)
        if (q->fold[i].kind == QUERY_AVG)
            out->v[i] = m->v[i] / (double)m->n;
    return 0;
}

static const riv_fn *reducer(const struct query *q)
{
    bool adds = true;
    for (int i = 0; i < q->folds; i++)
        adds &= q->fold[i].kind < QUERY_MIN;
    return adds ? add_fn : merge_fn;
}

/* What is kept has the query as its name: in a state directory another one does not
 * find it, where it would go on with numbers of another kind. */
static riv_ds *folded(riv_ds *samples, const struct query *q)
{
    enum { UID_MAX = 128 };
    char uid[UID_MAX + 1];
    query_identity(q, uid, sizeof uid);
    if (q->window_ms > 0)
        return riv_reduce_by_key_and_window(
            samples, reducer(q), q->window_ms, q->slide_ms,
            RIV_OPT(.uid = uid, .arg = RIV_BORROW(q)));
    riv_ds *each =
        riv_reduce_by_key(samples, reducer(q), RIV_OPT(.arg = RIV_BORROW(q)));
    if (!q->total)
        return each;
    return riv_update_state_by_key(each, in_total_fn,
                                   RIV_OPT(.uid = uid, .arg = RIV_BORROW(q)));
}

void pipe_graph(riv *r, const char *uri, const struct query *q)
{
    riv_ds *lines = riv_text(r, uri, RIV_OPT(.uid = "input"));
    if (q->format == QUERY_WORDS)
        lines = riv_words(lines, NULL);
    if (q->folds == 0) {
        riv_save_text(
            riv_filter(lines, passes_fn,
                       RIV_OPT(.arg = RIV_BORROW(q), .on_error = RIV_SKIP)),
            "-", NULL);
        return;
    }
    riv_ds *samples =
        riv_flat_map(lines, measured_by_fn,
                     RIV_OPT(.arg = RIV_BORROW(q), .on_error = RIV_SKIP));
    riv_ds *results = riv_map_values(folded(samples, q), valued_fn,
                                     RIV_OPT(.arg = RIV_BORROW(q)));
    riv_foreach_rdd(results, pipe_print,
                    RIV_OPT(.uid = "print", .arg = RIV_BORROW(q)));
}
