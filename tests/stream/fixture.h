/* tests/stream/fixture.h - a job fed by a queue and run batch by batch. Batches
 * are written as text, "a:1 b:2 | a:3 | |", and so is what comes out: the pairs
 * of each batch in the order of their keys, "|" after each batch that the
 * output was run for. */
#ifndef RIV_TESTS_STREAM_FIXTURE_H
#define RIV_TESTS_STREAM_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

RIV_PAIR(count, riv_str, int64_t);

enum { SEEN_MAX = 1 << 16, BATCH_MAX = 4096 };

struct seen {
    char text[SEEN_MAX];
    size_t n;
    bool keep_order;
};

static inline int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline void seen_add(struct seen *seen, const char *text)
{
    size_t n = strlen(text);
    assert_true(seen->n + n < sizeof seen->text);
    memcpy(seen->text + seen->n, text, n + 1);
    seen->n += n;
}

static inline void row_text(const riv_type *type, const void *row, char *dst)
{
    if (type->kind == RIV_K_PAIR) {
        const count *pair = row;
        snprintf(dst, 64, "%.*s:%lld", (int)pair->key.n, pair->key.p,
                 (long long)pair->val);
    } else if (type->kind == RIV_K_STR) {
        const riv_str *s = row;
        snprintf(dst, 64, "%.*s", (int)s->n, s->p);
    } else {
        snprintf(dst, 64, "%lld", (long long)*(const int64_t *)row);
    }
}

/* An output that writes each batch into a `struct seen`. */
static inline int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct seen *seen = *(struct seen *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc < 0)
        return rc;
    char(*row)[64] = calloc(res.n + 1, sizeof *row);
    assert_non_null(row);
    for (size_t i = 0; i < res.n; i++)
        row_text(res.type, (const char *)res.rows + i * res.type->size, row[i]);
    if (!seen->keep_order)
        qsort(row, res.n, sizeof *row, by_text);
    for (size_t i = 0; i < res.n; i++) {
        seen_add(seen, row[i]);
        seen_add(seen, " ");
    }
    seen_add(seen, "| ");
    free(row);
    riv_result_free(&res);
    return 0;
}

static inline void output(riv_ds *ds, struct seen *seen)
{
    *seen = (struct seen){ .n = 0, .keep_order = seen->keep_order };
    riv_foreach_rdd(ds, see, RIV_OPT(.arg = RIV_COPY(seen)));
}

/* Pushes the records of the next batch in *text; false: there is none. */
static inline bool push_batch(riv_ds *queue, const char **text)
{
    static count rows[BATCH_MAX];
    static int64_t numbers[BATCH_MAX];
    const bool pairs = riv_ds_type(queue)->kind == RIV_K_PAIR;
    const char *p = *text;
    size_t n = 0;
    if (!p)
        return false;
    for (; *p && *p != '|'; p++) {
        if (*p == ' ')
            continue;
        assert_true(n < BATCH_MAX);
        char *end;
        size_t key = pairs ? strcspn(p, ":") : 0;
        int64_t v = strtoll(p + key + pairs, &end, 10);
        rows[n] = (count){ { p, key }, v };
        numbers[n++] = v;
        p = end - 1;
    }
    *text = *p ? p + 1 : NULL;
    if (n > 0)
        assert_int_equal(
            riv_push(queue, pairs ? (void *)rows : (void *)numbers, n), 0);
    return true;
}

/* Runs a job over all batches of the text. 0, or its error. */
static inline int run_batches(riv *r, riv_ds *queue, const char *text)
{
    int rc = riv_error(r);
    while (rc == 0 && push_batch(queue, &text))
        rc = riv_step(r, 1);
    return rc;
}

/* The graph of a case: from its input to what is looked at. */
typedef riv_ds *build_fn(riv_ds *in);

/* What the graph makes of the batches, on 1, 2 and 4 threads. */
static inline void expect(build_fn *build, const riv_type *type,
                          const char *batches, const char *want)
{
    static const int threads[] = { 1, 2, 4 };
    for (size_t i = 0; i < 3; i++) {
        static struct seen seen;
        riv *r = riv_new(RIV_CONFIG(.threads = threads[i], .batch_ms = 1000));
        riv_ds *in = riv_queue(r, type, NULL);
        output(build(in), &seen);
        if (run_batches(r, in, batches) < 0)
            fail_msg("%s", riv_errmsg(r));
        assert_string_equal(seen.text, want);
        riv_free(r);
    }
}

/* The graph is refused, or ends, with words that hold `want`. */
static inline void expect_error(build_fn *build, const riv_type *type,
                                const char *batches, int code, const char *want)
{
    static struct seen seen;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, type, NULL);
    output(build(in), &seen);
    assert_int_equal(run_batches(r, in, batches), code);
    if (!strstr(riv_errmsg(r), want))
        fail_msg("\"%s\" does not say \"%s\"", riv_errmsg(r), want);
    riv_free(r);
}

#endif
