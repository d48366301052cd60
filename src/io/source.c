/* io/source.c - running inputs: finds the kind of a URI, makes, starts, cuts,
 * stops. What holds for all kinds stands here once, so that kinds stay small;
 * the thread's loop is io/receiver.c. */
#include "io/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/type.h"
#include "io/receiver.h"

enum { NAMES_MAX = 256, THREAD_NAME = 16 };

/* The length of a leading word with a colon, or 0: "tail:x" has 4, "a/b:c" and
 * "[[:alpha:]]*" none. */
static size_t word_length(const char *uri)
{
    size_t n = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return uri[n] == ':' ? n : 0;
}

static const struct riv_source_ops *find_word(
    const struct riv_source_ops *const *kinds, const char *word, size_t n)
{
    for (; *kinds; kinds++) {
        if (strlen((*kinds)->name) == n && !memcmp((*kinds)->name, word, n))
            return *kinds;
    }
    return NULL;
}

static int unknown(const struct riv_source_ops *const *kinds, const char *uri,
                   size_t n, struct riv_err *err)
{
    char names[NAMES_MAX] = "", word[RIV__URI_SHOWN], shown[RIV__URI_SHOWN];
    const char *nearest = NULL;
    unsigned best = 3;
    riv__str_show(shown, sizeof shown, riv_cstr(uri));
    riv__str_show(word, sizeof word, riv__str(uri, n));
    for (size_t used = 0; *kinds; kinds++) {
        const char *name = (*kinds)->name;
        if (used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                     used ? ", " : "", name);
        unsigned far = riv__str_distance(word, name, best);
        if (far < best) {
            best = far;
            nearest = name;
        }
    }
    return riv__err_set(err, RIV_EINVAL,
                        "input %s: there is no kind of input "
                        "called \"%s\"%s%s%s; there are %s (a file of that "
                        "name is ./%s)",
                        shown, word, nearest ? ", did you mean \"" : "",
                        nearest ? nearest : "", nearest ? "\"" : "", names,
                        shown);
}

const struct riv_source_ops *riv__source_find(
    const struct riv_source_ops *const *kinds, struct riv_sys *sys,
    const char *uri, const char **ret_rest, struct riv_err *err)
{
    if (!uri || !*uri) {
        riv__err_set(err, RIV_EINVAL,
                     "the name of an input is empty: give a "
                     "path, \"-\", or a URI such as tail:PATH");
        return NULL;
    }
    size_t n = word_length(uri);
    const struct riv_source_ops *ops =
        n ? find_word(kinds, uri, n) : find_word(kinds, "file", 4);
    if (!ops) {
        unknown(kinds, uri, n, err);
        return NULL;
    }
    *ret_rest = n ? uri + n + 1 : uri;
    return ops->pick ? ops->pick(sys, *ret_rest) : ops;
}

static void input_init(struct riv_input *input,
                       const struct riv_source_ops *ops, struct riv_sys *sys,
                       const struct riv_settings *conf)
{
    input->ops = ops;
    input->sys = sys;
    input->conf = conf;
    input->wait_ms = -1;
    input->type = ops->flags & RIV__SOURCE_ROWS ? NULL : &riv__type_str;
    input->wake.fd = -1;
    atomic_init(&input->stopping, false);
    atomic_init(&input->ended, false);
    atomic_init(&input->failed, false);
    atomic_init(&input->gives_up, false);
    riv__lock_init(&input->status_lock);
}

static int input_open(struct riv_input *input, const char *uri,
                      const char *rest, struct riv_err *err)
{
    char *copy = strdup(uri);
    if (!copy)
        return riv__err_set(err, RIV_ENOMEM, "no memory");
    input->uri = copy;
    input->rest = copy + (rest - uri);
    riv__str_show(input->shown, sizeof input->shown, riv_cstr(uri));
    int rc = input->sys->wake_open(input->sys, &input->wake);
    if (rc < 0) {
        input->wake.fd = -1;
        return riv__err_sys(err, -rc, "eventfd", NULL);
    }
    RIV__TRY(riv__feed_init(&input->feed, input->sys, input->driver,
                            (size_t)input->conf->buffer_bytes, err));
    input->has_feed = true;
    RIV__TRY(riv__rate_init(&input->rate, input->conf, err));
    if (input->ops->flags & RIV__SOURCE_WHOLE)
        riv__rate_fix(&input->rate);
    return input->ops->open(input, err);
}

