/* tests/misuse/misuse_test.c - what is said of each misuse: a job that does it
 * must end with this code and these words. docs/operators/errors.md is the same
 * table for people; check-table holds the two together. */
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

RIV_PAIR(int_int, int64_t, int64_t);
RIV_PAIR(word_int, riv_str, int64_t);

RIV_MAP(same, int64_t, int64_t);
static int same(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in;
    return 0;
}

RIV_JOIN(joined, int_int, int_int, int64_t);
static int joined(const int64_t *key, const int64_t *l, const int64_t *r,
                  joined_out *out, riv_task *t)
{
    (void)key, (void)l, (void)r, (void)out, (void)t;
    return 0;
}

RIV_UPDATE_STATE(total, int_int, int_int);
static int total(const int64_t *key, const int64_t *v, size_t n, int64_t *state,
                 riv_task *t)
{
    (void)key, (void)v, (void)n, (void)state, (void)t;
    return 0;
}

RIV_MAP(refuses, int64_t, int64_t);
static int refuses(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in == 3 ? riv_fail(t, "no threes here") : 0;
}

static riv_ds *numbers(riv *r)
{
    return riv_range(r, 1, 5, 1, RIV_OPT(.partitions = 2));
}

static riv_ds *pairs(riv *r)
{
    static const int_int rows[] = { { 1, 1 }, { 2, 2 } };
    return riv_parallelize(r, &riv_type_int_int, rows, 2, NULL);
}

static riv_ds *stream(riv *r)
{
    return riv_queue(r, &riv_type_int64_t, NULL);
}

static riv_ds *pair_stream(riv *r)
{
    return riv_queue(r, &riv_type_int_int, NULL);
}

static void no_output(riv *r)
{
    numbers(r);
}

static void window_of_no_multiple(riv *r)
{
    riv_print(riv_window(stream(r), 1500, 1000), 1);
}

static void window_of_an_rdd(riv *r)
{
    riv_print(riv_window(numbers(r), 1000, 1000), 1);
}

static void state_of_an_rdd(riv *r)
{
    riv_print(riv_update_state_by_key(pairs(r), total_fn, NULL), 1);
}

static void streams_that_slide_apart(riv *r)
{
    riv_ds *in = stream(r);
    riv_print(riv_union(riv_window(in, 2000, 2000), in), 1);
}

static void kept_keys_without_an_inverse(riv *r)
{
    riv_print(riv_reduce_by_key_and_window(pair_stream(r), riv_max_i64, 2000,
                                           1000, RIV_OPT(.keep_empty = true)),
              1);
}

static void keys_of_two_types(riv *r)
{
    riv_ds *words = riv_parallelize(r, &riv_type_word_int, NULL, 0, NULL);
    riv_print(riv_join(pairs(r), words, joined_fn, RIV_INNER, NULL), 1);
}

static void a_function_for_other_records(riv *r)
{
    riv_print(riv_map(pairs(r), same_fn, NULL), 1);
}

static void a_function_of_another_operator(riv *r)
{
    riv_print(riv_filter(numbers(r), same_fn, NULL), 1);
}

static void no_pairs(riv *r)
{
    riv_print(riv_reduce_by_key(numbers(r), riv_sum_i64, NULL), 1);
}

static void no_partitions(riv *r)
{
    riv_print(riv_repartition(numbers(r), 0), 1);
}

static void zip_of_unlike_partitions(riv *r)
{
    riv_print(
        riv_zip(numbers(r), riv_range(r, 1, 5, 1, RIV_OPT(.partitions = 3))),
        1);
}

static uint32_t too_far(const void *key, uint32_t n, const void *arg)
{
    (void)key, (void)arg;
    return n;
}

static void a_partition_that_is_none(riv *r)
{
    riv_print(riv_partition_by(pairs(r), too_far, RIV_OPT(.partitions = 4)), 1);
}

