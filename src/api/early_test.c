/* api/early_test.c - batches that begin before their tick, because more comes than
 * an input's buffer holds. The interval is an hour: without that these tests would
 * not end. */
#include <sys/stat.h>

#include "api/fixture.h"
#include "base/point.h"

enum {
    HOUR_MS = 3600000,
    LINES = 400000,
    LINE = 12
}; /* 4.8 MB, buffer 1 MiB */

struct pipe {
    char dir[32], path[48];
    struct riv_thread writer;
    int64_t lines;
    char why[512]; /* of the last run */
};

/* "0000000k n\n": the keys 0 to 9 in turn. */
static void write_lines(void *arg)
{
    struct pipe *pipe = arg;
    FILE *f = fopen(pipe->path, "w");
    assert_non_null(f);
    for (int64_t i = 0; i < pipe->lines; i++)
        fprintf(f, "%08d %d\n", (int)i, (int)(i % 10));
    fclose(f);
}

static void pipe_begin(struct pipe *pipe)
{
    *pipe = (struct pipe){ .dir = "/tmp/riv-early-XXXXXX" };
    assert_non_null(mkdtemp(pipe->dir));
    snprintf(pipe->path, sizeof pipe->path, "%s/pipe", pipe->dir);
    assert_int_equal(mkfifo(pipe->path, 0600), 0);
}

/* A run of the job, while so many lines come; frees it. Returns what it returns. */
static int run(riv *r, struct pipe *pipe, int64_t lines)
{
    struct riv_err err = { 0 };
    pipe->lines = lines;
    assert_int_equal(
        riv__thread_start(&pipe->writer, "writer", write_lines, pipe, &err), 0);
    const int rc = riv_run(r);
    snprintf(pipe->why, sizeof pipe->why, "%s", riv_errmsg(r));
    riv_free(r); /* now the writer can go on */
    riv__thread_join(&pipe->writer);
    return rc;
}

static void pipe_end(struct pipe *pipe)
{
    unlink(pipe->path);
    rmdir(pipe->dir);
}

/* What came out, batch by batch. */
struct seen {
    int batches;
    int64_t rows, sum;
    uint64_t order; /* of the keys */
};

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct seen *seen = *(struct seen *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    const pair *row = res.rows;
    seen->batches++;
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        seen->rows++;
        seen->order = seen->order * 31 + (uint64_t)row[i].key;
        seen->sum += row[i].val;
    }
    riv_result_free(&res);
    return rc;
}

/* Which line is refused; -1: none. */
RIV_MAP(parse, riv_str, pair);
static int parse(const riv_str *line, pair *out, riv_task *t)
{
    riv_str rest = *line, number;
    int64_t n = -1;
    if (!riv_cut(&rest, ' ', &number) || !riv_to_i64(number, &n) ||
        !riv_to_i64(rest, &out->key))
        return riv_fail(t, "no line of ours");
    if (n == *riv_arg(t, int64_t))
        return riv_fail(t, "this one is refused");
    out->val = 1;
    return 0;
}

/* Each line's number, the last quarter once more: more keys than tables of workers
 * hold from part to part of a batch. */
RIV_MAP(numbers, riv_str, pair);
static int numbers(const riv_str *line, pair *out, riv_task *t)
{
    riv_str rest = *line, number;
    if (!riv_cut(&rest, ' ', &number) || !riv_to_i64(number, &out->key))
        return riv_fail(t, "no line of ours");
    out->key %= LINES / 4 * 3;
    out->val = 1;
    return 0;
}

static riv *job(const struct pipe *pipe, const char *dir, int threads,
                int64_t refused, struct seen *seen)
{
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = HOUR_MS));
    riv_set(r, "input.buffer", "1M");
    riv_set(r, "state.dir", dir ? dir : "");
    riv_ds *rows = riv_map(riv_text(r, pipe->path, RIV_OPT(.uid = "in")),
                           parse_fn, RIV_OPT(.arg = RIV_COPY(refused)));
    riv_foreach_rdd(riv_reduce_by_key(rows, riv_sum_i64, NULL), see,
                    RIV_OPT(.uid = "out", .arg = RIV_COPY(seen)));
    return r;
}

static void what_does_not_fit_in_the_buffer_is_one_batch(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        struct pipe pipe;
        struct seen seen = { 0 };
        pipe_begin(&pipe);
        riv *r = job(&pipe, NULL, threads, -1, &seen);
        assert_int_equal(run(r, &pipe, LINES), 0);
        assert_int_equal(seen.batches, 1);
        assert_int_equal(seen.rows, 10);
        assert_int_equal(seen.sum, LINES);
        pipe_end(&pipe);
    }
}

