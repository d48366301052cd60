/* exec/step_decode.c - the kernel of riv_decode: a line of CSV or JSON to a row;
 * and JSON for functions that read it themselves. */
#include <string.h>

#include "data/json_read.h"
#include "data/text.h"
#include "exec/chain.h"
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

/* The names of the fields, as files of CSV begin. */
static bool is_header(riv_str header, riv_str line)
{
    if (line.n == header.n + 1 && line.p[header.n] == '\r')
        line.n--;
    return line.n == header.n && memcmp(line.p, header.p, line.n) == 0;
}

static int csv_rows(const riv_str *line, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const struct riv_decode_param *param = step->ds->param;
    const riv_str header = param->header;
    struct riv_err err = { 0 };
    char *out = t->cur;
    for (size_t i = 0; i < n; i++) {
        if (header.n > 0 && is_header(header, line[i]))
            continue;
        int rc = riv__csv_read(step->ds->layout, line[i], ',', out,
                               &step->arena, &err);
        if (RIV__LIKELY(rc == 0))
            out += step->row_bytes;
        else
            RIV__TRY(bad_line(t, &line[i], &err));
    }
    t->cur = out;
    return 0;
}

static int json_rows(const riv_str *line, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_err err = { 0 };
    char *out = t->cur;
    for (size_t i = 0; i < n; i++) {
        int rc =
            riv__step_json(step, step->ds->layout->type, line[i], out, &err);
        if (RIV__LIKELY(rc == 0))
            out += step->row_bytes;
        else
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
