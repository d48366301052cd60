/* tests/random/engine_build.c - one builder for each operator. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random/engine_job.h"
#include "random/functions.h"

static struct functions functions_of(enum type type)
{
    const struct functions pairs = FUNCTIONS_OF(pair);
    const struct functions words = FUNCTIONS_OF(word);
    const struct functions numbers = { .filter = filter_number_fn,
                                       .flat_map = flat_number_fn };
    return type == NUMBERS ? numbers : type == PAIRS ? pairs : words;
}

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

void job_build(struct job *job, int faults)
{
    folds_init();
    faults_set(faults);
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