int riv__input_new(const struct riv_source_ops *const *kinds,
                   struct riv_sys *sys, const struct riv_settings *conf,
                   struct riv_wake *driver, const char *uri, uint32_t index,
                   struct riv_input **ret, struct riv_err *err)
{
    const char *rest;
    struct riv_err why = { .code = RIV_EINVAL };
    const struct riv_source_ops *ops =
        riv__source_find(kinds, sys, uri, &rest, &why);
    if (!ops)
        return riv__err_set(err, why.code, "%s", why.text);
    RIV__ASSERT(ops->input_size >= sizeof(struct riv_input));
    struct riv_input *input = calloc(1, ops->input_size);
    if (!input)
        return riv__err_set(err, RIV_ENOMEM, "no memory for an input");
    input_init(input, ops, sys, conf);
    input->driver = driver;
    input->index = index;
    int rc = input_open(input, uri, rest, &why);
    if (rc < 0) {
        rc = riv__err_set(err, rc, "input %s: %s", input->shown, why.text);
        riv__input_free(input);
        return rc;
    }
    *ret = input;
    return 0;
}

void riv__input_free(struct riv_input *input)
{
    if (!input)
        return;
    riv__input_join(input);
    if (input->has_feed) {
        input->ops->close(input);
        riv__feed_fini(&input->feed);
    }
    if (input->wake.fd >= 0)
        input->sys->wake_close(input->sys, &input->wake);
    riv__lock_fini(&input->status_lock);
    free((void *)(uintptr_t)input->uri);
    free(input);
}

int riv__input_start(struct riv_input *input, struct riv_err *err)
{
    char name[THREAD_NAME];
    if (!input->ops->read)
        return 0;
    snprintf(name, sizeof name, "riv-in-%u", input->index % 100000);
    int rc =
        riv__thread_start(&input->thread, name, riv__receiver_run, input, err);
    if (rc < 0) {
        riv__err_prefix(err, "input %s", input->shown);
        return rc;
    }
    input->has_thread = true;
    return 0;
}

void riv__input_stop(struct riv_input *input)
{
    atomic_store_explicit(&input->stopping, true, memory_order_release);
    if (input->wake.fd >= 0)
        input->sys->wake_raise(input->sys, &input->wake);
}

void riv__input_join(struct riv_input *input)
{
    riv__input_stop(input);
    if (input->has_feed)
        riv__feed_close(&input->feed);
    if (input->wake.fd >= 0) /* rows that wait for room look at both */
        input->sys->wake_raise(input->sys, &input->wake);
    if (input->has_thread)
        riv__thread_join(&input->thread);
    input->has_thread = false;
}

static int cut_feed(struct riv_input *input, struct riv_cut *cut,
                    struct riv_err *err)
{
    const uint64_t bytes = cut->bytes;
    size_t held = 0;
    uint64_t most = riv__rate_left(&input->rate);
    if (input->cut_is_limited)
        most = input->cut_most;
    input->cut_is_limited = false;
    if (most == 0)
        return RIV__READ_MORE;
    int rc =
        riv__feed_cut(&input->feed, input->index,
                      most == UINT64_MAX ? 0 : (size_t)most, cut, &held, err);
    input->cut_held += held;
    riv__rate_took(&input->rate, cut->bytes - bytes);
    return rc < 0 ? rc : RIV__READ_MORE;
}

/* A kind without a thread ends by itself, or when it is stopped and has been
 * asked once more. */
