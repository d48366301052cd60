/* connect/source_queue_test.c - rows pushed by the program: copied, in order,
 * each once, bounded. */
#include "connect/queue.h"

#include "connect/fixture.h"
#include "connect/fixture_row.h"
#include "data/rows.h"

struct pushed {
    struct fix *fix;
    struct riv_arena arena;
    struct riv_queue *queue;
};

static void begin(struct pushed *p, struct fix *fix, enum riv_queue_take how)
{
    const struct riv_layout *layout;
    p->fix = fix;
    riv__arena_init(&p->arena, 4096);
    assert_int_equal(riv__layout_make(&p->arena, &row_type, &layout, NULL), 0);
    assert_int_equal(riv__queue_new(layout, 4096, how, &p->queue, NULL), 0);
    fix_open(fix, "queue:");
    riv__queue_tie(p->queue, fix->input);
}

static void end(struct pushed *p)
{
    riv__cut_reset(&p->fix->cut);
    riv__input_free(RIV__TAKE(p->fix->input));
    riv__queue_free(p->queue);
    riv__arena_fini(&p->arena);
}

/* Pushes n rows numbered from `first`; their strings are gone afterwards. */
static int push(struct pushed *p, int64_t first, size_t n)
{
    struct row rows[8];
    char text[8][32];
    for (size_t i = 0; i < n; i++) {
        int k = snprintf(text[i], sizeof text[i], "row number %d",
                         (int)first + (int)i);
        rows[i] = (struct row){ { text[i], (size_t)k }, first + (int64_t)i };
    }
    int rc = riv__queue_push(p->queue, rows, n);
    memset(text, '?', sizeof text);
    return rc;
}

/* A batch that has rows [first, first + n), then is done. */
static void batch_has(struct pushed *p, int64_t first, size_t n, int want)
{
    char text[32];
    size_t seen = 0;
    assert_int_equal(riv__input_cut(p->fix->input, &p->fix->cut, NULL), want);
    for (size_t i = 0; i < p->fix->cut.n; i++) {
        const struct riv_range *range = &p->fix->cut.range[i];
        const struct row *row = range->rows;
        assert_int_equal(range->kind, RIV__RANGE_ROWS);
        for (size_t k = 0; k < range->n; k++, seen++) {
            snprintf(text, sizeof text, "row number %d",
                     (int)first + (int)seen);
            assert_int_equal(row[k].n, first + (int64_t)seen);
            assert_true(riv_eq(row[k].name, riv_cstr(text)));
        }
    }
    assert_int_equal(seen, n);
    assert_int_equal(p->fix->cut.bytes, n * sizeof(struct row));
    riv__cut_reset(&p->fix->cut);
    riv__input_release(p->fix->input);
}

static void a_batch_takes_all_that_was_pushed(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_ALL);
    batch_has(&p, 0, 0, RIV__READ_MORE);
    assert_int_equal(push(&p, 0, 3), 0);
    assert_int_equal(push(&p, 3, 4), 0);
    batch_has(&p, 0, 7, RIV__READ_MORE);
    assert_int_equal(push(&p, 7, 1), 0);
    batch_has(&p, 7, 1, RIV__READ_MORE);
    batch_has(&p, 0, 0, RIV__READ_MORE);
    end(&p);
}

/* Of what waits, about as much as may be taken; a row at least. */
static void a_batch_takes_as_many_rows_as_fit(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_ALL);
    assert_int_equal(push(&p, 0, 8), 0);
    const size_t bytes = riv__input_waiting(p.fix->input);
    assert_true(bytes > 8 * sizeof(struct row));
    riv__rate_bound(&p.fix->input->rate, 0);
    batch_has(&p, 0, 0, RIV__READ_MORE);
    riv__rate_bound(&p.fix->input->rate, bytes / 2);
    batch_has(&p, 0, 4, RIV__READ_MORE);
    riv__rate_bound(&p.fix->input->rate, 1);
    batch_has(&p, 4, 1, RIV__READ_MORE);
    riv__rate_bound(&p.fix->input->rate, UINT64_MAX);
    batch_has(&p, 5, 3, RIV__READ_MORE);
    assert_int_equal(riv__input_waiting(p.fix->input), 0);
    end(&p);
}

/* IS-09 */
static void one_push_a_batch_if_asked_for(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_EACH);
    for (int i = 0; i < 5; i++)
        assert_int_equal(push(&p, i * 2, 2), 0);
    riv__queue_close(p.queue);
    for (int i = 0; i < 5; i++)
        batch_has(&p, i * 2, 2, i < 4 ? RIV__READ_MORE : RIV__READ_END);
    end(&p);
}

static void closing_ends_the_input_after_its_rows(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_ALL);
    assert_int_equal(push(&p, 0, 2), 0);
    riv__queue_close(p.queue);
    assert_int_equal(push(&p, 2, 1), RIV_ESTOPPED);
    batch_has(&p, 0, 2, RIV__READ_END);
    end(&p);
}

static void stopping_the_input_drains_and_refuses_more(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_EACH);
    for (int i = 0; i < 3; i++)
        assert_int_equal(push(&p, i, 1), 0);
    riv__input_stop(p.fix->input);
    batch_has(&p, 0, 3, RIV__READ_END);
    assert_int_equal(push(&p, 3, 1), RIV_ESTOPPED);
    end(&p);
}

