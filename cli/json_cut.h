/* cli/json_cut.h - a line of JSON cut into the fields that a query names. Nothing
 * is copied and no type is asked for: a number is its text, as in CSV. */
#ifndef JSON_CUT_H
#define JSON_CUT_H

#include "query.h"

enum { JSON_DEPTH_MAX = 64 }; /* objects and arrays within each other */

/* What was cut. */
struct json_cut {
    uint64_t there;   /* a bit for each field that the line has */
    uint64_t escaped; /* and for each text that json_plain has to go over */
    const char *why;  /* what is wrong with the line */
};

/* Cuts the fields of the query, "user.name" out of the object "user"; of a name
 * that comes again the last counts. Text is without its quotes, null is empty, an
 * object or array is as it is written. Returns the first field that is missing,
 * query->names: none is; -1: the line is no object of JSON. */
int json_cut(const struct query *query, riv_str line, riv_str *field,
             struct json_cut *ret);

/* A text with its escapes undone, into `dst`, which has room for s.n bytes. Half a
 * pair of \u becomes U+FFFD. */
riv_str json_plain(riv_str s, char *dst);

#endif
