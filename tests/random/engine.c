/* tests/random/engine.c - a graph as a job: one builder for each operator, then
 * actions and a run, or a run batch by batch. */
#include "random/engine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random/functions.h"

struct job {
    const struct graph *graph;
    const struct reference *ref;
    riv *r;
    riv_ds *ds[NODES_MAX];
    char path[32]; /* of the file that OP_TEXT reads */
    int threads;
    /* what came out of each output and batch, and what did on one thread */
    struct bag got[OUTPUTS_MAX][BATCHES_MAX];
    char *why;
    size_t room;
    bool wrong;
};

static struct functions functions_of(enum type type)
{
    const struct functions pairs = FUNCTIONS_OF(pair);
    const struct functions words = FUNCTIONS_OF(word);
    const struct functions numbers = { .filter = filter_number_fn,
                                       .flat_map = flat_number_fn };
    return type == NUMBERS ? numbers : type == PAIRS ? pairs : words;
}

/* -------------------------------------------------------------- building */

/* What a builder sees. */
struct making {
    struct job *job;
    const struct node *node;
    int at;
    riv_ds *in[INPUTS_MAX];
    struct arg arg;
    struct functions fn;
    riv_opt opt; /* with the argument, and the partitions if the node asks */
};

static const riv_fn *folds[FOLDS];

static void folds_init(void)
{
    folds[FOLD_SUM] = riv_sum_i64;
    folds[FOLD_MIN] = riv_min_i64;
    folds[FOLD_MAX] = riv_max_i64;
    folds[FOLD_OWN_MAX] = own_max_fn;
}

static const riv_fn *fold_of(const struct node *node)
{
    return folds[node->a % FOLDS];
}

static riv_ds *make_rows(struct making *m)
{
    const struct source *source = &m->job->graph->source[m->at];
    const bool pairs = m->node->type == PAIRS;
    pair *row = calloc(source->n + 1, sizeof *row);
    int64_t *number = calloc(source->n + 1, sizeof *number);
    if (!row || !number)
        abort();
    for (size_t i = 0; i < source->n; i++) {
        row[i] = (pair){ source->row[i].k, source->row[i].v };
        number[i] = source->row[i].v;
    }
    riv_ds *ds =
        riv_parallelize(m->job->r, pairs ? &riv_type_pair : &riv_type_int64_t,
                        pairs ? (void *)row : (void *)number, source->n,
                        RIV_OPT(.partitions = m->node->parts));
    free(row);
    free(number);
    return ds;
}

static riv_ds *make_text(struct making *m)
{
    const struct source *source = &m->job->graph->source[m->at];
    char path[] = "/tmp/riv-random-XXXXXX";
    const int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f)
        abort();
    for (size_t i = 0; i < source->n; i++)
        fprintf(f, "%" PRId64 "\n", source->row[i].v);
    fclose(f);
    if (m->job->path[0]) /* one at a time is enough */
        unlink(m->job->path);
    memcpy(m->job->path, path, sizeof path);
    return riv_map(riv_text(m->job->r, path, NULL), parse_line_fn, NULL);
}

static riv_ds *make_empty(struct making *m)
{
    return riv_empty(m->job->r, &riv_type_int64_t);
}

static riv_ds *make_queue(struct making *m)
{
    return riv_queue(
        m->job->r, m->node->type == PAIRS ? &riv_type_pair : &riv_type_int64_t,
        RIV_OPT(.partitions = m->node->parts));
}

static riv_ds *make_map(struct making *m)
{
    return riv_map(m->in[0], map_number_fn, &m->opt);
}

static riv_ds *make_filter(struct making *m)
{
    return riv_filter(m->in[0], m->fn.filter, &m->opt);
}

static riv_ds *make_flat_map(struct making *m)
{
    return riv_flat_map(m->in[0], m->fn.flat_map, &m->opt);
}

static riv_ds *make_to_pairs(struct making *m)
{
    return riv_map(m->in[0], to_pair_fn, &m->opt);
}

static riv_ds *make_key_by(struct making *m)
{
    return riv_key_by(m->in[0], modulo_of_fn, &riv_type_pair, &m->opt);
}

static riv_ds *make_to_words(struct making *m)
{
    return riv_map(m->in[0], to_word_fn, NULL);
}

static riv_ds *make_to_ints(struct making *m)
{
    return riv_map(m->in[0], to_int_fn, NULL);
}

