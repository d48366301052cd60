/* sim/world.h - the simulated world: a struct riv_sys over files in memory, a
 * network in memory and a clock that the scheduler moves. All of it lies in a
 * region that outlives the process of the engine; whoever crashes in it leaves
 * it as the machine would be left. Faults come by the seed, those that are on. */
#ifndef RIV_SIM_WORLD_H
#define RIV_SIM_WORLD_H

#include "base/point.h"
#include "sim/net.h"
#include "sim/scheduler.h"
#include "support/disk.h"
#include "sys/sys.h"

/* What may go wrong; bits of a mask. */
enum {
    FAULT_SHORT = 1 << 0,  /* reads and writes do less than they are asked */
    FAULT_STALL = 1 << 1,  /* the process stops for a while */
    FAULT_CLOCK = 1 << 2,  /* the wall clock steps */
    FAULT_RESET = 1 << 3,  /* connections break */
    FAULT_REFUSE = 1 << 4, /* or cannot be made */
    FAULT_FDS = 1 << 5,    /* descriptors run out */
    FAULT_EINTR = 1 << 6,  /* calls are interrupted */
    FAULT_SCHED = 1 << 7,  /* threads change places anywhere */
    FAULT_ROTATE = 1 << 8, /* files are moved away and truncated */
    FAULT_STOP = 1 << 9,   /* the job is stopped in the middle */
    FAULT_KILL = 1 << 10,  /* the process is killed, and started again */
    FAULT_POWER = 1 << 11, /* and the disk loses what it had not kept */
    FAULT_ALL = (1 << 12) - 1
};

/* Where a process dies: at the n-th point of the scheduler, the n-th call that
 * changes a file, or the n-th RIV_POINT. Of a call: before it, when a part of
 * it is done, or behind it. */
enum crash_at { CRASH_NEVER, CRASH_POINT, CRASH_CALL, CRASH_NAME };
enum crash_when { CRASH_BEFORE, CRASH_AMID, CRASH_BEHIND };

struct crash {
    enum crash_at at;
    uint64_t n;
    enum crash_when when;
};

const char *fault_name(int bit); /* NULL: no such bit */
/* "short,reset", "all", "none"; false: an unknown word. */
bool faults_read(const char *list, unsigned *ret);

enum { STREAMS_MAX = 4096, ACTORS_MAX = 24, WAKES_MAX = 64 };

/* A file that was seen complete: the hashes of its path and its bytes. */
struct shown {
    uint64_t name, content;
};

struct world;

/* Somebody outside of the engine: does a step at its time. */
struct actor {
    void (*step)(struct world *w, struct actor *a);
    int64_t at_ns; /* INT64_MAX: has finished */
    uint32_t input;
    int port, conn;
    struct stream *stream;
    char path[64];
    uint64_t count; /* files, connections so far */
    int64_t think_ns;
    uint64_t commits; /* there were when it first looked */
    bool waits;       /* for the engine to notice something */
};

struct world {
    struct riv_sys sys; /* for the engine */
    struct heap *heap;
    struct disk *disk;
    struct net *net;
    uint64_t seed;
    unsigned faults;
    bool show;
    struct rng rng;        /* of faults */
    struct rng rng_actors; /* of what others do */
    uint32_t short_one_in, eintr_one_in, clock_one_in, emfile_one_in;
    int64_t wall_ms; /* at the monotonic time 0; steps */
    int64_t now_ns;  /* while no process runs */
    int64_t end_ns;  /* from then on actors begin nothing new */
    struct actor actor[ACTORS_MAX];
    size_t nactor;
    struct stream **stream;
    size_t nstream, stream_cap;
    struct shown *shown;
    size_t nshown, shown_cap;
    struct {
        bool used, raised;
    } wake[WAKES_MAX];
    struct crash crash;
    /* Called before each call that changes a file; NULL: nobody wants it. */
    void (*changing)(struct world *w);
    /* what became of the process */
    uint64_t hash, points, calls;
    uint64_t changes, names; /* calls that change a file; RIV_POINTs */
    uint64_t commits;        /* of the journal, in all lives */
    bool crashed;
    const char *last_name; /* of the last RIV_POINT, static */
    char failure[4096];    /* "": none */
    char *report; /* gets a copy of it, room for as much; NULL: nobody */
};

/* In an empty heap. */
struct world *world_new(struct heap *heap, uint64_t seed, unsigned faults);
/* The machine goes on without the process: killed, or the power was cut. */
void world_bury(struct world *w);
/* This process is the engine's: fn(arg) runs in the world until it returns. */
void world_run(struct world *w, const struct sched_conf *conf,
               void (*fn)(void *arg), void *arg);

struct stream *world_stream(struct world *w, enum stream_kind kind,
                            uint32_t input);
struct actor *world_actor(struct world *w,
                          void (*step)(struct world *w, struct actor *a));
/* Descriptors and wakes that the engine has open. */
unsigned world_open(const struct world *w);
/* All actors have finished. */
bool world_is_quiet(const struct world *w);
/* A line on stderr, when the run is shown. */
void world_say(const struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
