/* W5 from text: sums by integer key, lines "key,value".
 *   rivulet run intsum.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_PAIR(sum, int64_t, int64_t);

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *pairs = riv_decode(lines, &riv_type_sum, "csv", NULL);
    riv_save_text(riv_reduce_by_key(pairs, riv_sum_i64, NULL),
                  argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
