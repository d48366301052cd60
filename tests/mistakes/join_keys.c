/* EXPECT compile: RIV_JOIN\(both\): the pairs shown and clicks have
 *   different types of key
 *
 * The two sides of a join have keys of different types. Only compiled, not run:
 * version 0.1.0 has no joins. */
#include <rivulet.h>

RIV_PAIR(shown, riv_str, riv_str); /* ad -> site */
#ifdef FIXED
RIV_PAIR(clicks, riv_str, riv_str); /* ad -> user */
#else
RIV_PAIR(clicks, int64_t, riv_str);
#endif
typedef struct {
    riv_str ad, site, user;
} seen;
RIV_STRUCT(seen, ad, site, user);

RIV_JOIN(both, shown, clicks, seen);
static int both(const riv_str *ad, const riv_str *site, const riv_str *user,
                both_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (seen){ *ad, *site, *user });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *a = riv_queue(r, &riv_type_shown, NULL);
    riv_ds *b = riv_queue(r, &riv_type_clicks, NULL);
    riv_print(riv_join(a, b, both_fn, RIV_INNER, NULL), 10);
    return 0;
}