static void nothing_to_reduce(riv *r)
{
    int64_t sum;
    riv_reduce_now(riv_empty(r, &riv_type_int64_t), riv_sum_i64, &sum);
}

static void an_action_on_a_stream(riv *r)
{
    int64_t n;
    riv_count_now(stream(r), &n);
}

static void a_fraction_above_one(riv *r)
{
    riv_print(riv_sample(numbers(r), 1.5, 1), 1);
}

static void another_level(riv *r)
{
    riv_ds *in = riv_persist(numbers(r), RIV_MEMORY);
    riv_print(riv_persist(in, RIV_DISK), 1);
}

static void two_of_one_uid(riv *r)
{
    riv_print(riv_map(numbers(r), same_fn, RIV_OPT(.uid = "a")), 1);
    riv_print(riv_map(numbers(r), same_fn, RIV_OPT(.uid = "a")), 1);
}

static void letters_of_what_refuses_nothing(riv *r)
{
    riv_print(riv_bad(riv_map(numbers(r), same_fn, NULL)), 1);
}

static void a_refused_record(riv *r)
{
    riv_print(riv_map(numbers(r), refuses_fn, RIV_OPT(.uid = "strict")), 1);
}

static void a_missing_file(riv *r)
{
    riv_print(riv_text(r, "/nowhere/x.log", NULL), 1);
}

static void a_missing_folder(riv *r)
{
    riv_save_text(numbers(r), "/nowhere/x.csv", NULL);
}

static void an_unknown_input(riv *r)
{
    riv_print(riv_text(r, "tial:x.log", NULL), 1);
}

static void an_unknown_setting(riv *r)
{
    riv_set(r, "shuffle.partition", "8");
}

static void a_slice_of_what_is_not_kept(riv *r)
{
    riv_result res = { .struct_size = sizeof res };
    riv_ds *in = stream(r);
    riv_print(in, 1);
    riv_step(r, 1);
    riv_slice_now(in, 0, 1000, &res);
}

static void an_operator_after_the_start(riv *r)
{
    riv_ds *in = stream(r);
    riv_print(in, 1);
    riv_step(r, 1);
    riv_map(in, same_fn, NULL);
}

static void a_second_run(riv *r)
{
    riv_print(numbers(r), 1);
    riv_run(r);
}

static void no_function(riv *r)
{
    riv_print(riv_map(numbers(r), NULL, NULL), 1);
}

/* ------------------------------------------------- partitions and chances */

static void no_groups(riv *r)
{
    riv_print(riv_coalesce(numbers(r), 0, RIV_NO_SHUFFLE), 1);
}

static void partitions_below_none(riv *r)
{
    riv_print(riv_range(r, 0, 9, 1, RIV_OPT(.partitions = -1)), 1);
}

static void a_step_of_nothing(riv *r)
{
    riv_print(riv_range(r, 0, 9, 0, NULL), 1);
}

static void zip_of_unlike_lengths(riv *r)
{
    riv_print(
        riv_zip(numbers(r), riv_range(r, 1, 6, 1, RIV_OPT(.partitions = 2))),
        1);
}

static void too_many_products(riv *r)
{
    const riv_opt *o = RIV_OPT(.partitions = 65536);
    riv_print(riv_cartesian(riv_range(r, 0, 1, 1, o), riv_range(r, 0, 1, 1, o)),
              1);
}

static void a_fraction_below_none(riv *r)
{
    riv_print(riv_sample_with_replacement(numbers(r), -0.5, 1), 1);
}

RIV_PAIR(int_real, int64_t, double);

static void a_key_without_a_fraction(riv *r)
{
    const int_real fractions[] = { { 1, 0.5 } };
    riv_print(riv_sample_by_key(pairs(r), &riv_type_int_real, fractions, 1,
                                RIV_SAMPLE_ONCE, 1),
              1);
}

static void weights_of_nothing(riv *r)
{
    const double weight[] = { 0, 0 };
    riv_ds *part[2];
    riv_random_split(numbers(r), weight, 2, 1, part);
}

