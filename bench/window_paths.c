/* window_paths.c - W3 over a window: how often each URL path of an access log
 * occurs in the last 30 batches, and the ten that occur most, after each batch
 * of so many lines; the engine over "replay:", stepped under the manual clock,
 * and a loop by hand, batch by batch in turn. Both read the file; the answers
 * are compared in every batch.
 *   window_paths FILE [LINES] [BATCHES]
 * Prints a line of JSON, times in milliseconds of CPU a batch, of those batches
 * that have a full window. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rivulet.h>

#include "limit/window_paths.h"
#include "times.h"

bool limit_huge = true;

enum { BATCHES_MAX = 10000, ANSWER_BYTES = 4096 };

RIV_PAIR(path, riv_str, int64_t);
RIV_PAIR(rank, int64_t, riv_str);

struct answer {
    char text[ANSWER_BYTES];
    size_t n;
};

struct batch_file {
    int fd;
    char *buf;
    size_t room, have; /* bytes behind the batch's are the next one's */
};

/* -------------------------------------------------------------- the engine */

RIV_MAP(by_count, path, rank);
static int by_count(const path *in, rank *out, riv_task *t)
{
    (void)t;
    *out = (rank){ in->val, in->key };
    return 0;
}

static int tell(riv *r, riv_ds *counts, int64_t time, const void *arg)
{
    struct answer *answer = *(struct answer *const *)arg;
    riv_result top = { 0 };
    (void)r, (void)time;
    int rc = riv_top(counts, PATH_TOP, by_count_fn, &top);
    if (rc < 0)
        return rc;
    answer->n = 0;
    for (size_t i = 0; i < top.n; i++) {
        const path *at = (const path *)top.rows + i;
        answer->n += (size_t)snprintf(
            answer->text + answer->n, ANSWER_BYTES - answer->n, "%.*s,%lld\n",
            (int)at->key.n, at->key.p, (long long)at->val);
    }
    riv_result_free(&top);
    return 0;
}

static void build(riv *r, const char *uri, struct answer *to)
{
    riv_ds *paths = riv_nth_field(riv_text(r, uri, NULL), ' ', 7, NULL);
    riv_foreach_rdd(riv_count_by_value_and_window(paths, RIV_SEC(PATH_PANES),
                                                  RIV_SEC(1), NULL),
                    tell, RIV_OPT(.arg = RIV_COPY(to)));
}

/* ----------------------------------------------------------------- by hand */

static void die(const char *what)
{
    fprintf(stderr, "window_paths: %s\n", what);
    exit(70);
}

/* The bytes of the next `lines` lines; 0: there are no more so many. Where they
 * end is looked up before the clock starts: see sizes_make. */
static size_t fill(struct batch_file *file, size_t bytes)
{
    if (bytes + LIMIT_SLACK > file->room) {
        free(file->buf);
        file->room = 2 * (bytes + LIMIT_SLACK);
        file->buf = calloc(1, file->room);
        if (!file->buf)
            die("no memory");
    }
    for (file->have = 0; file->have < bytes;) {
        const ssize_t n =
            read(file->fd, file->buf + file->have, bytes - file->have);
        if (n <= 0)
            die("the file has become shorter");
        file->have += (size_t)n;
    }
    return bytes;
}

/* How many bytes each batch of `lines` lines has. */
static size_t sizes_make(const char *name, size_t lines, size_t *size,
                         size_t most)
{
    FILE *in = fopen(name, "r");
    char *line = NULL;
    size_t cap = 0, n = 0, seen = 0;
    if (!in)
        die(name);
    size[0] = 0;
    for (ssize_t got; n < most && (got = getline(&line, &cap, in)) > 0;) {
        size[n] += (size_t)got;
        if (++seen % lines == 0 && ++n < most)
            size[n] = 0;
    }
    free(line);
    fclose(in);
    return n;
}

/* ----------------------------------------------------------------- batches */

static double step(riv *r)
{
    const double start = now_ms();
    if (riv_step(r, 1) != RIV_OK)
        die(riv_errmsg(r));
    return now_ms() - start;
}

static double by_hand(struct window_paths *self, struct batch_file *file,
                      size_t bytes, struct answer *answer)
{
    const double start = now_ms();
    fill(file, bytes);
    answer->n = window_by_hand(self, file->buf, file->buf + bytes, answer->text,
                               ANSWER_BYTES);
    return now_ms() - start;
}

int main(int argc, char **argv)
{
    static size_t size[BATCHES_MAX];
    static double ms[2][BATCHES_MAX];
    static struct answer got, want;
    char uri[4096];
    if (argc < 2) {
        fprintf(stderr, "usage: window_paths FILE [LINES] [BATCHES]\n");
        return 64;
    }
    const size_t lines = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    const size_t asked = argc > 3 ? strtoul(argv[3], NULL, 10) : BATCHES_MAX;
    if (lines == 0 || asked == 0 || asked > BATCHES_MAX)
        die("lines and batches are numbers above 0, at most 10,000 batches");
    const size_t n = sizes_make(argv[1], lines, size, asked);
    struct batch_file file = { .fd = open(argv[1], O_RDONLY) };
    if (file.fd < 0 || n <= PATH_PANES)
        die("no file with more than 30 batches");
    struct window_paths *self = window_paths_new();
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    snprintf(uri, sizeof uri, "replay:%zu:%s", lines, argv[1]);
    build(r, uri, &got);
    for (size_t i = 0; i < n; i++) {
        const size_t to = i < PATH_PANES ? 0 : i - PATH_PANES;
        ms[0][to] = by_hand(self, &file, size[i], &want);
        ms[1][to] = step(r);
        if (got.n != want.n || memcmp(got.text, want.text, want.n) != 0) {
            fprintf(stderr, "batch %zu:\n%.*sby hand:\n%.*s", i, (int)got.n,
                    got.text, (int)want.n, want.text);
            return 70;
        }
    }
    printf("{\"bench\":\"window-paths\",\"batches\":%zu,\"lines\":%zu",
           n - PATH_PANES, lines);
    times_print("limit", ms[0], n - PATH_PANES);
    times_print("engine", ms[1], n - PATH_PANES);
    printf("}\n");
    riv_free(r);
    return 0;
}
