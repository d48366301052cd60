/* cli/say.h - what the command says when something is wrong: one message,
 * "rivulet: what, where, the way out", on standard error, and the exit code that
 * goes with it. Used by every command. */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rivulet.h>

/* Exit codes, after sysexits.h. */
enum {
    EXIT_FINE = 0,
    EXIT_USAGE = 64,   /* wrong use of the command */
    EXIT_STATE = 65,   /* the state directory cannot be used */
    EXIT_NOINPUT = 66, /* a file is missing or no file */
    EXIT_UNAVAIL = 69, /* a peer, a port or a compiler is not there */
    EXIT_PROGRAM = 70, /* the user's code failed */
    EXIT_SYSTEM = 71,  /* no memory, threads, processes */
    EXIT_BUSY = 73,    /* in use, or cannot be created */
    EXIT_IO = 74,      /* reading or writing failed */
    EXIT_AGAIN = 75,   /* stopped before everything was done */
    EXIT_PERM = 77,    /* owner or mode of a file forbid it */
    EXIT_GRAPH = 78    /* the job or a setting is wrong */
};

/* What stands for byte i of a text on a terminal, which must not act upon it:
 * control characters are question marks, those beyond ASCII too, a tab is a
 * blank. */
char say_safe(riv_str s, size_t i);

/* A text, so made safe. */
void say_put(FILE *to, riv_str s);

/* Prints the message, made safe but for line feeds, and returns `code`:
 * `return say(EXIT_USAGE, "...")`. */
int say(int code, const char *fmt, ...) RIV_PRINTF(2, 3);

/* The same for a failed system call on a path; the code follows from errno. */
int say_errno(int sysno, const char *call, const char *path);

/* The exit code of a status of the library; EXIT_GRAPH for RIV_EINVAL. */
int say_status(int status);

/* Of a list of words ending in NULL the one that was probably meant, or
 * NULL. */
const char *say_nearest(const char *typed, const char *const *words);

#endif
