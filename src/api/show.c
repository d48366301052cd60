/* api/show.c - starts and ends what shows a run to others. Only in the real world:
 * under a test's clock a test looks itself. */
#include "api/show.h"

#include "api/status.h"
#include "api/tap.h"
#include "http/local.h"
#include "http/server.h"

static struct riv_picture *take_picture(void *arg, size_t batches)
{
    return riv__status_picture(arg, batches);
}

static int take_rows(void *arg, const struct riv_tap_ask *ask,
                     struct riv_buf *to)
{
    return riv__tap_answer(arg, ask, to);
}

static const char off[] = "this job shows no rows: it has http.tap=no";

static struct riv_viewer viewer_of(riv *r)
{
    return (struct riv_viewer){
        .sys = r->sys,
        .arg = r,
        .picture = take_picture,
        .tap = take_rows,
        .no_tap = r->conf.settings.http_tap == RIV__TAP_NO ? off : NULL
    };
}

/* Every user of the machine may ask at an address that wants no token. */
static struct riv_viewer viewer_of_address(riv *r)
{
    struct riv_viewer viewer = viewer_of(r);
    const struct riv_settings *conf = &r->conf.settings;
    if (conf->http_tap == RIV__TAP_TOKEN && !conf->http_token_file[0])
        viewer.no_tap =
            "this job shows rows only to those with a token, since every user "
            "of its machine reaches http.listen: give it http.token_file, or "
            "http.tap=yes; or ask at its state directory";
    return viewer;
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

static int http_start(riv *r, struct riv_err *err)
{
    const struct riv_settings *conf = &r->conf.settings;
    RIV__TRY(riv__http_start(
        &(struct riv_http_spec){ .viewer = viewer_of_address(r),
                                 .listen = conf->http_listen,
                                 .token_file = conf->http_token_file },
        &r->http, err));
    riv__context_log(r, RIV_LOG_INFO, "the job shows itself at http://%s/",
                     riv__http_address(r->http));
    return 0;
}

int riv__show_start(riv *r, struct riv_err *err)
{
    if (r->sys != riv__sys_real())
        return 0;
    if (r->is_durable && !r->local && !r->step_gen)
        local_start(r);
    return r->conf.settings.http_listen[0] && !r->http ? http_start(r, err) : 0;
}

void riv__show_stop(riv *r)
{
    riv__local_stop(RIV__TAKE(r->local));
    riv__http_stop(RIV__TAKE(r->http));
}
