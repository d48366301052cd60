/* cli/say.c - messages and exit codes of the command. Messages are written with
 * one call, so that lines of several processes do not mix. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_MAX = 1024, WORD_MAX = 31, NEAR = 2 };

/* 0x80 to 0x9f as UTF-8 has them: terminals act upon these, too. */
static bool is_control_of_two(riv_str s, size_t i)
{
    return i + 1 < s.n && (unsigned char)s.p[i] == 0xc2 &&
           (unsigned char)s.p[i + 1] >= 0x80 &&
           (unsigned char)s.p[i + 1] < 0xa0;
}

char say_safe(riv_str s, size_t i)
{
    const unsigned char c = (unsigned char)s.p[i];
    if (c == '\t')
        return ' ';
    return c < ' ' || c == 127 || is_control_of_two(s, i) ||
                   (i > 0 && is_control_of_two(s, i - 1))
               ? '?'
               : s.p[i];
}

void say_put(FILE *to, riv_str s)
{
    for (size_t i = 0; i < s.n; i++)
        fputc(say_safe(s, i), to);
}

int say(int code, const char *fmt, ...)
{
    char text[MESSAGE_MAX], safe[MESSAGE_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        text[0] = '\0';
    const riv_str said = riv_cstr(text);
    size_t i = 0;
    for (; i < said.n && i + 1 < sizeof safe; i++)
        safe[i] = said.p[i] == '\n' ? '\n' : say_safe(said, i);
    safe[i] = '\0';
    fflush(stdout);
    fprintf(stderr, "rivulet: %s%s\n", safe, n >= MESSAGE_MAX ? "..." : "");
    return code;
}

static const struct {
    int sysno, code;
} errnos[] = {
    { ENOENT, EXIT_NOINPUT }, { ENOTDIR, EXIT_NOINPUT },
    { EISDIR, EXIT_NOINPUT }, { ENAMETOOLONG, EXIT_NOINPUT },
    { ELOOP, EXIT_NOINPUT },  { EACCES, EXIT_PERM },
    { EPERM, EXIT_PERM },     { EROFS, EXIT_PERM },
    { ENOMEM, EXIT_SYSTEM },  { EMFILE, EXIT_SYSTEM },
    { ENFILE, EXIT_SYSTEM },  { EAGAIN, EXIT_SYSTEM },
};

int say_errno(int sysno, const char *call, const char *path)
{
    int code = EXIT_IO;
    for (size_t i = 0; i < sizeof errnos / sizeof errnos[0]; i++) {
        if (errnos[i].sysno == sysno)
            code = errnos[i].code;
    }
    const char *why = strerrordesc_np(sysno);
    return say(code, "%s: cannot %s: %s", path, call,
               why ? why : "unknown error");
}

static const struct {
    int status, code;
} statuses[] = {
    { RIV_OK, EXIT_FINE },          { RIV_ERECORD, EXIT_PROGRAM },
    { RIV_EFATAL, EXIT_PROGRAM },   { RIV_EINVAL, EXIT_GRAPH },
    { RIV_ETYPE, EXIT_GRAPH },      { RIV_ENOMEM, EXIT_SYSTEM },
    { RIV_EIO, EXIT_IO },           { RIV_ECHECKPOINT, EXIT_STATE },
    { RIV_ETIMEOUT, EXIT_UNAVAIL }, { RIV_ESTOPPED, EXIT_AGAIN },
    { RIV_EBUSY, EXIT_BUSY },       { RIV_ENOINPUT, EXIT_NOINPUT },
    { RIV_EUNAVAIL, EXIT_UNAVAIL }, { RIV_EPERM, EXIT_PERM },
    { RIV_EEXISTS, EXIT_BUSY },     { RIV_EUSAGE, EXIT_USAGE },
};

int say_status(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status)
            return statuses[i].code;
    }
    return EXIT_PROGRAM;
}

/* Levenshtein's distance, of words shorter than WORD_MAX. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[WORD_MAX + 1];
    size_t n = strlen(b);
    for (unsigned k = 0; k <= n; k++)
        row[k] = k;
    for (unsigned i = 0; a[i]; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < n; k++) {
            unsigned swap = diagonal + (a[i] != b[k]);
            unsigned step = row[k] < row[k + 1] ? row[k] + 1 : row[k + 1] + 1;
            diagonal = row[k + 1];
            row[k + 1] = swap < step ? swap : step;
        }
    }
    return row[n];
}

const char *say_nearest(const char *typed, const char *const *words)
{
    const char *best = NULL;
    unsigned best_distance = NEAR + 1;
    if (strlen(typed) > WORD_MAX)
        return NULL;
    for (; *words; words++) {
        unsigned d =
            strlen(*words) > WORD_MAX ? best_distance : distance(typed, *words);
        if (d < best_distance) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}
