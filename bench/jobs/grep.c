/* W2: the lines that hold a literal, by the C library's search in each line.
 *   rivulet run grep.c INPUT [OUTPUT] */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <rivulet.h>

static const char literal[] = "bingbot/2.0";

RIV_FILTER(holds, riv_str);
static int holds(const riv_str *line, riv_task *t)
{
    (void)t;
    return memmem(line->p, line->n, literal, sizeof literal - 1) != NULL;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_save_text(riv_filter(lines, holds_fn, NULL), argc > 2 ? argv[2] : "-",
                  NULL);
    return 0;
}
