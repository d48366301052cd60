/* connect/watch.c - scanning folders: each list of names, sorted, is merged
 * with the one before, so a scan costs a list and a look at each new name. */
#include "connect/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "sys/file.h"

enum { CHECKS_PER_SCAN = 16 };

enum seen_state {
    SEEN_FRESH, /* not yet the same at two looks */
    SEEN_TAKEN,
    SEEN_OLD,      /* was there before the start */
    SEEN_RECALLED, /* an earlier run has read it, if it still is that file */
    SEEN_REFUSED   /* a link, a folder, a device */
};

struct riv_seen {
    char *name;
    enum seen_state state;
    uint64_t bytes, device, inode; /* 0: not looked at yet */
    int64_t mtime_ns, birth_ns;
};

void riv__watch_init(struct riv_watch *watch, struct riv_sys *sys,
                     const char *pattern, bool take_old)
{
    *watch = (struct riv_watch){ .sys = sys,
                                 .pattern = pattern,
                                 .take_old = take_old };
}

static void folder_fini(struct riv_folder *folder)
{
    for (size_t i = 0; i < folder->n; i++)
        free(folder->seen[i].name);
    free(folder->seen);
    free(folder->path);
    *folder = (struct riv_folder){ .path = NULL };
}

static void forget_found(struct riv_watch *watch)
{
    for (size_t i = 0; i < watch->nfound; i++)
        free(watch->found[i].path);
    watch->nfound = 0;
}

void riv__watch_fini(struct riv_watch *watch)
{
    for (size_t i = 0; i < watch->nfolder; i++)
        folder_fini(&watch->folder[i]);
    free(watch->folder);
    forget_found(watch);
    free(watch->found);
    riv__paths_fini(&watch->gone);
    *watch = (struct riv_watch){ .sys = watch->sys };
}

/* Names under which programs write what they rename afterwards. */
static bool in_progress(const char *name)
{
    return name[0] == '.' || riv__str_ends(riv_cstr(name), ".tmp") ||
           riv__str_ends(riv_cstr(name), ".part") ||
           riv__str_ends(riv_cstr(name), "._COPYING_");
}

static int take(struct riv_watch *watch, const char *dir,
                const struct riv_seen *seen, struct riv_err *err)
{
    struct riv_paths one = { .path = NULL };
    RIV__TRY(riv__paths_add(&one, dir, seen->name, err));
    if (RIV__VEC_ROOM(watch->found, watch->found_cap, watch->nfound + 1) < 0) {
        riv__paths_fini(&one);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu new files",
                            watch->nfound);
    }
    watch->found[watch->nfound++] = (struct riv_found){
        .path = RIV__TAKE(one.path[0]),
        .bytes = seen->bytes,
        .device = seen->device,
        .inode = seen->inode,
        .mtime_ns = seen->mtime_ns,
        .birth_ns = seen->birth_ns,
    };
    riv__paths_fini(&one);
    return 0;
}

/* Opens without following a link and without waiting for a FIFO. 0 or a
 * negative errno; what is no file is -EINVAL. */
