/* api/action_now_test.c - collect, take, count_now, reduce_now: before a run, in
 * the functions of a stream, on what is wrong; and what they leave behind. */
#include "api/context.h"
#include "api/fixture.h"

RIV_MAP(square, int64_t, int64_t);
static int square(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in * *in;
    return 0;
}

RIV_MAP(named, int64_t, riv_str);
static int named(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "the number %lld", (long long)*in);
    return 0;
}

RIV_MAP(refuse, int64_t, int64_t);
static int refuse(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return riv_fail(t, "never");
}

RIV_REDUCE(last_of, riv_str);
static void last_of(riv_str *acc, const riv_str *v, riv_task *t)
{
    size_t n = RIV__MIN(acc->n, v->n);
    int c = memcmp(acc->p, v->p, n);
    (void)t;
    if (c < 0 || (c == 0 && v->n > acc->n))
        *acc = *v;
}

static atomic_int partitions_run;

RIV_MAP_PARTITIONS(noted, int64_t, int64_t);
static int noted(const int64_t *rows, size_t n, noted_out *out, riv_task *t)
{
    int *seen = riv_local(t, sizeof *seen, NULL);
    atomic_fetch_add(&partitions_run, *seen == 0);
    *seen = 1;
    for (size_t i = 0; i < n; i++)
        riv_emit(out, rows[i]);
    return 0;
}

enum { ROWS = 1000 };

static riv_ds *numbers(riv *r, int partitions)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, ROWS,
                           RIV_OPT(.partitions = partitions));
}

static void actions_compute_an_rdd_at_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        riv_ds *ds = riv_map(numbers(r, 7), square_fn, NULL);
        int64_t n = 0, sum = 0;
        riv_result res = { 0 };
        assert_int_equal(riv_count_now(ds, &n), 0);
        assert_int_equal(n, ROWS);
        assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), 0);
        assert_int_equal(sum, 332833500);
        assert_int_equal(riv_take(ds, 3, &res), 0);
        result_is(&res, "0\n1\n4\n");
        assert_int_equal(riv_collect(ds, &res), 0);
        assert_int_equal(res.n, ROWS);
        for (int64_t i = 0; i < ROWS; i++)
            assert_int_equal(((const int64_t *)res.rows)[i], i * i);
        riv_result_free(&res);
        riv_free(r);
    }
}

/* All records through an iterator, how many partitions, and of what sizes. */
static size_t iterated(riv_ds *ds, int64_t *sum, size_t *sizes)
{
    riv_local_iterator it;
    riv_result res = { 0 };
    size_t parts = 0;
    riv_to_local_iterator(ds, &it);
    *sum = 0;
    for (int rc; (rc = riv_next(&it, &res)) != 0;) {
        assert_int_equal(rc, 1);
        sizes[parts++] = res.n;
        for (size_t i = 0; i < res.n; i++)
            *sum = *sum * 31 + ((const int64_t *)res.rows)[i];
        riv_result_free(&res);
    }
    assert_int_equal(riv_next(&it, &res), 0); /* and stays there */
    return parts;
}

/* The same number from all records in the order of riv_collect. */
static int64_t collected_sum(riv_ds *ds)
{
    riv_result res = { 0 };
    int64_t sum = 0;
    assert_int_equal(riv_collect(ds, &res), 0);
    for (size_t i = 0; i < res.n; i++)
        sum = sum * 31 + ((const int64_t *)res.rows)[i];
    riv_result_free(&res);
    return sum;
}

RIV_FILTER(odd_partitions, int64_t);
static int odd_partitions(const int64_t *in, riv_task *t)
{
    (void)in;
    return riv_partition(t) % 2;
}

/* Case RD-01 of the conformance data, and what is made of several inputs. */
static void an_iterator_gives_partition_after_partition(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        size_t sizes[64];
        int64_t sum, n = 0;
        riv_ds *in = numbers(r, 7);
        riv_ds *some = riv_filter(in, odd_partitions_fn, NULL);
        riv_ds *sums = riv_distinct(in, RIV_OPT(.partitions = 5));
        riv_ds *all = riv_union(riv_union(sums, in), some);
        riv_ds *none = riv_empty(r, &riv_type_int64_t);
        riv_ds *const list[] = { in,
                                 riv_union(none, riv_union(in, none)),
                                 some,
                                 sums,
                                 all,
                                 riv_union(in, in),
                                 riv_sort_by(all, square_fn, RIV_DESCENDING,
                                             RIV_OPT(.partitions = 9)),
                                 riv_empty(r, &riv_type_int64_t) };
        for (size_t i = 0; i < RIV__LEN(list); i++) {
            assert_int_equal(riv_partitions_now(list[i], &n), 0);
            assert_int_equal(iterated(list[i], &sum, sizes), n);
            assert_int_equal(sum, collected_sum(list[i]));
        }
        assert_int_equal(iterated(some, &sum, sizes), 7);
        assert_int_equal(sizes[0], 0); /* an empty partition is one, too */
        assert_int_equal(sizes[1], 143);
        no_error(r);
        riv_free(r);
    }
}

