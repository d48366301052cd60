/* api/action_key.c - actions over pairs, made of the operators by key. */
#include <string.h>

#include "api/action.h"
#include "graph/check.h"
#include "graph/ops.h"

static int collect_made(struct riv_action *act, riv_ds *made, int field,
                        riv_result *out)
{
    return riv__action_end(act, riv__action_collect(act, made, 0, field, out));
}

int riv_count_by_key(riv_ds *rdd, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_count_by_key"));
    return collect_made(&act, riv__op_count_by_key(rdd), RIV__MADE_PAIR, out);
}

int riv_count_by_value_now(riv_ds *rdd, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_count_by_value_now"));
    return collect_made(&act, riv_count_by_value(rdd, NULL), RIV__MADE_PAIR,
                        out);
}

int riv_collect_as_map(riv_ds *rdd, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_collect_as_map"));
    return collect_made(&act, riv__op_last_by_key(rdd), RIV__WHOLE_ROW, out);
}

int riv_reduce_by_key_locally(riv_ds *rdd, const riv_fn *f, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_reduce_by_key_locally"));
    return collect_made(&act, riv_reduce_by_key(rdd, f, NULL), RIV__WHOLE_ROW,
                        out);
}

int riv_lookup(riv_ds *rdd, const void *key, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_lookup"));
    if (!key || riv__check_pairs(rdd, act.name, NULL) < 0)
        return riv__action_end(&act,
                               riv__action_fail(&act, RIV_EINVAL, "no key"));
    return collect_made(&act, riv_filter_by_range(rdd, key, key),
                        RIV__ONLY_VALUE, out);
}
