/* connect/kafka_uri.c - addresses of topics. Names are checked as brokers check
 * them, so that a slip is an error here and no endless wait for a topic that
 * cannot be. */
#include "connect/kafka_uri.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"

static int wrong(struct riv_err *err, const char *why)
{
    return riv__err_set(
        err, RIV_EINVAL,
        "%s; an address is kafka://HOST:PORT/TOPIC, with commas "
        "between several hosts or topics",
        why);
}

static char *copy(riv_str text)
{
    return strndup(text.p, text.n);
}

/* Takes what stands before `sign` off the front; all of it when there is
 * none. */
static riv_str take(riv_str *rest, char sign)
{
    const char *at = rest->n > 0 ? memchr(rest->p, sign, rest->n) : NULL;
    const size_t n = at ? (size_t)(at - rest->p) : rest->n;
    const size_t skip = at ? n + 1 : n;
    const riv_str first = riv__str(rest->p, n);
    *rest = riv__str(rest->p + skip, rest->n - skip);
    return first;
}

/* No name that a user and his password stand before, as in other addresses: it
 * would be looked up, and told to the log. */
static int check_host(riv_str host, struct riv_err *err)
{
    if (host.n > 0 && memchr(host.p, '@', host.n))
        return wrong(err,
                     "a broker has no user before it: kafka.sasl.username, and "
                     "kafka.sasl.password.file for the password");
    for (size_t i = 0; i < host.n; i++)
        if ((unsigned char)host.p[i] <= ' ')
            return wrong(err, "a broker's host has a blank in it");
    return 0;
}

/* Behind the last colon stands a port; a bracket keeps IPv6 together. */
static int check_broker(riv_str broker, struct riv_err *err)
{
    uint64_t port;
    const char *colon = broker.n > 0 ? memrchr(broker.p, ':', broker.n) : NULL;
    if (!colon || colon == broker.p)
        return wrong(err, "a broker has no HOST:PORT");
    const size_t n = (size_t)(colon - broker.p) + 1;
    if (!riv__num_u64(riv__str(broker.p + n, broker.n - n), &port) ||
        port == 0 || port > 65535)
        return wrong(err, "a broker's port is no number from 1 to 65535");
    return check_host(riv__str(broker.p, n - 1), err);
}

static int read_brokers(riv_str text, struct riv_kafka_uri *ret,
                        struct riv_err *err)
{
    riv_str rest = text;
    do
        RIV__TRY(check_broker(take(&rest, ','), err));
    while (rest.n > 0);
    ret->brokers = copy(text);
    return ret->brokers ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
}

static bool is_topic(riv_str name)
{
    if (name.n == 0 || name.n >= RIV__KAFKA_TOPIC_BYTES ||
        riv_eq(name, riv_cstr(".")) || riv_eq(name, riv_cstr("..")))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789._-",
                    name.p[i], 65))
            return false;
    return true;
}

/* Only those in which * or [..] stands; "?" is what comes behind the topics. */
static bool is_pattern(riv_str name)
{
    return name.n > 0 && name.n < RIV__KAFKA_TOPIC_BYTES &&
           (memchr(name.p, '*', name.n) || memchr(name.p, '[', name.n)) &&
           !memchr(name.p, '/', name.n);
}

static int add_pattern(riv_str name, struct riv_kafka_uri *ret,
                       struct riv_err *err)
{
    if (ret->npattern == RIV__KAFKA_TOPICS_MAX)
        return wrong(err, "there are more than 64 patterns");
    char *pattern = copy(name);
    if (!pattern)
        return riv__err_set(err, RIV_ENOMEM, "no memory");
    ret->pattern[ret->npattern++] = pattern;
    return 0;
}

static int add_topic(riv_str name, struct riv_kafka_uri *ret,
                     struct riv_err *err)
{
    if (is_pattern(name))
        return add_pattern(name, ret, err);
    if (!is_topic(name))
        return wrong(err, "a topic's name is 1 to 249 letters, digits, dots, "
                          "underscores and dashes");
    if (ret->ntopic == RIV__KAFKA_TOPICS_MAX)
        return wrong(err, "there are more than 64 topics");
    for (size_t i = 0; i < ret->ntopic; i++)
        if (riv_eq(riv_cstr(ret->topic[i]), name))
            return wrong(err, "a topic stands there twice");
    char *topic = copy(name);
    if (!topic)
        return riv__err_set(err, RIV_ENOMEM, "no memory");
    ret->topic[ret->ntopic++] = topic;
    return 0;
}

