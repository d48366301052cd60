/* api/join_test.c - operators over several inputs against naive loops, on random
 * rows (the seed is printed), cut into partitions and batches, on 1, 2 and 4
 * threads; and what is said about wrong use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <rivulet.h>

enum { ROWS = 3000, NONE = -1 };

RIV_PAIR(ii, int64_t, int64_t);
RIV_PAIR(si, riv_str, int64_t);
typedef struct {
    int64_t key, l, r, order;
} joined;
RIV_STRUCT(joined, key, l, r, order);

RIV_JOIN(both, ii, ii, joined);
static int both(const int64_t *key, const int64_t *l, const int64_t *r,
                both_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (joined){ *key, l ? *l : NONE, r ? *r : NONE, 0 });
    return 0;
}

/* Of each side the number of values, and their order as one number. */
RIV_COGROUP4(four, ii, ii, ii, ii, joined);
static int four(const int64_t *key, const int64_t *a, size_t na,
                const int64_t *b, size_t nb, const int64_t *c, size_t nc,
                const int64_t *d, size_t nd, four_out *out, riv_task *t)
{
    int64_t sum = 0;
    (void)t;
    for (size_t i = 0; i < na; i++)
        sum = sum * 31 + a[i];
    for (size_t i = 0; i < nb; i++)
        sum = sum * 31 + b[i];
    for (size_t i = 0; i < nc; i++)
        sum = sum * 31 + c[i];
    for (size_t i = 0; i < nd; i++)
        sum = sum * 31 + d[i];
    riv_emit(out, (joined){ *key, (int64_t)(na * 100 + nb),
                            (int64_t)(nc * 100 + nd), sum });
    return 0;
}

RIV_COGROUP3(three, ii, ii, ii, joined);
static int three(const int64_t *key, const int64_t *a, size_t na,
                 const int64_t *b, size_t nb, const int64_t *c, size_t nc,
                 three_out *out, riv_task *t)
{
    (void)t;
    assert_true((a != NULL) == (na > 0));
    assert_true((b != NULL) == (nb > 0));
    assert_true((c != NULL) == (nc > 0));
    riv_emit(out, (joined){ *key, (int64_t)na, (int64_t)nb, (int64_t)nc });
    return 0;
}

static uint64_t seed;

static uint64_t random_next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void rows_make(ii *rows, size_t n, uint64_t keys)
{
    for (size_t i = 0; i < n; i++)
        rows[i] = (ii){ (int64_t)(random_next() % keys), (int64_t)i };
}

static int order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(joined));
}

static int order_pairs(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(ii));
}

struct naive {
    joined row[ROWS * 8];
    size_t n;
};

static void naive_add(struct naive *want, joined row)
{
    assert_true(want->n < sizeof want->row / sizeof want->row[0]);
    want->row[want->n++] = row;
}

static bool has(const ii *rows, size_t n, int64_t key)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].key == key)
            return true;
    return false;
}

