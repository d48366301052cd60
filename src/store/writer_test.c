/* store/writer_test.c - the storage thread: the order of its steps, what a slow
 * disk and a broken one do, and that received bytes ride along. */
#include "store/writer.h"

#include <sched.h>
#include <stdatomic.h>

#include "base/point.h"
#include "store/fixture_writer.h"
#include "store/inside.h"
#include "store/messages.h"
#include "store/rest.h"
#include "sys/thread.h"

/* ------------------------------------------------- what happened, in words */

static char trace[512];
static struct riv_lock trace_lock;

static void saw(const char *what)
{
    riv__lock(&trace_lock);
    const size_t n = strlen(trace);
    snprintf(trace + n, sizeof trace - n, "%s ", what);
    riv__unlock(&trace_lock);
}

static void reached(struct riv_point_hook *hook, const char *name)
{
    (void)hook;
    if (strncmp(name, "writer.", 7) == 0)
        saw(name + 7);
}

static int sync_it(void *arg, struct riv_commit *commit, struct riv_err *err)
{
    (void)arg, (void)commit, (void)err;
    saw("sync");
    return 0;
}

static int show_it(void *arg, struct riv_commit *commit, struct riv_err *err)
{
    const int rc = *(const int *)arg;
    (void)commit;
    saw("show");
    return rc < 0 ? riv__err_set(err, rc, "it cannot be shown") : 0;
}

static void begin_trace(void)
{
    static struct riv_point_hook hook = { reached };
    trace[0] = '\0';
    riv__lock_init(&trace_lock);
    riv__point_hook = &hook;
}

RIV_TEST(batches_are_committed_in_the_order_they_are_sent)
{
    start(NULL);
    for (uint64_t i = 1; i <= 100; i++)
        send_batch(i);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_int_equal(riv__writer_done(writer), 100);
    assert_fine(stop());
    assert_int_equal(last_batch(), 100);
}

/* Stopping wakes the thread out of a pause: by then it is asked to stop. */
static atomic_bool stop_asked;

static void wake_raise_seen(struct riv_sys *sys, struct riv_wake *wake)
{
    atomic_store(&stop_asked, true);
    riv__sys_real()->wake_raise(sys, wake);
}

static int sync_until_stop(void *arg, struct riv_commit *commit,
                           struct riv_err *err)
{
    (void)arg, (void)commit, (void)err;
    while (!atomic_load(&stop_asked))
        sched_yield();
    return 0;
}

RIV_TEST(a_batch_without_an_end_holds_no_commit_up)
{
    start(NULL);
    (void)riv__writer_at_work(writer, true);
    for (uint64_t i = 1; i <= 3; i++) {
        send_batch(i);
        while (riv__writer_done(writer) < i)
            sched_yield();
    }
    assert_fine(stop());
    assert_int_equal(last_batch(), 3);
}

/* How long it may rest yet, as the storage thread sees it. */
static int64_t rests[4]; /* of the n-th message, when it is synced */

static int64_t rest_left_ms(void)
{
    return under->db.vfs.rest->left_ns / 1000000;
}

static atomic_bool all_sent;

static int sync_seen(void *arg, struct riv_commit *commit, struct riv_err *err)
{
    (void)arg, (void)err;
    while (!atomic_load(&all_sent))
        sched_yield();
    rests[commit->batch.number] = rest_left_ms();
    return 0;
}

/* Storage that is late would become later. The first may have been alone. */
RIV_TEST(a_commit_with_others_behind_it_does_not_rest)
{
    atomic_store(&all_sent, false);
    start(NULL);
    for (uint64_t i = 1; i <= 3; i++) {
        struct riv_commit *commit = message(i);
        commit->sync = sync_seen;
        riv__writer_send(writer, commit);
    }
    atomic_store(&all_sent, true);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_int_equal(rests[2], 0);
    assert_int_equal(rests[3], RIV__REST_COMMIT_MS);
    assert_fine(stop());
}

static bool is_at_work(void)
{
    struct riv_rest *rest = under->db.vfs.rest;
    riv__lock(&rest->lock);
    const bool at_work = rest->at_work;
    riv__unlock(&rest->lock);
    return at_work;
}

