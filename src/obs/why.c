/* obs/why.c - the causes of silence, one function each, in the order of how much
 * they explain: what has ended says more than what waits, and what the engine
 * holds back more than what does not come. */
#include "obs/why.h"

#include <stdio.h>

#include "obs/put.h"

enum { SLOW_US = 1000000, QUIET_US = 2000000 };

/* Longer than a batch should take. */
static int64_t slow_us(const struct riv_picture *p)
{
    return RIV__MAX(p->interval_ms * 1000, (int64_t)SLOW_US);
}

static int64_t quiet_us(const struct riv_picture *p)
{
    return RIV__MAX(2 * p->interval_ms * 1000, (int64_t)QUIET_US);
}

static const struct riv_seen_batch *last_of(const struct riv_picture *p)
{
    return p->nbatch > 0 ? &p->batch[0] : NULL;
}

#define SAY(why, ...) snprintf((why)->text, sizeof(why)->text, __VA_ARGS__)

/* ------------------------------------------------------------ its life */

static bool has_failed(const struct riv_picture *p, struct riv_why *why)
{
    if (p->phase == RIV__PHASE_FAILED)
        SAY(why, "The job has failed: %s", p->failure);
    return p->phase == RIV__PHASE_FAILED;
}

static bool has_ended(const struct riv_picture *p, struct riv_why *why)
{
    if (p->phase == RIV__PHASE_ENDED)
        SAY(why, "The job has ended: its inputs had nothing more, or it was "
                 "asked to stop.");
    else if (p->phase == RIV__PHASE_NONE)
        SAY(why, "The job has not been started.");
    return p->phase == RIV__PHASE_ENDED || p->phase == RIV__PHASE_NONE;
}

static bool is_starting(const struct riv_picture *p, struct riv_why *why)
{
    char span[RIV__PUT_TEXT];
    if (p->phase != RIV__PHASE_STARTS)
        return false;
    SAY(why, "It starts: inputs are opened%s, for %s now.",
        p->state_dir[0] ? ", and state is loaded from the state directory" : "",
        riv__text_span(span, p->phase_us));
    return true;
}

static bool is_redoing(const struct riv_picture *p, struct riv_why *why)
{
    char span[RIV__PUT_TEXT];
    if (p->phase != RIV__PHASE_REDOES)
        return false;
    SAY(why,
        "A batch of the last run had begun and is run again; its input has not "
        "all come yet, for %s. See what its inputs say below.",
        riv__text_span(span, p->phase_us));
    return true;
}

/* ------------------------------------------------------- the batch itself */

/* That holds up the batch, or its commit. */
static bool is_sink_away(const struct riv_picture *p, struct riv_why *why)
{
    size_t i = 0;
    while (i < p->noutput && !p->trouble[i][0])
        i++;
    if (i < p->noutput)
        SAY(why, "Output %s cannot be written: %s. It is tried again.",
            p->output[i], p->trouble[i]);
    return i < p->noutput;
}

static bool is_running(const struct riv_picture *p, struct riv_why *why)
{
    char span[RIV__PUT_TEXT], where[256] = "in the engine";
    if (p->phase != RIV__PHASE_RUNS || p->phase_us < slow_us(p))
        return false;
    if (p->ndoing > 0)
        snprintf(where, sizeof where, "in %s, partition %u", p->doing[0].op,
                 p->doing[0].partition);
    SAY(why,
        "A batch has been running for %s: %s%s. If that is a function of the "
        "job, it is slow or hangs; task.timeout ends it under rivulet run with "
        "state.dir.",
        riv__text_span(span, p->phase_us), where,
        p->ndoing > 1 ? " (and other threads)" : "");
    return true;
}

static bool is_committing(const struct riv_picture *p, struct riv_why *why)
{
    char span[RIV__PUT_TEXT];
    if (p->phase != RIV__PHASE_COMMITS || p->phase_us < slow_us(p))
        return false;
    SAY(why,
        "A batch has run, but for %s what it did has not become durable: the "
        "disk of %s is slow or full, or an output does not take what is shown "
        "there.",
        riv__text_span(span, p->phase_us), p->state_dir);
    return true;
}

