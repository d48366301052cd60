/* connect/lanes_test.c - records of partitions on their way into batches. */
#include "connect/lanes.h"

#include "io/fixture.h"

enum { LIMIT = 1 << 20 };

struct fix {
    struct riv_lanes lanes;
    struct riv_cut cut;
    struct riv_buf text;
    struct riv_err err;
    int back; /* records that were borrowed, and given back */
};

static int start(void **state, bool rows, size_t limit)
{
    struct fix *fix = calloc(1, sizeof *fix);
    riv__lanes_init(&fix->lanes, riv__sys_real(), NULL, limit, rows);
    riv__cut_init(&fix->cut);
    riv__buf_init(&fix->text, 0);
    *state = fix;
    return 0;
}

static int lines(void **state)
{
    return start(state, false, LIMIT);
}

static int rows(void **state)
{
    return start(state, true, LIMIT);
}

static int finish(void **state)
{
    struct fix *fix = *state;
    riv__cut_fini(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    riv__lanes_fini(&fix->lanes);
    riv__buf_fini(&fix->text);
    free(fix);
    return 0;
}

static void put(struct fix *fix, size_t lane, int64_t offset, const char *value)
{
    struct riv_lane_record record = { .value = value ? riv_cstr(value)
                                                     : (riv_str){ NULL, 0 },
                                      .headers = { "", 0 },
                                      .offset = offset };
    assert_int_equal(riv__lanes_put(&fix->lanes, lane, &record, 1), 0);
}

static void cut(struct fix *fix, const int64_t *most, const char *text)
{
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, most, &fix->cut, &fix->err),
                     0);
    riv__buf_reset(&fix->text);
    fixture_add_text(&fix->text, &fix->cut);
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    fixture_equal(&fix->text, text, strlen(text));
}

static struct riv_lane lane_at(struct fix *fix, size_t i)
{
    struct riv_lane lane;
    assert_true(riv__lanes_get(&fix->lanes, i, &lane));
    return lane;
}

static void values_are_lines_and_lanes_come_one_by_one(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 10), 0);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 1, 0), 1);
    put(fix, 1, 0, "x");
    put(fix, 0, 10, "a");
    put(fix, 0, 12, "b\nc\n");
    put(fix, 0, 13, "");
    put(fix, 0, 14, NULL);
    cut(fix, NULL, "a\nb\nc\n\nx\n");
    assert_int_equal(lane_at(fix, 0).cut, 15);
    assert_int_equal(lane_at(fix, 1).cut, 1);
    cut(fix, NULL, "");
}

/* "t/4 offset 17" of the first line like this in the cut. */
static const char *origin_of(struct fix *fix, const char *line)
{
    static char text[RIV__LOG_ORIGIN_SHOWN];
    struct riv_message message;
    struct riv_log_at at = { 0 };
    for (size_t i = 0; i < fix->cut.n; i++) {
        const struct riv_range *range = &fix->cut.range[i];
        const char *from = range->block->bytes + range->from;
        const char *p =
            memmem(from, range->until - range->from, line, strlen(line));
        if (p && riv__log_origin_find(range->origin, &at, p, &message))
            return riv__log_origin_show(range->origin, &message, text,
                                        sizeof text);
    }
    return "nowhere";
}

/* Compacted away, aborted, markers; a batch may end within a block. */
static void a_range_knows_its_messages_through_gaps(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 4, 10), 0);
    put(fix, 0, 17, "a");
    put(fix, 0, 18, NULL);
    put(fix, 0, 40, "b\nc");
    put(fix, 0, 41, "d");
    put(fix, 0, 1000000000000, "e");
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, (const int64_t[]){ 6 },
                                    &fix->cut, &fix->err),
                     0);
    assert_string_equal(origin_of(fix, "a"), "t/4 offset 17");
    assert_string_equal(origin_of(fix, "c"), "t/4 offset 40, line 2 of it");
    assert_string_equal(origin_of(fix, "d"), "nowhere");
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    put(fix, 0, 1000000000002, "f");
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, NULL, &fix->cut, &fix->err),
                     0);
    assert_string_equal(origin_of(fix, "d"), "t/4 offset 41");
    assert_string_equal(origin_of(fix, "e"), "t/4 offset 1000000000000");
    assert_string_equal(origin_of(fix, "f"), "t/4 offset 1000000000002");
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
}

