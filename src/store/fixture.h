/* store/fixture.h - what the tests of this folder share: a state directory of
 * their own under /tmp, a journal in it, small pages, rows in one line, and the
 * files changed behind its back. Tests only. */
#ifndef RIV_STORE_FIXTURE_H
#define RIV_STORE_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/test.h"
#include "conf/conf.h"
#include "store/journal.h"

struct shop {
    struct riv_conf conf;
    struct riv_sys sys; /* the real one; tests replace functions */
    char dir[64], path[512];
    struct riv_journal *journal;
    struct riv_err err;
};

/* A test need not use all of this. */
#define UNUSED __attribute__((unused))

static struct shop shop;

/* Removes a folder and what is in it, two levels deep. */
static void remove_tree(const char *path, int depth)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && depth > 0 && (entry = readdir(dir))) {
        char sub[PATH_MAX + 256];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (snprintf(sub, sizeof sub, "%s/%s", path, entry->d_name) < 0)
            continue;
        if (entry->d_type == DT_DIR)
            remove_tree(sub, depth - 1);
        else
            unlink(sub);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

/* No test here cuts the power, and a sync takes milliseconds. */
static int no_sync(struct riv_sys *sys, int fd)
{
    (void)sys;
    return fd < 0 ? -EBADF : 0;
}

static int shop_make(void **state)
{
    (void)state;
    shop = (struct shop){ .sys = *riv__sys_real() };
    shop.sys.sync = shop.sys.datasync = no_sync;
    riv__conf_init(&shop.conf);
    snprintf(shop.dir, sizeof shop.dir, "/tmp/riv-store-XXXXXX");
    return mkdtemp(shop.dir) ? 0 : -1;
}

static int shop_remove(void **state)
{
    (void)state;
    riv__journal_abandon(shop.journal);
    remove_tree(shop.dir, 3);
    return 0;
}

#define IN_SHOP(test) \
    cmocka_unit_test_setup_teardown(test, shop_make, shop_remove)

/* A file of the state directory, which is a folder of the shop's. */
static UNUSED const char *in_state(const char *name)
{
    snprintf(shop.path, sizeof shop.path, "%s/state/%s", shop.dir, name);
    return shop.path;
}

static UNUSED struct riv_journal_spec shop_spec(void)
{
    static char dir[128];
    snprintf(dir, sizeof dir, "%s/state", shop.dir);
    return (struct riv_journal_spec){
        .sys = &shop.sys,
        .conf = &shop.conf.settings,
        .dir = dir,
        .app = "words",
        .page_bytes = 4096,
    };
}

static UNUSED int shop_try(void)
{
    struct riv_journal_spec spec = shop_spec();
    shop.err = (struct riv_err){ 0 };
    assert_null(shop.journal);
    return riv__journal_open(&spec, &shop.journal, &shop.err);
}

/* Says what went wrong, for assert_int_equal shows only the number. */
#define assert_fine(call) \
    do { \
        int riv_rc = (call); \
        if (riv_rc < 0) \
            fail_msg("%s: %d %s", #call, riv_rc, shop.err.text); \
    } while (0)

static UNUSED void shop_open(void)
{
    assert_fine(shop_try());
}

static UNUSED void shop_close(void)
{
    assert_fine(riv__journal_close(shop.journal, &shop.err));
    shop.journal = NULL;
}

/* As a process that dies: nothing more is written. */
static UNUSED void shop_kill(void)
{
    riv__journal_abandon(shop.journal);
    shop.journal = NULL;
}

static UNUSED void begin(void)
{
    assert_fine(riv__journal_begin(shop.journal, &shop.err));
}

static UNUSED void commit(void)
{
    assert_fine(riv__journal_commit(shop.journal, &shop.err));
}

/* A batch of its own transaction, with a delta of `op` unless that is 0. */
static UNUSED int put_batch(uint64_t number, uint32_t op, riv_str delta)
{
    struct riv_journal *journal = shop.journal;
    struct riv_err *err = &shop.err;
    struct riv_batch_row row = {
        .number = number,
        .time_ms = (int64_t)number * 1000,
        .status = RIV__BATCH_DONE,
        .records_in = number * 10,
        .records_out = 1,
        .processing_us = 250,
        .body = riv_cstr("body"),
    };
    RIV__TRY(riv__journal_begin(journal, err));
    int rc = op ? riv__journal_put_delta(journal, number, op, delta, err) : 0;
    if (rc == 0)
        rc = riv__journal_put_batch(journal, &row, err);
    return riv__journal_end(journal, rc, err);
}

/* A journal of five batches; with a WAL that was not moved, or closed. */
static UNUSED void make_killed(void)
{
    shop_open();
    for (uint64_t i = 1; i <= 5; i++)
        assert_fine(put_batch(i, 1, riv_cstr("some bytes of state")));
    shop_kill();
}

static UNUSED void make_closed(void)
{
    make_killed();
    shop_open();
    shop_close();
}

/* ------------------------------------------------ behind the journal's back */

static UNUSED long file_bytes(const char *name)
{
    struct stat st;
    return stat(in_state(name), &st) == 0 ? (long)st.st_size : -1;
}

static UNUSED void flip(const char *name, long at, unsigned char mask)
{
    unsigned char c;
    int fd = open(in_state(name), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= mask;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static UNUSED void cut(const char *name, long bytes)
{
    assert_int_equal(truncate(in_state(name), bytes), 0);
}

/* A copy beside the original; and back over it. */
static UNUSED void copy_file(const char *from, const char *to)
{
    char source[512];
    char p[65536];
    ssize_t n;
    snprintf(source, sizeof source, "%s", in_state(from));
    int in = open(source, O_RDONLY | O_CLOEXEC);
    int out =
        open(in_state(to), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, p, sizeof p)) > 0)
        assert_int_equal(write(out, p, (size_t)n), n);
    assert_int_equal(n, 0);
    close(in);
    close(out);
}

/* Opening is refused with this code, and these words are in the message. */
#define assert_refused(code, words) \
    do { \
        assert_int_equal(shop_try(), (code)); \
        if (!strstr(shop.err.text, (words))) \
            fail_msg("\"%s\" is not in \"%s\"", (words), shop.err.text); \
    } while (0)

#endif
