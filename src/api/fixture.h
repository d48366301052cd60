/* api/fixture.h - what tests through the public interface share: the log as
 * text, results as text, files of their own. Tests only. */
#ifndef RIV_API_FIXTURE_H
#define RIV_API_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/test.h"
#include "data/text.h"
#include "sys/thread.h"

RIV_PAIR(wc, riv_str, int64_t);
RIV_PAIR(pair, int64_t, int64_t);

/* A folder of a test's own, whose name is in own_dir: IN_OWN_DIR(test). */
static char own_dir[64];

static inline int own_dir_remove_one(const char *path, const struct stat *st,
                                     int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static inline int own_dir_make(void **state)
{
    (void)state;
    snprintf(own_dir, sizeof own_dir, "/tmp/riv-api-XXXXXX");
    return mkdtemp(own_dir) ? 0 : -1;
}

static inline int own_dir_remove(void **state)
{
    (void)state;
    return nftw(own_dir, own_dir_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define IN_OWN_DIR(test) \
    cmocka_unit_test_setup_teardown(test, own_dir_make, own_dir_remove)

/* What riv_print and the log said, one line after another. The context calls
 * one at a time. */
struct said {
    struct riv_buf text;
};

static inline void said_line(void *arg, int level, const char *msg)
{
    struct said *said = arg;
    if (level == RIV_LOG_OUTPUT)
        riv__buf_printf(&said->text, "%s\n", msg);
}

static inline void said_init(struct said *said)
{
    riv__buf_init(&said->text, 0);
}

/* All that was said since the last call; lent until the next. */
static inline const char *said_all(struct said *said)
{
    static char copy[1 << 16];
    size_t n = RIV__MIN(said->text.n, sizeof copy - 1);
    if (n > 0)
        memcpy(copy, said->text.p, n);
    copy[n] = '\0';
    riv__buf_reset(&said->text);
    return copy;
}

static inline void said_fini(struct said *said)
{
    riv__buf_fini(&said->text);
}

/* Rows of a result as CSV. */
static inline void result_is(riv_result *res, const char *want)
{
    struct riv_arena arena;
    struct riv_buf text;
    struct riv_err err = { 0 };
    const struct riv_layout *layout = NULL;
    riv__arena_init(&arena, 1024);
    riv__buf_init(&text, 0);
    assert_int_equal(riv__layout_make(&arena, res->type, &layout, &err), 0);
    const char *row = res->rows;
    for (size_t i = 0; i < res->n; i++, row += layout->size)
        riv__csv_write(layout, row, ',', &text);
    riv__buf_char(&text, '\0');
    assert_string_equal(text.p, want);
    riv__buf_fini(&text);
    riv__arena_fini(&arena);
    riv_result_free(res);
}

static inline void collected(riv_ds *ds, const char *want)
{
    riv_result res = { 0 };
    assert_int_equal(riv_collect(ds, &res), 0);
    result_is(&res, want);
}

static inline void no_error(const riv *r)
{
    if (riv_error(r) < 0)
        fail_msg("%s", riv_errmsg(r));
}

static inline void error_has(const riv *r, int code, const char *words)
{
    if (riv_error(r) != code || !strstr(riv_errmsg(r), words))
        fail_msg("got %d \"%s\", not %d with \"%s\"", riv_error(r),
                 riv_errmsg(r), code, words);
}

/* A file of these bytes; its path in `path`, to be unlinked. */
static inline void file_make(char path[32], const char *text, size_t n)
{
    snprintf(path, 32, "/tmp/riv-api-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), n);
    close(fd);
}

#endif
