/* W3 without the top 10 (top.c): how often each URL path occurs, the seventh field of
 * an access log's lines.  rivulet run paths.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *paths = riv_nth_field(lines, ' ', 7, NULL);
    riv_save_text(riv_count_by_value(paths, NULL), argc > 2 ? argv[2] : "-",
                  NULL);
    return 0;
}
