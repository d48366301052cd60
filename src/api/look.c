/* api/look.c - riv_fsck_state, riv_inspect_state: into a state directory without
 * a graph. What is told is made in store/check.c and stream/inspect.c. */
#include <string.h>

#include "api/context.h"
#include "store/check.h"
#include "stream/inspect.h"

struct fsck {
    riv_write_fn *write;
    void *arg;
};

static void tell_table(void *arg, const char *table, uint64_t rows)
{
    struct fsck *fsck = arg;
    struct riv_buf text;
    riv__buf_init(&text, 0);
    riv__buf_printf(&text, "  %-10s%llu rows\n", table,
                    (unsigned long long)rows);
    if (!text.failed)
        fsck->write(fsck->arg, text.p, text.n);
    riv__buf_fini(&text);
}

static void tell_line(void *arg, const char *line)
{
    struct fsck *fsck = arg;
    fsck->write(fsck->arg, line, strlen(line));
    fsck->write(fsck->arg, "\n", 1);
}

static int need_dir(riv *r, riv_write_fn *write, const char *call)
{
    if (!write)
        return riv_invalid(r, "%s: no place for its text is given", call);
    if (r->conf.settings.state_dir[0])
        return 0;
    return riv_invalid(r,
                       "%s: there is no state directory; name one with "
                       "state.dir",
                       call);
}

int riv_fsck_state(riv *r, riv_write_fn *write, void *arg)
{
    struct riv_err err = { 0 };
    struct fsck fsck = { write, arg };
    RIV__TRY(need_dir(r, write, "riv_fsck_state"));
    const struct riv_check_spec spec = {
        .sys = r->sys,
        .conf = &r->conf.settings,
        .dir = r->conf.settings.state_dir,
        .table = tell_table,
        .report = tell_line,
        .arg = &fsck,
    };
    int rc = riv__check_dir(&spec, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    if (rc == 0) {
        tell_line(&fsck, "nothing is wrong");
        return RIV_OK;
    }
    return riv__graph_fail(&r->graph, RIV_ECHECKPOINT,
                           "state directory %s: %d finding%s", spec.dir, rc,
                           rc == 1 ? "" : "s");
}

int riv_inspect_state(riv *r, const char *uid, riv_write_fn *write, void *arg)
{
    struct riv_err err = { 0 };
    RIV__TRY(need_dir(r, write, "riv_inspect_state"));
    const struct riv_inspect inspect = {
        .sys = r->sys,
        .conf = &r->conf.settings,
        .uid = uid,
        .write = write,
        .arg = arg,
    };
    int rc = riv__inspect(&inspect, &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : RIV_OK;
}
