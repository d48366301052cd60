/* store/writer.c - one thread, one queue of at most two messages. A full disk
 * is waited for: the transaction is the same when it is tried again. Any other
 * failure is final, for what it did to the disk is not known; nothing is
 * committed or shown after it. */
#include "store/writer.h"

#include <stdlib.h>

#include "base/point.h"
#include "base/vec.h"
#include "sys/thread.h"

enum { FULL_PAUSE_MS = 100 };

struct riv_writer {
    struct riv_journal *journal;
    struct riv_sys *sys;
    struct riv_wake *driver;
    struct riv_thread thread;
    struct riv_wake wake; /* ends a pause */
    struct riv_intake intake;
    struct riv_commit message[RIV__COMMITS];
    /* protected by lock, all below */
    struct riv_lock lock;
    struct riv_cond changed;
    struct riv_commit *idle, *first, *last;
    uint64_t sent, done;
    uint32_t *tidy; /* operators */
    size_t ntidy, tidy_cap;
    bool stopping, give_up, stuck;
    struct riv_err err; /* code 0: none */
};

/* -------------------------------------------------------- one transaction */

static bool takes_in(const struct riv_writer *w)
{
    return w->intake.group_ms > 0;
}

/* commit NULL: only what has been received. */
static int put_rows(struct riv_writer *w, struct riv_commit *commit,
                    struct riv_err *err)
{
    if (takes_in(w))
        RIV__TRY(w->intake.put(w->intake.arg, w->journal, err));
    if (!commit)
        return 0;
    RIV__TRY(riv__commit_put(commit, w->journal, err));
    return commit->prune_before > 0
               ? riv__journal_prune(w->journal, commit->prune_before, err)
               : 0;
}

static int put_all(struct riv_writer *w, struct riv_commit *commit,
                   struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(w->journal, err));
    int rc = put_rows(w, commit, err);
    RIV_POINT("writer.before_commit");
    if (rc == 0)
        rc = riv__journal_commit(w->journal, err);
    if (rc < 0)
        riv__journal_rollback(w->journal);
    return rc;
}

static void set_stuck(struct riv_writer *w, bool stuck)
{
    riv__lock(&w->lock);
    w->stuck = stuck;
    riv__unlock(&w->lock);
    if (w->driver)
        w->sys->wake_raise(w->sys, w->driver);
}

/* False: the program will not wait any longer. */
static bool wait_for_room(struct riv_writer *w)
{
    set_stuck(w, true);
    const int64_t until =
        w->sys->mono_ns(w->sys) + FULL_PAUSE_MS * INT64_C(1000000);
    (void)w->sys->poll(w->sys, NULL, 0, &w->wake, until);
    riv__lock(&w->lock);
    const bool go_on = !w->give_up;
    riv__unlock(&w->lock);
    return go_on;
}

static int commit_rows(struct riv_writer *w, struct riv_commit *commit,
                       struct riv_err *err)
{
    int rc;
    while ((rc = put_all(w, commit, err)) < 0) {
        if (!riv__journal_is_full(w->journal) || !wait_for_room(w))
            return rc;
    }
    if (w->stuck)
        set_stuck(w, false);
    if (takes_in(w))
        w->intake.done(w->intake.arg);
    if (commit && commit->done)
        commit->done(commit->arg, commit);
    return 0;
}

/* Files that have their names by now; of those before only the last is kept. */
static int put_shown(struct riv_writer *w, const struct riv_commit *commit,
                     struct riv_err *err)
{
    for (size_t i = 0; i < commit->nfile; i++) {
        struct riv_file_row row = commit->file[i];
        if (row.status != RIV__FILE_CLOSED)
            continue;
        row.status = RIV__FILE_SHOWN;
        RIV__TRY(riv__journal_put_file(w->journal, &row, err));
        RIV__TRY(
            riv__journal_drop_files(w->journal, row.output, row.number, err));
    }
    if (commit->batch.number == 0)
        return 0;
    return riv__journal_set_published(w->journal, commit->batch.number, err);
}

static int mark_published(struct riv_writer *w, const struct riv_commit *commit,
                          struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(w->journal, err));
    int rc = put_shown(w, commit, err);
    if (rc == 0)
        rc = riv__journal_commit(w->journal, err);
    if (rc < 0)
        riv__journal_rollback(w->journal);
    return rc;
}

