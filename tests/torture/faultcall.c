/* faultcall.c - runs a command and does something at its N-th system call of a
 * kind: kills it, lets the call fail, or shortens it. The calls of all threads
 * and of all processes below the command are counted together, in the order in
 * which they happen, which a tracer that counts by thread cannot do. The kernel
 * hands each such call over before it begins (seccomp user notification), so
 * the command runs at full speed between them. Linux 5.9 or newer, any machine.
 *
 *   faultcall [OPTIONS] -- COMMAND...
 *     -s NAMES    the calls, by comma; "change" are those that change files,
 *                 sockets or processes, "io" all that can fail
 *     -u PATH     only calls on files below PATH; again for several
 *     -S          calls on sockets count too
 *     -n N        at the N-th call (0: none, they are only counted)
 *     -e          at every one from there on
 *     -a WHAT     kill (the process), killall, term (SIGTERM to the process), ask
 *                 (SIGTERM to the command), short, lie (short, but says it was
 *                 not), or an error such as EIO
 *     -l FILE     one line for each call that counts, and one at the end
 *     -t SECONDS  limit; then everything is killed (60)
 *
 * SIGTERM and SIGINT are passed on to the command. Ends with its exit code,
 * 128 + a signal, or 124 after the limit; 125 means that it could not do its
 * work. The last line of the log is
 *   end calls=N fired=N status=N left=N command=PID
 * left: processes that lived on 10 s after the command. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    UNDER_MAX = 8,
    CALLS_MAX = 64,
    PATH_ROOM = 4096,
    LEFT_MS = 10000, /* what outlives the command so long is told and killed */
    SHORT_MAX = 1 << 20,
    /* Linux 5.19: a signal does not break a call that waits for our answer */
    WAIT_KILLABLE = 1 << 5,
    CANNOT = 125,
    TOO_LONG = 124
};

/* Where a call names its file. */
enum where { NOWHERE, FD0, PATH0, AT0, AT2, PATH1 };

/* What it is: does it change something, can it be shortened? */
enum { CHANGES = 1, SHORTENS = 2, CREATES = 4 };

struct call {
    const char *name;
    int number;
    enum where where;
    unsigned flags;
};

static const struct call known[] = {
    { "write", SYS_write, FD0, CHANGES | SHORTENS },
    { "pwrite64", SYS_pwrite64, FD0, CHANGES | SHORTENS },
    { "writev", SYS_writev, FD0, CHANGES },
    { "pwritev", SYS_pwritev, FD0, CHANGES },
    { "fsync", SYS_fsync, FD0, CHANGES },
    { "fdatasync", SYS_fdatasync, FD0, CHANGES },
    { "ftruncate", SYS_ftruncate, FD0, CHANGES },
    { "fallocate", SYS_fallocate, FD0, CHANGES },
    { "renameat", SYS_renameat, AT2, CHANGES },
    { "renameat2", SYS_renameat2, AT2, CHANGES },
    { "unlinkat", SYS_unlinkat, AT0, CHANGES },
    { "mkdirat", SYS_mkdirat, AT0, CHANGES },
    { "linkat", SYS_linkat, AT2, CHANGES },
    { "openat", SYS_openat, AT0, CHANGES | CREATES },
#ifdef SYS_open
    { "open", SYS_open, PATH0, CHANGES },
    { "creat", SYS_creat, PATH0, CHANGES },
    { "rename", SYS_rename, PATH1, CHANGES },
    { "unlink", SYS_unlink, PATH0, CHANGES },
    { "rmdir", SYS_rmdir, PATH0, CHANGES },
    { "mkdir", SYS_mkdir, PATH0, CHANGES },
    { "link", SYS_link, PATH1, CHANGES },
#endif
    { "close", SYS_close, FD0, CHANGES },
    { "sendto", SYS_sendto, FD0, CHANGES | SHORTENS },
    { "sendmsg", SYS_sendmsg, FD0, CHANGES },
    { "exit_group", SYS_exit_group, NOWHERE, CHANGES },
    { "read", SYS_read, FD0, 0 },
    { "pread64", SYS_pread64, FD0, 0 },
    { "getdents64", SYS_getdents64, FD0, 0 },
    { "fstat", SYS_fstat, FD0, 0 },
    { "newfstatat", SYS_newfstatat, AT0, 0 },
    { "fcntl", SYS_fcntl, FD0, 0 },
    { "flock", SYS_flock, FD0, CHANGES },
    { "recvfrom", SYS_recvfrom, FD0, 0 },
    { "accept4", SYS_accept4, FD0, 0 },
    { "socket", SYS_socket, NOWHERE, 0 },
    { "bind", SYS_bind, FD0, 0 },
    { "listen", SYS_listen, FD0, 0 },
    { "connect", SYS_connect, FD0, 0 },
    { "clone", SYS_clone, NOWHERE, 0 },
    { "clone3", SYS_clone3, NOWHERE, 0 },
    { "rt_sigprocmask", SYS_rt_sigprocmask, NOWHERE, 0 },
};
enum { KNOWN = sizeof known / sizeof known[0] };