static bool over(const struct riv_input *input)
{
    bool ended = atomic_load_explicit(&input->ended, memory_order_acquire);
    if (ended || input->has_thread)
        return ended;
    return atomic_load_explicit(&input->stopping, memory_order_acquire);
}

static int give_status(struct riv_input *input, struct riv_err *err)
{
    riv__lock(&input->status_lock);
    int rc = riv__err_set(err, input->status.code, "%s", input->status.text);
    riv__unlock(&input->status_lock);
    return rc;
}

/* `ended` is read before the cut: what the source appended last is then in it,
 * and nothing can come after. */
int riv__input_cut(struct riv_input *input, struct riv_cut *cut,
                   struct riv_err *err)
{
    if (input->cut_ended)
        return RIV__READ_END;
    bool ended = over(input);
    const uint64_t bytes = cut->bytes;
    const size_t ranges = cut->n;
    int rc = input->ops->cut ? input->ops->cut(input, cut, err)
                             : cut_feed(input, cut, err);
    if (rc < 0) {
        riv__err_prefix(err, "input %s", input->shown);
        return rc;
    }
    input->cut_bytes += cut->bytes - bytes;
    input->batch_bytes += cut->bytes - bytes;
    const bool has_waiting = !input->ops->cut || input->ops->waiting;
    if (ended && has_waiting && riv__input_waiting(input) > 0)
        ended = false;
    if (ended && atomic_load_explicit(&input->failed, memory_order_acquire))
        return cut->n > ranges ? RIV__READ_MORE : give_status(input, err);
    if (ended)
        rc = RIV__READ_END;
    input->cut_ended = rc == RIV__READ_END;
    return rc;
}

void riv__input_batch_open(struct riv_input *input, bool is_limited)
{
    if (!input->has_feed)
        return;
    riv__rate_open(&input->rate);
    if (!is_limited)
        input->rate.left = UINT64_MAX;
}

void riv__input_batch_done(struct riv_input *input, int64_t end_ns,
                           int64_t busy_ns, int64_t late_ns)
{
    if (input->has_feed)
        riv__rate_learn(&input->rate, end_ns, busy_ns, late_ns);
    if (input->ops->done)
        input->ops->done(input);
}

bool riv__input_pace(struct riv_input *input, int64_t busy_ns)
{
    if (!input->has_feed || input->rate.left == UINT64_MAX)
        return false; /* no rate holds: what waits need not be known */
    return riv__rate_pace(&input->rate, busy_ns, riv__input_waiting(input));
}

size_t riv__input_waiting(struct riv_input *input)
{
    return input->ops->waiting ? input->ops->waiting(input)
           : input->has_feed   ? riv__feed_waiting(&input->feed)
                               : 0;
}

bool riv__input_presses(struct riv_input *input)
{
    if (riv__rate_left(&input->rate) == 0)
        return false;
    if (input->ops->presses)
        return input->ops->presses(input);
    return input->has_feed &&
           2 * riv__input_waiting(input) >= input->feed.limit_bytes;
}

void riv__input_release(struct riv_input *input)
{
    if (input->ops->release)
        input->ops->release(input);
    if (input->cut_held > 0)
        riv__feed_release(&input->feed, input->cut_held);
    input->cut_held = 0;
    input->cut_bytes = 0;
}

static int named(struct riv_input *input, int rc, struct riv_err *err)
{
    if (rc < 0)
        riv__err_prefix(err, "input %s", input->shown);
    return rc;
}

/* A kind that cannot go back counts what it has received; the journal has the
 * bytes. */
static int stand_received(const struct riv_input *input, struct riv_stand *to)
{
    if (riv__input_receives(input))
        riv__stand_put(to, "received", input->feed.offset);
    return 0;
}

int riv__input_stand(struct riv_input *input, struct riv_stand *to,
                     struct riv_err *err)
{
    int rc = input->ops->stand ? input->ops->stand(input, to, err)
                               : stand_received(input, to);
    RIV__TRY(named(input, rc, err));
    input->batch_bytes = 0;
    if (!to->failed && !to->words.failed)
        return 0;
    return named(input,
                 riv__err_set(err, RIV_ENOMEM,
                              "no memory to write down where it stands"),
                 err);
}

