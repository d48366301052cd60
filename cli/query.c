/* cli/query.c - see query.h. One pass over the words; each stage is a function in
 * a table. */
#include "query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

struct word {
    riv_str s;
    bool is_quoted;
};

struct reader {
    const char *p;    /* what is left */
    struct word word; /* the one in work; its p NULL: the end */
    struct query *query;
    char *why;
    size_t room;
};

static bool wrong(struct reader *rd, const char *fmt, ...) RIV_PRINTF(2, 3);

static bool wrong(struct reader *rd, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(rd->why, rd->room, fmt, ap);
    va_end(ap);
    return false;
}

/* ------------------------------------------------------------------- words */

/* Bytes of a sign: "|", a relation. */
static size_t sign_bytes(const char *p)
{
    if (*p == '|')
        return 1;
    if (*p == '!')
        return p[1] == '=' || p[1] == '~' ? 2 : 0;
    if (!*p || !strchr("<>=~", *p))
        return 0;
    return p[1] == '=' ? 2 : 1;
}

static size_t name_bytes(const char *p)
{
    size_t n = 0;
    while (p[n] && !strchr(" \t\n,\"", p[n]) && sign_bytes(p + n) == 0)
        n++;
    return n;
}

/* What is compared with, such as /find?q=a,b: up to a blank. */
static size_t value_bytes(const char *p)
{
    return sign_bytes(p) > 0 ? sign_bytes(p) : strcspn(p, " \t\n|");
}

/* Moves on to the next word. */
static bool next_of(struct reader *rd, size_t (*bytes)(const char *p))
{
    if (*rd->p == '"') {
        const char *end = strchr(rd->p + 1, '"');
        if (!end)
            return wrong(rd, "the quote before %.20s is not closed", rd->p + 1);
        rd->word =
            (struct word){ { rd->p + 1, (size_t)(end - rd->p - 1) }, true };
        rd->p = end + 1;
        return true;
    }
    const size_t n = bytes(rd->p);
    rd->word = (struct word){ { n > 0 ? rd->p : NULL, n }, false };
    rd->p += n;
    return true;
}

static size_t word_bytes(const char *p)
{
    const size_t n = sign_bytes(p);
    return n > 0 ? n : name_bytes(p);
}

/* Commas and blanks are the same. */
static bool next(struct reader *rd)
{
    rd->p += strspn(rd->p, " \t\n,");
    return next_of(rd, word_bytes);
}

static bool next_value(struct reader *rd)
{
    rd->p += strspn(rd->p, " \t\n");
    return next_of(rd, value_bytes);
}

static bool is(const struct reader *rd, const char *word)
{
    return rd->word.s.p && !rd->word.is_quoted &&
           riv_eq(rd->word.s, riv_cstr(word));
}

static bool at_end(const struct reader *rd)
{
    return !rd->word.s.p || is(rd, "|");
}

/* The word in work as a C string, cut where it is too long. */
static const char *text_of(const struct reader *rd, char *dst, size_t room)
{
    if (!rd->word.s.p)
        return "the end";
    snprintf(dst, room, "%.*s", (int)rd->word.s.n, rd->word.s.p);
    return dst;
}

/* What it says in place of what is wanted, and what was meant. */
static bool unknown(struct reader *rd, const char *what,
                    const char *const *known)
{
    char word[QUERY_NAME_MAX], list[512] = "";
    const char *typed = text_of(rd, word, sizeof word);
    const char *near = rd->word.s.p ? say_nearest(typed, known) : NULL;
    size_t n = 0;
    if (near)
        return wrong(rd, "\"%s\" is no %s; did you mean \"%s\"?", typed, what,
                     near);
    for (; *known && n < sizeof list; known++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s",
                              n > 0 ? ", " : "", *known);
    return wrong(rd, "\"%s\" is no %s; there are %s", typed, what, list);
}

/* ------------------------------------------------------------------ fields */

static void name_put(struct query *q, riv_str name)
{
    if (q->names < QUERY_FIELDS_MAX)
        snprintf(q->name[q->names++], QUERY_NAME_MAX, "%.*s", (int)name.n,
                 name.p);
}

/* "$3" is the third. 0: it is no such name. */
static int column_of(riv_str name)
{
    int64_t n = 0;
    if (name.n < 2 || name.p[0] != '$' ||
        !riv_to_i64((riv_str){ name.p + 1, name.n - 1 }, &n) || n < 1 ||
        n > QUERY_FIELDS_MAX)
        return 0;
    return (int)n;
}

