/* store/writer.c - one thread, one short queue of messages. Before the
 * disk, or disk.limit, is full nothing more is taken in (is_short); when it is
 * full all the same, it is waited for: the transaction is the same when it is
 * tried again. Any other failure is final, for what it did to the disk is not
 * known; nothing is committed or shown after it. */
#include "store/writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/point.h"
#include "base/vec.h"
#include "store/rest.h"
#include "sys/thread.h"

enum { FULL_PAUSE_MS = 100 };

struct riv_writer {
    struct riv_journal *journal;
    struct riv_writer_spec spec;
    struct riv_sys *sys; /* the spec's */
    struct riv_thread thread;
    struct riv_wake wake; /* ends a pause */
    struct riv_rest rest; /* while a batch is at work */
    struct riv_intake intake;
    struct riv_commit message[RIV__COMMITS];
    struct riv_spares spares[RIV__SPARES_OF_COMMITS]; /* of all messages */
    bool gave_ballast;                                /* @thread storage */
    /* protected by lock, all below */
    struct riv_lock lock;
    struct riv_cond changed;
    struct riv_commit *idle, *first, *last;
    uint64_t sent, done, backlog; /* serials; bytes between them */
    uint32_t *tidy;               /* operators */
    size_t ntidy, tidy_cap;
    uint64_t need; /* bytes that have to be free */
    bool is_short; /* they are not; changed by the storage thread */
    bool stopping, give_up, stuck;
    struct riv_err err; /* code 0: none */
};

static void wake_driver(struct riv_writer *w)
{
    if (w->spec.driver)
        w->sys->wake_raise(w->sys, w->spec.driver);
}

static bool leaves(const struct riv_writer *w)
{
    return w->spec.leaves && atomic_load(w->spec.leaves) != 0;
}

/* ---------------------------------------------------------------- the room */

static void say_short(struct riv_writer *w, uint64_t room, uint64_t need)
{
    char text[512], left[RIV__NUM_TEXT], wanted[RIV__NUM_TEXT],
        used[RIV__NUM_TEXT];
    if (!w->spec.say)
        return;
    riv__num_put_size(left, room);
    riv__num_put_size(wanted, need);
    riv__num_put_size(used, riv__journal_bytes(w->journal));
    snprintf(text, sizeof text,
             "state directory: it has %s, room for %s more is left and %s are "
             "wanted: nothing more is taken in until old state has been "
             "dropped. Nothing is lost; room is made by a larger disk.limit or "
             "disk",
             used, left, wanted);
    w->spec.say(w->spec.arg, RIV_LOG_WARN, text);
}

static void say_again(struct riv_writer *w)
{
    if (w->spec.say)
        w->spec.say(w->spec.arg, RIV_LOG_INFO,
                    "state directory: there is room again, inputs are read on");
}

/* A quarter more before it goes on: not a batch at a time. */
static void measure(struct riv_writer *w)
{
    const uint64_t room = riv__journal_room(w->journal);
    riv__lock(&w->lock);
    const bool was = w->is_short;
    const uint64_t need = w->need;
    const bool is = room < need + (was ? need / 4 : 0);
    w->is_short = is;
    riv__unlock(&w->lock);
    if (is == was)
        return;
    if (is)
        say_short(w, room, need);
    else
        say_again(w);
    wake_driver(w);
}

/* -------------------------------------------------------- one transaction */

static bool receives(const struct riv_writer *w)
{
    return w->intake.group_ms > 0;
}

/* Where room is short what has been received is not written down: its source
 * is told nothing, and stops by itself. */
static bool takes_in(const struct riv_writer *w)
{
    return receives(w) && (!w->is_short || leaves(w));
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
    int rc = put(w, commit, with_intake, err);
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
    wake_driver(w);
}

static void pause_full(struct riv_writer *w, const struct riv_err *why)
{
    if (!w->stuck && w->spec.say) {
        char text[RIV__ERR_TEXT_MAX + 64];
        snprintf(text, sizeof text,
                 "state directory: %s; the batch waits for room", why->text);
        w->spec.say(w->spec.arg, RIV_LOG_WARN, text);
    }
    if (!w->stuck)
        set_stuck(w, true);
    const int64_t until =
        w->sys->mono_ns(w->sys) + FULL_PAUSE_MS * INT64_C(1000000);
    (void)w->sys->poll(w->sys, NULL, 0, &w->wake, until);
}

