/* connect/source_receive_test.c - sources of the program's own: what they emit
 * is there once, in order, through failures that pass, other runs and batches
 * that are run again; and what they do wrong is said. */
#include "connect/receive.h"

#include "connect/fixture.h"
#include "connect/fixture_row.h"
#include "data/rows.h"
#include "exec/step.h"
#include "graph/ops.h"

/* What the source does next. */
struct plan {
    int64_t until; /* rows there are */
    int each;      /* rows a read emits */
    int busy;      /* reads that have nothing, after the first rows */
    int64_t breaks_at;
    int code;         /* what the read that emits this row returns, once */
    int open_code;    /* what the first open returns */
    int opened, live; /* how often; not closed */
    size_t offset_bytes;
    bool local; /* the row lies in its frame */
};

struct counter {
    struct plan *plan;
    int64_t at;
    char text[32];
};

static int count_open(const void *arg, uint32_t partition, riv_str offset,
                      void **ret)
{
    struct plan *plan;
    memcpy(&plan, arg, sizeof plan);
    assert_int_equal(partition, 3);
    if (plan->opened++ == 0 && plan->open_code != 0)
        return plan->open_code;
    struct counter *self = calloc(1, sizeof *self);
    assert_non_null(self);
    self->plan = plan;
    for (size_t i = 0; i < offset.n; i++)
        self->at = self->at * 10 + offset.p[i] - '0';
    plan->live++;
    *ret = self;
    return 0;
}

static int emit_one(struct counter *self, riv_task *t)
{
    char local[32];
    int n = snprintf(local, sizeof local, "row number %d", (int)self->at);
    struct row row = { riv_dup(t, local, (size_t)n), self->at };
    if (self->plan->local)
        row.name.p = local;
    riv_put(t, &row, 1);
    self->at++;
    return 0;
}

static int count_read(void *arg, riv_task *t)
{
    struct counter *self = arg;
    struct plan *plan = self->plan;
    assert_int_equal(riv_partition(t), 3);
    if (self->at > 0 && plan->busy > 0) {
        plan->busy--;
        return RIV_EBUSY;
    }
    for (int i = 0; i < plan->each && self->at < plan->until; i++) {
        emit_one(self, t);
        if (plan->code != 0 && self->at - 1 == plan->breaks_at) {
            int code = plan->code;
            plan->code = 0;
            return code == RIV_ERECORD ? riv_fail(t, "%s", "row is odd") : code;
        }
    }
    return self->at == plan->until ? RIV_ESTOPPED : 0;
}

static int count_offset(void *arg, void *dst, size_t room, size_t *used)
{
    struct counter *self = arg;
    const int n = snprintf(dst, room, "%d", (int)self->at);
    *used = self->plan->offset_bytes ? self->plan->offset_bytes : (size_t)n;
    return 0;
}

static void count_close(void *arg)
{
    struct counter *self = arg;
    self->plan->live--;
    free(self);
}

static const riv_source counting = {
    .struct_size = sizeof counting,
    .type = &row_type,
    .open = count_open,
    .read = count_read,
    .offset = count_offset,
    .close = count_close,
};

static const riv_source not_going_back = {
    .struct_size = sizeof not_going_back,
    .type = &row_type,
    .open = count_open,
    .read = count_read,
    .close = count_close,
};

static const struct riv_runner runners[] = {
    { &riv__kind_receive, NULL, riv__step_emit },
    { NULL, NULL, NULL },
};

struct own {
    struct fix *fix;
    struct riv_exec exec;
    struct riv_arena arena;
    struct riv_graph graph;
    struct plan plan, *plan_at;
    const riv_source *is;
    struct riv_receive_param param;
    riv_ds ds;
    int64_t next; /* row that a batch must begin with */
};

static void tie(struct own *own)
{
    assert_int_equal(
        riv__receive_tie(own->fix->input, &own->exec, &own->ds, &own->fix->err),
        0);
}

