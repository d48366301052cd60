/* stream/received.c - received lines are in the journal before anybody is told
 * that they are, and until the batch that has them is done. What a batch took
 * before it was written down, and is done with, is not written any more. */
#include "stream/received.h"

#include <string.h>

#include "data/frame.h"

enum { BLOCK_BYTES = 1024 * 1024 };

static bool has_news(void *arg)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->ninput; i++) {
        struct riv_durable_input *in = &d->input[i];
        if (in->news.bytes.n > 0 || (riv__input_receives(in->input) &&
                                     riv__feed_has_news(&in->input->feed)))
            return true;
    }
    return false;
}

static int put_notes(struct riv_durable_input *in, struct riv_journal *journal,
                     struct riv_err *err)
{
    for (size_t i = 0; i < in->kept.nnote; i++) {
        const struct riv_note note = riv__stand_note_at(&in->kept, i);
        RIV__TRY(
            riv__journal_put_note(journal, in->id, note.key, note.value, err));
    }
    return 0;
}

static int put_blocks(struct riv_durable_input *in, struct riv_journal *journal,
                      struct riv_err *err)
{
    const uint64_t done = atomic_load(&in->done);
    const char *p = in->news.bytes.p;
    uint64_t from = in->news.from;
    for (size_t left = in->news.bytes.n, n; left > 0;
         left -= n, p += n, from += n) {
        n = RIV__MIN(left, (size_t)BLOCK_BYTES);
        if (from + n > done)
            RIV__TRY(riv__journal_put_block(journal, in->id, from,
                                            (riv_str){ p, n }, err));
    }
    return 0;
}

/* What was taken from the feed stays here until it is durable: a transaction
 * may be tried again. */
static int put_one(struct riv_durable_input *in, struct riv_journal *journal,
                   struct riv_err *err)
{
    struct riv_input *input = in->input;
    if (in->news.bytes.n == 0 && riv__feed_take_news(&input->feed, &in->news) &&
        input->ops->kept) {
        riv__stand_reset(&in->kept);
        RIV__TRY(input->ops->kept(input, &in->news, &in->kept));
        if (in->kept.failed)
            return riv__err_set(err, RIV_ENOMEM, "no memory for peers");
    }
    if (in->news.bytes.n == 0)
        return 0;
    RIV__TRY(put_blocks(in, journal, err));
    return put_notes(in, journal, err);
}

static int put(void *arg, struct riv_journal *journal, struct riv_err *err)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->ninput; i++)
        if (riv__input_receives(d->input[i].input))
            RIV__TRY(put_one(&d->input[i], journal, err));
    return 0;
}

static void done(void *arg)
{
    struct riv_durable *d = arg;
    for (size_t i = 0; i < d->ninput; i++) {
        struct riv_durable_input *in = &d->input[i];
        if (in->news.bytes.n == 0)
            continue;
        riv__buf_reset(&in->news.bytes);
        if (in->input->ops->kept)
            riv__input_ack(in->input);
    }
}

struct riv_intake riv__received_intake(struct riv_durable *d)
{
    struct riv_intake intake = { .arg = d };
    for (size_t i = 0; i < d->ninput; i++)
        if (riv__input_receives(d->input[i].input))
            intake.group_ms = d->exec->conf->group_ms;
    intake.has = has_news;
    intake.put = put;
    intake.done = done;
    return intake;
}

/* ---------------------------------------------------------------- and back */

struct restoring {
    struct riv_feed *feed;
    uint64_t next;       /* the offset that comes next */
    struct riv_buf line; /* that goes on in the next block */
};

/* Whole lines go to the feed, the rest waits for the next block. */
static int give_back(struct restoring *r, const char *p, size_t n)
{
    riv__buf_add(&r->line, p, n);
    const size_t whole = riv__frame_last(r->line.p, r->line.n);
    if (r->line.failed)
        return RIV_ENOMEM;
    if (whole == 0)
        return 0;
    RIV__TRY(riv__feed_restore(r->feed, r->line.p, whole));
    r->line.n -= whole;
    memmove(r->line.p, r->line.p + whole, r->line.n);
    return 0;
}

/* A block may begin before the place: a batch ended within it. */
static int restore_block(void *arg, uint64_t from, riv_str bytes,
                         struct riv_err *err)
{
    struct restoring *r = arg;
    if (from + bytes.n <= r->next)
        return 0;
    if (from > r->next)
        return riv__err_set(
            err, RIV_ECHECKPOINT, "received bytes %llu to %llu are missing",
            (unsigned long long)r->next, (unsigned long long)from);
    const size_t skip = (size_t)(r->next - from);
    r->next = from + bytes.n;
    if (give_back(r, bytes.p + skip, bytes.n - skip) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for received lines");
    return 0;
}

int riv__received_restore(struct riv_durable *d, struct riv_durable_input *in,
                          struct riv_err *err)
{
    struct restoring r = { .feed = &in->input->feed };
    if (!riv__input_receives(in->input))
        return 0;
    if (!r.feed->keeps)
        riv__feed_keep(r.feed, 0);
    r.next = r.feed->total_bytes;
    riv__buf_init(&r.line, 0);
    int rc =
        riv__journal_each_block(d->journal, in->id, restore_block, &r, err);
    if (rc == 0 && r.line.n > 0)
        rc = riv__err_set(err, RIV_ECHECKPOINT,
                          "received lines end within a line");
    riv__buf_fini(&r.line);
    return rc;
}
