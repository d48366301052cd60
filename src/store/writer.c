/* store/writer.c - one thread carries out messages, one at a time and in order.
 * A transaction that does not fit is tried again when there is room, for it is
 * the same then (shortage.h). Any other failure is final, for what it did to the
 * disk is not known; nothing is committed or shown after it. */
#include "store/writer.h"

#include <stdlib.h>

#include "base/point.h"
#include "store/messages.h"
#include "store/rest.h"
#include "store/shortage.h"
#include "store/tidy.h"
#include "sys/thread.h"

struct riv_writer {
    struct riv_journal *journal; /* @thread storage, once it runs */
    struct riv_sys *sys;
    struct riv_wake *driver; /* NULL: nobody waits */
    struct riv_intake intake;
    struct riv_thread thread;
    struct riv_rest rest; /* while a batch is at work */
    struct riv_messages messages;
    struct riv_tidy tidy;
    struct riv_shortage shortage;
};

static void wake_driver(struct riv_writer *w)
{
    if (w->driver)
        w->sys->wake_raise(w->sys, w->driver);
}

/* -------------------------------------------------------- one transaction */

static bool receives(const struct riv_writer *w)
{
    return w->intake.group_ms > 0;
}

/* Where room is short what has been received is not written down: its source
 * is told nothing, and stops by itself. */
static bool takes_in(struct riv_writer *w)
{
    return receives(w) && !riv__shortage_is_short(&w->shortage);
}

/* What a transaction writes. commit NULL: only what has been received. */
typedef int put_fn(struct riv_writer *w, const struct riv_commit *commit,
                   bool with_intake, struct riv_err *err);

static int put_rows(struct riv_writer *w, const struct riv_commit *commit,
                    bool with_intake, struct riv_err *err)
{
    if (with_intake)
        RIV__TRY(w->intake.put(w->intake.arg, w->journal, err));
    if (commit)
        RIV__TRY(riv__commit_put(commit, w->journal, err));
    if (commit && commit->prune_before > 0)
        RIV__TRY(riv__journal_prune(w->journal, commit->prune_before, err));
    RIV_POINT("writer.before_commit");
    return 0;
}

static int put_once(struct riv_writer *w, put_fn *put,
                    const struct riv_commit *commit, bool with_intake,
                    struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(w->journal, err));
    const int rc = put(w, commit, with_intake, err);
    return riv__journal_end(w->journal, rc, err);
}

/* Once more for as long as there is no room. */
static int put_all(struct riv_writer *w, put_fn *put,
                   const struct riv_commit *commit, bool with_intake,
                   struct riv_err *err)
{
    int rc;
    for (unsigned tries = 0;
         (rc = put_once(w, put, commit, with_intake, err)) < 0; tries++) {
        err->code = err->code ? err->code : rc;
        if (!riv__journal_is_full(w->journal))
            return rc;
        RIV__TRY(riv__shortage_make_room(&w->shortage, tries, err));
    }
    riv__shortage_over(&w->shortage);
    return 0;
}

static int commit_rows(struct riv_writer *w, struct riv_commit *commit,
                       struct riv_err *err)
{
    const bool with_intake = takes_in(w);
    RIV__TRY(put_all(w, put_rows, commit, with_intake, err));
    if (with_intake)
        w->intake.done(w->intake.arg);
    if (commit && commit->done)
        commit->done(commit->arg, commit);
    return 0;
}

/* Files that have their names by now; of those before only the last is kept. */
static int put_shown(struct riv_writer *w, const struct riv_commit *commit,
                     bool with_intake, struct riv_err *err)
{
    (void)with_intake;
    for (size_t i = 0; i < commit->nfile; i++) {
        struct riv_file_row row = commit->file[i];
        if (row.status != RIV__FILE_CLOSED)
            continue;
        row.status = RIV__FILE_SHOWN;
        RIV__TRY(riv__journal_put_file(w->journal, &row, err));
        RIV__TRY(
            riv__journal_drop_files(w->journal, row.output, row.number, err));
    }
    for (size_t i = 0; i < commit->nblob; i++)
        if (commit->blob[i].kind == RIV__BLOB_OUTBOX)
            RIV__TRY(riv__journal_drop_outbox(w->journal, commit->blob[i].op,
                                              commit->batch.number, err));
    if (commit->batch.number == 0)
        return 0;
    return riv__journal_set_published(w->journal, commit->batch.number, err);
}

