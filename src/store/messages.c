/* store/messages.c - see messages.h. One lock, one condition: a message that is
 * on its way is in nobody's hands but the storage thread's, so that only the
 * lists and the numbers are protected. */
#include "store/messages.h"

/* @locks lock */
static void put_idle(struct riv_messages *m, struct riv_commit *commit)
{
    commit->next = m->idle;
    m->idle = commit;
}

void riv__messages_init(struct riv_messages *m, struct riv_rest *rest)
{
    *m = (struct riv_messages){ .rest = rest };
    riv__lock_init(&m->lock);
    riv__cond_init(&m->changed);
    for (size_t i = 0; i < RIV__SPARES_OF_COMMITS; i++)
        riv__spares_init(&m->spares[i]);
    for (size_t i = 0; i < RIV__COMMITS; i++) {
        riv__commit_init(&m->message[i]);
        m->message[i].spares = m->spares;
        put_idle(m, &m->message[i]);
    }
}

void riv__messages_fini(struct riv_messages *m)
{
    for (size_t i = 0; i < RIV__COMMITS; i++)
        riv__commit_fini(&m->message[i]);
    for (size_t i = 0; i < RIV__SPARES_OF_COMMITS; i++)
        riv__spares_fini(&m->spares[i]);
    riv__cond_fini(&m->changed);
    riv__lock_fini(&m->lock);
}

/* -------------------------------------------------------------- the driver */

/* @locks lock */
static int status(const struct riv_messages *m, struct riv_err *err)
{
    return m->err.code < 0 ? riv__err_set(err, m->err.code, "%s", m->err.text)
                           : 0;
}

/* A driver that waits is in nobody's way. @locks lock */
static void wait_for_storage(struct riv_messages *m)
{
    const bool was = riv__rest_work(m->rest, false);
    riv__cond_wait(&m->changed, &m->lock);
    (void)riv__rest_work(m->rest, was);
}

struct riv_commit *riv__messages_take(struct riv_messages *m,
                                      struct riv_err *err)
{
    riv__lock(&m->lock);
    while (!m->idle && m->err.code == 0)
        wait_for_storage(m);
    struct riv_commit *commit = NULL;
    if (status(m, err) == 0) {
        commit = m->idle;
        m->idle = commit->next;
        commit->next = NULL;
    }
    riv__unlock(&m->lock);
    return commit;
}

uint64_t riv__messages_send(struct riv_messages *m, struct riv_commit *commit)
{
    commit->bytes = riv__commit_bytes(commit);
    riv__lock(&m->lock);
    commit->serial = ++m->sent;
    m->backlog += commit->bytes;
    if (m->last)
        m->last->next = commit;
    else
        m->first = commit;
    m->last = commit;
    riv__cond_broadcast(&m->changed);
    riv__unlock(&m->lock);
    return commit->serial;
}

void riv__messages_drop(struct riv_messages *m, struct riv_commit *commit)
{
    riv__commit_reset(commit);
    riv__lock(&m->lock);
    put_idle(m, commit);
    riv__unlock(&m->lock);
}

int riv__messages_wait(struct riv_messages *m, struct riv_err *err)
{
    riv__lock(&m->lock);
    while (m->done < m->sent && m->err.code == 0)
        wait_for_storage(m);
    const int rc = status(m, err);
    riv__unlock(&m->lock);
    return rc;
}

bool riv__messages_are_behind(struct riv_messages *m)
{
    riv__lock(&m->lock);
    const bool behind = m->sent - m->done >= RIV__COMMITS_BEHIND ||
                        m->backlog >= RIV__COMMITS_BYTES;
    riv__unlock(&m->lock);
    return behind;
}

void riv__messages_nudge(struct riv_messages *m)
{
    riv__lock(&m->lock);
    m->nudged = true;
    riv__cond_broadcast(&m->changed);
    riv__unlock(&m->lock);
}

void riv__messages_stop(struct riv_messages *m)
{
    riv__lock(&m->lock);
    m->stopping = true;
    riv__cond_broadcast(&m->changed);
    riv__unlock(&m->lock);
}

uint64_t riv__messages_done(struct riv_messages *m)
{
    riv__lock(&m->lock);
    const uint64_t done = m->done;
    riv__unlock(&m->lock);
    return done;
}

uint64_t riv__messages_backlog(struct riv_messages *m)
{
    riv__lock(&m->lock);
    const uint64_t bytes = m->backlog;
    riv__unlock(&m->lock);
    return bytes;
}

int riv__messages_status(struct riv_messages *m, struct riv_err *err)
{
    riv__lock(&m->lock);
    const int rc = status(m, err);
    riv__unlock(&m->lock);
    return rc;
}

/* ------------------------------------------------------ the storage thread */

struct riv_commit *riv__messages_first(struct riv_messages *m, int64_t until_ns)
{
    bool in_time = until_ns != RIV__MESSAGES_NOW;
    riv__lock(&m->lock);
    while (!m->first && !m->stopping && !m->nudged && in_time) {
        if (until_ns == RIV__MESSAGES_EVER)
            riv__cond_wait(&m->changed, &m->lock);
        else
            in_time = riv__cond_wait_until(&m->changed, &m->lock, until_ns);
    }
    m->nudged = false;
    struct riv_commit *commit = m->first;
    riv__unlock(&m->lock);
    return commit;
}

bool riv__messages_is_last(struct riv_messages *m,
                           const struct riv_commit *commit)
{
    riv__lock(&m->lock);
    const bool is_last = commit == m->last;
    riv__unlock(&m->lock);
    return is_last;
}

void riv__messages_finish(struct riv_messages *m, struct riv_commit *commit)
{
    riv__lock(&m->lock);
    const uint64_t serial = commit->serial, bytes = commit->bytes;
    m->first = commit->next;
    if (!m->first)
        m->last = NULL;
    riv__unlock(&m->lock);
    riv__commit_reset(commit);
    riv__lock(&m->lock);
    put_idle(m, commit);
    m->done = serial;
    m->backlog -= bytes;
    riv__cond_broadcast(&m->changed);
    riv__unlock(&m->lock);
}

void riv__messages_fail(struct riv_messages *m, const struct riv_err *err)
{
    riv__lock(&m->lock);
    m->err = *err;
    riv__cond_broadcast(&m->changed);
    riv__unlock(&m->lock);
}

bool riv__messages_are_over(struct riv_messages *m)
{
    riv__lock(&m->lock);
    const bool over = m->stopping && !m->first;
    riv__unlock(&m->lock);
    return over;
}
