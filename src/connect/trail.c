/* connect/trail.c - finding a followed file again. Rotation renames files or
 * copies and truncates them; a copy has another inode, so what was copied away
 * while nobody looked is not found, and that is said. */
#include "connect/trail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "connect/paths.h"
#include "data/hash.h"
#include "sys/file.h"

/* Reads at most `most` first bytes. */
static int head_of(struct riv_sys *sys, int fd, const char *path, uint64_t most,
                   struct riv_trail_file *ret, struct riv_err *err)
{
    char head[RIV__TRAIL_HEAD_BYTES];
    int64_t n = riv__file_pread(sys, fd, head, (size_t)most, 0, path, err);
    if (n < 0)
        return (int)n;
    ret->head_bytes = (uint64_t)n;
    ret->head_sum = riv__hash_bytes(head, (size_t)n);
    return 0;
}

int riv__trail_look(struct riv_sys *sys, int fd, const char *path,
                    struct riv_trail_file *ret, struct riv_err *err)
{
    struct riv_stat st;
    int rc = sys->fstat(sys, fd, &st);
    if (rc < 0)
        return riv__err_sys(err, -rc, "fstat", path);
    ret->device = st.device;
    ret->inode = st.inode;
    return head_of(sys, fd, path, RIV__TRAIL_HEAD_BYTES, ret, err);
}

int riv__trail_same(struct riv_sys *sys, int fd, const char *path,
                    const struct riv_trail_file *was, struct riv_err *err)
{
    struct riv_trail_file now = { .number = 0 };
    struct riv_stat st;
    int rc = sys->fstat(sys, fd, &st);
    if (rc < 0)
        return riv__err_sys(err, -rc, "fstat", path);
    if (st.device != was->device || st.inode != was->inode ||
        st.kind != RIV__IS_FILE)
        return 0;
    RIV__TRY(head_of(sys, fd, path,
                     RIV__MIN(was->head_bytes, RIV__TRAIL_HEAD_BYTES), &now,
                     err));
    return now.head_bytes == was->head_bytes && now.head_sum == was->head_sum;
}

bool riv__trail_is(const struct riv_trail_file *a,
                   const struct riv_trail_file *b)
{
    if (a->device != b->device || a->inode != b->inode)
        return false;
    return a->head_bytes != b->head_bytes || a->head_sum == b->head_sum;
}

void riv__trail_put(struct riv_stand *to, const struct riv_trail_file *file)
{
    riv__stand_put(to, "device", file->device);
    riv__stand_put(to, "inode", file->inode);
    riv__stand_put(to, "head", file->head_bytes);
    riv__stand_put(to, "sum", file->head_sum);
}

bool riv__trail_get(riv_str words, struct riv_trail_file *ret)
{
    *ret = (struct riv_trail_file){ .number = 0 };
    return riv__stand_get(words, "device", &ret->device) &&
           riv__stand_get(words, "inode", &ret->inode) &&
           riv__stand_get(words, "head", &ret->head_bytes) &&
           riv__stand_get(words, "sum", &ret->head_sum);
}

/* ------------------------------------------------------------------ finding */

struct candidate {
    char *path;
    int64_t mtime_ns;
};

struct finding {
    struct riv_sys *sys;
    const char *path; /* as it is followed */
    const struct riv_trail_file *was;
    struct candidate *found;
    size_t n;
};

/* What is not there, or not for us to read, is not the file. Without descriptors
 * or memory, or with a sick disk, nobody knows. */
static bool is_none(int sysno)
{
    switch (sysno) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENXIO: return true;
    default: return false;
    }
}

