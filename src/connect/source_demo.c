/* connect/source_demo.c - "demo:NAME?rate=N&limit=N&seed=N": made-up lines at
 * so many a second by the monotonic clock, or as fast as they are taken
 * (rate=0). After a wait for room in the feed it catches up, so the count is
 * right over time. What the lines say is the business of demo_*.c. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "connect/demo.h"
#include "connect/sources.h"

enum { RATE_DEFAULT = 20000, LINES_PER_READ = 1024 };
#define RATE_MAX UINT64_C(1000000000)

struct demo_input {
    struct riv_input base;
    const struct riv_demo_kind *kind;
    struct riv_demo demo;
    struct riv_buf buf;
    uint64_t rate, limit, seed;
    uint64_t bytes; /* of all lines so far */
    uint64_t from;  /* the first line of this run: made as of start_ns */
    int64_t start_ns;
    bool started;
};

static const struct riv_demo_kind *const kinds[] = { &riv__demo_words,
                                                     &riv__demo_access,
                                                     &riv__demo_cards };

static int read_option(struct demo_input *self, riv_str option,
                       struct riv_err *err)
{
    struct {
        const char *name;
        uint64_t *to, max;
    } options[] = {
        { "rate=", &self->rate, RATE_MAX },
        { "limit=", &self->limit, UINT64_MAX },
        { "seed=", &self->seed, UINT64_MAX },
    };
    for (size_t i = 0; i < RIV__LEN(options); i++) {
        size_t n = strlen(options[i].name);
        if (!riv__str_starts(option, options[i].name))
            continue;
        uint64_t value;
        if (riv__num_u64(riv__str(option.p + n, option.n - n), &value) &&
            value <= options[i].max) {
            *options[i].to = value;
            return 0;
        }
    }
    return riv__err_set(err, RIV_EINVAL,
                        "\"%.*s\" is no option; there are "
                        "rate=LINES a second (0: as fast as possible, at most "
                        "1000000000), limit=LINES, seed=NUMBER",
                        (int)RIV__MIN(option.n, (size_t)64), option.p);
}

static int find_kind(struct demo_input *self, riv_str name, struct riv_err *err)
{
    for (size_t i = 0; i < RIV__LEN(kinds); i++) {
        if (riv_eq(name, riv_cstr(kinds[i]->name))) {
            self->kind = kinds[i];
            return 0;
        }
    }
    return riv__err_set(err, RIV_EINVAL,
                        "there is no such demo; there are "
                        "demo:words, demo:access, demo:cards");
}

static int demo_open(struct riv_input *input, struct riv_err *err)
{
    struct demo_input *self = (struct demo_input *)input;
    const char *mark = strchr(input->rest, '?');
    size_t n = mark ? (size_t)(mark - input->rest) : strlen(input->rest);
    self->rate = RATE_DEFAULT;
    self->limit = UINT64_MAX;
    self->seed = 1;
    riv__buf_init(&self->buf, 0);
    RIV__TRY(find_kind(self, riv__str(input->rest, n), err));
    while (mark) {
        const char *option = mark + 1;
        mark = strchr(option, '&');
        n = mark ? (size_t)(mark - option) : strlen(option);
        RIV__TRY(read_option(self, riv__str(option, n), err));
    }
    riv__demo_start(&self->demo, self->kind, self->seed,
                    self->rate ? self->rate : RATE_DEFAULT);
    return 0;
}

/* Lines that should be out by now, in all. In two parts, for the product of
 * nanoseconds and rate overflows after days. */
static uint64_t due(const struct demo_input *self, int64_t now)
{
    if (self->rate == 0)
        return self->limit;
    uint64_t ns = (uint64_t)(now - self->start_ns);
    uint64_t lines = ns / 1000000000 * self->rate +
                     ns % 1000000000 * self->rate / 1000000000;
    return self->from + RIV__MIN(lines, self->limit - self->from);
}

/* n lines into the buffer. */
static int make_lines(struct demo_input *self, uint64_t n, struct riv_err *err)
{
    riv__buf_reset(&self->buf);
    for (; n > 0; n--) {
        self->kind->line(&self->demo, &self->buf);
        self->demo.line++;
    }
    self->bytes += self->buf.n;
    return self->buf.failed
               ? riv__err_set(err, RIV_ENOMEM, "no memory for lines")
               : 0;
}

static int write_lines(struct demo_input *self, uint64_t n, struct riv_err *err)
{
    RIV__TRY(make_lines(self, n, err));
    const struct riv_mark at = { .offset = self->bytes, .part = 1 };
    int rc = riv__feed_append(&self->base.feed, self->buf.p, self->buf.n, &at);
    if (rc < 0)
        return riv__err_set(err, rc, "%s", riv__err_text(rc));
    return RIV__READ_MORE;
}

static int demo_read(struct riv_input *input, struct riv_err *err)
{
    struct demo_input *self = (struct demo_input *)input;
    int64_t now = input->sys->mono_ns(input->sys);
    if (!self->started)
        self->start_ns = now;
    self->started = true;
    if (self->demo.line == self->limit)
        return RIV__READ_END;
    uint64_t n = due(self, now) - self->demo.line;
    if (n > 0)
        return write_lines(self, RIV__MIN(n, (uint64_t)LINES_PER_READ), err);
    uint64_t gap_ms = 1000 / RIV__MAX(self->rate, 1);
    int rc = riv__input_wait(input, NULL, 0, (int64_t)RIV__MAX(gap_ms, 1), err);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

/* ------------------------------------------------------------- for a journal */

static int demo_stand(struct riv_input *input, struct riv_stand *to,
                      struct riv_err *err)
{
    (void)err;
    riv__stand_put(to, "offset", input->feed.cut.offset);
    return 0;
}

/* The lines are made again up to the place: some 10 million a second. */
static int demo_seek(struct riv_input *input, riv_str words,
                     struct riv_err *err)
{
    struct demo_input *self = (struct demo_input *)input;
    uint64_t offset;
    if (!riv__stand_get(words, "offset", &offset))
        return riv__stand_damaged(words, err);
    while (self->bytes < offset && self->demo.line < self->limit)
        RIV__TRY(make_lines(self, 1, err));
    if (self->bytes != offset)
        return riv__err_set(err, RIV_ENOINPUT,
                            "no line ends at byte %llu: rate, limit or seed "
                            "are not what they were",
                            (unsigned long long)offset);
    self->from = self->demo.line;
    input->feed.cut = (struct riv_mark){ .offset = offset, .part = 1 };
    return 0;
}

static int demo_reach(struct riv_input *input, riv_str words,
                      struct riv_err *err)
{
    struct riv_mark at = { .part = 1 };
    if (!riv__stand_get(words, "offset", &at.offset))
        return riv__stand_damaged(words, err);
    return riv__input_reach_feed(input, &at);
}

static void demo_close(struct riv_input *input)
{
    riv__buf_fini(&((struct demo_input *)input)->buf);
}

const struct riv_source_ops riv__source_demo = {
    .name = "demo",
    .input_size = sizeof(struct demo_input),
    .open = demo_open,
    .read = demo_read,
    .close = demo_close,
    .stand = demo_stand,
    .seek = demo_seek,
    .reach = demo_reach,
};
