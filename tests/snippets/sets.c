/* Sets: what both have, what only the left has.
 * prints
 * 3
 * 4
 * 10
 * 10
 */
#include <rivulet.h>

RIV_MAP(tens, int64_t, int64_t);
static int tens(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 10 * *in;
    return 0;
}

RIV_JOB(r, argc, argv)
{
    const int64_t a[] = { 1, 3, 4, 4, 1 }, b[] = { 3, 4, 5 };
    riv_ds *left = riv_parallelize(r, &riv_type_int64_t, a, 5, NULL);
    riv_ds *right = riv_parallelize(r, &riv_type_int64_t, b, 3, NULL);
    riv_save_text(riv_intersection(left, right, NULL), "-", NULL);
    riv_save_text(riv_map(riv_subtract(left, right, NULL), tens_fn, NULL), "-",
                  NULL);
    return 0;
}
