/* graph/op_text.c - ready-made operators over lines and other strings: words,
 * fields, filters. What they need is a riv_text_param; exec/ready_*.c run them,
 * where it pays over whole blocks of text instead of line by line. */
#include <string.h>

#include "data/regex.h"
#include "graph/check.h"
#include "graph/ops.h"

enum { LITERAL_MAX = 4096, FIELD_MAX = 1 << 20 };

const struct riv_kind riv__kind_words = { .name = "riv_words",
                                          .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_split = { .name = "riv_split",
                                          .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_nth_field = { .name = "riv_nth_field",
                                              .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_key_by_field = { .name = "riv_key_by_field",
                                                 .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_contains = { .name = "riv_contains",
                                             .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_starts_with = { .name = "riv_starts_with",
                                                .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_matches = { .name = "riv_matches",
                                            .role = RIV__ROLE_STEP };

/* The common case: strings in, `out` out. */
static riv_ds *text_op(riv_ds *in, const struct riv_kind *kind,
                       const riv_type *out, const struct riv_text_param *param,
                       const riv_opt *o)
{
    struct riv_graph *graph = in->graph;
    char have[160];
    if (!riv__type_equal(in->layout->type, &riv__type_str)) {
        riv__graph_fail(graph, RIV_ETYPE,
                        "%s: takes riv_str records, but its input gives %s",
                        kind->name,
                        riv__type_show(in->layout->type, have, sizeof have));
        return riv__graph_refuse(in, o);
    }
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = kind, .in = &in, .nin = 1, .out = out, .opt = o });
    if (!riv__ds_usable(ds))
        return ds;
    ds->param = riv__arena_copy(graph->arena, param, sizeof *param);
    if (!ds->param)
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", kind->name);
    return ds;
}

riv_ds *riv_words(riv_ds *lines, const riv_opt *o)
{
    if (!riv__ds_usable(lines))
        return riv__graph_refuse(lines, o);
    return text_op(lines, &riv__kind_words, &riv__type_str,
                   &(struct riv_text_param){ 0 }, o);
}

static int sep_check(riv_ds *in, const char *name, char sep)
{
    if (sep != '\n')
        return 0;
    return riv__graph_fail(in->graph, RIV_EINVAL,
                           "%s: a line break separates lines, it cannot "
                           "separate fields",
                           name);
}

static int field_check(riv_ds *in, const char *name, char sep, int n)
{
    RIV__TRY(sep_check(in, name, sep));
    if (n >= 1 && n <= FIELD_MAX)
        return 0;
    return riv__graph_fail(in->graph, RIV_EINVAL,
                           "%s: there is no field %d; the first is 1, the "
                           "last %d",
                           name, n, FIELD_MAX);
}

riv_ds *riv_split(riv_ds *lines, char sep, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_split;
    if (!riv__ds_usable(lines) || sep_check(lines, kind->name, sep) < 0)
        return riv__graph_refuse(lines, o);
    return text_op(lines, kind, &riv__type_str,
                   &(struct riv_text_param){ .sep = sep }, o);
}

riv_ds *riv_nth_field(riv_ds *lines, char sep, int n, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_nth_field;
    if (!riv__ds_usable(lines) || field_check(lines, kind->name, sep, n) < 0)
        return riv__graph_refuse(lines, o);
    return text_op(lines, kind, &riv__type_str,
                   &(struct riv_text_param){ .sep = sep, .field = (uint32_t)n },
                   o);
}

riv_ds *riv_key_by_field(riv_ds *lines, char sep, int n, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_key_by_field;
    if (!riv__ds_usable(lines) || field_check(lines, kind->name, sep, n) < 0)
        return riv__graph_refuse(lines, o);
    const riv_type *pair =
        riv__type_pair(lines->graph->arena, &riv__type_str, &riv__type_str);
    if (!pair) {
        riv__graph_fail(lines->graph, RIV_ENOMEM, "%s: no memory", kind->name);
        return riv__graph_refuse(lines, o);
    }
    return text_op(lines, kind, pair,
                   &(struct riv_text_param){ .sep = sep, .field = (uint32_t)n },
                   o);
}

/* A copy with readable bytes behind it, or a graph error and NULL. */
static const char *literal_keep(riv_ds *in, const char *name, const char *what,
                                const char *text)
{
    struct riv_graph *graph = in->graph;
    const size_t n = text ? strlen(text) : 0;
    if (!text || n > LITERAL_MAX) {
        riv__graph_fail(graph, RIV_EINVAL,
                        text ? "%s: the %s is longer than %d bytes"
                             : "%s: no %s; pass a text",
                        name, what, LITERAL_MAX);
        return NULL;
    }
    char *copy = riv__arena_copy(graph->arena, text, n);
    if (!copy)
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", name);
    return copy;
}

static riv_ds *by_literal(riv_ds *in, const struct riv_kind *kind,
                          const char *what, const char *text, const riv_opt *o)
{
    if (!riv__ds_usable(in))
        return riv__graph_refuse(in, o);
    const char *copy = literal_keep(in, kind->name, what, text);
    if (!copy)
        return riv__graph_refuse(in, o);
    return text_op(in, kind, &riv__type_str,
                   &(struct riv_text_param){ .literal = riv_cstr(copy) }, o);
}

riv_ds *riv_contains(riv_ds *lines, const char *literal, const riv_opt *o)
{
    return by_literal(lines, &riv__kind_contains, "literal", literal, o);
}

riv_ds *riv_starts_with(riv_ds *lines, const char *prefix, const riv_opt *o)
{
    return by_literal(lines, &riv__kind_starts_with, "prefix", prefix, o);
}

static void regex_destroy(void *p)
{
    riv__regex_free(p);
}

riv_ds *riv_matches(riv_ds *lines, const char *regex, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_matches;
    struct riv_text_param param = { .regex = NULL };
    struct riv_err err = { 0 };
    if (!riv__ds_usable(lines))
        return riv__graph_refuse(lines, o);
    const char *copy = literal_keep(lines, kind->name, "pattern", regex);
    if (!copy)
        return riv__graph_refuse(lines, o);
    struct riv_graph *graph = lines->graph;
    if (riv__regex_new(riv_cstr(copy), &param.regex, &err) < 0) {
        riv__graph_fail(graph, err.code, "%s: %s", kind->name, err.text);
        return riv__graph_refuse(lines, o);
    }
    riv_ds *ds = text_op(lines, kind, &riv__type_str, &param, o);
    if (!riv__ds_usable(ds)) {
        riv__regex_free(param.regex);
        return ds;
    }
    if (riv__graph_own(graph, ds->id, param.regex, regex_destroy) < 0) {
        riv__regex_free(param.regex);
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", kind->name);
    }
    return ds;
}
