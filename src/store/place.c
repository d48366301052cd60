/* store/place.c - a state directory and the order of steps in it. A journal is
 * made beside the mark "unborn"; while that is there, whatever lies beside it
 * was never used and is made again. Setting aside is written down before the
 * first file moves, so a run that was killed in it goes on where it stopped. */
#include "store/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/point.h"
#include "sys/file.h"

enum { ASIDE_MAX = 9999, ASIDE_NAME_MAX = 16, LOCK_PAUSE_MS = 10 };

static const char *const names[RIV__PLACE_FILES] = {
    [RIV__PLACE_DB] = "journal.db",
    [RIV__PLACE_WAL] = "journal.db-wal",
    [RIV__PLACE_ROLLBACK] = "journal.db-journal",
    [RIV__PLACE_HEAD] = "head",
    [RIV__PLACE_BALLAST] = "ballast",
    [RIV__PLACE_LOCK] = "lock",
    [RIV__PLACE_UNBORN] = "unborn",
    [RIV__PLACE_ASIDE] = "aside",
};

/* What is a journal's; these move together. The ballast is no one's. */
static const enum riv_place_file own[] = { RIV__PLACE_DB, RIV__PLACE_WAL,
                                           RIV__PLACE_ROLLBACK,
                                           RIV__PLACE_HEAD };

/* Strictly: where folders cannot be synced (riv__file_sync_folder lets that pass)
 * a journal might lose its files' names with the power. */
static int sync_folder(struct riv_sys *sys, const char *path,
                       struct riv_err *err)
{
    int fd = -1;
    RIV__TRY(riv__file_open(sys, path, RIV__OPEN_READ, &fd, err));
    int rc = sys->sync(sys, fd);
    sys->close(sys, fd);
    return rc < 0 ? riv__err_sys(err, -rc, "sync", path) : 0;
}

int riv__place_sync(const struct riv_place *place, struct riv_err *err)
{
    return sync_folder(place->sys, place->dir, err);
}

int riv__place_fd(const struct riv_place *place, enum riv_place_file file,
                  unsigned flags, struct riv_err *err)
{
    int fd = -1;
    RIV__TRY(riv__file_open(
        place->sys, place->path[file],
        flags | RIV__OPEN_NOFOLLOW | RIV__OPEN_PRIVATE | RIV__OPEN_NONBLOCK,
        &fd, err));
    return fd;
}

int riv__place_unlink(const struct riv_place *place, enum riv_place_file file,
                      struct riv_err *err)
{
    int rc = place->sys->unlink(place->sys, place->path[file]);
    if (rc < 0 && rc != -ENOENT)
        return riv__err_sys(err, -rc, "unlink", place->path[file]);
    return 0;
}

/* ------------------------------------------------------ owner and mode */

static int check_rights(const char *path, const struct riv_stat *st,
                        struct riv_err *err)
{
    if (!st->is_own)
        return riv__err_set(err, RIV_EPERM,
                            "%s belongs to another user; run as its owner, or "
                            "choose another state directory",
                            path);
    if (st->mode & RIV__MODE_OTHERS_WRITE)
        return riv__err_set(err, RIV_EPERM,
                            "%s may be written by others (mode %03o); take "
                            "that away: chmod go-w %s",
                            path, st->mode, path);
    return 0;
}

int riv__place_stat(const struct riv_place *place, enum riv_place_file file,
                    int64_t *ret_bytes, struct riv_err *err)
{
    struct riv_stat st;
    const char *path = place->path[file];
    int rc = place->sys->stat(place->sys, path, &st);
    if (rc == -ENOENT) {
        *ret_bytes = -1;
        return 0;
    }
    if (rc < 0)
        return riv__err_sys(err, -rc, "stat", path);
    if (st.kind != RIV__IS_FILE)
        return riv__err_set(err, RIV_ECHECKPOINT, "%s is no regular file",
                            path);
    RIV__TRY(check_rights(path, &st, err));
    *ret_bytes = (int64_t)st.bytes;
    return 0;
}

