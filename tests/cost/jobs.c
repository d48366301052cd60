/* tests/cost/jobs.c - the eight jobs, and what makes one ready. */
#include "jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_BYTES = 64 * 1024, PUSHED = 4096, KEYS = 20000 };

/* ------------------------------------------------------------- the data */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) * below >> 31);
}

/* Few words are frequent, many are rare. */
static uint32_t rank(uint64_t *seed, uint32_t n)
{
    const uint64_t a = draw(seed, n), b = draw(seed, n);
    return (uint32_t)(a * b / n);
}

static size_t lines_text(char *to, size_t n)
{
    uint64_t seed = 1;
    char *p = to;
    for (int column = 0; p + 32 < to + n;) {
        p +=
            snprintf(p, 32, "w%" PRIx32, rank(&seed, KEYS) * 2654435761u >> 12);
        *p++ = ++column % 12 == 0 ? '\n' : ' ';
    }
    p[-1] = '\n';
    return (size_t)(p - to);
}

static size_t log_text(char *to, size_t n)
{
    uint64_t seed = 2;
    char *p = to;
    while (p + 256 < to + n)
        p += snprintf(p, 256,
                      "10.0.%u.%u - - [01/Oct/2026:00:00:00 +0000] \"GET "
                      "/path/%u HTTP/1.1\" 200 %u \"https://shop.example/\" "
                      "\"%s/1.0\"\n",
                      draw(&seed, 256), draw(&seed, 256), rank(&seed, 2000),
                      draw(&seed, 100000),
                      draw(&seed, 16) ? "Mozilla" : "bingbot");
    return (size_t)(p - to);
}

static size_t ints_text(char *to, size_t n)
{
    uint64_t seed = 3;
    char *p = to;
    while (p + 32 < to + n)
        p += snprintf(p, 32, "%u,%u\n", draw(&seed, KEYS), draw(&seed, 1000));
    return (size_t)(p - to);
}

static size_t events_text(char *to, size_t n)
{
    uint64_t seed = 4;
    char *p = to;
    while (p + 256 < to + n)
        p += snprintf(p, 256,
                      "{\"user_id\":\"%08x\",\"page_id\":\"%08x\","
                      "\"ad_id\":\"ad-%u\",\"ad_type\":\"banner\","
                      "\"event_type\":\"%s\",\"event_time\":%u,"
                      "\"ip_address\":\"10.1.2.3\"}\n",
                      draw(&seed, 1u << 30), draw(&seed, 1u << 30),
                      draw(&seed, 1000), draw(&seed, 3) ? "click" : "view",
                      1790000000 + draw(&seed, 1000));
    return (size_t)(p - to);
}

/* ------------------------------------------------------------- the jobs */

static long long seen;

long long cost_seen(void)
{
    return seen;
}

static int see_rows(const void *rows, size_t n, riv_task *t)
{
    (void)rows, (void)t;
    seen += (long long)n;
    return 0;
}

/* An output that takes whatever comes, a chunk at a time. */
static void look(riv_ds *ds, const riv_type *type)
{
    const riv_fn see = { .struct_size = sizeof see,
                         .op = RIV_OP_FOREACH,
                         .name = "see",
                         .where = __FILE__,
                         .in = type,
                         .rows = see_rows };
    riv_foreach(ds, &see, NULL);
}

RIV_PAIR(words, riv_str, int64_t);
RIV_PAIR(ints, int64_t, int64_t);

static void words_ready(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    look(riv_count_by_value(riv_words(lines, NULL), NULL), &riv_type_words);
}

RIV_FLAT_MAP(split, riv_str, words);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line, word;
    while (riv_cut(&rest, ' ', &word))
        if (word.n > 0)
            riv_emit(out, (words){ word, 1 });
    return 0;
}

static void words_user(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    riv_ds *pairs = riv_flat_map(lines, split_fn, NULL);
    look(riv_reduce_by_key(pairs, riv_sum_i64, NULL), &riv_type_words);
}

static void grep(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    look(riv_contains(lines, "bingbot/1.0", NULL), &riv_type_riv_str);
}

static void paths(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    riv_ds *path = riv_nth_field(lines, ' ', 7, NULL);
    look(riv_count_by_value(path, NULL), &riv_type_words);
}

static void csv(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    riv_ds *pairs = riv_decode(lines, &riv_type_ints, "csv", NULL);
    look(riv_reduce_by_key(pairs, riv_sum_i64, NULL), &riv_type_ints);
}

typedef struct {
    riv_str ad_id, event_type;
    int64_t event_time;
} event;
RIV_STRUCT(event, ad_id, event_type, event_time);

