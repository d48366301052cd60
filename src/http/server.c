/* http/server.c - libmicrohttpd, driven by a thread of ours: it has its own set of
 * descriptors, we wait for that one beside our wake and the time of the oldest
 * connection. What the library leaves open is closed here: who may ask (Host,
 * Origin, token), what (GET and HEAD, no body), and for how long in all. */
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/address.h"
#include "http/library.h"
#include "http/routes.h"
#include "sys/thread.h"

enum { BACKLOG = 32, NS_A_MS = 1000000, ADDRESS_BYTES = RIV__HOST_BYTES + 16 };

struct peer {
    int fd; /* below 0: free */
    int64_t until_ns;
};

struct riv_http {
    struct riv_viewer viewer;
    const struct riv_mhd *mhd;
    struct MHD_Daemon *daemon;
    struct riv_thread thread;
    struct riv_wake wake;
    atomic_bool stopping;
    int epoll_fd, port;
    bool has_token;
    char token[RIV__HTTP_TOKEN_MAX];
    char address[ADDRESS_BYTES];
    struct peer peer[RIV__HTTP_PEERS_MAX]; /* its thread's */
};

/* ------------------------------------------------------------- what is asked */

struct heads {
    const char *host, *origin;
    unsigned n, hosts, lengths, encodings;
    bool has_body;
};

static enum MHD_Result head_look(void *cls, enum MHD_ValueKind kind,
                                 const char *key, const char *value)
{
    struct heads *heads = cls;
    (void)kind;
    heads->n++;
    value = value ? value : "";
    if (strcasecmp(key, "Host") == 0) {
        heads->host = value;
        heads->hosts++;
    } else if (strcasecmp(key, "Origin") == 0) {
        heads->origin = value;
    } else if (strcasecmp(key, "Content-Length") == 0) {
        heads->lengths++;
        heads->has_body |= strcmp(value, "0") != 0;
    } else if (strcasecmp(key, "Transfer-Encoding") == 0) {
        heads->encodings++;
    }
    return MHD_YES;
}

/* "Authorization: Bearer TOKEN", or by a browser that was asked, any name with the
 * token as its password. */
static bool has_token(const struct riv_http *http, struct MHD_Connection *c)
{
    static const char bearer[] = "Bearer ";
    const char *given =
        http->mhd->lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    if (given && strncmp(given, bearer, sizeof bearer - 1) == 0)
        return riv__http_same(http->token, given + sizeof bearer - 1);
    char *password = NULL;
    char *name = http->mhd->basic_auth_get_username_password(c, &password);
    const bool same = password && riv__http_same(http->token, password);
    http->mhd->free(name);
    http->mhd->free(password);
    return same;
}

/* A page of another site has an Origin that is not our Host. */
static bool is_own_origin(const struct heads *heads)
{
    char own[ADDRESS_BYTES + 8];
    snprintf(own, sizeof own, "http://%s", heads->host ? heads->host : "");
    return !heads->origin || strcmp(heads->origin, own) == 0;
}

struct refusal {
    unsigned status;
    const char *text;
};

static bool refuses_form(const struct heads *heads, const char *method,
                         const char *version, struct refusal *ret)
{
    const bool reads =
        strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        *ret = (struct refusal){ 505, "HTTP/1.1 or HTTP/1.0\n" };
    else if (!reads)
        *ret = (struct refusal){ 405, "only GET and HEAD\n" };
    else if (heads->n > RIV__HTTP_HEADERS_MAX)
        *ret = (struct refusal){ 431, "too many headers\n" };
    else if (heads->has_body || heads->encodings > 0 || heads->lengths > 1 ||
             heads->hosts > 1)
        *ret = (struct refusal){ 400, "no body, and one Host\n" };
    else
        return false;
    return true;
}

static bool refuses(struct riv_http *http, struct MHD_Connection *c,
                    const struct heads *heads, const char *path,
                    struct refusal *ret)
{
    if (riv__http_is_open(path))
        return false;
    if (http->has_token && !has_token(http, c))
        *ret = (struct refusal){ 401, "a token is needed\n" };
    else if (!http->has_token &&
             !riv__http_host_is_ours(heads->host, http->port))
        *ret = (struct refusal){ 421, "not the name of this server\n" };
    else if (!is_own_origin(heads))
        *ret = (struct refusal){ 403, "not for other sites\n" };
    else
        return false;
    return true;
}

/* --------------------------------------------------------------- the answer */

