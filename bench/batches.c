/* batches.c - W1 cut into batches: a word count over "replay:", stepped by hand
 * under the manual clock, beside `limits words --batch`. Each batch has a result
 * of its own, which is walked to its end: how many words differ, and how many
 * there are, are added up. Times are those of all batches, reading and cutting
 * included; start-up is left out.
 *   batches FILE LINES [ready|user] [THREADS]; JSON to standard error */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rivulet.h>

RIV_PAIR(wc, riv_str, int64_t);

RIV_FLAT_MAP(split, riv_str, wc);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    const char *p = line->p, *e = p + line->n;
    while (p < e) {
        while (p < e && *p == ' ')
            p++;
        const char *b = p;
        while (p < e && *p != ' ')
            p++;
        if (p > b)
            riv_emit(out, (wc){ { b, (size_t)(p - b) }, 1 });
    }
    return 0;
}

struct seen {
    atomic_llong keys, records;
};

/* A chunk at a time, as an output does. */
static int see_rows(const void *rows, size_t n, riv_task *t)
{
    const wc *row = rows;
    int64_t records = 0;
    for (size_t i = 0; i < n; i++)
        records += row[i].val;
    struct seen *seen = *(struct seen *const *)t->arg;
    atomic_fetch_add(&seen->keys, (long long)n);
    atomic_fetch_add(&seen->records, records);
    return 0;
}

static const riv_fn see_fn[1] = { {
    .struct_size = sizeof(riv_fn),
    .op = RIV_OP_FOREACH,
    .name = "see",
    .where = __FILE__,
    .in = &riv_type_wc,
    .rows = see_rows,
} };

static int64_t now_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    *(int64_t *)arg += info->input_bytes;
}

static riv_ds *count(riv_ds *lines, const char *how)
{
    if (strcmp(how, "user") == 0)
        return riv_reduce_by_key(riv_flat_map(lines, split_fn, NULL),
                                 riv_sum_i64, NULL);
    return riv_count_by_value(riv_words(lines, NULL), NULL);
}

int main(int argc, char **argv)
{
    static struct seen seen;
    struct seen *at = &seen;
    char uri[4096];
    int64_t bytes = 0, batches = 0, before = -1;
    if (argc < 3) {
        fprintf(stderr, "usage: batches FILE LINES [ready|user] [THREADS]\n");
        return 64;
    }
    snprintf(uri, sizeof uri, "replay:%s:%s", argv[2], argv[1]);
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &bytes,
                                    .batch_completed = on_batch };
    riv *r = riv_new(
        RIV_CONFIG(.threads = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 1,
                   .listener = &listener));
    riv_ds *counts =
        count(riv_text(r, uri, NULL), argc > 3 ? argv[3] : "ready");
    riv_foreach(counts, see_fn, RIV_OPT(.arg = RIV_COPY(at)));
    int rc = riv_step(r, 1);
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t wall = now_ns(CLOCK_MONOTONIC),
            driver = now_ns(CLOCK_THREAD_CPUTIME_ID);
    const int64_t first = seen.records;
    while (rc == 0 && bytes > before) {
        before = bytes;
        rc = riv_step(r, 1);
        batches++;
    }
    if (rc < 0) {
        fprintf(stderr, "%s\n", riv_errmsg(r));
        return 70;
    }
    driver = now_ns(CLOCK_THREAD_CPUTIME_ID) - driver;
    cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = now_ns(CLOCK_MONOTONIC) - wall;
    fprintf(stderr,
            "{\"batches\":%lld,\"keys\":%lld,\"records\":%lld,"
            "\"cpu_ns\":%lld,\"wall_ns\":%lld,\"driver_ns\":%lld}\n",
            (long long)batches, (long long)seen.keys,
            (long long)seen.records - first, (long long)cpu, (long long)wall,
            (long long)driver);
    riv_free(r);
    return 0;
}
