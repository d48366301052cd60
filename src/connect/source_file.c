/* connect/source_file.c - finite files: a path, a folder, a pattern, standard
 * input that is a file. What is there at the start is the input, file after file in the
 * order of their names; no thread, no copy: exec reads the ranges. What is not
 * a file of its own (FIFOs, terminals, /proc) goes to source_pipe.c. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "connect/paths.h"
#include "connect/sources.h"
#include "sys/file.h"

enum { FDINFO_BYTES = 4096 };

struct file_input {
    struct riv_input base;
    struct riv_paths paths;
    struct riv_file_seen *seen; /* of each path */
    uint64_t from;              /* where standard input stands */
    bool folder;                /* the paths are what lies in a folder */
};

/* Opens, looks, closes: so a file that cannot be read is an error at the start.
 * A FIFO is not waited for. */
static int look(struct riv_sys *sys, const char *path, struct riv_stat *ret,
                struct riv_err *err)
{
    int fd =
        riv__file_open_plain(sys, path, RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return riv__paths_error(err, -fd, path);
    int rc = sys->fstat(sys, fd, ret);
    sys->close(sys, fd);
    return rc < 0 ? riv__paths_error(err, -rc, path) : 0;
}

/* A path as it is written: none, a file that is or should be there, a folder. */
enum literal { NO_LITERAL, A_FILE, A_FOLDER };

static enum literal literal_of(const struct file_input *self, const char *path)
{
    struct riv_stat st;
    if (self->base.sys->stat(self->base.sys, path, &st) < 0)
        return riv__paths_is_pattern(path) ? NO_LITERAL : A_FILE;
    return st.kind == RIV__IS_DIR ? A_FOLDER : A_FILE;
}

static bool skips_missing(const struct file_input *self)
{
    return self->base.conf->files_missing == RIV__FILE_SKIP;
}

static int find_paths(struct file_input *self, struct riv_err *err)
{
    const char *path = self->base.rest;
    if (!strcmp(path, "-"))
        return riv__paths_add(&self->paths, "", "/dev/stdin", err);
    if (!*path)
        return riv__err_set(err, RIV_EINVAL, "the path is empty");
    const enum literal literal = literal_of(self, path);
    self->folder = literal == A_FOLDER;
    if (literal == A_FOLDER)
        return riv__paths_folder(self->base.sys, path, &self->paths, err);
    if (literal == A_FILE)
        return riv__paths_add(&self->paths, "", path, err);
    RIV__TRY(riv__paths_match(self->base.sys, path, &self->paths, err));
    if (self->paths.n == 0 && !skips_missing(self))
        return riv__err_set(err, RIV_ENOINPUT,
                            "no file matches the pattern; "
                            "check it, or quote it so that the shell leaves it "
                            "alone (dir:FOLDER waits for new files)");
    return 0;
}

static int take_path(struct file_input *self, size_t i, size_t *kept)
{
    char *path = self->paths.path[i];
    self->paths.path[i] = self->paths.path[*kept];
    self->paths.path[*kept] = path;
    ++*kept;
    return 0;
}

/* A pattern or a folder may meet folders, which are left out; a pattern that
 * gives one path may not. */
static int take_size(struct file_input *self, size_t i, size_t *kept,
                     struct riv_err *err)
{
    char *path = self->paths.path[i];
    struct riv_stat st;
    int rc = look(self->base.sys, path, &st, err);
    if (rc == RIV_ENOINPUT && skips_missing(self)) { /* the task says so */
        self->seen[*kept] =
            (struct riv_file_seen){ .bytes = 1, .inode = RIV__INODE_NONE };
        return take_path(self, i, kept);
    }
    if (rc < 0)
        return rc;
    bool alone = self->paths.n == 1 && !self->folder;
    if (st.kind == RIV__IS_DIR && alone)
        return riv__err_set(err, RIV_EINVAL,
                            "the pattern gives nothing but the folder %s: name "
                            "it without a pattern to read its files (dir:%s "
                            "those that will appear)",
                            path, path);
    if (st.kind != RIV__IS_FILE && alone)
        return riv__err_set(err, RIV_EINVAL,
                            "%s is no file: pipe:%s reads it "
                            "as a stream",
                            path, path);
    if (st.kind != RIV__IS_FILE)
        return 0;
    self->seen[*kept] = (struct riv_file_seen){ st.bytes, st.device, st.inode };
    return take_path(self, i, kept);
}

static int take_sizes(struct file_input *self, struct riv_err *err)
{
    size_t kept = 0;
    self->seen = calloc(self->paths.n + 1, sizeof *self->seen);
    if (!self->seen)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu files",
                            self->paths.n);
    for (size_t i = 0; i < self->paths.n; i++)
        RIV__TRY(take_size(self, i, &kept, err));
    if (kept == 0 && self->paths.n > 0 && !self->folder)
        return riv__err_set(err, RIV_ENOINPUT,
                            "the pattern matches folders "
                            "only, no file");
    while (self->paths.n > kept)
        free(self->paths.path[--self->paths.n]);
    return 0;
}

