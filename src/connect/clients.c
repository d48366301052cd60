/* connect/clients.c - names, and how many lines of each are taken, on their way
 * and durable. A line counts by its newline in the feed, where the source's
 * thread has put whole lines only. */
#include "connect/clients.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

void riv__clients_init(struct riv_clients *clients)
{
    *clients = (struct riv_clients){ .n = 0 };
    riv__lock_init(&clients->lock);
}

void riv__clients_fini(struct riv_clients *clients)
{
    for (size_t i = 0; i < clients->n; i++)
        free(clients->client[i]);
    free(clients->client);
    riv__lock_fini(&clients->lock);
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool riv__clients_hello(riv_str line, riv_str *ret_id)
{
    const size_t n = sizeof "HELLO " - 1;
    if (!riv__str_starts(line, "HELLO ") || line.n == n ||
        line.n - n > RIV__CLIENT_ID_MAX)
        return false;
    for (size_t i = n; i < line.n; i++)
        if (!is_name_byte(line.p[i]))
            return false;
    *ret_id = riv__str(line.p + n, line.n - n);
    return true;
}

/* @locks clients->lock */
static int64_t find(const struct riv_clients *clients, riv_str id)
{
    for (size_t i = 0; i < clients->n; i++)
        if (riv_eq(riv_cstr(clients->client[i]->id), id))
            return (int64_t)i;
    return -1;
}

/* @locks clients->lock */
static int64_t add(struct riv_clients *clients, riv_str id)
{
    if (clients->n == RIV__CLIENTS_MAX)
        return RIV_EBUSY;
    struct riv_client *client = calloc(1, sizeof *client);
    if (!client ||
        RIV__VEC_ROOM(clients->client, clients->cap, clients->n + 1) < 0) {
        free(client);
        return RIV_ENOMEM;
    }
    memcpy(client->id, id.p, id.n);
    clients->client[clients->n] = client;
    return (int64_t)clients->n++;
}

int64_t riv__clients_find(struct riv_clients *clients, riv_str id)
{
    riv__lock(&clients->lock);
    int64_t at = find(clients, id);
    if (at < 0)
        at = add(clients, id);
    riv__unlock(&clients->lock);
    return at;
}

static uint64_t count_lines(const char *p, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

static void note(const struct riv_client *client, struct riv_stand *to)
{
    struct riv_stand words;
    riv__stand_init(&words);
    riv__stand_put(&words, "lines", client->kept);
    riv__stand_note(to, riv_cstr(client->id),
                    riv__str(words.words.p, words.words.n));
    if (words.words.failed)
        to->failed = RIV_ENOMEM;
    riv__stand_fini(&words);
}

/* A client that has several stretches is noted several times; the last
 * counts. */
void riv__clients_keep(struct riv_clients *clients, const struct riv_news *news,
                       struct riv_stand *to)
{
    uint64_t from = 0;
    riv__lock(&clients->lock);
    for (size_t i = 0; i < news->npart; i++) {
        const struct riv_news_part *part = &news->part[i];
        if (part->part > 0 && part->part <= clients->n) {
            struct riv_client *client = clients->client[part->part - 1];
            client->kept +=
                count_lines(news->bytes.p + from, (size_t)(part->end - from));
            note(client, to);
        }
        from = part->end;
    }
    riv__unlock(&clients->lock);
}

void riv__clients_durable(struct riv_clients *clients)
{
    riv__lock(&clients->lock);
    for (size_t i = 0; i < clients->n; i++)
        clients->client[i]->durable = clients->client[i]->kept;
    riv__unlock(&clients->lock);
}

uint64_t riv__clients_told(struct riv_clients *clients, size_t number)
{
    riv__lock(&clients->lock);
    const uint64_t durable = clients->client[number]->durable;
    riv__unlock(&clients->lock);
    return durable;
}

int riv__clients_recall(struct riv_clients *clients, riv_str key, riv_str value,
                        struct riv_err *err)
{
    uint64_t lines;
    if (key.n > RIV__CLIENT_ID_MAX || !riv__stand_get(value, "lines", &lines))
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "what is known of peer \"%.*s\" is damaged",
                            (int)RIV__MIN(key.n, (size_t)80), key.p);
    const int64_t at = riv__clients_find(clients, key);
    if (at < 0)
        return riv__err_set(err, (int)at, "no memory for %zu peers",
                            clients->n + 1);
    struct riv_client *client = clients->client[at];
    client->taken = client->kept = client->durable = lines;
    return 0;
}
