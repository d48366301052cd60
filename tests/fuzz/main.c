/* tests/fuzz/main.c - drives a target. With libFuzzer (./dev fuzz) bytes come
 * from a search that follows the branches of the program; without, from the
 * corpus, as they are and changed at random from a seed, so that every shape of
 * the build, with all sanitizers, tries the same bytes.
 *   fuzz_NAME [--times X] [--seed S] FILE...
 * X times as many changes as the target has in a run of the tests. */
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

static struct {
    const unsigned char *p;
    size_t n;
} now; /* what the target has */

static void show_bytes(void)
{
    fprintf(stderr, "# %s: these %zu bytes:", fuzz_target.name, now.n);
    for (size_t i = 0; i < now.n; i++)
        fprintf(stderr, "%s%02x", i % 32 ? "" : "\n# ", now.p[i]);
    fprintf(stderr, "\n");
}

_Noreturn void fuzz_fail(const char *format, ...)
{
    va_list ap;
    fprintf(stderr, "# %s: ", fuzz_target.name);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    show_bytes();
    abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    now.p = p;
    now.n = n;
    fuzz_target.one(p, n);
    return 0;
}

#ifndef RIV_FUZZER

enum { FILES_MAX = 256, CHANGES_MAX = 8 };

struct bytes {
    unsigned char *p;
    size_t n;
};

static struct bytes file[FILES_MAX];
static size_t files;
static uint64_t seed = 1;
static unsigned long run;

static size_t below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return n ? (size_t)((seed * UINT64_C(0x2545f4914f6cdd1d)) >> 16) % n : 0;
}

static bool load(const char *path)
{
    FILE *f = fopen(path, "r");
    struct bytes *to = &file[files];
    to->p = malloc(FUZZ_BYTES_MAX);
    to->n = f && to->p ? fread(to->p, 1, FUZZ_BYTES_MAX, f) : 0;
    if (f)
        fclose(f);
    files++;
    return f && to->p;
}

/* In a piece of memory of its own that ends where the bytes end. */
static void try_bytes(const struct bytes *bytes)
{
    unsigned char *p = malloc(bytes->n + !bytes->n);
    if (!p)
        abort();
    memcpy(p, bytes->p, bytes->n);
    LLVMFuzzerTestOneInput(p, bytes->n);
    free(p);
}

/* Puts n bytes in the place of `old` bytes at `at`. */
static void replace(struct bytes *b, size_t at, size_t old,
                    const unsigned char *with, size_t n)
{
    unsigned char copy[FUZZ_BYTES_MAX];
    if (b->n - old + n > FUZZ_BYTES_MAX)
        return;
    memcpy(copy, with, n);
    memmove(b->p + at + n, b->p + at + old, b->n - at - old);
    memcpy(b->p + at, copy, n);
    b->n = b->n - old + n;
}

static const char *const token[] = {
    "\n",
    "\r\n",
    "\0",
    "\"",
    "\\",
    ",",
    ":",
    "=",
    "-1",
    "0",
    "1e309",
    "nan",
    "\\u0000",
    "\xff\xfe",
    "%00",
    "[",
    "{",
    "}",
    "99999999999999999999",
    "\x80\x80\x80\x80\x80",
    "..",
    "/",
};

static void change(struct bytes *b)
{
    const struct bytes *other = &file[below(files)];
    const size_t at = below(b->n + 1), left = b->n - at;
    const char *word = token[below(sizeof token / sizeof *token)];
    unsigned char random[8];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (unsigned char)below(256);
    const size_t from = below(other->n), some = below(other->n - from + 1);
    switch (below(7)) {
    case 0:
        if (left > 0)
            b->p[at] ^= (unsigned char)(1 << below(8));
        break;
    case 1: replace(b, at, left > 0, random, 1); break;
    case 2: replace(b, at, 0, random, 1 + below(8)); break;
    case 3: replace(b, at, below(left + 1), random, 0); break;
    case 4: replace(b, at, 0, b->p + at, below(left + 1)); break;
    case 5: replace(b, at, below(left + 1), other->p + from, some); break;
    default:
        replace(b, at, 0, (const unsigned char *)word, strlen(word) + !*word);
    }
}

static void try_changed(void)
{
    static unsigned char room[FUZZ_BYTES_MAX];
    struct bytes b = { .p = room };
    if (files > 0) {
        b.n = file[run % files].n;
        memcpy(b.p, file[run % files].p, b.n);
    }
    for (size_t i = 1 + below(CHANGES_MAX); i > 0 && files > 0; i--)
        change(&b);
    try_bytes(&b);
}

/* A sanitizer ends the process in its own way: say which bytes it was. */
static void died(int number)
{
    show_bytes();
    raise(number);
}

int main(int argc, char **argv)
{
    unsigned long runs = fuzz_target.runs;
    bool fine = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--times") == 0 && i + 1 < argc)
            runs *= strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10) | 1;
        else
            fine = files < FILES_MAX && load(argv[i]) && fine;
    }
    const struct sigaction once = { .sa_handler = died,
                                    .sa_flags =
                                        (int)(SA_RESETHAND | SA_NODEFER) };
    sigaction(SIGABRT, &once, NULL);
    sigaction(SIGSEGV, &once, NULL);
    printf("1..2\n");
    fflush(stdout);
    for (size_t i = 0; i < files; i++)
        try_bytes(&file[i]);
    printf("%sok 1 - %s keeps its promises for the %zu files of its corpus\n",
           fine && files > 0 ? "" : "not ", fuzz_target.name, files);
    fflush(stdout);
    for (run = 0; run < runs; run++)
        try_changed();
    printf("ok 2 - and for %lu changed ones\n", runs);
    for (size_t i = 0; i < files; i++)
        free(file[i].p);
    return fine && files > 0 ? 0 : 1;
}
#endif
