/* sim/errors.c - which errors a call can have. */
#include "sim/errors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const int errnos[FAIL_KINDS][5] = {
    [FAIL_OPEN] = { EIO, EMFILE, EACCES, ENOSPC, EINTR },
    [FAIL_READ] = { EIO, EINTR },
    [FAIL_WRITE] = { EIO, ENOSPC, EDQUOT, EINTR },
    [FAIL_TRUNCATE] = { EIO, ENOSPC },
    [FAIL_ALLOCATE] = { ENOSPC, EDQUOT, EOPNOTSUPP },
    [FAIL_SYNC] = { EIO, ENOSPC, EDQUOT },
    [FAIL_LOCK] = { ENOLCK },
    [FAIL_STAT] = { EIO, EACCES },
    [FAIL_RENAME] = { EIO, ENOSPC, EACCES },
    [FAIL_UNLINK] = { EIO, EACCES },
    [FAIL_MKDIR] = { EIO, ENOSPC, EACCES },
    [FAIL_LIST] = { EIO, EACCES, EMFILE },
    [FAIL_SPACE] = { EIO },
    [FAIL_CONNECT] = { ECONNREFUSED, ENETUNREACH, EMFILE, ENOENT },
    [FAIL_LISTEN] = { EADDRINUSE, EACCES, EMFILE },
    [FAIL_ACCEPT] = { EMFILE, ENFILE, ENOMEM },
    [FAIL_RECV] = { ECONNRESET, ETIMEDOUT, EIO },
    [FAIL_SEND] = { ECONNRESET, EPIPE },
    [FAIL_POLL] = { ENOMEM },
    [FAIL_WAKE] = { EMFILE, ENFILE },
    [FAIL_RANDOM] = { EIO },
};

static int errno_draw(enum fail_kind kind, struct rng *rng)
{
    uint64_t n = 0;
    while (n < RIV__LEN(errnos[kind]) && errnos[kind][n])
        n++;
    return errnos[kind][rng_below(rng, n)];
}

bool error_draw(struct error_plan *plan, const struct failing *counted,
                struct rng *rng)
{
    enum fail_kind kinds[FAIL_KINDS];
    uint64_t n = 0;
    for (int k = 0; k < FAIL_ANY; k++)
        if (counted->calls[k] > 0)
            kinds[n++] = (enum fail_kind)k;
    if (n == 0)
        return false;
    const enum fail_kind kind = kinds[rng_below(rng, n)];
    *plan = (struct error_plan){
        .kind = kind,
        .n = (int64_t)rng_log(rng, (uint64_t)counted->calls[kind]),
        .errnum = errno_draw(kind, rng),
        .once = rng_one_in(rng, 2),
    };
    const bool bytes =
        kind == FAIL_READ || kind == FAIL_WRITE || kind == FAIL_RECV;
    if (bytes && rng_one_in(rng, 8))
        plan->at_most = 16;
    if (plan->errnum == EINTR) /* for ever would be a signal without end */
        plan->once = true;
    return true;
}

void error_set(const struct error_plan *plan, struct failing *f)
{
    f->at_most = plan->at_most;
    if (plan->once)
        failing_once(f, plan->kind, plan->n, plan->errnum);
    else
        failing_from(f, plan->kind, plan->n, plan->errnum);
}

void error_say(const struct error_plan *plan, char *dst, size_t room)
{
    snprintf(dst, room, "%s number %lld %s: %s%s", failing_name(plan->kind),
             (long long)plan->n, plan->once ? "fails" : "and all after fail",
             plan->at_most ? "at most a byte, not " : "",
             strerrordesc_np(plan->errnum));
}
