/* api/log.c - what a context says: to the program's log function, and warnings
 * to whoever looks at the job. @thread any */
#include <stdio.h>

#include "api/context.h"
#include "obs/board.h"

void riv__context_log(riv *r, int level, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    const bool is_shown = r->board && level <= RIV_LOG_WARN;
    const bool is_logged =
        r->log && level <= r->conf.settings.log_level + RIV_LOG_ERROR;
    if (!is_shown && !is_logged)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (is_shown)
        riv__board_text(r->board, text);
    if (!is_logged)
        return;
    riv__lock(&r->say);
    r->log(r->log_arg, level, text);
    riv__unlock(&r->say);
}