static void a_record_that_came_before_is_left_out(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 10), 0);
    put(fix, 0, 9, "early");
    put(fix, 0, 10, "a");
    put(fix, 0, 10, "a again");
    cut(fix, NULL, "a\n");
}

static void each_lane_gives_what_it_is_told_but_one_record(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 1, 0), 1);
    for (int i = 0; i < 4; i++) {
        put(fix, 0, i, "aaa");
        put(fix, 1, i, "bbb");
    }
    cut(fix, (const int64_t[]){ 8, 1 }, "aaa\naaa\nbbb\n");
    assert_int_equal(lane_at(fix, 0).cut, 2);
    assert_int_equal(lane_at(fix, 1).cut, 1);
    put(fix, 0, 4, "ccc"); /* not into what a batch may read */
    cut(fix, (const int64_t[]){ 12, 0 }, "aaa\naaa\nccc\n");
    cut(fix, NULL, "bbb\nbbb\nbbb\n");
}

static void a_batch_that_is_run_again_ends_at_its_offsets(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 1, 0), 1);
    put(fix, 0, 0, "a");
    put(fix, 1, 0, "x");
    assert_false(riv__lanes_reach(&fix->lanes, 0, 3));
    put(fix, 0, 1, "b");
    put(fix, 0, 5, "c"); /* 2 is gone: a marker, or compaction */
    assert_true(riv__lanes_reach(&fix->lanes, 0, 3));
    cut(fix, (const int64_t[]){ 1, 1 }, "a\nb\n");
    assert_int_equal(lane_at(fix, 0).cut, 3);
    assert_int_equal(lane_at(fix, 1).cut, 0);
    cut(fix, NULL, "c\nx\n");
}

static void the_end_of_the_log_counts_as_having_come(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "a");
    assert_false(riv__lanes_reach(&fix->lanes, 0, 4));
    riv__lanes_came(&fix->lanes, 0, 4);
    assert_true(riv__lanes_reach(&fix->lanes, 0, 4));
    cut(fix, NULL, "a\n");
    assert_int_equal(lane_at(fix, 0).cut, 4);
    riv__lanes_came(&fix->lanes, 0, 7);
    assert_int_equal(lane_at(fix, 0).cut, 7);
}

/* Another run would go on there, and they would be lost. */
/* The library tells the end of the log again, of an earlier answer. */
static void what_has_come_does_not_go_back(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 4, "a");
    riv__lanes_came(&fix->lanes, 0, 3);
    put(fix, 0, 4, "a again");
    cut(fix, NULL, "a\n");
    assert_int_equal(lane_at(fix, 0).cut, 5);
}

static void what_waits_is_not_passed_over_by_the_end_of_the_log(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "a");
    riv__lanes_came(&fix->lanes, 0, 4);
    assert_int_equal(lane_at(fix, 0).cut, 0);
    cut(fix, NULL, "a\n");
    assert_int_equal(lane_at(fix, 0).cut, 4);
}

/* A window may have rows of many batches. */
static void a_block_that_somebody_refers_to_is_not_used_again(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "a");
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, NULL, &fix->cut, &fix->err),
                     0);
    struct riv_block *block = riv__block_ref(fix->cut.range[0].block);
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    put(fix, 0, 1, "b");
    assert_ptr_not_equal(fix->lanes.lane[0].head->block, block);
    assert_memory_equal(block->bytes, "a\n", 2);
    riv__block_unref(block);
}

/* A kernel may load what lies behind it. */
static void what_comes_is_not_put_behind_what_a_batch_reads(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "a");
    put(fix, 0, 1, "b");
    cut(fix, (const int64_t[]){ 2 }, "a\n");
    put(fix, 0, 2, "c");
    assert_ptr_not_equal(fix->lanes.lane[0].head, fix->lanes.lane[0].tail);
    cut(fix, NULL, "b\nc\n");
}

/* And a record of 1023 bytes for them. */
static void four_lanes(struct fix *fix, char kilo[1024])
{
    memset(kilo, 'k', 1023);
    kilo[1023] = '\0';
    for (int i = 0; i < 4; i++)
        assert_int_equal(riv__lanes_add(&fix->lanes, "t", i, 0), i);
}