static const struct {
    const char *name;
    int number;
} errors[] = {
    { "EIO", EIO },       { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT },
    { "EINTR", EINTR },   { "EACCES", EACCES }, { "EMFILE", EMFILE },
    { "ENOMEM", ENOMEM }, { "EAGAIN", EAGAIN }, { "EROFS", EROFS },
    { "EBADF", EBADF },   { "EPIPE", EPIPE },   { "ECONNRESET", ECONNRESET },
};
enum { ERRORS = sizeof errors / sizeof errors[0] };

enum action { COUNT, KILL, KILLALL, TERM, ASK, SHORT, LIE, FAIL };

struct fault {
    bool picked[KNOWN];
    const char *under[UNDER_MAX];
    int nunder;
    bool sockets, every;
    long at; /* the N of the N-th */
    enum action action;
    int error;
    double limit_s;
    FILE *log;
};

struct run {
    struct fault fault;
    int listener;
    struct seccomp_notif *in;
    struct seccomp_notif_resp *out;
    struct seccomp_notif_sizes sizes;
    pid_t command;
    int status; /* of the command; -1: it runs */
    bool began; /* the command itself, not what is around it */
    long calls, fired;
    bool limit_passed;
};

/* Between us and the command before it is one. */
struct shared {
    _Atomic int listener;
    _Atomic bool go;
};

static void fail(const char *what)
{
    fprintf(stderr, "faultcall: %s: %s\n", what, strerrordesc_np(errno));
    exit(CANNOT);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pause_ms(int ms)
{
    struct timespec t = { .tv_nsec = ms * 1000000L };
    nanosleep(&t, NULL);
}

/* ----------------------------------------------------------------- the tree */

/* The processes below pid, by /proc; itself not. Calls f for each. */
static int below(pid_t pid, void (*f)(pid_t pid))
{
    char path[64];
    int n = 0, child;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &child) == 1) {
        n += 1 + below(child, f);
        if (f)
            f(child);
    }
    if (file)
        fclose(file);
    return n;
}

static void kill_hard(pid_t pid)
{
    kill(pid, SIGKILL);
}

static void kill_all(void)
{
    below(getpid(), kill_hard);
}

/* The process a thread belongs to. */
static pid_t process_of(pid_t tid)
{
    char path[64], line[256];
    pid_t pid = tid;
    snprintf(path, sizeof path, "/proc/%d/status", tid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "Tgid:", 5) == 0)
            pid = (pid_t)strtol(line + 5, NULL, 10);
    if (file)
        fclose(file);
    return pid;
}

/* ------------------------------------------------------- what a call is about */

static bool read_text(pid_t pid, uint64_t at, char dst[PATH_ROOM])
{
    size_t n = 0;
    while (n < PATH_ROOM - 1) { /* page by page: the next may not be there */
        size_t want = 4096 - (at + n) % 4096;
        if (want > PATH_ROOM - 1 - n)
            want = PATH_ROOM - 1 - n;
        struct iovec to = { dst + n, want };
        struct iovec from = { (void *)(uintptr_t)(at + n), want };
        ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);
        if (got <= 0)
            return false;
        if (memchr(dst + n, 0, (size_t)got))
            return true;
        n += (size_t)got;
    }
    return false;
}

static void link_of(pid_t pid, const char *what, char dst[PATH_ROOM])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    ssize_t n = readlink(path, dst, PATH_ROOM - 1);
    dst[n > 0 ? n : 0] = '\0';
}

static void fd_path(pid_t pid, int fd, char dst[PATH_ROOM])
{
    char what[32];
    snprintf(what, sizeof what, "fd/%d", fd);
    link_of(pid, what, dst);
}

