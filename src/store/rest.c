/* store/rest.c - see rest.h. */
#include "store/rest.h"

#include "base/macro.h"

void riv__rest_init(struct riv_rest *rest, struct riv_sys *sys)
{
    *rest = (struct riv_rest){ .sys = sys };
    riv__lock_init(&rest->lock);
    riv__cond_init(&rest->over);
}

void riv__rest_fini(struct riv_rest *rest)
{
    riv__cond_fini(&rest->over);
    riv__lock_fini(&rest->lock);
}

bool riv__rest_work(struct riv_rest *rest, bool at_work)
{
    riv__lock(&rest->lock);
    const bool was = rest->at_work;
    rest->at_work = at_work;
    if (!at_work && rest->rests)
        riv__cond_broadcast(&rest->over);
    riv__unlock(&rest->lock);
    return was;
}

void riv__rest_begin(struct riv_rest *rest, int64_t most_ms)
{
    rest->left_ns = most_ms * 1000000;
}

void riv__rest_take(struct riv_rest *rest)
{
    struct riv_sys *sys = rest->sys;
    if (rest->left_ns <= 0)
        return;
    riv__lock(&rest->lock);
    if (rest->at_work) {
        const int64_t from = sys->mono_ns(sys);
        bool in_time = true;
        rest->rests = true;
        while (rest->at_work && in_time)
            in_time = riv__cond_wait_until(&rest->over, &rest->lock,
                                           from + rest->left_ns);
        rest->rests = false;
        rest->left_ns -= RIV__MAX(sys->mono_ns(sys) - from, 0);
        if (!in_time)
            rest->left_ns = 0;
    }
    riv__unlock(&rest->lock);
}
