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
    QUERY_TOP = 20             /* rows of a table that says nothing else */
};

enum query_format {
    QUERY_COMBINED, /* a line of a web server's log, with or without the fields
                       in quotes at its end */
    QUERY_CSV,      /* with commas; a field may be in quotes */
    QUERY_TSV,      /* with tabs */
    QUERY_FIELDS,   /* with blanks, as awk sees them */
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

enum query_fold {
    QUERY_NO_FOLD, /* lines come out as they are */
    QUERY_COUNT,
    QUERY_SUM,
    QUERY_AVG,
    QUERY_MIN,
    QUERY_MAX
};

enum query_show { QUERY_TABLE, QUERY_AS_CSV, QUERY_AS_JSON };

struct query {
    enum query_format format;
    char name[QUERY_FIELDS_MAX][QUERY_NAME_MAX]; /* of the fields; "$1" too */
    int names, fields; /* fields: so many have to be cut off a line */
    struct query_condition condition[QUERY_CONDITIONS_MAX];
    int conditions;
    int64_t window_ms, slide_ms; /* 0: each batch for itself */
    bool total;                  /* since the beginning */
    enum query_fold fold;
    int value; /* the field that is folded; of a count -1 */
    int key[QUERY_KEYS_MAX];
    int keys;
    int64_t top; /* 0: QUERY_TOP of a table, else all */
    enum query_show show;
};

/* Reads a query; texts of conditions point into `text`. false: *why says what is
 * wrong and what would be right. */
bool query_read(const char *text, struct query *ret, char *why, size_t room);

/* "count", "sum" ...: how a fold is written. */
const char *query_fold_name(enum query_fold fold);

#endif
