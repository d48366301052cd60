/* api/cli_main.c - a program of its own: options, what is printed, exit codes; its
 * log is cli_log.c's, signals are cli_stop.c's. The only files of the library that
 * do what a process may do and a guest may not; the command runs every job through
 * them. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "api/cli_log.h"
#include "api/cli_stop.h"
#include "conf/doc.h"
#include "exec/watch.h"
#include "io/source.h"
#include "sys/notify.h"

/* A line of riv_print; one that did not arrive ends the job. */
static void print_line(riv *r, const char *msg)
{
    fputs(msg, stdout);
    fputc('\n', stdout);
    if (fflush(stdout) == 0)
        return;
    r->print_errno = errno ? errno : EIO;
    clearerr(stdout); /* it is told with the job's error */
}

static void log_line(void *arg, int level, const char *msg)
{
    if (level == RIV_LOG_OUTPUT)
        print_line(arg, msg);
    else
        riv__cli_log(arg, level, msg);
}

static int exit_code(int rc)
{
    switch (rc) {
    case 0: return EX_OK;
    case RIV_EUSAGE: return EX_USAGE;
    case RIV_EINVAL:
    case RIV_ETYPE: return EX_CONFIG;
    case RIV_ECHECKPOINT: return EX_DATAERR;
    case RIV_ENOINPUT: return EX_NOINPUT;
    case RIV_ETIMEOUT:
    case RIV_EUNAVAIL: return EX_UNAVAILABLE;
    case RIV_EBUSY:
    case RIV_EEXISTS: return EX_CANTCREAT;
    case RIV_ENOMEM: return EX_OSERR;
    case RIV_EIO: return EX_IOERR;
    case RIV_ESTOPPED: return EX_TEMPFAIL;
    case RIV_EPERM: return EX_NOPERM;
    default: return EX_SOFTWARE;
    }
}

/* ------------------------------------------------------------------ main */

/* A descriptor below 3 that is closed would be given to the next file that is
 * opened, which then got what is printed. So it is taken, not for writing. */
static void stdio_open(void)
{
    struct riv_sys *sys = riv__sys_real();
    int fd = 0;
    while (fd >= 0 && fd < 3)
        fd = sys->open(sys, "/dev/null", RIV__OPEN_READ);
    if (fd >= 3)
        sys->close(sys, fd);
}

static bool reads_kafka(const riv *r)
{
    for (size_t i = 0; i < RIV__MIN(r->nsource, r->input_cap); i++)
        if (r->input[i] && r->input[i]->ops->flags & RIV__SOURCE_KAFKA)
            return true;
    return false;
}

/* The answers of a broker, large pieces that are used again and again, stay in the
 * process. By itself the C library hands one back as soon as it is free, and each
 * page of the next costs a fault: 115,000 in 2 GiB of a topic, where 62,000 are left.
 * A heap of a thread that is empty goes back whole, unless one is to grow by as much
 * as a heap has at most, 64 MiB, which are not used before they are written to. Under
 * memory.limit all of it shall go back; and so it shall without Kafka, where tables
 * that have grown would stay: 4 MiB of the 20 of a word count in batches of 16 MiB. */
static void memory_keep(const riv *r)
{
    enum {
        PIECE_BYTES_MAX = 32 << 20,
        KEPT_BYTES = 64 << 20,
        STEP_BYTES = 64 << 20, /* by which a heap grows, in addresses */
    };
    if (r->conf.settings.memory_bytes_max > 0 || !reads_kafka(r))
        return;
    (void)mallopt(M_MMAP_THRESHOLD, PIECE_BYTES_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_TOP_PAD, STEP_BYTES);
}

static int help(const char *name)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 1 << 20);
    printf(
        "Usage: %s [OPTIONS] [ARGUMENTS OF THE JOB]\n\n"
        "  --interval TIME   length of a batch of live input: 10ms, 1s; 5 is 5ms\n"
        "  --state DIR       what it has done is written down there, and "
        "it goes on\n"
        "  --threads N       threads that work; 0: one per core\n"
        "  -c KEY=VALUE      any setting below\n"
        "  --config FILE     settings from a file, lines KEY = VALUE\n"
        "  --help            this text\n"
        "  --                what follows belongs to the job\n\n"
        "Settings (also as RIVULET_KEY in the environment):\n\n",
        name);
    riv__conf_doc_help(&buf);
    fwrite(buf.p ? buf.p : "", 1, buf.n, stdout);
    riv__buf_fini(&buf);
    return EX_OK;
}

