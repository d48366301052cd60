/* api/zip_test.c - operators over whole partitions through the public interface:
 * which row meets which, how partitions are numbered, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <rivulet.h>

enum { ROWS = 5003 };

RIV_PAIR(ii, int64_t, int64_t);
RIV_PAIR(si, riv_str, int64_t);
typedef struct {
    int64_t part, n, sum;
} seen;
RIV_STRUCT(seen, part, n, sum);

RIV_GLOM(see, int64_t, seen);
static int see(const int64_t *rows, size_t n, see_out *out, riv_task *t)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += rows[i];
    riv_emit(out, (seen){ riv_partition(t), (int64_t)n, sum });
    return 0;
}

RIV_ZIP_PARTITIONS(see_both, int64_t, si, seen);
static int see_both(const int64_t *l, size_t nl, const si *r, size_t nr,
                    see_both_out *out, riv_task *t)
{
    (void)l;
    (void)r;
    riv_emit(out, (seen){ riv_partition(t), (int64_t)nl, (int64_t)nr });
    return 0;
}

RIV_MAP_PARTITIONS(part_of, ii, seen);
static int part_of(const ii *rows, size_t n, part_of_out *out, riv_task *t)
{
    for (size_t i = 0; i < n; i++)
        riv_emit(out, (seen){ riv_partition(t), rows[i].key, rows[i].val });
    return 0;
}

RIV_MAP(text, int64_t, si);
static int text(const int64_t *in, si *out, riv_task *t)
{
    *out = (si){ riv_fmt(t, "%lld", (long long)*in), *in };
    return 0;
}

RIV_FILTER(never, int64_t);
static int never(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

RIV_FILTER(even, int64_t);
static int even(const int64_t *in, riv_task *t)
{
    (void)t;
    return *in % 2 == 0;
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static riv_ds *numbers(riv *r, size_t n, int parts)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, n,
                           RIV_OPT(.partitions = parts));
}

static riv_result collected(riv *r, riv_ds *ds)
{
    riv_result res = { 0 };
    int rc = riv_collect(ds, &res);
    if (rc != 0)
        print_message("%s\n", riv_errmsg(r));
    assert_int_equal(rc, 0);
    return res;
}

RIV_PAIR(i_si, int64_t, si);

static void zip_pairs_rows_by_position(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, ROWS, 21);
        riv_result res = collected(r, riv_zip(in, riv_map(in, text_fn, NULL)));
        assert_int_equal(res.n, ROWS);
        for (int64_t i = 0; i < ROWS; i++) {
            const i_si *row = (const i_si *)res.rows + i;
            int64_t v = -1;
            assert_int_equal(row->key, i);
            assert_int_equal(row->val.val, i);
            assert_true(riv_to_i64(row->val.key, &v));
            assert_int_equal(v, i);
        }
        riv_result_free(&res);
        riv_free(r);
    }
}

static void refused(riv *r, riv_ds *ds, int code, const char *words)
{
    riv_result res = { 0 };
    int rc = riv_collect(ds, &res);
    if (!strstr(riv_errmsg(r), words))
        print_message("%s\n", riv_errmsg(r));
    assert_int_equal(rc, code);
    assert_non_null(strstr(riv_errmsg(r), words));
    riv_free(r);
}

static void zip_says_both_numbers(void **state)
{
    (void)state;
    riv *r = context(2);
    refused(r, riv_zip(numbers(r, 10, 2), numbers(r, 10, 3)), RIV_EINVAL,
            "riv_zip #2: its inputs have 2 and 3 partitions");
    r = context(2);
    refused(r, riv_zip(numbers(r, 10, 2), numbers(r, 11, 2)), RIV_EINVAL,
            "partition 1 has 5 records on the left and 6 on the right");
    r = context(2);
    refused(r,
            riv_zip_partitions(numbers(r, 10, 2),
                               riv_map(numbers(r, 10, 4), text_fn, NULL),
                               see_both_fn, NULL),
            RIV_EINVAL, "its inputs have 2 and 4 partitions");
    r = context(2);
    refused(r, riv_zip(numbers(r, 10, 2), NULL), RIV_EINVAL,
            "its input number 2 is NULL");
    r = context(1);
    riv *other = context(1);
    riv_ds *ds = riv_cartesian(numbers(r, 1, 1), numbers(other, 1, 1));
    riv_free(other);
    refused(r, ds, RIV_EINVAL, "belongs to another context");
    r = context(1);
    refused(r, riv_glom(numbers(r, 1, 1), see_both_fn, NULL), RIV_ETYPE,
            "is a RIV_ZIP_PARTITIONS function; riv_glom takes RIV_GLOM");
}

static void zip_partitions_may_differ_in_length(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res = collected(
        r, riv_zip_partitions(numbers(r, 5, 3),
                              riv_map(numbers(r, 2, 3), text_fn, NULL),
                              see_both_fn, NULL));
    const seen want[] = { { 0, 1, 0 }, { 1, 2, 1 }, { 2, 2, 1 } };
    assert_int_equal(res.n, 3);
    assert_memory_equal(res.rows, want, sizeof want);
    riv_result_free(&res);
    riv_free(r);
}

RIV_ZIP_PARTITIONS3(three_sizes, int64_t, si, int64_t, int64_t);
static int three_sizes(const int64_t *a, size_t na, const si *b, size_t nb,
                       const int64_t *c, size_t nc, three_sizes_out *out,
                       riv_task *t)
{
    (void)a, (void)b, (void)c, (void)t;
    riv_emit(out, (int64_t)na);
    riv_emit(out, (int64_t)nb);
    riv_emit(out, (int64_t)nc);
    return 0;
}

RIV_ZIP_PARTITIONS4(last_of_four, int64_t, si, int64_t, int64_t, int64_t);
static int last_of_four(const int64_t *a, size_t na, const si *b, size_t nb,
                        const int64_t *c, size_t nc, const int64_t *d,
                        size_t nd, last_of_four_out *out, riv_task *t)
{
    (void)t;
    if (na + nc != 2 || nb != 0 || b)
        return riv_die(t, "%zu %zu %zu %zu", na, nb, nc, nd);
    riv_emit(out, a[0] + c[0] + d[nd - 1]);
    return 0;
}

/* Case RD-17 of the conformance data. */
static void zip_partitions_takes_up_to_four(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *texts = riv_map(numbers(r, 6, 2), text_fn, NULL);
        riv_result res = collected(
            r, riv_zip_partitions3(numbers(r, 4, 2), texts, numbers(r, 2, 2),
                                   three_sizes_fn, NULL));
        const int64_t want[] = { 2, 3, 1, 2, 3, 1 };
        assert_int_equal(res.n, 6);
        assert_memory_equal(res.rows, want, sizeof want);
        riv_result_free(&res);
        res = collected(
            r, riv_zip_partitions4(
                   numbers(r, 2, 2),
                   riv_map(riv_filter(numbers(r, 2, 2), never_fn, NULL),
                           text_fn, NULL),
                   numbers(r, 2, 2), numbers(r, 10, 2), last_of_four_fn, NULL));
        const int64_t sums[] = { 4, 11 };
        assert_int_equal(res.n, 2);
        assert_memory_equal(res.rows, sums, sizeof sums);
        riv_result_free(&res);
        refused(r,
                riv_zip_partitions3(numbers(r, 4, 2), texts, numbers(r, 4, 3),
                                    three_sizes_fn, NULL),
                RIV_EINVAL, "its inputs have 2 and 3 partitions");
        r = context(1);
        refused(r,
                riv_zip_partitions3(numbers(r, 4, 2), numbers(r, 4, 2),
                                    numbers(r, 4, 2), three_sizes_fn, NULL),
                RIV_ETYPE, "takes si");
        r = context(1);
        refused(r,
                riv_zip_partitions3(numbers(r, 4, 2), NULL, numbers(r, 4, 2),
                                    three_sizes_fn, NULL),
                RIV_EINVAL, "its input number 2 is NULL");
    }
}

