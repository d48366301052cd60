/* Tests of results that have no place to go: every function of the public
 * interface that gives one through a pointer refuses a pointer to nothing, in
 * words that name it. */
#include <string.h>

#include "base/test.h"

RIV_PAIR(pair, int64_t, int64_t);

RIV_REDUCE(added, int64_t);
static void added(int64_t *acc, const int64_t *in, riv_task *t)
{
    (void)t;
    *acc += *in;
}

RIV_FOLD(summed, int64_t, int64_t);
static void summed(int64_t *acc, const int64_t *in, riv_task *t)
{
    (void)t;
    *acc += *in;
}
static void summed_merge(int64_t *acc, const int64_t *other, riv_task *t)
{
    (void)t;
    *acc += *other;
}

RIV_MAP(unplaced, int64_t, int64_t);
static int unplaced(const int64_t *in, int64_t *out, riv_task *t)
{
    const riv_str line = riv_cstr("1,2");
    *out = *in;
    if (*in == 1 && !riv_from_csv(line, ',', &riv_type_pair, NULL, t))
        return RIV_ERECORD;
    if (*in == 2 && !riv_from_json(line, &riv_type_pair, NULL, t))
        return RIV_ERECORD;
    return 0;
}

static const int64_t zero = 0;
static const double bounds[] = { 0, 1, 2 };

/* One context for each row: its first error stays. */
struct given {
    riv *r;
    riv_ds *ints, *pairs;
};

typedef int call(struct given *g);

#define CALLS(name, expression) \
    static int name(struct given *g) \
    { \
        return (expression); \
    }

CALLS(count_now, riv_count_now(g->ints, NULL))
CALLS(collect, riv_collect(g->ints, NULL))
CALLS(take, riv_take(g->ints, 2, NULL))
CALLS(take_none, riv_take(g->ints, 0, NULL))
CALLS(reduce_now, riv_reduce_now(g->ints, added_fn, NULL))
CALLS(tree_reduce, riv_tree_reduce(g->ints, added_fn, 2, NULL))
CALLS(first, riv_first(g->ints, NULL))
CALLS(is_empty, riv_is_empty(g->ints, NULL))
CALLS(partitions_now, riv_partitions_now(g->ints, NULL))
CALLS(take_ordered, riv_take_ordered(g->ints, 2, NULL, NULL))
CALLS(top, riv_top(g->ints, 2, NULL, NULL))
CALLS(least, riv_min(g->ints, NULL, NULL))
CALLS(greatest, riv_max(g->ints, NULL, NULL))
CALLS(stats, riv_stats(g->ints, NULL))
CALLS(stats_of_no_size, riv_stats(g->ints, &(riv_statistics){ 0 }))
CALLS(sum, riv_sum(g->ints, NULL))
CALLS(mean, riv_mean(g->ints, NULL))
CALLS(histogram, riv_histogram(g->ints, bounds, 3, NULL))
CALLS(slice_now, riv_slice_now(g->ints, 0, 1, NULL))
CALLS(count_by_key, riv_count_by_key(g->pairs, NULL))
CALLS(count_by_value, riv_count_by_value_now(g->ints, NULL))
CALLS(collect_as_map, riv_collect_as_map(g->pairs, NULL))
CALLS(lookup, riv_lookup(g->pairs, &zero, NULL))
CALLS(by_key_locally, riv_reduce_by_key_locally(g->pairs, added_fn, NULL))
CALLS(fold, riv_fold(g->ints, &zero, added_fn, NULL))
CALLS(aggregate, riv_aggregate(g->ints, &zero, summed_fn, NULL))
CALLS(tree_aggregate, riv_tree_aggregate(g->ints, &zero, summed_fn, 2, NULL))
CALLS(take_sample,
      riv_take_sample(g->ints, RIV_WITHOUT_REPLACEMENT, 2, 1, NULL))
CALLS(approx, riv_count_approx_distinct(g->ints, 0.05, NULL))
CALLS(describe, riv_describe(g->r, RIV_PLAN_TEXT, NULL, NULL))
CALLS(check_state, riv_check_state(g->r, NULL, NULL))
CALLS(fsck, riv_fsck_state(g->r, NULL, NULL))
CALLS(inspect, riv_inspect_state(g->r, NULL, NULL, NULL))
CALLS(letters, riv_letters(g->r, NULL, NULL))
CALLS(random_split, riv_random_split(g->ints, bounds, 3, 1, NULL))
CALLS(no_arguments, riv_cli_options(g->r, NULL, NULL))

static int even(struct given *g)
{
    double bound[3];
    int64_t count[2];
    size_t made;
    assert_int_equal(riv_histogram_even(NULL, 2, bound, count, &made),
                     RIV_EINVAL);
    return riv_histogram_even(g->ints, 2, bound, count, NULL);
}

static int even_no_bounds(struct given *g)
{
    int64_t count[2];
    size_t made;
    return riv_histogram_even(g->ints, 2, NULL, count, &made);
}

static int even_no_counts(struct given *g)
{
    double bound[3];
    size_t made;
    return riv_histogram_even(g->ints, 2, bound, NULL, &made);
}

static int next(struct given *g)
{
    riv_local_iterator it;
    riv_to_local_iterator(g->ints, &it);
    assert_int_equal(riv_next(NULL, NULL), RIV_EINVAL);
    return riv_next(&it, NULL);
}

static int iterator(struct given *g)
{
    riv_to_local_iterator(g->ints, NULL);
    return riv_error(g->r);
}

