/* gen_nexmark.c - the events of Nexmark's auction house with the published
 * proportions: of 50 events one is a new person, three are new auctions, 46 are
 * bids; ids grow from 1000; half of the bids go to the hot auction, three of
 * four come from the hot bidder, three of four auctions from the hot seller.
 * 10,000 events a second of event time, in order. Lines of CSV whose first field
 * says what they are, so that each kind is decoded by its columns:
 *   P,id,name,email,card,city,state,time,extra                  200 bytes
 *   A,id,item,description,initial,reserve,time,expires,seller,category,extra
 *                                                               500 bytes
 *   B,auction,bidder,price,time,extra                           100 bytes
 * in the mean; `extra` fills them up. Money is in cents, time in ms. */
#include "gen.h"

enum { PERSONS = 1, AUCTIONS = 3, EVENTS = 50, EVENTS_A_MS = 10 };
enum { FIRST_ID = 1000, FIRST_CATEGORY = 10, CATEGORIES = 5 };
/* One of so many is not hot; the hot ones are one of HOT_EVERY ids. */
enum { COLD_BIDS = 2, COLD_BIDDERS = 4, COLD_SELLERS = 4, HOT_EVERY = 100 };
/* Those that are not hot: among the last so many, and a few that are to come. */
enum { AUCTIONS_OPEN = 100, PERSONS_ACTIVE = 1000, LEAD = 10 };
enum { PERSON_BYTES = 200, AUCTION_BYTES = 500, BID_BYTES = 100 };

#define START_MS UINT64_C(1790000000000)

static uint64_t time_ms(uint64_t event)
{
    return START_MS + event / EVENTS_A_MS;
}

/* n letters, twelve a draw. */
static char *put_letters(char *to, struct draw *d, uint32_t n)
{
    static const char letter[] = "abcdefghijklmnopqrstuvwxyzetaoin";
    uint64_t bits = 0;
    for (uint32_t i = 0; i < n; i++, bits >>= 5) {
        if (i % 12 == 0)
            bits = draw_u64(d);
        *to++ = letter[bits & 31];
    }
    return to;
}

/* Between 3 and n letters. */
static char *put_text(char *to, struct draw *d, uint32_t n)
{
    return put_letters(to, d, 3 + draw_below(d, n - 2));
}

static char *put_field(char *to, uint64_t v)
{
    *to++ = ',';
    return put_u64(to, v);
}

/* Fills a line up to `bytes` in the mean, a fifth of what is missing more or
 * less. */
static char *put_extra(char *to, struct draw *d, const char *line,
                       uint32_t bytes)
{
    *to++ = ',';
    const uint32_t have = (uint32_t)(to - line) + 1;
    const uint32_t want = bytes > have ? bytes - have : 0, fifth = want / 5;
    to = put_letters(to, d, want - fifth + draw_below(d, 2 * fifth + 1));
    *to++ = '\n';
    return to;
}

/* 1.00 to 1,000,000.00; each decade is as frequent as the others. */
static uint64_t price(struct draw *d)
{
    return (uint64_t)(100 * pow(10, 6 * (draw_below(d, 1 << 20) / 1048576.0)) +
                      0.5);
}

/* Somebody who is active, of `persons` so far. */
static uint64_t person_active(struct draw *d, uint64_t persons)
{
    const uint64_t n = persons < PERSONS_ACTIVE ? persons : PERSONS_ACTIVE;
    return persons - n + draw_below(d, (uint32_t)n + LEAD);
}

static uint64_t seller(struct draw *d, uint64_t last)
{
    if (draw_below(d, COLD_SELLERS) > 0)
        return last / HOT_EVERY * HOT_EVERY;
    return person_active(d, last + 1);
}

static uint64_t bidder(struct draw *d, uint64_t last)
{
    if (draw_below(d, COLD_BIDDERS) > 0)
        return last / HOT_EVERY * HOT_EVERY + 1;
    return person_active(d, last + 1);
}

