/* connect/fixture.h - what the tests of sources share: a folder of their own,
 * an input that the test reads and cuts by hand under a manual clock, and its
 * text so far. Tests only. */
#ifndef RIV_CONNECT_FIXTURE_H
#define RIV_CONNECT_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connect/sources.h"
#include "io/fixture.h"
#include "sys/clock.h"

struct fix {
    struct riv_manual_clock clock;
    struct riv_settings conf;
    struct riv_input *input;
    struct riv_cut cut;
    struct riv_buf text;
    struct riv_err err;
    struct riv_stand stand;
    char dir[64], home[4096];
    char note[128];
};

static inline int fix_remove(const char *path, const struct stat *st, int kind,
                             struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* Works inside a fresh folder, so that tests may use short relative names. */
static inline int fix_start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    snprintf(fix->dir, sizeof fix->dir, "/tmp/riv-test-XXXXXX");
    assert_non_null(getcwd(fix->home, sizeof fix->home));
    assert_non_null(mkdtemp(fix->dir));
    assert_int_equal(chdir(fix->dir), 0);
    riv__manual_clock_init(&fix->clock, riv__sys_real(), 0);
    riv__cut_init(&fix->cut);
    riv__buf_init(&fix->text, 0);
    riv__stand_init(&fix->stand);
    fix->conf = fixture_conf();
    *state = fix;
    return 0;
}

static inline int fix_finish(void **state)
{
    struct fix *fix = *state;
    riv__cut_fini(&fix->cut);
    riv__buf_fini(&fix->text);
    riv__stand_fini(&fix->stand);
    riv__input_free(fix->input);
    assert_int_equal(chdir(fix->home), 0);
    nftw(fix->dir, fix_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(fix);
    return 0;
}

static inline int fix_try(struct fix *fix, const char *uri)
{
    return riv__input_new(riv__sources, &fix->clock.sys, &fix->conf, NULL, uri,
                          5, &fix->input, &fix->err);
}

static inline void fix_open(struct fix *fix, const char *uri)
{
    if (fix_try(fix, uri) < 0)
        fail_msg("%s", fix->err.text);
    fix->input->wait_ms = 0;
}

static inline void fix_fails(struct fix *fix, const char *uri, int code,
                             const char *words)
{
    assert_int_equal(fix_try(fix, uri), code);
    assert_null(fix->input);
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

/* One read() of the source. */
static inline int fix_read(struct fix *fix)
{
    fix->err.code = 0;
    return fix->input->ops->read(fix->input, &fix->err);
}

/* Reads until there is nothing to be had now; returns the last result. */
static inline int fix_read_all(struct fix *fix)
{
    int rc = RIV__READ_MORE;
    while (rc == RIV__READ_MORE)
        rc = fix_read(fix);
    return rc;
}

/* A batch; its text is added to what there was. */
static inline int fix_cut(struct fix *fix)
{
    int rc = riv__input_cut(fix->input, &fix->cut, &fix->err);
    fixture_add_text(&fix->text, &fix->cut);
    riv__cut_reset(&fix->cut);
    riv__input_release(fix->input);
    return rc;
}

/* What came since the last call. */
static inline void fix_got(struct fix *fix, const char *text)
{
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, text, strlen(text));
    riv__buf_reset(&fix->text);
}

static inline const char *fix_note(struct fix *fix)
{
    struct riv_err status;
    riv__input_look(fix->input, fix->note, sizeof fix->note, &status);
    return fix->note;
}

static inline void fix_part(void *arg, const struct riv_input_part *part)
{
    char *text = arg;
    const size_t n = strlen(text);
    snprintf(text + n, 128 - n, "%s%lld of %lld;", part->name,
             (long long)part->position, (long long)part->end);
}

/* Where batches stand in it, and where it ends: "POSITION of END;". */
static inline void fix_stands(struct fix *fix, const char *want)
{
    char text[128] = "";
    fix->input->ops->parts(fix->input, fix_part, text);
    assert_string_equal(text, want);
}

static inline void put(const char *path, const char *text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static inline void write_file(const char *path, const char *text)
{
    put(path, text, O_TRUNC);
}

/* Does the range say which file it was cut from? */
static inline void range_is_of(const struct riv_range *range, const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(range->seen.bytes, st.st_size);
    assert_int_equal(range->seen.inode, st.st_ino);
    assert_int_equal(range->seen.device, st.st_dev);
}

static inline void append_file(const char *path, const char *text)
{
    put(path, text, O_APPEND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_start, fix_finish)

/* The words of where the input stands, as the journal would keep them. */
static inline riv_str fix_stand(struct fix *fix)
{
    riv__stand_reset(&fix->stand);
    assert_int_equal(riv__input_stand(fix->input, &fix->stand, &fix->err), 0);
    return riv__str(fix->stand.words.p, fix->stand.words.n);
}

static inline int fix_seek(struct fix *fix, const char *uri)
{
    const struct riv_stand *stand = &fix->stand;
    int rc = 0;
    riv__input_free(fix->input);
    fix->input = NULL;
    fix_open(fix, uri);
    for (size_t i = 0; rc == 0 && i < stand->nnote; i++) {
        const struct riv_note note = riv__stand_note_at(stand, i);
        if (!note.drop)
            rc = riv__input_recall(fix->input, note.key, note.value, &fix->err);
    }
    if (rc == 0)
        rc = riv__input_seek(
            fix->input, riv__str(stand->words.p, stand->words.n), &fix->err);
    return rc;
}

/* Another run goes on where this one stands. */
static inline void fix_again(struct fix *fix, const char *uri)
{
    (void)fix_stand(fix);
    if (fix_seek(fix, uri) < 0)
        fail_msg("%s", fix->err.text);
}

/* Another run cannot go on, and says why. */
static inline void fix_lost(struct fix *fix, const char *uri, const char *words)
{
    assert_int_equal(fix_seek(fix, uri), RIV_ENOINPUT);
    if (!strstr(fix->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fix->err.text, words);
}

#endif
