/* store/fixture_writer.h - a storage thread over a journal of its own, batches
 * without rows, and a disk that says how much is free. Tests only. */
#ifndef RIV_STORE_FIXTURE_WRITER_H
#define RIV_STORE_FIXTURE_WRITER_H

#include <stdatomic.h>

#include "base/point.h"
#include "store/fixture.h"
#include "store/writer.h"

static struct riv_writer *writer;
static struct riv_journal *under; /* the writer's */
static _Atomic int leaving;
static char noted[1024]; /* what was said last */

static void note(void *arg, int level, const char *text)
{
    (void)arg, (void)level;
    snprintf(noted, sizeof noted, "%s", text);
}

static UNUSED void start(const struct riv_intake *intake)
{
    const struct riv_intake none = { .group_ms = 0 };
    shop_open();
    struct riv_journal *journal = under = RIV__TAKE(shop.journal);
    const struct riv_writer_spec spec = {
        .sys = &shop.sys,
        .intake = intake ? *intake : none,
        .leaves = &leaving,
        .say = note,
    };
    atomic_store(&leaving, 0);
    assert_fine(riv__writer_start(journal, &spec, &writer, &shop.err));
}

static UNUSED int stop(void)
{
    const int rc = riv__writer_stop(RIV__TAKE(writer), true, &shop.err);
    riv__point_hook = NULL;
    return rc;
}

static UNUSED struct riv_commit *message(uint64_t number)
{
    struct riv_commit *commit = riv__writer_take(writer, &shop.err);
    if (commit)
        commit->batch = (struct riv_batch_row){ .number = number,
                                                .time_ms = (int64_t)number,
                                                .status = RIV__BATCH_DONE };
    return commit;
}

static UNUSED void send_batch(uint64_t number)
{
    struct riv_commit *commit = message(number);
    assert_non_null(commit);
    riv__writer_send(writer, commit);
}

static UNUSED int64_t last_batch(void)
{
    shop_open();
    const int64_t batch = (int64_t)riv__journal_info(shop.journal)->batch;
    shop_close();
    return batch;
}

/* Room is measured once a round of the thread's. */
static UNUSED _Atomic int rounds;
static _Atomic uint64_t free_bytes;

static UNUSED int space_seen(struct riv_sys *sys, const char *path,
                             struct riv_space *ret)
{
    const int rc = riv__sys_real()->space(sys, path, ret);
    const uint64_t set = atomic_load(&free_bytes);
    atomic_fetch_add(&rounds, 1);
    ret->free_bytes = set > 0 ? set : ret->free_bytes;
    return rc;
}

static _Atomic int write_errnum; /* 0: writing works */

static UNUSED int64_t pwrite_failing(struct riv_sys *sys, int fd, const void *p,
                                     size_t n, uint64_t at)
{
    const int errnum = atomic_load(&write_errnum);
    return errnum ? -errnum : riv__sys_real()->pwrite(sys, fd, p, n, at);
}

#endif
