/* io/feed_test.c - the ring of blocks: nothing lost, nothing twice, whole
 * lines, bounded memory, and blocks that come back. */
#include <sched.h>

#include "io/fixture.h"

#include "data/frame.h"

enum { LIMIT = 1 << 20 };

struct fix {
    struct riv_sys *sys;
    struct riv_wake driver;
    struct riv_feed feed;
    struct riv_cut cut;
    size_t held;
};

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->sys = riv__sys_real();
    assert_int_equal(fix->sys->wake_open(fix->sys, &fix->driver), 0);
    assert_int_equal(
        riv__feed_init(&fix->feed, fix->sys, &fix->driver, LIMIT, NULL), 0);
    riv__cut_init(&fix->cut);
    *state = fix;
    return 0;
}

static int finish(void **state)
{
    struct fix *fix = *state;
    riv__cut_fini(&fix->cut);
    riv__feed_fini(&fix->feed);
    fix->sys->wake_close(fix->sys, &fix->driver);
    free(fix);
    return 0;
}

static void append(struct fix *fix, const char *p, size_t n)
{
    assert_int_equal(riv__feed_append(&fix->feed, p, n, NULL), 0);
}

static void cut(struct fix *fix, size_t max)
{
    size_t held;
    assert_int_equal(riv__feed_cut(&fix->feed, 7, max, &fix->cut, &held, NULL),
                     0);
    fix->held += held;
}

static void done(struct fix *fix)
{
    riv__cut_reset(&fix->cut);
    riv__feed_release(&fix->feed, fix->held);
    fix->held = 0;
}

static void cut_is(struct fix *fix, const char *text)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    fixture_add_text(&buf, &fix->cut);
    fixture_equal(&buf, text, strlen(text));
    riv__buf_fini(&buf);
}

/* n lines of `bytes` bytes each, newline included, numbered at their start. */
static char *numbered(size_t first, size_t n, size_t bytes)
{
    char *text = malloc(n * bytes + 1);
    memset(text, 'x', n * bytes);
    for (size_t i = 0; i < n; i++) {
        int k = snprintf(text + i * bytes, bytes, "%08zu", first + i);
        text[i * bytes + (size_t)k] = 'x';
        text[i * bytes + bytes - 1] = '\n';
    }
    return text;
}

/* The ranges hold whole lines, numbered on from *next. */
static void check_numbers(const struct riv_cut *part, size_t *next)
{
    for (size_t i = 0; i < part->n; i++) {
        const char *p = part->range[i].block->bytes + part->range[i].from;
        const char *end = part->range[i].block->bytes + part->range[i].until;
        assert_int_equal(end[-1], '\n');
        for (; p < end; p = (char *)memchr(p, '\n', (size_t)(end - p)) + 1)
            assert_int_equal(strtoul(p, NULL, 10), (*next)++);
    }
}

static void bytes_come_out_as_they_went_in(void **state)
{
    struct fix *fix = *state;
    static const char text[] = "a\0b\r\n\n\xff\xfe\n\r\n";
    append(fix, text, sizeof text - 1);
    fixture_feed_has(&fix->feed, text, sizeof text - 1);
    fixture_feed_has(&fix->feed, "", 0);
    assert_int_equal(fix->feed.held_bytes, 0);
}

static void ranges_hold_whole_lines_and_know_their_offset(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 900, 1000);
    append(fix, text, 900 * 1000);
    cut(fix, 0);
    assert_in_range(fix->cut.n, 4, 5);
    uint64_t offset = 0;
    for (size_t i = 0; i < fix->cut.n; i++) {
        const struct riv_range *range = &fix->cut.range[i];
        assert_int_equal(range->kind, RIV__RANGE_BLOCK);
        assert_int_equal(range->source, 7);
        assert_int_equal(range->offset, offset);
        offset += range->until - range->from;
    }
    assert_int_equal(offset, 900 * 1000);
    size_t next = 0;
    check_numbers(&fix->cut, &next);
    assert_int_equal(next, 900);
    done(fix);
    free(text);
}

