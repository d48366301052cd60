/* api/token.c - riv_batch_token. That of a task is in exec/token.c. */
#include "exec/token.h"

#include "api/context.h"

int riv_batch_token(riv *r, riv_token *out)
{
    const char *why;
    const int rc = riv__batch_token(&r->exec, out, &why);
    return rc == RIV_EINVAL ? riv_invalid(r, "riv_batch_token: %s", why) : rc;
}
