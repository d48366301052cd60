/* tests/rows/streams_test.c - rows of the table "Streams" that are no lines of
 * data; those of map_with_state are in state_test.c. */
#include "fixture.h"

/* ------------------------------------------------------------------- BO-39 */

RIV_MAP(with_dot, riv_str, riv_str);
static int with_dot(const riv_str *line, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, RIV_S ".", RIV_P(*line));
    return 0;
}

static int add_line(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct text *text = *(struct text *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_take(rdd, 1, &res);
    if (rc == 0 && res.n == 1) {
        char word[8];
        snprintf(word, sizeof word, "%.4s ", ((const riv_str *)res.rows)->p);
        text_add(text, word);
    }
    riv_result_free(&res);
    return rc;
}

/* Batches of 256 KiB through a stream that is persisted. After some of them the
 * heap has what the latest needs, and never more. */
RIV_TEST(bo_39_what_batches_leave_behind_is_freed)
{
    enum { LINE = 256, LINES = 1024, FIRST = 20, MORE = 200 };
    static char bytes[LINES][LINE];
    static riv_str line[LINES];
    static struct text text;
    struct text *to = &text;
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_riv_str, NULL);
        riv_ds *dots = riv_persist(riv_map(in, with_dot_fn, NULL), RIV_MEMORY);
        size_t before = 0;
        text = (struct text){ .n = 0 };
        riv_foreach_rdd(dots, add_line, RIV_OPT(.arg = RIV_COPY(to)));
        for (int i = 0; i < FIRST + MORE; i++) {
            for (size_t k = 0; k < LINES; k++) {
                memset(bytes[k], 'x', LINE);
                snprintf(bytes[k], LINE, "%03d.", i);
                bytes[k][4] = 'x';
                line[k] = (riv_str){ bytes[k], LINE };
            }
            assert_int_equal(riv_push(in, line, LINES), 0);
            riv_step(r, 1);
            fine(r);
            if (i + 1 == FIRST)
                before = heap_bytes();
        }
        assert_in_range(heap_bytes(), 1, before + 2 * LINE * LINES);
        assert_memory_equal(text.p, "000. 001. 002. ", 15);
        assert_int_equal(text.n, 5 * (FIRST + MORE));
    }
}

/* ------------------------------------------------------------------- JA-13 */

RIV_TEST(ja_13_what_is_pushed_for_each_batch_comes_out_in_order)
{
    static struct text text;
    static const int64_t row[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        watch_batches(in, &text);
        for (size_t i = 0; i < 9; i += 3)
            push_step(r, in, row + i, 3);
        assert_string_equal(text.p, "1 2 3 |4 5 6 |7 8 9 |");
    }
}

/* --------------------------------------------------------------------- SO5 */

struct mark {
    struct text *text;
    const char *word;
};

static int add_mark(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct mark *mark = arg;
    (void)r, (void)rdd, (void)time;
    text_add(mark->text, mark->word);
    return 0;
}

static void mark_batches(riv_ds *in, struct text *text, const char *word)
{
    const struct mark mark = { text, word };
    riv_foreach_rdd(in, add_mark, RIV_OPT(.arg = RIV_COPY(mark)));
}

/* An output behind an exchange used to come after one that is behind none,
 * wherever they stood in the program. */
RIV_TEST(so5_outputs_of_a_batch_come_in_the_order_of_their_definition)
{
    static struct text text;
    static const int64_t row[] = { 1, 2 };
    FOR_THREADS(r)
    {
        text = (struct text){ .n = 0 };
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        riv_ds *far = riv_distinct(riv_distinct(in, NULL), NULL);
        mark_batches(far, &text, "a");
        mark_batches(in, &text, "b");
        mark_batches(riv_count(far), &text, "c");
        mark_batches(riv_window(in, 2000, 2000), &text, "d");
        mark_batches(in, &text, "e ");
        push_step(r, in, row, 2);
        push_step(r, in, row, 1);
        push_step(r, in, row, 0);
        assert_string_equal(text.p, "abce abcde abce ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(bo_39_what_batches_leave_behind_is_freed),
        RIV_CASE(ja_13_what_is_pushed_for_each_batch_comes_out_in_order),
        RIV_CASE(so5_outputs_of_a_batch_come_in_the_order_of_their_definition),
    };
    return RIV_RUN(tests);
}