static void indices_count_over_partitions(void **state)
{
    (void)state;
    riv *r = context(4);
    riv_ds *in = riv_filter(numbers(r, ROWS, 17), even_fn, NULL);
    riv_result res = collected(r, riv_zip_with_index(in));
    assert_int_equal(res.n, ROWS / 2 + 1);
    for (int64_t i = 0; i < (int64_t)res.n; i++) {
        assert_int_equal(((const ii *)res.rows)[i].key, 2 * i);
        assert_int_equal(((const ii *)res.rows)[i].val, i);
    }
    riv_result_free(&res);
    riv_free(r);
}

static void unique_ids_are_dealt_out(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res = collected(r, riv_zip_with_unique_id(numbers(r, 5, 2)));
    const ii want[] = { { 0, 0 }, { 1, 2 }, { 2, 1 }, { 3, 3 }, { 4, 5 } };
    assert_int_equal(res.n, 5);
    assert_memory_equal(res.rows, want, sizeof want);
    riv_result_free(&res);
    riv_free(r);
}

static void ids_over_a_union_are_unique(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *both = riv_union(numbers(r, 50, 3), numbers(r, 70, 4));
    riv_result res = collected(r, riv_zip_with_unique_id(both));
    bool used[1000] = { false };
    assert_int_equal(res.n, 120);
    for (size_t i = 0; i < res.n; i++) {
        int64_t id = ((const ii *)res.rows)[i].val;
        assert_in_range(id, 0, 999);
        assert_false(used[id]);
        used[id] = true;
    }
    riv_result_free(&res);
    riv_free(r);
}