static void a_full_queue_says_so_and_takes_nothing(void **state)
{
    struct pushed p;
    int64_t n = 0;
    begin(&p, *state, RIV__QUEUE_ALL);
    while (push(&p, n, 8) == 0)
        n += 8;
    assert_in_range(n, 50, 150); /* of about 36 bytes in 4,096 */
    assert_int_equal(push(&p, n, 8), RIV_EBUSY);
    batch_has(&p, 0, (size_t)n, RIV__READ_MORE);
    assert_int_equal(push(&p, n, 8), 0);
    batch_has(&p, n, 8, RIV__READ_MORE);
    end(&p);
}

static void more_than_the_limit_at_once_enters_an_empty_queue(void **state)
{
    struct pushed p;
    struct row *rows = calloc(5000, sizeof *rows);
    begin(&p, *state, RIV__QUEUE_ALL);
    assert_int_equal(riv__queue_push(p.queue, rows, 5000), 0);
    assert_int_equal(riv__queue_push(p.queue, rows, 1), RIV_EBUSY);
    assert_int_equal(riv__input_cut(p.fix->input, &p.fix->cut, NULL),
                     RIV__READ_MORE);
    assert_int_equal(p.fix->cut.n, 5); /* chunks of 1,024 */
    end(&p);
    free(rows);
}

/* Where each piece was a task of its own, 30,000 rows were thirty. */
static void a_push_is_one_part_in_many_pieces(void **state)
{
    struct pushed p;
    struct row *rows = calloc(2000, sizeof *rows);
    assert_non_null(rows);
    begin(&p, *state, RIV__QUEUE_EACH);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(riv__queue_push(p.queue, rows, 2000), 0);
        assert_int_equal(riv__input_cut(p.fix->input, &p.fix->cut, NULL),
                         RIV__READ_MORE);
        const struct riv_range *range = &p.fix->cut.range[i * 2];
        assert_int_equal(p.fix->cut.n, i * 2 + 2);
        assert_true(range[0].part > 0);
        assert_int_equal(range[0].part, range[1].part);
    }
    assert_int_not_equal(p.fix->cut.range[0].part, p.fix->cut.range[2].part);
    end(&p);
    free(rows);
}

static void rows_live_until_their_batch_is_done(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_ALL);
    assert_int_equal(push(&p, 0, 2), 0);
    assert_int_equal(riv__input_cut(p.fix->input, &p.fix->cut, NULL),
                     RIV__READ_MORE);
    assert_int_equal(push(&p, 2, 2), 0);
    batch_has(&p, 0, 4, RIV__READ_MORE); /* a second cut of the same batch */
    end(&p);
}

static void a_queue_may_be_filled_before_it_is_tied(void **state)
{
    struct pushed p;
    begin(&p, *state, RIV__QUEUE_ALL);
    riv__input_free(RIV__TAKE(p.fix->input));
    assert_int_equal(push(&p, 0, 2), 0);
    fix_open(p.fix, "queue:");
    assert_int_equal(riv__input_cut(p.fix->input, &p.fix->cut, NULL),
                     RIV_EINVAL);
    riv__queue_tie(p.queue, p.fix->input);
    batch_has(&p, 0, 2, RIV__READ_MORE);
    end(&p);
}

enum { PUSHERS = 4, PUSHES = 500 };

static void push_many(void *arg)
{
    struct pushed *p = arg;
    for (int i = 0; i < PUSHES;)
        i += push(p, i, 1) == 0;
}

/* IS-08 */
static void many_threads_may_push(void **state)
{
    struct pushed p;
    struct riv_thread thread[PUSHERS];
    size_t got = 0;
    begin(&p, *state, RIV__QUEUE_ALL);
    for (int i = 0; i < PUSHERS; i++)
        assert_int_equal(
            riv__thread_start(&thread[i], "pusher", push_many, &p, NULL), 0);
    while (got < PUSHERS * PUSHES) {
        assert_int_equal(riv__input_cut(p.fix->input, &p.fix->cut, NULL),
                         RIV__READ_MORE);
        got += p.fix->cut.bytes / sizeof(struct row);
        riv__cut_reset(&p.fix->cut);
        riv__input_release(p.fix->input);
    }
    for (int i = 0; i < PUSHERS; i++)
        riv__thread_join(&thread[i]);
    assert_int_equal(got, PUSHERS * PUSHES);
    end(&p);
}

static void a_queue_has_no_address(void **state)
{
    fix_fails(*state, "queue:x", RIV_EINVAL, "riv_queue");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_takes_all_that_was_pushed),
        TEST(a_batch_takes_as_many_rows_as_fit),
        TEST(one_push_a_batch_if_asked_for),
        TEST(closing_ends_the_input_after_its_rows),
        TEST(stopping_the_input_drains_and_refuses_more),
        TEST(a_full_queue_says_so_and_takes_nothing),
        TEST(more_than_the_limit_at_once_enters_an_empty_queue),
        TEST(a_push_is_one_part_in_many_pieces),
        TEST(rows_live_until_their_batch_is_done),
        TEST(a_queue_may_be_filled_before_it_is_tied),
        TEST(many_threads_may_push),
        TEST(a_queue_has_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