static void a_line_longer_than_a_block_gets_its_own(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 1, 600000);
    append(fix, "short\n", 6);
    append(fix, text, 600000);
    append(fix, "short\n", 6);
    cut(fix, 0);
    assert_int_equal(fix->cut.n, 3);
    assert_int_equal(fix->cut.bytes, 600012);
    done(fix);
    assert_int_equal(fix->feed.held_bytes, 0);
    free(text);
}

/* A kernel may load RIV__SLACK bytes past the end of its part. */
static void a_source_goes_on_in_a_block_that_is_being_read(void **state)
{
    struct fix *fix = *state;
    append(fix, "one\n", 4);
    cut(fix, 0);
    append(fix, "two\n", 4);
    cut(fix, 0);
    assert_int_equal(fix->cut.n, 2);
    assert_ptr_equal(fix->cut.range[0].block, fix->cut.range[1].block);
    assert_true(fix->cut.range[1].from >= fix->cut.range[0].until + RIV__SLACK);
    assert_int_equal(fix->cut.range[1].offset, 4);
    cut_is(fix, "one\ntwo\n");
    done(fix);
    assert_int_equal(fix->feed.held_bytes, 0);
}

static void a_limited_cut_ends_at_a_line_and_takes_one_at_least(void **state)
{
    struct fix *fix = *state;
    append(fix, "12345\n12345\n12345\n", 18);
    cut(fix, 13);
    cut_is(fix, "12345\n12345\n");
    done(fix);
    append(fix, "b\n", 2);
    cut(fix, 2);
    cut_is(fix, "12345\n");
    done(fix);
    cut(fix, 100);
    cut_is(fix, "b\n");
    done(fix);
    assert_int_equal(riv__feed_waiting(&fix->feed), 0);
    assert_int_equal(fix->feed.held_bytes, 0);
}

struct producer {
    struct fix *fix;
    size_t lines, line_bytes, per_append;
    int rc;
};

static void produce(void *arg)
{
    struct producer *p = arg;
    for (size_t i = 0; i < p->lines && p->rc == 0; i += p->per_append) {
        char *text = numbered(i, p->per_append, p->line_bytes);
        p->rc = riv__feed_append(&p->fix->feed, text,
                                 p->per_append * p->line_bytes, NULL);
        free(text);
    }
    riv__feed_close(&p->fix->feed);
    p->fix->sys->wake_raise(p->fix->sys, &p->fix->driver);
}

/* 20 times the limit passes; what is held never exceeds it. */
static void a_full_feed_waits_for_a_release(void **state)
{
    struct fix *fix = *state;
    struct producer producer = { fix, 40000, 500, 400, 0 };
    struct riv_thread thread = { .started = false };
    size_t next = 0;
    assert_int_equal(
        riv__thread_start(&thread, "producer", produce, &producer, NULL), 0);
    while (next < producer.lines) {
        fix->sys->poll(fix->sys, NULL, 0, &fix->driver, INT64_MAX);
        cut(fix, 0);
        check_numbers(&fix->cut, &next);
        assert_true(fix->held <= LIMIT);
        done(fix);
    }
    riv__thread_join(&thread);
    assert_int_equal(producer.rc, 0);
    assert_int_equal(next, producer.lines);
    assert_int_equal(fix->feed.held_bytes, 0);
}

static void a_line_longer_than_the_limit_enters_alone(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 1, 2 * LIMIT);
    append(fix, text, 2 * LIMIT);
    cut(fix, 0);
    assert_int_equal(fix->cut.bytes, 2 * LIMIT);
    done(fix);
    assert_int_equal(fix->feed.held_bytes, 0);
    free(text);
}

static void closing_ends_the_wait(void **state)
{
    struct fix *fix = *state;
    struct producer producer = { fix, 4000, 500, 4000, 0 };
    struct riv_thread thread = { .started = false };
    assert_int_equal(
        riv__thread_start(&thread, "producer", produce, &producer, NULL), 0);
    fix->sys->poll(fix->sys, NULL, 0, &fix->driver, INT64_MAX);
    riv__feed_close(&fix->feed);
    riv__thread_join(&thread);
    assert_int_equal(producer.rc, RIV_ESTOPPED);
    cut(fix, 0);
    assert_in_range(fix->cut.bytes, LIMIT / 2, LIMIT);
    done(fix);
}

