/* die.c - ends the process at a named point of the engine, as kill -9 does, when
 * RIVULET_TEST_POINT says "NAME:N": at the N-th time it comes there. "NAME:N:stop"
 * stops it instead, as kill -STOP does. Linked with a job; without the variable the
 * job is what it is. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/point.h"

enum { AS_BY_KILL = 137 };

static char name[64], how[8];
static int left;

static void reached(struct riv_point_hook *hook, const char *at)
{
    (void)hook;
    if (strcmp(at, name) != 0 || --left != 0)
        return;
    if (strcmp(how, "stop") != 0)
        _exit(AS_BY_KILL);
    (void)raise(SIGSTOP);
}

__attribute__((constructor)) static void begin(void)
{
    static struct riv_point_hook hook = { .reached = reached };
    const char *text = getenv("RIVULET_TEST_POINT");
    if (text && sscanf(text, "%63[^:]:%d:%7s", name, &left, how) >= 2)
        riv__point_hook = &hook;
}
