/* sys/fault.h - a process that dies of a fault says in which thread, and shows
 * that thread's calls on standard error. Only for a process that is ours
 * (riv_cli_main, riv_cli_worker): handlers of signals belong to the host. */
#ifndef RIV_SYS_FAULT_H
#define RIV_SYS_FAULT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Where it is written down: memory that may be shared with another process. */
struct riv_fault {
    _Atomic int32_t thread; /* as the system numbers it; 0: none yet */
    _Atomic int32_t number; /* of the signal */
};

/* Writes what the thread at fault was doing, at most `room` bytes with NUL, and
 * calls only what a handler may. */
typedef void riv__fault_doing(struct riv_fault *fault, char *text, size_t room);

/* From now on faults (SIGSEGV and its like, SIGABRT) of any thread are written
 * there and said with the words of `doing`, and then do what they did before.
 * `to` lives as long as the process; another call replaces it. */
void riv__fault_watch(struct riv_fault *to, riv__fault_doing *doing);

/* The calling thread can do so also when its stack is used up. Once per thread;
 * does nothing where a sanitizer has its own. */
void riv__fault_stack(void);

/* The calling thread as the system numbers it. */
int32_t riv__fault_thread(void);

#endif