static int finish(riv *r, int rc)
{
    if (rc == 0 || r->out_closed) /* whoever reads us has enough: no fault */
        return EX_OK;
    if (r->supervised && atomic_load(&r->supervised->sieve.passed))
        return EX_TEMPFAIL; /* a part of a batch was tried: the other process
                               says what it makes of it */
    if (rc == RIV_ESTOPPED) {
        riv__cli_log(r, 0, riv_errmsg(r));
        return EX_TEMPFAIL;
    }
    const char *why = riv_errmsg(r);
    riv__cli_log(r, RIV_LOG_ERROR, *why ? why : "unknown");
    return exit_code(rc);
}

static const char *base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "job";
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int build_and_run(riv *r, int argc, char **argv, riv_job_fn *build)
{
    struct riv_stopper stopper = { .r = NULL };
    struct riv_err err = { 0 };
    int rc = riv_cli_options(r, &argc, argv);
    if (rc < 0)
        return rc;
    riv__cli_log_share(r);
    rc = build(r, argc, argv);
    if (riv_error(r) < 0)
        return riv_error(r);
    if (rc != 0)
        return riv_invalid(r,
                           "the job's build function returned %d without "
                           "saying why (riv_invalid)",
                           rc);
    rc = riv__stopper_start(&stopper, r, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    rc = riv_run(r);
    riv__stopper_join(&stopper);
    return rc;
}

/* The inputs are open. */
static void on_ready(riv *r)
{
    memory_keep(r);
    if (r->supervised)
        atomic_store(&r->supervised->ready, true);
    else
        (void)riv__notify_send("READY=1");
}

static int run(riv *r, int argc, char **argv, riv_job_fn *build)
{
    r->log_arg = r;
    r->ready = on_ready;
    int rc = build_and_run(r, argc, argv, build);
    int code = finish(r, rc);
    riv_free(r);
    return code;
}

static void doing(struct riv_fault *fault, char *text, size_t room)
{
    riv_watch_doing(RIV__CONTAINER(fault, struct riv_watch, fault), text, room);
}

/* Of the process, as its handlers are. */
static struct riv_watch own_watch;
static atomic_bool at_work;

/* The job did not come to its end: a function of it has called exit, with
 * whatever code. Who started the job must not take it for done. */
static void on_exit_at_work(void)
{
    char text[400] = "", line[500];
    if (!atomic_load(&at_work))
        return;
    atomic_store(&own_watch.fault.thread, riv__fault_thread());
    riv_watch_doing(&own_watch, text, sizeof text);
    snprintf(line, sizeof line,
             "the job called exit%s%s; it has not come to its end",
             *text ? " in " : "", text);
    riv_watch_log(&own_watch, RIV_LOG_ERROR, line);
    fflush(NULL);
    _exit(EX_SOFTWARE);
}

int riv_cli_main(int argc, char **argv, riv_job_fn *build)
{
    if (asks_help(argc, argv))
        return help(base_name(argv[0]));
    stdio_open();
    riv__fault_watch(&own_watch.fault, doing);
    (void)atexit(on_exit_at_work);
    (void)at_quick_exit(on_exit_at_work);
    riv *r = riv_new(RIV_CONFIG(.log = log_line));
    r->watch = &own_watch;
    atomic_store(&at_work, true);
    const int code = run(r, argc, argv, build);
    atomic_store(&at_work, false);
    return code;
}

int riv_cli_worker(riv_watch *watch, int argc, char **argv, riv_job_fn *build)
{
    if (asks_help(argc, argv))
        return help(base_name(argv[0]));
    stdio_open();
    riv__fault_watch(&watch->fault, doing);
    riv *r = riv_new(RIV_CONFIG(.log = log_line));
    r->watch = r->supervised = watch;
    int code = run(r, argc, argv, build);
    atomic_store(&watch->exit_code, code);
    atomic_store(&watch->ended, true);
    return code;
}
