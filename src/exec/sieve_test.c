/* exec/sieve_test.c - a batch of which a part of the lines is let through: which
 * ones, what is noted of them, and what becomes of those left out. */
#include "exec/sieve.h"

#include "exec/fixture.h"

static const char text[] = "one\ntwo\nthree\nfour\n"; /* at 0, 4, 8, 14 */

struct sieving {
    struct bench b;
    const riv_ds *node;
    struct riv_cut cut;
    struct riv_sieve sieve;
};

/* The file twice, in two ranges each: places go on from one to the next. */
static void open_up(struct sieving *s)
{
    static const uint64_t at[] = { 0, 4, 19 };
    memset(&s->sieve, 0, sizeof s->sieve);
    s->sieve.until = UINT64_MAX;
    bench_init(&s->b, 1);
    s->node = bench_collect_of(&s->b, bench_lines(&s->b, text));
    assert_int_equal(bench_run(&s->b, &s->node, 1), 0);
    riv__cut_init(&s->cut);
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            riv__cut_add(&s->cut,
                         &(struct riv_range){ .kind = RIV__RANGE_FILE,
                                              .from = at[i % 2],
                                              .until = at[i % 2 + 1],
                                              .path = s->b.path[0] },
                         &s->b.err),
            0);
    riv__sieve_begin(&s->sieve, &s->cut);
    assert_true(atomic_load(&s->sieve.applied));
}

static void close_down(struct sieving *s)
{
    riv__cut_fini(&s->cut);
    riv__letters_fini(&s->b.exec.letters);
    bench_fini(&s->b);
}

static void gives(struct sieving *s, const char *want)
{
    s->b.exec.sieve = &s->sieve;
    assert_int_equal(riv__job_begin(s->b.plan, 0, &s->b.err), 0);
    assert_int_equal(riv__job_finish(s->b.plan, &s->cut, &s->b.err), 0);
    bench_show(&s->b, s->node);
    assert_string_equal(s->b.text.p, want);
}

static void only_lines_between_two_places_run(void **state)
{
    struct sieving s;
    (void)state;
    open_up(&s);
    s.sieve.from = 8;
    s.sieve.until = 23; /* the second "two" is at 19 + 4 */
    gives(&s, "three\nfour\none\n");
    assert_int_equal(atomic_load(&s.sieve.below), 4 + 1);
    assert_int_equal(atomic_load(&s.sieve.low), 8 + 1);
    assert_int_equal(atomic_load(&s.sieve.high), 19 + 1);
    assert_int_equal(atomic_load(&s.sieve.above), 23 + 1);
    assert_int_equal(s.b.plan->stats.records_bad, 0);
    close_down(&s);
}

static void all_lines_run_when_no_part_was_named(void **state)
{
    struct sieving s;
    (void)state;
    open_up(&s);
    gives(&s, "one\ntwo\nthree\nfour\none\ntwo\nthree\nfour\n");
    assert_int_equal(atomic_load(&s.sieve.below), 0);
    assert_int_equal(atomic_load(&s.sieve.low), 1);
    assert_int_equal(atomic_load(&s.sieve.high), 33 + 1);
    assert_int_equal(atomic_load(&s.sieve.above), 0);
    close_down(&s);
}

static void leaves_out(struct sieving *s, uint64_t place)
{
    struct riv_sieve_skip *skip = &s->sieve.skip[s->sieve.nskip++];
    skip->place = place;
    snprintf(skip->why, sizeof skip->why, "was killed");
}

static void lines_that_were_found_are_left_out_and_counted(void **state)
{
    struct sieving s;
    (void)state;
    open_up(&s);
    s.b.conf.settings.poison_policy = RIV_POISON_SKIP;
    leaves_out(&s, 4);
    leaves_out(&s, 33);
    gives(&s, "one\nthree\nfour\none\ntwo\nthree\n");
    assert_int_equal(s.b.plan->stats.records_bad, 2);
    assert_non_null(strstr(s.sieve.skip[0].where, ", the line at byte 4"));
    assert_non_null(strstr(s.sieve.skip[1].where, ", the line at byte 14"));
    assert_null(s.b.exec.letters.first);
    close_down(&s);
}

static void or_become_dead_letters(void **state)
{
    struct sieving s;
    (void)state;
    open_up(&s);
    s.b.conf.settings.poison_policy = RIV_POISON_LETTER;
    leaves_out(&s, 33);
    gives(&s, "one\ntwo\nthree\nfour\none\ntwo\nthree\n");
    const struct riv_letter_note *letter = s.b.exec.letters.first;
    assert_non_null(letter);
    assert_null(letter->next);
    assert_null(letter->ds);
    assert_true(riv_eq(letter->raw, riv_cstr("four")));
    assert_true(riv_eq(letter->source, riv_cstr(s.b.path[0])));
    assert_int_equal(letter->offset, 14);
    assert_string_equal(letter->why, "was killed");
    close_down(&s);
}

/* A job of its own inside the batch, as actions in foreach_rdd run. */
static void other_jobs_of_the_batch_have_no_places(void **state)
{
    struct sieving s;
    (void)state;
    open_up(&s);
    s.sieve.until = 0;
    s.b.exec.sieve = &s.sieve;
    assert_int_equal(bench_run(&s.b, &s.node, 1), 0);
    bench_show(&s.b, s.node);
    assert_string_equal(s.b.text.p, text);
    close_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_lines_between_two_places_run),
        cmocka_unit_test(all_lines_run_when_no_part_was_named),
        cmocka_unit_test(lines_that_were_found_are_left_out_and_counted),
        cmocka_unit_test(or_become_dead_letters),
        cmocka_unit_test(other_jobs_of_the_batch_have_no_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