static riv_ds *make_swap(struct making *m)
{
    return riv_map(m->in[0], swap_pair_fn, NULL);
}

static riv_ds *make_keys(struct making *m)
{
    return riv_keys(m->in[0]);
}

static riv_ds *make_values(struct making *m)
{
    return riv_values(m->in[0]);
}

static riv_ds *make_map_values(struct making *m)
{
    return riv_map_values(m->in[0], m->fn.map_values, &m->opt);
}

static riv_ds *make_flat_map_values(struct making *m)
{
    return riv_flat_map_values(m->in[0], m->fn.flat_map_values, &m->opt);
}

static riv_ds *make_union(struct making *m)
{
    return riv_union(m->in[0], m->in[1]);
}

static riv_ds *make_distinct(struct making *m)
{
    return riv_distinct(m->in[0], &m->opt);
}

static riv_ds *make_repartition(struct making *m)
{
    return riv_repartition(m->in[0], m->node->parts);
}

static riv_ds *make_coalesce(struct making *m)
{
    return riv_coalesce(m->in[0], m->node->parts,
                        m->node->b % 2 ? RIV_SHUFFLE : RIV_NO_SHUFFLE);
}

static int order_of(const struct node *node)
{
    return node->b % 2 ? RIV_DESCENDING : RIV_ASCENDING;
}

static riv_ds *make_sort_by(struct making *m)
{
    return riv_sort_by(m->in[0], modulo_of_fn, order_of(m->node), &m->opt);
}

static riv_ds *make_sort_by_key(struct making *m)
{
    return riv_sort_by_key(m->in[0], order_of(m->node), &m->opt);
}

static riv_ds *make_count(struct making *m)
{
    return riv_count(m->in[0]);
}

static riv_ds *make_reduce(struct making *m)
{
    return riv_reduce(m->in[0], fold_of(m->node), NULL);
}

static riv_ds *make_count_by_value(struct making *m)
{
    return riv_count_by_value(m->in[0], &m->opt);
}

static riv_ds *make_subtract(struct making *m)
{
    return riv_subtract(m->in[0], m->in[1], &m->opt);
}

static riv_ds *make_intersection(struct making *m)
{
    return riv_intersection(m->in[0], m->in[1], &m->opt);
}

static riv_ds *make_cartesian(struct making *m)
{
    return riv_cartesian(m->in[0], m->in[1]);
}

static riv_ds *make_zip(struct making *m)
{
    return riv_zip(m->in[0], m->in[1]);
}

static riv_ds *make_zip_partitions(struct making *m)
{
    return riv_zip_partitions(m->in[0], m->in[1], size_and_sum_fn, NULL);
}

static riv_ds *make_zip_with_index(struct making *m)
{
    return riv_zip_with_index(m->in[0]);
}

static riv_ds *make_zip_with_unique_id(struct making *m)
{
    return riv_zip_with_unique_id(m->in[0]);
}

static riv_ds *make_map_partitions(struct making *m)
{
    return riv_map_partitions(m->in[0], sum_of_fn, NULL);
}

static riv_ds *make_glom(struct making *m)
{
    return riv_glom(m->in[0], size_of_fn, NULL);
}

static riv_ds *make_reduce_by_key(struct making *m)
{
    return riv_reduce_by_key(m->in[0], fold_of(m->node), &m->opt);
}

static riv_ds *make_aggregate_by_key(struct making *m)
{
    return riv_aggregate_by_key(m->in[0], m->fn.aggregate, &m->opt);
}

static riv_ds *make_fold_by_key(struct making *m)
{
    const bool greatest = m->node->a % 2;
    const int64_t zero = greatest ? INT64_MIN : 0;
    return riv_fold_by_key(m->in[0], &zero, greatest ? own_max_fn : riv_sum_i64,
                           &m->opt);
}

static riv_ds *make_combine_by_key(struct making *m)
{
    return riv_combine_by_key(m->in[0], m->fn.combine, &m->opt);
}

static riv_ds *make_group_by_key(struct making *m)
{
    return riv_group_by_key(m->in[0], m->fn.group, &m->opt);
}

static riv_ds *make_group_by(struct making *m)
{
    return riv_group_by(m->in[0], modulo_7_fn, group_pair_fn, &m->opt);
}

