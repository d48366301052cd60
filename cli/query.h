/* cli/query.h - the one-liners of `rivulet pipe`: what the lines are, which of them
 * count, what is counted over them, and how it is shown. Text to a struct, and what
 * is wrong with it in words; nothing is run here. */
#ifndef QUERY_H
#define QUERY_H

#include <rivulet.h>

enum {
    QUERY_FIELDS_MAX = 64,     /* of a line; columns behind are not seen */
    QUERY_NAME_MAX = 40,       /* bytes of a field's name, with NUL */
    QUERY_CONDITIONS_MAX = 16, /* all of the query */
    QUERY_KEYS_MAX = 8,        /* fields behind "by" */
    QUERY_FOLDS_MAX = 5,       /* counts, sums ... in one stage */
    QUERY_TOP = 20             /* rows of a table that says nothing else */
};

enum query_format {
    QUERY_COMBINED, /* a line of a web server's log, with or without the fields
                       in quotes at its end */
    QUERY_CSV,      /* with commas; a field may be in quotes */
    QUERY_TSV,      /* with tabs */
    QUERY_FIELDS,   /* with blanks, as awk sees them */
    QUERY_JSON,     /* an object; its fields by their names */
    QUERY_WORDS,    /* each word is a record */
    QUERY_LINES
};

enum query_relation {
    QUERY_EQUAL,
    QUERY_UNEQUAL,
    QUERY_LESS,
    QUERY_AT_MOST,
    QUERY_MORE,
    QUERY_AT_LEAST,
    QUERY_CONTAINS,
    QUERY_LACKS
};

struct query_condition {
    int field; /* from 0 */
    enum query_relation relation;
    riv_str text;
    double number;
    bool is_number; /* then numbers are compared, and what is none fails */
};

enum query_fold_kind {
    QUERY_COUNT,
    QUERY_SUM,
    QUERY_AVG,
    QUERY_MIN,
    QUERY_MAX
};

struct query_fold {
    enum query_fold_kind kind;
    int field; /* that is folded; of a count -1 */
};

enum query_show { QUERY_TABLE, QUERY_AS_CSV, QUERY_AS_JSON };

struct query {
    enum query_format format;
    char name[QUERY_FIELDS_MAX][QUERY_NAME_MAX]; /* of the fields; "$1" too */
    int names, fields; /* fields: so many have to be cut off a line; of JSON
                          names has all that the query mentions */
    struct query_condition condition[QUERY_CONDITIONS_MAX];
    int conditions;
    int64_t window_ms, slide_ms; /* 0: each batch for itself */
    bool total;                  /* since the beginning */
    struct query_fold fold[QUERY_FOLDS_MAX];
    int folds; /* 0: lines come out as they are */
    int key[QUERY_KEYS_MAX];
    int keys;
    int64_t top; /* 0: QUERY_TOP of a table, else all */
    enum query_show show;
};

/* Reads a query; texts of conditions point into `text`. false: *why says what is
 * wrong and what would be right. */
bool query_read(const char *text, struct query *ret, char *why, size_t room);

/* "count", "sum" ...: how a fold is written. */
const char *query_fold_word(enum query_fold_kind kind);

/* "combined", "csv" ... */
const char *query_format_word(enum query_format format);

enum { QUERY_FOLD_NAME_MAX = QUERY_NAME_MAX + 8 };

/* What its result is called: "sum", and "sum_bytes" where there are several. */
const char *query_fold_name(const struct query *query, int fold, char *dst,
                            size_t room);

/* What a field is called: by its name, else "$3". */
const char *query_field_name(const struct query *query, int field, char *dst,
                             size_t room);

/* The name of what is kept of a query's batches: another form of lines, other
 * conditions, folds or keys have another. Letters, digits, points and underlines,
 * as "combined.where.status.ge.500.count.by.path"; where that does not say all, a
 * hash is behind it. `room` is at least 40. */
char *query_identity(const struct query *query, char *dst, size_t room);

#endif
