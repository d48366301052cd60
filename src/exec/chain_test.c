/* exec/chain_test.c - fused steps: what they hand on, how their buffers grow,
 * what a record that fails takes back. */
#include "exec/fixture.h"

enum { MANY = 5000 };

typedef struct {
    int64_t id;
    char pad[2040];
} fat;
RIV_STRUCT(fat, id, pad);

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * *in;
    return 0;
}

RIV_MAP(fatten, int64_t, fat);
static int fatten(const int64_t *in, fat *out, riv_task *t)
{
    (void)t;
    *out = (fat){ .id = *in };
    return 0;
}

RIV_MAP(slim, fat, int64_t);
static int slim(const fat *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->id;
    return 0;
}

RIV_FILTER(odd, int64_t);
static int odd(const int64_t *in, riv_task *t)
{
    (void)t;
    return (int)(*in & 1);
}

/* in copies of itself; fails at its end when it is 13 modulo 100 */
RIV_FLAT_MAP(copies, int64_t, int64_t);
static int copies(const int64_t *in, copies_out *out, riv_task *t)
{
    for (int64_t i = 0; i < *in; i++)
        riv_emit(out, *in);
    return *in % 100 == 13 ? riv_fail(t, "unlucky %d", (int)*in) : 0;
}

/* strings in memory of riv_alloc, more of them than a buffer holds */
RIV_FLAT_MAP(names, int64_t, riv_str);
static int names(const int64_t *in, names_out *out, riv_task *t)
{
    char local[32];
    for (int64_t i = 0; i < *in; i++) {
        int n = snprintf(local, sizeof local, "%lld", (long long)i);
        riv_emit(out, riv_dup(t, local, (size_t)n));
    }
    return 0;
}

RIV_FLAT_MAP(dangling, int64_t, wc);
static int dangling(const int64_t *in, dangling_out *out, riv_task *t)
{
    char local[32];
    (void)t;
    snprintf(local, sizeof local, "%lld", (long long)*in);
    riv_emit(out, (wc){ { local, 1 }, *in });
    return 0;
}

RIV_MAP(wrong_return, int64_t, int64_t);
static int wrong_return(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in;
    return *in == 3 ? 7 : 0;
}

/* n + 1000000 per call, and -1 for the end of the partition */
RIV_MAP_PARTITIONS(sizes, int64_t, int64_t);
static int sizes(const int64_t *rows, size_t n, sizes_out *out, riv_task *t)
{
    (void)rows, (void)t;
    riv_emit(out, n == 0 ? -1 : (int64_t)n);
    return 0;
}

/* the sum of a partition, kept in riv_local */
RIV_MAP_PARTITIONS(sums, int64_t, int64_t);
static int sums(const int64_t *rows, size_t n, sums_out *out, riv_task *t)
{
    int64_t *sum = riv_local(t, sizeof *sum, NULL);
    for (size_t i = 0; i < n; i++)
        *sum += rows[i];
    if (n == 0)
        riv_emit(out, *sum);
    return 0;
}

static int64_t *counted(size_t n)
{
    int64_t *rows = malloc((n + 1) * sizeof *rows);
    for (size_t i = 0; i < n; i++)
        rows[i] = (int64_t)i;
    return rows;
}

static int64_t one_number(struct bench *b, riv_ds *ds)
{
    return strtoll(bench_csv(b, riv_reduce(ds, riv_sum_i64, NULL)), NULL, 10);
}

static int64_t how_many(struct bench *b, riv_ds *ds)
{
    return strtoll(bench_csv(b, riv_count(ds)), NULL, 10);
}

static void steps_hand_on_rows_in_their_order(void **state)
{
    struct bench b;
    int64_t rows[] = { 5, 4, 3, 2, 1 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5, 1);
    riv_ds *out = riv_map(riv_filter(in, odd_fn, NULL), twice_fn, NULL);
    assert_string_equal(bench_csv(&b, out), "10\n6\n2\n");
    bench_fini(&b);
}

/* Chunks are of 1,024 rows, a step with wide rows takes fewer at once. */
static void wide_rows_are_cut_into_smaller_chunks(void **state)
{
    struct bench b;
    int64_t *rows = counted(MANY);
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, MANY, 1);
    riv_ds *out = riv_map(riv_map(in, fatten_fn, NULL), slim_fn, NULL);
    assert_int_equal(one_number(&b, out), (int64_t)MANY * (MANY - 1) / 2);
    assert_int_equal(how_many(&b, out), MANY);
    free(rows);
    bench_fini(&b);
}

static void a_record_may_emit_more_than_a_buffer_holds(void **state)
{
    (void)state;
    for (int policy = RIV_FAIL_JOB; policy <= RIV_DEAD_LETTER; policy++) {
        struct bench b;
        int64_t rows[] = { 3, 100000, 0, 70000, 2 };
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5, 1);
        riv_ds *out = riv_flat_map(in, copies_fn, RIV_OPT(.on_error = policy));
        assert_int_equal(how_many(&b, out), 170005);
        assert_int_equal(one_number(&b, out), 9 + 10000000000 + 4900000000 + 4);
        bench_fini(&b);
    }
}

