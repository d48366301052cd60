/* EXPECT compile: assigning to .*sensor_count.* from .*sensor_temp
 *
 * The function emits a record of another type than its macro line says. */
#include <rivulet.h>

RIV_PAIR(sensor_temp, riv_str, double);
RIV_PAIR(sensor_count, riv_str, int64_t);

RIV_FLAT_MAP(sensors, riv_str, sensor_count);
static int sensors(const riv_str *line, sensors_out *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line, sensor;
    if (riv_cut(&rest, ',', &sensor)) {
#ifdef FIXED
        riv_emit(out, (sensor_count){ sensor, 1 });
#else
        riv_emit(out, (sensor_temp){ sensor, 1 });
#endif
    }
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_print(riv_flat_map(lines, sensors_fn, NULL), 10);
    return 0;
}