/* All that is in them. */
static void cut_four(struct fix *fix)
{
    const int64_t all[4] = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX };
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, all, &fix->cut, &fix->err),
                     0);
}

static void a_full_lane_leaves_the_others_room(void **state)
{
    struct fix *fix = *state;
    char kilo[1024];
    four_lanes(fix, kilo);
    int64_t n = 0;
    for (; riv__lanes_room(&fix->lanes, 0) > 0; n++)
        put(fix, 0, n, kilo);
    assert_in_range(n, LIMIT / 1024 / 4, LIMIT / 1024);
    assert_true(fix->lanes.held_bytes <= LIMIT * 3 / 4);
    assert_true(riv__lanes_waiting(&fix->lanes) >= LIMIT / 2); /* presses */
    for (size_t i = 1; i < 4; i++)
        assert_true(riv__lanes_room(&fix->lanes, i) >= 1024);
    cut_four(fix);
    assert_int_equal(riv__lanes_waiting(&fix->lanes), 0);
    assert_int_equal(riv__lanes_room(&fix->lanes, 0), 0); /* a batch has it */
    riv__cut_reset(&fix->cut);
    assert_true(riv__lanes_release(&fix->lanes));
    assert_true(riv__lanes_room(&fix->lanes, 0) > 0);
    assert_int_equal(fix->lanes.held_bytes, 0);
}

/* Half of the limit is at work, and each lane took its part in that: the half
 * that is everybody's is free, so that the next batch gathers meanwhile. */
static void while_a_batch_is_at_work_the_next_one_gathers(void **state)
{
    struct fix *fix = *state;
    char kilo[1024];
    four_lanes(fix, kilo);
    int64_t n = 0;
    for (; riv__lanes_waiting(&fix->lanes) < LIMIT / 2; n++)
        put(fix, (size_t)(n % 4), n, kilo);
    cut_four(fix);
    for (; riv__lanes_room(&fix->lanes, (size_t)(n % 4)) > 0; n++)
        put(fix, (size_t)(n % 4), n, kilo);
    assert_in_range(riv__lanes_waiting(&fix->lanes), LIMIT / 4,
                    LIMIT / 2 + LIMIT / 16);
    riv__cut_reset(&fix->cut);
    assert_true(riv__lanes_release(&fix->lanes));
}

/* Each has a smaller part of its own then, and what the first one holds is of the
 * half that is everybody's. */
static void lanes_that_are_added_later_have_all_their_room(void **state)
{
    struct fix *fix = *state;
    char kilo[1024];
    int64_t n = 0;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 9, 0), 0);
    memset(kilo, 'k', 1023);
    kilo[1023] = '\0';
    for (; riv__lanes_waiting(&fix->lanes) < LIMIT / 4; n++)
        put(fix, 0, n, kilo);
    for (int i = 1; i < 4; i++)
        assert_int_equal(riv__lanes_add(&fix->lanes, "t", i, 0), i);
    cut_four(fix);
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    for (n = 0; riv__lanes_room(&fix->lanes, 1) > 0; n++)
        put(fix, 1, n, kilo);
    assert_true(n > LIMIT / 1024 / 2);
}

/* Nothing more in the log: what waits can wait for the tick. */
static void a_batch_begins_early_where_more_waits_in_the_log(void **state)
{
    struct fix *fix = *state;
    char kilo[1024];
    four_lanes(fix, kilo);
    int64_t n = 0;
    for (; riv__lanes_waiting(&fix->lanes) < LIMIT / 8; n++)
        put(fix, 0, n, kilo);
    assert_false(riv__lanes_press(&fix->lanes));
    riv__lanes_end(&fix->lanes, 1, 1);
    assert_true(riv__lanes_press(&fix->lanes));
    riv__lanes_came(&fix->lanes, 1, 1);
    assert_false(riv__lanes_press(&fix->lanes));
    for (; riv__lanes_waiting(&fix->lanes) < LIMIT / 2; n++)
        put(fix, 0, n, kilo);
    assert_true(riv__lanes_press(&fix->lanes));
}

/* What is kept of a record beside its bytes is memory, too, and large records have
 * little of that: most of the limit is for their bytes. */