/* Whose snapshots are complete now: older ones may go. */
static void note_tidy(struct riv_writer *w, const struct riv_commit *commit)
{
    for (size_t i = 0; i < commit->nblob; i++)
        if (commit->blob[i].kind == RIV__BLOB_SNAPSHOT)
            riv__writer_tidy(w, commit->blob[i].op);
}

/* Prepared bytes first, then the rows that promise them, then the world sees
 * them, then it is written down that it did. */
static int carry_out(struct riv_writer *w, struct riv_commit *commit,
                     struct riv_err *err)
{
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
    return mark_published(w, commit, err);
}

/* ------------------------------------------------------------- the thread */

static int tidy_one(struct riv_writer *w, uint32_t op, bool *ret_more,
                    struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(w->journal, err));
    int rc = riv__journal_tidy(w->journal, op, ret_more, err);
    if (rc == 0)
        rc = riv__journal_commit(w->journal, err);
    if (rc < 0)
        riv__journal_rollback(w->journal);
    return rc;
}

static bool tidy_next(struct riv_writer *w, uint32_t *ret_op)
{
    riv__lock(&w->lock);
    const bool any = w->ntidy > 0;
    if (any)
        *ret_op = w->tidy[w->ntidy - 1];
    riv__unlock(&w->lock);
    return any;
}

static void tidy_done(struct riv_writer *w, uint32_t op)
{
    size_t kept = 0;
    riv__lock(&w->lock);
    for (size_t i = 0; i < w->ntidy; i++)
        if (w->tidy[i] != op)
            w->tidy[kept++] = w->tidy[i];
    w->ntidy = kept;
    riv__unlock(&w->lock);
}

/* A bounded piece of work that nobody waits for. On a full disk it is left
 * until the operator has its next snapshot. */
static int tidy_up(struct riv_writer *w, struct riv_err *err)
{
    uint32_t op = 0;
    bool more = false;
    if (!tidy_next(w, &op))
        return 0;
    int rc = tidy_one(w, op, &more, err);
    if (rc < 0 && riv__journal_is_full(w->journal))
        rc = 0;
    if (rc == 0 && !more)
        tidy_done(w, op);
    return rc;
}

/* @locks lock */
static bool has_work(const struct riv_writer *w)
{
    return w->first || w->stopping || w->ntidy > 0;
}

/* Waits for a message, but not longer than what is received may wait. */
static struct riv_commit *next_message(struct riv_writer *w)
{
    const int64_t until =
        w->sys->mono_ns(w->sys) + w->intake.group_ms * INT64_C(1000000);
    bool in_time = true;
    riv__lock(&w->lock);
    while (!has_work(w) && in_time) {
        if (takes_in(w))
            in_time = riv__cond_wait_until(&w->changed, &w->lock, until);
        else
            riv__cond_wait(&w->changed, &w->lock);
    }
    struct riv_commit *commit = w->first;
    riv__unlock(&w->lock);
    return commit;
}

static void fail(struct riv_writer *w, const struct riv_err *err)
{
    riv__lock(&w->lock);
    w->err = *err;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
    if (w->driver)
        w->sys->wake_raise(w->sys, w->driver);
}

static bool is_over(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool over = w->stopping && !w->first;
    riv__unlock(&w->lock);
    return over;
}

static void take_off(struct riv_writer *w, struct riv_commit *commit)
{
    riv__lock(&w->lock);
    const uint64_t serial = commit->serial;
    w->first = commit->next;
    if (!w->first)
        w->last = NULL;
    riv__commit_reset(commit);
    commit->next = w->idle;
    w->idle = commit;
    w->done = serial;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
    if (w->driver)
        w->sys->wake_raise(w->sys, w->driver);
}

/* Between messages: what has been received, then what may go. */
static int look_after(struct riv_writer *w, struct riv_err *err)
{
    if (takes_in(w) && w->intake.has(w->intake.arg))
        return commit_rows(w, NULL, err);
    return tidy_up(w, err);
}

static void writer_run(void *arg)
{
    struct riv_writer *w = arg;
    while (!is_over(w)) {
        struct riv_err err = { .code = 0 };
        struct riv_commit *commit = next_message(w);
        int rc = commit ? carry_out(w, commit, &err) : look_after(w, &err);
        if (rc == 0 && commit)
            take_off(w, commit);
        if (rc == 0)
            rc = riv__journal_checkpoint(w->journal, &err);
        if (rc < 0) {
            err.code = err.code ? err.code : rc;
            riv__err_prefix(&err, "state directory");
            fail(w, &err);
            return;
        }
    }
}

