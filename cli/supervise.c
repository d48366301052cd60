/* cli/supervise.c - the process that watches. Signals are waited for, never
 * handled: those that end the job are counted and sent on, the death of the
 * worker is looked into. It wakes once a second to see whether a task hangs, more
 * often with a short task.timeout or a memory.limit: the worker says how often. */
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rivulet/watch.h>

#include "poison.h"
#include "restart.h"
#include "say.h"

enum {
    START_TICK_MS = 20, /* until the inputs are open */
    DYING_MS = 5000,    /* a worker that has a fault, or hangs, gets so long */
    MEMORY_MS_MIN = 2,  /* one that nears its limit is looked at so often */
    MEMORY_BYTES_MS = 2 << 20, /* that it grows by in a ms, as measured */
    SAME_MS = 50, /* two signals of one sender within this are one */
    DOING_MAX = 400,
    WHY_MAX = 700 /* DOING_MAX, and what describe() puts around it */
};

struct supervisor {
    const struct args *args;
    const riv_job *job;
    riv_watch *watch;
    struct restart restart;
    struct poison poison;
    sigset_t set, before; /* what is waited for; the mask at the start */
    pid_t worker;         /* 0: none */
    bool stopped;         /* the worker, by SIGSTOP or a debugger */
    int asked;            /* to stop, and how often */
    siginfo_t last;       /* the signal that asked */
    int64_t last_ms, ping_ms;
    int64_t tick_ms, looked_ms; /* how often it is looked at, and when it was */
    int64_t kill_ms;            /* when the worker is killed, 0: never */
    bool ready;
    const char *ended;     /* why a task of it was ended; NULL: none was */
    char doing[DOING_MAX]; /* what the task was doing */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What becomes of the job, where and as the job's own log is written. */
RIV_PRINTF(3, 4)
static void tell(const struct supervisor *s, int level, const char *fmt, ...)
{
    char text[2 * WHY_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fflush(stdout);
    riv_watch_log(s->watch, level, text);
}

/* ----------------------------------------------------------- is it wanted? */

/* 0: without a state directory nothing could go on. */
static unsigned restarts_max(riv *r)
{
    char state[2] = "", number[32] = "0";
    if (riv_get(r, "state.dir", state, sizeof state) != RIV_OK || !*state ||
        riv_get(r, "restart.max", number, sizeof number) != RIV_OK)
        return 0;
    return (unsigned)strtoul(number, NULL, 10);
}

unsigned supervise_wants(const struct args *args)
{
    int argc = args->argc;
    char **argv = calloc((size_t)argc + 1, sizeof *argv);
    unsigned restarts = 0;
    if (!argv)
        return 0;
    memcpy(argv, args->argv, (size_t)argc * sizeof *argv);
    riv *r = riv_new(NULL);
    if (riv_cli_options(r, &argc, argv) == RIV_OK)
        restarts = restarts_max(r);
    riv_free(r);
    free(argv);
    return restarts;
}

/* ------------------------------------------------------------- the worker */

/* A supervisor that dies takes the worker along: two would be one too many. */
static int work(struct supervisor *s, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_AGAIN);
    /* all but SIGCHLD wait until the job can take them; in one call, or a stop
     * that comes between two kills the worker */
    sigset_t mask = s->set;
    sigdelset(&mask, SIGCHLD);
    sigorset(&mask, &mask, &s->before);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return riv_cli_worker(s->watch, s->args->argc, s->args->argv,
                          s->job->build);
}

/* 1: this is the worker, whose code is *ret_code; 0: it runs; else no process
 * was to be had. */
static int start(struct supervisor *s, int *ret_code)
{
    const pid_t self = getpid();
    riv_watch_reset(s->watch);
    riv_watch_try(s->watch, &s->poison.trial);
    s->kill_ms = 0;
    s->ended = NULL;
    s->stopped = false;
    fflush(NULL); /* what is buffered is not printed twice */
    s->worker = fork();
    if (s->worker == 0) {
        *ret_code = work(s, self);
        return 1;
    }
    s->tick_ms = START_TICK_MS;
    s->looked_ms = now_ms();
    return s->worker > 0 ? 0 : -1;
}

static void kill_worker(struct supervisor *s, int number)
{
    if (s->worker > 0)
        kill(s->worker, number);
}

/* ---------------------------------------------------------------- signals */

static bool is_same(const struct supervisor *s, const siginfo_t *info)
{
    return s->asked > 0 && s->last.si_signo == info->si_signo &&
           s->last.si_pid == info->si_pid && s->last.si_code == info->si_code &&
           now_ms() - s->last_ms < SAME_MS;
}

/* The second one is obeyed by the worker at once; one that cannot is killed. */
static void ask(struct supervisor *s, const siginfo_t *info)
{
    if (is_same(s, info))
        return;
    s->last = *info;
    s->last_ms = now_ms();
    if (s->asked++ == 0)
        riv_notify("STOPPING=1");
    else if (s->kill_ms == 0)
        s->kill_ms = now_ms() + DYING_MS;
    riv_watch_ask(s->watch);
    kill_worker(s, info->si_signo);
}

/* Of the worker, in bytes; 0: not known. */
static int64_t memory_of(const struct supervisor *s)
{
    char path[64];
    long long size = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)s->worker);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lld %lld", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