static void a_steady_load_uses_the_same_blocks(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 600, 1000);
    const struct riv_block *known[16];
    size_t nknown = 0;
    for (int round = 0; round < 50; round++) {
        append(fix, text, 600 * 1000);
        cut(fix, 0);
        for (size_t i = 0; i < fix->cut.n; i++) {
            size_t k = 0;
            while (k < nknown && known[k] != fix->cut.range[i].block)
                k++;
            if (k == nknown) {
                assert_true(nknown < 4); /* three in use, one being filled */
                known[nknown++] = fix->cut.range[i].block;
            }
        }
        done(fix);
    }
    free(text);
}

static void spare_blocks_are_given_back_when_nothing_comes(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 900, 1000);
    append(fix, text, 900 * 1000);
    cut(fix, 0);
    done(fix);
    assert_int_equal(fix->feed.nspare, 3);
    for (int i = 0; i < 200; i++)
        cut(fix, 0);
    assert_int_equal(fix->feed.nspare, 0);
    free(text);
}

static void a_block_in_use_is_not_used_again(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 900, 1000), *more = numbered(5000, 900, 1000);
    append(fix, text, 900 * 1000);
    cut(fix, 0);
    riv__feed_release(&fix->feed, fix->held); /* too early on purpose */
    fix->held = 0;
    append(fix, more, 900 * 1000);
    size_t next = 0;
    check_numbers(&fix->cut, &next);
    assert_int_equal(next, 900);
    riv__cut_reset(&fix->cut);
    free(text);
    free(more);
}

/* Lines of 200 KiB leave 56 KiB of each block unused. */
static void what_blocks_waste_counts_too(void **state)
{
    struct fix *fix = *state;
    enum { LINE = 200 * 1024 };
    struct producer producer = { fix, 100, LINE, 1, 0 };
    struct riv_thread thread = { .started = false };
    size_t next = 0;
    assert_int_equal(
        riv__thread_start(&thread, "producer", produce, &producer, NULL), 0);
    while (next < producer.lines) {
        fix->sys->poll(fix->sys, NULL, 0, &fix->driver, INT64_MAX);
        cut(fix, 0);
        assert_true(fix->cut.n * RIV__BLOCK_BYTES <= LIMIT + RIV__BLOCK_BYTES);
        check_numbers(&fix->cut, &next);
        done(fix);
    }
    riv__thread_join(&thread);
    assert_int_equal(fix->feed.held_bytes, 0);
}

static void the_driver_is_woken_at_half_the_limit(void **state)
{
    struct fix *fix = *state;
    char *text = numbered(0, 600, 1000);
    append(fix, text, 500 * 1000);
    fix->sys->poll(fix->sys, NULL, 0, &fix->driver, 0);
    append(fix, text, 100 * 1000);
    /* would wait for ever if it were not raised */
    fix->sys->poll(fix->sys, NULL, 0, &fix->driver, INT64_MAX);
    cut(fix, 0);
    assert_int_equal(fix->cut.bytes, 600 * 1000);
    done(fix);
    free(text);
}

static void a_feed_without_room_is_refused(void **state)
{
    (void)state;
    struct riv_feed feed;
    struct riv_err err;
    assert_int_equal(riv__feed_init(&feed, riv__sys_real(), NULL, 0, &err),
                     RIV_EINVAL);
    assert_non_null(strstr(err.text, "input.buffer"));
}

static void news_is(struct fix *fix, uint64_t from, const char *text)
{
    struct riv_news news = { .part = NULL };
    assert_true(riv__feed_has_news(&fix->feed));
    assert_true(riv__feed_take_news(&fix->feed, &news));
    assert_int_equal(news.from, from);
    assert_int_equal(news.bytes.n, strlen(text));
    assert_memory_equal(news.bytes.p, text, news.bytes.n);
    riv__news_fini(&news);
}

