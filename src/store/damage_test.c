/* store/damage_test.c - files that rot. Bits of a small journal are flipped
 * (every one with the argument "all"), its files are cut, lost, or replaced by an older copy: what happens
 * is either told, or the journal says the same as before. fsck tells it too.
 * All of it in memory. */
#include "store/content.h"
#include "store/memory.h"

#include "base/test.h"
#include "conf/conf.h"
#include "store/check.h"

static struct memory memory, whole, older, damaged;
static struct riv_conf conf;
static struct riv_buf expected, found;

/* After a clean stop the opening leaves structure to fsck (rule J10). */
static bool was_clean;

static struct riv_err err;

static int open_state(struct riv_journal **ret)
{
    struct riv_journal_spec spec = {
        .sys = &memory.sys,
        .conf = &conf.settings,
        .dir = "/state",
        .app = "words",
        .page_bytes = 512,
    };
    return riv__journal_open(&spec, ret, &err);
}

/* Opens and reads everything: 0, or the error that told of the damage. */
static int recover(void)
{
    struct riv_journal *journal = NULL;
    riv__buf_reset(&found);
    int rc = open_state(&journal);
    if (rc == 0)
        rc = content_read(journal, &found, &err);
    riv__journal_abandon(journal);
    return rc;
}

static int findings;

static void note_finding(void *arg, const char *text)
{
    (void)arg, (void)text;
    findings++;
}

static int check(void)
{
    struct riv_check_spec spec = {
        .sys = &memory.sys,
        .conf = &conf.settings,
        .dir = "/state",
        .report = note_finding,
    };
    findings = 0;
    return riv__check_dir(&spec, &err);
}

static int fill(struct riv_journal *journal)
{
    RIV__TRY(content_put_nodes(journal, &err));
    for (uint64_t i = 1; i <= 3; i++) {
        RIV__TRY(content_put_batch(journal, i, &err));
        RIV__TRY(content_publish(journal, i, &err));
        RIV__TRY(content_put_rest(journal, i, &err));
    }
    return 0;
}

#define assert_ok(call) \
    do { \
        if ((call) < 0) \
            fail_msg("%s: %s", #call, err.text); \
    } while (0)

/* One half of it in the database, the other in the log; `older` is the half. */
static int make(void **state)
{
    struct riv_journal *journal = NULL;
    (void)state;
    memset(&memory, 0, sizeof memory);
    memory_init(&memory);
    riv__conf_init(&conf);
    was_clean = false;
    assert_ok(open_state(&journal));
    assert_ok(fill(journal));
    assert_ok(riv__journal_close(journal, &err));
    older = memory;
    assert_ok(open_state(&journal));
    assert_ok(content_put_batch(journal, 4, &err));
    assert_ok(content_publish(journal, 4, &err));
    assert_ok(content_put_rest(journal, 4, &err));
    riv__journal_abandon(journal);
    whole = memory;
    assert_ok(recover());
    riv__buf_reset(&expected);
    riv__buf_add(&expected, found.p, found.n);
    memory = whole;
    return 0;
}

static struct memory_file *file_named(struct memory *world, const char *name)
{
    struct memory_file *file = memory_find(world, name);
    assert_non_null(file);
    return file;
}

struct tally {
    int told, harmless;
};

/* The damaged files are in `memory`. Nothing may be wrong in silence, and fsck
 * says what the opening says. */
static void judge(struct tally *tally, const char *what, const char *name,
                  size_t at)
{
    memory_copy(&damaged, &memory);
    int n = check();
    if (!memory_is_same(&damaged, &memory))
        fail_msg("%s %s at %zu: fsck has changed a file", what, name, at);
    int rc = recover();
    if (rc < 0)
        tally->told++;
    else
        tally->harmless++;
    if (rc == 0 &&
        (found.n != expected.n || memcmp(found.p, expected.p, found.n) != 0))
        fail_msg("%s %s at %zu: other contents and no word", what, name, at);
    if (rc < 0 && rc != RIV_ECHECKPOINT)
        fail_msg("%s %s at %zu: %d %s", what, name, at, rc, err.text);
    if ((n == 0) != (rc == 0) && !(was_clean && rc == 0))
        fail_msg("%s %s at %zu: the opening says %d, fsck %d (%s)", what, name,
                 at, rc, n, err.text);
    assert_int_equal(memory.open_count, 0);
    memory_copy(&memory, &whole);
}

/* One bit of every n-th byte; `all` of them takes a minute and more. */
static bool all;

static void sweep(const char *name, size_t step)
{
    struct tally tally = { 0 };
    size_t bits = file_named(&whole, name)->bytes * 8;
    for (size_t at = 0; at < bits;
         at += all ? 1 : 8 * step * RIV_TEST_SLOWNESS + 3) {
        file_named(&memory, name)->p[at / 8] ^= (unsigned char)(1 << at % 8);
        judge(&tally, "bit of", name, at);
    }
    print_message("# %s: %zu bits, %d told, %d harmless\n", name, bits,
                  tally.told, tally.harmless);
    assert_true(tally.told > 0);
}

RIV_TEST(a_flipped_bit_of_the_database_is_told_or_harmless)
{
    sweep("journal.db", 7);
}

RIV_TEST(a_flipped_bit_of_the_log_is_told_or_harmless)
{
    sweep("journal.db-wal", 7);
}

RIV_TEST(a_flipped_bit_of_the_head_mark_is_told_or_harmless)
{
    struct tally tally = { 0 };
    for (size_t at = 0; at < 4096; at += at % 1024 == 63 ? 961 : 1) {
        for (int bit = (int)at % 2; bit < 8; bit += RIV_TEST_SLOWNESS) {
            file_named(&memory, "head")->p[at] ^= (unsigned char)(1 << bit);
            judge(&tally, "bit of", "head", at);
        }
    }
    assert_int_equal(tally.told, 0); /* the others speak */
}

RIV_TEST(a_cut_is_told_or_harmless)
{
    static const char *const names[] = { "journal.db", "journal.db-wal",
                                         "head" };
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        struct tally tally = { 0 };
        size_t bytes = file_named(&whole, names[i])->bytes;
        for (size_t at = 0; at < bytes;
             at += (at < 600 ? 2U : 61U) * RIV_TEST_SLOWNESS) {
            file_named(&memory, names[i])->bytes = at;
            judge(&tally, "cut of", names[i], at);
        }
        assert_true(tally.told > 0);
    }
}

