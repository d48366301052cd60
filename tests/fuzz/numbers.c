/* tests/fuzz/numbers.c - numbers, sizes, durations and addresses from text: what
 * is read, written and read again is the same; doubles are those of strtod. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/str.h"
#include "connect/hostport.h"
#include "connect/kafka_uri.h"
#include "fuzz/types.h"
#include "http/address.h"

enum { TEXT_MAX = 512 };

static void integers(riv_str s)
{
    char text[RIV__NUM_TEXT];
    int64_t i = 0, again = 0;
    uint64_t u = 0, u_again = 0;
    if (riv__num_i64(s, &i)) {
        const size_t n = riv__num_put_i64(text, i);
        FUZZ_CHECK(riv__num_i64(riv__str(text, n), &again) && again == i);
    }
    if (riv__num_u64(s, &u)) {
        const size_t n = riv__num_put_u64(text, u);
        FUZZ_CHECK(riv__num_u64(riv__str(text, n), &u_again) && u_again == u);
    }
    FUZZ_CHECK(!riv__num_size(s, &i) || i >= 0);
    FUZZ_CHECK(!riv__num_duration_ms(s, &i) || i >= 0);
}

static void doubles(riv_str s)
{
    char text[RIV__NUM_TEXT], copy[TEXT_MAX + 1];
    double v = 0, again = 0;
    if (s.n > TEXT_MAX || !riv__num_f64(s, &v))
        return;
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    const double want = strtod(copy, NULL);
    FUZZ_CHECK(isnan(v) ? isnan(want) != 0 : memcmp(&v, &want, sizeof v) == 0);
    const size_t n = riv__num_put_f64(text, v);
    FUZZ_CHECK(riv__num_f64(riv__str(text, n), &again));
    FUZZ_CHECK(isnan(v) || memcmp(&v, &again, sizeof v) == 0);
}

/* Printable, whole UTF-8, in its room. */
static void shown(riv_str s)
{
    char dst[80];
    const size_t room = 1 + s.n % sizeof dst;
    FUZZ_CHECK(riv__str_show(dst, room, s) == dst);
    FUZZ_CHECK(strnlen(dst, room) < room);
    for (const char *p = dst; *p; p++)
        FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void addresses(const char *text)
{
    struct riv_hostport at;
    struct riv_http_place place;
    struct riv_kafka_uri uri;
    struct riv_err err = { 0 };
    if (riv__hostport_read(text, &at, &err) < 0)
        FUZZ_CHECK(err.code == RIV_EINVAL && err.text[0] != '\0');
    else
        FUZZ_CHECK(strlen(at.host) < RIV__HOST_MAX &&
                   strspn(at.port, "0123456789") == strlen(at.port));
    err = (struct riv_err){ 0 };
    if (riv__http_place(text, &place, &err) < 0)
        FUZZ_CHECK(err.code == RIV_EINVAL && err.text[0] != '\0');
    riv__http_host_is_ours(text, 8080);
    err = (struct riv_err){ 0 };
    if (riv__kafka_uri_read(text, "committed", &uri, &err) < 0)
        FUZZ_CHECK(err.text[0] != '\0');
    else
        FUZZ_CHECK(uri.ntopic + uri.npattern > 0 && uri.brokers[0] != '\0');
    riv__kafka_uri_fini(&uri);
}

static void one(const unsigned char *p, size_t n)
{
    const riv_str s = { (const char *)p, n };
    char *text = malloc(n + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, p, n);
    text[n] = '\0';
    integers(s);
    doubles(s);
    shown(s);
    addresses(text);
    free(text);
}

const struct fuzz_target fuzz_target = { "numbers", 50000, one };