static bool is_given_up(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool give_up = w->give_up;
    riv__unlock(&w->lock);
    return give_up;
}

/* The last word: there is no more to give. */
static int leave_full(struct riv_writer *w, struct riv_err *err)
{
    if (!leaves(w))
        return err->code;
    riv__err_prefix(err, "stopped before the last batch was written down");
    err->code = RIV_ESTOPPED;
    return RIV_ESTOPPED;
}

static int tidy_up(struct riv_writer *w, struct riv_err *err);

/* A transaction did not fit, and err is why. 0: try it again. First the WAL is
 * emptied and old state dropped; then it waits, or gives the ballast. */
static int make_room(struct riv_writer *w, unsigned tries, struct riv_err *err)
{
    struct riv_err more = { .code = 0 };
    int rc = riv__journal_move_wal(w->journal, &more);
    if (rc == 0)
        rc = tidy_up(w, &more);
    if (rc < 0) {
        *err = more;
        return rc;
    }
    if (tries == 0)
        return 0;
    if (!leaves(w) && !is_given_up(w)) {
        pause_full(w, err);
        return 0;
    }
    if (w->gave_ballast)
        return leave_full(w, err);
    w->gave_ballast = true;
    return riv__journal_give_ballast(w->journal, err);
}

/* Once more for as long as there is no room: another program may fill the disk
 * at any moment, also after it has been measured. */
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
        RIV__TRY(make_room(w, tries, err));
    }
    if (w->stuck)
        set_stuck(w, false);
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
            riv__writer_tidy(w, commit->blob[i].op);
}

/* Where others wait behind it, storage is late and does not rest. */
static void begin_rest(struct riv_writer *w, const struct riv_commit *commit)
{
    riv__lock(&w->lock);
    const bool is_last = commit == w->last;
    riv__unlock(&w->lock);
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
        if (receives(w))
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
    wake_driver(w);
}

static bool is_over(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool over = w->stopping && !w->first;
    riv__unlock(&w->lock);
    return over;
}

/* @locks lock */
static void put_idle(struct riv_writer *w, struct riv_commit *commit)
{
    commit->next = w->idle;
    w->idle = commit;
}

static void take_off(struct riv_writer *w, struct riv_commit *commit)
{
    riv__lock(&w->lock);
    const uint64_t serial = commit->serial, bytes = commit->bytes;
    w->first = commit->next;
    if (!w->first)
        w->last = NULL;
    riv__unlock(&w->lock);
    riv__commit_reset(commit);
    riv__lock(&w->lock);
    put_idle(w, commit);
    w->done = serial;
    w->backlog -= bytes;
    riv__cond_broadcast(&w->changed);
    riv__unlock(&w->lock);
    wake_driver(w);
}

/* Between messages: what has been received, then what may go. */
static int look_after(struct riv_writer *w, struct riv_err *err)
{
    const bool takes = takes_in(w) && w->intake.has(w->intake.arg);
    riv__rest_begin(&w->rest, takes ? RIV__REST_COMMIT_MS : RIV__REST_MS);
    if (takes)
        return commit_rows(w, NULL, err);
    return tidy_up(w, err);
}

/* Where room is short the log is not left to grow. */
static int checkpoint(struct riv_writer *w, struct riv_err *err)
{
    riv__rest_begin(&w->rest, RIV__REST_MS);
    return w->is_short ? riv__journal_move_wal(w->journal, err)
                       : riv__journal_checkpoint(w->journal, err);
}

static void writer_run(void *arg)
{
    struct riv_writer *w = arg;
    while (!is_over(w)) {
        struct riv_err err = { .code = 0 };
        struct riv_commit *commit = next_message(w);
        int rc = commit ? carry_out(w, commit, &err) : look_after(w, &err);
        if (rc == 0)
            measure(w);
        if (rc == 0 && commit)
            take_off(w, commit);
        if (rc == 0)
            rc = checkpoint(w, &err);
        if (rc < 0) {
            err.code = err.code ? err.code : rc;
            riv__err_prefix(&err, "state directory");
            fail(w, &err);
            return;
        }
    }
}

