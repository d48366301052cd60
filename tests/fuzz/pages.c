/* tests/fuzz/pages.c - what the pages say of a job with any names and numbers in
 * it, whatever the address is: JSON that another parser takes, HTML and metrics
 * out of which no name gets. */
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "fuzz/strict.h"
#include "fuzz/types.h"
#include "http/routes.h"

struct shown {
    struct fuzz_bytes in;
    struct riv_picture picture; /* copied for each page */
    struct riv_seen_batch batch[2];
    struct riv_seen_input input[1];
    struct riv_seen_text text[1];
    struct riv_seen_part part[1];
};

/* As the engine puts texts into a picture. */
static void text_to(struct fuzz_bytes *in, char *to, size_t room)
{
    size_t n = fuzz_byte(in);
    n = n < in->n ? n : in->n;
    riv__str_show(to, room, (riv_str){ (const char *)in->p, n });
    in->p += n;
    in->n -= n;
}

static int64_t number(struct fuzz_bytes *in)
{
    uint64_t v = 0;
    for (unsigned n = fuzz_byte(in) % 9; n > 0; n--)
        v = v << 8 | fuzz_byte(in);
    return (int64_t)v;
}

/* Numbers that the engine counts are no less than 0 and far from the end. */
static int64_t counted(struct fuzz_bytes *in)
{
    return number(in) & ((INT64_C(1) << 50) - 1);
}

static void fill(struct shown *s)
{
    static const char *output[1], *trouble[1];
    static char name[RIV__SEEN_NAME], why[RIV__SEEN_TEXT];
    struct riv_picture *p = &s->picture;
    text_to(&s->in, p->name, sizeof p->name);
    text_to(&s->in, name, sizeof name);
    text_to(&s->in, s->input[0].name, RIV__SEEN_NAME);
    text_to(&s->in, s->input[0].note, RIV__SEEN_NAME);
    text_to(&s->in, s->input[0].error, RIV__SEEN_TEXT);
    text_to(&s->in, s->text[0].text, RIV__SEEN_TEXT);
    text_to(&s->in, s->part[0].name, RIV__SEEN_NAME);
    text_to(&s->in, p->failure, sizeof p->failure);
    text_to(&s->in, why, sizeof why);
    output[0] = name;
    trouble[0] = why;
    p->state_dir = name;
    p->phase = (enum riv_phase)(fuzz_byte(&s->in) % (RIV__PHASE_FAILED + 1));
    p->interval_ms = 1 + counted(&s->in) % 86400000;
    p->keys = number(&s->in);
    p->done = counted(&s->in);
    p->memory_bytes = counted(&s->in);
    p->wall_ms = p->started_ms = counted(&s->in) % INT64_C(4000000000000);
    p->idle_us = counted(&s->in);
    s->text[0].number = 1;
    s->part[0].position = counted(&s->in);
    s->part[0].end = number(&s->in);
    s->input[0].unit = "records";
    s->input[0].lag = number(&s->in);
    s->input[0].part = s->part;
    s->input[0].nparts = 1;
    for (int i = 0; i < 2; i++) {
        struct riv_seen_batch *b = &s->batch[i];
        b->time_ms = counted(&s->in) % INT64_C(4000000000000);
        b->interval_ms = p->interval_ms;
        b->records = counted(&s->in);
        b->processing_us = counted(&s->in);
        b->scheduling_us = counted(&s->in);
        b->status = fuzz_byte(&s->in) % 3;
        b->failure = fuzz_byte(&s->in) % 3;
        b->noutput = b->outputs = 1;
        b->output[0].status = fuzz_byte(&s->in) % 3;
    }
    p->input = s->input;
    p->ninput = 1;
    p->output = output;
    p->trouble = trouble;
    p->noutput = 1;
    p->batch = s->batch;
    p->nbatch = 2;
    p->text = s->text;
    p->ntext = 1;
}

static struct riv_picture *picture(void *arg, size_t batches)
{
    const struct shown *s = arg;
    struct riv_picture *p = malloc(sizeof *p);
    FUZZ_CHECK(p != NULL);
    *p = s->picture;
    p->nbatch = batches < p->nbatch ? batches : p->nbatch;
    riv__arena_init(&p->arena, 0);
    return p;
}

static char value[256];

static const char *param(void *arg, const char *name)
{
    (void)arg;
    return strlen(name) % 2 == (size_t)(value[0] & 1) ? value : NULL;
}

static void ask(const struct riv_viewer *viewer, const char *path)
{
    const struct riv_http_ask ask = { .path = path, .param = param };
    struct riv_http_reply reply = { 0 };
    riv__buf_init(&reply.body, 0);
    riv__http_route(viewer, &ask, &reply);
    const riv_str body = { reply.body.p, reply.body.n };
    FUZZ_CHECK(reply.status == 200 || reply.status == 400 ||
               reply.status == 404 || reply.status == 503);
    FUZZ_CHECK(!reply.body.failed);
    if (strstr(reply.type, "json") && !strict_json(body))
        fuzz_fail("%s is no JSON: %.*s", path, (int)body.n, body.p);
    if (strstr(reply.type, "html") && !strict_html(body))
        fuzz_fail("%s lets a name out: %.*s", path, (int)body.n, body.p);
    if (strcmp(path, "/metrics") == 0 && !strict_metrics(body))
        fuzz_fail("%s: %.*s", path, (int)body.n, body.p);
    riv__buf_fini(&reply.body);
}

static void one(const unsigned char *p, size_t n)
{
    static const char *const path[] = { "/",       "/batch",  "/metrics",
                                        "/livez",  "/readyz", "/api/status",
                                        "/api/v1", "" };
    static struct shown s;
    char own[64];
    memset(&s, 0, sizeof s);
    s.in = (struct fuzz_bytes){ p, n };
    const unsigned which = fuzz_byte(&s.in);
    text_to(&s.in, value, sizeof value);
    text_to(&s.in, own, sizeof own);
    fill(&s);
    const struct riv_viewer viewer = { .arg = &s, .picture = picture };
    ask(&viewer, which % 9 == 8 ? own : path[which % 9]);
}

const struct fuzz_target fuzz_target = { "pages", 10000, one };
