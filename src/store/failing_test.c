/* store/failing_test.c - a disk that fails. Every call of every kind fails
 * once, and from then on, with each errno that fits: the journal says so in
 * words with the reason, never calls it damage, and what it had confirmed is
 * there afterwards. Likewise when the power is cut at any call, and when a sync
 * fails and the kernel forgets what it was to write. Files are in memory. */
#include "store/content.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/test.h"
#include "conf/conf.h"
#include "store/check.h"
#include "support/disk_sys.h"
#include "support/failing.h"

enum { STEPS = 9, REST_OF_2 = 6 };

static struct disk_sys world;
static struct failing failing;
static struct riv_conf conf;
static struct riv_err err;
static struct riv_buf expected[STEPS + 1]; /* what is there after n steps */
static struct riv_buf found;
static uint32_t page_bytes;

/* The ballast is 16 MiB of memory here. */
static int no_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    (void)sys, (void)fd, (void)bytes;
    return 0;
}

static void world_make(void)
{
    disk_sys_init(&world);
    world.sys.allocate = no_allocate;
    failing_init(&failing, &world.sys);
}

static int make(void **state)
{
    (void)state;
    world_make();
    page_bytes = 512;
    riv__conf_init(&conf);
    conf.settings.wal_bytes_max = 16 << 10;
    return 0;
}

static int drop(void **state)
{
    (void)state;
    disk_sys_fini(&world);
    riv__buf_fini(&found);
    for (int i = 0; i <= STEPS; i++)
        riv__buf_fini(&expected[i]);
    return 0;
}

/* -------------------------------------------------------------- a story */

static int open_state(struct riv_journal **ret)
{
    struct riv_journal_spec spec = {
        .sys = &failing.sys,
        .conf = &conf.settings,
        .dir = "/state",
        .app = "words",
        .page_bytes = page_bytes,
    };
    err = (struct riv_err){ 0 };
    return riv__journal_open(&spec, ret, &err);
}

/* One transaction each. */
static int step(struct riv_journal *journal, int n)
{
    switch (n) {
    case 0: return content_put_nodes(journal, &err);
    case 1: return content_put_batch(journal, 1, &err);
    case 2: return content_publish(journal, 1, &err);
    case 3: return content_put_rest(journal, 1, &err);
    case 4: return content_put_batch(journal, 2, &err);
    case 5: return content_publish(journal, 2, &err);
    case REST_OF_2: return content_put_rest(journal, 2, &err);
    case 7: return content_put_batch(journal, 3, &err);
    default: return content_publish(journal, 3, &err);
    }
}

struct told {
    int steps;   /* that were confirmed */
    int rc;      /* the first error, or 0 */
    bool closed; /* in good order */
    bool was_full;
};

static bool tries_again; /* after an error, which must be final */

/* What a step's error has left in doubt is not built upon. */
static void check_final(struct riv_journal *journal, int n)
{
    struct riv_err first = err;
    riv__journal_rollback(journal);
    if (step(journal, n) != first.code)
        fail_msg("after \"%s\" step %d is taken: %s", first.text, n, err.text);
    err = first;
}

/* Opens, goes on from where the journal is, closes: up to the first error. */
static struct told play(int from)
{
    struct told told = { .steps = from };
    struct riv_journal *journal = NULL;
    told.rc = open_state(&journal);
    while (told.rc == 0 && told.steps < STEPS) {
        told.rc = step(journal, told.steps);
        if (told.rc < 0 && tries_again)
            check_final(journal, told.steps);
        if (told.rc == 0) {
            told.steps++;
            told.rc = riv__journal_checkpoint(journal, &err);
        }
    }
    told.was_full = journal && riv__journal_is_full(journal);
    if (told.rc == 0) {
        told.rc = riv__journal_close(journal, &err);
        told.closed = told.rc == 0;
    } else {
        riv__journal_abandon(journal);
    }
    return told;
}

/* How many steps the journal knows; below 0: it cannot be read. */
static int count_steps(void)
{
    struct riv_journal *journal = NULL;
    riv__buf_reset(&found);
    int rc = open_state(&journal);
    if (rc == 0)
        rc = content_read(journal, &found, &err);
    riv__journal_abandon(journal);
    if (rc < 0)
        return rc;
    for (int i = 0; i <= STEPS; i++)
        if (found.n == expected[i].n &&
            (found.n == 0 || memcmp(found.p, expected[i].p, found.n) == 0))
            return i;
    return -1000; /* it says what was never so */
}

