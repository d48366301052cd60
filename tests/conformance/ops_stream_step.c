/* ops_stream_step.c - operations of streams.jsonl: record by record, batches as RDDs. */
#include "ops_stream.h"

RIV_MAP(to_text, int64_t, riv_str);
static int to_text(const int64_t *x, riv_str *out, riv_task *t)
{
    *out = int_text(t, *x);
    return 0;
}

RIV_FLAT_MAP(x_2x, int64_t, int64_t);
static int x_2x(const int64_t *x, x_2x_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, *x);
    riv_emit(out, 2 * *x);
    return 0;
}

RIV_FILTER(even, int64_t);
static int even(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x % 2 == 0;
}

RIV_MAP(plus, int64_t, int64_t);
static int plus(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x + *riv_arg(t, int64_t);
    return 0;
}

static riv_ds *map_to_string(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_map(a, to_text_fn, NULL);
}

static riv_ds *flat_map_x_2x(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_flat_map(a, x_2x_fn, NULL);
}

static riv_ds *filter_even(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_filter(a, even_fn, NULL);
}

static riv_ds *glom_lists(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return glom(a);
}

static riv_ds *map_partitions_sum(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return sums_of_partitions(a);
}

static riv_ds *repartition(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_repartition(a, (int)param(run, "num_partitions", 2));
}

static riv_ds *plus_n(riv_ds *in, int64_t n)
{
    return riv_map(in, plus_fn, RIV_OPT(.arg = RIV_COPY(n)));
}

static riv_ds *union_plus4(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_union(a, plus_n(a, 4));
}

static riv_ds *union_plus4_plus8(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_union(riv_union(a, plus_n(a, 4)), plus_n(a, 8));
}

/* -------------------------------------------------------------- transform */

static riv_ds *texts(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_map(rdd, to_text_fn, NULL);
}

static riv_ds *nothing(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)rdd, (void)time, (void)arg;
    return NULL;
}

static riv_ds *transform_to_string(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_transform(a, texts, &riv_type_riv_str, NULL);
}

static riv_ds *transform_nothing(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_transform(a, nothing, &riv_type_int64_t, NULL);
}

RIV_JOIN(one_and_x, word_int, word_word, word_any);
static int one_and_x(const riv_str *key, const int64_t *l, const riv_str *r,
                     one_and_x_out *out, riv_task *t)
{
    struct text text = { 0 };
    text_add(&text, int_text(t, *l));
    text_add(&text, word_text(t, *r));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

static riv_ds *joined_rdds(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_join(a, b, one_and_x_fn, RIV_INNER, NULL);
}

static riv_ds *united_rdds(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_union(a, b);
}

static riv_ds *all_united(riv_ds *const *rdd, size_t n, int64_t time,
                          const void *arg)
{
    riv_ds *all = rdd[0];
    (void)time, (void)arg;
    for (size_t i = 1; i < n; i++)
        all = riv_union(all, rdd[i]);
    return all;
}

static riv_ds *transform_with_join(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run;
    return riv_transform_with(with_ones(a), with_xs(b), joined_rdds,
                              &riv_type_word_any, NULL);
}

static riv_ds *transform_with_union(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run;
    return riv_transform_with(a, b, united_rdds, &riv_type_riv_str, NULL);
}

static riv_ds *transform_union_plus4_plus8(struct run *run, riv_ds *a,
                                           riv_ds *b)
{
    riv_ds *const all[] = { a, plus_n(a, 4), plus_n(a, 8) };
    (void)b;
    return riv_transform_all(run->r, all, 3, all_united, &riv_type_int64_t,
                             NULL);
}

const struct stream_op stream_ops_step[] = {
    { "map_to_string", INT, NULL, map_to_string },
    { "flat_map_x_2x", INT, NULL, flat_map_x_2x },
    { "filter_even", INT, NULL, filter_even },
    { "glom", NULL, NULL, glom_lists },
    { "map_partitions_sum", INT, NULL, map_partitions_sum },
    { "repartition", NULL, NULL, repartition },
    { "union_plus4", INT, NULL, union_plus4 },
    { "union_plus4_plus8", INT, NULL, union_plus4_plus8 },
    { "transform_to_string", INT, NULL, transform_to_string },
    { "transform_nothing", INT, NULL, transform_nothing },
    { "transform_union_plus4_plus8", INT, NULL, transform_union_plus4_plus8 },
    { "transform_with_join", WORD, WORD, transform_with_join },
    { "transform_with_union", WORD, WORD, transform_with_union },
    { 0 },
};
