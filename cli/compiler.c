/* cli/compiler.c - finds the C compiler and rivulet.h, and runs one on the
 * other. */
#include "compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

enum { ARGS_MAX = 48, ENV_MAX = 16 };

/* ----- which compiler */

/* The file that $PATH has for a name; a name with a slash is a path. */
static bool find_program(const char *name, char *dst, size_t room)
{
    const char *path = getenv("PATH");
    if (strchr(name, '/'))
        return snprintf(dst, room, "%s", name) < (int)room &&
               access(dst, X_OK) == 0;
    for (const char *p = path ? path : "/usr/bin:/bin"; *p;) {
        size_t n = strcspn(p, ":");
        int len =
            snprintf(dst, room, "%.*s/%s", n ? (int)n : 1, n ? p : ".", name);
        if (len > 0 && (size_t)len < room && access(dst, X_OK) == 0)
            return true;
        p += n + (p[n] == ':');
    }
    return false;
}

/* Cuts text into words at blanks. */
static void cut_words(struct compiler *ret, const char *text)
{
    int n = 0;
    snprintf(ret->text, sizeof ret->text, "%s", text);
    for (char *p = ret->text; n < COMPILER_WORDS - 1;) {
        p += strspn(p, " \t");
        if (!*p)
            break;
        ret->word[n++] = p;
        p += strcspn(p, " \t");
        if (*p)
            *p++ = '\0';
    }
    ret->word[n] = NULL;
}

static int find_any(struct compiler *ret)
{
    static const char *const names[] = { "cc", "gcc", "clang", NULL };
    const char *given = getenv("CC");
    cut_words(ret, given ? given : "");
    if (ret->word[0]) {
        if (find_program(ret->word[0], ret->path, sizeof ret->path))
            return EXIT_FINE;
        return say(EXIT_UNAVAIL,
                   "the compiler that CC names, %s, is not "
                   "there; unset CC or mend it",
                   ret->word[0]);
    }
    for (const char *const *name = names; *name; name++) {
        cut_words(ret, *name);
        if (find_program(*name, ret->path, sizeof ret->path))
            return EXIT_FINE;
    }
    return say(EXIT_UNAVAIL,
               "no C compiler (cc, gcc, clang) to compile the job with; on "
               "Debian this installs one: sudo apt-get install gcc libc6-dev");
}

/* ----- where rivulet.h is */

static bool has_header(char *folder)
{
    char header[PATH_MAX];
    int n = snprintf(header, sizeof header, "%s/rivulet.h", folder);
    return n > 0 && n < (int)sizeof header && access(header, R_OK) == 0;
}

/* Near the command: PREFIX/bin and PREFIX/include when installed, build and
 * include in a source tree, a link in any other build folder. Elsewhere the
 * compiler looks by itself. */
static void find_include(char *dst)
{
    static const char *const ways[] = { "../include", "include" };
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n < 0 ? 0 : n] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < sizeof ways / sizeof ways[0]; i++) {
        int len = snprintf(dst, PATH_MAX, "%.*s/%s", (int)(slash - self), self,
                           ways[i]);
        if (len > 0 && len < PATH_MAX && has_header(dst))
            return;
    }
    dst[0] = '\0';
}

int compiler_find(struct compiler *ret)
{
    struct stat st;
    *ret = (struct compiler){ .bytes = 0 };
    int code = find_any(ret);
    if (code != EXIT_FINE)
        return code;
    if (stat(ret->path, &st) == 0) {
        ret->bytes = st.st_size;
        ret->mtime_ns = st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    }
    find_include(ret->include);
    return EXIT_FINE;
}

/* ----- running it */

/* What a compiler needs and what makes its messages readable; nothing that
 * changes what it compiles. */
static const char *const kept[] = { "PATH",        "HOME",   "TMPDIR",
                                    "LANG",        "LC_ALL", "LC_CTYPE",
                                    "LC_MESSAGES", "TERM",   "COLUMNS",
                                    "CCACHE_DIR",  NULL };

static void make_environment(char **dst)
{
    size_t n = 0;
    for (char **entry = environ; *entry && n < ENV_MAX; entry++) {
        size_t len = strcspn(*entry, "=");
        for (const char *const *name = kept; *name; name++) {
            if (strlen(*name) == len && strncmp(*name, *entry, len) == 0)
                dst[n++] = *entry;
        }
    }
    dst[n] = NULL;
}

/* Starts it with nothing on standard input; what it says goes to standard error
 * or, if `quiet`, nowhere. */
static int start(const struct compiler *compiler, char **argv, bool quiet,
                 pid_t *ret)
{
    char *environment[ENV_MAX + 2];
    posix_spawn_file_actions_t actions;
    make_environment(environment);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return rc;
    rc =
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0 && quiet)
        rc = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
                                              O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, 2, 1);
    if (rc == 0)
        rc =
            posix_spawn(ret, compiler->path, &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int wait_for(pid_t pid, const char *name)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return say_errno(errno, "wait for the compiler", name);
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? EXIT_FINE : EXIT_GRAPH;
    return say(EXIT_SYSTEM, "the compiler, %s, was killed by signal %d", name,
               WTERMSIG(status));
}

static int run(const struct compiler *compiler, const char *const *args,
               bool quiet)
{
    char *argv[ARGS_MAX];
    size_t n = 0;
    pid_t pid = 0;
    for (char *const *word = compiler->word; *word; word++)
        argv[n++] = *word;
    for (; *args && n < ARGS_MAX - 1; args++)
        argv[n++] = (char *)(uintptr_t)*args; /* exec changes nothing there */
    argv[n] = NULL;
    int rc = start(compiler, argv, quiet, &pid);
    if (rc != 0)
        return say_errno(rc, "run the compiler", compiler->path);
    return wait_for(pid, compiler->path);
}

int compiler_run(const struct compiler *compiler, const char *const *args)
{
    return run(compiler, args, false);
}

bool compiler_takes(const struct compiler *compiler, const char *flag)
{
    const char *args[] = {
        flag, "-fsyntax-only", "-x", "c", "/dev/null", NULL
    };
    return run(compiler, args, true) == EXIT_FINE;
}