/* A path as the call would find it, without following links. */
static void path_at(pid_t pid, int dirfd, uint64_t at, char dst[PATH_ROOM])
{
    char text[PATH_ROOM], base[PATH_ROOM];
    dst[0] = '\0';
    if (!read_text(pid, at, text))
        return;
    if (text[0] == '/') {
        memcpy(dst, text, PATH_ROOM);
        return;
    }
    if (dirfd == AT_FDCWD)
        link_of(pid, "cwd", base);
    else
        fd_path(pid, dirfd, base);
    if (!text[0]) { /* AT_EMPTY_PATH: the descriptor itself */
        memcpy(dst, base, PATH_ROOM);
        return;
    }
    size_t n = strlen(base), m = strlen(text);
    if (n + 1 + m + 1 > PATH_ROOM)
        return;
    memcpy(dst, base, n);
    dst[n] = '/';
    memcpy(dst + n + 1, text, m + 1);
}

static void path_of(const struct call *call, const struct seccomp_notif *in,
                    char dst[PATH_ROOM])
{
    const __u64 *arg = in->data.args;
    const pid_t pid = (pid_t)in->pid;
    dst[0] = '\0';
    switch (call->where) {
    case NOWHERE: break;
    case FD0: fd_path(pid, (int)arg[0], dst); break;
    case PATH0: path_at(pid, AT_FDCWD, arg[0], dst); break;
    case PATH1: path_at(pid, AT_FDCWD, arg[1], dst); break;
    case AT0: path_at(pid, (int)arg[0], arg[1], dst); break;
    case AT2: path_at(pid, (int)arg[2], arg[3], dst); break;
    }
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]);
}

/* Does the call count? Opening counts among the changes only when it makes a
 * file or empties it. */
static bool counts(const struct fault *fault, const struct call *call,
                   const struct seccomp_notif *in, const char *path)
{
    const bool kills = fault->action == KILL || fault->action == KILLALL;
    if (kills && (call->flags & CREATES) &&
        !(in->data.args[2] & (O_CREAT | O_TRUNC)))
        return false;
    if (call->where == NOWHERE || fault->nunder == 0)
        return true;
    if (strncmp(path, "socket:", 7) == 0)
        return fault->sockets;
    for (int i = 0; i < fault->nunder; i++)
        if (is_below(path, fault->under[i]))
            return true;
    return false;
}

/* ------------------------------------------------------------------ short calls */

/* The caller's descriptor as one of ours. */
static int borrow_fd(pid_t pid, int fd)
{
    int pidfd = (int)syscall(SYS_pidfd_open, process_of(pid), 0);
    if (pidfd < 0)
        return -1;
    int mine = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    close(pidfd);
    return mine;
}

/* Writes the first half of the bytes for the caller. Returns how many, or -1. */
static ssize_t write_half(const struct call *call,
                          const struct seccomp_notif *in)
{
    const __u64 *arg = in->data.args;
    const size_t half = arg[2] / 2;
    if (half == 0 || half > SHORT_MAX)
        return -1;
    char *data = malloc(half);
    struct iovec to = { data, half };
    struct iovec from = { (void *)(uintptr_t)arg[1], half };
    int fd = borrow_fd((pid_t)in->pid, (int)arg[0]);
    ssize_t n = -1;
    if (data && fd >= 0 &&
        process_vm_readv((pid_t)in->pid, &to, 1, &from, 1, 0) == (ssize_t)half)
        n = call->number == SYS_pwrite64 ? pwrite(fd, data, half, (off_t)arg[3])
                                         : write(fd, data, half);
    if (fd >= 0)
        close(fd);
    free(data);
    return n;
}

/* --------------------------------------------------------------------- the run */

static void go_on(struct run *run)
{
    run->out->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
}

static void shorten(struct run *run, const struct call *call)
{
    ssize_t n =
        call->flags & SHORTENS ? write_half(call, run->in) : (ssize_t)-1;
    if (n < 0) {
        go_on(run);
        return;
    }
    run->fired++;
    run->out->val = run->fault.action == LIE ? (__s64)run->in->data.args[2] : n;
}

/* The fault itself. A killed process gets no answer. */
static void fire(struct run *run, const struct call *call)
{
    switch (run->fault.action) {
    case COUNT: go_on(run); break;
    case KILL:
        run->fired++;
        kill_hard(process_of((pid_t)run->in->pid));
        break;
    case KILLALL:
        run->fired++;
        kill_all();
        break;
    case TERM:
    case ASK:
        run->fired++;
        kill(run->fault.action == ASK ? run->command
                                      : process_of((pid_t)run->in->pid),
             SIGTERM);
        go_on(run);
        break;
    case SHORT:
    case LIE: shorten(run, call); break;
    case FAIL:
        run->fired++;
        run->out->error = -run->fault.error;
        break;
    }
}

