/* value.c - see value.h. */
#include "value.h"

#include <stdlib.h>

/* ------------------------------------------------------------------- pool */

struct pool_block {
    struct pool_block *next;
    max_align_t bytes[];
};

void *pool_alloc(struct pool *pool, size_t n)
{
    struct pool_block *block = calloc(1, sizeof *block + n + 1);
    if (!block) {
        fputs("conformance: no memory\n", stderr);
        exit(71);
    }
    block->next = pool->first;
    pool->first = block;
    return block->bytes;
}

void pool_fini(struct pool *pool)
{
    while (pool->first) {
        struct pool_block *block = pool->first;
        pool->first = block->next;
        free(block);
    }
}

/* ---------------------------------------------------------- JSON to records */

bool number_of_json(const json_t *v, double *ret)
{
    if (json_is_object(v))
        v = json_object_get(v, "real");
    const char *s = json_string_value(v);
    if (json_is_number(v))
        *ret = json_number_value(v);
    else if (!s || !riv_to_f64(riv_cstr(s), ret))
        return false;
    return true;
}

static riv_str str_of_json(const json_t *v)
{
    return (riv_str){ json_string_value(v), json_string_length(v) };
}

static any any_of(const json_t *v, struct pool *pool)
{
    any a = { .kind = VALUE_NULL };
    if (json_object_get(v, "real")) {
        a.kind = VALUE_REAL;
        number_of_json(v, &a.real);
        return a;
    }
    if (json_is_integer(v))
        return any_of_int((int64_t)json_integer_value(v));
    if (json_is_string(v))
        return any_of_word(str_of_json(v));
    if (json_is_real(v)) {
        a.kind = VALUE_REAL;
        a.real = json_real_value(v);
    } else if (!json_is_null(v)) {
        size_t n = json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
        char *text = pool_alloc(pool, n);
        json_dumpb(v, text, n, JSON_COMPACT | JSON_ENCODE_ANY);
        a = any_of_json((riv_str){ text, n });
    }
    return a;
}

static bool row_of_json(const riv_type *type, const json_t *v,
                        struct pool *pool, void *row)
{
    if (type == &riv_type_any || strcmp(type->name, "any") == 0) {
        *(any *)row = any_of(v, pool);
        return true;
    }
    switch (type->kind) {
    case RIV_K_I64:
        *(int64_t *)row = (int64_t)json_integer_value(v);
        return json_is_integer(v);
    case RIV_K_F64: return number_of_json(v, row);
    case RIV_K_STR: *(riv_str *)row = str_of_json(v); return json_is_string(v);
    case RIV_K_PAIR:
        return json_array_size(v) == 2 &&
               row_of_json(type->fields[0].type, json_array_get(v, 0), pool,
                           (char *)row + type->fields[0].offset) &&
               row_of_json(type->fields[1].type, json_array_get(v, 1), pool,
                           (char *)row + type->fields[1].offset);
    default: return false;
    }
}

static bool range_rows(const riv_type *type, const json_t *range,
                       struct pool *pool, void **rows, size_t *n)
{
    json_int_t from = json_integer_value(json_array_get(range, 0));
    json_int_t to = json_integer_value(json_array_get(range, 1));
    *n = to >= from ? (size_t)(to - from + 1) : 0;
    char *row = *rows = pool_alloc(pool, *n * type->size);
    for (json_int_t i = from; i <= to; i++, row += type->size) {
        json_t *v = json_integer(i);
        bool fine = row_of_json(type, v, pool, row);
        json_decref(v);
        if (!fine)
            return false;
    }
    return true;
}

bool rows_of_json(const riv_type *type, const json_t *list, struct pool *pool,
                  void **rows, size_t *n)
{
    const json_t *range = json_object_get(list, "range"), *v;
    if (range)
        return range_rows(type, range, pool, rows, n);
    *n = json_array_size(list);
    char *row = *rows = pool_alloc(pool, *n * type->size);
    size_t i;
    json_array_foreach(list, i, v)
    {
        if (!row_of_json(type, v, pool, row + i * type->size))
            return false;
    }
    return true;
}

static unsigned kind_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_INTEGER: return 1u << VALUE_INT;
    case JSON_REAL: return 1u << VALUE_REAL;
    case JSON_STRING: return 1u << VALUE_STRING;
    case JSON_NULL: return 1u << VALUE_NULL;
    case JSON_OBJECT: return 1u << VALUE_REAL;
    default: return 1u << VALUE_JSON;
    }
}

unsigned kinds_in(const json_t *list)
{
    const json_t *v;
    size_t i;
    unsigned kinds = json_is_object(list) ? 1u << VALUE_INT : 0;
    json_array_foreach(list, i, v) kinds |= kind_of(v);
    return kinds;
}

/* ---------------------------------------------------------- records to JSON */

static json_t *json_of_str(riv_str s)
{
    return json_stringn(s.n ? s.p : "", s.n);
}

