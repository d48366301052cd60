/* sys/fault.c - handlers of faults. They call only what may be called there:
 * atomic stores, write, snprintf of short texts, and backtrace, which has loaded
 * what it needs before. */
#include "sys/fault.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    CALLS_MAX = 48,
    STACK_BYTES = 64 * 1024,
    SIGNALS = 32,
    DOING_MAX = 400,
    TEXT_MAX = 4096 + 64 /* a path and the words around it */
};

static const int faults[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGABRT
};
enum { FAULTS = sizeof faults / sizeof *faults };

static struct riv_fault *told; /* of the process */
static riv__fault_doing *told_doing;
static struct sigaction before[SIGNALS]; /* what they did */

int32_t riv__fault_thread(void)
{
    return gettid();
}

static void say(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n;
}

static void say_what(int number)
{
    char doing[DOING_MAX] = "", text[DOING_MAX + 160];
    told_doing(told, doing, sizeof doing);
    snprintf(text, sizeof text,
             "rivulet: error: a fault (%s)%s%s; the calls of its thread, the "
             "innermost first:\n",
             sigdescr_np(number), *doing ? " in " : "", doing);
    say(text);
}

/* The file that holds an address, or NULL. */
static const void *base_of(const void *address, Dl_info *info)
{
    return dladdr(address, info) != 0 ? info->dli_fbase : NULL;
}

static void say_line(const void *call)
{
    char text[TEXT_MAX];
    Dl_info info;
    const char *base = base_of(call, &info);
    snprintf(text, sizeof text,
             "rivulet: info: its line is shown by: addr2line -e %s 0x%zx\n",
             info.dli_fname, (size_t)((const char *)call - base));
    say(text);
}

/* The innermost call that is neither ours nor the C library's is where one looks
 * first; the library may also be a part of the program. The C library's first is
 * that of the signal: what comes before is a sanitizer's. Behind others of it
 * (abort) stands where a call would come back to, and one byte before is the call. */
static void show_line(void *const *call, int n)
{
    Dl_info info;
    const void *own = base_of((const void *)(uintptr_t)say, &info);
    const void *libc = base_of((const void *)(uintptr_t)getpid, &info);
    const void *ours = NULL;
    int behind = 0; /* calls of the C library, up to 2 */
    for (int i = 0; i < n; i++) {
        const void *base = base_of(call[i], &info);
        behind += base == libc && behind < 2;
        if (!base || base == libc || behind == 0)
            continue;
        if (base != own) {
            say_line((const char *)call[i] - (behind - 1));
            return;
        }
        if (!ours)
            ours = call[i];
    }
    if (ours)
        say_line(ours);
}

/* This handler's own calls are left out, those of an endless recursion shown
 * once. */
static __attribute__((noinline)) void show_calls(void)
{
    enum { OWN = 2 };
    void *call[CALLS_MAX];
    const int n = backtrace(call, CALLS_MAX);
    for (int i = OWN; i < n; i++) {
        if (i > OWN && call[i] == call[i - 1])
            continue;
        say("  ");
        backtrace_symbols_fd(&call[i], 1, STDERR_FILENO);
    }
    show_line(call, n);
}

/* The first thread tells; what others do meanwhile is its consequence. Coming
 * back, the fault happens again, and then does what it did before; one that was
 * sent is sent once more. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    int32_t none = 0;
    (void)context;
    if (atomic_compare_exchange_strong(&told->thread, &none, gettid())) {
        atomic_store(&told->number, number);
        say_what(number);
        show_calls();
    }
    sigaction(number, &before[number], NULL);
    if (info->si_code <= 0)
        raise(number);
}

void riv__fault_watch(struct riv_fault *to, riv__fault_doing *doing)
{
    void *call[1];
    (void)backtrace(call, 1); /* loads its library now */
    const bool has_handlers = told != NULL;
    told = to;
    told_doing = doing;
    if (has_handlers)
        return;
    for (size_t i = 0; i < FAULTS; i++) {
        struct sigaction action = { .sa_sigaction = on_fault,
                                    .sa_flags = SA_SIGINFO | SA_ONSTACK };
        sigemptyset(&action.sa_mask);
        sigaction(faults[i], &action, &before[faults[i]]);
    }
}

void riv__fault_stack(void)
{
    stack_t now;
    if (!told || sigaltstack(NULL, &now) != 0 || !(now.ss_flags & SS_DISABLE))
        return;
    void *p = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return;
    const stack_t stack = { .ss_sp = p, .ss_size = STACK_BYTES };
    sigaltstack(&stack, NULL);
}
