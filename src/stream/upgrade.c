/* stream/upgrade.c - one call of a user's function outside of any task: what it
 * allocates is kept while a piece is loaded, then the states have copies. */
#include "stream/upgrade.h"

#include "exec/leave.h"

enum { KEEP_BYTES = 64 * 1024 };

struct call {
    struct riv_step *step;
    const riv_fn *fn;
    const void *in;
};

static int call_kernel(void *arg)
{
    const struct call *call = arg;
    return call->fn->rows(call->in, 1, &call->step->t);
}

static int call_one(void *arg, const riv_fn *fn, const void *in, void *out,
                    struct riv_err *err)
{
    struct riv_step *step = &((struct riv_upgrader *)arg)->step;
    struct call call = { step, fn, in };
    step->t.cur = out;
    step->why[0] = '\0';
    const int rc = riv__leave_call(step, call_kernel, &call);
    if (rc == 0)
        return 0;
    return riv__err_set(err, rc < 0 ? rc : RIV_EFATAL,
                        "RIV_UPGRADE %s (%s) cannot make a state of the old "
                        "one: %s",
                        fn->name, fn->where ? fn->where : "?",
                        step->why[0] ? step->why : "no reason given");
}

void riv__upgrader_init(struct riv_upgrader *upgrader, const riv_ds *ds,
                        const struct riv_convert *convert)
{
    riv__step_bare_init(&upgrader->step, NULL, ds);
    riv__convert_user(convert, call_one, upgrader);
}

void riv__upgrader_reset(struct riv_upgrader *upgrader)
{
    riv__arena_reset(&upgrader->step.arena, KEEP_BYTES);
}

void riv__upgrader_fini(struct riv_upgrader *upgrader)
{
    riv__step_bare_fini(&upgrader->step);
}
