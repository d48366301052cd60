/* EXPECT build: riv_reduce_by_key\(add, \S*wrong_reducer\.c:\d+\): reduces
 *   mean.*, but the values of its input are (int64_t|i64); exit 78
 *
 * The reducer is for means, but the values are counts. */
#include <rivulet.h>

RIV_PAIR(sensor_count, riv_str, int64_t);
typedef struct {
    double sum;
    int64_t n;
} mean;
RIV_STRUCT(mean, sum, n);

RIV_MAP(by_sensor, riv_str, sensor_count);
static int by_sensor(const riv_str *line, sensor_count *out, riv_task *t)
{
    riv_str rest = *line;
    if (!riv_cut(&rest, ',', &out->key))
        return riv_fail(t, "empty line");
    out->val = 1;
    return 0;
}

RIV_REDUCE(add, mean);
static void add(mean *acc, const mean *v, riv_task *t)
{
    (void)t;
    acc->sum += v->sum;
    acc->n += v->n;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *sensors = riv_map(lines, by_sensor_fn, NULL);
#ifdef FIXED
    const riv_fn *f = riv_sum_i64;
#else
    const riv_fn *f = add_fn;
#endif
    riv_print(riv_reduce_by_key(sensors, f, NULL), 10);
    return 0;
}
