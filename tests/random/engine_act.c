/* tests/random/engine_act.c - actions on the outputs of a graph of RDDs. */
#include <inttypes.h>
#include <stdlib.h>

#include "random/engine_job.h"

/* The greatest five, the sum, and what the least is. */
static void act_on_numbers(struct job *job, int at)
{
    const struct bag *want = &job->ref->bag[at][0];
    struct rec *row = job_rows(want, true);
    riv_result res = { .struct_size = sizeof res };
    int64_t sum = 0, least = 0;
    for (size_t i = 0; i < want->n; i++)
        sum = wrap_add(sum, row[i].v);
    if (riv_top(job->ds[at], 5, NULL, &res) == 0) {
        const size_t n = want->n < 5 ? want->n : 5;
        bool same = res.n == n;
        for (size_t i = 0; same && i < n; i++)
            same = ((const int64_t *)res.rows)[i] == row[want->n - 1 - i].v;
        if (!same)
            job_wrong(job, "riv_top of n%d", at);
        riv_result_free(&res);
    }
    int64_t folded = 1, zero = 0;
    if (riv_fold(job->ds[at], &zero, riv_sum_i64, &folded) == 0 &&
        folded != sum)
        job_wrong(job, "riv_fold of n%d: %" PRId64 ", expected %" PRId64, at,
                  folded, sum);
    if (want->n > 0 && riv_min(job->ds[at], NULL, &least) == 0 &&
        least != row[0].v)
        job_wrong(job, "riv_min of n%d: %" PRId64 ", expected %" PRId64, at,
                  least, row[0].v);
    free(row);
}

/* All values of the first key. */
static void act_on_pairs(struct job *job, int at)
{
    const struct bag *want = &job->ref->bag[at][0];
    riv_result res = { .struct_size = sizeof res };
    struct bag values = { .n = 0 }, got = { .n = 0 };
    char key[64], text[400];
    if (want->n == 0)
        return;
    const int64_t k = want->row[0].k;
    const riv_str name = { key, (size_t)key_text(key, sizeof key, k) };
    const bool words = job->graph->node[at].type == WORDS;
    values.row = job_rows(want, false);
    for (size_t i = 0; i < want->n; i++)
        if (want->row[i].k == k)
            values.row[values.n++] = (struct rec){ 0, want->row[i].v };
    if (riv_lookup(job->ds[at], words ? (const void *)&name : (const void *)&k,
                   &res) == 0) {
        job_bag(&res, NUMBERS, &got);
        if (job_differ(&values, &got, !want->ordered, text, sizeof text))
            job_wrong(job, "riv_lookup in n%d: %s", at, text);
        riv_result_free(&res);
        free(got.row);
    }
    free(values.row);
}

/* Partition after partition it is what riv_collect gives. */
static void act_by_partitions(struct job *job, int at)
{
    const struct bag *want = &job->ref->bag[at][0];
    riv_local_iterator it;
    riv_result res = { .struct_size = sizeof res };
    size_t n = 0, parts = 0;
    riv_to_local_iterator(job->ds[at], &it);
    while (riv_next(&it, &res) == 1) {
        struct bag got;
        job_bag(&res, job->graph->node[at].type, &got);
        for (size_t i = 0; want->ordered && i < got.n && n + i < want->n; i++)
            if (got.row[i].k != want->row[n + i].k ||
                got.row[i].v != want->row[n + i].v)
                job_wrong(job, "riv_next in n%d: row %zu is another one", at,
                          n + i);
        n += got.n;
        parts++;
        riv_result_free(&res);
        free(got.row);
    }
    if (riv_error(job->r) == 0 &&
        (n != want->n || (want->shaped && parts != want->nparts)))
        job_wrong(job, "riv_next in n%d: %zu rows in %zu partitions", at, n,
                  parts);
}

void job_act(struct job *job, int output)
{
    const int at = job->graph->output[output];
    const enum type type = job->graph->node[at].type;
    const struct bag *want = &job->ref->bag[at][0];
    riv_result res = { .struct_size = sizeof res };
    struct bag got = { .n = 0 };
    int64_t n = -1;
    if (riv_collect(job->ds[at], &res) == 0) {
        job_bag(&res, type, &got);
        job_compare(job, output, 0, &got, "riv_collect");
        riv_result_free(&res);
        free(got.row);
    }
    if (riv_count_now(job->ds[at], &n) == 0 && n != (int64_t)want->n)
        job_wrong(job, "riv_count_now of n%d: %" PRId64 ", expected %zu", at, n,
                  want->n);
    const size_t some = want->n / 3 + 1;
    if (riv_take(job->ds[at], some, &res) < 0)
        return;
    struct bag head = *want;
    head.n = some < want->n ? some : want->n;
    job_bag(&res, type, &got);
    char text[400];
    if (got.n != head.n)
        job_wrong(job, "riv_take of n%d: %zu rows, expected %zu", at, got.n,
                  head.n);
    else if (want->ordered && job_differ(&head, &got, false, text, sizeof text))
        job_wrong(job, "riv_take of n%d: %s", at, text);
    riv_result_free(&res);
    free(got.row);
    if (type == NUMBERS)
        act_on_numbers(job, at);
    else
        act_on_pairs(job, at);
    act_by_partitions(job, at);
}
