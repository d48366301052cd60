/* ops_rdd.c - the operations of rdd.jsonl: inputs by riv_parallelize, results by
 * actions. The tables are in the files of each kind; here is what they share. */
#include "ops_rdd.h"

/* The result: all partitions apart, or all records. */
int collect(struct run *run, riv_ds *ds)
{
    const char *how = json_string_value(member(run, "compare"));
    if (how && strcmp(how, "parts") == 0)
        return collect_parts(ds, &run->got);
    return collect_json(ds, &run->got);
}

int result(struct run *run, int rc, riv_result *res)
{
    if (rc == 0)
        run->got = json_of_result(res);
    riv_result_free(res);
    return rc;
}

int value(struct run *run, int rc, json_t *v)
{
    run->got = v;
    return rc;
}

int one(struct run *run, int rc, const void *record)
{
    if (rc == 0)
        run->got = json_of_row(riv_ds_type(run->in[0]), record);
    return rc;
}

double real_param(const struct run *run, const char *name, double otherwise)
{
    double x = otherwise;
    number_of_json(json_object_get(run->params, name), &x);
    return x;
}

const struct rdd_op *const rdd_ops[] = {
    rdd_ops_whole, rdd_ops_step,   rdd_ops_set, rdd_ops_key,
    rdd_ops_order, rdd_ops_number, NULL,
};