static int look(struct riv_watch *watch, const char *path, struct riv_stat *ret)
{
    struct riv_sys *sys = watch->sys;
    int fd = riv__file_open_plain(
        sys, path, RIV__OPEN_READ | RIV__OPEN_NOFOLLOW | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return fd;
    int rc = sys->fstat(sys, fd, ret);
    sys->close(sys, fd);
    if (rc < 0)
        return rc;
    return ret->kind == RIV__IS_FILE ? 0 : -EINVAL;
}

static bool settled(const struct riv_seen *seen, const struct riv_stat *st)
{
    return st->bytes > 0 && st->bytes == seen->bytes &&
           st->inode == seen->inode && st->mtime_ns == seen->mtime_ns;
}

static void remember(struct riv_seen *seen, const struct riv_stat *st)
{
    seen->bytes = st->bytes;
    seen->device = st->device;
    seen->inode = st->inode;
    seen->mtime_ns = st->mtime_ns;
    seen->birth_ns = st->birth_ns;
}

/* Looks at a file that is not taken yet. */
static int look_fresh(struct riv_watch *watch, const char *dir,
                      struct riv_seen *seen, struct riv_err *err)
{
    struct riv_paths one = { .path = NULL };
    struct riv_stat st;
    RIV__TRY(riv__paths_add(&one, dir, seen->name, err));
    int rc = look(watch, one.path[0], &st);
    riv__paths_fini(&one);
    if (rc == -ELOOP || rc == -EINVAL || rc == -ENXIO) {
        seen->state = SEEN_REFUSED;
        return 0;
    }
    if (rc < 0) {
        watch->unreadable += rc != -ENOENT; /* gone again: no news */
        return 0;
    }
    if (settled(seen, &st)) {
        RIV__TRY(take(watch, dir, seen, err));
        seen->state = SEEN_TAKEN;
    }
    remember(seen, &st);
    return 0;
}

/* 0; 1: it is gone, or is looked at again in the next scan. */
static int stat_one(const struct riv_watch *watch, const char *dir,
                    const struct riv_seen *seen, struct riv_stat *ret,
                    struct riv_err *err)
{
    struct riv_paths one = { .path = NULL };
    RIV__TRY(riv__paths_add(&one, dir, seen->name, err));
    const int rc = watch->sys->stat(watch->sys, one.path[0], ret);
    riv__paths_fini(&one);
    return rc < 0;
}

/* A taken file is looked at again now and then, to say that what was added to
 * it is not read. */
static int look_taken(struct riv_watch *watch, const char *dir,
                      struct riv_seen *seen, struct riv_err *err)
{
    struct riv_stat st;
    const int rc = stat_one(watch, dir, seen, &st, err);
    if (rc != 0)
        return RIV__MIN(rc, 0);
    watch->changed += !settled(seen, &st);
    remember(seen, &st);
    return 0;
}

/* Another file may have its name by now. */
static int look_recalled(struct riv_watch *watch, const char *dir,
                         struct riv_seen *seen, struct riv_err *err)
{
    struct riv_stat st;
    const int rc = stat_one(watch, dir, seen, &st, err);
    if (rc != 0)
        return RIV__MIN(rc, 0);
    const bool same = st.inode == seen->inode && st.birth_ns == seen->birth_ns;
    seen->state = same ? SEEN_TAKEN : SEEN_FRESH;
    if (seen->state == SEEN_FRESH)
        seen->bytes = 0;
    return 0;
}

static int look_all(struct riv_watch *watch, struct riv_folder *folder,
                    struct riv_err *err)
{
    for (size_t i = 0; i < folder->n; i++) {
        if (folder->seen[i].state == SEEN_RECALLED)
            RIV__TRY(look_recalled(watch, folder->path, &folder->seen[i], err));
        if (folder->seen[i].state == SEEN_FRESH)
            RIV__TRY(look_fresh(watch, folder->path, &folder->seen[i], err));
    }
    for (size_t k = 0; k < RIV__MIN(folder->n, CHECKS_PER_SCAN); k++) {
        struct riv_seen *seen = &folder->seen[watch->check++ % folder->n];
        if (seen->state == SEEN_TAKEN)
            RIV__TRY(look_taken(watch, folder->path, seen, err));
    }
    return 0;
}

/* Sorted names and the sorted list from before give the new list: a name that
 * is in both keeps its history, which moves. */
static int merge(struct riv_folder *old, char *const *names, size_t n,
                 enum seen_state state, struct riv_folder *to)
{
    size_t k = 0;
    to->seen = calloc(n + 1, sizeof *to->seen);
    if (!to->seen)
        return RIV_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (in_progress(names[i]))
            continue;
        while (k < old->n && strcmp(old->seen[k].name, names[i]) < 0)
            k++;
        struct riv_seen *seen = &to->seen[to->n];
        if (k < old->n && !strcmp(old->seen[k].name, names[i])) {
            *seen = old->seen[k];
            old->seen[k++].name = NULL;
        } else {
            seen->state = state;
            seen->name = strdup(names[i]);
            if (!seen->name)
                return RIV_ENOMEM;
        }
        to->n++;
    }
    return 0;
}

