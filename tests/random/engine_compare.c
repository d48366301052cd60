/* tests/random/engine_compare.c - what came out against the reference, and against
 * what came out on one thread. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random/engine_job.h"

void job_wrong(struct job *job, const char *fmt, ...)
{
    va_list ap;
    if (job->wrong)
        return;
    job->wrong = true;
    const int n = snprintf(job->why, job->room, "%d threads: ", job->threads);
    va_start(ap, fmt);
    vsnprintf(job->why + n, job->room - (size_t)n, fmt, ap);
    va_end(ap);
}

static int by_rec(const void *a, const void *b)
{
    const struct rec *l = a, *r = b;
    if (l->k != r->k)
        return l->k < r->k ? -1 : 1;
    return (l->v > r->v) - (l->v < r->v);
}

struct rec *job_rows(const struct bag *bag, bool sort)
{
    struct rec *row = calloc(bag->n + 1, sizeof *row);
    if (!row)
        abort();
    if (bag->n > 0)
        memcpy(row, bag->row, bag->n * sizeof *row);
    if (sort && bag->n > 0)
        qsort(row, bag->n, sizeof *row, by_rec);
    return row;
}

bool job_differ(const struct bag *want, const struct bag *got, bool sort,
                char *text, size_t room)
{
    struct rec *w = job_rows(want, sort), *g = job_rows(got, sort);
    const size_t n = want->n < got->n ? want->n : got->n;
    size_t i = 0;
    while (i < n && w[i].k == g[i].k && w[i].v == g[i].v)
        i++;
    const bool same = i == n && want->n == got->n;
    if (!same)
        snprintf(text, room,
                 "%zu rows, expected %zu; the first other one is number %zu: "
                 "%" PRId64 ":%" PRId64 ", expected %" PRId64 ":%" PRId64 "%s",
                 got->n, want->n, i, g[i].k, g[i].v, w[i].k, w[i].v,
                 sort ? " (both sorted)" : "");
    free(w);
    free(g);
    return !same;
}

void job_compare(struct job *job, int output, int batch, const struct bag *got,
                 const char *what)
{
    const int at = job->graph->output[output];
    const struct bag *want = &job->ref->bag[at][batch];
    char text[400];
    if (!want->due)
        job_wrong(job, "%s of n%d in batch %d: it has none", what, at,
                  batch + 1);
    else if (job_differ(want, got, !want->ordered, text, sizeof text))
        job_wrong(job, "%s of n%d in batch %d: %s", what, at, batch + 1, text);
}

int64_t word_number(riv_str key)
{
    int64_t k = 0;
    size_t at = key.n;
    while (at > 0 && key.p[at - 1] != ' ' && key.p[at - 1] != 'k')
        at--;
    return riv_to_i64((riv_str){ key.p + at, key.n - at }, &k) ? k : -1000;
}

void job_bag(const riv_result *res, enum type type, struct bag *bag)
{
    bag->row = calloc(res->n + 1, sizeof *bag->row);
    bag->n = res->n;
    bag->due = true;
    if (!bag->row)
        abort();
    for (size_t i = 0; i < res->n; i++) {
        const pair *pairs = res->rows;
        const word *words = res->rows;
        if (type == NUMBERS)
            bag->row[i].v = ((const int64_t *)res->rows)[i];
        else if (type == PAIRS)
            bag->row[i] = (struct rec){ pairs[i].key, pairs[i].val };
        else
            bag->row[i] =
                (struct rec){ word_number(words[i].key), words[i].val };
    }
}

void job_compare_all(struct job *job)
{
    for (int i = 0; i < job->graph->noutput; i++) {
        for (int b = 0; b < job->ref->nbatch; b++) {
            const int at = job->graph->output[i];
            const bool due = job->ref->bag[at][b].due;
            if (due && !job->got[i][b].due)
                job_wrong(job, "n%d has no batch %d", at, b + 1);
            else if (job->got[i][b].due)
                job_compare(job, i, b, &job->got[i][b], "the output");
        }
    }
}

void job_compare_threads(struct job *job, const struct job *first)
{
    char text[400];
    for (int i = 0; i < job->graph->noutput; i++)
        for (int b = 0; b < job->ref->nbatch; b++)
            if (job_differ(&first->got[i][b], &job->got[i][b], false, text,
                           sizeof text))
                job_wrong(job, "n%d in batch %d is not as on one thread: %s",
                          job->graph->output[i], b + 1, text);
}