static riv_ds *make_join(struct making *m)
{
    return riv_join(m->in[0], m->in[1], m->fn.join, (int)(m->node->b % 4),
                    &m->opt);
}

static riv_ds *make_cogroup(struct making *m)
{
    return riv_cogroup(m->in[0], m->in[1], m->fn.cogroup, &m->opt);
}

static riv_ds *make_cogroup3(struct making *m)
{
    return riv_cogroup3(m->in[0], m->in[1], m->in[2], m->fn.cogroup3, &m->opt);
}

static riv_ds *make_subtract_by_key(struct making *m)
{
    return riv_subtract_by_key(m->in[0], m->in[1], &m->opt);
}

static uint32_t by_first_byte(const void *key, uint32_t n, const void *arg)
{
    (void)arg;
    return *(const unsigned char *)key % n;
}

static uint32_t by_length(const void *key, uint32_t n, const void *arg)
{
    (void)arg;
    return (uint32_t)((const riv_str *)key)->n % n;
}

static riv_ds *make_partition_by(struct making *m)
{
    const bool own = m->node->b % 2;
    if (!own)
        return riv_partition_by(m->in[0], NULL, &m->opt);
    return riv_partition_by(
        m->in[0], m->node->type == PAIRS ? by_first_byte : by_length, &m->opt);
}

static riv_ds *make_repartition_and_sort(struct making *m)
{
    return riv_repartition_and_sort_within_partitions(m->in[0], by_first_byte,
                                                      &m->opt);
}

static riv_ds *make_filter_by_range(struct making *m)
{
    const int64_t lower = m->node->b - 3, upper = m->node->b + 3;
    return riv_filter_by_range(m->in[0], &lower, &upper);
}

static riv_ds *make_persist(struct making *m)
{
    return riv_persist(m->in[0], RIV_MEMORY + (int)(m->node->a % 4));
}

static riv_ds *make_random_split(struct making *m)
{
    static const double weight[] = { 1, 2, 3 };
    riv_ds *part[3];
    riv_random_split(m->in[0], weight, 3, (uint64_t)m->node->a, part);
    return riv_union_all(m->job->r, part, 3);
}

static riv_ds *spread_and_map(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time;
    return riv_map(riv_repartition(rdd, 3), map_number_fn,
                   RIV_OPT(.arg = { arg, sizeof(struct arg), NULL }));
}

static riv_ds *make_transform(struct making *m)
{
    return riv_transform(m->in[0], spread_and_map, &riv_type_int64_t, &m->opt);
}

static riv_ds *make_sample(struct making *m)
{
    return riv_sample(m->in[0], 1, (uint64_t)m->node->a);
}

static riv_ds *map_and_unite(riv_ds *a, riv_ds *b, int64_t time,
                             const void *arg)
{
    (void)time;
    return riv_union(riv_map(a, map_number_fn,
                             RIV_OPT(.arg = { arg, sizeof(struct arg), NULL })),
                     b);
}

static riv_ds *make_transform_with(struct making *m)
{
    return riv_transform_with(m->in[0], m->in[1], map_and_unite,
                              &riv_type_int64_t, &m->opt);
}

static int64_t length_ms(const struct node *node)
{
    return (int64_t)node->length * BATCH_MS;
}

static int64_t slide_ms(const struct node *node)
{
    return (int64_t)node->slide * BATCH_MS;
}

static riv_ds *make_window(struct making *m)
{
    return riv_window(m->in[0], length_ms(m->node), slide_ms(m->node));
}

/* Sums with the inverse of the engine, or one of their own. */
static void window_options(struct making *m)
{
    if (m->node->a % FOLDS == FOLD_SUM && m->node->b % 3 == 1)
        m->opt.subtract = take_away_fn;
}

static riv_ds *make_reduce_by_window(struct making *m)
{
    window_options(m);
    return riv_reduce_by_window(m->in[0], fold_of(m->node), length_ms(m->node),
                                slide_ms(m->node), &m->opt);
}

static riv_ds *make_count_by_window(struct making *m)
{
    return riv_count_by_window(m->in[0], length_ms(m->node), slide_ms(m->node),
                               NULL);
}

static riv_ds *make_count_by_value_and_window(struct making *m)
{
    return riv_count_by_value_and_window(m->in[0], length_ms(m->node),
                                         slide_ms(m->node), &m->opt);
}

