/* api/keys_test.c - keys longer than a table takes: the record is refused by the
 * policy of its operator, whichever operator it is, and the others are what they
 * would be without it. */
#include "api/fixture.h"

enum { ROWS = 3000, LONG = 70000 };

static char text[LONG + 1]; /* of x */

/* Every 500th has a key of 70,000 bytes; the others have 7 keys. */
static riv_ds *pairs(riv *r)
{
    static wc rows[ROWS];
    static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "g" };
    memset(text, 'x', LONG);
    for (int i = 0; i < ROWS; i++)
        rows[i] = (wc){ i % 500 == 499 ? (riv_str){ text, LONG }
                                       : riv_cstr(keys[i % 7]),
                        1 };
    return riv_parallelize(r, &riv_type_wc, rows, ROWS,
                           RIV_OPT(.partitions = 5));
}

static riv_ds *sorted(riv_ds *ds)
{
    return riv_sort_by_key(ds, RIV_ASCENDING, NULL);
}

#define COUNTS "a,428\nb,428\nc,428\nd,428\ne,427\nf,427\ng,428\n"

static void a_key_that_is_too_long_fails_the_job_by_default(void **state)
{
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { 0 };
    riv_ds *ds = riv_reduce_by_key(pairs(r), riv_sum_i64, NULL);
    assert_int_equal(riv_collect(ds, &res), RIV_ERECORD);
    error_has(r, RIV_ERECORD, "riv_reduce_by_key(riv_sum_i64, ");
    error_has(r, RIV_ERECORD, "its key is longer than 65536 bytes");
    error_has(r, RIV_ERECORD, "xxxxxxxx");
    error_has(r, RIV_ERECORD, ".on_error = RIV_SKIP");
    riv_free(r);
}

RIV_GROUP(count_values, wc, wc);
static int count_values(const riv_str *key, const int64_t *v, size_t n,
                        count_values_out *out, riv_task *t)
{
    (void)v, (void)t;
    riv_emit(out, (wc){ *key, (int64_t)n });
    return 0;
}

RIV_COGROUP(count_both, wc, wc, wc);
static int count_both(const riv_str *key, const int64_t *l, size_t nl,
                      const int64_t *r, size_t nr, count_both_out *out,
                      riv_task *t)
{
    (void)l, (void)r, (void)t;
    riv_emit(out, (wc){ *key, (int64_t)(nl + nr) });
    return 0;
}

/* It failed the job under every policy. */
static void a_key_that_is_too_long_is_skipped(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        const riv_opt *skip = RIV_OPT(.on_error = RIV_SKIP);
        riv_ds *in = pairs(r);
        collected(sorted(riv_reduce_by_key(in, riv_sum_i64, skip)), COUNTS);
        collected(sorted(riv_group_by_key(in, count_values_fn, skip)), COUNTS);
        collected(sorted(riv_cogroup(in, in, count_both_fn, skip)),
                  "a,856\nb,856\nc,856\nd,856\ne,854\nf,854\ng,856\n");
        collected(sorted(riv_distinct(in, skip)),
                  "a,1\nb,1\nc,1\nd,1\ne,1\nf,1\ng,1\n");
        int64_t n = 0;
        assert_int_equal(
            riv_count_now(
                riv_subtract_by_key(
                    in,
                    riv_parallelize(r, &riv_type_wc, &(wc){ riv_cstr("a"), 1 },
                                    1, NULL),
                    skip),
                &n),
            0);
        assert_int_equal(n, ROWS - 6 - 428);
        riv_free(r);
    }
}

RIV_MAP(describe, riv_bad_record, wc);
static int describe(const riv_bad_record *in, wc *out, riv_task *t)
{
    char want[80];
    snprintf(want, sizeof want, "its key is longer than %d bytes", 65536);
    out->key = riv_eq(in->reason, riv_cstr(want))
                   ? riv_fmt(t, RIV_S, RIV_P(in->uid))
                   : in->reason;
    out->val = (int64_t)in->raw.n;
    return in->raw.n > LONG && memcmp(in->raw.p, text, LONG) == 0
               ? 0
               : riv_fail(t, "not the record");
}