/* Its thread shows its calls on the way. `what` is what it takes, `ended` why
 * that was its end. */
static void end_task(struct supervisor *s, int thread, const char *what,
                     const char *ended)
{
    if (s->ended)
        return;
    riv_watch_doing(s->watch, s->doing, sizeof s->doing);
    tell(s, RIV_LOG_ERROR, "a task takes %s: %s; it is ended", what, s->doing);
    s->ended = ended;
    syscall(SYS_tgkill, s->worker, thread, SIGABRT);
    s->kill_ms = now_ms() + DYING_MS;
}

/* It is looked at again before it can have taken what is left. */
static void look_at_memory(struct supervisor *s, int64_t most)
{
    const int64_t has = memory_of(s);
    const int64_t left_ms = (most - has) / MEMORY_BYTES_MS;
    const int full = riv_watch_memory(s->watch, has);
    if (s->tick_ms > left_ms)
        s->tick_ms = left_ms > MEMORY_MS_MIN ? left_ms : MEMORY_MS_MIN;
    if (full != 0)
        end_task(s, full, "more memory than memory.limit",
                 "it took more than memory.limit");
}

static void look_at_tasks(struct supervisor *s, int64_t passed_ms, int64_t most)
{
    const int hung = riv_watch_tick(s->watch, s->stopped ? 0 : passed_ms);
    if (hung != 0)
        end_task(s, hung, "longer than task.timeout", "it hung");
    if (most > 0)
        look_at_memory(s, most);
}

/* A process that was itself stopped for long does not take that for a hang. */
static void look(struct supervisor *s)
{
    riv_watch_info info = { .struct_size = sizeof info };
    const int64_t now = now_ms();
    int64_t passed = now - s->looked_ms;
    riv_watch_look(s->watch, &info);
    if (info.ready && !s->ready)
        riv_notify("READY=1");
    s->ready |= info.ready;
    if (info.fault_signal != 0 && s->kill_ms == 0)
        s->kill_ms = now + DYING_MS;
    if (passed > 2 * s->tick_ms)
        passed = 2 * s->tick_ms;
    s->looked_ms = now;
    s->tick_ms = info.ready ? info.tick_ms : START_TICK_MS;
    look_at_tasks(s, passed, info.memory_max);
    if (s->kill_ms != 0 && now >= s->kill_ms)
        kill_worker(s, SIGKILL);
}

static void ping(struct supervisor *s)
{
    const int64_t step_ms = riv_notify_ms();
    if (step_ms <= 0 || now_ms() < s->ping_ms)
        return;
    s->ping_ms = now_ms() + step_ms;
    riv_notify("WATCHDOG=1");
}