static void large_records_fill_the_limit(void **state)
{
    struct fix *fix = *state;
    char *large = malloc(32001);
    size_t n = 0;
    memset(large, 'x', 32000);
    large[32000] = '\0';
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    for (; riv__lanes_room(&fix->lanes, 0) > 0; n++)
        put(fix, 0, (int64_t)n, large);
    assert_true(n * 32001 > LIMIT / 8 * 7);
    assert_true(fix->lanes.held_bytes <= LIMIT + 128 * 1024);
    free(large);
}

/* And of small ones all have their place, as many as there are. */
static void small_records_all_have_their_place(void **state)
{
    struct fix *fix = *state;
    const int64_t all[1] = { INT64_MAX };
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    for (int64_t i = 0; i < 3000; i++)
        put(fix, 0, i, "a");
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, all, &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.bytes, 2 * 3000);
    assert_int_equal(lane_at(fix, 0).cut, 3000);
    assert_int_equal(fix->lanes.waiting_bytes, 0);
    riv__cut_reset(&fix->cut);
    (void)riv__lanes_release(&fix->lanes);
    assert_int_equal(fix->lanes.held_bytes, 0);
}

static void memory_is_used_again(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "a");
    cut(fix, NULL, "a\n");
    const struct riv_parcel *first = fix->lanes.spare;
    assert_non_null(first);
    put(fix, 0, 1, "b");
    assert_ptr_equal(fix->lanes.lane[0].head, first);
    cut(fix, NULL, "b\n");
    assert_ptr_equal(fix->lanes.spare, first);
}

static void a_record_larger_than_others_comes_whole(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    char *large = malloc(300001);
    memset(large, 'x', 300000);
    large[300000] = '\0';
    put(fix, 0, 0, "a");
    put(fix, 0, 1, large);
    put(fix, 0, 2, "b");
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, NULL, &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.bytes, 2 + 300001 + 2);
    assert_int_equal(fix->cut.n, 3);
    free(large);
}

/* What a task of a job gets. */
static void rows_have_all_of_a_record(void **state)
{
    struct fix *fix = *state;
    const char topic[] = "orders";
    struct riv_lane_record record[2] = {
        { .key = { "k", 1 },
          .value = { "v1", 2 },
          .headers = { "hh", 2 },
          .offset = 7,
          .timestamp = 1234 },
        { .headers = { "", 0 }, .offset = 9, .timestamp = -1 },
    };
    assert_int_equal(riv__lanes_add(&fix->lanes, topic, 3, 7), 0);
    assert_int_equal(riv__lanes_put(&fix->lanes, 0, record, 2), 0);
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, NULL, &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.n, 1);
    const struct riv_range *range = &fix->cut.range[0];
    assert_int_equal(range->kind, RIV__RANGE_ROWS);
    assert_int_equal(range->n, 2);
    assert_int_equal(range->part, 1);
    const riv_kafka_record *row = range->rows;
    assert_true(riv_eq(row[0].key, riv_cstr("k")));
    assert_true(riv_eq(row[0].value, riv_cstr("v1")));
    assert_true(riv_eq(row[0].headers, riv_cstr("hh")));
    assert_true(riv_eq(row[0].topic, riv_cstr("orders")));
    assert_int_equal(row[0].offset, 7);
    assert_int_equal(row[0].timestamp, 1234);
    assert_int_equal(row[0].partition, 3);
    assert_int_equal(row[0].flags, 0);
    assert_int_equal(row[1].offset, 9);
    assert_int_equal(row[1].flags, RIV_KAFKA_NO_KEY | RIV_KAFKA_NO_VALUE);
    assert_int_equal(row[1].value.n, 0);
    assert_null(row[1].key.p); /* so a copy of it has none, too */
}

/* Bytes that end within a message end in front of it. */
static void of_a_message_that_is_not_taken_whole_nothing_is(void **state)
{
    struct fix *fix = *state;
    struct riv_lane_record record[2] = {
        { .value = { "a\nb\n", 4 }, .headers = { "", 0 }, .pieces = 2 },
        { .value = { "c\nd\n", 4 },
          .headers = { "", 0 },
          .pieces = 2,
          .offset = 1 },
    };
    fix->lanes.pieces = RIV__PIECES_LINES;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    assert_int_equal(riv__lanes_put(&fix->lanes, 0, record, 2), 0);
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, (const int64_t[]){ 7 },
                                    &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.n, 1);
    assert_int_equal(fix->cut.range[0].n, 2);
    assert_int_equal(lane_at(fix, 0).cut, 1);
}

