/* cli/demo_graph.c - words are split and counted; requests are parsed and
 * counted by path and by status; payments are summed by country, and a card that
 * pays in two countries within minutes raises an alert. */
#include "demo_graph.h"

#include <string.h>

/* ----- totals */

RIV_PAIR(tally, riv_str, int64_t);

RIV_UPDATE_STATE(add_up, tally, demo_total);
static int add_up(const riv_str *text, const int64_t *n, size_t count,
                  demo_sum *sum, riv_task *t)
{
    (void)text;
    (void)t;
    sum->batch = 0;
    for (size_t i = 0; i < count; i++)
        sum->batch += n[i];
    sum->total += sum->batch;
    return 0;
}

static riv_ds *totals(riv_ds *tallies, const char *uid)
{
    return riv_update_state_by_key(
        riv_reduce_by_key(tallies, riv_sum_i64, NULL), add_up_fn,
        RIV_OPT(.uid = uid));
}

/* ----- words */

RIV_FLAT_MAP(split, riv_str, tally);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    riv_str rest = *line, word;
    (void)t;
    while (riv_cut(&rest, ' ', &word)) {
        if (word.n > 0)
            riv_emit(out, (tally){ word, 1 });
    }
    return 0;
}

riv_ds *demo_words(riv_ds *lines)
{
    return totals(riv_flat_map(lines, split_fn, NULL), "words");
}

/* ----- access log */

typedef struct {
    riv_str path, status;
} request;
RIV_STRUCT(request, path, status);

/* 192.0.2.1 - - [time] "GET /path HTTP/1.1" 200 512 "referrer" "agent" */
RIV_MAP(parse, riv_str, request);
static int parse(const riv_str *line, request *out, riv_task *t)
{
    riv_str rest = *line, client, what, verb, blank;
    if (!riv_cut(&rest, '"', &client) || !riv_cut(&rest, '"', &what) ||
        !riv_cut(&what, ' ', &verb) || !riv_cut(&what, ' ', &out->path))
        return riv_fail(t, "no request in quotes");
    if (!riv_cut(&rest, ' ', &blank) || !riv_cut(&rest, ' ', &out->status))
        return riv_fail(t, "no status behind the request");
    return 0;
}

RIV_MAP(by_path, request, tally);
static int by_path(const request *in, tally *out, riv_task *t)
{
    (void)t;
    *out = (tally){ in->path, 1 };
    return 0;
}

RIV_MAP(by_status, request, tally);
static int by_status(const request *in, tally *out, riv_task *t)
{
    (void)t;
    *out = (tally){ in->status, 1 };
    return 0;
}

struct demo_access demo_access(riv_ds *lines)
{
    riv_ds *requests = riv_map(lines, parse_fn, RIV_OPT(.on_error = RIV_SKIP));
    return (struct demo_access){
        .paths = totals(riv_map(requests, by_path_fn, NULL), "paths"),
        .statuses = totals(riv_map(requests, by_status_fn, NULL), "statuses")
    };
}

/* ----- card payments */

typedef struct {
    riv_str card;
    int64_t ts, cents;
    char country[3];
} payment;
RIV_STRUCT(payment, card, ts, cents, country);
RIV_PAIR(card_payment, riv_str, payment);
typedef struct {
    int64_t last_ts;
    char country[3];
} history;
RIV_STRUCT(history, last_ts, country);

RIV_MAP(by_country, payment, tally);
static int by_country(const payment *in, tally *out, riv_task *t)
{
    (void)t;
    *out = (tally){ { in->country, sizeof in->country }, in->cents };
    return 0;
}

RIV_MAP(by_card, payment, card_payment);
static int by_card(const payment *in, card_payment *out, riv_task *t)
{
    (void)t;
    *out = (card_payment){ in->card, *in };
    return 0;
}

RIV_MAP_WITH_STATE(watch, card_payment, history, demo_alert);
static int watch(const riv_str *card, const payment *now, history *last,
                 watch_out *out, riv_task *t)
{
    const int64_t gap_ms = RIV_MIN(5);
    if (!now)
        return RIV_REMOVE;
    if (last->last_ts != 0 && now->ts - last->last_ts < gap_ms &&
        memcmp(last->country, now->country, sizeof now->country) != 0)
        riv_emit(out, (demo_alert){
                          *card,
                          riv_fmt(t, "%.3s, %lld ms later %.3s", last->country,
                                  (long long)(now->ts - last->last_ts),
                                  now->country) });
    last->last_ts = now->ts;
    memcpy(last->country, now->country, sizeof last->country);
    return 0;
}

RIV_MAP(as_one, demo_alert, tally);
static int as_one(const demo_alert *in, tally *out, riv_task *t)
{
    (void)in;
    (void)t;
    *out = (tally){ riv_cstr("alerts"), 1 };
    return 0;
}

struct demo_cards demo_cards(riv_ds *lines)
{
    riv_ds *payments = riv_decode(lines, &riv_type_payment, "csv",
                                  RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *alerts =
        riv_map_with_state(riv_map(payments, by_card_fn, NULL), watch_fn,
                           RIV_OPT(.uid = "cards", .timeout_ms = RIV_MIN(60)));
    return (struct demo_cards){
        .countries =
            totals(riv_map(payments, by_country_fn, NULL), "countries"),
        .alerts = alerts,
        .counts = totals(riv_map(alerts, as_one_fn, NULL), "alerts")
    };
}
