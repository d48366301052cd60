/* kafka/yahoo.c - the Yahoo streaming benchmark from topic to topic: JSON events,
 * views only, each ad's campaign looked up, counted by campaign in windows of 10 s
 * of event time; each change goes out as key "WINDOW:CAMPAIGN", value
 * "COUNT,TIME OF THE LAST EVENT". streams/YahooStreams.java is the same.
 *
 *   rivulet run yahoo.c kafka://B/IN kafka://B/OUT ADS --state DIR \
 *       -c kafka.delivery=exactly_once -c batch.interval=100ms */
#include <rivulet/kafka.h>

typedef struct {
    riv_str ad_id, event_type;
    int64_t event_time;
} event;
RIV_STRUCT(event, ad_id, event_type, event_time);
RIV_PAIR(ad, riv_str, int64_t);

typedef struct {
    int64_t n, last;
} views;
RIV_STRUCT(views, n, last);
RIV_PAIR(counted, int64_t, views);
RIV_PAIR(shown, riv_str, riv_str);

RIV_FLAT_MAP(view, event, counted);
static int view(const event *e, view_out *out, riv_task *t)
{
    if (!riv_eq(e->event_type, riv_cstr("view")))
        return 0;
    const int64_t *campaign = riv_find(t, t->arg, &e->ad_id);
    if (campaign)
        riv_emit(out, (counted){ e->event_time / 10000 * 256 + *campaign,
                                 { 1, e->event_time } });
    return 0;
}

RIV_REDUCE(add, views);
static void add(views *acc, const views *v, riv_task *t)
{
    (void)t;
    acc->n += v->n;
    acc->last = v->last > acc->last ? v->last : acc->last;
}

RIV_MAP_WITH_STATE(sum, counted, views, shown);
static int sum(const int64_t *key, const views *v, views *all, sum_out *out,
               riv_task *t)
{
    add(all, v, t);
    riv_emit(out, (shown){ riv_fmt(t, "%lld:%lld", (long long)*key / 256,
                                   (long long)*key % 256),
                           riv_fmt(t, "%lld,%lld", (long long)all->n,
                                   (long long)all->last) });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 4)
        return riv_invalid(r, "usage: yahoo.c kafka://IN kafka://OUT ADS");
    riv_table *ads = riv_table_new(
        riv_decode(riv_text(r, argv[3], NULL), &riv_type_ad, "csv", NULL),
        NULL);
    riv_ds *lines = riv_text(r, argv[1], RIV_OPT(.uid = "in"));
    riv_ds *events = riv_decode(lines, &riv_type_event, "json", NULL);
    riv_ds *seen =
        riv_flat_map(events, view_fn, RIV_OPT(.arg = RIV_BORROW(ads)));
    riv_ds *batch = riv_reduce_by_key(seen, add_fn, NULL);
    riv_save_kafka(riv_map_with_state(batch, sum_fn, RIV_OPT(.uid = "counts")),
                   argv[2], RIV_OPT(.uid = "out"));
    return 0;
}