static void an_iterator_runs_the_partition_it_gives(void **state)
{
    riv_local_iterator it;
    riv_result res = { 0 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *in = riv_map_partitions(numbers(r, 7), noted_fn, NULL);
    atomic_store(&partitions_run, 0);
    riv_to_local_iterator(in, &it);
    assert_int_equal(atomic_load(&partitions_run), 0);
    for (int k = 1; k <= 3; k++) {
        assert_int_equal(riv_next(&it, &res), 1);
        assert_int_equal(atomic_load(&partitions_run), k);
        riv_result_free(&res);
    }
    riv_free(r);
}

static void a_result_outlives_its_context(void **state)
{
    riv *r = riv_new(NULL);
    riv_result res = { 0 };
    riv_str text;
    (void)state;
    riv_ds *names = riv_map(numbers(r, 3), named_fn, NULL);
    assert_int_equal(riv_take(names, 2, &res), 0);
    assert_int_equal(riv_reduce_now(names, last_of_fn, &text), 0);
    assert_true(riv_eq(text, riv_cstr("the number 999")));
    riv_free(r);
    result_is(&res, "the number 0\nthe number 1\n");
    riv_result_free(&res); /* a second time, and none at all */
    riv_result_free(&(riv_result){ 0 });
    riv_result_free(NULL);
}

static void a_result_says_its_type(void **state)
{
    riv *r = riv_new(NULL);
    riv_result res = { 0 };
    (void)state;
    riv_ds *counts = riv_count_by_value(numbers(r, 1), NULL);
    assert_int_equal(riv_take(counts, 1, &res), 0);
    assert_int_equal(res.struct_size, sizeof res);
    assert_int_equal(res.type->kind, RIV_K_PAIR);
    assert_int_equal(((const pair *)res.rows)->val, 1);
    riv_result_free(&res);
    riv_free(r);
}

static void takes_give_what_there_is(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { 0 };
    (void)state;
    riv_ds *ds = numbers(r, 9);
    static const size_t want[] = { 0, 1, 111, 112, 500, ROWS, ROWS + 1 };
    for (size_t i = 0; i < RIV__LEN(want); i++) {
        assert_int_equal(riv_take(ds, want[i], &res), 0);
        assert_int_equal(res.n, RIV__MIN(want[i], (size_t)ROWS));
        for (size_t k = 0; k < res.n; k++)
            assert_int_equal(((const int64_t *)res.rows)[k], k);
        riv_result_free(&res);
    }
    riv_ds *none = riv_parallelize(r, &riv_type_int64_t, NULL, 0, NULL);
    assert_int_equal(riv_take(none, 5, &res), 0);
    assert_int_equal(res.n, 0);
    riv_result_free(&res);
    riv_free(r);
}

/* rivulet.h: "computes no more partitions than it needs". 16 of them ran. */
static void a_take_computes_no_more_partitions_than_it_needs(void **state)
{
    static const struct {
        size_t n;
        int partitions;
    } want[] = { { 1, 1 }, { 10, 1 }, { 11, 2 }, { 35, 4 }, { 1000, 100 } };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(want); i++) {
        riv *r = riv_new(RIV_CONFIG(.threads = 4));
        riv_result res = { 0 };
        riv_ds *ds = riv_map_partitions(numbers(r, 100), noted_fn, NULL);
        atomic_store(&partitions_run, 0);
        assert_int_equal(riv_take(ds, want[i].n, &res), 0);
        assert_int_equal(res.n, want[i].n);
        assert_int_equal(atomic_load(&partitions_run), want[i].partitions);
        riv_result_free(&res);
        riv_free(r);
    }
}

