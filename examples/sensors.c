/* The average temperature of each sensor over the last 6 s, every 2 s.
 *
 *   rivulet run examples/sensors.c replay:10:examples/data/readings.csv
 *
 * reads lines "sensor,ts,temp", ten a second, and prints lines
 * "sensor,average,readings" every 2 s, five times in all. The window is
 * incremental: `subtract` takes out what leaves it. */
#include <rivulet.h>

typedef struct {
    riv_str sensor;
    int64_t ts;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, ts, temp);
typedef struct {
    double sum;
    int64_t n;
} mean;
RIV_STRUCT(mean, sum, n);
RIV_PAIR(sensor_mean, riv_str, mean);
typedef struct {
    riv_str sensor;
    double average;
    int64_t readings;
} row;
RIV_STRUCT(row, sensor, average, readings);

RIV_MAP(by_sensor, reading, sensor_mean);
static int by_sensor(const reading *in, sensor_mean *out, riv_task *t)
{
    if (in->temp < -273.15)
        return riv_fail(t, "sensor " RIV_S ": %g is below absolute zero",
                        RIV_P(in->sensor), in->temp);
    *out = (sensor_mean){ in->sensor, { in->temp, 1 } };
    return 0;
}

RIV_REDUCE(add, mean);
static void add(mean *acc, const mean *v, riv_task *t)
{
    (void)t;
    acc->sum += v->sum;
    acc->n += v->n;
}

RIV_REDUCE(subtract, mean);
static void subtract(mean *acc, const mean *v, riv_task *t)
{
    (void)t;
    acc->sum -= v->sum;
    acc->n -= v->n;
}

RIV_FLAT_MAP(average, sensor_mean, row);
static int average(const sensor_mean *in, average_out *out, riv_task *t)
{
    (void)t;
    if (in->val.n > 0)
        riv_emit(out,
                 (row){ in->key, in->val.sum / (double)in->val.n, in->val.n });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines =
        riv_text(r, argc > 1 ? argv[1] : "-", RIV_OPT(.uid = "lines"));
    riv_ds *readings = riv_decode(lines, &riv_type_reading, "csv",
                                  RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *temps =
        riv_map(readings, by_sensor_fn, RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *means = riv_reduce_by_key_and_window(
        temps, add_fn, RIV_SEC(6), RIV_SEC(2),
        RIV_OPT(.uid = "means", .subtract = subtract_fn));
    riv_save_text(riv_flat_map(means, average_fn, NULL), "-", NULL);
    return 0;
}