/* ----------------------------------------------------------------- actions */

static void a_tree_of_no_depth(riv *r)
{
    int64_t sum;
    riv_tree_reduce(numbers(r), riv_sum_i64, 0, &sum);
}

static void an_accuracy_that_cannot_be_had(riv *r)
{
    int64_t n;
    riv_count_approx_distinct(numbers(r), 0.9, &n);
}

static void one_bound(riv *r)
{
    const double bound = 1;
    int64_t n;
    riv_histogram(numbers(r), &bound, 1, &n);
}

static void buckets_of_nothing(riv *r)
{
    double bound[3];
    int64_t n[2];
    size_t made;
    riv_histogram_even(riv_empty(r, &riv_type_int64_t), 2, bound, n, &made);
}

static void no_place_for_a_result(riv *r)
{
    riv_collect(numbers(r), NULL);
}

RIV_MAP(counts, int64_t, int64_t);
static int counts(const int64_t *in, int64_t *out, riv_task *t)
{
    int64_t n;
    *out = *in;
    return riv_count_now(*riv_arg(t, riv_ds *), &n);
}

static void an_action_in_a_function(riv *r)
{
    riv_ds *in = numbers(r);
    riv_print(riv_map(in, counts_fn, RIV_OPT(.arg = RIV_COPY(in))), 1);
}

/* ------------------------------------------------------------ whole batches */

static riv_ds *nothing(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)rdd, (void)time, (void)arg;
    return NULL;
}

static riv_ds *as_it_is(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return rdd;
}

static int says_no(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time, (void)arg;
    return 7;
}

static int asks_for_a_token(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_token token = RIV_TOKEN;
    (void)rdd, (void)time, (void)arg;
    return riv_batch_token(r, &token);
}

static void step(riv *r, riv_ds *out)
{
    riv_print(out, 1);
    riv_step(r, 1);
}

static void a_transform_of_nothing(riv *r)
{
    step(r, riv_transform(stream(r), nothing, &riv_type_int64_t, NULL));
}

static void a_transform_of_another_type(riv *r)
{
    step(r, riv_transform(stream(r), as_it_is, &riv_type_riv_str, NULL));
}

static void a_function_that_ends_the_job(riv *r)
{
    riv_foreach_rdd(numbers(r), says_no, NULL);
}

static void a_token_without_a_state_directory(riv *r)
{
    riv_ds *in = stream(r);
    riv_foreach_rdd(in, asks_for_a_token, RIV_OPT(.uid = "out"));
    riv_step(r, 1);
}

static void a_slice_before_the_start(riv *r)
{
    riv_result res = { .struct_size = sizeof res };
    riv_ds *in = riv_remember(stream(r), 5000);
    riv_print(in, 1);
    riv_slice_now(in, 0, 1000, &res);
}

static void a_union_of_none(riv *r)
{
    riv_union_all(r, NULL, 0);
}

static void a_transform_of_none(riv *r)
{
    riv_transform_all(r, NULL, 0, NULL, &riv_type_int64_t, NULL);
}

static void another_context(riv *r)
{
    riv *other = riv_new(NULL);
    riv_union(numbers(r), numbers(other));
    riv_free(other);
}

static void a_window_of_no_length(riv *r)
{
    riv_print(riv_window(stream(r), 0, 1000), 1);
}

static void an_interval_of_nothing(riv *r)
{
    riv_set(r, "batch.interval", "0");
}

/* ------------------------------------------------------- kept, in and out */

static void a_checkpoint_without_a_folder(riv *r)
{
    riv_print(riv_checkpoint(numbers(r), 0), 1);
}

static void a_level_that_is_none(riv *r)
{
    riv_print(riv_persist(numbers(r), 9), 1);
}

static void a_folder_that_exists(riv *r)
{
    riv_save_text(numbers(r), "/tmp/", NULL);
}

static void records_of_no_length(riv *r)
{
    riv_print(riv_binary_records(r, "/nowhere", 0, NULL), 1);
}

