/* api/pair_test.c - keys, values, key_by, group_by, flat_map_values, fold_by_key,
 * combine_by_key, union_all through the public interface, against plain loops,
 * on 1, 2 and 4 threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rivulet.h>

enum { ROWS = 5000, KEYS = 40 };

RIV_PAIR(ii, int64_t, int64_t);
RIV_PAIR(si, riv_str, int64_t);
RIV_PAIR(is, int64_t, riv_str);
RIV_PAIR(keyed, riv_str, int64_t); /* as si, under another name */

/* Types under the names that C has for them. */
RIV_PAIR(parity, bool, long);
RIV_PAIR(sized, size_t, unsigned);

RIV_MAP(is_odd, int64_t, bool);
static int is_odd(const int64_t *in, bool *out, riv_task *t)
{
    (void)t;
    *out = *in % 2 != 0;
    return 0;
}

RIV_MAP(with_parity, long, parity);
static int with_parity(const long *in, parity *out, riv_task *t)
{
    (void)t;
    *out = (parity){ *in % 2 != 0, *in };
    return 0;
}

RIV_MAP(as_int, bool, int);
static int as_int(const bool *in, int *out, riv_task *t)
{
    (void)t;
    *out = *in ? -1 : 1;
    return 0;
}

RIV_MAP(as_sized, int, sized);
static int as_sized(const int *in, sized *out, riv_task *t)
{
    (void)t;
    *out = (sized){ 7, (unsigned)(*in + 1) };
    return 0;
}

RIV_MAP(last_digit, int64_t, riv_str);
static int last_digit(const int64_t *in, riv_str *out, riv_task *t)
{
    if (*in < 0)
        return riv_fail(t, "below 0");
    *out = riv_fmt(t, "%lld", (long long)(*in % 10));
    return 0;
}

RIV_GROUP(sum_all, keyed, si);
static int sum_all(const riv_str *key, const int64_t *v, size_t n,
                   sum_all_out *out, riv_task *t)
{
    int64_t sum = 0;
    (void)t;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    riv_emit(out, (si){ *key, sum });
    return 0;
}

RIV_FLAT_MAP_VALUES(repeat, ii, is);
static int repeat(const int64_t *key, const int64_t *v, repeat_out *out,
                  riv_task *t)
{
    if (*v == 13 && *key == 7)
        return riv_fail(t, "unlucky");
    for (int64_t i = 0; i < *v % 4; i++)
        riv_emit_value(out, riv_fmt(t, "%lld", (long long)(*v + i)));
    return 0;
}

RIV_REDUCE(add, int64_t);
static void add(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += *v;
}

/* The longest text; a new one each time, which the engine must keep. */
RIV_REDUCE(longest, riv_str);
static void longest(riv_str *acc, const riv_str *v, riv_task *t)
{
    if (v->n > acc->n)
        *acc = riv_dup(t, v->p, v->n);
}

typedef struct {
    int64_t least, most, n;
} span;
RIV_STRUCT(span, least, most, n);
RIV_PAIR(i_span, int64_t, span);

RIV_COMBINE(spans, ii, i_span);
static void spans_create(span *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc = (span){ *v, *v, 1 };
}
static void spans(span *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    acc->least = *v < acc->least ? *v : acc->least;
    acc->most = *v > acc->most ? *v : acc->most;
    acc->n++;
}
static void spans_merge(span *acc, const span *other, riv_task *t)
{
    (void)t;
    acc->least = other->least < acc->least ? other->least : acc->least;
    acc->most = other->most > acc->most ? other->most : acc->most;
    acc->n += other->n;
}

RIV_COMBINE(texts, is, is);
static void texts_create(riv_str *acc, const riv_str *v, riv_task *t)
{
    *acc = riv_fmt(t, "<" RIV_S ">", RIV_P(*v));
}
static void texts(riv_str *acc, const riv_str *v, riv_task *t)
{
    if (v->n + 2 > acc->n)
        *acc = riv_fmt(t, "<" RIV_S ">", RIV_P(*v));
}
static void texts_merge(riv_str *acc, const riv_str *v, riv_task *t)
{
    if (v->n > acc->n)
        *acc = riv_dup(t, v->p, v->n);
}

static int64_t number[ROWS];
static ii pair[ROWS];

