/* exec/run_reduce_test.c - reduce_by_key, aggregate_by_key, distinct,
 * count_by_value: one task and many, keys of every class, folds of the engine
 * and of users, early waves. */
#include "exec/fixture.h"

RIV_PAIR(by_f64, double, int64_t);
RIV_PAIR(f64s, int64_t, double);
typedef struct {
    riv_str city;
    int32_t year;
} spot;
RIV_STRUCT(spot, city, year);
RIV_PAIR(by_spot, spot, int64_t);
RIV_PAIR(best, int64_t, riv_str);
typedef struct {
    int64_t n;
    riv_str longest;
} stat;
RIV_STRUCT(stat, n, longest);
RIV_PAIR(stats, int64_t, stat);

/* 31 * a + b is no fold that a user may write: order would show. This one is
 * associative and commutative, and no built-in. */
RIV_REDUCE(xor, int64_t);
static void xor
    (int64_t * acc, const int64_t *v, riv_task *t) {
        (void)t;
        *acc ^= *v;
    }

    /* keeps strings: the larger one */
    RIV_REDUCE(larger, riv_str);
static void larger(riv_str *acc, const riv_str *v, riv_task *t)
{
    size_t n = RIV__MIN(acc->n, v->n);
    int c = n ? memcmp(acc->p, v->p, n) : 0;
    (void)t;
    if (c < 0 || (c == 0 && v->n > acc->n))
        *acc = *v;
}

/* makes strings: both, the lesser first, so that order does not show */
RIV_REDUCE(shorter_of, riv_str);
static void shorter_of(riv_str *acc, const riv_str *v, riv_task *t)
{
    if (v->n < acc->n)
        *acc = riv_dup(t, v->p, v->n);
}

RIV_AGGREGATE(gather, best, stats);
static void gather(stat *acc, const riv_str *v, riv_task *t)
{
    (void)t;
    acc->n++;
    if (v->n > acc->longest.n)
        acc->longest = *v;
}
static void gather_merge(stat *acc, const stat *other, riv_task *t)
{
    (void)t;
    acc->n += other->n;
    if (other->longest.n > acc->longest.n)
        acc->longest = other->longest;
}

enum { ROWS = 20000, KEYS = 777 };

/* One; several; more than there are in a wave. */
static const int tasks[] = { 1, 20, 3 * RIV__WAVE_TASKS_MAX };

static riv_ds *pairs_in(struct bench *b, pair *rows, int parts)
{
    uint64_t seed = 3;
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = (pair){ i % KEYS, (int64_t)(bench_next(&seed) >> 30) - 100 };
    return bench_rows(b, &riv_type_pair, rows, ROWS, parts);
}

/* The same by hand. */
static const char *by_hand(struct riv_buf *out, const pair *rows,
                           int64_t (*fold)(int64_t acc, int64_t v))
{
    int64_t acc[KEYS];
    char line[64];
    char *sorted[KEYS];
    for (int64_t i = 0; i < ROWS; i++)
        acc[i % KEYS] =
            i < KEYS ? rows[i].val : fold(acc[i % KEYS], rows[i].val);
    for (int64_t k = 0; k < KEYS; k++) {
        snprintf(line, sizeof line, "%lld,%lld", (long long)k,
                 (long long)acc[k]);
        sorted[k] = strdup(line);
    }
    qsort(sorted, KEYS, sizeof *sorted, bench_by_bytes);
    riv__buf_reset(out);
    for (int64_t k = 0; k < KEYS; k++) {
        riv__buf_printf(out, "%s\n", sorted[k]);
        free(sorted[k]);
    }
    riv__buf_char(out, '\0');
    return out->p;
}

static int64_t add(int64_t a, int64_t v)
{
    return a + v;
}

static int64_t less(int64_t a, int64_t v)
{
    return RIV__MIN(a, v);
}

static int64_t more(int64_t a, int64_t v)
{
    return RIV__MAX(a, v);
}

static int64_t exclusive(int64_t a, int64_t v)
{
    return a ^ v;
}

static const struct {
    const riv_fn *const *fn;
    int64_t (*fold)(int64_t acc, int64_t v);
} folds[] = { { &riv_sum_i64, add },
              { &riv_min_i64, less },
              { &riv_max_i64, more },
              { &(const riv_fn *){ xor_fn }, exclusive } };

static void every_fold_gives_what_a_loop_gives(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    struct riv_buf want;
    (void)state;
    riv__buf_init(&want, 0);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 200; parts += 66) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = pairs_in(&b, rows, parts);
            for (size_t k = 0; k < RIV__LEN(folds); k++) {
                riv_ds *out = riv_reduce_by_key(in, *folds[k].fn, NULL);
                assert_string_equal(bench_sorted(&b, out),
                                    by_hand(&want, rows, folds[k].fold));
            }
            bench_fini(&b);
        }
    }
    riv__buf_fini(&want);
    free(rows);
}

