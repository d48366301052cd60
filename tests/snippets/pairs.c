/* Between records and pairs: words by their length.
 * prints
 * key,2
 * key,5
 * key,2
 * value,is
 * value,river
 * value,it
 * group,2 is it
 * group,5 river
 * letters,14
 * spread,5,river-river
 * least,2,is
 * least,5,river
 * all,is
 * all,river
 * all,it
 * all,is
 * all,river
 * all,it
 */
#include <rivulet.h>

RIV_PAIR(by_length, int64_t, riv_str);
RIV_PAIR(total, riv_str, int64_t);
typedef struct {
    riv_str what, text;
} line;
RIV_STRUCT(line, what, text);

RIV_MAP(length, riv_str, int64_t);
static int length(const riv_str *word, int64_t *out, riv_task *t)
{
    (void)t;
    *out = (int64_t)word->n;
    return 0;
}

RIV_MAP(key_line, int64_t, line);
static int key_line(const int64_t *in, line *out, riv_task *t)
{
    *out = (line){ riv_cstr("key"), riv_fmt(t, "%lld", (long long)*in) };
    return 0;
}

RIV_MAP(value_line, riv_str, line);
static int value_line(const riv_str *in, line *out, riv_task *t)
{
    *out = (line){ riv_cstr(riv_arg(t, char)), *in };
    return 0;
}

RIV_GROUP(together, by_length, line);
static int together(const int64_t *key, const riv_str *words, size_t n,
                    together_out *out, riv_task *t)
{
    riv_str text = riv_fmt(t, "%lld", (long long)*key);
    for (size_t i = 0; i < n; i++)
        text = riv_fmt(t, RIV_S " " RIV_S, RIV_P(text), RIV_P(words[i]));
    riv_emit(out, (line){ riv_cstr("group"), text });
    return 0;
}

RIV_MAP(letters, riv_str, total);
static int letters(const riv_str *word, total *out, riv_task *t)
{
    (void)t;
    *out = (total){ riv_cstr("letters"), (int64_t)word->n };
    return 0;
}

RIV_FLAT_MAP_VALUES(twice, by_length, by_length);
static int twice(const int64_t *key, const riv_str *word, twice_out *out,
                 riv_task *t)
{
    if (*key > 2) /* none, one or many values for a value */
        riv_emit_value(out,
                       riv_fmt(t, RIV_S "-" RIV_S, RIV_P(*word), RIV_P(*word)));
    return 0;
}

/* The first in the alphabet. */
RIV_COMBINE(least, by_length, by_length);
static void least_create(riv_str *acc, const riv_str *word, riv_task *t)
{
    (void)t;
    *acc = *word;
}
static void least(riv_str *acc, const riv_str *word, riv_task *t)
{
    size_t n = acc->n < word->n ? acc->n : word->n;
    (void)t;
    if (memcmp(word->p, acc->p, n) < 0)
        *acc = *word;
}
static void least_merge(riv_str *acc, const riv_str *other, riv_task *t)
{
    least(acc, other, t);
}

typedef struct {
    riv_str what;
    int64_t length;
    riv_str word;
} named;
RIV_STRUCT(named, what, length, word);
RIV_MAP(name, by_length, named);
static int name(const by_length *in, named *out, riv_task *t)
{
    *out = (named){ riv_cstr(riv_arg(t, char)), in->key, in->val };
    return 0;
}

static void show(riv_ds *in, const riv_fn *f, const char *what)
{
    riv_save_text(riv_map(in, f, RIV_OPT(.arg = RIV_BORROW(what))), "-", NULL);
}

RIV_JOB(r, argc, argv)
{
    const riv_str given[] = { riv_cstr("is"), riv_cstr("river"),
                              riv_cstr("it") };
    const int64_t five = 5;
    riv_ds *words = riv_parallelize(r, &riv_type_riv_str, given, 3, NULL);
    riv_ds *pairs = riv_key_by(words, length_fn, &riv_type_by_length, NULL);
    riv_ds *const both[] = { words, words };
    show(riv_keys(pairs), key_line_fn, "key");
    show(riv_values(pairs), value_line_fn, "value");
    riv_save_text(riv_group_by(words, length_fn, together_fn, NULL), "-", NULL);
    riv_save_text(riv_fold_by_key(riv_map(words, letters_fn, NULL), &five,
                                  riv_sum_i64, NULL),
                  "-", NULL);
    show(riv_flat_map_values(pairs, twice_fn, NULL), name_fn, "spread");
    show(riv_combine_by_key(pairs, least_fn, NULL), name_fn, "least");
    show(riv_union_all(r, both, 2), value_line_fn, "all");
    return 0;
}