static int is_as_seen(struct riv_place *place, enum riv_place_file file,
                      struct riv_err *err)
{
    struct riv_stat st;
    struct riv_sys *sys = place->sys;
    const bool is_first = place->seen[file].inode == 0;
    const int rc = sys->stat(sys, place->path[file], &st);
    if (rc == -ENOENT && is_first)
        return 0;
    if (rc < 0 && rc != -ENOENT && rc != -ENOTDIR)
        return riv__err_sys(err, -rc, "stat", place->path[file]);
    if (rc >= 0 && is_first) {
        place->seen[file].device = st.device;
        place->seen[file].inode = st.inode;
    }
    if (rc >= 0 && st.inode == place->seen[file].inode &&
        st.device == place->seen[file].device)
        return 0;
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "%s was deleted, moved or replaced while the job ran: "
                        "what it does from then on would be lost; put all "
                        "files of the directory back as they were, or a backup",
                        place->path[file]);
}

int riv__place_is_whole(struct riv_place *place, struct riv_err *err)
{
    RIV__TRY(is_as_seen(place, RIV__PLACE_DB, err));
    RIV__TRY(is_as_seen(place, RIV__PLACE_WAL, err));
    return is_as_seen(place, RIV__PLACE_HEAD, err);
}

/* A name is there that leads nowhere: mkdir says that it is, stat that it is
 * not. */
static int no_stat(struct riv_sys *sys, const char *path, int rc,
                   struct riv_err *err)
{
    char to[RIV__PLACE_DIR_MAX];
    if (rc != -ENOENT || sys->read_link(sys, path, to, sizeof to) < 0)
        return riv__err_sys(err, -rc, "stat", path);
    return riv__err_set(err, RIV_ENOINPUT,
                        "%s is a symbolic link to %s, which is not there; make "
                        "that folder, or remove the link",
                        path, to);
}

static int check_folder(const struct riv_place *place,
                        const struct riv_place_spec *spec, struct riv_err *err)
{
    struct riv_sys *sys = place->sys;
    struct riv_stat st;
    struct riv_space space;
    int rc = sys->stat(sys, place->dir, &st);
    if (rc < 0)
        return no_stat(sys, place->dir, rc, err);
    if (st.kind != RIV__IS_DIR)
        return riv__err_sys(err, ENOTDIR, "open", place->dir);
    RIV__TRY(check_rights(place->dir, &st, err));
    rc = sys->space(sys, place->dir, &space);
    if (rc < 0)
        return riv__err_sys(err, -rc, "statfs", place->dir);
    if (space.is_remote && !spec->on_network)
        return riv__err_set(err, RIV_EPERM,
                            "%s is on a network file system, whose locks and "
                            "syncs may not hold; choose a local disk, or set "
                            "state.network=true",
                            place->dir);
    return 0;
}

/* ------------------------------------------------------------ the folder */

static int make_folder(struct riv_sys *sys, const char *path, unsigned mode,
                       struct riv_err *err)
{
    struct riv_stat st;
    int rc = sys->mkdir(sys, path, mode);
    const int seen = rc < 0 ? sys->stat(sys, path, &st) : 0;
    if (seen >= 0)
        return 0; /* EEXIST, EROFS, EACCES: fine when it is there */
    if (rc == -EEXIST)
        return no_stat(sys, path, seen, err);
    return riv__err_sys(err, -rc, "mkdir", path);
}

/* mkdir -p, of which the last one is private. */
static int make_folders(struct riv_place *place, struct riv_err *err)
{
    char path[RIV__PLACE_DIR_MAX];
    size_t n = strlen(place->dir);
    for (size_t i = 1; i <= n; i++) {
        if (i < n && place->dir[i] != '/')
            continue;
        memcpy(path, place->dir, i);
        path[i] = '\0';
        RIV__TRY(make_folder(place->sys, path,
                             i == n ? RIV__MODE_PRIVATE : RIV__MODE_PUBLIC,
                             err));
    }
    return riv__file_sync_way(place->sys, place->dir, err);
}