/* Without any fault: what it says after each step. */
static void learn(void)
{
    struct riv_journal *journal = NULL;
    assert_int_equal(open_state(&journal), 0);
    for (int i = 0; i <= STEPS; i++) {
        riv__buf_init(&expected[i], 0);
        assert_int_equal(content_read(journal, &expected[i], &err), 0);
        if (i < STEPS)
            assert_int_equal(step(journal, i), 0);
    }
    assert_int_equal(riv__journal_close(journal, &err), 0);
}

static void anew(void)
{
    disk_sys_fini(&world);
    world_make();
}

/* ------------------------------------------------------ calls that fail */

struct fault {
    enum fail_kind kind;
    int errnum;
    size_t at_most;  /* a short count instead */
    bool is_nothing; /* it does no harm at all */
    int every;       /* so many calls are enough */
};

static const struct fault faults[] = {
    { FAIL_OPEN, EIO, 0, false, 1 },
    { FAIL_OPEN, EMFILE, 0, false, 3 },
    { FAIL_OPEN, EINTR, 0, true, 3 },
    { FAIL_READ, EIO, 0, false, 5 },
    { FAIL_READ, EINTR, 0, true, 11 },
    { FAIL_READ, EIO, 1, true, 23 },
    { FAIL_WRITE, EIO, 0, false, 1 },
    { FAIL_WRITE, ENOSPC, 0, false, 1 },
    { FAIL_WRITE, EDQUOT, 0, false, 3 },
    { FAIL_WRITE, EINTR, 0, true, 3 },
    { FAIL_WRITE, EIO, 7, true, 3 },
    { FAIL_TRUNCATE, EIO, 0, false, 1 },
    { FAIL_ALLOCATE, EIO, 0, false, 1 },
    { FAIL_ALLOCATE, ENOSPC, 0, true, 1 },
    { FAIL_ALLOCATE, EOPNOTSUPP, 0, true, 1 },
    { FAIL_SYNC, EIO, 0, false, 1 },
    { FAIL_SYNC, ENOSPC, 0, false, 2 },
    { FAIL_SYNC, EINTR, 0, false, 3 },
    { FAIL_LOCK, EIO, 0, false, 1 },
    { FAIL_STAT, EIO, 0, false, 1 },
    { FAIL_STAT, EACCES, 0, false, 3 },
    { FAIL_UNLINK, EIO, 0, false, 1 },
    { FAIL_UNLINK, EROFS, 0, false, 1 },
    { FAIL_MKDIR, EACCES, 0, false, 1 },
    { FAIL_SPACE, EIO, 0, false, 1 },
    { FAIL_RANDOM, EIO, 0, false, 1 },
};

/* The reason is in the words. */
static void check_words(const struct fault *fault, int64_t n, int rc)
{
    const char *why = strerrordesc_np(fault->errnum);
    if (rc == RIV_ECHECKPOINT)
        fail_msg("%s %lld, %s: called damage: %s", failing_name(fault->kind),
                 (long long)n, why, err.text);
    if (fault->kind != FAIL_RANDOM && !strstr(err.text, why))
        fail_msg("%s %lld: \"%s\" is not in \"%s\"", failing_name(fault->kind),
                 (long long)n, why, err.text);
}

/* True: the fault happened. */
static bool try_fault(const struct fault *fault, int64_t n, bool for_ever)
{
    anew();
    failing.at_most = fault->at_most;
    if (for_ever)
        failing_from(&failing, fault->kind, n, fault->errnum);
    else
        failing_once(&failing, fault->kind, n, fault->errnum);
    failing.at_most = fault->at_most;
    struct told told = play(0);
    bool fired = failing.fired > 0;
    if (fault->is_nothing && !(for_ever && fault->errnum == EINTR) &&
        told.rc < 0)
        fail_msg("%s %lld is no failure: %s", failing_name(fault->kind),
                 (long long)n, err.text);
    if (told.rc < 0)
        check_words(fault, n, told.rc);
    assert_int_equal(disk_open_fds(world.disk), 0);
    failing_mend(&failing);
    disk_kill(world.disk);
    int steps = count_steps();
    if (steps < told.steps || steps > told.steps + 1)
        fail_msg("%s %lld, %s%s: %d steps were confirmed, and %d are there: %s",
                 failing_name(fault->kind), (long long)n,
                 strerrordesc_np(fault->errnum), for_ever ? " for ever" : "",
                 told.steps, steps, err.text);
    if (told.closed)
        assert_int_equal(steps, STEPS);
    told = play(steps);
    if (told.rc < 0)
        fail_msg("does not go on: %s", err.text);
    return fired;
}