static void naive_join(struct naive *want, const ii *l, size_t nl, const ii *r,
                       size_t nr, int how)
{
    want->n = 0;
    for (size_t i = 0; i < nl; i++) {
        for (size_t k = 0; k < nr; k++)
            if (l[i].key == r[k].key)
                naive_add(want, (joined){ l[i].key, l[i].val, r[k].val, 0 });
        if ((how == RIV_LEFT || how == RIV_FULL) && !has(r, nr, l[i].key))
            naive_add(want, (joined){ l[i].key, l[i].val, NONE, 0 });
    }
    for (size_t k = 0; k < nr; k++)
        if ((how == RIV_RIGHT || how == RIV_FULL) && !has(l, nl, r[k].key))
            naive_add(want, (joined){ r[k].key, NONE, r[k].val, 0 });
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static riv_ds *given(riv *r, const ii *rows, size_t n, int parts)
{
    return riv_parallelize(r, &riv_type_ii, rows, n,
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

static void same_rows(const riv_result *res, struct naive *want)
{
    joined *rows = calloc(res->n + 1, sizeof *rows);
    assert_non_null(rows);
    if (res->n > 0)
        memcpy(rows, res->rows, res->n * sizeof *rows);
    assert_int_equal(res->n, want->n);
    qsort(rows, res->n, sizeof *rows, order);
    qsort(want->row, want->n, sizeof *rows, order);
    assert_memory_equal(rows, want->row, want->n * sizeof *rows);
    free(rows);
}

static struct naive want;
static ii left[ROWS], right[ROWS];

static void join_once(int threads, int parts, size_t nl, size_t nr,
                      uint64_t keys, int out_parts)
{
    rows_make(left, nl, keys);
    rows_make(right, nr, keys);
    for (int how = RIV_INNER; how <= RIV_FULL; how++) {
        riv *r = context(threads);
        riv_ds *ds =
            riv_join(given(r, left, nl, parts), given(r, right, nr, parts + 1),
                     both_fn, how, RIV_OPT(.partitions = out_parts));
        riv_result res = collected(r, ds);
        naive_join(&want, left, nl, right, nr, how);
        same_rows(&res, &want);
        riv_result_free(&res);
        riv_free(r);
    }
}

static void joins_equal_two_loops(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        join_once(threads, 1, 0, 0, 1, 0);
        join_once(threads, 1, 0, 50, 7, 0);
        join_once(threads, 3, 50, 0, 7, 0);
        join_once(threads, 1, 200, 300, 40, 0);
        join_once(threads, 5, ROWS, ROWS, 2000, 0);
        join_once(threads, 20, ROWS, ROWS, 1500, 3);
        join_once(threads, 2, 1, ROWS, 1, 1);
    }
}

/* All of a key's pairs, the left value outside, each side as it came. */
static void pairs_of_a_key_come_left_major(void **state)
{
    (void)state;
    const ii l[] = { { 1, 10 }, { 2, 5 }, { 1, 20 } };
    const ii r_rows[] = { { 1, 7 }, { 1, 8 }, { 3, 1 } };
    const joined expected[] = {
        { 1, 10, 7, 0 }, { 1, 10, 8, 0 }, { 1, 20, 7, 0 }, { 1, 20, 8, 0 }
    };
    riv *r = context(2);
    riv_result res =
        collected(r, riv_join(given(r, l, 3, 2), given(r, r_rows, 3, 2),
                              both_fn, RIV_INNER, NULL));
    assert_int_equal(res.n, 4);
    assert_memory_equal(res.rows, expected, sizeof expected);
    riv_result_free(&res);
    riv_free(r);
}

static void a_dataset_joins_itself(void **state)
{
    (void)state;
    rows_make(left, 500, 300);
    riv *r = context(2);
    riv_ds *ds = given(r, left, 500, 4);
    riv_result res = collected(r, riv_join(ds, ds, both_fn, RIV_FULL, NULL));
    naive_join(&want, left, 500, left, 500, RIV_FULL);
    same_rows(&res, &want);
    riv_result_free(&res);
    riv_free(r);
}

/* Values of a key stay in the order of partitions, whatever thread made them */
static void cogroup_of_four_keeps_the_order_of_values(void **state)
{
    (void)state;
    static ii in[4][1000];
    joined *expected = calloc(50, sizeof *expected);
    assert_non_null(expected);
    for (int i = 0; i < 4; i++)
        rows_make(in[i], 1000, 50);
    for (int64_t key = 0; key < 50; key++) {
        size_t n[4] = { 0 };
        int64_t sum = 0;
        for (int i = 0; i < 4; i++)
            for (size_t k = 0; k < 1000; k++)
                if (in[i][k].key == key) {
                    sum = sum * 31 + in[i][k].val;
                    n[i]++;
                }
        expected[key] = (joined){ key, (int64_t)(n[0] * 100 + n[1]),
                                  (int64_t)(n[2] * 100 + n[3]), sum };
    }
    want.n = 50;
    memcpy(want.row, expected, 50 * sizeof *expected);
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result res = collected(
            r, riv_cogroup4(given(r, in[0], 1000, 1), given(r, in[1], 1000, 3),
                            given(r, in[2], 1000, 7), given(r, in[3], 1000, 20),
                            four_fn, NULL));
        same_rows(&res, &want);
        riv_result_free(&res);
        riv_free(r);
    }
    free(expected);
}

static void an_absent_side_is_null_and_0(void **state)
{
    (void)state;
    const ii a[] = { { 1, 0 }, { 1, 0 } }, b[] = { { 2, 0 } };
    riv *r = context(1);
    riv_result res =
        collected(r, riv_cogroup3(given(r, a, 2, 1), given(r, b, 1, 1),
                                  given(r, NULL, 0, 1), three_fn, NULL));
    want.n = 0;
    naive_add(&want, (joined){ 1, 2, 0, 0 });
    naive_add(&want, (joined){ 2, 0, 1, 0 });
    same_rows(&res, &want);
    riv_result_free(&res);
    riv_free(r);
}

static void check_pairs(riv *r, riv_ds *ds, const ii *expected, size_t n)
{
    riv_result res = collected(r, ds);
    ii *rows = calloc(res.n + n + 1, sizeof *rows);
    assert_non_null(rows);
    assert_int_equal(res.n, n);
    if (n > 0)
        memcpy(rows, res.rows, n * sizeof *rows);
    memcpy(rows + n, expected, n * sizeof *rows);
    qsort(rows, n, sizeof *rows, order_pairs);
    qsort(rows + n, n, sizeof *rows, order_pairs);
    assert_memory_equal(rows, rows + n, n * sizeof *rows);
    free(rows);
    riv_result_free(&res);
}

static void subtract_once(int threads, int parts, size_t n, uint64_t keys)
{
    static ii by_key[ROWS], by_row[ROWS], common[ROWS];
    size_t nk = 0, nr = 0, nc = 0;
    rows_make(left, n, keys);
    rows_make(right, n, keys);
    for (size_t i = 0; i < n; i++) {
        left[i].val %= 3; /* so that records occur twice, and on both sides */
        right[i].val %= 4;
    }
    for (size_t i = 0; i < n; i++) {
        bool known = false, seen = false;
        for (size_t k = 0; k < n; k++)
            known |= memcmp(&left[i], &right[k], sizeof(ii)) == 0;
        for (size_t k = 0; k < i; k++)
            seen |= memcmp(&left[i], &left[k], sizeof(ii)) == 0;
        if (!has(right, n, left[i].key))
            by_key[nk++] = left[i];
        if (!known)
            by_row[nr++] = left[i];
        else if (!seen)
            common[nc++] = left[i];
    }
    riv *r = context(threads);
    riv_ds *a = given(r, left, n, parts), *b = given(r, right, n, parts + 2);
    check_pairs(r, riv_subtract_by_key(a, b, NULL), by_key, nk);
    check_pairs(r, riv_subtract(a, b, NULL), by_row, nr);
    check_pairs(r, riv_intersection(a, b, NULL), common, nc);
    riv_free(r);
}

static void subtractions_equal_two_loops(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        subtract_once(threads, 1, 0, 1);
        subtract_once(threads, 1, 300, 200);
        subtract_once(threads, 4, 2500, 2000);
        subtract_once(threads, 30, 1500, 10);
    }
}

