/* exec/reduce_scatter_test.c - reductions of inputs so large that tables leave the
 * cache: rows are put aside by piece and folded later. The same comes out, in the
 * same order on any number of workers, and that it was so is looked at. */
#include "exec/fixture.h"
#include "exec/reduce.h"

/* So wide that an input of RIV__REDUCE_LARGE bytes has few rows. */
typedef struct wide {
    int64_t key, val;
    char rest[112];
} wide;
RIV_STRUCT(wide, key, val, rest);
RIV_PAIR(small, int32_t, int64_t);

enum { ROWS = RIV__REDUCE_LARGE / sizeof(struct wide), PARTS = 24 };

static struct wide *rows;

RIV_MAP(narrow, wide, pair);
static int narrow(const wide *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ in->key, in->val };
    return 0;
}

RIV_MAP(shrink, wide, small);
static int shrink(const wide *in, small *out, riv_task *t)
{
    (void)t;
    *out = (small){ (int32_t)in->key, in->val };
    return 0;
}

/* Fails once, in the middle of the last task. */
static int left;

RIV_MAP(narrow_late, wide, pair);
static int narrow_late(const wide *in, pair *out, riv_task *t)
{
    if (in->val == ROWS - 100 && left > 0) {
        left--;
        riv_fail(t, "not now");
        return RIV_EUNAVAIL;
    }
    return narrow(in, out, t);
}

/* Nine of ten keys are new; values are the rows' numbers. */
static int64_t key_of(int64_t i)
{
    const int64_t k = i % 10 == 9 ? i / 2 : i;
    return (k * INT64_C(2654435761)) & 0x7fffffff;
}

static int rows_make(void **state)
{
    (void)state;
    rows = calloc(ROWS, sizeof *rows);
    for (int64_t i = 0; rows && i < ROWS; i++) {
        rows[i].key = key_of(i);
        rows[i].val = i;
    }
    return rows ? 0 : -1;
}

static int rows_free(void **state)
{
    (void)state;
    free(rows);
    return 0;
}

/* The op of a kind that has put rows aside, or NULL. */
static const struct riv_reduce_op *scattered(const struct bench *b)
{
    for (uint32_t i = 0; i < b->plan->nop; i++) {
        struct riv_op *op = b->plan->op[i];
        if (op->ds->kind != &riv__kind_reduce_by_key)
            continue;
        for (uint32_t k = 0; k < op->npart; k++)
            if (((struct riv_reduce_part *)op->part[k])->scatters)
                return riv__reduce_op(op);
    }
    return NULL;
}

/* By key: the sum of values, and their greatest. */
struct want {
    int64_t key, sum, most;
};

static int by_key(const void *a, const void *b)
{
    const struct want *l = a, *r = b;
    return (l->key > r->key) - (l->key < r->key);
}

static size_t want_make(struct want *want)
{
    size_t n = 0;
    for (int64_t i = 0; i < ROWS; i++)
        want[i] = (struct want){ rows[i].key, i, i };
    qsort(want, ROWS, sizeof *want, by_key);
    for (size_t i = 1; i < ROWS; i++) {
        if (want[i].key != want[n].key) {
            want[++n] = want[i];
            continue;
        }
        want[n].sum += want[i].sum;
        want[n].most = RIV__MAX(want[n].most, want[i].most);
    }
    return n + 1;
}

/* Lines "key,value" in whatever order. */
static void lines_are(const char *text, const struct want *want, size_t n,
                      bool most)
{
    struct want *got = calloc(n + 1, sizeof *got);
    size_t m = 0;
    for (char *p = (char *)text; *p && m <= n; m++) {
        got[m].key = strtoll(p, &p, 10);
        got[m].sum = strtoll(p + 1, &p, 10);
        p += *p == '\n';
    }
    assert_int_equal(m, n);
    qsort(got, n, sizeof *got, by_key);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].key, want[i].key);
        assert_int_equal(got[i].sum, most ? want[i].most : want[i].sum);
    }
    free(got);
}

static void rows_put_aside_come_out_as_folded_ones(void **state)
{
    struct want *want = calloc(ROWS, sizeof *want);
    const size_t n = want_make(want);
    char *first = NULL;
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct bench b;
        bench_init(&b, threads);
        riv_ds *in = bench_rows(&b, &riv_type_wide, rows, ROWS, PARTS);
        const char *text = bench_csv(
            &b, riv_reduce_by_key(riv_map(in, narrow_fn, NULL), riv_sum_i64,
                                  RIV_OPT(.partitions = 3)));
        assert_non_null(scattered(&b));
        lines_are(text, want, n, false);
        first = first ? first : strdup(text);
        assert_string_equal(text, first);
        bench_fini(&b);
    }
    free(first);
    free(want);
}

static void keys_may_have_less_bytes(void **state)
{
    struct want *want = calloc(ROWS, sizeof *want);
    const size_t n = want_make(want);
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_wide, rows, ROWS, PARTS);
    const char *text = bench_csv(
        &b, riv_reduce_by_key(riv_map(in, shrink_fn, NULL), riv_max_i64, NULL));
    assert_non_null(scattered(&b));
    lines_are(text, want, n, true);
    bench_fini(&b);
    free(want);
}

/* What the first attempt has put into shared tables and blocks is there once. */
static void a_task_that_is_tried_again_puts_nothing_aside_twice(void **state)
{
    struct want *want = calloc(ROWS, sizeof *want);
    const size_t n = want_make(want);
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct bench b;
        bench_init(&b, threads);
        left = 1;
        riv_ds *in = bench_rows(&b, &riv_type_wide, rows, ROWS, PARTS);
        const char *text =
            bench_csv(&b, riv_reduce_by_key(riv_map(in, narrow_late_fn, NULL),
                                            riv_sum_i64, NULL));
        assert_int_equal(left, 0);
        assert_non_null(scattered(&b));
        lines_are(text, want, n, false);
        bench_fini(&b);
    }
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_put_aside_come_out_as_folded_ones),
        cmocka_unit_test(keys_may_have_less_bytes),
        cmocka_unit_test(a_task_that_is_tried_again_puts_nothing_aside_twice),
    };
    return cmocka_run_group_tests(tests, rows_make, rows_free);
}
