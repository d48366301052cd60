/* graph/ops.h - the kinds of nodes and what each keeps in ds->param. The
 * constructors are the public builders themselves, in op_*.c; those that need
 * more than a parent dataset are declared here for api/. */
#ifndef RIV_GRAPH_OPS_H
#define RIV_GRAPH_OPS_H

#include "graph/graph.h"

/* op_source.c */
extern const struct riv_kind riv__kind_text, riv__kind_kafka, riv__kind_queue,
    riv__kind_receive, riv__kind_rows, riv__kind_range;
/* op_narrow.c */
extern const struct riv_kind riv__kind_map, riv__kind_flat_map,
    riv__kind_filter, riv__kind_map_values, riv__kind_flat_map_values,
    riv__kind_map_partitions, riv__kind_decode, riv__kind_union,
    riv__kind_foreach;
/* n datasets, at least 1; what is wrong with them is the graph's error. */
riv_ds *riv__op_union(struct riv_graph *graph, riv_ds *const *in, uint32_t n);
/* op_bad.c */
extern const struct riv_kind riv__kind_bad;
/* op_text.c: what is ready-made for lines and other strings */
extern const struct riv_kind riv__kind_words, riv__kind_split,
    riv__kind_nth_field, riv__kind_key_by_field, riv__kind_contains,
    riv__kind_starts_with, riv__kind_matches;
/* op_reduce.c */
extern const struct riv_kind riv__kind_reduce_by_key,
    riv__kind_aggregate_by_key, riv__kind_fold_by_key, riv__kind_combine_by_key,
    riv__kind_distinct, riv__kind_count_by_value, riv__kind_count,
    riv__kind_reduce;
/* op_approx.c: the fold's ds->arg, and the step's ds->param, are a
 * riv_approx_param */
extern const struct riv_kind riv__kind_approx_by_key, riv__kind_estimate;
/* op_exchange.c */
extern const struct riv_kind riv__kind_repartition, riv__kind_group_by_key;
/* op_pair.c */
extern const struct riv_kind riv__kind_keys, riv__kind_values, riv__kind_key_by;
/* op_zip.c */
extern const struct riv_kind riv__kind_zip, riv__kind_zip_with_index,
    riv__kind_zip_with_unique_id, riv__kind_cartesian, riv__kind_glom,
    riv__kind_pipe, riv__kind_zip_partitions;
/* op_join.c: ds->number of a join is `how` */
extern const struct riv_kind riv__kind_join, riv__kind_cogroup,
    riv__kind_subtract_by_key, riv__kind_subtract, riv__kind_intersection;
/* op_window.c */
extern const struct riv_kind riv__kind_window,
    riv__kind_reduce_by_key_and_window, riv__kind_reduce_by_window,
    riv__kind_count_by_window, riv__kind_count_by_value_and_window;
/* op_state.c */
extern const struct riv_kind riv__kind_map_with_state, riv__kind_update_state,
    riv__kind_snapshots;
/* op_persist.c: ds->number is the level */
extern const struct riv_kind riv__kind_persist, riv__kind_checkpoint,
    riv__kind_local_checkpoint;
/* op_remember.c: ds->number is how long, in ms */
extern const struct riv_kind riv__kind_remember;
/* op_output.c */
extern const struct riv_kind riv__kind_print, riv__kind_foreach_rdd,
    riv__kind_collect, riv__kind_table;
/* op_save.c: ds->text is the path, or what it begins with */
extern const struct riv_kind riv__kind_save_text, riv__kind_save_kafka,
    riv__kind_save_parts, riv__kind_save_encoded, riv__kind_save_text_files,
    riv__kind_save_encoded_files;
/* op_transform.c: as many inputs as an edge's side can tell apart */
enum { RIV__TRANSFORM_MAX = 255 };
extern const struct riv_kind riv__kind_transform, riv__kind_transform_with,
    riv__kind_transform_all;
riv_ds *riv__op_transform_all(struct riv_graph *graph, riv_ds *const *in,
                              size_t n, riv_transform_all_fn *f,
                              const riv_type *out, const riv_opt *o);

struct riv_sort_param;
/* op_fold.c: what actions make */
extern const struct riv_kind riv__kind_fold, riv__kind_aggregate,
    riv__kind_count_by_key, riv__kind_last_by_key, riv__kind_gather,
    riv__kind_foreach_partition;