/* Slashes at the end are dropped; a name that begins with "file:" would be an
 * address to SQLite, so a relative one gets "./" in front. */
static int set_paths(struct riv_place *place, const char *dir,
                     struct riv_err *err)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    bool dot = n > 0 && dir[0] != '/' && dir[0] != '.';
    int put = snprintf(place->dir, sizeof place->dir, "%s%.*s", dot ? "./" : "",
                       (int)RIV__MIN(n, RIV__PLACE_DIR_MAX), dir);
    if (n == 0 || put < 0 || put >= RIV__PLACE_DIR_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "the name of a state directory has 1 to %d bytes",
                            RIV__PLACE_DIR_MAX - 3);
    for (int i = 0; i < RIV__PLACE_FILES; i++)
        snprintf(place->path[i], sizeof place->path[i], "%s/%s", place->dir,
                 names[i]);
    return 0;
}

/* ----------------------------------------------------------------- lock */

/* A process that was killed a moment ago has its locks until the system has
 * taken its memory apart: whoever starts the next one at once should not have
 * to try again. */
static int lock_soon(struct riv_sys *sys, int fd, int tries)
{
    int rc;
    while ((rc = sys->lock(sys, fd, 0, 1)) == -EAGAIN && --tries > 0)
        (void)sys->poll(sys, NULL, 0, NULL,
                        sys->mono_ns(sys) + LOCK_PAUSE_MS * INT64_C(1000000));
    return rc;
}

static int take_lock(struct riv_place *place, unsigned flags, int tries,
                     struct riv_err *err)
{
    int64_t bytes;
    struct riv_sys *sys = place->sys;
    RIV__TRY(riv__place_stat(place, RIV__PLACE_LOCK, &bytes, err));
    int fd = riv__place_fd(place, RIV__PLACE_LOCK, flags, err);
    if (fd < 0)
        return fd;
    place->lock_fd = fd;
    int rc = lock_soon(sys, fd, tries);
    if (rc == -EAGAIN)
        return riv__err_set(err, RIV_EBUSY,
                            "in use by another process (it has %s locked); "
                            "stop it first, or ask it: rivulet status %s",
                            place->path[RIV__PLACE_LOCK], place->dir);
    return rc < 0 ? riv__err_sys(err, -rc, "lock", place->path[RIV__PLACE_LOCK])
                  : 0;
}

void riv__place_close(struct riv_place *place)
{
    if (place->lock_fd >= 0)
        place->sys->close(place->sys, place->lock_fd);
    place->lock_fd = -1;
}

/* ---------------------------------------------------------------- marks */

/* 1 or 0. What cannot be said must not be taken for "no": a journal would be
 * made over the old one. */
static int is_there(const struct riv_place *place, enum riv_place_file file,
                    struct riv_err *err)
{
    struct riv_stat st;
    int rc = place->sys->stat(place->sys, place->path[file], &st);
    if (rc == -ENOENT)
        return 0;
    return rc < 0 ? riv__err_sys(err, -rc, "stat", place->path[file]) : 1;
}

/* Durable, with its text, before anything that it announces happens. */
static int set_mark(const struct riv_place *place, enum riv_place_file file,
                    const char *text, struct riv_err *err)
{
    struct riv_sys *sys = place->sys;
    const char *path = place->path[file];
    int fd = riv__place_fd(
        place, file, RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_TRUNC, err);
    if (fd < 0)
        return fd;
    int rc = riv__file_write(sys, fd, text, strlen(text), path, err);
    if (rc == 0) {
        rc = sys->sync(sys, fd);
        rc = rc < 0 ? riv__err_sys(err, -rc, "sync", path) : 0;
    }
    sys->close(sys, fd);
    return rc < 0 ? rc : riv__place_sync(place, err);
}

