/* io/marks_test.c - places of lines that wait: which of them a batch that is run
 * again ends at, and that another place is not taken for it. */
#include "io/marks.h"

#include "base/test.h"

/* Of file 1: bytes 0 to 10, a line of which the rest up to 30 is not wanted (3 bytes
 * of it were appended), bytes 30 to 40; of file 2: bytes 0 to 10; of file 3: bytes 10 to 15. */
static const struct {
    uint64_t end, n;
    struct riv_mark at;
} put[] = {
    { 10, 10, { .offset = 10, .part = 1 } },
    { 13, 3, { .offset = 20, .part = 1, .inside = true } },
    { 14, 1, { .offset = 30, .part = 1 } },
    { 24, 10, { .offset = 40, .part = 1 } },
    { 34, 10, { .offset = 10, .part = 2 } },
    { 39, 5, { .offset = 15, .part = 3 } },
};

static int make(void **state)
{
    static struct riv_marks marks;
    marks = (struct riv_marks){ .n = 0 };
    for (size_t i = 0; i < sizeof put / sizeof *put; i++) {
        assert_int_equal(riv__marks_room(&marks), 0);
        riv__marks_put(&marks, put[i].end, put[i].n, &put[i].at);
    }
    *state = &marks;
    return 0;
}

static int drop(void **state)
{
    riv__marks_fini(*state);
    return 0;
}

/* -1: it is not there. */
static int64_t end_of(const struct riv_marks *marks, uint64_t from,
                      uint64_t offset, uint32_t part, bool inside)
{
    uint64_t end = 0;
    const struct riv_mark at = { offset, part, inside };
    return riv__marks_find(marks, from, &at, &end) ? (int64_t)end : -1;
}

static void a_place_is_found_within_the_bytes_of_its_file(void **state)
{
    const struct riv_marks *marks = *state;
    assert_int_equal(end_of(marks, 0, 10, 1, false), 10);
    assert_int_equal(end_of(marks, 0, 4, 1, false), 4);
    assert_int_equal(end_of(marks, 0, 35, 1, false), 19);
    assert_int_equal(end_of(marks, 0, 40, 1, false), 24);
    assert_int_equal(end_of(marks, 0, 4, 2, false), 28);
    assert_int_equal(end_of(marks, 0, 10, 2, false), 34);
    assert_int_equal(end_of(marks, 0, 12, 3, false), 36);
    assert_int_equal(end_of(marks, 0, 0, 1, false), 0);
}

static void where_nothing_ends_is_no_place(void **state)
{
    const struct riv_marks *marks = *state;
    assert_int_equal(end_of(marks, 0, 15, 1, false), -1);
    assert_int_equal(end_of(marks, 0, 25, 1, false), -1);
    assert_int_equal(end_of(marks, 0, 41, 1, false), -1);
    assert_int_equal(end_of(marks, 0, 11, 2, false), -1);
    assert_int_equal(end_of(marks, 0, 16, 3, false), -1);
}

/* A batch ended where the line was cut: its rest is passed over, and another one
 * that ends there has no rest. */
static void inside_a_line_is_another_place_than_behind_one(void **state)
{
    const struct riv_marks *marks = *state;
    const struct riv_mark inside = { 20, 1, true }, behind = { 20, 1, false };
    assert_int_equal(end_of(marks, 0, 20, 1, true), 13);
    assert_int_equal(end_of(marks, 0, 20, 1, false), -1);
    assert_true(riv__mark_is(&inside, &inside));
    assert_false(riv__mark_is(&inside, &behind));
}

/* It was in a batch before, and comes again in another file of that number. */
static void what_ends_before_is_not_looked_for(void **state)
{
    const struct riv_marks *marks = *state;
    assert_int_equal(end_of(marks, 10, 10, 1, false), 10);
    assert_int_equal(end_of(marks, 11, 10, 1, false), -1);
}

static void a_cut_says_the_place_it_ends_at(void **state)
{
    struct riv_marks *marks = *state;
    struct riv_mark cut = { 0 };
    riv__marks_cut(marks, 4, &cut);
    assert_true(riv__mark_is(&cut, &(struct riv_mark){ 4, 1, false }));
    riv__marks_cut(marks, 13, &cut);
    assert_true(riv__mark_is(&cut, &(struct riv_mark){ 20, 1, true }));
    riv__marks_cut(marks, 19, &cut);
    assert_true(riv__mark_is(&cut, &(struct riv_mark){ 35, 1, false }));
    riv__marks_cut(marks, 34, &cut);
    assert_true(riv__mark_is(&cut, &(struct riv_mark){ 10, 2, false }));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_place_is_found_within_the_bytes_of_its_file),
        TEST(where_nothing_ends_is_no_place),
        TEST(inside_a_line_is_another_place_than_behind_one),
        TEST(what_ends_before_is_not_looked_for),
        TEST(a_cut_says_the_place_it_ends_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