static int sync_until_idle(void *arg, struct riv_commit *commit,
                           struct riv_err *err)
{
    (void)arg, (void)commit, (void)err;
    while (is_at_work())
        sched_yield();
    return 0;
}

/* Or storage rested for whoever waits for it; and then it is at work again. */
RIV_TEST(a_batch_that_waits_for_storage_is_not_at_work)
{
    start(NULL);
    (void)riv__writer_at_work(writer, true);
    struct riv_commit *commit = message(1);
    commit->sync = sync_until_idle;
    riv__writer_send(writer, commit);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_true(is_at_work());
    for (uint64_t i = 2; i < 2 + RIV__COMMITS; i++) {
        commit = message(i); /* waits for one that is idle */
        commit->sync = sync_until_idle;
        riv__writer_send(writer, commit);
    }
    assert_non_null(message(0));
    assert_true(is_at_work());
    assert_fine(stop());
}

RIV_TEST(what_was_sent_before_a_stop_is_written_down)
{
    atomic_store(&stop_asked, false);
    shop.sys.wake_raise = wake_raise_seen;
    start(NULL);
    struct riv_commit *commit = message(1);
    commit->sync = sync_until_stop;
    riv__writer_send(writer, commit);
    send_batch(2);
    send_batch(3);
    assert_fine(stop());
    assert_int_equal(last_batch(), 3);
}

/* So many messages wake the thread so often, and a few times for other reasons. */
static void rounds_are_of(int messages)
{
    enum { LOOKS = 20000, OTHERS_MAX = 8 };
    atomic_store(&rounds, 0);
    for (int i = 1; i <= messages; i++)
        send_batch((uint64_t)i);
    assert_fine(riv__writer_wait(writer, &shop.err));
    for (int i = 0; i < LOOKS; i++)
        sched_yield();
    assert_in_range(atomic_load(&rounds), messages, messages + OTHERS_MAX);
}

RIV_TEST(without_a_message_the_thread_sleeps)
{
    atomic_store(&free_bytes, 0);
    shop.sys.space = space_seen;
    start(NULL);
    rounds_are_of(50);
    assert_fine(stop());
}

RIV_TEST(what_is_shown_was_synced_and_committed_before)
{
    int rc = 0;
    begin_trace();
    start(NULL);
    struct riv_commit *commit = message(1);
    commit->arg = &rc;
    commit->sync = sync_it;
    commit->publish = show_it;
    commit->publishes = true;
    riv__writer_send(writer, commit);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    assert_string_equal(trace, "sync synced before_commit committed show "
                               "published ");
}

static int see_number(void *arg, const struct riv_file_row *row,
                      struct riv_err *err)
{
    uint64_t *number = arg;
    (void)err;
    assert_int_equal(row->status, RIV__FILE_SHOWN);
    assert_int_equal(*number, 0); /* it is the only one */
    *number = row->number;
    return 0;
}

/* A file of that output, of the batch with its number. */
static void put_file(struct riv_commit *commit, uint32_t output,
                     uint64_t number, enum riv_file_status status)
{
    const struct riv_file_row row = { .output = output,
                                      .number = number,
                                      .status = status,
                                      .batch = number,
                                      .folder = riv_cstr("out/"),
                                      .temporary = riv_cstr(".part"),
                                      .name = riv_cstr("a") };
    assert_int_equal(riv__commit_file(commit, &row), 0);
}

/* Shows its files, as *rc says. */
static void send_shown(struct riv_commit *commit, int *rc)
{
    commit->arg = rc;
    commit->publish = show_it;
    commit->publishes = true;
    riv__writer_send(writer, commit);
}

/* A restart goes on counting behind it. */
RIV_TEST(of_files_that_were_shown_the_last_stays_known)
{
    int rc = 0;
    uint64_t number = 0;
    start(NULL);
    trace[0] = '\0';
    for (uint64_t i = 1; i <= 3; i++) {
        struct riv_commit *commit = message(i);
        put_file(commit, 1, i, RIV__FILE_CLOSED);
        send_shown(commit, &rc);
    }
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    shop_open();
    assert_fine(riv__journal_each_file(shop.journal, 1, see_number, &number,
                                       &shop.err));
    assert_int_equal(number, 3);
    shop_close();
}