static void a_log_that_was_made_anew_begins_at_0(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 49), 0);
    put(fix, 0, 49, "old");
    cut(fix, NULL, "old\n");
    assert_int_equal(lane_at(fix, 0).seen.offset, 49);
    riv__lanes_jump(&fix->lanes, 0, 0);
    assert_int_equal(lane_at(fix, 0).cut, 0);
    assert_int_equal(lane_at(fix, 0).seen.offset, -1); /* of the old one */
    put(fix, 0, 0, "a");
    cut(fix, NULL, "a\n");
    assert_int_equal(lane_at(fix, 0).cut, 1);
}

/* What came of the old one stands where it stood until a batch has it. */
static void of_a_log_that_was_made_anew_the_old_records_come_first(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 50), 0);
    put(fix, 0, 50, "old");
    riv__lanes_jump(&fix->lanes, 0, 0);
    assert_int_equal(lane_at(fix, 0).cut, 50);
    put(fix, 0, 0, "new");
    cut(fix, NULL, "old\nnew\n");
    assert_int_equal(lane_at(fix, 0).cut, 1);
}

static void lanes_have_a_limit_and_are_found(void **state)
{
    struct fix *fix = *state;
    for (int i = 0; i < RIV__LANES_MAX; i++)
        assert_int_equal(riv__lanes_add(&fix->lanes, "t", i, 0), i);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 9999, 0), RIV_ENOMEM);
    assert_int_equal(riv__lanes_find(&fix->lanes, riv_cstr("t"), 77), 77);
    assert_int_equal(riv__lanes_find(&fix->lanes, riv_cstr("u"), 77), -1);
}

static void headers_are_found_by_name(void **state)
{
    (void)state;
    static const char bytes[] = "\1\0\0\0\2\0\0\0a12"
                                "\1\0\0\0\0\0\0\0b"
                                "\1\0\0\0\1\0\0\0a3";
    riv_kafka_record record = { .headers = { bytes, sizeof bytes - 1 } };
    riv_str value;
    assert_true(riv_kafka_header(&record, "a", &value));
    assert_true(riv_eq(value, riv_cstr("3")));
    assert_true(riv_kafka_header(&record, "b", &value));
    assert_int_equal(value.n, 0);
    assert_false(riv_kafka_header(&record, "c", &value));
    record.headers.n--; /* torn */
    assert_true(riv_kafka_header(&record, "a", &value));
    assert_true(riv_eq(value, riv_cstr("12")));
}

/* ------------------------------------------------------- large records */

enum { LARGE = 40 * 1024 };

static void count_back(void *owner)
{
    ++*(int *)owner;
}

/* Lines of 100 bytes each; n bytes in all. */
static char *lines_of(size_t n)
{
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 100 == 99 ? '\n' : 'x';
    return text;
}

/* Offered to lane 0; is it borrowed? */
static bool offer(struct fix *fix, int64_t offset, const char *value, size_t n)
{
    struct riv_lane_record record = { .value = { value, n },
                                      .headers = { "", 0 },
                                      .offset = offset,
                                      .owner = &fix->back,
                                      .beside_bytes = 1000 };
    fix->lanes.give_back = count_back;
    assert_int_equal(riv__lanes_put(&fix->lanes, 0, &record, 1), 0);
    return record.borrowed;
}

static void large_records_are_borrowed_but_for_their_last_lines(void **state)
{
    struct fix *fix = *state;
    char *text = lines_of(LARGE);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    put(fix, 0, 0, "before");
    assert_true(offer(fix, 1, text, LARGE));
    put(fix, 0, 2, "behind");
    assert_in_range(fix->lanes.held_bytes, LARGE + 1000, LARGE + LIMIT / 2);
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, NULL, &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.n, 4);
    const struct riv_range *range = &fix->cut.range[1];
    assert_ptr_equal(range->block->bytes, text);
    assert_in_range(range->until, LARGE - 100 - RIV__SLACK, LARGE - RIV__SLACK);
    fixture_add_text(&fix->text, &fix->cut);
    assert_int_equal(fix->text.n, 7 + LARGE + 1 + 7);
    assert_memory_equal(fix->text.p + 7, text, LARGE);
    assert_memory_equal(fix->text.p + 7 + LARGE, "\nbehind\n", 8);
    riv__cut_reset(&fix->cut);
    assert_int_equal(fix->back, 0);
    (void)riv__lanes_release(&fix->lanes);
    assert_int_equal(fix->back, 1);
    assert_int_equal(lane_at(fix, 0).cut, 3);
    assert_int_equal(fix->lanes.held_bytes, 0);
    free(text);
}

