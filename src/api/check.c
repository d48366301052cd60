/* api/check.c - riv_check_state: the graph against a state directory, without
 * a run. The comparison is stream/check.c's. */
#include "stream/check.h"
#include "api/context.h"

static int check_plan(riv *r, const struct riv_plan *plan, riv_write_fn *write,
                      void *arg, struct riv_err *err)
{
    const riv_ds **source =
        riv__arena_zalloc(&r->own, (r->nsource + 1) * sizeof *source);
    if (!source)
        return riv__err_set(err, RIV_ENOMEM, "no memory for inputs");
    const struct riv_state_check check = {
        .plan = plan,
        .source = source,
        .nsource = riv__inputs_list(r, plan, source),
        .write = write,
        .arg = arg,
    };
    return riv__state_check(&check, err);
}

/* A job without a stream leaves the directory alone. */
static int check(riv *r, riv_write_fn *write, void *arg, struct riv_err *err)
{
    static const char none[] =
        "no output reads a stream: the state directory is not used\n";
    struct riv_plan *plan = NULL;
    RIV__TRY(riv__context_plan(r, true, &plan, err));
    if (!plan) {
        write(arg, none, sizeof none - 1);
        return 0;
    }
    int rc = check_plan(r, plan, write, arg, err);
    riv__plan_free(plan);
    return rc;
}

int riv_check_state(riv *r, riv_write_fn *write, void *arg)
{
    struct riv_err err = { 0 };
    RIV__TRY(riv__context_ready(r));
    if (!write)
        return riv_invalid(r, "riv_check_state: no place for its text is "
                              "given");
    if (!r->conf.settings.state_dir[0])
        return riv_invalid(r, "riv_check_state: there is no state directory; "
                              "name one with --state DIR or state.dir");
    r->graph.frozen = true;
    int rc = check(r, write, arg, &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}