/* Whose snapshots are complete now: older ones may go. */
static void note_tidy(struct riv_writer *w, const struct riv_commit *commit)
{
    for (size_t i = 0; i < commit->nblob; i++)
        if (commit->blob[i].kind == RIV__BLOB_SNAPSHOT)
            riv__tidy_add(&w->tidy, commit->blob[i].op);
}

/* Where others wait behind it, storage is late and does not rest. */
static void begin_rest(struct riv_writer *w, const struct riv_commit *commit)
{
    const bool is_last = riv__messages_is_last(&w->messages, commit);
    riv__rest_begin(&w->rest, is_last ? RIV__REST_COMMIT_MS : 0);
}

/* Prepared bytes first, then the rows that promise them, then the world sees
 * them, then it is written down that it did. */
static int carry_out(struct riv_writer *w, struct riv_commit *commit,
                     struct riv_err *err)
{
    begin_rest(w, commit);
    if (commit->sync)
        RIV__TRY(commit->sync(commit->arg, commit, err));
    RIV_POINT("writer.synced");
    RIV__TRY(commit_rows(w, commit, err));
    RIV_POINT("writer.committed");
    note_tidy(w, commit);
    if (!commit->publishes)
        return 0;
    RIV__TRY(commit->publish(commit->arg, commit, err));
    RIV_POINT("writer.published");
    return put_all(w, put_shown, commit, false, err);
}

/* ------------------------------------------------------------- the thread */

/* What may go is not left waiting for a message, nor what has been received for
 * longer than it may. */
static struct riv_commit *next_message(struct riv_writer *w)
{
    if (riv__tidy_has(&w->tidy))
        return riv__messages_first(&w->messages, RIV__MESSAGES_NOW);
    if (!receives(w))
        return riv__messages_first(&w->messages, RIV__MESSAGES_EVER);
    return riv__messages_first(
        &w->messages,
        w->sys->mono_ns(w->sys) + w->intake.group_ms * INT64_C(1000000));
}

/* Between messages: what has been received, then what may go. */
static int look_after(struct riv_writer *w, struct riv_err *err)
{
    const bool takes = takes_in(w) && w->intake.has(w->intake.arg);
    riv__rest_begin(&w->rest, takes ? RIV__REST_COMMIT_MS : RIV__REST_MS);
    if (takes)
        return commit_rows(w, NULL, err);
    return riv__tidy_step(&w->tidy, w->journal, err);
}

/* Where room is short the log is not left to grow. */
static int checkpoint(struct riv_writer *w, struct riv_err *err)
{
    riv__rest_begin(&w->rest, RIV__REST_MS);
    return w->shortage.is_short ? riv__journal_move_wal(w->journal, err)
                                : riv__journal_checkpoint(w->journal, err);
}

/* One message, or what there is to do without one. */
static int round_of(struct riv_writer *w, struct riv_err *err)
{
    struct riv_commit *commit = next_message(w);
    RIV__TRY(commit ? carry_out(w, commit, err) : look_after(w, err));
    riv__shortage_measure(&w->shortage);
    if (commit) {
        riv__messages_finish(&w->messages, commit);
        wake_driver(w);
    }
    return checkpoint(w, err);
}

static void fail(struct riv_writer *w, int rc, struct riv_err *err)
{
    err->code = err->code ? err->code : rc;
    riv__err_prefix(err, "state directory");
    riv__messages_fail(&w->messages, err);
    wake_driver(w);
}