static const struct call *call_of(const struct run *run)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (run->fault.picked[i] && known[i].number == run->in->data.nr)
            return &known[i];
    return NULL;
}

static void decide(struct run *run)
{
    const struct fault *fault = &run->fault;
    const struct call *call = call_of(run);
    char path[PATH_ROOM];
    if (run->in->data.nr == SYS_execve)
        run->began = true;
    go_on(run);
    if (!run->began || !call)
        return;
    path_of(call, run->in, path);
    if (!counts(fault, call, run->in, path))
        return;
    run->calls++;
    bool now = fault->at > 0 && (run->calls == fault->at ||
                                 (fault->every && run->calls > fault->at));
    if (fault->log)
        fprintf(fault->log, "%ld %d %d %s %s%s\n", run->calls,
                process_of((pid_t)run->in->pid), (int)run->in->pid, call->name,
                path[0] ? path : "-", now ? " *" : "");
    if (now) {
        run->out->flags = 0;
        fire(run, call);
    }
}

static void answer_one(struct run *run)
{
    memset(run->in, 0, run->sizes.seccomp_notif);
    memset(run->out, 0, run->sizes.seccomp_notif_resp);
    if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, run->in) < 0)
        return; /* the caller is gone, or was interrupted and asks again */
    run->out->id = run->in->id;
    decide(run);
    ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, run->out);
}

/* What the caller of faultcall asks for goes to the command. */
static volatile sig_atomic_t forward_to;

static void forward(int number)
{
    if (forward_to > 0)
        kill((pid_t)forward_to, number);
}

/* What comes before there is a command waits until there is. */
static void hold_signals(int how)
{
    const struct sigaction on = { .sa_handler = forward };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(how, &set, NULL);
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
}

/* Takes all that have ended. Returns whether anybody is left. */
static bool reap(struct run *run)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0)
            return pid == 0;
        if (pid == run->command)
            run->status = WIFEXITED(status) ? WEXITSTATUS(status)
                                            : 128 + WTERMSIG(status);
    }
}

/* Serves calls until nobody is left. Returns how many had to be killed. */
static int serve(struct run *run)
{
    double until = now_s() + run->fault.limit_s;
    bool ended = false;
    struct pollfd poll_fd = { .fd = run->listener, .events = POLLIN };
    while (reap(run)) {
        if (run->status >= 0 && !ended) {
            ended = true;
            until = now_s() + LEFT_MS / 1000.0;
        }
        if (now_s() > until) {
            int left = below(getpid(), NULL);
            run->limit_passed = !ended;
            kill_all();
            pause_ms(10);
            if (!reap(run))
                return ended ? left : 0;
        }
        int n = poll(&poll_fd, 1, 5);
        if (n > 0 && (poll_fd.revents & POLLIN))
            answer_one(run);
        else if (n > 0)
            pause_ms(1); /* everybody who had the filter has ended */
    }
    return 0;
}

/* ------------------------------------------------------------------ the command */

/* Loads the filter; returns the descriptor that gets the calls. */
static int install(const struct fault *fault)
{
    struct sock_filter code[CALLS_MAX + 8];
    unsigned short n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                             offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i <= KNOWN; i++) {
        if (i < KNOWN && !fault->picked[i])
            continue;
        uint32_t number = (uint32_t)(i < KNOWN ? known[i].number : SYS_execve);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                 number, 0, 1);
        code[n++] =
            (struct sock_filter)BPF_STMT(BPF_RET, SECCOMP_RET_USER_NOTIF);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
    const struct sock_fprog prog = { n, code };
    const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                          flags | WAIT_KILLABLE, &prog);
    return fd >= 0 || errno != EINVAL
               ? fd
               : (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
                              &prog);
}

/* The child: from the filter on it may only call what is not in the set, until
 * somebody answers. */
