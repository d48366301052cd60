/* obs/board.c - the driver's side: what happened, into words that others copy.
 * Without fences: the count of a row is stored before its words and after them,
 * and the words are stored with release and loaded with acquire, so whoever has
 * seen one new word sees the count that goes with it. On x86 these are plain
 * stores and loads. */
#include "obs/board.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD_WORDS = offsetof(struct riv_seen_batch, output) / 8,
    OUTPUT_WORDS = sizeof(struct riv_seen_output) / 8,
    JOB_WORDS = sizeof(struct riv_seen_job) / 8,
    SEQ_WORDS = 1
};

_Static_assert(sizeof(struct riv_seen_batch) % 8 == 0, "rows are words");
_Static_assert(offsetof(struct riv_seen_batch, output) % 8 == 0, "as above");
_Static_assert(sizeof(struct riv_seen_output) % 8 == 0, "as above");
_Static_assert(sizeof(struct riv_seen_job) % 8 == 0, "as above");

void riv__board_init(struct riv_board *board, struct riv_sys *sys)
{
    memset(board, 0, sizeof *board);
    board->sys = sys;
    atomic_init(&board->keys, -1);
    riv__lock_init(&board->lock);
}

void riv__board_close(struct riv_board *board)
{
    free(RIV__TAKE(board->op));
    free(RIV__TAKE(board->output));
    free(RIV__TAKE(board->input));
    free(RIV__TAKE(board->trouble));
    free((void *)RIV__TAKE(board->word));
    board->nop = board->ninput = board->rows = 0;
    board->noutput = 0;
    atomic_store(&board->newest, 0);
}

void riv__board_fini(struct riv_board *board)
{
    riv__board_close(board);
    riv__lock_fini(&board->lock);
}

int riv__board_open(struct riv_board *board, const struct riv_board_spec *spec)
{
    const size_t outputs = RIV__MIN(spec->noutput, RIV__SEEN_OUTPUTS);
    board->job_words = spec->has_jobs ? RIV__SEEN_JOBS * JOB_WORDS : 0;
    board->row_words =
        SEQ_WORDS + HEAD_WORDS + outputs * OUTPUT_WORDS + board->job_words;
    board->op = calloc(spec->nop + 1, sizeof *board->op);
    board->output = calloc(spec->noutput + 1, sizeof *board->output);
    board->input = calloc(spec->ninput + 1, sizeof *board->input);
    board->trouble = calloc(spec->noutput + 1, sizeof *board->trouble);
    board->word = calloc(spec->rows, board->row_words * sizeof *board->word);
    if (!board->op || !board->output || !board->input || !board->trouble ||
        !board->word)
        return RIV_ENOMEM;
    board->nop = spec->nop;
    board->noutput = spec->noutput;
    board->ninput = spec->ninput;
    board->rows = spec->rows;
    return 0;
}

static void put(_Atomic int64_t *at, int64_t value)
{
    atomic_store_explicit(at, value, memory_order_relaxed);
}

/* Only the driver writes, so nothing comes between. */
static void add(_Atomic int64_t *at, int64_t value)
{
    put(at, atomic_load_explicit(at, memory_order_relaxed) + value);
}

/* ------------------------------------------------------------- what happens */

void riv__board_phase(struct riv_board *board, enum riv_phase phase,
                      int64_t now_ns)
{
    if (!board ||
        atomic_load_explicit(&board->phase, memory_order_relaxed) == (int)phase)
        return;
    put(&board->phase_ns, now_ns);
    if (atomic_load_explicit(&board->started_ns, memory_order_relaxed) == 0) {
        put(&board->started_ns, RIV__MAX(now_ns, 1));
        put(&board->started_ms, board->sys->wall_ms(board->sys));
    }
    atomic_store_explicit(&board->phase, (int)phase, memory_order_relaxed);
}

void riv__board_batch(struct riv_board *board, int64_t time_ms)
{
    if (!board)
        return;
    memset(&board->open, 0, HEAD_WORDS * 8);
    board->job = NULL;
    board->open.time_ms = time_ms;
    board->open.jobs = 1;
    board->open.noutput = RIV__MIN(board->noutput, RIV__SEEN_OUTPUTS);
    for (uint32_t i = 0; i < board->open.noutput; i++) {
        board->open.output[i] =
            (struct riv_seen_output){ .status = RIV__SEEN_NOT_RUN };
        put(&board->row[i], 0);
    }
    put(&board->batch_ms, time_ms);
}

void riv__board_stages(struct riv_board *board, uint32_t n, uint32_t failed)
{
    if (!board)
        return;
    board->open.stages += n;
    board->open.stages_failed += failed;
    if (board->job) {
        board->job->stages += n;
        board->job->stages_failed += failed;
    }
}

void riv__board_tasks(struct riv_board *board, uint32_t n, uint32_t failed)
{
    if (!board)
        return;
    board->open.tasks += n;
    board->open.tasks_failed += failed;
    if (board->job) {
        board->job->tasks += n;
        board->job->tasks_failed += failed;
    }
}