int riv__input_recall(struct riv_input *input, riv_str key, riv_str value,
                      struct riv_err *err)
{
    if (!input->ops->recall)
        return 0;
    return named(input, input->ops->recall(input, key, value, err), err);
}

static int seek_received(struct riv_input *input, riv_str words,
                         struct riv_err *err)
{
    uint64_t received;
    if (!riv__input_receives(input))
        return 0;
    if (!riv__stand_get(words, "received", &received))
        return riv__stand_damaged(words, err);
    riv__feed_keep(&input->feed, received);
    return 0;
}

int riv__input_seek(struct riv_input *input, riv_str words, struct riv_err *err)
{
    int rc = input->ops->seek ? input->ops->seek(input, words, err)
                              : seek_received(input, words, err);
    return named(input, rc, err);
}

/* The journal has given it back before the start. */
static int reach_received(struct riv_input *input, riv_str words,
                          struct riv_err *err)
{
    uint64_t until;
    if (!riv__input_receives(input))
        return 1;
    if (!riv__stand_get(words, "received", &until) ||
        until < input->feed.offset ||
        until - input->feed.offset > riv__feed_waiting(&input->feed))
        return riv__stand_damaged(words, err);
    input->cut_is_limited = true;
    input->cut_most = until - input->feed.offset;
    return 1;
}

int riv__input_reach(struct riv_input *input, riv_str words,
                     struct riv_err *err)
{
    int rc = input->ops->reach ? input->ops->reach(input, words, err)
                               : reach_received(input, words, err);
    rc = named(input, rc, err);
    if (rc == 0 && atomic_load_explicit(&input->failed, memory_order_acquire))
        return give_status(input, err);
    return rc;
}

int riv__input_reach_feed(struct riv_input *input, const struct riv_mark *at)
{
    const int64_t n = riv__feed_reach(&input->feed, at);
    if (n < 0)
        return 0;
    input->cut_is_limited = true;
    input->cut_most = (uint64_t)n;
    return 1;
}

void riv__input_ack(struct riv_input *input)
{
    if (input->ops->ack)
        input->ops->ack(input);
}

bool riv__input_receives(const struct riv_input *input)
{
    return !input->ops->stand && !(input->ops->flags & RIV__SOURCE_ROWS);
}

void riv__input_note(struct riv_input *input, const char *fmt, ...)
{
    char text[sizeof input->note];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    riv__lock(&input->status_lock);
    riv__str_show(input->note, sizeof input->note, riv_cstr(text));
    riv__unlock(&input->status_lock);
}

void riv__input_event(struct riv_input *input, const char *fmt, ...)
{
    char text[sizeof input->event];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    riv__lock(&input->status_lock);
    riv__str_show(input->event, sizeof input->event, riv_cstr(text));
    input->events++;
    riv__unlock(&input->status_lock);
}

uint64_t riv__input_events(struct riv_input *input, char *text, size_t room)
{
    riv__lock(&input->status_lock);
    const uint64_t n = input->events;
    snprintf(text, room, "%s", input->event);
    input->events = 0;
    riv__unlock(&input->status_lock);
    return n;
}

/* A manual clock stands still while a thread waits: without a limit in time a
 * wait is for the world alone, and does not spin. */
int riv__input_wait(struct riv_input *input, struct riv_pollfd *fds, unsigned n,
                    int64_t ms, struct riv_err *err)
{
    struct riv_sys *sys = input->sys;
    int64_t until = INT64_MAX;
    if (ms < 0 || (input->wait_ms >= 0 && input->wait_ms < ms))
        ms = input->wait_ms;
    if (ms >= 0)
        until = sys->mono_ns(sys) + ms * 1000000;
    int rc = sys->poll(sys, fds, n, &input->wake, until);
    if (rc == -EINTR)
        return 0;
    return rc < 0 ? riv__err_sys(err, -rc, "poll", NULL) : rc;
}