/* The order too: partitions and slots do not depend on who ran what. */
static void the_result_is_the_same_on_any_number_of_workers(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    char *first = NULL;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *out = riv_reduce_by_key(pairs_in(&b, rows, 37), riv_sum_i64,
                                        RIV_OPT(.partitions = 5));
        const char *text = bench_csv(&b, out);
        first = first ? first : strdup(text);
        assert_string_equal(text, first);
        bench_fini(&b);
    }
    free(first);
    free(rows);
}

static void sums_of_i64_wrap(void **state)
{
    struct bench b;
    pair rows[] = { { 1, INT64_MAX }, { 1, 1 }, { 2, 5 } };
    (void)state;
    for (int parts = 1; parts <= 3; parts++) {
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_pair, rows, 3, parts);
        assert_string_equal(
            bench_sorted(&b, riv_reduce_by_key(in, riv_sum_i64, NULL)),
            "1,-9223372036854775808\n2,5\n");
        bench_fini(&b);
    }
}

static void sums_of_f64_start_with_the_first_value(void **state)
{
    f64s rows[] = { { 1, -0.0 }, { 2, 0.5 }, { 2, 0.25 }, { 1, -0.0 } };
    (void)state;
    for (int parts = 1; parts <= 4; parts++) {
        struct bench b;
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_f64s, rows, 4, parts);
        const char *text =
            bench_sorted(&b, riv_reduce_by_key(in, riv_sum_f64, NULL));
        assert_true(strcmp(text, "1,0\n2,0.75\n") == 0 ||
                    strcmp(text, "1,-0\n2,0.75\n") == 0);
        bench_fini(&b);
    }
}

static void equal_f64_keys_are_one_key(void **state)
{
    const double zero = 0.0, nan = zero / zero;
    by_f64 rows[] = { { 0.0, 1 },  { -0.0, 2 }, { nan, 3 },
                      { -nan, 4 }, { 1.5, 5 },  { 1.5, 6 } };
    (void)state;
    for (int parts = 1; parts <= 6; parts += 5) {
        struct bench b;
        bench_init(&b, 2);
        riv_ds *in = bench_rows(&b, &riv_type_by_f64, rows, 6, parts);
        assert_string_equal(
            bench_sorted(&b, riv_reduce_by_key(in, riv_sum_i64, NULL)),
            "0,3\n1.5,11\nnan,7\n");
        bench_fini(&b);
    }
}

static void keys_may_be_structs(void **state)
{
    by_spot rows[] = { { { riv_cstr("a"), 1 }, 1 },
                       { { riv_cstr("a"), 2 }, 10 },
                       { { riv_cstr("b"), 1 }, 100 },
                       { { riv_cstr("a"), 1 }, 1000 } };
    spot spots[] = { rows[0].key, rows[1].key, rows[0].key, rows[2].key };
    (void)state;
    for (int parts = 1; parts <= 4; parts++) {
        struct bench b;
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_by_spot, rows, 4, parts);
        assert_string_equal(
            bench_sorted(&b, riv_reduce_by_key(in, riv_sum_i64, NULL)),
            "a,1,1001\na,2,10\nb,1,100\n");
        in = bench_rows(&b, &riv_type_spot, spots, 4, parts);
        assert_string_equal(bench_sorted(&b, riv_count_by_value(in, NULL)),
                            "a,1,2\na,2,1\nb,1,1\n");
        assert_string_equal(bench_sorted(&b, riv_distinct(in, NULL)),
                            "a,1\na,2\nb,1\n");
        bench_fini(&b);
    }
}

/* Keys of 16 and 17 bytes, of 64 KiB; one byte more is refused. */
static void keys_may_be_long_up_to_a_limit(void **state)
{
    enum { MOST = 64 << 10 };
    char *big = malloc(MOST + 1);
    memset(big, 'x', MOST + 1);
    (void)state;
    const riv_str keys[] = { { big, 16 },   { big, 17 },       { big, 16 },
                             { big, MOST }, { big, MOST - 1 }, { big, MOST } };
    for (int parts = 1; parts <= 6; parts += 5) {
        struct bench b;
        wc rows[6];
        for (size_t i = 0; i < 6; i++)
            rows[i] = (wc){ keys[i], 1 };
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_wc, rows, 6, parts);
        riv_ds *sums = riv_reduce_by_key(in, riv_sum_i64, NULL);
        assert_string_equal(bench_csv(&b, riv_count(sums)), "4\n");
        rows[0].key.n = MOST + 1;
        bench_fails(&b, sums, RIV_ERECORD,
                    "its key is longer than 65536 bytes");
        bench_fini(&b);
    }
    free(big);
}

