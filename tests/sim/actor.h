/* sim/actor.h - who feeds the engine from outside: peers that connect to it,
 * servers it connects to, programs that write log files and drop files into
 * folders. Each does one thing at a time, at times of its own, and makes only
 * what the engine promises to take: a file is rotated again only when the engine
 * has opened it, and so on. */
#ifndef RIV_SIM_ACTOR_H
#define RIV_SIM_ACTOR_H

#include "sim/world.h"

/* A peer of listen://:PORT, one connection after the other. */
void actor_talker(struct world *w, uint32_t input, int port, int64_t think_ns);
/* The server of tcp://...:PORT. */
void actor_server(struct world *w, uint32_t input, int port, int64_t think_ns);
/* Appends to a file, and rotates it. */
void actor_appender(struct world *w, uint32_t input, const char *path,
                    int64_t think_ns);
/* Puts files into a folder, which it makes. */
void actor_dropper(struct world *w, uint32_t input, const char *folder,
                   int64_t think_ns);

#endif
