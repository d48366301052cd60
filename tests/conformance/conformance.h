/* conformance.h - a case of the data, how it is run, and the tables of
 * operations. driver.c leads; run_stream.c and run_rdd.c run one case on so
 * many threads; compare.c says whether it is what was expected. */
#ifndef RIV_CONFORMANCE_H
#define RIV_CONFORMANCE_H

#include "value.h"

/* One line on one number of threads. */
struct run {
    const json_t *line, *params;
    json_t *normal; /* a line made of the given one; NULL: none */
    int threads;
    riv *r;
    riv_ds *in[4]; /* in, in2, in3, in4 */
    struct pool pool;
    json_t *got;        /* the result; of a stream the list of batches */
    json_t *snapshots;  /* of map_with_state, one list a batch */
    json_t *partitions; /* of a stream, how many a batch */
    riv_ds *state;      /* what snapshots are taken of; NULL: nothing */
    bool weaker;        /* "different": held only to what the notes ask for */
    char dir[64];       /* a state directory; empty: none */
    char why[600];      /* of what failed; empty: all is well */
};

/* An operation of streams: builds the graph behind its inputs. */
struct stream_op {
    const char *name;
    const riv_type *in, *in2; /* NULL: by the values of the line; none */
    riv_ds *(*build)(struct run *run, riv_ds *a, riv_ds *b);
};

/* An operation of finite data: builds, runs, and leaves run->got. Returns 0 or
 * an error. */
struct rdd_op {
    const char *name;
    const riv_type *in, *in2; /* NULL: by the values; in2 also of in3, in4 */
    int (*run)(struct run *run);
};

/* Tables; NULL at the end. */
extern const struct stream_op *const stream_ops[];
extern const struct rdd_op *const rdd_ops[];

/* How a case of this op is run; false: no such op. Says what is wrong in
 * run->why. */
bool run_stream(struct run *run, const char *op);
bool run_rdd(struct run *run, const char *op);
bool run_rates(struct run *run, const char *op);

/* params, with what is meant when they are absent. */
int64_t param(const struct run *run, const char *name, int64_t otherwise);
const json_t *member(const struct run *run, const char *name);

/* The first thing that is wrong is kept. */
void wrong(struct run *run, const char *fmt, ...) RIV_PRINTF(2, 3);
void wrong_values(struct run *run, const char *what, const json_t *want,
                  const json_t *got);

/* normal.c: a new line whose columns of numbers are of one type. */
json_t *line_normal(const json_t *line);

/* The type that holds all values of a list. */
const riv_type *type_of(const json_t *list);

/* Appends to a result: every partition as a list, in order. */
int collect_json(riv_ds *rdd, json_t **ret);
int collect_parts(riv_ds *rdd, json_t **ret);
riv_ds *glom(riv_ds *in);

/* compare.c: by the words of the data, "list", "set", "groups", "value",
 * "parts", "approx". */
bool same(const char *how, const json_t *want, const json_t *got);

#endif