/* Of what is left in the old list of a folder, what somebody keeps. */
static int tell_gone(struct riv_watch *watch, const struct riv_folder *old,
                     struct riv_err *err)
{
    for (size_t i = 0; watch->tells_gone && i < old->n; i++) {
        const struct riv_seen *seen = &old->seen[i];
        if (seen->name && seen->state != SEEN_FRESH &&
            seen->state != SEEN_REFUSED)
            RIV__TRY(riv__paths_add(&watch->gone, old->path, seen->name, err));
    }
    return 0;
}

/* The names of one folder, in place of those of the scan before. */
static int list_folder(struct riv_watch *watch, struct riv_folder *folder,
                       struct riv_err *err)
{
    char **names;
    size_t n;
    struct riv_folder next = { .path = folder->path, .present = true };
    bool is_old = !watch->scanned && !watch->take_old;
    RIV__TRY(riv__file_list(watch->sys, folder->path, &names, &n, err));
    int rc = merge(folder, names, n, is_old ? SEEN_OLD : SEEN_FRESH, &next);
    free(names);
    if (rc < 0)
        rc = riv__err_set(err, rc, "no memory for the names in %s",
                          folder->path);
    else
        rc = tell_gone(watch, folder, err);
    watch->nnames += next.n - folder->n;
    folder->path = NULL;
    folder_fini(folder);
    *folder = next;
    RIV__TRY(rc);
    if (watch->nnames > RIV__WATCH_NAMES_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "more than %d files in %s: move "
                            "away what was read",
                            RIV__WATCH_NAMES_MAX, watch->pattern);
    return 0;
}

/* Without slashes at its end, which a journal has not in the paths of its files
 * either; one stays of the root. */
static size_t bare_bytes(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

static int find_folder(struct riv_watch *watch, const char *path,
                       struct riv_folder **ret, struct riv_err *err)
{
    const size_t n = bare_bytes(path);
    for (size_t i = 0; i < watch->nfolder; i++) {
        if (riv_eq(riv_cstr(watch->folder[i].path), riv__str(path, n))) {
            *ret = &watch->folder[i];
            return 0;
        }
    }
    char *copy = strndup(path, n);
    if (!copy || RIV__VEC_ROOM(watch->folder, watch->folder_cap,
                               watch->nfolder + 1) < 0) {
        free(copy);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu folders",
                            watch->nfolder);
    }
    *ret = &watch->folder[watch->nfolder++];
    **ret = (struct riv_folder){ .path = copy };
    return 0;
}

static bool is_folder(struct riv_watch *watch, const char *path)
{
    struct riv_stat st;
    return watch->sys->stat(watch->sys, path, &st) >= 0 &&
           st.kind == RIV__IS_DIR;
}

static int scan_path(struct riv_watch *watch, const char *path,
                     struct riv_err *err)
{
    struct riv_folder *folder = NULL;
    RIV__TRY(find_folder(watch, path, &folder, err));
    folder->present = true;
    RIV__TRY(list_folder(watch, folder, err));
    return look_all(watch, folder, err);
}

/* Folders that no longer match are forgotten, with their names. */
static int drop_absent(struct riv_watch *watch, struct riv_err *err)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < watch->nfolder; i++) {
        struct riv_folder *folder = &watch->folder[i];
        if (folder->present) {
            watch->folder[kept++] = *folder;
            continue;
        }
        watch->nnames -= folder->n;
        rc = rc < 0 ? rc : tell_gone(watch, folder, err);
        folder_fini(folder);
    }
    watch->nfolder = kept;
    return rc;
}

