/* io/parts.c - a folder of part files that appears whole. Its files and the
 * folder itself are on disk before the rename, so that after a crash there is
 * the whole folder or none. Replacing an existing one takes two renames: for a
 * moment there is none. */
#include "io/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096 };

static int out_of_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for a path");
}

/* "FOLDER/name" in heap memory; NULL: no memory, or too long. */
static char *path_in(const char *folder, const char *name)
{
    struct riv_buf path;
    riv__buf_init(&path, PATH_BYTES_MAX);
    riv__buf_printf(&path, "%s/%s", folder, name);
    riv__buf_char(&path, '\0');
    if (path.failed)
        riv__buf_fini(&path);
    return path.failed ? NULL : path.p;
}

/* Beside the folder, hidden, and named like no other. */
static char *temporary(struct riv_sys *sys, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t dir = slash ? (size_t)(slash - path) + 1 : 0;
    uint32_t number = 0;
    struct riv_buf name;
    sys->random(sys, &number, sizeof number);
    riv__buf_init(&name, PATH_BYTES_MAX);
    riv__buf_add(&name, path, dir);
    riv__buf_printf(&name, ".%s.%08x.part", path + dir, number);
    riv__buf_char(&name, '\0');
    if (name.failed)
        riv__buf_fini(&name);
    return name.failed ? NULL : name.p;
}

static int look(const struct riv_parts *parts, struct riv_err *err)
{
    struct riv_stat stat;
    if (parts->sys->stat(parts->sys, parts->path, &stat) < 0)
        return 0;
    if (stat.kind == RIV__IS_DIR && parts->replaces)
        return 0;
    return riv__err_set(err, RIV_EEXISTS,
                        "%s exists already, and results are not overwritten: "
                        "remove it, or name another folder",
                        parts->path);
}

int riv__parts_begin(struct riv_parts *parts, struct riv_sys *sys,
                     const char *path, bool replaces, struct riv_err *err)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    *parts = (struct riv_parts){ .sys = sys, .replaces = replaces };
    if (n == 0)
        return riv__err_set(err, RIV_EINVAL, "%s is no name of a folder", path);
    parts->path = strndup(path, n);
    if (!parts->path)
        return out_of_memory(err);
    RIV__TRY(look(parts, err));
    char *temp = temporary(sys, parts->path);
    if (!temp)
        return out_of_memory(err);
    int rc = sys->mkdir(sys, temp, RIV__MODE_PUBLIC);
    if (rc < 0) {
        free(temp);
        return riv__err_sys(err, -rc, "cannot make", parts->path);
    }
    parts->temp = temp;
    return 0;
}

static char *number_path(const struct riv_parts *parts, uint32_t number)
{
    struct riv_buf path;
    riv__buf_init(&path, PATH_BYTES_MAX);
    riv__buf_printf(&path, "%s/%u", parts->temp, number);
    riv__buf_char(&path, '\0');
    if (path.failed)
        riv__buf_fini(&path);
    return path.failed ? NULL : path.p;
}

int riv__parts_open(const struct riv_parts *parts, uint32_t number, int *ret_fd,
                    struct riv_err *err)
{
    char *path = number_path(parts, number);
    int rc = path ? riv__file_open(
                        parts->sys, path,
                        RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_EXCL,
                        ret_fd, err)
                  : out_of_memory(err);
    free(path);
    return rc < 0 ? rc : 0;
}

void riv__parts_drop(const struct riv_parts *parts, uint32_t number)
{
    char *path = number_path(parts, number);
    if (path)
        parts->sys->unlink(parts->sys, path);
    free(path);
}

int riv__parts_write(const struct riv_parts *parts, int fd, const char *p,
                     size_t n, struct riv_err *err)
{
    return riv__file_write(parts->sys, fd, p, n, parts->path, err);
}

int riv__parts_close(const struct riv_parts *parts, int fd, struct riv_err *err)
{
    int rc = parts->sys->sync(parts->sys, fd);
    parts->sys->close(parts->sys, fd);
    return rc < 0 ? riv__err_sys(err, -rc, "fsync a file of", parts->path) : 0;
}

