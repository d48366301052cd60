/* cli/term.h - the terminal: is there one, how wide, colours, the live picture.
 * One per process, because signals must be able to restore it. Used by demo. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>

/* True when standard output is a terminal that can redraw. */
bool term_is_live(void);
/* Colours: a terminal, no NO_COLOR, TERM not "dumb". */
bool term_has_colour(void);
/* The locale's characters are UTF-8, as LC_ALL, LC_CTYPE or LANG say. */
bool term_is_utf8(void);
/* Columns and rows; 80 and 24 when nobody knows. */
void term_size(int *ret_cols, int *ret_rows);

/* Takes the screen: the other buffer, no cursor, keys without Enter; and
 * installs handlers so that it is given back on Ctrl-Z and on a crash. The
 * descriptor `wake` gets 8 bytes (an eventfd) when the size changes, on SIGINT,
 * SIGTERM and SIGHUP, and after Ctrl-Z. */
void term_enter(int wake);
/* Gives it back. Fine when it was not taken. */
void term_leave(void);

/* Without taking the screen: SIGINT and SIGTERM are noted, and wake. */
void term_watch(int wake);
/* A signal asked for the end. */
bool term_is_asked_to_end(void);
/* The next key, 0: none. Never waits. */
int term_key(void);
/* Standard input, if it is a terminal that term_enter set up; else -1. */
int term_input(void);

/* Writes all to standard output. False: nobody reads any more. */
bool term_write(const char *p, size_t n);

#endif