RIV_TEST(a_lost_file_is_told)
{
    static const char *const names[] = { "journal.db", "journal.db-wal",
                                         "head" };
    struct tally tally = { 0 };
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        file_named(&memory, names[i])->name[0] = '\0';
        judge(&tally, "loss of", names[i], 0);
    }
    assert_int_equal(tally.told, 3);
}

RIV_TEST(an_older_copy_of_one_file_is_told_or_harmless)
{
    struct tally tally = { 0 };
    *file_named(&memory, "journal.db") = *file_named(&older, "journal.db");
    judge(&tally, "older", "journal.db", 0);
    *file_named(&memory, "head") = *file_named(&older, "head");
    judge(&tally, "older", "head", 0);
    file_named(&memory, "journal.db-wal")->bytes = 0;
    judge(&tally, "older", "journal.db-wal", 0);
    assert_int_equal(tally.told, 1);
}

RIV_TEST(pages_that_are_lost_or_swapped_are_told_or_harmless)
{
    struct tally tally = { 0 };
    size_t pages = file_named(&whole, "journal.db")->bytes / 512;
    for (size_t i = 0; i < pages; i += RIV_TEST_SLOWNESS) {
        memset(file_named(&memory, "journal.db")->p + i * 512, 0, 512);
        judge(&tally, "zeroed page of", "journal.db", i);
        unsigned char *p = file_named(&memory, "journal.db")->p;
        const unsigned char *q = file_named(&whole, "journal.db")->p;
        memcpy(p + i * 512, q + (i + 1) % pages * 512, 512);
        memcpy(p + (i + 1) % pages * 512, q + i * 512, 512);
        judge(&tally, "swapped page of", "journal.db", i);
    }
    assert_true(tally.told > 0);
}

/* ------------------------------------------- after a clean stop: no log */

static int make_clean(void **state)
{
    struct riv_journal *journal = NULL;
    make(state);
    assert_ok(open_state(&journal));
    assert_ok(riv__journal_close(journal, &err));
    whole = memory;
    was_clean = true;
    return 0;
}

RIV_TEST(a_flipped_bit_after_a_clean_stop_is_told_or_harmless)
{
    sweep("journal.db", 7);
}

RIV_TEST(an_older_database_after_a_clean_stop_is_told)
{
    struct tally tally = { 0 };
    *file_named(&memory, "journal.db") = *file_named(&older, "journal.db");
    judge(&tally, "older", "journal.db", 0);
    assert_int_equal(tally.told, 1);
}

static int drop(void **state)
{
    (void)state;
    riv__buf_fini(&expected);
    riv__buf_fini(&found);
    return 0;
}

#define KILLED(test) cmocka_unit_test_setup_teardown(test, make, drop)
#define CLOSED(test) cmocka_unit_test_setup_teardown(test, make_clean, drop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KILLED(a_flipped_bit_of_the_database_is_told_or_harmless),
        KILLED(a_flipped_bit_of_the_log_is_told_or_harmless),
        KILLED(a_flipped_bit_of_the_head_mark_is_told_or_harmless),
        KILLED(a_cut_is_told_or_harmless),
        KILLED(a_lost_file_is_told),
        KILLED(an_older_copy_of_one_file_is_told_or_harmless),
        KILLED(pages_that_are_lost_or_swapped_are_told_or_harmless),
        CLOSED(a_flipped_bit_after_a_clean_stop_is_told_or_harmless),
        CLOSED(an_older_database_after_a_clean_stop_is_told),
    };
    all = argc > 1 && strcmp(argv[1], "all") == 0;
    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    return RIV_RUN(tests);
}
