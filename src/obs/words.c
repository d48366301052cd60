/* obs/words.c - a picture in plain words, a screen of lines: the answer to "why
 * is there no output?" first, then what it does, its inputs with their lag, its
 * outputs, and what went wrong lately. */
#include "obs/words.h"

#include "obs/put.h"
#include "obs/why.h"

enum { TEXTS_SHOWN = 5, PARTS_SHOWN = 16, RATE_BATCHES = 10 };

const char *riv__phase_words(enum riv_phase phase)
{
    switch (phase) {
    case RIV__PHASE_NONE: return "not started";
    case RIV__PHASE_STARTS: return "starts";
    case RIV__PHASE_WAITS: return "waits for the next batch";
    case RIV__PHASE_RUNS: return "runs a batch";
    case RIV__PHASE_COMMITS: return "writes a batch into the journal";
    case RIV__PHASE_REDOES: return "reads a batch of the last run again";
    case RIV__PHASE_ENDED: return "has ended";
    case RIV__PHASE_FAILED: return "has failed";
    }
    return "?";
}

static void head(const struct riv_picture *p, struct riv_buf *to)
{
    char up[RIV__PUT_TEXT], every[RIV__PUT_TEXT];
    riv__buf_printf(to, "T%s: %s%s, up for %s", p->name,
                    riv__phase_words(p->phase), p->drains ? ", stopping" : "",
                    riv__text_span(up, p->up_us));
    if (p->ninput > 0)
        riv__buf_printf(to, ", a batch every %s",
                        riv__text_span(every, p->interval_ms * 1000));
    riv__buf_char(to, '\n');
}

static void why(const struct riv_picture *p, struct riv_buf *to)
{
    static const char mark[] = { '+', '~', '-' };
    struct riv_why why;
    riv__why(p, &why);
    riv__buf_printf(to, "%c%s\n", mark[why.mood], why.text);
}

/* ------------------------------------------------------------------ batches */

/* Over the last batches, so that one that was empty does not make it 0. */
static int64_t per_second(const struct riv_picture *p, bool out)
{
    const size_t n = RIV__MIN(p->nbatch, (size_t)RATE_BATCHES);
    int64_t sum = 0;
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        sum += out ? p->batch[i].out : p->batch[i].records;
    const struct riv_seen_batch *first = &p->batch[n - 1];
    const int64_t ms =
        p->batch[0].time_ms - first->time_ms + first->interval_ms;
    return ms > 0 ? sum * 1000 / ms : 0;
}

static void batches(const struct riv_picture *p, struct riv_buf *to)
{
    char n[4][RIV__PUT_TEXT];
    riv__buf_printf(to, " batches   %s done, %s failed, %u running, %u waiting",
                    riv__text_count(n[0], p->done),
                    riv__text_count(n[1], p->failed), p->running, p->waiting);
    if (p->batch_ms > 0)
        riv__buf_printf(to, "; %s %s", p->running ? "now that of" : "the last",
                        riv__text_time(n[2], p->batch_ms));
    riv__buf_char(to, '\n');
    riv__buf_printf(to, " records   %s in (%s/s), %s out (%s/s)",
                    riv__text_count(n[0], p->records),
                    riv__text_count(n[1], per_second(p, false)),
                    riv__text_count(n[2], p->out),
                    riv__text_count(n[3], per_second(p, true)));
    if (p->bad > 0)
        riv__buf_printf(to, ", %s refused", riv__text_count(n[0], p->bad));
    riv__buf_char(to, '\n');
}

static void delays(const struct riv_picture *p, struct riv_buf *to)
{
    char n[4][RIV__PUT_TEXT];
    int64_t most_us = 0;
    if (p->nbatch == 0)
        return;
    const struct riv_seen_batch *last = &p->batch[0];
    for (size_t i = 0; i < p->nbatch; i++)
        most_us = RIV__MAX(
            most_us, p->batch[i].scheduling_us + p->batch[i].processing_us);
    riv__buf_printf(
        to,
        " delay     last batch %s: %s until it began, %s at work; longest of "
        "%zu: %s\n",
        riv__text_span(n[0], last->scheduling_us + last->processing_us),
        riv__text_span(n[1], last->scheduling_us),
        riv__text_span(n[2], last->processing_us), p->nbatch,
        riv__text_span(n[3], most_us));
}

static void memory(const struct riv_picture *p, struct riv_buf *to)
{
    char n[3][RIV__PUT_TEXT];
    riv__buf_str(to, " memory    ");
    riv__buf_str(to, p->memory_bytes > 0
                         ? riv__text_bytes(n[0], p->memory_bytes)
                         : "not known");
    if (p->memory_limit > 0)
        riv__buf_printf(to, " of %s", riv__text_bytes(n[1], p->memory_limit));
    if (p->keys >= 0)
        riv__buf_printf(to, "; %s keys in state and windows",
                        riv__text_count(n[2], p->keys));
    if (p->state_dir[0])
        riv__buf_printf(to, "; state in %s", p->state_dir);
    riv__buf_char(to, '\n');
}