static riv_ds *make_reduce_by_key_and_window(struct making *m)
{
    window_options(m);
    m->opt.keep_empty = m->node->a % FOLDS == FOLD_SUM && m->node->b % 3 == 0 &&
                        m->node->slide <= m->node->length;
    return riv_reduce_by_key_and_window(m->in[0], fold_of(m->node),
                                        length_ms(m->node), slide_ms(m->node),
                                        &m->opt);
}

static riv_ds *make_group_by_key_and_window(struct making *m)
{
    return riv_group_by_key_and_window(
        m->in[0], m->fn.group, length_ms(m->node), slide_ms(m->node), &m->opt);
}

static riv_ds *make_update_state(struct making *m)
{
    return riv_update_state_by_key(m->in[0], m->fn.update, &m->opt);
}

static riv_ds *make_map_with_state(struct making *m)
{
    m->opt.timeout_ms = m->node->b % 2 ? length_ms(m->node) : 0;
    return riv_map_with_state(m->in[0], m->fn.map_with_state, &m->opt);
}

static riv_ds *make_snapshots(struct making *m)
{
    return riv_state_snapshots(m->in[0]);
}

static riv_ds *(*const makers[OPS])(struct making *) = {
    [OP_ROWS] = make_rows,
    [OP_PAIRS] = make_rows,
    [OP_TEXT] = make_text,
    [OP_EMPTY] = make_empty,
    [OP_QUEUE] = make_queue,
    [OP_QUEUE_PAIRS] = make_queue,
    [OP_MAP] = make_map,
    [OP_FILTER] = make_filter,
    [OP_FLAT_MAP] = make_flat_map,
    [OP_TO_PAIRS] = make_to_pairs,
    [OP_KEY_BY] = make_key_by,
    [OP_TO_WORDS] = make_to_words,
    [OP_TO_INTS] = make_to_ints,
    [OP_SWAP] = make_swap,
    [OP_KEYS] = make_keys,
    [OP_VALUES] = make_values,
    [OP_MAP_VALUES] = make_map_values,
    [OP_FLAT_MAP_VALUES] = make_flat_map_values,
    [OP_UNION] = make_union,
    [OP_DISTINCT] = make_distinct,
    [OP_REPARTITION] = make_repartition,
    [OP_COALESCE] = make_coalesce,
    [OP_SORT_BY] = make_sort_by,
    [OP_SORT_BY_KEY] = make_sort_by_key,
    [OP_COUNT] = make_count,
    [OP_REDUCE] = make_reduce,
    [OP_COUNT_BY_VALUE] = make_count_by_value,
    [OP_SUBTRACT] = make_subtract,
    [OP_INTERSECTION] = make_intersection,
    [OP_CARTESIAN] = make_cartesian,
    [OP_ZIP] = make_zip,
    [OP_ZIP_PARTITIONS] = make_zip_partitions,
    [OP_ZIP_WITH_INDEX] = make_zip_with_index,
    [OP_ZIP_WITH_UNIQUE_ID] = make_zip_with_unique_id,
    [OP_MAP_PARTITIONS] = make_map_partitions,
    [OP_GLOM] = make_glom,
    [OP_REDUCE_BY_KEY] = make_reduce_by_key,
    [OP_AGGREGATE_BY_KEY] = make_aggregate_by_key,
    [OP_FOLD_BY_KEY] = make_fold_by_key,
    [OP_COMBINE_BY_KEY] = make_combine_by_key,
    [OP_GROUP_BY_KEY] = make_group_by_key,
    [OP_GROUP_BY] = make_group_by,
    [OP_JOIN] = make_join,
    [OP_COGROUP] = make_cogroup,
    [OP_COGROUP3] = make_cogroup3,
    [OP_SUBTRACT_BY_KEY] = make_subtract_by_key,
    [OP_PARTITION_BY] = make_partition_by,
    [OP_REPARTITION_AND_SORT] = make_repartition_and_sort,
    [OP_FILTER_BY_RANGE] = make_filter_by_range,
    [OP_PERSIST] = make_persist,
    [OP_RANDOM_SPLIT] = make_random_split,
    [OP_SAMPLE] = make_sample,
    [OP_TRANSFORM] = make_transform,
    [OP_TRANSFORM_WITH] = make_transform_with,
    [OP_WINDOW] = make_window,
    [OP_REDUCE_BY_WINDOW] = make_reduce_by_window,
    [OP_COUNT_BY_WINDOW] = make_count_by_window,
    [OP_COUNT_BY_VALUE_AND_WINDOW] = make_count_by_value_and_window,
    [OP_REDUCE_BY_KEY_AND_WINDOW] = make_reduce_by_key_and_window,
    [OP_GROUP_BY_KEY_AND_WINDOW] = make_group_by_key_and_window,
    [OP_UPDATE_STATE] = make_update_state,
    [OP_MAP_WITH_STATE] = make_map_with_state,
    [OP_SNAPSHOTS] = make_snapshots,
};

