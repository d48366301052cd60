/* exec/step_decode.c - the kernel of riv_decode: a line of CSV or JSON to a row;
 * and JSON for functions that read it themselves. */
#include <string.h>

#include "base/str.h"
#include "data/csv_lines.h"
#include "data/json_read.h"
#include "data/text.h"
#include "exec/chain.h"
#include "exec/ready.h"
#include "exec/step.h"
#include "graph/ops.h"

/* A line that is no record: the policy says whether to go on. */
static int bad_line(riv_task *t, const riv_str *line, const struct riv_err *err)
{
    if (err->code != RIV_ERECORD) {
        char show[256];
        return riv__chain_fail(riv__step_of(t)->chain, err->code, "%s: %s",
                               riv__ds_show(riv__step_of(t)->ds, show, 256),
                               err->text);
    }
    return riv_task_bad(t, line, riv_fail(t, "%s", err->text));
}

/* The first line of a file that begins with names is the mistake of each
 * beginner, so its message names the way out. */
static int bad_csv(struct riv_step *step, const riv_str *line,
                   const struct riv_err *err)
{
    const struct riv_decode_param *param = step->ds->param;
    const enum riv_csv_named named = riv__csv_names(param->names, *line);
    struct riv_err more = { 0 };
    char format[128];
    if (named == RIV__CSV_NO_NAMES)
        return bad_line(&step->t, line, err);
    if (named == RIV__CSV_NAMES)
        riv__err_set(&more, err->code,
                     "%s; the line is the fields' names, which .header = true "
                     "leaves out",
                     err->text);
    else
        riv__err_set(
            &more, err->code,
            "%s; the line has the fields' names in other columns: "
            "write \"%s\" for the format, and .header = true",
            err->text,
            riv__csv_names_format(param->names, *line, format, sizeof format));
    return bad_line(&step->t, line, &more);
}

/* Text would be read from the wrong columns without a word, so that no policy for
 * single records helps. */
static int names_elsewhere(struct riv_step *step, riv_str line)
{
    const struct riv_decode_param *param = step->ds->param;
    char show[256], format[128], text[160];
    return riv__chain_fail(
        step->chain, RIV_EINVAL,
        "%s: the line above the records has the fields' names in other "
        "columns: write \"%s\" for the format; the line: %s",
        riv__ds_show(step->ds, show, sizeof show),
        riv__csv_names_format(param->names, line, format, sizeof format),
        riv__str_show(text, sizeof text, line));
}

/* Files end with such lines, and have them between their parts. As in Spark they
 * are no records; where text is the only field, an empty one is. */
static bool is_blank(const struct riv_step *step, riv_str line)
{
    return line.n <= 1 && (line.n == 0 || line.p[0] == '\r') &&
           (step->ds->layout->nleaf > 1 || step->ds->layout->nstr == 0);
}

/* One line, as csv.h reads it, to t->cur. */
static int csv_line(struct riv_step *step, riv_str line)
{
    const struct riv_decode_param *param = step->ds->param;
    const struct riv_layout *layout = step->ds->layout;
    struct riv_err err = { 0 };
    const enum riv_csv_named named = param->has_names
                                         ? riv__csv_names(param->names, line)
                                         : RIV__CSV_NO_NAMES;
    if (named != RIV__CSV_NO_NAMES)
        return named == RIV__CSV_NAMES ? 0 : names_elsewhere(step, line);
    int rc = riv__csv_read_columns(layout, param->columns, line, ',',
                                   step->t.cur, &step->arena, &err);
    if (RIV__RARELY(rc != 0))
        return is_blank(step, line) ? 0 : bad_csv(step, &line, &err);
    step->t.cur = (char *)step->t.cur + step->row_bytes;
    return 0;
}

static struct riv_csv_text csv_of(const riv_ds *ds)
{
    const struct riv_decode_param *param = ds->param;
    return (struct riv_csv_text){ .layout = ds->layout,
                                  .columns = param->columns,
                                  .sep = ',',
                                  .names =
                                      param->has_names ? param->names : NULL };
}

/* How many of the lines, from the first on, lie in the text that is pushed. */
static size_t held(const struct riv_step *step, const riv_str *line, size_t n)
{
    size_t k = 0;
    while (k < n && riv__chain_holds(step->chain, line[k]))
        k++;
    return k;
}