/* Partition i * 2 + j has the rows of i and j, the left outside. */
static void cartesian_numbers_its_partitions(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *ds = riv_cartesian(numbers(r, 3, 3), numbers(r, 4, 2));
    riv_result res = collected(r, riv_map_partitions(ds, part_of_fn, NULL));
    size_t at = 0;
    assert_int_equal(res.n, 12);
    for (int64_t i = 0; i < 3; i++)
        for (int64_t j = 0; j < 4; j++, at++) {
            const seen *row = (const seen *)res.rows + at;
            assert_int_equal(row->part, i * 2 + j / 2);
            assert_int_equal(row->n, i);
            assert_int_equal(row->sum, j);
        }
    riv_result_free(&res);
    riv_free(r);
}

static void cartesian_with_nothing_is_empty(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res =
        collected(r, riv_cartesian(numbers(r, 3, 3), numbers(r, 0, 2)));
    assert_int_equal(res.n, 0);
    riv_result_free(&res);
    riv_free(r);
}

static void glom_sees_whole_partitions_and_empty_ones(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res = collected(r, riv_glom(numbers(r, ROWS, 2), see_fn, NULL));
    const seen large[] = { { 0, 2501, 2501 * 1250 },
                           { 1, 2502, 2502 * (2501 + 5002) / 2 } };
    assert_int_equal(res.n, 2);
    assert_memory_equal(res.rows, large, sizeof large);
    riv_result_free(&res);
    res = collected(r, riv_glom(numbers(r, 2, 3), see_fn, NULL));
    const seen small[] = { { 0, 0, 0 }, { 1, 1, 0 }, { 2, 1, 1 } };
    assert_int_equal(res.n, 3);
    assert_memory_equal(res.rows, small, sizeof small);
    riv_result_free(&res);
    riv_free(r);
}

RIV_MAP(more, int64_t, int64_t);
static int more(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 1000;
    return 0;
}

