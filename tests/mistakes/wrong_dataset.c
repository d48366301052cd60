/* EXPECT build: riv_map\(by_sensor, \S*wrong_dataset\.c:\d+\): takes reading.*,
 *   but its input \(riv_text .*\) gives (riv_)?str; exit 78
 *
 * The map gets the lines: the step that decodes them was forgotten. */
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
    (void)t;
    *out = (sensor_temp){ in->sensor, in->temp };
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
#ifdef FIXED
    lines = riv_decode(lines, &riv_type_reading, "csv", NULL);
#endif
    riv_print(riv_map(lines, by_sensor_fn, NULL), 10);
    return 0;
}