/* -------------------------------------------------------------- the driver */

int riv__writer_start(struct riv_journal *journal,
                      const struct riv_writer_spec *spec,
                      struct riv_writer **ret, struct riv_err *err)
{
    struct riv_sys *sys = spec->sys;
    struct riv_writer *w = calloc(1, sizeof *w);
    if (!w) {
        riv__journal_abandon(journal);
        return riv__err_set(err, RIV_ENOMEM, "no memory for storage");
    }
    *w = (struct riv_writer){
        .journal = journal,
        .spec = *spec,
        .sys = sys,
        .intake = spec->intake,
        .wake = { -1 },
    };
    riv__lock_init(&w->lock);
    riv__cond_init(&w->changed);
    riv__rest_init(&w->rest, sys);
    for (size_t i = 0; i < RIV__SPARES_OF_COMMITS; i++)
        riv__spares_init(&w->spares[i]);
    for (size_t i = 0; i < RIV__COMMITS; i++) {
        riv__commit_init(&w->message[i]);
        w->message[i].spares = w->spares;
        put_idle(w, &w->message[i]);
    }
    riv__journal_set_rest(journal, &w->rest);
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

/* A driver that waits is in nobody's way. @locks lock */
static void wait_for_storage(struct riv_writer *w)
{
    const bool was = riv__rest_work(&w->rest, false);
    riv__cond_wait(&w->changed, &w->lock);
    (void)riv__rest_work(&w->rest, was);
}

void riv__writer_at_work(struct riv_writer *w, bool at_work)
{
    (void)riv__rest_work(&w->rest, at_work);
}

struct riv_commit *riv__writer_take(struct riv_writer *w, struct riv_err *err)
{
    riv__lock(&w->lock);
    while (!w->idle && w->err.code == 0)
        wait_for_storage(w);
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
    commit->bytes = riv__commit_bytes(commit);
    riv__lock(&w->lock);
    commit->serial = ++w->sent;
    w->backlog += commit->bytes;
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
    put_idle(w, commit);
    riv__unlock(&w->lock);
}

uint64_t riv__writer_done(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const uint64_t done = w->done;
    riv__unlock(&w->lock);
    return done;
}

bool riv__writer_is_behind(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool behind = w->sent - w->done >= RIV__COMMITS_BEHIND ||
                        w->backlog >= RIV__COMMITS_BYTES;
    riv__unlock(&w->lock);
    return behind;
}

uint64_t riv__writer_backlog(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const uint64_t bytes = w->backlog;
    riv__unlock(&w->lock);
    return bytes;
}

bool riv__writer_is_stuck(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool stuck = w->stuck;
    riv__unlock(&w->lock);
    return stuck;
}

void riv__writer_need(struct riv_writer *w, uint64_t bytes)
{
    riv__lock(&w->lock);
    w->need = bytes;
    riv__unlock(&w->lock);
}

bool riv__writer_is_short(struct riv_writer *w)
{
    riv__lock(&w->lock);
    const bool is_short = w->is_short && !leaves(w);
    riv__unlock(&w->lock);
    return is_short;
}

int riv__writer_wait(struct riv_writer *w, struct riv_err *err)
{
    riv__lock(&w->lock);
    while (w->done < w->sent && w->err.code == 0)
        wait_for_storage(w);
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
    for (size_t i = 0; i < RIV__SPARES_OF_COMMITS; i++)
        riv__spares_fini(&w->spares[i]);
    if (w->wake.fd >= 0)
        w->sys->wake_close(w->sys, &w->wake);
    riv__rest_fini(&w->rest);
    riv__cond_fini(&w->changed);
    riv__lock_fini(&w->lock);
    free(w->tidy);
    free(w);
}

int riv__writer_stop(struct riv_writer *w, bool give_up, struct riv_err *err)
{
    if (!w)
        return 0;
    riv__writer_at_work(w, false);
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