static void check_order(riv *r, riv_ds *ds, const int64_t *want, size_t n)
{
    riv_result res = collected(r, ds);
    assert_int_equal(res.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(((const int64_t *)res.rows)[i], want[i]);
    riv_result_free(&res);
}

/* The left's partitions, then the right's: also when one task brings both, when
 * the right was made first, and in unions of unions. */
static void a_union_is_the_left_then_the_right(void **state)
{
    (void)state;
    const int64_t self[] = { 0, 1, 2, 3, 0, 1, 2, 3 };
    const int64_t mapped[] = { 1000, 1001, 1002, 1003, 0, 1, 2, 3 };
    const int64_t deep[] = { 0,    1, 2, 3, 1000, 1001, 1002,
                             1003, 0, 1, 0, 1,    2,    3 };
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *few = numbers(r, 2, 2), *in = numbers(r, 4, 2);
        riv_ds *up = riv_map(in, more_fn, NULL);
        check_order(r, riv_union(in, in), self, 8);
        check_order(r, riv_union(up, in), mapped, 8);
        check_order(r, riv_union(riv_union(in, up), riv_union(few, in)), deep,
                    14);
        riv_free(r);
    }
}

static void a_union_with_itself_has_all_its_partitions(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *in = numbers(r, 3, 2);
    riv_result res = collected(r, riv_zip_with_unique_id(riv_union(in, in)));
    const ii want[] = { { 0, 0 }, { 1, 1 }, { 2, 5 },
                        { 0, 2 }, { 1, 3 }, { 2, 7 } };
    assert_int_equal(res.n, 6);
    assert_memory_equal(res.rows, want, sizeof want);
    riv_result_free(&res);
    res = collected(r, riv_zip(riv_union(in, in),
                               riv_union(in, riv_map(in, more_fn, NULL))));
    assert_int_equal(res.n, 6);
    for (size_t i = 0; i < 6; i++) {
        const ii *row = (const ii *)res.rows + i;
        assert_int_equal(row->val, row->key + (i < 3 ? 0 : 1000));
    }
    riv_result_free(&res);
    riv_free(r);
}

static void a_union_of_too_many_branches_is_refused(void **state)
{
    (void)state;
    riv *r = context(1);
    riv_ds *ds = numbers(r, 1, 1);
    for (int i = 0; i < 40; i++)
        ds = riv_union(ds, ds);
    refused(r, ds, RIV_EINVAL, "a union of unions of more than 65536");
}

/* After an exchange the numbers are those of the exchange's partitions. */
static void partitions_are_numbered_after_an_exchange(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res = collected(
        r, riv_glom(riv_repartition(numbers(r, ROWS, 3), 5), see_fn, NULL));
    int64_t n = 0;
    assert_int_equal(res.n, 5);
    for (int64_t i = 0; i < 5; i++) {
        assert_int_equal(((const seen *)res.rows)[i].part, i);
        n += ((const seen *)res.rows)[i].n;
    }
    assert_int_equal(n, ROWS);
    riv_result_free(&res);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zip_pairs_rows_by_position),
        cmocka_unit_test(zip_says_both_numbers),
        cmocka_unit_test(zip_partitions_may_differ_in_length),
        cmocka_unit_test(zip_partitions_takes_up_to_four),
        cmocka_unit_test(indices_count_over_partitions),
        cmocka_unit_test(unique_ids_are_dealt_out),
        cmocka_unit_test(ids_over_a_union_are_unique),
        cmocka_unit_test(cartesian_numbers_its_partitions),
        cmocka_unit_test(cartesian_with_nothing_is_empty),
        cmocka_unit_test(glom_sees_whole_partitions_and_empty_ones),
        cmocka_unit_test(a_union_is_the_left_then_the_right),
        cmocka_unit_test(a_union_with_itself_has_all_its_partitions),
        cmocka_unit_test(a_union_of_too_many_branches_is_refused),
        cmocka_unit_test(partitions_are_numbered_after_an_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
