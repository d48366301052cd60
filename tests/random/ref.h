/* tests/random/ref.h - what the operators of the reference share: a step, memory,
 * sorted copies. Tests only. */
#ifndef RIV_TESTS_RANDOM_REF_H
#define RIV_TESTS_RANDOM_REF_H

#include "random/reference.h"

/* What one operator sees in one batch. */
struct step {
    struct reference *ref;
    const struct node *node;
    int at, batch;
    const struct bag *in[INPUTS_MAX];
    struct bag *out;
};

/* Memory that lives as long as the reference, all zero. */
void *ref_room(struct reference *ref, size_t n, size_t size);

/* Room for n rows of what comes out; -1: more than ROWS_MAX. */
int ref_rows(struct step *s, size_t n);
void ref_add(struct step *s, int64_t k, int64_t v);

typedef int compare_fn(const struct rec *a, const struct rec *b);

int ref_by_key(const struct rec *a, const struct rec *b);
int ref_by_all(const struct rec *a, const struct rec *b);
int ref_by_value(const struct rec *a, const struct rec *b);
int ref_by_text(const struct rec *a, const struct rec *b); /* the key as text */
int ref_by_modulo(const struct rec *a, const struct rec *b);
extern int64_t ref_modulus; /* of ref_by_modulo */

/* A copy, equal rows in the order that they had. */
struct rec *ref_sorted(struct reference *ref, const struct bag *bag,
                       compare_fn *compare, bool down);

/* Rows of one key: [from, until) of rows sorted by key. */
size_t ref_run_end(const struct rec *row, size_t n, size_t from,
                   compare_fn *compare);

/* Whether an equal row is among sorted ones. */
bool ref_has(const struct rec *row, size_t n, const struct rec *rec,
             compare_fn *compare);

/* The sum of times * value + plus over rows. */
int64_t ref_weighed(const struct rec *row, size_t from, size_t until,
                    int64_t times, int64_t plus);

/* The operators; 0, or -1: the graph does not fit. */
int ref_aggregate_by_key(struct step *s);
int ref_bag(struct step *s);
int ref_cartesian(struct step *s);
int ref_coalesce(struct step *s);
int ref_cogroup(struct step *s);
int ref_combine_by_key(struct step *s);
int ref_count(struct step *s);
int ref_count_by_value(struct step *s);
int ref_count_by_value_and_window(struct step *s);
int ref_count_by_window(struct step *s);
int ref_distinct(struct step *s);
int ref_filter(struct step *s);
int ref_filter_by_range(struct step *s);
int ref_flat_map(struct step *s);
int ref_flat_map_values(struct step *s);
int ref_fold_by_key(struct step *s);
int ref_glom(struct step *s);
int ref_group_by(struct step *s);
int ref_group_by_key(struct step *s);
int ref_group_by_key_and_window(struct step *s);
int ref_intersection(struct step *s);
int ref_join(struct step *s);
int ref_keys(struct step *s);
int ref_map(struct step *s);
int ref_map_partitions(struct step *s);
int ref_map_values(struct step *s);
int ref_map_with_state(struct step *s);
int ref_reduce(struct step *s);
int ref_reduce_by_key(struct step *s);
int ref_reduce_by_key_and_window(struct step *s);
int ref_reduce_by_window(struct step *s);
int ref_same(struct step *s);
int ref_snapshots(struct step *s);
int ref_sort_by(struct step *s);
int ref_sort_by_key(struct step *s);
int ref_source(struct step *s);
int ref_subtract(struct step *s);
int ref_subtract_by_key(struct step *s);
int ref_swap(struct step *s);
int ref_to_pairs(struct step *s);
int ref_transform(struct step *s);
int ref_transform_with(struct step *s);
int ref_union(struct step *s);
int ref_update_state(struct step *s);
int ref_values(struct step *s);
int ref_window(struct step *s);
int ref_zip(struct step *s);
int ref_zip_partitions(struct step *s);
int ref_zip_with_index(struct step *s);
int ref_zip_with_unique_id(struct step *s);

#endif
