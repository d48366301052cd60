/* api/cli_stop.c - the thread that waits for signals. With a supervisor a signal
 * may come twice, from whoever sent it to both processes and from the
 * supervisor, which passes its own on and counts them in the shared page: what
 * counts is the larger number. */
#include "api/cli_stop.h"

#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "api/cli_log.h"
#include "exec/watch.h"
#include "sys/notify.h"

#define MS INT64_C(1000000)

enum {
    SAME_MS = 50,    /* two of one sender within this are one: timeout(1) sends
                         to the process and to its group */
    GRACE_MS = 1000, /* beyond stop.timeout, which the job itself looks at */
};

static int64_t now_ns(void)
{
    return riv__sys_real()->mono_ns(riv__sys_real());
}

/* What was published stays, the rest is done again by the next start. */
static _Noreturn void leave(const riv *r)
{
    struct riv_watch *watch = r->supervised;
    if (watch) {
        atomic_store(&watch->exit_code, EX_TEMPFAIL);
        atomic_store(&watch->ended, true);
    }
    _exit(EX_TEMPFAIL);
}

static void count(struct riv_stopper *stopper, const riv *r,
                  const siginfo_t *info)
{
    const int64_t now = now_ns();
    if (r->supervised && info->si_pid == getppid())
        return; /* it has counted it in the page */
    if (stopper->last.number == info->si_signo &&
        stopper->last.pid == info->si_pid &&
        now - stopper->last.at_ns < SAME_MS * MS)
        return;
    stopper->last.number = info->si_signo;
    stopper->last.pid = info->si_pid;
    stopper->last.at_ns = now;
    stopper->asked++;
}

static void on_signal(struct riv_stopper *stopper, riv *r)
{
    const struct riv_watch *watch = r->supervised;
    const int asked =
        RIV__MAX(stopper->asked, watch ? atomic_load(&watch->asked) : 0);
    if (asked > 1)
        leave(r);
    if (asked == 0 || stopper->drains)
        return;
    stopper->drains = true;
    stopper->give_up_ns =
        now_ns() + (r->conf.settings.stop_timeout_ms + GRACE_MS) * MS;
    if (!r->supervised)
        (void)riv__notify_send("STOPPING=1");
    riv_stop(r, RIV_DRAIN);
}

/* A function of the program has not come back. */
static _Noreturn void give_up(const riv *r)
{
    char doing[400] = "", line[500];
    if (r->watch)
        riv_watch_doing(r->watch, doing, sizeof doing);
    snprintf(line, sizeof line,
             "stop.timeout has passed, and %s still runs: left without it",
             *doing ? doing : "a function of the job, or an output,");
    riv__cli_log(r, RIV_LOG_ERROR, line);
    leave(r);
}

/* No task is stuck: the service manager may know. */
static void ping(struct riv_stopper *stopper, riv *r)
{
    const int64_t step_ms = stopper->ping_step_ns / MS;
    stopper->ping_ns = now_ns() + stopper->ping_step_ns;
    if (!r->watch || riv_watch_tick(r->watch, step_ms) == 0)
        (void)riv__notify_send("WATCHDOG=1");
}

/* The next signal, or 0: it is time for something else. */
static int next_signal(const struct riv_stopper *stopper, siginfo_t *info)
{
    const int64_t until = RIV__MIN(stopper->give_up_ns, stopper->ping_ns);
    if (until == INT64_MAX)
        return sigwaitinfo(&stopper->set, info);
    const int64_t left = RIV__MAX(until - now_ns(), 0);
    const struct timespec time = { .tv_sec = left / 1000000000,
                                   .tv_nsec = left % 1000000000 };
    return sigtimedwait(&stopper->set, info, &time);
}

static void stopper_main(void *arg)
{
    struct riv_stopper *stopper = arg;
    for (;;) {
        siginfo_t info;
        const int number = next_signal(stopper, &info);
        riv *r = atomic_load(&stopper->r);
        if (!r)
            return;
        if (number > 0) {
            count(stopper, r, &info);
            on_signal(stopper, r);
        }
        if (now_ns() >= stopper->give_up_ns)
            give_up(r);
        if (now_ns() >= stopper->ping_ns)
            ping(stopper, r);
    }
}

int riv__stopper_start(struct riv_stopper *stopper, riv *r, struct riv_err *err)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, hangup;
    const int64_t ping_ms = r->supervised ? 0 : riv__notify_watchdog_ms();
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    sigemptyset(&stopper->set);
    sigaddset(&stopper->set, SIGINT);
    sigaddset(&stopper->set, SIGTERM);
    /* The terminal has gone; under nohup that is ignored. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&stopper->set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &stopper->set, NULL);
    stopper->give_up_ns = stopper->ping_ns = INT64_MAX;
    if (ping_ms > 0) {
        stopper->ping_step_ns = ping_ms * MS;
        stopper->ping_ns = now_ns();
    }
    atomic_store(&stopper->r, r);
    return riv__thread_start(&stopper->thread, "riv-signals", stopper_main,
                             stopper, err);
}

void riv__stopper_join(struct riv_stopper *stopper)
{
    if (!stopper->thread.started)
        return;
    atomic_store(&stopper->r, NULL);
    pthread_kill(stopper->thread.id, SIGTERM);
    riv__thread_join(&stopper->thread);
}
