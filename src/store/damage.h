/* store/damage.h - a small journal in memory, half of it in the database and half
 * in the log, that can be made whole again as often as one likes; and a judge of
 * what an opening says of damaged files. Tests only. */
#ifndef RIV_STORE_DAMAGE_H
#define RIV_STORE_DAMAGE_H

#include "store/content.h"
#include "store/memory.h"

#include "conf/conf.h"
#include "store/check.h"

static struct {
    struct memory memory; /* the world that journals are opened in */
    struct memory whole;  /* what it was before the damage */
    struct memory older;  /* its first half alone */
    struct memory damaged;
    struct riv_conf conf;
    struct riv_buf expected, found; /* all that a journal says */
    /* After a clean stop the opening leaves structure to fsck (rule J10). */
    bool was_clean;
    int checked; /* what fsck returned: findings, or that it cannot open it */
    struct riv_err err;
} world;

static int damage_open(struct riv_journal **ret)
{
    struct riv_journal_spec spec = {
        .sys = &world.memory.sys,
        .conf = &world.conf.settings,
        .dir = "/state",
        .app = "words",
        .page_bytes = 512,
    };
    return riv__journal_open(&spec, ret, &world.err);
}

/* Opens and reads everything: 0, or the error that told of the damage. */
static int damage_recover(void)
{
    struct riv_journal *journal = NULL;
    riv__buf_reset(&world.found);
    int rc = damage_open(&journal);
    if (rc == 0)
        rc = content_read(journal, &world.found, &world.err);
    riv__journal_abandon(journal);
    return rc;
}

static void damage_note(void *arg, const char *text)
{
    (void)arg, (void)text;
}

static void damage_check(void)
{
    struct riv_check_spec spec = {
        .sys = &world.memory.sys,
        .conf = &world.conf.settings,
        .dir = "/state",
        .report = damage_note,
    };
    world.checked = riv__check_dir(&spec, &world.err);
}

static int damage_batch(struct riv_journal *journal, uint64_t number)
{
    RIV__TRY(content_put_batch(journal, number, &world.err));
    RIV__TRY(content_publish(journal, number, &world.err));
    return content_put_rest(journal, number, &world.err);
}

static int damage_fill(struct riv_journal *journal)
{
    RIV__TRY(content_put_nodes(journal, &world.err));
    for (uint64_t i = 1; i <= 3; i++)
        RIV__TRY(damage_batch(journal, i));
    return 0;
}

/* The journal as it is before the damage; world.err says what failed. */
static MAYBE int damage_make(void)
{
    struct riv_journal *journal = NULL;
    memset(&world, 0, sizeof world);
    memory_init(&world.memory);
    riv__conf_init(&world.conf);
    RIV__TRY(damage_open(&journal));
    int rc = damage_fill(journal);
    if (riv__journal_close(journal, &world.err) < 0 || rc < 0)
        return RIV_EIO;
    world.older = world.memory;
    RIV__TRY(damage_open(&journal));
    rc = damage_batch(journal, 4);
    riv__journal_abandon(journal);
    RIV__TRY(rc);
    world.whole = world.memory;
    RIV__TRY(damage_recover());
    riv__buf_reset(&world.expected);
    riv__buf_add(&world.expected, world.found.p, world.found.n);
    world.memory = world.whole;
    return 0;
}

static MAYBE void damage_drop(void)
{
    riv__buf_fini(&world.expected);
    riv__buf_fini(&world.found);
}

/* The damaged files are in world.memory. Nothing may be wrong in silence, and
 * fsck says what the opening says. NULL: so it is, and *ret_rc is what the opening
 * said. All is whole again afterwards. */
static MAYBE const char *damage_judge(int *ret_rc)
{
    const char *wrong = NULL;
    memory_copy(&world.damaged, &world.memory);
    damage_check();
    if (!memory_is_same(&world.damaged, &world.memory))
        wrong = "fsck has changed a file";
    const int rc = *ret_rc = damage_recover();
    if (rc == 0 &&
        (world.found.n != world.expected.n ||
         memcmp(world.found.p, world.expected.p, world.found.n) != 0))
        wrong = "other contents and no word";
    else if (rc < 0 && rc != RIV_ECHECKPOINT)
        wrong = "another error than of the state";
    else if ((world.checked == 0) != (rc == 0) && !(world.was_clean && rc == 0))
        wrong = "the opening and fsck say different things";
    else if (world.memory.open_count != 0)
        wrong = "a file is left open";
    memory_copy(&world.memory, &world.whole);
    return wrong;
}

#endif
