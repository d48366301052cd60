/* W7, the Yahoo streaming benchmark: JSON events, views only, each ad's campaign
 * looked up, counted by campaign in windows of 10 s of event time.
 *   rivulet run yahoo.c INPUT [OUTPUT [ADS]]     ADS: lines "ad,campaign"
 * Lines of the result: window * 256 + campaign, count. */
#include <rivulet.h>

typedef struct {
    riv_str ad_id, event_type;
    int64_t event_time;
} event;
RIV_STRUCT(event, ad_id, event_type, event_time);
RIV_PAIR(ad, riv_str, int64_t);

RIV_FILTER(is_view, event);
static int is_view(const event *e, riv_task *t)
{
    (void)t;
    return riv_eq(e->event_type, riv_cstr("view"));
}

RIV_FLAT_MAP(campaign_of, event, int64_t);
static int campaign_of(const event *e, campaign_of_out *out, riv_task *t)
{
    const riv_table *ads = t->arg;
    const int64_t *campaign = riv_find(t, ads, &e->ad_id);
    if (campaign)
        riv_emit(out, e->event_time / 10000 * 256 + *campaign);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *ad_lines = riv_text(r, argc > 3 ? argv[3] : "ads.csv", NULL);
    riv_table *ads =
        riv_table_new(riv_decode(ad_lines, &riv_type_ad, "csv", NULL), NULL);
    riv_ds *events = riv_decode(lines, &riv_type_event, "json", NULL);
    riv_ds *views = riv_filter(events, is_view_fn, NULL);
    riv_ds *keys =
        riv_flat_map(views, campaign_of_fn, RIV_OPT(.arg = RIV_BORROW(ads)));
    riv_save_text(riv_count_by_value(keys, NULL), argc > 2 ? argv[2] : "-",
                  NULL);
    return 0;
}
