/* exec/ready_filter.c - riv_contains, riv_starts_with, riv_matches: the lines
 * that hold something. Literals are looked for in whole blocks of text: lines
 * are cut only around what is found. */
#include <string.h>

#include "data/regex.h"
#include "exec/ready.h"
#include "graph/ops.h"

static const struct riv_text_param *param_of(const struct riv_step *step)
{
    return step->ds->param;
}

/* ---------------------------------------------------------------- contains */

static bool holds(const struct riv_step *step, riv_str line, riv_str literal)
{
    if (line.n < literal.n || literal.n == 0)
        return literal.n == 0;
    const struct riv_kernels *kernels = riv__ready_kernels(step, line);
    const char *end = line.p + line.n;
    return kernels->find(line.p, end, literal) != end;
}

static int contains_rows(const void *rows, size_t n, riv_task *t)
{
    const struct riv_step *step = riv__step_of(t);
    const riv_str literal = param_of(step)->literal;
    const riv_str *line = rows;
    riv_str *to = t->cur;
    for (size_t i = 0; i < n; i++) {
        *to = line[i];
        to += holds(step, line[i], literal);
    }
    t->cur = to;
    return 0;
}

static int contains_text(struct riv_step *step, struct riv_text *text)
{
    const riv_str literal = param_of(step)->literal;
    while (text->p < text->end) {
        riv_str *row = riv__ready_room(step, RIV__READY_ROWS);
        step->t.cur = row + step->chain->exec->kernels->contains(
                                &text->p, text->end, literal, row,
                                RIV__READY_ROWS, &text->lines);
    }
    return 0;
}

/* No line holds a newline, and all hold nothing. */
static bool contains_by_lines(const riv_ds *ds)
{
    const riv_str literal = ((const struct riv_text_param *)ds->param)->literal;
    return literal.n == 0 || memchr(literal.p, '\n', literal.n) != NULL;
}

const struct riv_ready_ops riv__ready_contains = {
    .kind = &riv__kind_contains,
    .rows = contains_rows,
    .by_lines = contains_by_lines,
    .by_chunk = true,
    .text = contains_text,
};

/* ------------------------------------------------------------- starts with */

static int starts_rows(const void *rows, size_t n, riv_task *t)
{
    const riv_str prefix = param_of(riv__step_of(t))->literal;
    const riv_str *line = rows;
    riv_str *to = t->cur;
    for (size_t i = 0; i < n; i++) {
        *to = line[i];
        to += line[i].n >= prefix.n &&
              (prefix.n == 0 || memcmp(line[i].p, prefix.p, prefix.n) == 0);
    }
    t->cur = to;
    return 0;
}

const struct riv_ready_ops riv__ready_starts_with = {
    .kind = &riv__kind_starts_with,
    .rows = starts_rows,
};

/* ----------------------------------------------------------------- matches */

static void scratch_end(void *local)
{
    struct riv_regex_scratch **scratch = local;
    riv__regex_scratch_free(*scratch);
}

static int matches_rows(const void *rows, size_t n, riv_task *t)
{
    const struct riv_regex *regex = param_of(riv__step_of(t))->regex;
    struct riv_regex_scratch **scratch =
        riv_local(t, sizeof(struct riv_regex_scratch *), scratch_end);
    if (scratch && !*scratch)
        *scratch = riv__regex_scratch_new(regex);
    if (!scratch || !*scratch)
        return riv_die(t, "no memory for a regular expression");
    const riv_str *line = rows;
    for (size_t i = 0; i < n; i++) {
        int rc = riv__regex_match(regex, *scratch, line[i]);
        if (RIV__RARELY(rc < 0))
            RIV__TRY(riv_task_bad(t, &line[i],
                                  riv_fail(t, "the regular expression takes "
                                              "too many steps on it")));
        riv_str *to = t->cur;
        *to = line[i];
        t->cur = to + (rc > 0);
    }
    return 0;
}

const struct riv_ready_ops riv__ready_matches = {
    .kind = &riv__kind_matches,
    .rows = matches_rows,
};