static void become(const struct fault *fault, struct shared *shared,
                   char **argv)
{
    const struct sigaction plain = { .sa_handler = SIG_DFL };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setpgid(0, 0);
    sigaction(SIGTERM, &plain, NULL);
    sigaction(SIGINT, &plain, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int fd = install(fault);
    shared->listener = fd < 0 ? -errno : fd;
    while (!shared->go)
        sched_yield();
    if (fd < 0)
        _exit(CANNOT);
    close(fd);
    execvp(argv[0], argv);
    fail(argv[0]);
}

static void start(struct run *run, char **argv)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED ||
        syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &run->sizes) < 0)
        fail("seccomp");
    run->in = calloc(1, run->sizes.seccomp_notif);
    run->out = calloc(1, run->sizes.seccomp_notif_resp);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    run->command = fork();
    if (run->command < 0 || !run->in || !run->out)
        fail("fork");
    if (run->command == 0)
        become(&run->fault, shared, argv);
    while (shared->listener == 0)
        sched_yield();
    int pidfd = (int)syscall(SYS_pidfd_open, run->command, 0);
    errno = shared->listener < 0 ? -shared->listener : 0;
    if (shared->listener > 0 && pidfd >= 0)
        run->listener =
            (int)syscall(SYS_pidfd_getfd, pidfd, shared->listener, 0);
    else
        run->listener = -1;
    if (run->listener < 0) {
        kill_hard(run->command);
        fail("seccomp user notification");
    }
    close(pidfd);
    forward_to = run->command;
    shared->go = true;
    hold_signals(SIG_UNBLOCK);
}

/* --------------------------------------------------------------------- options */

static void pick(struct fault *fault, const char *name, size_t n)
{
    bool found = false;
    for (size_t i = 0; i < KNOWN; i++) {
        bool is =
            (n == 6 && strncmp(name, "change", n) == 0)
                ? (known[i].flags & CHANGES) != 0
            : (n == 2 && strncmp(name, "io", n) == 0)
                ? known[i].where != NOWHERE && known[i].number != SYS_close
                : strlen(known[i].name) == n &&
                      strncmp(known[i].name, name, n) == 0;
        fault->picked[i] |= is;
        found |= is;
    }
    if (found)
        return;
    fprintf(stderr, "faultcall: no call %.*s\n", (int)n, name);
    exit(CANNOT);
}

static void pick_all(struct fault *fault, const char *names)
{
    while (*names) {
        size_t n = strcspn(names, ",");
        pick(fault, names, n);
        names += n + (names[n] == ',');
    }
}

static void set_action(struct fault *fault, const char *name)
{
    static const struct {
        const char *name;
        enum action action;
    } actions[] = { { "count", COUNT },     { "kill", KILL },
                    { "killall", KILLALL }, { "term", TERM },
                    { "ask", ASK },         { "short", SHORT },
                    { "lie", LIE } };
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i].name, name) == 0) {
            fault->action = actions[i].action;
            return;
        }
    for (size_t i = 0; i < ERRORS; i++)
        if (strcmp(errors[i].name, name) == 0) {
            fault->action = FAIL;
            fault->error = errors[i].number;
            return;
        }
    fprintf(stderr, "faultcall: no action %s\n", name);
    exit(CANNOT);
}

static void set_option(struct fault *fault, int option)
{
    switch (option) {
    case 's': pick_all(fault, optarg); break;
    case 'u':
        if (fault->nunder < UNDER_MAX)
            fault->under[fault->nunder++] = optarg;
        break;
    case 'S': fault->sockets = true; break;
    case 'n': fault->at = strtol(optarg, NULL, 10); break;
    case 'e': fault->every = true; break;
    case 'a': set_action(fault, optarg); break;
    case 't': fault->limit_s = strtod(optarg, NULL); break;
    case 'l':
        fault->log = fopen(optarg, "we");
        if (!fault->log)
            fail(optarg);
        break;
    default: exit(CANNOT);
    }
}

int main(int argc, char **argv)
{
    struct run run = { .fault = { .limit_s = 60 }, .status = -1 };
    hold_signals(SIG_BLOCK);
    for (int c; (c = getopt(argc, argv, "+s:u:Sn:ea:l:t:")) != -1;)
        set_option(&run.fault, c);
    if (optind == argc) {
        fprintf(stderr, "usage: faultcall [OPTIONS] -- COMMAND...\n");
        return CANNOT;
    }
    bool any = false;
    for (size_t i = 0; i < KNOWN; i++)
        any |= run.fault.picked[i];
    if (!any)
        pick_all(&run.fault, "change");
    start(&run, argv + optind);
    int left = serve(&run);
    if (run.fault.log) {
        fprintf(run.fault.log,
                "end calls=%ld fired=%ld status=%d left=%d command=%d\n",
                run.calls, run.fired, run.status, left, (int)run.command);
        fclose(run.fault.log);
    }
    return run.limit_passed ? TOO_LONG : run.status;
}
