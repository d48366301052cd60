/* obs/why_test.c - each cause of silence in a picture made for it: what it is
 * called, what is said, and which of two is. */
#include "obs/why.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

enum { SECOND_US = 1000000 };

/* A job of two inputs and one output, a batch a second, in which all goes well. */
struct scene {
    struct riv_picture p;
    struct riv_seen_input input[2];
    struct riv_seen_batch batch[1];
    struct riv_seen_doing doing[2];
    struct riv_seen_text text[1];
    const char *output[1], *trouble[1];
};

static void scene_init(struct scene *s)
{
    *s = (struct scene){ .output = { "save" }, .trouble = { "" } };
    snprintf(s->input[0].name, sizeof s->input[0].name, "cards");
    snprintf(s->input[1].name, sizeof s->input[1].name, "clicks");
    s->batch[0] = (struct riv_seen_batch){
        .records = 10, .out = 10, .noutput = 1, .outputs = 1
    };
    s->text[0] = (struct riv_seen_text){ .number = 7 };
    snprintf(s->text[0].text, sizeof s->text[0].text, "the disk is broken");
    s->p = (struct riv_picture){
        .phase = RIV__PHASE_WAITS,
        .interval_ms = 1000,
        .batch_ms = 60000,
        .records = 10,
        .last_in_ms = 59000,
        .last_out_ms = 59000,
        .state_dir = "/var/state",
        .input = s->input,
        .ninput = 2,
        .output = s->output,
        .trouble = s->trouble,
        .noutput = 1,
        .batch = s->batch,
        .nbatch = 1,
        .doing = s->doing,
        .text = s->text,
        .ntext = 1,
    };
}

static void why_is(const struct scene *s, const char *cause, enum riv_mood mood,
                   const char *words)
{
    struct riv_why why;
    riv__why(&s->p, &why);
    assert_string_equal(why.cause, cause);
    assert_int_equal(why.mood, mood);
    if (!strstr(why.text, words))
        fail_msg("\"%s\" is not in: %s", words, why.text);
}

RIV_TEST(a_job_that_gives_results_is_fine)
{
    struct scene s;
    scene_init(&s);
    why_is(&s, "fine", RIV__MOOD_GOOD, "Nothing holds it up.");
}

RIV_TEST(its_life_comes_before_everything)
{
    struct scene s;
    scene_init(&s);
    s.p.drains = s.p.disk_short = s.p.memory_tight = true;
    s.p.phase = RIV__PHASE_FAILED;
    snprintf(s.p.failure, sizeof s.p.failure, "no such luck");
    why_is(&s, "failed", RIV__MOOD_BAD, "The job has failed: no such luck");
    s.p.phase = RIV__PHASE_ENDED;
    why_is(&s, "ended", RIV__MOOD_WAITS, "its inputs had nothing more, or");
    s.p.phase = RIV__PHASE_NONE;
    why_is(&s, "ended", RIV__MOOD_WAITS, "has not been started");
    s.p.phase = RIV__PHASE_STARTS;
    s.p.phase_us = 3 * SECOND_US;
    why_is(&s, "starting", RIV__MOOD_WAITS, "state is loaded");
    s.p.state_dir = "";
    why_is(&s, "starting", RIV__MOOD_WAITS, "inputs are opened, for 3");
    s.p.phase = RIV__PHASE_REDOES;
    why_is(&s, "redo", RIV__MOOD_WAITS, "is run again");
}

RIV_TEST(an_output_that_is_away_is_named)
{
    struct scene s;
    scene_init(&s);
    s.trouble[0] = "no broker answers";
    why_is(&s, "sink", RIV__MOOD_BAD,
           "Output save cannot be written: no broker answers.");
}

