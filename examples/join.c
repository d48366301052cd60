/* Joins the times an ad was shown with the clicks on it at most 30 s later.
 *
 *   rivulet run examples/join.c replay:10:examples/data/shown.csv \
 *       replay:10:examples/data/clicks.csv
 *
 * reads lines "ad,site" and "ad,user", prints lines "ad,site,user". Over streams
 * the impressions of the last 30 s are a window, and the clicks are those of the
 * batch; two plain files are joined whole. */
#include <rivulet.h>

RIV_PAIR(ad_text, riv_str, riv_str); /* ad -> site, or ad -> user */
typedef struct {
    riv_str ad, site, user;
} seen;
RIV_STRUCT(seen, ad, site, user);

RIV_MAP(by_ad, riv_str, ad_text);
static int by_ad(const riv_str *line, ad_text *out, riv_task *t)
{
    riv_str rest = *line;
    if (!riv_cut(&rest, ',', &out->key) || !riv_cut(&rest, ',', &out->val))
        return riv_fail(t, "expected ad,value");
    return 0;
}

RIV_JOIN(both, ad_text, ad_text, seen);
static int both(const riv_str *ad, const riv_str *site, const riv_str *user,
                both_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (seen){ *ad, *site, *user });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: join IMPRESSIONS CLICKS");
    riv_ds *shown = riv_map(riv_text(r, argv[1], NULL), by_ad_fn,
                            RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *clicks = riv_map(riv_text(r, argv[2], NULL), by_ad_fn,
                             RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *recent = shown;
    if (strchr(argv[1], ':')) /* a stream: replay:, tail:, ... */
        recent = riv_window(shown, RIV_SEC(30), 0);
    riv_ds *joined = riv_join(recent, clicks, both_fn, RIV_INNER, NULL);
    riv_save_text(joined, "-", NULL);
    return 0;
}