/* --------------------------------------------------------------- streams */

static int64_t sums[64], counts[64];

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { 0 };
    int rc = riv_collect(rdd, &res);
    int64_t batch = time / 1000 % 64;
    (void)r;
    (void)arg;
    counts[batch] = (int64_t)res.n;
    sums[batch] = 0;
    for (size_t i = 0; i < res.n; i++) {
        const joined *row = (const joined *)res.rows + i;
        sums[batch] += row->key * 10000 + row->l * 100 + row->r;
    }
    riv_result_free(&res);
    return rc;
}

static int64_t seen_count, seen_sum; /* of the last batch */

static void last_batch(void)
{
    seen_count = seen_sum = 0;
    for (int i = 0; i < 64; i++) {
        seen_count += counts[i];
        seen_sum += sums[i];
        counts[i] = sums[i] = 0;
    }
}

static void streams_join_batch_by_batch(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *a = riv_queue(r, &riv_type_ii, NULL);
    riv_ds *b = riv_queue(r, &riv_type_ii, NULL);
    riv_foreach_rdd(riv_join(a, b, both_fn, RIV_INNER, NULL), see, NULL);
    riv_push(a, &(ii){ 1, 2 }, 1);
    riv_push(b, &(ii){ 1, 3 }, 1);
    assert_int_equal(riv_step(r, 1), 0);
    last_batch();
    assert_int_equal(seen_count, 1);
    assert_int_equal(seen_sum, 10203);
    riv_push(a, &(ii){ 1, 4 }, 1); /* the other side was there before: gone */
    assert_int_equal(riv_step(r, 1), 0);
    last_batch();
    assert_int_equal(seen_count, 0);
    riv_push(b, &(ii){ 2, 5 }, 1);
    riv_push(a, &(ii){ 2, 6 }, 1);
    riv_push(a, &(ii){ 2, 7 }, 1);
    assert_int_equal(riv_step(r, 1), 0);
    last_batch();
    assert_int_equal(seen_count, 2);
    assert_int_equal(seen_sum, 20605 + 20705);
    riv_free(r);
}

