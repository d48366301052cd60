/* cli/job.c - which files may be a job, and the way from the file to its entry.
 * Compiling is in compile.c, loading in load.c. */
#include "job.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "load.h"
#include "say.h"

/* The user for whom sudo runs this is no stranger. */
static bool is_mine(uid_t uid)
{
    const char *sudo = getenv("SUDO_UID");
    if (uid == geteuid() || uid == 0)
        return true;
    return geteuid() == 0 && sudo && strtoul(sudo, NULL, 10) == uid;
}

/* The folder of a path: up to the last slash, "." without one. */
static void folder_of(const char *path, char *dst, size_t room)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(dst, room, ".");
    else
        snprintf(dst, room, "%.*s", slash == path ? 1 : (int)(slash - path),
                 path);
}

bool job_refused(const char *path, int *ret_exit)
{
    struct stat file, dir;
    char folder[PATH_MAX];
    folder_of(path, folder, sizeof folder);
    if (stat(path, &file) != 0 || stat(folder, &dir) != 0)
        *ret_exit = say_errno(errno, "open", path);
    else if (!S_ISREG(file.st_mode))
        *ret_exit = say(EXIT_NOINPUT, "%s is not a regular file", path);
    else if (access(path, R_OK) != 0)
        *ret_exit = say_errno(errno, "read", path);
    else if (!is_mine(file.st_uid))
        *ret_exit = say(EXIT_PERM,
                        "%s belongs to user %u, neither to you nor "
                        "to root; run a copy of your own",
                        path, (unsigned)file.st_uid);
    else if (file.st_mode & S_IWOTH)
        *ret_exit = say(EXIT_PERM,
                        "%s can be changed by every user; first: "
                        "chmod o-w %s",
                        path, path);
    else if ((dir.st_mode & S_IWOTH) && !(dir.st_mode & S_ISVTX))
        *ret_exit = say(EXIT_PERM,
                        "every user can put files into %s; first: "
                        "chmod o-w %s",
                        folder, folder);
    else
        return false;
    return true;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static int open_source(const char *path, const riv_job **ret)
{
    struct library library;
    int code = compile(path, &library);
    if (code != EXIT_FINE)
        return code;
    code = load(library.path, path, ret);
    compile_forget(&library);
    return code;
}

int job_open(const char *path, const riv_job **ret)
{
    int code = EXIT_FINE;
    bool source = ends_in(path, ".c");
    if (path[0] == '-') /* would be an option of the compiler */
        return say(EXIT_USAGE, "%s begins with a dash; write ./%s", path, path);
    if (!source && !ends_in(path, ".so"))
        return say(EXIT_USAGE,
                   "%s is no job: its name must end in .c (source) "
                   "or .so (compiled)",
                   path);
    if (job_refused(path, &code))
        return code;
    return source ? open_source(path, ret) : load(path, path, ret);
}