/* The strings of an accumulator belong to the table, not to the input. */
static void folds_may_keep_strings(void **state)
{
    best rows[3000];
    static char text[3000][40];
    (void)state;
    for (int64_t i = 0; i < 3000; i++) {
        int n = snprintf(text[i], sizeof text[i], "%0*lld", 1 + (int)(i % 30),
                         (long long)i);
        rows[i] = (best){ i % 3, { text[i], (size_t)n } };
    }
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (size_t k = 0; k < RIV__LEN(tasks); k++) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = bench_rows(&b, &riv_type_best, rows, 3000, tasks[k]);
            assert_string_equal(
                bench_sorted(&b, riv_reduce_by_key(in, larger_fn, NULL)),
                "0,990\n1,991\n2,992\n");
            riv_ds *few = riv_reduce_by_key(in, shorter_of_fn, NULL);
            assert_string_equal(bench_sorted(&b, few), "0,0\n1,01\n2,002\n");
            riv_ds *all = riv_aggregate_by_key(in, gather_fn, NULL);
            bench_sorted(&b, all);
            assert_memory_equal(b.text.p, "0,1000,0000000", 14);
            bench_fini(&b);
        }
    }
}

static void reductions_show(struct bench *b, const by_spot *rows, size_t n,
                            int parts, struct riv_buf *out)
{
    riv_ds *in = bench_rows(b, &riv_type_by_spot, rows, n, parts);
    riv_ds *all[] = { riv_reduce_by_key(in, xor_fn, NULL),
                      riv_reduce_by_key(in, riv_min_i64, NULL),
                      riv_count_by_value(in, NULL),
                      riv_distinct(riv_keys(in), NULL) };
    for (size_t i = 0; i < RIV__LEN(all); i++) {
        const char *text = bench_sorted(b, all[i]);
        riv__buf_add(out, text, strlen(text));
    }
    riv__buf_char(out, '\0');
}

/* A wave finds the rows that the waves before it have left. */
static void what_a_wave_leaves_is_merged_with_the_next(void **state)
{
    enum { N = 3000 };
    static by_spot rows[N];
    static char city[N][24];
    struct riv_buf want, got;
    (void)state;
    for (int64_t i = 0; i < N; i++) {
        int n = snprintf(city[i], sizeof city[i], "%0*lld", 1 + (int)(i % 21),
                         (long long)(i % 70));
        rows[i] =
            (by_spot){ { { city[i], (size_t)n }, (int32_t)(i % 5) }, i % 600 };
    }
    riv__buf_init(&want, 0);
    riv__buf_init(&got, 0);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        for (size_t k = 0; k < RIV__LEN(tasks); k++) {
            struct riv_buf *out = i + k == 0 ? &want : &got;
            riv__buf_reset(out);
            reductions_show(&b, rows, N, tasks[k], out);
            assert_int_equal(b.plan->op[0]->waves, k == 2 ? 3 : 1);
            if (out == &got)
                assert_string_equal(got.p, want.p);
        }
        bench_fini(&b);
    }
    riv__buf_fini(&got);
    riv__buf_fini(&want);
}

/* What a value points to is a read buffer, which is filled again: strings that
 * a fold keeps are its own. */
static void kept_strings_outlive_the_bytes_they_were_read_from(void **state)
{
    struct riv_buf text, want;
    (void)state;
    riv__buf_init(&text, 0);
    riv__buf_init(&want, 0);
    for (int i = 0; i < 12000; i++) /* the largest of each key stands early */
        riv__buf_printf(&text, "%d,%c%030d\n", i % 3, i < 3 ? 'z' : 'a', i);
    for (int k = 0; k < 3; k++)
        riv__buf_printf(&want, "%d,z%030d\n", k, k);
    riv__buf_char(&want, '\0');
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        b.conf.settings.share_bytes = 65536;
        b.conf.settings.combine_share_bytes_max = 65536;
        riv_ds *in = riv_decode(bench_text(&b, text.p, text.n), &riv_type_best,
                                "csv", NULL);
        assert_string_equal(
            bench_sorted(&b, riv_reduce_by_key(in, larger_fn, NULL)), want.p);
        riv_ds *all = riv_aggregate_by_key(in, gather_fn, NULL);
        bench_sorted(&b, all);
        assert_memory_equal(b.text.p, "0,4000,z00000", 13);
        bench_fini(&b);
    }
    riv__buf_fini(&want);
    riv__buf_fini(&text);
}

static void partitions_are_as_many_as_asked_for(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    (void)state;
    for (int from = 0; from < 2; from++) {
        struct bench b;
        bench_init(&b, 1);
        b.conf.settings.partitions = from;
        riv_ds *in = pairs_in(&b, rows, 1);
        riv_ds *out =
            riv_reduce_by_key(in, riv_sum_i64, RIV_OPT(.partitions = 7));
        const riv_ds *node = bench_collect_of(&b, out);
        assert_int_equal(bench_run(&b, &node, 1), 0);
        assert_int_equal(riv__plan_op(b.plan, node)->npart, 7);
        bench_fini(&b);
    }
    free(rows);
}