static void build(struct job *job)
{
    for (int at = 0; at < job->graph->nnode; at++) {
        const struct node *node = &job->graph->node[at];
        struct making m = { .job = job, .node = node, .at = at };
        for (int i = 0; i < node->nin; i++)
            m.in[i] = job->ds[node->in[i]];
        m.arg =
            (struct arg){ node->a, node->b, reference_ordered(job->ref, at) };
        m.fn = functions_of(node->nin > 0 ? job->graph->node[node->in[0]].type
                                          : NUMBERS);
        m.opt = (riv_opt){ .struct_size = sizeof m.opt,
                           .arg = RIV_COPY(m.arg),
                           .partitions = node->parts };
        job->ds[at] = makers[node->op](&m);
    }
}

/* -------------------------------------------------------------- comparing */

static void wrong(struct job *job, const char *fmt, ...) RIV_PRINTF(2, 3);

static void wrong(struct job *job, const char *fmt, ...)
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

static struct rec *copy_of(const struct bag *bag, bool sort)
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

/* The first difference of two lists in words; false: there is none. */
static bool differ(const struct bag *want, const struct bag *got, bool sort,
                   char *text, size_t room)
{
    struct rec *w = copy_of(want, sort), *g = copy_of(got, sort);
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

static void compare(struct job *job, int output, int batch,
                    const struct bag *got, const char *what)
{
    const int at = job->graph->output[output];
    const struct bag *want = &job->ref->bag[at][batch];
    char text[400];
    if (!want->due)
        wrong(job, "%s of n%d in batch %d: it has none", what, at, batch + 1);
    else if (differ(want, got, !want->ordered, text, sizeof text))
        wrong(job, "%s of n%d in batch %d: %s", what, at, batch + 1, text);
}

/* Rows of a result as the reference has them. */
static void bag_of(const riv_result *res, enum type type, struct bag *bag)
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

/* ---------------------------------------------------------------- running */

struct seer { /* captured by an output */
    struct job *job;
    int output;
};

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct seer *seer = arg;
    struct job *job = seer->job;
    const int b = time > 0 ? (int)(time / BATCH_MS) - 1 : 0;
    struct bag *got = &job->got[seer->output][b];
    riv_result res = { .struct_size = sizeof res };
    (void)r;
    int rc = riv_collect(rdd, &res);
    if (rc < 0)
        return rc;
    if (got->due)
        wrong(job, "output %d in batch %d comes twice", seer->output, b + 1);
    free(got->row);
    bag_of(&res, job->graph->node[job->graph->output[seer->output]].type, got);
    riv_result_free(&res);
    return 0;
}

static void watch(struct job *job)
{
    for (int i = 0; i < job->graph->noutput; i++) {
        const struct seer seer = { job, i };
        riv_foreach_rdd(job->ds[job->graph->output[i]], see,
                        RIV_OPT(.arg = RIV_COPY(seer)));
    }
}

/* Flips a bit in every second file of a kept partition. */
enum { DESCRIPTORS = 200 };

static void damage_files(void)
{
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        char path[64], to[256];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        const ssize_t n = readlink(path, to, sizeof to - 1);
        if (n <= 0)
            continue;
        to[n] = '\0';
        if (fd % 2 == 0 || !strstr(to, "/.rivulet-"))
            continue;
        const int own = open(path, O_RDWR);
        unsigned char byte = 0;
        if (own >= 0 && pread(own, &byte, 1, 0) == 1) {
            byte ^= 1;
            if (pwrite(own, &byte, 1, 0) != 1)
                abort();
        }
        close(own);
    }
}

