/* cli/leave.c - see leave.h. Where the command and a library have the same symbol,
 * all of the process use the command's; the C library's own exit() does not. */
#include "leave.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic(pid_t) guarded; /* 0: nobody */

void leave_guard(bool at_work)
{
    atomic_store(&guarded, at_work ? getpid() : 0);
}

static _Noreturn void leave(int code)
{
    if (code == 0 && atomic_load(&guarded) == getpid())
        exit(code);
    for (;;)
        syscall(SYS_exit_group, code);
}

__attribute__((visibility("default"))) _Noreturn void _exit(int code)
{
    leave(code);
}

__attribute__((visibility("default"))) _Noreturn void _Exit(int code)
{
    leave(code);
}
