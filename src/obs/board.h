/* obs/board.h - where the driver of a job puts what others may see of it, a few
 * stores a batch: no lock, no allocation, no waiting, whoever looks. The numbers
 * are single words; batches that are done lie in a ring of words, each with a
 * count that says whether it was written over while it was read (a sequence
 * lock). Texts of failures and warnings, which are rare, have a lock. Readers
 * copy; api/status.c makes a picture of it. */
#ifndef RIV_OBS_BOARD_H
#define RIV_OBS_BOARD_H

#include <stdatomic.h>

#include "obs/picture.h"
#include "sys/sys.h"
#include "sys/thread.h"

enum { RIV__BOARD_TEXTS = 32 };

/* Of an input, in the batch and in the run. Written by the driver. */
struct riv_board_input {
    _Atomic int64_t records, bytes, records_all, bytes_all, last_ms;
    _Atomic int64_t rate_limit; /* bytes a second; 0: none */
    atomic_bool is_limited;     /* the batch took all that the rate allows */
};

/* An output cannot go on now, and tries by itself; text "": it can again. @thread
 * any, with no lock held */
typedef void riv__trouble_fn(void *arg, const char *output, const char *text);

struct riv_board {
    struct riv_sys *sys;
    riv__trouble_fn *on_trouble; /* or NULL. Set before the open */
    void *trouble_arg;
    /* written by the driver, read by any */
    _Atomic int phase;
    _Atomic int64_t phase_ns, batch_ms;
    _Atomic int64_t started_ns, started_ms; /* 0: not yet */
    atomic_bool disk_short, memory_tight;
    _Atomic int64_t done, failed, records, bad, out, bytes;
    _Atomic int64_t last_in_ms, last_out_ms, last_in_ns, last_out_ns;
    _Atomic int64_t keys;    /* below 0: nothing is kept */
    _Atomic int64_t zero_ms; /* windows count from here */
    /* made by riv__board_open, not changed until the end */
    char (*op)[RIV__SEEN_NAME]; /* names of the graph's nodes, by id */
    size_t nop;
    uint32_t *output; /* ids of the outputs: first those that are operators.. */
    uint32_t nended;  /* ..so many; the others are functions in tasks */
    uint32_t noutput;
    int64_t slide_ms; /* results come at most so often; 0: with every batch */
    struct riv_board_input *input;
    size_t ninput;
    /* the ring of batches */
    _Atomic uint64_t *word;
    size_t row_words, job_words, rows;
    _Atomic uint64_t newest;    /* rows ever written */
    struct riv_seen_batch open; /* the batch that runs. @thread driver */
    _Atomic int64_t row[RIV__SEEN_OUTPUTS]; /* what tasks gave outputs in it */
    struct riv_seen_job *job;     /* of these the one that runs; NULL: none */
    struct riv_seen_job job_more; /* where there is no room */
    struct riv_lock lock;
    struct riv_seen_text text[RIV__BOARD_TEXTS]; /* @locks lock, all below */
    uint32_t texts;                              /* ever */
    char failure[RIV__SEEN_TEXT];
    char (*trouble)[RIV__SEEN_TEXT]; /* why an output cannot go on now; "": it
                                        can */
};

struct riv_board_spec {
    size_t rows; /* batches that are retained */
    size_t nop, ninput;
    uint32_t noutput; /* at most */
    bool has_jobs;    /* an output may run jobs of its own */
};

void riv__board_init(struct riv_board *board, struct riv_sys *sys);
/* Before the first batch; what is pointed to is filled by the caller, before
 * anybody may read. RIV_ENOMEM. */
int riv__board_open(struct riv_board *board, const struct riv_board_spec *spec)
    RIV__MUST_USE;
/* As it was before the open. */
void riv__board_close(struct riv_board *board);
void riv__board_fini(struct riv_board *board);

/* ---- @thread driver. board NULL: nobody wants to see anything. */
void riv__board_phase(struct riv_board *board, enum riv_phase phase,
                      int64_t now_ns);
/* A batch of this time begins. */
void riv__board_batch(struct riv_board *board, int64_t time_ms);
/* A job of a plan has run so many stages, and what its tasks came to. */
void riv__board_stages(struct riv_board *board, uint32_t n, uint32_t failed);
void riv__board_tasks(struct riv_board *board, uint32_t n, uint32_t failed);
/* An action in the function of an output, by its index. */
void riv__board_job(struct riv_board *board, uint32_t output);
void riv__board_job_end(struct riv_board *board, int64_t us, int rc,
                        const char *why);
/* An output of the batch is done. */
void riv__board_output(struct riv_board *board, uint32_t output, int64_t rows,
                       int64_t us);
void riv__board_output_failed(struct riv_board *board, uint32_t output,
                              int64_t us, const char *why);
/* What the batch had of input i. */
void riv__board_input(struct riv_board *board, size_t i, int64_t records,
                      int64_t bytes);
void riv__board_rate(struct riv_board *board, size_t i, int64_t limit,
                     bool is_limited);
/* The batch is done: everybody may see it, with what the caller has put into
 * board->open. */
void riv__board_publish(struct riv_board *board, int64_t now_ns);
/* Some output runs a function of the program on the driver. */
static inline bool riv__board_has_jobs(const struct riv_board *board)
{
    return board && board->job_words > 0;
}
/* Index of an output by its node; noutput: it is none. */
uint32_t riv__board_find(const struct riv_board *board, uint32_t id);

/* A task has given an output so many rows. @thread worker */
void riv__board_rows(struct riv_board *board, uint32_t id, int64_t n);

/* ---- @thread any */
/* The output of this id cannot go on now, and tries by itself; "": it can. What is
 * new goes to on_trouble. An id that is none of them, or no board, is fine. */
void riv__board_trouble(struct riv_board *board, uint32_t id, const char *text);
/* Copies what was said of output number `output`: RIV__SEEN_TEXT bytes. */
void riv__board_troubled(struct riv_board *board, uint32_t output, char *ret);
/* Keeps a warning or an error among the last RIV__BOARD_TEXTS; one that is the same
 * as the last only gets its time. Returns its number, from 1. */
uint32_t riv__board_text(struct riv_board *board, const char *text);
/* The run has ended, with this. */
void riv__board_end(struct riv_board *board, int rc, const char *why);
/* Copies the batch that is `back` before the newest. False: it is not retained,
 * or is being written over. */
bool riv__board_row(struct riv_board *board, uint64_t back,
                    struct riv_seen_batch *ret);
/* Texts, oldest first, and the failure; at most RIV__BOARD_TEXTS. */
size_t riv__board_texts(struct riv_board *board, struct riv_seen_text *ret,
                        char *failure);

#endif
