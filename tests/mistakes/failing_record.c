/* EXPECT run: map.*by_sensor.*failing_record\.c:\d+.*: record failed:
 *   sensor kitchen is too hot; exit 70
 *
 * A record fails, and the operator has no other policy than to fail the job. */
#include <rivulet.h>

typedef struct {
    riv_str sensor;
    int64_t ts;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, ts, temp);
RIV_PAIR(sensor_temp, riv_str, double);

RIV_MAP(by_sensor, reading, sensor_temp);
static int by_sensor(const reading *in, sensor_temp *out, riv_task *t)
{
    if (in->temp > 20)
        return riv_fail(t, "sensor " RIV_S " is too hot", RIV_P(in->sensor));
    *out = (sensor_temp){ in->sensor, in->temp };
    return 0;
}

RIV_JOB(r, argc, argv)
{
#ifdef FIXED
    const riv_opt *o = RIV_OPT(.on_error = RIV_SKIP);
#else
    const riv_opt *o = NULL;
#endif
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *readings = riv_decode(lines, &riv_type_reading, "csv", NULL);
    riv_print(riv_map(readings, by_sensor_fn, o), 10);
    return 0;
}
