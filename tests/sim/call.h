/* sim/call.h - what every call of the simulated world does: it is a place where
 * another thread may go on, where the process may die, and a part of the trace.
 * Used by the files that have the calls, each of which fills in its own. */
#ifndef RIV_SIM_CALL_H
#define RIV_SIM_CALL_H

#include "sim/world.h"

enum { CALL_EXIT_FAILED = 3, CALL_EXIT_CRASH = 4 };

struct world *world_of(struct riv_sys *sys);

/* Others may run before the call. true: it is interrupted. */
bool call_enter(struct world *w);

/* A call that changes a file begins. true: the process dies in it, or behind. */
bool call_changes(struct world *w);
/* How much of n bytes is written before the process dies. */
size_t call_amid(struct world *w, bool hit, size_t n);
/* It has changed; the process dies when it was `hit`. */
void call_changed(struct world *w, bool hit);

/* Into the trace; return rc. */
int64_t call_leave(struct world *w, const char *call, const char *about,
                   int64_t rc);
int64_t call_leave_fd(struct world *w, const char *call, int fd, int64_t rc);

/* How much of n bytes a read or write does. */
size_t call_shorten(struct world *w, size_t n);

/* The process of a world ends here; arg is the world. */
void call_crash(void *arg);

/* Clocks, poll and wakes; files; sockets. */
void world_waits(struct riv_sys *sys);
void world_files(struct riv_sys *sys);
void world_sockets(struct riv_sys *sys);

#endif
