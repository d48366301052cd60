/* EXPECT compile: no member named [‘']tmp[’']
 *
 * The description names a field that the record does not have. */
#include <rivulet.h>

typedef struct {
    riv_str sensor;
    int64_t ts;
    double temp;
} reading;
#ifdef FIXED
RIV_STRUCT(reading, sensor, ts, temp);
#else
RIV_STRUCT(reading, sensor, ts, tmp);
#endif

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_print(riv_decode(lines, &riv_type_reading, "csv", NULL), 10);
    return 0;
}
