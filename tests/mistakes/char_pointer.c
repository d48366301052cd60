/* EXPECT compile: text in a record is riv_str
 *
 * A function whose output is text as C has it; compilers that do not know the
 * attribute "unavailable" (gcc before 12) say only that riv_type_char is not
 * there. */
#include <rivulet.h>

#ifdef FIXED
RIV_MAP(sensor, riv_str, riv_str);
static int sensor(const riv_str *line, riv_str *name, riv_task *t)
{
    riv_str rest = *line;
    (void)t;
    riv_cut(&rest, ',', name);
    return 0;
}
#else
RIV_MAP(sensor, riv_str, char *);
static int sensor(const riv_str *line, char **name, riv_task *t)
{
    (void)t;
    *name = (char *)line->p;
    return 0;
}
#endif

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_print(riv_map(lines, sensor_fn, NULL), 10);
    return 0;
}
