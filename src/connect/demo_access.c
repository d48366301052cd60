/* connect/demo_access.c - the log of a web shop in the combined format. In one
 * minute of four (and in the first) the checkout fails for ten seconds: a burst
 * of 502 and 503 to be found. */
#include "connect/demo.h"

#include <stdio.h>

enum { CLIENTS = 5000, BURST_FROM_S = 10, BURST_UNTIL_S = 20 };

struct page {
    const char *path;
    uint32_t share; /* of 1000 requests */
    uint32_t bytes; /* about */
    bool breaks;    /* in a burst */
};

static const struct page page[] = {
    { "/", 200, 5200, false },
    { "/static/style.css", 150, 18300, false },
    { "/static/app.js", 130, 94000, false },
    { "/products", 120, 15600, false },
    { "/products/lamp", 80, 8200, false },
    { "/products/chair", 60, 8400, false },
    { "/search?q=table", 50, 11800, false },
    { "/search?q=oak+shelf", 30, 9100, false },
    { "/images/logo.png", 60, 3100, false },
    { "/api/cart", 50, 640, true },
    { "/api/checkout", 30, 420, true },
    { "/login", 20, 2300, false },
    { "/favicon.ico", 15, 1150, false },
    { "/robots.txt", 5, 120, false },
};

static const char *const agent[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 "
    "Safari/604.1",
    "curl/7.88.1",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/)",
};

static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Day of the month and month after `days` from 1970: the civil calendar as
 * arithmetic, with years that begin in March. */
static void date_of(int64_t days, int64_t *year, int64_t *mon, int64_t *day)
{
    int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *mon = mp < 10 ? mp + 2 : mp - 10; /* from 0 */
    *year = yoe + era * 400 + (*mon < 2);
}

static void make_stamp(char *dst, int64_t second)
{
    int64_t year, mon, day, of_day = second % 86400;
    date_of(second / 86400, &year, &mon, &day);
    snprintf(dst, RIV__DEMO_STAMP, "%02d/%s/%04d:%02d:%02d:%02d +0000",
             (int)(day % 100), month[mon % 12], (int)(year % 10000),
             (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
}

static void access_start(struct riv_demo *demo)
{
    demo->of.access.second = -1;
}

static const struct page *pick_page(struct riv_demo *demo)
{
    uint32_t at = riv__demo_below(demo, 1000);
    const struct page *it = page;
    while (at >= it->share)
        at -= it++->share;
    return it;
}

static bool in_burst(const struct riv_demo *demo)
{
    uint64_t second = riv__demo_ms(demo) / 1000;
    uint64_t minute = second / 60;
    bool bad_minute = minute == 0 || riv__demo_fixed(demo, minute) % 4 == 0;
    return bad_minute && second % 60 >= BURST_FROM_S &&
           second % 60 < BURST_UNTIL_S;
}

static uint32_t pick_status(struct riv_demo *demo, const struct page *it)
{
    uint32_t luck = riv__demo_below(demo, 1000);
    if (it->breaks && in_burst(demo) && luck < 700)
        return luck % 2 ? 503 : 502;
    if (luck < 2)
        return 500;
    if (luck < 20)
        return 404;
    return luck < 80 ? 304 : 200;
}

/* Some clients come far more often than others. Addresses are those kept for
 * documents (RFC 5737) and for private networks. */
static void put_client(struct riv_demo *demo, struct riv_buf *buf)
{
    uint32_t most = 1 + riv__demo_below(demo, CLIENTS);
    uint64_t ip = riv__demo_fixed(demo, riv__demo_below(demo, most));
    static const char *const net[] = { "192.0.2.", "198.51.100.",
                                       "203.0.113." };
    uint32_t kind = (uint32_t)(ip >> 32) % 8;
    if (kind < RIV__LEN(net)) {
        riv__buf_str(buf, net[kind]);
    } else {
        riv__buf_str(buf, "10.");
        riv__buf_u64(buf, ip >> 8 & 255);
        riv__buf_char(buf, '.');
        riv__buf_u64(buf, ip >> 16 & 255);
        riv__buf_char(buf, '.');
    }
    riv__buf_u64(buf, 1 + ip % 254);
}

static void put_stamp(struct riv_demo *demo, struct riv_buf *buf)
{
    int64_t second =
        (int64_t)(riv__demo_ms(demo) / 1000) + RIV__DEMO_START_MS / 1000;
    if (second != demo->of.access.second) {
        make_stamp(demo->of.access.stamp, second);
        demo->of.access.second = second;
    }
    riv__buf_str(buf, " - - [");
    riv__buf_str(buf, demo->of.access.stamp);
    riv__buf_str(buf, "] \"");
}

static void access_line(struct riv_demo *demo, struct riv_buf *buf)
{
    const struct page *it = pick_page(demo);
    uint32_t status = pick_status(demo, it);
    put_client(demo, buf);
    put_stamp(demo, buf);
    riv__buf_str(buf, it->breaks ? "POST " : "GET ");
    riv__buf_str(buf, it->path);
    riv__buf_str(buf, " HTTP/1.1\" ");
    riv__buf_u64(buf, status);
    riv__buf_char(buf, ' ');
    riv__buf_u64(buf, status == 304 ? 0
                      : status >= 400
                          ? 153
                          : it->bytes + riv__demo_below(demo, it->bytes / 8));
    riv__buf_str(buf, riv__demo_below(demo, 3) ? " \"https://shop.example/\" \""
                                               : " \"-\" \"");
    riv__buf_str(buf, agent[riv__demo_below(demo, RIV__LEN(agent))]);
    riv__buf_str(buf, "\"\n");
}

const struct riv_demo_kind riv__demo_access = { .name = "access",
                                                .start = access_start,
                                                .line = access_line };