/* The greatest five, the sum, and what the least is. */
static void act_on_numbers(struct job *job, int at)
{
    const struct bag *want = &job->ref->bag[at][0];
    struct rec *row = copy_of(want, true);
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
            wrong(job, "riv_top of n%d", at);
        riv_result_free(&res);
    }
    int64_t folded = 1, zero = 0;
    if (riv_fold(job->ds[at], &zero, riv_sum_i64, &folded) == 0 &&
        folded != sum)
        wrong(job, "riv_fold of n%d: %" PRId64 ", expected %" PRId64, at,
              folded, sum);
    if (want->n > 0 && riv_min(job->ds[at], NULL, &least) == 0 &&
        least != row[0].v)
        wrong(job, "riv_min of n%d: %" PRId64 ", expected %" PRId64, at, least,
              row[0].v);
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
    values.row = copy_of(want, false);
    for (size_t i = 0; i < want->n; i++)
        if (want->row[i].k == k)
            values.row[values.n++] = (struct rec){ 0, want->row[i].v };
    if (riv_lookup(job->ds[at], words ? (const void *)&name : (const void *)&k,
                   &res) == 0) {
        bag_of(&res, NUMBERS, &got);
        if (differ(&values, &got, !want->ordered, text, sizeof text))
            wrong(job, "riv_lookup in n%d: %s", at, text);
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
        bag_of(&res, job->graph->node[at].type, &got);
        for (size_t i = 0; want->ordered && i < got.n && n + i < want->n; i++)
            if (by_rec(&got.row[i], &want->row[n + i]) != 0)
                wrong(job, "riv_next in n%d: row %zu is another one", at,
                      n + i);
        n += got.n;
        parts++;
        riv_result_free(&res);
        free(got.row);
    }
    if (riv_error(job->r) == 0 &&
        (n != want->n || (want->shaped && parts != want->nparts)))
        wrong(job, "riv_next in n%d: %zu rows in %zu partitions", at, n, parts);
}

static bool keeps_files(const struct graph *graph)
{
    for (int i = 0; i < graph->nnode; i++)
        if (graph->node[i].op == OP_PERSIST && graph->node[i].a % 4 >= 2)
            return true;
    return false;
}

static void act(struct job *job, int output)
{
    const int at = job->graph->output[output];
    const enum type type = job->graph->node[at].type;
    const struct bag *want = &job->ref->bag[at][0];
    riv_result res = { .struct_size = sizeof res };
    struct bag got = { .n = 0 };
    int64_t n = -1;
    if (riv_collect(job->ds[at], &res) == 0) {
        bag_of(&res, type, &got);
        compare(job, output, 0, &got, "riv_collect");
        riv_result_free(&res);
        free(got.row);
    }
    if (riv_count_now(job->ds[at], &n) == 0 && n != (int64_t)want->n)
        wrong(job, "riv_count_now of n%d: %" PRId64 ", expected %zu", at, n,
              want->n);
    const size_t some = want->n / 3 + 1;
    if (riv_take(job->ds[at], some, &res) < 0)
        return;
    struct bag head = *want;
    head.n = some < want->n ? some : want->n;
    bag_of(&res, type, &got);
    char text[400];
    if (got.n != head.n)
        wrong(job, "riv_take of n%d: %zu rows, expected %zu", at, got.n,
              head.n);
    else if (want->ordered && differ(&head, &got, false, text, sizeof text))
        wrong(job, "riv_take of n%d: %s", at, text);
    riv_result_free(&res);
    free(got.row);
    if (type == NUMBERS)
        act_on_numbers(job, at);
    else
        act_on_pairs(job, at);
    act_by_partitions(job, at);
}

static void push(struct job *job, int at, int batch)
{
    const struct source *source = &job->graph->source[at];
    size_t i = batch > 0 ? source->until[batch - 1] : 0;
    for (; i < source->until[batch]; i++) {
        const pair row = { source->row[i].k, source->row[i].v };
        const int rc =
            riv_push(job->ds[at],
                     job->graph->node[at].type == PAIRS ? (void *)&row
                                                        : (void *)&row.val,
                     1);
        if (rc < 0)
            wrong(job, "riv_push gives %d", rc);
    }
}

static void run_batches(struct job *job)
{
    for (int b = 0; b < job->graph->nbatch && riv_error(job->r) == 0; b++) {
        for (int at = 0; at < job->graph->nnode; at++)
            if (job->graph->node[at].op == OP_QUEUE ||
                job->graph->node[at].op == OP_QUEUE_PAIRS)
                push(job, at, b);
        riv_step(job->r, 1);
    }
}

