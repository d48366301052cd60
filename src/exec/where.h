/* exec/where.h - where a refused record came from: its line, the line's place in
 * the source, its message in a log (io/log_origin.h); for messages and dead letters.
 * Nobody asks of a record that is fine. @thread worker */
#ifndef RIV_EXEC_WHERE_H
#define RIV_EXEC_WHERE_H

#include "exec/chain.h"
#include "exec/letters.h"
#include "io/log_origin.h"

/* A record as text, and the row it is, if it has one. */
struct riv_where_of {
    riv_str raw;
    const struct riv_layout *in; /* of the row; NULL: it has no place */
    const void *row;
};

struct riv_where {
    riv_str line;   /* around it; p NULL: not known */
    int64_t offset; /* of the record, in a log of its message; -1: not known */
    int64_t line_offset; /* of its line, or message; -1 */
    riv_str source; /* "" when nothing is known of its place; the chain's, or
                            in `text` */
    struct riv_buf text;               /* of a log; sticky RIV_ENOMEM */
    char words[RIV__LOG_ORIGIN_SHOWN]; /* "at or after byte 7" */
};

void riv__where_find(struct riv_chain *chain, const struct riv_where_of *of,
                     struct riv_where *ret);
/* Of a line that is being pushed. */
void riv__where_line(struct riv_chain *chain, riv_str line,
                     struct riv_where *ret);
/* Adds the letter that was made of it to those of the task, of which letters.max are
 * the most. */
int riv__where_letter(struct riv_chain *chain, const struct riv_where *where,
                      const struct riv_letter_note *note) RIV__MUST_USE;
void riv__where_fini(struct riv_where *where);

#endif
