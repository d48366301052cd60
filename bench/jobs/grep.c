/* W2: the lines that hold a literal.  rivulet run grep.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_save_text(riv_contains(lines, "bingbot/2.0", NULL),
                  argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