static void a_stream_joins_a_finite_dataset_in_every_batch(void **state)
{
    (void)state;
    const ii known[] = { { 1, 8 }, { 2, 9 } };
    riv *r = context(2);
    riv_ds *a = riv_queue(r, &riv_type_ii, NULL);
    riv_foreach_rdd(
        riv_join(a, given(r, known, 2, 2), both_fn, RIV_INNER, NULL), see,
        NULL);
    for (int64_t i = 1; i <= 3; i++) {
        riv_push(a, &(ii){ i, i }, 1);
        assert_int_equal(riv_step(r, 1), 0);
        last_batch();
        assert_int_equal(seen_count, i <= 2);
        assert_int_equal(seen_sum, i <= 2 ? i * 10100 + 7 + i : 0);
    }
    riv_free(r);
}

/* ---------------------------------------------------------------- misuse */

static void refused(riv *r, int code, const char *words)
{
    if (!strstr(riv_errmsg(r), words))
        print_message("%s\n", riv_errmsg(r));
    assert_int_equal(riv_error(r), code);
    assert_non_null(strstr(riv_errmsg(r), words));
    riv_free(r);
}

static void wrong_use_is_said_in_words(void **state)
{
    (void)state;
    const ii row = { 1, 1 };
    const si text = { riv_cstr("a"), 1 };
    const int64_t number = 1;
    riv *r = context(1);
    riv_ds *in = given(r, &row, 1, 1);
    riv_join(in, in, both_fn, 9, NULL);
    refused(r, RIV_EINVAL, "how 9 is none of RIV_INNER");
    r = context(1);
    in = given(r, &row, 1, 1);
    riv_join(in, NULL, both_fn, RIV_INNER, NULL);
    refused(r, RIV_EINVAL, "input number 2 is NULL");
    r = context(1);
    in = given(r, &row, 1, 1);
    riv_join(in, riv_parallelize(r, &riv_type_si, &text, 1, NULL), both_fn,
             RIV_INNER, NULL);
    refused(r, RIV_ETYPE, "riv_join: keys differ: i64 of");
    r = context(1);
    in = given(r, &row, 1, 1);
    riv_cogroup(in, in, both_fn, NULL);
    refused(r, RIV_ETYPE, "is a RIV_JOIN function");
    r = context(1);
    riv_subtract_by_key(given(r, &row, 1, 1),
                        riv_parallelize(r, &riv_type_int64_t, &number, 1, NULL),
                        NULL);
    refused(r, RIV_ETYPE, "not pairs");
    r = context(1);
    riv_subtract(given(r, &row, 1, 1),
                 riv_parallelize(r, &riv_type_int64_t, &number, 1, NULL), NULL);
    refused(r, RIV_ETYPE, "riv_subtract: its inputs differ");
    r = context(1);
    riv *other = context(1);
    riv_intersection(given(r, &row, 1, 1), given(other, &row, 1, 1), NULL);
    riv_free(other);
    refused(r, RIV_EINVAL, "belongs to another context");
}

int main(void)
{
    const char *given_seed = getenv("RIV_SEED");
    seed = given_seed ? strtoull(given_seed, NULL, 10) : 20260117;
    print_message("# RIV_SEED=%llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_equal_two_loops),
        cmocka_unit_test(pairs_of_a_key_come_left_major),
        cmocka_unit_test(a_dataset_joins_itself),
        cmocka_unit_test(cogroup_of_four_keeps_the_order_of_values),
        cmocka_unit_test(an_absent_side_is_null_and_0),
        cmocka_unit_test(subtractions_equal_two_loops),
        cmocka_unit_test(streams_join_batch_by_batch),
        cmocka_unit_test(a_stream_joins_a_finite_dataset_in_every_batch),
        cmocka_unit_test(wrong_use_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