static int read_topics(riv_str text, struct riv_kafka_uri *ret,
                       struct riv_err *err)
{
    riv_str rest = text;
    do
        RIV__TRY(add_topic(take(&rest, ','), ret, err));
    while (rest.n > 0);
    return 0;
}

/* ----------------------------------------------------------------- options */

int riv__kafka_place_next(riv_str *rest, int32_t *partition, int64_t *offset)
{
    if (rest->n == 0)
        return 0;
    const char *comma = memchr(rest->p, ',', rest->n);
    const size_t n = comma ? (size_t)(comma - rest->p) : rest->n;
    const char *colon = memchr(rest->p, ':', n);
    int64_t number;
    if (!colon)
        return RIV_ECHECKPOINT;
    const size_t k = (size_t)(colon - rest->p);
    if (!riv__num_i64(riv__str(rest->p, k), &number) || number < 0 ||
        number > INT32_MAX ||
        !riv__num_i64(riv__str(colon + 1, n - k - 1), offset) || *offset < 0)
        return RIV_ECHECKPOINT;
    *partition = (int32_t)number;
    const size_t skip = comma ? n + 1 : n;
    *rest = riv__str(rest->p + skip, rest->n - skip);
    return 1;
}

static bool are_places(riv_str text)
{
    int32_t partition;
    int64_t offset;
    int rc = text.n > 0 ? 1 : RIV_EINVAL;
    while (rc > 0)
        rc = riv__kafka_place_next(&text, &partition, &offset);
    return rc == 0;
}

static int read_where(riv_str value, struct riv_kafka_where *ret,
                      struct riv_err *err)
{
    static const char *const word[] = { "committed", "earliest", "latest" };
    *ret = (struct riv_kafka_where){ .start = RIV__KAFKA_TIME };
    for (size_t i = 0; i < RIV__LEN(word); i++)
        if (riv_eq(value, riv_cstr(word[i]))) {
            ret->start = (enum riv_kafka_start)i;
            return 0;
        }
    if (riv__num_i64(value, &ret->ms) && ret->ms >= 0)
        return 0;
    if (!are_places(value))
        return riv__err_set(
            err, RIV_EINVAL,
            "start is \"%.*s\", and must be committed, earliest, latest, a time "
            "in milliseconds since 1970, or offsets as "
            "PARTITION:OFFSET,PARTITION:OFFSET",
            (int)RIV__MIN(value.n, (size_t)40), value.p);
    ret->start = RIV__KAFKA_PLACES;
    ret->places = copy(value);
    return ret->places ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
}

static int read_start(riv_str value, struct riv_kafka_uri *ret,
                      struct riv_err *err)
{
    free(RIV__TAKE(ret->start.places));
    return read_where(value, &ret->start, err);
}

static int read_own(riv_str topic, riv_str value, struct riv_kafka_uri *ret,
                    struct riv_err *err)
{
    if (ret->nown == RIV__KAFKA_TOPICS_MAX)
        return wrong(err, "start.TOPIC stands there more than 64 times");
    struct riv_kafka_own *own = &ret->own[ret->nown];
    own->topic = copy(topic);
    if (!own->topic)
        return riv__err_set(err, RIV_ENOMEM, "no memory");
    ret->nown++;
    return read_where(value, &own->where, err);
}

static int read_pieces(riv_str value, struct riv_kafka_uri *ret,
                       struct riv_err *err)
{
    for (int i = 0; i < RIV__PIECES_KINDS; i++)
        if (riv_eq(value, riv_cstr(riv__pieces_name[i]))) {
            ret->pieces = (enum riv_pieces)i;
            return 0;
        }
    return riv__err_set(err, RIV_EINVAL,
                        "records is \"%.*s\", and must be message, lines, "
                        "length32 or varint",
                        (int)RIV__MIN(value.n, (size_t)40), value.p);
}

