/* run_rdd.c - runs a line of finite data, and what both kinds of lines need to
 * look at a dataset: its records, and its partitions as lists. */
#include "conformance.h"

static bool only_pairs(const json_t *list)
{
    const json_t *v;
    size_t i;
    json_array_foreach(list, i, v) if (json_array_size(v) != 2) return false;
    return json_array_size(list) > 0;
}

const riv_type *type_of(const json_t *list)
{
    if (only_pairs(list))
        return &riv_type_any_any;
    switch (kinds_in(list)) {
    case 0: /* nothing: any type will do */
    case 1u << VALUE_INT: return &riv_type_int64_t;
    case 1u << VALUE_REAL:
    case 1u << VALUE_REAL | 1u << VALUE_INT: return &riv_type_double;
    case 1u << VALUE_STRING: return &riv_type_riv_str;
    default: return &riv_type_any;
    }
}

int collect_json(riv_ds *rdd, json_t **ret)
{
    riv_result res = { .struct_size = sizeof res };
    int rc = riv_collect(rdd, &res);
    if (rc == 0)
        *ret = json_of_result(&res);
    riv_result_free(&res);
    return rc;
}

/* One list a partition, for each type that needs it. */
#define GLOM(f, T, to_text) \
    RIV_MAP_PARTITIONS(f, T, any); \
    static int f(const T *rows, size_t n, f##_out *out, riv_task *t) \
    { \
        struct text *text = riv_local(t, sizeof *text, text_fini); \
        for (size_t i = 0; i < n; i++) \
            text_add(text, to_text); \
        if (n == 0) \
            riv_emit(out, text_list(text, t)); \
        return 0; \
    }

GLOM(glom_int, int64_t, int_text(t, rows[i]))
GLOM(glom_real, double, real_text(t, rows[i]))
GLOM(glom_word, riv_str, word_text(t, rows[i]))
GLOM(glom_any, any, any_text(t, &rows[i]))
GLOM(glom_pair, any_any,
     riv_fmt(t, "[" RIV_S "," RIV_S "]", RIV_P(any_text(t, &rows[i].key)),
             RIV_P(any_text(t, &rows[i].val))))

riv_ds *glom(riv_ds *in)
{
    const riv_fn *f = glom_any_fn;
    switch (riv_ds_type(in)->kind) {
    case RIV_K_I64: f = glom_int_fn; break;
    case RIV_K_F64: f = glom_real_fn; break;
    case RIV_K_STR: f = glom_word_fn; break;
    case RIV_K_PAIR: f = glom_pair_fn; break;
    default: break;
    }
    return riv_map_partitions(in, f, NULL);
}

/* Partition by partition, whatever the type is. */
int collect_parts(riv_ds *rdd, json_t **ret)
{
    riv_local_iterator it;
    riv_result res = { .struct_size = sizeof res };
    json_t *parts = json_array();
    int rc;
    riv_to_local_iterator(rdd, &it);
    while ((rc = riv_next(&it, &res)) == 1) {
        json_array_append_new(parts, json_of_result(&res));
        riv_result_free(&res);
    }
    if (rc == 0)
        *ret = json_incref(parts);
    json_decref(parts);
    return rc;
}

/* Both inputs of one type: what holds the values of all. */
static const riv_type *common_type(const struct run *run)
{
    json_t *all = json_array();
    static const char *const names[] = { "in", "in2", "in3", "in4" };
    for (int i = 0; i < 4; i++) {
        json_t *in = json_object_get(run->line, names[i]);
        if (json_is_object(in))
            json_array_append(all,
                              json_array_get(json_object_get(in, "range"), 0));
        else if (in)
            json_array_extend(all, in);
    }
    const riv_type *type = type_of(all);
    json_decref(all);
    return type;
}

static bool inputs(struct run *run, const struct rdd_op *op)
{
    static const char *const names[] = { "in", "in2", "in3", "in4" };
    const riv_type *common = common_type(run);
    for (int i = 0; i < 4; i++) {
        const json_t *in = member(run, names[i]);
        const riv_type *type = i == 0 ? op->in : op->in2;
        void *rows;
        size_t n;
        if (!in)
            continue;
        if (!type)
            type = common;
        if (!rows_of_json(type, in, &run->pool, &rows, &n)) {
            wrong(run, "%s: a record is not of the op's type", names[i]);
            return false;
        }
        const char *parts = i == 0 ? "partitions" : "partitions2";
        run->in[i] =
            riv_parallelize(run->r, type, rows, n,
                            RIV_OPT(.partitions = (int)param(run, parts, 2)));
    }
    return true;
}

/* 0 partitions are "by size" here, and an error in Spark. */
static bool asks_none(const struct run *run)
{
    return param(run, "partitions", 2) == 0 ||
           param(run, "partitions2", 2) == 0;
}

static void check(struct run *run, int rc)
{
    const json_t *want = member(run, "out");
    bool error = json_is_true(member(run, "error"));
    if (error && rc == 0 && asks_none(run)) {
        run->weaker = true;
        return;
    }
    if (error && rc == 0)
        wrong_values(run, "instead of an error", NULL, run->got);
    else if (!error && rc < 0)
        wrong(run, "%s", riv_errmsg(run->r));
    else if (!error &&
             !same(json_string_value(member(run, "compare")), want, run->got))
        wrong_values(run, "out", want, run->got);
}

static const struct rdd_op *op_of(const char *name)
{
    for (const struct rdd_op *const *table = rdd_ops; *table; table++)
        for (const struct rdd_op *op = *table; op->name; op++)
            if (strcmp(op->name, name) == 0)
                return op;
    return NULL;
}

bool run_rdd(struct run *run, const char *name)
{
    const struct rdd_op *op = op_of(name);
    if (!op)
        return false;
    if (!op->run) {
        wrong(run, "not in this version");
        return true;
    }
    run->r = riv_new(RIV_CONFIG(.threads = run->threads));
    if (!inputs(run, op))
        return true;
    int rc = op->run(run);
    if (run->why[0] == '\0')
        check(run, rc);
    return true;
}