void riv__board_job(struct riv_board *board, uint32_t output)
{
    if (!board)
        return;
    struct riv_seen_batch *batch = &board->open;
    board->job = batch->njob < RIV__SEEN_JOBS ? &batch->job[batch->njob++]
                                              : &board->job_more;
    *board->job = (struct riv_seen_job){ .output = output };
    batch->jobs++;
    if (output < batch->noutput)
        batch->output[output].jobs++;
}

void riv__board_job_end(struct riv_board *board, int64_t us, int rc,
                        const char *why)
{
    if (!board || !board->job)
        return;
    struct riv_seen_batch *batch = &board->open;
    struct riv_seen_job *job = RIV__TAKE(board->job);
    job->us = us;
    if (rc >= 0)
        return;
    job->status = RIV__SEEN_HAS_FAILED;
    job->failure = riv__board_text(board, why);
    batch->jobs_failed++;
    if (job->output < batch->noutput)
        batch->output[job->output].jobs_failed++;
}

void riv__board_output(struct riv_board *board, uint32_t output, int64_t rows,
                       int64_t us)
{
    if (!board || output >= board->noutput)
        return;
    board->open.outputs++;
    if (output >= board->open.noutput)
        return;
    struct riv_seen_output *seen = &board->open.output[output];
    seen->rows = rows;
    seen->us = us;
    seen->status = RIV__SEEN_WENT_WELL;
}

void riv__board_output_failed(struct riv_board *board, uint32_t output,
                              int64_t us, const char *why)
{
    if (!board || output >= board->noutput)
        return;
    board->open.outputs++;
    board->open.outputs_failed++;
    if (output >= board->open.noutput)
        return;
    struct riv_seen_output *seen = &board->open.output[output];
    seen->us = us;
    seen->status = RIV__SEEN_HAS_FAILED;
    seen->failure = riv__board_text(board, why);
}

void riv__board_input(struct riv_board *board, size_t i, int64_t records,
                      int64_t bytes)
{
    struct riv_board_input *in = &board->input[i];
    put(&in->records, records);
    put(&in->bytes, bytes);
    add(&in->records_all, records);
    add(&in->bytes_all, bytes);
    if (records > 0)
        put(&in->last_ms, board->open.time_ms);
}

void riv__board_rate(struct riv_board *board, size_t i, int64_t limit,
                     bool is_limited)
{
    put(&board->input[i].rate_limit, limit);
    atomic_store_explicit(&board->input[i].is_limited, is_limited,
                          memory_order_relaxed);
}

uint32_t riv__board_find(const struct riv_board *board, uint32_t id)
{
    uint32_t i = 0;
    while (board && i < board->noutput && board->output[i] != id)
        i++;
    return i;
}

/* ------------------------------------------------------------------ the ring */

/* The parts of a batch that a row has, as words: one after another. */
struct piece {
    uint64_t *word;
    size_t n;
};

static void pieces_of(const struct riv_board *board,
                      struct riv_seen_batch *batch, struct piece piece[3])
{
    const size_t outputs =
        RIV__MIN(board->noutput, RIV__SEEN_OUTPUTS) * OUTPUT_WORDS;
    piece[0] = (struct piece){ (uint64_t *)(void *)batch, HEAD_WORDS };
    piece[1] = (struct piece){ (uint64_t *)(void *)batch->output, outputs };
    piece[2] =
        (struct piece){ (uint64_t *)(void *)batch->job, board->job_words };
}

static _Atomic uint64_t *row_at(const struct riv_board *board, uint64_t number)
{
    return board->word + (size_t)(number % board->rows) * board->row_words;
}

static void row_write(struct riv_board *board, struct riv_seen_batch *batch,
                      uint64_t number)
{
    _Atomic uint64_t *row = row_at(board, number);
    struct piece piece[3];
    pieces_of(board, batch, piece);
    atomic_store_explicit(row, 2 * number + 1, memory_order_relaxed);
    _Atomic uint64_t *to = row + SEQ_WORDS;
    for (size_t i = 0; i < RIV__LEN(piece); i++)
        for (size_t k = 0; k < piece[i].n; k++)
            atomic_store_explicit(to++, piece[i].word[k], memory_order_release);
    atomic_store_explicit(row, 2 * number + 2, memory_order_release);
    atomic_store_explicit(&board->newest, number + 1, memory_order_release);
}