static void writer_run(void *arg)
{
    struct riv_writer *w = arg;
    while (!riv__messages_are_over(&w->messages)) {
        struct riv_err err = { .code = 0 };
        const int rc = round_of(w, &err);
        if (rc < 0) {
            fail(w, rc, &err);
            return;
        }
    }
}

/* ----------------------------------------------------------- start and stop */

int riv__writer_start(struct riv_journal *journal,
                      const struct riv_writer_spec *spec,
                      struct riv_writer **ret, struct riv_err *err)
{
    struct riv_writer *w = calloc(1, sizeof *w);
    if (!w) {
        riv__journal_abandon(journal);
        return riv__err_set(err, RIV_ENOMEM, "no memory for storage");
    }
    w->journal = journal;
    w->sys = spec->sys;
    w->driver = spec->driver;
    w->intake = spec->intake;
    w->shortage = (struct riv_shortage){
        .sys = spec->sys,
        .journal = journal,
        .tidy = &w->tidy,
        .driver = spec->driver,
        .leaves = spec->leaves,
        .say = spec->say,
        .arg = spec->arg,
    };
    riv__rest_init(&w->rest, spec->sys);
    riv__messages_init(&w->messages, &w->rest);
    riv__tidy_init(&w->tidy);
    riv__journal_set_rest(journal, &w->rest);
    int rc = riv__shortage_init(&w->shortage, err);
    if (rc == 0)
        rc = riv__thread_start(&w->thread, "riv-storage", writer_run, w, err);
    if (rc < 0) {
        (void)riv__writer_stop(w, true, NULL);
        return rc;
    }
    *ret = w;
    return 0;
}

static void writer_free(struct riv_writer *w)
{
    riv__shortage_fini(&w->shortage);
    riv__tidy_fini(&w->tidy);
    riv__messages_fini(&w->messages);
    riv__rest_fini(&w->rest);
    free(w);
}

int riv__writer_stop(struct riv_writer *w, bool give_up, struct riv_err *err)
{
    if (!w)
        return 0;
    (void)riv__writer_at_work(w, false);
    riv__messages_stop(&w->messages);
    riv__shortage_stop(&w->shortage, give_up);
    riv__thread_join(&w->thread);
    int rc = riv__messages_status(&w->messages, err);
    if (rc < 0)
        riv__journal_abandon(w->journal);
    else
        rc = riv__journal_close(w->journal, err);
    writer_free(w);
    return rc;
}

/* ------------------------------------------- the driver, by way of the nouns */

bool riv__writer_at_work(struct riv_writer *w, bool at_work)
{
    return riv__rest_work(&w->rest, at_work);
}

struct riv_commit *riv__writer_take(struct riv_writer *w, struct riv_err *err)
{
    return riv__messages_take(&w->messages, err);
}

uint64_t riv__writer_send(struct riv_writer *w, struct riv_commit *commit)
{
    return riv__messages_send(&w->messages, commit);
}

void riv__writer_drop(struct riv_writer *w, struct riv_commit *commit)
{
    riv__messages_drop(&w->messages, commit);
}

uint64_t riv__writer_done(struct riv_writer *w)
{
    return riv__messages_done(&w->messages);
}

int riv__writer_wait(struct riv_writer *w, struct riv_err *err)
{
    return riv__messages_wait(&w->messages, err);
}

bool riv__writer_is_behind(struct riv_writer *w)
{
    return riv__messages_are_behind(&w->messages);
}

uint64_t riv__writer_backlog(struct riv_writer *w)
{
    return riv__messages_backlog(&w->messages);
}

bool riv__writer_is_stuck(struct riv_writer *w)
{
    return riv__shortage_is_stuck(&w->shortage);
}

void riv__writer_need(struct riv_writer *w, uint64_t bytes)
{
    riv__shortage_need(&w->shortage, bytes);
}

bool riv__writer_is_short(struct riv_writer *w)
{
    return riv__shortage_is_short(&w->shortage);
}

void riv__writer_tidy(struct riv_writer *w, uint32_t op)
{
    riv__tidy_add(&w->tidy, op);
    riv__messages_nudge(&w->messages);
}
