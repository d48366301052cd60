/* tests/whole/jobs.c - the jobs that tests/whole/run compares with other tools:
 * jobs JOB INPUT OUTPUT [OUTPUT2], a program of its own. */
#include <rivulet.h>
#include <stdlib.h>

/* ------------------------------------------------------------ words, sums */

RIV_PAIR(wc, riv_str, int64_t);

RIV_FLAT_MAP(split, riv_str, wc);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    riv_str rest = *line, word;
    (void)t;
    while (riv_cut(&rest, ' ', &word))
        if (word.n > 0)
            riv_emit(out, (wc){ word, 1 });
    return 0;
}

static void words(riv *r, riv_ds *lines, char **argv)
{
    riv_ds *pairs = riv_flat_map(lines, split_fn, NULL);
    riv_save_text(riv_reduce_by_key(pairs, riv_sum_i64, NULL), argv[3], NULL);
    (void)r;
}

/* A dataset that is persisted, used by two outputs. */
static void twice(riv *r, riv_ds *lines, char **argv)
{
    riv_ds *pairs = riv_flat_map(lines, split_fn, NULL);
    riv_ds *sums =
        riv_reduce_by_key(pairs, riv_sum_i64, RIV_OPT(.partitions = 3));
    riv_save_text(riv_count(sums), argv[4], NULL);
    riv_save_text(riv_union(sums, sums), argv[3], NULL);
    (void)r;
}

/* ------------------------------------------------------------- access log */

typedef struct {
    riv_str path;
    int32_t status;
    int64_t bytes;
} request;
RIV_STRUCT(request, path, status, bytes);

typedef struct {
    int64_t n, bytes, largest;
    riv_str longest;
} traffic;
RIV_STRUCT(traffic, n, bytes, largest, longest);

typedef struct {
    int32_t status;
    bool small;
} kind;
RIV_STRUCT(kind, status, small);

RIV_PAIR(by_kind, kind, request);
RIV_PAIR(kind_traffic, kind, traffic);

RIV_MAP(keyed, request, by_kind);
static int keyed(const request *in, by_kind *out, riv_task *t)
{
    (void)t;
    *out = (by_kind){ { in->status, in->bytes < 500 }, *in };
    return 0;
}

/* of paths of one length the first in the order of bytes, whoever comes first */
static void keep_longest(riv_str *to, riv_str path)
{
    if (path.n > to->n ||
        (path.n == to->n && memcmp(path.p, to->p, path.n) < 0))
        *to = path;
}

RIV_AGGREGATE(add_up, by_kind, kind_traffic);
static void add_up(traffic *acc, const request *v, riv_task *t)
{
    (void)t;
    acc->n++;
    acc->bytes += v->bytes;
    acc->largest = v->bytes > acc->largest ? v->bytes : acc->largest;
    keep_longest(&acc->longest, v->path);
}
static void add_up_merge(traffic *acc, const traffic *other, riv_task *t)
{
    (void)t;
    acc->n += other->n;
    acc->bytes += other->bytes;
    acc->largest =
        other->largest > acc->largest ? other->largest : acc->largest;
    keep_longest(&acc->longest, other->longest);
}

RIV_MAP(reason_of, riv_bad_record, riv_str);
static int reason_of(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    (void)t;
    *out = in->raw;
    return 0;
}

static void access_log(riv *r, riv_ds *lines, char **argv)
{
    riv_ds *requests = riv_decode(lines, &riv_type_request, "csv",
                                  RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *pairs = riv_map(requests, keyed_fn, NULL);
    riv_save_text(riv_aggregate_by_key(pairs, add_up_fn, NULL), argv[3], NULL);
    riv_save_text(riv_map(riv_bad(requests), reason_of_fn, NULL), argv[4],
                  NULL);
    (void)r;
}

/* ----------------------------------------------------- distinct, count, all */

static void distinct(riv *r, riv_ds *lines, char **argv)
{
    riv_save_text(riv_distinct(lines, NULL), argv[3], NULL);
    riv_save_text(riv_count(lines), argv[4], NULL);
    (void)r;
}

static void frequency(riv *r, riv_ds *lines, char **argv)
{
    riv_save_text(riv_count_by_value(lines, NULL), argv[3], NULL);
    (void)r;
}

static void copy(riv *r, riv_ds *lines, char **argv)
{
    riv_save_text(lines, argv[3], NULL);
    (void)r;
}

/* -------------------------------------------------------------------- group */

RIV_PAIR(ordered, int64_t, riv_str);

/* the first letters of a path, and the path */
RIV_MAP(by_length, riv_str, ordered);
static int by_length(const riv_str *line, ordered *out, riv_task *t)
{
    (void)t;
    *out = (ordered){ (int64_t)line->n % 97, *line };
    return 0;
}

/* a hash of the values in their order, so that the order shows */
RIV_PAIR(digest, int64_t, int64_t);
RIV_GROUP(in_order, ordered, digest);
static int in_order(const int64_t *key, const riv_str *v, size_t n,
                    in_order_out *out, riv_task *t)
{
    uint64_t hash = 0;
    (void)t;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].n; k++)
            hash = (hash * 31 + (unsigned char)v[i].p[k]) % 1000003;
    riv_emit(out, (digest){ *key, (int64_t)hash });
    riv_emit(out, (digest){ *key, -(int64_t)n });
    return 0;
}

static void group(riv *r, riv_ds *lines, char **argv)
{
    riv_ds *pairs = riv_map(lines, by_length_fn, NULL);
    riv_save_text(riv_group_by_key(pairs, in_order_fn, NULL), argv[3], NULL);
    (void)r;
}

/* Narrow, an exchange, narrow, a second exchange: counts of counts. */
RIV_MAP(count_of, wc, digest);
static int count_of(const wc *in, digest *out, riv_task *t)
{
    (void)t;
    *out = (digest){ in->val, 1 };
    return 0;
}

static void counts(riv *r, riv_ds *lines, char **argv)
{
    riv_ds *pairs = riv_flat_map(lines, split_fn, NULL);
    riv_ds *sums =
        riv_reduce_by_key(riv_repartition(pairs, 5), riv_sum_i64, NULL);
    riv_ds *again =
        riv_reduce_by_key(riv_map(sums, count_of_fn, NULL), riv_sum_i64, NULL);
    riv_save_text(again, argv[3], NULL);
    (void)r;
}

/* --------------------------------------------------------------------- main */

static const struct {
    const char *name;
    void (*build)(riv *r, riv_ds *lines, char **argv);
    int outputs;
} jobs[] = {
    { "words", words, 1 },         { "twice", twice, 2 },
    { "access", access_log, 2 },   { "distinct", distinct, 2 },
    { "frequency", frequency, 1 }, { "copy", copy, 1 },
    { "group", group, 1 },         { "counts", counts, 1 },
};

RIV_JOB(r, argc, argv)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        if (argc != 3 + jobs[i].outputs || strcmp(argv[1], jobs[i].name) != 0)
            continue;
        jobs[i].build(r, riv_text(r, argv[2], NULL), argv);
        return 0;
    }
    return riv_invalid(r, "usage: jobs JOB INPUT OUTPUT [OUTPUT2]");
}