static void begin(struct own *own, struct fix *fix, const riv_source *is)
{
    *own = (struct own){ .fix = fix,
                         .is = is,
                         .param = { is, 3 },
                         .plan = { .until = 100, .each = 10 } };
    riv__arena_init(&own->arena, 4096);
    own->plan_at = &own->plan;
    own->exec = (struct riv_exec){ .sys = &fix->clock.sys,
                                   .conf = &fix->conf,
                                   .runners = runners };
    own->ds = (riv_ds){ .kind = &riv__kind_receive,
                        .graph = &own->graph,
                        .param = &own->param,
                        .arg = &own->plan_at };
    assert_int_equal(
        riv__layout_make(&own->arena, &row_type, &own->ds.layout, NULL), 0);
    fix_open(fix, "receive:numbers");
    tie(own);
}

static void end(struct own *own)
{
    riv__cut_reset(&own->fix->cut);
    riv__input_free(RIV__TAKE(own->fix->input));
    riv__arena_fini(&own->arena);
    assert_int_equal(own->plan.live, 0);
}

/* Another run, which stands where this one's last batch ended. */
static void run_again(struct own *own)
{
    (void)fix_stand(own->fix);
    riv__cut_reset(&own->fix->cut);
    riv__input_free(RIV__TAKE(own->fix->input));
    assert_int_equal(own->plan.live, 0);
    fix_open(own->fix, "receive:numbers");
    tie(own);
    const struct riv_buf *words = &own->fix->stand.words;
    if (riv__input_seek(own->fix->input, riv__str(words->p, words->n),
                        &own->fix->err) < 0)
        fail_msg("%s", own->fix->err.text);
}

static size_t look_at(struct own *own, const struct riv_range *range)
{
    char text[32];
    const struct row *row = range->rows;
    assert_int_equal(range->kind, RIV__RANGE_ROWS);
    assert_int_equal(range->until, range->n * sizeof *row);
    for (size_t i = 0; i < range->n; i++, own->next++) {
        snprintf(text, sizeof text, "row number %d", (int)own->next);
        assert_int_equal(row[i].n, own->next);
        assert_true(riv_eq(row[i].name, riv_cstr(text)));
    }
    return range->n;
}

/* A batch, with the next n rows. */
static void batch_has(struct own *own, size_t n, int want)
{
    struct fix *fix = own->fix;
    size_t seen = 0;
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, &fix->err), want);
    for (size_t i = 0; i < fix->cut.n; i++)
        seen += look_at(own, &fix->cut.range[i]);
    assert_int_equal(seen, n);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void a_batch_has_what_was_emitted_before(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    batch_has(&own, 0, RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 10, RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 20, RIV__READ_MORE);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 70, RIV__READ_MORE);
    batch_has(&own, 0, RIV__READ_MORE);
    end(&own);
}

/* More than the buffer of a step, and than a piece of a store. */
static void one_read_may_emit_many_rows(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    own.plan.until = own.plan.each = 20000;
    own.fix->conf.buffer_bytes = 16 << 20;
    assert_int_equal(fix_read(own.fix), RIV__READ_END);
    batch_has(&own, 20000, RIV__READ_MORE);
    assert_string_equal(fix_stand(own.fix).p ? "there" : "", "there");
    end(&own);
}

static void nothing_now_is_asked_again(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    own.plan.busy = 2;
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_IDLE);
    assert_int_equal(fix_read(own.fix), RIV__READ_IDLE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 20, RIV__READ_MORE);
    end(&own);
}

static void another_run_goes_on_behind_the_last_batch(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 10, RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE); /* in no batch */
    run_again(&own);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 10, RIV__READ_MORE);
    run_again(&own); /* and one that reads nothing */
    run_again(&own);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 80, RIV__READ_MORE);
    run_again(&own);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 0, RIV__READ_MORE);
    end(&own);
}

/* Where it stands is between two offsets then, and another run knows it. */
static void a_batch_takes_as_many_rows_as_fit(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    const size_t bytes = riv__input_waiting(own.fix->input);
    riv__rate_bound(&own.fix->input->rate, 0);
    batch_has(&own, 0, RIV__READ_MORE);
    riv__rate_bound(&own.fix->input->rate, bytes / 2);
    batch_has(&own, 5, RIV__READ_MORE);
    run_again(&own);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 95, RIV__READ_MORE);
    end(&own);
}

/* Its reads are shorter now than the rows that come again: where it stands in
 * the middle of those is not behind them. */
