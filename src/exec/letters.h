/* exec/letters.h - the dead letters of a batch on their way into the journal:
 * what functions refused under RIV_DEAD_LETTER, as bytes. A task collects its
 * own; when it has succeeded the driver takes them over, in the order of tasks,
 * and stream/commit.c writes them down with the batch. None is ever left out: too
 * many are an error. Without a journal there are none. */
#ifndef RIV_EXEC_LETTERS_H
#define RIV_EXEC_LETTERS_H

#include "base/arena.h"
#include "conf/settings.h"
#include "graph/graph.h"

/* Instead of an operator: the line killed the process (sieve.h). */
#define RIV__LETTER_CRASH "(crash)"

struct riv_letter_note {
    struct riv_letter_note *next;
    const riv_ds *ds; /* that refused it; NULL: it killed the process */
    riv_str raw; /* the line as it was read; without a place the row as CSV */
    riv_str source; /* the input's URI or path; "" of a row without a place */
    const char *why;
    int64_t offset; /* of the line; -1: none */
};

struct riv_letters { /* zeroed: none */
    struct riv_arena arena;
    struct riv_letter_note *first, *last;
    uint64_t bytes; /* of all raw */
};

/* Copies the note. RIV_ENOMEM. */
int riv__letters_add(struct riv_letters *letters,
                     const struct riv_letter_note *note) RIV__MUST_USE;
/* Copies all of another list behind these. RIV_ENOMEM. */
int riv__letters_append(struct riv_letters *letters,
                        const struct riv_letters *from) RIV__MUST_USE;
/* RIV_ERECORD: so many bytes are more than letters.max. */
int riv__letters_limit(const struct riv_settings *conf, uint64_t bytes,
                       struct riv_err *err) RIV__MUST_USE;
/* Empty; memory is given back. */
void riv__letters_fini(struct riv_letters *letters);

#endif
