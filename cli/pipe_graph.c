/* cli/pipe_graph.c - see pipe_graph.h. Of each line only the fields that the query
 * names are cut. A line that lacks one is left out; the first is shown, so that a
 * wrong format is no riddle. */
#include "pipe_graph.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "pipe_print.h"
#include "record.h"
#include "say.h"

typedef struct { /* what a fold has of a key */
    double v;    /* the sum, the least, the greatest */
    int64_t n;   /* records */
} measure;
RIV_STRUCT(measure, v, n);
RIV_PAIR(sample, riv_str, measure);

static atomic_flag has_shown = ATOMIC_FLAG_INIT;

static int left_out(const riv_str *line, riv_task *t, const char *fmt, ...)
    RIV_PRINTF(3, 4);

#define PLAIN_MAX 200 /* bytes of a line in a message */

/* Whatever a terminal would act upon is a question mark. */
static void plain(char *dst, riv_str s)
{
    size_t n = s.n < PLAIN_MAX ? s.n : PLAIN_MAX;
    for (size_t i = 0; i < n; i++)
        dst[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 127 ? '?' : s.p[i];
    dst[n] = '\0';
}

static int left_out(const riv_str *line, riv_task *t, const char *fmt, ...)
{
    char why[160], text[PLAIN_MAX + 1];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    plain(text, *line);
    if (!atomic_flag_test_and_set(&has_shown))
        say(EXIT_FINE, "lines that do not fit are left out; the first: %s: %s",
            why, text);
    return riv_fail(t, "%s", why);
}

/* The fields of a line that are wanted. 1: they are there, and fulfil the
 * conditions; 0: not; below: the line is left out. */
static int choose(const struct query *q, const riv_str *line, riv_str *field,
                  riv_task *t)
{
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

RIV_FLAT_MAP(measured_by, riv_str, sample);
static int measured_by(const riv_str *line, measured_by_out *out, riv_task *t)
{
    const struct query *q = riv_arg(t, struct query);
    riv_str field[QUERY_FIELDS_MAX];
    measure m = { 1, 1 };
    const int rc = choose(q, line, field, t);
    if (rc != 1)
        return rc;
    if (q->value >= 0 && !value_of(q, field[q->value], &m.v))
        return left_out(line, t, "'%.*s' is no number to %s",
                        (int)(field[q->value].n < 40 ? field[q->value].n : 40),
                        field[q->value].p, query_fold_name(q->fold));
    riv_emit(out, (sample){ key_of(q, field, t), m });
    return 0;
}

RIV_REDUCE(add, measure);
static void add(measure *acc, const measure *m, riv_task *t)
{
    (void)t;
    acc->v += m->v;
    acc->n += m->n;
}

RIV_REDUCE(least, measure);
static void least(measure *acc, const measure *m, riv_task *t)
{
    (void)t;
    acc->v = m->v < acc->v ? m->v : acc->v;
    acc->n += m->n;
}

RIV_REDUCE(greatest, measure);
static void greatest(measure *acc, const measure *m, riv_task *t)
{
    (void)t;
    acc->v = m->v > acc->v ? m->v : acc->v;
    acc->n += m->n;
}

static void merge(enum query_fold fold, measure *acc, const measure *m)
{
    switch (fold) {
    case QUERY_MIN: least(acc, m, NULL); break;
    case QUERY_MAX: greatest(acc, m, NULL); break;
    default: add(acc, m, NULL);
    }
}

RIV_UPDATE_STATE(in_total, sample, sample);
static int in_total(const riv_str *key, const measure *m, size_t n,
                    measure *total, riv_task *t)
{
    (void)key;
    for (size_t i = 0; i < n; i++) {
        if (total->n == 0)
            *total = m[i];
        else
            merge(riv_arg(t, struct query)->fold, total, &m[i]);
    }
    return 0;
}

RIV_MAP_VALUES(valued, sample, result);
static int valued(const riv_str *key, const measure *m, double *v, riv_task *t)
{
    (void)key;
    *v = riv_arg(t, struct query)->fold == QUERY_AVG ? m->v / (double)m->n
                                                     : m->v;
    return 0;
}

static const riv_fn *reducer(enum query_fold fold)
{
    return fold == QUERY_MIN   ? least_fn
           : fold == QUERY_MAX ? greatest_fn
                               : add_fn;
}

/* What is kept is of this fold and these fields: in a state directory another query
 * does not find it, where it would go on with numbers of another kind. */
static void uid_of(const struct query *q, char *dst, size_t room)
{
    size_t n = (size_t)snprintf(dst, room, "%s", query_fold_name(q->fold));
    if (q->value >= 0)
        n += (size_t)snprintf(dst + n, room - n, " $%d", q->value + 1);
    for (int i = 0; i < q->keys && n < room; i++)
        n += (size_t)snprintf(dst + n, room - n, "%s $%d", i > 0 ? "" : " by",
                              q->key[i] + 1);
}

static riv_ds *folded(riv_ds *samples, const struct query *q)
{
    char uid[128];
    uid_of(q, uid, sizeof uid);
    if (q->window_ms > 0)
        return riv_reduce_by_key_and_window(samples, reducer(q->fold),
                                            q->window_ms, q->slide_ms,
                                            RIV_OPT(.uid = uid));
    riv_ds *each = riv_reduce_by_key(samples, reducer(q->fold), NULL);
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
    if (q->fold == QUERY_NO_FOLD) {
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
