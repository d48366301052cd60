/* ops_stream_key.c - operations of streams.jsonl: whole batches, by key,
 * joins. */
#include "ops_stream.h"

static riv_ds *reduce_sum(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_reduce(a, riv_sum_i64, NULL);
}

static riv_ds *count(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_count(a);
}

static riv_ds *count_by_value(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_count_by_value(a, options(run, &o));
}

/* ------------------------------------------------------------------ by key */

RIV_MAP_VALUES(plus_10, word_int, word_int);
static int plus_10(const riv_str *key, const int64_t *v, int64_t *out,
                   riv_task *t)
{
    (void)key, (void)t;
    *out = *v + 10;
    return 0;
}

/* flat_map_values by flat_map, which means the same for the records. */
RIV_FLAT_MAP(v_and_plus_10, word_int, word_int);
static int v_and_plus_10(const word_int *in, v_and_plus_10_out *out,
                         riv_task *t)
{
    (void)t;
    riv_emit(out, *in);
    riv_emit(out, (word_int){ in->key, in->val + 10 });
    return 0;
}

static riv_ds *word_group(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_group_by_key(with_ones(a), numbers_of, options(run, &o));
}

static riv_ds *word_count(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_reduce_by_key(with_ones(a), riv_sum_i64, options(run, &o));
}

static riv_ds *word_count_map_values(struct run *run, riv_ds *a, riv_ds *b)
{
    return riv_map_values(word_count(run, a, b), plus_10_fn, NULL);
}

static riv_ds *word_count_flat_map_values(struct run *run, riv_ds *a, riv_ds *b)
{
    return riv_flat_map(word_count(run, a, b), v_and_plus_10_fn, NULL);
}

/* ------------------------------------------------------------------- joins */

RIV_JOIN(both, word_int, word_word, word_any);
static int both(const riv_str *key, const int64_t *l, const riv_str *r,
                both_out *out, riv_task *t)
{
    struct text text = { 0 };
    text_add(&text, l ? int_text(t, *l) : riv_cstr("null"));
    text_add(&text, r ? word_text(t, *r) : riv_cstr("null"));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

RIV_COGROUP(all_of, word_int, word_word, word_any);
static int all_of(const riv_str *key, const int64_t *l, size_t nl,
                  const riv_str *r, size_t nr, all_of_out *out, riv_task *t)
{
    struct text a = { 0 }, b = { 0 }, sides = { 0 };
    for (size_t i = 0; i < nl; i++)
        text_add(&a, int_text(t, l[i]));
    for (size_t i = 0; i < nr; i++)
        text_add(&b, word_text(t, r[i]));
    text_add(&sides, text_list(&a, t).text);
    text_add(&sides, text_list(&b, t).text);
    word_any row = { *key, text_list(&sides, t) };
    text_fini(&a);
    text_fini(&b);
    text_fini(&sides);
    riv_emit(out, row);
    return 0;
}

static riv_ds *joined(struct run *run, riv_ds *a, riv_ds *b, int how)
{
    riv_opt o = { 0 };
    return riv_join(with_ones(a), with_xs(b), both_fn, how, options(run, &o));
}

static riv_ds *join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_INNER);
}

static riv_ds *left_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_LEFT);
}

static riv_ds *right_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_RIGHT);
}

static riv_ds *full_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_FULL);
}

static riv_ds *cogroup(struct run *run, riv_ds *a, riv_ds *b)
{
    riv_opt o = { 0 };
    return riv_cogroup(with_ones(a), with_xs(b), all_of_fn, options(run, &o));
}

const struct stream_op stream_ops_key[] = {
    { "reduce_sum", INT, NULL, reduce_sum },
    { "count", NULL, NULL, count },
    { "count_by_value", NULL, NULL, count_by_value },
    { "word_group", WORD, NULL, word_group },
    { "word_count", WORD, NULL, word_count },
    { "word_count_map_values", WORD, NULL, word_count_map_values },
    { "word_count_flat_map_values", WORD, NULL, word_count_flat_map_values },
    { "cogroup", WORD, WORD, cogroup },
    { "join", WORD, WORD, join },
    { "left_outer_join", WORD, WORD, left_outer_join },
    { "right_outer_join", WORD, WORD, right_outer_join },
    { "full_outer_join", WORD, WORD, full_outer_join },
    { 0 },
};