static void what_is_too_much_for_one_record_fails_the_job(void **state)
{
    struct bench b;
    int64_t rows[] = { 1 << 20 };
    (void)state;
    bench_init(&b, 1);
    b.conf.settings.emit_bytes_max = 1 << 20;
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 1, 1);
    bench_fails(&b, riv_flat_map(in, copies_fn, RIV_OPT(.on_error = RIV_SKIP)),
                RIV_EFATAL, "raise record.emit_max");
    /* what fails the job anyway needs no buffer */
    assert_int_equal(how_many(&b, riv_flat_map(in, copies_fn, NULL)), 1 << 20);
    bench_fini(&b);
}

static void memory_of_a_record_lives_until_its_rows_are_consumed(void **state)
{
    (void)state;
    for (int policy = RIV_FAIL_JOB; policy <= RIV_SKIP; policy++) {
        struct bench b;
        int64_t rows[] = { 3000, 1, 5000 };
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 3, 1);
        riv_ds *out = riv_distinct(
            riv_flat_map(in, names_fn, RIV_OPT(.on_error = policy)), NULL);
        assert_int_equal(how_many(&b, out), 5000);
        bench_fini(&b);
    }
}

static void a_failed_record_takes_back_what_it_emitted(void **state)
{
    struct bench b;
    int64_t rows[] = { 2, 13, 3, 99913, 113, 1 }; /* across a grown buffer */
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 6, 1);
    riv_ds *out = riv_flat_map(in, copies_fn, RIV_OPT(.on_error = RIV_SKIP));
    assert_string_equal(bench_csv(&b, out), "2\n2\n3\n3\n3\n1\n");
    assert_int_equal(b.plan->stats.records_bad, 3);
    assert_int_equal(b.plan->stats.records_in, 6);
    bench_fini(&b);
}

static void a_local_array_in_a_record_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        int64_t *rows = counted(MANY);
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, MANY, 8);
        bench_fails(&b, riv_flat_map(in, dangling_fn, NULL), RIV_EFATAL,
                    "field \"key\" of an output record points into the "
                    "worker's stack");
        assert_non_null(strstr(b.err.text, "riv_flat_map(dangling, "));
        free(rows);
        bench_fini(&b);
    }
}

static void a_function_that_returns_nonsense_fails_the_job(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 3 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 2, 1);
    bench_fails(&b, riv_map(in, wrong_return_fn, RIV_OPT(.on_error = RIV_SKIP)),
                RIV_EFATAL, "it returned 7");
    bench_fini(&b);
}

static void map_partitions_sees_the_end_of_each_partition_once(void **state)
{
    struct bench b;
    int64_t *rows = counted(2500);
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 2500, 2);
    assert_string_equal(bench_csv(&b, riv_map_partitions(in, sizes_fn, NULL)),
                        "1024\n226\n-1\n1024\n226\n-1\n");
    /* an empty partition has an end, too */
    riv_ds *none = bench_rows(&b, &riv_type_int64_t, rows, 0, 3);
    assert_string_equal(bench_csv(&b, riv_map_partitions(none, sizes_fn, NULL)),
                        "-1\n-1\n-1\n");
    free(rows);
    bench_fini(&b);
}

/* What the end of one step emits, the steps below still see, before theirs. */
static void the_ends_of_partitions_go_down_the_chain_in_order(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2, 3, 10, 20, 30 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 6, 2);
    riv_ds *once = riv_map_partitions(in, sums_fn, NULL);
    riv_ds *again =
        riv_map_partitions(riv_map(once, twice_fn, NULL), sums_fn, NULL);
    assert_string_equal(bench_csv(&b, again), "12\n120\n");
    bench_fini(&b);
}

static void one_step_may_have_several_takers(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2, 3 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 3, 1);
    riv_ds *m = riv_map(in, twice_fn, NULL);
    riv_ds *both = riv_union(riv_map(m, twice_fn, NULL),
                             riv_union(m, riv_filter(in, odd_fn, NULL)));
    assert_string_equal(bench_sorted(&b, both), "1\n12\n2\n3\n4\n4\n6\n8\n");
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_hand_on_rows_in_their_order),
        cmocka_unit_test(wide_rows_are_cut_into_smaller_chunks),
        cmocka_unit_test(a_record_may_emit_more_than_a_buffer_holds),
        cmocka_unit_test(what_is_too_much_for_one_record_fails_the_job),
        cmocka_unit_test(memory_of_a_record_lives_until_its_rows_are_consumed),
        cmocka_unit_test(a_failed_record_takes_back_what_it_emitted),
        cmocka_unit_test(a_local_array_in_a_record_is_found),
        cmocka_unit_test(a_function_that_returns_nonsense_fails_the_job),
        cmocka_unit_test(map_partitions_sees_the_end_of_each_partition_once),
        cmocka_unit_test(the_ends_of_partitions_go_down_the_chain_in_order),
        cmocka_unit_test(one_step_may_have_several_takers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