/* JSON has no such numbers; the data write them as strings. */
static json_t *json_of_real(double v)
{
    if (v != v)
        return json_string("nan");
    if (v - v != 0)
        return json_string(v > 0 ? "inf" : "-inf");
    return json_real(v);
}

static json_t *json_of_any(const any *v)
{
    switch (v->kind) {
    case VALUE_INT: return json_integer(v->num);
    case VALUE_REAL: return json_of_real(v->real);
    case VALUE_STRING: return json_of_str(v->text);
    case VALUE_JSON:
        return json_loadb(v->text.p, v->text.n,
                          JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    default: return json_null();
    }
}

static json_t *json_of_field(const riv_field *field, const void *row);

static json_t *json_of_fields(const riv_type *type, const void *row)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < type->nfields; i++)
        json_array_append_new(list, json_of_field(&type->fields[i], row));
    return list;
}

static json_t *json_of_kind(uint32_t kind, const void *at)
{
    switch (kind) {
    case RIV_K_I64: return json_integer(*(const int64_t *)at);
    case RIV_K_U64: return json_integer((json_int_t) * (const uint64_t *)at);
    case RIV_K_U32: return json_integer(*(const uint32_t *)at);
    case RIV_K_I32: return json_integer(*(const int32_t *)at);
    case RIV_K_F64: return json_of_real(*(const double *)at);
    case RIV_K_BOOL: return json_boolean(*(const bool *)at);
    case RIV_K_STR: return json_of_str(*(const riv_str *)at);
    default: return json_null();
    }
}

static json_t *json_of_field(const riv_field *field, const void *row)
{
    const char *at = (const char *)row + field->offset;
    return field->type ? json_of_row(field->type, at)
                       : json_of_kind(field->kind, at);
}

json_t *json_of_row(const riv_type *type, const void *row)
{
    if (type->kind == RIV_K_STRUCT && strcmp(type->name, "any") == 0)
        return json_of_any(row);
    if (type->nfields > 0)
        return json_of_fields(type, row);
    return json_of_kind(type->kind, row);
}

json_t *json_of_result(const riv_result *res)
{
    json_t *list = json_array();
    for (size_t i = 0; i < res->n; i++)
        json_array_append_new(
            list, json_of_row(res->type,
                              (const char *)res->rows + i * res->type->size));
    return list;
}

/* ------------------------------------------------------- in user functions */

any any_of_int(int64_t v)
{
    return (any){ .kind = VALUE_INT, .num = v };
}

any any_of_real(double v)
{
    return (any){ .kind = VALUE_REAL, .real = v };
}

any any_of_word(riv_str s)
{
    return (any){ .kind = VALUE_STRING, .text = s };
}

any any_of_json(riv_str text)
{
    return (any){ .kind = VALUE_JSON, .text = text };
}

riv_str int_text(riv_task *t, int64_t v)
{
    return riv_fmt(t, "%lld", (long long)v);
}

/* Quoted; a character that JSON cannot hold plain becomes \u00XX. */
riv_str word_text(riv_task *t, riv_str s)
{
    static const char hex[] = "0123456789abcdef";
    char *text = riv_alloc(t, 6 * s.n + 2), *p = text;
    *p++ = '"';
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            *p++ = (char)c;
            continue;
        }
        memcpy(p, "\\u00", 4);
        p[4] = hex[c >> 4];
        p[5] = hex[c & 15];
        p += 6;
    }
    *p++ = '"';
    return (riv_str){ text, (size_t)(p - text) };
}

/* JSON has no such numbers; the data write them as strings. */
riv_str real_text(riv_task *t, double v)
{
    if (v != v)
        return riv_cstr("\"nan\"");
    if (v - v != 0)
        return riv_cstr(v > 0 ? "\"inf\"" : "\"-inf\"");
    return riv_fmt(t, "%.17g", v);
}

riv_str any_text(riv_task *t, const any *v)
{
    switch (v->kind) {
    case VALUE_INT: return int_text(t, v->num);
    case VALUE_REAL: return real_text(t, v->real);
    case VALUE_STRING: return word_text(t, v->text);
    case VALUE_JSON: return v->text;
    default: return riv_cstr("null");
    }
}

void text_add(struct text *text, riv_str part)
{
    size_t need = text->n + part.n + 1;
    if (need > text->room) {
        char *p = realloc(text->p, 2 * need);
        if (!p)
            return;
        text->p = p;
        text->room = 2 * need;
    }
    text->p[text->n++] = ',';
    memcpy(text->p + text->n, part.p, part.n);
    text->n += part.n;
}

any text_list(struct text *text, riv_task *t)
{
    if (text->n == 0)
        return any_of_json(riv_cstr("[]"));
    char *list = riv_alloc(t, text->n + 1);
    memcpy(list, text->p, text->n);
    list[0] = '[';
    list[text->n] = ']';
    return any_of_json((riv_str){ list, text->n + 1 });
}

void text_fini(void *text)
{
    free(((struct text *)text)->p);
}