static void compare_all(struct job *job)
{
    for (int i = 0; i < job->graph->noutput; i++) {
        for (int b = 0; b < job->ref->nbatch; b++) {
            const int at = job->graph->output[i];
            const bool due = job->ref->bag[at][b].due;
            if (due && !job->got[i][b].due)
                wrong(job, "n%d has no batch %d", at, b + 1);
            else if (job->got[i][b].due)
                compare(job, i, b, &job->got[i][b], "the output");
        }
    }
}

/* The same rows in the same order as on one thread. */
static void compare_threads(struct job *job, const struct job *first)
{
    char text[400];
    for (int i = 0; i < job->graph->noutput; i++)
        for (int b = 0; b < job->ref->nbatch; b++)
            if (differ(&first->got[i][b], &job->got[i][b], false, text,
                       sizeof text))
                wrong(job, "n%d in batch %d is not as on one thread: %s",
                      job->graph->output[i], b + 1, text);
}

static void run_one(struct job *job)
{
    char bytes[32];
    job->r = riv_new(RIV_CONFIG(.threads = job->threads, .batch_ms = BATCH_MS));
    snprintf(bytes, sizeof bytes, "%d", job->graph->shuffle_partitions);
    riv_set(job->r, "shuffle.partitions", bytes);
    snprintf(bytes, sizeof bytes, "%" PRId64, job->graph->cache_bytes);
    riv_set(job->r, "cache.memory", bytes);
    riv_set(job->r, "task.bytes", "64K");
    build(job);
    faults_set(job->graph->faults);
    for (int round = 0; job->graph->nbatch == 0 && round < 2; round++) {
        for (int i = 0; i < job->graph->noutput; i++)
            act(job, i);
        if (job->graph->damage && keeps_files(job->graph))
            damage_files();
    }
    watch(job);
    if (job->graph->nbatch == 0)
        riv_run(job->r);
    else
        run_batches(job);
    if (riv_error(job->r) < 0)
        wrong(job, "error %d: %s", riv_error(job->r), riv_errmsg(job->r));
    else
        compare_all(job);
    riv_free(job->r);
    if (job->path[0])
        unlink(job->path);
}

static void job_fini(struct job *job)
{
    for (int i = 0; i < OUTPUTS_MAX; i++)
        for (int b = 0; b < BATCHES_MAX; b++)
            free(job->got[i][b].row);
    free(job);
}

int engine_check(const struct graph *graph, const struct reference *ref,
                 char *why, size_t room)
{
    static const int threads[] = { 1, 2, 4 };
    struct job *first = NULL;
    bool fine = true;
    folds_init();
    for (size_t i = 0; fine && i < 3; i++) {
        struct job *job = calloc(1, sizeof *job);
        if (!job)
            abort();
        *job = (struct job){ .graph = graph,
                             .ref = ref,
                             .why = why,
                             .room = room,
                             .threads = threads[i] };
        run_one(job);
        if (!job->wrong && first)
            compare_threads(job, first);
        fine = !job->wrong;
        if (first)
            job_fini(job);
        else
            first = job;
    }
    job_fini(first);
    return fine ? 0 : -1;
}

/* A run that has an end, without pushes. */
static bool ends(const struct graph *graph)
{
    for (int i = 0; i < graph->noutput; i++)
        if (graph->node[graph->output[i]].live)
            return false;
    return graph->noutput > 0;
}

int engine_refuse(const struct graph *graph, char *why, size_t room)
{
    const struct reference none = { .graph = graph };
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        abort();
    *job = (struct job){
        .graph = graph, .ref = &none, .why = why, .room = room, .threads = 2
    };
    folds_init();
    job->r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = BATCH_MS));
    build(job);
    faults_set(0);
    watch(job);
    if (graph->nbatch > 0)
        run_batches(job);
    else if (ends(graph))
        riv_run(job->r);
    const bool mute = riv_error(job->r) < 0 && riv_errmsg(job->r)[0] == '\0';
    if (mute)
        snprintf(why, room, "error %d without words", riv_error(job->r));
    riv_free(job->r);
    if (job->path[0])
        unlink(job->path);
    job_fini(job);
    return mute ? -1 : 0;
}