static bool field_unknown(struct reader *rd)
{
    const struct query *q = rd->query;
    const char *known[QUERY_FIELDS_MAX + 2];
    int n = 0;
    for (; n < q->names; n++)
        known[n] = q->name[n];
    if (q->format < QUERY_JSON)
        known[n++] = "$1 to $64";
    if (q->format == QUERY_JSON)
        known[n++] = "those of the lines; in quotes by, and, every";
    known[n] = NULL;
    return unknown(rd, "field", known);
}

/* Of the names the one of the word in work, from 1; 0: it is none. */
static int named(const struct reader *rd)
{
    const struct query *q = rd->query;
    for (int i = 0; i < q->names && rd->word.s.p; i++)
        if (riv_eq(riv_cstr(q->name[i]), rd->word.s))
            return i + 1;
    return 0;
}

static bool name_read(struct reader *rd)
{
    if (rd->word.s.n >= QUERY_NAME_MAX || rd->query->names == QUERY_FIELDS_MAX)
        return wrong(rd,
                     "there may be %d fields, with names of at most %d bytes",
                     QUERY_FIELDS_MAX, QUERY_NAME_MAX - 1);
    name_put(rd->query, rd->word.s);
    return true;
}

/* Of JSON each word is a field when it stands where one is wanted, but for signs
 * and the words that join a query. */
static bool json_field(struct reader *rd, int *ret)
{
    const bool joins = at_end(rd) || is(rd, "by") || is(rd, "and") ||
                       is(rd, "every") ||
                       (!rd->word.is_quoted && sign_bytes(rd->word.s.p) > 0);
    *ret = named(rd);
    if (*ret > 0 && !joins)
        return true;
    if (joins)
        return field_unknown(rd);
    *ret = rd->query->names + 1;
    return name_read(rd);
}

/* The word in work is a field; moves behind it. */
static bool field_read(struct reader *rd, int *ret)
{
    struct query *q = rd->query;
    int at = at_end(rd) ? 0 : column_of(rd->word.s);
    if (q->format == QUERY_JSON) {
        if (!json_field(rd, &at))
            return false;
    } else if (at == 0) {
        at = named(rd);
    }
    if (at == 0 || (q->format > QUERY_JSON && at > 1))
        return field_unknown(rd);
    if (at > q->fields)
        q->fields = at;
    *ret = at - 1;
    return next(rd);
}

/* ------------------------------------------------------------------ stages */

static bool where_value(struct reader *rd, struct query_condition *c)
{
    if (at_end(rd) || (!rd->word.is_quoted && sign_bytes(rd->word.s.p) > 0))
        return wrong(rd, "a condition has no value; write where FIELD == "
                         "VALUE, and a value that is a sign in quotes");
    c->text = rd->word.s;
    c->is_number = !rd->word.is_quoted && riv_to_f64(c->text, &c->number) &&
                   c->relation < QUERY_CONTAINS;
    if (!c->is_number && c->relation >= QUERY_LESS &&
        c->relation <= QUERY_AT_LEAST)
        return wrong(rd, "less and more are for numbers, and \"%.*s\" is none",
                     (int)c->text.n, c->text.p);
    return next(rd);
}

static bool where_relation(struct reader *rd, enum query_relation *ret)
{
    static const char *const signs[] = {
        "==", "!=", "<", "<=", ">", ">=", "~", "!~", "=", NULL
    }; /* in their order */
    for (int i = 0; signs[i]; i++) {
        if (is(rd, signs[i])) {
            *ret = i > QUERY_LACKS ? QUERY_EQUAL : (enum query_relation)i;
            return next_value(rd);
        }
    }
    return unknown(rd, "comparison", signs);
}

static bool where_read(struct reader *rd, int none)
{
    struct query *q = rd->query;
    (void)none;
    do {
        struct query_condition *c = &q->condition[q->conditions];
        if (q->conditions == QUERY_CONDITIONS_MAX)
            return wrong(rd, "there are more than %d conditions",
                         QUERY_CONDITIONS_MAX);
        if (is(rd, "and") && !next(rd))
            return false;
        if (!field_read(rd, &c->field) || !where_relation(rd, &c->relation) ||
            !where_value(rd, c))
            return false;
        q->conditions++;
    } while (is(rd, "and"));
    return true;
}