bool riv__board_row(struct riv_board *board, uint64_t back,
                    struct riv_seen_batch *ret)
{
    const uint64_t newest =
        atomic_load_explicit(&board->newest, memory_order_acquire);
    if (back >= newest || back >= board->rows)
        return false;
    const uint64_t number = newest - 1 - back, want = 2 * number + 2;
    _Atomic uint64_t *row = row_at(board, number);
    struct piece piece[3];
    *ret = (struct riv_seen_batch){ .number = 0 };
    pieces_of(board, ret, piece);
    if (atomic_load_explicit(row, memory_order_acquire) != want)
        return false;
    _Atomic uint64_t *from = row + SEQ_WORDS;
    for (size_t i = 0; i < RIV__LEN(piece); i++)
        for (size_t k = 0; k < piece[i].n; k++)
            piece[i].word[k] =
                atomic_load_explicit(from++, memory_order_acquire);
    return atomic_load_explicit(row, memory_order_relaxed) == want;
}

void riv__board_rows(struct riv_board *board, uint32_t id, int64_t n)
{
    const uint32_t output = riv__board_find(board, id);
    if (board && output < RIV__SEEN_OUTPUTS)
        atomic_fetch_add_explicit(&board->row[output], n, memory_order_relaxed);
}

/* Outputs that are functions in tasks are done when the batch is. */
static void tasks_outputs(struct riv_board *board)
{
    struct riv_seen_batch *batch = &board->open;
    const bool well = batch->status == RIV__SEEN_WENT_WELL;
    if (well)
        batch->outputs += board->noutput - board->nended;
    for (uint32_t i = board->nended; i < batch->noutput; i++) {
        batch->output[i].rows = atomic_load(&board->row[i]);
        if (well)
            batch->output[i].status = RIV__SEEN_WENT_WELL;
    }
}

void riv__board_publish(struct riv_board *board, int64_t now_ns)
{
    if (!board || !board->word)
        return;
    struct riv_seen_batch *batch = &board->open;
    const uint64_t number =
        atomic_load_explicit(&board->newest, memory_order_relaxed);
    batch->number = (int64_t)number + 1;
    tasks_outputs(board);
    add(batch->status == RIV__SEEN_HAS_FAILED ? &board->failed : &board->done,
        1);
    add(&board->records, batch->records);
    add(&board->bad, batch->bad);
    add(&board->out, batch->out);
    add(&board->bytes, batch->bytes);
    if (batch->records > 0) {
        put(&board->last_in_ms, batch->time_ms);
        put(&board->last_in_ns, now_ns);
    }
    if (batch->out > 0) {
        put(&board->last_out_ms, batch->time_ms);
        put(&board->last_out_ns, now_ns);
    }
    row_write(board, batch, number);
}

/* --------------------------------------------------------------------- texts */

static void copy_text(char to[RIV__SEEN_TEXT], const char *text)
{
    snprintf(to, RIV__SEEN_TEXT, "%s", text ? text : "");
}

uint32_t riv__board_text(struct riv_board *board, const char *text)
{
    const int64_t wall_ms = board->sys->wall_ms(board->sys);
    riv__lock(&board->lock);
    struct riv_seen_text *last =
        &board->text[(board->texts + RIV__BOARD_TEXTS - 1) % RIV__BOARD_TEXTS];
    if (board->texts == 0 ||
        strncmp(last->text, text, RIV__SEEN_TEXT - 1) != 0) {
        last = &board->text[board->texts % RIV__BOARD_TEXTS];
        copy_text(last->text, text);
        last->number = ++board->texts;
    }
    last->wall_ms = wall_ms;
    const uint32_t number = last->number;
    riv__unlock(&board->lock);
    return number;
}

void riv__board_trouble(struct riv_board *board, uint32_t id, const char *text)
{
    const uint32_t output = riv__board_find(board, id);
    if (!board || output == board->noutput)
        return;
    riv__lock(&board->lock);
    const bool was = board->trouble[output][0] != '\0';
    copy_text(board->trouble[output], text);
    riv__unlock(&board->lock);
    if (board->on_trouble && was != (text[0] != '\0'))
        board->on_trouble(board->trouble_arg,
                          id < board->nop ? board->op[id] : "", text);
}

void riv__board_troubled(struct riv_board *board, uint32_t output, char *ret)
{
    riv__lock(&board->lock);
    memcpy(ret, board->trouble[output], RIV__SEEN_TEXT);
    riv__unlock(&board->lock);
}

void riv__board_end(struct riv_board *board, int rc, const char *why)
{
    riv__lock(&board->lock);
    copy_text(board->failure, rc < 0 ? why : "");
    riv__unlock(&board->lock);
    riv__board_phase(board, rc < 0 ? RIV__PHASE_FAILED : RIV__PHASE_ENDED,
                     board->sys->mono_ns(board->sys));
}

size_t riv__board_texts(struct riv_board *board, struct riv_seen_text *ret,
                        char *failure)
{
    riv__lock(&board->lock);
    const size_t n = RIV__MIN(board->texts, (uint32_t)RIV__BOARD_TEXTS);
    for (size_t i = 0; i < n; i++)
        ret[i] = board->text[(board->texts - n + i) % RIV__BOARD_TEXTS];
    memcpy(failure, board->failure, RIV__SEEN_TEXT);
    riv__unlock(&board->lock);
    return n;
}
