/* ops.c - see ops.h. */
#include "ops.h"

riv_opt *options(const struct run *run, riv_opt *o)
{
    o->struct_size = sizeof *o;
    o->partitions = (int)param(run, "num_partitions", 0);
    return o;
}

static bool is_real(const riv_ds *ds)
{
    return riv_ds_type(ds)->kind == RIV_K_F64;
}

bool reals(const struct run *run)
{
    return is_real(run->in[0]);
}

RIV_MAP_PARTITIONS(sum_of, int64_t, int64_t);
static int sum_of(const int64_t *rows, size_t n, sum_of_out *out, riv_task *t)
{
    int64_t *total = riv_local(t, sizeof *total, NULL);
    for (size_t i = 0; i < n; i++)
        *total += rows[i];
    if (n == 0)
        riv_emit(out, *total);
    return 0;
}

RIV_MAP_PARTITIONS(sum_of_reals, double, double);
static int sum_of_reals(const double *rows, size_t n, sum_of_reals_out *out,
                        riv_task *t)
{
    double *total = riv_local(t, sizeof *total, NULL);
    for (size_t i = 0; i < n; i++)
        *total += rows[i];
    if (n == 0)
        riv_emit(out, *total);
    return 0;
}

riv_ds *sums_of_partitions(riv_ds *numbers)
{
    return riv_map_partitions(
        numbers, is_real(numbers) ? sum_of_reals_fn : sum_of_fn, NULL);
}
