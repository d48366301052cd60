/* api/action_iterate.c - an RDD's records partition by partition, a job for each
 * when it is asked for: only one partition is held. And how many there are. */
#include "api/action.h"

void riv_to_local_iterator(riv_ds *rdd, riv_local_iterator *ret)
{
    if (ret)
        *ret = (riv_local_iterator){ .struct_size = sizeof *ret, .rdd = rdd };
    else if (rdd && rdd->graph)
        riv__graph_fail(rdd->graph, RIV_EINVAL,
                        "riv_to_local_iterator: no place for it is given");
}

static int pick(riv_ds *rdd, struct riv_pick *pick, riv_result *rows,
                const riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_next"));
    return riv__action_end(&act, riv__action_pick(&act, rdd, pick, rows));
}

/* The left of a union may have no partition: then those of its right. */
int riv_next(riv_local_iterator *it, riv_result *out)
{
    while (it && !it->ended) {
        struct riv_pick want = { .branch = it->branch,
                                 .partition = it->partition };
        riv_result rows = { .struct_size = sizeof rows };
        RIV__TRY(pick(it->rdd, &want, &rows, out));
        it->ended = !want.more;
        it->branch = want.next_branch;
        it->partition = want.next_partition;
        if (want.found) {
            *out = rows;
            return 1;
        }
        riv_result_free(&rows);
    }
    return it ? 0 : RIV_EINVAL;
}

/* Asks for a partition that nobody has. */
int riv_partitions_now(riv_ds *rdd, int64_t *n)
{
    struct riv_action act;
    struct riv_pick none = { .branch = UINT32_MAX, .partition = UINT32_MAX };
    riv_result rows = { .struct_size = sizeof rows };
    RIV__TRY(riv__action_begin(&act, rdd, n, "riv_partitions_now"));
    int rc = riv__action_pick(&act, rdd, &none, &rows);
    if (rc == 0)
        *n = none.count;
    riv_result_free(&rows);
    return riv__action_end(&act, rc);
}