static void another_run_may_read_less_at_a_time(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    own.plan.each = 30;
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(
        riv__input_reach(own.fix->input, riv_cstr("rows=25 behind=25 offset="),
                         &own.fix->err),
        1);
    batch_has(&own, 25, RIV__READ_MORE);
    run_again(&own);
    own.plan.each = 10;
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 0, RIV__READ_MORE);
    run_again(&own); /* in the middle of what comes again */
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 75, RIV__READ_MORE);
    end(&own);
}

/* A source that cannot go back gives what it gives. */
static void without_an_offset_a_run_begins_where_the_source_does(void **state)
{
    struct own own;
    begin(&own, *state, &not_going_back);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 10, RIV__READ_MORE);
    assert_true(riv_eq(fix_stand(own.fix), riv_cstr("rows=10")));
    run_again(&own);
    own.next = 0;
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 100, RIV__READ_MORE);
    end(&own);
}

/* ------------------------------------------------ batches that are run again */

static int reach(struct own *own, const char *words)
{
    return riv__input_reach(own->fix->input, riv_cstr(words), &own->fix->err);
}

static void a_batch_is_run_again_with_the_same_rows(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    assert_int_equal(reach(&own, "rows=25 behind=5 offset=3230"), 0);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(reach(&own, "rows=25 behind=5 offset=3230"), 0);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(reach(&own, "rows=25 behind=5 offset=3230"), 1);
    batch_has(&own, 25, RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    batch_has(&own, 15, RIV__READ_MORE);
    end(&own);
}

/* The offset of a place that no read ended at is one before it. */
static void a_run_may_go_on_inside_of_a_read(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(reach(&own, "rows=25 behind=5 offset=3230"), 1);
    batch_has(&own, 25, RIV__READ_MORE);
    run_again(&own);
    own.plan.each = 3;
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 75, RIV__READ_MORE);
    end(&own);
}

/* It may have been more than the buffer takes: batches begin early, too. */
static void rows_of_a_batch_to_run_again_know_no_limit(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    own.fix->conf.buffer_bytes = 64;
    assert_int_equal(reach(&own, "rows=100 behind=0 offset=313030"), 0);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    assert_int_equal(reach(&own, "rows=100 behind=0 offset=313030"), 1);
    batch_has(&own, 100, RIV__READ_MORE);
    end(&own);
}

static void a_batch_that_cannot_be_had_again_is_an_error(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    atomic_store(&own.fix->input->ended, true);
    assert_int_equal(reach(&own, "rows=7 behind=0 offset="), RIV_ENOINPUT);
    assert_string_equal(own.fix->err.text,
                        "input receive:numbers: the source gave 0 rows of a "
                        "batch that had 7, and ended");
    end(&own);
    begin(&own, *state, &not_going_back);
    assert_int_equal(reach(&own, "rows=7"), 1);
    end(&own);
}

static void a_damaged_place_is_no_place(void **state)
{
    static const char *const words[] = {
        "",
        "rows=x behind=0 offset=",
        "rows=1 behind=2 offset=",
        "rows=1 offset=",
        "rows=1 behind=0",
        "rows=1 behind=0 offset=3",
        "rows=1 behind=0 offset=3g",
    };
    struct own own;
    begin(&own, *state, &counting);
    for (size_t i = 0; i < RIV__LEN(words); i++)
        assert_int_equal(
            riv__input_seek(own.fix->input, riv_cstr(words[i]), &own.fix->err),
            RIV_ECHECKPOINT);
    assert_int_equal(reach(&own, "rows="), RIV_ECHECKPOINT);
    end(&own);
}

/* ------------------------------------------------------------------ failures */

/* Of the rows of a read that failed none is lost, and none comes twice. */
static void a_failure_that_passes_loses_nothing(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    own.plan.open_code = RIV_EUNAVAIL;
    own.plan.code = RIV_ETIMEOUT;
    own.plan.breaks_at = 14;
    assert_int_equal(fix_read(own.fix), RIV_EUNAVAIL);
    assert_string_equal(own.fix->err.text, "open() of the source returned -12: "
                                           "a peer or port is not available");
    assert_int_equal(fix_read(own.fix), RIV__READ_MORE);
    assert_int_equal(fix_read(own.fix), RIV_ETIMEOUT);
    assert_int_equal(own.plan.live, 0);
    batch_has(&own, 15, RIV__READ_MORE);
    assert_int_equal(fix_read_all(own.fix), RIV__READ_END);
    batch_has(&own, 85, RIV__READ_MORE);
    assert_int_equal(own.plan.opened, 3);
    end(&own);
}

