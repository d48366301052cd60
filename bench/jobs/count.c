/* How many records a source gives, and no more work than that: what a source can
 * do at most.
 *
 *   rivulet run bench/jobs/count.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_save_text(riv_count(lines), argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
