/* compare.c - JSON lines read by the library and by another parser: the same
 * lines are records, with the same values. Lines are made from a seed, shuffled,
 * nested, and changed at random. Prints TAP.
 *
 * One difference is meant: jansson knows whole numbers of 64 bits with a sign
 * only, and refuses a line with a larger one wherever it stands. */
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rivulet.h>

enum { LINES = 60000, LINE_MAX = 1000 };

typedef struct {
    riv_str name;
    int64_t id;
    double amount;
    bool ok;
} event;
RIV_STRUCT(event, name, id, amount, ok);

typedef struct {
    bool fine;
    event event;
    riv_str why;
} answer;
static const riv_field answer_fields[] = {
    { "fine", NULL, RIV_K_BOOL, offsetof(answer, fine), sizeof(bool), 0 },
    { "event", &riv_type_event, 0, offsetof(answer, event), sizeof(event), 0 },
    { "why", NULL, RIV_K_STR, offsetof(answer, why), sizeof(riv_str), 0 },
};
static const riv_type riv_type_answer = { sizeof(riv_type),
                                          RIV_K_STRUCT,
                                          "answer",
                                          sizeof(answer),
                                          _Alignof(answer),
                                          3,
                                          0,
                                          answer_fields,
                                          NULL };

RIV_MAP(read_line, riv_str, answer);
static int read_line(const riv_str *line, answer *out, riv_task *t)
{
    *out = (answer){ .fine = false };
    out->fine = riv_from_json(*line, &riv_type_event, &out->event, t);
    if (!out->fine)
        out->event = (event){ .id = 0 };
    return 0;
}

/* ------------------------------------------------------------- lines made up */

static uint64_t seed = 20;

