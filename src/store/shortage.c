/* store/shortage.c - see shortage.h. Another program may fill the disk at any
 * moment, also after it has been measured, so both halves are needed: measuring
 * keeps a job from being stuck with batches it cannot write down, waiting loses
 * none of them. */
#include "store/shortage.h"

#include <stdio.h>

#include "base/num.h"

enum { FULL_PAUSE_MS = 100 };

int riv__shortage_init(struct riv_shortage *s, struct riv_err *err)
{
    riv__lock_init(&s->lock);
    s->pause = (struct riv_wake){ -1 };
    const int rc = s->sys->wake_open(s->sys, &s->pause);
    return rc < 0 ? riv__err_sys(err, -rc, "eventfd", NULL) : 0;
}

void riv__shortage_fini(struct riv_shortage *s)
{
    if (s->pause.fd >= 0)
        s->sys->wake_close(s->sys, &s->pause);
    riv__lock_fini(&s->lock);
}

static void wake_driver(struct riv_shortage *s)
{
    if (s->driver)
        s->sys->wake_raise(s->sys, s->driver);
}

static bool leaves(const struct riv_shortage *s)
{
    return s->leaves && atomic_load(s->leaves) != 0;
}

/* --------------------------------------------------------- before it is full */

static void say_short(struct riv_shortage *s, uint64_t room, uint64_t need)
{
    char text[512], left[RIV__NUM_TEXT], wanted[RIV__NUM_TEXT],
        used[RIV__NUM_TEXT];
    if (!s->say)
        return;
    riv__num_put_size(left, room);
    riv__num_put_size(wanted, need);
    riv__num_put_size(used, riv__journal_bytes(s->journal));
    snprintf(text, sizeof text,
             "state directory: it has %s, room for %s more is left and %s are "
             "wanted: nothing more is taken in until old state has been "
             "dropped. Nothing is lost; room is made by a larger disk.limit or "
             "disk",
             used, left, wanted);
    s->say(s->arg, RIV_LOG_WARN, text);
}

static void say_again(struct riv_shortage *s)
{
    if (s->say)
        s->say(s->arg, RIV_LOG_INFO,
               "state directory: there is room again, inputs are read on");
}

/* A quarter more before it goes on: not a batch at a time. */
void riv__shortage_measure(struct riv_shortage *s)
{
    const uint64_t room = riv__journal_room(s->journal);
    riv__lock(&s->lock);
    const bool was = s->is_short;
    const uint64_t need = s->need;
    const bool is = room < need + (was ? need / 4 : 0);
    s->is_short = is;
    riv__unlock(&s->lock);
    if (is == was)
        return;
    if (is)
        say_short(s, room, need);
    else
        say_again(s);
    wake_driver(s);
}

/* -------------------------------------------------------------- when it is */

static void set_stuck(struct riv_shortage *s, bool stuck)
{
    riv__lock(&s->lock);
    s->is_stuck = stuck;
    riv__unlock(&s->lock);
    wake_driver(s);
}

static void pause_full(struct riv_shortage *s, const struct riv_err *why)
{
    if (!s->is_stuck && s->say) {
        char text[RIV__ERR_TEXT_MAX + 64];
        snprintf(text, sizeof text,
                 "state directory: %s; the batch waits for room", why->text);
        s->say(s->arg, RIV_LOG_WARN, text);
    }
    if (!s->is_stuck)
        set_stuck(s, true);
    const int64_t until =
        s->sys->mono_ns(s->sys) + FULL_PAUSE_MS * INT64_C(1000000);
    (void)s->sys->poll(s->sys, NULL, 0, &s->pause, until);
}

static bool is_given_up(struct riv_shortage *s)
{
    riv__lock(&s->lock);
    const bool give_up = s->give_up;
    riv__unlock(&s->lock);
    return give_up;
}

/* The last word: there is no more to give. */
static int leave_full(struct riv_shortage *s, struct riv_err *err)
{
    if (!leaves(s))
        return err->code;
    riv__err_prefix(err, "stopped before the last batch was written down");
    err->code = RIV_ESTOPPED;
    return RIV_ESTOPPED;
}

int riv__shortage_make_room(struct riv_shortage *s, unsigned tries,
                            struct riv_err *err)
{
    struct riv_err more = { .code = 0 };
    int rc = riv__journal_move_wal(s->journal, &more);
    if (rc == 0)
        rc = riv__tidy_step(s->tidy, s->journal, &more);
    if (rc < 0) {
        *err = more;
        return rc;
    }
    if (tries == 0)
        return 0;
    if (!leaves(s) && !is_given_up(s)) {
        pause_full(s, err);
        return 0;
    }
    if (s->gave_ballast)
        return leave_full(s, err);
    s->gave_ballast = true;
    return riv__journal_give_ballast(s->journal, err);
}

void riv__shortage_over(struct riv_shortage *s)
{
    if (s->is_stuck)
        set_stuck(s, false);
}

/* ---------------------------------------------------------- what others see */

void riv__shortage_need(struct riv_shortage *s, uint64_t bytes)
{
    riv__lock(&s->lock);
    s->need = bytes;
    riv__unlock(&s->lock);
}

bool riv__shortage_is_short(struct riv_shortage *s)
{
    riv__lock(&s->lock);
    const bool is_short = s->is_short && !leaves(s);
    riv__unlock(&s->lock);
    return is_short;
}

bool riv__shortage_is_stuck(struct riv_shortage *s)
{
    riv__lock(&s->lock);
    const bool stuck = s->is_stuck;
    riv__unlock(&s->lock);
    return stuck;
}

void riv__shortage_stop(struct riv_shortage *s, bool give_up)
{
    riv__lock(&s->lock);
    s->give_up = give_up;
    riv__unlock(&s->lock);
    if (s->pause.fd >= 0)
        s->sys->wake_raise(s->sys, &s->pause);
}