static void put_head(const struct riv_http *http, struct MHD_Response *response,
                     const char *type)
{
    static const struct {
        const char *name, *value;
    } heads[] = {
        { "Connection", "close" },
        { "Cache-Control", "no-store" },
        { "Content-Security-Policy",
          "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
          "base-uri 'none'; form-action 'none'" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Referrer-Policy", "no-referrer" },
        { "X-Content-Type-Options", "nosniff" },
    };
    (void)http->mhd->add_response_header(response, "Content-Type", type);
    for (size_t i = 0; i < RIV__LEN(heads); i++)
        (void)http->mhd->add_response_header(response, heads[i].name,
                                             heads[i].value);
}

static enum MHD_Result answer(const struct riv_http *http,
                              struct MHD_Connection *c, unsigned status,
                              const char *type, riv_str body)
{
    struct MHD_Response *response = http->mhd->create_response_from_buffer(
        body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    put_head(http, response, type);
    if (status == 401)
        (void)http->mhd->add_response_header(response, "WWW-Authenticate",
                                             "Basic realm=\"rivulet\"");
    if (status == 405)
        (void)http->mhd->add_response_header(response, "Allow", "GET, HEAD");
    const enum MHD_Result rc = http->mhd->queue_response(c, status, response);
    http->mhd->destroy_response(response);
    return rc;
}

struct asking {
    const struct riv_http *http;
    struct MHD_Connection *c;
};

static const char *param_of(void *arg, const char *name)
{
    const struct asking *asking = arg;
    return asking->http->mhd->lookup_connection_value(
        asking->c, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result show(struct riv_http *http, struct MHD_Connection *c,
                            const char *path)
{
    struct asking asking = { http, c };
    const struct riv_http_ask ask = { .path = path,
                                      .param = param_of,
                                      .arg = &asking };
    struct riv_http_reply reply = { .status = 200 };
    riv__buf_init(&reply.body, 0);
    riv__http_route(&http->viewer, &ask, &reply);
    const enum MHD_Result rc =
        answer(http, c, reply.status, reply.type,
               (riv_str){ reply.body.p ? reply.body.p : "", reply.body.n });
    riv__buf_fini(&reply.body);
    return rc;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c,
                                  const char *path, const char *method,
                                  const char *version, const char *body,
                                  size_t *body_bytes, void **of_request)
{
    struct riv_http *http = cls;
    struct heads heads = { .n = 0 };
    struct refusal refusal;
    (void)body;
    if (*body_bytes > 0) { /* of a request that was refused: read past */
        *body_bytes = 0;
        return MHD_YES;
    }
    (void)http->mhd->get_connection_values(c, MHD_HEADER_KIND, head_look,
                                           &heads);
    if (refuses_form(&heads, method, version, &refusal) ||
        refuses(http, c, &heads, path, &refusal))
        return answer(http, c, refusal.status, "text/plain; charset=utf-8",
                      riv_cstr(refusal.text));
    if (!*of_request) { /* its heads are there; now its end */
        *of_request = http;
        return MHD_YES;
    }
    return show(http, c, path);
}

/* ------------------------------------------------------------- connections */

static void on_peer(void *cls, struct MHD_Connection *c, void **of_peer,
                    enum MHD_ConnectionNotificationCode what)
{
    struct riv_http *http = cls;
    struct riv_sys *sys = http->viewer.sys;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct peer *gone = *of_peer;
        if (gone)
            gone->fd = -1;
        return;
    }
    const union MHD_ConnectionInfo *info =
        http->mhd->get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (size_t i = 0; info && i < RIV__LEN(http->peer); i++) {
        struct peer *peer = &http->peer[i];
        if (peer->fd >= 0)
            continue;
        peer->fd = info->connect_fd;
        peer->until_ns =
            sys->mono_ns(sys) + (int64_t)RIV__HTTP_TIME_MS_MAX * NS_A_MS;
        *of_peer = peer;
        return;
    }
}

/* Ends those whose time is over; when the next one's is. */
static int64_t peers_look(struct riv_http *http, int64_t now_ns)
{
    struct riv_sys *sys = http->viewer.sys;
    int64_t until_ns = INT64_MAX;
    for (size_t i = 0; i < RIV__LEN(http->peer); i++) {
        struct peer *peer = &http->peer[i];
        if (peer->fd < 0)
            continue;
        if (peer->until_ns <= now_ns) {
            (void)sys->hang_up(sys, peer->fd);
            peer->until_ns = INT64_MAX; /* the library closes it */
        }
        until_ns = RIV__MIN(until_ns, peer->until_ns);
    }
    return until_ns;
}

static void http_run(void *arg)
{
    struct riv_http *http = arg;
    struct riv_sys *sys = http->viewer.sys;
    while (!atomic_load(&http->stopping)) {
        struct riv_pollfd fd = { .fd = http->epoll_fd, .events = RIV__POLL_IN };
        const int64_t now_ns = sys->mono_ns(sys);
        int64_t until_ns = peers_look(http, now_ns);
        MHD_UNSIGNED_LONG_LONG ms;
        if (http->mhd->get_timeout(http->daemon, &ms) == MHD_YES && ms < 60000)
            until_ns = RIV__MIN(until_ns, now_ns + (int64_t)ms * NS_A_MS);
        if (sys->poll(sys, &fd, 1, &http->wake, until_ns) < 0)
            return;
        (void)http->mhd->run(http->daemon);
    }
}

/* ----------------------------------------------------------------- its life */

static int daemon_start(struct riv_http *http, int fd, struct riv_err *err)
{
    http->daemon = http->mhd->start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_request, http,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)RIV__HTTP_PEERS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)RIV__HTTP_PEERS_OF_ONE_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)RIV__HTTP_IDLE_S_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)RIV__HTTP_HEAD_BYTES_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_peer, http, MHD_OPTION_END);
    if (!http->daemon)
        return riv__err_set(err, RIV_EUNAVAIL,
                            "http.listen: libmicrohttpd does not start");
    const union MHD_DaemonInfo *info =
        http->mhd->get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info)
        return riv__err_set(err, RIV_EUNAVAIL,
                            "http.listen: this libmicrohttpd has no epoll");
    http->epoll_fd = info->epoll_fd;
    return 0;
}

