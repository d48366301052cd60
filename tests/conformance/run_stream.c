/* run_stream.c - runs a line of batches: queues are filled, the clock is moved
 * batch by batch, and what the outputs see is kept. */
#include <ftw.h>

#include "conformance.h"

/* ---------------------------------------------------------------- outputs */

struct seer { /* captured by an output */
    struct run *run;
    json_t *into;
};

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct seer *seer = arg;
    json_t *batch = NULL;
    (void)r, (void)time;
    int rc = collect_json(rdd, &batch);
    if (rc == 0)
        json_array_append_new(seer->into, batch);
    return rc;
}

RIV_MAP_PARTITIONS(one_a_partition, int64_t, int64_t);
static int one_a_partition(const int64_t *rows, size_t n,
                           one_a_partition_out *out, riv_task *t)
{
    (void)rows, (void)t;
    if (n == 0)
        riv_emit(out, 1);
    return 0;
}

/* One record for each partition that runs to its end. */
static int see_partitions(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct seer *seer = arg;
    int64_t n = 0;
    (void)r, (void)time;
    int rc =
        riv_count_now(riv_map_partitions(rdd, one_a_partition_fn, NULL), &n);
    if (rc == 0)
        json_array_append_new(seer->into, json_integer(n));
    return rc;
}

static void watch(struct run *run, riv_ds *ds, riv_rdd_fn *f, json_t *into)
{
    struct seer seer = { run, into };
    riv_foreach_rdd(ds, f, RIV_OPT(.arg = RIV_COPY(seer)));
}

/* ------------------------------------------------------------------ inputs */

/* Batch number b of an input, into its queue. */
static int push(struct run *run, riv_ds *queue, const char *name, size_t b)
{
    const json_t *batch = json_array_get(json_object_get(run->line, name), b);
    void *rows;
    size_t n;
    if (!queue || !json_is_array(batch) || json_array_size(batch) == 0)
        return 0;
    if (!rows_of_json(riv_ds_type(queue), batch, &run->pool, &rows, &n)) {
        wrong(run, "%s: a record of batch %zu is not of the op's type", name,
              b + 1);
        return RIV_EINVAL;
    }
    return riv_push(queue, rows, n);
}

/* All batches of an input as one list of its records, for their type. */
static const riv_type *type_of_batches(const json_t *batches)
{
    json_t *all = json_array();
    json_t *batch;
    size_t i;
    json_array_foreach((json_t *)batches, i, batch) if (json_is_array(batch))
        json_array_extend(all, batch);
    const riv_type *type = type_of(all);
    json_decref(all);
    return type;
}

static void build(struct run *run, const struct stream_op *op)
{
    int parts = (int)param(run, "partitions", 2);
    run->in[0] =
        riv_queue(run->r, op->in ? op->in : type_of_batches(member(run, "in")),
                  RIV_OPT(.partitions = parts));
    if (op->in2)
        run->in[1] = riv_queue(run->r, op->in2, RIV_OPT(.partitions = parts));
    riv_ds *out = op->build(run, run->in[0], run->in[1]);
    watch(run, out, see, run->got);
    if (member(run, "out_partitions"))
        watch(run, out, see_partitions, run->partitions);
    if (run->state && member(run, "snapshots"))
        watch(run, riv_state_snapshots(run->state), see, run->snapshots);
}

static bool has_null_batch(const struct run *run)
{
    const json_t *v;
    size_t i;
    json_array_foreach(member(run, "in"), i,
                       v) if (json_is_null(v)) return true;
    json_array_foreach(member(run, "in2"), i,
                       v) if (json_is_null(v)) return true;
    return false;
}

/* ------------------------------------------------------------- what it ran */

/* The sums by key of the batches [from, until) of an input; a record is a pair
 * or, for words, one of its key. */
