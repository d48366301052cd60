/* http/tap.c - questions for rows that pass. */
#include "http/tap.h"

#include <string.h>

#include "base/num.h"

/* A number from an answer; false: it is none. */
static bool since_read(const char *text, struct riv_tap_ask *ask)
{
    int64_t n = 0;
    ask->begins = !text || strcmp(text, "-") == 0;
    if (ask->begins)
        return true;
    if (!riv__num_i64(riv_cstr(text), &n) || n < 0)
        return false;
    ask->since = (uint64_t)n;
    return true;
}

static bool form_read(const char *text, struct riv_tap_ask *ask)
{
    ask->json = text && strcmp(text, "json") == 0;
    return !text || ask->json || strcmp(text, "lines") == 0;
}

static int take(const struct riv_viewer *viewer, const struct riv_tap_ask *ask,
                struct riv_buf *to)
{
    if (viewer->tap && !viewer->no_tap)
        return viewer->tap(viewer->arg, ask, to);
    riv__buf_printf(to, "%s\n",
                    viewer->no_tap ? viewer->no_tap : "no rows here");
    return RIV_EUNAVAIL;
}

/* 0, or below 0 and the reason: behind a "-" what is wrong with the question,
 * behind a "!" why nobody has an answer. */
static int answer(const struct riv_viewer *viewer,
                  const struct riv_tap_ask *ask, struct riv_buf *to)
{
    const size_t begin = to->n;
    const int rc = take(viewer, ask, to);
    const size_t n = to->n - begin;
    if (rc == 0)
        return 0;
    riv__buf_char(to, '!');
    if (to->n <= begin + n)
        return rc; /* no memory: the answer is cut off anyway */
    memmove(to->p + begin + 1, to->p + begin, n);
    to->p[begin] = rc == RIV_EINVAL ? '-' : '!';
    return rc;
}

static const char wrong[] = "-a question for rows is lines or json, the number "
                            "of the last answer, and an operator\n";

/* The word that *rest begins with; NULL: there is none. */
static const char *word_cut(char **rest)
{
    char *word = *rest;
    char *end = word ? strchr(word, ' ') : NULL;
    if (end)
        *end = '\0';
    *rest = end ? end + 1 : NULL;
    return word;
}

void riv__tap_line(const struct riv_viewer *viewer, char *line,
                   struct riv_buf *to)
{
    struct riv_tap_ask ask = { .op = NULL };
    const char *form = word_cut(&line);
    const char *since = word_cut(&line);
    ask.op = line && *line ? line : NULL;
    if (!since || !form_read(form, &ask) || !since_read(since, &ask))
        riv__buf_str(to, wrong);
    else
        (void)answer(viewer, &ask, to);
}

void riv__tap_route(const struct riv_viewer *viewer,
                    const struct riv_http_ask *ask,
                    struct riv_http_reply *reply)
{
    struct riv_tap_ask tap = { .op = ask->param(ask->arg, "op") };
    if (!form_read(ask->param(ask->arg, "form"), &tap) ||
        !since_read(ask->param(ask->arg, "since"), &tap)) {
        reply->status = 400;
        riv__buf_str(&reply->body, wrong);
        return;
    }
    if (tap.op && !*tap.op)
        tap.op = NULL;
    const int rc = answer(viewer, &tap, &reply->body);
    if (rc == RIV_EINVAL)
        reply->status = 404;
    else if (rc < 0)
        reply->status = viewer->no_tap ? 403 : 503;
}