static void an_unknown_format(riv *r)
{
    riv_ds *lines = riv_parallelize(r, &riv_type_riv_str, NULL, 0, NULL);
    riv_print(riv_decode(lines, &riv_type_int_int, "xml", NULL), 1);
}

static void a_regex_that_is_wrong(riv *r)
{
    riv_ds *lines = riv_parallelize(r, &riv_type_riv_str, NULL, 0, NULL);
    riv_print(riv_matches(lines, "(", NULL), 1);
}

static void two_counters_of_one_name(riv *r)
{
    riv_counter_new(r, "seen");
    riv_counter_new(r, "seen");
}

#define MISUSE(name, code, words) \
    { \
#name, name, code, words \
    }

static const struct misuse {
    const char *name;
    void (*build)(riv *r);
    int code;
    const char *words;
} misuses[] = {
    MISUSE(no_output, RIV_EINVAL, "the job has no output"),
    MISUSE(window_of_no_multiple, RIV_EINVAL, "both must be multiples"),
    MISUSE(window_of_an_rdd, RIV_EINVAL, "windows are over streams"),
    MISUSE(state_of_an_rdd, RIV_EINVAL, "state is kept over the batches"),
    MISUSE(streams_that_slide_apart, RIV_EINVAL, "must slide alike"),
    MISUSE(kept_keys_without_an_inverse, RIV_EINVAL,
           ".keep_empty needs .subtract"),
    MISUSE(keys_of_two_types, RIV_ETYPE, "keys differ"),
    MISUSE(a_function_for_other_records, RIV_ETYPE, "takes i64, but its input"),
    MISUSE(a_function_of_another_operator, RIV_ETYPE, "is a RIV_MAP function"),
    MISUSE(no_pairs, RIV_ETYPE, "not pairs (RIV_PAIR)"),
    MISUSE(no_partitions, RIV_EINVAL, "0 partitions; at least 1 is needed"),
    MISUSE(zip_of_unlike_partitions, RIV_EINVAL,
           "its inputs have 2 and 3 partitions"),
    MISUSE(a_partition_that_is_none, RIV_EFATAL,
           "the partition function gave 4; partitions are 0 to 3"),
    MISUSE(nothing_to_reduce, RIV_EINVAL, "the dataset is empty"),
    MISUSE(an_action_on_a_stream, RIV_EINVAL,
           "is a stream; use it inside riv_foreach_rdd"),
    MISUSE(a_fraction_above_one, RIV_EINVAL, "a fraction of 1.5"),
    MISUSE(another_level, RIV_EINVAL, "riv_unpersist it before another level"),
    MISUSE(two_of_one_uid, RIV_EINVAL, "is used twice"),
    MISUSE(letters_of_what_refuses_nothing, RIV_EINVAL,
           "give it .on_error = RIV_DEAD_LETTER"),
    MISUSE(a_refused_record, RIV_ERECORD, "no threes here"),
    MISUSE(a_missing_file, RIV_ENOINPUT, "/nowhere/x.log"),
    MISUSE(a_missing_folder, RIV_ENOINPUT, "/nowhere/x.csv"),
    MISUSE(an_unknown_input, RIV_EINVAL, "there is no kind of input"),
    MISUSE(an_unknown_setting, RIV_EINVAL, "did you mean"),
    MISUSE(a_slice_of_what_is_not_kept, RIV_EINVAL, "call riv_remember"),
    MISUSE(an_operator_after_the_start, RIV_EINVAL,
           "the graph cannot change after the start"),
    MISUSE(a_second_run, RIV_EINVAL, "a context runs once; make a new one"),
    MISUSE(no_function, RIV_EINVAL, "no function; pass NAME_fn"),
    MISUSE(no_groups, RIV_EINVAL, "riv_coalesce: 0 partitions"),
    MISUSE(partitions_below_none, RIV_EINVAL, "allowed are 1 to 65536"),
    MISUSE(a_step_of_nothing, RIV_EINVAL, "a step of 0 leads nowhere"),
    MISUSE(zip_of_unlike_lengths, RIV_EINVAL, "zip needs as many"),
    MISUSE(too_many_products, RIV_EINVAL, "65536 times 65536 partitions"),
    MISUSE(a_fraction_below_none, RIV_EINVAL, "a fraction of -0.5"),
    MISUSE(a_key_without_a_fraction, RIV_ERECORD,
           "its key has no fraction to sample by"),
    MISUSE(weights_of_nothing, RIV_EINVAL, "weights must be 0 or more"),
    MISUSE(a_tree_of_no_depth, RIV_EINVAL, "a depth of 0; it is 1 or more"),
    MISUSE(an_accuracy_that_cannot_be_had, RIV_EINVAL, "an accuracy of 0.9"),
    MISUSE(one_bound, RIV_EINVAL, "a bucket lies between two"),
    MISUSE(buckets_of_nothing, RIV_EINVAL,
           "the dataset is empty; it has no range"),
    MISUSE(no_place_for_a_result, RIV_EINVAL,
           "no place for its result is given"),
    MISUSE(an_action_in_a_function, RIV_EINVAL,
           "called by a function that a task runs"),
    MISUSE(a_transform_of_nothing, RIV_EINVAL,
           "its function returned no dataset"),
    MISUSE(a_transform_of_another_type, RIV_ETYPE,
           "promised str, but its function returned"),
    MISUSE(a_function_that_ends_the_job, RIV_EFATAL, "its function returned 7"),
    MISUSE(a_token_without_a_state_directory, RIV_EINVAL,
           "only in a live job with a state directory"),
    MISUSE(a_slice_before_the_start, RIV_EINVAL, "the stream has not started"),
    MISUSE(a_union_of_none, RIV_EINVAL, "riv_union_all: a list of 0 datasets"),
    MISUSE(a_transform_of_none, RIV_EINVAL,
           "riv_transform_all: a list of 0 datasets"),
    MISUSE(another_context, RIV_EINVAL, "its input belongs to another context"),
    MISUSE(a_window_of_no_length, RIV_EINVAL,
           "a length of 0 ms, a slide of 1000 ms"),
    MISUSE(an_interval_of_nothing, RIV_EINVAL,
           "batch.interval is 0, and must be"),
    MISUSE(a_checkpoint_without_a_folder, RIV_EINVAL,
           "there is no folder for it; set checkpoint.dir"),
    MISUSE(a_level_that_is_none, RIV_EINVAL,
           "level 9 of riv_range #0 is none of"),
    MISUSE(a_folder_that_exists, RIV_EEXISTS,
           "exists already, and results are not overwritten"),
    MISUSE(records_of_no_length, RIV_EINVAL, "records of 0 bytes"),
    MISUSE(an_unknown_format, RIV_EINVAL, "is not known"),
    MISUSE(a_regex_that_is_wrong, RIV_EINVAL, "is wrong at byte 1"),
    MISUSE(two_counters_of_one_name, RIV_EINVAL, "riv_counter_new: "),
};

/* Whatever the program does: the error comes out, with its words. */
static void misuse_is_refused(void **state)
{
    const struct misuse *m = *state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    m->build(r);
    if (riv_error(r) == 0)
        riv_run(r);
    if (riv_error(r) != m->code || !strstr(riv_errmsg(r), m->words))
        fail_msg("%s: got %d \"%s\", not %d with \"%s\"", m->name, riv_error(r),
                 riv_errmsg(r), m->code, m->words);
    print_message("# %s: %s\n", m->name, riv_errmsg(r));
    riv_free(r);
}

int main(void)
{
    enum { N = sizeof misuses / sizeof *misuses };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){ .name = misuses[i].name,
                                        .test_func = misuse_is_refused,
                                        .initial_state =
                                            (void *)(uintptr_t)&misuses[i] };
    return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
