/* api/durable.c - a context with a state directory: opens the journal, lets a
 * run go on where the last one stood, adds the program's counters to every
 * batch, and closes it. The protocol is stream/'s. */
#include "api/context.h"
#include "exec/user.h"
#include "exec/watch.h"
#include "stream/recovery.h"

static void say(void *arg, int level, const char *text)
{
    riv__context_log(arg, level, "%s", text);
}

static struct riv_recovery_spec spec_of(riv *r)
{
    return (struct riv_recovery_spec){ .exec = &r->exec, .say = say, .arg = r };
}

/* Before the plan is made: from then on it writes down what it changes. */
int riv__context_durable(riv *r, struct riv_err *err)
{
    const struct riv_recovery_spec spec = spec_of(r);
    if (!r->conf.settings.state_dir[0])
        return 0;
    r->is_durable = true;
    if (r->supervised)
        atomic_store(&r->supervised->goes_on, true);
    return riv__durable_open(&r->durable, &spec, err);
}

static int counters_commit(void *arg, struct riv_commit *commit,
                           struct riv_err *err)
{
    const riv *r = arg;
    for (const struct riv_counter *c = r->counters; c; c = c->next)
        if (riv__commit_counter(commit, riv_cstr(c->name),
                                riv_counter_value(c)) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for counters");
    return 0;
}

/* One that the program has no more is left alone. */
static int counter_load(void *arg, riv_str name, int64_t value,
                        struct riv_err *err)
{
    riv *r = arg;
    (void)err;
    for (struct riv_counter *c = r->counters; c; c = c->next)
        if (riv_eq(name, riv_cstr(c->name)))
            atomic_store(&c->value, value);
    return 0;
}

int riv__context_recover(riv *r, struct riv_generator *gen, struct riv_err *err)
{
    const struct riv_recovery_spec spec = spec_of(r);
    if (!r->is_durable)
        return 0;
    gen->durable = &r->durable;
    r->durable.arg = r;
    r->durable.more = counters_commit;
    RIV__TRY(
        riv__journal_each_counter(r->durable.journal, counter_load, r, err));
    return riv__durable_recover(&r->durable, &spec, gen, err);
}

/* Whatever the run came to: what was committed stays. */
int riv__context_durable_end(riv *r, int rc, struct riv_err *err)
{
    struct riv_err why = { 0 };
    if (!r->is_durable)
        return rc;
    r->is_durable = false;
    const int end = riv__durable_close(&r->durable, &why);
    r->exec.app = NULL; /* it was the journal's */
    if (rc < 0 || end == 0)
        return rc;
    return riv__err_set(err, end, "%s", why.text);
}