static void an_empty_input_gives_nothing(void **state)
{
    struct bench b;
    pair row = { 0, 0 };
    (void)state;
    bench_init(&b, 1);
    for (int parts = 1; parts <= 3; parts++) {
        riv_ds *in = bench_rows(&b, &riv_type_pair, &row, 0, parts);
        assert_string_equal(
            bench_csv(&b, riv_reduce_by_key(in, riv_sum_i64, NULL)), "");
        assert_string_equal(bench_csv(&b, riv_distinct(in, NULL)), "");
    }
    bench_fini(&b);
}

/* A result is an input like any other: folds of folds, and a union of an input
 * with its own fold, which feeds one operator from two levels. */
static void folds_of_folds_and_of_both(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    (void)state;
    for (int parts = 1; parts <= 20; parts += 19) {
        struct bench b;
        bench_init(&b, 2);
        riv_ds *in = pairs_in(&b, rows, parts);
        for (int64_t i = 0; i < ROWS; i++)
            rows[i] = (pair){ i % 10, 1 };
        riv_ds *sums = riv_reduce_by_key(in, riv_sum_i64, NULL);
        riv_ds *both =
            riv_reduce_by_key(riv_union(in, sums), riv_sum_i64, NULL);
        assert_string_equal(bench_sorted(&b, riv_distinct(sums, NULL)),
                            "0,2000\n1,2000\n2,2000\n3,2000\n4,2000\n5,2000\n"
                            "6,2000\n7,2000\n8,2000\n9,2000\n");
        assert_string_equal(bench_sorted(&b, both),
                            "0,4000\n1,4000\n2,4000\n3,4000\n4,4000\n5,4000\n"
                            "6,4000\n7,4000\n8,4000\n9,4000\n");
        assert_string_equal(
            bench_sorted(&b, riv_reduce_by_key(riv_union(sums, sums),
                                               riv_sum_i64, NULL)),
            b.text.p);
        bench_fini(&b);
    }
    free(rows);
}

/* One plan, many batches, each in several feeds before its end. */
static void batches_may_come_in_pieces_and_forget_the_last_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        char text[64];
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_lines(&b, "");
        const riv_ds *node = bench_collect_of(&b, riv_count_by_value(in, NULL));
        assert_int_equal(bench_run(&b, &node, 1), 0);
        for (int batch = 0; batch < 6; batch++) {
            int feeds = batch % 3;
            assert_int_equal(riv__job_begin(b.plan, batch, &b.err), 0);
            for (int k = 0; k <= feeds; k++) {
                struct riv_cut cut;
                riv_str rows[] = { riv_cstr("a"), riv_cstr(k ? "b" : "c") };
                struct riv_range range = { .kind = RIV__RANGE_ROWS,
                                           .until = sizeof rows,
                                           .rows = rows,
                                           .n = 2 };
                riv__cut_init(&cut);
                assert_int_equal(riv__cut_add(&cut, &range, &b.err), 0);
                int rc = k < feeds ? riv__job_feed(b.plan, &cut, &b.err)
                                   : riv__job_finish(b.plan, &cut, &b.err);
                assert_int_equal(rc, 0);
                riv__cut_fini(&cut);
            }
            bench_show(&b, node);
            size_t n = 0;
            for (const char *p = b.text.p; *p; p++)
                n += *p == '\n';
            assert_int_equal(n, feeds ? 3 : 2);
            snprintf(text, sizeof text, "a,%d\n", feeds + 1);
            assert_non_null(strstr(b.text.p, text));
            assert_int_equal(b.plan->stats.records_in, 2 * (feeds + 1));
        }
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fold_gives_what_a_loop_gives),
        cmocka_unit_test(the_result_is_the_same_on_any_number_of_workers),
        cmocka_unit_test(sums_of_i64_wrap),
        cmocka_unit_test(sums_of_f64_start_with_the_first_value),
        cmocka_unit_test(equal_f64_keys_are_one_key),
        cmocka_unit_test(keys_may_be_structs),
        cmocka_unit_test(keys_may_be_long_up_to_a_limit),
        cmocka_unit_test(folds_may_keep_strings),
        cmocka_unit_test(what_a_wave_leaves_is_merged_with_the_next),
        cmocka_unit_test(kept_strings_outlive_the_bytes_they_were_read_from),
        cmocka_unit_test(partitions_are_as_many_as_asked_for),
        cmocka_unit_test(an_empty_input_gives_nothing),
        cmocka_unit_test(folds_of_folds_and_of_both),
        cmocka_unit_test(batches_may_come_in_pieces_and_forget_the_last_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
