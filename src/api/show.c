/* api/show.c - starts and ends what shows a run to others. Only in the real world:
 * under a test's clock a test looks itself. */
#include "api/show.h"

#include "api/status.h"
#include "http/local.h"

static struct riv_picture *take_picture(void *arg, size_t batches)
{
    return riv__status_picture(arg, batches);
}

static struct riv_viewer viewer_of(riv *r)
{
    return (
        struct riv_viewer){ .sys = r->sys, .arg = r, .picture = take_picture };
}

/* Some file systems have no sockets; the job is none the worse for it. */
static void local_start(riv *r)
{
    const struct riv_viewer viewer = viewer_of(r);
    struct riv_err why = { .code = 0 };
    if (riv__local_start(&viewer, r->conf.settings.state_dir, &r->local, &why) <
        0)
        riv__context_log(r, RIV_LOG_INFO,
                         "rivulet status cannot ask this job: %s", why.text);
}

int riv__show_start(riv *r, struct riv_err *err)
{
    (void)err;
    if (r->sys != riv__sys_real())
        return 0;
    if (r->is_durable && !r->local)
        local_start(r);
    return 0;
}

void riv__show_stop(riv *r)
{
    riv__local_stop(RIV__TAKE(r->local));
}