RIV_TEST(every_failure_is_told_and_nothing_confirmed_is_lost)
{
    int fired = 0;
    learn();
    for (size_t i = 0; i < RIV__LEN(faults); i++) {
        const struct fault *fault = &faults[i];
        int before = fired;
        bool endless = fault->errnum == EINTR && fault->kind != FAIL_SYNC;
        anew();
        (void)play(0);
        int64_t calls = failing.calls[fault->kind];
        for (int64_t n = 1; n <= calls; n += fault->every * RIV_TEST_SLOWNESS) {
            fired += try_fault(fault, n, false);
            if (!endless) /* a signal at each call for ever never ends */
                fired += try_fault(fault, n, true);
        }
        if (fired == before)
            fail_msg("%s never fired", failing_name(fault->kind));
    }
    print_message("# %d faults fired\n", fired);
}

/* ------------------------------------------------------------ power cuts */

/* From call n on nothing reaches the disk, then the power is cut. */
static void try_cut(int64_t n, enum disk_cut how, struct rng *rng)
{
    anew();
    failing_from(&failing, FAIL_ANY, n, EIO);
    struct told told = play(0);
    failing_mend(&failing);
    disk_cut(world.disk, how, rng);
    int steps = count_steps();
    if (steps < told.steps || steps > told.steps + 1)
        fail_msg("call %lld, cut %d: %d steps were confirmed, and %d are "
                 "there: %s",
                 (long long)n, (int)how, told.steps, steps, err.text);
    disk_cut(world.disk, DISK_CUT_NOTHING, rng);
    int again = count_steps();
    if (again != steps)
        fail_msg("call %lld, cut %d: %d steps were there, and after another "
                 "cut %d: %s",
                 (long long)n, (int)how, steps, again, err.text);
}

RIV_TEST(a_power_cut_at_any_call_loses_nothing_confirmed)
{
    struct rng rng = rng_of(5, 1);
    int cuts = 0;
    learn();
    anew();
    (void)play(0);
    int64_t calls = failing.calls[FAIL_ANY];
    for (int64_t n = 1; n <= calls; n += RIV_TEST_SLOWNESS) {
        try_cut(n, DISK_CUT_NOTHING, &rng);
        try_cut(n, (enum disk_cut)(n % DISK_CUTS), &rng);
        try_cut(n, DISK_CUT_RANDOM, &rng);
        cuts += 3;
    }
    print_message("# %d cuts\n", cuts);
}

/* ------------------------------------------------- syncs that lose pages */

static int64_t syncs, lost_at;
static struct rng lose_rng;

/* The n-th sync fails, and what was on its way never arrives, although it can
 * still be read; what is written again does, by whole pages of the kernel's. */
static int losing_sync(struct riv_sys *sys, int fd)
{
    (void)sys;
    if (++syncs == lost_at)
        return disk_sync_lose(world.disk, fd, &lose_rng);
    return world.sys.sync(&world.sys, fd);
}

RIV_TEST(a_failed_sync_is_final_and_what_is_seen_later_stays)
{
    struct rng rng = rng_of(7, 1);
    int64_t all = 0;
    page_bytes = DISK_PAGE;
    learn();
    tries_again = true;
    for (lost_at = 0; lost_at <= all; lost_at++) {
        anew();
        failing.sys.sync = failing.sys.datasync = losing_sync;
        syncs = 0;
        lose_rng = rng_of(9, (uint64_t)lost_at);
        struct told told = play(0);
        if (lost_at == 0)
            all = syncs;
        else
            assert_int_equal(told.rc, RIV_EIO);
        disk_kill(world.disk);
        int steps = count_steps();
        assert_in_range(steps, told.steps, told.steps + 1);
        disk_cut(world.disk, DISK_CUT_NOTHING, &rng);
        int again = count_steps();
        if (again != steps)
            fail_msg("sync %lld: %d steps were there, and after a cut %d: %s",
                     (long long)lost_at, steps, again, err.text);
    }
    tries_again = false;
    assert_in_range(all, 20, 1000);
}

/* ------------------------------------------------------- no memory for it */

static sqlite3_mem_methods memory;
static int64_t allocations, refuse_at; /* 0: none */

static bool is_refused(void)
{
    return ++allocations == refuse_at;
}

static void *some_malloc(int n)
{
    return is_refused() ? NULL : memory.xMalloc(n);
}

static void *some_realloc(void *p, int n)
{
    return is_refused() ? NULL : memory.xRealloc(p, n);
}