static int see_status(void *arg, const struct riv_file_row *row,
                      struct riv_err *err)
{
    (void)err;
    *(enum riv_file_status *)arg = row->status;
    return 0;
}

static int see_batch_status(void *arg, const struct riv_batch_row *row,
                            struct riv_err *err)
{
    (void)err;
    *(enum riv_batch_status *)arg = row->status;
    return 0;
}

/* Another run would take its beginning for one that nobody knows, and remove it. */
RIV_TEST(a_file_that_is_open_stays_so_beside_one_that_is_shown)
{
    int rc = 0;
    enum riv_file_status status[2] = { RIV__FILE_CLOSED, RIV__FILE_CLOSED };
    enum riv_batch_status batch = RIV__BATCH_BEGUN;
    start(NULL);
    trace[0] = '\0';
    struct riv_commit *commit = message(1);
    put_file(commit, 1, 1, RIV__FILE_CLOSED);
    put_file(commit, 2, 1, RIV__FILE_OPEN);
    send_shown(commit, &rc);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    shop_open();
    for (uint32_t i = 0; i < 2; i++)
        assert_fine(riv__journal_each_file(shop.journal, i + 1, see_status,
                                           &status[i], &shop.err));
    assert_fine(riv__journal_each_batch(shop.journal, 0, see_batch_status,
                                        &batch, &shop.err));
    shop_close();
    assert_int_equal(status[0], RIV__FILE_SHOWN);
    assert_int_equal(status[1], RIV__FILE_OPEN);
    assert_int_equal(batch, RIV__BATCH_PUBLISHED);
}

RIV_TEST(what_cannot_be_shown_is_the_end_and_stays_committed)
{
    int rc = RIV_EIO;
    start(NULL);
    struct riv_commit *commit = message(1);
    begin_trace();
    commit->arg = &rc;
    commit->publish = show_it;
    commit->publishes = true;
    riv__writer_send(writer, commit);
    assert_int_equal(riv__writer_wait(writer, &shop.err), RIV_EIO);
    assert_non_null(strstr(shop.err.text, "it cannot be shown"));
    assert_null(message(2));
    assert_int_equal(stop(), RIV_EIO);
    assert_int_equal(last_batch(), 1);
}

static int count_delta(void *arg, uint64_t batch, riv_str bytes,
                       struct riv_err *err)
{
    (void)batch, (void)bytes, (void)err;
    ++*(int *)arg;
    return 0;
}

static _Atomic int commits;

static void count_commit(struct riv_point_hook *hook, const char *name)
{
    (void)hook;
    if (strcmp(name, "journal.after_commit") == 0)
        atomic_fetch_add(&commits, 1);
}

/* How many commits there were up to that of the last message. */
static _Atomic int commits_then;

static void note_commits(void *arg, const struct riv_commit *commit)
{
    (void)arg, (void)commit;
    atomic_store(&commits_then, atomic_load(&commits));
}

static void put_state(struct riv_commit *commit, uint32_t op, uint64_t batch)
{
    struct riv_commit_blob *blob =
        riv__commit_blob(commit, RIV__BLOB_DELTA, op);
    riv__buf_str(&blob->bytes, "d");
    if (batch % 2 != 0)
        return;
    blob = riv__commit_blob(commit, RIV__BLOB_SNAPSHOT, op);
    blob->snapshot = batch / 2;
    blob->base = batch - 1;
}

/* Batches of operators that have a delta in each, and a snapshot in every second. */
static void send_states(uint64_t batches, uint32_t ops)
{
    for (uint64_t i = 1; i <= batches; i++) {
        struct riv_commit *commit = message(i);
        for (uint32_t op = 1; op <= ops; op++)
            put_state(commit, op, i);
        commit->done = note_commits;
        riv__writer_send(writer, commit);
    }
    assert_fine(riv__writer_wait(writer, &shop.err));
}