/* The rows of one partition: ds->param is a riv_pick of the action. Partitions
 * are told by the branch of a union they belong to, and their number in it. */
extern const struct riv_kind riv__kind_pick;
struct riv_pick {
    uint32_t branch, partition;           /* wanted */
    bool found, more;                     /* set by the run: it is there; */
    uint32_t next_branch, next_partition; /* and what comes behind it */
    int64_t count;                        /* of all partitions */
};
riv_ds *riv__op_foreach(riv_ds *in, const riv_fn *f, const riv_opt *o,
                        bool of_partitions);
riv_ds *riv__op_fold(riv_ds *in, const void *zero, const riv_fn *f);
riv_ds *riv__op_aggregate(riv_ds *in, const void *zero, const riv_fn *f);
riv_ds *riv__op_count_by_key(riv_ds *in);
riv_ds *riv__op_last_by_key(riv_ds *in);
/* op_sort.c */
extern const struct riv_kind riv__kind_sort_by_key, riv__kind_part_range,
    riv__kind_by, riv__kind_unkey, riv__kind_filter_by_range;
riv_ds *riv__op_keyed_rows(riv_ds *in, const struct riv_kind *kind,
                           struct riv_sort_param param, const riv_opt *o);
/* Pairs { what f makes of a record; the record }, and back. */
riv_ds *riv__op_by(riv_ds *in, const char *builder, const riv_fn *f,
                   const riv_opt *o);
riv_ds *riv__op_unkey(riv_ds *in);
/* op_part.c */
extern const struct riv_kind riv__kind_partition_by, riv__kind_part_sort,
    riv__kind_coalesce;
/* op_sample.c */
extern const struct riv_kind riv__kind_sample, riv__kind_sample_again,
    riv__kind_random_split, riv__kind_sample_by_key,
    riv__kind_sample_by_key_exact;

/* riv__kind_text: ds->text is the URI, ds->number the index of the input. */
riv_ds *riv__op_text(struct riv_graph *graph, const char *uri, bool live,
                     const riv_opt *opt);
riv_ds *riv__op_queue(struct riv_graph *graph, const riv_type *type,
                      const riv_opt *opt);

/* riv__kind_receive: ds->text is "receive:UID". */
enum { RIV__RECEIVERS_MAX = 256 }; /* of one source */
struct riv_receive_param {
    const riv_source *source;
    uint32_t partition;
};
/* Makes a node for each of its partitions; how many, into ret. The last may be
 * one that cannot be used. */
uint32_t riv__op_receive(struct riv_graph *graph, const riv_source *s,
                         const riv_opt *opt, riv_ds *ret[RIV__RECEIVERS_MAX]);

/* Sources of files that are not lines: their ds->param; without one of lines. */
extern const struct riv_kind riv__kind_records, riv__kind_whole,
    riv__kind_encoded;
enum riv_read { RIV__READ_RECORDS, RIV__READ_WHOLE, RIV__READ_ENCODED };
struct riv_read_param {
    enum riv_read how;
    uint64_t length; /* of a record */
};
struct riv_read_spec {
    const struct riv_kind *kind;
    const char *uri;
    bool live;
    const riv_type *type; /* of the rows */
    struct riv_read_param param;
    const riv_opt *opt;
};
riv_ds *riv__op_read(struct riv_graph *graph, const struct riv_read_spec *spec);

/* riv__kind_rows: rows that the graph's arena, or the batch, keeps. Partition k
 * of n holds rows [k * rows / n, (k + 1) * rows / n), as Spark's parallelize. */
struct riv_rows;
struct riv_rows_param {
    struct riv_rows *const *part; /* NULL: `rows` and `n` */
    size_t nparts;
    const void *rows;
    size_t n;
};
riv_ds *riv__op_rows(struct riv_graph *graph, const riv_type *type,
                     const struct riv_rows_param *param, const riv_opt *opt);

struct riv_numbers_param { /* riv__kind_range: from + i * step, i < n */
    int64_t from, step;
    uint64_t n;
};
riv_ds *riv__op_range(struct riv_graph *graph, int64_t from, int64_t until,
                      int64_t step, const riv_opt *opt);

