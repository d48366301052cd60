/* EXPECT compile: conflicting types for [‘']warm[’']
 *
 * A function of a filter that does not have the filter's arguments. */
#include <rivulet.h>

typedef struct {
    riv_str sensor;
    int64_t ts;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, ts, temp);

RIV_FILTER(warm, reading);
#ifdef FIXED
static int warm(const reading *in, riv_task *t)
{
    (void)t;
    return in->temp > -100;
}
#else
static bool warm(const reading *in)
{
    return in->temp > -100;
}
#endif

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *readings = riv_decode(lines, &riv_type_reading, "csv", NULL);
    riv_print(riv_filter(readings, warm_fn, NULL), 10);
    return 0;
}
