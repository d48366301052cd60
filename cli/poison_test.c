/* cli/poison_test.c - the lines that kill a job are found. A batch is played
 * here: lines at places, and a rule that says which of them crash together. */
#include "poison.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LINES_MAX = 64, BATCH = 7 };

/* The lines that ran, in their order; returns the index of the one in which it
 * crashes, n: behind all of them, -1: it does not. */
typedef int crash_fn(const int *ran, int n);

static struct {
    int n;
    crash_fn *crashes;
    bool tells_line; /* the worker says which line was in work */
    bool dense;      /* empty lines: a byte each */
    int policy;
    unsigned starts;
} job;

static struct poison poison;

static void play(int n, crash_fn *crashes, bool tells_line)
{
    memset(&job, 0, sizeof job);
    job.n = n;
    job.crashes = crashes;
    job.tells_line = tells_line;
    job.policy = RIV_POISON_LETTER;
    poison_init(&poison);
}

/* Lines are 10 to 12 bytes long, so that places have gaps. */
static uint64_t place_of(int line)
{
    return job.dense ? (uint64_t)line : (uint64_t)(line * 10 + line % 3);
}

static bool is_skipped(uint64_t place)
{
    for (size_t i = 0; i < poison.trial.nskip; i++)
        if (poison.trial.skip[i].place == place)
            return true;
    return false;
}

static void note_line(riv_watch_info *info, uint64_t at)
{
    const riv_trial *trial = &poison.trial;
    if (at < trial->from) {
        info->below = at + 1;
    } else if (at >= trial->until) {
        if (info->above == 0)
            info->above = at + 1;
    } else {
        if (info->low == 0)
            info->low = at + 1;
        info->high = at + 1;
    }
}

/* One start. true: the batch is done. */
static bool start(enum poison_verdict *ret)
{
    const riv_trial *trial = &poison.trial;
    const bool tries = trial->batch == BATCH;
    riv_watch_info info = { .struct_size = sizeof info,
                            .batch = BATCH,
                            .poison = job.policy,
                            .tried = tries };
    int ran[LINES_MAX] = { 0 }, n = 0;
    for (int i = 0; i < job.n; i++) {
        const uint64_t at = place_of(i);
        if (tries && is_skipped(at))
            continue;
        if (tries)
            note_line(&info, at);
        if (!tries || (at >= trial->from && at < trial->until))
            ran[n++] = i;
    }
    const int at = job.crashes(ran, n);
    job.starts++;
    assert_true(job.starts < 1000);
    if (at < 0 && !(tries && trial->probes))
        return true;
    info.passed = at < 0;
    if (at >= 0 && at < n && tries) {
        info.high = place_of(ran[at]) + 1; /* the others were not read */
        info.line = job.tells_line ? info.high : 0;
    }
    *ret = poison_after(&poison, &(struct poison_end){ .died = at >= 0,
                                                       .why = "was killed",
                                                       .info = &info });
    return false;
}

/* Until the batch is done, or given up. */
static enum poison_verdict run_all(void)
{
    enum poison_verdict verdict = POISON_NOT;
    while (!start(&verdict))
        if (verdict == POISON_FAILS || verdict == POISON_HARD)
            return verdict;
    return POISON_NOT;
}

static void found(size_t n, const int *lines)
{
    assert_int_equal(run_all(), POISON_NOT);
    assert_int_equal(poison.trial.nskip, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(is_skipped(place_of(lines[i])));
        assert_string_equal(poison.trial.skip[i].why, "was killed");
    }
}

/* ---------------------------------------------------------------- the rules */

static int culprit;

static int index_of(const int *ran, int n, int line)
{
    for (int i = 0; i < n; i++)
        if (ran[i] == line)
            return i;
    return -1;
}

static int one_line(const int *ran, int n)
{
    return index_of(ran, n, culprit);
}

/* Found when the whole batch is counted. */
static int one_line_late(const int *ran, int n)
{
    return one_line(ran, n) >= 0 ? n : -1;
}