static uint64_t auction_open(struct draw *d, uint64_t last)
{
    if (draw_below(d, COLD_BIDS) > 0)
        return last / HOT_EVERY * HOT_EVERY;
    const uint64_t first = last > AUCTIONS_OPEN ? last - AUCTIONS_OPEN : 0;
    return first + draw_below(d, (uint32_t)(last - first) + 1 + LEAD);
}

static char *put_person(char *to, struct draw *d, uint64_t event)
{
    static const char *const first[] = { "Ada", "Ben",  "Carla", "Dev",
                                         "Eva", "Finn", "Gwen",  "Hugo" };
    static const char *const last[] = { "Abel",  "Brandt", "Costa", "Dorn",
                                        "Evans", "Frey",   "Grant", "Hall" };
    static const char *const city[] = { "Phoenix",       "Los Angeles", "Boise",
                                        "San Francisco", "Portland",    "Bend",
                                        "Redmond",       "Seattle",     "Kent",
                                        "Cheyenne" };
    static const char *const state[] = { "AZ", "CA", "ID", "OR", "WA", "WY" };
    const char *line = to;
    to = put_field(put(to, "P"), FIRST_ID + event / EVENTS);
    to = put(put(to, ","), first[draw_below(d, 8)]);
    to = put(put(to, " "), last[draw_below(d, 8)]);
    to = put_text(put(to, ","), d, 7);
    to = put(put_text(put(to, "@"), d, 5), ".com");
    for (int i = 0; i < 4; i++) {
        *to++ = i ? ' ' : ',';
        to = put_u64(to, 1000 + draw_below(d, 9000));
    }
    to = put(put(to, ","), city[draw_below(d, 10)]);
    to = put(put(to, ","), state[draw_below(d, 6)]);
    to = put_field(to, time_ms(event));
    return put_extra(to, d, line, PERSON_BYTES);
}

/* Open until about AUCTIONS_OPEN others have come, at most twice as long. */
static char *put_auction(char *to, struct draw *d, uint64_t event)
{
    const uint64_t epoch = event / EVENTS, start = price(d),
                   now = time_ms(event);
    const uint64_t span =
        time_ms(event + AUCTIONS_OPEN * EVENTS / AUCTIONS) - now;
    const char *line = to;
    to = put_field(put(to, "A"),
                   FIRST_ID + epoch * AUCTIONS + event % EVENTS - PERSONS);
    to = put_text(put(to, ","), d, 20);
    to = put_text(put(to, ","), d, 100);
    to = put_field(to, start);
    to = put_field(to, start + price(d));
    to = put_field(to, now);
    to = put_field(to, now + 1 + draw_below(d, (uint32_t)(2 * span)));
    to = put_field(to, FIRST_ID + seller(d, epoch));
    to = put_field(to, FIRST_CATEGORY + draw_below(d, CATEGORIES));
    return put_extra(to, d, line, AUCTION_BYTES);
}

static char *put_bid(char *to, struct draw *d, uint64_t event)
{
    const uint64_t epoch = event / EVENTS;
    const char *line = to;
    to = put_field(put(to, "B"),
                   FIRST_ID + auction_open(d, (epoch + 1) * AUCTIONS - 1));
    to = put_field(to, FIRST_ID + bidder(d, epoch));
    to = put_field(to, price(d));
    to = put_field(to, time_ms(event));
    return put_extra(to, d, line, BID_BYTES);
}

void gen_nexmark(struct gen *gen)
{
    uint64_t event = 0;
    char *to;
    do {
        const uint64_t of = event % EVENTS;
        if (of < PERSONS)
            to = put_person(gen->out.at, &gen->draw, event);
        else if (of < PERSONS + AUCTIONS)
            to = put_auction(gen->out.at, &gen->draw, event);
        else
            to = put_bid(gen->out.at, &gen->draw, event);
        event++;
    } while (out_line(&gen->out, to));
}
