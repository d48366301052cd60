/* Watches the transactions of each card: raises an alert when a card spends
 * over a limit, or is used in two countries within minutes.
 *
 *   rivulet run examples/fraud.c replay:10:examples/data/transactions.csv
 *   rivulet run examples/fraud.c listen://127.0.0.1:7777
 *   rivulet run examples/fraud.c kafka://localhost:9092/transactions \
 *       kafka://localhost:9092/alerts --state DIR \
 *       -c kafka.delivery=exactly_once
 *
 * prints lines "card,reason", or writes them to a topic, by card; what cannot be
 * read goes to rejected.csv with the reason. Cards that are idle for an hour are
 * forgotten. */
#include <rivulet/kafka.h>

typedef struct {
    riv_str card;
    int64_t ts, cents;
    char country[3];
} txn;
RIV_STRUCT(txn, card, ts, cents, country);
RIV_PAIR(card_txn, riv_str, txn);
typedef struct {
    int64_t last_ts, total;
    char country[3];
} history;
RIV_STRUCT(history, last_ts, total, country);
typedef struct {
    riv_str card, why;
} alert;
RIV_STRUCT(alert, card, why);
typedef struct {
    int64_t max_cents, min_gap_ms;
} rule;

RIV_MAP(by_card, txn, card_txn);
static int by_card(const txn *in, card_txn *out, riv_task *t)
{
    if (in->cents <= 0)
        return riv_fail(t, "amount %lld", (long long)in->cents);
    *out = (card_txn){ in->card, *in };
    return 0;
}

/* True when the card was somewhere else a moment ago. */
static bool jumped(const history *h, const txn *x, const rule *limit)
{
    return h->country[0] != 0 &&
           memcmp(h->country, x->country, sizeof h->country) != 0 &&
           x->ts - h->last_ts < limit->min_gap_ms;
}

RIV_MAP_WITH_STATE(check, card_txn, history, alert);
static int check(const riv_str *card, const txn *x, history *h, check_out *out,
                 riv_task *t)
{
    const rule *limit = riv_arg(t, rule);
    if (!x) /* timed out */
        return RIV_REMOVE;
    if (jumped(h, x, limit))
        riv_emit(out,
                 (alert){ *card, riv_fmt(t, "%.3s then %.3s within %lld ms",
                                         h->country, x->country,
                                         (long long)(x->ts - h->last_ts)) });
    h->total += x->cents;
    if (h->total > limit->max_cents)
        riv_emit(out, (alert){ *card, riv_fmt(t, "total %lld over limit",
                                              (long long)h->total) });
    h->last_ts = x->ts;
    memcpy(h->country, x->country, sizeof h->country);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    rule limit = { .max_cents = 500000, .min_gap_ms = RIV_MIN(5) };
    riv_ds *lines =
        riv_text(r, argc > 1 ? argv[1] : "-", RIV_OPT(.uid = "lines"));
    riv_ds *txns = riv_decode(lines, &riv_type_txn, "csv",
                              RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *cards =
        riv_map(txns, by_card_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *alerts =
        riv_map_with_state(cards, check_fn,
                           RIV_OPT(.uid = "cards", .arg = RIV_COPY(limit),
                                   .timeout_ms = RIV_MIN(60)));
    const char *to = argc > 2 ? argv[2] : "-";
    if (strncmp(to, "kafka:", 6) == 0)
        riv_save_kafka(alerts, to, RIV_OPT(.uid = "alerts"));
    else
        riv_save_text(alerts, to, NULL);
    riv_save_text(riv_union(riv_bad(txns), riv_bad(cards)), "rejected.csv",
                  NULL);
    return 0;
}
