/* http/routes.c - the table of paths. */
#include "http/routes.h"

#include <string.h>

#include "http/page.h"
#include "http/tap.h"
#include "obs/words.h"

static const char html[] = "text/html; charset=utf-8";
static const char tap_path[] = "/tap";
static const char plain[] = "text/plain; charset=utf-8";

static void overview(const struct riv_picture *p,
                     const struct riv_http_ask *ask,
                     struct riv_http_reply *reply)
{
    riv__page_overview(p, ask, reply);
}

static void batch(const struct riv_picture *p, const struct riv_http_ask *ask,
                  struct riv_http_reply *reply)
{
    riv__page_batch(p, ask, reply);
}

static void metrics(const struct riv_picture *p, const struct riv_http_ask *ask,
                    struct riv_http_reply *reply)
{
    (void)ask;
    riv__metrics(p, &reply->body);
}

static void health(const char *fault, struct riv_http_reply *reply)
{
    reply->status = fault ? 503 : 200;
    riv__buf_printf(&reply->body, "%s\n", fault ? fault : "ok");
}

static void livez(const struct riv_picture *p, const struct riv_http_ask *ask,
                  struct riv_http_reply *reply)
{
    (void)ask;
    health(riv__not_alive(p), reply);
}

static void readyz(const struct riv_picture *p, const struct riv_http_ask *ask,
                   struct riv_http_reply *reply)
{
    (void)ask;
    health(riv__not_ready(p), reply);
}

static void style(const struct riv_picture *p, const struct riv_http_ask *ask,
                  struct riv_http_reply *reply)
{
    (void)p, (void)ask;
    riv__buf_str(&reply->body, riv__page_style);
}

static void status(const struct riv_picture *p, const struct riv_http_ask *ask,
                   struct riv_http_reply *reply)
{
    const char *form = ask->param(ask->arg, "form");
    if (form && strcmp(form, "lines") == 0) {
        reply->type = plain;
        riv__picture_words(p, &reply->body);
        return;
    }
    riv__picture_json(p, p->nbatch, &reply->body);
}

static const struct {
    const char *path, *type;
    size_t batches; /* of the picture */
    bool is_open;
    void (*run)(const struct riv_picture *p, const struct riv_http_ask *ask,
                struct riv_http_reply *reply);
} routes[] = {
    { "/", html, SIZE_MAX, false, overview },
    { "/batch", html, SIZE_MAX, false, batch },
    { "/metrics", "text/plain; version=0.0.4; charset=utf-8", 1, false,
      metrics },
    { "/livez", plain, 1, true, livez },
    { "/readyz", plain, 1, true, readyz },
    { "/api/status", "application/json", SIZE_MAX, false, status },
    { "/style.css", "text/css; charset=utf-8", 1, false, style },
};

bool riv__http_is_open(const char *path)
{
    for (size_t i = 0; i < RIV__LEN(routes); i++)
        if (strcmp(path, routes[i].path) == 0)
            return routes[i].is_open;
    return false;
}

static void no_page(struct riv_http_reply *reply)
{
    reply->status = 404;
    reply->type = plain;
    riv__buf_str(&reply->body, "There is no such page; there are:\n");
    for (size_t i = 0; i < RIV__LEN(routes); i++)
        riv__buf_printf(&reply->body, "%s\n", routes[i].path);
    riv__buf_printf(&reply->body, "%s\n", tap_path);
}

static void no_memory(struct riv_http_reply *reply)
{
    riv__buf_reset(&reply->body);
    reply->status = 503;
    reply->type = plain;
    riv__buf_str(&reply->body, "no memory for this page\n");
}

/* Rows are no picture. */
static void tap(const struct riv_viewer *viewer, const struct riv_http_ask *ask,
                struct riv_http_reply *reply)
{
    reply->type = plain;
    riv__tap_route(viewer, ask, reply);
    if (reply->body.failed)
        no_memory(reply);
}

void riv__http_route(const struct riv_viewer *viewer,
                     const struct riv_http_ask *ask,
                     struct riv_http_reply *reply)
{
    size_t i = 0;
    reply->status = 200;
    if (strcmp(ask->path, tap_path) == 0) {
        tap(viewer, ask, reply);
        return;
    }
    while (i < RIV__LEN(routes) && strcmp(ask->path, routes[i].path) != 0)
        i++;
    if (i == RIV__LEN(routes)) {
        no_page(reply);
        return;
    }
    struct riv_picture *p = viewer->picture(viewer->arg, routes[i].batches);
    reply->type = routes[i].type;
    if (p)
        routes[i].run(p, ask, reply);
    riv__picture_free(p);
    if (!p || reply->body.failed)
        no_memory(reply);
}