static int deltas_of(uint32_t op)
{
    int deltas = 0;
    assert_fine(riv__journal_each_delta(shop.journal, op, 0, count_delta,
                                        &deltas, &shop.err));
    return deltas;
}

/* Else the directory grows for ever. */
RIV_TEST(what_new_snapshots_cover_is_dropped)
{
    enum { BATCHES = 4, OPS = 3 };
    static struct riv_point_hook hook = { count_commit };
    start(NULL);
    atomic_store(&commits, 0);
    riv__point_hook = &hook;
    send_states(BATCHES, OPS);
    while (atomic_load(&commits) < atomic_load(&commits_then) + OPS)
        sched_yield(); /* one for each drops them */
    assert_fine(stop());
    shop_open();
    for (uint32_t op = 1; op <= OPS; op++)
        assert_int_equal(deltas_of(op), 3); /* above the last but one's base */
    shop_close();
}

static int count_box(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    (void)batch, (void)bytes, (void)err;
    ++*(int *)arg;
    return 0;
}

/* Or the next run would send it once more, and the directory would grow. */
RIV_TEST(what_was_sent_from_the_outbox_is_dropped)
{
    enum { OUTPUT = 1 };
    int rc = 0, boxes = 0;
    start(NULL);
    for (uint64_t i = 1; i <= 3; i++) {
        struct riv_commit *commit = message(i);
        riv__buf_str(&riv__commit_blob(commit, RIV__BLOB_OUTBOX, OUTPUT)->bytes,
                     "lines");
        commit->arg = &rc;
        commit->publish = show_it;
        commit->publishes = true;
        riv__writer_send(writer, commit);
    }
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    shop_open();
    assert_fine(riv__journal_each_outbox(shop.journal, OUTPUT, count_box,
                                         &boxes, &shop.err));
    assert_int_equal(boxes, 0);
    shop_close();
}

static int same_bytes(void *arg, uint64_t batch, riv_str bytes,
                      struct riv_err *err)
{
    riv_str *want = arg;
    (void)batch, (void)err;
    assert_true(bytes.n <= want->n);
    assert_memory_equal(bytes.p, want->p, bytes.n);
    *want = riv__str(want->p + bytes.n, want->n - bytes.n);
    return 0;
}