static int take_mark(const struct riv_place *place, enum riv_place_file file,
                     struct riv_err *err)
{
    RIV__TRY(riv__place_unlink(place, file, err));
    return riv__place_sync(place, err);
}

/* Where files are being moved to. A mark that was cut by a crash names
 * nothing, and then nothing has been moved. */
static int read_aside(const struct riv_place *place,
                      char text[ASIDE_NAME_MAX + 1], struct riv_err *err)
{
    struct riv_sys *sys = place->sys;
    int fd = riv__place_fd(place, RIV__PLACE_ASIDE, RIV__OPEN_READ, err);
    if (fd < 0)
        return fd;
    int64_t n = riv__file_pread(sys, fd, text, ASIDE_NAME_MAX, 0,
                                place->path[RIV__PLACE_ASIDE], err);
    sys->close(sys, fd);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    char *end = strchr(text, '\n');
    if (!end || strncmp(text, "old-", 4) != 0 ||
        strspn(text + 4, "0123456789") != (size_t)(end - text - 4))
        end = text;
    *end = '\0';
    return 0;
}

/* The first number that is free. */
static int make_aside(const struct riv_place *place, char name[ASIDE_NAME_MAX],
                      struct riv_err *err)
{
    char path[RIV__PLACE_PATH_MAX];
    struct riv_sys *sys = place->sys;
    for (int i = 1; i <= ASIDE_MAX; i++) {
        snprintf(name, ASIDE_NAME_MAX, "old-%d\n", i);
        snprintf(path, sizeof path, "%s/old-%d", place->dir, i);
        int rc = sys->mkdir(sys, path, RIV__MODE_PRIVATE);
        if (rc == 0)
            return set_mark(place, RIV__PLACE_ASIDE, name, err);
        if (rc != -EEXIST)
            return riv__err_sys(err, -rc, "mkdir", path);
    }
    return riv__err_set(err, RIV_EEXISTS,
                        "%d journals have been set aside in %s; remove some",
                        ASIDE_MAX, place->dir);
}

/* Ends with the mark "unborn" set and "aside" gone: from then on, what lies
 * here belongs to the new one. */
static int move_aside(const struct riv_place *place, const char *name,
                      struct riv_err *err)
{
    char folder[RIV__PLACE_PATH_MAX], to[2 * RIV__PLACE_PATH_MAX];
    struct riv_sys *sys = place->sys;
    snprintf(folder, sizeof folder, "%s/%s", place->dir, name);
    for (size_t i = 0; i < RIV__LEN(own); i++) {
        snprintf(to, sizeof to, "%s/%s", folder, names[own[i]]);
        RIV_POINT("journal.before_aside");
        int rc = sys->rename(sys, place->path[own[i]], to);
        if (rc < 0 && rc != -ENOENT)
            return riv__err_sys(err, -rc, "rename", place->path[own[i]]);
    }
    RIV__TRY(sync_folder(sys, folder, err));
    RIV__TRY(set_mark(place, RIV__PLACE_UNBORN, "", err));
    RIV_POINT("journal.after_aside");
    return take_mark(place, RIV__PLACE_ASIDE, err);
}