static unsigned draw(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

struct text {
    char p[LINE_MAX];
    size_t n;
};

static void add(struct text *t, const char *s)
{
    size_t n = strlen(s);
    if (t->n + n >= LINE_MAX)
        return;
    memcpy(t->p + t->n, s, n);
    t->n += n;
}

static const char *pick(const char *const *list, unsigned n)
{
    return list[draw(n)];
}
#define PICK(...) \
    pick((const char *const[]){ __VA_ARGS__ }, \
         sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void add_string(struct text *t)
{
    add(t, "\"");
    for (unsigned n = draw(6); n > 0; n--)
        add(t, PICK("a", "bc", " ", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9",
                    "\\ud83d\\ude00", "\xc3\xa9", "\xe2\x82\xac", "{", "]", ",",
                    ":", "\\t", "\\u0041"));
    add(t, "\"");
}

static void add_number(struct text *t)
{
    char s[40];
    if (draw(3) > 0) {
        add(t, PICK("0", "-0", "1", "-1", "12", "1.5", "-0.25", "1e3", "2E-7",
                    "1.0", "9223372036854775807", "-9223372036854775808",
                    "123456.789", "1e308", "5e-324", "0.1", "1e-400", "1e400",
                    "-1E+2"));
        return;
    }
    snprintf(s, sizeof s, "%.17g", (draw(1000000) - 5e5) / (1 + draw(999)));
    add(t, s);
}

static void add_blank(struct text *t)
{
    if (draw(4) == 0)
        add(t, PICK(" ", "\t", "  ", "\r"));
}

static void add_value(struct text *t, int depth)
{
    switch (draw(depth > 0 ? 8 : 6)) {
    case 0: add(t, PICK("true", "false", "null")); break;
    case 1:
    case 2: add_string(t); break;
    case 6:
        add(t, "[");
        for (unsigned n = draw(4); n > 0; n--) {
            add_value(t, depth - 1);
            add(t, n > 1 ? "," : "");
        }
        add(t, "]");
        break;
    case 7:
        add(t, "{");
        for (unsigned n = draw(3); n > 0; n--) {
            add_string(t);
            add(t, ":");
            add_value(t, depth - 1);
            add(t, n > 1 ? "," : "");
        }
        add(t, "}");
        break;
    default: add_number(t);
    }
}

static void add_field(struct text *t, unsigned which)
{
    add_blank(t);
    switch (which) {
    case 0: add(t, "\"name\":"); break;
    case 1: add(t, "\"id\":"); break;
    case 2: add(t, "\"amount\":"); break;
    case 3: add(t, draw(2) ? "\"ok\":" : "\"\\u006fk\":"); break;
    default: add_string(t), add(t, ":");
    }
    add_blank(t);
    if (which > 3 || draw(12) == 0)
        add_value(t, 3);
    else if (which == 0)
        add_string(t);
    else if (which == 3)
        add(t, PICK("true", "false"));
    else
        add_number(t);
    add_blank(t);
}

/* All fields, mostly; a few twice, a few others between. */
static void make_line(struct text *t)
{
    unsigned order[8], n = 4 + draw(4);
    t->n = 0;
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    for (unsigned i = n; i-- > 1;) {
        unsigned k = draw(i + 1), was = order[i];
        order[i] = order[k];
        order[k] = was;
    }
    add_blank(t);
    add(t, "{");
    for (unsigned i = 0; i < n; i++) {
        add_field(t, draw(40) == 0 ? draw(5) : order[i]);
        add(t, i + 1 < n ? "," : "");
    }
    add(t, "}");
    add_blank(t);
}

static void change_line(struct text *t)
{
    static const char likely[] =
        "{}[]:,\"\\ 0123456789.eE+-truefalsn\t\x01\x80\xff";
    for (unsigned n = draw(4); n > 0 && t->n > 1; n--) {
        size_t at = draw((unsigned)t->n);
        switch (draw(3)) {
        case 0: t->p[at] = likely[draw(sizeof likely - 1)]; break;
        case 1:
            memmove(t->p + at, t->p + at + 1, t->n - at - 1);
            t->n--;
            break;
        default: t->n = draw(8) ? t->n : at;
        }
    }
}

/* --------------------------------------------------------- the other parser */

/* Where jansson knows less: 19 digits or more in a row. */
static bool has_long_number(const char *p, size_t n)
{
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        run = isdigit((unsigned char)p[i]) ? run + 1 : 0;
        if (run >= 19)
            return true;
    }
    return false;
}

static bool other_reads(const char *p, size_t n, event *e, json_t **ret)
{
    json_error_t err;
    json_t *v = json_loadb(p, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &err);
    *ret = v;
    const json_t *name = json_object_get(v, "name");
    const json_t *id = json_object_get(v, "id");
    const json_t *amount = json_object_get(v, "amount");
    const json_t *ok = json_object_get(v, "ok");
    if (!json_is_string(name) || !json_is_integer(id) || !json_is_boolean(ok) ||
        !(json_is_number(amount) || json_is_null(amount)))
        return false;
    *e = (event){ { json_string_value(name), json_string_length(name) },
                  (int64_t)json_integer_value(id),
                  json_is_null(amount) ? NAN : json_number_value(amount),
                  json_is_true(ok) };
    return true;
}

static bool same_event(const event *a, const event *b)
{
    return riv_eq(a->name, b->name) && a->id == b->id && a->ok == b->ok &&
           (a->amount == b->amount || (isnan(a->amount) && isnan(b->amount)));
}

static int differ;

static void compare(const riv_str *line, const answer *got, int *fine)
{
    event want = { .id = 0 };
    json_t *v;
    bool reads = other_reads(line->p, line->n, &want, &v);
    *fine += reads;
    if (!has_long_number(line->p, line->n) &&
        (reads != got->fine || (reads && !same_event(&want, &got->event))) &&
        differ++ < 10)
        printf("# " RIV_S "\n#   the other parser %s it\n", RIV_P(*line),
               reads ? "reads" : "refuses");
    json_decref(v);
}

static void check(int changed, const char *name)
{
    static riv_str lines[LINES];
    static struct text text[LINES];
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { .struct_size = sizeof res };
    int fine = 0;
    differ = 0;
    for (size_t i = 0; i < LINES; i++) {
        make_line(&text[i]);
        if (changed)
            change_line(&text[i]);
        lines[i] = (riv_str){ text[i].p, text[i].n };
    }
    riv_ds *in = riv_parallelize(r, &riv_type_riv_str, lines, LINES,
                                 RIV_OPT(.partitions = 5));
    int rc = riv_collect(riv_map(in, read_line_fn, NULL), &res);
    if (rc < 0)
        printf("# %s\n", riv_errmsg(r));
    for (size_t i = 0; i < res.n; i++)
        compare(&lines[i], (const answer *)res.rows + i, &fine);
    /* both kinds of lines must have been there */
    const bool good = rc == 0 && res.n == LINES && differ == 0 &&
                      fine > LINES / 20 && fine < LINES - LINES / 20;
    printf("%sok %d - %s\n# %d of %d lines are records, %d differ\n",
           good ? "" : "not ", changed + 1, name, fine, LINES, differ);
    riv_result_free(&res);
    riv_free(r);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strstr(riv_features(), "CSV, JSON") || strstr(riv_features(), "out")) {
        printf("1..0 # SKIP this build reads no JSON\n");
        return 0;
    }
    printf("1..2\n");
    check(0, "lines_mean_the_same_to_another_parser");
    check(1, "damaged_lines_do_too");
    return 0;
}