/* ------------------------------------------------------------- inputs, outputs */

static void parts(const struct riv_seen_input *in, struct riv_buf *to)
{
    char n[2][RIV__PUT_TEXT];
    const size_t have = RIV__MIN(in->nparts, (size_t)RIV__SEEN_PARTS);
    const size_t shown = RIV__MIN(have, (size_t)PARTS_SHOWN);
    for (size_t i = 0; i < shown && in->nparts > 1; i++) {
        const struct riv_seen_part *part = &in->part[i];
        riv__buf_printf(to, "D    %-24s at %s", part->name,
                        riv__text_count(n[0], part->position));
        const int64_t lag = riv__lag(part->position, part->end);
        if (lag >= 0)
            riv__buf_printf(to, ", lag %s", riv__text_count(n[1], lag));
        riv__buf_char(to, '\n');
    }
    if (in->nparts > shown)
        riv__buf_printf(to, "D    and %zu more partitions\n",
                        in->nparts - shown);
}

static void one_input(const struct riv_seen_input *in, struct riv_buf *to)
{
    char n[4][RIV__PUT_TEXT];
    riv__buf_printf(to, "%cinput %s: %s in all, %s in the last batch",
                    in->error[0] ? '-' : ' ', in->name,
                    riv__text_count(n[0], in->records_all),
                    riv__text_count(n[1], in->records));
    if (in->waiting_bytes > 0)
        riv__buf_printf(to, "; %s wait",
                        riv__text_bytes(n[2], in->waiting_bytes));
    if (in->lag >= 0)
        riv__buf_printf(to, "; lag %s %s", riv__text_count(n[3], in->lag),
                        in->unit);
    riv__buf_str(to, in->ended ? "; ended\n" : "\n");
    if (in->note[0])
        riv__buf_printf(to, "D  %s\n", in->note);
    parts(in, to);
    if (in->error[0])
        riv__buf_printf(to, "-  %s\n", in->error);
}

static void one_output(const struct riv_picture *p, size_t i,
                       struct riv_buf *to)
{
    static const char *const how[] = { "", ", failed",
                                       ", not run with the last batch" };
    char n[2][RIV__PUT_TEXT];
    const struct riv_seen_batch *last = p->nbatch > 0 ? &p->batch[0] : NULL;
    const bool has = last && i < last->noutput;
    const uint32_t status =
        has ? RIV__MIN(last->output[i].status, (uint32_t)RIV__SEEN_NOT_RUN) : 0;
    const bool bad = status == RIV__SEEN_HAS_FAILED || p->trouble[i][0];
    riv__buf_printf(to, "%coutput %s", bad ? '-' : ' ', p->output[i]);
    if (has)
        riv__buf_printf(to, ": %s rows of the last batch%s",
                        riv__text_count(n[0], last->output[i].rows),
                        how[status]);
    if (has && last->output[i].us > 0)
        riv__buf_printf(to, ", in %s",
                        riv__text_span(n[1], last->output[i].us));
    riv__buf_char(to, '\n');
    if (p->trouble[i][0])
        riv__buf_printf(to, "-  %s\n", p->trouble[i]);
}

static void at_work(const struct riv_picture *p, struct riv_buf *to)
{
    for (size_t i = 0; i < p->ndoing; i++)
        riv__buf_printf(to, "Dnow in %s, partition %u\n", p->doing[i].op,
                        p->doing[i].partition);
}

static void texts(const struct riv_picture *p, struct riv_buf *to)
{
    char time[RIV__PUT_TEXT];
    const size_t n = RIV__MIN(p->ntext, (size_t)TEXTS_SHOWN);
    if (n > 0)
        riv__buf_str(to, " warnings and errors, the last ones (UTC):\n");
    for (size_t i = p->ntext - n; i < p->ntext; i++)
        riv__buf_printf(to, "~  %s  %s\n",
                        riv__text_time(time, p->text[i].wall_ms),
                        p->text[i].text);
}

void riv__picture_words(const struct riv_picture *picture, struct riv_buf *to)
{
    head(picture, to);
    why(picture, to);
    batches(picture, to);
    delays(picture, to);
    memory(picture, to);
    for (size_t i = 0; i < picture->ninput; i++)
        one_input(&picture->input[i], to);
    for (size_t i = 0; i < picture->noutput; i++)
        one_output(picture, i, to);
    at_work(picture, to);
    texts(picture, to);
}