static int every_fifth(const int *ran, int n)
{
    for (int i = 0; i < n; i++)
        if (ran[i] % 5 == 3)
            return i;
    return -1;
}

/* A state that cannot count to three. */
static int three_together(const int *ran, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        count += ran[i] == 4 || ran[i] == 11 || ran[i] == 12 || ran[i] == 29;
        if (count == 3)
            return i;
    }
    return -1;
}

/* The line damages the heap, and the third one behind it trips over that. */
static int damage(const int *ran, int n)
{
    const int at = index_of(ran, n, culprit);
    return at >= 0 && at + 3 < n ? at + 3 : -1;
}

static int none_at_all(const int *ran, int n)
{
    (void)ran;
    return n;
}

static int all_of_them(const int *ran, int n)
{
    (void)ran;
    return n > 0 ? 0 : -1;
}

static unsigned chance;

static int by_chance(const int *ran, int n)
{
    (void)ran;
    return ++chance % 3 == 1 ? n : -1;
}

static int never(const int *ran, int n)
{
    (void)ran, (void)n;
    return -1;
}

/* ---------------------------------------------------------------- the tests */

/* The halves of a search meet at one place, the next one to which is a line. */
static void the_line_is_found_among_empty_ones(void **state)
{
    (void)state;
    for (culprit = 0; culprit < 40; culprit++) {
        play(40, one_line_late, false);
        job.dense = true;
        found(1, &culprit);
    }
}

static void the_line_in_work_is_tried_alone_and_found(void **state)
{
    (void)state;
    for (culprit = 0; culprit < 40; culprit++) {
        play(40, one_line, true);
        found(1, &culprit);
        assert_int_equal(job.starts, POISON_CRASHES + 3);
    }
}

static void a_line_that_is_not_known_is_found_by_halves(void **state)
{
    (void)state;
    for (int n = 1; n <= 40; n++)
        for (culprit = 0; culprit < n; culprit++) {
            play(n, culprit % 2 ? one_line : one_line_late, false);
            found(1, &culprit);
            assert_true(job.starts <= POISON_CRASHES + 12);
        }
}

static void all_of_several_are_found_one_after_the_other(void **state)
{
    (void)state;
    static const int lines[] = { 3, 8, 13, 18, 23, 28, 33, 38 };
    play(40, every_fifth, true);
    found(8, lines);
    play(40, every_fifth, false);
    found(8, lines);
}

static void of_lines_that_crash_together_one_is_left_out_until_none_do(
    void **state)
{
    (void)state;
    for (int tells = 0; tells < 2; tells++) {
        play(40, three_together, tells);
        assert_int_equal(run_all(), POISON_NOT);
        assert_int_equal(poison.trial.nskip, 2);
    }
}

static void damage_is_traced_back_to_the_line_that_did_it(void **state)
{
    (void)state;
    for (int tells = 0; tells < 2; tells++)
        for (culprit = 0; culprit < 36; culprit++) {
            play(40, damage, tells);
            found(1, &culprit);
        }
}

static void a_batch_that_crashes_without_lines_is_given_up(void **state)
{
    (void)state;
    play(40, none_at_all, false);
    assert_int_equal(run_all(), POISON_HARD);
    assert_int_equal(job.starts, POISON_CRASHES + 2);
    play(0, none_at_all, false);
    assert_int_equal(run_all(), POISON_HARD);
}

static void more_lines_than_may_be_left_out_are_given_up(void **state)
{
    (void)state;
    play(RIV_SKIPS_MAX, all_of_them, true);
    assert_int_equal(run_all(), POISON_NOT);
    play(RIV_SKIPS_MAX + 1, all_of_them, true);
    assert_int_equal(run_all(), POISON_HARD);
}

static void chance_is_not_blamed_on_lines(void **state)
{
    (void)state;
    chance = 0;
    play(40, by_chance, false);
    (void)run_all();
    assert_int_equal(poison.trial.nskip, 0);
}

static void the_policy_fail_ends_it_after_the_third_crash(void **state)
{
    (void)state;
    play(40, one_line, true);
    job.policy = RIV_POISON_FAIL;
    assert_int_equal(run_all(), POISON_FAILS);
    assert_int_equal(job.starts, POISON_CRASHES);
}

