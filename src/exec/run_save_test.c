/* exec/run_save_test.c - save_text: the bytes of one task after those of the
 * one before, however many threads there are and however much each collects. */
#include <errno.h>

#include "exec/fixture.h"

typedef struct {
    riv_str text;
    int64_t n;
} item;
RIV_STRUCT(item, text, n);

/* a line of about 500 bytes for every number */
RIV_MAP(wide, int64_t, item);
static int wide(const int64_t *in, item *out, riv_task *t)
{
    *out = (item){ riv_fmt(t, "%0500lld", (long long)*in), *in };
    return 0;
}

RIV_MAP(refuse, int64_t, int64_t);
static int refuse(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in == 70000 ? riv_fail(t, "this one") : 0;
}

enum { ROWS = 80000 };

static int64_t *counted(void)
{
    int64_t *rows = malloc(ROWS * sizeof *rows);
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return rows;
}

/* 40 MB in 3 tasks: each holds more than may be collected before its turn. */
static void large_tasks_are_written_in_their_order(void **state)
{
    int64_t *rows = counted();
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 3);
        riv_save_text(riv_map(in, wide_fn, NULL), "out.csv", NULL);
        if (bench_outputs(&b) < 0)
            fail_msg("%s", b.err.text);
        assert_int_equal(b.plan->stats.records_out, ROWS);
        const char *p = b.text.p;
        for (int64_t k = 0; k < ROWS; k++) {
            char want[520];
            int n = snprintf(want, sizeof want, "%0500lld,%lld\n", (long long)k,
                             (long long)k);
            if (memcmp(p, want, (size_t)n) != 0)
                fail_msg("line %lld is %.*s", (long long)k, n, p);
            p += n;
        }
        assert_int_equal(p - b.text.p, b.text.n);
        bench_fini(&b);
    }
    free(rows);
}

static void many_small_tasks_are_written_in_their_order(void **state)
{
    int64_t *rows = counted();
    struct riv_buf want;
    (void)state;
    riv__buf_init(&want, 0);
    for (int64_t i = 0; i < ROWS; i++)
        riv__buf_printf(&want, "%lld\n", (long long)i);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 100);
        riv_save_text(in, "out.csv", NULL);
        assert_int_equal(bench_outputs(&b), 0);
        assert_int_equal(b.text.n, want.n);
        assert_memory_equal(b.text.p, want.p, want.n);
        bench_fini(&b);
    }
    riv__buf_fini(&want);
    free(rows);
}

static void a_name_that_ends_in_json_asks_for_json(void **state)
{
    struct bench b;
    wc rows[] = { { riv_cstr("a,b"), 1 }, { riv_cstr("\"c\""), 2 } };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_wc, rows, 2, 1);
    riv_save_text(in, "out.json", NULL);
    assert_int_equal(bench_outputs(&b), 0);
    riv__buf_char(&b.text, '\0');
    assert_string_equal(b.text.p, "{\"key\":\"a,b\",\"val\":1}\n"
                                  "{\"key\":\"\\\"c\\\"\",\"val\":2}\n");
    bench_fini(&b);
}

/* The disk is full at the first write, in the middle, at the last byte: one
 * error, and nobody waits for ever. */
static void a_full_disk_ends_the_job(void **state)
{
    int64_t *rows = counted();
    static const size_t room[] = { 0, 300 * 1000, 9 * 1000 * 1000, 40508889 };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (size_t k = 0; k < RIV__LEN(room); k++) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 20);
            riv_save_text(riv_map(in, wide_fn, NULL), "out.csv", NULL);
            b.room = room[k];
            assert_int_equal(bench_outputs(&b), RIV_EIO);
            assert_non_null(strstr(b.err.text, "the disk is full"));
            bench_fini(&b);
        }
    }
    free(rows);
}

static void a_task_that_fails_ends_those_that_wait(void **state)
{
    int64_t *rows = counted();
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 16);
        riv_ds *out = riv_map(riv_map(in, refuse_fn, NULL), wide_fn, NULL);
        riv_save_text(out, "out.csv", NULL);
        assert_int_equal(bench_outputs(&b), RIV_ERECORD);
        assert_non_null(strstr(b.err.text, "this one"));
        bench_fini(&b);
    }
    free(rows);
}

