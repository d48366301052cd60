/* stream/durable.h - what a run with a state directory has beside its plan: the
 * storage thread, and for every source, every operator with state and every
 * output that shows files who it is in the journal and how far it is written
 * down. recovery.c makes it, commit.c adds a batch, snapshot.c writes state
 * piece by piece between batches. @thread driver, all of it */
#ifndef RIV_STREAM_DURABLE_H
#define RIV_STREAM_DURABLE_H

#include "exec/job.h"
#include "exec/kept.h"
#include "io/log_origin.h"
#include "io/sink.h"
#include "io/source.h"
#include "store/writer.h"

/* A source: what the last commit says of where it stands. */
struct riv_durable_input {
    struct riv_input *input;
    uint32_t id; /* in the journal */
    const char *identity;
    struct riv_buf words;   /* of the last commit */
    struct riv_stand stand; /* of the next one */
    struct riv_buf again;   /* of a batch that is to be run again */
    /* Of a kind that cannot go back, for the storage thread: received lines on
     * their way into the journal, and what peers are told; up to where batches
     * have used them. */
    struct riv_news news;
    struct riv_stand kept;
    _Atomic uint64_t done;
};

/* An operator with state, and its snapshots. */
struct riv_durable_op {
    struct riv_op *op;
    uint32_t id;
    const char *identity;
    uint64_t snapshot; /* number of the newest, complete or not */
    bool under_way;    /* it is not complete */
    uint32_t part;     /* where it goes on */
    uint64_t at;
    uint64_t base;        /* of the one under way */
    uint64_t bytes;       /* written of it */
    uint64_t delta_bytes; /* in the journal, above the last complete one */
    uint64_t delta_mark;  /* of these, when the one under way began */
    uint64_t oldest_base; /* recovery may need batches above it */
    uint64_t last_base;   /* of the last complete one */
};

/* An output that shows files: its sink lives with the plan. */
struct riv_durable_output {
    struct riv_sink *sink;
    uint32_t id;
    const char *identity;
    bool is_new; /* the journal knew nothing of it */
};

/* A batch that may still be needed: with windows that have only deltas. */
struct riv_durable_time {
    uint64_t number;
    int64_t time_ms;
};

/* Dead letters that are given to the job again: lines of one block. */
struct riv_replay_line {
    uint64_t id;     /* of the letter */
    uint32_t source; /* the input's number */
    uint64_t offset; /* of the line in it */
    size_t from, until, bytes;
    bool is_of_log; /* then its message is known, too */
    struct riv_log_origin origin;
};

struct riv_replay {
    struct riv_block *block; /* NULL: there are none */
    struct riv_replay_line *line;
    size_t n, cap;
    bool is_cut; /* the batch that runs has them */
};

struct riv_durable {
    struct riv_exec *exec;
    struct riv_plan *plan;
    struct riv_journal *journal; /* until the writer has it */
    struct riv_writer *writer;
    struct riv_commit *open; /* being filled; NULL: none */
    struct riv_arena arena;  /* identities */
    struct riv_durable_input *input;
    size_t ninput;
    struct riv_durable_op *op;
    size_t nop;
    struct riv_durable_output *output;
    size_t noutput;
    struct riv_durable_time *time; /* of recent batches, oldest first */
    size_t first, ntime, time_cap;
    uint64_t batch;  /* number of the last that was sent */
    int64_t time_ms; /* its time */
    uint64_t told;   /* serial up to which sources were told */
    uint64_t sent;   /* serial of the last message */
    unsigned idle;   /* batches since state was last written piecewise */
    unsigned forced; /* rounds of snapshots made because room is short */
    bool found;      /* there was a batch before this run */
    bool begins; /* outputs act while a batch runs: what it contains is written
                     down before */
    bool begun;  /* that was done for the batch that runs */
    bool redoes; /* a batch had begun and was not done: it is run again, */
    int64_t redo_ms; /* with this time */
    struct riv_replay replay;
    struct riv_buf body; /* of the batch that is being filled */
    /* What else belongs to a batch: counters. NULL: nothing. */
    void *arg;
    int (*more)(void *arg, struct riv_commit *commit, struct riv_err *err);
};

/* Whether a batch is at work: storage keeps out of its way. @thread driver */
void riv__durable_at_work(struct riv_durable *durable, bool at_work);
/* ---- commit.c
 * The batch at plan->time has run, and was at work for so long: sends all it
 * did. Waits for those before when too many of them are not durable yet. */
int riv__durable_batch(struct riv_durable *durable, int64_t processing_us,
                       struct riv_err *err) RIV__MUST_USE;
/* The batch of this time is about to run on what has been cut; waits until that
 * is durable. Again when more is cut for it. Only if `begins`, or if
 * a supervisor wants it. */
int riv__durable_begin(struct riv_durable *durable, int64_t time_ms,
                       struct riv_err *err) RIV__MUST_USE;
/* Of a batch that is run again: 1 when all of it is there to be cut, 0: not
 * yet. */
int riv__durable_reach(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
/* Tells sources what is durable by now. Cheap. */
int riv__durable_look(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
/* All that was sent is durable and shown; sources are told. */
int riv__durable_wait(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
/* The run ended well: files that are open are completed and shown. */
int riv__durable_finish(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
/* Closes the journal; gives up what waits for a full disk. */
int riv__durable_close(struct riv_durable *durable, struct riv_err *err);

/* There is no room for more: batches take nothing in. False while the program
 * leaves, or a batch is run again. */
bool riv__durable_is_short(const struct riv_durable *durable);

/* ---- snapshot.c
 * A little work on snapshots, when there is some and the message has room. 1:
 * there may be more, 0: not now. For idle time. */
int riv__durable_idle(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
/* The batch that is being committed has added so many bytes of deltas: should
 * the operator be written down whole? */
void riv__durable_grew(struct riv_durable *durable, struct riv_durable_op *op,
                       uint64_t bytes);
/* So many bytes of disk are wanted before a batch takes anything in: for what it
 * and a snapshot of everything may write. */
uint64_t riv__durable_need(const struct riv_durable *durable);
/* Operators with deltas only: those below the reach of their windows go. Where
 * room is short state is written down whole, so that old deltas can go. */
int riv__durable_trim(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;

#endif
