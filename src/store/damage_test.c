/* store/damage_test.c - files that rot. Bits of a small journal are flipped
 * (every one with the argument "all"), its files are cut, lost, or replaced by an
 * older copy: what happens is either told, or the journal says the same as
 * before. fsck tells it too. All of it in memory. */
#include "store/damage.h"

#include "base/test.h"

static int make(void **state)
{
    (void)state;
    if (damage_make() < 0)
        fail_msg("%s", world.err.text);
    return 0;
}

static struct memory_file *file_named(struct memory *where, const char *name)
{
    struct memory_file *file = memory_find(where, name);
    assert_non_null(file);
    return file;
}

struct tally {
    int told, harmless;
};

static void judge(struct tally *tally, const char *what, const char *name,
                  size_t at)
{
    int rc = 0;
    const char *wrong = damage_judge(&rc);
    if (wrong)
        fail_msg("%s %s at %zu: %s (the opening: %d %s; fsck: %d)", what, name,
                 at, wrong, rc, world.err.text, world.checked);
    if (rc < 0)
        tally->told++;
    else
        tally->harmless++;
}

/* One bit of every n-th byte; `all` of them takes a minute and more. */
static bool all;

static void sweep(const char *name, size_t step)
{
    struct tally tally = { 0 };
    size_t bits = file_named(&world.whole, name)->bytes * 8;
    for (size_t at = 0; at < bits;
         at += all ? 1 : 8 * step * RIV_TEST_SLOWNESS + 3) {
        file_named(&world.memory, name)->p[at / 8] ^=
            (unsigned char)(1 << at % 8);
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
            file_named(&world.memory, "head")->p[at] ^=
                (unsigned char)(1 << bit);
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
        size_t bytes = file_named(&world.whole, names[i])->bytes;
        for (size_t at = 0; at < bytes;
             at += (at < 600 ? 2U : 61U) * RIV_TEST_SLOWNESS) {
            file_named(&world.memory, names[i])->bytes = at;
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
        file_named(&world.memory, names[i])->name[0] = '\0';
        judge(&tally, "loss of", names[i], 0);
    }
    assert_int_equal(tally.told, 3);
}

RIV_TEST(an_older_copy_of_one_file_is_told_or_harmless)
{
    struct tally tally = { 0 };
    *file_named(&world.memory, "journal.db") =
        *file_named(&world.older, "journal.db");
    judge(&tally, "older", "journal.db", 0);
    *file_named(&world.memory, "head") = *file_named(&world.older, "head");
    judge(&tally, "older", "head", 0);
    file_named(&world.memory, "journal.db-wal")->bytes = 0;
    judge(&tally, "older", "journal.db-wal", 0);
    assert_int_equal(tally.told, 1);
}

RIV_TEST(pages_that_are_lost_or_swapped_are_told_or_harmless)
{
    struct tally tally = { 0 };
    size_t pages = file_named(&world.whole, "journal.db")->bytes / 512;
    for (size_t i = 0; i < pages; i += RIV_TEST_SLOWNESS) {
        memset(file_named(&world.memory, "journal.db")->p + i * 512, 0, 512);
        judge(&tally, "zeroed page of", "journal.db", i);
        unsigned char *p = file_named(&world.memory, "journal.db")->p;
        const unsigned char *q = file_named(&world.whole, "journal.db")->p;
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
    if (damage_open(&journal) < 0 ||
        riv__journal_close(journal, &world.err) < 0)
        fail_msg("%s", world.err.text);
    world.whole = world.memory;
    world.was_clean = true;
    return 0;
}

RIV_TEST(a_flipped_bit_after_a_clean_stop_is_told_or_harmless)
{
    sweep("journal.db", 7);
}

RIV_TEST(an_older_database_after_a_clean_stop_is_told)
{
    struct tally tally = { 0 };
    *file_named(&world.memory, "journal.db") =
        *file_named(&world.older, "journal.db");
    judge(&tally, "older", "journal.db", 0);
    assert_int_equal(tally.told, 1);
}

static int drop(void **state)
{
    (void)state;
    damage_drop();
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
