/* tests/rows/fixture.h - what the tests of the conformance tables share: inputs
 * of so many partitions, results as text ("1 2 | 3 |", a bar behind each
 * partition), counters of what was computed, the heap's size. Tests only;
 * behind the public header there is nothing but the library. */
#ifndef RIV_TESTS_ROWS_FIXTURE_H
#define RIV_TESTS_ROWS_FIXTURE_H

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

RIV_PAIR(int_int, int64_t, int64_t);
RIV_PAIR(word_int, riv_str, int64_t);
RIV_PAIR(int_word, int64_t, riv_str);
RIV_PAIR(word_word, riv_str, riv_str);

enum { TEXT_MAX = 1 << 14 };

/* Every test that is about results runs on these. */
static const int thread_counts[] = { 1, 2, 4 };

#define FOR_THREADS(r) \
    for (size_t riv_i = 0; riv_i < 3; riv_i++) \
        for (riv *r = riv_new(RIV_CONFIG(.threads = thread_counts[riv_i], \
                      .batch_ms = 1000)); \
             r; riv_free(r), r = NULL)

static inline void fine(const riv *r)
{
    if (riv_error(r) < 0)
        fail_msg("%s", riv_errmsg(r));
}

static inline void error_says(const riv *r, int code, const char *words)
{
    if (riv_error(r) != code || !strstr(riv_errmsg(r), words))
        fail_msg("got %d \"%s\", not %d with \"%s\"", riv_error(r),
                 riv_errmsg(r), code, words);
}

/* from to until, both included, in so many partitions. */
static inline riv_ds *numbers(riv *r, int64_t from, int64_t until, int parts)
{
    size_t n = until >= from ? (size_t)(until - from + 1) : 0;
    int64_t *rows = calloc(n + 1, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < n; i++)
        rows[i] = from + (int64_t)i;
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, n,
                                 RIV_OPT(.partitions = parts));
    free(rows);
    return ds;
}

/* ------------------------------------------------------------ what came out */

struct text {
    char p[TEXT_MAX];
    size_t n;
};

static inline void text_add(struct text *text, const char *s)
{
    size_t n = strlen(s);
    assert_true(text->n + n < sizeof text->p);
    memcpy(text->p + text->n, s, n + 1);
    text->n += n;
}

static inline void value_text(struct text *text, const riv_type *type,
                              const void *at)
{
    char word[128] = "?";
    if (type->kind == RIV_K_I64)
        snprintf(word, sizeof word, "%lld", (long long)*(const int64_t *)at);
    else if (type->kind == RIV_K_F64)
        snprintf(word, sizeof word, "%.17g", *(const double *)at);
    else if (type->kind == RIV_K_STR)
        snprintf(word, sizeof word, RIV_S, RIV_P(*(const riv_str *)at));
    text_add(text, word);
}

/* A record: its value, or its fields with colons between. */
static inline void row_text(struct text *text, const riv_type *type,
                            const void *row)
{
    if (type->nfields == 0)
        value_text(text, type, row);
    for (uint32_t i = 0; i < type->nfields; i++) {
        const riv_field *field = &type->fields[i];
        const riv_type plain = { .kind = field->kind };
        if (i > 0)
            text_add(text, ":");
        value_text(text, field->type ? field->type : &plain,
                   (const char *)row + field->offset);
    }
}

static inline int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { AS_IT_IS, AS_A_SET };

/* The records with blanks between, in their order or that of their text. */
static inline void result_text(struct text *text, const riv_result *res,
                               int how)
{
    struct text *row = calloc(1, sizeof *row);
    char(*word)[128] = calloc(res->n + 1, sizeof *word);
    assert_true(row && word);
    *text = (struct text){ .n = 0 };
    for (size_t i = 0; i < res->n; i++) {
        *row = (struct text){ .n = 0 };
        row_text(row, res->type, (const char *)res->rows + i * res->type->size);
        assert_true(row->n < sizeof *word);
        memcpy(word[i], row->p, row->n + 1);
    }
    if (how == AS_A_SET)
        qsort(word, res->n, sizeof *word, by_text);
    for (size_t i = 0; i < res->n; i++) {
        text_add(text, i > 0 ? " " : "");
        text_add(text, word[i]);
    }
    free(row);
    free(word);
}

static inline void result_is(riv_result *res, int how, const char *want)
{
    static struct text text;
    result_text(&text, res, how);
    riv_result_free(res);
    assert_string_equal(text.p, want);
}

static inline void text_write(void *arg, const char *s, size_t n)
{
    struct text *text = arg;
    assert_true(text->n + n < sizeof text->p);
    memcpy(text->p + text->n, s, n);
    text->p[text->n += n] = '\0';
}

/* The exchanges above a dataset: two blanks of its lineage for each. */
static inline size_t exchanges_of(riv_ds *ds)
{
    static struct text text;
    size_t most = 0;
    text.n = 0;
    assert_int_equal(riv_to_debug_string(ds, text_write, &text), 0);
    for (const char *at = text.p; at && *at; at = strchr(at, '\n')) {
        at += *at == '\n';
        const size_t blanks = strspn(at, " ");
        most = blanks > most ? blanks : most;
    }
    return most / 2;
}