static void rows_of(struct riv_buf *sizes)
{
    sqlite3_stmt *stmt;
    assert_int_equal(
        sqlite3_prepare_v2(shop.journal->db.sqlite,
                           "SELECT length(bytes) FROM delta ORDER BY op, piece",
                           -1, &stmt, NULL),
        SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        riv__buf_printf(sizes, "%d ", sqlite3_column_int(stmt, 0));
    sqlite3_finalize(stmt);
}

/* Partitions give their memory, each its own; they go into as few rows as if
 * they had been written one behind the other. */
RIV_TEST(blobs_of_a_delta_become_rows_of_full_length)
{
    enum { OP = 1, BLOBS = 7, BYTES = 400 * 1000, MANY = 200 };
    struct riv_buf all = { .n = 0 }, sizes = { .n = 0 };
    start(NULL);
    struct riv_commit *commit = message(1);
    for (int i = 0; i < BLOBS; i++) {
        struct riv_buf *bytes =
            &riv__commit_blob(commit, RIV__BLOB_DELTA, OP)->bytes;
        const size_t n = i == 3 ? 0 : BYTES;
        assert_non_null(riv__buf_room(bytes, n + 1));
        memset(bytes->p, 'a' + i, n);
        bytes->n = n;
        riv__buf_add(&all, bytes->p, n);
    }
    for (int i = 0; i < MANY; i++)
        riv__buf_str(&riv__commit_blob(commit, RIV__BLOB_DELTA, OP + 1)->bytes,
                     "other");
    riv__writer_send(writer, commit);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_fine(stop());
    shop_open();
    rows_of(&sizes);
    riv_str rest = { all.p, all.n };
    assert_fine(riv__journal_each_delta(shop.journal, OP, 0, same_bytes, &rest,
                                        &shop.err));
    assert_int_equal(rest.n, 0);
    riv__buf_char(&sizes, '\0');
    assert_string_equal(sizes.p, "1048576 1048576 302848 320 320 320 40 ");
    shop_close();
    riv__buf_fini(&sizes);
    riv__buf_fini(&all);
}

/* ------------------------------------------------------------------- disks */

/* Batches need not wait for each other, up to a number and a size; all of them
 * are written in their order, however many were under way. */
RIV_TEST(batches_queue_up_behind_a_slow_disk)
{
    static char bytes[RIV__COMMITS_BYTES / 4];
    uint64_t n = 0;
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    atomic_store(&write_errnum, ENOSPC);
    while (!riv__writer_is_behind(writer))
        send_batch(++n);
    assert_int_equal(n, RIV__COMMITS_BEHIND);
    atomic_store(&write_errnum, 0);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_false(riv__writer_is_behind(writer));
    atomic_store(&write_errnum, ENOSPC);
    while (!riv__writer_is_behind(writer)) {
        struct riv_commit *commit = message(++n);
        struct riv_commit_blob *blob =
            riv__commit_blob(commit, RIV__BLOB_DELTA, 1);
        riv__buf_add(&blob->bytes, bytes, sizeof bytes);
        riv__writer_send(writer, commit);
    }
    assert_int_equal(n, RIV__COMMITS_BEHIND + 4);
    assert_int_equal(riv__writer_backlog(writer), RIV__COMMITS_BYTES);
    atomic_store(&write_errnum, 0);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_int_equal(riv__writer_backlog(writer), 0);
    assert_fine(stop());
    assert_int_equal(last_batch(), n);
}

RIV_TEST(a_broken_disk_is_the_end)
{
    shop.sys.pwrite = pwrite_failing;
    start(NULL);
    atomic_store(&write_errnum, EIO);
    send_batch(1);
    assert_int_equal(riv__writer_wait(writer, &shop.err), RIV_EIO);
    assert_null(message(2));
    assert_int_equal(stop(), RIV_EIO);
    atomic_store(&write_errnum, 0);
}

/* --------------------------------------------------------- received bytes */

struct box {
    struct riv_lock lock;
    uint32_t source;
    uint64_t put, durable; /* blocks; protected by the lock */
    bool more;
};

static bool box_has(void *arg)
{
    struct box *box = arg;
    riv__lock(&box->lock);
    const bool more = box->more;
    riv__unlock(&box->lock);
    return more;
}

static int box_put(void *arg, struct riv_journal *journal, struct riv_err *err)
{
    struct box *box = arg;
    if (!box_has(box))
        return 0;
    return riv__journal_put_block(journal, box->source, 2 * box->put,
                                  riv_cstr("x\n"), err);
}

static void box_done(void *arg)
{
    struct box *box = arg;
    riv__lock(&box->lock);
    box->put += box->more;
    box->durable = box->put;
    box->more = false;
    riv__unlock(&box->lock);
}

static int count_block(void *arg, uint64_t from, riv_str bytes,
                       struct riv_err *err)
{
    (void)from, (void)err;
    *(size_t *)arg += bytes.n;
    return 0;
}

static struct box box;

/* An hour behind: what received bytes may wait for is over at once, unless it is
 * much more than that. */
enum { HOUR_MS = 3600000, GROUP_MS = HOUR_MS - 60000 };

static int64_t group_ms = GROUP_MS; /* of the next writer */

static int64_t mono_behind(struct riv_sys *sys)
{
    return riv__sys_real()->mono_ns(sys) - HOUR_MS * INT64_C(1000000);
}

static void start_receiving(bool more)
{
    box = (struct box){ .more = more };
    const struct riv_intake intake = { .arg = &box,
                                       .group_ms = group_ms,
                                       .has = box_has,
                                       .put = box_put,
                                       .done = box_done };
    shop.sys.mono_ns = mono_behind;
    riv__lock_init(&box.lock);
    shop_open();
    begin();
    assert_fine(riv__journal_put_node(
        shop.journal,
        &(struct riv_node_row){ .role = RIV__NODE_SOURCE,
                                .uid = riv_cstr("in"),
                                .kind = riv_cstr("riv_text"),
                                .name = riv_cstr("listen://") },
        &box.source, &shop.err));
    commit();
    shop_close();
    start(&intake);
}

static void receive(void)
{
    riv__lock(&box.lock);
    box.more = true;
    riv__unlock(&box.lock);
}

static void blocks_left_are(size_t blocks)
{
    size_t bytes = 0;
    shop_open();
    assert_fine(riv__journal_each_block(shop.journal, box.source, count_block,
                                        &bytes, &shop.err));
    assert_int_equal(bytes, 2 * blocks);
    shop_close();
    riv__lock_fini(&box.lock);
}

static void blocks_are(size_t blocks)
{
    assert_fine(stop());
    blocks_left_are(blocks);
}

RIV_TEST(received_bytes_are_written_without_a_batch_too)
{
    start_receiving(true);
    while (box_has(&box))
        sched_yield();
    receive();
    send_batch(1); /* rides along, or went before */
    assert_fine(riv__writer_wait(writer, &shop.err));
    while (box_has(&box))
        sched_yield();
    blocks_are(2);
}

/* Twice as long as the clock is behind: it sleeps for an hour yet. */
RIV_TEST(where_nothing_is_received_the_thread_sleeps_as_well)
{
    atomic_store(&free_bytes, 0);
    shop.sys.space = space_seen;
    group_ms = 2 * HOUR_MS;
    start_receiving(false);
    rounds_are_of(20);
    blocks_are(0);
    group_ms = GROUP_MS;
}

/* A batch that does not follow the last is refused, when the bytes that came with
 * it have been put already. */
RIV_TEST(of_a_commit_that_cannot_be_put_nothing_is_there)
{
    group_ms = 2 * HOUR_MS; /* they wait for a batch */
    start_receiving(false);
    send_batch(1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    receive();
    send_batch(3);
    assert_int_not_equal(riv__writer_wait(writer, &shop.err), 0);
    assert_int_not_equal(stop(), 0);
    blocks_left_are(0);
    assert_int_equal(last_batch(), 1);
    group_ms = GROUP_MS;
}

/* Its peer is told nothing, and waits. */
RIV_TEST(where_room_is_short_received_bytes_are_not_written)
{
    start_receiving(false);
    riv__writer_need(writer, UINT64_MAX / 4);
    send_batch(1);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_true(riv__writer_is_short(writer));
    receive();
    for (uint64_t i = 2; i < 10; i++)
        send_batch(i);
    assert_fine(riv__writer_wait(writer, &shop.err));
    assert_true(box_has(&box));
    riv__writer_need(writer, 0);
    while (box_has(&box))
        sched_yield();
    blocks_are(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(batches_are_committed_in_the_order_they_are_sent),
        IN_SHOP(a_batch_without_an_end_holds_no_commit_up),
        IN_SHOP(a_commit_with_others_behind_it_does_not_rest),
        IN_SHOP(a_batch_that_waits_for_storage_is_not_at_work),
        IN_SHOP(what_was_sent_before_a_stop_is_written_down),
        IN_SHOP(without_a_message_the_thread_sleeps),
        IN_SHOP(what_is_shown_was_synced_and_committed_before),
        IN_SHOP(of_files_that_were_shown_the_last_stays_known),
        IN_SHOP(a_file_that_is_open_stays_so_beside_one_that_is_shown),
        IN_SHOP(what_cannot_be_shown_is_the_end_and_stays_committed),
        IN_SHOP(what_new_snapshots_cover_is_dropped),
        IN_SHOP(what_was_sent_from_the_outbox_is_dropped),
        IN_SHOP(blobs_of_a_delta_become_rows_of_full_length),
        IN_SHOP(batches_queue_up_behind_a_slow_disk),
        IN_SHOP(a_broken_disk_is_the_end),
        IN_SHOP(received_bytes_are_written_without_a_batch_too),
        IN_SHOP(where_nothing_is_received_the_thread_sleeps_as_well),
        IN_SHOP(of_a_commit_that_cannot_be_put_nothing_is_there),
        IN_SHOP(where_room_is_short_received_bytes_are_not_written),
    };
    return RIV_RUN(tests);
}
