/* graph/partitioner_test.c - the partitions of a result: Spark's rule, and which
 * exchanges are left out. */
#include "graph/partitioner.h"

#include "graph/fixture_graph.h"

static void the_largest_partitioner_is_taken_over(void **state)
{
    (void)state;
    const struct riv_partitioner in[] = { { 10, true }, { 100, true } };
    assert_int_equal(riv__partitioner_taken(in, 2, 0), 1);
    assert_int_equal(riv__default_partitions(in, 2, 0), 100);
}

static void one_of_a_tenth_of_the_partitions_is_not(void **state)
{
    (void)state;
    const struct riv_partitioner ten[] = { { 100, false }, { 10, true } };
    const struct riv_partitioner more[] = { { 99, false }, { 10, true } };
    assert_int_equal(riv__default_partitions(ten, 2, 0), 100);
    assert_int_equal(riv__default_partitions(more, 2, 0), 10);
}

static void the_setting_counts_below_a_partitioner_that_is_too_small(void **s)
{
    (void)s;
    const struct riv_partitioner in[] = { { 1000, false }, { 10, true } };
    assert_int_equal(riv__default_partitions(in, 2, 4), 10);
    assert_int_equal(riv__default_partitions(in, 2, 11), 11);
}

static void without_a_partitioner_the_setting_or_the_most_counts(void **state)
{
    (void)state;
    const struct riv_partitioner in[] = { { 20, false }, { 10, false } };
    assert_int_equal(riv__partitioner_taken(in, 2, 0), -1);
    assert_int_equal(riv__default_partitions(in, 2, 0), 20);
    assert_int_equal(riv__default_partitions(in, 2, 4), 4);
    assert_int_equal(riv__default_partitions(in, 0, 0), 0);
}

static riv_ds *pairs(int partitions)
{
    static const wc rows[1];
    return riv__op_rows(&graph, &riv_type_wc,
                        &(struct riv_rows_param){ .rows = rows, .n = 1 },
                        RIV_OPT(.partitions = partitions));
}

static struct riv_partitioner found(const riv_ds *ds)
{
    struct riv_partitioner of[64] = { { 0, false } };
    for (size_t id = 0; id < graph.n; id++)
        of[id] = riv__partitioner_of(graph.node[id], of, 0);
    return of[ds->id];
}

static riv_ds *hashed(riv_ds *in, int n)
{
    return riv_partition_by(in, NULL, RIV_OPT(.partitions = n));
}

static void steps_that_keep_the_keys_keep_the_partitioner(void **state)
{
    (void)state;
    riv_ds *part = hashed(pairs(2), 5);
    riv_ds *some =
        riv_filter_by_range(part, &(riv_str){ "a", 1 }, &(riv_str){ "z", 1 });
    assert_true(found(some).hashed);
    assert_int_equal(found(some).n, 5);
    assert_false(found(riv_values(some)).hashed);
    assert_int_equal(found(riv_values(some)).n, 5);
    assert_int_equal(found(riv_union(some, pairs(3))).n, 8);
}

static void a_fold_over_partitions_takes_them_over(void **state)
{
    (void)state;
    riv_ds *part = riv_filter_by_range(hashed(pairs(2), 5), &(riv_str){ "", 0 },
                                       &(riv_str){ "z", 1 });
    riv_ds *sums = riv_reduce_by_key(part, riv_sum_i64, NULL);
    riv_ds *plain = riv_reduce_by_key(pairs(7), riv_sum_i64, NULL);
    assert_int_equal(found(sums).n, 5);
    assert_true(found(sums).hashed);
    assert_int_equal(found(plain).n, 0);
}

static void an_exchange_below_partition_by_reads_what_that_reads(void **state)
{
    (void)state;
    riv_ds *in = pairs(2), *part = hashed(in, 5);
    riv_ds *sums = riv_reduce_by_key(part, riv_sum_i64, NULL);
    assert_ptr_equal(sums->parent[0], in);
    assert_int_equal(sums->partitions, 5);
    riv_ds *less = riv_subtract_by_key(part, hashed(pairs(3), 7), NULL);
    assert_ptr_equal(less->parent[0], in);
    assert_int_equal(less->partitions, 5);
}

static void a_sort_below_partition_by_reads_what_that_reads(void **state)
{
    (void)state;
    riv_ds *in = pairs(2), *part = hashed(in, 5);
    riv_ds *sorted = riv_repartition_and_sort_within_partitions(
        part, NULL, RIV_OPT(.partitions = 5));
    assert_ptr_equal(sorted->parent[0], in);
    assert_ptr_equal(riv_sort_by_key(part, RIV_ASCENDING, NULL)->parent[0],
                     part); /* as many partitions as that has */
}

static void what_is_kept_is_read_from_where_it_is_kept(void **state)
{
    (void)state;
    riv_ds *part = riv_persist(hashed(pairs(2), 5), RIV_MEMORY);
    riv_ds *sums = riv_reduce_by_key(part, riv_sum_i64, NULL);
    assert_ptr_equal(sums->parent[0], part->persisted);
    assert_int_equal(found(sums).n, 5);
}

static void partitions_that_are_there_are_not_made_again(void **state)
{
    (void)state;
    riv_ds *sums =
        riv_reduce_by_key(pairs(2), riv_sum_i64, RIV_OPT(.partitions = 3));
    assert_ptr_equal(hashed(sums, 3), sums);
    assert_ptr_not_equal(hashed(sums, 4), sums);
    assert_ptr_not_equal(riv_partition_by(sums, NULL, NULL), sums);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        CASE(the_largest_partitioner_is_taken_over),
        CASE(one_of_a_tenth_of_the_partitions_is_not),
        CASE(the_setting_counts_below_a_partitioner_that_is_too_small),
        CASE(without_a_partitioner_the_setting_or_the_most_counts),
        CASE(steps_that_keep_the_keys_keep_the_partitioner),
        CASE(a_fold_over_partitions_takes_them_over),
        CASE(an_exchange_below_partition_by_reads_what_that_reads),
        CASE(a_sort_below_partition_by_reads_what_that_reads),
        CASE(what_is_kept_is_read_from_where_it_is_kept),
        CASE(partitions_that_are_there_are_not_made_again),
    };
    return cmocka_run_group_tests_name("partitioner", tests, NULL, NULL);
}