/* 1: it is the file, 0: it is not. */
static int is_it(struct finding *f, const char *path, struct riv_err *err)
{
    struct riv_sys *sys = f->sys;
    int fd =
        riv__file_open_plain(sys, path, RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return is_none(-fd) ? 0 : riv__paths_error(err, -fd, path);
    int rc = riv__trail_same(sys, fd, path, f->was, err);
    sys->close(sys, fd);
    return rc;
}

/* The folder of a path, with its slash; and the rest. */
static size_t folder_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* "log.1", "log-20260101" for "log"; not "log" itself, not what programs
 * compress into. */
static bool is_rotated_name(const char *name, const char *base)
{
    const size_t n = strlen(base);
    return strncmp(name, base, n) == 0 && (name[n] == '.' || name[n] == '-');
}

static int by_time(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->mtime_ns != y->mtime_ns)
        return x->mtime_ns < y->mtime_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* The names beside the path, as paths. */
static int siblings(struct finding *f, struct riv_paths *to,
                    struct riv_err *err)
{
    const size_t n = folder_bytes(f->path);
    const char *base = f->path + n;
    char **names = NULL;
    size_t nname;
    char *dir = n > 0 ? strndup(f->path, n) : strdup(".");
    int rc = dir ? riv__file_list(f->sys, dir, &names, &nname, err)
                 : riv__err_set(err, RIV_ENOMEM, "no memory for a path");
    for (size_t i = 0; rc == 0 && i < nname; i++)
        if (is_rotated_name(names[i], base))
            rc = riv__paths_add(to, n > 0 ? dir : "", names[i], err);
    free(names);
    free(dir);
    return rc;
}

/* Regular files among the siblings, with their times. */
static int candidates(struct finding *f, const struct riv_paths *paths,
                      struct riv_err *err)
{
    struct riv_stat st;
    f->found = calloc(paths->n + 1, sizeof *f->found);
    if (!f->found)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu paths",
                            paths->n);
    for (size_t i = 0; i < paths->n; i++) {
        if (f->sys->stat(f->sys, paths->path[i], &st) < 0 ||
            st.kind != RIV__IS_FILE)
            continue;
        f->found[f->n++] = (struct candidate){ .path = paths->path[i],
                                               .mtime_ns = st.mtime_ns };
    }
    if (f->n > 1)
        qsort(f->found, f->n, sizeof *f->found, by_time);
    return 0;
}

static bool is_packed(const char *path)
{
    static const char *const ends[] = { ".gz", ".xz", ".bz2", ".zst", ".lz4" };
    const size_t n = strlen(path);
    for (size_t i = 0; i < RIV__LEN(ends); i++) {
        const size_t k = strlen(ends[i]);
        if (n > k && strcmp(path + n - k, ends[i]) == 0)
            return true;
    }
    return false;
}

/* The one that it is now, then what came after it. */
static int take_from(struct finding *f, size_t first, struct riv_paths *ret,
                     struct riv_err *err)
{
    for (size_t i = first; i < f->n; i++) {
        const char *path = f->found[i].path;
        if (is_packed(path))
            return riv__err_set(err, RIV_ENOINPUT,
                                "%s came between and is compressed: unpack it "
                                "there, or begin anew with -c "
                                "source.reset=tail:%s",
                                path, f->path);
        RIV__TRY(riv__paths_add(ret, "", path, err));
    }
    return riv__paths_add(ret, "", f->path, err);
}

static int find_rotated(struct finding *f, struct riv_paths *ret,
                        struct riv_err *err)
{
    struct riv_paths paths = { .path = NULL };
    int rc = siblings(f, &paths, err);
    if (rc == 0)
        rc = candidates(f, &paths, err);
    int is = 0;
    for (size_t i = 0; rc == 0 && is == 0 && i < f->n; i++) {
        is = is_it(f, f->found[i].path, err);
        rc = is < 0 ? is : 0;
        if (is == 1)
            rc = take_from(f, i, ret, err);
    }
    free(f->found);
    riv__paths_fini(&paths);
    return rc;
}

int riv__trail_find(struct riv_sys *sys, const char *path,
                    const struct riv_trail_file *was, struct riv_paths *ret,
                    struct riv_err *err)
{
    struct finding f = { .sys = sys, .path = path, .was = was };
    *ret = (struct riv_paths){ .path = NULL };
    int is = is_it(&f, path, err);
    int rc = is < 0    ? is
             : is == 1 ? riv__paths_add(ret, "", path, err)
                       : find_rotated(&f, ret, err);
    if (rc < 0)
        riv__paths_fini(ret);
    return rc;
}