/* Before SQLite is used for the first time. */
static void count_allocations(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    sqlite3_mem_methods ours = memory;
    ours.xMalloc = some_malloc;
    ours.xRealloc = some_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

/* SQLite does without some of what it asks for. */
RIV_TEST(an_allocation_that_fails_is_told_and_loses_nothing)
{
    int told = 0;
    learn();
    anew();
    allocations = 0;
    (void)play(0);
    int64_t calls = allocations;
    for (int64_t n = 1; n <= calls; n += (2 + n % 7) * RIV_TEST_SLOWNESS) {
        anew();
        allocations = 0;
        refuse_at = n;
        struct told result = play(0);
        refuse_at = 0;
        told += result.rc < 0;
        if (result.rc < 0 && result.rc != RIV_ENOMEM)
            fail_msg("allocation %lld: %d %s", (long long)n, result.rc,
                     err.text);
        assert_int_equal(disk_open_fds(world.disk), 0);
        disk_kill(world.disk);
        int steps = count_steps();
        if (steps < result.steps || steps > result.steps + 1)
            fail_msg("allocation %lld: %d steps were confirmed, and %d are "
                     "there: %s",
                     (long long)n, result.steps, steps, err.text);
    }
    print_message("# %d of %lld allocations\n", told, (long long)calls);
    assert_true(told > 10);
}

/* -------------------------------------------------------------- a full disk */

/* The same transaction is tried again when there is room. */
RIV_TEST(what_did_not_fit_is_put_again)
{
    struct riv_journal *journal = NULL;
    learn();
    anew();
    assert_int_equal(open_state(&journal), 0);
    for (int i = 0; i < STEPS; i++) {
        failing_from(&failing, FAIL_WRITE, 1 + i % 3, ENOSPC);
        if (step(journal, i) < 0) {
            assert_true(riv__journal_is_full(journal));
            assert_true(step(journal, i) < 0);
            assert_true(riv__journal_is_full(journal));
            failing_mend(&failing);
            assert_int_equal(step(journal, i), 0);
            assert_false(riv__journal_is_full(journal));
        }
        failing_mend(&failing);
    }
    assert_int_equal(riv__journal_close(journal, &err), 0);
    assert_int_equal(count_steps(), STEPS);
}

/* Other programs take what is left of the disk. */
static void fill_disk(void)
{
    struct riv_space space;
    disk_space(world.disk, &space);
    disk_limit(world.disk, (space.total_bytes - space.free_bytes) / DISK_PAGE);
}

/* The limit acts like a full disk; the ballast is room for a last word. */
RIV_TEST(the_limit_is_a_full_disk_and_the_ballast_the_way_out)
{
    struct riv_journal *journal = NULL;
    static char bytes[100000];
    int rc = 0;
    uint64_t n = 0;
    conf.settings.disk_bytes_max = 20 << 20;
    assert_int_equal(open_state(&journal), 0);
    assert_int_equal(content_put_nodes(journal, &err), 0);
    /* less the ballast and what must go through; twice, for the WAL */
    assert_in_range(riv__journal_room(journal), 1 << 20, 3 << 19);
    fill_disk();
    assert_in_range(riv__journal_room(journal), 0, 1 << 19);
    disk_limit(world.disk, 0);
    while (rc == 0 && n < 1000) {
        assert_int_equal(riv__journal_begin(journal, &err), 0);
        rc = riv__journal_put_outbox(journal, 3, ++n,
                                     riv__str(bytes, sizeof bytes), &err);
        if (rc == 0)
            rc = riv__journal_commit(journal, &err);
    }
    assert_in_range(n, 10, 100);
    assert_int_equal(rc, RIV_EIO);
    assert_true(riv__journal_is_full(journal));
    assert_non_null(strstr(err.text, "disk.limit"));
    riv__journal_rollback(journal);
    assert_true(riv__journal_bytes(journal) <= 20 << 20);
    assert_true(riv__journal_room(journal) < 400000);
    assert_int_equal(riv__journal_give_ballast(journal, &err), 0);
    assert_in_range(riv__journal_room(journal), 4 << 20, 20 << 20);
    assert_int_equal(content_put_batch(journal, 1, &err), 0);
    assert_int_equal(riv__journal_close(journal, &err), 0);
    assert_int_equal(open_state(&journal), 0);
    assert_int_equal(riv__journal_info(journal)->batch, 1);
    riv__journal_abandon(journal);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(every_failure_is_told_and_nothing_confirmed_is_lost),
        IN_WORLD(a_power_cut_at_any_call_loses_nothing_confirmed),
        IN_WORLD(a_failed_sync_is_final_and_what_is_seen_later_stays),
        IN_WORLD(an_allocation_that_fails_is_told_and_loses_nothing),
        IN_WORLD(what_did_not_fit_is_put_again),
        IN_WORLD(the_limit_is_a_full_disk_and_the_ballast_the_way_out),
    };
    count_allocations();
    return RIV_RUN(tests);
}