/* What the journal is given, from an offset on and once. */
static void what_is_kept_is_news_once(void **state)
{
    struct fix *fix = *state;
    riv__feed_keep(&fix->feed, 100);
    append(fix, "a\nb\n", 4);
    news_is(fix, 100, "a\nb\n");
    assert_false(riv__feed_has_news(&fix->feed));
    cut(fix, 0);
    append(fix, "c\n", 2);
    news_is(fix, 104, "c\n");
}

/* Lines that are given back are in the journal; those that come then are not. */
static void after_a_restore_what_comes_is_news(void **state)
{
    struct fix *fix = *state;
    riv__feed_keep(&fix->feed, 0);
    assert_int_equal(riv__feed_restore(&fix->feed, "a\n", 2), 0);
    assert_int_equal(riv__feed_restore(&fix->feed, "bc\n", 3), 0);
    assert_false(riv__feed_has_news(&fix->feed));
    append(fix, "d\n", 2);
    news_is(fix, 5, "d\n");
    cut(fix, 0);
    cut_is(fix, "a\nbc\nd\n");
}

static void append_late(void *arg)
{
    struct fix *fix = arg;
    append(fix, "late\n", 5);
}

/* The ring has room again, but the journal has not taken what came before: a disk
 * that is slow or full holds up whoever sends, and memory has its bound. */