RIV_TEST(a_batch_that_runs_for_long_says_where_it_is)
{
    struct scene s;
    scene_init(&s);
    s.p.phase = RIV__PHASE_RUNS;
    s.p.phase_us = SECOND_US - 1;
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.p.phase_us = SECOND_US;
    why_is(&s, "running", RIV__MOOD_BAD, "in the engine");
    s.doing[0] =
        (struct riv_seen_doing){ .op = "riv_map(parse)", .partition = 3 };
    s.p.ndoing = 2;
    why_is(&s, "running", RIV__MOOD_BAD,
           "in riv_map(parse), partition 3 (and other threads)");
    s.p.interval_ms = 10000; /* a batch may take its interval */
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
}

RIV_TEST(a_slow_journal_and_a_full_disk_are_told_apart)
{
    struct scene s;
    scene_init(&s);
    s.p.phase = RIV__PHASE_COMMITS;
    s.p.phase_us = 2 * SECOND_US;
    why_is(&s, "journal", RIV__MOOD_BAD, "the disk of /var/state is slow");
    scene_init(&s);
    s.p.disk_short = true;
    why_is(&s, "disk", RIV__MOOD_BAD, "the disk of /var/state has too little");
    s.p.disk_limit = 1 << 20;
    why_is(&s, "disk", RIV__MOOD_BAD, "comes to its disk.limit of 1");
}

RIV_TEST(of_inputs_that_cannot_be_read_the_first_is_named)
{
    struct scene s;
    scene_init(&s);
    snprintf(s.input[1].error, sizeof s.input[1].error, "refused");
    why_is(&s, "source", RIV__MOOD_BAD,
           "1 of 2 inputs cannot be read: refused");
    snprintf(s.input[0].error, sizeof s.input[0].error, "gone");
    why_is(&s, "source", RIV__MOOD_BAD, "2 of 2 inputs cannot be read: gone");
}

RIV_TEST(a_limit_of_memory_and_a_stop_are_said)
{
    struct scene s;
    scene_init(&s);
    s.p.drains = true;
    why_is(&s, "stopping", RIV__MOOD_WAITS, "asked to stop");
    s.p.memory_tight = true;
    s.p.memory_bytes = 50 << 20;
    s.p.memory_limit = 64 << 20;
    why_is(&s, "memory", RIV__MOOD_BAD, "memory.limit is 64");
}

/* The words are those of the output, else of its job, else of the batch. */
RIV_TEST(an_output_that_fails_says_why)
{
    struct scene s;
    scene_init(&s);
    s.batch[0].outputs_failed = 1;
    s.batch[0].failure = 7;
    why_is(&s, "output", RIV__MOOD_BAD, "An output fails: save: the disk is");
    s.batch[0].failure = 0;
    s.batch[0].output[0] =
        (struct riv_seen_output){ .status = RIV__SEEN_HAS_FAILED,
                                  .failure = 7 };
    why_is(&s, "output", RIV__MOOD_BAD, "An output fails: save: the disk is");
    s.batch[0].outputs_failed = 0;
    s.batch[0].jobs_failed = 1;
    s.batch[0].output[0] = (struct riv_seen_output){ .jobs_failed = 1 };
    s.batch[0].njob = 1;
    s.batch[0].job[0] = (struct riv_seen_job){ .failure = 7 };
    why_is(&s, "output", RIV__MOOD_BAD, "An output fails: save: the disk is");
    s.batch[0].jobs_failed = 0;
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
}

/* The first of them was named, whichever it was. */
RIV_TEST(an_output_whose_figures_are_not_kept_is_not_taken_for_the_first)
{
    const char *output[] = { "save", "tell" }, *trouble[] = { "", "" };
    struct scene s;
    scene_init(&s);
    s.p.output = output;
    s.p.trouble = trouble;
    s.p.noutput = 2;
    s.batch[0].outputs_failed = 1;
    s.batch[0].failure = 7;
    why_is(&s, "output", RIV__MOOD_BAD, "An output fails: the disk is broken");
    s.batch[0].njob = 1;
    s.batch[0].job[0] = (struct riv_seen_job){ .status = RIV__SEEN_HAS_FAILED,
                                               .output = 1,
                                               .failure = 7 };
    why_is(&s, "output", RIV__MOOD_BAD, "An output fails: tell: the disk is");
}

