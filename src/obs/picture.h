/* obs/picture.h - a picture of a job at one moment: what people, pages and
 * machines are shown of it. Plain data, made whole by api/status.c, never changed
 * afterwards, and owned by whoever asked; obs/why.c, words.c and out_json.c and
 * the pages of http/ read it and know nothing else of the engine. */
#ifndef RIV_OBS_PICTURE_H
#define RIV_OBS_PICTURE_H

#include <stdbool.h>

#include "base/arena.h"

enum {
    RIV__SEEN_NAME = 120,  /* bytes of the name of an operator or input */
    RIV__SEEN_TEXT = 384,  /* of an error */
    RIV__SEEN_OUTPUTS = 8, /* whose figures a batch keeps; others are counted */
    RIV__SEEN_JOBS = 8,    /* the same, of jobs that foreach_rdd has run */
    RIV__SEEN_PARTS = 256, /* partitions of an input that are shown */
    RIV__SEEN_DOING = 16,  /* threads at work that are shown */
};

/* What the driver does. */
enum riv_phase {
    RIV__PHASE_NONE,    /* the job has not been started */
    RIV__PHASE_STARTS,  /* opens inputs, loads state */
    RIV__PHASE_WAITS,   /* for the tick of the next batch */
    RIV__PHASE_RUNS,    /* a batch */
    RIV__PHASE_COMMITS, /* a batch has run, the journal does not take it yet */
    RIV__PHASE_REDOES,  /* waits for what a batch of an earlier run had read */
    RIV__PHASE_ENDED,
    RIV__PHASE_FAILED
};

enum { RIV__SEEN_WENT_WELL, RIV__SEEN_HAS_FAILED, RIV__SEEN_NOT_RUN };

/* An output in one batch. Sizes are multiples of 8: rows are copied as words. */
struct riv_seen_output {
    int64_t rows; /* it took */
    int64_t us;   /* of its function; 0: it has none, its tasks did the work */
    uint32_t status;            /* RIV__SEEN_* */
    uint32_t jobs, jobs_failed; /* its function ran */
    uint32_t failure;           /* number of its text; 0: none */
};

/* A job that the function of a foreach_rdd ran: an action. */
struct riv_seen_job {
    int64_t us;
    uint32_t output; /* index */
    uint32_t status; /* RIV__SEEN_* */
    uint32_t stages, stages_failed;
    uint32_t tasks, tasks_failed; /* all; of them */
    uint32_t failure, spare;
};

struct riv_seen_batch {
    int64_t number;  /* of this run, from 1 */
    int64_t time_ms; /* the end of its interval */
    int64_t interval_ms;
    int64_t records, bytes, bad, out;
    int64_t scheduling_us, processing_us; /* their sum is the total delay */
    int64_t waiting_bytes;                /* behind it, for the next one */
    uint32_t status, failure;
    uint32_t stages, stages_failed, tasks, tasks_failed; /* with its jobs' */
    uint32_t jobs, jobs_failed; /* the batch itself, and its actions */
    uint32_t noutput, outputs_failed, njob; /* kept below, at most; all ran */
    uint32_t outputs;                       /* that had this batch */
    struct riv_seen_output output[RIV__SEEN_OUTPUTS];
    struct riv_seen_job job[RIV__SEEN_JOBS];
};

/* A partition of an input: of a topic, or a file. */
struct riv_seen_part {
    char name[RIV__SEEN_NAME]; /* "clicks/3"; "": the input has only one */
    int64_t position, end;     /* in `unit`; end below 0: nobody knows it */
};

/* How far behind; -1: nobody knows the end. A place behind the end is none. */
static inline int64_t riv__lag(int64_t position, int64_t end)
{
    return end < 0 ? -1 : RIV__MAX(end - position, 0);
}

struct riv_seen_input {
    char name[RIV__SEEN_NAME];     /* its uid, else its URI */
    char note[RIV__SEEN_NAME + 8]; /* what it does */
    char error[RIV__SEEN_TEXT];    /* why it cannot go on now; "": it can */
    int64_t records, bytes;        /* of the last batch */
    int64_t records_all, bytes_all;
    int64_t last_ms;       /* the last batch that had some of it; 0: none had */
    int64_t waiting_bytes; /* received, and in no batch */
    int64_t buffer_bytes;  /* room for these; 0: it has no buffer */
    int64_t rate_limit;    /* bytes a second; 0: none */
    bool ended;
    const char *unit; /* of the partitions: "records", "bytes" */
    int64_t lag;      /* over all partitions; below 0: not known */
    struct riv_seen_part *part;
    size_t nparts; /* there are; RIV__SEEN_PARTS at most are in `part` */
};

/* A thread at work. */
struct riv_seen_doing {
    char op[RIV__SEEN_NAME];
    uint32_t partition;
};

/* A warning or an error, oldest first. */
struct riv_seen_text {
    uint32_t number; /* from 1 */
    int64_t wall_ms;
    char text[RIV__SEEN_TEXT];
};

struct riv_picture {
    struct riv_arena arena; /* of all that it points to */
    char name[64];
    int64_t wall_ms;    /* when it was made */
    int64_t started_ms; /* the run, by the same clock; 0: not yet */
    int64_t up_us;
    enum riv_phase phase;
    int64_t phase_us; /* so long */
    bool drains;      /* asked to stop */
    int64_t interval_ms;
    int64_t hang_us;           /* task.timeout; 0: none */
    int64_t batch_ms;          /* of the batch that runs, or is next */
    unsigned waiting, running; /* batches */
    int64_t done, failed;      /* batches of this run */
    int64_t records, bad, out, bytes;
    int64_t last_in_ms, last_out_ms; /* batches with records, with results */
    int64_t idle_us;                 /* since a batch had records */
    int64_t silent_us;               /* since one had results */
    int64_t next_result_ms; /* windows: results come in batches whose time is a
                               multiple of more than the interval, the next at
                               this one; 0: in every batch */
    bool disk_short, memory_tight, is_limited;
    int64_t memory_bytes, memory_limit; /* 0: not known; none */
    int64_t disk_limit;
    int64_t keys; /* in state and windows; below 0: there is none */
    int64_t retained_max;
    unsigned threads;
    const char *state_dir; /* "": none */
    struct riv_seen_doing *doing;
    size_t ndoing;
    struct riv_seen_input *input;
    size_t ninput;
    const char **output;  /* names */
    const char **trouble; /* of outputs, why they cannot go on now; "" */
    size_t noutput;
    struct riv_seen_batch *batch; /* newest first */
    size_t nbatch;
    struct riv_seen_text *text;
    size_t ntext;
    char failure
        [RIV__SEEN_TEXT]; /* why the run ended; "": it has not, or well */
};

void riv__picture_free(struct riv_picture *picture); /* NULL is fine */

/* The text of a failure, by its number; "": it is forgotten, or there was none. */
const char *riv__picture_text(const struct riv_picture *picture,
                              uint32_t number);
/* A batch by its time; NULL: it is not retained. */
const struct riv_seen_batch *riv__picture_batch(
    const struct riv_picture *picture, int64_t time_ms);

#endif