/* 1 or 0. */
static int has_journal(const struct riv_place *place, struct riv_err *err)
{
    for (size_t i = 0; i < RIV__LEN(own); i++) {
        int rc = is_there(place, own[i], err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* What a run that was killed left half done. */
static int go_on(const struct riv_place *place, struct riv_err *err)
{
    char name[ASIDE_NAME_MAX + 1];
    int rc = is_there(place, RIV__PLACE_ASIDE, err);
    if (rc <= 0)
        return rc;
    rc = is_there(place, RIV__PLACE_UNBORN, err);
    if (rc < 0)
        return rc;
    if (rc > 0)
        return take_mark(place, RIV__PLACE_ASIDE, err);
    RIV__TRY(read_aside(place, name, err));
    if (!name[0])
        return take_mark(place, RIV__PLACE_ASIDE, err);
    return move_aside(place, name, err);
}

static int set_aside(const struct riv_place *place, struct riv_err *err)
{
    char name[ASIDE_NAME_MAX];
    int rc = is_there(place, RIV__PLACE_UNBORN, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = has_journal(place, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return riv__place_unlink(place, RIV__PLACE_BALLAST, err);
    RIV__TRY(make_aside(place, name, err));
    name[strcspn(name, "\n")] = '\0';
    return move_aside(place, name, err);
}

/* Files that nobody has used yet; then the mark, if it is not there. */
static int begin(const struct riv_place *place, struct riv_err *err)
{
    RIV__TRY(set_mark(place, RIV__PLACE_UNBORN, "", err));
    for (size_t i = 0; i < RIV__LEN(own); i++)
        RIV__TRY(riv__place_unlink(place, own[i], err));
    return riv__place_sync(place, err);
}

/* 1: there is none and never was; 0: there is one. A new one is made only where
 * there is no trace of an older one. */
static int is_new(const struct riv_place *place, struct riv_err *err)
{
    int unborn = is_there(place, RIV__PLACE_UNBORN, err);
    if (unborn != 0)
        return unborn;
    int journal = has_journal(place, err);
    int ballast = is_there(place, RIV__PLACE_BALLAST, err);
    int db = is_there(place, RIV__PLACE_DB, err);
    if (journal < 0 || ballast < 0 || db < 0)
        return RIV__MIN(journal, RIV__MIN(ballast, db));
    if (!journal && ballast)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db, journal.db-wal and head are missing, "
                            "but a journal was here");
    if (journal && !db)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db is missing, but other files of a "
                            "journal are here");
    return !journal;
}

/* Where nothing can be written, on a snapshot or a backup, nobody has it. */
static bool is_on_read_only(struct riv_place *place)
{
    const int fd =
        riv__file_open_plain(place->sys, place->path[RIV__PLACE_LOCK],
                             RIV__OPEN_WRITE | RIV__OPEN_NOFOLLOW);
    if (fd >= 0)
        place->sys->close(place->sys, fd);
    return fd == -EROFS;
}

static int open_to_read(struct riv_place *place, struct riv_err *err)
{
    int rc = is_there(place, RIV__PLACE_LOCK, err);
    if (rc > 0 && !is_on_read_only(place))
        rc = take_lock(place, RIV__OPEN_READ | RIV__OPEN_WRITE, 1, err);
    if (rc >= 0)
        rc = is_there(place, RIV__PLACE_ASIDE, err);
    if (rc > 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "a fresh start was interrupted; the next run goes "
                            "on with it");
    if (rc == 0)
        rc = is_new(place, err);
    if (rc > 0)
        return riv__err_set(err, RIV_ENOINPUT, "there is no journal");
    return rc;
}

int riv__place_open(struct riv_place *place, const struct riv_place_spec *spec,
                    bool *ret_is_new, struct riv_err *err)
{
    *place = (struct riv_place){ .sys = spec->sys, .lock_fd = -1 };
    *ret_is_new = false;
    RIV__TRY(set_paths(place, spec->dir, err));
    if (!spec->is_read_only)
        RIV__TRY(make_folders(place, err));
    RIV__TRY(check_folder(place, spec, err));
    if (spec->is_read_only)
        return open_to_read(place, err);
    RIV__TRY(take_lock(place,
                       RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_CREATE,
                       RIV__PLACE_LOCK_TRIES_MAX, err));
    RIV__TRY(go_on(place, err));
    if (spec->fresh)
        RIV__TRY(set_aside(place, err));
    int rc = is_new(place, err);
    if (rc <= 0)
        return rc;
    *ret_is_new = true;
    return begin(place, err);
}

int riv__place_born(struct riv_place *place, struct riv_err *err)
{
    RIV__TRY(riv__place_sync(place, err));
    RIV_POINT("journal.before_born");
    RIV__TRY(take_mark(place, RIV__PLACE_UNBORN, err));
    RIV_POINT("journal.after_born");
    return 0;
}