/* Where a function of its own fails as well, both are letters of the operator. */
RIV_GROUP(not_g, wc, wc);
static int not_g(const riv_str *key, const int64_t *v, size_t n, not_g_out *out,
                 riv_task *t)
{
    (void)v;
    riv_emit(out, (wc){ *key, (int64_t)n });
    return key->p[0] == 'g' ? riv_fail(t, "g") : 0;
}

static void a_key_that_is_too_long_becomes_a_dead_letter(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        const riv_opt *letter = RIV_OPT(.on_error = RIV_DEAD_LETTER);
        riv_ds *in = pairs(r), *all[3];
        all[0] = riv_reduce_by_key(in, riv_sum_i64, letter);
        all[1] = riv_distinct(in, letter);
        all[2] = riv_group_by_key(in, count_values_fn, letter);
        static const char *const name[] = { "riv_sum_i64", "riv_distinct",
                                            "count_values" };
        for (int i = 0; i < 3; i++) {
            char want[256];
            snprintf(want, sizeof want,
                     "%s,70002\n%s,70002\n%s,70002\n%s,70002\n"
                     "%s,70002\n%s,70002\n",
                     name[i], name[i], name[i], name[i], name[i], name[i]);
            collected(riv_map(riv_bad(all[i]), describe_fn, NULL), want);
        }
        collected(sorted(all[0]), COUNTS);
        /* by both sides of a union, and by the function in the stage below */
        riv_ds *two = riv_group_by_key(riv_union(in, in), not_g_fn, letter);
        int64_t n = 0, parts = 0;
        assert_int_equal(riv_count_now(riv_bad(two), &n), 0);
        assert_int_equal(n, 2 * 6 + 1);
        assert_int_equal(riv_partitions_now(riv_bad(two), &parts), 0);
        assert_true(parts > 2 * 5);
        riv_ds *kept = riv_persist(riv_bad(two), RIV_MEMORY);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(riv_count_now(kept, &n), 0);
            assert_int_equal(n, 2 * 6 + 1);
        }
        riv_free(r);
    }
}

RIV_MAP_WITH_STATE(add_up, wc, int64_t, wc);
static int add_up(const riv_str *key, const int64_t *v, int64_t *sum,
                  add_up_out *out, riv_task *t)
{
    (void)t;
    *sum += *v;
    riv_emit(out, (wc){ *key, *sum });
    return 0;
}

static void streams_refuse_keys_that_are_too_long_too(void **state)
{
    struct said said;
    memset(text, 'x', LONG);
    const wc rows[] = { { riv_cstr("a"), 1 },
                        { { text, LONG }, 2 },
                        { riv_cstr("a"), 3 } };
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .log = said_line,
                                .log_arg = &said, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_wc, NULL);
    const riv_opt *letter = RIV_OPT(.on_error = RIV_DEAD_LETTER);
    riv_ds *sums = riv_map_with_state(in, add_up_fn, letter);
    riv_ds *window =
        riv_reduce_by_key_and_window(in, riv_sum_i64, 2000, 1000, letter);
    riv_print(riv_map(riv_bad(sums), describe_fn, NULL), 5);
    riv_print(sums, 5);
    riv_print(riv_map(riv_bad(window), describe_fn, NULL), 5);
    riv_print(window, 5);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(riv_push(in, rows, 3), 0);
        assert_int_equal(riv_step(r, 1), 0);
    }
    no_error(r);
    const char *all = said_all(&said);
    assert_non_null(
        strstr(all, "--- time 1000 ms, 1 rows ---\nadd_up,70002\n"));
    assert_non_null(strstr(all, "--- time 1000 ms, 2 rows ---\na,1\na,4\n"));
    assert_non_null(
        strstr(all, "--- time 2000 ms, 1 rows ---\nriv_sum_i64,70002\n"));
    assert_non_null(strstr(all, "--- time 2000 ms, 1 rows ---\na,8\n"));
    riv_free(r);
    said_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_too_long_fails_the_job_by_default),
        cmocka_unit_test(a_key_that_is_too_long_is_skipped),
        cmocka_unit_test(a_key_that_is_too_long_becomes_a_dead_letter),
        cmocka_unit_test(streams_refuse_keys_that_are_too_long_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
