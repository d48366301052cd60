/* EXPECT compile: conflicting types for .by_sensor.
 *
 * The function writes another struct than its macro line says. */
#include <rivulet.h>

typedef struct {
    riv_str sensor;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, temp);
RIV_PAIR(sensor_temp, riv_str, double);
RIV_PAIR(sensor_count, riv_str, int64_t);

RIV_MAP(by_sensor, reading, sensor_temp);
#ifdef FIXED
static int by_sensor(const reading *in, sensor_temp *out, riv_task *t)
{
    (void)t;
    *out = (sensor_temp){ in->sensor, in->temp };
    return 0;
}
#else
static int by_sensor(const reading *in, sensor_count *out, riv_task *t)
{
    (void)t;
    *out = (sensor_count){ in->sensor, 1 };
    return 0;
}
#endif

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *readings = riv_decode(lines, &riv_type_reading, "csv", NULL);
    riv_print(riv_map(readings, by_sensor_fn, NULL), 10);
    return 0;
}