static json_t *sums_of(const struct run *run, size_t from, size_t until)
{
    json_t *sums = json_object();
    for (size_t b = from; b < until; b++) {
        const json_t *record;
        size_t i;
        json_array_foreach(json_array_get(member(run, "in"), b), i, record)
        {
            const bool word = json_is_string(record);
            const char *key =
                json_string_value(word ? record : json_array_get(record, 0));
            const json_int_t v =
                word ? 1 : json_integer_value(json_array_get(record, 1));
            const json_t *old = json_object_get(sums, key);
            json_object_set_new(sums, key,
                                json_integer(json_integer_value(old) + v));
        }
    }
    return sums;
}

/* A window with a filter, summed by hand. */
static json_t *window_by_hand(const struct run *run, size_t until)
{
    const size_t batches =
        (size_t)(param(run, "window_ms", 0) /
                 json_integer_value(member(run, "batch_ms")));
    const char *keep = json_string_value(json_object_get(run->params, "keep"));
    const bool nonzero = keep && strcmp(keep, "nonzero") == 0;
    json_t *sums = sums_of(run, until > batches ? until - batches : 0, until);
    json_t *list = json_array(), *v;
    const char *key;
    json_object_foreach(sums, key, v)
    {
        const json_int_t sum = json_integer_value(v);
        if (nonzero ? sum != 0 : sum > 1)
            json_array_append_new(list, json_pack("[s, I]", key, sum));
    }
    json_decref(sums);
    return list;
}

/* An inverse window whose filter dropped a key fails in Spark; right is what the
 * form without an inverse gives, filtered. */
static void check_by_hand(struct run *run)
{
    const int64_t batch = json_integer_value(member(run, "batch_ms"));
    const size_t every = (size_t)(param(run, "slide_ms", batch) / batch);
    run->weaker = true;
    for (size_t i = 0; i < json_array_size(run->got); i++) {
        json_t *want = window_by_hand(run, (i + 1) * every);
        if (!same("set", want, json_array_get(run->got, i)))
            wrong_values(run, "by hand", want, json_array_get(run->got, i));
        json_decref(want);
    }
}

static bool is_nothing(const json_t *batches, size_t i)
{
    return json_array_size(json_array_get(batches, i)) == 0;
}

static void check_batches(struct run *run, const json_t *want,
                          const json_t *got, const char *what)
{
    const char *how = strcmp(what, "snapshots") == 0
                          ? "set"
                          : json_string_value(member(run, "compare"));
    for (size_t i = 0; i < json_array_size(want) || i < json_array_size(got);
         i++) {
        const json_t *a = json_array_get(want, i), *b = json_array_get(got, i);
        if (a && b && same(how, a, b))
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s, batch %zu", what, i + 1);
        wrong_values(run, name, a, b);
        return;
    }
}

/* Timeouts are looked for in every batch. With a rarer scan all that is asked
 * is that the same comes out in the end. */
static void check_in_the_end(struct run *run)
{
    json_t *want = json_array(), *got = json_array();
    json_t *v;
    size_t i, last;
    json_array_foreach((json_t *)member(run, "out"), i, v)
        json_array_extend(want, v);
    json_array_foreach(run->got, i, v) json_array_extend(got, v);
    run->weaker = true;
    if (!same("set", want, got))
        wrong_values(run, "all batches together", want, got);
    last = json_array_size(member(run, "snapshots"));
    if (last > 0 &&
        !same("set", json_array_get(member(run, "snapshots"), last - 1),
              json_array_get(run->snapshots,
                             json_array_size(run->snapshots) - 1)))
        wrong(run, "the last snapshot differs");
    json_decref(want);
    json_decref(got);
}

static void check(struct run *run)
{
    if (param(run, "scan_batches", 1) > 1) {
        check_in_the_end(run);
        return;
    }
    check_batches(run, member(run, "out"), run->got, "out");
    if (member(run, "snapshots"))
        check_batches(run, member(run, "snapshots"), run->snapshots,
                      "snapshots");
    if (member(run, "out_partitions") &&
        !same("list", member(run, "out_partitions"), run->partitions))
        wrong_values(run, "out_partitions", member(run, "out_partitions"),
                     run->partitions);
}

/* Batch n must fail (a graph that is refused has none), unless the data allow another answer: a batch without an
 * RDD is an empty batch here, and an inverse window with a filter may be right
 * instead. Both are "different". */