static int name_part(struct riv_parts *parts, uint32_t number, size_t k,
                     struct riv_err *err)
{
    struct riv_buf name;
    riv__buf_init(&name, 32);
    riv__buf_printf(&name, "part-%05zu", k);
    riv__buf_char(&name, '\0');
    char *from = number_path(parts, number);
    char *to = name.failed ? NULL : path_in(parts->temp, name.p);
    int rc = from && to ? parts->sys->rename(parts->sys, from, to) : 0;
    if (!from || !to)
        rc = out_of_memory(err);
    else if (rc < 0)
        rc = riv__err_sys(err, -rc, "rename", from);
    riv__buf_fini(&name);
    free(from);
    free(to);
    return rc;
}

static int lay_success(struct riv_parts *parts, struct riv_err *err)
{
    char *path = path_in(parts->temp, "_SUCCESS");
    int fd = -1;
    int rc = path ? riv__file_open(parts->sys, path,
                                   RIV__OPEN_WRITE | RIV__OPEN_CREATE, &fd, err)
                  : out_of_memory(err);
    free(path);
    return rc < 0 ? rc : riv__parts_close(parts, fd, err);
}

static int sync_above(struct riv_sys *sys, const char *path,
                      struct riv_err *err)
{
    const char *slash = strrchr(path, '/');
    char *above =
        slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int rc =
        above ? riv__file_sync_folder(sys, above, err) : out_of_memory(err);
    free(above);
    return rc;
}

struct removal {
    struct riv_sys *sys;
    const char *folder;
};

static int remove_one(void *arg, const char *name)
{
    const struct removal *r = arg;
    char *path = path_in(r->folder, name);
    if (path)
        r->sys->unlink(r->sys, path);
    free(path);
    return 0;
}

/* What cannot be removed stays. */
void riv__parts_remove(struct riv_sys *sys, const char *path)
{
    struct removal r = { sys, path };
    sys->list(sys, path, remove_one, &r);
    sys->rmdir(sys, path);
}

/* The old folder out of the way, under a hidden name; *ret NULL: there was
 * none. */
static int move_old(struct riv_parts *parts, char **ret, struct riv_err *err)
{
    struct riv_sys *sys = parts->sys;
    *ret = NULL;
    if (!riv__file_exists(sys, parts->path))
        return 0;
    RIV__TRY(look(parts, err)); /* it may have come meanwhile */
    char *old = temporary(sys, parts->path);
    if (!old)
        return out_of_memory(err);
    int rc = sys->rename(sys, parts->path, old);
    if (rc < 0) {
        free(old);
        return riv__err_sys(err, -rc, "rename", parts->path);
    }
    *ret = old;
    return 0;
}

static int show(struct riv_parts *parts, struct riv_err *err)
{
    struct riv_sys *sys = parts->sys;
    char *old = NULL;
    RIV__TRY(move_old(parts, &old, err));
    int rc = sys->rename(sys, parts->temp, parts->path);
    if (rc < 0)
        rc = riv__err_sys(err, -rc, "rename", parts->temp);
    else
        free(RIV__TAKE(parts->temp));
    if (rc == 0 && old)
        riv__parts_remove(sys, old);
    else if (old)
        (void)sys->rename(sys, old, parts->path); /* back again */
    free(old);
    return rc == 0 ? sync_above(sys, parts->path, err) : rc;
}

int riv__parts_publish(struct riv_parts *parts, const uint32_t *number,
                       size_t n, struct riv_err *err)
{
    for (size_t k = 0; k < n; k++)
        RIV__TRY(name_part(parts, number[k], k, err));
    RIV__TRY(lay_success(parts, err));
    RIV__TRY(riv__file_sync_folder(parts->sys, parts->temp, err));
    return show(parts, err);
}

void riv__parts_fini(struct riv_parts *parts)
{
    if (parts->temp)
        riv__parts_remove(parts->sys, parts->temp);
    free(parts->temp);
    free(parts->path);
    *parts = (struct riv_parts){ .path = NULL };
}