static bool is_disk_short(const struct riv_picture *p, struct riv_why *why)
{
    char limit[RIV__PUT_TEXT];
    if (p->disk_short && p->disk_limit > 0)
        SAY(why,
            "Nothing is taken in: %s comes to its disk.limit of %s. Old state "
            "is being dropped; else raise disk.limit.",
            p->state_dir, riv__text_bytes(limit, p->disk_limit));
    else if (p->disk_short)
        SAY(why,
            "Nothing is taken in: the disk of %s has too little room. It goes "
            "on by itself when there is some.",
            p->state_dir);
    return p->disk_short;
}

static bool is_source_away(const struct riv_picture *p, struct riv_why *why)
{
    size_t bad = 0, first = 0;
    for (size_t i = p->ninput; i-- > 0;) {
        if (!p->input[i].error[0])
            continue;
        bad++;
        first = i;
    }
    if (bad > 0)
        SAY(why, "%zu of %zu inputs cannot be read: %s. It is tried again.",
            bad, p->ninput, p->input[first].error);
    return bad > 0;
}

static bool is_memory_tight(const struct riv_picture *p, struct riv_why *why)
{
    char has[RIV__PUT_TEXT], limit[RIV__PUT_TEXT];
    if (p->memory_tight)
        SAY(why,
            "Inputs wait: the process has %s, memory.limit is %s: a batch takes "
            "in no more than fits while windows keep it, and nothing before its "
            "tick while half of that is taken.",
            riv__text_bytes(has, p->memory_bytes),
            riv__text_bytes(limit, p->memory_limit));
    return p->memory_tight;
}

static bool is_draining(const struct riv_picture *p, struct riv_why *why)
{
    if (p->drains)
        SAY(why, "It was asked to stop, and finishes what it has received.");
    return p->drains;
}

/* ----------------------------------------------------- what came, what went */

/* The first output of a batch that failed, or an action in it; UINT32_MAX: it is
 * none of those whose figures a batch keeps. */
static uint32_t failing_output(const struct riv_seen_batch *batch)
{
    for (uint32_t i = 0; i < batch->noutput; i++)
        if (batch->output[i].status == RIV__SEEN_HAS_FAILED ||
            batch->output[i].jobs_failed > 0)
            return i;
    for (uint32_t k = 0; k < batch->njob; k++)
        if (batch->job[k].status == RIV__SEEN_HAS_FAILED)
            return batch->job[k].output;
    return UINT32_MAX;
}

/* The number of the text of an output: its own, else of its last action that
 * failed, else the batch's. */
static uint32_t failure_of(const struct riv_seen_batch *batch, uint32_t output)
{
    uint32_t text = batch->failure;
    if (output < batch->noutput && batch->output[output].failure)
        return batch->output[output].failure;
    for (uint32_t k = 0; k < batch->njob; k++)
        if (batch->job[k].output == output && batch->job[k].failure)
            text = batch->job[k].failure;
    return text;
}

static bool is_failing(const struct riv_picture *p, struct riv_why *why)
{
    const struct riv_seen_batch *last = last_of(p);
    if (!last || last->outputs_failed + last->jobs_failed == 0)
        return false;
    const uint32_t output = p->noutput == 1 ? 0 : failing_output(last);
    const char *text = riv__picture_text(p, failure_of(last, output));
    if (output < p->noutput)
        SAY(why, "An output fails: %s: %s", p->output[output], text);
    else
        SAY(why, "An output fails: %s", text);
    return true;
}

static bool are_refused(const struct riv_picture *p, struct riv_why *why)
{
    const struct riv_seen_batch *last = last_of(p);
    char bad[RIV__PUT_TEXT];
    if (!last || last->out > 0 || last->bad == 0 || last->bad < last->records)
        return false;
    SAY(why,
        "All %s records of the last batch were refused by functions of the job "
        "and skipped or set aside: rivulet letters shows those of "
        "RIV_DEAD_LETTER.",
        riv__text_count(bad, last->bad));
    return true;
}

static bool is_late(const struct riv_picture *p, struct riv_why *why)
{
    const struct riv_seen_batch *last = last_of(p);
    char took[RIV__PUT_TEXT], every[RIV__PUT_TEXT], late[RIV__PUT_TEXT];
    if (!last || p->interval_ms <= 0 ||
        last->scheduling_us < 2 * p->interval_ms * 1000)
        return false;
    SAY(why,
        "It falls behind: the last batch took %s, with one due every %s, and "
        "began %s late. More threads, a longer batch.interval or less input "
        "would help.",
        riv__text_span(took, last->processing_us),
        riv__text_span(every, p->interval_ms * 1000),
        riv__text_span(late, last->scheduling_us));
    return true;
}