static const struct {
    const char *name;
    call *call;
} calls[] = {
    { "riv_count_now", count_now },
    { "riv_collect", collect },
    { "riv_take", take },
    { "riv_take", take_none },
    { "riv_to_local_iterator", iterator },
    { "riv_next", next },
    { "riv_reduce_now", reduce_now },
    { "riv_tree_reduce", tree_reduce },
    { "riv_first", first },
    { "riv_is_empty", is_empty },
    { "riv_partitions_now", partitions_now },
    { "riv_take_ordered", take_ordered },
    { "riv_top", top },
    { "riv_min", least },
    { "riv_max", greatest },
    { "riv_stats", stats },
    { "riv_stats", stats_of_no_size },
    { "riv_sum", sum },
    { "riv_mean", mean },
    { "riv_histogram", histogram },
    { "riv_histogram_even", even },
    { "riv_histogram_even", even_no_bounds },
    { "riv_histogram_even", even_no_counts },
    { "riv_slice_now", slice_now },
    { "riv_count_by_key", count_by_key },
    { "riv_count_by_value_now", count_by_value },
    { "riv_collect_as_map", collect_as_map },
    { "riv_lookup", lookup },
    { "riv_reduce_by_key_locally", by_key_locally },
    { "riv_fold", fold },
    { "riv_aggregate", aggregate },
    { "riv_tree_aggregate", tree_aggregate },
    { "riv_take_sample", take_sample },
    { "riv_count_approx_distinct", approx },
    { "riv_describe", describe },
    { "riv_check_state", check_state },
    { "riv_fsck_state", fsck },
    { "riv_inspect_state", inspect },
    { "riv_letters", letters },
    { "riv_random_split", random_split },
    { "riv_cli_options", no_arguments },
};

RIV_TEST(a_result_without_a_place_is_refused_in_words)
{
    static const int64_t ints[] = { 1, 2, 3 };
    static const pair pairs[] = { { 1, 2 }, { 3, 4 } };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct given g = { .r = riv_new(NULL) };
        g.ints = riv_parallelize(g.r, &riv_type_int64_t, ints, 3, NULL);
        g.pairs = riv_parallelize(g.r, &riv_type_pair, pairs, 2, NULL);
        const int rc = calls[i].call(&g);
        const char *text = riv_errmsg(g.r);
        if (rc != RIV_EINVAL || !strstr(text, calls[i].name) ||
            !strstr(text, "no place for"))
            fail_msg("row %zu, %s: %d, %s", i, calls[i].name, rc, text);
        riv_free(g.r);
    }
}

/* A token has no place of its own: its struct_size tells one. */
RIV_TEST(a_token_without_a_place_is_refused)
{
    riv *r = riv_new(NULL);
    assert_int_equal(riv_batch_token(r, NULL), RIV_EINVAL);
    assert_string_equal(riv_errmsg(r),
                        "riv_batch_token: the token is to be set to RIV_TOKEN");
    riv_free(r);
}

RIV_TEST(where_the_context_has_no_say_the_answer_is_an_error)
{
    char room[8];
    int64_t n = 0;
    riv *r = riv_new(NULL);
    riv_ds *ints = riv_parallelize(r, &riv_type_int64_t, &n, 1, NULL);
    assert_int_equal(riv_to_debug_string(ints, NULL, NULL), RIV_EINVAL);
    assert_int_equal(riv_get(r, "threads", NULL, 8), RIV_EINVAL);
    assert_int_equal(riv_get(r, "threads", room, 0), RIV_EINVAL);
    assert_int_equal(riv_collect(NULL, NULL), RIV_EINVAL);
    assert_int_equal(riv_error(r), 0); /* questions change nothing */
    riv_free(r);
}

RIV_TEST(a_field_without_a_place_is_skipped_and_a_number_is_checked)
{
    riv_str rest = riv_cstr("a,b"), field;
    assert_true(riv_cut(&rest, ',', NULL));
    assert_true(riv_cut(&rest, ',', &field));
    assert_text_n(field.p, field.n, "b");
    assert_true(riv_to_i64(riv_cstr("12"), NULL));
    assert_false(riv_to_i64(riv_cstr("12x"), NULL));
    assert_true(riv_to_f64(riv_cstr("1.5"), NULL));
    assert_false(riv_to_f64(riv_cstr("one"), NULL));
}

RIV_TEST(a_record_that_is_read_to_nowhere_is_a_bad_one_with_a_reason)
{
    static const char *const want[] = { "riv_from_csv: no type, or no place",
                                        "riv_from_json: no type, or no place" };
    for (int64_t i = 1; i <= 2; i++) {
        riv *r = riv_new(NULL);
        riv_ds *in = riv_parallelize(r, &riv_type_int64_t, &i, 1, NULL);
        riv_result res = { 0 };
        const int rc = riv_collect(riv_map(in, unplaced_fn, NULL), &res);
        if (rc != RIV_ERECORD || !strstr(riv_errmsg(r), want[i - 1]))
            fail_msg("%d, %s", rc, riv_errmsg(r));
        riv_free(r);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIV_CASE(a_result_without_a_place_is_refused_in_words),
        RIV_CASE(a_token_without_a_place_is_refused),
        RIV_CASE(where_the_context_has_no_say_the_answer_is_an_error),
        RIV_CASE(a_record_that_is_read_to_nowhere_is_a_bad_one_with_a_reason),
        RIV_CASE(a_field_without_a_place_is_skipped_and_a_number_is_checked),
    };
    return RIV_RUN(tests);
}
