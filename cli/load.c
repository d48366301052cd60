/* cli/load.c - dlopen, and what its messages mean to somebody who wrote a job.
 * Everything is bound at once, so that a function this version lacks is found
 * here and not in the middle of a batch. */
#include "load.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static const char undefined[] = "undefined symbol: ";

static int missing_symbol(const char *name, const char *symbol)
{
    int n = (int)strcspn(symbol, ", \n");
    unsigned v = riv_version();
    if (strncmp(symbol, "riv_", 4) == 0)
        return say(EXIT_GRAPH,
                   "%s uses %.*s, which this version (%u.%u.%u) does not have",
                   name, n, symbol, v / 10000, v / 100 % 100, v % 100);
    return say(EXIT_GRAPH,
               "%s uses %.*s, which is nowhere defined; a job of several "
               "files or with libraries is compiled to a .so first",
               name, n, symbol);
}

static int not_loaded(const char *path, const char *name)
{
    const char *why = dlerror();
    const char *symbol = why ? strstr(why, undefined) : NULL;
    if (symbol)
        return missing_symbol(name, symbol + strlen(undefined));
    if (!why)
        return say(EXIT_GRAPH, "%s cannot be loaded", name);
    if (strncmp(why, path, strlen(path)) == 0 && why[strlen(path)] == ':')
        why += strlen(path) + 1; /* the message begins with the path again */
    return say(EXIT_GRAPH, "%s is no job that can be loaded:%s%s", name,
               *why == ' ' ? "" : " ", why);
}

static int check(const riv_job *job, const char *name)
{
    if (job->abi != RIV_ABI)
        return say(EXIT_GRAPH,
                   "%s was compiled for interface %u, this rivulet "
                   "has %d; compile it again",
                   name, job->abi, RIV_ABI);
    if (job->struct_size < sizeof *job || !job->build)
        return say(EXIT_GRAPH,
                   "%s has a damaged entry (riv_job_entry); "
                   "compile it again",
                   name);
    return EXIT_FINE;
}

int load(const char *path, const char *name, const riv_job **ret)
{
    char *full = realpath(path, NULL); /* never a search along a path */
    if (!full)
        return say_errno(errno, "open", path);
    void *handle = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    int code = handle ? EXIT_FINE : not_loaded(full, name);
    free(full);
    if (code != EXIT_FINE)
        return code;
    const riv_job *job = dlsym(handle, "riv_job_entry");
    if (!job)
        return say(EXIT_GRAPH,
                   "%s has no job: it needs one RIV_JOB(r, argc, "
                   "argv) { ... }",
                   name);
    code = check(job, name);
    if (code == EXIT_FINE)
        *ret = job;
    return code;
}