static int setup(void **state)
{
    uint64_t seed = 20260118;
    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < ROWS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        number[i] = (int64_t)(seed >> 40);
        pair[i] = (ii){ number[i] % KEYS, number[i] / KEYS % 100 };
    }
    return 0;
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static riv_ds *pairs_of(riv *r, int parts)
{
    return riv_parallelize(r, &riv_type_ii, pair, ROWS,
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

static void keys_and_values_stay_in_order(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result k = collected(r, riv_keys(pairs_of(r, 7)));
    riv_result v = collected(r, riv_values(pairs_of(r, 7)));
    assert_int_equal(k.n, ROWS);
    assert_int_equal(v.n, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(((const int64_t *)k.rows)[i], pair[i].key);
        assert_int_equal(((const int64_t *)v.rows)[i], pair[i].val);
    }
    riv_result_free(&k);
    riv_result_free(&v);
    riv_free(r);
}

static void key_by_gives_key_and_record(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *ds = riv_key_by(riv_parallelize(r, &riv_type_int64_t, number, ROWS,
                                            RIV_OPT(.partitions = 3)),
                            last_digit_fn, &riv_type_keyed, NULL);
    riv_result res = collected(r, ds);
    assert_int_equal(res.n, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const keyed *row = (const keyed *)res.rows + i;
        assert_int_equal(row->val, number[i]);
        assert_int_equal(row->key.n, 1);
        assert_int_equal(row->key.p[0], '0' + number[i] % 10);
    }
    riv_result_free(&res);
    riv_free(r);
}

static void key_by_leaves_out_what_its_function_refuses(void **state)
{
    (void)state;
    const int64_t in[] = { 5, -1, 16, -2, -3, 27 }, out[] = { 5, 16, 27 };
    riv *r = context(1);
    riv_ds *keys =
        riv_key_by(riv_parallelize(r, &riv_type_int64_t, in, 6, NULL),
                   last_digit_fn, NULL, RIV_OPT(.on_error = RIV_SKIP));
    riv_result res = collected(r, riv_values(keys));
    assert_int_equal(res.n, 3);
    assert_memory_equal(res.rows, out, sizeof out);
    riv_result_free(&res);
    riv_free(r);
}

static void group_by_sees_all_records_of_a_key(void **state)
{
    (void)state;
    int64_t want[10] = { 0 };
    for (size_t i = 0; i < ROWS; i++)
        want[number[i] % 10] += number[i];
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result res = collected(
            r, riv_group_by(riv_parallelize(r, &riv_type_int64_t, number, ROWS,
                                            RIV_OPT(.partitions = 9)),
                            last_digit_fn, sum_all_fn, NULL));
        assert_int_equal(res.n, 10);
        for (size_t i = 0; i < res.n; i++) {
            const si *row = (const si *)res.rows + i;
            assert_int_equal(row->val, want[row->key.p[0] - '0']);
        }
        riv_result_free(&res);
        riv_free(r);
    }
}

static void flat_map_values_keeps_the_key(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_result res =
        collected(r, riv_flat_map_values(pairs_of(r, 4), repeat_fn,
                                         RIV_OPT(.on_error = RIV_SKIP)));
    size_t at = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (pair[i].val == 13 && pair[i].key == 7)
            continue;
        for (int64_t k = 0; k < pair[i].val % 4; k++, at++) {
            const is *row = (const is *)res.rows + at;
            int64_t v = -1;
            assert_true(at < res.n);
            assert_int_equal(row->key, pair[i].key);
            assert_true(riv_to_i64(row->val, &v));
            assert_int_equal(v, pair[i].val + k);
        }
    }
    assert_int_equal(at, res.n);
    riv_result_free(&res);
    riv_free(r);
}

/* A zero that is not neutral shows how often it enters: once for each task that
 * has the key. Here there is one. */
static void fold_by_key_starts_with_zero_once_per_task(void **state)
{
    (void)state;
    const int64_t hundred = 100, zero = 0;
    int64_t want[KEYS] = { 0 };
    for (size_t i = 0; i < ROWS; i++)
        want[pair[i].key] += pair[i].val;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result one = collected(
            r, riv_fold_by_key(pairs_of(r, 1), &hundred, add_fn, NULL));
        riv_result many = collected(
            r, riv_fold_by_key(pairs_of(r, 12), &zero, riv_sum_i64, NULL));
        assert_int_equal(one.n, KEYS);
        assert_int_equal(many.n, KEYS);
        for (size_t i = 0; i < KEYS; i++) {
            const ii *a = (const ii *)one.rows + i;
            const ii *b = (const ii *)many.rows + i;
            assert_int_equal(a->val, want[a->key] + 100);
            assert_int_equal(b->val, want[b->key]);
        }
        riv_result_free(&one);
        riv_result_free(&many);
        riv_free(r);
    }
}

