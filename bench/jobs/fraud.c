/* Card fraud from CSV: lines "card,ts,cents,country"; an alert when a card is
 * used in two countries within five minutes, and when its sum goes over
 * 50,000.00. State by key is for live input: a file comes in batches of so many
 * lines.  rivulet run fraud.c replay:100000:FILE [OUTPUT] */
#include <rivulet.h>

enum { GAP_MS = 5 * 60 * 1000, CENTS_MAX = 5000000 };

typedef struct {
    int64_t ts, cents;
    char country[2];
} use;
RIV_STRUCT(use, ts, cents, country);

typedef struct {
    int64_t card, ts, cents;
    char country[2];
} txn;
RIV_STRUCT(txn, card, ts, cents, country);
RIV_PAIR(card_use, int64_t, use);

typedef struct {
    int64_t last_ts, total;
    char country[2];
} history;
RIV_STRUCT(history, last_ts, total, country);

typedef struct {
    int64_t card;
    riv_str why;
} alert;
RIV_STRUCT(alert, card, why);

RIV_MAP(by_card, txn, card_use);
static int by_card(const txn *in, card_use *out, riv_task *t)
{
    (void)t;
    *out =
        (card_use){ in->card,
                    { in->ts, in->cents, { in->country[0], in->country[1] } } };
    return 0;
}

RIV_MAP_WITH_STATE(check, card_use, history, alert);
static int check(const int64_t *card, const use *x, history *h, check_out *out,
                 riv_task *t)
{
    (void)t;
    if (h->country[0] && memcmp(h->country, x->country, 2) != 0 &&
        x->ts - h->last_ts < GAP_MS)
        riv_emit(out, (alert){ *card, riv_cstr("country") });
    if (h->total <= CENTS_MAX && h->total + x->cents > CENTS_MAX)
        riv_emit(out, (alert){ *card, riv_cstr("total") });
    h->total += x->cents;
    h->last_ts = x->ts;
    memcpy(h->country, x->country, 2);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *txns = riv_decode(lines, &riv_type_txn, "csv", NULL);
    riv_ds *uses = riv_map(txns, by_card_fn, NULL);
    riv_save_text(riv_map_with_state(uses, check_fn, NULL),
                  argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
