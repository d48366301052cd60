/* cli/compile.c - JOB.c into a library: found in the cache, or compiled into
 * it. What the compiler says goes straight to standard error; this file adds
 * one closing line. */
#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "compiler.h"
#include "say.h"

/* The errors are mistakes that C lets pass with a warning. No -march: the
 * library picks its fast paths when it runs, and a job may be moved. gnu11 and
 * not c11, because jobs use POSIX. */
static const char *const flags[] = {
    "-std=gnu11",
    "-O3",
    "-g",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter", /* seldom does a function want all it is given */
    "-Werror=implicit-function-declaration",
    "-Werror=implicit-int",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
    "-Werror=return-type",
    "-Wl,-z,relro,-z,now,-z,noexecstack",
    NULL,
};

/* What keeps messages short: a mistake in an argument of a macro is shown at
 * the user's line, without the macros it went through, and what follows from
 * the first mistakes is left out. Compilers have different words for it. */
static const char *const short_messages[][2] = {
    { "-ftrack-macro-expansion=0", "-fmax-errors=5" },  /* gcc */
    { "-fmacro-backtrace-limit=1", "-ferror-limit=5" }, /* clang */
};

enum { WAYS = sizeof short_messages / sizeof short_messages[0] };
enum { FLAGS = sizeof flags / sizeof flags[0], ROOM = FLAGS + 16 };

static struct digest key_of(const char *source, const struct compiler *compiler)
{
    char folder[PATH_MAX];
    struct digest key;
    uint32_t version = riv_version();
    digest_init(&key);
    digest_text(&key, getcwd(folder, sizeof folder) ? folder : "");
    digest_text(&key, source);
    digest_add(&key, &version, sizeof version);
    digest_text(&key, compiler->path);
    digest_add(&key, &compiler->mtime_ns, sizeof compiler->mtime_ns);
    digest_add(&key, &compiler->bytes, sizeof compiler->bytes);
    for (char *const *word = compiler->word; *word; word++)
        digest_text(&key, *word);
    digest_text(&key, compiler->include);
    for (const char *const *flag = flags; *flag; flag++)
        digest_text(&key, *flag);
    return key;
}

static size_t add_short_messages(const struct compiler *compiler,
                                 const char **dst)
{
    for (size_t way = 0; way < WAYS; way++) {
        if (!compiler_takes(compiler, short_messages[way][0]))
            continue;
        memcpy(dst, short_messages[way], sizeof short_messages[way]);
        return 2;
    }
    return 0;
}

static int run(const struct compiler *compiler, const char *source,
               const char *library, const char *inputs)
{
    const char *args[ROOM];
    const char *no_color = getenv("NO_COLOR");
    size_t n = 0;
    for (const char *const *flag = flags; *flag; flag++)
        args[n++] = *flag;
    if (no_color && *no_color)
        args[n++] = "-fdiagnostics-color=never";
    n += add_short_messages(compiler, &args[n]);
    if (compiler->include[0]) {
        args[n++] = "-I";
        args[n++] = compiler->include;
    }
    const char *rest[] = { "-MMD",  "-MF",  inputs, "-o",
                           library, source, "-lm",  NULL };
    memcpy(&args[n], rest, sizeof rest);
    return compiler_run(compiler, args);
}

/* Compiles to `ret`, in the cache or not. */
static int make(const char *source, const struct compiler *compiler,
                const struct cache *cache, struct digest key,
                struct library *ret)
{
    char inputs[PATH_MAX];
    struct timespec start;
    clock_gettime(CLOCK_REALTIME, &start);
    cache_new(cache, key, ret->path, inputs);
    int code = run(compiler, source, ret->path, inputs);
    bool kept = code == EXIT_FINE && cache->kept &&
                cache_keep(cache, key, ret->path, inputs, start);
    if (!kept) {
        unlink(inputs);
        snprintf(ret->folder, sizeof ret->folder, "%s", cache->folder);
    }
    if (kept)
        cache_trim(cache);
    if (code != EXIT_FINE)
        compile_forget(ret);
    return code;
}

int compile(const char *source, struct library *ret)
{
    struct compiler compiler;
    struct cache cache;
    *ret = (struct library){ .path = "" };
    int code = compiler_find(&compiler);
    if (code == EXIT_FINE)
        code = cache_open(&cache);
    if (code != EXIT_FINE)
        return code;
    struct digest key = key_of(source, &compiler);
    if (cache.kept && cache_find(&cache, key, ret->path))
        return EXIT_FINE;
    code = make(source, &compiler, &cache, key, ret);
    if (code != EXIT_GRAPH)
        return code;
    return say(EXIT_GRAPH, "%s does not compile; %s says why above", source,
               compiler.word[0]);
}

void compile_forget(struct library *library)
{
    if (!library->folder[0])
        return;
    unlink(library->path);
    rmdir(library->folder); /* the cache is not empty, and stays */
    library->folder[0] = '\0';
}