/* It gave those of the side that was made first. */
static void a_take_of_a_union_begins_with_its_left(void **state)
{
    int64_t a[] = { 1, 2 }, b[] = { 3, 4 };
    (void)state;
    for (size_t n = 1; n <= 12; n++) {
        const size_t rows = n % 2 ? 6 : 4; /* one side twice, or each once */
        riv *r = riv_new(RIV_CONFIG(.threads = 2));
        riv_result all = { 0 }, some = { 0 };
        riv_ds *da = riv_parallelize(r, &riv_type_int64_t, a, 2, NULL);
        riv_ds *db = riv_parallelize(r, &riv_type_int64_t, b, 2,
                                     RIV_OPT(.partitions = 2));
        riv_ds *both = riv_union(db, n % 2 ? riv_union(da, db) : da);
        assert_int_equal(riv_collect(both, &all), 0);
        assert_int_equal(riv_take(both, n, &some), 0);
        assert_int_equal(all.n, rows);
        assert_int_equal(some.n, RIV__MIN(n, rows));
        assert_memory_equal(some.rows, all.rows, some.n * sizeof *a);
        assert_int_equal(*(const int64_t *)some.rows, 3);
        riv_result_free(&all);
        riv_result_free(&some);
        riv_free(r);
    }
}

/* Below an exchange all of it runs, but not all of what comes behind. */
static void a_take_below_an_exchange_is_no_more_than_it_needs(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { 0 };
    (void)state;
    riv_ds *ds =
        riv_map_partitions(riv_repartition(numbers(r, 3), 20), noted_fn, NULL);
    atomic_store(&partitions_run, 0);
    assert_int_equal(riv_take(ds, 60, &res), 0);
    assert_int_equal(res.n, 60);
    assert_in_range(atomic_load(&partitions_run), 2, 3);
    riv_result_free(&res);
    riv_free(r);
}

static void nothing_to_reduce_is_an_error(void **state)
{
    riv *r = riv_new(NULL);
    int64_t sum = 77;
    (void)state;
    riv_ds *none = riv_parallelize(r, &riv_type_int64_t, NULL, 0, NULL);
    assert_int_equal(riv_reduce_now(none, riv_sum_i64, &sum), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "riv_reduce_now: the dataset is empty");
    assert_int_equal(sum, 77);
    riv_free(r);
}

static void an_action_on_a_stream_says_where_it_belongs(void **state)
{
    riv *r = riv_new(NULL);
    int64_t n = 5;
    (void)state;
    riv_ds *ds = riv_queue(r, &riv_type_int64_t, NULL);
    assert_int_equal(riv_count_now(ds, &n), RIV_EINVAL);
    error_has(r, RIV_EINVAL,
              "riv_count_now: riv_queue #0 is a stream; use it inside "
              "riv_foreach_rdd");
    assert_int_equal(n, 5);
    riv_free(r);
}

static void a_failed_action_leaves_the_result_alone(void **state)
{
    riv *r = riv_new(NULL);
    riv_result res = { .n = 42 };
    int64_t n = 5;
    (void)state;
    riv_ds *ds = riv_map(numbers(r, 2), refuse_fn, NULL);
    assert_int_equal(riv_collect(ds, &res), RIV_ERECORD);
    assert_int_equal(res.n, 42);
    error_has(r, RIV_ERECORD, "riv_map(refuse, ");
    assert_int_equal(riv_count_now(ds, &n), RIV_ERECORD); /* it sticks */
    assert_int_equal(riv_take(ds, 0, &res), RIV_ERECORD);
    assert_int_equal(riv_reduce_now(ds, NULL, &n), RIV_ERECORD);
    assert_int_equal(n, 5);
    riv_free(r);
}

static void actions_refuse_what_is_no_dataset(void **state)
{
    riv_result res = { 0 };
    int64_t n;
    (void)state;
    assert_int_equal(riv_collect(NULL, &res), RIV_EINVAL);
    assert_int_equal(riv_take(NULL, 0, &res), RIV_EINVAL);
    assert_int_equal(riv_count_now(NULL, &n), RIV_EINVAL);
    assert_int_equal(riv_reduce_now(NULL, riv_sum_i64, &n), RIV_EINVAL);
    assert_int_equal(riv_reduce_now(NULL, NULL, &n), RIV_EINVAL);
}

static void a_reduction_of_another_type_is_refused(void **state)
{
    riv *r = riv_new(NULL);
    double d = 0;
    (void)state;
    assert_int_equal(riv_reduce_now(numbers(r, 1), riv_sum_f64, &d), RIV_ETYPE);
    error_has(r, RIV_ETYPE, "takes f64");
    riv_free(r);
}

/* The graph is as it was: more can be built and run. */
static void actions_leave_the_graph_as_it_was(void **state)
{
    struct said said;
    int64_t n;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_ds *ds = numbers(r, 2);
    assert_int_equal(riv_count_now(ds, &n), 0);
    riv_print(riv_count(ds), 1);
    assert_int_equal(riv_count_now(ds, &n), 0);
    assert_int_equal(riv_run(r), 0);
    assert_string_equal(said_all(&said), "1000\n");
    assert_int_equal(riv_count_now(ds, &n), 0);
    assert_int_equal(n, ROWS);
    riv_free(r);
    said_fini(&said);
}