static void check_error(struct run *run, size_t n, int rc, size_t failed)
{
    json_t *want = json_deep_copy(member(run, "out"));
    const bool refused = json_is_true(member(run, "error")) || failed == 0;
    if (rc < 0 && !refused && failed != n) {
        wrong(run, "batch %zu fails, not batch %zu: %s", failed, n,
              riv_errmsg(run->r));
    } else if (rc == 0 && has_null_batch(run)) {
        run->weaker = true;
        if (is_nothing(member(run, "in"), n - 1) &&
            is_nothing(member(run, "in2"), n - 1))
            json_array_append_new(want, json_array());
        else /* what empty batches give, which nobody has written down */
            json_array_append(want, json_array_get(run->got, n - 1));
        check_batches(run, want, run->got, "out, with an empty batch");
    } else if (rc == 0 && json_object_get(run->params, "keep")) {
        check_by_hand(run);
    } else if (rc == 0) {
        wrong(run, "batch %zu does not fail", n);
    } else {
        check_batches(run, want, run->got, "out");
    }
    json_decref(want);
}

static size_t batches_of(const struct run *run)
{
    int64_t batch = json_integer_value(member(run, "batch_ms"));
    int64_t slide = param(run, "slide_ms", 0);
    if (slide == 0)
        slide = batch;
    size_t n = json_array_size(member(run, "out"));
    return (size_t)(slide / (batch ? batch : 1)) * n;
}

/* ----------------------------------------------------------- and again */

static void make(struct run *run, const struct stream_op *op)
{
    run->r = riv_new(
        RIV_CONFIG(.threads = run->threads,
                   .batch_ms = json_integer_value(member(run, "batch_ms")),
                   .checkpoint = run->dir[0] ? run->dir : NULL));
    build(run, op);
}

static void dir_make(struct run *run)
{
    snprintf(run->dir, sizeof run->dir, "/dev/shm/riv-conformance-XXXXXX");
    if (mkdtemp(run->dir)) /* in memory: no power is cut here */
        return;
    snprintf(run->dir, sizeof run->dir, "/tmp/riv-conformance-XXXXXX");
    if (!mkdtemp(run->dir))
        wrong(run, "no place for a state directory");
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* The program ends without a farewell, and another begins on its state. */
static int restart(struct run *run, const struct stream_op *op)
{
    riv_free(run->r);
    run->in[0] = run->in[1] = NULL;
    make(run, op);
    return riv_error(run->r);
}

static void run_batches(struct run *run, const struct stream_op *op)
{
    const json_t *error = member(run, "error");
    const size_t restart_after = (size_t)param(run, "restart_after", 0);
    const size_t given = json_array_size(member(run, "in"));
    size_t fails =
        json_is_object(error)
            ? (size_t)json_integer_value(json_object_get(error, "batch"))
            : given;
    size_t n = error ? fails : batches_of(run), b = 0;
    int rc = riv_error(run->r);
    while (rc == 0 && b < n) {
        if (restart_after > 0 && b == restart_after)
            rc = restart(run, op);
        if (rc == 0)
            rc = push(run, run->in[0], "in", b);
        if (rc == 0)
            rc = push(run, run->in[1], "in2", b);
        b++;
        if (rc == 0)
            rc = riv_step(run->r, 1);
    }
    if (error)
        check_error(run, fails, rc, b);
    else if (rc < 0)
        wrong(run, "batch %zu: %s", b, riv_errmsg(run->r));
    else
        check(run);
}

static const struct stream_op *find(const char *name)
{
    for (const struct stream_op *const *table = stream_ops; *table; table++)
        for (const struct stream_op *op = *table; op->name; op++)
            if (strcmp(op->name, name) == 0)
                return op;
    return NULL;
}

bool run_stream(struct run *run, const char *name)
{
    const struct stream_op *op = find(name);
    if (!op)
        return false;
    if (param(run, "restart_after", 0) > 0)
        dir_make(run);
    run->got = json_array();
    run->snapshots = json_array();
    run->partitions = json_array();
    make(run, op);
    run_batches(run, op);
    if (run->dir[0])
        nftw(run->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return true;
}
