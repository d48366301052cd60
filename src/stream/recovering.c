/* stream/recovering.c - lines for people, and who is who. */
#include "stream/recovering.h"

#include <stdarg.h>
#include <stdio.h>

int riv__recovering_no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to recover");
}

void riv__recovering_say(const struct riv_recovering *rec, int level,
                         const char *fmt, ...)
{
    char text[RIV__ERR_TEXT_MAX];
    va_list ap;
    if (!rec->say)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rec->say(rec->arg, level, text);
}

const struct riv_match *riv__recovering_match(const struct riv_recovering *rec,
                                              enum riv_node_role role,
                                              const riv_ds *ds)
{
    for (size_t i = 0; i < rec->matches.n; i++)
        if (rec->matches.match[i].ds == ds &&
            rec->matches.match[i].role == role)
            return &rec->matches.match[i];
    return NULL;
}