static void what_the_journal_has_not_taken_holds_up_what_comes(void **state)
{
    enum { LOOKS = 20000 };
    struct fix *fix = *state;
    struct riv_news news = { .part = NULL };
    struct riv_thread thread = { .started = false };
    char *lines = malloc(LIMIT);
    assert_non_null(lines);
    memset(lines, '\n', LIMIT);
    riv__feed_keep(&fix->feed, 0);
    append(fix, lines, LIMIT);
    free(lines);
    cut(fix, 0);
    done(fix);
    assert_int_equal(riv__thread_start(&thread, "late", append_late, fix, NULL),
                     0);
    for (int i = 0; i < LOOKS; i++)
        sched_yield();
    assert_int_equal(riv__feed_waiting(&fix->feed), 0);
    assert_true(riv__feed_take_news(&fix->feed, &news));
    assert_int_equal(news.bytes.n, LIMIT);
    riv__thread_join(&thread);
    riv__news_fini(&news);
    news_is(fix, LIMIT, "late\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

/* Kernels load beyond the end of their part; what a cut left there stays as it
 * is, and what comes is written at a distance. */
static void what_comes_keeps_its_distance_from_a_cut_in_a_block(void **state)
{
    struct fix *fix = *state;
    append(fix, "aaa\nb\n", 6);
    cut(fix, 4);
    const struct riv_block *block = fix->cut.range[0].block;
    append(fix, "c\n", 2);
    assert_int_equal(block->used, 6);
    cut(fix, 0);
    cut_is(fix, "aaa\nb\nc\n");
    done(fix);
    append(fix, "d\n", 2); /* behind a gap: more goes on in the same block */
    append(fix, "e\n", 2);
    cut(fix, 0);
    assert_int_equal(fix->cut.n, 1);
    cut_is(fix, "d\ne\n");
    done(fix);
}

/* Whole lines that bring the source to `offset` of its file 1. */
static void append_at(struct fix *fix, const char *p, size_t n, uint64_t offset)
{
    const struct riv_mark at = { .offset = offset, .part = 1 };
    assert_int_equal(riv__feed_append(&fix->feed, p, n, &at), 0);
}

static void stands_at(const struct fix *fix, uint64_t offset)
{
    assert_int_equal(fix->feed.cut.offset, offset);
    assert_int_equal(fix->feed.cut.part, 1);
}

/* A restart begins there: behind it lines would be lost, before it doubled. */
static void a_cut_within_a_stretch_stands_where_it_ends(void **state)
{
    struct fix *fix = *state;
    append_at(fix, "aa\n", 3, 103);
    append_at(fix, "bb\ncc\n", 6, 109);
    append_at(fix, "dd\n", 3, 500); /* what is between is not wanted */
    for (uint64_t offset = 103; offset <= 109; offset += 3) {
        cut(fix, 3);
        stands_at(fix, offset);
    }
    cut(fix, 3);
    stands_at(fix, 500);
    done(fix);
}

static void a_stretch_over_several_blocks_is_stood_in_as_well(void **state)
{
    enum { LINES = 600, BYTES = 1000 };
    struct fix *fix = *state;
    char *text = numbered(0, LINES, BYTES);
    append_at(fix, text, LINES * BYTES, LINES * BYTES);
    for (uint64_t n = 1; n <= LINES; n++) {
        cut(fix, BYTES);
        stands_at(fix, n * BYTES);
        done(fix);
    }
    free(text);
}

/* Each line comes from a file of its own, where the one before ended; three wait. */
static void places_are_right_while_lines_come_and_go(void **state)
{
    enum { LINES = 200, WAIT = 3 };
    struct fix *fix = *state;
    for (uint32_t i = 0; i < LINES; i++) {
        const struct riv_mark at = { .offset = 2 * (i + 1), .part = i };
        assert_int_equal(riv__feed_append(&fix->feed, "a\n", 2, &at), 0);
        if (i < WAIT)
            continue;
        cut(fix, 2);
        assert_int_equal(fix->feed.cut.part, i - WAIT);
        assert_int_equal(fix->feed.cut.offset, 2 * (i - WAIT + 1));
        done(fix);
    }
}

/* How far a batch goes that is run again. */
static void a_place_is_so_many_bytes_from_the_last_cut(void **state)
{
    struct fix *fix = *state;
    const struct riv_mark cut_already = { .offset = 103, .part = 1 },
                          next = { .offset = 109, .part = 1 },
                          other = { .offset = 109, .part = 2 },
                          between = { .offset = 300, .part = 1 },
                          last = { .offset = 500, .part = 1 },
                          later = { .offset = 501, .part = 1 };
    append_at(fix, "aa\nbb\ncc\n", 9, 109);
    append_at(fix, "dd\n", 3, 500);
    cut(fix, 6);
    assert_true(riv__feed_reach(&fix->feed, &cut_already) < 0);
    assert_int_equal(riv__feed_reach(&fix->feed, &fix->feed.cut), 0);
    assert_int_equal(riv__feed_reach(&fix->feed, &next), 3);
    assert_int_equal(riv__feed_reach(&fix->feed, &other), -1);
    assert_int_equal(riv__feed_reach(&fix->feed, &between), -1);
    assert_int_equal(riv__feed_reach(&fix->feed, &last), 6);
    assert_int_equal(riv__feed_reach(&fix->feed, &later), -1);
    done(fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_come_out_as_they_went_in),
        TEST(ranges_hold_whole_lines_and_know_their_offset),
        TEST(a_line_longer_than_a_block_gets_its_own),
        TEST(a_source_goes_on_in_a_block_that_is_being_read),
        TEST(a_limited_cut_ends_at_a_line_and_takes_one_at_least),
        TEST(a_full_feed_waits_for_a_release),
        TEST(a_line_longer_than_the_limit_enters_alone),
        TEST(closing_ends_the_wait),
        TEST(a_steady_load_uses_the_same_blocks),
        TEST(spare_blocks_are_given_back_when_nothing_comes),
        TEST(a_block_in_use_is_not_used_again),
        TEST(what_blocks_waste_counts_too),
        TEST(the_driver_is_woken_at_half_the_limit),
        TEST(what_comes_keeps_its_distance_from_a_cut_in_a_block),
        TEST(what_is_kept_is_news_once),
        TEST(after_a_restore_what_comes_is_news),
        TEST(what_the_journal_has_not_taken_holds_up_what_comes),
        TEST(a_cut_within_a_stretch_stands_where_it_ends),
        TEST(a_stretch_over_several_blocks_is_stood_in_as_well),
        TEST(places_are_right_while_lines_come_and_go),
        TEST(a_place_is_so_many_bytes_from_the_last_cut),
        cmocka_unit_test(a_feed_without_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
