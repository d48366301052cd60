/* obs/line.h - a line of the log, as people, a service manager or programs read
 * it: the setting log.format. */
#ifndef RIV_OBS_LINE_H
#define RIV_OBS_LINE_H

#include "base/buf.h"

enum riv_line_form { RIV__LINE_TEXT, RIV__LINE_JSON, RIV__LINE_SYSTEMD };

struct riv_line {
    int level;       /* RIV_LOG_*; 0: a notice, that has none */
    int64_t wall_ms; /* since the epoch */
    const char *job; /* its name; "": it has none */
    const char *text;
};

/* With its newline. For machines, what a text has of line ends and other control
 * characters is shown as escapes, so that a line is one line; people get it as it
 * is.
 *   text     rivulet: warning: ...
 *   json     {"time":"2026-11-30T14:04:41.250Z","level":"warning",...}
 *   systemd  <4>rivulet: warning: ..., of which the journal makes a priority */
void riv__line_put(struct riv_buf *to, enum riv_line_form form,
                   const struct riv_line *line);

#endif
