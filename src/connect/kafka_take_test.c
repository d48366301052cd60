/* connect/kafka_take_test.c - many records in one message of Kafka: lines, and
 * those with their length before them. */
#include "connect/kafka_fixture.h"

/* ------------------------------------------- many records in one message */

static void put_bytes(struct fix *fix, const char *bytes, size_t n)
{
    produce(fix, 0, riv_cstr("k"), riv__str(bytes, n), NULL);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

static void records_with_lengths_are_lines(void **state)
{
    struct fix *fix = *state;
    put_bytes(fix, "\0\0\0\2ab\0\0\0\0\0\0\0\1c", 15);
    put_bytes(fix, "", 0); /* none */
    put_bytes(fix, "\0\0\0\1d", 5);
    open_at(fix, "t?records=length32");
    get(fix, 8);
    has(fix, "ab\n\nc\nd\n");
    settle(fix);
    stands(fix, "topic/t=0:3,1:0");
}

/* The rows of a batch that ends at these words, as "offset:value|". */
static void rows_until(struct fix *fix, const char *words, const char *want)
{
    char text[64] = "";
    size_t used = 0;
    reach_end(fix, words);
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    for (size_t i = 0; i < fix->cut.n; i++) {
        const riv_kafka_record *row = fix->cut.range[i].rows;
        for (size_t k = 0; k < fix->cut.range[i].n; k++) {
            assert_true(riv_eq(row[k].key, riv_cstr("k")));
            used += (size_t)snprintf(
                text + used, sizeof text - used, "%lld:" RIV_S "|",
                (long long)row[k].offset, RIV_P(row[k].value));
        }
    }
    assert_string_equal(text, want);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void records_in_a_message_are_rows_that_stay_together(void **state)
{
    struct fix *fix = *state;
    put_bytes(fix, "\2ab\1c", 5);
    put_bytes(fix, "\1d\0\3efg", 7);
    open_at(fix, "t?records=varint");
    fix->input->type = &riv_type_riv_kafka_record;
    seek(fix, "topic/t=0:0,1:0");
    rows_until(fix, "topic/t=0:1,1:0", "0:ab|0:c|");
    rows_until(fix, "topic/t=0:2,1:0", "1:d|1:|1:efg|");
}

/* A byte less than a message has is no cut within it. */
static void a_rate_takes_whole_messages(void **state)
{
    struct fix *fix = *state;
    for (int i = 0; i < 8; i++)
        put_bytes(fix, "a\nb\nc\nd\n", 8);
    open_at(fix, "t?records=lines");
    fix->input->type = &riv_type_riv_kafka_record;
    reach_end(fix, "topic/t=0:8,1:0");
    assert_int_equal(
        riv__input_reach(fix->input, riv_cstr("topic/t=0:0,1:0"), &fix->err),
        1);
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    size_t rows = 0;
    for (int i = 0; i < LOOKS && rows < 32; i++) {
        const size_t before = rows;
        size_t at = fix->cut.n;
        fix->input->rate.left = 17; /* two are 18 */
        assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
        for (; at < fix->cut.n; at++)
            rows += fix->cut.range[at].n;
        assert_int_equal(rows - before, 4);
    }
    assert_int_equal(rows, 32);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void put_traced(struct fix *fix, const char *trace)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, "trace", -1, trace, -1);
    produce(fix, 0, riv_cstr("k"), riv_cstr("v"), headers);
    assert_int_equal(rd_kafka_flush(fix->rk, 60000), 0);
}

/* Also those that are taken with another call. */
static void each_record_has_its_own_headers(void **state)
{
    struct fix *fix = *state;
    size_t n = 0;
    riv_str value;
    open_at(fix, "t");
    fix->input->type = &riv_type_riv_kafka_record;
    put_traced(fix, "1");
    reach_end(fix, "topic/t=0:1,1:0");
    put_traced(fix, "2");
    reach_end(fix, "topic/t=0:2,1:0");
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    for (size_t i = 0; i < fix->cut.n; i++) {
        const riv_kafka_record *row = fix->cut.range[i].rows;
        for (size_t k = 0; k < fix->cut.range[i].n; k++, n++) {
            assert_true(riv_kafka_header(&row[k], "trace", &value));
            assert_true(riv_eq(value, riv_cstr(n == 0 ? "1" : "2")));
        }
    }
    assert_int_equal(n, 2);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
}

static void lengths_that_do_not_fit_are_told(void **state)
{
    struct fix *fix = *state;
    char note[256];
    put_bytes(fix, "\0\0\0\1a", 5);
    put_bytes(fix, "\0\0\0\7a", 5);
    put_bytes(fix, "\0\0\0\1b", 5);
    open_at(fix, "t?records=length32");
    fails(fix, RIV_ERECORD, "topic t, partition 0, offset 1: the lengths");
    close_input(fix);
    fix->conf.kafka_damaged = RIV__DAMAGED_SKIP;
    open_at(fix, "t?records=length32");
    riv__buf_reset(&fix->text);
    get(fix, 4);
    has(fix, "a\nb\n");
    assert_int_equal(riv__input_events(fix->input, note, sizeof note), 1);
    assert_non_null(strstr(note, "offset 1"));
}

/* ------------------------------------------------------ large messages */

enum { LARGE = 100 * 1024, MESSAGES = 4 };

static void put_large(struct fix *fix)
{
    char *text = malloc(LARGE);
    assert_non_null(text);
    for (size_t i = 0; i < LARGE; i++)
        text[i] = i % 64 == 63 ? '\n' : 'x';
    for (int i = 0; i < MESSAGES; i++)
        put_bytes(fix, text, LARGE);
    free(text);
}

/* Bytes of the batch that were not copied. */
static size_t borrowed_bytes(const struct riv_cut *cut)
{
    size_t n = 0;
    for (size_t i = 0; i < cut->n; i++) {
        const struct riv_range *range = &cut->range[i];
        if (range->block->bytes != (const char *)(range->block + 1))
            n += (size_t)(range->until - range->from);
    }
    return n;
}

/* That they are is known after some calls. */
static void large_messages_are_borrowed_when_messages_are_large(void **state)
{
    struct fix *fix = *state;
    open_at(fix, "t");
    for (size_t i = 1; i <= 2; i++) {
        put_large(fix);
        get(fix, i * MESSAGES * LARGE);
    }
    put_large(fix);
    reach_end(fix, "topic/t=0:12,1:0");
    assert_true(riv__input_cut(fix->input, &fix->cut, &fix->err) >= 0);
    assert_int_equal(fix->cut.bytes, MESSAGES * LARGE);
    assert_in_range(borrowed_bytes(&fix->cut), LARGE - 128, MESSAGES * LARGE);
    fixture_add_text(&fix->text, &fix->cut);
    assert_int_equal(fix->text.n, 3 * MESSAGES * LARGE);
    assert_memory_equal(fix->text.p, fix->text.p + 2 * MESSAGES * LARGE,
                        MESSAGES * LARGE);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
    put_large(fix); /* some wait in lanes when the input is closed */
    for (int i = 0; i < LOOKS && riv__input_waiting(fix->input) < LARGE; i++)
        (void)read_once(fix);
    assert_true(riv__input_waiting(fix->input) >= LARGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_with_lengths_are_lines),
        TEST(records_in_a_message_are_rows_that_stay_together),
        TEST(a_rate_takes_whole_messages),
        TEST(large_messages_are_borrowed_when_messages_are_large),
        TEST(each_record_has_its_own_headers),
        TEST(lengths_that_do_not_fit_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