/* Waits for a signal, at most so long; true: the worker may have died. */
static bool wait_signal(struct supervisor *s, int64_t ms)
{
    const int64_t ping_in = s->ping_ms - now_ms();
    if (riv_notify_ms() > 0 && ping_in < ms)
        ms = ping_in > 0 ? ping_in : 0;
    const struct timespec time = { .tv_sec = ms / 1000,
                                   .tv_nsec = ms % 1000 * 1000000 };
    siginfo_t info;
    const int number = sigtimedwait(&s->set, &info, &time);
    if (number > 0 && number != SIGCHLD)
        ask(s, &info);
    ping(s);
    return number == SIGCHLD;
}

/* ------------------------------------------------------------ how it ended */

static bool is_dead(struct supervisor *s, int *ret_status)
{
    pid_t pid;
    while ((pid = waitpid(s->worker, ret_status,
                          WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        if (!WIFSTOPPED(*ret_status) && !WIFCONTINUED(*ret_status))
            return true;
        s->stopped = WIFSTOPPED(*ret_status);
    }
    return pid < 0 && errno == ECHILD;
}

static int watch_worker(struct supervisor *s)
{
    int status = 0;
    while (!is_dead(s, &status)) {
        (void)wait_signal(s, s->tick_ms);
        if (now_ms() - s->looked_ms >= s->tick_ms)
            look(s);
    }
    s->worker = 0;
    return status;
}

/* "it was killed by signal 11 (Segmentation fault) in riv_map(f, job.c:3),
 * partition 0, batch 17" */
static void describe(const struct supervisor *s, int status,
                     const riv_watch_info *info, char why[WHY_MAX])
{
    char doing[DOING_MAX], batch[64] = "", how[128];
    riv_watch_doing(s->watch, doing, sizeof doing);
    if (info->batch > 0)
        snprintf(batch, sizeof batch, ", batch %lld", (long long)info->batch);
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d (%s)",
                 WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
    else if (info->ended)
        snprintf(how, sizeof how, "ended with exit code %d", info->exit_code);
    else
        snprintf(how, sizeof how, "called exit(%d)", WEXITSTATUS(status));
    snprintf(why, WHY_MAX, "%s%s%s%s%s%s", how, doing[0] ? " in " : "", doing,
             batch, s->ended ? ", because " : "", s->ended ? s->ended : "");
}

/* A batch that does it again and again is looked into; and what others do to the
 * worker is none of the batch's doing. */
static enum poison_verdict look_into(struct supervisor *s, int status,
                                     const riv_watch_info *info,
                                     const char *why)
{
    const bool by_itself =
        WIFEXITED(status) || info->fault_signal != 0 || s->ended;
    if (s->asked > 0 || !info->goes_on)
        return POISON_NOT;
    return poison_after(&s->poison, &(struct poison_end){
                                        .died = !info->ended && by_itself,
                                        .why = why,
                                        .info = info,
                                    });
}

static struct restart_step poisoned(struct supervisor *s,
                                    enum poison_verdict verdict,
                                    const char *why)
{
    char reads[DOING_MAX];
    riv_watch_reads(s->watch, reads, sizeof reads);
    switch (verdict) {
    case POISON_BEGIN:
        tell(s, RIV_LOG_WARN,
             "the job %s, as often as %d times: the lines that do it "
             "are looked for (poison.policy)",
             why, POISON_CRASHES);
        break;
    case POISON_FOUND:
        tell(s, RIV_LOG_WARN, "the job %s; a line that does it is found", why);
        break;
    case POISON_FAILS:
        tell(s, RIV_LOG_ERROR,
             "the job %s, as often as %d times, and is not started again; "
             "-c poison.policy=letter finds the lines that do it and sets them "
             "aside; the batch reads %s",
             why, POISON_CRASHES, reads);
        break;
    case POISON_HARD:
        tell(s, RIV_LOG_ERROR,
             "the job %s, as often as %d times; it is not a few lines of "
             "the batch alone that do it (poison.policy); it reads %s",
             why, POISON_CRASHES, reads);
        break;
    default: break;
    }
    return (struct restart_step){ .again = verdict != POISON_FAILS &&
                                           verdict != POISON_HARD,
                                  .code = EXIT_PROGRAM };
}

/* Not started again: why not. What the worker has told itself is not repeated. */
static void say_end(const struct supervisor *s, const struct restart_step *step,
                    bool told, const char *why)
{
    if (step->too_often)
        tell(s, RIV_LOG_ERROR,
             "the job %s; it has died more than %u times within a "
             "minute, and is not started again (restart.max)",
             why, s->restart.limit);
    else if (!told && s->asked > 0)
        tell(s, RIV_LOG_ERROR, "the job %s", why);
    else if (!told)
        tell(s, RIV_LOG_ERROR,
             "the job %s; without a stream and a state directory it "
             "cannot go on where it was",
             why);
}

static struct restart_step judge(struct supervisor *s, int status,
                                 char why[WHY_MAX])
{
    riv_watch_info info = { .struct_size = sizeof info };
    riv_watch_look(s->watch, &info);
    describe(s, status, &info, why);
    const enum poison_verdict verdict = look_into(s, status, &info, why);
    if (verdict != POISON_NOT)
        return poisoned(s, verdict, why);
    const struct restart_end end = {
        .finished = info.ended,
        .goes_on = info.goes_on || !info.ready, /* nothing has begun yet */
        .asked = s->asked > 0,
        .code = info.exit_code,
        .at_ms = now_ms(),
    };
    const struct restart_step step = restart_after(&s->restart, &end);
    if (!step.again)
        say_end(s, &step, info.ended, why);
    return step;
}

/* A pause, which a signal that asks for the end ends. */
static bool pause_before(struct supervisor *s, const struct restart_step *step,
                         const char *why)
{
    const int64_t until = now_ms() + step->pause_ms;
    tell(s, RIV_LOG_WARN, "the job %s; it is started again in %.1f s", why,
         (double)step->pause_ms / 1000);
    while (s->asked == 0 && now_ms() < until)
        (void)wait_signal(s, until - now_ms());
    return s->asked == 0;
}

/* ---------------------------------------------------------------- the whole */

static int run(struct supervisor *s)
{
    char why[WHY_MAX];
    for (;;) {
        int code = EXIT_FINE;
        const int is_worker = start(s, &code);
        if (is_worker > 0)
            return code;
        if (is_worker < 0)
            return say(EXIT_SYSTEM, "no process for the job: %s",
                       strerrordesc_np(errno));
        const int status = watch_worker(s);
        const struct restart_step step = judge(s, status, why);
        if (!step.again)
            return step.code;
        if (step.pause_ms > 0 && !pause_before(s, &step, why))
            return EXIT_AGAIN;
    }
}

/* Under nohup a hang-up is ignored, and stays so. Who ignores the death of
 * children is told nothing of it. */
static void block_signals(struct supervisor *s)
{
    const struct sigaction plain = { .sa_handler = SIG_DFL };
    struct sigaction hangup;
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGCHLD, &plain, NULL);
    sigaction(SIGPIPE, &ignore, NULL); /* nobody reads what it says */
    sigaction(SIGXFSZ, &ignore, NULL);
    sigemptyset(&s->set);
    sigaddset(&s->set, SIGINT);
    sigaddset(&s->set, SIGTERM);
    sigaddset(&s->set, SIGCHLD);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&s->set, SIGHUP);
    sigprocmask(SIG_BLOCK, &s->set, &s->before);
}

int supervise(const struct args *args, const riv_job *job, unsigned restarts)
{
    struct supervisor s = { .args = args, .job = job };
    restart_init(&s.restart, restarts);
    poison_init(&s.poison);
    s.watch = mmap(NULL, riv_watch_bytes(), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s.watch == MAP_FAILED)
        return say(EXIT_SYSTEM, "no memory to watch the job");
    block_signals(&s);
    return run(&s);
}
