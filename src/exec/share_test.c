/* exec/share_test.c - how a batch becomes shares: by bytes, in order, without a
 * gap, and never by the number of threads. */
#include "exec/share.h"

#include "exec/fixture.h"

static void add_range(struct riv_cut *cut, enum riv_range_kind kind,
                      uint32_t source, uint64_t from, uint64_t until)
{
    struct riv_range range = { .kind = kind,
                               .source = source,
                               .from = from,
                               .until = until,
                               .n = (size_t)(until - from) / 8 };
    assert_int_equal(riv__cut_add(cut, &range, NULL), 0);
}

/* A plan over n text sources, each below an output of its own. */
static void plan_of(struct bench *b, uint32_t n, bool combines)
{
    const riv_ds *node[BENCH_SOURCES];
    bench_init(b, 1);
    for (uint32_t i = 0; i < n; i++) {
        riv_ds *in = bench_lines(b, "");
        node[i] = bench_collect_of(b, combines ? riv_distinct(in, NULL) : in);
    }
    assert_int_equal(bench_run(b, node, n), 0);
    assert_int_equal(riv__job_begin(b->plan, 0, &b->err), 0);
}

/* The pieces of a source's shares are its ranges, in order, without a gap. */
static void shares_cover(const struct riv_plan *plan, const riv_ds *source,
                         const struct riv_cut *cut, uint32_t index)
{
    size_t r = 0;
    uint64_t at = 0;
    uint32_t partition = 0;
    for (size_t s = 0; s < plan->nshare; s++) {
        const struct riv_share *share = &plan->share[s];
        uint64_t bytes = 0;
        if (share->stage->source != source)
            continue;
        assert_int_equal(share->partition, partition++);
        assert_true(share->n > 0);
        for (uint32_t k = 0; k < share->n; k++) {
            const struct riv_range *piece = &plan->piece[share->first + k];
            while (cut->range[r].source != index ||
                   cut->range[r].until == cut->range[r].from)
                r++;
            if (at == 0)
                at = cut->range[r].from;
            assert_int_equal(piece->from, at);
            assert_true(piece->until > piece->from);
            assert_true(piece->until <= cut->range[r].until);
            bytes += piece->until - piece->from;
            at = piece->until;
            if (at == cut->range[r].until) {
                r++;
                at = 0;
            }
        }
        assert_int_equal(share->bytes, bytes);
    }
    for (; r < cut->n; r++)
        assert_true(cut->range[r].source != index ||
                    cut->range[r].until == cut->range[r].from);
}

