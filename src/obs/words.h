/* obs/words.h - a picture in plain words and as JSON: what rivulet status and
 * /api/status give. */
#ifndef RIV_OBS_WORDS_H
#define RIV_OBS_WORDS_H

#include "base/buf.h"
#include "obs/picture.h"

/* Lines for a terminal. Each begins with a letter that says how it is meant,
 * which whoever shows it takes away: 'T' a title, '+' good, '-' bad, '~' to be
 * noticed, 'D' less important, ' ' plain. */
void riv__picture_words(const struct riv_picture *picture, struct riv_buf *to);

/* One object; docs/operations.md names its members. Batches: at most `batches`,
 * newest first. */
void riv__picture_json(const struct riv_picture *picture, size_t batches,
                       struct riv_buf *to);

/* "waits for the next batch": what the driver does. */
const char *riv__phase_words(enum riv_phase phase);

#endif