/* Lines that something before has left, as many as can be together. */
static int csv_rows(const riv_str *line, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_csv_text csv = csv_of(step->ds);
    const bool is_bare = csv.layout->type->kind == RIV_K_STR;
    struct riv_csv_lines lines;
    size_t until = 0; /* lines up to there are together */
    riv__csv_lines_init(&lines, &csv);
    for (size_t i = 0; i < n; i++) {
        if (i >= until && !is_bare)
            until = i + held(step, line + i, n - i);
        const size_t done =
            i < until ? riv__csv_lines(&lines, step->chain->exec->kernels,
                                       line + i, until - i, t->cur)
                      : 0;
        t->cur = (char *)t->cur + done * step->row_bytes;
        i += done;
        if (i < n)
            RIV__TRY(csv_line(step, line[i]));
    }
    return 0;
}

/* ------------------------------------------------------- CSV in whole text */

static int csv_text(struct riv_step *step, struct riv_text *text)
{
    enum { ROOM = 64 };
    const struct riv_csv_text csv = csv_of(step->ds);
    struct riv_csv_at at = { .p = text->p, .end = text->end };
    int rc = 0;
    while (rc == 0 && at.p < at.end && step->chain->rc == 0) {
        char *row = riv__ready_room(step, ROOM);
        const size_t room =
            (size_t)((char *)step->t.end - row) / step->row_bytes;
        const size_t n = riv__csv_text(&csv, step->chain->exec->kernels, &at,
                                       row, room - 1); /* one for an odd line */
        step->t.cur = row + n * step->row_bytes;
        if (at.odd.p)
            rc = csv_line(step, at.odd);
    }
    text->p = at.p;
    text->lines += at.lines;
    return rc;
}

/* Fields of a bare value are no fields. */
static bool by_lines(const riv_ds *ds)
{
    const struct riv_decode_param *param = ds->param;
    return param->format != RIV__FORMAT_CSV ||
           ds->layout->type->kind == RIV_K_STR;
}

const struct riv_ready_ops riv__ready_decode = {
    .kind = &riv__kind_decode,
    .rows = riv__step_decode,
    .by_lines = by_lines,
    .text = csv_text,
};

/* -------------------------------------------------------------------- JSON */

static int json_rows(const riv_str *line, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_err err = { 0 };
    char *out = t->cur;
    for (size_t i = 0; i < n; i++) {
        if (step->json && riv__chain_holds(step->chain, line[i]) &&
            riv__json_read_shaped(step->json, step->chain->exec->kernels,
                                  line[i], out)) {
            out += step->row_bytes;
            continue;
        }
        int rc =
            riv__step_json(step, step->ds->layout->type, line[i], out, &err);
        if (RIV__LIKELY(rc == 0))
            out += step->row_bytes;
        else if (!is_blank(step, line[i]))
            RIV__TRY(bad_line(t, &line[i], &err));
    }
    t->cur = out;
    return 0;
}

int riv__step_decode(const void *rows, size_t n, riv_task *t)
{
    const struct riv_decode_param *param = riv__step_of(t)->ds->param;
    return param->format == RIV__FORMAT_JSON ? json_rows(rows, n, t)
                                             : csv_rows(rows, n, t);
}

/* A reader is kept for the type; a function mostly reads one. */
static int reader_make(struct riv_step *step, const riv_type *type,
                       struct riv_err *err)
{
    const struct riv_layout *layout = NULL;
    riv__json_reader_free(RIV__TAKE(step->json));
    step->json_type = NULL;
    riv__arena_reset(&step->json_arena, 4096);
    RIV__TRY(riv__layout_make(&step->json_arena, type, &layout, err));
    RIV__TRY(riv__json_reader_new(layout, &step->json, err));
    step->json_type = type;
    return 0;
}

int riv__step_json(struct riv_step *step, const riv_type *type, riv_str line,
                   void *row, struct riv_err *err)
{
    if (RIV__RARELY(step->json_type != type))
        RIV__TRY(reader_make(step, type, err));
    return riv__json_read(step->json, line, riv__chain_holds(step->chain, line),
                          row, &step->arena, err);
}