/* How the values of a key, or of all records, become one. */
enum riv_fold {
    RIV__FOLD_USER = 0, /* fn->fold; the first value is copied */
    RIV__FOLD_SUM_I64,
    RIV__FOLD_SUM_F64,
    RIV__FOLD_MIN_I64,
    RIV__FOLD_MAX_I64,
    RIV__FOLD_AGGREGATE, /* fn->fold into zero bytes; fn->merge */
    RIV__FOLD_COMBINE,   /* fn->create from the first, fn->fold; fn->merge */
    RIV__FOLD_COUNT,     /* of records */
    RIV__FOLD_NONE,      /* only the key counts */
};

struct riv_reduce_param {
    enum riv_fold fold;
    const struct riv_layout *key; /* at offset 0 of the input's rows; NULL: all
                                     records are one group */
    const struct riv_layout *acc; /* of the accumulator; NULL: none */
    const void *zero; /* where a fold of the user's starts; NULL: with the first
                         value */
    uint32_t in_offset;  /* of the value in an input row */
    uint32_t out_offset; /* of the accumulator in an output row */
};

struct riv_approx_param {
    const struct riv_layout *value; /* what is told apart */
    unsigned bits;                  /* the sketch has 2^bits bytes */
};

struct riv_window_param {
    struct riv_reduce_param reduce; /* of windows that fold; must stay first:
                                       folders read it */
    int64_t length_ms;
    riv_fold_fn *undo; /* of the user's inverse; NULL: none */
    bool exact;        /* a built-in fold that can be undone exactly */
    bool keyed;        /* else reduce.key is of a key that all share */
    bool keep_empty;   /* keys stay when their last record has left */
    bool skips_zero;   /* a batch's value of 0 is none */
};

struct riv_state_param {
    const struct riv_layout *key; /* at offset 0 of the input's rows */
    const struct riv_layout *state;
    uint32_t val_offset; /* of the value in an input row */
    int64_t timeout_ms;  /* 0: none */
    riv_ds *initial;     /* pairs of key and state; NULL: none */
};

struct riv_sort_param { /* sort_by_key, partition_by and their like */
    const struct riv_layout *key;
    uint32_t (*part)(const void *key, uint32_t n, const void *arg);
    bool ranges; /* partitions are ranges of keys, else as `part` says or,
                        NULL, by hash */
    bool sorted; /* rows of a partition in the order of their keys */
    bool descending;
};

struct riv_range_param { /* filter_by_range */
    const struct riv_layout *key;
    const void *lower, *upper;
};

enum { RIV__SAMPLE_MEAN_MAX = 1 << 20 };

struct riv_sample_param {
    uint64_t seed;
    double from, until; /* of the draw in [0, 1) */
    double mean;        /* with replacement */
    const struct riv_layout
        *key; /* by key: n pairs { key; double }, in order */
    const char *fraction;
    size_t n, stride, val_offset;
};

struct riv_regex;

struct riv_text_param { /* of the kinds of op_text.c, what each needs */
    char sep;
    uint32_t field;  /* from 1 */
    riv_str literal; /* with RIV__SLACK readable bytes after it */
    struct riv_regex *regex;
};

/* Reads back `format`: how decode and saves choose. */
enum riv_format {
    RIV__FORMAT_CSV,
    RIV__FORMAT_JSON,
    RIV__FORMAT_ENCODED,
    RIV__FORMAT_FRAMES, /* key and value with their lengths, for Kafka */
    RIV__FORMAT_UNKNOWN
};
enum riv_format riv__format_of(const char *name);

struct riv_csv_columns;

struct riv_decode_param {
    enum riv_format format;
    bool has_names; /* CSV: a line of the fields' names is no record */
    const struct riv_csv_columns *columns; /* CSV: those wanted; NULL: all */
    const struct riv_csv_names *names;     /* CSV: of these */
};

struct riv_save_param {
    enum riv_format format;
    bool header;        /* CSV: the names of the fields above */
    bool every_batch;   /* a folder for each */
    const char *suffix; /* of their names, without the dot; "" is none */
};

struct riv_hook_param { /* foreach_rdd, transform ...: one of them */
    riv_rdd_fn *each;
    riv_transform_fn *transform;
    riv_transform_with_fn *with;
    riv_transform_all_fn *all;
};

#endif
