/* data/pieces.h - several records in one run of bytes, such as the value of a
 * Kafka message: lines, or records with their lengths in front of them. Writers
 * of small records pack them so, because a message costs more than its bytes. */
#ifndef RIV_DATA_PIECES_H
#define RIV_DATA_PIECES_H

#include <rivulet.h>

#include "base/macro.h"

enum { RIV__PIECES_MAX = 1 << 20 }; /* in one run */

enum riv_pieces {
    RIV__PIECES_WHOLE,    /* the run is the record */
    RIV__PIECES_LINES,    /* each ends with a newline, the last perhaps not; no
                             bytes are one empty line */
    RIV__PIECES_LENGTH32, /* 4 bytes of length, the highest first */
    RIV__PIECES_VARINT,   /* a length of 7 bits a byte, the lowest first, as in
                             protobuf's delimited messages */
    RIV__PIECES_KINDS
};
extern const char *const riv__pieces_name[RIV__PIECES_KINDS];

/* Takes the next record off *rest; *ret points into it. Of lines the first call
 * comes with all of them, later ones only while rest->n > 0. 1; 0: there is no
 * more; -1: the length does not fit what is left. */
int riv__pieces_next(enum riv_pieces how, riv_str *rest, riv_str *ret);
/* How many there are; -1: a length does not fit, or there are more than
 * RIV__PIECES_MAX. */
int64_t riv__pieces_count(enum riv_pieces how, riv_str all);

#endif
