/* sys/fault.c - handlers of faults. They call only what may be called there:
 * atomic stores, write, and backtrace, which has loaded what it needs before. */
#include "sys/fault.h"

#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CALLS_MAX = 48, STACK_BYTES = 64 * 1024, SIGNALS = 32 };

static const int faults[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGABRT
};
enum { FAULTS = sizeof faults / sizeof *faults };

static struct riv_fault *told;           /* of the process */
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

/* This handler's own calls are left out, those of an endless recursion shown
 * once. */
static void show_calls(void)
{
    enum { OWN = 2 };
    void *call[CALLS_MAX];
    const int n = backtrace(call, CALLS_MAX);
    say("rivulet: error: a fault; the calls of its thread, the innermost "
        "first:\n");
    for (int i = OWN; i < n; i++) {
        if (i > OWN && call[i] == call[i - 1])
            continue;
        say("  ");
        backtrace_symbols_fd(&call[i], 1, STDERR_FILENO);
    }
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
        show_calls();
    }
    sigaction(number, &before[number], NULL);
    if (info->si_code <= 0)
        raise(number);
}

void riv__fault_watch(struct riv_fault *to)
{
    void *call[1];
    (void)backtrace(call, 1); /* loads its library now */
    told = to;
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
