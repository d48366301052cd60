/* cli/pipe_print.c - see pipe_print.h. The text of a batch goes out by
 * riv_save_text, which knows what to do when nobody reads it. */
#include "pipe_print.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "say.h"

RIV_PAIR(ranked, double, riv_str);

/* The greatest first; of equals the keys in order. */
RIV_MAP(rank, result, ranked);
static int rank(const result *row, ranked *out, riv_task *t)
{
    (void)t;
    *out = (ranked){ -row->val.v[0], row->key };
    return 0;
}

enum { NUMBER = 32 };

static const char *number(char *dst, double v)
{
    const bool is_whole = v == floor(v) && fabs(v) < 1e15;
    snprintf(dst, NUMBER, is_whole ? "%.0f" : "%.10g", v);
    return dst;
}

/* ------------------------------------------------------------------- table */

static void heading(FILE *to, int64_t time)
{
    const time_t s = (time_t)(time / 1000);
    struct tm tm;
    char text[NUMBER];
    if (time > 0 && localtime_r(&s, &tm)) {
        strftime(text, sizeof text, "%H:%M:%S", &tm);
        fprintf(to, "--- %s ---", text);
    }
}

/* Where there are several folds, what each column is. */
static void columns(FILE *to, const struct query *q, int64_t time)
{
    char name[QUERY_FOLD_NAME_MAX];
    fputs(time > 0 ? "\n" : "", to);
    for (int i = 0; i < q->folds; i++)
        fprintf(to, "%s%12s", i > 0 ? "  " : "",
                query_fold_name(q, i, name, sizeof name));
}

static void table_row(FILE *to, const struct query *q, const result *row)
{
    char text[NUMBER], name[QUERY_FOLD_NAME_MAX];
    for (int i = 0; i < q->folds; i++) {
        const size_t wide =
            q->folds > 1 ? strlen(query_fold_name(q, i, name, sizeof name)) : 0;
        fprintf(to, "%s%*s", i > 0 ? "  " : "", wide > 12 ? (int)wide : 12,
                number(text, row->val.v[i]));
    }
    if (row->key.n > 0)
        fputs("  ", to);
    say_put(to, row->key);
}

/* --------------------------------------------------------------------- CSV */

static void csv_field(FILE *to, riv_str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++)
        quoted |= strchr(",\"\r\n", s.p[i]) && s.p[i];
    if (quoted)
        fputc('"', to);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            fputc('"', to);
        fputc(s.p[i], to);
    }
    if (quoted)
        fputc('"', to);
}

static void csv_row(FILE *to, const struct query *q, int64_t time,
                    const result *row)
{
    char text[NUMBER];
    riv_str rest = row->key, field;
    if (time > 0)
        fprintf(to, "%lld,", (long long)time);
    for (int i = 0; i < q->keys && riv_cut(&rest, '\t', &field); i++) {
        csv_field(to, field);
        fputc(',', to);
    }
    for (int i = 0; i < q->folds; i++)
        fprintf(to, "%s%s", i > 0 ? "," : "", number(text, row->val.v[i]));
}

/* -------------------------------------------------------------------- JSON */

static void json_text(FILE *to, riv_str s)
{
    fputc('"', to);
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c < ' ')
            fprintf(to, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

static void json_row(FILE *to, const struct query *q, int64_t time,
                     const result *row)
{
    char text[NUMBER], name[QUERY_FOLD_NAME_MAX];
    riv_str rest = row->key, field;
    fputc('{', to);
    if (time > 0)
        fprintf(to, "\"time\":%lld,", (long long)time);
    for (int i = 0; i < q->keys && riv_cut(&rest, '\t', &field); i++) {
        json_text(to,
                  riv_cstr(query_field_name(q, q->key[i], name, sizeof name)));
        fputc(':', to);
        json_text(to, field);
        fputc(',', to);
    }
    for (int i = 0; i < q->folds; i++) {
        const double v = row->val.v[i];
        fputs(i > 0 ? "," : "", to);
        json_text(to, riv_cstr(query_fold_name(q, i, name, sizeof name)));
        fprintf(to, ":%s", isfinite(v) ? number(text, v) : "null");
    }
    fputc('}', to);
}

/* ------------------------------------------------------------------- batch */

static void row_put(FILE *to, const struct query *q, int64_t time,
                    const result *row)
{
    switch (q->show) {
    case QUERY_AS_CSV: csv_row(to, q, time, row); break;
    case QUERY_AS_JSON: json_row(to, q, time, row); break;
    default: table_row(to, q, row);
    }
}

/* Of nothing that is 0, where others have no value. */
static bool is_count_of_all(const struct query *q)
{
    return q->keys == 0 && q->folds == 1 && q->fold[0].kind == QUERY_COUNT;
}

void pipe_rows(FILE *to, const struct query *q, int64_t time, const result *row,
               size_t n, bool more)
{
    const result none = { .key = { "", 0 } };
    const bool is_table = q->show == QUERY_TABLE;
    const bool has_columns = is_table && q->folds > 1;
    if (n == 0 && is_count_of_all(q)) {
        row = &none;
        n = 1;
    }
    if (is_table)
        heading(to, time);
    if (has_columns && n > 0)
        columns(to, q, time);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 || has_columns || (is_table && time > 0))
            fputc('\n', to);
        row_put(to, q, time, &row[i]);
    }
    if (more && is_table)
        fputs("\n         ...", to);
}

/* One text of all rows; NULL: no memory. */
static char *text_of(const struct query *q, int64_t time,
                     const riv_result *rows, size_t *ret_n)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, ret_n);
    if (!to)
        return NULL;
    const bool more =
        q->top == 0 && q->show == QUERY_TABLE && rows->n > QUERY_TOP;
    pipe_rows(to, q, time, rows->rows, more ? QUERY_TOP : rows->n, more);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

/* In their order as many as are shown, and one more. */
static int take_rows(riv_ds *rdd, const struct query *q, riv_result *ret)
{
    if (q->top > 0)
        return riv_take_ordered(rdd, (size_t)q->top, rank_fn, ret);
    if (q->show == QUERY_TABLE)
        return riv_take_ordered(rdd, QUERY_TOP + 1, rank_fn, ret);
    return riv_collect(riv_sort_by(rdd, rank_fn, RIV_ASCENDING, NULL), ret);
}

int pipe_print(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result rows = { .struct_size = sizeof rows };
    riv_str out = { NULL, 0 };
    int rc = take_rows(rdd, arg, &rows);
    if (rc != RIV_OK)
        return rc;
    char *text = text_of(arg, time, &rows, &out.n);
    riv_result_free(&rows);
    if (!text)
        return RIV_ENOMEM;
    out.p = text;
    if (out.n > 0)
        riv_save_text(riv_parallelize(r, &riv_type_riv_str, &out, 1, NULL), "-",
                      NULL);
    free(text);
    return riv_error(r);
}