static void fold_by_key_owns_texts(void **state)
{
    (void)state;
    is rows[600];
    char text[] = "zzzzzzzzzzzzzzzzzzzzzzzzzzzz";
    char begin[] = "a zero in a buffer";
    for (size_t i = 0; i < 600; i++)
        rows[i] = (is){ (int64_t)(i % 3), { text, i % 28 } };
    riv *r = context(2);
    riv_ds *in =
        riv_parallelize(r, &riv_type_is, rows, 600, RIV_OPT(.partitions = 5));
    riv_str zero = riv_cstr(begin);
    riv_ds *ds = riv_fold_by_key(in, &zero, longest_fn, NULL);
    memset(begin, '#', sizeof begin - 1); /* the engine has its own */
    zero.n = 0;
    riv_result res = collected(r, ds);
    assert_int_equal(res.n, 3);
    for (size_t i = 0; i < res.n; i++)
        assert_true(
            riv_eq(((const is *)res.rows)[i].val, (riv_str){ text, 27 }));
    riv_result_free(&res);
    for (size_t i = 0; i < 600; i++)
        rows[i].val.n = 1;
    in = riv_parallelize(r, &riv_type_is, rows, 600, RIV_OPT(.partitions = 5));
    zero = riv_cstr("long");
    res = collected(r, riv_fold_by_key(in, &zero, longest_fn, NULL));
    assert_int_equal(res.n, 3);
    for (size_t i = 0; i < res.n; i++)
        assert_true(riv_eq(((const is *)res.rows)[i].val, riv_cstr("long")));
    riv_result_free(&res);
    riv_free(r);
}

static void combine_by_key_begins_with_the_first_value(void **state)
{
    (void)state;
    span want[KEYS] = { 0 };
    for (size_t i = 0; i < ROWS; i++) {
        span *s = &want[pair[i].key];
        if (s->n == 0)
            spans_create(s, &pair[i].val, NULL);
        else
            spans(s, &pair[i].val, NULL);
    }
    for (int threads = 1; threads <= 4; threads *= 2) {
        for (int parts = 1; parts <= 20; parts += 19) {
            riv *r = context(threads);
            riv_result res = collected(
                r, riv_combine_by_key(pairs_of(r, parts), spans_fn, NULL));
            assert_int_equal(res.n, KEYS);
            for (size_t i = 0; i < res.n; i++) {
                const i_span *row = (const i_span *)res.rows + i;
                assert_memory_equal(&row->val, &want[row->key], sizeof(span));
            }
            riv_result_free(&res);
            riv_free(r);
        }
    }
}

static void combine_by_key_owns_what_create_made(void **state)
{
    (void)state;
    is rows[300];
    for (size_t i = 0; i < 300; i++)
        rows[i] = (is){ (int64_t)(i % 5), { "xxxxxxxxxxxxxx", 3 + i / 30 } };
    riv *r = context(2);
    riv_result res = collected(
        r, riv_combine_by_key(riv_parallelize(r, &riv_type_is, rows, 300,
                                              RIV_OPT(.partitions = 4)),
                              texts_fn, NULL));
    assert_int_equal(res.n, 5);
    for (size_t i = 0; i < res.n; i++)
        assert_true(
            riv_eq(((const is *)res.rows)[i].val, riv_cstr("<xxxxxxxxxxxx>")));
    riv_result_free(&res);
    riv_free(r);
}

static void a_union_of_many_has_all_records(void **state)
{
    (void)state;
    riv_ds *list[300];
    riv *r = context(2);
    for (int64_t i = 0; i < 300; i++)
        list[i] = riv_parallelize(r, &riv_type_int64_t, &i, 1, NULL);
    riv_result res = collected(r, riv_union_all(r, list, 300));
    assert_int_equal(res.n, 300);
    for (int64_t i = 0; i < 300; i++)
        assert_int_equal(((const int64_t *)res.rows)[i], i);
    riv_result_free(&res);
    riv_free(r);
}

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
    const int64_t zero = 0;
    riv *r = context(1);
    riv_ds *in = riv_parallelize(r, &riv_type_int64_t, number, 1, NULL);
    riv_keys(in);
    refused(r, RIV_ETYPE, "riv_keys(): its input");
    r = context(1);
    in = riv_parallelize(r, &riv_type_int64_t, number, 1, NULL);
    riv_key_by(in, last_digit_fn, &riv_type_ii, NULL);
    refused(r, RIV_ETYPE, "but the type asked for is");
    r = context(1);
    riv_fold_by_key(pairs_of(r, 1), NULL, add_fn, NULL);
    refused(r, RIV_EINVAL, "no zero; pass the address");
    r = context(1);
    riv_fold_by_key(pairs_of(r, 1), &zero, longest_fn, NULL);
    refused(r, RIV_ETYPE, "reduces");
    r = context(1);
    riv_combine_by_key(pairs_of(r, 1), add_fn, NULL);
    refused(r, RIV_ETYPE, "riv_combine_by_key takes RIV_COMBINE");
    r = context(1);
    riv_union_all(r, NULL, 0);
    refused(r, RIV_EINVAL, "at least 1 is needed");
    r = context(1);
    riv_ds *const list[] = { pairs_of(r, 1), NULL };
    riv_union_all(r, list, 2);
    refused(r, RIV_EINVAL, "input number 2 is NULL");
}

