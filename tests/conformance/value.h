/* value.h - values of the data as JSON and as records, both ways, led by the
 * description of the record's type. Used by everything here; what is done with
 * them is in ops_*.c, when two are equal in compare.c. */
#ifndef RIV_CONFORMANCE_VALUE_H
#define RIV_CONFORMANCE_VALUE_H

#include <jansson.h>
#include <rivulet.h>

/* A value of any kind, ordered by kind first. Lists, pairs and null are JSON
 * text. Used where a line's types are not the operation's own. */
enum { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_STRING, VALUE_JSON };

typedef struct any {
    int64_t kind, num;
    double real;
    riv_str text;
} any;

RIV_STRUCT(any, kind, num, real, text);
RIV_PAIR(any_any, any, any);
RIV_PAIR(any_int, any, int64_t);
RIV_PAIR(int_any, int64_t, any);
RIV_PAIR(word_int, riv_str, int64_t);
RIV_PAIR(word_word, riv_str, riv_str);
RIV_PAIR(word_any, riv_str, any);
RIV_PAIR(int_int, int64_t, int64_t);

/* Memory of one line, freed as a whole. */
struct pool {
    struct pool_block *first;
};

void *pool_alloc(struct pool *pool, size_t n);
void pool_fini(struct pool *pool);

/* The JSON array as rows of the type, in memory of the pool. {"range": [a, b]}
 * is an array, too. False: a value is not of the type. */
bool rows_of_json(const riv_type *type, const json_t *list, struct pool *pool,
                  void **rows, size_t *n);

/* One record as a new JSON value; pairs as [key, value]. */
json_t *json_of_row(const riv_type *type, const void *row);

/* All records of a result as a new JSON array. */
json_t *json_of_result(const riv_result *res);

/* A number, of the strings "nan", "inf", "-inf" and {"real": "nan"} too. */
bool number_of_json(const json_t *v, double *ret);

/* Kinds that occur among the values: a set of 1 << VALUE_x. */
unsigned kinds_in(const json_t *list);

/* ----------------------------------------------------- in user functions */

/* The value as JSON text in memory of the task. */
riv_str any_text(riv_task *t, const any *v);
riv_str int_text(riv_task *t, int64_t v);
riv_str real_text(riv_task *t, double v);
riv_str word_text(riv_task *t, riv_str s);

any any_of_int(int64_t v);
any any_of_real(double v);
any any_of_word(riv_str s);
any any_of_json(riv_str text);

/* A list that grows in memory of riv_local: text_add its values' JSON texts,
 * then text_list. */
struct text {
    char *p;
    size_t n, room;
};

void text_add(struct text *text, riv_str part);
any text_list(struct text *text, riv_task *t);
void text_fini(void *text);

#endif
