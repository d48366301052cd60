/* compare.c - is what came out what the data expect? Numbers are equal by
 * value, 4 and 4.0 too. Bags are brought into one order first. */
#include "conformance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* `approx` of the data; and what the order in which a sum is put together
 * makes of a fraction, which is promised by nobody. */
static const double NEAR = 1e-9, SAME = 1e-13;

static bool near(double a, double b, double within)
{
    return a == b || (a != a && b != b) ||
           fabs(a - b) <= within * fmax(1, fmax(fabs(a), fabs(b)));
}

static bool equal(const json_t *a, const json_t *b, bool approx);

static bool lists_equal(const json_t *a, const json_t *b, bool approx)
{
    size_t n = json_array_size(a);
    if (n != json_array_size(b))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!equal(json_array_get(a, i), json_array_get(b, i), approx))
            return false;
    return true;
}

/* Only the members that `want` has. */
static bool members_equal(const json_t *want, const json_t *got, bool approx)
{
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)want, name, v)
    {
        const json_t *other = json_object_get(got, name);
        if (!other || !equal(v, other, approx))
            return false;
    }
    return true;
}

static bool equal(const json_t *a, const json_t *b, bool approx)
{
    double x, y;
    if (json_is_integer(a) && json_is_integer(b) && !approx)
        return json_integer_value(a) == json_integer_value(b);
    if (json_is_number(a) && json_is_number(b))
        return near(json_number_value(a), json_number_value(b),
                    approx ? NEAR : SAME);
    if (approx && number_of_json(a, &x) && number_of_json(b, &y))
        return near(x, y, NEAR);
    if (json_is_array(a) && json_is_array(b))
        return lists_equal(a, b, approx);
    if (json_is_object(a) && json_is_object(b))
        return members_equal(a, b, approx);
    return json_equal(a, b);
}

/* The text by which values are sorted: 4 and 4.0 are one. */
static char *text_of(const json_t *v)
{
    const double whole = json_is_real(v) ? rint(json_real_value(v)) : 0.5;
    if (whole == json_real_value(v) && fabs(whole) < 1e15) {
        char text[32];
        snprintf(text, sizeof text, "%.0f", whole);
        return strdup(text);
    }
    if (!json_is_array(v))
        return json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    char *all = NULL;
    size_t n;
    FILE *f = open_memstream(&all, &n);
    for (size_t i = 0; f && i < json_array_size(v); i++) {
        char *one = text_of(json_array_get(v, i));
        fprintf(f, "%s%s", i > 0 ? "," : "[", one ? one : "");
        free(one);
    }
    if (f) {
        fputs(json_array_size(v) > 0 ? "]" : "[]", f);
        fclose(f);
    }
    return all;
}

struct texted {
    char *text;
    json_t *v;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct texted *)a)->text,
                  ((const struct texted *)b)->text);
}

/* A new list of the same values in the order of their text. */
static json_t *sorted(const json_t *list)
{
    size_t n = json_array_size(list);
    struct texted *each = calloc(n + 1, sizeof *each);
    json_t *ret = json_array();
    for (size_t i = 0; each && i < n; i++) {
        each[i].v = json_array_get(list, i);
        each[i].text = text_of(each[i].v);
    }
    if (each)
        qsort(each, n, sizeof *each, by_text);
    for (size_t i = 0; each && i < n; i++) {
        json_array_append(ret, each[i].v);
        free(each[i].text);
    }
    free(each);
    return ret;
}

/* The values of a key: a bag, or a list of bags. */
static json_t *sorted_values(const json_t *values)
{
    const json_t *v;
    size_t i;
    bool bags = json_array_size(values) > 0;
    json_t *ret = json_array();
    json_array_foreach(values, i, v) bags = bags && json_is_array(v);
    if (!bags) {
        json_decref(ret);
        return sorted(values);
    }
    json_array_foreach(values, i, v) json_array_append_new(ret, sorted(v));
    return ret;
}

static json_t *sorted_groups(const json_t *list)
{
    json_t *groups = json_array(), *ret;
    const json_t *v;
    size_t i;
    json_array_foreach(list, i, v)
    {
        json_t *group = json_array();
        json_array_append(group, json_array_get(v, 0));
        json_array_append_new(group, sorted_values(json_array_get(v, 1)));
        json_array_append_new(groups, group);
    }
    ret = sorted(groups);
    json_decref(groups);
    return ret;
}

static bool same_sorted(const json_t *want, const json_t *got,
                        json_t *(*sort)(const json_t *))
{
    json_t *a = sort(want), *b = sort(got);
    bool ok = json_is_array(got) && equal(a, b, false);
    json_decref(a);
    json_decref(b);
    return ok;
}

bool same(const char *how, const json_t *want, const json_t *got)
{
    if (!how)
        how = "list";
    if (strcmp(how, "set") == 0)
        return same_sorted(want, got, sorted);
    if (strcmp(how, "groups") == 0)
        return same_sorted(want, got, sorted_groups);
    return equal(want, got, strcmp(how, "approx") == 0);
}