/* -------------------------------------------------- inside foreach_rdd */

static struct {
    int64_t batches, rows, sum, fixed;
    char last[64];
} seen;

static int look(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_ds *const *fixed = arg;
    riv_result res = { 0 };
    riv_str text;
    int64_t n = 0, sum = 0;
    (void)time;
    seen.batches++;
    if (riv_count_now(rdd, &n) < 0)
        return riv_error(r);
    seen.rows += n;
    if (n > 0 &&
        riv_reduce_now(riv_map(rdd, square_fn, NULL), riv_sum_i64, &sum) < 0)
        return riv_error(r);
    seen.sum += sum;
    if (riv_take(*fixed, 5, &res) < 0)
        return riv_error(r);
    seen.fixed += (int64_t)res.n;
    riv_result_free(&res);
    if (n > 0) {
        if (riv_reduce_now(riv_map(rdd, named_fn, NULL), last_of_fn, &text) < 0)
            return riv_error(r);
        snprintf(seen.last, sizeof seen.last, RIV_S, RIV_P(text));
    }
    return 0;
}

static void actions_work_on_the_rdd_of_a_batch(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        memset(&seen, 0, sizeof seen);
        riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *fixed = numbers(r, 3);
        riv_foreach_rdd(queue, look, RIV_OPT(.arg = RIV_COPY(fixed)));
        for (int64_t i = 0; i < 10; i++) {
            int64_t rows[] = { i, i + 1 };
            if (i != 5)
                assert_int_equal(riv_push(queue, rows, 2), 0);
            if (riv_step(r, 1) < 0)
                fail_msg("%s", riv_errmsg(r));
        }
        assert_int_equal(seen.batches, 10);
        assert_int_equal(seen.rows, 18);
        assert_int_equal(seen.fixed, 50);
        assert_int_equal(seen.sum, 285 + 385 - 25 - 36);
        assert_string_equal(seen.last, "the number 9");
        riv_free(r);
    }
}

/* rivulet.h: the strings of riv_reduce_now live inside riv_foreach_rdd until
 * its function returns. They were kept for the life of the context. */
static int large(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_str text;
    (void)time, (void)arg;
    return riv_reduce_now(rdd, last_of_fn, &text) < 0 ? riv_error(r) : 0;
}

static size_t own_bytes(const riv *r)
{
    return r->own.total_bytes + r->graph.own.total_bytes;
}

static void strings_of_a_batch_do_not_pile_up(void **state)
{
    static char big[100000];
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    size_t bytes = 0;
    (void)state;
    memset(big, 'x', sizeof big);
    riv_ds *queue = riv_queue(r, &riv_type_riv_str, NULL);
    riv_foreach_rdd(queue, large, NULL);
    for (int i = 0; i < 50; i++) {
        riv_str row = { big, sizeof big };
        assert_int_equal(riv_push(queue, &row, 1), 0);
        assert_int_equal(riv_step(r, 1), 0);
        if (i == 10)
            bytes = own_bytes(r);
    }
    assert_int_equal(own_bytes(r), bytes);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_compute_an_rdd_at_once),
        cmocka_unit_test(an_iterator_gives_partition_after_partition),
        cmocka_unit_test(an_iterator_runs_the_partition_it_gives),
        cmocka_unit_test(a_result_outlives_its_context),
        cmocka_unit_test(a_result_says_its_type),
        cmocka_unit_test(takes_give_what_there_is),
        cmocka_unit_test(a_take_computes_no_more_partitions_than_it_needs),
        cmocka_unit_test(a_take_of_a_union_begins_with_its_left),
        cmocka_unit_test(a_take_below_an_exchange_is_no_more_than_it_needs),
        cmocka_unit_test(nothing_to_reduce_is_an_error),
        cmocka_unit_test(an_action_on_a_stream_says_where_it_belongs),
        cmocka_unit_test(a_failed_action_leaves_the_result_alone),
        cmocka_unit_test(actions_refuse_what_is_no_dataset),
        cmocka_unit_test(a_reduction_of_another_type_is_refused),
        cmocka_unit_test(actions_leave_the_graph_as_it_was),
        cmocka_unit_test(actions_work_on_the_rdd_of_a_batch),
        cmocka_unit_test(strings_of_a_batch_do_not_pile_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