/* Where descriptor 0 stands, which only the kernel's text tells: "pos:\t123".
 * False: not to be found out. */
static bool stdin_offset(struct riv_sys *sys, uint64_t *ret)
{
    struct riv_buf text;
    riv__buf_init(&text, FDINFO_BYTES);
    bool good =
        riv__file_read_all(sys, "/proc/self/fdinfo/0", &text, NULL) == 0;
    good = good && text.n > 5 && !memcmp(text.p, "pos:\t", 5);
    if (good) {
        char *nl = memchr(text.p, '\n', text.n);
        size_t n = nl ? (size_t)(nl - text.p) : text.n;
        good = riv__num_u64(riv__str(text.p + 5, n - 5), ret);
    }
    riv__buf_fini(&text);
    return good;
}

/* The file behind standard input can be opened again, and stands at the
 * beginning of a line, from which a range may start. */
static bool stdin_is_range(struct riv_sys *sys, uint64_t *ret_from)
{
    char before = '\n';
    if (!stdin_offset(sys, ret_from))
        return false;
    int fd = riv__file_open_plain(sys, "/dev/stdin",
                                  RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return false;
    int64_t n = 1;
    if (*ret_from > 0)
        n = sys->pread(sys, fd, &before, 1, *ret_from - 1);
    sys->close(sys, fd);
    return n == 1 && before == '\n';
}

/* Files of /proc and the like say 0 bytes and have some. */
static bool has_hidden_bytes(struct riv_sys *sys, const char *path)
{
    char byte;
    int fd =
        riv__file_open_plain(sys, path, RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return false;
    int64_t n = sys->pread(sys, fd, &byte, 1, 0);
    sys->close(sys, fd);
    return n > 0;
}

/* Missing paths are left to open(), which has the words for it. */
static const struct riv_source_ops *file_pick(struct riv_sys *sys,
                                              const char *rest)
{
    struct riv_stat st;
    uint64_t from;
    bool in = !strcmp(rest, "-");
    int rc = in ? sys->fstat(sys, 0, &st) : sys->stat(sys, rest, &st);
    if (rc < 0 || st.kind == RIV__IS_DIR)
        return &riv__source_file;
    if (st.kind != RIV__IS_FILE)
        return &riv__source_pipe;
    if (in)
        return stdin_is_range(sys, &from) ? &riv__source_file
                                          : &riv__source_pipe;
    return st.bytes == 0 && has_hidden_bytes(sys, rest) ? &riv__source_pipe
                                                        : &riv__source_file;
}

static int file_open(struct riv_input *input, struct riv_err *err)
{
    struct file_input *self = (struct file_input *)input;
    if (!strcmp(input->rest, "-") && !stdin_is_range(input->sys, &self->from))
        return riv__err_set(err, RIV_EIO,
                            "standard input changed while the "
                            "job started");
    RIV__TRY(find_paths(self, err));
    return take_sizes(self, err);
}

static int file_cut(struct riv_input *input, struct riv_cut *cut,
                    struct riv_err *err)
{
    struct file_input *self = (struct file_input *)input;
    for (size_t i = 0; i < self->paths.n; i++) {
        struct riv_range range = {
            .kind = RIV__RANGE_FILE,
            .source = input->index,
            .from = RIV__MIN(self->from, self->seen[i].bytes),
            .until = self->seen[i].bytes,
            .path = self->paths.path[i],
            .seen = self->seen[i],
            .offset = self->from,
        };
        if (range.from < range.until || range.until == 0) /* some read files */
            RIV__TRY(riv__cut_add(cut, &range, err));
    }
    return RIV__READ_END;
}

static void file_close(struct riv_input *input)
{
    struct file_input *self = (struct file_input *)input;
    riv__paths_fini(&self->paths);
    free(self->seen);
}

const struct riv_source_ops riv__source_file = {
    .name = "file",
    .input_size = sizeof(struct file_input),
    .flags = RIV__SOURCE_FINITE | RIV__SOURCE_FILES,
    .open = file_open,
    .cut = file_cut,
    .close = file_close,
    .pick = file_pick,
};