RIV_FILTER(is_view, event);
static int is_view(const event *e, riv_task *t)
{
    (void)t;
    return riv_eq(e->event_type, riv_cstr("view"));
}

RIV_MAP(ad_of, event, riv_str);
static int ad_of(const event *e, riv_str *out, riv_task *t)
{
    (void)t;
    *out = e->ad_id;
    return 0;
}

static void json(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)r, (void)ret_queue;
    riv_ds *events = riv_decode(lines, &riv_type_event, "json", NULL);
    riv_ds *views = riv_filter(events, is_view_fn, NULL);
    look(riv_count_by_value(riv_map(views, ad_of_fn, NULL), NULL),
         &riv_type_words);
}

static int push_ints(riv_ds *queue, int batch)
{
    static ints rows[PUSHED];
    uint64_t seed = (uint64_t)batch % 16;
    for (int i = 0; i < PUSHED; i++)
        rows[i] = (ints){ draw(&seed, KEYS), draw(&seed, 1000) };
    return riv_push(queue, rows, PUSHED);
}

static void window(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)lines;
    *ret_queue = riv_queue(r, &riv_type_ints, NULL);
    look(riv_reduce_by_key_and_window(*ret_queue, riv_sum_i64, RIV_SEC(16),
                                      RIV_SEC(4), NULL),
         &riv_type_ints);
}

RIV_MAP_WITH_STATE(add_up, ints, int64_t, ints);
static int add_up(const int64_t *key, const int64_t *v, int64_t *sum,
                  add_up_out *out, riv_task *t)
{
    (void)t;
    *sum += *v;
    riv_emit(out, (ints){ *key, *sum });
    return 0;
}

static void state(riv *r, riv_ds *lines, riv_ds **ret_queue)
{
    (void)lines;
    *ret_queue = riv_queue(r, &riv_type_ints, NULL);
    look(riv_map_with_state(*ret_queue, add_up_fn, NULL), &riv_type_ints);
}

const struct cost_job cost_jobs[COST_JOBS] = {
    { "words-ready", lines_text, words_ready, NULL },
    { "words-user", lines_text, words_user, NULL },
    { "grep", log_text, grep, NULL },
    { "paths", log_text, paths, NULL },
    { "csv-sum", ints_text, csv, NULL },
    { "json-count", events_text, json, NULL },
    { "window", NULL, window, push_ints },
    { "state", NULL, state, push_ints },
};

/* ------------------------------------------------------------ a run of one */

static int failed(struct cost_run *run)
{
    fprintf(stderr, "%s: %s\n", run->job->name, riv_errmsg(run->r));
    cost_close(run);
    return -1;
}

static size_t count_lines(const char *p, size_t n)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

/* The text of all batches into a file of its own; the lines of one, or 0. */
static size_t text_write(struct cost_run *run, int batches)
{
    static char text[BATCH_BYTES];
    const size_t n = run->job->text(text, sizeof text);
    snprintf(run->path, sizeof run->path, "/tmp/riv-cost-XXXXXX");
    const int fd = mkstemp(run->path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        return 0;
    bool fine = true;
    for (int i = 0; i < batches; i++)
        fine &= fwrite(text, 1, n, f) == n;
    return fclose(f) == 0 && fine ? count_lines(text, n) : 0;
}

int cost_open(struct cost_run *run, const struct cost_job *job, int batches,
              const char *cpu_level)
{
    char uri[192];
    riv_ds *lines = NULL;
    *run = (struct cost_run){ .job = job };
    run->r = riv_new(RIV_CONFIG(.threads = 1));
    riv_set(run->r, "cpu.level", cpu_level);
    if (job->text) {
        const size_t n = text_write(run, batches);
        snprintf(uri, sizeof uri, "replay:%zu:%s", n, run->path);
        if (n == 0) {
            perror(run->path);
            cost_close(run);
            return -1;
        }
        lines = riv_text(run->r, uri, NULL);
    }
    job->build(run->r, lines, &run->queue);
    return riv_error(run->r) == RIV_OK ? 0 : failed(run);
}

int cost_step(struct cost_run *run, int batches)
{
    for (int i = 0; i < batches; i++, run->batch++) {
        if (run->queue && run->job->push(run->queue, run->batch) != RIV_OK)
            return failed(run);
        if (riv_step(run->r, 1) != RIV_OK)
            return failed(run);
    }
    return 0;
}

void cost_close(struct cost_run *run)
{
    if (run->r)
        riv_free(run->r);
    if (run->path[0])
        unlink(run->path);
    run->r = NULL;
    run->path[0] = '\0';
}
