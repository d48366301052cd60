/* connect/demo_cards.c - card transactions as CSV: card,ts,cents,country (16
 * digits, milliseconds since the epoch, an amount above 0, three letters). Most
 * are small and at home. Now and then a card is stolen: within seconds it pays
 * large sums in another country. */
#include "connect/demo.h"

enum {
    CARDS = 200000,
    THEFT_ONE_IN = 5000, /* transactions */
    THEFT_PAYMENTS_MIN = 3,
    THEFT_PAYMENTS_MORE = 3,
    THEFT_GAP_LINES = 200, /* at most, between two of them */
};

static const char country[][4] = { "DEU", "FRA", "GBR", "ITA", "ESP", "NLD",
                                   "POL", "AUT", "CHE", "SWE", "USA", "JPN" };

static void cards_start(struct riv_demo *demo)
{
    demo->of.cards.left = 0;
}

static uint32_t home_of(const struct riv_demo *demo, uint32_t card)
{
    return (uint32_t)(riv__demo_fixed(demo, card) % RIV__LEN(country));
}

static void put(struct riv_demo *demo, struct riv_buf *buf, uint32_t card,
                uint32_t cents, uint32_t where)
{
    char digits[] = "4000000000000000";
    uint64_t rest = card;
    for (size_t i = sizeof digits - 2; rest > 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    riv__buf_add(buf, digits, sizeof digits - 1);
    riv__buf_char(buf, ',');
    riv__buf_i64(buf, RIV__DEMO_START_MS + (int64_t)riv__demo_ms(demo));
    riv__buf_char(buf, ',');
    riv__buf_u64(buf, cents);
    riv__buf_char(buf, ',');
    riv__buf_add(buf, country[where], 3);
    riv__buf_char(buf, '\n');
}

static void plan_next(struct riv_demo *demo)
{
    demo->of.cards.next =
        demo->line + 1 + riv__demo_below(demo, THEFT_GAP_LINES);
}

/* The card that pays now is also in other hands. */
static void steal(struct riv_demo *demo, uint32_t card, uint32_t home)
{
    uint32_t away = 1 + riv__demo_below(demo, RIV__LEN(country) - 1);
    demo->of.cards.card = card;
    demo->of.cards.country = (home + away) % (uint32_t)RIV__LEN(country);
    demo->of.cards.left =
        THEFT_PAYMENTS_MIN + riv__demo_below(demo, THEFT_PAYMENTS_MORE);
    plan_next(demo);
}

static void put_theft(struct riv_demo *demo, struct riv_buf *buf)
{
    uint32_t cents = 150000 + riv__demo_below(demo, 200000);
    put(demo, buf, demo->of.cards.card, cents, demo->of.cards.country);
    demo->of.cards.left--;
    plan_next(demo);
}

static uint32_t pick_cents(struct riv_demo *demo)
{
    if (riv__demo_below(demo, 60) == 0)
        return 5000 + riv__demo_below(demo, 45000);
    return 100 + riv__demo_below(demo, 1 + riv__demo_below(demo, 6000));
}

static void cards_line(struct riv_demo *demo, struct riv_buf *buf)
{
    if (demo->of.cards.left > 0 && demo->line >= demo->of.cards.next) {
        put_theft(demo, buf);
        return;
    }
    uint32_t card = riv__demo_below(demo, CARDS);
    uint32_t home = home_of(demo, card);
    put(demo, buf, card, pick_cents(demo), home);
    if (demo->of.cards.left == 0 && riv__demo_below(demo, THEFT_ONE_IN) == 0)
        steal(demo, card, home);
}

const struct riv_demo_kind riv__demo_cards = { .name = "cards",
                                               .start = cards_start,
                                               .line = cards_line };
