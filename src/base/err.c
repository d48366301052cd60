/* base/err.c - the table of error codes and the building of messages. Used by
 * every floor. Whoever gets an error either returns it with a prefix or tells
 * it (context, command), never both. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    int code;
    const char *name, *text;
    enum riv_err_class class;
};

#define ROW(code_, name_, text_, class_) \
    { .code = code_, \
      .name = name_, \
      .text = text_, \
      .class = RIV__CLASS_##class_ },
static const struct err_row err_rows[] = { RIV__ERRORS(ROW) };
#undef ROW

/* What a caller can do about an errno decides the code: wait, give another
 * path, fix a mode, or give up. */
static const struct sys_row {
    int sysno, code;
} sys_rows[] = {
    { ENOENT, RIV_ENOINPUT },     { ENOTDIR, RIV_ENOINPUT },
    { EISDIR, RIV_ENOINPUT },     { ENODEV, RIV_ENOINPUT },
    { ENXIO, RIV_ENOINPUT },      { EACCES, RIV_EPERM },
    { EPERM, RIV_EPERM },         { EROFS, RIV_EPERM },
    { ELOOP, RIV_EPERM },         { EEXIST, RIV_EEXISTS },
    { ENOTEMPTY, RIV_EEXISTS },   { EADDRINUSE, RIV_EBUSY },
    { EBUSY, RIV_EBUSY },         { ETXTBSY, RIV_EBUSY },
    { ENOMEM, RIV_ENOMEM },       { EMFILE, RIV_ENOMEM },
    { ENFILE, RIV_ENOMEM },       { ENOBUFS, RIV_ENOMEM },
    { ETIMEDOUT, RIV_ETIMEOUT },  { ECONNREFUSED, RIV_EUNAVAIL },
    { ECONNRESET, RIV_EUNAVAIL }, { ECONNABORTED, RIV_EUNAVAIL },
    { EPIPE, RIV_EUNAVAIL },      { EHOSTUNREACH, RIV_EUNAVAIL },
    { EHOSTDOWN, RIV_EUNAVAIL },  { ENETUNREACH, RIV_EUNAVAIL },
    { ENETDOWN, RIV_EUNAVAIL },   { EADDRNOTAVAIL, RIV_EUNAVAIL },
    { ENAMETOOLONG, RIV_EINVAL },
};

static const struct err_row *find_row(int code)
{
    for (size_t i = 0; i < RIV__LEN(err_rows); i++)
        if (err_rows[i].code == code)
            return &err_rows[i];
    return NULL;
}

static int code_of_sysno(int sysno)
{
    for (size_t i = 0; i < RIV__LEN(sys_rows); i++)
        if (sys_rows[i].sysno == sysno)
            return sys_rows[i].code;
    return RIV_EIO;
}

/* Ends a text that did not fit in "...", so that the cut shows. */
static void mark_cut(char *text)
{
    memcpy(text + RIV__ERR_TEXT_MAX - 4, "...", 4);
}

/* The text is built aside: arguments may point into err->text. */
int riv__err_vset(struct riv_err *err, int code, const char *fmt, va_list ap)
{
    char text[RIV__ERR_TEXT_MAX];
    if (!err)
        return code;
    int n = vsnprintf(text, sizeof text, fmt, ap);
    if (n < 0)
        text[0] = '\0';
    if (n >= RIV__ERR_TEXT_MAX)
        mark_cut(text);
    err->code = code;
    memcpy(err->text, text, sizeof text);
    return code;
}

int riv__err_set(struct riv_err *err, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    riv__err_vset(err, code, fmt, ap);
    va_end(ap);
    return code;
}

/* What does not fit is lost from the end: the place in front says more. */
int riv__err_prefix(struct riv_err *err, const char *fmt, ...)
{
    char place[RIV__ERR_TEXT_MAX];
    va_list ap;
    if (!err)
        return RIV_EFATAL;
    va_start(ap, fmt);
    int n = vsnprintf(place, sizeof place, fmt, ap);
    va_end(ap);
    if (n < 0)
        return err->code;
    return riv__err_set(err, err->code, "%s: %s", place, err->text);
}

int riv__err_check(struct riv_err *err, const char *what, const char *file,
                   int line)
{
    const char *name = strrchr(file, '/');
    return riv__err_set(err, RIV_EFATAL,
                        "%s:%d: %s does not hold; this is a mistake in "
                        "Rivulet, please report it",
                        name ? name + 1 : file, line, what);
}

/* What can be done, where the words of the system leave it open. */
static const char *way_out(int sysno)
{
    switch (sysno) {
    case ENOSPC: return "; make room on that file system";
    case EDQUOT: return "; make room there, or raise the limit";
    case EMFILE: return "; raise the limit of open files (ulimit -n)";
    default: return "";
    }
}

int riv__err_sys(struct riv_err *err, int sysno, const char *call,
                 const char *path)
{
    const char *why = strerrordesc_np(sysno); /* thread-safe, no locale */
    return riv__err_set(err, code_of_sysno(sysno), "%s%s%s: %s%s", call,
                        path ? " " : "", path ? path : "",
                        why ? why : "unknown error", way_out(sysno));
}

const char *riv__err_name(int code)
{
    const struct err_row *row = find_row(code);
    if (code >= 0)
        return "ok";
    return row ? row->name : "unknown";
}

const char *riv__err_text(int code)
{
    const struct err_row *row = find_row(code);
    if (code >= 0)
        return "fine";
    return row ? row->text : "unknown error";
}

enum riv_err_class riv__err_class(int code)
{
    const struct err_row *row = find_row(code);
    return row ? row->class : RIV__CLASS_F;
}
