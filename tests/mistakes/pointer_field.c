/* EXPECT compile: RIV_STRUCT\(reading\): field sensor has a type that
 *   records cannot hold; use riv_str
 *
 * A record has a pointer, which no exchange could follow. */
#include <rivulet.h>

typedef struct {
#ifdef FIXED
    riv_str sensor;
#else
    char *sensor;
#endif
    int64_t ts;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, ts, temp);

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_print(riv_decode(lines, &riv_type_reading, "csv", NULL), 10);
    return 0;
}