static int listen_at(struct riv_http *http, const struct riv_http_place *place,
                     struct riv_err *err)
{
    struct riv_sys *sys = http->viewer.sys;
    const bool is_v6 = strchr(place->host, ':') != NULL;
    const int fd = sys->listen(sys, place->host, place->port, BACKLOG);
    if (fd < 0) {
        riv__err_sys(err, -fd, "listen", place->host);
        return riv__err_set(err, RIV_EUNAVAIL,
                            "http.listen=%s:%s: %s; another port, or 0 for a "
                            "free one",
                            place->host, place->port, err ? err->text : "");
    }
    http->port = sys->local_port(sys, fd);
    snprintf(http->address, sizeof http->address, "%s%s%s:%d", is_v6 ? "[" : "",
             place->host, is_v6 ? "]" : "", http->port);
    const int rc = daemon_start(http, fd, err);
    if (!http->daemon)
        sys->close(sys, fd);
    return rc;
}

static int http_open(struct riv_http *http, const struct riv_http_spec *spec,
                     struct riv_err *err)
{
    struct riv_sys *sys = http->viewer.sys;
    struct riv_http_place place = { .host = "" };
    RIV__TRY(riv__http_place(spec->listen, &place, err));
    http->mhd = riv__mhd(err);
    if (!http->mhd)
        return err ? err->code : RIV_EUNAVAIL;
    http->has_token = spec->token_file[0] != '\0';
    if (http->has_token)
        RIV__TRY(riv__http_token(sys, spec->token_file, http->token, err));
    if (!place.is_local && !http->has_token)
        return riv__err_set(
            err, RIV_EINVAL,
            "http.listen=%s can be reached by other machines: that needs "
            "http.token_file, a file with a token (openssl rand -hex 16)",
            spec->listen);
    const int rc = sys->wake_open(sys, &http->wake);
    if (rc < 0) {
        http->wake.fd = -1;
        return riv__err_sys(err, -rc, "eventfd", NULL);
    }
    RIV__TRY(listen_at(http, &place, err));
    return riv__thread_start(&http->thread, "riv-http", http_run, http, err);
}

int riv__http_start(const struct riv_http_spec *spec, struct riv_http **ret,
                    struct riv_err *err)
{
    struct riv_http *http = calloc(1, sizeof *http);
    if (!http)
        return riv__err_set(err, RIV_ENOMEM, "no memory for http.listen");
    http->viewer = spec->viewer;
    http->wake.fd = -1;
    for (size_t i = 0; i < RIV__LEN(http->peer); i++)
        http->peer[i].fd = -1;
    const int rc = http_open(http, spec, err);
    if (rc < 0)
        riv__http_stop(http);
    else
        *ret = http;
    return rc;
}

const char *riv__http_address(const struct riv_http *http)
{
    return http->address;
}

void riv__http_stop(struct riv_http *http)
{
    if (!http)
        return;
    struct riv_sys *sys = http->viewer.sys;
    atomic_store(&http->stopping, true);
    if (http->wake.fd >= 0)
        sys->wake_raise(sys, &http->wake);
    riv__thread_join(&http->thread);
    if (http->daemon)
        http->mhd->stop_daemon(
            http->daemon); /* and closes what it listens at */
    if (http->wake.fd >= 0)
        sys->wake_close(sys, &http->wake);
    memset(http->token, 0, sizeof http->token);
    free(http);
}

const char *riv__http_name(void)
{
    return "pages (libmicrohttpd)";
}