static bool span_read(struct reader *rd, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }
    };
    const riv_str s = rd->word.s;
    size_t digits = 0;
    int64_t n = 0;
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
        digits++;
    const riv_str unit = { s.p + digits, s.n - digits };
    const bool is_number = riv_to_i64((riv_str){ s.p, digits }, &n);
    for (size_t i = 0; i < sizeof units / sizeof *units && is_number; i++) {
        if (riv_eq(unit, riv_cstr(units[i].unit)) && n > 0 && n < 1000000) {
            *ret_ms = n * units[i].ms;
            return next(rd);
        }
    }
    char word[QUERY_NAME_MAX];
    return wrong(rd, "\"%s\" is no length of time; write 500ms, 10s, 1m, 1h",
                 text_of(rd, word, sizeof word));
}

static bool window_read(struct reader *rd, int none)
{
    struct query *q = rd->query;
    (void)none;
    if (!span_read(rd, &q->window_ms))
        return false;
    q->slide_ms = q->window_ms;
    return !is(rd, "every") || (next(rd) && span_read(rd, &q->slide_ms));
}

static bool total_read(struct reader *rd, int none)
{
    (void)none;
    rd->query->total = true;
    return true;
}

static const char *const folds[] = {
    "count", "sum", "avg", "min", "max", NULL
};

const char *query_fold_word(enum query_fold_kind kind)
{
    return folds[kind];
}

/* Which the word in work is; -1: none. */
static int fold_of(const struct reader *rd)
{
    for (int i = 0; folds[i]; i++)
        if (is(rd, folds[i]))
            return i;
    return -1;
}

static bool keys_read(struct reader *rd)
{
    struct query *q = rd->query;
    do {
        if (fold_of(rd) >= 0 && (q->format == QUERY_JSON || !named(rd)))
            return wrong(rd,
                         "%s stands behind \"by\", which comes last: "
                         "count, sum FIELD by FIELD; a field of that name "
                         "stands in quotes",
                         folds[fold_of(rd)]);
        if (q->keys == QUERY_KEYS_MAX)
            return wrong(rd, "there are more than %d fields behind \"by\"",
                         QUERY_KEYS_MAX);
        if (!field_read(rd, &q->key[q->keys]))
            return false;
        q->keys++;
    } while (!at_end(rd));
    return true;
}

/* One of several, behind its name. */
static bool fold_put(struct reader *rd, enum query_fold_kind kind)
{
    struct query *q = rd->query;
    struct query_fold fold = { kind, -1 };
    char name[QUERY_NAME_MAX];
    if (q->folds == QUERY_FOLDS_MAX)
        return wrong(rd, "there are more than %d of count, sum, avg, min, max",
                     QUERY_FOLDS_MAX);
    if (kind != QUERY_COUNT && !field_read(rd, &fold.field))
        return false;
    for (int i = 0; i < q->folds; i++)
        if (q->fold[i].kind == kind && q->fold[i].field == fold.field)
            return wrong(
                rd, "%s%s%s is there twice", folds[kind],
                kind == QUERY_COUNT ? "" : " ",
                kind == QUERY_COUNT
                    ? ""
                    : query_field_name(q, fold.field, name, sizeof name));
    q->fold[q->folds++] = fold;
    return true;
}

static bool fold_read(struct reader *rd, int which)
{
    struct query *q = rd->query;
    if (q->folds > 0)
        return wrong(rd,
                     "there is a %s already; several stand in one stage: "
                     "count, sum FIELD, avg FIELD by FIELD",
                     folds[q->fold[0].kind]);
    for (; which >= 0; which = fold_of(rd)) {
        if (q->folds > 0 && !next(rd))
            return false;
        if (!fold_put(rd, (enum query_fold_kind)which))
            return false;
    }
    if (is(rd, "by"))
        return next(rd) && keys_read(rd);
    return true;
}

static bool top_read(struct reader *rd, int none)
{
    enum { MOST = 100000 };
    char word[QUERY_NAME_MAX];
    (void)none;
    if (!rd->word.s.p || !riv_to_i64(rd->word.s, &rd->query->top) ||
        rd->query->top < 1 || rd->query->top > MOST)
        return wrong(rd, "\"%s\" is no number of rows; write top 10",
                     text_of(rd, word, sizeof word));
    return next(rd);
}

