/* EXPECT build: riv_map: is_cellar \(\S*filter_in_map\.c:\d+\) is a
 *   RIV_FILTER function; riv_map takes RIV_MAP; exit 78
 *
 * A filter's function is given to map. */
#include <rivulet.h>

RIV_FILTER(is_cellar, riv_str);
static int is_cellar(const riv_str *line, riv_task *t)
{
    (void)t;
    riv_str rest = *line, sensor;
    return riv_cut(&rest, ',', &sensor) && riv_eq(sensor, riv_cstr("cellar"));
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
#ifdef FIXED
    riv_print(riv_filter(lines, is_cellar_fn, NULL), 10);
#else
    riv_print(riv_map(lines, is_cellar_fn, NULL), 10);
#endif
    return 0;
}