static void a_borrowed_record_is_cut_as_a_whole(void **state)
{
    struct fix *fix = *state;
    char *text = lines_of(LARGE);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    for (int i = 0; i < 2; i++)
        assert_true(offer(fix, i, text, LARGE));
    assert_int_equal(riv__lanes_cut(&fix->lanes, 5, (const int64_t[]){ 1 },
                                    &fix->cut, &fix->err),
                     0);
    assert_int_equal(fix->cut.bytes, LARGE + 1);
    assert_int_equal(lane_at(fix, 0).cut, 1);
    riv__cut_reset(&fix->cut);
    free(text);
}

static void what_is_small_or_one_line_or_came_before_is_copied(void **state)
{
    struct fix *fix = *state;
    char *text = lines_of(LARGE);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    riv__lanes_came(&fix->lanes, 0, 1);
    assert_false(offer(fix, 0, text, LARGE));
    assert_false(offer(fix, 1, text, 1000));
    memset(text, 'x', LARGE - RIV__SLACK + 1);
    text[LARGE - 1] = '\n';
    assert_false(offer(fix, 2, text, LARGE));
    fix->lanes.pieces = RIV__PIECES_LENGTH32;
    assert_false(offer(fix, 3, "\0\0\0\1a", 5));
    free(text);
    (void)riv__lanes_release(&fix->lanes);
    assert_int_equal(fix->back, 0);
}

static void what_is_in_no_batch_is_given_back_at_the_end(void **state)
{
    struct fix *fix = *state;
    char *text = lines_of(LARGE);
    assert_int_equal(riv__lanes_add(&fix->lanes, "t", 0, 0), 0);
    for (int i = 0; i < 3; i++)
        assert_true(offer(fix, i, text, LARGE));
    riv__lanes_fini(&fix->lanes);
    assert_int_equal(fix->back, 3);
    riv__lanes_init(&fix->lanes, riv__sys_real(), NULL, LIMIT, false);
    free(text);
}

#define LINES(f) cmocka_unit_test_setup_teardown(f, lines, finish)
#define ROWS(f) cmocka_unit_test_setup_teardown(f, rows, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINES(values_are_lines_and_lanes_come_one_by_one),
        LINES(a_range_knows_its_messages_through_gaps),
        LINES(a_record_that_came_before_is_left_out),
        LINES(each_lane_gives_what_it_is_told_but_one_record),
        LINES(a_batch_that_is_run_again_ends_at_its_offsets),
        LINES(the_end_of_the_log_counts_as_having_come),
        LINES(what_has_come_does_not_go_back),
        LINES(what_waits_is_not_passed_over_by_the_end_of_the_log),
        LINES(a_block_that_somebody_refers_to_is_not_used_again),
        LINES(what_comes_is_not_put_behind_what_a_batch_reads),
        LINES(a_full_lane_leaves_the_others_room),
        LINES(while_a_batch_is_at_work_the_next_one_gathers),
        LINES(lanes_that_are_added_later_have_all_their_room),
        LINES(a_batch_begins_early_where_more_waits_in_the_log),
        LINES(large_records_fill_the_limit),
        LINES(small_records_all_have_their_place),
        LINES(memory_is_used_again),
        LINES(a_record_larger_than_others_comes_whole),
        ROWS(rows_have_all_of_a_record),
        ROWS(of_a_message_that_is_not_taken_whole_nothing_is),
        LINES(large_records_are_borrowed_but_for_their_last_lines),
        LINES(a_borrowed_record_is_cut_as_a_whole),
        LINES(what_is_small_or_one_line_or_came_before_is_copied),
        LINES(what_is_in_no_batch_is_given_back_at_the_end),
        LINES(a_log_that_was_made_anew_begins_at_0),
        LINES(of_a_log_that_was_made_anew_the_old_records_come_first),
        LINES(lanes_have_a_limit_and_are_found),
        cmocka_unit_test(headers_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
