/* normal.c - a line of finite data in one form: where one number of a column is
 * a fraction, or "nan", "inf", "-inf", all of them are reals, as in the typed
 * data of Spark. Columns are: records, keys and values of pairs; one of all
 * inputs. A real that JSON cannot hold becomes {"real": "nan"}. */
#include "conformance.h"

enum { RECORD, KEY, VALUE, COLUMNS };

struct column {
    bool number, fraction, special, other;
};

static const char *const inputs[] = { "in", "in2", "in3", "in4" };

static bool is_special(const json_t *v)
{
    const char *s = json_string_value(v);
    return s && (strcmp(s, "nan") == 0 || strcmp(s, "inf") == 0 ||
                 strcmp(s, "-inf") == 0);
}

static void column_see(struct column *column, const json_t *v)
{
    column->number |= json_is_number(v);
    column->fraction |= json_is_real(v);
    column->special |= is_special(v);
    column->other |= !json_is_number(v) && !is_special(v);
}

static bool is_real(const struct column *column)
{
    return column->fraction ||
           (column->special && column->number && !column->other);
}

static bool is_pair(const json_t *record)
{
    return json_is_array(record) && json_array_size(record) == 2;
}

static void columns_see(struct column *column, const json_t *list)
{
    const json_t *record;
    size_t i;
    json_array_foreach(list, i, record)
    {
        if (is_pair(record)) {
            column_see(&column[KEY], json_array_get(record, 0));
            column_see(&column[VALUE], json_array_get(record, 1));
        } else if (!json_is_array(record)) {
            column_see(&column[RECORD], record);
        }
    }
}

/* A new value, or another reference. */
static json_t *real_of(json_t *v)
{
    if (json_is_integer(v))
        return json_real((double)json_integer_value(v));
    return is_special(v) ? json_pack("{s:O}", "real", v) : json_incref(v);
}

static void list_make_real(json_t *list, const struct column *column)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *record = json_array_get(list, i);
        if (is_pair(record)) {
            for (int k = KEY; k <= VALUE; k++)
                if (is_real(&column[k]))
                    json_array_set_new(
                        record, (size_t)(k - KEY),
                        real_of(json_array_get(record, (size_t)(k - KEY))));
        } else if (!json_is_array(record) && is_real(&column[RECORD])) {
            json_array_set_new(list, i, real_of(record));
        }
    }
}

json_t *line_normal(const json_t *line)
{
    json_t *copy = json_deep_copy(line);
    struct column column[COLUMNS] = { 0 };
    const json_t *zero =
        json_object_get(json_object_get(line, "params"), "zero");
    column[RECORD].fraction = json_is_real(zero);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        columns_see(column, json_object_get(line, inputs[i]));
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        list_make_real(json_object_get(copy, inputs[i]), column);
    json_t *params = json_object_get(copy, "params");
    json_t *key = json_object_get(params, "key");
    if (key && is_real(&column[KEY]))
        json_object_set_new(params, "key", real_of(key));
    return copy;
}