/* Of what a pattern matches, the folders. */
static int scan_pattern(struct riv_watch *watch, struct riv_err *err)
{
    struct riv_paths paths = { .path = NULL };
    int rc = riv__paths_match(watch->sys, watch->pattern, &paths, err);
    for (size_t i = 0; i < paths.n && rc >= 0; i++) {
        if (is_folder(watch, paths.path[i]))
            rc = scan_path(watch, paths.path[i], err);
        if (rc == RIV_ENOINPUT) /* gone since */
            rc = 0;
    }
    riv__paths_fini(&paths);
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const struct riv_found *x = a, *y = b;
    if (x->mtime_ns != y->mtime_ns)
        return x->mtime_ns < y->mtime_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

int riv__watch_scan(struct riv_watch *watch, struct riv_err *err)
{
    forget_found(watch);
    watch->unreadable = 0;
    for (size_t i = 0; i < watch->nfolder; i++)
        watch->folder[i].present = false;
    int rc = riv__paths_is_pattern(watch->pattern)
                 ? scan_pattern(watch, err)
                 : scan_path(watch, watch->pattern, err);
    if (watch->nfound > 1)
        qsort(watch->found, watch->nfound, sizeof *watch->found, by_time);
    if (rc == 0)
        rc = drop_absent(watch, err);
    RIV__TRY(rc);
    watch->scanned = true;
    return 0;
}

/* ------------------------------------------------------------- for a journal */

static int by_name(const void *a, const void *b)
{
    const struct riv_seen *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void riv__watch_forget(struct riv_watch *watch)
{
    for (size_t i = 0; i < watch->nfolder; i++)
        folder_fini(&watch->folder[i]);
    watch->nfolder = watch->nnames = 0;
    watch->scanned = false;
}

int riv__watch_recall(struct riv_watch *watch, const char *path,
                      const struct riv_found *was, struct riv_err *err)
{
    const char *slash = strrchr(path, '/');
    struct riv_folder *folder = NULL;
    const size_t n = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    char *dir = strndup(path, n);
    char *name = strdup(slash ? slash + 1 : path);
    int rc = dir && name ? find_folder(watch, dir, &folder, err) : RIV_ENOMEM;
    if (rc == 0)
        rc = RIV__VEC_ROOM(folder->seen, folder->cap, folder->n + 1);
    free(dir);
    if (rc < 0) {
        free(name);
        return riv__err_set(err, rc, "no memory for the names that were read");
    }
    folder->seen[folder->n++] = (struct riv_seen){ .name = name,
                                                   .state = SEEN_RECALLED,
                                                   .bytes = was->bytes,
                                                   .inode = was->inode,
                                                   .mtime_ns = was->mtime_ns,
                                                   .birth_ns = was->birth_ns };
    watch->nnames++;
    return 0;
}

void riv__watch_recalled(struct riv_watch *watch)
{
    watch->take_old = true;
    watch->tells_gone = true;
    for (size_t i = 0; i < watch->nfolder; i++) {
        struct riv_folder *folder = &watch->folder[i];
        if (folder->n > 1)
            qsort(folder->seen, folder->n, sizeof *folder->seen, by_name);
    }
}

int riv__watch_each_old(struct riv_watch *watch, riv__watch_fn *each, void *arg,
                        struct riv_err *err)
{
    for (size_t i = 0; i < watch->nfolder; i++) {
        const struct riv_folder *folder = &watch->folder[i];
        for (size_t k = 0; k < folder->n; k++) {
            const struct riv_seen *seen = &folder->seen[k];
            struct riv_paths one = { .path = NULL };
            struct riv_stat st = { .inode = 0 };
            if (seen->state != SEEN_OLD)
                continue;
            RIV__TRY(riv__paths_add(&one, folder->path, seen->name, err));
            (void)watch->sys->stat(watch->sys, one.path[0], &st);
            const struct riv_found file = { .bytes = st.bytes,
                                            .inode = st.inode,
                                            .mtime_ns = st.mtime_ns,
                                            .birth_ns = st.birth_ns };
            each(arg, one.path[0], &file);
            riv__paths_fini(&one);
        }
    }
    return 0;
}

void riv__watch_gone_reset(struct riv_watch *watch)
{
    riv__paths_fini(&watch->gone);
}
