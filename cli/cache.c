/* cli/cache.c - compiled jobs by content. A key that is found with an old list
 * of inputs, or a list that two processes wrote at once, costs a compilation
 * and nothing else: the name of a library holds the contents it was made of. */
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs.h"
#include "say.h"

enum { NAME_ROOM = 64, STALE_SECONDS = 3600 };

/* ----- the folder */

static bool parent_folder(char *dst)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (xdg && xdg[0] == '/')
        n = snprintf(dst, PATH_MAX, "%s", xdg);
    else if (home && home[0] == '/')
        n = snprintf(dst, PATH_MAX, "%s/.cache", home);
    return n > 0 && n < PATH_MAX - NAME_ROOM;
}

static bool make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static int open_once(struct cache *ret)
{
    const char *tmp = getenv("TMPDIR");
    ret->kept = false;
    snprintf(ret->folder, sizeof ret->folder, "%.3000s/rivulet-XXXXXX",
             tmp && tmp[0] == '/' ? tmp : "/tmp");
    if (mkdtemp(ret->folder))
        return EXIT_FINE;
    return say_errno(errno, "make a folder for the compiled job", ret->folder);
}

/* Only the user may have been able to put files there: they are run. */
static int check_folder(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return say_errno(errno, "use as a cache", path);
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return say(EXIT_PERM,
                   "%s is no folder of yours; compiled jobs are "
                   "kept there: remove it, or set XDG_CACHE_HOME",
                   path);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return say(EXIT_PERM,
                   "others can write to %s, where compiled jobs "
                   "are kept; remove it",
                   path);
    return EXIT_FINE;
}

int cache_open(struct cache *ret)
{
    char parent[PATH_MAX];
    ret->kept = true;
    if (!parent_folder(parent) || !make_folder(parent))
        return open_once(ret);
    snprintf(ret->folder, sizeof ret->folder, "%.*s/rivulet",
             PATH_MAX - NAME_ROOM, parent);
    if (!make_folder(ret->folder) || access(ret->folder, W_OK) != 0)
        return open_once(ret);
    return check_folder(ret->folder);
}

/* ----- names */

static void name_of(const struct cache *cache, struct digest digest,
                    const char *end, char dst[PATH_MAX])
{
    char text[DIGEST_TEXT];
    digest_show(digest, text);
    snprintf(dst, PATH_MAX, "%.*s/%.32s%.24s", PATH_MAX - NAME_ROOM,
             cache->folder, text, end);
}

void cache_new(const struct cache *cache, struct digest key,
               char library[PATH_MAX], char inputs[PATH_MAX])
{
    char end[24];
    snprintf(end, sizeof end, ".%ld.tmp.so", (long)getpid());
    name_of(cache, key, end, library);
    snprintf(end, sizeof end, ".%ld.tmp.d", (long)getpid());
    name_of(cache, key, end, inputs);
}

/* ----- the content */

/* The digest of the key with the names and contents of all inputs. */
static bool content_of(struct digest key, const struct inputs *inputs,
                       struct digest *ret)
{
    *ret = key;
    for (size_t i = 0; i < inputs->count; i++) {
        digest_text(ret, inputs->path[i]);
        if (digest_file(ret, inputs->path[i]) != 0)
            return false;
    }
    return inputs->count > 0;
}

bool cache_find(const struct cache *cache, struct digest key,
                char library[PATH_MAX])
{
    char list[PATH_MAX];
    struct inputs inputs;
    struct digest content;
    name_of(cache, key, ".d", list);
    if (!inputs_read(&inputs, list))
        return false;
    bool found = content_of(key, &inputs, &content);
    inputs_fini(&inputs);
    if (!found)
        return false;
    name_of(cache, content, ".so", library);
    if (access(library, R_OK) != 0)
        return false;
    utimensat(AT_FDCWD, library, NULL, 0); /* used: the last to be removed */
    utimensat(AT_FDCWD, list, NULL, 0);
    return true;
}

static bool is_older(const char *path, struct timespec start)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    return st.st_mtim.tv_sec < start.tv_sec ||
           (st.st_mtim.tv_sec == start.tv_sec &&
            st.st_mtim.tv_nsec < start.tv_nsec);
}

/* A file written while the compiler ran may be other than what it read. */
static bool unchanged(const struct inputs *inputs, struct timespec start)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (!is_older(inputs->path[i], start))
            return false;
    }
    return true;
}

bool cache_keep(const struct cache *cache, struct digest key,
                char library[PATH_MAX], const char *list, struct timespec start)
{
    struct inputs inputs;
    struct digest content;
    char place[PATH_MAX], list_place[PATH_MAX];
    if (!inputs_read(&inputs, list))
        return false;
    bool good = content_of(key, &inputs, &content) && unchanged(&inputs, start);
    inputs_fini(&inputs);
    if (!good)
        return false;
    name_of(cache, content, ".so", place);
    name_of(cache, key, ".d", list_place);
    if (rename(library, place) != 0)
        return false;
    snprintf(library, PATH_MAX, "%s", place);
    return rename(list, list_place) == 0 || unlink(list) == 0;
}

/* ----- trimming */

struct entry {
    char name[NAME_ROOM];
    struct timespec time;
};

static int by_age(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->time.tv_sec != y->time.tv_sec)
        return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
    return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
}

static bool is_stale(const struct entry *entry)
{
    struct timespec now;
    if (!strstr(entry->name, ".tmp."))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec - entry->time.tv_sec > STALE_SECONDS;
}

/* Fills entry[] with the files of the folder; counts at most `room`. */
static size_t list_files(DIR *dir, struct entry *entry, size_t room)
{
    size_t n = 0;
    const struct dirent *each;
    struct stat st;
    while (n < room && (each = readdir(dir))) {
        if (each->d_name[0] == '.' || strlen(each->d_name) >= NAME_ROOM ||
            fstatat(dirfd(dir), each->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        snprintf(entry[n].name, NAME_ROOM, "%.*s", NAME_ROOM - 1, each->d_name);
        entry[n++].time = st.st_mtim;
    }
    return n;
}

void cache_trim(const struct cache *cache)
{
    enum { ROOM = 2 * CACHE_FILES };
    struct entry *entry = calloc(ROOM, sizeof *entry);
    DIR *dir = opendir(cache->folder);
    size_t n = entry && dir ? list_files(dir, entry, ROOM) : 0;
    qsort(entry, n, sizeof *entry, by_age);
    for (size_t i = 0; i < n; i++) {
        if (i >= CACHE_FILES || is_stale(&entry[i]))
            unlinkat(dirfd(dir), entry[i].name, 0);
    }
    if (dir)
        closedir(dir);
    free(entry);
}