/* Whatever the parts of the batch were, and who worked on them. */
static void keys_of_early_parts_come_in_their_order(void **state)
{
    uint64_t order = 0;
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        struct pipe pipe;
        struct seen seen = { 0 }, *const into = &seen;
        pipe_begin(&pipe);
        riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = HOUR_MS));
        riv_set(r, "input.buffer", "1M");
        riv_ds *rows = riv_map(riv_text(r, pipe.path, NULL), numbers_fn, NULL);
        riv_foreach_rdd(riv_reduce_by_key(rows, riv_sum_i64, NULL), see,
                        RIV_OPT(.arg = RIV_COPY(into)));
        assert_int_equal(run(r, &pipe, LINES), 0);
        assert_int_equal(seen.rows, LINES / 4 * 3);
        assert_int_equal(seen.sum, LINES);
        if (threads > 1)
            assert_true(seen.order == order);
        order = seen.order;
        pipe_end(&pipe);
    }
}

/* Long before the tick; nothing of the batch comes out. */
static void a_record_refused_in_an_early_part_fails_the_batch(void **state)
{
    struct pipe pipe;
    struct seen seen = { 0 };
    (void)state;
    pipe_begin(&pipe);
    riv *r = job(&pipe, NULL, 2, 1000, &seen);
    assert_int_equal(run(r, &pipe, LINES), RIV_ERECORD);
    assert_non_null(strstr(pipe.why, "this one is refused"));
    assert_int_equal(seen.batches, 0);
    pipe_end(&pipe);
}

/* Each run is a batch whose parts were written down before the batch was: the
 * next one goes on with its own, and has nothing of it. */
static void early_parts_are_written_down_with_their_batch(void **state)
{
    struct pipe pipe;
    (void)state;
    pipe_begin(&pipe);
    for (int i = 0; i < 3; i++) {
        struct seen seen = { 0 };
        riv *r = job(&pipe, own_dir, 2, -1, &seen);
        assert_int_equal(run(r, &pipe, LINES + i), 0);
        assert_int_equal(seen.batches, 1);
        assert_int_equal(seen.sum, LINES + i);
    }
    pipe_end(&pipe);
}

/* ------------------------------------------------- what acts before its tick */

/* How many transactions there had been when a function saw its first record, and
 * its last. */
static struct {
    struct riv_point_hook hook;
    atomic_int committed;
    int at_first, at_last;
    int64_t records;
} acts;

static void reached(struct riv_point_hook *hook, const char *name)
{
    (void)hook;
    if (strcmp(name, "writer.committed") == 0)
        atomic_fetch_add(&acts.committed, 1);
}

RIV_FOREACH(act, riv_str);
static int act(const riv_str *line, riv_task *t)
{
    (void)line, (void)t;
    acts.at_last = atomic_load(&acts.committed);
    if (acts.records++ == 0)
        acts.at_first = acts.at_last;
    return 0;
}

/* A process that is killed after it acted on a part of a batch has to run that
 * batch again on the same records: so what was read for it is written down before
 * the first of them is seen, and again for each part. */
static void no_early_part_acts_before_its_input_is_written_down(void **state)
{
    struct pipe pipe;
    (void)state;
    pipe_begin(&pipe);
    memset(&acts, 0, sizeof acts);
    acts.hook.reached = reached;
    riv__point_hook = &acts.hook;
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = HOUR_MS));
    riv_set(r, "input.buffer", "1M");
    riv_set(r, "state.dir", own_dir);
    riv_foreach(riv_text(r, pipe.path, RIV_OPT(.uid = "in")), act_fn,
                RIV_OPT(.uid = "out"));
    const int rc = run(r, &pipe, LINES);
    riv__point_hook = NULL;
    assert_int_equal(rc, 0);
    assert_int_equal(acts.records, LINES);
    assert_int_equal(acts.at_first, 1);
    assert_true(acts.at_last >= LINES * LINE >>
                20); /* parts of 1 MiB at most */
    pipe_end(&pipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_in_the_buffer_is_one_batch),
        cmocka_unit_test(keys_of_early_parts_come_in_their_order),
        cmocka_unit_test(a_record_refused_in_an_early_part_fails_the_batch),
        IN_OWN_DIR(early_parts_are_written_down_with_their_batch),
        IN_OWN_DIR(no_early_part_acts_before_its_input_is_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
