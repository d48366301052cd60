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
    return RIV__MIN(lines, self->limit);
}

static int write_lines(struct demo_input *self, uint64_t n, struct riv_err *err)
{
    riv__buf_reset(&self->buf);
    for (; n > 0; n--) {
        self->kind->line(&self->demo, &self->buf);
        self->demo.line++;
    }
    if (self->buf.failed)
        return riv__err_set(err, RIV_ENOMEM, "no memory for lines");
    int rc = riv__feed_append(&self->base.feed, self->buf.p, self->buf.n, NULL);
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
};