static void two_outputs_of_one_stage_are_both_whole(void **state)
{
    int64_t *rows = counted();
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 40000, 7);
        riv_save_text(riv_map(in, wide_fn, NULL), "out.csv", NULL);
        riv_save_text(riv_count(in), "count.csv", NULL);
        assert_int_equal(bench_outputs(&b), 0);
        assert_int_equal(b.plan->stats.records_out, 40001);
        assert_memory_equal(b.text.p + b.text.n - 7, "\n40000\n", 7);
        bench_fini(&b);
    }
    free(rows);
}

/* An operator above it in two levels: the rows of the first come first. */
static void waves_and_levels_are_written_one_after_another(void **state)
{
    struct bench b;
    int64_t rows[] = { 3, 3, 3 };
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 3, 3);
    riv_save_text(riv_union(riv_distinct(in, NULL), in), "out", NULL);
    assert_int_equal(bench_outputs(&b), 0);
    assert_int_equal(b.text.n, 8);
    assert_memory_equal(b.text.p, "3\n3\n3\n3\n", 8);
    assert_int_equal(b.plan->stats.records_out, 4);
    bench_fini(&b);
}

RIV_MAP(refuse_last, int64_t, int64_t);
static int refuse_last(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in == ROWS - 1 ? riv_fail(t, "the last one") : 0;
}

/* What a task had collected was written before it failed, and also after. Of 4
 * tasks the last fails at its last record: with little text and with much. */
static void nothing_of_a_failed_task_is_shown(void **state)
{
    int64_t *rows = counted();
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int is_wide = 0; is_wide < 2; is_wide++) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in =
                riv_map(bench_rows(&b, &riv_type_int64_t, rows, ROWS, 4),
                        refuse_last_fn, NULL);
            riv_save_text(is_wide ? riv_map(in, wide_fn, NULL) : in, "-", NULL);
            assert_int_equal(bench_outputs(&b), RIV_ERECORD);
            int64_t lines = 0;
            for (size_t k = 0; k < b.text.n; k++)
                lines += b.text.p[k] == '\n';
            /* those in front of it may have ended before */
            assert_true(lines <= ROWS / 4 * 3);
            assert_int_equal(lines % (ROWS / 4), 0);
            bench_fini(&b);
        }
    }
    free(rows);
}

static int no_room(struct riv_sys *sys, const char *path, unsigned flags)
{
    if (flags & RIV__OPEN_CREATE)
        return -ENOSPC;
    return riv__sys_real()->open(sys, path, flags);
}

static void text_that_fits_nowhere_fails_with_the_folders_name(void **state)
{
    int64_t *rows = counted();
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 3);
    riv_save_text(riv_map(in, wide_fn, NULL), "out.csv", NULL);
    b.sys.open = no_room;
    assert_int_equal(bench_outputs(&b), RIV_EIO);
    assert_non_null(strstr(b.err.text, "cache.dir"));
    bench_fini(&b);
    free(rows);
}

RIV_MAP(negative, int64_t, int64_t);
static int negative(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = -*in - 1;
    return 0;
}

/* The sides of a union came chunk by chunk, in turn. */
static void the_left_of_a_union_is_written_first(void **state)
{
    int64_t *rows = counted();
    struct riv_buf want;
    (void)state;
    riv__buf_init(&want, 0);
    for (int side = 0; side < 3; side++)
        for (int64_t i = 0; i < ROWS; i++)
            riv__buf_printf(&want, "%lld\n",
                            (long long)(side == 0 ? -i - 1 : i));
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *last = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 3);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, 40);
        riv_ds *both = riv_union(riv_map(in, negative_fn, NULL), in);
        riv_save_text(riv_union(both, last), "-", NULL);
        assert_int_equal(bench_outputs(&b), 0);
        assert_int_equal(b.text.n, want.n);
        assert_memory_equal(b.text.p, want.p, want.n);
        assert_int_equal(b.plan->stats.records_out, 3 * ROWS);
        bench_fini(&b);
    }
    riv__buf_fini(&want);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_tasks_are_written_in_their_order),
        cmocka_unit_test(many_small_tasks_are_written_in_their_order),
        cmocka_unit_test(a_name_that_ends_in_json_asks_for_json),
        cmocka_unit_test(a_full_disk_ends_the_job),
        cmocka_unit_test(a_task_that_fails_ends_those_that_wait),
        cmocka_unit_test(two_outputs_of_one_stage_are_both_whole),
        cmocka_unit_test(waves_and_levels_are_written_one_after_another),
        cmocka_unit_test(nothing_of_a_failed_task_is_shown),
        cmocka_unit_test(text_that_fits_nowhere_fails_with_the_folders_name),
        cmocka_unit_test(the_left_of_a_union_is_written_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