/* -------------------------------------------------------------- the driver */

int riv__writer_start(struct riv_journal *journal, struct riv_sys *sys,
                      struct riv_wake *driver, const struct riv_intake *intake,
                      struct riv_writer **ret, struct riv_err *err)
{
    struct riv_writer *w = calloc(1, sizeof *w);
    if (!w) {
        riv__journal_abandon(journal);
        return riv__err_set(err, RIV_ENOMEM, "no memory for storage");
    }
    *w = (struct riv_writer){
        .journal = journal,
        .sys = sys,
        .driver = driver,
        .intake = *intake,
        .wake = { -1 },
    };
    riv__lock_init(&w->lock);
    riv__cond_init(&w->changed);
    for (size_t i = 0; i < RIV__COMMITS; i++) {
        riv__commit_init(&w->message[i]);
        w->message[i].next = w->idle;
        w->idle = &w->message[i];
    }
    int rc = sys->wake_open(sys, &w->wake);
    rc = rc < 0
             ? riv__err_sys(err, -rc, "eventfd", NULL)
             : riv__thread_start(&w->thread, "riv-storage", writer_run, w, err);
    if (rc < 0) {
        (void)riv__writer_stop(w, true, NULL);
        return rc;
    }
    *ret = w;
    return 0;
}

/* @locks lock */
static int status(const struct riv_writer *w, struct riv_err *err)
{
    return w->err.code < 0 ? riv__err_set(err, w->err.code, "%s", w->err.text)
                           : 0;
}

struct riv_commit *riv__writer_take(struct riv_writer *w, struct riv_err *err)
{
    riv__lock(&w->lock);
    while (!w->idle && w->err.code == 0)
        riv__cond_wait(&w->changed, &w->lock);
    struct riv_commit *commit = NULL;
    if (status(w, err) == 0) {
        commit = w->idle;
        w->idle = commit->next;
        commit->next = NULL;
    }
    riv__unlock(&w->lock);
    return commit;
}

uint64_t riv__writer_send(struct riv_writer *w, struct riv_commit *commit)
{
    riv__lock(&w->lock);
    commit->serial = ++w->sent;
    if (w->last)
        w->last->next = commit;
    else
        w->first = commit;
    w->last = commit;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
    return commit->serial;
}

void riv__writer_drop(struct riv_writer *w, struct riv_commit *commit)
{
    riv__commit_reset(commit);
    riv__lock(&w->lock);
    commit->next = w->idle;
    w->idle = commit;
    riv__unlock(&w->lock);
}

uint64_t riv__writer_done(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const uint64_t done = w->done;
    riv__unlock(&w->lock);
    return done;
}

bool riv__writer_is_stuck(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool stuck = w->stuck;
    riv__unlock(&w->lock);
    return stuck;
}

int riv__writer_wait(struct riv_writer *w, struct riv_err *err)
{
    riv__lock(&w->lock);
    while (w->done < w->sent && w->err.code == 0)
        riv__cond_wait(&w->changed, &w->lock);
    const int rc = status(w, err);
    riv__unlock(&w->lock);
    return rc;
}

void riv__writer_tidy(struct riv_writer *w, uint32_t op)
{
    riv__lock(&w->lock);
    bool known = false;
    for (size_t i = 0; i < w->ntidy; i++)
        known |= w->tidy[i] == op;
    if (!known && RIV__VEC_ROOM(w->tidy, w->tidy_cap, w->ntidy + 1) == 0)
        w->tidy[w->ntidy++] = op;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
}

static void writer_free(struct riv_writer *w)
{
    for (size_t i = 0; i < RIV__COMMITS; i++)
        riv__commit_fini(&w->message[i]);
    if (w->wake.fd >= 0)
        w->sys->wake_close(w->sys, &w->wake);
    riv__cond_fini(&w->changed);
    riv__lock_fini(&w->lock);
    free(w->tidy);
    free(w);
}

int riv__writer_stop(struct riv_writer *w, bool give_up, struct riv_err *err)
{
    if (!w)
        return 0;
    riv__lock(&w->lock);
    w->stopping = true;
    w->give_up = give_up;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
    if (w->wake.fd >= 0)
        w->sys->wake_raise(w->sys, &w->wake);
    riv__thread_join(&w->thread);
    int rc = status(w, err);
    if (rc < 0)
        riv__journal_abandon(w->journal);
    else
        rc = riv__journal_close(w->journal, err);
    writer_free(w);
    return rc;
}