static bool is_limited(const struct riv_picture *p, struct riv_why *why)
{
    char waits[RIV__PUT_TEXT], rate[RIV__PUT_TEXT];
    const struct riv_seen_input *most = NULL;
    if (!p->is_limited)
        return false;
    for (size_t i = 0; i < p->ninput; i++)
        if (p->input[i].rate_limit > 0 &&
            (!most || p->input[i].waiting_bytes > most->waiting_bytes))
            most = &p->input[i];
    if (!most)
        return false;
    SAY(why,
        "A batch takes less than there is: rate.control or rate.max allows %s "
        "a second of input %s, and %s wait.",
        riv__text_bytes(rate, most->rate_limit), most->name,
        riv__text_bytes(waits, most->waiting_bytes));
    return true;
}

/* One input alone is named; of several the first, with its own words. */
static bool is_idle(const struct riv_picture *p, struct riv_why *why)
{
    char span[RIV__PUT_TEXT];
    const bool lives =
        p->phase == RIV__PHASE_WAITS || p->phase == RIV__PHASE_RUNS;
    if (p->ninput == 0 || p->idle_us < quiet_us(p) || !lives)
        return false;
    const struct riv_seen_input *first = &p->input[0];
    SAY(why, "It waits for input: for %s nothing has come. %s%s%s%s%s",
        riv__text_span(span, p->idle_us), first->name,
        first->note[0] ? ": " : "", first->note, p->ninput > 1 ? "; " : ".",
        p->ninput > 1 ? "the other inputs are below." : "");
    return true;
}

/* Records came after the last result. */
static bool is_silent(const struct riv_picture *p)
{
    return p->last_in_ms > p->last_out_ms && p->silent_us >= quiet_us(p);
}

static bool is_window(const struct riv_picture *p, struct riv_why *why)
{
    char time[RIV__PUT_TEXT];
    if (!is_silent(p) || p->next_result_ms <= p->batch_ms)
        return false;
    SAY(why,
        "Records come in; results come with the slide of a window, the next "
        "with the batch of %s (UTC).",
        riv__text_time(time, p->next_result_ms));
    return true;
}

static bool is_filtered(const struct riv_picture *p, struct riv_why *why)
{
    char records[RIV__PUT_TEXT], span[RIV__PUT_TEXT];
    if (!is_silent(p))
        return false;
    SAY(why,
        "Records come in (%s so far), but for %s no output had one: operators "
        "in between let none through.",
        riv__text_count(records, p->records),
        riv__text_span(span, p->silent_us));
    return true;
}

/* ------------------------------------------------------------------ the list */

static const struct {
    const char *cause;
    enum riv_mood mood;
    bool (*holds)(const struct riv_picture *p, struct riv_why *why);
} causes[] = {
    { "failed", RIV__MOOD_BAD, has_failed },
    { "ended", RIV__MOOD_WAITS, has_ended },
    { "starting", RIV__MOOD_WAITS, is_starting },
    { "redo", RIV__MOOD_WAITS, is_redoing },
    { "sink", RIV__MOOD_BAD, is_sink_away },
    { "running", RIV__MOOD_BAD, is_running },
    { "journal", RIV__MOOD_BAD, is_committing },
    { "disk", RIV__MOOD_BAD, is_disk_short },
    { "source", RIV__MOOD_BAD, is_source_away },
    { "memory", RIV__MOOD_BAD, is_memory_tight },
    { "stopping", RIV__MOOD_WAITS, is_draining },
    { "output", RIV__MOOD_BAD, is_failing },
    { "refused", RIV__MOOD_BAD, are_refused },
    { "late", RIV__MOOD_BAD, is_late },
    { "rate", RIV__MOOD_WAITS, is_limited },
    { "input", RIV__MOOD_WAITS, is_idle },
    { "window", RIV__MOOD_WAITS, is_window },
    { "filter", RIV__MOOD_WAITS, is_filtered },
};

void riv__why(const struct riv_picture *picture, struct riv_why *ret)
{
    ret->text[0] = '\0';
    for (size_t i = 0; i < RIV__LEN(causes); i++) {
        if (!causes[i].holds(picture, ret))
            continue;
        ret->cause = causes[i].cause;
        ret->mood = causes[i].mood;
        return;
    }
    ret->cause = "fine";
    ret->mood = RIV__MOOD_GOOD;
    SAY(ret, "Nothing holds it up.");
}
