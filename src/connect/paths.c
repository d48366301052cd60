/* connect/paths.c - patterns, component by component: the list of paths so far
 * is the input of the next component, so nothing recurses. */
#include "connect/paths.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

void riv__paths_fini(struct riv_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        free(paths->path[i]);
    free(paths->path);
    *paths = (struct riv_paths){ .path = NULL };
}

static char *join(const char *dir, const char *name)
{
    size_t d = strlen(dir), n = strlen(name);
    bool slash = d > 0 && dir[d - 1] != '/';
    char *path = malloc(d + slash + n + 1);
    if (!path)
        return NULL;
    memcpy(path, dir, d);
    if (slash)
        path[d] = '/';
    memcpy(path + d + slash, name, n + 1);
    return path;
}

int riv__paths_add(struct riv_paths *paths, const char *dir, const char *name,
                   struct riv_err *err)
{
    if (paths->n == RIV__PATHS_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "more than %d paths match: use a "
                            "narrower pattern",
                            RIV__PATHS_MAX);
    char *path = join(dir, name);
    if (!path || RIV__VEC_ROOM(paths->path, paths->cap, paths->n + 1) < 0) {
        free(path);
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu paths",
                            paths->n);
    }
    paths->path[paths->n++] = path;
    return 0;
}

bool riv__paths_is_pattern(const char *s)
{
    return strpbrk(s, "*?[") != NULL;
}

struct listing {
    const char *dir, *pattern;
    struct riv_paths *to;
    struct riv_err *err;
    int rc;
};

static int take_name(void *arg, const char *name)
{
    struct listing *list = arg;
    if (fnmatch(list->pattern, name, FNM_PERIOD) == 0)
        list->rc = riv__paths_add(list->to, list->dir, name, list->err);
    return list->rc < 0;
}

static int match_in(struct riv_sys *sys, const char *dir, const char *pattern,
                    struct riv_paths *to, struct riv_err *err)
{
    struct listing list = { dir, pattern, to, err, 0 };
    int rc = sys->list(sys, *dir ? dir : ".", take_name, &list);
    if (list.rc < 0)
        return list.rc;
    if (rc >= 0 || rc == -ENOENT || rc == -ENOTDIR)
        return 0;
    return riv__paths_error(err, -rc, dir);
}

/* One component further. What is written out must exist in the end only, so
 * that a literal front costs nothing. */
static int step(struct riv_sys *sys, struct riv_paths *now, const char *part,
                struct riv_err *err)
{
    struct riv_paths next = { .path = NULL };
    int rc = 0;
    for (size_t i = 0; i < now->n && rc >= 0; i++) {
        rc = riv__paths_is_pattern(part)
                 ? match_in(sys, now->path[i], part, &next, err)
                 : riv__paths_add(&next, now->path[i], part, err);
    }
    riv__paths_fini(now);
    *now = next;
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void keep_existing(struct riv_sys *sys, struct riv_paths *paths)
{
    struct riv_stat st;
    size_t kept = 0;
    for (size_t i = 0; i < paths->n; i++) {
        if (sys->stat(sys, paths->path[i], &st) < 0)
            free(paths->path[i]);
        else
            paths->path[kept++] = paths->path[i];
    }
    paths->n = kept;
}

static int match_parts(struct riv_sys *sys, char *pattern,
                       struct riv_paths *paths, struct riv_err *err)
{
    char *at = pattern;
    RIV__TRY(riv__paths_add(paths, "", *at == '/' ? "/" : "", err));
    while (*at) {
        at += strspn(at, "/");
        size_t n = strcspn(at, "/");
        if (n == 0)
            break;
        char *next = at + n + (at[n] == '/');
        at[n] = '\0';
        RIV__TRY(step(sys, paths, at, err));
        at = next;
    }
    return 0;
}

int riv__paths_match(struct riv_sys *sys, const char *pattern,
                     struct riv_paths *ret, struct riv_err *err)
{
    struct riv_paths paths = { .path = NULL };
    char *copy = strdup(pattern);
    int rc = copy ? match_parts(sys, copy, &paths, err)
                  : riv__err_set(err, RIV_ENOMEM, "no memory for a pattern");
    free(copy);
    if (rc < 0) {
        riv__paths_fini(&paths);
        return rc;
    }
    keep_existing(sys, &paths);
    if (paths.n > 1)
        qsort(paths.path, paths.n, sizeof *paths.path, by_bytes);
    *ret = paths;
    return 0;
}

static int take_visible(void *arg, const char *name)
{
    struct listing *list = arg;
    if (*name != '.' && *name != '_')
        list->rc = riv__paths_add(list->to, list->dir, name, list->err);
    return list->rc < 0;
}

int riv__paths_folder(struct riv_sys *sys, const char *folder,
                      struct riv_paths *ret, struct riv_err *err)
{
    struct riv_paths paths = { .path = NULL };
    struct listing list = { folder, NULL, &paths, err, 0 };
    int rc = sys->list(sys, folder, take_visible, &list);
    if (list.rc < 0 || rc < 0) {
        riv__paths_fini(&paths);
        return list.rc < 0 ? list.rc : riv__paths_error(err, -rc, folder);
    }
    if (paths.n > 1)
        qsort(paths.path, paths.n, sizeof *paths.path, by_bytes);
    *ret = paths;
    return 0;
}

int riv__paths_error(struct riv_err *err, int sysno, const char *path)
{
    struct riv_err why;
    int rc = riv__err_sys(&why, sysno, "open", path);
    const char *way = "";
    if (sysno == ENOENT || sysno == ENOTDIR)
        way = "; check the path (tail:PATH waits for a file to appear)";
    else if (sysno == EACCES || sysno == EPERM)
        way = "; this user may not read it";
    return riv__err_set(err, rc, "%s%s", why.text, way);
}
