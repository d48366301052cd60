/* exec/ready_field.c - riv_split, riv_nth_field and riv_key_by_field. Lines are
 * cut by the kernels of data/kernels.h; a count of fields takes them as keys. */
#include <string.h>

#include "exec/ready.h"
#include "graph/ops.h"

enum {
    GROUP = 128
}; /* fields at a time, as keys: their lines, of some 200
                         bytes, stay in the first cache */

static const struct riv_text_param *param_of(const struct riv_step *step)
{
    return step->ds->param;
}

/* ------------------------------------------------------------ one field */

static int nth_rows(const void *rows, size_t n, riv_task *t)
{
    const struct riv_text_param *param = param_of(riv__step_of(t));
    const riv_str *line = rows;
    riv_str *to = t->cur;
    for (size_t i = 0; i < n; i++) {
        const char *p = line[i].n ? line[i].p : "";
        to +=
            riv__kernels_field(p, p + line[i].n, param->sep, param->field, to);
    }
    t->cur = to;
    return 0;
}

static int nth_text(struct riv_step *step, struct riv_text *text)
{
    const struct riv_text_param *param = param_of(step);
    while (text->p < text->end) {
        riv_str *row = riv__ready_room(step, RIV__READY_ROWS);
        step->t.cur = row + step->chain->exec->kernels->fields(
                                &text->p, text->end, param->sep, param->field,
                                row, RIV__READY_ROWS, &text->lines);
    }
    return 0;
}

static void nth_keys(struct riv_step *step, struct riv_text *text,
                     const struct riv_tally *tab, struct riv_keys *keys)
{
    const struct riv_text_param *param = param_of(step);
    riv_str field[GROUP];
    size_t n = step->chain->exec->kernels->fields(&text->p, text->end,
                                                  param->sep, param->field,
                                                  field, GROUP, &text->lines);
    riv__keys_strs(keys, tab, field, n);
}

const struct riv_ready_ops riv__ready_nth_field = {
    .kind = &riv__kind_nth_field,
    .rows = nth_rows,
    .by_chunk = true,
    .text = nth_text,
    .keys = nth_keys,
};

/* ------------------------------------------------- the line behind its field */

struct keyed_line {
    riv_str key, line;
};

static int key_by_rows(const void *rows, size_t n, riv_task *t)
{
    const struct riv_text_param *param = param_of(riv__step_of(t));
    const riv_str *line = rows;
    struct keyed_line *to = t->cur;
    for (size_t i = 0; i < n; i++) {
        const char *p = line[i].n ? line[i].p : "";
        to->line = line[i];
        to += riv__kernels_field(p, p + line[i].n, param->sep, param->field,
                                 &to->key);
    }
    t->cur = to;
    return 0;
}

const struct riv_ready_ops riv__ready_key_by_field = {
    .kind = &riv__kind_key_by_field,
    .rows = key_by_rows,
};

/* --------------------------------------------------------------- all fields */

/* The fields that end within the next strip; `from` is where the first of them
 * begins. Text's last byte is a newline, a string's end is no mark. */
static size_t split_strip(const struct riv_kernels *kernels, char sep,
                          struct riv_text *text, riv_str *row)
{
    uint32_t at[RIV__STRIP_MARKS];
    const size_t left = (size_t)(text->end - text->p);
    const uint32_t bytes = (uint32_t)RIV__MIN(left, (size_t)RIV__READY_ROWS);
    const uint32_t n = kernels->marks(text->p, bytes, sep, '\n', at);
    const char *from = text->from;
    for (uint32_t i = 0; i < n; i++) {
        const char *stop = text->p + at[i];
        row[i] = (riv_str){ from, (size_t)(stop - from) };
        text->lines += *stop == '\n';
        from = stop + 1;
    }
    text->from = from;
    text->p += bytes;
    return n;
}

static int split_text(struct riv_step *step, struct riv_text *text)
{
    const char sep = param_of(step)->sep;
    while (text->p < text->end) {
        riv_str *row = riv__ready_room(step, RIV__READY_ROWS);
        step->t.cur =
            row + split_strip(step->chain->exec->kernels, sep, text, row);
    }
    return 0;
}

/* One by one, since a string that is no line may hold newlines. */
static void split_one(struct riv_step *step, riv_str s)
{
    const char sep = param_of(step)->sep;
    const char *p = s.n ? s.p : "", *end = p + s.n;
    for (const char *stop = p; stop; p = stop + 1) {
        stop = p < end ? memchr(p, sep, (size_t)(end - p)) : NULL;
        riv_str *row = riv__ready_room(step, 1);
        *row = (riv_str){ p, (size_t)((stop ? stop : end) - p) };
        step->t.cur = row + 1;
    }
}

static int split_rows(const void *rows, size_t n, riv_task *t)
{
    const riv_str *line = rows;
    for (size_t i = 0; i < n; i++)
        split_one(riv__step_of(t), line[i]);
    return 0;
}

static void split_keys(struct riv_step *step, struct riv_text *text,
                       const struct riv_tally *tab, struct riv_keys *keys)
{
    riv_str field[RIV__READY_ROWS];
    size_t n = split_strip(step->chain->exec->kernels, param_of(step)->sep,
                           text, field);
    riv__keys_strs(keys, tab, field, n);
}

const struct riv_ready_ops riv__ready_split = {
    .kind = &riv__kind_split,
    .rows = split_rows,
    .emits_more = true,
    .by_chunk = true,
    .text = split_text,
    .keys = split_keys,
};