static void what_it_does_wrong_is_said(void **state)
{
    static const struct {
        int code;
        size_t offset_bytes;
        bool local;
        int want;
        const char *words;
    } wrong[] = {
        { RIV_ERECORD, 0, false, RIV_ERECORD,
          "read() of the source returned -1: row is odd" },
        { 7, 0, false, RIV_EFATAL, "read() of the source returned 7" },
        { RIV_EIO, 0, false, RIV_EIO,
          "read() of the source returned -6: input or output failed" },
        { 0, 4097, false, RIV_EINVAL,
          "offset() of the source gave 4097 bytes; at most 4096" },
        { 0, 0, true, RIV_EFATAL, "points into the worker's stack" },
    };
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        struct own own;
        begin(&own, *state, &counting);
        own.plan.code = wrong[i].code;
        own.plan.offset_bytes = wrong[i].offset_bytes;
        own.plan.local = wrong[i].local;
        assert_int_equal(fix_read(own.fix), wrong[i].want);
        if (!strstr(own.fix->err.text, wrong[i].words))
            fail_msg("\"%s\" does not say \"%s\"", own.fix->err.text,
                     wrong[i].words);
        end(&own);
    }
}

static void an_address_makes_no_source(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "receive:x");
    assert_int_equal(fix_read(fix), RIV_EINVAL);
    assert_string_equal(fix->err.text, "no source belongs to this input: "
                                       "riv_receive makes one");
    assert_int_equal(fix_cut(fix), RIV__READ_MORE);
}

/* --------------------------------------------------------- on its own thread */

static void start(struct own *own, int64_t until)
{
    own->plan.until = until;
    own->fix->conf.buffer_bytes = 2048;
    own->fix->input->wait_ms = -1;
    own->fix->clock.sys.poll = riv__sys_real()->poll;
    assert_int_equal(riv__input_start(own->fix->input, &own->fix->err), 0);
}

static void a_full_store_makes_the_source_wait(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    start(&own, 5000);
    int rc = RIV__READ_MORE;
    while (rc == RIV__READ_MORE) {
        struct fix *fix = own.fix;
        size_t n = 0;
        rc = riv__input_cut(fix->input, &fix->cut, &fix->err);
        for (size_t i = 0; i < fix->cut.n; i++)
            n += look_at(&own, &fix->cut.range[i]);
        assert_true(n * sizeof(struct row) <= 2048);
        riv__cut_reset(&fix->cut);
        riv__input_release(fix->input);
    }
    assert_int_equal(rc, RIV__READ_END);
    assert_int_equal(own.next, 5000);
    end(&own);
}

static void the_end_of_a_job_ends_the_wait(void **state)
{
    struct own own;
    begin(&own, *state, &counting);
    start(&own, 5000);
    end(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_has_what_was_emitted_before),
        TEST(one_read_may_emit_many_rows),
        TEST(nothing_now_is_asked_again),
        TEST(another_run_goes_on_behind_the_last_batch),
        TEST(a_batch_takes_as_many_rows_as_fit),
        TEST(another_run_may_read_less_at_a_time),
        TEST(without_an_offset_a_run_begins_where_the_source_does),
        TEST(a_batch_is_run_again_with_the_same_rows),
        TEST(a_run_may_go_on_inside_of_a_read),
        TEST(rows_of_a_batch_to_run_again_know_no_limit),
        TEST(a_batch_that_cannot_be_had_again_is_an_error),
        TEST(a_damaged_place_is_no_place),
        TEST(a_failure_that_passes_loses_nothing),
        TEST(what_it_does_wrong_is_said),
        TEST(an_address_makes_no_source),
        TEST(a_full_store_makes_the_source_wait),
        TEST(the_end_of_a_job_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