/* What riv_collect gives is exactly the text. */
static inline void gives(riv_ds *ds, const char *want)
{
    riv_result res = { .struct_size = sizeof res };
    if (riv_collect(ds, &res) < 0)
        fail_msg("not collected, expected \"%s\"", want);
    result_is(&res, AS_IT_IS, want);
}

static inline void gives_set(riv_ds *ds, const char *want)
{
    riv_result res = { .struct_size = sizeof res };
    if (riv_collect(ds, &res) < 0)
        fail_msg("not collected, expected \"%s\"", want);
    result_is(&res, AS_A_SET, want);
}

static inline int64_t count_of(riv_ds *ds)
{
    int64_t n = -1;
    assert_int_equal(riv_count_now(ds, &n), 0);
    return n;
}

static inline int64_t sum_of(riv_ds *ds)
{
    int64_t sum = -1;
    assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), 0);
    return sum;
}

static inline int64_t partitions_of(riv_ds *ds)
{
    int64_t n = -1;
    assert_int_equal(riv_partitions_now(ds, &n), 0);
    return n;
}

/* --------------------------------------------------------------- batches */

/* Adds what each batch gives to a text, a bar behind it. */
static inline int add_batch(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    static struct text batch;
    struct text *all = *(struct text *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc < 0)
        return rc;
    result_text(&batch, &res, AS_A_SET);
    riv_result_free(&res);
    text_add(all, batch.p);
    text_add(all, batch.n > 0 ? " |" : "|");
    return 0;
}

static inline void watch_batches(riv_ds *ds, struct text *text)
{
    *text = (struct text){ .n = 0 };
    riv_foreach_rdd(ds, add_batch, RIV_OPT(.arg = RIV_COPY(text)));
}

/* One batch of these numbers. */
static inline void push_step(riv *r, riv_ds *queue, const int64_t *row,
                             size_t n)
{
    if (n > 0)
        assert_int_equal(riv_push(queue, row, n), 0);
    riv_step(r, 1);
    fine(r);
}

/* Bytes on the heap; the sanitizers' allocators count their own. */
#pragma weak __sanitizer_get_current_allocated_bytes
size_t __sanitizer_get_current_allocated_bytes(void);

RIV_UNUSED static size_t heap_bytes(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* ---------------------------------------------------- partitions of numbers */

RIV_GLOM(size_of_int, int64_t, int64_t);
static int size_of_int(const int64_t *rows, size_t n, size_of_int_out *out,
                       riv_task *t)
{
    (void)rows, (void)t;
    riv_emit(out, (int64_t)n);
    return 0;
}

RIV_GLOM(size_of_pair, int_int, int64_t);
static int size_of_pair(const int_int *rows, size_t n, size_of_pair_out *out,
                        riv_task *t)
{
    (void)rows, (void)t;
    riv_emit(out, (int64_t)n);
    return 0;
}

/* How many records each partition has, in `size`, of at most `most`. Returns
 * the number of partitions. */
static inline size_t sizes_of(riv_ds *ds, int64_t *size, size_t most)
{
    const bool pairs = riv_ds_type(ds)->kind == RIV_K_PAIR;
    riv_result res = { .struct_size = sizeof res };
    riv_ds *sizes =
        riv_glom(ds, pairs ? size_of_pair_fn : size_of_int_fn, NULL);
    assert_int_equal(riv_collect(sizes, &res), 0);
    size_t n = res.n;
    assert_in_range(n, 0, most);
    if (n > 0)
        memcpy(size, res.rows, n * sizeof *size);
    riv_result_free(&res);
    return n;
}

/* ----------------------------------------------------- what was computed */

/* Counts its records, and per partition; for datasets of numbers. */
enum { SEEN_PARTITIONS = 256 };
static _Atomic int64_t seen_records;
static _Atomic int64_t seen_in[SEEN_PARTITIONS];

RIV_MAP(counted, int64_t, int64_t);
static int counted(const int64_t *x, int64_t *out, riv_task *t)
{
    atomic_fetch_add(&seen_records, 1);
    if (riv_partition(t) < SEEN_PARTITIONS)
        atomic_fetch_add(&seen_in[riv_partition(t)], 1);
    *out = *x;
    return 0;
}

/* Forgets, and gives how many records were counted since the last call. */
static inline int64_t seen_take(void)
{
    for (int i = 0; i < SEEN_PARTITIONS; i++)
        atomic_store(&seen_in[i], 0);
    return atomic_exchange(&seen_records, 0);
}

/* Partitions of which a record was counted. */
RIV_UNUSED static int seen_partitions(void)
{
    int n = 0;
    for (int i = 0; i < SEEN_PARTITIONS; i++)
        n += atomic_load(&seen_in[i]) > 0;
    return n;
}

static inline riv_ds *counting(riv_ds *in)
{
    seen_take();
    return riv_map(in, counted_fn, NULL);
}

#endif
