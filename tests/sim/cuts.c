/* sim/cuts.c - the child runs the job and asks before each change; the parent,
 * which has no engine in its memory, makes the states and their processes. */
#include "sim/cuts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/history.h"
#include "sim/life.h"

enum { TRIES_MAX = 6 };

struct cuts *cuts_new(void)
{
    struct cuts *cuts = mmap(NULL, sizeof *cuts, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (cuts == MAP_FAILED)
        abort();
    return cuts;
}

/* How often a way to cut is tried: those without chance once. */
static unsigned tries(enum disk_cut how)
{
    return how == DISK_CUT_RANDOM || how == DISK_CUT_PREFIX ? TRIES_MAX : 1;
}

/* false: it was seen before. */
static bool is_new(struct cuts *cuts, uint64_t hash)
{
    size_t at = (size_t)hash % RIV__LEN(cuts->seen);
    while (cuts->seen[at] && cuts->seen[at] != hash)
        at = (at + 1) % RIV__LEN(cuts->seen);
    if (cuts->seen[at])
        return false;
    cuts->seen[at] = hash;
    return true;
}

/* --------------------------------------------------------- a state and its life */

/* In a copy of the world: the cut, and the job to its end. */
static void state_live(struct cuts *cuts, struct job *job,
                       struct cut_place place)
{
    struct world *w = job->w;
    struct rng rng = rng_of(w->seed + place.n, 'x' + 64 * place.k);
    heap_part(w->heap);
    history_note(w);
    world_bury(w);
    disk_cut(w->disk, place.how, &rng);
    if (!is_new(cuts, disk_hash(w->disk) | 1) && cuts->only.n == 0)
        _exit(0);
    cuts->distinct++;
    for (size_t i = 0; i < w->nstream; i++)
        w->stream[i]->lost |= w->stream[i]->kind == STREAM_CONN ||
                              w->stream[i]->kind == STREAM_QUEUE;
    w->changing = NULL;
    w->report = cuts->failure;
    w->end_ns = w->now_ns; /* nothing new comes in */
    job->last = true;
    job->drained = false;
    job->conf->stop_after = 1;
    job->conf->sched.now_ns = w->now_ns + 1000000;
    job->conf->sched.rng = rng_of(w->seed + place.n, 'y' + 64 * place.k);
    life_live(job);
}

static void state_run(struct cuts *cuts, struct job *job,
                      struct cut_place place)
{
    int status;
    cuts->states++;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        state_live(cuts, job, place);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    cuts->failed++;
    cuts->first = place;
    if (WIFSIGNALED(status))
        snprintf(cuts->failure, sizeof cuts->failure,
                 "the process died of signal %d", WTERMSIG(status));
}

static void states_run(struct cuts *cuts, struct job *job, uint64_t n)
{
    struct cut_place place = { .n = n };
    if (cuts->only.n > 0) {
        if (cuts->only.n == n)
            state_run(cuts, job, cuts->only);
        return;
    }
    for (int how = 0; how < DISK_CUTS; how++) {
        place.how = (enum disk_cut)how;
        for (place.k = 0; place.k < tries(place.how); place.k++)
            if (cuts->distinct < cuts->wanted && cuts->failed == 0)
                state_run(cuts, job, place);
    }
}

/* ------------------------------------------------------------ the job itself */

static int ask_fd, answer_fd;

/* In the child: waits until the states of this moment have been run. */
static void ask(struct world *w)
{
    char byte = 0;
    (void)w;
    if (write(ask_fd, &byte, 1) != 1 || read(answer_fd, &byte, 1) != 1)
        _exit(0);
}

void cuts_run(struct cuts *cuts, struct job *job)
{
    int up[2], down[2], status;
    char byte = 0;
    uint64_t n = 0;
    if (pipe(up) < 0 || pipe(down) < 0)
        abort();
    ask_fd = up[1];
    answer_fd = down[0];
    job->last = true;
    job->w->changing = ask;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(up[0]);
        close(down[1]);
        life_live(job);
    }
    close(up[1]);
    close(down[0]);
    while (read(up[0], &byte, 1) == 1) {
        states_run(cuts, job, ++n);
        if (write(down[1], &byte, 1) != 1)
            break;
    }
    close(up[0]);
    close(down[1]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    life_end(job->w, status);
}