static void files_are_cut_by_bytes(void **state)
{
    struct bench b;
    struct riv_cut cut;
    (void)state;
    plan_of(&b, 1, false);
    b.conf.settings.share_bytes = 100;
    riv__cut_init(&cut);
    add_range(&cut, RIV__RANGE_FILE, 0, 0, 250);
    add_range(&cut, RIV__RANGE_FILE, 0, 10, 40);
    assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
    assert_int_equal(b.plan->nshare, 3);
    assert_int_equal(b.plan->share[0].bytes, 100);
    assert_int_equal(b.plan->share[1].bytes, 100);
    assert_int_equal(b.plan->share[2].bytes, 80);
    assert_int_equal(b.plan->share[2].n, 2);
    shares_cover(b.plan, b.source[0], &cut, 0);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

/* A wave's tables cost by their keys: few large shares, so that what is merged
 * stays small; bounded, so that there are enough for the threads. */
static void shares_that_combine_are_larger(void **state)
{
    struct bench b;
    struct riv_cut cut;
    (void)state;
    plan_of(&b, 1, true);
    b.conf.settings.share_bytes = 100;
    b.conf.settings.combine_share_bytes_max = 1000;
    riv__cut_init(&cut);
    add_range(&cut, RIV__RANGE_FILE, 0, 0, 8000);
    assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
    assert_int_equal(b.plan->nshare, 16);
    riv__cut_reset(&cut);
    add_range(&cut, RIV__RANGE_FILE, 0, 0, 1000000);
    assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
    assert_int_equal(b.plan->nshare, 1000);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

/* What comes before the tick, in messages of 10 bytes of one partition: */
struct early {
    size_t messages;
    bool combines, last;
    uint64_t bytes[24]; /* of the shares */
};

static void early_is(const struct early *e)
{
    struct bench b;
    struct riv_cut cut;
    plan_of(&b, 1, e->combines);
    b.conf.settings.share_bytes = 160;
    b.conf.settings.combine_share_bytes_max = 1000;
    riv__cut_init(&cut);
    for (size_t i = 0; i < e->messages; i++)
        add_range(&cut, RIV__RANGE_BLOCK, 0, 10, 20);
    assert_int_equal(riv__share_sources(b.plan, &cut, e->last, &b.err), 0);
    for (size_t i = 0; i < b.plan->nshare; i++)
        assert_int_equal(b.plan->share[i].bytes, e->bytes[i]);
    assert_int_equal(e->bytes[b.plan->nshare], 0);
    shares_cover(b.plan, b.source[0], &cut, 0);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

/* The worker that is done first has little to wait for. A share that is a partition
 * for somebody stays large, and so does what fits one task. */
static void shares_at_the_end_of_an_early_wave_grow_smaller(void **state)
{
    static const struct early all[] = {
        { 100,
          true,
          false,
          { 160, 160, 160, 130, 100, 80, 60, 40, 30, 20, 20, 20, 20 } },
        { 100, true, true, { 160, 160, 160, 160, 160, 160, 40 } },
        { 100, false, false, { 160, 160, 160, 160, 160, 160, 40 } },
        { 16, true, false, { 160 } },
        { 17, true, false, { 50, 30, 30, 20, 20, 20 } },
        { 0, true, false, { 0 } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        early_is(&all[i]);
}

/* Dealing rows out by key costs by the rows, not by the tasks: a batch below
 * task.bytes is cut as well, so that not one thread reads it while the others
 * wait; down to an eighth, below which waking them costs more. */
static void shares_that_deal_are_smaller(void **state)
{
    static const struct {
        uint64_t bytes;
        size_t shares;
    } want[] = { { 100, 1 }, { 404, 4 }, { 3200, 16 }, { 100000, 125 } };
    struct bench b;
    struct riv_cut cut;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_lines(&b, ""), *other = bench_lines(&b, "");
    const riv_ds *node = bench_collect_of(&b, riv_subtract(in, other, NULL));
    assert_int_equal(bench_run(&b, &node, 1), 0);
    b.conf.settings.share_bytes = 800;
    riv__cut_init(&cut);
    for (size_t i = 0; i < RIV__LEN(want); i++) {
        assert_int_equal(riv__job_begin(b.plan, 0, &b.err), 0);
        riv__cut_reset(&cut);
        add_range(&cut, RIV__RANGE_FILE, 0, 0, want[i].bytes);
        assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
        assert_int_equal(b.plan->nshare, want[i].shares);
        shares_cover(b.plan, b.source[0], &cut, 0);
    }
    riv__cut_fini(&cut);
    bench_fini(&b);
}

/* Blocks and pieces of rows are never split; pieces of one push are one share
 * until it is full, and those of the next push begin another one. */
static void blocks_and_pieces_of_pushes_stay_whole(void **state)
{
    struct bench b;
    struct riv_cut cut;
    (void)state;
    plan_of(&b, 1, false);
    b.conf.settings.share_bytes = 100;
    riv__cut_init(&cut);
    add_range(&cut, RIV__RANGE_BLOCK, 0, 0, 90);
    add_range(&cut, RIV__RANGE_BLOCK, 0, 0, 500);
    add_range(&cut, RIV__RANGE_BLOCK, 0, 7, 8);
    assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
    assert_int_equal(b.plan->nshare, 2);
    assert_int_equal(b.plan->share[0].bytes, 590);
    assert_int_equal(b.plan->share[1].bytes, 1);
    riv__cut_reset(&cut);
    for (uint32_t i = 0; i < 5; i++) {
        add_range(&cut, RIV__RANGE_ROWS, 0, 0, 64);
        cut.range[i].part = 1 + i / 3; /* three pieces, then two */
    }
    assert_int_equal(riv__share_sources(b.plan, &cut, true, &b.err), 0);
    assert_int_equal(b.plan->nshare, 3);
    assert_int_equal(b.plan->share[0].bytes, 128);
    assert_int_equal(b.plan->share[1].bytes, 64);
    assert_int_equal(b.plan->share[2].bytes, 128);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

static void random_cuts_are_covered_without_a_gap(void **state)
{
    uint64_t seed = 8;
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct bench b;
        struct riv_cut cut;
        plan_of(&b, 3, round & 1);
        b.conf.settings.share_bytes = 1 + (int64_t)(bench_next(&seed) % 3000);
        b.conf.settings.combine_share_bytes_max =
            1 + (int64_t)(bench_next(&seed) % 9000);
        riv__cut_init(&cut);
        for (size_t n = bench_next(&seed) % 12; n > 0; n--) {
            uint64_t from = 1 + bench_next(&seed) % 1000;
            add_range(
                &cut,
                bench_next(&seed) % 2 ? RIV__RANGE_FILE : RIV__RANGE_BLOCK,
                (uint32_t)(bench_next(&seed) % 3), from,
                from + bench_next(&seed) % 20000);
        }
        assert_int_equal(
            riv__share_sources(b.plan, &cut, bench_next(&seed) % 2, &b.err), 0);
        for (uint32_t i = 0; i < 3; i++)
            shares_cover(b.plan, b.source[i], &cut, i);
        riv__cut_fini(&cut);
        bench_fini(&b);
    }
}

/* Partitions go on counting over the feeds of one batch. */
static void partitions_are_numbered_within_a_batch(void **state)
{
    struct bench b;
    struct riv_cut cut;
    (void)state;
    plan_of(&b, 1, false);
    b.conf.settings.share_bytes = 100;
    riv__cut_init(&cut);
    add_range(&cut, RIV__RANGE_FILE, 0, 0, 200);
    for (uint32_t feed = 0; feed < 3; feed++) {
        assert_int_equal(riv__share_sources(b.plan, &cut, false, &b.err), 0);
        assert_int_equal(b.plan->nshare, 2);
        assert_int_equal(b.plan->share[0].partition, 2 * feed);
        assert_int_equal(b.plan->share[1].partition, 2 * feed + 1);
    }
    assert_int_equal(riv__job_begin(b.plan, 1, &b.err), 0);
    assert_int_equal(riv__share_sources(b.plan, &cut, false, &b.err), 0);
    assert_int_equal(b.plan->share[0].partition, 0);
    riv__cut_fini(&cut);
    bench_fini(&b);
}

/* Partition k of n holds rows [k * rows / n, (k + 1) * rows / n). */
static void given_rows_are_cut_as_spark_does(void **state)
{
    static const size_t want[] = { 1, 2, 2 };
    struct bench b;
    int64_t rows[] = { 1, 2, 3, 4, 5 };
    (void)state;
    bench_init(&b, 1);
    const riv_ds *node =
        bench_collect_of(&b, bench_rows(&b, &riv_type_int64_t, rows, 5, 3));
    assert_int_equal(bench_run(&b, &node, 1), 0);
    struct riv_op *op = riv__plan_op(b.plan, node);
    assert_int_equal(op->npart, 3);
    for (size_t k = 0; k < 3; k++)
        assert_int_equal(((struct riv_rows_part *)op->part[k])->bucket[0].n,
                         want[k]);
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_cut_by_bytes),
        cmocka_unit_test(shares_that_combine_are_larger),
        cmocka_unit_test(shares_at_the_end_of_an_early_wave_grow_smaller),
        cmocka_unit_test(shares_that_deal_are_smaller),
        cmocka_unit_test(blocks_and_pieces_of_pushes_stay_whole),
        cmocka_unit_test(random_cuts_are_covered_without_a_gap),
        cmocka_unit_test(partitions_are_numbered_within_a_batch),
        cmocka_unit_test(given_rows_are_cut_as_spark_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