/* PR-06: key i has i values, each of them several times. */
RIV_FLAT_MAP(values_of, int64_t, is);
static int values_of(const int64_t *key, values_of_out *out, riv_task *t)
{
    for (int64_t i = 0; i < 3 * *key; i++)
        riv_emit(out, (is){ *key, riv_fmt(t, "v%lld", (long long)(i % *key)) });
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const ii *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void distinct_values_are_counted_by_key(void **state)
{
    enum { MOST = 300 };
    ii *first = NULL;
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result res = { 0 };
        riv_ds *in =
            riv_repartition(riv_flat_map(riv_range(r, 1, MOST + 1, 1, NULL),
                                         values_of_fn, NULL),
                            7);
        riv_ds *out = riv_count_approx_distinct_by_key(in, 0.02, NULL);
        assert_int_equal(riv_collect(out, &res), 0);
        assert_int_equal(res.n, MOST);
        ii *row = calloc(MOST, sizeof *row);
        memcpy(row, res.rows, MOST * sizeof *row);
        qsort(row, MOST, sizeof *row, by_key);
        for (int64_t i = 0; i < MOST; i++) {
            assert_int_equal(row[i].key, i + 1);
            /* five standard errors */
            assert_in_range(10 * row[i].val + 10, 9 * row[i].key,
                            11 * row[i].key + 20);
        }
        if (first) /* the same on any number of threads */
            assert_memory_equal(row, first, MOST * sizeof *row);
        free(first);
        first = row;
        riv_result_free(&res);
        riv_free(r);
    }
    free(first);
}

static void an_accuracy_that_cannot_be_had_is_refused(void **state)
{
    static const double wrong[] = { 0, -1, 0.008, 0.41, 1e9 };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        riv *r = context(1);
        riv_count_approx_distinct_by_key(pairs_of(r, 1), wrong[i], NULL);
        assert_int_equal(riv_error(r), RIV_EINVAL);
        assert_non_null(strstr(riv_errmsg(r), "0.00823 to 0.4 can be had"));
        riv_free(r);
    }
    riv *r = context(1);
    riv_count_approx_distinct_by_key(riv_keys(pairs_of(r, 1)), 0.1, NULL);
    assert_int_equal(riv_error(r), RIV_ETYPE);
    riv_free(r);
}

static void bool_and_the_types_of_c_are_types_of_records(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { .struct_size = sizeof res };
    riv_ds *in = riv_range(r, 0, 10, 1, RIV_OPT(.partitions = 3));
    riv_ds *sums =
        riv_reduce_by_key(riv_map(in, with_parity_fn, NULL), riv_sum_i64, NULL);
    (void)state;
    assert_int_equal(
        riv_collect(riv_sort_by_key(sums, RIV_ASCENDING, NULL), &res), 0);
    const parity *sum = res.rows;
    assert_int_equal(res.n, 2);
    assert_true(!sum[0].key && sum[0].val == 20);
    assert_true(sum[1].key && sum[1].val == 25);
    riv_result_free(&res);
    riv_ds *ints = riv_map(riv_map(in, is_odd_fn, NULL), as_int_fn, NULL);
    riv_ds *values = riv_values(riv_map(ints, as_sized_fn, NULL));
    assert_int_equal(riv_collect(riv_distinct(values, NULL), &res), 0);
    const uint32_t *value = res.rows;
    assert_int_equal(res.n, 2);
    assert_int_equal(value[0] + value[1], 2);
    riv_result_free(&res);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bool_and_the_types_of_c_are_types_of_records),
        cmocka_unit_test(keys_and_values_stay_in_order),
        cmocka_unit_test(key_by_gives_key_and_record),
        cmocka_unit_test(key_by_leaves_out_what_its_function_refuses),
        cmocka_unit_test(group_by_sees_all_records_of_a_key),
        cmocka_unit_test(flat_map_values_keeps_the_key),
        cmocka_unit_test(fold_by_key_starts_with_zero_once_per_task),
        cmocka_unit_test(fold_by_key_owns_texts),
        cmocka_unit_test(combine_by_key_begins_with_the_first_value),
        cmocka_unit_test(combine_by_key_owns_what_create_made),
        cmocka_unit_test(a_union_of_many_has_all_records),
        cmocka_unit_test(distinct_values_are_counted_by_key),
        cmocka_unit_test(an_accuracy_that_cannot_be_had_is_refused),
        cmocka_unit_test(wrong_use_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