static bool show_read(struct reader *rd, int show)
{
    rd->query->show = (enum query_show)show;
    return true;
}

static const struct stage {
    const char *name;
    bool (*read)(struct reader *rd, int of); /* what stands behind the name */
    int of;                                  /* which of its kind */
} stages[] = {
    { "where", where_read, 0 },
    { "window", window_read, 0 },
    { "total", total_read, 0 },
    { "count", fold_read, QUERY_COUNT },
    { "sum", fold_read, QUERY_SUM },
    { "avg", fold_read, QUERY_AVG },
    { "min", fold_read, QUERY_MIN },
    { "max", fold_read, QUERY_MAX },
    { "top", top_read, 0 },
    { "csv", show_read, QUERY_AS_CSV },
    { "json", show_read, QUERY_AS_JSON },
};

enum { STAGES = sizeof stages / sizeof stages[0] };

static bool stage_read(struct reader *rd)
{
    const char *known[STAGES + 1] = { NULL };
    for (int i = 0; i < STAGES; i++) {
        if (is(rd, stages[i].name))
            return next(rd) && stages[i].read(rd, stages[i].of);
        known[i] = stages[i].name;
    }
    return unknown(rd, "stage", known);
}

/* ----------------------------------------------------------------- formats */

static const struct format {
    const char *name, *fields;
    enum query_format format;
    bool takes_names; /* of its columns, behind it */
    int fewest;       /* fields to cut, so that other lines are known */
} formats[] = {
    { "combined",
      "client ident user time method path protocol status bytes referer agent",
      QUERY_COMBINED, false, 4 },
    { "csv", "", QUERY_CSV, true, 0 },
    { "tsv", "", QUERY_TSV, true, 0 },
    { "fields", "", QUERY_FIELDS, true, 0 },
    { "json", "", QUERY_JSON, false, 0 },
    { "words", "word", QUERY_WORDS, false, 1 },
    { "lines", "line", QUERY_LINES, false, 1 },
}; /* in the order of enum query_format */

const char *query_format_word(enum query_format format)
{
    return formats[format].name;
}

enum { FORMATS = sizeof formats / sizeof formats[0] };

static bool names_read(struct reader *rd)
{
    while (!at_end(rd))
        if (!name_read(rd) || !next(rd))
            return false;
    return true;
}

static bool format_read(struct reader *rd)
{
    const char *known[FORMATS + 1] = { NULL };
    for (int i = 0; i < FORMATS; i++) {
        const struct format *f = &formats[i];
        known[i] = f->name;
        if (!is(rd, f->name))
            continue;
        riv_str rest = riv_cstr(f->fields), name;
        rd->query->format = f->format;
        while (rest.n > 0 && riv_cut(&rest, ' ', &name))
            name_put(rd->query, name);
        return next(rd) && (!f->takes_names || names_read(rd));
    }
    return unknown(rd, "format of lines", known);
}

/* What only the whole shows. */
static bool fits(struct reader *rd)
{
    struct query *q = rd->query;
    const bool folds_all = q->folds > 0;
    if (!folds_all && (q->window_ms > 0 || q->total || q->top > 0))
        return wrong(rd, "window, total and top are of a count, sum, avg, min "
                         "or max, and there is none");
    if (!folds_all && q->show != QUERY_TABLE)
        return wrong(rd,
                     "lines without a count or sum come out as they are; "
                     "leave %s away",
                     q->show == QUERY_AS_CSV ? "csv" : "json");
    if (q->window_ms > 0 && q->total)
        return wrong(rd, "a result is of a window or in total, not both");
    if (q->fields < formats[q->format].fewest)
        q->fields = formats[q->format].fewest;
    return true;
}

bool query_read(const char *text, struct query *ret, char *why, size_t room)
{
    struct reader rd = { .p = text, .query = ret, .why = why, .room = room };
    char word[QUERY_NAME_MAX];
    *ret = (struct query){ .folds = 0 };
    if (!next(&rd) || !format_read(&rd))
        return false;
    while (rd.word.s.p) {
        if (!is(&rd, "|"))
            return wrong(&rd, "\"%s\" stands where | or the end was expected",
                         text_of(&rd, word, sizeof word));
        if (!next(&rd) || !stage_read(&rd))
            return false;
    }
    return fits(&rd);
}