static enum poison_verdict dies(int64_t batch, bool by_itself)
{
    const riv_watch_info info = { .struct_size = sizeof info,
                                  .batch = batch,
                                  .poison = RIV_POISON_SKIP };
    return poison_after(
        &poison,
        &(struct poison_end){ .died = by_itself, .why = "x", .info = &info });
}

static void only_crashes_of_the_same_batch_in_a_row_count(void **state)
{
    (void)state;
    play(1, never, false);
    for (int64_t batch = 1; batch < 20; batch++) {
        assert_int_equal(dies(batch, true), POISON_NOT);
        assert_int_equal(dies(batch, true), POISON_NOT);
    }
    assert_int_equal(dies(0, true), POISON_NOT);   /* before the first batch */
    assert_int_equal(dies(19, false), POISON_NOT); /* kill -9 */
    assert_int_equal(dies(19, true), POISON_BEGIN);
}

static void after_a_crash_batches_are_written_down_before_they_run(void **state)
{
    (void)state;
    play(1, never, false);
    assert_int_equal(poison.trial.fixes, 0);
    (void)dies(5, false);
    assert_int_equal(poison.trial.fixes, 0);
    (void)dies(5, true);
    assert_int_equal(poison.trial.fixes, 5 + POISON_FIXED);
    assert_int_equal(poison.trial.batch, 0);
}

static void a_batch_behind_the_one_that_was_searched_begins_anew(void **state)
{
    (void)state;
    culprit = 3;
    play(40, one_line, true);
    found(1, &culprit);
    assert_int_equal(dies(BATCH + 1, true), POISON_NOT);
    assert_int_equal(poison.trial.nskip, 0);
    assert_int_equal(poison.trial.batch, 0);
}

/* What a dead process left may be anything; the search ends all the same. */
static void rubbish_ends_the_search(void **state)
{
    (void)state;
    static const uint64_t words[] = { 0, 1, 2, UINT64_MAX, UINT64_MAX / 2 };
    uint64_t seed = 1;
    for (int run = 0; run < 300; run++) {
        play(1, never, false);
        enum poison_verdict verdict = POISON_NOT;
        for (int i = 0; verdict != POISON_HARD; i++) {
            uint64_t word[5];
            for (int k = 0; k < 5; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                word[k] = words[seed >> 33 & 3] + (seed >> 60 & 3);
            }
            const riv_watch_info info = {
                .struct_size = sizeof info,
                .batch = BATCH,
                .poison = RIV_POISON_LETTER,
                .tried = true,
                .passed = seed >> 50 & 1,
                .line = word[0],
                .below = word[1],
                .low = word[2],
                .high = word[3],
                .above = word[4],
            };
            verdict = poison_after(
                &poison, &(struct poison_end){
                             .died = !info.passed, .why = "x", .info = &info });
            assert_true(i < 2 * POISON_STARTS_MAX);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_is_found_among_empty_ones),
        cmocka_unit_test(the_line_in_work_is_tried_alone_and_found),
        cmocka_unit_test(a_line_that_is_not_known_is_found_by_halves),
        cmocka_unit_test(all_of_several_are_found_one_after_the_other),
        cmocka_unit_test(
            of_lines_that_crash_together_one_is_left_out_until_none_do),
        cmocka_unit_test(damage_is_traced_back_to_the_line_that_did_it),
        cmocka_unit_test(a_batch_that_crashes_without_lines_is_given_up),
        cmocka_unit_test(more_lines_than_may_be_left_out_are_given_up),
        cmocka_unit_test(chance_is_not_blamed_on_lines),
        cmocka_unit_test(the_policy_fail_ends_it_after_the_third_crash),
        cmocka_unit_test(only_crashes_of_the_same_batch_in_a_row_count),
        cmocka_unit_test(
            after_a_crash_batches_are_written_down_before_they_run),
        cmocka_unit_test(a_batch_behind_the_one_that_was_searched_begins_anew),
        cmocka_unit_test(rubbish_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