RIV_TEST(records_that_are_all_refused_are_no_silence)
{
    struct scene s;
    scene_init(&s);
    s.batch[0].out = 0;
    s.batch[0].bad = 9; /* one got through to somewhere */
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.batch[0].bad = 10;
    why_is(&s, "refused", RIV__MOOD_BAD, "All 10 records of the last batch");
    s.p.nbatch = 0; /* there was none yet */
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
}

RIV_TEST(who_falls_behind_by_two_intervals_is_late)
{
    struct scene s;
    scene_init(&s);
    s.batch[0].scheduling_us = 2 * SECOND_US - 1;
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.batch[0].scheduling_us = 2 * SECOND_US;
    s.batch[0].processing_us = 1500000;
    why_is(&s, "late", RIV__MOOD_BAD,
           "the last batch took 1.5 s, with one due every 1 s, and began 2 s");
}

RIV_TEST(of_limited_inputs_the_one_with_most_to_come_is_named)
{
    struct scene s;
    scene_init(&s);
    s.p.is_limited = true; /* by none of them */
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.input[0].rate_limit = 1000;
    s.input[0].waiting_bytes = 10;
    s.input[1].rate_limit = 2000;
    s.input[1].waiting_bytes = 20;
    why_is(&s, "rate", RIV__MOOD_WAITS, "of input clicks, and 20");
    s.input[0].waiting_bytes = 30;
    why_is(&s, "rate", RIV__MOOD_WAITS, "of input cards, and 30");
}

RIV_TEST(inputs_that_are_silent_say_what_they_do)
{
    struct scene s;
    scene_init(&s);
    s.p.idle_us = 2 * SECOND_US - 1;
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.p.idle_us = 2 * SECOND_US;
    snprintf(s.input[0].note, sizeof s.input[0].note, "waiting for x");
    why_is(&s, "input", RIV__MOOD_WAITS,
           "nothing has come. cards: waiting for x; the other inputs are");
    s.p.ninput = 1;
    s.input[0].note[0] = '\0';
    why_is(&s, "input", RIV__MOOD_WAITS, "nothing has come. cards.");
    s.p.interval_ms = 5000; /* two of them may be empty */
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
}

RIV_TEST(what_comes_in_and_not_out_waits_for_a_window_or_is_filtered)
{
    struct scene s;
    scene_init(&s);
    s.p.last_out_ms = 50000;
    s.p.silent_us = 2 * SECOND_US - 1;
    why_is(&s, "fine", RIV__MOOD_GOOD, "");
    s.p.silent_us = 9 * SECOND_US;
    why_is(&s, "filter", RIV__MOOD_WAITS,
           "(10 so far), but for 9 s no output had one");
    s.p.next_result_ms = 60000; /* the batch at hand */
    why_is(&s, "filter", RIV__MOOD_WAITS, "");
    s.p.next_result_ms = 120000;
    why_is(&s, "window", RIV__MOOD_WAITS, "with the batch of");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_job_that_gives_results_is_fine),
        RIV_CASE(its_life_comes_before_everything),
        RIV_CASE(an_output_that_is_away_is_named),
        RIV_CASE(a_batch_that_runs_for_long_says_where_it_is),
        RIV_CASE(a_slow_journal_and_a_full_disk_are_told_apart),
        RIV_CASE(of_inputs_that_cannot_be_read_the_first_is_named),
        RIV_CASE(a_limit_of_memory_and_a_stop_are_said),
        RIV_CASE(an_output_that_fails_says_why),
        RIV_CASE(
            an_output_whose_figures_are_not_kept_is_not_taken_for_the_first),
        RIV_CASE(records_that_are_all_refused_are_no_silence),
        RIV_CASE(who_falls_behind_by_two_intervals_is_late),
        RIV_CASE(of_limited_inputs_the_one_with_most_to_come_is_named),
        RIV_CASE(inputs_that_are_silent_say_what_they_do),
        RIV_CASE(what_comes_in_and_not_out_waits_for_a_window_or_is_filtered),
    };
    return RIV_RUN(tests);
}