static int read_option(riv_str option, struct riv_kafka_uri *ret,
                       struct riv_err *err)
{
    const riv_str name = take(&option, '=');
    if (riv_eq(name, riv_cstr("start")))
        return read_start(option, ret, err);
    if (riv__str_starts(name, "start."))
        return read_own(riv__str(name.p + 6, name.n - 6), option, ret, err);
    if (riv_eq(name, riv_cstr("records")))
        return read_pieces(option, ret, err);
    if (riv_eq(name, riv_cstr("until")) && riv_eq(option, riv_cstr("end"))) {
        ret->ends = true;
        return 0;
    }
    return wrong(err,
                 "behind the \"?\" may stand start=WHERE, "
                 "start.TOPIC=WHERE, until=end and records=HOW, with \"&\" "
                 "between them");
}

static int64_t offset_in(const char *places, int32_t partition)
{
    riv_str rest = riv_cstr(places);
    int32_t of;
    int64_t offset;
    while (riv__kafka_place_next(&rest, &of, &offset) > 0)
        if (of == partition)
            return offset;
    return -1;
}

struct riv_kafka_where riv__kafka_uri_start(const struct riv_kafka_uri *uri,
                                            const char *topic,
                                            int32_t partition,
                                            int64_t *ret_offset)
{
    struct riv_kafka_where where = { .start = RIV__KAFKA_PLACES };
    *ret_offset = -1;
    for (size_t i = 0; i < uri->nown; i++)
        if (strcmp(uri->own[i].topic, topic) == 0)
            where = uri->own[i].where;
    if (where.places)
        *ret_offset = offset_in(where.places, partition);
    if (where.start != RIV__KAFKA_PLACES || *ret_offset >= 0)
        return where;
    where = uri->start;
    if (where.places)
        *ret_offset = offset_in(where.places, partition);
    if (where.start == RIV__KAFKA_PLACES && *ret_offset < 0)
        where.start = RIV__KAFKA_EARLIEST;
    return where;
}

static bool is_read(const struct riv_kafka_uri *uri, const char *topic)
{
    bool any = false;
    for (size_t i = 0; i < uri->ntopic; i++)
        any |= strcmp(uri->topic[i], topic) == 0;
    for (size_t i = 0; i < uri->npattern; i++)
        any |= fnmatch(uri->pattern[i], topic, 0) == 0;
    return any;
}

/* A slip there would be a start nobody wanted. */
static int check_own(const struct riv_kafka_uri *uri, struct riv_err *err)
{
    for (size_t i = 0; i < uri->nown; i++)
        if (!is_read(uri, uri->own[i].topic))
            return wrong(err, "start.TOPIC is of a topic that is not read");
    return 0;
}

int riv__kafka_uri_read(const char *text, const char *start,
                        struct riv_kafka_uri *ret, struct riv_err *err)
{
    riv_str rest = riv_cstr(text);
    *ret = (struct riv_kafka_uri){ .ntopic = 0 };
    if (!riv__str_starts(rest, "//"))
        return wrong(err, "the slashes are missing");
    rest = riv__str(rest.p + 2, rest.n - 2);
    RIV__TRY(read_start(riv_cstr(start), ret, err));
    RIV__TRY(read_brokers(take(&rest, '/'), ret, err));
    RIV__TRY(read_topics(take(&rest, '?'), ret, err));
    while (rest.n > 0)
        RIV__TRY(read_option(take(&rest, '&'), ret, err));
    return check_own(ret, err);
}

void riv__kafka_uri_fini(struct riv_kafka_uri *uri)
{
    for (size_t i = 0; i < uri->ntopic; i++)
        free(uri->topic[i]);
    for (size_t i = 0; i < uri->npattern; i++)
        free(uri->pattern[i]);
    for (size_t i = 0; i < uri->nown; i++) {
        free(uri->own[i].topic);
        free(uri->own[i].where.places);
    }
    free(uri->start.places);
    free(uri->brokers);
    *uri = (struct riv_kafka_uri){ .ntopic = 0 };
}
