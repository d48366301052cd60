/* base/err.h - error codes and the message that travels beside them. Every
 * fallible function returns a code (0 or more is fine) and fills the caller's
 * struct riv_err; each level that knows more puts it in front. */
#ifndef RIV_BASE_ERR_H
#define RIV_BASE_ERR_H

#include <stdarg.h>

#include <rivulet.h>

#include "base/macro.h"

/* number, name, text, class: R(etriable), F(atal), U(ser) */
#define RIV__ERRORS(X) \
    X(RIV_ERECORD, "record", "a record was refused", U) \
    X(RIV_EFATAL, "fatal", "the job cannot go on", F) \
    X(RIV_EINVAL, "invalid", "wrong use", U) \
    X(RIV_ETYPE, "type", "record types do not fit", U) \
    X(RIV_ENOMEM, "memory", "out of memory", F) \
    X(RIV_EIO, "io", "input or output failed", F) \
    X(RIV_ECHECKPOINT, "checkpoint", "the state cannot be used", F) \
    X(RIV_ETIMEOUT, "timeout", "time ran out", R) \
    X(RIV_ESTOPPED, "stopped", "stopped", R) \
    X(RIV_EBUSY, "busy", "in use by another process", R) \
    X(RIV_ENOINPUT, "noinput", "an input is missing or unreadable", U) \
    X(RIV_EUNAVAIL, "unavailable", "a peer or port is not available", R) \
    X(RIV_EPERM, "permission", "not permitted", U) \
    X(RIV_EEXISTS, "exists", "exists already", U) \
    X(RIV_EUSAGE, "usage", "the command line is wrong", U)

enum riv_err_class { RIV__CLASS_R = 1, RIV__CLASS_F, RIV__CLASS_U };

enum { RIV__ERR_TEXT_MAX = 512 };

struct riv_err {
    int code;
    char text[RIV__ERR_TEXT_MAX]; /* always NUL-terminated, cut when long */
};

/* Sets code and message; returns code, so `return riv__err_set(...)`. err may
 * be NULL. */
int riv__err_set(struct riv_err *err, int code, const char *fmt, ...)
    RIV__FORMAT(3, 4);
int riv__err_vset(struct riv_err *err, int code, const char *fmt, va_list ap)
    RIV__FORMAT(3, 0);

/* Puts "text: " in front of the message; returns err's code, RIV_EFATAL when
 * err is NULL (so a caller who may have none returns the rc it got). */
int riv__err_prefix(struct riv_err *err, const char *fmt, ...)
    RIV__FORMAT(2, 3);

/* For RIV__CHECK: RIV_EFATAL with what does not hold, and where. */
int riv__err_check(struct riv_err *err, const char *what, const char *file,
                   int line);

/* An assertion of journal, batch and recovery code: it stays on in release
 * builds, and ends the job instead of the process. What does not hold is our
 * mistake, and going on could write it down for ever. In functions that return
 * int. */
#define RIV__CHECK(x, err) \
    do { \
        if (RIV__RARELY(!(x))) \
            return riv__err_check((err), #x, __FILE__, __LINE__); \
    } while (0)

/* "call path: what errno means" for a failed system call, and the way out of a
 * full disk, a quota and too few descriptors; sysno is positive (an errno). Picks
 * the code from it (ENOENT: RIV_ENOINPUT, EACCES: RIV_EPERM, EADDRINUSE:
 * RIV_EBUSY, ENOMEM: RIV_ENOMEM, ...; else RIV_EIO). path may be NULL. */
int riv__err_sys(struct riv_err *err, int sysno, const char *call,
                 const char *path);

/* For every number: 0 or more is "ok"; a code that is not in the list (user
 * functions may return any) is "unknown", and fatal. */
const char *riv__err_name(int code);
const char *riv__err_text(int code);
enum riv_err_class riv__err_class(int code);

#endif
